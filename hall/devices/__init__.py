"""The hall's devices as the settings name them; the layout of the hall itself is in `hall.layout`."""

from typing import Self

from pydantic import Field, model_validator

from hall.devices.display import Display
from hall.devices.kiosk import Kiosk
from hall.devices.pad import Pad
from hall.devices.sign import Sign, mistakes_together
from hall.devices.voice import Voice
from hall.mistakes import mistake_at, refuse, stranger, twice
from hall.values import Part


class Devices(Part):
    kiosks: list[Kiosk] = Field(default_factory=list)
    displays: list[Display] = Field(default_factory=list)
    pads: list[Pad] = Field(default_factory=list)
    signs: list[Sign] = Field(default_factory=list)
    voice: Voice = Voice()

    @model_validator(mode="after")
    def _one_loudspeaker_a_zone(self) -> Self:
        """Two would call every number of the zone twice, a moment apart."""
        first: dict[str | None, int] = {}
        speaking = [(index, one.zone) for index, one in enumerate(self.displays) if one.speaks]
        doubled = [(index, zone) for index, zone in speaking if first.setdefault(zone, index) != index]
        words = "one loudspeaker a zone; displays.{} speaks there"
        refuse(
            "Devices",
            [mistake_at(("displays", index, "speaks"), True, words.format(first[zone])) for index, zone in doubled],
        )
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = {
            "kiosks": [one.id for one in self.kiosks],
            "displays": [one.id for one in self.displays],
            "pads": [one.id for one in self.pads],
            "signs": [one.id for one in self.signs],
        }
        refuse("Devices", [mistake for kind, those in ids.items() for mistake in twice((kind,), "id", those)])
        return self

    @model_validator(mode="after")
    def _signs_can_be_driven(self) -> Self:
        displays = [one.id for one in self.displays]
        mistakes = list(mistakes_together(self.signs))
        for index, sign in enumerate(self.signs):
            mistakes += stranger(("signs", index, "display"), sign.display, displays)
        refuse("Devices", mistakes)
        return self
