"""A clock that contradicts the journal, or its own ticking, gives no numbers and ends no day; calls go on."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import requests

from server.actions.day import accept_clock
from server.clock import Clock, Doubt, Machine
from server.commands.processes import hallcall
from server.db import Store
from tests.parts import ROOT, ServerProcess
from tests.server.check_rig import made_token
from tests.server.trial import MORNING, SetClock, Trial, refused

DAY = 86_400.0


@dataclass
class SetMachine(Machine):
    """A machine whose clock is set by hand, while its ticking goes on as it must."""

    at: float = MORNING.timestamp()
    ticked: float = 1000.0

    def wall(self) -> float:
        return self.at

    def ticks(self) -> float:
        return self.ticked

    def run(self, seconds: float) -> None:
        self.at += seconds
        self.ticked += seconds

    def set_by(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def machine() -> SetMachine:
    return SetMachine()


@pytest.fixture
def hall(store: Store, machine: SetMachine) -> Iterator[Trial]:
    """A hall whose server asks that machine, with one at window 1 and two waiting."""
    clock = Clock(machine=machine)
    store.clock = clock
    trial = Trial.found(store, cast(SetClock, clock))
    trial.open("w1")
    for _ in range(3):
        trial.issue()
    trial.call_next("w1")
    yield trial
    store.clock = clock
    assert trial.faults() == []


def last_at(trial: Trial) -> datetime:
    return datetime.fromisoformat(trial.events()[-1]["at"])


def restart(trial: Trial, machine: SetMachine) -> None:
    trial.store.clock = Clock(machine=machine)


def gives_no_number(trial: Trial) -> dict[str, Any]:
    before = trial.all_rows()
    error = refused(lambda: trial.issue())
    assert (error.code, error.status) == ("clock_wrong", 409)
    assert trial.all_rows() == before
    return error.details


@pytest.mark.parametrize("step", [-59, -5, 5, 590])
def test_a_clock_that_is_put_right_a_little_is_followed(machine: SetMachine, step: float) -> None:
    clock = Clock(machine=machine)
    machine.run(10)
    machine.set_by(step)
    assert clock.now() == MORNING + timedelta(seconds=10 + step)
    assert clock.doubt(MORNING) is None


@pytest.mark.parametrize("step", [-DAY, -61, 601, DAY, 400 * DAY])
def test_a_clock_that_leaps_is_not_followed_until_it_is_right_again(machine: SetMachine, step: float) -> None:
    clock = Clock(machine=machine)
    machine.set_by(step)
    machine.run(30)
    assert clock.now() == MORNING + timedelta(seconds=30)
    assert clock.doubt(MORNING) == Doubt("set", round(step))
    machine.set_by(-step)
    machine.run(30)
    assert clock.now() == MORNING + timedelta(seconds=60)
    assert clock.doubt(MORNING) is None


def test_a_clock_may_creep_as_far_as_it_likes(machine: SetMachine) -> None:
    """Months of small corrections are no leap."""
    clock = Clock(machine=machine)
    for _ in range(100):
        machine.run(3600)
        machine.set_by(20)
        assert clock.doubt(MORNING) is None
    assert clock.now() == MORNING + timedelta(seconds=100 * 3620)


def test_a_machine_that_slept_kept_its_time(machine: SetMachine) -> None:
    clock = Clock(machine=machine)
    machine.run(2 * DAY)
    assert clock.doubt(MORNING) is None and clock.now() == MORNING + timedelta(days=2)


def test_a_trials_clock_is_believed() -> None:
    clock = Clock("2026-11-23T08:30:00+08:00@600")
    assert clock.doubt(datetime(2030, 1, 1, tzinfo=UTC)) is None


def test_a_leap_of_a_day_expires_nobody(hall: Trial, machine: SetMachine) -> None:
    machine.set_by(DAY)
    machine.run(40)
    hall.look()
    assert gives_no_number(hall) == {"kind": "set", "seconds": round(DAY)}
    called = hall.call_next("w1", finish="completed")
    assert called["number"] == "A002" and last_at(hall) == MORNING + timedelta(seconds=40)
    assert refused(lambda: hall.walk_in("w2", by=hall.clerk("w2"))).code in ("clock_wrong", "window_not_open")
    machine.set_by(-DAY)
    assert hall.issue()["number"] == "A004"


def test_a_clock_behind_the_journal_calls_in_the_journals_time(hall: Trial, machine: SetMachine) -> None:
    machine.run(600)
    hall.issue()
    machine.set_by(-3600)
    restart(hall, machine)
    assert gives_no_number(hall) == {"kind": "behind", "seconds": 3600}
    hall.call_next("w1", finish="completed")
    assert last_at(hall) == MORNING + timedelta(seconds=600)
    machine.run(3541)
    assert hall.issue()["number"] == "A005"  # the machine's time has come near enough


def test_a_clock_that_began_wrong_is_believed_once_it_is_set_right(hall: Trial, machine: SetMachine) -> None:
    """A machine without a battery begins in 2020; the network sets it right a little later."""
    machine.set_by(-2000 * DAY)
    restart(hall, machine)
    gives_no_number(hall)
    machine.set_by(2000 * DAY)
    machine.run(60)
    assert hall.issue()["number"] == "A004"
    assert last_at(hall) == MORNING + timedelta(seconds=60)


def test_who_starts_the_server_anew_says_that_the_machine_is_right(hall: Trial, machine: SetMachine) -> None:
    machine.set_by(DAY)
    gives_no_number(hall)
    restart(hall, machine)
    assert hall.issue()["number"] == "A001"
    assert hall.board()["day"] == "2026-11-24"


def test_a_day_that_never_was_is_taken_back(hall: Trial, machine: SetMachine) -> None:
    """The machine was a week ahead when the server started, and that was journalled."""
    machine.set_by(7 * DAY)
    restart(hall, machine)
    assert hall.issue()["number"] == "A001"
    machine.set_by(-7 * DAY)
    restart(hall, machine)
    gives_no_number(hall)
    seq, clock = hall.seq, hall.store.clock
    told = hall.run(hall.supervisor, lambda tx: accept_clock(tx, clock.now()))
    assert told == "2026-11-30T01:00:00.000Z"
    assert hall.types(seq) == ["ticket.expired", "register.checked", "clock.accepted", "day.started"]
    assert last_at(hall) == MORNING and hall.board()["day"] == "2026-11-23"
    assert hall.issue()["number"] == "A004"  # today's numbers go on where they were: none twice
    assert hall.run(hall.supervisor, lambda tx: accept_clock(tx, clock.now())) is None


def test_an_operator_sees_the_alarm_and_accepts_the_machines_time(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, clock="real") as server:
        headers = {"Authorization": f"Bearer {made_token(tmp_path, 'kiosk')}", "Accept-Language": "en"}

        def issue() -> requests.Response:
            said = {"line": "social", "request_id": os.urandom(8).hex()}
            return requests.post(f"{server.url}/api/v1/halls/binjiang/tickets", json=said, headers=headers, timeout=20)

        assert issue().status_code == 201
        assert requests.get(f"{server.url}/readyz", timeout=20).json() == {"status": "ready", "clock": "ok"}
        with closing(sqlite3.connect(tmp_path / "hallcall.sqlite3", timeout=20)) as connection:
            connection.execute("UPDATE halls SET at = datetime(at, '+3 hours')")
            connection.commit()
        answer = issue()
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "clock_wrong")
        assert "clock" in answer.json()["error"]["message"]
        assert requests.get(f"{server.url}/readyz", timeout=20).json()["clock"] == "wrong"
        admin = {**headers, "Authorization": f"Bearer {made_token(tmp_path, 'system_admin')}"}
        states = requests.get(f"{server.url}/api/v1/halls/binjiang/devices/states", headers=admin, timeout=20).json()
        assert "behind the journal" in states["clock"]["said"] and "clock accept" in states["clock"]["remedy"]
        metrics = requests.get(f"{server.url}/metrics", timeout=20).text
        assert 'hallcall_clock_wrong_seconds{hall="binjiang"} 10' in metrics  # some 10,800
        environment = {**os.environ, **server.environment}
        accepted = subprocess.run(
            hallcall("clock", "accept"), capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60
        )
        assert accepted.returncode == 0 and "from here on it is" in accepted.stdout, accepted.stderr
        assert issue().status_code == 201
        assert requests.get(f"{server.url}/readyz", timeout=20).json()["clock"] == "ok"
