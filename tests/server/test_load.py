"""Eight clerks and eight kiosks at once, also while the server is killed: nothing twice, nothing lost."""

import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from hall.board import Board
from hall.events import Event
from hall.link import Link
from server.db import Store
from server.opening import migrate
from tests.server.conftest import fresh_url
from tests.server.served import Home, Served
from tests.server.trial import SetClock, Trial

pytestmark = pytest.mark.load

SECONDS = float(os.environ.get("HALLCALL_LOAD_SECONDS", "3"))
MUCH = 100  # events
KILLS = int(os.environ.get("HALLCALL_LOAD_KILLS", "3"))
CLERKS = KIOSKS = 8
LINES = ("tax", "social")
EIGHT_WINDOWS = [
    {"id": f"w{place}", "name": str(place), "zone": "a", "lines": {"tax": 1, "social": 1}} for place in range(1, 9)
]


class RunningClock(SetClock):
    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


def wrong_in(events: list[Event]) -> list[str]:
    """First come, first served, each called once, each number once: worked out from the journal alone."""
    waiting: dict[str, None] = {}  # in the order of issue
    calls: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    found = []
    for event in events:
        if event["type"] == "ticket.issued":
            waiting[event["ticket"]["id"]] = None
            numbers[event["ticket"]["number"]] += 1
        elif event["type"] == "ticket.called":
            key = event["ticket"]["id"]
            calls[key] += 1
            first = next(iter(waiting), None)
            if key != first:
                found.append(f"seq {event['seq']}: {event['ticket']['number']} was called before {first}")
            waiting.pop(key, None)
    found += [f"{key} was called {count} times" for key, count in calls.items() if count > 1]
    found += [f"{number} was given {count} times" for number, count in numbers.items() if count > 1]
    seqs = [event["seq"] for event in events]
    return found + ([] if seqs == list(range(1, len(seqs) + 1)) else ["the journal has a gap"])


