"""Lines suspended for a reason until a time: no numbers meanwhile; whoever has one is served or moved, never lost."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hall.words import Role
from server import queries
from server.actions.suspending import Suspending, resume_line, suspend_line
from server.audit.verifying import call_faults
from server.db import Store
from server.people import Principal
from server.tracking import tracked_standing
from tests.server.test_arranging import HEALTH, put
from tests.server.test_lending import lend
from tests.server.trial import SetClock, Trial, refused


def suspend(trial: Trial, line: str = "tax", by: Principal | None = None, **more: Any) -> Any:
    """`more`: reason, minutes, move_to."""
    by, until = by or trial.supervisor, trial.clock.now() + timedelta(minutes=more.get("minutes", 30))
    asked = Suspending(line, more.get("reason", "system"), until, more.get("move_to"))
    return trial.run(by, lambda tx: suspend_line(tx, by, asked))


def resume(trial: Trial, line: str = "tax") -> Any:
    return trial.run(trial.supervisor, lambda tx: resume_line(tx, trial.supervisor, line, "repaired"))


def offered(trial: Trial, line: str = "tax", language: str = "zh-CN") -> dict[str, Any]:
    """The line as the kiosk shows it."""
    wanted = partial(queries.catalogue, hall=trial.hall, language=language, now=trial.clock.now())
    shown = trial.store.read(partial(wanted, always_open=False, public_url=None))
    return next(one for one in shown["lines"] if one["id"] == line)


def test_a_suspended_line_gives_no_number_and_says_why_and_until_when(trial: Trial) -> None:
    suspend(trial)
    shown = offered(trial)
    assert (shown["open"], shown["reason"]) == (False, "suspended")
    assert shown["reason_text"] == "该业务暂停取号：系统故障，09:30恢复"
    assert offered(trial, language="en")["reason_text"] == "No numbers for now: system fault. Again from 09:30"
    for always_open in (False, True):
        error = refused(lambda: trial.issue("tax", always_open=always_open))  # noqa: B023
        assert (error.code, error.details["reason"], error.details["at"]) == ("line_closed", "suspended", "09:30")
    assert offered(trial, "social")["open"]


def test_numbers_are_given_again_at_the_time_and_at_the_supervisors_word(trial: Trial) -> None:
    suspend(trial)
    trial.clock.forward(minutes=31)
    trial.look()
    assert trial.types()[-1] == "line.resumed"
    assert trial.issue("tax")["number"] == "A001"
    suspend(trial)
    resume(trial)
    assert trial.issue("tax")["number"] == "A002"
    before = trial.seq
    resume(trial)
    trial.clock.forward(minutes=31)
    trial.look()
    assert trial.seq == before


def test_a_suspension_outlasts_the_day_where_its_time_does(trial: Trial) -> None:
    suspend(trial, minutes=24 * 60 + 60)
    trial.clock.forward(days=1)
    trial.look()
    assert offered(trial)["reason_text"] == "该业务暂停取号：系统故障，10:00恢复"
    trial.clock.forward(minutes=61)
    trial.look()
    assert offered(trial)["open"]


def test_no_line_is_said_to_begin_again_when_its_hours_are_over_or_not_begun(trial: Trial) -> None:
    suspend(trial, minutes=10 * 60)
    trial.clock.set("2026-11-23T17:30:00+08:00")
    assert offered(trial)["reason"] == "over"
    suspend(trial, minutes=14 * 60)
    trial.clock.set("2026-11-24T07:00:00+08:00")
    trial.look()
    assert offered(trial)["reason"] == "not_yet"


def test_those_who_wait_are_served_on_and_told(trial: Trial) -> None:
    trial.open("w1")
    ticket = trial.issue("tax")
    suspend(trial, reason="打印机更换")
    wanted = partial(tracked_standing, hall=trial.hall, wanted=[ticket["id"]], now=trial.clock.now())
    told = trial.store.read(wanted)[ticket["id"]]
    assert told["notice"] == "税务暂停取号：打印机更换，09:30恢复。已取号的继续办理，请留意叫号。"
    assert trial.call_next("w1")["number"] == ticket["number"]


def test_those_who_are_moved_keep_number_and_place_and_are_told_where_to(trial: Trial) -> None:
    trial.open("w9")
    first, second = trial.issue("tax"), trial.issue("tax", visitor_class="priority")
    trial.clock.forward(minutes=5)
    trial.issue("left")
    answer = suspend(trial, move_to="left")
    assert answer["moved"] == [first["number"], second["number"]]
    wanted = partial(tracked_standing, hall=trial.hall, wanted=[first["id"]], now=trial.clock.now())
    told = trial.store.read(wanted)[first["id"]]
    assert (told["line"], [one["id"] for one in told["windows"]]) == ("left", ["w9"])
    assert told["notice"] == "税务暂停取号：系统故障，09:35恢复。已取号的转到左继续等候，次序不变，请留意叫号。"
    called = [trial.call_next("w9", finish="completed")["number"] for _ in range(3)]
    assert sorted(called[:2]) == ["A001", "A002"] and called[2] == "L001"
    assert trial.store.read(partial(call_faults, hall=trial.hall)) == []


def test_a_held_number_comes_back_to_the_line_it_was_moved_to(trial: Trial) -> None:
    trial.open("w1"), trial.open("w9")
    number = trial.issue("tax")["number"]
    trial.call_next("w1")
    trial.hold("w1", minutes=5)
    suspend(trial, move_to="left")
    trial.clock.forward(minutes=6)
    assert trial.call_next("w9")["number"] == number


def test_what_cannot_be_suspended_is_refused_and_changes_nothing(trial: Trial) -> None:
    suspend(trial, "social")
    before = trial.all_rows()
    assert refused(lambda: suspend(trial, "golf")).code == "not_found"
    assert refused(lambda: suspend(trial, move_to="golf")).code == "not_found"
    assert refused(lambda: suspend(trial, move_to="tax")).code == "bad_body"
    assert refused(lambda: suspend(trial, move_to="social")).code == "line_closed"
    assert refused(lambda: suspend(trial, minutes=-1)).code == "bad_body"
    for unit, code in (("u", "own_matter"), ("another", "not_allowed")):
        by = trial.who(Role.SUPERVISOR, "stationed", unit=unit)
        assert refused(lambda: suspend(trial, by=by)).code == code  # noqa: B023
    suspend(trial, "social")
    assert trial.all_rows() == before


def test_a_window_suspended_by_the_supervisor_gives_back_who_waits_for_it_alone(trial: Trial) -> None:
    trial.open("w1"), trial.open("w2", by=trial.clerk("3022"))
    sent = trial.issue("tax")
    trial.call_next("w2", by=trial.clerk("3022"))
    trial.transfer("w2", by=trial.clerk("3022"), window_to="w1")
    trial.pause("w1", by=trial.supervisor, reason="system")
    assert trial.ticket(sent["id"])["pool"] == ""
    assert trial.call_next("w2", by=trial.clerk("3022"))["number"] == sent["number"]


def test_who_waits_for_a_window_that_its_clerk_pauses_waits_on_for_it(trial: Trial) -> None:
    trial.open("w1"), trial.open("w2", by=trial.clerk("3022"))
    sent = trial.issue("tax")
    trial.call_next("w2", by=trial.clerk("3022"))
    trial.transfer("w2", by=trial.clerk("3022"), window_to="w1")
    trial.pause("w1")
    assert trial.ticket(sent["id"])["pool"] == "w:w1"


acts = st.lists(
    st.sampled_from(["issue", "priority", "call", "hold", "hold_short", "miss", "reinstate", "late", "send", "link"]),
    min_size=1,
    max_size=14,
)


@pytest.mark.parametrize("database", ["sqlite"])
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(acts=acts, move=st.booleans())
def test_nobody_is_dropped_whatever_had_happened(
    stores: dict[str, Store], database: str, acts: Any, move: bool
) -> None:
    store = stores[database]
    store.clock = SetClock()
    trial = Trial.found(store, store.clock)
    for window in ("w1", "w2", "w9"):
        trial.open(window)
    for act in acts:
        _do(trial, act)
    live = {row["id"] for row in trial.rows("tickets") if row["status"] not in ("completed", "no_show", "cancelled")}
    suspend(trial, move_to="left" if move else None)
    assert {row["id"] for row in trial.rows("tickets") if row["status"] in ("waiting", "held", "called")} == live
    trial.clock.forward(minutes=20)
    trial.look()  # who was late or held for a time has come back
    for _ in range(3 * len(live)):
        _serve_one(trial, *(("w9",) if move else ("w1", "w2")))
    left = [row["number"] for row in trial.rows("tickets") if row["id"] in live and row["status"] != "completed"]
    assert left == [row["number"] for row in trial.rows("tickets") if row["pool"] == "w:w1" and row["number"] in left]
    assert trial.faults() == []


def _serve_one(trial: Trial, *windows: str) -> None:
    """Ends what is at the windows; then each takes whoever is held, or calls who is next."""
    for window in ("w1", "w2", "w9"):
        if trial.window(window)["ticket_id"]:
            trial.complete(window)
    held = [row["number"] for row in trial.rows("tickets") if row["status"] == "held"]
    for window in windows:
        if held and window == windows[0]:
            trial.resume(window, held[0], by=trial.supervisor)
        else:
            trial.call_next(window)


def _do(trial: Trial, act: str) -> None:
    """One thing that may have happened to numbers of the line before."""
    from server.actions.visitor import come_later

    rows = [row for row in trial.rows("tickets") if row["line_id"] == "tax"]
    waiting = [row for row in rows if row["status"] == "waiting" and not row["pool"] and not row["parked"]]
    missed = [row for row in rows if row["status"] == "no_show"]
    if act in ("issue", "priority"):
        trial.issue("tax", visitor_class="priority" if act == "priority" else "ordinary")
    elif act == "link" and waiting:
        trial.issue("tax", linked=waiting[0]["id"])
    elif act == "late" and waiting and waiting[-1]["late_at"] is None:
        trial.run(trial.desk, lambda tx: come_later(tx, trial.desk, waiting[-1]["id"]))
    elif act == "send" and waiting:
        trial.transfer("w1", number=waiting[0]["number"], window_to="w1")
    elif act == "reinstate" and missed and missed[0]["reinstated_at"] is None:
        trial.reinstate(missed[0]["id"])
    elif act in ("call", "hold", "hold_short", "miss") and trial.call_next("w2", finish="completed"):
        if act == "miss":
            trial.no_show("w2", early=True)
        elif act != "call":
            trial.hold("w2", minutes=5 if act == "hold_short" else None)
    trial.clock.forward(seconds=30)


def test_nobody_is_moved_to_a_line_that_has_only_a_lent_window(trial: Trial) -> None:
    put(trial, "lines", "health", **HEALTH)
    lend(trial, "w9", "health", minutes=20)
    trial.issue("tax")
    assert refused(lambda: suspend(trial, "tax", move_to="health")).details["field"] == "move_to"
