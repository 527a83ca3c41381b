"""Whether the hall may open: every device, the clock, last night's backup, the database and the layout, a line each."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from hall.devices import Devices
from hall.health import State
from hall.texts import catalogue, say, text_in
from server.backups import last_backup
from server.devices.states import Device, Moment, device_states
from server.journal import last_moments
from server.queries import known_layout
from server.tables.devices import enrolments

BACKUP_HOURS = 26
TEST_SECONDS = 1800
"""So long does a test that passed count."""
LITTLE_BYTES, TOO_LITTLE_BYTES = 2_000_000_000, 200_000_000
TESTED = {"announcement": "speaker", "sign": "sign"}
"""What is tried out, and the part that it proves. A slip would cost paper: printers are asked how they are."""
ANSWERS = {"ok": "heard", "failed": "failed", "unanswered": "unanswered", "waiting": "waiting"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at. `code`: a text `check.PART.CODE` or `devices.PART.CODE`, each with a remedy."""

    part: str
    state: State
    code: str
    device: str = ""
    id: str = ""
    detail: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def told(self, language: str) -> dict[str, Any]:
        """In words: {part, device, id, state, code, name, said, remedy, detail}."""
        own, shared = catalogue(language, "check"), catalogue(language, "devices")
        keys = (f"check.{self.part}.{self.code}", f"devices.{self.part}.{self.code}", f"check.{self.state}")
        key = next(one for one in keys if one in own or one in shared)
        remedy = f"{key}.remedy"
        names = (f"check.{self.part}", f"devices.{self.part}", "check.device")
        name = next(one for one in names if one in own or one in shared)
        return {
            "part": self.part,
            "device": self.device,
            "id": self.id,
            "state": self.state,
            "code": self.code,
            "name": say(language, name),
            "said": self._say(language, key),
            "remedy": self._say(language, remedy) if remedy in own or remedy in shared else "",
            "detail": self.detail,
        }

    def _say(self, language: str, key: str) -> str:
        """A device of another version may have measured other things than the text speaks of."""
        try:
            return say(language, key, **self.facts)
        except KeyError:
            return str(catalogue(language, key.partition(".")[0])[key])


@dataclass(frozen=True)
class SelfCheck:
    """What the server was told to have. `devices`: the settings', where they are those of its only hall."""

    folder: Path
    devices: Devices | None

    def lines(
        self, connection: Connection, hall: str, moment: Moment, seq: int | None, language: str
    ) -> Iterator[Line]:
        """`seq`: of the `hall.checked` with which this check began; None: nothing was tried yet."""
        yield clock_line(connection, hall, moment)
        yield self._database(seq)
        yield self._backup(moment.now)
        yield from _layout(connection, hall, language)
        states = device_states(connection, hall, moment)
        known = {state.name for state in states if state.state != "never"}
        awaited = known | self._names() | _enrolled(connection, hall)
        for state in states:
            # A token made by hand and never used proves no device; one of the same name that was heard stands for it.
            if state.state != "never" or (state.name in awaited - known) or state.id in awaited:
                yield from device_lines(state, moment, seq)
        yield from self._missing(states)

    def _names(self) -> set[str]:
        return {one.name for one in self._named()} | {one.id for one in self._named()}

    def _named(self) -> list[Any]:
        return [*self.devices.kiosks, *self.devices.displays] if self.devices else []

    def _missing(self, states: list[Device]) -> Iterator[Line]:
        """What stands in the settings and nobody has heard of."""
        heard = {state.name for state in states}
        for one in self._named():
            if not heard & {one.name, one.id}:
                yield Line("device", "fault", "missing", one.name)
        parts = {(part.part, part.id) for state in states for part in state.conditions}
        for part, those in (("pad", self.devices.pads), ("sign", self.devices.signs)) if self.devices else ():
            for one in those:
                if (part, one.id) not in parts:
                    yield Line(part, "fault", "missing", one.name, one.id)

    def _database(self, seq: int | None) -> Line:
        free = shutil.disk_usage(self.folder).free
        facts = {"free": f"{free / 1e9:.1f} GB"}
        if free < TOO_LITTLE_BYTES:
            return Line("database", "fault", "full", facts=facts)
        if seq is None:
            return Line("database", "unknown", "untried", facts=facts)
        little = free < LITTLE_BYTES
        return Line("database", "warning" if little else "ok", "little" if little else "ok", facts=facts)

    def _backup(self, now: datetime) -> Line:
        last = last_backup(self.folder / "backups")
        if last is None:
            return Line("backup", "fault", "none")
        file, made = Path(last.file), datetime.fromisoformat(last.made_at)
        facts = {
            "file": file.name,
            "hours": round((now - made).total_seconds() / 3600),
            "size": f"{last.size / 1e6:.1f}",
        }
        if not file.is_file() or file.stat().st_size != last.size:
            return Line("backup", "fault", "gone", facts=facts)
        fresh = now - made < timedelta(hours=BACKUP_HOURS)
        return Line("backup", "ok" if fresh else "fault", "ok" if fresh else "old", facts=facts)


