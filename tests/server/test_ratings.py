"""Ratings: once, and with nothing that leads from an answer to a ticket; cases of bad ones with due dates."""

import json
import uuid
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from server import cases
from server.actions import cases as actions
from server.center import ratings, satisfaction
from server.center.ratings import Given
from tests.server.served import Home, Served
from tests.server.trial import SetClock, Trial, refused

GOOD, BAD = Given(5, [], None), Given(1, ["attitude", "slow"], "说了三遍也没有说清")
NEXT_WEEK = "2026-11-30T09:00:00+08:00"  # a Monday; the trial's day is Monday, 23 November 2026


def completed(trial: Trial, window: str = "w1", line: str = "tax") -> dict[str, Any]:
    """A ticket whose service at a window is over."""
    key = trial.issue(line)["id"]
    if trial.window(window)["status"] != "open":
        trial.open(window)
    trial.call_next(window)
    trial.serve(window)
    trial.complete(window)
    return trial.ticket(key)


def rate(trial: Trial, ticket: dict[str, Any], given: Given = GOOD, request_id: str | None = None) -> dict[str, Any]:
    now = trial.clock.now()
    return trial.store.write(lambda connection: ratings.rate(connection, ticket, given, request_id, now))


def at_tablet(trial: Trial, ticket: dict[str, Any], given: Given = GOOD, window: str = "w1") -> dict[str, Any]:
    asked = (trial.hall, window, ticket["id"], given, None, trial.clock.now())
    return trial.store.write(lambda connection: ratings.rate_at_tablet(connection, *asked))


def offered(trial: Trial, window: str = "w1") -> str | None:
    def ask(connection: Connection) -> str | None:
        at = ratings.moment_of(connection, trial.hall, trial.clock.now())
        ticket = ratings.ticket_at_tablet(connection, at, window, ratings.SHOWN)
        return ticket and ticket["id"]

    return trial.store.read(ask)


def of_window(trial: Trial, clerk: str | None = None, week: date | None = None) -> dict[str, Any]:
    asked = (trial.hall, "w1", clerk, week, trial.clock.now())
    return trial.store.read(lambda connection: satisfaction.window_totals(connection, *asked))


def listed(trial: Trial, status: str | None = None) -> list[dict[str, Any]]:
    asked = (trial.supervisor, cases.Wanted(status), trial.clock.now())
    found = trial.store.read(lambda connection: cases.case_list(connection, *asked))
    return list(found["cases"])


def test_a_completed_ticket_is_rated_once(trial: Trial) -> None:
    ticket = completed(trial)
    assert rate(trial, ticket) == {"rated": True, "case": None}
    assert refused(lambda: rate(trial, ticket, BAD)).code == "already_rated"
    (row,) = trial.rows("ratings")
    assert (row["level"], row["line_id"], row["window_id"], row["clerk"]) == (5, "tax", "w1", "3021")
    assert [one["ticket_id"] for one in trial.rows("rated")] == [ticket["id"]]


def test_the_same_request_is_answered_as_the_first_time(trial: Trial) -> None:
    good, bad = completed(trial), completed(trial)
    assert rate(trial, good, GOOD, "one") == rate(trial, good, GOOD, "one")
    first = rate(trial, bad, BAD, "two")
    assert first["case"] and rate(trial, bad, BAD, "two") == first
    assert len(trial.rows("ratings")) == 2 and len(listed(trial)) == 1
    assert refused(lambda: rate(trial, bad, BAD, "three")).code == "already_rated"


@pytest.mark.parametrize("steps", [[], ["call_next"], ["call_next", "serve"]])
def test_nothing_is_rated_before_its_end(trial: Trial, steps: list[str]) -> None:
    key = trial.issue()["id"]
    trial.open("w1")
    for step in steps:
        getattr(trial, step)("w1")
    assert refused(lambda: rate(trial, trial.ticket(key))).code == "rating_closed"


def test_the_slip_serves_until_the_end_of_the_next_day(trial: Trial) -> None:
    first, second = completed(trial), completed(trial)
    trial.clock.set("2026-11-24T23:59:00+08:00")
    assert rate(trial, first)["rated"]
    trial.clock.set("2026-11-25T00:00:00+08:00")
    assert refused(lambda: rate(trial, second)).code == "rating_closed"
    trial.open("w1")
    assert trial.rows("rated") == [], "who has rated is forgotten with the last moment to do so"
    assert len(trial.rows("ratings")) == 1


