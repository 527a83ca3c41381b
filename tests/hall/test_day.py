"""The business day and the hours, in the hall's own time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.day import business_day, next_start, within

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"])
HOURS = [(time(8, 30), time(12)), (time(13, 30), time(17))]


def at(clock: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}").replace(tzinfo=zone)


def test_the_day_begins_at_midnight_in_the_halls_own_zone() -> None:
    assert business_day(datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), SHANGHAI) == date(2026, 11, 22)
    assert business_day(datetime(2026, 11, 22, 16, 0, 0, tzinfo=UTC), SHANGHAI) == date(2026, 11, 23)


def test_one_moment_is_two_days_in_two_halls() -> None:
    moment = datetime(2026, 11, 22, 20, tzinfo=UTC)
    assert business_day(moment, SHANGHAI) == date(2026, 11, 23)
    assert business_day(moment, BERLIN) == date(2026, 11, 22)


@pytest.mark.parametrize("day, hours", [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 23), 24)])
def test_a_day_has_the_hours_its_zone_gives_it(day: date, hours: int) -> None:
    begin = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
    of_the_day = [hour for hour in range(30) if business_day(begin + timedelta(hours=hour), BERLIN) == day]
    assert of_the_day == list(range(hours))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)), ZONES)
def test_the_day_never_runs_backwards(moment: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    assert business_day(moment, zone) <= business_day(moment + timedelta(minutes=1), zone)


@pytest.mark.parametrize(
    "clock, inside",
    [
        ("08:29:59", False),
        ("08:30", True),
        ("11:59:59", True),
        ("12:00", False),
        ("13:30", True),
        ("17:00", False),
    ],
)
def test_a_span_holds_its_start_but_not_its_end(clock: str, inside: bool) -> None:
    assert within(at(clock), SHANGHAI, HOURS) is inside


def test_hours_are_those_of_the_halls_zone() -> None:
    assert within(datetime(2026, 11, 23, 1, tzinfo=UTC), SHANGHAI, HOURS)
    assert not within(datetime(2026, 11, 23, 1, tzinfo=UTC), BERLIN, HOURS)


def test_nothing_lies_within_no_hours() -> None:
    assert not within(at("10:00"), SHANGHAI, [])
    assert next_start(at("10:00"), SHANGHAI, []) is None


@pytest.mark.parametrize(
    "clock, start",
    [("07:00", time(8, 30)), ("08:30", time(13, 30)), ("12:10", time(13, 30)), ("13:30", None)],
)
def test_the_next_start_is_the_first_still_to_come_today(clock: str, start: time | None) -> None:
    assert next_start(at(clock), SHANGHAI, HOURS) == start


def test_the_next_start_does_not_hang_on_the_order_they_are_written_in() -> None:
    assert next_start(at("07:00"), SHANGHAI, list(reversed(HOURS))) == time(8, 30)
