"""What in the settings is allowed but hardly meant: said at the start and by `hallcall check-config`."""

from collections.abc import Iterator

from hall.layout import Hall
from hall.layout.parts import Line, Matter, Unit, Zone
from hall.settings import Settings

KIOSK_KEYS = 8
"""How many lines the kiosk's first screen holds."""


def warnings(settings: Settings) -> list[str]:
    """One plain sentence a doubt; the empty list when all is well."""
    return [f"{hall.id}: {doubt}" for hall in settings.halls for doubt in _doubts(hall)] + list(_silence(settings))


def _doubts(hall: Hall) -> Iterator[str]:
    yield from _unserved(hall)
    if not hall.issuing:
        yield "issuing is empty, so no number can be taken"
    if not hall.calling:
        yield "calling is empty, so nobody knows when windows open"
    if hall.guide_line is None:
        yield "guide_line is not set, so 'not sure' on the kiosk leads nowhere"
    common = [line.id for line in hall.lines if line.common]
    if not common or len(common) > KIOSK_KEYS:
        yield f"{len(common)} lines are common; the kiosk's first screen wants 1 to {KIOSK_KEYS}"
    yield from _unused(hall)
    yield from _untranslated(hall)


def _unserved(hall: Hall) -> Iterator[str]:
    served = {line for window in hall.windows for line in window.lines}
    for line in hall.lines:
        if line.id not in served:
            matters = [matter.id for matter in hall.matters if matter.line == line.id]
            without = f"; matters without a window: {', '.join(matters)}" if matters else ""
            yield f"no window serves line {line.id}{without}"


def _unused(hall: Hall) -> Iterator[str]:
    for what, known, used in (
        ("zone", hall.zones, {window.zone for window in hall.windows}),
        ("unit", hall.units, {matter.unit for matter in hall.matters}),
    ):
        noun = "window" if what == "zone" else "matter"
        yield from (f"{what} {part.id} has no {noun}" for part in known if part.id not in used)


def _untranslated(hall: Hall) -> Iterator[str]:
    parts: list[Zone | Unit | Line | Matter] = [*hall.zones, *hall.units, *hall.lines, *hall.matters]
    names = [hall.name, *(part.name for part in parts)]
    for language in sorted({language for name in names for language in name}):
        without = [name["zh-CN"] for name in names if language not in name]
        if without:
            yield f"{len(without)} names have no {language} text, the first is {without[0]}"


def _silence(settings: Settings) -> Iterator[str]:
    displays = settings.devices.displays
    heard = {display.zone for display in displays if display.speaks}
    if displays and not heard:
        yield "devices: no display speaks, so no call is heard"
    elif displays and None not in heard:
        zones = [zone.id for hall in settings.halls for zone in hall.zones]
        yield from (f"devices: no display speaks for zone {zone}" for zone in zones if zone not in heard)
