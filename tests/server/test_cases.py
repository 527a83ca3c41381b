"""Complaints: who opens a case, who deals with it, and that the unit complained of neither calls nor closes."""

import json
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, text

from hall.words import Role
from server import cases
from server.actions import cases as actions
from server.actions.complaining import Complaint, open_case
from server.audit.auditing import Searched, found_events
from server.audit.verifying import call_faults
from server.auth import create_token
from server.center.case_rows import Sealed
from server.center.ratings import Given
from server.db import Store
from tests.server.served import Home
from tests.server.test_ratings import code_of, finished
from tests.server.trial import SetClock, Trial, layout, refused

WORDS = "等了两个小时，没有人解释"


@pytest.fixture
def trial(store: Store) -> Iterator[Trial]:
    """A hall with a line of complaints, which window 1 serves first."""
    assert isinstance(store.clock, SetClock)
    usual = layout("usual").model_dump(mode="json")
    lines = [*usual["lines"], {"id": "complaints", "name": "投诉建议", "prefix": "T"}]
    windows = [
        {**one, "lines": {**one["lines"], **({"complaints": 1} if one["id"] == "w1" else {})}}
        for one in usual["windows"]
    ]
    units = [*usual["units"], {"id": "other", "name": "公积金中心"}]
    found = Trial.found(store, store.clock, lines=lines, windows=windows, units=units, complaint_line="complaints")
    yield found
    assert found.faults() == []
    assert found.store.read(partial(call_faults, hall=found.hall)) == []


def complained(trial: Trial, by: Any = None, **more: Any) -> dict[str, Any]:
    by = by or trial.desk
    said = Complaint(WORDS, **{"unit": "u", **more})
    return dict(trial.run(by, lambda tx: open_case(tx, by, said, taken_down=True)))


def act(trial: Trial, name: str, case: str, *given: Any, by: Any = None) -> dict[str, Any]:
    by = by or trial.supervisor
    trial.run(by, lambda tx: getattr(actions, name)(tx, by, case, *given))
    return seen(trial, case, by)


def seen(trial: Trial, case: str, by: Any = None) -> dict[str, Any]:
    now = trial.clock.now()
    return trial.store.read(lambda connection: cases.one_case(connection, by or trial.supervisor, case, now))


def told(trial: Trial, by: Any = None, **wanted: Any) -> dict[str, Any]:
    now = trial.clock.now()
    return trial.store.read(
        lambda connection: cases.case_list(connection, by or trial.supervisor, cases.Wanted(**wanted), now)
    )


def stationed(trial: Trial, role: Role = Role.CLERK, unit: str = "u") -> Any:
    return trial.who(role, f"{role}-{unit}", unit)


def test_a_complaint_is_a_case_from_its_opening_to_its_follow_up(trial: Trial) -> None:
    made = complained(trial, contact="13800000000", window="w1")
    assert told(trial)["counts"] == {"open": 1, "answered": 0, "closed": 0, "overdue": 0, "due_today": 0}
    case = made["case"]
    whole = seen(trial, case)
    assert (whole["kind"], whole["unit"], whole["window"], whole["words"]) == ("complaint", "u", "w1", WORDS)
    assert (whole["owner"], whole["opened_by"], whole["contact"]) == (None, "desk", "13800000000")
    assert refused(lambda: act(trial, "close_case", case)).code == "illegal_move"
    assert refused(lambda: act(trial, "assign_case", case, "nobody")).code == "not_found"
    act(trial, "state_case", case, "当日系统故障", by=stationed(trial, Role.UNIT_HEAD))
    act(trial, "state_case", case, "已调监控")
    assert act(trial, "answer_case", case, "向您致歉")["status"] == "answered"
    done = act(trial, "close_case", case)
    assert [(step["what"], step["words"]) for step in done["steps"]] == [
        ("stated", "当日系统故障"), ("noted", "已调监控"), ("answered", "向您致歉"), ("closed", None)
    ]  # fmt: skip
    read = partial(found_events, hall=trial.hall, searched=Searched(), language="zh-CN", limit=100)
    assert not [one for one in trial.store.read(read) if one["text"] == one["type"]], "each step in words"
    now = trial.clock.now()
    rated = trial.store.write(lambda connection: cases.rate_case(connection, made["code"], Given(4, [], None), now))
    assert (rated["follow_up"], rated["words"], seen(trial, case)["follow_up"]) == (4, WORDS, 4)
    assert refused(lambda: act(trial, "state_case", case, "再说")).code == "illegal_move"


