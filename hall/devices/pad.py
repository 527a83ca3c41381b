"""A clerk's keypad as the settings name it: four keys, or figures with Enter."""

import re
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from hall.devices.key_codes import KEY_CODES
from hall.mistakes import expected, mistake_at, refuse
from hall.values import Part, Slug, Text

Action = Literal[
    "next", "recall", "missed", "pause", "enter", "delete", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"
]
"""What a key of a pad does: the four moves, or typing a number."""
FIGURES = tuple("0123456789")

_MOVES: tuple[Action, ...] = ("next", "recall", "missed", "pause")
_TYPED: dict[str, Action] = {one: one for one in get_args(Action) if one in FIGURES}
_LINUX_MOVES = ("KPPLUS", "KPASTERISK", "KPSLASH", "KPMINUS")
_LINUX_TYPING: dict[str, Action] = {
    "KEY_KPENTER": "enter", "KEY_ENTER": "enter", "KEY_KPDOT": "delete", "KEY_BACKSPACE": "delete",
}  # fmt: skip

KEYS: dict[str, dict[str, Action]] = {
    "serial": {
        **dict(zip(("F1", "F2", "F3", "F4"), _MOVES, strict=True)),
        **dict(zip("+*/-", _MOVES, strict=True)),
        **_TYPED,
        "E": "enter",
        "D": "delete",
    },
    "evdev": {
        **{f"KEY_F{place}": move for place, move in enumerate(_MOVES, 1)},
        **{f"KEY_{name}": move for name, move in zip(_LINUX_MOVES, _MOVES, strict=True)},
        **{f"KEY_KP{figure}": action for figure, action in _TYPED.items()},
        **{f"KEY_{figure}": action for figure, action in _TYPED.items()},
        **_LINUX_TYPING,
    },
    "hid": {},
}
"""{kind: what its keys do where the settings say nothing}. Every maker's HID reports are others."""

NAMES = {
    "serial": (re.compile(r"[!-~]{1,8}"), "what the pad sends after K, such as F1"),
    "evdev": (re.compile(r"KEY_[A-Z0-9]+|\d{1,3}"), "a key of Linux such as KEY_KP1 or KEY_F13, or its code"),
    "hid": (re.compile(r"([0-9a-f]{2})+"), "the bytes of a report in hex such as 0102"),
}
ADDRESSES = {
    "serial": (re.compile(r"\S+"), "a serial device such as /dev/ttyUSB0 or COM3"),
    "evdev": (re.compile(r"/\S+"), "an input device such as /dev/input/by-id/usb-…-event-kbd"),
    "hid": (re.compile(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}"), 'VENDOR:PRODUCT in hex such as "04d9:1203"'),
}


class Pad(Part):
    id: Slug
    name: Text
    window: Slug
    kind: Literal["serial", "evdev", "hid"] = "serial"
    address: Annotated[str, Field(max_length=200), expected("a text in quotes")]
    """serial DEVICE · evdev PATH · hid VENDOR:PRODUCT (hex)"""
    baud: Annotated[int, Field(ge=300, le=921600), expected("a speed such as 9600")] = 9600
    keys: dict[str, Action] = Field(default_factory=dict)
    """{what a key sends: what it does}; nothing: the usual keys of the kind."""
    next_on_called: Literal["ask", "completed", "no_show"] = "ask"
    """What Next means at this window on a number that was only called; `ask`: a second press says completed."""

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        form, words = ADDRESSES[self.kind]
        if not form.fullmatch(self.address):
            refuse("Pad", [mistake_at(("address",), self.address, f"{words} for a {self.kind} pad")])
        form, words = NAMES[self.kind]
        wrong = [key for key in self.keys if not form.fullmatch(key) or (key[:4] == "KEY_" and key not in KEY_CODES)]
        refuse("Pad", [mistake_at(("keys", key), key, f"{words} for a {self.kind} pad") for key in wrong])
        if self.kind == "hid" and not self.keys:
            refuse("Pad", [mistake_at(("keys",), self.keys, f"{words} for each key of a hid pad")])
        return self

    @property
    def actions(self) -> dict[str, Action]:
        return self.keys or KEYS[self.kind]
