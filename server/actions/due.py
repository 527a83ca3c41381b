"""What happens of its own accord within a day, once its moment has come."""

from server.command import Tx
from server.journal import Draft


def do_due(tx: Tx) -> list[Draft]:
    """Does what has fallen due and says when the next is."""
    tx.hall.due_at = None
    return []
