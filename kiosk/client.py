"""The kiosk's parts put together: the line home, the catalogue, issuing, printing, help and speech."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hall.board import Board
from hall.devices.kiosk import Kiosk as KioskSettings
from hall.errors import LinkDown
from hall.health import Condition
from hall.heartbeat import Heartbeat, Outcome
from hall.link import Follower, Link
from kiosk.band import Band
from kiosk.catalogue import Catalogues
from kiosk.helping import HelpCall
from kiosk.issuing import Issuing
from kiosk.offline import Alone
from kiosk.printing import Printing
from kiosk.readers import Readers
from kiosk.speech import Speech
from kiosk.store import Slip, Store
from kiosk.unseen import Unseen


@dataclass
class Kiosk:
    """One kiosk PC's work. `start()` begins it, `stop()` ends it within seconds."""

    settings: KioskSettings
    link: Link
    store: Store
    catalogues: Catalogues
    printing: Printing
    issuing: Issuing
    alone: Alone
    speech: Speech
    help: HelpCall
    readers: Readers
    follower: Follower | None = None

    def __post_init__(self) -> None:
        self.heartbeat = Heartbeat(self.link, self.conditions, {"print": self.test_print}, self._board)

    def start(self) -> None:
        self.heartbeat.start()
        self.catalogues.start()
        self.printing.start()
        self.readers.start()
        self.follower = self.link.follow(self.catalogues.on_board, self.catalogues.on_link, self._on_message)

    def stop(self) -> None:
        self.heartbeat.stop()
        if self.follower:
            self.follower.stop()
        self.catalogues.stop()
        self.printing.stop()
        self.readers.stop()
        self.store.close()

    def conditions(self) -> list[Condition]:
        """How this kiosk's parts are."""
        down = self.catalogues.down
        link = Condition("link", "fault", "down") if down else Condition("link", "ok")
        band = self.alone.condition(down)
        return [link, *([band] if band else []), *self.printing.conditions(), *self.readers.conditions()]

    def test_print(self) -> Outcome:
        """A slip that is no ticket."""
        result = self.printing.test_print()
        return Outcome(result.ok, result.reason or "", {"detail": result.detail} if result.detail else {})

    def _board(self) -> Board | None:
        return self.follower.board if self.follower else None

    def _on_message(self, name: str, data: Any) -> None:
        self.heartbeat.on_message(name, data)
        if name == "print":
            self.issuing.print_again(data)
        elif name == "desk_answered":
            self.help.answered()


def make_kiosk(settings: KioskSettings, link: Link, folder: Path, now: Callable[[], float] = time.time) -> Kiosk:
    """A kiosk that keeps its rows and sounds in `folder`; nothing runs yet."""

    store = Store(folder / "kiosk.sqlite3", now)
    catalogues = Catalogues(link, store, now)
    alone = Alone(link, store, Band(store, settings.offline, now), catalogues.get, now)

    def report(slip: Slip) -> None:
        if alone.is_waiting(slip.id):
            raise LinkDown("its ticket is not handed over yet")
        link.post(f"slips/{slip.id}", result=slip.state, reason=slip.reason)

    printing = Printing(store, settings.printer, catalogues.get, report, now)
    issuing = Issuing(link, store, printing, alone, lambda: catalogues.down, now)
    unseen = Unseen(link, store, issuing, now)

    def answered(body: dict[str, Any], offset: float) -> None:
        alone.band.heard(datetime.fromisoformat(body["at"]).timestamp(), offset)
        alone.settle(body.get("day", ""))
        unseen.look()

    catalogues.on_answer = answered
    speech, readers = Speech(folder / "speech"), Readers(settings)
    return Kiosk(settings, link, store, catalogues, printing, issuing, alone, speech, HelpCall(link), readers)
