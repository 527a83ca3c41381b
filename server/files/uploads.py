"""A table that somebody uploads, CSV or XLSX, as rows of texts: what kind it is its content says, never its name."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from datetime import time as time_of_day
from typing import Any, TypeVar
from zipfile import ZipFile

from gevent import get_hub

from hall.errors import HallError

LARGEST_FILE = 4 << 20
"""Bytes: the matters of a large city with all their guides are half of it."""
MOST_ROWS, MOST_COLUMNS = 10_000, 200
_LAST_ROW = 100_000
"""Rows that are only coloured are passed by up to here."""
_UNPACKED = 32 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Excel's files with a password, and those of before 2007
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff])_")  # ends of lines, and the _ of what looks like one

Rows = list[list[str]]
T = TypeVar("T")


class NoValue(str):
    """What stands where a value should: a formula, or the error that one ended in."""


def read_table(data: bytes) -> Rows:
    """The rows of the file's first sheet, blank ones too, so that the first of them is row 1 of the spreadsheet.

    Refuses `file_too_large`, `file_kind`, `file_locked` and `file_broken`, and raises nothing else whatever the bytes.
    """
    if len(data) > LARGEST_FILE:
        raise _too_large()
    if data.startswith(_OLE):
        raise HallError("file_locked")
    return _cut(_from_xlsx(data) if data.startswith(b"PK") else _from_csv(data))


def beside_loop(work: Callable[..., T], *args: Any) -> T:
    """Does what takes a second in a thread of its own: whoever else is served waits some milliseconds at a time."""
    return get_hub().threadpool.apply(work, args)  # type: ignore[no-any-return]


def _too_large() -> HallError:
    return HallError("file_too_large", rows=MOST_ROWS, columns=MOST_COLUMNS, megabytes=LARGEST_FILE >> 20)


def _cut(rows: Iterable[list[str]]) -> Rows:
    """The rows down to the last with anything in it."""
    kept: Rows = []
    for place, row in enumerate(rows):
        while row and not row[-1].strip():
            row.pop()
        if place > _LAST_ROW or (row and (place > MOST_ROWS or len(row) > MOST_COLUMNS)):
            raise _too_large()
        if row:
            kept += [[] for _ in range(place - len(kept))]
            kept.append(row)
    return kept


def _from_csv(data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in reader:
            yield [NoValue(cell) if cell.startswith("=") else cell for cell in row]
    except csv.Error:
        raise HallError("file_broken") from None


def _decoded(data: bytes) -> str:
    """UTF-8 with or without its mark; else GB18030, as Chinese Excel saves a CSV file."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise HallError("file_kind")


class _Rationed(ZipFile):
    """A packed file of which only so much is unpacked: a sheet named a thousand times would be read as often.

    No more is unpacked of an entry than its directory admits to.
    """

    left = _UNPACKED

    def open(self, name: Any, *args: Any, **how: Any) -> Any:
        self.left -= self.getinfo(name if isinstance(name, str) else name.filename).file_size
        if self.left < 0:
            raise _too_large()
        return super().open(name, *args, **how)


def _from_xlsx(data: bytes) -> Iterator[list[str]]:
    """Macros, links to other files and sheets after the first are left where they are."""
    from openpyxl.cell.read_only import EMPTY_CELL
    from openpyxl.reader.excel import ExcelReader  # its import costs a fifth of a second

    try:
        reader = ExcelReader(io.BytesIO(data), read_only=True, keep_links=False)
        reader.archive = _Rationed(io.BytesIO(data))
        reader.read()
        sheet = reader.wb.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may be anything
        for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1):
            cells = ["" if cell is EMPTY_CELL else _text(cell) for cell in row]
            yield cells if any(cells) else []
    except HallError:
        raise
    except Exception as error:  # its readers stumble in every way over bytes that anyone may have made
        raise HallError("file_broken") from error


def _text(cell: Any) -> str:
    """What a person would type for the value of a cell."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in ("f", "e"):
        return NoValue(value if isinstance(value, str) else "=")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime) and value.time() == time_of_day():
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(value))
