"""The page's fold (hall/web/modules/board.js) gives the same board as the hall's, event for event."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hall.board import Board, fold
from hall.events import Event
from hall.words import TicketStatus, WindowStatus
from tests.hall.test_board import board, event, ticket, window

MODULE = Path(__file__).parents[2] / "hall/web/modules/board.js"
NODE = Path(sys.executable).parent / "node"

RUNNER = """
import { fold } from "./board.mjs";
import { readFileSync } from "node:fs";
const runs = JSON.parse(readFileSync("runs.json", "utf8"));
const boards = runs.map(({ board, events }) => events.map((event) => (board = fold(board, event))));
process.stdout.write(JSON.stringify(boards));
"""


def some_event(dice: random.Random, seq: int) -> Event:
    """Any event a board may meet: of a ticket, a window, a new day, of the past, of an unknown kind."""
    parts: dict[str, Any] = {"data": {}}
    kind = dice.choice(["ticket", "ticket", "ticket", "window", "day", "unknown"])
    if kind == "day":
        return event(seq, "day.started", data={"day": f"2026-11-{dice.randint(10, 30)}"})
    if kind == "unknown":
        return event(seq, "hall.repainted", data={"colour": "green"})
    if kind == "ticket":
        called_at = f"2026-11-23T01:{dice.randint(0, 3):02d}:00.000Z"
        status = dice.choice(list(TicketStatus)).value
        parts["ticket"] = ticket(f"A{dice.randint(1, 6):03d}", status, called_at=called_at, calls=dice.randint(1, 3))
    if dice.random() < 0.5:
        parts["data"]["window"] = window(dice.choice(list(WindowStatus)).value, id=dice.choice(["w3", "w4", "w99"]))
    if dice.random() < 0.5:
        parts["data"]["waiting"] = {dice.choice(["social", "tax", "new"]): dice.randint(0, 9)}
    if dice.random() < 0.1:
        windows = [window(id=key, name=str(dice.randint(1, 9))) for key in dice.sample(["w3", "w4", "w5"], 2)]
        parts["data"]["board"] = {"windows": windows, "waiting": {"social": dice.randint(0, 9)}}
    if dice.random() < 0.2:
        parts["data"]["message"] = dice.choice([None, {"text": {"en": "Lift 2 is out of order"}, "until": None}])
    return event(seq, f"{kind}.moved", **parts)


def some_run(dice: random.Random) -> tuple[Board, list[Event]]:
    seqs = sorted(dice.randint(8, 60) for _ in range(40))  # some old, some twice, some left out
    return board(windows=[window(), window(id="w4", name="4")]), [some_event(dice, seq) for seq in seqs]


def folded(start: Board, events: list[Event]) -> list[Board]:
    boards: list[Board] = []
    for one in events:
        start = fold(start, one)
        boards.append(start)
    return boards


def test_the_pages_fold_and_the_halls_fold_agree_after_every_event(tmp_path: Path) -> None:
    dice = random.Random(20261123)
    runs = [some_run(dice) for _ in range(200)]
    shutil.copy(MODULE, tmp_path / "board.mjs")
    (tmp_path / "run.mjs").write_text(RUNNER)
    (tmp_path / "runs.json").write_text(json.dumps([{"board": b, "events": e} for b, e in runs]))
    out = subprocess.run([NODE, "run.mjs"], cwd=tmp_path, capture_output=True, check=True, timeout=60).stdout
    assert json.loads(out) == [folded(start, events) for start, events in runs]
