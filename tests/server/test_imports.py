"""A table taken into the catalogue: all its rows or none, every mistake by row and column, and nobody's by the way."""

import csv
import io
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hall.layout import PARTS
from hall.settings import load_settings
from hall.words import Role
from server.actions.arranging import change_layout
from server.actions.drafting import with_part, with_rows, without
from server.app import create_app
from server.auth import create_token
from server.entrance import UPLOADS
from server.files.columns import as_table, columns_of
from server.files.imports import Mistake, parts_from_rows
from server.layout import parts
from server.layout.kept import Layout, hall_layout
from server.tables.journal import access_log
from tests.parts import ROOT
from tests.server.test_audit import own_store
from tests.server.test_uploads import book
from tests.server.trial import SetClock, Trial, refused

HEADER = ["编号", "名称", "进驻单位", "事项类别", "取号业务"]
LATE = ["late", "晚点", "tax", "service", "tax"]


class Center:
    """The shipped hall behind the app of one process."""

    def __init__(self, folder: Any) -> None:
        shipped = load_settings(ROOT / "config.yaml", {}).halls[0]
        store = own_store("sqlite", folder)
        said = shipped.model_dump(mode="json", exclude={"id", "name", "assignments"})
        stationed = [
            {"id": "s1", "clerk": "3021", "unit": "tax", "window": "w1", "from_day": "2026-01-01"},
            {"id": "s2", "clerk": "3022", "from_day": "2026-01-01", "to_day": "2026-12-31"},
        ]
        self.trial = Trial.found(store, SetClock(), **said, assignments=stationed)
        self.app = create_app(store, secret_key="for tests", always_open=True, public_url=None)
        self.path = f"/api/v1/halls/{self.trial.hall}/layout"
        self.admin = self.trial.who(Role.SYSTEM_ADMIN, "admin")

    def client(self, role: Role = Role.SYSTEM_ADMIN, unit: str | None = None) -> FlaskClient:
        trial = self.trial
        token = trial.store.write(
            lambda c: create_token(c, trial.hall, role, None, f"{role}-of-{unit}", trial.clock.at, unit=unit)
        )
        client: FlaskClient = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return client

    def post(self, part: str, data: bytes, client: FlaskClient | None = None, **more: Any) -> Any:
        form = {"file": (io.BytesIO(data), "any.name"), "reason": "2026", "language": "en", **more}
        given = {name: value for name, value in form.items() if value is not None}
        return (client or self.client()).post(f"{self.path}/import/{part}", data=given)

    def layout(self) -> Layout:
        found = self.trial.store.read(lambda connection: hall_layout(connection, self.trial.hall))
        assert found is not None
        return found

    def change(self, make: Any) -> None:
        self.trial.run(self.admin, lambda tx: change_layout(tx, self.admin, make, "试"))

    def read(self, part: str, *rows: list[str], language: str = "en") -> tuple[dict[str, Any], list[Mistake]]:
        return parts_from_rows(part, [list(row) for row in rows], self.layout(), language)

    def wrong(self, part: str, *rows: list[str]) -> list[tuple[int, str, str]]:
        """(row, column, value) of each mistake; what was expected is said in both languages."""
        found = self.read(part, *rows)[1]
        told = self.read(part, *rows, language="zh-CN")[1]
        assert all(one["expected"] != other["expected"] for one, other in zip(found, told, strict=True))
        return [(one["row"], one["column"], one["value"]) for one in found]


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    found = Center(tmp_path_factory.mktemp("imports"))
    yield found
    assert found.trial.faults() == []
    found.trial.store.engine.dispose()


