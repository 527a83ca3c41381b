"""A display client as the settings name it: a board, a window screen, a loudspeaker."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from hall.devices.voice import Voice
from hall.values import Part, Slug, Text

Layout = Literal["full", "calls", "split"]
Flash = Literal["auto", "on", "off"]


class Display(Part):
    id: Slug
    name: Text
    zone: Slug | None = None
    """The zone whose calls it shows and speaks; None: the whole hall."""
    speaks: bool = False
    """Whether this display client is a loudspeaker too."""
    voice: Voice | None = None
    """What its loudspeaker does differently from `devices.voice`: only what is written here counts."""
    layout: Layout = "full"
    """`full`: calls, and beside them who waits and who was missed · `calls`: calls alone, half as large again ·
    `split`: calls beside a place for pictures. A screen standing upright or a strip arranges each by itself."""
    flash: Flash = "auto"
    """Whether the screen's edge flashes once a second while a number is new: `auto`: not where the browser asks for
    less motion; there the edge stands still."""
    diagonal_inches: Annotated[float, Field(ge=5, le=300)] | None = None
    """Of the visible screen; from it the board works out from how far its numbers can be read."""
    media: Path | None = None
    """A folder of pictures and films (jpg, png, webp, svg, mp4, webm) that are shown between calls."""
    media_volume: Annotated[float, Field(ge=0, le=1)] = 0
    """Of films; while the loudspeaker speaks they are all but silent."""
