"""The sheets by the API: equal to the recount, for a unit its own rows, as CSV and XLSX, and in the access log."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from hall.words import Role
from server.app import create_app
from server.auth import create_token
from server.db import Store
from server.tables.journal import access_log
from tests.made_tickets import made_days
from tests.server.trial import SetClock, Trial

DAY, BEFORE = date(2026, 11, 20), date(2026, 11, 19)
TWO_UNITS: dict[str, Any] = {
    "units": [{"id": "u", "name": "税务局"}, {"id": "v", "name": "=社保局"}],
    "matters": [
        {"id": "invoice", "name": "发票领用", "unit": "u", "category": "licence", "line": "tax"},
        {"id": "pension", "name": "养老金", "unit": "v", "category": "licence", "line": "social"},
    ],
}


class Desk:
    """A hall with two days behind it, and whoever asks for their sheets."""

    def __init__(self, store: Store) -> None:
        self.trial = Trial.found(store, SetClock(), **TWO_UNITS)
        store.write(lambda connection: made_days(connection, self.trial.hall, [BEFORE, DAY], 60))
        app = create_app(store, secret_key="for tests", always_open=True, public_url=None)
        self.client: FlaskClient = app.test_client()

    def ask(self, path: str, role: Role = Role.LEADERSHIP, unit: str | None = None, status: int = 200) -> Any:
        def made(connection: Any) -> str:
            return create_token(connection, self.trial.hall, role, None, None, self.trial.clock.now(), unit)

        headers = {"Authorization": f"Bearer {self.trial.store.write(made)}", "Accept-Language": "en"}
        answer = self.client.get(f"/api/v1/halls/{self.trial.hall}/sheets/{path}", headers=headers)
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture(scope="module")
def desk(stores: dict[str, Store]) -> Iterator[Desk]:
    yield Desk(stores["sqlite"])


def test_every_number_has_one_end_and_every_part_adds_up(desk: Desk) -> None:
    sheet = desk.ask(f"day/{DAY}").json
    ends = ("served", "missed", "cancelled", "expired", "unfinished")
    assert sheet["total"]["issued"] == 60 == sum(sheet["total"][end] for end in ends)
    for part in ("lines", "units", "times"):
        for key in ("issued", *ends, "called"):
            assert sum(row[key] for row in sheet[part]) == sheet["total"][key], (part, key)
    assert sum(row["served"] for row in sheet["windows"]) == sheet["total"]["served"]
    assert {row["issued"] for row in sheet["windows"]} == {None}


def test_a_month_is_the_sum_of_its_days(desk: Desk) -> None:
    month = desk.ask("month/2026-11").json
    days = [desk.ask(f"day/2026-11-{day:02d}").json["total"] for day in range(1, 24)]
    for key in ("issued", "served", "missed", "cancelled", "expired", "unfinished", "called"):
        assert month["total"][key] == sum(day[key] for day in days)
    assert month["so_far"] and [row["at"] for row in month["times"]] == [f"2026-11-{day:02d}" for day in range(1, 24)]
    assert {key: month["times"][19][key] for key in days[19]} == days[19]


def test_a_unit_head_sees_the_own_units_figures_alone(desk: Desk) -> None:
    whole, own = desk.ask(f"day/{DAY}").json, desk.ask(f"day/{DAY}", Role.UNIT_HEAD, "v").json
    assert own["units"] == [row for row in whole["units"] if row["id"] == "v"]
    assert own["total"] == {key: own["units"][0][key] for key in own["total"]}
    assert {row["id"] for row in own["lines"]} == {"social"}
    desk.ask(f"day/{DAY}", Role.UNIT_HEAD, status=403)


def test_files_hold_what_the_sheet_holds_and_are_logged(desk: Desk) -> None:
    sheet = desk.ask(f"day/{DAY}").json
    text = desk.ask(f"day/{DAY}?form=csv").data.decode("utf-8-sig")
    header, total, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header[3:5] == ["Issued", "Served"] and total[3] == "60"
    assert float(total[10]) == round(sheet["total"]["mean_wait_seconds"] / 60, 2)
    assert [row[2] for row in rows if row[0] == "By unit"][:2] == ["税务局", "'=社保局"]
    book = load_workbook(io.BytesIO(desk.ask(f"day/{DAY}?form=xlsx&language=zh-CN").data)).active
    assert book is not None
    kept = [row for row in book.values if row[0] == "按业务"]
    assert [row[3] for row in kept] == [line["issued"] for line in sheet["lines"]]
    of, store = access_log.c, desk.trial.store
    with store.engine.connect() as connection:
        said = connection.execute(select(of.detail).where(of.what == "exported").order_by(of.id.desc()).limit(2))
        assert [one.detail for one in said] == [
            f"{desk.trial.hall}-{DAY}.{form} {len(rows) + 1}" for form in ("xlsx", "csv")
        ]


@pytest.mark.parametrize("path", ["day/2026-11-24", "day/2026-13-01", "month/2027-01", "month/2026-1", "day/x"])
def test_days_that_are_none_and_days_to_come_are_refused(desk: Desk, path: str) -> None:
    desk.ask(path, status=422)


def test_the_closing_report_bears_the_root_of_its_day(trial: Trial) -> None:
    trial.issue()
    client = create_app(trial.store, secret_key="x", always_open=True, public_url=None).test_client()
    at = trial.clock.now()
    secret = trial.store.write(lambda c: create_token(c, trial.hall, Role.SUPERVISOR, None, None, at))

    def sheet() -> Any:
        path = f"/api/v1/halls/{trial.hall}/sheets/day/2026-11-23"
        return client.get(path, headers={"Authorization": f"Bearer {secret}"}).json

    assert sheet()["so_far"] and sheet()["root"] is None and sheet()["total"]["unfinished"] == 1
    trial.clock.set("2026-11-24T08:00:00+08:00")
    trial.look()
    last = trial.rows("journal")[-2]
    assert sheet()["root"] == {"seq": last["seq"], "hash": last["hash"]}
    assert not sheet()["so_far"] and sheet()["total"]["expired"] == 1
