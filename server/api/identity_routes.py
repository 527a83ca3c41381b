"""What staff may see of who a ticket is for: the masked tail, and only where the visitor stands before them."""

from typing import Any

from flask_openapi3 import Tag
from pydantic import BaseModel
from sqlalchemy import Connection, select

from hall.errors import HallError
from hall.words import Role
from server.api.context import house, who
from server.api.described import Api
from server.api.hall_routes import REFUSALS
from server.api.models import TicketPath
from server.people import Principal
from server.rows import ticket_row
from server.tables.layout import windows
from server.tables.visitors import identities

tag = Tag(name="tickets", description="From issue to the slip in the hand")
api = Api(
    "identities", __name__, url_prefix="/api/v1", abp_tags=[tag], abp_responses=REFUSALS, abp_security=[{"token": []}]
)


class Tails(BaseModel):
    """`**1234`, and of the one on whose behalf an agent came."""

    tail: str
    principal_tail: str | None


class IdentityAnswer(BaseModel):
    identity: Tails | None


@api.get("/halls/<hall>/tickets/<ticket>/identity", responses={200: IdentityAnswer})
def ticket_identity(path: TicketPath) -> Any:
    """The tail of the document shown, to the desk and to the clerk at whose window the ticket is."""
    by = who()
    return {"identity": house().store.read(lambda connection: _tails(connection, path, by))}


def _tails(connection: Connection, path: TicketPath, by: Principal) -> dict[str, Any] | None:
    ticket = ticket_row(connection, path.hall, path.ticket)
    if ticket is None:
        raise HallError("not_found", what="ticket", id=path.ticket)
    if by.role == Role.CLERK and not _at_own_window(connection, path.hall, path.ticket, by):
        raise HallError("not_allowed", role=by.role)
    found = connection.execute(
        select(identities.c.tail, identities.c.principal_tail).where(
            identities.c.hall_id == path.hall, identities.c.ticket_id == path.ticket
        )
    ).one_or_none()
    return None if found is None else dict(found._mapping)


def _at_own_window(connection: Connection, hall: str, ticket: str, by: Principal) -> bool:
    own = select(windows.c.id).where(windows.c.hall_id == hall, windows.c.clerk == by.id, windows.c.ticket_id == ticket)
    return connection.execute(own).one_or_none() is not None
