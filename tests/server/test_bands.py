"""Bands of numbers for kiosks without network, and the tickets they hand over afterwards."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from hall.words import Role
from server.actions.bands import Rest
from server.audit.verifying import call_faults
from server.people import Principal
from tests.server.trial import Trial, refused

NEXT_MORNING = "2026-11-24T08:30:00+08:00"
LINES = {"tax": "A", "social": "B", "left": "L", "right": "R", "guide": "G"}  # fund has a quota


def second_kiosk(trial: Trial) -> Principal:
    return trial.who(Role.KIOSK, "kiosk-2")


def counted(trial: Trial, prefix: str, last: int) -> None:
    """As if so many numbers had been given; their rows are left out, so the numbers are not looked at."""
    trial.store.write(
        lambda connection: connection.execute(
            text(
                "INSERT INTO counters (hall_id, day, prefix, last) VALUES (:hall, '2026-11-23', :prefix, :last)"
                " ON CONFLICT (hall_id, day, prefix) DO UPDATE SET last = :last"
            ),
            {"hall": trial.hall, "prefix": prefix, "last": last},
        )
    )


def spans(answer: dict[str, Any], prefix: str = "A") -> list[tuple[int, int]]:
    return [(one["first"], one["last"]) for one in answer["bands"] if one["prefix"] == prefix]


def test_a_kiosk_takes_a_band_of_each_line_once_a_day(trial: Trial) -> None:
    answer = trial.take_bands(20)
    assert {(one["prefix"], one["first"], one["last"]) for one in answer["bands"]} == {
        (prefix, 801, 820) for prefix in LINES.values()
    }
    assert {one["id"]: one["prefix"] for one in answer["lines"]} == LINES
    (event,) = trial.events()
    assert (event["type"], len(event["data"]["bands"])) == ("band.taken", len(LINES))
    assert trial.take_bands(20)["bands"] == answer["bands"]
    assert trial.seq == 1


def test_two_kiosks_never_hold_the_same_number(trial: Trial) -> None:
    assert spans(trial.take_bands(20)) == [(801, 820)]
    assert spans(trial.take_bands(30, second_kiosk(trial))) == [(821, 850)]


def test_a_band_knows_when_its_line_gives_numbers_and_when_the_day_is_over(trial: Trial) -> None:
    answer = trial.take_bands(5)
    hours = {one["id"]: one["hours"] for one in answer["lines"]}
    begins = trial.clock.at.timestamp() - 9 * 3600
    assert hours["tax"] == [[begins + 8 * 3600, begins + 12 * 3600], [begins + 13 * 3600, begins + 17 * 3600]]
    assert hours["guide"] == [[begins + 9.5 * 3600, begins + 10 * 3600]]
    assert (answer["day"], answer["ends_at"]) == ("2026-11-23", begins + 24 * 3600)


def test_a_line_with_a_quota_or_that_asks_for_a_document_has_no_band(trial: Trial) -> None:
    own = Trial.found(trial.store, trial.clock, lines=[
        {"id": "tax", "name": "税务", "prefix": "A", "identity": "typed"},
        {"id": "social", "name": "社保", "prefix": "B", "slot_quotas": [{"span": "09:00-10:00", "numbers": 5}]},
        {"id": "fund", "name": "公积金", "prefix": "C", "capacity_quota": 10},
        {"id": "left", "name": "左", "prefix": "L"},
    ], windows=[{"id": "w1", "name": "1", "zone": "a", "lines": {"tax": 1, "social": 1, "fund": 1, "left": 1}}],
        matters=[], guide_line=None)  # fmt: skip
    assert [one["prefix"] for one in own.take_bands()["bands"]] == ["L"]
    assert own.faults() == []


def test_a_kiosk_that_wants_none_gives_back_what_it_has(trial: Trial) -> None:
    trial.take_bands(20)
    assert all(one["back"] for one in trial.take_bands(0)["bands"])
    rests = [Rest(prefix, 801, 801) for prefix in LINES.values()]
    assert trial.take_bands(0, None, *rests)["bands"] == []
    assert trial.types() == ["band.taken", "band.returned"]
    assert trial.rows("bands") == []


def test_numbers_of_the_counter_pass_a_band_by_and_have_no_other_gap(trial: Trial) -> None:
    own = Trial.found(trial.store, trial.clock, rules={"bands": {"first": 4, "near": 1}})
    own.take_bands(2)
    own.take_bands(3, second_kiosk(own))
    numbers = [own.issue("tax")["number"] for _ in range(6)]
    assert numbers == ["A001", "A002", "A003", "A009", "A010", "A011"]
    assert own.hand_over("A005")["number"] == "A005"
    assert own.issue("tax")["number"] == "A012"
    assert own.faults() == []


def test_a_band_gives_way_before_the_counter_reaches_it(trial: Trial) -> None:
    own = Trial.found(trial.store, trial.clock, rules={"bands": {"first": 6, "near": 3}})
    assert spans(own.take_bands(2)) == [(6, 7)]
    for _ in range(3):
        own.issue("tax")
    answer = own.take_bands(2)
    assert [one["back"] for one in answer["bands"] if one["prefix"] == "A"] == [True, False]
    assert spans(answer) == [(6, 7), (106, 107)]
    assert spans(own.take_bands(2, None, Rest("A", 6, 6))) == [(106, 107)]
    assert [own.issue("tax")["number"] for _ in range(5)] == ["A004", "A005", "A006", "A007", "A008"]
    assert own.faults() == []


def test_of_a_band_in_use_only_the_rest_is_given_back(trial: Trial) -> None:
    own = Trial.found(trial.store, trial.clock, rules={"bands": {"first": 3, "near": 3}})
    own.take_bands(4)
    own.hand_over("A003")
    own.issue("tax")
    own.take_bands(4, None, Rest("A", 3, 5))  # the kiosk has given A004 too, and not handed it over yet
    assert [own.issue("tax")["number"] for _ in range(3)] == ["A002", "A005", "A006"]
    assert own.hand_over("A004")["status"] == "waiting"
    assert own.faults() == []


def test_past_999_a_band_has_four_digits(trial: Trial) -> None:
    counted(trial, "A", 990)
    assert spans(trial.take_bands(20)) == [(1101, 1120)]
    counted(trial, "A", 0)


def test_a_used_band_is_topped_up(trial: Trial) -> None:
    trial.take_bands(4)
    for number in ("A801", "A802", "A803"):
        trial.hand_over(number)
    assert spans(trial.take_bands(4)) == [(801, 804), (805, 807)]


def test_a_ticket_handed_over_takes_the_place_of_its_issue(trial: Trial) -> None:
    trial.take_bands()
    trial.issue("tax")
    trial.clock.forward(minutes=10)
    contact = trial.clock.at
    trial.clock.forward(minutes=20)
    later = trial.issue("tax")
    answer = trial.hand_over("A801", issued_at=contact + timedelta(minutes=5), contact_at=contact)
    assert (answer["ahead"], answer["offline"], answer["queued_at"]) == (1, True, "2026-11-23T01:15:00.000Z")
    assert trial.standing(later["id"])["ahead"] == 2
    issued = [one for one in trial.events() if one["type"] == "ticket.issued"]
    event = issued[-1]
    assert (event["type"], event["data"]["offline"], event["ticket"]["offline"]) == ("ticket.issued", True, True)
    assert event["data"]["waiting"] == {"tax": 3}
    assert "offline" not in issued[0]["ticket"]
    trial.open("w1")
    assert [trial.call_next("w1", finish="completed")["number"] for _ in range(3)] == ["A001", "A801", "A002"]
    assert trial.store.read(partial(call_faults, hall=trial.hall)) == []


@pytest.mark.parametrize(("issued", "contact", "place"), [
    (-30, -20, -20),  # the kiosk's clock was set back: never before it was last in contact
    (30, -20, 0),  # nor in the future
    (-300, -300, -60),  # nor before it had the number
])  # fmt: skip
def test_a_place_is_between_the_last_contact_and_now(trial: Trial, issued: int, contact: int, place: int) -> None:
    trial.take_bands()
    trial.clock.forward(minutes=60)
    now = trial.clock.at
    at = {"issued_at": now + timedelta(minutes=issued), "contact_at": now + timedelta(minutes=contact)}
    key = trial.hand_over("A801", **at)["id"]
    assert trial.ticket(key)["queued_at"] == trial.ticket(key)["issued_at"] == now + timedelta(minutes=place)
    assert trial.ticket(key)["joined_at"] == now


def test_handed_over_twice_it_is_written_once(trial: Trial) -> None:
    trial.take_bands()
    same = {"id": str(uuid.uuid4()), "track_code": "a" * 22, "slip": str(uuid.uuid4())}
    first = trial.hand_over("A801", **same)
    seq = trial.seq
    again = trial.hand_over("A801", **same)
    assert (again["id"], again["number"], trial.seq) == (first["id"], "A801", seq)
    assert [row["status"] for row in trial.rows("slips")] == ["pending"]


def test_no_number_is_given_to_two_visitors(trial: Trial) -> None:
    trial.take_bands()
    trial.hand_over("A801")
    assert refused(lambda: trial.hand_over("A801")).code == "number_taken"
    trial.issue("tax")
    assert refused(lambda: trial.hand_over("A001")).code == "number_taken"
    code = trial.rows("tickets")[0]["track_code"]
    assert refused(lambda: trial.hand_over("A802", track_code=code)).code == "number_taken"


def test_a_number_of_no_band_as_after_a_restore_is_passed_by_from_then_on(trial: Trial) -> None:
    trial.issue("tax")
    assert trial.hand_over("A003")["number"] == "A003"
    assert [trial.issue("tax")["number"] for _ in range(2)] == ["A002", "A004"]


def test_a_number_of_another_line_or_of_a_day_to_come_is_refused(trial: Trial) -> None:
    trial.take_bands()
    tomorrow = trial.clock.at.date() + timedelta(days=1)
    assert refused(lambda: trial.hand_over("B801", "tax")).code == "bad_body"
    assert refused(lambda: trial.hand_over("A801", "gone")).code == "not_found"
    assert refused(lambda: trial.hand_over("A801", day=tomorrow)).code == "bad_body"


def test_yesterdays_number_is_handed_over_expired_and_never_called(trial: Trial) -> None:
    trial.take_bands()
    day, at = trial.clock.at.date(), trial.clock.at + timedelta(hours=1)
    trial.clock.set(NEXT_MORNING)
    trial.issue("tax")
    seq = trial.seq
    ticket = trial.hand_over("A801", day=day, issued_at=at, contact_at=at)
    assert (ticket["status"], ticket["day"], ticket["issued_at"]) == (
        "expired",
        "2026-11-23",
        "2026-11-23T02:00:00.000Z",
    )
    assert trial.types(seq) == ["ticket.issued", "ticket.expired"]
    assert all(event["data"]["offline"] for event in trial.events(seq))
    trial.open("w1")
    assert trial.call_next("w1")["number"] == "A001"
    assert trial.call_next("w1", finish="completed") is None
    assert trial.store.read(partial(call_faults, hall=trial.hall)) == []


def test_a_new_day_has_bands_of_its_own_and_old_ones_are_forgotten(trial: Trial) -> None:
    trial.take_bands()
    trial.clock.set(NEXT_MORNING)
    answer = trial.take_bands()
    assert (answer["day"], spans(answer)) == ("2026-11-24", [(801, 820)])
    trial.clock.set("2026-12-03T08:30:00+08:00")
    trial.look()
    assert trial.rows("bands") == []


def test_the_number_that_nobody_saw_is_taken_back_with_the_hand_over(trial: Trial) -> None:
    """The touch was answered, its answer lost, and the kiosk went on by itself."""
    trial.take_bands()
    unseen = trial.issue("tax", request_id="touch-1")
    seq = trial.seq
    trial.hand_over("A801", touch="touch-1")
    assert trial.types(seq) == ["ticket.issued", "ticket.cancelled"]
    assert trial.events(seq)[-1]["data"]["reason"] == "never_shown"
    assert trial.ticket(unseen["id"])["status"] == "cancelled"
    assert [row["waiting"] for row in trial.rows("loads") if (row["line_id"], row["lane"]) == ("tax", "ordinary")] == [
        1
    ]


def test_a_number_served_meanwhile_is_not_taken_back(trial: Trial) -> None:
    trial.take_bands()
    seen = trial.issue("tax", request_id="touch-1")
    trial.open("w1")
    trial.call_next("w1")
    trial.serve("w1")
    trial.hand_over("A801", touch="touch-1")
    assert trial.ticket(seen["id"])["status"] == "serving"


def test_late_comers_with_old_places_leave_the_order_provable(trial: Trial) -> None:
    """Calls, a priority visitor, an overtaking, a missed number and an undone call around tickets handed over."""
    trial.take_bands()
    trial.open("w1"), trial.open("w2", by=trial.clerk("2"))
    for turn in range(4):
        trial.issue("tax", visitor_class=("ordinary", "priority")[turn % 2], by=trial.desk)
        trial.clock.forward(minutes=3)
    contact = trial.clock.at
    trial.call_next("w1")
    for turn in range(12):
        trial.clock.forward(minutes=3)
        trial.issue("tax", visitor_class=("ordinary", "priority")[turn % 3 == 0], by=trial.desk)
        trial.call_next("w1", finish=("completed", "no_show")[turn % 4 == 3])
        if turn % 5 == 4:
            trial.undo("w1")
        if turn % 2:
            back = timedelta(minutes=3 * turn + 1)
            trial.hand_over(f"A{801 + turn}", issued_at=trial.clock.at - back, contact_at=contact)
    while trial.call_next("w2", by=trial.clerk("2"), finish="completed"):
        trial.clock.forward(minutes=1)
    called = [event["ticket"]["number"] for event in trial.events() if event["type"] == "ticket.called"]
    assert sum(number > "A800" for number in called) >= 6
    assert trial.store.read(partial(call_faults, hall=trial.hall)) == []
