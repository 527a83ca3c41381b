"""An uploaded table: read as Excel, WPS and people save it, refused in words when it is none, whatever the bytes."""

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from hall.errors import HallError
from server.files import uploads
from server.files.uploads import MOST_COLUMNS, MOST_ROWS, NoValue, read_table
from tests.server.trial import refused

ROWS = [["编号", "名称"], ["tax", "税务, 一楼"]]


def book(rows: list[list[Any]], change: Callable[[Any], None] = lambda _sheet: None) -> bytes:
    """An XLSX file with these rows."""
    made, file = Workbook(), io.BytesIO()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    change(sheet)
    made.create_sheet("注").append(["not", "read"])
    made.save(file)
    return file.getvalue()


def shared(rows: list[list[Any]]) -> bytes:
    """The same with its texts in a list of their own."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        sheet = made.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    return file.getvalue()


SHARED = shared([["编号", "名称"], ["tax", "税务"], ["tax", "a\rb"]])


def other(data: bytes, **entries: bytes) -> bytes:
    """The XLSX file with entries added, or others in the place of its own: sheet, workbook, strings."""
    names = {"sheet": "xl/worksheets/sheet1.xml", "workbook": "xl/workbook.xml", "strings": "xl/sharedStrings.xml"}
    instead = {names.get(name, name): content for name, content in entries.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *instead]):
            new.writestr(name, instead.get(name) or old.read(name))
    return file.getvalue()


def part_of(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.read(name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_is_read_as_any_spreadsheet_saves_it(encoding: str, separator: str) -> None:
    text = f'编号{separator}名称\r\ntax{separator}"税务, 一楼"\r\n\r\n'
    assert read_table(text.encode(encoding)) == ROWS


def test_an_xlsx_file_is_read_as_what_a_person_would_type() -> None:
    cells = ["税务", 3, 3.0, 0.5, True, date(2026, 11, 23), datetime(2026, 11, 23), None, " x ", "一\n二"]
    read = ["税务", "3", "3", "0.5", "True", "2026-11-23", "2026-11-23", "", " x ", "一\n二"]
    assert read_table(book([cells, [None], ["last"]])) == [read, [], ["last"]]


def test_texts_that_a_file_shares_among_its_cells_are_read_where_they_stand() -> None:
    """As Excel itself saves them, its escapes taken off."""
    assert read_table(SHARED) == [["编号", "名称"], ["tax", "税务"], ["tax", "a\rb"]]


def test_blank_rows_keep_their_number_and_are_no_rows_at_the_end() -> None:
    assert read_table(b"id,name\n\n,,\na,b\n,\n") == [["id", "name"], [], [], ["a", "b"]]


def test_a_formula_is_none_of_its_values() -> None:
    rows = read_table(book([["id", "=1+1", "plain"], ["#N/A", "", ""]]))
    assert [type(cell) for cell in rows[0]] == [str, NoValue, str] and rows[0][1] == "=1+1"
    assert isinstance(rows[1][0], NoValue)
    assert [type(cell) for cell in read_table(b"id,=HYPERLINK(1)\n")[0]] == [str, NoValue]


def test_merged_cells_macros_links_and_what_it_says_of_its_size_are_let_be() -> None:
    data = book([["id", "name"], ["a", "b"]], lambda sheet: sheet.merge_cells("A2:B3"))
    sheet = part_of(data, "xl/worksheets/sheet1.xml")
    assert b'ref="A1:B3"' in sheet
    lying = other(
        data, sheet=sheet.replace(b'ref="A1:B3"', b'ref="A1:XFD1048576"'), **{"xl/vbaProject.bin": b"\0macro"}
    )
    assert read_table(lying) == [["id", "name"], ["a"]]


MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FAR = b'<worksheet xmlns="%s"><sheetData><row r="20000"><c r="A20000"><v>1</v></c></row></sheetData></worksheet>' % MAIN


def code(data: bytes) -> str:
    return refused(lambda: read_table(data)).code


@pytest.mark.parametrize(
    "data, expected",
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"EncryptedPackage", "file_locked"),
        (b"id,na\0me\n", "file_kind"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "file_kind"),
        ("id\tname".encode("utf-16"), "file_kind"),
        (b"\xff\xff\xff", "file_kind"),
        (b'id,name\na,"b\nc,d\n', "file_broken"),
        (b'id\n"' + b"x" * 200_000 + b'"', "file_broken"),
        (b"PK\x03\x04 and no more", "file_broken"),
        (b"PK\x05\x06" + bytes(18), "file_broken"),
        (book(ROWS)[:-100], "file_broken"),
        (other(book(ROWS), sheet=b"<sheet"), "file_broken"),
        (b"id\n" + b"a\n" * (MOST_ROWS + 1), "file_too_large"),
        (b"," * MOST_COLUMNS + b"x\n", "file_too_large"),
        (b"x" * (uploads.LARGEST_FILE + 1), "file_too_large"),
        (other(book(ROWS), sheet=FAR), "file_too_large"),
        (other(book(ROWS), sheet=FAR.replace(b"20000", b"9" * 30)), "file_too_large"),
        (other(book(ROWS), sheet=FAR.replace(b"<v>1</v>", b"").replace(b"20000", b"200000")), "file_too_large"),
        (book([["x"] * (MOST_COLUMNS + 1)]), "file_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_the_reason(data: bytes, expected: str) -> None:
    assert code(data) == expected


def test_the_most_that_may_be_is_read() -> None:
    assert len(read_table(b"id\n" + b"a\n" * MOST_ROWS)) == MOST_ROWS + 1
    assert len(read_table(b"," * (MOST_COLUMNS - 1) + b"x\n")[0]) == MOST_COLUMNS


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    large = b"<row/>" * 6_000_000
    assert code(other(book(ROWS), sheet=large)) == "file_too_large"


def test_a_file_that_lies_about_what_it_unpacks_to_is_refused() -> None:
    sheet = part_of(book(ROWS), "xl/worksheets/sheet1.xml") + b" " * 40_000_000
    data = bytearray(other(book(ROWS), sheet=sheet))
    true, told = (size.to_bytes(4, "little") for size in (len(sheet), 2_000))
    assert data.count(true) == 2
    assert code(bytes(data.replace(true, told))) == "file_broken"


def test_one_sheet_named_many_times_is_not_read_as_often() -> None:
    data = book(ROWS)
    names = b"".join(b'<sheet name="s%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(1, 30))
    workbook = part_of(data, "xl/workbook.xml")
    start, end = workbook.index(b"<sheets>") + 8, workbook.index(b"</sheets>")
    workbook = workbook[:start] + names + workbook[end:]
    rows = b"<row/>" + b" " * 4_000_000
    sheet = b'<worksheet xmlns="%s"><sheetData>%%s</sheetData></worksheet>' % MAIN
    assert code(other(data, workbook=workbook, sheet=sheet % rows)) == "file_too_large"


def test_a_sheet_that_names_itself_over_and_over_is_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">%s]><worksheet>&l9;</worksheet>' % b"".join(
        b'<!ENTITY l%d "%s">' % (n, (b"&l%d;" % (n - 1) if n else b"&a;") * 10) for n in range(10)
    )
    assert code(other(book(ROWS), sheet=laughs)) == "file_broken"


SEEDS = [SHARED, book([["id", "=1"], [datetime(2026, 1, 1), True]]), "编号,名称\ntax,税务\n".encode()]


@settings(max_examples=150)
@given(seed=st.sampled_from(SEEDS), luck=st.integers(0, 2**32), more=st.binary(max_size=40))
def test_whatever_the_bytes_it_is_a_table_or_a_refusal(seed: bytes, luck: int, more: bytes) -> None:
    chance = random.Random(luck)
    data = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data))
        data[place : place + chance.randint(0, 3)] = more[: chance.randint(0, 4)] or bytes([chance.randrange(256)])
    for bytes_ in (bytes(data), more, _unpacked_and_changed(seed, chance) if seed.startswith(b"PK") else more):
        try:
            assert all(isinstance(cell, str) for row in read_table(bytes_) for cell in row)
        except HallError as error:
            assert error.code.startswith("file_")


def _unpacked_and_changed(seed: bytes, chance: random.Random) -> bytes:
    """Beyond the checksums: one of the XML files within, changed before it is packed."""
    with zipfile.ZipFile(io.BytesIO(seed)) as file:
        name = chance.choice([one for one in file.namelist() if one.endswith((".xml", ".rels"))])
        content = bytearray(file.read(name))
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(content))
        content[place : place + chance.randint(0, 6)] = chance.choice([b"", b"9" * 12, b"<", b'"', b"Z", b"&", b"-1"])
    return other(seed, **{name: bytes(content) or b" "})
