"""The loudspeakers' voice as the settings name it."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from hall.mistakes import expected
from hall.values import Language, Part, Span

Volume = Annotated[float, Field(ge=0, le=1), expected("a volume from 0 to 1")]


class VolumeOfHours(Part):
    span: Span
    volume: Volume


class Voice(Part):
    languages: list[Language] = Field(default_factory=lambda: ["zh-CN"], min_length=1)
    """Spoken for every call, in this order; the ticket's own language is added. When speech lags, the first alone."""
    repeat: Annotated[int, Field(ge=1, le=3), expected("a number of times from 1 to 3")] = 2
    chime: Literal["two_notes", "three_notes", "bell", "none"] = "two_notes"
    yao: bool = False
    """Say 幺 for 1 in Mandarin ticket digits."""
    rate: Annotated[int, Field(ge=80, le=240), expected("words a minute from 80 to 240")] = 150
    volume: Volume = 1.0
    volumes: list[VolumeOfHours] = Field(default_factory=list)
    """Where it is another at some hours; the first that holds counts."""
    quiet: list[Span] = Field(default_factory=list)
    """Hours in which calls are shown and not spoken."""
    engine: Literal["plain", "natural"] = "plain"
    """natural: Mandarin by the voice of the extra `voice-natural`; the plain one says what that has not ready."""
    output: Literal["auto", "sound_card", "page"] = "auto"

    def volume_at(self, at: time) -> float:
        """At this time of the hall's day; 0 when nothing is to be spoken."""
        if any(start <= at < end for start, end in self.quiet):
            return 0.0
        return next((one.volume for one in self.volumes if one.span[0] <= at < one.span[1]), self.volume)

    def but(self, own: "Voice | None") -> "Voice":
        """These settings, with what `own` sets differently."""
        changes = own.model_dump(exclude_unset=True) if own else {}
        return Voice.model_validate({**self.model_dump(), **changes})
