"""Breaks a text into lines as Chinese and English are broken: between characters or words, best at a stop."""

import re
from collections.abc import Callable

Measure = Callable[[str], float]

PIECES = re.compile(r"\s+|[!-~\u00a0-\u024f\u2010-\u2027]+|.", re.DOTALL)
NOT_FIRST = "，。、；：！？）》」』”’％℃…)"
NOT_LAST = "（《「『“‘￥("
STOPS = re.compile(r"(?<=[，。；！？;:])")


def wrap(text: str, limit: float, measure: Measure) -> list[str]:
    """The fewest lines no wider than `limit`: broken at stops if that costs no line, else equally long."""
    if measure(text) <= limit:
        return [text]
    lines = _fill(_pieces(text, limit, measure), limit, measure)
    at_stops = _fill([one for one in STOPS.split(text) if one], limit, measure)
    if len(at_stops) <= len(lines) and all(measure(line) <= limit for line in at_stops):
        return at_stops
    return _balanced(text, limit, measure, len(lines))


def _balanced(text: str, limit: float, measure: Measure, count: int) -> list[str]:
    low, high = limit / 2, limit
    for _ in range(8):
        middle = (low + high) / 2
        lines = _fill(_pieces(text, middle, measure), middle, measure)
        low, high = (low, middle) if len(lines) <= count else (middle, high)
    return _fill(_pieces(text, high, measure), high, measure)


def _fill(pieces: list[str], limit: float, measure: Measure) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and measure((lines[-1] + piece).rstrip()) > limit:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.strip() for line in lines if line.strip()]


def _pieces(text: str, limit: float, measure: Measure) -> list[str]:
    """What may not be broken: a word, or a character with the punctuation that clings to it."""
    pieces: list[str] = []
    for piece in PIECES.findall(text):
        clings = pieces and (piece[0] in NOT_FIRST or pieces[-1][-1] in NOT_LAST)
        if clings and measure(pieces[-1] + piece) <= limit:
            pieces[-1] += piece
        elif measure(piece) > limit:
            pieces += list(piece)
        else:
            pieces.append(piece)
    return pieces
