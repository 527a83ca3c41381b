"""Booking a slot: capacity, one a person a day, change and cancel by code, check-in, and who did not come."""

import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import select

from hall.errors import HallError
from hall.events import public
from hall.layout import Hall
from server.actions import bookings
from server.actions.arranging import Make
from server.actions.bookings import WantedSlot
from server.actions.drafting import with_part, without
from server.bookings import booking_answer, booking_list, booking_of, offer
from server.db import Store
from server.layout.kept import written_layout
from server.people import Principal
from server.queries import known_layout, one_ticket
from server.tables.journal import requests
from server.tables.visitors import bookings as booking_rows
from tests.server.served import Home, Served
from tests.server.test_arranging import change as change_layout
from tests.server.test_arranging import codes
from tests.server.trial import SetClock, Trial, layout, refused

PHONE, OTHER = "138 0013 8000", "13912345678"
BOOKING = {"slot_minutes": 30, "capacity": 3, "days_ahead": 7}
CALENDAR = {"holidays": "CN", "closed": ["2026-11-26"]}


def with_booking(**changes: Any) -> dict[str, Any]:
    """The trial's layout with slots for tax and the Chinese calendar; the clock stands on Monday, 09:00."""
    written = layout("any").model_dump(mode="json")
    written["lines"][0]["booking"] = BOOKING | changes
    return {"lines": written["lines"], "calendar": CALENDAR, "calling": ["08:30-12:00", "13:30-17:00"]}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}+08:00").astimezone(UTC)


@dataclass
class Booked(Trial):
    """A trial hall whose bookings are one line away."""

    def book(self, slot: str = "24T09:30", person: str = PHONE, **more: Any) -> dict[str, Any]:
        by = more.pop("by", self.visitor)
        given = {"line": "tax", "matter": None, "language": "zh-CN", **more}
        wanted = WantedSlot(at=at(slot), person=SecretStr(person), **given)
        return dict(self.run(by, lambda tx: bookings.make_booking(tx, by, wanted)))

    @property
    def visitor(self) -> Principal:
        return self.who(self.desk.role, "visitor")

    def change(self, code: str, slot: str, person: str | None = None) -> dict[str, Any]:
        number = None if person is None else SecretStr(person)
        return dict(
            self.run(self.visitor, lambda tx: bookings.change_booking(tx, self.visitor, code, at(slot), number))
        )

    def cancel_it(self, code: str) -> dict[str, Any]:
        return dict(self.run(self.visitor, lambda tx: bookings.cancel_booking(tx, self.visitor, code)))

    def arrive(self, code: str, by: Principal | None = None) -> dict[str, Any]:
        by = by or self.kiosk
        return dict(self.run(by, lambda tx: bookings.arrive_booking(tx, by, code)))

    def find(self, person: str) -> dict[str, Any]:
        return dict(self.run(self.desk, lambda tx: bookings.find_booking(tx, SecretStr(person))))

    def offer(self, line: str | None = None, day: str | None = None) -> dict[str, Any]:
        wanted = None if day is None else date.fromisoformat(f"2026-11-{day}")
        now = self.clock.now()
        return self.store.read(lambda c: offer(c, known_layout(c, self.hall), now, "zh-CN", line, wanted))

    def counts(self, day: str) -> dict[str, int]:
        wanted, now = date.fromisoformat(f"2026-11-{day}"), self.clock.now()
        found = self.store.read(lambda c: booking_list(c, known_layout(c, self.hall), now, wanted, None))
        return dict(found["counts"])


@pytest.fixture
def hall(store: Store) -> Any:
    assert isinstance(store.clock, SetClock)
    found = Booked.found(store, store.clock, **with_booking())
    yield found
    assert found.faults() == []


def test_the_lines_the_days_and_the_slots_are_told_each_with_what_is_left(hall: Booked) -> None:
    assert [one["id"] for one in hall.offer()["lines"]] == ["tax"]
    days = hall.offer("tax")["days"]
    # Thursday is closed by the hall, Saturday and Sunday by the country; of today nine to five is left.
    assert [one["day"][-2:] for one in days] == ["23", "24", "25", "27", "30"]
    assert [one["left"] for one in days] == [36, 42, 42, 42, 42]
    hall.book("24T09:30")
    slots = hall.offer("tax", "24")["slots"]
    assert slots[2] == {"at": "2026-11-24T01:30:00.000Z", "starts": "09:30", "ends": "10:00", "left": 2}
    assert [one["starts"] for one in slots][6:8] == ["11:30", "13:30"]
    assert [one["left"] for one in hall.offer("tax")["days"]][1] == 41
    assert refused(lambda: hall.offer("social")).code == "not_found"


