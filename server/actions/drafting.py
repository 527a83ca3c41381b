"""The layout that somebody wants, made of the one that is: whole, with some parts, without one, with other settings."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hall.differences import OF_HALL
from hall.errors import HallError
from hall.layout import PARTS, Hall
from hall.values import Part
from server.actions.arranging import Make
from server.layout.kept import Layout

Mistake = dict[str, str]
"""{part, id, field, value, expected}"""


def whole(wanted: Hall) -> Make:
    return lambda _layout: wanted


def with_part(part: str, one: Any, before: Part | None) -> Make:
    """One part new, changed or opened again; `layout_moved` where it is not what the editor was shown, `before`."""

    def make(layout: Layout) -> Hall:
        if _found(layout, part, one.id) != before:
            raise HallError("layout_moved", what=part, id=one.id)
        return _with(layout, part, {one.id: one})

    return make


def with_rows(part: str, ones: Mapping[str, Any], seen: Layout) -> Make:
    """The parts that a file's rows made of what was seen; `layout_moved` where one of them is another by now."""

    def make(layout: Layout) -> Hall:
        was, now = ({one.id: one for one in some.parts[part]} for some in (seen, layout))
        moved = [key for key in ones if was.get(key) != now.get(key)]
        if moved:
            raise HallError("layout_moved", what=part, id=moved[0])
        return _with(layout, part, ones)

    return make


def without(part: str, key: str) -> Make:
    """One part closed."""

    def make(layout: Layout) -> Hall:
        if _found(layout, part, key) is None:
            raise HallError("not_found", what=part.removesuffix("s"), id=key)
        return made_of(layout, **{part: [one for one in getattr(layout.document, part) if one.id != key]})

    return make


def with_settings(values: Mapping[str, Any], before: Mapping[str, Any]) -> Make:
    """Other hours, days, rules and the like; `layout_moved` where one is not what the editor was shown."""

    def make(layout: Layout) -> Hall:
        if strange := sorted(set(values) - set(OF_HALL)):
            raise HallError("bad_body", field=f"values.{strange[0]}", expected=", ".join(OF_HALL))
        now = settings_of(layout)
        moved = [name for name in values if before.get(name) != now[name]]
        if moved:
            raise HallError("layout_moved", what="settings", id=moved[0])
        return made_of(layout, **values)

    return make


def settings_of(layout: Layout) -> dict[str, Any]:
    """What is of the hall as a whole, as config.yaml writes it."""
    return layout.document.model_dump(mode="json", include=set(OF_HALL))


def made_of(layout: Layout, **other: Any) -> Hall:
    """The present layout with other fields. Raises `bad_layout` with every mistake where it does not hang together."""
    now = layout.document
    try:
        return Hall.model_validate({name: getattr(now, name) for name in Hall.model_fields} | other)
    except ValidationError as error:
        mistakes = [_mistake(now, other, one) for one in error.errors(include_url=False)]
        first = mistakes[0]
        place = ".".join(filter(None, (first["part"], first["id"], first["field"])))
        raise HallError("bad_layout", field=place, expected=first["expected"], mistakes=mistakes) from None


def _mistake(now: Hall, other: Mapping[str, Any], error: Any) -> Mistake:
    """Where it stands by the part's id rather than by its place in the list."""
    loc = [key for key in error["loc"] if key != "[key]"]
    told = {"part": "settings", "id": "", "value": str(error["input"])[:80]}
    told["expected"] = error.get("ctx", {}).get("words", error["msg"])
    if loc[0] in PARTS and len(loc) > 1:
        one = other.get(loc[0], getattr(now, loc[0]))[loc[1]]
        told, loc = {**told, "part": loc[0], "id": one.id}, loc[2:]
    return {**told, "field": ".".join(map(str, loc))}


def _found(layout: Layout, part: str, key: str) -> Part | None:
    return next((one for one in getattr(layout.document, part) if one.id == key), None)


def _with(layout: Layout, part: str, ones: Mapping[str, Any]) -> Hall:
    now = getattr(layout.document, part)
    known = {one.id for one in now}
    new = [one for key, one in ones.items() if key not in known]
    return made_of(layout, **{part: [*(ones.get(one.id, one) for one in now), *new]})
