"""The layout's parts between the tables' rows and the words of config.yaml."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Table, select

from hall.layout import PARTS
from hall.layout.parts import LineMore, MatterMore
from hall.values import Part
from server.tables import metadata

T = TypeVar("T")
Row = dict[str, Any]

_COLUMNS = {"unit": "unit_id", "zone": "zone_id", "line": "line_id", "window": "window_id"}
_FIELDS = {column: field for field, column in _COLUMNS.items()}
_MORE: dict[str, type[Part]] = {"lines": LineMore, "matters": MatterMore}
_NOT_WRITTEN = frozenset({"hall_id", "position", "closed", "more", "suspended"})
_OF_A_WINDOW = ("id", "name", "zone_id")


class Kept(dict[str, T]):
    """The open parts by their ids. A closed one is found by its id alone: what happened in it keeps its names."""

    def __init__(self, opened: dict[str, T], closed: dict[str, T]) -> None:
        super().__init__(opened)
        self.closed = closed

    def __missing__(self, key: str) -> T:
        return self.closed[key]

    @property
    def ever(self) -> dict[str, T]:
        return {**self.closed, **self}


def table_of(part: str) -> Table:
    return metadata.tables[part]


def rows_of(connection: Connection, hall: str, part: str) -> Sequence[Any]:
    """The rows of a part in the hall's own order, the closed ones too."""
    table = table_of(part)
    return connection.execute(select(table).where(table.c.hall_id == hall).order_by(table.c.position)).all()


def values_of(part: str, one: Part, position: int) -> Row:
    """A part as its table keeps it, but for the hall. A window's lines are rows of their own."""
    said = one.model_dump(mode="python" if part == "assignments" else "json")
    rare = _MORE[part].model_fields if part in _MORE else {}
    kept = {_COLUMNS.get(key, key): value for key, value in said.items() if key not in rare}
    if part == "windows":
        kept.pop("lines")
    if rare:
        kept["more"] = {key: said[key] for key in rare}
    return {**kept, "position": position, "closed": False}


def part_of(part: str, row: Any, **more: Any) -> Any:
    """The part of a table's row; `more`: what stands elsewhere."""
    kept = row._mapping
    names = _OF_A_WINDOW if part == "windows" else [name for name in kept if name not in _NOT_WRITTEN]
    said = {_FIELDS.get(name, name): kept[name] for name in names}
    said |= {**(kept["more"] if part in _MORE else {}), **more}
    return _parsed(PARTS[part], orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS))  # names of columns are no plain str


def foresee(part: str, ones: Iterable[Part]) -> None:
    """Reads parts as their rows will say them once they are written: of thousands it is then no work of the lock's."""
    names = [column.name for column in table_of(part).columns]
    for one in ones if part != "windows" else ():  # their lines are rows of their own
        row = values_of(part, one, 0)
        part_of(part, SimpleNamespace(_mapping={name: row[name] for name in names if name in row}))


@lru_cache(32768)  # a change of one matter leaves thousands as they were
def _parsed(model: type[Part], text: bytes) -> Part:
    return model.model_validate_json(text)


def kept_parts(rows: Iterable[Any], make: Callable[[Any], T]) -> Kept[T]:
    rows = list(rows)
    return Kept(
        {row.id: make(row) for row in rows if not row.closed}, {row.id: make(row) for row in rows if row.closed}
    )
