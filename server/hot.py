"""Statements that every command runs: compiled once for each database and given straight to its driver.

SQLAlchemy's own way spends 20 to 60 µs a statement on its caches, contexts and result objects, where the driver
needs 4 to 19; with seven statements a call that was half of what a call cost the server. The texts, and how values
go in and come out, remain SQLAlchemy's.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Dialect, Executable

Way = Callable[[Any], Any]


class Statement:
    """One Core statement without expanding parameters; `run` answers its rows as tuples."""

    def __init__(self, core: Executable) -> None:
        self._core = core
        self._made: dict[str, _Compiled] = {}

    def run(self, connection: Connection, **values: Any) -> list[tuple[Any, ...]]:
        made = self._for(connection.dialect)
        found = _driver(connection).execute(made.text, made.given(values))
        return made.taken(found.fetchall()) if made.answers else []

    def run_for_each(self, connection: Connection, rows: list[dict[str, Any]]) -> None:
        made = self._for(connection.dialect)
        _driver(connection).cursor().executemany(made.text, [made.given(row) for row in rows])

    def _for(self, dialect: Dialect) -> "_Compiled":
        if dialect.name not in self._made:
            self._made[dialect.name] = _Compiled(self._core, dialect)
        return self._made[dialect.name]


class _Compiled:
    """A statement in one database's words, with each type's way in and way out."""

    def __init__(self, core: Any, dialect: Dialect) -> None:
        compiled = core.compile(dialect=dialect)
        columns = list(core.exported_columns)
        ways_in = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
        }
        ways_out = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self.text: str = compiled.string
        self.answers = bool(columns)
        self._preset: dict[str, Any] = compiled.params
        self._in_order = compiled.positiontup if compiled.positional else None
        self._in = [(name, way) for name, way in ways_in.items() if way is not None]
        self._out = [(place, way) for place, way in enumerate(ways_out) if way is not None]

    def given(self, values: dict[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        values = {**self._preset, **values}
        for name, way in self._in:
            values[name] = way(values[name])
        return values if self._in_order is None else [values[name] for name in self._in_order]

    def taken(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return [self._read(row) for row in rows] if self._out else rows

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, way in self._out:
            if values[place] is not None:  # no type of ours makes anything of NULL
                values[place] = way(values[place])
        return tuple(values)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