def test_an_owner_is_one_of_the_centers_own(trial: Trial) -> None:
    case = complained(trial)["case"]
    now = trial.clock.now()
    for name, unit in (("1007", None), ("2001", "u")):
        make = partial(create_token, hall=trial.hall, role=Role.SUPERVISOR, window=None, name=name, now=now, unit=unit)
        trial.store.write(make)
    assert seen(trial, case)["people"] == ["1007"]
    assert act(trial, "assign_case", case, "1007")["owner"] == "1007"
    assert refused(lambda: act(trial, "assign_case", case, "2001")).code == "not_found"
    assert act(trial, "assign_case", case, None)["owner"] is None


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.DESK, Role.UNIT_HEAD])
@pytest.mark.parametrize("unit", ["u", "other"])
def test_nobody_whom_a_unit_has_stationed_deals_with_a_case(trial: Trial, role: Role, unit: str) -> None:
    case = complained(trial)["case"]
    by, before = stationed(trial, role, unit), trial.rows("cases")
    for name, given in (("assign_case", [None]), ("answer_case", ["没有问题"]), ("close_case", [])):
        assert refused(partial(act, trial, name, case, *given, by=by)).code == "own_case"
    act(trial, "answer_case", case, "向您致歉")
    assert refused(lambda: act(trial, "close_case", case, by=by)).code == "own_case"
    assert [row["status"] for row in before] == ["open"] and seen(trial, case)["status"] == "answered"


def test_a_unit_sees_what_is_complained_of_it_and_not_who_complained(trial: Trial) -> None:
    ticket = trial.issue()
    own = complained(trial, contact="13800000000", ticket=ticket["id"])["case"]
    other = complained(trial, unit="other")["case"]
    head = stationed(trial, Role.UNIT_HEAD)
    (listed,) = told(trial, head)["cases"]
    assert (listed["id"], listed["words"]) == (own, WORDS)
    assert (listed["contact"], listed["number"]) == (None, None)
    assert seen(trial, own)["number"] == ticket["number"]
    act(trial, "state_case", own, "只在中心内部", by=trial.desk)
    assert seen(trial, own, head)["steps"] == [] and seen(trial, own, head)["may"] == ["state"]
    assert refused(lambda: seen(trial, other, head)).code == "not_found"
    assert refused(lambda: act(trial, "state_case", other, "x", by=head)).code == "not_found"
    assert told(trial, trial.who(Role.UNIT_HEAD, "of nowhere"))["cases"] == []
    assert seen(trial, own, trial.who(Role.AUDITOR, "a"))["may"] == []


def test_complaints_are_never_called_by_a_unit(trial: Trial) -> None:
    first = trial.issue("complaints", complaint_of="u")
    tax = trial.issue("tax")
    clerk = stationed(trial)
    trial.open("w1", by=clerk)
    assert refused(lambda: trial.call_number("w1", first["number"], by=clerk)).code == "own_case"
    assert trial.call_next("w1", by=clerk)["number"] == tax["number"], "passed over though its rank is best"
    trial.complete("w1", by=clerk)
    assert trial.call_next("w1", by=clerk) is None
    assert refused(lambda: trial.walk_in("w1", "complaints", by=clerk)).code == "own_case"
    assert refused(lambda: trial.cancel(first["id"], by=stationed(trial, Role.SUPERVISOR))).code == "own_case"
    trial.close("w1", by=clerk)
    trial.open("w1")
    assert trial.call_next("w1")["number"] == first["number"]
    assert refused(lambda: trial.open("w1", by=clerk, take_over=True)).code == "own_case"
    supervisor = stationed(trial, Role.SUPERVISOR)
    for deed in (trial.recall, trial.serve, trial.complete, trial.hold, trial.undo, trial.call_next):
        assert refused(partial(deed, "w1", by=supervisor)).code == "own_case"
    assert refused(lambda: trial.close("w1", by=supervisor)).code == "own_matter"
    assert refused(lambda: trial.no_show("w1", by=supervisor, early=True)).code == "own_case"
    assert refused(lambda: trial.transfer("w1", line="tax")).code == "own_case"
    trial.hold("w1")
    assert refused(lambda: trial.resume("w1", first["number"], by=supervisor)).code == "own_case"


