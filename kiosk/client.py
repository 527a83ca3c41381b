"""The kiosk's parts put together: the line home, the catalogue, issuing, printing, help and speech."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hall.devices.kiosk import Kiosk as KioskSettings
from hall.link import Follower, Link
from kiosk.catalogue import Catalogues
from kiosk.helping import HelpCall
from kiosk.issuing import Issuing
from kiosk.printing import Printing
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
    speech: Speech
    help: HelpCall
    follower: Follower | None = None

    def start(self) -> None:
        self.catalogues.start()
        self.printing.start()
        self.follower = self.link.follow(self.catalogues.on_board, self.catalogues.on_link, self._on_message)

    def stop(self) -> None:
        if self.follower:
            self.follower.stop()
        self.catalogues.stop()
        self.printing.stop()
        self.store.close()

    def _on_message(self, name: str, data: Any) -> None:
        if name == "print":
            self.issuing.print_again(data)
        elif name == "desk_answered":
            self.help.answered()


def make_kiosk(settings: KioskSettings, link: Link, folder: Path, now: Callable[[], float] = time.time) -> Kiosk:
    """A kiosk that keeps its rows and sounds in `folder`; nothing runs yet."""

    def report(slip: Slip) -> None:
        link.post(f"slips/{slip.id}", result=slip.state, reason=slip.reason)

    store = Store(folder / "kiosk.sqlite3", now)
    catalogues = Catalogues(link, store)
    printing = Printing(store, settings.printer, catalogues.get, report, now)
    issuing = Issuing(link, store, printing, now)
    catalogues.on_answer = Unseen(link, store, issuing, now).look
    return Kiosk(settings, link, store, catalogues, printing, issuing, Speech(folder / "speech"), HelpCall(link))