def test_the_tablet_belongs_to_the_ticket_until_the_next_call(trial: Trial) -> None:
    assert offered(trial) is None
    ticket = completed(trial)
    assert offered(trial) == ticket["id"] and offered(trial, "w2") is None
    trial.issue()
    trial.call_next("w1")
    assert offered(trial) is None
    assert refused(lambda: at_tablet(trial, ticket)).code == "rating_closed"
    assert rate(trial, ticket)["rated"], "the slip goes on serving"


def test_the_tablet_closes_by_itself_but_lets_finish_who_has_begun(trial: Trial) -> None:
    ticket = completed(trial)
    trial.clock.forward(seconds=61)
    assert offered(trial) is None
    trial.clock.forward(seconds=60)
    assert at_tablet(trial, ticket, BAD)["case"]
    other = completed(trial)
    trial.clock.forward(seconds=301)
    assert refused(lambda: at_tablet(trial, other)).code == "rating_closed"


def test_tablet_and_slip_share_the_one_answer(trial: Trial) -> None:
    ticket = completed(trial)
    at_tablet(trial, ticket)
    assert refused(lambda: rate(trial, ticket)).code == "already_rated"
    assert refused(lambda: at_tablet(trial, ticket)).code == "already_rated"
    assert offered(trial) is None
    assert refused(lambda: at_tablet(trial, ticket, window="w2")).code == "not_found"


def test_rating_can_be_switched_off(store: Any) -> None:
    trial = Trial.found(store, store.clock, rules={"rating": "off"})
    ticket = completed(trial)
    assert offered(trial) is None
    assert refused(lambda: rate(trial, ticket)).code == "rating_closed"
    assert refused(lambda: at_tablet(trial, ticket)).code == "rating_closed"
    assert trial.rows("ratings") == []


def lies(trial: Trial, table: str, column: str) -> list[str]:
    """A column in the order in which its rows lie, and with what the database itself notes of their writing."""
    place = "rowid, 0" if trial.store.sqlite else "ctid, xmin"
    found = f"SELECT {column}, {place} FROM {table} WHERE hall_id = :hall ORDER BY {place.split(',')[0]}"
    with trial.store.engine.connect() as connection:
        rows = connection.execute(text(found), {"hall": trial.hall}).all()
    assert len({row[2] for row in rows}) == 1, f"{table}: all written by the same transaction"
    return [row[0] for row in rows]


def test_where_the_answers_lie_tells_nothing_of_the_order_they_came_in(trial: Trial) -> None:
    given = [Given(1, [], f"{place}") for place in range(12)]
    for one in given:
        rate(trial, completed(trial), one)
    words = lies(trial, "ratings", "words")
    assert sorted(words, key=int) == [one.words for one in given]
    assert words != [one.words for one in given], "a chance of 1 in 479 million"
    by_rating = {row["id"]: row["words"] for row in trial.rows("ratings")}
    opened = [by_rating[key] for key in lies(trial, "cases", "rating_id")]
    assert opened != [one.words for one in given] and opened != words


def test_a_good_rating_does_not_leave_the_last_bad_one_marked(trial: Trial) -> None:
    for place in range(3):
        rate(trial, completed(trial), Given(2, [], str(place)))
    rate(trial, completed(trial))
    assert len(lies(trial, "cases", "id")) == 3
    assert len(lies(trial, "ratings", "id")) == 4


def test_no_row_but_the_rated_one_names_a_ticket_and_none_a_time(trial: Trial) -> None:
    ticket = completed(trial)
    code = rate(trial, ticket, BAD, "r")["case"]
    (rating,), (case,) = trial.rows("ratings"), trial.rows("cases")
    told = json.dumps([rating, case], default=str)
    assert not [one for one in (ticket["id"], ticket["number"], ticket["track_code"]) if one in told]
    assert ":" not in str([rating["day"], case["opened_on"], case["answer_by"], case["right_by"]])
    kept = json.dumps(trial.rows("requests"), default=str)
    assert not [one for one in (rating["id"], case["id"], code, "attitude") if one in kept]
    assert "rat" not in "".join(trial.types()).replace("started", "")


def test_a_running_total_would_tell_so_only_finished_weeks_are_shown(trial: Trial) -> None:
    for level in (5, 5, 4, 3, 2):
        rate(trial, completed(trial), Given(level, [], None))
    assert of_window(trial) == {"from": "2026-11-16", "to": "2026-11-22", "total": None, "levels": None}
    assert refused(lambda: of_window(trial, week=date(2026, 11, 24))).code == "bad_body"
    trial.clock.set(NEXT_WEEK)
    shown = {"from": "2026-11-23", "to": "2026-11-29", "total": 5}
    assert of_window(trial) == {**shown, "levels": {"5": 2, "4": 1, "3": 1, "2": 1, "1": 0}}
    assert of_window(trial, week=date(2026, 11, 25)) == of_window(trial)


