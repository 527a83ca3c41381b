"""Exports: what a spreadsheet reads back is what was written, no cell is a formula, and the access log knows."""

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest
from flask import Response, g
from flask_openapi3 import OpenAPI
from openpyxl import load_workbook
from sqlalchemy import select

from hall.words import Role
from server.app import create_app
from server.db import Store
from server.files.answers import csv_answer, xlsx_answer
from server.tables.journal import access_log
from tests.server.trial import SetClock, Trial

HEADER = ["名称", "=size"]
ROWS = [("税务, 一楼", 3), ("=1+1", None), ("@x\n2", 0.5), ("＝1", "\n+1"), (date(2026, 11, 23), "-2")]


@pytest.fixture
def app(stores: dict[str, Store]) -> Iterator[OpenAPI]:
    store = stores["sqlite"]
    trial = Trial.found(store, SetClock())
    made = create_app(store, secret_key="for tests", always_open=True, public_url=None)
    with made.test_request_context():
        g.principal = trial.who(Role.AUDITOR, "auditor")
        yield made


def body(answer: Response) -> bytes:
    answer.direct_passthrough = False
    return answer.get_data()


def test_a_csv_file_reads_back_with_its_formulas_made_harmless(app: OpenAPI) -> None:
    answer = csv_answer("册 1", HEADER, iter(ROWS))
    text = body(answer).decode("utf-8-sig")
    expected = [
        ["名称", "'=size"],
        ["税务, 一楼", "3"],
        ["'=1+1", ""],
        ["'@x\n2", "0.5"],
        ["'＝1", "'\n+1"],
        ["2026-11-23", "'-2"],
    ]
    assert body(answer).startswith(b"\xef\xbb\xbf") and list(csv.reader(io.StringIO(text, newline=""))) == expected
    assert "attachment" in answer.headers["Content-Disposition"] and answer.headers["Cache-Control"] == "no-store"


def test_an_xlsx_file_reads_back_and_holds_texts_where_formulas_were(app: OpenAPI) -> None:
    sheet = load_workbook(io.BytesIO(body(xlsx_answer("sheet", HEADER, iter(ROWS))))).active
    assert sheet is not None and sheet.freeze_panes == "A2"
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    assert list(sheet.values)[1:] == [
        ("税务, 一楼", 3),
        ("=1+1", None),
        ("@x\n2", 0.5),
        ("＝1", "\n+1"),
        ("2026-11-23", "-2"),
    ]


def test_every_export_stands_in_the_access_log(app: OpenAPI) -> None:
    csv_answer("for-the-log", HEADER, iter(ROWS))
    with app.extensions["hallcall"].store.engine.connect() as connection:
        written = connection.execute(select(access_log).order_by(access_log.c.id.desc()).limit(1)).one()
    assert (written.what, written.actor, written.detail) == ("exported", g.principal.id, "for-the-log.csv 5")