def all_at_once(acts: list[Callable[[], Any]], during: Callable[[], None]) -> None:
    """Each act over and over in a thread of its own while `during` runs; the first error fails the test."""
    over, errors = threading.Event(), []

    def work(act: Callable[[], Any]) -> None:
        while not over.is_set():
            try:
                act()
            except Exception as error:  # a thread's error must reach the test
                errors.append(error)
                over.set()

    threads = [threading.Thread(target=work, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    try:
        during()
    finally:
        over.set()
    for thread in threads:
        thread.join(60)
    assert not errors, errors[0]


def test_in_process_nothing_is_called_or_given_twice(
    store: Store, other_store: Store, record_property: Callable[[str, Any], None]
) -> None:
    store.clock = other_store.clock = RunningClock()
    trial = Trial.found(store, store.clock, windows=EIGHT_WINDOWS)
    there = replace(trial, store=other_store)

    def clerk(place: int) -> Callable[[], Any]:
        here, window = (trial, there)[place % 2], f"w{place + 1}"
        by = here.clerk(window)
        here.open(window, by=by)
        return lambda: here.call_next(window, by=by, finish="completed")

    def kiosk(place: int) -> Callable[[], Any]:
        here = (trial, there)[place % 2]
        return lambda: here.issue(LINES[place % 2], always_open=True)

    acts = [clerk(place) for place in range(CLERKS)] + [kiosk(place) for place in range(KIOSKS)]
    all_at_once(acts, lambda: much_happens(lambda: trial.seq))
    events = trial.events()
    record_property("commands", len(events))
    print(f"{store.engine.dialect.name}, in process: {Counter(event['type'] for event in events)} in {SECONDS:.0f} s")
    assert wrong_in(events) == [] and trial.faults() == []


def much_happens(seq: Callable[[], int]) -> None:
    """Some seconds, and as many more as a slow machine takes; the test's own time limit ends it."""
    time.sleep(SECONDS)
    while seq() <= MUCH:
        time.sleep(0.2)


@contextmanager
def eight_windows(database: str, folder: Path) -> Iterator[tuple[Served, Home]]:
    url = fresh_url(database, folder) if database == "postgresql" else None
    with Served(folder, url, halls=1, windows=EIGHT_WINDOWS) as served:
        yield served, served.home()


@dataclass
class Hands:
    """Clerks and kiosks at a real server; every answered command is kept with its request."""

    home: Home
    patient: bool = False
    answered: dict[str, tuple[str, str, dict[str, Any], int, Any]] = field(default_factory=dict)

    def send(self, session: requests.Session, token: str, path: str, body: dict[str, Any]) -> None:
        """Until there is an answer the same request is sent again, as devices do."""
        body = {**body, "request_id": str(uuid.uuid4())}
        url = f"{self.home.served.url}/api/v1/halls/{self.home.hall}/{path}"
        while True:
            try:
                answer = session.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)
            except requests.RequestException:
                if not self.patient:
                    raise
                time.sleep(0.05)
                continue
            assert answer.status_code in (200, 201, 204), answer.text
            said = answer.json() if answer.content else None
            self.answered[body["request_id"]] = (token, path, body, answer.status_code, said)
            return

    def acts(self) -> list[Callable[[], None]]:
        found: list[Callable[[], None]] = []
        for place in range(CLERKS):
            token, window = self.home.token("clerk", name=str(place)), f"windows/w{place + 1}"
            self.send(requests.Session(), token, f"{window}/open", {})
            found.append(self._act(token, f"{window}/call-next", {"finish": "completed"}))
        for place in range(KIOSKS):
            token = self.home.token("kiosk", name=str(place))
            found.append(self._act(token, "tickets", {"line": LINES[place % 2]}))
        return found

    def _act(self, token: str, path: str, body: dict[str, Any]) -> Callable[[], None]:
        session = requests.Session()
        return lambda: self.send(session, token, path, body)


def test_over_http_nothing_is_called_or_given_twice(database: str, tmp_path: Path) -> None:
    with eight_windows(database, tmp_path) as (_, home):
        hands = Hands(home)
        all_at_once(hands.acts(), lambda: much_happens(lambda: home.seq))
        events = home.events()
        counts = Counter(event["type"] for event in events)
        print(f"{database}, over HTTP: {counts}, {len(hands.answered)} answered in {SECONDS:.0f} s")
        assert wrong_in(events) == []
        given = [said["ticket"]["number"] for _, _, _, status, said in hands.answered.values() if status == 201]
        assert len(given) == len(set(given)) == counts["ticket.issued"]


class Screen:
    """A display's follower as every device has it: its board, and whether it has a link."""

    def __init__(self, home: Home) -> None:
        self.board: Board = {"seq": -1}
        self.up = False
        link = Link(home.served.url, home.token("display"), home.hall)
        self.follower = link.follow(self._take, self._link)

    def _take(self, board: Board, _events: list[Event]) -> None:
        self.board = board

    def _link(self, up: bool) -> None:
        self.up = up


def seconds_until(true: Callable[[], Any], most: float) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < most, f"not within {most} s"
        time.sleep(0.02)
    return time.monotonic() - began


def killed_again_and_again(served: Served, home: Home, screens: list[Screen]) -> list[float]:
    """Kills the server under load; the seconds until every screen shows something newer again."""
    back = []
    for _ in range(KILLS):
        time.sleep(0.7)
        served.process.kill()
        shown = [screen.board["seq"] for screen in screens]
        served.process.start()
        newer = zip(screens, shown, strict=True)
        back.append(max(seconds_until(lambda s=s, n=n: s.board["seq"] > n, 30) for s, n in newer))  # type: ignore[misc]
    return back


@pytest.mark.timeout(600)
def test_killed_under_load_the_server_loses_no_answered_command(database: str, tmp_path: Path) -> None:
    if database == "postgresql":
        migrate(fresh_url(database, tmp_path))  # the tests' PostgreSQL is up before the server starts
    with eight_windows(database, tmp_path) as (served, home):
        screens, hands, back = [Screen(home) for _ in range(3)], Hands(home, patient=True), []
        for screen in screens:
            seconds_until(lambda screen=screen: screen.board["seq"] >= 0, 30)  # type: ignore[misc]
        all_at_once(hands.acts(), lambda: back.extend(killed_again_and_again(served, home, screens)))
        told = home.tables()
        agreed = [seconds_until(lambda s=s: s.board["seq"] == told["seq"], 30) for s in screens]  # type: ignore[misc]
        for screen in screens:
            same = ("epoch", "day", "calls", "missed", "windows", "waiting")
            assert {key: screen.board[key] for key in same} == {key: told[key] for key in same}
            screen.follower.stop()
        events = home.events()
        print(
            f"{database}, {KILLS} kills: {len(hands.answered)} answered, {len(events)} events, "
            f"screens back in at most {max(back):.1f} s, agreed {max(agreed):.2f} s after the last command"
        )
        assert wrong_in(events) == []
        everything_answered_is_there(served, events, hands)


def everything_answered_is_there(served: Served, events: list[Event], hands: Hands) -> None:
    """In the journal, and repeated under its request_id it is answered as the first time."""
    from server.audit.verifying import faults

    issued = {event["ticket"]["id"]: event["ticket"]["number"] for event in events if event["type"] == "ticket.issued"}
    called = {event["ticket"]["id"] for event in events if event["type"] == "ticket.called"}
    for _, path, _, status, said in hands.answered.values():
        if status == 201:
            assert issued[said["ticket"]["id"]] == said["ticket"]["number"]
        elif path.endswith("call-next") and status == 200:
            assert said["ticket"]["id"] in called
    wrote = [one for one in hands.answered.values() if one[3] != 204 and not one[1].endswith("open")]
    url = f"{served.url}/api/v1/halls/{hands.home.hall}"
    with requests.Session() as session:
        for token, path, body, status, said in wrote[:: max(1, len(wrote) // 200)]:
            again = session.post(f"{url}/{path}", json=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)
            assert (again.status_code, again.json()) == (status, said)
    assert served.store.read(faults) == []
    assert hands.home.seq == len(events)
