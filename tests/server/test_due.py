"""What happens of its own accord never keeps a hall from going on."""

from collections.abc import Iterator

import pytest

from server.command import Days, Tx
from server.journal import Draft
from tests.server.trial import Trial


@pytest.fixture
def broken(trial: Trial) -> Iterator[list[int]]:
    """A hall whose due work fails; counts how often it was tried."""
    days, tried = trial.store._days, []

    def fail(_tx: Tx) -> list[Draft]:
        tried.append(1)
        raise ZeroDivisionError

    trial.store._days = Days(days.is_over, days.end, fail)
    yield tried
    trial.store._days = days


def test_due_work_that_fails_is_tried_again_later_and_the_hall_goes_on(trial: Trial, broken: list[int]) -> None:
    trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    trial.serve("w1")
    trial.hold("w1", minutes=5)
    trial.clock.forward(minutes=6)
    assert trial.issue()["number"] == "A002"
    assert trial.call_next("w1")["number"] == "A002"
    assert len(broken) == 1
    trial.clock.forward(minutes=1)
    trial.recall("w1")
    assert len(broken) == 2
