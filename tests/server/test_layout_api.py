"""The center's catalogue by the API: read, searched, changed part by part, and seen by kiosks at once."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.server.served import Home

FUND = "layout/lines/fund"


def state(home: Home) -> dict[str, Any]:
    return dict(home.get("layout", "system_admin").json())


def line(home: Home, key: str) -> dict[str, Any]:
    return next(one for one in state(home)["lines"] if one["id"] == key)


def put(home: Home, path: str, value: Any, before: Any, role: str = "system_admin", **more: Any) -> Any:
    return home.post(path, role, {"value": value, "before": before, "reason": "试行", **more})


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 40
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_layout_is_read_whole_but_for_matters_which_are_searched_and_paged(home: Home) -> None:
    now = state(home)
    assert now["counts"]["matters"] == 2 and now["settings"]["guide_line"] == "guide"
    assert [one["id"] for one in now["windows"]] == ["w1", "w2", "w3", "w9"]
    found = home.get("layout/matters", "auditor", limit=1).json()
    assert (found["parts"][0]["value"]["id"], found["total"], found["after"]) == ("invoice", 2, "invoice")
    assert home.get("layout/matters", "auditor", limit=1, after="invoice").json()["after"] is None
    for query in ({"text": "yanglao"}, {"text": "养老"}, {"line": "social"}):
        assert [one["value"]["id"] for one in home.get("layout/matters", "auditor", **query).json()["parts"]] == [
            "pension"
        ]


def test_an_edited_matter_is_in_the_kiosks_catalogue_as_soon_as_it_is_told_of(home: Home) -> None:
    shown = home.get("layout/matters", "system_admin", text="invoice").json()["parts"][0]["value"]
    with home.client("kiosk") as kiosk:
        until(lambda: bool(kiosk.named("snapshot")))
        answer = put(home, "layout/matters/invoice", {**shown, "name": {"zh-CN": "发票申领"}}, shown)
        assert answer.status_code == 200, answer.text
        until(lambda: "layout.changed" in [event["type"] for event in kiosk.events()])
        names = [one["name"] for one in home.get("catalogue", "kiosk").json()["matters"]]
    assert "发票申领" in names
    told = kiosk.events()[-1]["data"]
    assert set(told) <= {"board"}  # who and why is not for screens


def test_a_wrong_value_is_named_by_its_field_in_the_readers_language(home: Home) -> None:
    before = line(home, "fund")
    wrong = {**before, "prefix": "fund", "daily_quota": 0}
    answer = put(home, FUND, wrong, before).json()["error"]
    assert answer["code"] == "bad_body"
    assert {one["field"]: one["expected"] for one in answer["details"]["mistakes"]} == {
        "value.prefix": "一个或两个大写字母",
        "value.daily_quota": "不小于1的整数",
    }
    stranger = put(
        home, "layout/matters/new", {"name": "新", "unit": "nobody", "category": "licence", "line": "tax"}, None
    )
    error = stranger.json()["error"]
    assert (stranger.status_code, error["code"]) == (422, "bad_layout")
    assert error["details"]["mistakes"][0] | {"expected": ""} == {
        "part": "matters", "id": "new", "field": "unit", "value": "nobody", "expected": "",
    }  # fmt: skip


def test_what_cannot_be_is_refused_with_every_reason_in_words(home: Home) -> None:
    home.called("w9", "left")
    answer = home.post("layout/windows/w9/close", "system_admin", {"reason": "x"}, headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    assert answer.json()["error"]["message"].splitlines() == [
        "This cannot be changed just now:",
        "Window 9 has L001 there, so it cannot be closed.",
        '1 person still waits in "左" (L001); leave it a window.',
    ]


def test_a_repeated_change_is_made_once_and_an_old_one_not_at_all(home: Home) -> None:
    before = line(home, "fund")
    bodies = [({**before, "daily_quota": 7}, {"request_id": "once"})] * 2
    answers = [put(home, FUND, value, before, **more).json() for value, more in bodies]
    assert answers[0] == answers[1] and len(answers[0]["changes"]) == 1
    late = put(home, FUND, {**before, "daily_quota": 8}, before)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "layout_moved")
    assert line(home, "fund")["daily_quota"] == 7


def test_settings_are_changed_by_name_and_strange_ones_named(home: Home) -> None:
    calendar = state(home)["settings"]["calendar"]
    values = {"calendar": {**calendar, "closed": ["2026-12-31"]}}
    said = home.post(
        "layout/settings", "system_admin", {"values": values, "before": {"calendar": calendar}, "reason": "x"}
    )
    assert said.json()["changes"][0]["fields"]["calendar"][1]["closed"] == ["2026-12-31"]
    for strange in ({"seq": 9}, {"lines": []}, {"id": "other"}):
        answer = home.post("layout/settings", "system_admin", {"values": strange, "before": strange, "reason": "x"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_body")


def test_closed_parts_are_found_and_opened_again(home: Home) -> None:
    assert home.post("layout/matters/pension/close", "system_admin", {"reason": "并入"}).status_code == 200
    (closed,) = home.get("layout/matters", "supervisor", state="closed").json()["parts"]
    assert closed["closed"] and closed["value"]["id"] == "pension"
    assert "pension" not in [one["id"] for one in home.get("catalogue", "kiosk").json()["matters"]]
    assert home.post("layout/matters/pension/close", "system_admin", {"reason": "x"}).status_code == 404
    again = put(home, "layout/matters/pension", closed["value"], None)
    assert again.json()["changes"][0]["kind"] == "reopened"


@pytest.mark.parametrize("path", ["layout/doors/d1", "layout/lines/Bad Key", "layout/lines/fund/close"])
def test_nonsense_gets_the_contracts_error(calm: Home, path: str) -> None:
    answer = calm.post(path, "system_admin", {"value": {}, "before": None, "reason": "x"})
    assert answer.status_code in (404, 422) and answer.json()["error"]["message"]
