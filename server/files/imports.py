"""The rows of an uploaded table as parts of the catalogue: every mistake of every row found at once, or the values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from hall.differences import name_of
from hall.expected import expected_in
from hall.layout import PARTS
from hall.texts import DEFAULT, say
from server.files.answers import FORMULA
from server.files.cells import Kind, Named, plain
from server.files.columns import Column, Flat, Path, column_named, columns_of, flat, settings_of, whole
from server.files.uploads import NoValue, Rows
from server.layout.kept import Layout
from server.layout.refusals import NEW_ENTRIES

Mistake = dict[str, Any]
"""{row, column, value, expected}: the row as the spreadsheet numbers it, the column as its header stands there."""
_OF_ITS_OWN = {"lines": ("prefix",), "windows": ("name",)}
"""What no two parts may share."""
_SHOWN = 80
_ID, _ENTRY, _FROM, _TO = ("id",), ("entry",), ("from_day",), ("to_day",)


def parts_from_rows(part: str, rows: Rows, layout: Layout, language: str) -> tuple[dict[str, Any], list[Mistake]]:
    """The values by id, and what is wrong with them in words of a language; with any mistake nothing is to be done.

    A part that exists keeps what has no column; a blank cell empties, back to what is usual. What a cell says of
    another part is its id or else its name in any language.
    """
    table = _Table(part, rows, layout, language)
    if table.may_read:
        for number, cells in enumerate(rows[1:], start=2):
            if cells:
                table.read(number, cells)
        table.look_for_shared()
    found = sorted(table.mistakes, key=lambda one: (one[0], one[1]))
    return table.values, [said for _, _, said in found]


def named_parts(layout: Layout) -> Named:
    """What the cells may name, by id and by name; an id goes before a name, the latest categories before the older."""
    found: dict[str, dict[str, str]] = {}
    for part in ("zones", "units", "lines", "windows"):
        found[part] = _by_name({one.id: name_of(one).values() for one in layout.parts[part]})
    of_sets = [
        _by_name({one["id"]: one["name"].values() for one in group["categories"]}) for group in layout.categories
    ]
    found["categories"] = {name: key for group in of_sets for name, key in group.items()}
    return found


def _by_name(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """{id or name: id}, without the names that several have."""
    keys: dict[str, set[str]] = {}
    for key, said in names.items():
        for name in said:
            keys.setdefault(name, set()).add(key)
    return {name: min(of) for name, of in keys.items() if len(of) == 1} | {key: key for key in names}


def _known(part: str, layout: Layout) -> dict[str, Any]:
    """What there is, open or closed once, by its id."""
    closed: dict[str, Any] = {}
    if part == "matters":
        closed = {key: one["more"] for key, one in layout.matters.closed.items()}
    if part == "lines":
        closed = {key: one.more for key, one in layout.lines.closed.items()}
    return closed | {one.id: one for one in layout.parts[part]}


@dataclass
class _Row:
    """One of its rows."""

    number: int
    texts: dict[int, str]
    said: Flat
    """What the part has, and more and more of it what the row says."""
    new: bool
    wrong: set[int] = field(default_factory=set)


class _Table:
    """One file on its way in."""

    def __init__(self, part: str, rows: Rows, layout: Layout, language: str) -> None:
        self.part, self.language = part, language
        self.model: type[BaseModel] = PARTS[part]
        self.known, self.closed = _known(part, layout), layout.closed[part]
        self.named = named_parts(layout)
        self.headers = rows[0] if rows else []
        self.columns: dict[int, Column] = {}
        self.places: dict[Path, int] = {}
        self.values: dict[str, Any] = {}
        self.rows: dict[str, int] = {}
        self.mistakes: list[tuple[int, int, Mistake]] = []
        self.lacking: set[Path] = set()
        self.headed = {place for place, header in enumerate(self.headers) if header.strip()}
        self._read_headers()

    @property
    def may_read(self) -> bool:
        return _ID in self.places

    def _say(self, what: str, **values: Any) -> str:
        return say(self.language, f"columns.expects_{what}", **values)

    def _wrong(self, row: int, place: int, value: str, expected: str) -> None:
        header = self.headers[place].strip() if place < len(self.headers) else ""
        said = {"row": row, "column": header or _letters(place), "value": value[:_SHOWN], "expected": expected}
        self.mistakes.append((row, place, said))

    def _lacks(self, column: Column, expected: str) -> None:
        """A column that is not there stands behind the others."""
        said = {"row": 1, "column": column.word(self.language), "value": "", "expected": expected}
        self.mistakes.append((1, len(self.headers), said))

    def _read_headers(self) -> None:
        for place, header in enumerate(self.headers):
            if not header.strip():
                continue
            column = column_named(self.part, header)
            if column is None:
                words = "; ".join(one.word(self.language) for one in columns_of(self.part))
                self._wrong(1, place, header, self._say("known", headers=words))
            elif column.path in self.places:
                self._wrong(1, place, header, self._say("once"))
            else:
                self.columns[place] = column
                self.places[column.path] = place
        if not self.may_read:
            self._lacks(columns_of(self.part)[0], self._say("id_column"))

    def read(self, number: int, cells: list[str]) -> None:
        self._look_for_strays(number, cells)
        texts = {place: cells[place] if place < len(cells) else "" for place in self.columns}
        key = self._key(number, texts[self.places[_ID]])
        known = self.known.get(key)
        before = known.model_dump(mode="json") if known else {}
        said = flat(self.part, before)
        row = _Row(number, texts, dict(said), known is None)
        for place in texts:
            if not self._stands(row, place):
                self._read_cell(row, place)
        if row.new or row.wrong or row.said != said:
            self._check(row, key)
        else:
            self.values[key] = known

    def _key(self, number: int, text: str) -> str:
        place = self.places[_ID]
        key = "" if isinstance(text, NoValue) else plain(_typed(text))
        if key and key in self.rows:
            self._wrong(number, place, text, self._say("other_id", row=self.rows[key]))
        self.rows.setdefault(key, number)
        return key

    def _stands(self, row: _Row, place: int) -> bool:
        """Whether the cell is as an export writes what the part has: then that stays, to the last blank."""
        column, text = self.columns[place], row.texts[place]
        kept = row.said.get(column.path)
        if kept is None:
            return not text
        written = str(column.setting.kind.write(kept, self.language))
        return written in (text, _typed(text)) or _lines(written) in (_lines(text), _lines(_typed(text)))

    def _read_cell(self, row: _Row, place: int) -> None:
        column, text = self.columns[place], row.texts[place]
        kind, before = column.setting.kind, row.said.pop(column.path, None)
        if isinstance(text, NoValue):
            self._wrong_cell(row, place, self._say("value"))
            return
        try:
            value = kind.read(_typed(text), self.named) if text.strip() else None
        except (ValueError, KeyError):
            self._wrong_cell(row, place, kind.expects(self.language))
            return
        if column.path == _ENTRY and value is not None and not self._may_enter(row, value, before):
            self._wrong_cell(row, place, self._entry_words(kind, before))
        if column.path == _ENTRY and not row.new:
            value = before
        if value is not None:
            row.said[column.path] = value

    def _may_enter(self, row: _Row, value: str, before: str) -> bool:
        """Only the register changes where a matter is handled; a new one is in the hall, or should be."""
        return value in NEW_ENTRIES if row.new else value == before

    def _entry_words(self, kind: Kind, before: str | None) -> str:
        if before is not None:
            return self._say("entry", entry=kind.write(before, self.language))
        return self._say("oneof", options="; ".join(kind.write(one.value, self.language) for one in NEW_ENTRIES))

    def _wrong_cell(self, row: _Row, place: int, expected: str) -> None:
        """A cell is told of once, in the first words that fit."""
        if place not in row.wrong:
            row.wrong.add(place)
            self._wrong(row.number, place, row.texts[place], expected)

    def _check(self, row: _Row, key: str) -> None:
        try:
            self.values[key] = self.model.model_validate(whole(self.part, row.said))
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                column = self._column_at(one["loc"])
                place = self.places.get(column.path)
                if place is None:
                    self._say_lacking(row, column, one)
                else:
                    self._wrong_cell(row, place, self._expected(row, column, one))

    def _column_at(self, loc: tuple[int | str, ...]) -> Column:
        """Where in the table the place of a mistake stands."""
        keys = tuple(str(key) for key in loc)
        settings = settings_of(self.part)
        setting = next((one for one in settings if keys[: len(one.path)] == one.path), settings[0])
        if not setting.spoken:
            return Column(setting)
        inner = [key for key in loc[len(setting.path) :] if isinstance(key, str) and key != "[key]"]
        return Column(setting, inner[0] if inner else DEFAULT)

    def _say_lacking(self, row: _Row, column: Column, error: Any) -> None:
        if column.path == _TO:  # it was right until its other end came
            self._wrong_cell(row, self.places[_FROM], self._expected(row, column, error))
        elif column.path not in self.lacking:
            self.lacking.add(column.path)
            self._lacks(column, self._say("column", row=row.number))

    def _expected(self, row: _Row, column: Column, error: Any) -> str:
        """In the model's own words, where it has seen a value."""
        if error["type"] == "expected":
            return expected_in(self.language, error["ctx"]["words"])
        if column.language is None and len(column.path) > 1:
            return self._say("all_of", group=say(self.language, f"columns.{column.path[0]}"))
        return self._say("something")

    def _look_for_strays(self, number: int, cells: list[str]) -> None:
        """Each column without a header is told of once."""
        for place in range(len(cells)):
            if place not in self.headed and cells[place].strip():
                self.headed.add(place)
                self._wrong(number, place, cells[place], self._say("header"))

    def look_for_shared(self) -> None:
        """What only one may have, in what would stand in the end."""
        for name in _OF_ITS_OWN.get(self.part, ()):
            owners = {
                getattr(one, name): key
                for key, one in self.known.items()
                if key not in self.rows and key not in self.closed
            }
            for key, value in self.values.items():
                owner = owners.setdefault(getattr(value, name), key)
                if owner != key:
                    place = self.places.get((name,), self.places[_ID])
                    self._wrong(self.rows[key], place, getattr(value, name), self._say("unlike", other=owner))


def _typed(text: str) -> str:
    """Without the apostrophe that an export puts before what a spreadsheet would take for a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def _lines(text: str) -> str:
    """A spreadsheet ends the lines of a cell in a way of its own."""
    return text.replace("\r\n", "\n")


def _letters(place: int) -> str:
    """As a spreadsheet names its columns: A, B … Z, AA."""
    named, place = "", place + 1
    while place:
        place, letter = divmod(place - 1, 26)
        named = chr(ord("A") + letter) + named
    return named
