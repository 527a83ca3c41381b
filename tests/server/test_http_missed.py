"""Over HTTP: holding and taking back, missed numbers that return, slips scanned, moves undone, double clicks."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import text

from tests.server.served import Home
from tests.server.test_http import is_refused


def serving(home: Home) -> dict[str, Any]:
    ticket = home.called()
    assert home.act("w1", "start").status_code == 200
    return ticket


def missed(home: Home) -> dict[str, Any]:
    ticket = home.called()
    assert home.act("w1", "no-show", early=True).status_code == 200
    return ticket


def code_of(home: Home, ticket: dict[str, Any]) -> str:
    wanted = text("SELECT track_code FROM tickets WHERE id = :id")
    return str(home.served.store.read(lambda connection: connection.execute(wanted, {"id": ticket["id"]}).scalar_one()))


def test_a_held_number_stands_in_its_windows_list_until_it_is_taken_back(home: Home) -> None:
    ticket = serving(home)
    held = home.act("w1", "hold", reason="复印材料", minutes=30).json()["ticket"]
    assert (held["status"], held["window"], held["hold_reason"]) == ("held", "w1", "复印材料")
    assert held["return_at"].endswith("Z")
    for window, numbers in (("w1", [ticket["number"]]), ("w2", [])):
        found = home.get("tickets", status="held", window=window).json()["tickets"]
        assert [one["number"] for one in found] == numbers
    assert home.get("windows/w1").json()["window"]["ticket"] is None
    assert "复印材料" not in home.get("journal", "display").text
    again = home.act("w1", "resume", number=ticket["number"]).json()["ticket"]
    assert (again["status"], again.get("return_at")) == ("serving", None)


def test_whom_another_window_holds_is_not_taken_back_here(home: Home) -> None:
    ticket = serving(home)
    home.act("w1", "hold", reason="papers")
    other = home.token("clerk", name="other")
    home.post("windows/w2/open", token=other)
    error = is_refused(
        home.post(
            "windows/w2/resume", body={"number": ticket["number"]}, token=other, headers={"Accept-Language": "zh-CN"}
        ),
        409,
        "held_elsewhere",
    )
    assert error["message"] == "A001 由 1 号窗口挂起，请由该窗口、挂起的工作人员或值班主任取回。"


def test_a_missed_number_comes_back_once_with_its_slip_at_the_kiosk(home: Home) -> None:
    ticket = missed(home)
    for _ in range(3):
        home.issue()
    answer = home.post("tickets/scan", "kiosk", {"code": f"https://hall.example.gov.cn/t/{code_of(home, ticket)}"})
    told = answer.json()
    assert (told["action"], told["ticket"]["status"], told["ticket"]["ahead"]) == ("reinstated", "waiting", 2)
    assert "hold_reason" not in told["ticket"]
    found = home.post("tickets/scan", "desk", {"code": "a001"}).json()
    assert (found["action"], found["ticket"]["ahead"]) == ("found", 2)
    home.act("w1", "call", number="A001", reason="asked")
    home.act("w1", "no-show", early=True)
    is_refused(home.post(f"tickets/{ticket['id']}/reinstate", "desk"), 409, "already_reinstated")
    is_refused(home.post("tickets/scan", "kiosk", {"code": "nothing"}), 404, "not_found")
    is_refused(home.post("tickets/scan", "kiosk", {"code": "A001"}), 404, "not_found")


def test_a_call_is_undone_and_too_late_is_told_in_words(home: Home) -> None:
    ticket = home.called()
    assert home.act("w1", "undo").json()["ticket"]["status"] == "waiting"
    is_refused(home.act("w1", "undo"), 409, "window_empty")
    home.act("w1", "call-next")
    home.act("w1", "start")
    home.act("w1", "undo")
    error = is_refused(home.post("windows/w1/undo", headers={"Accept-Language": "zh-CN"}), 409, "too_late_to_undo")
    assert error["message"].startswith("已无法撤销：超过 10 秒") and error["details"]["number"] == ticket["number"]


@pytest.mark.parametrize(
    "path, body, field",
    [
        ("windows/w1/hold", {}, "reason"),
        ("windows/w1/hold", {"reason": ""}, "reason"),
        ("windows/w1/hold", {"reason": "x", "minutes": 0}, "minutes"),
        ("windows/w1/hold", {"reason": "x", "minutes": 481}, "minutes"),
        ("windows/w1/resume", {}, "number"),
        ("windows/w1/undo", {"number": "A001"}, "number"),
        ("tickets/scan", {}, "code"),
        ("tickets/scan", {"code": "x" * 301}, "code"),
        ("tickets/x/reinstate", {"code": "x"}, "code"),
    ],
)
def test_a_wrong_body_is_422_and_names_its_field(calm: Home, path: str, body: dict[str, Any], field: str) -> None:
    assert is_refused(calm.post(path, "supervisor", body), 422, "bad_body")["details"]["field"] == field


def held(home: Home) -> dict[str, Any]:
    ticket = serving(home)
    home.act("w1", "hold", reason="papers")
    return ticket


# What stands before, what is clicked twice, and what the second click is told.
DOUBLE_CLICKS = {
    "hold": (serving, lambda home, _: home.act("w1", "hold", reason="papers"), "window_empty"),
    "resume": (held, lambda home, ticket: home.act("w1", "resume", number=ticket["number"]), "illegal_move"),
    "no-show": (Home.called, lambda home, _: home.act("w1", "no-show", early=True), "window_empty"),
    "undo a call": (Home.called, lambda home, _: home.act("w1", "undo"), "window_empty"),
    "undo a start": (serving, lambda home, _: home.act("w1", "undo"), "too_late_to_undo"),
    "reinstate": (missed, lambda home, ticket: home.post(f"tickets/{ticket['id']}/reinstate", "desk"), "illegal_move"),
}


@pytest.mark.parametrize("what", DOUBLE_CLICKS)
def test_of_two_clicks_one_counts_and_the_hall_goes_on(home: Home, what: str) -> None:
    prepare, click, code = DOUBLE_CLICKS[what]
    ticket = prepare(home)
    with ThreadPoolExecutor(2) as hands:
        answers: list[requests.Response] = list(hands.map(lambda _: click(home, ticket), range(2)))
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    assert first.status_code == 200
    is_refused(second, 409, code)
    assert home.issue()["status"] == "waiting"
    assert home.act("w1", "call-next", finish="completed").status_code == 200