def test_a_complaints_number_is_a_case_once_it_is_served(trial: Trial) -> None:
    ticket = trial.issue("complaints", complaint_of="u")
    trial.issue("complaints", complaint_of="other")
    trial.open("w1")
    trial.call_next("w1")
    assert told(trial)["cases"] == []
    trial.serve("w1")
    trial.call_next("w1")
    (case,) = told(trial)["cases"]
    assert (case["unit"], case["number"], case["opened_by"]) == ("u", ticket["number"], "3021")
    trial.no_show("w1", early=True)
    assert len(told(trial)["cases"]) == 1, "who did not come has not complained"
    code = trial.store.read(partial(cases.code_of_ticket, ticket=trial.ticket(ticket["id"])))
    assert code and trial.store.read(partial(cases.case_for_visitor, code=code))["status"] == "open"


def test_a_suspended_line_moves_no_complaint_and_makes_nobody_complain(trial: Trial) -> None:
    trial.issue("complaints", complaint_of="u"), trial.issue("tax")
    for line, to in (("complaints", "tax"), ("tax", "complaints")):
        error = refused(partial(trial.suspend, line, move_to=to))
        assert (error.code, error.details["field"]) == ("bad_body", "move_to")
    trial.suspend("complaints")
    assert {row["number"]: row["line_id"] for row in trial.rows("tickets")} == {"T001": "complaints", "A001": "tax"}


def test_only_in_its_own_line_a_number_names_a_unit(trial: Trial) -> None:
    assert refused(lambda: trial.issue("tax", complaint_of="u")).code == "bad_body"
    assert refused(lambda: trial.issue("complaints", complaint_of="nobody")).code == "not_found"


def test_open_cases_past_their_day_are_late(trial: Trial) -> None:
    case = complained(trial)["case"]
    trial.clock.set("2026-11-24T09:00:00+08:00")
    assert told(trial)["counts"]["due_today"] == 1 and told(trial, overdue=True)["cases"] == []
    trial.clock.set("2026-11-25T09:00:00+08:00")
    assert [one["id"] for one in told(trial, overdue=True)["cases"]] == [case]
    assert told(trial)["counts"]["overdue"] == 1
    act(trial, "answer_case", case, "向您致歉")
    assert told(trial)["counts"]["overdue"] == 0


def test_a_list_goes_on_where_a_page_ended(trial: Trial) -> None:
    made = {complained(trial)["case"] for _ in range(5)}
    first = told(trial, limit=3)
    rest = told(trial, limit=3, after=first["after"])
    assert rest["after"] is None and {one["id"] for one in first["cases"] + rest["cases"]} == made
    assert told(trial, kind="rating")["cases"] == told(trial, unit="other")["cases"] == []


def test_the_journal_has_no_word_of_it_and_words_can_be_erased(trial: Trial) -> None:
    made = complained(trial, contact="13800000000", ticket=trial.issue()["id"])
    case = made["case"]
    act(trial, "state_case", case, "当日系统故障", by=stationed(trial, Role.UNIT_HEAD))
    written = [event for event in trial.events() if event["type"].startswith("case.")]
    assert [event["type"] for event in written] == ["case.opened", "case.stated"]
    (row,) = trial.rows("cases")
    assert written[0]["data"]["words"] == Sealed(WORDS, row["salt"]).digest
    journalled = json.dumps(trial.rows("journal"), default=str, ensure_ascii=False)
    assert not [one for one in (WORDS, "13800000000", "系统故障", made["code"]) if one in journalled]
    assert not [event for event in written if "ticket" in event or {"unit", "window"} & set(event["data"])]
    assert trial.store.write(partial(cases.erase_words, hall=trial.hall, case=case))
    kept = json.dumps([trial.rows("cases"), trial.rows("case_steps")], default=str, ensure_ascii=False)
    assert not [one for one in (WORDS, "13800000000", "系统故障", row["salt"]) if one in kept]
    assert seen(trial, case)["number"] is None
    assert not trial.store.write(partial(cases.erase_words, hall=trial.hall, case="none"))


