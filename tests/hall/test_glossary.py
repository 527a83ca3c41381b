"""The tables of moves in docs/glossary.md are those of hall/words.py."""

import re
from pathlib import Path

from hall.words import TICKET_EVENTS, TICKET_MOVES, WINDOW_EVENTS, WINDOW_MOVES

GLOSSARY = (Path(__file__).parents[2] / "docs/glossary.md").read_text(encoding="utf-8")


def moves_written(heading: str) -> dict[str, tuple[set[str], str, str]]:
    """{move: (from, to, event)} of the table under a heading."""
    section = GLOSSARY.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| (\w+) \| ([\w, ]+) \| (\w+) \| ([\w.]+) \|", section, re.MULTILINE)
    return {move: (set(sources.split(", ")), to, event) for move, sources, to, event in rows if move != "move"}


def test_the_glossary_has_every_move_of_a_ticket_and_no_other() -> None:
    assert moves_written("Moves of a ticket") == {
        move: ({source.value for source in table}, next(iter(table.values())).value, TICKET_EVENTS[move])
        for move, table in TICKET_MOVES.items()
    }


def test_the_glossary_has_every_move_of_a_window_and_no_other() -> None:
    assert moves_written("Moves of a window") == {
        move: ({source.value for source in table}, next(iter(table.values())).value, WINDOW_EVENTS[move])
        for move, table in WINDOW_MOVES.items()
    }
