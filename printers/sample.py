"""Slips that belong to nobody: to try a printer with, and to see what a template makes of few and of many facts."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from hall.texts import say
from printers.slip import Slip, joined_kinds

Kind = Literal["usual", "long", "bare"]
KINDS: tuple[Kind, ...] = ("usual", "long", "bare")
TRACK = "https://hall.example.cn/t/Jx0dQ2y7wYb3aXc9eFgH1A"


def sample(kind: Kind, language: str) -> Slip:
    """`usual`: a day's slip · `long`: everything a slip can have, in long words · `bare`: only what must be known."""
    usual = _usual(language)
    if kind == "long":
        return _long(usual)
    bare = replace(usual, hall="", line="", ahead=None, expected_wait=None, waiting_place=None, windows=())
    return usual if kind == "usual" else replace(bare, missed_rule=None, order_note=None, track_url=None)


def trial_slip(language: str) -> Slip:
    """What is printed to try a printer; its last words say how to read it."""
    check = say(language, "printers.sample_check")
    return replace(
        _usual(language),
        line=say(language, "printers.sample_line"),
        number="A000",
        missed_rule=None,
        order_note=check,
        track_url=None,
    )


def _usual(language: str) -> Slip:
    return Slip(
        hall=say(language, "printers.sample_hall"),
        line=say(language, "printers.sample_matter"),
        number="A023",
        ahead=5,
        expected_wait=(15, 25),
        waiting_place=say(language, "printers.sample_place"),
        windows=("3", "4", "5"),
        issued_at=datetime.now().astimezone(),
        missed_rule=say(language, "printers.missed_rule", minutes=30),
        order_note=joined_kinds(["priority", "booked", "reinstated"], language),
        track_url=TRACK,
        language=language,
    )


def _long(usual: Slip) -> Slip:
    line = say(usual.language, "printers.sample_line_long")
    return replace(
        usual,
        hall=say(usual.language, "printers.sample_hall_long"),
        line=line,
        number="AB1234",
        ahead=1280,
        windows=(*map(str, range(1, 9)), "11", "13", "15", "17", "19", "201"),
        reprint=True,
        offline=True,
        booked=("09:30", "10:00"),
        count=12,
        linked=("B012", "C104", "H007"),
        legs=(line, usual.line),
    )