def every_row(connection: Connection, table: str, hall: str) -> Any:
    return connection.execute(text(f"SELECT * FROM {table} WHERE hall_id = :hall"), {"hall": hall}).all()


def stationed_token(home: Home, role: str) -> str:
    now = SetClock().now()
    make = partial(create_token, hall=home.hall, role=Role(role), window=None, name=f"{role}-u", now=now, unit="u")
    return home.served.store.write(make)


def test_over_http_the_unit_states_and_is_refused_the_rest_which_stands_in_the_access_log(home: Home) -> None:
    made = home.post("cases", "desk", {"words": WORDS, "unit": "u", "request_id": str(uuid.uuid4())})
    assert made.status_code == 201 and len(made.json()["code"]) == 14
    place = f"cases/{made.json()['case']['id']}"
    head, supervisor = stationed_token(home, "unit_head"), stationed_token(home, "supervisor")
    stated = home.ask("POST", f"{place}/statement", token=head, body={"words": "情况属实"})
    assert stated.json()["case"]["steps"][0]["what"] == "stated"
    assert (
        home.ask("POST", f"{place}/answer", token=head, body={"answer": "x"}).json()["error"]["code"] == "not_allowed"
    )
    for name, body in (("answer", {"answer": "x"}), ("close", {}), ("assign", {"owner": None})):
        answer = home.ask("POST", f"{place}/{name}", token=supervisor, body=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "own_case")
    wanted = text("SELECT count(*) FROM access_log WHERE hall_id = :hall AND detail LIKE '%own_case%'")
    said = home.served.store.read(lambda connection: connection.execute(wanted, {"hall": home.hall}).scalar_one())
    assert said == 3
    assert home.get("cases", "leadership").json()["cases"][0]["contact"] is None
    assert home.post(f"{place}/answer", "supervisor", {"answer": "已核实"}).json()["case"]["status"] == "answered"


def test_over_http_a_slips_visitor_complains_and_no_row_leads_back_to_the_number(home: Home) -> None:
    ticket = finished(home)
    code = code_of(home, ticket["id"])
    place, asked = f"/api/v1/track/{code}/complaint", str(uuid.uuid4())
    first = home.ask("POST", place, body={"words": WORDS, "request_id": asked})
    assert (
        first.status_code == 201
        and home.ask("POST", place, body={"words": WORDS, "request_id": asked}).json() == first.json()
    )
    (case,) = home.get("cases", "supervisor").json()["cases"]
    assert (case["unit"], case["line"], case["window"], case["number"]) == ("u", "tax", "w1", None)
    shown = home.ask("GET", f"/api/v1/cases/{first.json()['code']}").json()["case"]
    assert shown["words"] == WORDS and not shown["may_rate"]
    for table in ("cases", "requests"):
        found = home.served.store.read(partial(every_row, table=table, hall=home.hall))
        kept = json.dumps([list(row) for row in found if first.json()["code"] in str(row)], default=str)
        assert first.json()["code"] in kept
        assert not [one for one in (ticket["id"], ticket["id"][-12:], ticket["number"], code) if one in kept]
    body = {"words": WORDS, "about": "hall", "give_number": True}
    assert home.ask("POST", place, body=body).status_code == 201
    (named,) = [one for one in home.get("cases", "supervisor").json()["cases"] if one["number"]]
    assert (named["number"], named["unit"], named["line"]) == (ticket["number"], None, None)
    assert home.ask("POST", place, body={"words": ""}).status_code == 422
    assert home.ask("POST", place, body=body).status_code == 429, "three an hour of one slip"
