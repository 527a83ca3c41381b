"""The layout changed while the hall runs: it holds at once and everywhere, and nobody who is there is lost."""

import random
from functools import partial
from typing import Any

import pytest

from hall.layout import PARTS
from hall.words import Role
from server import queries
from server.actions import consulting, registering
from server.actions.arranging import Make, change_layout
from server.actions.drafting import with_part, with_rows, with_settings, without
from server.audit.verifying import call_faults, fold_faults
from server.layout.kept import Layout, hall_layout, written_layout
from server.layout.refusals import said
from server.people import Principal
from tests.server.trial import Trial, refused

HEALTH = {"id": "health", "name": "卫生健康", "prefix": "H"}


def admin(trial: Trial) -> Principal:
    return trial.who(Role.SYSTEM_ADMIN, "admin")


def change(trial: Trial, make: Make, by: Principal | None = None, reason: str = "试行") -> list[dict[str, Any]]:
    by = by or admin(trial)
    return list(trial.run(by, lambda tx: change_layout(tx, by, make, reason))["changes"])


def layout(trial: Trial) -> Layout:
    found = trial.store.read(partial(hall_layout, hall=trial.hall))
    assert found is not None
    return found


def value(trial: Trial, part: str, key: str) -> dict[str, Any]:
    return next(one.model_dump(mode="json") for one in getattr(layout(trial).document, part) if one.id == key)


def put(trial: Trial, part: str, key: str, by: Principal | None = None, **fields: Any) -> list[dict[str, Any]]:
    """The part with some fields other than now, or a new one."""
    now = next((one for one in getattr(layout(trial).document, part) if one.id == key), None)
    before = {} if now is None else now.model_dump(mode="json")
    one = PARTS[part].model_validate({**before, "id": key, **fields})
    return change(trial, with_part(part, one, now), by)


def codes(trial: Trial, make: Make) -> list[str]:
    """Why the change is refused, each said in both languages; the refusal writes nothing."""
    trial.look()
    before = trial.all_rows()
    error = refused(lambda: change(trial, make))
    assert error.code == "layout_refused"
    assert trial.all_rows() == before
    refusals = error.details["refusals"]
    assert all(said(language, one) for language in ("zh-CN", "en") for one in refusals)
    return [one["code"] for one in refusals]


def verified(trial: Trial) -> None:
    for faults in (call_faults, fold_faults):
        assert trial.store.read(partial(faults, hall=trial.hall)) == []


def test_a_new_line_with_its_window_gives_numbers_and_is_called_at_once(trial: Trial) -> None:
    put(trial, "lines", "health", **HEALTH)
    put(trial, "windows", "w9", lines={"left": 1, "right": 1, "health": 1})
    put(trial, "matters", "vaccine", name="接种", unit="u", category="licence", line="health")
    trial.open("w9")
    number = trial.issue(None, matter="vaccine")["number"]
    assert number == "H001" and trial.call_next("w9")["number"] == number
    assert trial.board()["waiting"]["health"] == 0
    verified(trial)


def test_a_change_is_journalled_with_who_why_and_what_was_before(trial: Trial) -> None:
    put(trial, "lines", "fund", daily_quota=5)
    event = trial.events()[-1]
    assert event["type"] == "layout.changed"
    assert (event["data"]["by"], event["data"]["reason"]) == ("admin", "试行")
    (told,) = event["data"]["changes"]
    assert (told["id"], told["kind"], told["fields"]) == ("fund", "changed", {"daily_quota": [3, 5]})


def test_the_same_again_writes_nothing(trial: Trial) -> None:
    before = trial.seq
    assert change(trial, lambda now: now.document) == [] and put(trial, "lines", "fund") == []
    assert trial.seq == before


def test_a_window_that_is_renamed_moved_and_ranked_is_so_on_every_board(trial: Trial) -> None:
    trial.open("w2")
    put(trial, "windows", "w2", name="2A", zone="b", lines={"social": 1, "fund": 2})
    (shown,) = [one for one in trial.board()["windows"] if one["id"] == "w2"]
    assert (shown["name"], shown["zone"], shown["floor"], shown["status"]) == ("2A", "b", 2, "open")
    assert shown["lines"] == [{"id": "social", "rank": 1}, {"id": "fund", "rank": 2}]
    trial.issue("tax"), trial.issue("social")
    assert trial.call_next("w2")["line"] == "social"
    verified(trial)


