"""The hall a day is played in: a server started for it, or one that runs already."""

import contextlib
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from hall.link import Link
from server.commands.agenda import HallTime
from server.commands.dayfile import BadDay, Day, WindowDay, layout_of_day, line_id, window_id
from server.commands.playing import Hands, Seat
from server.commands.processes import Child, answers, create_tokens, free_port, hallcall

ZONE = ZoneInfo("Asia/Shanghai")
HEAD_START_SECONDS = 3.0
"""Real seconds, at least, from the server's start to the day's first arrival."""
PATIENT_SECONDS = 10.0


ROLES = {"kiosk": "kiosk", "kiosk-2": "kiosk", "desk": "desk", "clerk": "clerk", "display": "display"}


@dataclass
class Stage:
    """Who acts, a display's line for looking on, and where the day's kinds and windows go."""

    hands: Hands
    display: Link
    clock: HallTime
    lines: dict[str, str]
    seats: list[Seat]
    alone: bool


@contextlib.contextmanager
def own_stage(day: Day, speed: float) -> Iterator[Stage]:
    """A server of its own on a temporary folder, its clock and layout the day's."""
    with tempfile.TemporaryDirectory(prefix="hallcall-replay-") as name:
        folder = Path(name)
        config = folder / "config.yaml"
        config.write_text(yaml.safe_dump(layout_of_day(day), allow_unicode=True), encoding="utf-8")
        midnight = datetime.fromisoformat(day.date).replace(tzinfo=ZONE)
        environment = {"HALLCALL_DATA_DIR": str(folder), "HALLCALL_CLOCK": _clock(midnight, day.begins, speed)}
        tokens, seconds = _tokens(config, environment)
        # The hall's clock runs from the server's start on; a machine that is slow now will be slow then.
        lead = max(HEAD_START_SECONDS, 2 * seconds)
        environment["HALLCALL_CLOCK"] = _clock(midnight, day.begins - lead * speed, speed)
        url = f"http://127.0.0.1:{(port := free_port())}"
        arguments = hallcall("serve", "--config", str(config), "--port", str(port), "--always-open")
        server = Child("server", arguments, folder / "server.log", environment).start()
        try:
            server.wait_until(lambda: answers(f"{url}/readyz"))
            yield _stage_of_day(day, speed, url, tokens, midnight)
        finally:
            server.stop()


def _clock(midnight: datetime, second: float, speed: float) -> str:
    return f"{(midnight + timedelta(seconds=second)).isoformat()}@{speed:g}"


def _tokens(config: Path, environment: dict[str, str]) -> tuple[dict[str, str], float]:
    """The tokens, and how many seconds they took: a start of the server's parts."""
    begun = time.monotonic()
    made = create_tokens(config, environment, {name: {"role": role, "name": name} for name, role in ROLES.items()})
    return made, time.monotonic() - begun


def _stage_of_day(day: Day, speed: float, url: str, tokens: dict[str, str], midnight: datetime) -> Stage:
    links = {name: Link(url, token, timeout=PATIENT_SECONDS) for name, token in tokens.items()}
    hands = Hands([links["kiosk"], links["kiosk-2"]], links["desk"], links["clerk"])
    lines = {kind: line_id(kind) for kind in day.kinds}
    seats = [Seat(window_id(one.name), frozenset(lines[kind] for kind in one.kinds), one) for one in day.windows]
    at = datetime.fromisoformat(links["kiosk"].get("catalogue")["at"])
    clock = HallTime((at - midnight).total_seconds(), speed)
    return Stage(hands, links["display"], clock, lines, seats, alone=True)


@contextlib.contextmanager
def running_stage(
    day: Day, speed: float, server: str, hall: str | None, token_file: Path, left: tuple[str, ...]
) -> Iterator[Stage]:
    """A hall that runs already: the day's kinds go to its lines in turn, its windows to closed ones."""
    tokens = json.loads(token_file.read_text(encoding="utf-8"))
    missing = {"kiosk", "desk", "clerk", "display"} - set(tokens)
    if missing:
        raise BadDay(f"{token_file}: no token for {', '.join(sorted(missing))}")
    links = {role: Link(server, token, hall, timeout=PATIENT_SECONDS) for role, token in tokens.items()}
    # A clerk's token may be bound to one window; `clerks` is the one that `hallcall run` keeps for us.
    hands = Hands([links["kiosk"]], links["desk"], links.get("clerks", links["clerk"]))
    known = sorted(links["kiosk"].get("catalogue")["lines"], key=lambda line: not line.get("common"))
    lines = {kind: known[index % len(known)]["id"] for index, kind in enumerate(day.kinds)}
    free = [
        window
        for window in links["display"].get("windows")["windows"]
        if window["status"] == "closed" and window["id"] not in left
    ]
    clock = HallTime(day.begins - speed, speed)
    yield Stage(hands, links["display"], clock, lines, choose_seats(day, lines, free), alone=False)


def choose_seats(day: Day, lines: dict[str, str], free: list[dict[str, Any]]) -> list[Seat]:
    """A free window for each of the day's, sharing most lines; then one for each line left out."""
    serves = {window["id"]: frozenset(line["id"] for line in window["lines"]) for window in free}
    seats: list[Seat] = []

    def sit(one: WindowDay, wanted: frozenset[str]) -> None:
        best = max(serves, key=lambda window: len(serves[window] & wanted), default=None)
        if best is not None and serves[best] & wanted:
            seats.append(Seat(best, serves.pop(best), one))

    for one in day.windows:
        sit(one, frozenset(lines[kind] for kind in one.kinds))
    busiest = max(day.windows, key=lambda one: len(one.services))
    for line in dict.fromkeys(lines.values()):
        if not any(line in seat.lines for seat in seats):
            sit(busiest, frozenset({line}))
    return seats
