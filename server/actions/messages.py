"""What the boards of a hall say beside the calls, as the supervisor writes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from hall.errors import HallError
from hall.texts import languages
from server.actions.lending import refuse_stationed
from server.command import Done, Tx
from server.journal import Draft, iso
from server.layout.kept import layout_of
from server.people import Principal
from server.tables.layout import halls


def set_message(tx: Tx, by: Principal, text: dict[str, str] | None, until: datetime | None) -> Done:
    """Every board shows it at once, until `until` or the next one; None: nothing more is said.

    Event `message.set`; the same once more writes nothing. A language the hall does not speak: 422 `bad_body`.
    Refuses whoever is stationed by a unit: "closed today" on every board withdraws a matter as well as anything.
    """
    refuse_stationed(tx, by, list(layout_of(tx.connection, tx.hall).matters), "set_message")
    for language in text or {}:
        if language not in languages():
            raise HallError("bad_body", field="text", expected=", ".join(languages()))
    message: dict[str, Any] | None = {"text": text, "until": until and iso(until)} if text else None
    was = tx.connection.execute(select(halls.c.message).where(halls.c.id == tx.hall.id)).scalar_one()
    if message == was:
        return Done({"message": message})
    tx.connection.execute(update(halls).where(halls.c.id == tx.hall.id).values(message=message))
    return Done({"message": message}, [Draft("message.set", {"message": message, "by": by.name})])
