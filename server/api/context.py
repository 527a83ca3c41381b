"""What a request stands in: who asks, in which language, and the way to the store."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import current_app, g, request

from hall.day import told_moment
from hall.errors import HallError
from hall.texts import best_language
from server.api.models import Body
from server.auth import Gate
from server.command import Action
from server.db import Store
from server.limits import Limit, Told
from server.matrix import RIGHTS
from server.notices import Notices
from server.people import Principal
from server.queries import known_layout

T = TypeVar("T")


@dataclass(frozen=True)
class House:
    """What the routes of one server share."""

    store: Store
    gate: Gate
    always_open: bool
    public_url: str | None
    halls: list[str]
    notices: Notices
    refusals: Told = field(default_factory=Told)
    """Which of them stand in the access log."""
    misses: Limit = field(default_factory=lambda: Limit(20))
    """Wrong codes of slips, by address and minute."""
    takings: Limit = field(default_factory=lambda: Limit(10))
    """Numbers taken from afar, by address and minute."""
    complaints: Limit = field(default_factory=lambda: Limit(3, 3600))
    """Complaints, by slip and hour."""
    sign_ins: Limit = field(default_factory=lambda: Limit(20))
    """Failed sign-ins, by address and minute."""
    bookings: Limit = field(default_factory=lambda: Limit(30))
    """Bookings without a sign-in, by address and minute: many phones may share one."""


def house() -> House:
    return current_app.extensions["hallcall"]  # type: ignore[no-any-return]


def language() -> str:
    return best_language([one for one, _ in request.accept_languages])


def who() -> Principal:
    """Who asks; the gate has let them in before the route runs."""
    found: Principal | None = g.principal
    if found is None:
        raise HallError("no_token")
    return found


def command(hall: str, body: Body, action: Action, actor: str | None = None) -> Any:
    """Runs an action in the hall; the same request_id again answers as the first time."""
    said = body.model_dump(mode="json", exclude={"request_id"})
    call = f"{request.method} {request.path}"
    return house().store.in_hall(hall, actor or who().id, body.request_id, action, call, said)


def moment(hall: str, text: str) -> datetime:
    """13:30 of today in the hall's zone, or a whole ISO moment."""
    try:
        if len(text) > len("13:30"):
            return told_moment(datetime.fromisoformat(text))
        store = house().store
        zone = store.read(lambda connection: known_layout(connection, hall)).time_zone
        today = store.clock.now().astimezone(zone).date()
        return datetime.fromisoformat(f"{today}T{text}").replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise HallError("bad_body", field="until", expected="13:30 or ISO 8601") from None


def ticket_body(answer: dict[str, Any], issued: bool = False) -> dict[str, Any]:
    """A ticket's answer; in place of the bare code its address for phones, for who issued it or hands out slips.

    With the code one cancels, rates and complains as the visitor: no clerk, no unit and nobody who looks on has it.
    """
    code, base, by = answer.pop("track_code"), house().public_url, who()
    told = issued or (by.role in RIGHTS and by.unit is None)
    answer["track_url"] = f"{base.rstrip('/')}/t/{code}" if base and told else None
    return {"ticket": answer}
