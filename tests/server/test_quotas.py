"""Quotas and hours: of a day, a span and what is left of it; days off, closing, lunch, overtime, who was sent home."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from hall.errors import HallError
from server import queries
from server.actions.scanning import scan_code
from server.db import Store
from tests.server.served import Home
from tests.server.test_bookings import Booked, with_booking
from tests.server.trial import Trial, layout, refused


def with_line(store: Store, calendar: dict[str, Any] | None = None, **more: Any) -> Booked:
    """A trial hall on Monday the 23rd at 09:00 whose line tax has more settings."""
    written = with_booking()
    written["lines"][0] |= {"booking": None, **more}
    if calendar is not None:
        written["calendar"] = calendar
    return Booked.found(store, store.clock, **written)  # type: ignore[arg-type]


def line_of(trial: Trial, line: str = "tax", language: str = "zh-CN") -> dict[str, Any]:
    """The line as the kiosk's catalogue tells it."""
    now = trial.clock.now()
    told = trial.store.read(lambda c: queries.catalogue(c, trial.hall, language, now, False, None))
    return next(one for one in told["lines"] if one["id"] == line)


def reason(trial: Trial, line: str = "tax") -> str:
    """Why no number is given: the refusal and the catalogue say the same, and nothing is written."""
    before = trial.all_rows()
    refusal = refused(lambda: trial.issue(line))
    assert refusal.code == "line_closed" and trial.all_rows() == before
    told = line_of(trial, line)
    assert not told["open"] and told["reason"] == refusal.details["reason"] and told["reason_text"]
    return str(refusal.details["reason"])


def serve_one(trial: Trial, window: str, minutes: float) -> None:
    trial.call_next(window)
    trial.serve(window)
    trial.clock.forward(minutes=minutes)
    trial.complete(window)


def test_the_catalogue_says_when_the_days_numbers_are_gone(trial: Trial) -> None:
    for _ in range(3):
        assert line_of(trial, "fund")["open"]
        trial.issue("fund")
    assert reason(trial, "fund") == "quota"


def test_a_span_gives_its_numbers_and_the_next_span_its_own(store: Store) -> None:
    quotas = [{"span": "08:00-12:00", "numbers": 2}, {"span": "13:00-17:00", "numbers": 1}]
    hall = with_line(store, slot_quotas=quotas)
    hall.issue()
    hall.issue()
    assert reason(hall) == "slot_quota"
    hall.clock.set("2026-11-23T13:00:00+08:00")
    assert hall.issue()["number"] == "A003"
    assert reason(hall) == "slot_quota"
    hall.clock.set("2026-11-24T08:30:00+08:00")
    assert [hall.issue()["number"] for _ in range(2)] == ["A001", "A002"]
    assert hall.faults() == []


def test_outside_its_spans_a_line_gives_numbers_freely(store: Store) -> None:
    hall = with_line(store, slot_quotas=[{"span": "10:00-11:00", "numbers": 1}])
    assert [hall.issue()["number"] for _ in range(3)] == ["A001", "A002", "A003"]
    hall.clock.set("2026-11-23T10:00:00+08:00")
    hall.issue()
    assert reason(hall) == "slot_quota"


