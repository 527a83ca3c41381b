"""A thousand days of random arrivals in the order alone: whether anyone starves and whether a cap is ever broken."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hall.layout.rules import Order
from hall.line_up import LineUp, Waiting
from hall.order import Rule

DAYS = 1000
OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
ISSUING = timedelta(hours=8)
LINES = ("a", "b", "c", "d")
PRESETS = (Order(), Order(preset="first_come"), Order(preset="one_priority_after"), Order(max_overtakes=3))


@dataclass
class Tally:
    days: int = 0
    called: int = 0
    left_behind: int = 0
    """Still waiting when every window had stood idle: starved."""
    passed_too_often: int = 0
    passed_too_late: int = 0
    longest_minutes: float = 0.0

    @property
    def broken(self) -> int:
        return self.passed_too_often + self.passed_too_late


def measure_days(days: int = DAYS) -> Tally:
    tally = Tally()
    for seed in range(days):
        _one_day(random.Random(seed), PRESETS[seed % len(PRESETS)].rule(30), tally)
        tally.days += 1
    return tally


def _one_day(chance: random.Random, rule: Rule, tally: Tally) -> None:
    """Windows of random lines, arrivals that at times are more than they can serve; who misses may come back."""
    windows = {f"w{n}": {line: chance.randint(1, 2) for line in chance.sample(LINES, 2)} for n in range(4)}
    free = dict.fromkeys(windows, OPENS)
    arrivals = _arrivals(chance, {line for ranks in windows.values() for line in ranks})
    line_up, came, calls = LineUp(rule), 0, []
    while came < len(arrivals) or line_up.tickets:
        window = min(free, key=lambda one: free[one])
        now = free[window]
        while came < len(arrivals) and arrivals[came].queued_at <= now:
            line_up.put(arrivals[came])
            came += 1
        pick = line_up.at(window).next(windows[window], now)
        if pick is None:
            if came == len(arrivals) and all(line_up.at(one).next(windows[one], now) is None for one in windows):
                break
            free[window] = now + timedelta(seconds=20)
            continue
        calls.append((line_up.tickets[pick.head.ticket], now))
        line_up.call(pick.head.ticket, now)
        free[window] = now + timedelta(seconds=chance.expovariate(1 / 240))
    tally.left_behind += len(line_up.tickets) + len(arrivals) - came
    _judge(calls, rule, tally)


def _arrivals(chance: random.Random, lines: set[str]) -> list[Waiting]:
    at, made = OPENS - timedelta(minutes=20), []
    rate = chance.uniform(40, 110)
    while True:
        at += timedelta(seconds=chance.expovariate(1 / rate))
        if at > OPENS + ISSUING:
            return made
        seq = len(made) + 1
        lane = chance.choices(("ordinary", "booked", "priority", "reinstated"), (75, 10, 10, 5))[0]
        made.append(Waiting(f"t{seq}", f"A{seq}", chance.choice(sorted(lines)), lane, "", False, at, at, seq))


def _judge(calls: list[tuple[Waiting, datetime]], rule: Rule, tally: Tally) -> None:
    longest = timedelta(seconds=rule.max_wait_seconds)
    for place, (one, at) in enumerate(calls):
        waited = at - one.queued_at
        tally.longest_minutes = max(tally.longest_minutes, waited.total_seconds() / 60)
        passers = [
            then
            for other, then in calls[:place]
            if other.line == one.line and other.since > one.since and then >= one.queued_at
        ]
        tally.called += 1
        tally.passed_too_often += len(passers) > rule.max_overtakes
        tally.passed_too_late += any(then - one.queued_at > longest for then in passers)


if __name__ == "__main__":
    print(measure_days())