def csv_file(*rows: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


@pytest.mark.parametrize("part", PARTS)
def test_an_export_that_comes_back_is_the_same_in_every_row(center: Center, part: str) -> None:
    before = center.trial.all_rows()
    for form, language in (("csv", "zh-CN"), ("xlsx", "en")):
        file = center.client().get(f"{center.path}/{part}", query_string={"form": form, "language": language})
        answer = center.post(part, file.get_data())
        told = {"added": 0, "changed": 0, "same": len(center.layout().parts[part]), "changes": []}
        assert answer.json == told and told["same"]
    assert center.trial.all_rows() == before


def test_an_export_holds_what_is_found_and_stands_in_the_access_log(center: Center) -> None:
    asked = {"form": "csv", "unit": "tax", "language": "zh-CN"}
    file = center.client(Role.AUDITOR).get(f"{center.path}/matters", query_string=asked)
    rows = list(csv.reader(io.StringIO(file.get_data().decode("utf-8-sig"), newline="")))
    assert rows[0][:4] == ["编号", "名称（中文）", "名称（English）", "进驻单位"]
    assert {row[3] for row in rows[1:]} == {"tax"} and 1 < len(rows) < 40
    assert logged(center, "exported")[-1] == f"{center.trial.hall}-matters.csv {len(rows) - 1}"


def logged(center: Center, what: str) -> list[str]:
    wanted = select(access_log.c.detail).where(access_log.c.what == what).order_by(access_log.c.id)
    return list(center.trial.store.read(lambda connection: connection.execute(wanted).scalars().all()))


def test_a_row_adds_or_changes_by_names_and_leaves_what_has_no_column(center: Center) -> None:
    rows = [
        HEADER,
        ["vat", "增值税发票", "市税务局", "公共服务", "税务"],
        ["pension-claim", "养老", "hrss", "service", "social"],
    ]
    before = next(one for one in center.layout().parts["matters"] if one.id == "pension-claim")
    checked = center.post("matters", csv_file(*rows), check="true").json
    assert (checked["added"], checked["changed"], checked["same"]) == (1, 1, 0)
    assert "vat" not in center.layout().matters
    assert center.post("matters", book(rows)).json == checked
    vat, pension = (center.layout().matters[key] for key in ("vat", "pension-claim"))
    assert (vat["unit"], vat["category"], vat["line"], vat["entry"]) == ("tax", "service", "tax", "in_hall")
    assert pension["name"] == {"zh-CN": "养老", "en": before.name["en"]} and pension["more"].papers == before.papers
    event = center.trial.events()[-1]
    assert (event["type"], event["data"]["reason"], event["data"]["by"]) == (
        "layout.changed",
        "2026",
        "system_admin-of-None",
    )


def test_a_blank_cell_empties_back_to_what_is_usual(center: Center) -> None:
    header = [
        "id",
        "booking.slot_minutes",
        "booking.capacity",
        "booking.days_ahead",
        "slot_quotas",
        "common",
        "issuing",
    ]
    ones, mistakes = center.read("lines", header, ["passport", "", "", "", "", "", ""])
    line = ones["passport"]
    assert mistakes == [] and (line.booking, line.slot_quotas, line.common, line.issuing) == (None, [], False, None)
    assert line.daily_quota == 120 and line.prefix == "J"
    assert center.wrong("lines", header[:3], ["passport", "30", ""]) == [(2, "booking.capacity", "")]
    assert center.wrong("lines", ["id", "prefix", "name"], ["tax", "", ""]) == [(2, "prefix", ""), (2, "name", "")]


WRONG: list[tuple[str, list[list[str]], list[tuple[int, str, str]]]] = [
    ("matters", [HEADER, ["", "甲", "tax", "service", "tax"]], [(2, "编号", "")]),
    ("matters", [HEADER, LATE, [], LATE], [(4, "编号", "late")]),
    ("matters", [HEADER, ["La te", "", "城管", "x", "tax"]], [
        (2, "编号", "La te"), (2, "名称", ""), (2, "进驻单位", "城管"), (2, "事项类别", "x")]),
    ("matters", [[*HEADER, "颜色", "Name"], LATE], [(1, "颜色", "颜色"), (1, "Name", "Name")]),
    ("matters", [[*HEADER, ""], [*LATE, "stray"], [*LATE, "other"]], [(2, "F", "stray"), (3, "编号", "late")]),
    ("matters", [HEADER[:3], LATE[:3], ["two", "乙", "tax"]], [(1, "Category", ""), (1, "Line", "")]),
    ("matters", [["名称"], ["x"]], [(1, "Key", "")]),
    ("matters", [], [(1, "Key", "")]),
    ("matters", [["id", "name.en"], ["pension-claim", "x" * 81]], [(2, "name.en", "x" * 80)]),
    ("matters", [["id", "guide.fee.en"], ["pension-claim", "free"]], [(1, "Fee (中文)", "")]),
    ("matters", [["id", "papers.zh-CN", "papers.en"], ["pension-claim", "甲", "A\nB"]], [(2, "papers.zh-CN", "甲")]),
    ("matters", [["id", "进厅状态"], ["pension-claim", "exempt"], ["enquiry", "in_hall"]], [(2, "进厅状态", "exempt")]),
    ("matters", [[*HEADER, "entry"], [*LATE, "exempt"]], [(2, "entry", "exempt")]),
    ("matters", [["id", "route.lines", "route.any_order"], ["enquiry", "", "是"], ["progress", "fund, 无", ""]], [
        (2, "route.lines", ""), (3, "route.lines", "fund, 无")]),
    ("zones", [["id", "floor"], ["a", "100"], ["b", "two"]], [(2, "floor", "100"), (3, "floor", "two")]),
    ("lines", [["id", "prefix"], ["tax", "A"], ["fund", "h"]], [(2, "prefix", "A"), (3, "prefix", "h")]),
    ("lines", [["id", "issuing"], ["tax", "08:00"], ["fund", "11:00-10:00"]], [
        (2, "issuing", "08:00"), (3, "issuing", "11:00-10:00")]),
    ("windows", [["id", "lines"], ["w1", "tax:10"], ["w2", "税务"], ["w3", ""]], [
        (2, "lines", "tax:10"), (3, "lines", "税务"), (4, "lines", "")]),
    ("assignments", [["id", "from_day", "to_day"], ["s1", "2026-02-30", ""], ["s2", "2026-03-01", "2026-02-01"]], [
        (2, "from_day", "2026-02-30"), (3, "to_day", "2026-02-01")]),
    ("assignments", [["id", "from_day"], ["s2", "2027-03-01"]], [(2, "from_day", "2027-03-01")]),
]  # fmt: skip


@pytest.mark.parametrize("part, rows, expected", WRONG)
def test_every_mistake_is_told_by_row_and_column(
    center: Center, part: str, rows: list[list[str]], expected: list[tuple[int, str, str]]
) -> None:
    assert center.wrong(part, *rows) == expected


told = ["tax", "税务", "tax:1", "08:00-11:30", "2026-01-01", "是", "-1", "9" * 30, "A", "pension-claim", "a\nb"]
junk = st.one_of(st.text(max_size=6), st.sampled_from(told))


@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_the_cells_they_are_parts_or_mistakes(center: Center, part: str, data: st.DataObject) -> None:
    codes = [column.code for column in columns_of(part)]
    header = data.draw(st.lists(st.one_of(st.sampled_from(codes), st.text(max_size=4)), max_size=6))
    rows = data.draw(st.lists(st.lists(junk, max_size=8), max_size=3))
    ones, mistakes = center.read(part, ["id", *header], *rows)
    assert all(isinstance(one, PARTS[part]) for one in ones.values()) and orjson.dumps(mistakes)
    assert mistakes or len(ones) == sum(map(bool, rows))


def test_a_formula_is_refused_where_it_stands(center: Center) -> None:
    answer = center.post("units", book([["id", "name"], ["tax", '=HYPERLINK("http://x","y")']]))
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "import_refused")
    (mistake,) = answer.json["error"]["details"]["mistakes"]
    assert (mistake["row"], mistake["column"], mistake["expected"]) == (2, "name", "a value, not a formula")