def test_a_booking_answers_with_its_code_its_slot_and_a_masked_tail(hall: Booked) -> None:
    made = hall.book("24T09:30")
    assert (made["day"], made["starts"], made["ends"], made["status"]) == ("2026-11-24", "09:30", "10:00", "booked")
    assert (made["check_in_from"], made["check_in_until"]) == ("08:30", "09:50")
    assert made["day_text"] == "11月24日周二" and made["tail"] == "**8000"
    assert len(made["code"]) == 22 and made["qr"].startswith("data:image/svg+xml")


def test_no_event_and_no_row_knows_who_booked(hall: Booked) -> None:
    made = hall.book(person=PHONE)
    hall.change(made["code"], "25T10:00", PHONE)
    said = str([row["body"] for row in hall.rows("journal")])
    [row] = hall.store.read(lambda c: _bookings(c, hall.hall))
    for secret in ("13800138000", made["code"], row["person"], "8000"):
        assert secret not in said
    assert "13800138000" not in str(row) and len(row["person"]) == 64
    assert [public(event)["data"] for event in hall.events()] == [{}, {}]
    assert hall.types() == ["booking.made", "booking.changed"]


def test_a_slot_holds_its_capacity_and_no_more(hall: Booked) -> None:
    for place in range(3):
        hall.book("24T09:30", f"1391234567{place}")
    seq = hall.seq
    assert refused(lambda: hall.book("24T09:30", PHONE)).code == "slot_full"
    assert hall.seq == seq
    assert hall.book("24T10:00", PHONE)["starts"] == "10:00"


@pytest.mark.parametrize("same", ["13800138000", "+86 138-0013-8000", "0086 13800138000", "１３８００１３８０００"])
def test_one_books_once_a_day_however_the_number_is_written(hall: Booked, same: str) -> None:
    hall.book("24T09:30", PHONE)
    assert refused(lambda: hall.book("24T15:00", same)).code == "booked_already"
    assert hall.book("25T15:00", same)["starts"] == "15:00"


@pytest.mark.parametrize(
    "slot",
    ["24T09:40", "24T12:00", "24T17:00", "24T08:00", "23T09:00", "23T08:30", "26T09:30", "28T09:30"],
    ids=["between", "lunch", "after", "before", "begun", "past", "closed", "weekend"],
)
def test_what_is_no_slot_cannot_be_booked(hall: Booked, slot: str) -> None:
    assert refused(lambda: hall.book(slot)).code == "slot_closed"


@pytest.mark.parametrize(
    "given, code",
    [({"line": "nope"}, "not_found"), ({"line": "social"}, "not_found"), ({"matter": "nope"}, "not_found"),
     ({"matter": "pension"}, "bad_body"), ({"line": None, "matter": "pension"}, "not_found")],
)  # fmt: skip
def test_an_unknown_wish_is_refused(hall: Booked, given: dict[str, Any], code: str) -> None:
    assert refused(lambda: hall.book(**given)).code == code


def test_a_matter_leads_to_its_line(hall: Booked) -> None:
    made = hall.book(line=None, matter="invoice")
    assert (made["line"], made["matter"]) == ("tax", "invoice")
    hall.clock.set("2026-11-24T09:30:00+08:00")
    assert hall.arrive(made["code"])["ticket"]["matter"] == "invoice"


def test_a_cancelled_place_is_free_again_and_so_is_the_person(hall: Booked) -> None:
    made = hall.book("24T09:30")
    assert hall.cancel_it(made["code"])["status"] == "cancelled"
    assert [one["left"] for one in hall.offer("tax")["days"]][1] == 42
    assert refused(lambda: hall.cancel_it(made["code"])).code == "illegal_move"
    assert hall.book("24T09:30")["code"] != made["code"]


def test_another_slot_of_the_day_needs_the_code_alone(hall: Booked) -> None:
    made = hall.book("24T09:30")
    assert hall.change(made["code"], "24T14:00")["starts"] == "14:00"
    seq = hall.seq
    assert hall.change(made["code"], "24T14:00")["starts"] == "14:00"
    assert hall.seq == seq, "the same slot once more writes nothing"


