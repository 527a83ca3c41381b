"""How the parts of a device are: what each device tells the server of itself, and the words for what is wrong."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["ok", "warning", "fault", "unknown"]
"""warning: works, but wants a person soon · unknown: not asked yet, or cannot be known."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of one device at this moment. `code` is one of `CODES` of the part; empty where all is well."""

    part: str
    state: State
    code: str = ""
    id: str = ""
    """Which one, where a device has several of the kind."""
    detail: str = ""
    """For logs and technicians, in the words of the operating system or the library."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What can be measured of it: {name: number or text}."""

    def __post_init__(self) -> None:
        if self.part not in CODES or self.code not in ("", *CODES[self.part]):
            raise ValueError(f"{self.part}: {self.code} is not a code of hall.health.CODES")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


CODES: dict[str, tuple[str, ...]] = {
    "printer": (
        "near_end",
        "paper_out",
        "cover_open",
        "offline",
        "refused",
        "timeout",
        "not_found",
        "unconfirmed",
        "unprintable",
        "garbled",
        "unsupported",
        "template",
        "stopped",
    ),
    "speaker": ("no_way", "not_heard", "lagging"),
    "voice": ("engine_dead", "natural_missing"),
    "link": ("down", "behind"),
    "band": ("low", "used_up", "expired", "refused"),
    "board": ("no_page", "behind", "frozen"),
    "clock": ("drift",),
    "pad": ("not_found", "permission", "in_use", "unplugged", "rubbish"),
    "scanner": ("not_found", "permission", "in_use", "unplugged", "rubbish"),
    "card_reader": ("not_found", "permission", "in_use", "unplugged", "rubbish", "no_answer"),
    "sign": (
        "not_found",
        "permission",
        "in_use",
        "unplugged",
        "no_answer",
        "refused",
        "garbled",
        "no_window",
    ),
    "device": ("other", "broken"),
}
"""{part: what can be wrong with it}; the texts are `devices.PART.CODE` and `devices.PART.CODE.remedy`."""