def test_what_is_closed_keeps_its_history_and_comes_back_under_its_id(trial: Trial) -> None:
    trial.open("w9")
    ticket = trial.issue("left")
    trial.call_next("w9"), trial.complete("w9"), trial.close("w9")
    change(trial, without("windows", "w9"))
    assert "w9" not in layout(trial).windows and layout(trial).windows["w9"].name == "9"
    change(trial, without("lines", "left")), change(trial, without("lines", "right"))
    assert trial.standing(ticket["id"])["line"] == "left"
    assert refused(lambda: trial.issue("left")).code == "not_found"
    assert "left" not in trial.board()["waiting"]
    (told,) = put(trial, "lines", "left", name="左边", prefix="L")
    assert told["kind"] == "reopened"
    put(trial, "windows", "w9", name="9", zone="b", lines={"left": 1})
    trial.open("w9")
    assert trial.issue("left")["number"] == "L002"
    verified(trial)


def test_lines_may_change_their_prefixes_for_each_others_before_the_first_number(trial: Trial) -> None:
    lines = {one.id: one for one in layout(trial).document.lines}
    swapped = {
        "left": lines["left"].model_copy(update={"prefix": "R"}),
        "right": lines["right"].model_copy(update={"prefix": "L"}),
    }
    change(trial, with_rows("lines", swapped, layout(trial)))
    assert (trial.issue("left")["number"], trial.issue("right")["number"]) == ("R001", "L001")


def test_a_range_of_numbers_is_not_broken(trial: Trial) -> None:
    trial.issue("tax")
    tax, left = (layout(trial).lines[key].more for key in ("tax", "left"))
    assert codes(trial, with_part("lines", tax.model_copy(update={"prefix": "T"}), tax)) == ["numbers_given"]
    put(trial, "lines", "left", prefix="T")
    left = layout(trial).lines["left"].more
    without_tax = {"tax": tax.model_copy(update={"prefix": "X"}), "left": left.model_copy(update={"prefix": "A"})}
    assert codes(trial, with_rows("lines", without_tax, layout(trial))) == ["numbers_given", "numbers_given"]
    trial.clock.forward(days=1)
    put(trial, "lines", "tax", prefix="X")
    assert trial.issue("tax")["number"] == "X001"


def test_a_window_with_a_live_ticket_or_a_clerk_is_not_closed(trial: Trial) -> None:
    trial.open("w9"), trial.issue("left"), trial.issue("left")
    trial.call_next("w9")
    assert codes(trial, without("windows", "w9")) == ["live_ticket", "line_unserved"]
    trial.complete("w9")
    assert codes(trial, without("windows", "w9")) == ["window_staffed", "line_unserved"]
    trial.close("w9")
    assert codes(trial, without("windows", "w9")) == ["line_unserved"]


def test_a_window_that_somebody_waits_for_alone_is_not_closed(trial: Trial) -> None:
    trial.open("w1"), trial.open("w2", trial.clerk("3022"))
    trial.issue("tax")
    trial.call_next("w1")
    trial.transfer("w1", window_to="w2")
    trial.close("w1")
    assert codes(trial, without("windows", "w2"))[-1] == "window_awaited"


def test_a_line_with_people_or_a_loan_is_not_closed_and_a_loan_not_overwritten(trial: Trial) -> None:
    trial.issue("left")
    trial.lend("w1", "left")
    own = layout(trial).document.windows
    alone = next(one for one in own if one.id == "w9")
    made = partial(both, lines="left", window=alone.model_copy(update={"lines": {"right": 1}}))
    assert codes(trial, made) == ["line_waiting", "lent_away"]
    w1 = next(one for one in own if one.id == "w1")
    taken = w1.model_copy(update={"lines": {**w1.lines, "left": 3}})
    assert codes(trial, with_part("windows", taken, w1)) == ["lent"]


def both(now: Layout, lines: str, window: Any) -> Any:
    """A line closed and its window without it."""
    other = with_rows("windows", {window.id: window}, now)(now)
    return other.model_copy(update={"lines": [one for one in other.lines if one.id != lines]})