def test_another_day_needs_the_same_number_again(hall: Booked) -> None:
    made = hall.book("24T09:30", PHONE)
    assert refused(lambda: hall.change(made["code"], "25T09:30")).code == "bad_body"
    assert refused(lambda: hall.change(made["code"], "25T09:30", OTHER)).code == "another_person"
    hall.book("25T10:00", PHONE)
    assert refused(lambda: hall.change(made["code"], "25T09:30", PHONE)).code == "booked_already"
    assert hall.change(made["code"], "27T09:30", PHONE)["day"] == "2026-11-27"
    assert hall.book("24T10:00", PHONE)["status"] == "booked"


def test_a_change_to_a_full_slot_keeps_the_old_one(hall: Booked) -> None:
    for place in range(3):
        hall.book("24T10:00", f"1391234567{place}")
    made = hall.book("24T09:30")
    assert refused(lambda: hall.change(made["code"], "24T10:00")).code == "slot_full"
    assert hall.offer("tax", "24")["slots"][2]["left"] == 2


@pytest.mark.parametrize("clock, queued", [("08:30:00", "09:30"), ("09:29:59", "09:30"), ("09:50:00", "09:50")])
def test_check_in_gives_a_number_whose_seniority_begins_with_the_slot(hall: Booked, clock: str, queued: str) -> None:
    code = hall.book("24T09:30", language="en")["code"]
    hall.clock.set(f"2026-11-24T{clock}+08:00")
    came = hall.arrive(code)
    ticket = hall.ticket(came["ticket"]["id"])
    assert (ticket["class"], ticket["lane"], ticket["language"]) == ("booked", "booked", "en")
    assert ticket["queued_at"] == at(f"24T{queued}") and ticket["issued_at"] == hall.clock.at
    assert came["booking"]["status"] == "arrived" and came["ticket"]["slip"] is not None
    assert hall.types()[-2:] == ["ticket.issued", "booking.arrived"]
    assert refused(lambda: hall.arrive(code)).code == "illegal_move"


@pytest.mark.parametrize("change", ["closed", "moved to another line"])
def test_who_has_booked_is_let_in_whatever_became_of_the_matter_since(hall: Booked, change: str) -> None:
    code = hall.book("23T10:00", matter="invoice")["code"]
    now = hall.store.read(lambda c: known_layout(c, hall.hall)).matters["invoice"]["more"]
    moved = with_part("matters", now.model_copy(update={"line": "social"}), now)
    change_layout(hall, without("matters", "invoice") if change == "closed" else moved)
    hall.clock.set("2026-11-23T09:50:00+08:00")
    assert hall.arrive(code)["ticket"]["line"] == "tax"


def test_who_comes_too_early_or_too_late_is_told_when(hall: Booked) -> None:
    code = hall.book("24T09:30")["code"]
    hall.clock.set("2026-11-24T08:29:59+08:00")
    early = refused(lambda: hall.arrive(code))
    assert (early.code, early.details) == ("arrive_early", {"at": "09:30", "first": "08:30"})
    hall.clock.set("2026-11-24T09:50:01+08:00")
    late = refused(lambda: hall.arrive(code))
    assert (late.code, late.details) == ("arrive_late", {"at": "09:30", "last": "09:50"})
    assert refused(lambda: hall.change(code, "24T15:00")).code == "illegal_move"
    assert refused(lambda: hall.cancel_it(code)).code == "illegal_move"


def test_a_cancelled_booking_gives_no_number(hall: Booked) -> None:
    code = hall.book("23T09:30")["code"]
    hall.cancel_it(code)
    assert refused(lambda: hall.arrive(code)).code == "illegal_move"
    assert refused(lambda: hall.arrive("nobody-has-this-code-00")).code == "not_found"


def test_who_booked_an_early_slot_is_called_before_who_came_later(hall: Booked) -> None:
    code = hall.book("23T09:30")["code"]
    hall.clock.set("2026-11-23T09:30:00+08:00")
    booked = hall.arrive(code)["ticket"]
    hall.clock.forward(minutes=5)
    hall.issue("tax")
    hall.open("w1")
    hall.clock.forward(minutes=5)
    assert hall.call_next("w1")["id"] == booked["id"]


def test_who_came_before_the_slot_does_not_yet_pass_who_waits(hall: Booked) -> None:
    code = hall.book("23T10:00")["code"]
    hall.clock.set("2026-11-23T09:05:00+08:00")
    booked = hall.arrive(code)["ticket"]
    hall.clock.forward(minutes=10)
    waits = hall.issue("tax")
    hall.open("w1")
    hall.clock.forward(minutes=5)
    assert hall.call_next("w1")["id"] == waits["id"]
    assert hall.call_next("w1", finish="completed")["id"] == booked["id"], "an idle window calls even before the slot"


