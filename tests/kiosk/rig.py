"""A whole kiosk for tests: the real client on a free port, its folder kept over a restart."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from werkzeug.serving import make_server

from hall.devices.kiosk import Kiosk as KioskSettings
from hall.devices.printer import Printer
from hall.link import Link
from kiosk.app import make_app
from kiosk.cli import QuietRequests
from kiosk.client import make_kiosk


class Rig:
    """Started at once. `kill` ends it without a word to its store, as a power cut between two steps would."""

    def __init__(
        self,
        server: str,
        folder: Path,
        printer: Printer,
        now: Callable[[], float] = time.time,
        token: str = "kiosk-token",
        waits: bool = True,
        **more: Any,
    ) -> None:
        settings = KioskSettings(id="kiosk-1", name="一楼取号机", printer=printer, **more)
        self.kiosk = make_kiosk(settings, Link(server, token, timeout=5), folder, now)
        self._web = make_server("127.0.0.1", 0, make_app(self.kiosk), threaded=True, request_handler=QuietRequests)
        self.url = f"http://127.0.0.1:{self._web.server_port}"
        threading.Thread(target=self._web.serve_forever, daemon=True).start()
        self.kiosk.start()
        if waits:
            wait_for(lambda: self.kiosk.catalogues.up)

    def stop(self) -> None:
        self._web.shutdown()
        self.kiosk.stop()

    def __enter__(self) -> "Rig":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def touch(self, touch_id: str, line: str = "social", language: str = "zh-CN", **more: Any) -> requests.Response:
        body = {"touch_id": touch_id, "line": line, "language": language, **more}
        return requests.post(f"{self.url}/local/tickets", json=body, timeout=30)

    def catalogue(self, language: str = "zh-CN", **asked: str) -> dict[str, Any]:
        answer = requests.get(f"{self.url}/local/catalogue", params={"language": language, **asked}, timeout=30)
        return dict(answer.json())

    def slip(self, slip_id: str) -> dict[str, Any]:
        return dict(requests.get(f"{self.url}/local/slips/{slip_id}", timeout=30).json()["slip"])

    def slip_ended(self, slip_id: str) -> dict[str, Any]:
        wait_for(lambda: self.slip(slip_id)["state"] != "printing")
        return self.slip(slip_id)


def wait_for(true: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.03)
