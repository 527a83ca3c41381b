"""The estimate of a wait says nothing it cannot know, and moves the right way."""

from hypothesis import given
from hypothesis import strategies as st

from hall.waiting import LEAST_SERVED, expected_wait

PEOPLE = st.integers(0, 500)
WINDOWS = st.integers(1, 40)
SERVED = st.integers(LEAST_SERVED, 2000)
SECONDS = st.integers(0, 3600)


def test_without_an_open_window_nothing_is_promised() -> None:
    assert expected_wait(5, 0, 100, 36_000) is None


def test_too_few_services_say_nothing_of_todays_pace() -> None:
    assert expected_wait(5, 2, LEAST_SERVED - 1, 600) is None
    assert expected_wait(5, 2, LEAST_SERVED, 900) is not None


def test_ten_people_at_two_windows_of_six_minutes_wait_half_an_hour() -> None:
    wait = expected_wait(10, 2, 20, 20 * 360)
    assert wait is not None and wait["likely"] == 30
    assert wait["low"] < 30 < wait["high"]


def test_whoever_is_next_waits_no_time() -> None:
    assert expected_wait(0, 2, 20, 7200) == {"low": 0, "likely": 0, "high": 0}


@given(PEOPLE, WINDOWS, SERVED, SECONDS)
def test_the_likely_wait_lies_in_its_range(ahead: int, windows: int, served: int, each: int) -> None:
    wait = expected_wait(ahead, windows, served, served * each)
    assert wait is not None and 0 <= wait["low"] <= wait["likely"] <= wait["high"]


@given(PEOPLE, WINDOWS, SERVED, SECONDS)
def test_one_more_ahead_or_one_window_less_never_shortens_the_wait(
    ahead: int, windows: int, served: int, each: int
) -> None:
    now = expected_wait(ahead, windows + 1, served, served * each)
    longer = expected_wait(ahead + 1, windows + 1, served, served * each)
    fewer = expected_wait(ahead, windows, served, served * each)
    assert now is not None and longer is not None and fewer is not None
    assert all(now[key] <= longer[key] and now[key] <= fewer[key] for key in now)
