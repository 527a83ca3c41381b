"""The loudspeakers' voice as the settings name it."""

from typing import Annotated, Literal

from pydantic import Field

from hall.layout import Language, Part
from hall.mistakes import expected


class Voice(Part):
    languages: list[Language] = Field(default_factory=lambda: ["zh-CN"], min_length=1)
    """Spoken for every call, in this order; the ticket's own language is added."""
    repeat: Annotated[int, Field(ge=1, le=3), expected("a number of times from 1 to 3")] = 2
    yao: bool = False
    """Say 幺 for 1 in Mandarin ticket digits."""
    rate: Annotated[int, Field(ge=80, le=300), expected("words a minute from 80 to 300")] = 150
    volume: Annotated[float, Field(ge=0, le=1), expected("a volume from 0 to 1")] = 0.9
    output: Literal["auto", "sound_card", "page"] = "auto"
