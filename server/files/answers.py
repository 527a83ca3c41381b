"""Tables as files to keep: CSV and XLSX, as a spreadsheet opens them, every export in the access log."""

import csv
import io
import time
from collections.abc import Iterable, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from flask import Response, current_app, g, send_file

Row = Sequence[Any]
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_IN_MEMORY = 1 << 20
_BREATH = 200  # rows between two looks at who else is waiting for this process
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_answer(name: str, header: Sequence[str], rows: Iterable[Row]) -> Response:
    """The table as NAME.csv, UTF-8 with the mark by which spreadsheets know it."""
    file = _file()
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([_harmless(cell) for cell in header])
    count = 0
    for count, row in enumerate(_with_breath(rows), start=1):  # noqa: B007
        writer.writerow([_harmless(cell) for cell in row])
    text.detach()
    return _sent(file, f"{name}.csv", CSV, count)


def xlsx_answer(name: str, header: Sequence[str], rows: Iterable[Row]) -> Response:
    """The table as NAME.xlsx, its first row kept in sight; no cell is ever a formula or a link."""
    from xlsxwriter import Workbook  # its import costs a tenth of a second

    file = _file()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, {**options, "strings_to_numbers": False}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(header) - 1, 14)
        sheet.write_row(0, 0, header, bold)
        count = 0
        for count, row in enumerate(_with_breath(rows), start=1):
            sheet.write_row(count, 0, [_cell(value) for value in row])
    return _sent(file, f"{name}.xlsx", XLSX, count)


def _file() -> BinaryIO:
    return SpooledTemporaryFile(_IN_MEMORY)  # type: ignore[return-value]


def _with_breath(rows: Iterable[Row]) -> Iterable[Row]:
    """The rows; now and then whoever waits for this process has a turn (under gevent a sleep is one)."""
    for place, row in enumerate(rows):
        if place % _BREATH == _BREATH - 1:
            time.sleep(0)
        yield row


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _harmless(value: Any) -> Any:
    """What a spreadsheet would take for a formula begins with an apostrophe, and is a text again."""
    value = _cell(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _sent(file: BinaryIO, name: str, kind: str, rows: int) -> Response:
    """The whole file, once the access log says who took which and how many rows."""
    file.seek(0)
    current_app.extensions["hallcall"].gate.record("exported", g.get("principal"), f"{name} {rows}")
    response = send_file(file, mimetype=kind, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response