def test_no_matter_of_the_hall_is_left_without_a_line_or_a_window(trial: Trial) -> None:
    orphan = refused(lambda: change(trial, without("lines", "social")))
    assert orphan.code == "bad_layout"
    assert {(one["part"], one["id"], one["field"]) for one in orphan.details["mistakes"]} >= {
        ("matters", "pension", "line"),
        ("windows", "w1", "lines.social"),
    }
    bare = {one.id: one.model_copy(update={"lines": {"tax": 1}}) for one in layout(trial).document.windows}
    assert codes(trial, with_rows("windows", bare, layout(trial))) == ["unserved_matter"]
    sent_on = {"lines": ["left"]}
    invoice = value(trial, "matters", "invoice") | {"route": sent_on}
    put(trial, "matters", **{**invoice, "key": invoice.pop("id")})
    assert codes(trial, without("windows", "w9")) == ["unserved_matter"]


def test_where_a_matter_is_handled_is_the_registers_alone(trial: Trial) -> None:
    now = next(one for one in layout(trial).document.matters if one.id == "invoice")
    assert codes(trial, with_part("matters", now.model_copy(update={"entry": "exempt"}), now)) == ["entry"]
    new = now.model_copy(update={"id": "new", "entry": "separate"})
    assert codes(trial, with_part("matters", new, None)) == ["entry"]
    change(trial, without("matters", "invoice"))
    assert codes(trial, with_part("matters", now.model_copy(update={"entry": "pending"}), None)) == ["entry"]
    change(trial, with_part("matters", now, None))
    pending = now.model_copy(update={"id": "new", "entry": "pending"})
    assert change(trial, with_part("matters", pending, None))[0]["kind"] == "added"


def test_what_the_register_has_not_settled_keeps_its_unit(trial: Trial) -> None:
    head = trial.who(Role.UNIT_HEAD, "head", "u")
    trial.run(head, lambda tx: registering.propose_exemption(tx, head, "invoice", "exempt", "保密"))
    put(trial, "units", "v", name="海关", kind="vertical")
    put(trial, "matters", "customs", name="报关", unit="v", category="licence", line="tax", entry="pending")
    by = trial.supervisor
    trial.run(by, lambda tx: consulting.open_consultation(tx, by, "customs", "商请进厅"))
    matters = {one.id: one for one in layout(trial).document.matters}
    assert codes(trial, without("matters", "invoice")) == ["exempted"]
    to_other = matters["customs"].model_copy(update={"unit": "u"})
    assert codes(trial, with_part("matters", to_other, matters["customs"])) == ["consulted"]
    unit = next(one for one in layout(trial).document.units if one.id == "v")
    assert codes(trial, with_part("units", unit.model_copy(update={"kind": "local"}), unit)) == ["consulted"]
    assert put(trial, "matters", "customs", name="报关单")[0]["kind"] == "changed"


def test_two_administrators_do_not_undo_each_other(trial: Trial) -> None:
    shown = next(one for one in layout(trial).document.lines if one.id == "fund")
    put(trial, "lines", "fund", daily_quota=9)
    late = with_part("lines", shown.model_copy(update={"daily_quota": 4}), shown)
    assert refused(lambda: change(trial, late)).code == "layout_moved"
    hours = {"issuing": ["08:00-11:00"]}
    assert refused(lambda: change(trial, with_settings(hours, {"issuing": ["09:00-10:00"]}))).code == "layout_moved"
    change(trial, with_settings(hours, {"issuing": ["08:00-12:00", "13:00-17:00"]}))
    trial.clock.set("2026-11-23T11:30:00+08:00")
    assert refused(lambda: trial.issue("tax")).code == "line_closed"


def test_rules_changed_in_the_layout_are_followed_and_every_call_can_be_derived_again(trial: Trial) -> None:
    trial.open("w1")
    for visitor_class in ("ordinary", "ordinary", "priority"):
        trial.issue("tax", visitor_class=visitor_class)
        trial.clock.forward(minutes=2)
    trial.call_next("w1"), trial.complete("w1")
    before = layout(trial).settings["rules"]
    rules = {**before, "order": {**before["order"], "preset": "first_come", "weights": None}, "red_wait_minutes": 20}
    change(trial, with_settings({"rules": rules}, {"rules": before}))
    trial.call_next("w1"), trial.complete("w1")
    put(trial, "windows", "w1", lines={"social": 1, "tax": 2})
    trial.issue("social"), trial.call_next("w1")
    assert trial.ticket(trial.issue("tax")["id"])["status"] == "waiting"
    verified(trial)


