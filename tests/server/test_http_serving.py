"""Over HTTP: transfers, another matter, visitors without a number, linked tickets, and words that are staff's alone."""

from typing import Any

import pytest

from tests.server.served import Home
from tests.server.test_http import is_refused

SECRET = "asks for his brother, 4711"
CASE = "BJ-2026-0815"


def served_at(home: Home, window: str = "w1", line: str = "tax") -> dict[str, Any]:
    ticket = home.called(window, line)
    assert home.act(window, "start").status_code == 200
    return ticket


def test_a_transfer_with_a_note_and_back_again(home: Home) -> None:
    ticket = served_at(home)
    home.act("w2", "open", "supervisor")
    sent = home.act("w1", "transfer", line="social", come_back=True, note=SECRET).json()["ticket"]
    assert (sent["status"], sent["line"], sent["note"]) == ("waiting", "social", SECRET)
    assert home.act("w2", "call-next", "supervisor").json()["ticket"]["note"] == SECRET
    back = home.act("w2", "complete", "supervisor", outcome="advice").json()["ticket"]
    assert (back["status"], back["line"]) == ("waiting", "tax")
    assert home.act("w1", "call-next").json()["ticket"]["number"] == ticket["number"]


def test_notes_and_case_numbers_are_told_to_staff_alone(home: Home) -> None:
    ticket = served_at(home)
    ended = home.act("w1", "complete", outcome="accepted", case_number=CASE, note=SECRET).json()["ticket"]
    assert (ended["outcome"], ended["case_number"], ended["note"]) == ("accepted", CASE, SECRET)
    other = served_at(home)
    home.act("w1", "transfer", line="social", note=SECRET)
    home.act("w1", "call", number=other["number"], reason="papers")
    told = [
        home.get(f"tickets/{ticket['id']}", "desk"),
        home.get("tickets"),
        home.get("windows/w1"),
        home.act("w1", "pause", after_current=True),
    ]
    assert all(SECRET in answer.text for answer in told[:1] + told[1:])
    untold = [
        home.get(f"tickets/{ticket['id']}", "kiosk"),
        home.get("windows/w1", "display"),
        home.get("windows", "display"),
        home.get("board", "display"),
        home.get("journal", "display"),
        home.get("journal", "supervisor"),
        home.get("slips", "kiosk"),
        home.post(f"tickets/{other['id']}/reprint", "kiosk"),
        home.post(f"tickets/{other['id']}/cancel", "kiosk"),
    ]
    for answer in untold:
        assert answer.status_code == 200, answer.text
        assert SECRET not in answer.text and CASE not in answer.text and "case_number" not in answer.text
    assert SECRET not in str(home.events()) and CASE not in str(home.events())


def test_another_matter_over_http(home: Home) -> None:
    served_at(home)
    answer = home.act("w1", "change-matter", matter="pension").json()["ticket"]
    assert (answer["matter"], answer["line"]) == ("pension", "tax")
    is_refused(home.act("w1", "change-matter", matter="none"), 404, "not_found")
    home.act("w1", "complete")
    is_refused(home.act("w1", "change-matter", matter="pension"), 409, "window_empty")


def test_a_visitor_without_a_number_over_http(home: Home) -> None:
    home.act("w1", "open")
    answer = home.act("w1", "walk-in", matter="invoice", language="en").json()["ticket"]
    assert (answer["status"], answer["number"], answer["language"]) == ("serving", "A001", "en")
    is_refused(home.act("w1", "walk-in", line="tax"), 409, "window_busy")


def test_one_more_matter_and_a_batch_over_http(home: Home) -> None:
    first = served_at(home)
    second = home.issue("social", **{"with": first["id"], "count": 4})
    home.act("w2", "open", "supervisor")
    error = is_refused(home.act("w2", "call", "supervisor", number=second["number"], reason="x"), 409, "linked_busy")
    assert first["number"] in error["message"] and second["number"] in error["message"]
    home.act("w1", "complete")
    assert home.act("w2", "call", "supervisor", number=second["number"], reason="x").status_code == 200
    is_refused(home.post("tickets", "kiosk", {"line": "tax", "with": first["id"]}), 409, "visit_over")


def test_the_outcomes_are_told_in_the_halls_words(calm: Home) -> None:
    said = [one["name"] for one in calm.get("catalogue", language="zh-CN").json()["outcomes"]]
    assert said == ["已受理", "已办结", "补正告知", "不予受理", "咨询", "取件", "未带材料"]


@pytest.mark.parametrize(
    "act, body, field",
    [
        ("transfer", {}, "body"),
        ("transfer", {"line": "tax", "window": "w2"}, "body"),
        ("transfer", {"line": "tax", "note": ""}, "note"),
        ("transfer", {"line": 3}, "line"),
        ("complete", {"case_number": "x" * 41}, "case_number"),
        ("complete", {"outcome": "x" * 41}, "outcome"),
        ("complete", {"all": "yes"}, "all"),
        ("change-matter", {}, "matter"),
        ("walk-in", {}, "body"),
        ("walk-in", {"line": "tax", "language": "<b>"}, "language"),
    ],
)
def test_a_bad_body_is_422_and_names_its_field(calm: Home, act: str, body: dict[str, Any], field: str) -> None:
    error = is_refused(calm.post(f"windows/w1/{act}", "clerk", body), 422, "bad_body")
    assert error["details"]["field"] == field


@pytest.mark.parametrize("more, field", [({"count": 0}, "count"), ({"count": 100}, "count"), ({"with": ""}, "with")])
def test_a_bad_count_or_link_is_422(calm: Home, more: dict[str, Any], field: str) -> None:
    answer = calm.post("tickets", "kiosk", {"line": "tax", **more})
    if field == "with":
        is_refused(answer, 404, "not_found")
    else:
        assert is_refused(answer, 422, "bad_body")["details"]["field"] == field


def test_the_same_request_again_sends_the_ticket_once(home: Home) -> None:
    served_at(home)
    body = {"line": "social", "request_id": "once"}
    one, two = (home.post("windows/w1/transfer", "clerk", body) for _ in range(2))
    assert one.status_code == two.status_code == 200 and one.json() == two.json()
    assert [event["type"] for event in home.events()].count("ticket.transferred") == 1


def test_a_window_lists_who_was_sent_to_it_alone_and_nobody_sent_elsewhere(home: Home) -> None:
    home.act("w2", "open", "supervisor")
    ticket = served_at(home)
    assert home.post("windows/w1/transfer", body={"window": "w2"}).status_code == 200

    def listed(window: str) -> list[str]:
        found = home.get("tickets", status="waiting", window=window).json()["tickets"]
        return [one["number"] for one in found]

    assert ticket["number"] in listed("w2") and ticket["number"] not in listed("w1")


def test_the_tickets_of_one_visit_are_found_by_it(home: Home) -> None:
    first = home.issue("tax")
    second = home.issue("social", **{"with": first["id"]})
    home.issue("tax")
    found = home.get("tickets", visit=second["visit_id"]).json()["tickets"]
    assert [one["number"] for one in found] == [first["number"], second["number"]]
