"""Which days a hall works, when its slots begin, and what its hours are on the days when clocks change."""

import itertools
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hall.calendar import WorkingDays, check_in, known_country, slots
from hall.day import business_day, left_today, next_start, stretches, time_outside, within
from hall.layout.rules import Calendar
from hall.quotas import places_left

SHANGHAI, BERLIN, NEW_YORK = (ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York"))
HOURS = [(time(8, 30), time(12)), (time(13, 30), time(17))]
NIGHT = [(time(0, 30), time(4))]
SPRING = {BERLIN: date(2026, 3, 29), NEW_YORK: date(2026, 3, 8)}
AUTUMN = {BERLIN: date(2026, 10, 25), NEW_YORK: date(2026, 11, 1)}
CHINA = WorkingDays("CN")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def walls(moments: list[datetime], zone: ZoneInfo) -> list[str]:
    return [f"{one.astimezone(zone):%H:%M}" for one in moments]


@pytest.mark.parametrize(
    "day, works",
    [
        ("2026-11-23", True),  # a Monday
        ("2026-11-21", False),  # a Saturday
        ("2026-10-01", False),  # National Day
        ("2026-10-07", False),  # a Wednesday, swapped for the Saturday after
        ("2026-10-10", True),  # the Saturday worked for it
        ("2026-09-20", True),  # a Sunday worked for the 6th of October
        ("2026-02-14", True),  # a Saturday worked for the Spring Festival
        ("2026-02-20", False),
        ("2005-12-31", True),  # a Saturday of one year worked for a day of the next
    ],
)
def test_the_chinese_calendar_knows_its_holidays_and_the_weekends_worked_for_them(day: str, works: bool) -> None:
    assert CHINA.works(date.fromisoformat(day)) is works


def test_a_hall_without_a_calendar_works_every_day() -> None:
    assert all(WorkingDays().works(date(2026, 10, 1) + timedelta(days=ahead)) for ahead in range(20))


def test_the_halls_own_exceptions_come_before_the_countrys_days() -> None:
    days = Calendar.model_validate(
        {"holidays": "CN", "closed": [date(2026, 11, 23), "2026-11-24"], "open": ["2026-11-28", "2026-11-24"]}
    ).days
    assert [days.works(date(2026, 11, day)) for day in (23, 24, 25, 28, 29)] == [False, False, True, True, False]
    assert days.next_after(date(2026, 11, 27)) == date(2026, 11, 28)


def test_the_next_working_day_passes_over_a_long_holiday() -> None:
    assert CHINA.next_after(date(2026, 9, 30)) == date(2026, 10, 8)
    assert CHINA.next_after(date(2026, 11, 20)) == date(2026, 11, 23)
    never = WorkingDays("CN", closed=frozenset(date(2026, 12, 1) + timedelta(days=ahead) for ahead in range(90)))
    assert never.next_after(date(2026, 11, 30)) is None


def test_a_part_of_a_country_has_its_own_holidays() -> None:
    assert not WorkingDays("DE-BY").works(date(2026, 1, 6)) and WorkingDays("DE-BE").works(date(2026, 1, 6))


@pytest.mark.parametrize("code, known", [("CN", True), ("DE-BY", True), ("QQ", False), ("DE-QQ", False)])
def test_a_country_without_a_calendar_is_a_mistake(code: str, known: bool) -> None:
    assert known_country(code) is known


def test_the_days_of_a_layout_stand_the_way_through_yaml_and_back() -> None:
    written = Calendar.model_validate(yaml.safe_load("{holidays: CN, closed: [2026-12-31], open: []}"))
    again = Calendar.model_validate(yaml.safe_load(yaml.safe_dump(written.model_dump(mode="json"))))
    assert again == written and again.days.works(date(2026, 12, 30)) and not again.days.works(date(2026, 12, 31))


def test_slots_fill_the_calling_hours_and_leave_the_breaks_free() -> None:
    found = walls(slots(date(2026, 11, 23), SHANGHAI, HOURS, 30), SHANGHAI)
    assert (len(found), found[0], found[6], found[7], found[-1]) == (14, "08:30", "11:30", "13:30", "16:30")


def test_a_slot_that_closing_would_cut_is_none() -> None:
    assert walls(slots(date(2026, 11, 23), SHANGHAI, HOURS, 60), SHANGHAI) == [
        "08:30", "09:30", "10:30", "13:30", "14:30", "15:30",
    ]  # fmt: skip
    assert slots(date(2026, 11, 23), SHANGHAI, [(time(9), time(9, 20))], 30) == []


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK], ids=str)
def test_a_night_has_the_slots_its_clock_leaves_it(zone: ZoneInfo) -> None:
    """00:30 to 04:00 is three hours and a half, one hour less in spring and one more in autumn."""
    assert len(slots(date(2026, 11, 23), zone, NIGHT, 30)) == 7
    assert len(slots(SPRING[zone], zone, NIGHT, 30)) == 5
    autumn = slots(AUTUMN[zone], zone, NIGHT, 30)
    assert len(autumn) == len(set(autumn)) == 9
    assert {later - sooner for sooner, later in itertools.pairwise(autumn)} == {timedelta(minutes=30)}


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK], ids=str)
@pytest.mark.parametrize("days", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_a_working_day_keeps_its_hours_when_clocks_change(zone: ZoneInfo, days: dict[ZoneInfo, date]) -> None:
    found = slots(days[zone], zone, HOURS, 30)
    assert walls(found, zone)[0] == "08:30" and walls(found, zone)[-1] == "16:30" and len(found) == 14
    assert {business_day(one, zone) for one in found} == {days[zone]}


def test_an_hour_that_comes_twice_is_within_the_hours_both_times() -> None:
    for moment in ("2026-10-25T00:40:00+00:00", "2026-10-25T01:40:00+00:00"):  # 02:40 in Berlin, twice
        assert within(utc(moment), BERLIN, NIGHT)
    assert not within(utc("2026-10-25T03:00:00+00:00"), BERLIN, NIGHT)  # 04:00
    half = [(time(1), time(2, 30))]
    assert within(utc("2026-10-25T00:45:00+00:00"), BERLIN, half)  # 02:45 the first time: 02:30 comes again


def test_the_next_start_after_the_clock_went_forward() -> None:
    assert next_start(utc("2026-03-29T00:30:00+00:00"), BERLIN, [(time(3, 15), time(5))]) == time(3, 15)


@given(st.integers(0, 366 * 24 * 60), st.sampled_from([SHANGHAI, BERLIN, NEW_YORK]))
def test_what_is_left_and_what_lies_within_agree(minute: int, zone: ZoneInfo) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    later = at + timedelta(minutes=1)
    if business_day(at, zone) == business_day(later, zone):
        used = left_today(at, zone, HOURS) - left_today(later, zone, HOURS)
        assert used == (timedelta(minutes=1) if within(at, zone, HOURS) else timedelta())


def test_what_is_left_of_the_day_leaves_out_the_break() -> None:
    assert left_today(utc("2026-11-23T07:00:00+08:00"), SHANGHAI, HOURS) == timedelta(hours=7)
    assert left_today(utc("2026-11-23T11:30:00+08:00"), SHANGHAI, HOURS) == timedelta(hours=4)
    assert left_today(utc("2026-11-23T17:00:00+08:00"), SHANGHAI, HOURS) == timedelta()


@pytest.mark.parametrize(
    "begin, end, minutes",
    [
        ("16:50", "17:12", 12),
        ("11:55", "13:35", 90),
        ("09:00", "09:30", 0),
        ("17:30", "17:40", 10),
        ("08:00", "08:40", 30),
    ],
)
def test_the_time_outside_the_hours_is_counted(begin: str, end: str, minutes: int) -> None:
    times = utc(f"2026-11-23T{begin}+08:00"), utc(f"2026-11-23T{end}+08:00")
    assert time_outside(*times, SHANGHAI, HOURS) == timedelta(minutes=minutes)


def test_stretches_stand_in_order_whatever_the_layout_says() -> None:
    assert stretches(date(2026, 11, 23), SHANGHAI, HOURS[::-1]) == stretches(date(2026, 11, 23), SHANGHAI, HOURS)


def test_one_may_check_in_from_an_hour_before_to_twenty_minutes_after() -> None:
    first, last = check_in(utc("2026-11-23T09:30:00+08:00"), SHANGHAI)
    assert (first, last) == (utc("2026-11-23T08:30:00+08:00"), utc("2026-11-23T09:50:00+08:00"))


def test_one_checks_in_on_the_day_of_the_slot_alone() -> None:
    assert check_in(utc("2026-11-23T00:10:00+08:00"), SHANGHAI)[0] == utc("2026-11-23T00:00:00+08:00")
    assert check_in(utc("2026-11-23T23:50:00+08:00"), SHANGHAI)[1] < utc("2026-11-24T00:00:00+08:00")


@pytest.mark.parametrize(
    "left, windows, each, waiting, booked, places",
    [(60, 2, 6, 0, 0, 20), (60, 2, 6, 15, 4, 1), (60, 2, 6, 15, 5, 0), (5, 1, 6, 0, 0, 0), (0, 3, 6, 2, 0, -2)],
)
def test_what_the_windows_can_still_serve(
    left: int, windows: int, each: float, waiting: int, booked: int, places: int
) -> None:
    assert places_left(timedelta(minutes=left), windows, each, waiting, booked) == places


def test_a_device_reads_the_layout_without_a_calendar() -> None:
    """A kiosk PC has no `holidays`: the layout must be read there all the same."""
    hidden = "import sys; sys.modules['holidays'] = None\n"
    reads = "from hall.layout.rules import Calendar; print(Calendar(holidays='CN').holidays)"
    said = subprocess.run([sys.executable, "-c", hidden + reads], capture_output=True, text=True, timeout=60)
    assert said.stdout.strip() == "CN", said.stderr