def test_only_the_centers_administrator_arranges_and_the_supervisor_who_is_where(trial: Trial) -> None:
    posted = {"clerk": "3021", "unit": "u", "window": "w1", "from_day": "2026-11-23", "to_day": None}
    assert put(trial, "assignments", "p1", trial.supervisor, **posted)[0]["kind"] == "added"
    assert refused(lambda: put(trial, "lines", "fund", trial.supervisor, daily_quota=1)).code == "not_allowed"
    stationed = trial.who(Role.SYSTEM_ADMIN, "theirs", "u")
    assert refused(lambda: put(trial, "lines", "tax", stationed, daily_quota=1)).code == "own_matter"
    assert refused(lambda: put(trial, "lines", "left", stationed, daily_quota=1)).code == "not_allowed"


def test_a_hall_that_has_begun_keeps_its_time_zone(trial: Trial) -> None:
    trial.issue("tax")
    assert codes(trial, with_settings({"time_zone": "UTC"}, {"time_zone": "Asia/Shanghai"})) == ["time_zone"]


def test_a_number_given_without_network_for_a_line_closed_meanwhile_waits_at_the_guide_desk(trial: Trial) -> None:
    put(trial, "lines", "health", **HEALTH)
    change(trial, without("lines", "health"))
    answer = trial.hand_over("H801", "health")
    assert (answer["number"], answer["line"]) == ("H801", "guide")


def test_nobody_is_reinstated_into_a_closed_line(trial: Trial) -> None:
    trial.open("w9")
    ticket = trial.issue("left")
    trial.call_next("w9")
    trial.clock.forward(minutes=3)
    trial.recall("w9"), trial.no_show("w9"), trial.close("w9")
    make = partial(
        both, lines="left", window=layout(trial).document.windows[3].model_copy(update={"lines": {"right": 1}})
    )
    change(trial, make)
    assert refused(lambda: trial.reinstate(ticket["id"])).details["reason"] == "not_in_hall"


@pytest.mark.parametrize("seed", range(3))
def test_a_hall_whose_layout_keeps_changing_loses_nobody(trial: Trial, seed: int) -> None:
    dice = random.Random(seed)
    trial.open("w1"), trial.open("w2", trial.clerk("3022"))
    for _ in range(60):
        trial.clock.forward(seconds=dice.randint(5, 90))
        act = dice.choice([_issues, _issues, _calls, _ranks, _names, _lines])
        _tried(partial(act, trial, dice))
    verified(trial)
    written = trial.store.read(partial(written_layout, hall=trial.hall))
    assert trial.store.read(partial(queries.known_layout, hall=trial.hall)).document == type(
        layout(trial).document
    ).model_validate(written)


def _tried(act: Any) -> None:
    from hall.errors import HallError

    try:
        act()
    except HallError as error:
        assert error.code in {"layout_refused", "bad_layout", "window_busy", "not_found", "line_closed", "not_served"}


def _issues(trial: Trial, dice: random.Random) -> None:
    trial.issue(dice.choice([*layout(trial).lines]), always_open=True)


def _calls(trial: Trial, dice: random.Random) -> None:
    window, clerk = dice.choice([("w1", "3021"), ("w2", "3022")])
    if trial.call_next(window, trial.clerk(clerk), finish="completed"):
        trial.serve(window, trial.clerk(clerk))


def _ranks(trial: Trial, dice: random.Random) -> None:
    lines = dice.sample([*layout(trial).lines], 3)
    put(trial, "windows", dice.choice(["w1", "w2", "w3"]), lines={line: dice.randint(1, 3) for line in lines})


def _names(trial: Trial, dice: random.Random) -> None:
    put(trial, "windows", "w2", name=str(dice.randint(20, 29)), zone=dice.choice("ab"))


def _lines(trial: Trial, dice: random.Random) -> None:
    key = dice.choice(["new-1", "new-2"])
    if key in layout(trial).lines:
        change(trial, without("lines", key))
    else:
        put(trial, "lines", key, name=key, prefix={"new-1": "X", "new-2": "Y"}[key])
