"""The contract over HTTP: every route's answer to what is right, wrong, foreign, broken and huge."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.server.served import Home

TICKET = {
    "id", "number", "day", "line", "matter", "class", "language", "status", "ahead", "expected_wait", "windows",
    "window", "issued_at", "queued_at", "called_at", "first_called_at", "calls", "started_at", "ended_at", "outcome",
    "track_url", "slip",
}  # fmt: skip
FOR_STAFF = {"note", "case_number", "held_by", "hold_reason"}
WINDOW = {"id", "name", "zone", "floor", "status", "until", "reason", "closing", "clerk", "lines", "ticket"}
LINE = {
    "id", "name", "prefix", "common", "open", "reason", "reason_text", "opens_at", "resumes_at", "waiting",
    "expected_wait", "windows_open", "zones", "batch_limit", "identity", "warning", "warning_text", "suspended",
}  # fmt: skip


def is_refused(answer: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The error of the contract, without a trace."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details"} and error["code"] == code
    assert error["message"] and "Traceback" not in answer.text and "sqlalchemy" not in answer.text.lower()
    return dict(error)


def test_anyone_sees_the_halls(calm: Home) -> None:
    said = calm.ask("GET", "/api/v1/halls", headers={"Accept-Language": "en"}).json()["halls"]
    assert {"id": calm.hall, "name": "Trial hall"} in said
    said = calm.ask("GET", "/api/v1/halls", headers={"Accept-Language": "zh-CN"}).json()["halls"]
    assert {"id": calm.hall, "name": "试验大厅"} in said


def test_the_catalogue_is_what_a_kiosk_needs(calm: Home) -> None:
    said = calm.get("catalogue", "kiosk", language="en").json()
    needed = {"hall", "day", "at", "units", "categories", "lines", "matters", "classes", "zones", "rules", "public_url"}
    assert needed <= set(said)
    assert said["hall"]["time_zone"] == "Asia/Shanghai" and said["guide_line"] == "guide"
    assert [line["id"] for line in said["lines"]] == ["tax", "social", "fund", "left", "right", "guide"]
    assert all(set(line) == LINE for line in said["lines"])
    assert {"unit": "u", "category": "licence", "line": "social", "initials": "ylj"}.items() <= said["matters"][
        1
    ].items()


def test_issue_answers_201_with_the_whole_ticket(home: Home) -> None:
    answer = home.post("tickets", "kiosk", {"line": "tax", "request_id": "touch"})
    ticket = answer.json()["ticket"]
    assert answer.status_code == 201 and set(ticket) == TICKET
    assert (ticket["number"], ticket["status"], ticket["track_url"]) == ("A001", "waiting", None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", ticket["issued_at"])
    assert home.post("tickets", "kiosk", {"line": "tax", "request_id": "touch"}).json() == answer.json()
    reused = home.post("tickets", "kiosk", {"line": "social", "request_id": "touch"})
    is_refused(reused, 422, "request_reused")


def test_a_day_at_a_window_over_http(home: Home) -> None:
    ticket = home.called()
    assert set(ticket) == TICKET | FOR_STAFF and (ticket["status"], ticket["window"]) == ("called", "w1")
    assert home.act("w1", "recall").json()["ticket"]["calls"] == 2
    too_early = is_refused(home.act("w1", "no-show"), 409, "too_early")
    assert too_early["details"]["calls"] == 0 and too_early["details"]["seconds"] > 0
    assert home.act("w1", "start").json()["ticket"]["status"] == "serving"
    window = home.get("windows/w1").json()["window"]
    assert set(window) == WINDOW | {"last_for"} and window["ticket"]["number"] == "A001"
    done = home.act("w1", "complete", outcome="accepted").json()["ticket"]
    assert (done["status"], done["outcome"]) == ("completed", "accepted")
    assert home.act("w1", "call-next").status_code == 204
    paused = home.act("w1", "pause", until="23:59", reason="lunch").json()["window"]
    assert (paused["status"], paused["reason"]) == ("paused", "lunch") and paused["until"].endswith("15:59:00.000Z")
    assert home.act("w1", "close").json()["window"]["clerk"] is None
    today = home.get("windows/w1/today").json()
    assert (today["served"], today["overtime_seconds"]) == (1, 0) and today["mean_service_seconds"] is not None


def test_call_a_number_and_miss_it(home: Home) -> None:
    home.issue()
    home.issue()
    home.act("w1", "open")
    answer = home.act("w1", "call", number="A002", reason="is in a hurry")
    assert answer.json()["ticket"]["number"] == "A002"
    assert home.act("w1", "no-show", early=True).json()["ticket"]["status"] == "no_show"
    is_refused(home.act("w1", "call", number="A002", reason="again"), 409, "illegal_move")


def test_tickets_are_listed_in_calling_order_and_paged(home: Home) -> None:
    for line in ("social", "tax", "social", "tax"):
        home.issue(line)
    home.act("w1", "open")
    first = home.get("tickets", status="waiting", window="w1", limit=3).json()
    assert [one["number"] for one in first["tickets"]] == ["A001", "A002", "B001"]
    assert [one["ahead"] for one in first["tickets"]] == [0, 1, 2]
    rest = home.get("tickets", status="waiting", window="w1", limit=3, after=first["after"]).json()
    assert [one["number"] for one in rest["tickets"]] == ["B002"] and rest["after"] is None
    assert [one["number"] for one in home.get("tickets", number="b001").json()["tickets"]] == ["B001"]


def test_a_kiosk_sees_its_own_tickets_and_slips_alone(home: Home) -> None:
    own, other = home.issue(), home.issue(role="desk")
    assert home.get(f"tickets/{own['id']}", "kiosk").json()["ticket"]["number"] == "A001"
    is_refused(home.get(f"tickets/{other['id']}", "kiosk"), 403, "not_allowed")
    is_refused(home.post(f"tickets/{other['id']}/cancel", "kiosk"), 403, "not_allowed")
    assert [one["number"] for one in home.get("slips", "kiosk").json()["slips"]] == ["A001"]
    report = {"result": "failed", "reason": "paper out"}
    assert home.post(f"slips/{own['slip']['id']}", "kiosk", report).json()["slip"]["status"] == "failed"


def test_cancel_and_reprint_over_http(home: Home) -> None:
    ticket = home.issue()
    again = home.post(f"tickets/{ticket['id']}/reprint", "desk").json()["ticket"]
    assert again["slip"]["id"] != ticket["slip"]["id"]
    assert (
        home.post(f"tickets/{ticket['id']}/cancel", "desk", {"reason": "left"}).json()["ticket"]["status"]
        == "cancelled"
    )
    is_refused(home.post(f"tickets/{ticket['id']}/cancel", "desk"), 409, "illegal_move")


def test_a_slips_code_leads_to_its_own_ticket_and_no_further(home: Home) -> None:
    home.issue()
    ticket = home.issue()
    rows = home.served.store.read(
        lambda connection: connection.exec_driver_sql(
            f"SELECT track_code FROM tickets WHERE id = '{ticket['id']}'"
        ).scalar_one()
    )
    seen = home.ask("GET", f"/api/v1/track/{rows}").json()["ticket"]
    assert (seen["number"], seen["ahead"]) == ("A002", 1) and "class" not in seen
    assert home.ask("POST", f"/api/v1/track/{rows}/cancel", body={}).json()["ticket"]["status"] == "cancelled"
    is_refused(home.ask("GET", "/api/v1/track/guessed"), 404, "not_found")


def test_the_journal_is_paged_and_public_to_screens(home: Home) -> None:
    for _ in range(3):
        home.issue(visitor_class="priority")
    said = home.get("journal", "display", since=1, limit=1).json()
    assert (said["answer"], said["seq"], said["more"]) == ("events", 3, True)
    assert [event["seq"] for event in said["events"]] == [2] and "class" not in said["events"][0]["ticket"]
    assert home.get("journal", "clerk").json()["events"][0]["ticket"]["class"] == "priority"
    assert home.get("journal", since=3).json()["answer"] == "up_to_date"
    assert home.get("journal", since=4).json()["answer"] == "resync"
    assert home.get("journal", since=3, epoch="another").json()["answer"] == "resync"


def test_a_board_of_a_zone_holds_its_windows_and_calls_alone(home: Home) -> None:
    home.called("w1")
    home.called("w9", "left")
    board = home.get("board", "display", zone="b").json()
    assert [one["id"] for one in board["windows"]] == ["w3", "w9"]
    assert [call["number"] for call in board["calls"]] == ["L001"]


ROUTES = [
    ("GET", "catalogue"), ("GET", "windows"), ("GET", "windows/w1"), ("GET", "windows/w1/today"), ("GET", "board"),
    ("GET", "journal"), ("GET", "tickets"), ("GET", "tickets/x"), ("GET", "slips"), ("POST", "tickets"),
    ("POST", "tickets/x/cancel"), ("POST", "tickets/x/reprint"), ("POST", "slips/x"),
    *(("POST", f"windows/w1/{act}") for act in
      ("open", "pause", "close", "call-next", "call", "recall", "start", "complete", "no-show")),
]  # fmt: skip


@pytest.mark.parametrize("method, path", ROUTES, ids=lambda value: value)
def test_without_a_token_nothing_is_told(calm: Home, method: str, path: str) -> None:
    is_refused(calm.ask(method, path), 401, "no_token")
    is_refused(calm.ask(method, path, token="made-up"), 401, "no_token")
    is_refused(calm.ask(method, path, headers={"Authorization": "Basic Zm9vOmJhcg=="}), 401, "no_token")


def test_a_token_of_another_hall_is_refused_everywhere(calm: Home, served: Any) -> None:
    stranger = served.home()
    for method, path in ROUTES:
        for role in ("supervisor", "kiosk"):
            is_refused(calm.ask(method, path, token=stranger.token(role)), 403, "not_allowed")
        unknown = calm.ask(method, f"/api/v1/halls/atlantis/{path}", "supervisor")
        assert unknown.status_code == (403 if path.startswith("slips/") else 404)  # first whether he may at all


@pytest.mark.parametrize(
    "role, method, path",
    [
        ("display", "POST", "tickets"),
        ("kiosk", "POST", "windows/w1/open"),
        ("kiosk", "GET", "tickets"),
        ("kiosk", "GET", "windows"),
        ("desk", "POST", "windows/w1/call-next"),
        ("display", "POST", "slips/x"),
        ("clerk", "POST", "tickets/x/cancel"),
        ("auditor", "POST", "windows/w1/call-next"),
        ("leadership", "POST", "windows/w1/open"),
    ],
)
def test_a_role_without_the_right_is_refused(calm: Home, role: str, method: str, path: str) -> None:
    is_refused(calm.ask(method, path, role), 403, "not_allowed")


def test_unknown_things_are_404_in_path_and_body(home: Home) -> None:
    is_refused(home.get("windows/w404"), 404, "not_found")
    is_refused(home.act("w404", "open"), 404, "not_found")
    is_refused(home.get("tickets/unknown"), 404, "not_found")
    is_refused(home.get("tickets", window="w404"), 404, "not_found")
    is_refused(home.post("slips/unknown", "kiosk", {"result": "printed"}), 404, "not_found")
    is_refused(home.post("tickets", "kiosk", {"line": "nope"}), 404, "not_found")
    is_refused(home.post("tickets", "kiosk", {"matter": "nope"}), 404, "not_found")
    is_refused(home.post("tickets", "kiosk", {"line": ""}), 404, "not_found")
    is_refused(home.ask("POST", "remote-tickets", body={"line": ""}), 404, "not_found")
    slot = {"line": "", "at": "2026-11-23T02:00:00Z", "person": "11010519491231002X"}
    is_refused(home.ask("POST", "bookings", body=slot), 404, "not_found")
    home.act("w1", "open")
    is_refused(home.act("w1", "call", number="Z999", reason="x"), 404, "not_found")
    for path in ("/nothing", "/api/v1/nothing", "/api/v1/halls/x/y/z", "/pages/caller/../../config.yaml"):
        is_refused(home.ask("GET", path, "clerk"), 404, "not_found")


def test_the_wrong_method_is_405_with_what_is_allowed(calm: Home) -> None:
    answer = calm.ask("DELETE", "tickets", "clerk")
    is_refused(answer, 405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]
    is_refused(calm.ask("GET", "windows/w1/open", "clerk"), 405, "method_not_allowed")


@pytest.mark.parametrize("size", [70_000, 10_000_000])
def test_a_huge_body_is_413_and_the_next_request_is_served(home: Home, size: int) -> None:
    seq = home.seq
    body = {"line": "tax", "language": "x" * size}
    is_refused(home.post("tickets", "kiosk", body), 413, "too_large")
    assert home.ask("POST", "tickets", body=body).status_code in (401, 413)
    assert home.seq == seq and home.issue()["number"] == "A001"


def test_a_huge_body_sent_in_chunks_is_refused_too(home: Home) -> None:
    chunks = (b"x" * 10_000 for _ in range(1000))
    headers = {"Content-Type": "application/json"}
    answer = home.ask("POST", "tickets", "kiosk", data=chunks, headers=headers)
    is_refused(answer, 413, "too_large")
    assert home.issue()["number"] == "A001"
    of_a_page = {"Content-Type": "application/x-www-form-urlencoded"}
    form = (b"x" * 10_000 for _ in range(1000))
    is_refused(home.ask("POST", "/t/none/rating", data=form, headers=of_a_page), 413, "too_large")


def test_what_is_no_json_is_415(calm: Home) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = calm.ask("POST", "tickets", "kiosk", data=b"line=tax", headers={"Content-Type": kind})
        is_refused(answer, 415, "bad_media_type")
    is_refused(calm.ask("POST", "tickets", "kiosk", data=b'{"line": "tax"}'), 415, "bad_media_type")


@pytest.mark.parametrize(
    "data",
    [b"{bad", b'{"line": "tax"', b"\xff\xfe\x00", b"{'line': 'tax'}", b"NaN{", b'{"line": "tax"} extra', b"[" * 50_000],
    ids=["bare word", "cut off", "no text", "single quotes", "odd", "two", "deep"],
)
def test_broken_json_is_422(calm: Home, data: bytes) -> None:
    answer = calm.ask("POST", "tickets", "kiosk", data=data, headers={"Content-Type": "application/json"})
    assert is_refused(answer, 422, "bad_body")["details"]["field"]


FAR = "9999-12-31T23:59:59Z"
"""No clock east of Greenwich could show it: a line suspended until then would take the whole hall with it."""
WRONG_TYPES = [
    ("tickets", "kiosk", {"line": 5}, "line"),
    ("tickets", "kiosk", {"line": ["tax"]}, "line"),
    ("tickets", "kiosk", {"line": {"id": "tax"}}, "line"),
    ("tickets", "kiosk", {"line": True}, "line"),
    ("tickets", "kiosk", {}, "body"),
    ("tickets", "kiosk", {"line": "tax", "visitor_class": "king"}, "visitor_class"),
    ("tickets", "kiosk", {"line": "tax", "language": 1}, "language"),
    ("tickets", "kiosk", {"line": "tax", "language": "no language"}, "language"),
    ("tickets", "kiosk", {"line": "tax", "request_id": 7}, "request_id"),
    ("tickets", "kiosk", {"line": "tax", "request_id": "x" * 65}, "request_id"),
    ("tickets", "kiosk", {"line": "tax", "request_id": ""}, "request_id"),
    ("tickets", "kiosk", {"line": "tax", "number": "A001"}, "number"),
    ("tickets", "kiosk", [], "body"),
    ("tickets", "kiosk", "tax", "body"),
    ("tickets", "kiosk", 5, "body"),
    ("windows/w1/open", "clerk", {"take_over": "yes"}, "take_over"),
    ("windows/w1/pause", "clerk", {"after_current": 1}, "after_current"),
    ("windows/w1/pause", "clerk", {"until": "soon"}, "until"),
    ("windows/w1/pause", "clerk", {"until": "25:00"}, "until"),
    ("windows/w1/pause", "clerk", {"until": "2026-13-45T10:00:00Z"}, "until"),
    ("windows/w1/pause", "clerk", {"until": FAR}, "until"),
    ("windows/w1/lines", "supervisor", {"line": "left", "rank": 1, "until": FAR, "reason": "x"}, "until"),
    ("message", "supervisor", {"text": {"en": "x"}, "until": "9999-12-31T23:59:59-10:00"}, "until"),
    ("lines/tax/suspend", "supervisor", {"reason": "x", "until": FAR, "move_to": None}, "until"),
    ("windows/w1/pause", "clerk", {"reason": "x" * 201}, "reason"),
    ("windows/w1/call-next", "clerk", {"finish": "gone"}, "finish"),
    ("windows/w1/call", "clerk", {"number": "A001"}, "reason"),
    ("windows/w1/call", "clerk", {"reason": "x"}, "number"),
    ("windows/w1/no-show", "clerk", {"early": None}, "early"),
    ("windows/w1/complete", "clerk", {"outcome": 3}, "outcome"),
    ("slips/x", "kiosk", {"result": "burnt"}, "result"),
]


@pytest.mark.parametrize("path, role, body, field", WRONG_TYPES)
def test_a_wrong_type_is_422_and_names_its_field(calm: Home, path: str, role: str, body: Any, field: str) -> None:
    seq = calm.seq
    error = is_refused(calm.post(path, role, body), 422, "bad_body")
    assert error["details"]["field"] == field and error["details"]["expected"]
    assert calm.seq == seq


WRONG_QUERIES: list[tuple[str, dict[str, Any]]] = [
    ("journal", {"since": "x"}),
    ("journal", {"since": -1}),
    ("journal", {"limit": 0}),
    ("tickets", {"status": "gone"}),
    ("tickets", {"limit": 501}),
    ("catalogue", {"language": "<b>"}),
]


@pytest.mark.parametrize("path, query", WRONG_QUERIES)
def test_a_wrong_query_is_422(calm: Home, path: str, query: dict[str, Any]) -> None:
    assert is_refused(calm.get(path, **query), 422, "bad_body")["details"]["field"] == next(iter(query))


NASTY = {
    "sql": "'; DROP TABLE tickets; --",
    "sql in quotes": '" OR 1=1 --',
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "emoji": "👩‍👩‍👧‍👦🇨🇳🏳️‍🌈",
    "rare": "𠮷野家㐂𡃁龘䶮〇",
    "right to left": "\u202etxt.exe\u202c שלום",
    "format": "%s %d {0} {number} ${x} \\n",
    "control": "a\tb\r\nc\x07\x1b[31m",
    "zero width": "\u200b\ufeff",
    "combining": "Z̸̢͖͈̰͓͙̪͚̟̭̎̇̄",
}
FORBIDDEN = {"nul": "a\x00b", "high surrogate": "\ud800", "low surrogate": "x\udc00y"}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_odd_text_comes_back_as_it_was_given(home: Home, text: str) -> None:
    home.act("w1", "open")
    reason = text[:200]
    window = home.act("w1", "pause", reason=reason, request_id=text[:64]).json()["window"]
    assert window["reason"] == reason
    assert home.get("windows/w1").json()["window"]["reason"] == reason
    home.act("w1", "open")
    home.issue()
    home.act("w1", "call-next")
    assert home.act("w1", "complete", outcome=text[:40]).json()["ticket"]["outcome"] == text[:40]
    ticket = home.issue()
    assert home.post(f"tickets/{ticket['id']}/cancel", "desk", {"reason": reason}).status_code == 200
    assert (
        home.post(f"slips/{ticket['slip']['id']}", "kiosk", {"result": "failed", "reason": reason}).status_code == 200
    )
    assert home.issue()["number"] == "A003"


@pytest.mark.parametrize("text", [*NASTY.values(), *FORBIDDEN.values()], ids=[*NASTY, *FORBIDDEN])
def test_odd_text_where_a_key_is_wanted_finds_nothing(home: Home, text: str) -> None:
    allowed = (404, 422)
    for body in (
        {"line": text},
        {"matter": text},
        {"line": "tax", "language": text},
        {"line": "tax", "visitor_class": text},
    ):
        answer = home.post("tickets", "kiosk", body)
        assert answer.status_code in allowed, answer.text
        is_refused(answer, answer.status_code, answer.json()["error"]["code"])
    home.act("w1", "open")
    answer = home.act("w1", "call", number=text[:12], reason="x")
    assert answer.status_code in allowed, answer.text
    ticket = home.issue()
    assert home.post(f"tickets/{ticket['id']}/reprint", "desk", {"device": text}).status_code in (200, 404, 422)
    quoted = requests.utils.quote(text.encode("utf-8", "surrogatepass"))  # type: ignore[attr-defined]
    for path in (
        f"tickets/{quoted}",
        f"windows/{quoted}",
        f"tickets?number={quoted}",
        f"journal?epoch={quoted}",
        f"board?zone={quoted}",
    ):
        answer = home.ask("GET", path, "clerk")
        assert answer.status_code in (200, 404, 422), answer.text
        assert "Traceback" not in answer.text
    signed = home.ask("POST", "/api/v1/session", body={"token": text})
    assert signed.status_code in (401, 422), signed.text


@pytest.mark.parametrize("text", FORBIDDEN.values(), ids=FORBIDDEN)
def test_text_that_no_database_can_keep_is_422_and_nothing_is_written(home: Home, text: str) -> None:
    ticket = home.called()
    seq = home.seq
    for path, role, body, field in [
        ("windows/w1/pause", "clerk", {"reason": text, "after_current": True}, "reason"),
        ("windows/w1/close", "clerk", {"reason": text, "after_current": True}, "reason"),
        ("windows/w1/complete", "clerk", {"outcome": text}, "outcome"),
        ("windows/w1/call", "clerk", {"number": "A001", "reason": text}, "reason"),
        ("windows/w1/recall", "clerk", {"request_id": text}, "request_id"),
        (f"tickets/{ticket['id']}/cancel", "desk", {"reason": text}, "reason"),
        (f"slips/{ticket['id']}", "kiosk", {"result": "failed", "reason": text}, "reason"),
        ("tickets", "kiosk", {"line": text}, "line"),
    ]:
        assert is_refused(home.post(path, role, body), 422, "bad_body")["details"]["field"] == field
    assert home.seq == seq


def test_a_refusal_is_told_in_the_callers_language(home: Home) -> None:
    home.issue()
    refusals = [
        ("tickets", "kiosk", {"line": "nope"}),
        ("tickets", "kiosk", {"line": 5}),
        ("windows/w1/call-next", "clerk", {}),
        ("windows/w1/open", "desk", {}),
    ]
    for path, role, body in refusals:
        for language, script in (("zh-CN", r"[\u4e00-\u9fff]"), ("en", r"[A-Za-z]{3}")):
            answer = home.post(path, role, body, headers={"Accept-Language": language})
            message = answer.json()["error"]["message"]
            assert re.search(script, message), message
            assert language == "zh-CN" or not re.search(r"[\u4e00-\u9fff]", message), message
    for odd in ("", "*", "xx", "en-GB,en;q=0.9", "zh;q=0.1, en;q=0.9", "\x7f;;q=a,,,", "de, fr"):
        assert home.post("tickets", "kiosk", {"line": "no"}, headers={"Accept-Language": odd}).status_code == 404


def test_a_chinese_refusal_holds_no_english_word(calm: Home) -> None:
    """A person reads the message; only what he gave himself and keys of the layout may be in Latin letters."""
    for body in ({"line": 5}, {"line": "tax", "visitor_class": "king"}, {}, {"line": "tax", "more": 1}):
        answer = calm.post("tickets", "kiosk", body, headers={"Accept-Language": "zh-CN"})
        message = answer.json()["error"]["message"]
        assert "Input should" not in message and "Extra inputs" not in message and "Value error" not in message


def test_every_answer_forbids_sniffing_and_framing(calm: Home) -> None:
    headers = calm.get("board").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_what_an_operator_watches(home: Home) -> None:
    home.issue()
    assert home.ask("GET", "/healthz").json() == {"status": "ok"}
    assert home.ask("GET", "/readyz").status_code == 200
    assert f'hallcall_seq{{hall="{home.hall}"}} 1.0' in home.ask("GET", "/metrics").text
    assert home.ask("GET", "/api/v1/docs").headers["Content-Type"].startswith("text/html")


def test_a_token_becomes_a_session_that_writes_only_with_its_csrf_word(home: Home) -> None:
    person = requests.Session()
    base, hall = f"{home.served.url}/api/v1", f"{home.served.url}/api/v1/halls/{home.hall}"
    is_refused(person.get(f"{base}/session"), 401, "no_token")
    opened = person.post(f"{base}/session", json={"token": home.token("clerk", "w1")})
    session = opened.json()["session"]
    assert (session["role"], session["hall"], session["window"]) == ("clerk", home.hall, "w1")
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    again = person.get(f"{base}/session").json()["session"]
    assert again["at"] >= session["at"] and {**again, "at": ""} == {**session, "at": ""}
    assert person.get(f"{hall}/board").status_code == 200
    is_refused(person.post(f"{hall}/windows/w1/open", json={}), 403, "csrf")
    wrong = person.post(f"{hall}/windows/w1/open", json={}, headers={"X-CSRF-Token": "guess"})
    is_refused(wrong, 403, "csrf")
    word = {"X-CSRF-Token": session["csrf"]}
    assert person.post(f"{hall}/windows/w1/open", json={}, headers=word).status_code == 200
    is_refused(person.post(f"{hall}/windows/w2/open", json={}, headers=word), 403, "not_allowed")
    assert person.delete(f"{base}/session", headers=word).status_code == 204
    is_refused(person.get(f"{hall}/board"), 401, "no_token")
    is_refused(person.post(f"{base}/session", json={"token": "made-up"}), 401, "no_token")


def test_a_forged_cookie_is_nobody(calm: Home) -> None:
    for cookie in ("x", "eyJpZCI6InQtMSJ9.aaaa.bbbb", "🍪".encode().decode("latin-1")):
        answer = calm.ask("GET", "board", headers={"Cookie": f"hallcall={cookie}".encode("latin-1")})
        is_refused(answer, 401, "no_token")


def test_a_token_bound_to_a_window_works_there_alone(home: Home) -> None:
    bound = home.token("clerk", "w1")
    assert home.ask("POST", "windows/w1/open", body={}, token=bound).status_code == 200
    for act in ("open", "pause", "close", "call-next", "recall", "start", "complete", "no-show"):
        is_refused(home.ask("POST", f"windows/w2/{act}", body={}, token=bound), 403, "not_allowed")
    call = {"number": "A001", "reason": "x"}
    is_refused(home.ask("POST", "windows/w2/call", body=call, token=bound), 403, "not_allowed")


def test_two_clerks_and_one_window_over_http(home: Home) -> None:
    home.act("w1", "open")
    other = home.token("clerk", name="other")
    error = is_refused(home.ask("POST", "windows/w1/open", body={}, token=other), 409, "window_taken")
    assert error["details"]["clerk"] == "clerk-one"
    taken = home.ask("POST", "windows/w1/open", body={"take_over": True}, token=other)
    assert taken.json()["window"]["clerk"] == "clerk-other"


def test_an_empty_body_is_an_empty_object(home: Home) -> None:
    assert home.ask("POST", "windows/w1/open", "clerk").status_code == 200
    headers = {"Content-Type": "application/json"}
    assert home.ask("POST", "windows/w1/pause", "clerk", data=b"", headers=headers).status_code == 200


def test_a_token_made_by_the_command_is_good_at_once(home: Home) -> None:
    token = home.served.process.token("clerk", hall=home.hall, window="w1", name="3021")
    said = home.ask("GET", "/api/v1/session", token=token).json()["session"]
    assert (said["name"], said["window"], said["role"]) == ("3021", "w1", "clerk")


def test_sign_ins_and_commands_never_wait_for_each_other(home: Home) -> None:
    """Both write; a sign-in once kept the writer's only thread from the commit that it waited for."""
    slowest = 0.0

    def one(place: int) -> int:
        nonlocal slowest
        began = time.monotonic()
        if place % 2:
            status = home.ask("POST", "/api/v1/session", body={"token": f"made-up-{place}"}).status_code
        else:
            status = home.post("tickets", "kiosk", {"line": "tax"}).status_code
        slowest = max(slowest, time.monotonic() - began)
        return status

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(240))) == {401, 201}
    assert slowest < 10