def test_two_lines_may_give_each_other_their_prefixes(center: Center) -> None:
    ones, mistakes = center.read("lines", ["id", "prefix"], ["tax", "A"], ["social", "H"])
    assert mistakes == [] and {key: one.prefix for key, one in ones.items()} == {"tax": "A", "social": "H"}


def test_a_name_that_several_have_is_no_name(center: Center) -> None:
    center.change(with_part("units", PARTS["units"].model_validate({"id": "x", "name": "市税务局"}), None))
    assert center.wrong("matters", HEADER, [*LATE[:2], "市税务局", *LATE[3:]]) == [(2, "进驻单位", "市税务局")]
    center.change(without("units", "x"))


def test_a_closed_matter_comes_back_with_the_entry_it_had(center: Center) -> None:
    one = next(one for one in center.layout().parts["matters"] if one.id == "association")
    center.change(without("matters", "association"))
    answer = center.post("matters", csv_file(["id", "名称"], ["association", "社团登记"])).json
    assert (answer["added"], answer["changes"][0]["kind"]) == (1, "reopened")
    assert center.layout().matters["association"]["more"] == one.model_copy(
        update={"name": {**one.name, "zh-CN": "社团登记"}}
    )


def many(center: Center, count: int) -> list[list[Any]]:
    """Header and rows of so many new matters, as an export has them."""
    there = center.layout().parts["matters"]
    values = [there[n % len(there)].model_dump(mode="json") for n in range(count)]
    header, rows = as_table("matters", values, "zh-CN")
    named = [[f"m-{n}", f"事项{n}", f"Matter {n}", *row[3:]] for n, row in enumerate(rows)]
    return [header, *named]


