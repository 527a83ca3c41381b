"""What the loudspeaker leaves out when much is called: simulated hours with recordings as long as real ones."""

import random
from itertools import pairwise

import numpy as np
import pytest

from display.load import is_burst, is_stale
from display.waves import read
from tests.display.simulated import Hour

BOTH = ("zh-CN", "en")
BURST = [(ordinal * 5 / 11, f"A{ordinal + 1:03d}", str(ordinal + 1)) for ordinal in range(12)]


def an_hour(count, seed=4):
    chance = random.Random(seed)
    return [(chance.uniform(60, 3660), f"B{one % 12 + 1:03d}", str(one % 12 + 1)) for one in range(count)]


def share(sounds, language=None):
    return sum(one["end"] - one["start"] for one in sounds if language in (None, one["language"]))


@pytest.mark.parametrize("languages", [("zh-CN",), BOTH])
@pytest.mark.parametrize("windows", [1, 201])
def test_twelve_calls_within_five_seconds_are_all_heard_in_mandarin_within_forty_five(tmp_path, languages, windows):
    calls = [(at, number, str(windows + ordinal)) for ordinal, (at, number, _) in enumerate(BURST)]
    hour = Hour(tmp_path, calls, languages)
    log = hour.run()
    assert [one["number"] for one in log if one["result"] == "spoken"] == [number for _, number, _ in BURST]
    assert [one["language"] for one in hour.card.sounds] == ["zh-CN"] * 12
    assert hour.card.sounds[-1]["end"] <= 45


def test_a_burst_and_then_two_hundred_an_hour_in_two_languages(tmp_path):
    hour = Hour(tmp_path, BURST + an_hour(200), BOTH)
    log = hour.run()
    sounds = hour.card.sounds
    assert all(later["start"] >= one["end"] for one, later in pairwise(sounds))
    assert {one["result"] for one in log} == {"spoken"} and all(one["languages"][0] == "zh-CN" for one in log)
    assert max(one["age_seconds"] for one in log[12:]) <= 20
    with_english = sum("en" in one["languages"] for one in log[12:])
    assert 60 < with_english < 200  # dropped where it lags, and only there
    assert sum(one["rounds"] == 2 for one in log) < with_english  # and the repeat before it
    assert share(sounds) / hour.now < 0.6
    assert all(np.abs(read(one["path"]).astype(int)).max() > 5000 for one in sounds)


def test_in_a_quiet_hour_every_call_is_said_twice_in_both_languages(tmp_path):
    hour = Hour(tmp_path, [(at * 90.0, f"A{at + 1:03d}", "3") for at in range(5)], BOTH)
    assert {(one["rounds"], len(one["languages"])) for one in hour.run()} == {(2, 2)}
    assert [one["language"] for one in hour.card.sounds] == ["zh-CN", "en"] * 10


def test_more_than_fits_is_left_out_late_and_what_is_heard_stays_in_order(tmp_path):
    hour = Hour(tmp_path, [(one / 10, f"A{one + 1:03d}", "3") for one in range(30)])
    log = hour.run()
    heard = [one["number"] for one in log if one["result"] == "spoken"]
    assert heard == sorted(heard) and 12 <= len(heard) < 20
    assert {one["result"] for one in log} == {"spoken", "too_old"}
    assert max(one["age_seconds"] for one in log if one["result"] == "spoken") <= 45


def test_a_call_grows_old_while_nobody_is_heard_and_not_while_others_before_it_are():
    assert is_stale(age_seconds=20.1, busy_seconds=0) and not is_stale(age_seconds=19.9, busy_seconds=0)
    assert not is_stale(age_seconds=40, busy_seconds=35)
    assert is_stale(age_seconds=40, busy_seconds=15)  # it had been lost for 25 s before
    assert is_stale(age_seconds=45.1, busy_seconds=45)


def test_a_burst_is_when_one_that_waits_would_begin_too_late():
    assert not is_burst([0.0] * 3) and is_burst([0.0] * 4)
    assert is_burst([0.0, 10.0]) and not is_burst([10.0, 0.0]) and not is_burst([])