def test_totals_of_fewer_than_five_are_null_for_clerk_line_unit_and_window(trial: Trial) -> None:
    for count, line in ((4, "tax"), (6, "social")):
        for _ in range(count):
            rate(trial, completed(trial, "w2", line))
    rate(trial, completed(trial, "w1", "social"))
    trial.clock.set(NEXT_WEEK)

    def by(kind: str) -> dict[str, int | None]:
        asked = (trial.hall, kind, None, trial.clock.now())
        found = trial.store.read(lambda connection: satisfaction.totals(connection, *asked))
        return {one["id"]: one["total"] for one in found["totals"]}

    nothing = dict.fromkeys(("tax", "social", "fund", "left", "right", "guide"))
    assert by("line") == nothing, "the hall's 11 without the 7 of social would tell the 4 of tax"
    assert by("window") == {"w1": None, "w2": None, "w3": None, "w9": None}
    assert by("unit") == {"u": 11}
    trial.clock.set("2026-11-23T10:00:00+08:00")
    for line in ("social", "social", "social", "social", "tax"):
        rate(trial, completed(trial, "w1", line))
    trial.clock.set(NEXT_WEEK)
    assert by("line") == {**nothing, "tax": 5, "social": 11}
    assert by("window") == {"w1": 6, "w2": 10, "w3": None, "w9": None}
    asked = (trial.hall, "w2", "3021", None, trial.clock.now())
    own = trial.store.read(lambda connection: satisfaction.window_totals(connection, *asked))
    assert own["total"] == 10
    other = (trial.hall, "w2", "9999", None, trial.clock.now())
    assert trial.store.read(lambda connection: satisfaction.window_totals(connection, *other))["total"] is None


def test_a_bad_rating_opens_a_case_with_due_dates_in_working_days(store: Any) -> None:
    assert isinstance(store.clock, SetClock)
    store.clock.set("2026-09-30T09:00:00+08:00")  # Wednesday; 1 to 7 October are days off, Saturday 10 is worked
    trial = Trial.found(store, store.clock, calendar={"holidays": "CN"})
    rate(trial, completed(trial), Given(3, [], None))
    assert listed(trial) == []
    rate(trial, completed(trial), Given(2, ["slow"], None))
    (case,) = listed(trial)
    assert (case["opened_on"], case["answer_by"]) == ("2026-09-30", "2026-10-08")
    assert case["right_by"] == "2026-10-27", "15 working days after the 30th of September"
    assert (case["status"], case["overdue"], case["reasons"]) == ("open", False, ["slow"])
    trial.clock.set("2026-10-09T09:00:00+08:00")
    assert listed(trial)[0]["overdue"]


def test_a_case_is_answered_closed_and_rated_once_more(trial: Trial) -> None:
    code = rate(trial, completed(trial), BAD)["case"]
    (case,) = listed(trial, "open")

    def seen() -> dict[str, Any]:
        return trial.store.read(partial(cases.case_for_visitor, code=code))

    def act(name: str, *given: Any) -> dict[str, Any]:
        by, now = trial.supervisor, trial.clock.now()
        trial.run(by, lambda tx: getattr(actions, name)(tx, by, case["id"], *given))
        return trial.store.read(lambda connection: cases.one_case(connection, by, case["id"], now))

    def again(given: Given) -> dict[str, Any]:
        now = trial.clock.now()
        return trial.store.write(lambda connection: cases.rate_case(connection, code, given, now))

    assert (seen()["status"], seen()["may_rate"]) == ("open", False)
    assert refused(lambda: act("close_case")).code == "illegal_move"
    assert refused(lambda: again(GOOD)).code == "rating_closed"
    assert act("answer_case", "已向窗口核实，向您致歉。")["status"] == "answered"
    assert act("answer_case", "已向窗口核实，向您致歉。")["status"] == "answered"
    assert refused(lambda: act("answer_case", "其他")).code == "illegal_move"
    assert seen()["answer"] == "已向窗口核实，向您致歉。" and seen()["may_rate"]
    assert act("close_case")["status"] == "closed"
    assert again(Given(4, [], None))["follow_up"] == 4
    assert again(Given(4, [], None))["follow_up"] == 4
    assert refused(lambda: again(GOOD)).code == "already_rated"
    assert listed(trial)[0]["follow_up"] == 4
    assert [row["level"] for row in trial.rows("ratings") if row["follows"]] == [4]
    assert len(listed(trial)) == 1
    trial.clock.set(NEXT_WEEK)
    assert of_window(trial)["total"] is None