def test_of_five_thousand_rows_fifty_mistakes_are_told_and_nothing_is_done(center: Center) -> None:
    rows, before = many(center, 5000), center.trial.all_rows()
    wrong = {2 + 100 * n: column for n, column in enumerate([3, 4, 5, 1, 0] * 10)}
    for row, column in wrong.items():
        rows[row - 1][column] = {0: f"No Key {row}", 1: "字" * 81}.get(column, "无此项")
    began = time.process_time()
    answer = center.post("matters", csv_file(*rows))
    assert time.process_time() - began < 4  # half a second on a machine of its own
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "import_refused")
    told = answer.json["error"]["details"]
    assert told["count"] == 50
    assert [(one["row"], one["column"]) for one in told["mistakes"]] == [(at, rows[0][c]) for at, c in wrong.items()]
    assert "50" in answer.json["error"]["message"] and center.trial.all_rows() == before


def test_five_thousand_good_rows_go_in_at_once_and_are_read_before_the_lock(center: Center) -> None:
    file = csv_file(*many(center, 5000))
    read = parts._parsed.cache_info
    was, seen = read().misses, center.trial.seq
    assert center.post("matters", file, check="true").json["added"] == 5000
    foreseen = read().misses
    client = center.client()
    answer = center.post("matters", file, client, request_id="once").json
    assert (answer["added"], answer["same"], len(answer["changes"])) == (5000, 0, 200)
    assert foreseen - was == 5000 and read().misses == foreseen
    assert center.trial.seq == seen + 50 and len(center.layout().matters) > 5000
    assert center.post("matters", file, client, request_id="once").json == answer
    assert center.post("matters", file).json["same"] == 5000


def test_what_changed_since_the_file_was_read_is_not_written_over(center: Center) -> None:
    seen = center.layout()
    one = next(one for one in seen.parts["matters"] if one.id == "enquiry")
    other = one.model_copy(update={"name": {"zh-CN": "问询"}})
    center.change(with_part("matters", other, one))
    make = with_rows("matters", {"enquiry": one}, seen)
    assert refused(lambda: center.change(make)).code == "layout_moved"


def test_what_the_hall_of_this_moment_forbids_is_refused_with_the_reason(center: Center) -> None:
    center.trial.issue("tax")
    for check in ("true", "false"):
        answer = center.post("lines", csv_file(["id", "prefix"], ["tax", "T"]), check=check)
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "layout_refused")
        assert answer.json["error"]["details"]["refusals"][0]["code"] == "numbers_given"


def test_whoever_a_unit_has_stationed_is_refused_and_stands_in_the_access_log(center: Center) -> None:
    before, file = center.trial.all_rows(), csv_file(["id", "name"], ["invoice-use", "发票"])
    row = next(one.id for one in center.layout().parts["matters"] if one.unit == "tax")
    answer = center.post("matters", file.replace(b"invoice-use", row.encode()), center.client(unit="tax"))
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "own_matter")
    assert logged(center, "refused")[-1].startswith("own_matter change_layout POST")
    for role in (Role.UNIT_HEAD, Role.SUPERVISOR):
        answer = center.post("matters", file, center.client(role, "tax" if role == Role.UNIT_HEAD else None))
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "not_allowed")
        assert logged(center, "refused")[-1].startswith("not_allowed POST")
    assert center.trial.all_rows() == before


@pytest.mark.parametrize(
    "change, status, code",
    [
        ({"file": None}, 422, "bad_body"),
        ({"file": "a,b"}, 422, "bad_body"),
        ({"reason": None}, 422, "bad_body"),
        ({"reason": ""}, 422, "bad_body"),
        ({"reason": "[" * 399}, 422, "bad_body"),
        ({"reason": "[" * 100_000}, 422, "bad_body"),
        ({"check": "maybe"}, 422, "bad_body"),
        ({"more": "x"}, 422, "bad_body"),
    ],
)
def test_a_form_that_is_none_is_refused(center: Center, change: dict[str, Any], status: int, code: str) -> None:
    answer = center.post("units", csv_file(["id"]), **change)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)


def test_a_file_may_be_larger_than_any_other_body_and_is_refused_beyond(center: Center) -> None:
    large = csv_file(["id", "name"], *[["tax", "x"]] * 20_000)
    assert len(large) > 100_000
    answer = center.post("units", large)
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "file_too_large")
    assert "10000" in answer.json["error"]["message"]
    answer = center.post("units", b"x" * UPLOADS["import_parts"])
    assert (answer.status_code, answer.json["error"]["code"]) == (413, "too_large")
    answer = center.client().post(f"{center.path}/units/tax/close", data=b"x" * 100_000)
    assert answer.status_code == 413
    assert center.client().post(f"{center.path}/import/units", json={"reason": "x"}).status_code == 422