def clock_line(connection: Connection, hall: str, moment: Moment) -> Line:
    """Whether the server's clock is believed."""
    doubt = moment.clock.doubt(last_moments(connection)[hall])
    if doubt is None:
        return Line("clock", "ok", "ok")
    return Line("clock", "fault", doubt.kind, facts={"minutes": max(1, round(abs(doubt.seconds) / 60))})


def _layout(connection: Connection, hall: str, language: str) -> Iterator[Line]:
    """Whatever one can take a number for has a window."""
    layout = known_layout(connection, hall)
    without = [line for line in layout.lines.values() if not layout.windows_of[line.id]]
    for line in without:
        matters = sum(matter["line"] == line.id for matter in layout.matters.values())
        facts = {"line": text_in(line.name, language), "matters": matters}
        yield Line("layout", "fault", "unserved", id=line.id, facts=facts)
    if not without:
        yield Line("layout", "ok", "ok", facts={"lines": len(layout.lines), "windows": len(layout.windows)})


def _enrolled(connection: Connection, hall: str) -> set[str]:
    found = select(enrolments.c.token_id).where(enrolments.c.hall_id == hall, enrolments.c.token_id.is_not(None))
    return set(connection.execute(found).scalars())


def device_lines(state: Device, moment: Moment, seq: int | None) -> Iterator[Line]:
    """All that is known of one device; of one that is silent, that."""
    if state.state == "never":
        yield Line("device", "fault", "never", state.name)
        return
    if state.state in ("silent", "off"):
        yield Line("device", "fault", "silent", state.name)
        return
    yield Line("device", "ok", "ok", state.name, facts={"version": state.version})
    for one in state.conditions:
        if one.part != "board":
            yield Line(one.part, one.state, one.code or one.state, state.name, one.id, one.detail, dict(one.facts))
    if state.drift_seconds is not None and not any(one.part == "clock" for one in state.conditions):
        yield Line("clock", "ok", "near", state.name, facts={"seconds": f"{abs(state.drift_seconds):.1f}"})
    if state.kind == "display":
        yield from _boards(state, seq)
    for what, part in TESTED.items():
        if what in state.can:
            yield _tested(state, what, part, moment)


def _boards(state: Device, seq: int | None) -> Iterator[Line]:
    """Each page that a display shows says which event it has painted last; a loudspeaker may have none."""
    boards = [one for one in state.conditions if one.part == "board"]
    for one in boards:
        if one.code:
            yield Line("board", one.state, one.code, state.name, one.id, one.detail, dict(one.facts))
        elif "seq" not in one.facts and "announcement" not in state.can:
            yield Line("board", "unknown", "no_page", state.name, one.id)
    echoed = [(one.id, one.facts["seq"]) for one in boards if not one.code and "seq" in one.facts]
    for key, said in echoed or ([] if boards else [("", state.seq or 0)]):
        painted = int(said or 0)
        facts = {"seq": painted, "wanted": seq}
        if seq is None:
            yield Line("board", "unknown", "untried", state.name, key, facts=facts)
        else:
            shown = painted >= seq
            yield Line("board", "ok" if shown else "unknown", "ok" if shown else "late", state.name, key, facts=facts)


def _tested(state: Device, what: str, part: str, moment: Moment) -> Line:
    done = next((one for one in state.tests if one["what"] == what), None)
    if done is None or moment.seconds_since(datetime.fromisoformat(done["asked_at"])) > TEST_SECONDS:
        return Line(part, "unknown", "untried", state.name)
    result: State = "ok" if done["state"] == "ok" else "unknown" if done["state"] == "waiting" else "fault"
    seconds = done["facts"].get("seconds")
    facts = {"seconds": seconds if seconds is not None else "–"}
    return Line(part, result, ANSWERS[done["state"]], state.name, detail=done["detail"], facts=facts)