def test_no_number_is_given_on_the_wrong_side_of_midnight(store: Store) -> None:
    changes = with_booking() | {"calling": ["00:00-23:59"], "calendar": {}}
    hall = Booked.found(store, store.clock, **changes)
    first, last = hall.book("25T00:00")["code"], hall.book("24T23:00", OTHER)["code"]
    hall.clock.set("2026-11-24T23:59:59+08:00")
    assert refused(lambda: hall.arrive(first)).details == {"at": "00:00", "first": "00:00"}
    hall.clock.set("2026-11-25T00:00:00+08:00")
    assert hall.arrive(first)["ticket"]["day"] == "2026-11-25"
    assert refused(lambda: hall.arrive(last)).code == "arrive_late"
    assert hall.faults() == []


def test_who_did_not_come_is_counted_when_the_slot_has_passed_and_journalled_at_the_days_end(hall: Booked) -> None:
    codes = [hall.book("24T09:30", f"1391234567{place}")["code"] for place in range(3)]
    hall.clock.set("2026-11-24T09:20:00+08:00")
    hall.arrive(codes[0])
    hall.cancel_it(codes[1])
    assert hall.counts("24") == {"booked": 1, "arrived": 1, "cancelled": 1, "no_show": 0}
    hall.clock.set("2026-11-24T10:00:00+08:00")
    assert hall.counts("24") == {"booked": 0, "arrived": 1, "cancelled": 1, "no_show": 1}
    hall.clock.set("2026-11-25T08:30:00+08:00")
    hall.issue("tax")
    [missed] = [event for event in hall.events() if event["type"] == "booking.missed"]
    assert missed["data"]["booking"]["status"] == "no_show"
    assert hall.counts("24") == {"booked": 0, "arrived": 1, "cancelled": 1, "no_show": 1}


def test_nothing_of_a_person_outlives_the_day_of_the_slot(hall: Booked) -> None:
    hall.book("24T09:30")
    hall.book("25T09:30")
    hall.clock.set("2026-11-25T08:30:00+08:00")
    hall.issue("tax")
    rows = hall.store.read(lambda c: _bookings(c, hall.hall))
    assert {str(row["day"]): row["tail"] for row in rows} == {"2026-11-24": "", "2026-11-25": "**8000"}
    keys = hall.rows("day_keys")
    assert [str(row["day"]) for row in keys] == ["2026-11-25"], "without its key the hash of yesterday means nothing"


def test_who_has_no_code_at_hand_is_found_at_the_desk_by_the_number(hall: Booked) -> None:
    made = hall.book("23T09:30")
    hall.book("24T09:30", OTHER)
    seq = hall.seq
    assert hall.find("+86 13800138000")["code"] == made["code"]
    assert refused(lambda: hall.find(OTHER)).code == "not_found", "booked for another day"
    assert hall.seq == seq


def test_a_booked_number_is_given_whatever_the_hours_and_quotas_of_others(store: Store) -> None:
    changes = with_booking()
    changes["lines"][0] |= {"issuing": ["08:00-09:00"], "daily_quota": 2}
    hall = Booked.found(store, store.clock, **changes)
    hall.clock.set("2026-11-23T08:30:00+08:00")
    code = hall.book("23T09:30")["code"]
    hall.issue("tax")
    assert refused(lambda: hall.issue("tax")).details["reason"] == "quota", "one of the two is booked"
    hall.clock.set("2026-11-23T09:30:00+08:00")
    assert hall.arrive(code)["ticket"]["number"] == "A002"
    assert hall.faults() == []


