"""The hall's devices as the settings name them; the layout of the hall itself is in `hall.layout`."""

from typing import Self

from pydantic import Field, model_validator

from hall.devices.display import Display
from hall.devices.kiosk import Kiosk
from hall.devices.voice import Voice
from hall.layout import Part, twice
from hall.mistakes import refuse


class Devices(Part):
    kiosks: list[Kiosk] = Field(default_factory=list)
    displays: list[Display] = Field(default_factory=list)
    voice: Voice = Voice()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        kiosks, displays = [one.id for one in self.kiosks], [one.id for one in self.displays]
        refuse("Devices", [*twice(("kiosks",), "id", kiosks), *twice(("displays",), "id", displays)])
        return self