def test_a_code_is_found_however_it_is_copied(trial: Trial) -> None:
    code = rate(trial, completed(trial), BAD)["case"]
    assert len(code) == 14 and not set("IO01") & set(code)
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " ")):
        assert trial.store.read(partial(cases.case_for_visitor, code=typed))["status"] == "open"
    missing = refused(lambda: trial.store.read(partial(cases.case_for_visitor, code="AAAA-AAAA-AAAA")))
    assert missing.code == "not_found"


def test_finished_days_are_exported_without_tickets(store: Any, tmp_path: Path) -> None:
    trial = Trial.found(store, store.clock, rules={"rating": "export"})
    tickets = [completed(trial) for _ in range(3)]
    for ticket, given in zip(tickets, (GOOD, BAD, GOOD), strict=True):
        rate(trial, ticket, given)

    def export() -> list[Path]:
        trial.store.read(partial(satisfaction.export_ratings, hall=trial.hall, folder=tmp_path, now=trial.clock.now()))
        return sorted(tmp_path.rglob("*.jsonl"))

    assert export() == [], "the day is not over"
    trial.clock.set("2026-11-24T08:30:00+08:00")
    (path,) = export()
    assert path.name == f"{trial.hall}-2026-11-23.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted(line["level"] for line in lines) == [1, 5, 5]
    assert [line["id"] for line in lines] == sorted(line["id"] for line in lines)
    keys = {"hall", "id", "day", "line", "window", "clerk", "level", "reasons", "words", "follow_up"}
    assert all(set(line) == keys for line in lines)
    told = path.read_text(encoding="utf-8")
    assert not [one for t in tickets for one in (t["id"], t["track_code"], t["number"]) if one in told]
    before = path.stat().st_mtime_ns
    assert export() == [path] and path.stat().st_mtime_ns == before


def finished(home: Home, window: str = "w1", line: str = "tax") -> dict[str, Any]:
    """A ticket completed at a window of the running server; with its slip's code."""
    ticket = home.issue(line)
    if home.get(f"windows/{window}").json()["window"]["status"] != "open":
        home.act(window, "open")
    for act in ("call-next", "start", "complete"):
        assert home.act(window, act).status_code == 200
    return {**ticket, "code": code_of(home, ticket["id"])}


def code_of(home: Home, ticket: str) -> str:
    wanted = text("SELECT track_code FROM tickets WHERE hall_id = :hall AND id = :id")
    values = {"hall": home.hall, "id": ticket}
    found = home.served.store.read(lambda connection: connection.execute(wanted, values).scalar_one())
    return str(found)


def test_over_http_by_the_slip(home: Home) -> None:
    ticket = finished(home)
    place = f"/api/v1/track/{ticket['code']}/rating"
    asked = home.ask("GET", place).json()
    assert (asked["open"], asked["rated"], asked["until"]) == (True, False, "2026-11-24")
    assert "attitude" in asked["reasons"]
    for wrong in ({"level": 0}, {"level": 6}, {"level": 4, "reasons": ["slow"]}, {"level": 1, "reasons": ["x"]}, {}):
        assert home.ask("POST", place, body=wrong).status_code == 422, wrong
    body = {"level": 2, "reasons": ["slow", "slow"], "words": " 等了很久 ", "request_id": str(uuid.uuid4())}
    first = home.ask("POST", place, body=body)
    assert first.status_code == 200 and home.ask("POST", place, body=body).json() == first.json()
    assert home.ask("POST", place, body={"level": 5}).status_code == 409
    assert home.ask("GET", place).json()["rated"]
    case = home.ask("GET", f"/api/v1/cases/{first.json()['case']}").json()["case"]
    assert case["status"] == "open" and not case["may_rate"]


def test_over_http_by_the_tablet(home: Home) -> None:
    ticket = finished(home)
    place = "windows/w1/rating"
    offered = home.get(place, "display").json()["ticket"]
    assert offered["id"] == ticket["id"] and 0 < offered["seconds"] <= 60
    assert home.post(place, "display", {"ticket": ticket["id"], "level": 5}).json() == {"rated": True, "case": None}
    assert home.get(place, "display").json()["ticket"] is None
    for role in ("clerk", "kiosk", "desk", "supervisor"):
        assert home.get(place, role).status_code == 403, role