@pytest.mark.parametrize("processes", [1, 2])
def test_twenty_at_once_for_the_last_places_get_exactly_what_is_left(
    store: Store, other_store: Store, processes: int
) -> None:
    hall = Booked.found(store, store.clock, **with_booking())
    hall.book("24T09:30", PHONE)
    start, got = threading.Barrier(20), [""] * 20

    def book(place: int) -> None:
        here = replace(hall, store=other_store) if processes == 2 and place % 2 else hall
        start.wait(20)
        try:
            here.book("24T09:30", f"139123456{place:02d}")
            got[place] = "made"
        except HallError as error:
            got[place] = error.code

    threads = [threading.Thread(target=book, args=(place,), daemon=True) for place in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(got) == ["made"] * 2 + ["slot_full"] * 18
    assert hall.offer("tax", "24")["slots"][2]["left"] == 0
    assert hall.faults() == []


def test_one_person_twice_at_once_books_once(store: Store, other_store: Store) -> None:
    hall = Booked.found(store, store.clock, **with_booking())
    start, got = threading.Barrier(2), ["", ""]

    def book(place: int) -> None:
        here = replace(hall, store=other_store if place else store)
        start.wait(20)
        try:
            here.book(("24T09:30", "24T10:00")[place], PHONE)
            got[place] = "made"
        except HallError as error:
            got[place] = error.code

    threads = [threading.Thread(target=book, args=(place,), daemon=True) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(got) == ["booked_already", "made"]


def _bookings(connection: Any, hall: str) -> list[dict[str, Any]]:
    return [
        dict(row._mapping) for row in connection.execute(select(booking_rows).where(booking_rows.c.hall_id == hall))
    ]


# --- over HTTP


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Any:
    lines = with_booking()["lines"]
    with Served(tmp_path_factory.mktemp("booking"), halls=24, lines=lines, calendar=CALENDAR) as found:
        yield found


@pytest.fixture
def home(house: Served) -> Home:
    return house.home()


def first_slot(home: Home, day: int = 1) -> str:
    days = home.ask("GET", "slots", params={"line": "tax"}).json()["days"]
    found = home.ask("GET", "slots", params={"line": "tax", "day": days[day]["day"]})
    return str(found.json()["slots"][0]["at"])


def test_anyone_books_changes_and_cancels_with_nothing_but_the_code(home: Home) -> None:
    body = {"line": "tax", "at": first_slot(home), "person": PHONE, "language": "en", "request_id": "one"}
    made = home.post("bookings", None, body)
    assert made.status_code == 201, made.text
    booking = made.json()["booking"]
    assert booking["line_name"] == "税务" and booking["tail"] == "**8000"
    assert home.post("bookings", None, body).json()["booking"]["code"] == booking["code"], "said twice, done once"
    mine = f"/api/v1/bookings/{booking['code']}"
    assert home.ask("GET", mine).json()["booking"] == booking
    changed = home.ask("POST", f"{mine}/change", body={"at": first_slot(home, 2), "person": PHONE})
    assert changed.status_code == 200 and changed.json()["booking"]["day"] > booking["day"]
    assert home.ask("POST", f"{mine}/cancel", body={}).json()["booking"]["status"] == "cancelled"


def test_one_request_id_of_two_visitors_is_two_requests(home: Home) -> None:
    body = {"line": "tax", "at": first_slot(home), "request_id": "1"}
    codes = {home.post("bookings", None, {**body, "person": one}).json()["booking"]["code"] for one in (PHONE, OTHER)}
    assert len(codes) == 2


def test_what_is_kept_of_a_request_does_not_betray_the_number(home: Home) -> None:
    home.post("bookings", None, {"line": "tax", "at": first_slot(home), "person": PHONE, "request_id": "kept"})
    kept = home.served.store.read(lambda c: str(c.execute(select(requests)).all()))
    assert "kept" in kept and "13800138000" not in kept and "138 0013" not in kept


@pytest.mark.parametrize(
    "given, field",
    [({"person": "12"}, "person"), ({"person": None}, "person"), ({"at": "tomorrow"}, "at"),
     ({"at": "2026-11-24T09:30:00"}, "at"), ({"at": "9999-12-31T23:59:59Z", "person": PHONE}, "at"),
     ({"line": None}, "body"), ({"nonsense": 1}, "nonsense")],
)  # fmt: skip
def test_a_body_that_is_not_right_is_named_without_the_number(home: Home, given: dict[str, Any], field: str) -> None:
    body = {"line": "tax", "at": first_slot(home), "person": "110101199003070000", **given}
    answer = home.post("bookings", None, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["details"]["field"] in (field, "person")
    assert "1101011990" not in answer.text


def test_the_desk_checks_in_who_has_the_number_alone_and_a_kiosk_by_code(home: Home) -> None:
    slot = home.served.process.url and home.ask("GET", "slots", params={"line": "tax"}).json()["days"][0]["day"]
    today = home.ask("GET", "slots", params={"line": "tax", "day": slot}).json()["slots"][0]["at"]
    for person in (PHONE, OTHER):
        made = home.post("bookings", None, {"line": "tax", "at": today, "person": person})
        assert made.status_code == 201, made.text
    found = home.post("bookings/find", "desk", {"person": PHONE}).json()["booking"]
    came = home.post(f"/api/v1/bookings/{found['code']}/arrive", "desk")
    assert came.status_code == 200 and came.json()["ticket"]["class"] == "booked", came.text
    other = home.post("bookings/find", "desk", {"person": OTHER}).json()["booking"]
    by_kiosk = home.post(f"/api/v1/bookings/{other['code']}/arrive", "kiosk").json()["ticket"]
    assert by_kiosk["number"] == "A002" and by_kiosk["slip"] is not None
    listed = home.get("bookings", "desk").json()
    assert listed["counts"]["arrived"] == 2 and listed["bookings"][0]["tail"] in ("**8000", "**5678")
    assert "code" not in listed["bookings"][0]


def test_a_code_is_good_in_its_own_hall_only(house: Served) -> None:
    one, other = house.home(), house.home()
    made = one.post("bookings", None, {"line": "tax", "at": first_slot(one), "person": PHONE}).json()["booking"]
    answer = one.ask("POST", f"/api/v1/bookings/{made['code']}/arrive", token=other.token("desk"), body={})
    assert answer.status_code == 404


def test_who_guesses_codes_is_slowed_down_and_who_has_one_is_not(home: Home) -> None:
    made = home.post("bookings", "desk", {"line": "tax", "at": first_slot(home), "person": PHONE}).json()["booking"]
    answers = [home.ask("GET", f"/api/v1/bookings/guess-{place}").status_code for place in range(40)]
    assert answers[0] == 404 and answers[-1] == 429
    assert home.ask("GET", f"/api/v1/bookings/{made['code']}").status_code == 200


def test_the_catalogue_offers_the_class_booked_where_a_line_can_be_booked(home: Home, calm: Home) -> None:
    assert [one["id"] for one in home.get("catalogue", "kiosk").json()["classes"]] == ["ordinary", "booked", "priority"]
    assert [one["id"] for one in calm.get("catalogue", "kiosk").json()["classes"]] == ["ordinary", "priority"]


def test_a_line_takes_bookings_until_nobody_has_one_there(hall: Booked) -> None:
    code = hall.book("24T09:30")["code"]
    assert codes(hall, without_bookings(hall)) == ["line_booked"]
    hall.cancel_it(code)
    change_layout(hall, without_bookings(hall))
    row = hall.store.read(lambda c: booking_of(c, code))
    told = booking_answer(hall.store.read(lambda c: known_layout(c, hall.hall)), row, hall.clock.now())
    assert (told["starts"], told["status"]) == ("09:30", "cancelled")


def without_bookings(hall: Booked) -> Make:
    tax = hall.store.read(lambda c: known_layout(c, hall.hall)).lines["tax"].more
    return with_part("lines", tax.model_copy(update={"booking": None}), tax)


def test_days_ahead_bound_what_is_offered(store: Store) -> None:
    hall = Booked.found(store, store.clock, **with_booking(days_ahead=0))
    assert [one["day"] for one in hall.offer("tax")["days"]] == ["2026-11-23"]
    assert refused(lambda: hall.book("24T09:30")).code == "slot_closed"
    hall.clock.forward(hours=8, minutes=30)
    assert hall.offer("tax")["days"] == []
    hall.clock.forward(days=1, hours=-9)
    assert timedelta(0) < at("24T17:00") - hall.clock.at


def test_ahead_of_who_came_before_the_slot_are_all_who_are_called_first(hall: Booked) -> None:
    code = hall.book("23T10:00")["code"]
    hall.clock.set("2026-11-23T09:05:00+08:00")
    booked = hall.arrive(code)["ticket"]
    assert booked["ahead"] == 0
    others = [hall.issue("tax")["id"] for _ in range(3)]
    hall.open("w1")
    now = hall.clock.now()
    told, _ = hall.store.read(lambda c: one_ticket(c, hall.hall, booked["id"], now))
    assert told["ahead"] == 3
    called = [hall.call_next("w1", finish="completed")["id"] for _ in range(4)]
    assert called == [*others, booked["id"]]


def test_calendar_slots_and_quotas_of_a_layout_come_back_from_the_database_as_they_were(store: Store) -> None:
    changes = with_booking()
    changes["lines"][1] |= {"slot_quotas": [{"span": "08:00-12:00", "numbers": 70}], "capacity_quota": 12}
    hall = Booked.found(store, store.clock, **changes)
    written = store.read(lambda c: written_layout(c, hall.hall))
    again = Hall.model_validate(yaml.safe_load(yaml.safe_dump(written)))
    assert again == layout(hall.hall, **changes)
    assert again.lines[0].booking is not None and again.calendar.closed == [date(2026, 11, 26)]