@pytest.mark.parametrize("processes", [1, 2])
def test_twenty_at_once_for_the_last_numbers_of_a_span_get_exactly_those(
    store: Store, other_store: Store, processes: int
) -> None:
    hall = with_line(store, slot_quotas=[{"span": "08:00-12:00", "numbers": 3}])
    start, got = threading.Barrier(20), [""] * 20

    def take(place: int) -> None:
        here = replace(hall, store=other_store) if processes == 2 and place % 2 else hall
        start.wait(20)
        try:
            got[place] = here.issue()["number"]
        except HallError as error:
            got[place] = error.details["reason"]

    threads = [threading.Thread(target=take, args=(place,), daemon=True) for place in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(got) == ["A001", "A002", "A003"] + ["slot_quota"] * 17
    assert hall.faults() == []


def test_no_number_is_given_to_who_could_not_be_served_before_closing(store: Store) -> None:
    """At 16:40 twenty minutes are left: with one window and ten minutes a visitor, two."""
    hall = with_line(store, capacity_quota=10)
    hall.open("w1")
    hall.clock.set("2026-11-23T16:40:00+08:00")
    hall.issue()
    hall.issue()
    assert reason(hall) == "capacity"
    hall.call_next("w1")
    assert hall.issue()["number"] == "A003", "one of the two is being served"


def test_what_is_left_is_reckoned_with_all_who_may_serve_and_their_own_pace(store: Store) -> None:
    hall = with_line(store, capacity_quota=10)
    hall.clock.set("2026-11-23T16:00:00+08:00")
    hall.open("w1")
    for _ in range(3):
        hall.issue()
        serve_one(hall, "w1", 5)
    hall.clock.set("2026-11-23T16:50:00+08:00")
    assert [hall.issue()["number"] for _ in range(2)] == ["A004", "A005"], "ten minutes, five a visitor"
    assert reason(hall) == "capacity"
    hall.open("w3", by=hall.clerk("w3"))
    assert hall.issue()["number"] == "A006", "a second window serves two more"


def test_who_has_booked_and_is_still_to_come_counts_among_them(store: Store) -> None:
    booking = {"slot_minutes": 30, "capacity": 3, "days_ahead": 0}
    hall = with_line(store, capacity_quota=10, booking=booking)
    hall.open("w1")
    hall.book("23T16:30")
    hall.clock.set("2026-11-23T16:40:00+08:00")
    hall.issue()
    assert reason(hall) == "capacity"
    hall.clock.set("2026-11-23T16:50:01+08:00")
    assert reason(hall) == "capacity", "who booked did not come, but the time is gone too"


def test_always_open_asks_no_quota(store: Store) -> None:
    hall = with_line(store, slot_quotas=[{"span": "08:00-12:00", "numbers": 1}], capacity_quota=240)
    hall.clock.set("2026-11-23T11:59:00+08:00")
    assert [hall.issue(always_open=True)["number"] for _ in range(2)] == ["A001", "A002"]


def test_on_a_day_off_no_number_is_given_and_the_kiosk_says_when_again(store: Store) -> None:
    hall = with_line(store, calendar={"holidays": "CN"})
    hall.clock.set("2026-11-28T09:00:00+08:00")  # a Saturday
    hall.open("w1")  # whose first command begins the day
    assert reason(hall) == "day_off"
    assert line_of(hall)["reason_text"] == "今天休息，11月30日周一恢复取号"
    assert line_of(hall, language="en")["reason_text"] == "Closed today; tickets again on Mon 30 Nov"
    assert line_of(hall)["opens_at"] is None


def test_a_weekend_that_is_worked_for_a_holiday_gives_numbers(store: Store) -> None:
    store.clock.at = store.clock.at.replace(month=10, day=10)  # type: ignore[attr-defined]  # a Saturday after the holidays
    hall = with_line(store, calendar={"holidays": "CN"})
    assert hall.issue()["number"] == "A001"


def test_closing_drains_numbers_end_and_calling_goes_on(store: Store) -> None:
    hall = with_line(store)
    hall.clock.set("2026-11-23T16:59:00+08:00")
    waiting = [hall.issue()["number"] for _ in range(3)]
    hall.open("w1")
    hall.clock.set("2026-11-23T17:00:00+08:00")
    assert reason(hall) == "over"
    assert [hall.call_next("w1", finish="completed")["number"] for _ in range(3)] == waiting


def test_the_kiosk_warns_whom_the_closing_may_overtake(store: Store) -> None:
    hall = with_line(store)
    hall.open("w1")
    for _ in range(3):
        hall.issue()
        serve_one(hall, "w1", 10)
    for _ in range(3):
        hall.issue()
    assert line_of(hall)["warning"] is None
    hall.clock.set("2026-11-23T16:30:00+08:00")
    told = line_of(hall)
    assert told["open"] and told["warning"] == "may_pass_closing" and "下班" in told["warning_text"]
    hall.clock.set("2026-11-23T17:10:00+08:00")
    assert line_of(hall)["warning"] is None, "a line that gives no number warns nobody"


# --- overtime


def test_service_past_the_calling_hours_is_overtime(store: Store) -> None:
    hall = with_line(store)
    hall.issue()
    hall.open("w1")
    hall.clock.set("2026-11-23T16:50:00+08:00")
    serve_one(hall, "w1", 25)
    assert (hall.window("w1")["service_seconds"], hall.window("w1")["overtime_seconds"]) == (1500, 900)
    assert hall.events()[-1]["data"]["overtime"] == 900
    assert hall.store.read(lambda c: queries.window_today(c, hall.hall, "w1"))["overtime_seconds"] == 900
    hall.clock.set("2026-11-24T08:30:00+08:00")
    hall.open("w1")
    assert hall.window("w1")["overtime_seconds"] == 0


def test_service_within_the_hours_is_none(store: Store) -> None:
    hall = with_line(store)
    hall.issue()
    hall.open("w1")
    serve_one(hall, "w1", 25)
    assert hall.window("w1")["overtime_seconds"] == 0 and "overtime" not in hall.events()[-1]["data"]


# --- sent home


def scan(trial: Trial, code: str, by: Any = None) -> dict[str, Any]:
    by = by or trial.kiosk
    return dict(trial.run(by, lambda tx: scan_code(tx, by, code)))


def sent_home(trial: Trial, **more: Any) -> dict[str, Any]:
    """A number that nobody called before the day was over."""
    ticket = trial.issue(**more)
    return trial.ticket(ticket["id"])


def test_who_was_sent_home_comes_first_on_the_next_working_day(store: Store) -> None:
    hall = with_line(store, calendar={"holidays": "CN"})
    hall.clock.set("2026-11-27T16:00:00+08:00")  # a Friday
    old = sent_home(hall, language="en")
    hall.clock.set("2026-11-30T08:30:00+08:00")
    before = hall.issue()
    came = scan(hall, f"https://hall.example/t/{old['track_code']}")
    new = hall.ticket(came["ticket"]["id"])
    assert came["action"] == "precedence" and came["ticket"]["slip"] is not None
    assert (new["lane"], new["class"], new["queued_at"], new["language"]) == ("booked", "booked", hall.clock.at, "en")
    [issued] = [event for event in hall.events() if event["data"].get("precedence")]
    assert issued["data"]["precedence"] == old["id"]
    hall.open("w1")
    hall.clock.forward(minutes=5)
    assert hall.call_next("w1")["id"] == new["id"] != before["id"]
    assert hall.faults() == []


def test_a_slip_takes_precedence_once(store: Store) -> None:
    hall = with_line(store)
    old = sent_home(hall)
    hall.clock.set("2026-11-24T08:30:00+08:00")
    assert scan(hall, old["track_code"])["action"] == "precedence"
    again = scan(hall, old["track_code"])
    assert (again["action"], again["ticket"]["status"]) == ("found", "expired")


def test_precedence_is_for_the_next_working_day_alone(store: Store) -> None:
    hall = with_line(store)
    old = sent_home(hall)
    hall.clock.set("2026-11-25T08:30:00+08:00")
    assert refused(lambda: scan(hall, old["track_code"])).code == "precedence_over"


def test_who_was_called_has_no_precedence(store: Store) -> None:
    hall = with_line(store)
    old = sent_home(hall)
    hall.open("w1")
    hall.call_next("w1")
    hall.clock.set("2026-11-24T08:30:00+08:00")
    assert scan(hall, old["track_code"])["action"] == "found"


def test_precedence_keeps_a_visitors_priority(store: Store) -> None:
    hall = with_line(store)
    old = sent_home(hall, visitor_class="priority")
    hall.clock.set("2026-11-24T08:30:00+08:00")
    assert scan(hall, old["track_code"])["ticket"]["class"] == "priority"


def test_a_scanned_booking_arrives_and_scanned_again_is_found(store: Store) -> None:
    hall = with_line(store, booking={"capacity": 1})
    code = hall.book("23T09:30")["code"]
    came = scan(hall, code)
    assert came["action"] == "arrived" and came["ticket"]["class"] == "booked"
    again = scan(hall, f" {code} ")
    assert (again["action"], again["ticket"]["id"]) == ("found", came["ticket"]["id"])


# --- lunch


def second(home: Home, window: str, act: str) -> dict[str, Any]:
    """Another clerk acts at a window."""
    answer = home.post(f"windows/{window}/{act}", token=home.token("clerk", name=window))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_window_knows_the_lines_that_it_serves_alone(home: Home) -> None:
    def last_for() -> dict[str, list[str]]:
        return {one["id"]: one["last_for"] for one in home.get("windows").json()["windows"]}

    home.act("w1", "open")
    assert last_for() == {"w1": ["tax", "social"], "w2": [], "w3": [], "w9": []}
    second(home, "w3", "open")
    assert last_for()["w1"] == ["social"] and last_for()["w3"] == ["fund", "guide"]
    assert home.get("windows/w1").json()["window"]["last_for"] == ["social"]


def test_pausing_the_last_window_of_a_line_is_done_and_warned_of(home: Home) -> None:
    home.act("w1", "open")
    second(home, "w3", "open")
    answer = home.act("w1", "pause", until="13:30")
    assert answer.status_code == 200 and answer.json()["window"]["status"] == "paused"
    warning = answer.json()["warning"]
    assert (warning["code"], warning["lines"]) == ("last_window", ["social"]) and "社保" in warning["message"]
    second(home, "w2", "open")
    assert second(home, "w2", "close")["warning"]["lines"] == ["social"]
    assert second(home, "w3", "close")["warning"]["lines"] == [
        "tax", "fund", "guide",
    ]  # fmt: skip


def test_nothing_is_said_when_another_window_goes_on(home: Home) -> None:
    home.act("w1", "open")
    second(home, "w2", "open")
    assert home.act("w1", "pause").json()["warning"] is None


def test_nothing_is_said_after_closing_when_nobody_waits(store: Store) -> None:
    hall = Trial.found(store, store.clock, **layout("any").model_dump(mode="json", include={"calling"}))  # type: ignore[arg-type]
    hall.open("w1")
    now = hall.clock.now()

    def warned() -> Any:
        return store.read(lambda c: queries.last_window_warning(c, hall.hall, "w1", hall.clock.now(), "en"))

    assert warned()["message"] == "No window serves 税务 and 社保 now"
    hall.clock.set("2026-11-23T17:40:00+08:00")
    assert warned() is None and now < hall.clock.now()
    hall.issue(always_open=True)
    assert warned()["lines"] == ["tax"]
