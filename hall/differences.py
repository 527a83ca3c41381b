"""What differs between two layouts of a hall: part by part, field by field, as it is journalled and read."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hall.layout import PARTS, SETTINGS, Hall
from hall.values import Part

MOST_IN_ORDER = 200
"""Of a longer part it is told that its order changed, not how."""
OF_HALL = ("name", *SETTINGS)


@dataclass(frozen=True)
class Change:
    """One part that came, changed, was closed or opened again, or the order of a kind of parts.

    kind: added, changed, closed, reopened, reordered. part: of PARTS, or `settings`. fields: {field: [before, after]}
    in the words of config.yaml; of what came only the second counts.
    """

    part: str
    id: str
    name: dict[str, str]
    kind: str
    fields: dict[str, list[Any]] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        return {"part": self.part, "id": self.id, "name": self.name, "kind": self.kind, "fields": self.fields}


def differences(before: Hall, after: Hall, closed: Mapping[str, Collection[str]]) -> list[Change]:
    """Every change that leads from one layout to the other, in the order of the parts.

    closed: {part: ids that were there once}: what comes again under such an id is reopened.
    """
    changes = list(_of_settings(before, after))
    for part in PARTS:
        changes += _of_part(part, getattr(before, part), getattr(after, part), closed.get(part, ()))
    return changes


def _of_settings(before: Hall, after: Hall) -> Iterator[Change]:
    fields = _fields(before, after, OF_HALL)
    if fields:
        yield Change("settings", before.id, after.name, "changed", fields)


def _of_part(part: str, before: list[Any], after: list[Any], closed: Collection[str]) -> Iterator[Change]:
    was, now = ({one.id: one for one in some} for some in (before, after))
    for key, one in now.items():
        if key not in was:
            kind = "reopened" if key in closed else "added"
            yield Change(part, key, name_of(one), kind, _as_new(one))
        elif one != was[key]:
            yield Change(part, key, name_of(one), "changed", _fields(was[key], one, type(one).model_fields))
    yield from (Change(part, key, name_of(one), "closed") for key, one in was.items() if key not in now)
    stays = [[key for key in some if key in was and key in now] for some in (was, now)]
    if stays[0] != stays[1]:
        told = {"order": stays} if len(now) <= MOST_IN_ORDER else {}
        yield Change(part, "", {}, "reordered", told)


def name_of(one: Any) -> dict[str, str]:
    """What a part is called, in every language that it has a name in; an assignment by its clerk."""
    name = getattr(one, "name", None) or one.clerk
    return name if isinstance(name, dict) else {"zh-CN": name}


def _as_new(one: Part) -> dict[str, list[Any]]:
    said = one.model_dump(mode="json", exclude_defaults=True, exclude={"id"})
    return {name: [None, value] for name, value in said.items()}


def _fields(before: Part, after: Part, names: Collection[str]) -> dict[str, list[Any]]:
    differing = {name for name in names if getattr(before, name) != getattr(after, name)}
    if not differing:
        return {}
    was, now = (one.model_dump(mode="json", include=differing) for one in (before, after))
    return {name: [was[name], now[name]] for name in names if name in differing}