def test_cases_are_for_desk_and_supervisor(home: Home) -> None:
    ticket = finished(home)
    home.ask("POST", f"/api/v1/track/{ticket['code']}/rating", body={"level": 1, "reasons": ["attitude"]})
    (case,) = home.get("cases", "desk").json()["cases"]
    place = f"cases/{case['id']}"
    assert home.post(f"{place}/answer", "supervisor", {"answer": "谢谢，已改正"}).json()["case"]["status"] == "answered"
    assert home.post(f"{place}/close", "desk").json()["case"]["status"] == "closed"
    assert home.get(place, "desk").json()["case"]["answer"] == "谢谢，已改正"
    for path in ("cases", place):
        assert home.get(path, "clerk").status_code == 403
    assert home.get("ratings", "clerk").status_code == 403
    assert home.get("windows/w1/ratings", "clerk").json()["total"] is None
    bound = home.token("clerk", window="w2", name="bound")
    assert home.ask("GET", "windows/w1/ratings", token=bound).status_code == 403
    assert home.get("ratings", "supervisor", by="unit").status_code == 200
    for week in ("2026-11-23", "9999-12-31"):
        assert home.get("ratings", "supervisor", week=week).status_code == 422


EVERY_LIST = (
    *("windows", "windows/w1", "windows/w1/today", "windows/w1/ratings", "windows/w2", "windows/w2/ratings"),
    *("tickets", "tickets?status=completed", "slips", "board", "journal", "catalogue?language=en"),
    *("ratings?by=line", "ratings?by=unit", "ratings?by=window", "cases", "cases?status=open"),
)
SEVEN = [5, 5, 5, 5, 4, 2, 1]


def test_no_answer_event_list_log_or_metric_leads_from_a_rating_to_a_ticket(served: Served, home: Home) -> None:
    """Words of each answer are its mark: they may stand in its own case alone, and nowhere with a ticket."""
    with home.client() as board, home.client("supervisor") as staff:
        rated = [finished(home, "w1" if place % 2 else "w2", "social") for place in range(len(SEVEN))]
        seq = home.seq
        marks, told = [], []
        for level, ticket in zip(SEVEN, rated, strict=True):
            mark = f"mark-{uuid.uuid4()}"
            marks.append(mark)
            words = {"words": mark, "reasons": ["unclear"]} if level <= 2 else {}
            answer = home.ask("POST", f"/api/v1/track/{ticket['code']}/rating", body={"level": level, **words})
            assert answer.status_code == 200
            told.append(answer.text)
        assert home.seq == seq, "no event, no seq"
        for role in ("clerk", "desk", "supervisor", "auditor", "leadership", "kiosk", "display"):
            told += [home.get(path, role).text for path in EVERY_LIST if not path.startswith("cases")]
            told += [home.get(f"tickets/{one['id']}{more}", role).text for one in rated for more in ("", "/identity")]
            told += [home.get(f"tickets/{one['id']}/story", role).text for one in rated]
        told += [home.ask("GET", "/metrics").text, served.process.said(), json.dumps([board.messages, staff.messages])]
    whole = "\n".join(told)
    assert not [mark for mark in marks if mark in whole]
    assert "unclear" not in whole
    keys = _keys(told)
    assert not {"level", "reasons", "rating_id", "rated_at"} & keys, keys
    listed = home.get("cases", "supervisor").json()["cases"]
    assert len(listed) == 2 and {case["words"] for case in listed} == set(marks[-2:])
    of_tickets = [one[key] for one in rated for key in ("id", "number", "code")]
    cases_told = json.dumps(listed)
    assert not [one for one in of_tickets if one in cases_told]
    assert not {"code", "ticket", "clerk", "opened_at"} & set(listed[0])


def _keys(told: list[str]) -> set[str]:
    """Every key of every JSON object that was answered about this hall."""
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            found.update(value)
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    for answer in told:
        if answer.startswith(("{", "[")):
            walk(json.loads(answer))
    return found - {"rated"}


def test_codes_cannot_be_guessed_at_leisure(tmp_path: Path) -> None:
    codes = [f"AAAA-AAAA-{place:04d}" for place in range(40)]
    with Served(tmp_path, halls=1) as served:
        statuses = [served.home().ask("GET", f"/api/v1/cases/{code}").status_code for code in codes]
    assert set(statuses) <= {404, 429} and statuses[-1] == 429
