"""Lines lent to a window for a time: they are served, told to everyone, and given back of their own accord."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hall.words import Role
from server.actions.lending import Loan, lend_line, take_back
from server.audit.verifying import call_faults, first_order, fold_faults
from server.layout.kept import hall_layout
from server.people import Principal
from tests.server.trial import Trial, open_trial_store, refused


def lend(trial: Trial, window: str = "w9", line: str = "tax", by: Principal | None = None, **more: Any) -> Any:
    """`more`: rank, minutes."""
    by, until = by or trial.supervisor, trial.clock.now() + timedelta(minutes=more.get("minutes", 30))
    loan = Loan(window, line, more.get("rank", 1), until, "many wait")
    return trial.run(by, lambda tx: lend_line(tx, by, loan))


def give_back(trial: Trial, window: str = "w9", line: str = "tax") -> Any:
    return trial.run(trial.supervisor, lambda tx: take_back(tx, trial.supervisor, window, line, "calm again"))


def lines_of(trial: Trial, window: str = "w9") -> dict[str, int]:
    """As the board shows them."""
    (found,) = [one for one in trial.board()["windows"] if one["id"] == window]
    return {line["id"]: line["rank"] for line in found["lines"]}


def verified(trial: Trial) -> None:
    for faults in (call_faults, fold_faults):
        assert trial.store.read(partial(faults, hall=trial.hall)) == []


def test_a_lent_line_is_called_at_the_window_and_shown_there(trial: Trial) -> None:
    trial.open("w9")
    number = trial.issue("tax")["number"]
    assert trial.call_next("w9") is None
    lend(trial)
    assert lines_of(trial) == {"left": 1, "right": 1, "tax": 1}
    assert "w9" in [one["id"] for one in trial.issue("tax")["windows"]]
    assert trial.call_next("w9")["number"] == number
    event = next(one for one in trial.events() if one["type"] == "window.lines_lent")
    assert (event["data"]["by"], event["data"]["reason"]) == (trial.supervisor.name, "many wait")
    verified(trial)


def test_a_lent_line_goes_back_at_its_time_and_what_is_called_is_served_on(trial: Trial) -> None:
    trial.open("w9")
    trial.issue("tax"), trial.issue("tax")
    lend(trial)
    called = trial.call_next("w9")["number"]
    trial.clock.forward(minutes=31)
    trial.look()
    assert lines_of(trial) == {"left": 1, "right": 1}
    assert trial.types()[-1] == "window.lines_returned"
    assert trial.serve("w9")["number"] == called
    assert trial.call_next("w9") is None
    verified(trial)


def test_several_loans_go_back_each_at_its_own_time(trial: Trial) -> None:
    lend(trial, "w9", "tax", minutes=30)
    lend(trial, "w9", "social", minutes=10)
    lend(trial, "w1", "left", minutes=20)
    seen = []
    for _ in range(3):
        trial.clock.forward(minutes=10)
        trial.look()
        seen.append((set(lines_of(trial, "w9")), set(lines_of(trial, "w1"))))
    own = {"tax", "social"}
    assert seen == [
        ({"left", "right", "tax"}, own | {"left"}),
        ({"left", "right", "tax"}, own),
        ({"left", "right"}, own),
    ]


def test_a_loan_ends_with_the_day_whatever_its_time(trial: Trial) -> None:
    trial.open("w9")
    lend(trial, minutes=60 * 48)
    trial.clock.forward(days=1)
    trial.look()
    assert lines_of(trial) == {"left": 1, "right": 1}
    assert trial.types()[-3:] == ["window.lines_returned", "register.checked", "day.started"]
    verified(trial)


def test_a_loan_goes_back_after_a_restart_too(trial: Trial) -> None:
    lend(trial)
    trial.clock.forward(minutes=31)
    again = open_trial_store(trial.store.engine.url.render_as_string(hide_password=False), trial.clock)
    later = Trial(again, trial.clock, trial.hall)
    later.look()
    assert lines_of(later) == {"left": 1, "right": 1}
    again.engine.dispose()


def test_the_supervisor_takes_a_line_back_before_its_time(trial: Trial) -> None:
    lend(trial)
    give_back(trial)
    assert lines_of(trial) == {"left": 1, "right": 1}
    assert trial.events()[-1]["data"]["reason"] == "calm again"
    assert refused(lambda: give_back(trial)).code == "not_lent"
    trial.clock.forward(minutes=31)
    before = trial.seq
    trial.look()
    assert trial.seq == before


def test_what_cannot_be_lent_is_refused_and_changes_nothing(trial: Trial) -> None:
    before = trial.all_rows()
    assert refused(lambda: lend(trial, "w1", "tax")).code == "line_served"
    assert refused(lambda: lend(trial, "w404")).code == "not_found"
    assert refused(lambda: lend(trial, line="golf")).code == "not_found"
    assert refused(lambda: lend(trial, minutes=0)).code == "bad_body"
    stationed = trial.who(Role.SUPERVISOR, "stationed", unit="u")
    assert refused(lambda: lend(trial, by=stationed)).code == "own_matter"
    stationed = trial.who(Role.SUPERVISOR, "stationed", unit="another")
    assert refused(lambda: lend(trial, by=stationed)).code == "not_allowed"
    assert trial.all_rows() == before


def test_the_first_calls_are_checked_by_the_ranks_of_then(trial: Trial) -> None:
    """A change of ranks is taken back for the calls before it, however many followed."""
    trial.open("w1"), trial.open("w9")
    first = trial.store.read(partial(first_order, hall=trial.hall))
    for line in ("social", "left", "tax"):
        trial.issue(line)
    trial.call_next("w1", finish="completed")
    lend(trial, "w1", "left", rank=1, minutes=20)
    trial.clock.forward(minutes=1)
    assert trial.call_next("w1", finish="completed")["number"] == "L001"
    lend(trial, "w9", "social", rank=2, minutes=5)
    trial.clock.forward(minutes=25)
    trial.issue("left")
    assert trial.call_next("w9", finish="completed")["number"] == "L002"
    assert trial.store.read(partial(first_order, hall=trial.hall)) == first
    verified(trial)


def test_the_layout_as_written_knows_nothing_of_what_is_lent(trial: Trial) -> None:
    before = trial.store.read(partial(hall_layout, hall=trial.hall))
    lend(trial)
    after = trial.store.read(partial(hall_layout, hall=trial.hall))
    assert before is not None and after is not None
    assert after.windows["w9"].lent == {"tax": datetime.fromisoformat("2026-11-23T01:30:00+00:00")}
    assert after.document == before.document
