"""The figures of a sheet by hand: nearest rank, shares, what counts where."""

from datetime import date

from hall.sheets import End, Fact, Tally, only, sheet_of, units_of

DAY = date(2026, 11, 23)


def fact(end: End = End.SERVED, wait: int | None = 60, **more: object) -> Fact:
    given = {"hour": 9, "taken_line": "tax", "line": "tax", "unit": "u", "window": "w1", "service_seconds": 0, **more}
    return Fact(day=DAY, end=end, wait_seconds=wait, **given)  # type: ignore[arg-type]


def test_nine_of_ten_waited_no_longer_than_p90() -> None:
    tally = Tally()
    for wait in (60, 120, 180, 240, 300, 360, 420, 480, 900, 1860):
        tally.take(fact(wait=wait))
    told = tally.figures()
    assert (told["mean_wait_seconds"], told["p90_wait_seconds"]) == (492, 900)
    assert (told["within_15"], told["within_30"]) == (0.9, 0.9)
    one = sheet_of([fact(wait=77)]).total.figures()
    assert (one["p90_wait_seconds"], one["within_15"]) == (77, 1.0)


def test_who_was_never_called_or_served_has_no_times() -> None:
    told = sheet_of([fact(End.EXPIRED, None, window=None)]).total.figures()
    assert (told["issued"], told["called"], told["expired"]) == (1, 0, 1)
    assert told["mean_wait_seconds"] is told["within_15"] is told["mean_service_seconds"] is None


def test_only_who_was_served_counts_for_the_service() -> None:
    told = sheet_of([fact(service_seconds=300), fact(End.CANCELLED, service_seconds=999)]).total.figures()
    assert told["mean_service_seconds"] == 300


def test_a_transferred_number_is_issued_in_one_line_and_served_in_another() -> None:
    lines = sheet_of([fact(line="social", wait=90)]).told()["lines"]
    assert (lines["tax"]["issued"], lines["tax"]["mean_wait_seconds"], lines["tax"]["served"]) == (1, 90, 0)
    assert (lines["social"]["issued"], lines["social"]["called"], lines["social"]["served"]) == (0, 0, 1)


def test_a_number_without_a_matter_belongs_to_the_only_unit_of_its_line() -> None:
    unit_of = units_of(
        [("a", "u", "tax", False), ("old", "v", "tax", True), ("b", "u", "mixed", False), ("c", "v", "mixed", False)]
    )
    assert (unit_of(None, "tax"), unit_of("old", "tax"), unit_of(None, "mixed"), unit_of("c", "mixed")) == (
        "u",
        "v",
        None,
        "v",
    )
    assert [one.unit for one in only("v", [fact(), fact(unit="v"), fact(unit=None)])] == ["v"]
