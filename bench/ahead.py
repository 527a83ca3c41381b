"""`python -m bench.ahead CONFIG`: over a day in the journal, whether `ahead` was nought exactly for whom was called.

Every waiting ticket's `ahead` is worked out before and after every event of the hall, as its phone would be told.
"""

import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from hall.events import Event
from hall.line_up import LineUp
from hall.settings import load_settings
from server.audit.verifying import every_event, first_order, rule_of
from server.db import Store
from server.opening import open_store


@dataclass
class Ahead:
    ranks: dict[str, dict[str, int]]
    line_up: LineUp
    open: set[str] = field(default_factory=set)
    told: dict[str, int] = field(default_factory=dict)
    calls: Counter[int] = field(default_factory=Counter)
    """{ahead just before: how many calls}"""
    rises: Counter[str] = field(default_factory=Counter)
    """{type of the event with which it was told: how many}"""

    def take(self, event: Event) -> None:
        at, ticket = datetime.fromisoformat(event["at"]), event.get("ticket")
        if event["type"] == "ticket.called":
            self.calls[self.ahead(ticket["id"], at)] += 1
        self.line_up.apply(event)
        window = event["data"].get("window")
        if window is not None:
            (self.open.add if window["status"] == "open" else self.open.discard)(window["id"])
        told = {key: self.ahead(key, at) for key, one in self.line_up.tickets.items() if not one.parked}
        self.rises.update(event["type"] for key, ahead in told.items() if ahead > self.told.get(key, ahead))
        self.told = told

    def ahead(self, key: str, at: datetime) -> int:
        """At the window that comes to it first."""
        one = self.line_up.tickets[key]
        able = [window for window, ranks in self.ranks.items() if one.line in ranks]
        able = [window for window in able if window in self.open] or able
        return min(self.line_up.at(window).ahead(one, self.ranks[window], at) for window in able)


def measure(store: Store, hall: str) -> Ahead:
    state = store.read(partial(first_order, hall=hall))
    found = Ahead(state["ranks"], LineUp(rule_of(state)))
    store.read(lambda connection: [found.take(event) for event in every_event(connection, hall)])
    return found


def main() -> None:
    settings = load_settings(Path(sys.argv[1]))
    for hall in settings.halls:
        found = measure(open_store(settings), hall.id)
        print(f"{hall.id}: calls by what was ahead just before {dict(found.calls)}; rises {dict(found.rises)}")


if __name__ == "__main__":
    main()
