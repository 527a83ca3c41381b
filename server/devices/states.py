"""How each device of a hall is, judged from what it said last: the one answer behind page, command and alerts."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from hall.day import business_day, within
from hall.health import Condition
from hall.words import DEVICE_ROLES, Role
from server.clock import Clock
from server.journal import iso
from server.queries import known_layout
from server.tables.devices import device_tests, devices, enrolments
from server.tables.layout import halls
from server.tables.people import tokens

SILENT_SECONDS = 60
DRIFT_SECONDS, WRONG_SECONDS = 5, 60
"""From where a clock is worth a look, and from where it is wrong."""
BEHIND_SECONDS = 15
KINDS = {Role.KIOSK: "kiosk", Role.DISPLAY: "display"}
RED = ("fault", "silent")
_WORST = ("fault", "warning", "ok")


@dataclass(frozen=True, slots=True)
class Moment:
    """When and for whom devices are judged. `began`: since when they could be heard; None: always."""

    clock: Clock
    now: datetime
    always_open: bool = False
    began: datetime | None = None

    def seconds_since(self, at: datetime) -> float:
        """Real seconds: a trial's clock may run faster than the devices do."""
        return max(0.0, (self.now - at).total_seconds() / self.clock.speed)

    def silent_seconds(self, seen_at: datetime) -> float:
        return self.seconds_since(max(seen_at, self.began) if self.began else seen_at)


@dataclass(frozen=True, slots=True)
class Device:
    """One device as it is shown. `state`: ok, warning, fault, silent, off (silent out of hours) or never (heard)."""

    id: str
    hall: str
    name: str
    kind: str
    window: str | None
    state: str
    conditions: list[Condition]
    version: str | None = None
    seen_at: str | None = None
    drift_seconds: float | None = None
    seq: int | None = None
    behind: int | None = None
    last_error: dict[str, str] | None = None
    can: list[str] = field(default_factory=list)
    tests: list[dict[str, Any]] = field(default_factory=list)
    told: str = ""
    told_at: datetime | None = None

    @property
    def red(self) -> bool:
        return self.state in RED

    @property
    def wrong(self) -> list[Condition]:
        return [one for one in self.conditions if one.code]

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name not in ("told", "told_at", "hall")}


_DEVICES = (
    select(tokens.c.id, tokens.c.name, tokens.c.role, tokens.c.window_id, *devices.c[2:])
    .join(devices, and_(devices.c.hall_id == tokens.c.hall_id, devices.c.id == tokens.c.id), isouter=True)
    .where(tokens.c.revoked_at.is_(None), or_(tokens.c.role.in_(DEVICE_ROLES), devices.c.id.is_not(None)))
    .order_by(tokens.c.role.desc(), tokens.c.name, tokens.c.id)
)


def device_states(connection: Connection, hall: str, moment: Moment) -> list[Device]:
    """Every device of a hall: each kiosk and screen with a token, and whatever else has been heard."""
    layout = known_layout(connection, hall)
    works = layout.days.works(business_day(moment.now, layout.time_zone))
    spans = (*layout.issuing, *layout.calling)
    attended = moment.always_open or (works and within(moment.now, layout.time_zone, spans))
    tests = _tests(connection, hall, moment)
    found = connection.execute(_DEVICES.where(tokens.c.hall_id == hall))
    return [_device(row, hall, moment, attended, tests[row.id]) for row in found]


def _device(row: Any, hall: str, moment: Moment, attended: bool, tests: list[dict[str, Any]]) -> Device:
    kind = KINDS.get(Role(row.role), "caller")
    if row.seen_at is None:
        return Device(row.id, hall, row.name, kind, row.window_id, "never", [], tests=tests)
    conditions = [*_seen_here(row, moment, attended), *(_known(one) for one in row.conditions)]
    silent = moment.silent_seconds(row.seen_at) > SILENT_SECONDS
    state = ("silent" if attended else "off") if silent else _worst(conditions)
    error = {"text": row.last_error, "at": iso(row.last_error_at)} if row.last_error else None
    return Device(
        id=row.id,
        hall=hall,
        name=row.name,
        kind=kind,
        window=row.window_id,
        state=state,
        conditions=conditions,
        version=row.version,
        seen_at=iso(row.seen_at),
        drift_seconds=None if moment.clock.start else row.drift_seconds,
        seq=row.seq,
        behind=row.behind,
        last_error=error,
        can=row.can,
        tests=tests,
        told=row.told,
        told_at=row.told_at,
    )


def _seen_here(row: Any, moment: Moment, attended: bool) -> list[Condition]:
    """What the server sees of a device that the device cannot say itself."""
    found = []
    if moment.silent_seconds(row.seen_at) > SILENT_SECONDS:
        found.append(Condition("link", "fault" if attended else "unknown", "down"))
    elif row.behind_at is not None and moment.seconds_since(row.behind_at) > BEHIND_SECONDS:
        found.append(Condition("link", "warning", "behind", facts={"seq": row.seq, "behind": row.behind}))
    drift = abs(row.drift_seconds or 0)
    if drift > DRIFT_SECONDS and moment.clock.start is None:  # beside a trial's clock every clock is wrong
        facts = {"seconds": round(row.drift_seconds, 1)}
        found.append(Condition("clock", "fault" if drift > WRONG_SECONDS else "warning", "drift", facts=facts))
    return found


def _known(said: dict[str, Any]) -> Condition:
    """A condition as it was told; one that only a newer device knows keeps its state and says so in its detail."""
    try:
        return Condition(**said)
    except (ValueError, TypeError):
        detail = f"{said.get('part')}.{said.get('code')} {said.get('detail') or ''}".strip()
        return Condition("device", said.get("state", "unknown"), "other", detail=detail)


def _worst(conditions: list[Condition]) -> str:
    states = {one.state for one in conditions}
    return next((state for state in _WORST if state in states), "ok")


def _tests(connection: Connection, hall: str, moment: Moment) -> dict[str, list[dict[str, Any]]]:
    """The last test of each kind. `state`: waiting, ok, failed or unanswered."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    asked = select(device_tests).where(device_tests.c.hall_id == hall).order_by(device_tests.c.what)
    for row in connection.execute(asked):
        found[row.device].append(
            {
                "id": row.id,
                "what": row.what,
                "state": _test_state(row, moment),
                "asked_at": iso(row.asked_at),
                "ended_at": row.ended_at and iso(row.ended_at),
                "detail": row.detail or "",
                "facts": row.facts or {},
            }
        )
    return found


def _test_state(row: Any, moment: Moment) -> str:
    if row.ended_at is not None:
        return "ok" if row.ok else "failed"
    return "waiting" if moment.seconds_since(row.asked_at) <= SILENT_SECONDS else "unanswered"


def open_enrolments(connection: Connection, hall: str, now: datetime) -> list[dict[str, Any]]:
    """Codes that may still be used, without the codes themselves."""
    found = connection.execute(
        select(enrolments)
        .where(enrolments.c.hall_id == hall, enrolments.c.token_id.is_(None), enrolments.c.expires_at > now)
        .order_by(enrolments.c.expires_at)
    )
    return [
        {
            "id": row.id,
            "name": row.name,
            "kind": KINDS.get(Role(row.role), "caller"),
            "window": row.window_id,
            "expires_at": iso(row.expires_at),
        }
        for row in found
    ]


def seq_of(connection: Connection, hall: str) -> int:
    return int(connection.execute(select(halls.c.seq).where(halls.c.id == hall)).scalar_one())
