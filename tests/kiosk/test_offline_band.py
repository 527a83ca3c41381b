"""What a kiosk keeps for an outage: its band, the hours, and the server's time, over restarts too."""

from pathlib import Path
from typing import Any

import pytest

from hall.devices.kiosk import Offline
from kiosk.band import Band, UsedUp
from kiosk.store import Store

NINE = 1_795_395_600.0  # some morning
DAY = "2026-11-23"
HOURS = [[NINE - 3600, NINE + 3600], [NINE + 2 * 3600, NINE + 3 * 3600]]


class Clock:
    def __init__(self, at: float) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def answer(*bands: tuple[str, int, int], day: str = DAY, epoch: str = "e1", **more: Any) -> dict[str, Any]:
    told = [{"prefix": p, "first": f, "last": last, "next": f, "back": False, **more} for p, f, last in bands]
    lines = [{"id": "tax", "prefix": "A", "hours": HOURS}, {"id": "social", "prefix": "B", "hours": []}]
    return {"epoch": epoch, "day": day, "ends_at": NINE + 15 * 3600, "bands": told, "lines": lines}


@pytest.fixture
def clock() -> Clock:
    return Clock(NINE)


def made(folder: Path, clock: Clock, **settings: int) -> Band:
    return Band(Store(folder / "k.sqlite3", clock), Offline(**settings), clock)


@pytest.fixture
def band(tmp_path: Path, clock: Clock) -> Band:
    found = made(tmp_path, clock)
    found.heard(NINE, 0)
    found.take(answer(("A", 801, 803), ("B", 801, 803)))
    return found


def given(band: Band, line: str = "tax") -> int:
    with band._store.writing() as rows:
        return band.next_number(rows, line).ordinal


def test_each_number_is_given_once_also_after_a_restart(band: Band, tmp_path: Path, clock: Clock) -> None:
    assert [given(band), given(band)] == [801, 802]
    again = made(tmp_path, clock)
    assert (given(again), again.left()) == (803, {"A": 0, "B": 3})
    assert again.why_not("tax") == "used_up"
    with pytest.raises(UsedUp):
        given(again)


def test_a_number_whose_ticket_was_not_kept_is_still_free(band: Band) -> None:
    with pytest.raises(RuntimeError), band._store.writing() as rows:
        band.next_number(rows, "tax")
        raise RuntimeError("the power went")
    assert given(band) == 801


def test_an_answer_that_comes_late_gives_no_number_back(band: Band) -> None:
    given(band)
    band.take(answer(("A", 801, 803), ("A", 811, 812)))
    assert [given(band) for _ in range(4)] == [802, 803, 811, 812]


def test_what_is_to_be_given_back_is_not_used_any_more_and_told_until_it_is_known(band: Band) -> None:
    given(band)
    band.take(answer(("A", 801, 803), back=True))
    band.take(answer(("A", 801, 803), ("A", 901, 902)))  # the telling was lost
    assert band.to_give_back() == [{"prefix": "A", "first": 801, "next": 802}]
    assert (given(band), band.is_to_be_compared(DAY)) == (901, True)
    band.take(answer(("A", 801, 801), ("A", 901, 902)))
    assert band.to_give_back() == []
    assert given(band) == 902


def test_bands_of_another_life_of_the_database_are_dropped(band: Band) -> None:
    band.take(answer(("A", 841, 842), epoch="e2"))
    assert (given(band), band.left()) == (841, {"A": 1, "B": 0})


def test_hours_are_kept_without_the_server(band: Band, clock: Clock) -> None:
    assert (band.why_not("tax"), band.why_not("social"), band.why_not("health")) == (None, "over", "not_offline")
    clock.at = NINE + 1.5 * 3600
    assert (band.why_not("tax"), band.opens_at("tax")) == ("not_yet", NINE + 2 * 3600)
    clock.at = NINE + 2 * 3600
    assert band.why_not("tax") is None
    clock.at = NINE + 3 * 3600
    assert band.why_not("tax") == "over"


def test_the_kiosks_own_clock_may_be_wrong(tmp_path: Path) -> None:
    clock = Clock(NINE - 7200)
    band = made(tmp_path, clock)
    band.heard(NINE, 7200)
    band.take(answer(("A", 801, 803)))
    assert band.why_not("tax") is None
    clock.at += 1.5 * 3600
    assert band.why_not("tax") == "not_yet"
    clock.at -= 9999  # set back: time does not run back before the last contact
    assert band.server_now() == NINE


def test_a_band_expires_so_long_after_the_last_contact_and_with_the_day(tmp_path: Path, clock: Clock) -> None:
    band = made(tmp_path, clock, hours=2)
    assert (band.why_not("tax"), band.is_to_be_compared(DAY)) == ("no_band", True)
    band.heard(NINE, 0)
    band.take(answer(("A", 801, 840), ("B", 801, 840)))
    assert not band.is_to_be_compared(DAY)
    clock.at = NINE + 2 * 3600 + 1
    assert band.why_not("tax") == "expired"
    band.heard(clock.at, 0)
    assert band.why_not("tax") is None
    clock.at = NINE + 15 * 3600
    band.heard(clock.at, 0)
    assert band.why_not("tax") == "expired"
    assert band.is_to_be_compared("2026-11-24")


def test_a_kiosk_without_numbers_never_goes_on_alone(tmp_path: Path, clock: Clock) -> None:
    band = made(tmp_path, clock, numbers=0)
    band.heard(NINE, 0)
    band.take(answer())
    assert band.why_not("tax") == "no_band"
