"""A display client as the settings name it: a board, a window screen, a loudspeaker."""

from hall.devices.voice import Voice
from hall.layout import Part, Slug, Text


class Display(Part):
    id: Slug
    name: Text
    zone: Slug | None = None
    """The zone whose calls it shows and speaks; None: the whole hall."""
    speaks: bool = False
    """Whether this display client is a loudspeaker too."""
    voice: Voice | None = None
    """What its loudspeaker does differently from `devices.voice`: only what is written here counts."""
