"""Signs of life: of the page, for whoever watches the browser, and of this program, for systemd's watchdog."""

import os
import socket
import threading
import time

import requests

ASK_SECONDS = 5.0


class PageLife:
    """When the page asked for anything last; a page that hangs, or has crashed, asks no more."""

    def __init__(self) -> None:
        self._at: float | None = None

    def heard(self) -> None:
        self._at = time.monotonic()

    @property
    def age_seconds(self) -> float | None:
        return None if self._at is None else time.monotonic() - self._at


def watch_over(address: str) -> None:
    """Tells systemd that the program is ready, and from then on that its own page is served; elsewhere does nothing."""
    wanted = os.environ.get("NOTIFY_SOCKET")
    if wanted:
        threading.Thread(target=_tell, args=(wanted, address), name="kiosk-watchdog", daemon=True).start()


def _tell(wanted: str, address: str) -> None:
    every = min(ASK_SECONDS, int(os.environ.get("WATCHDOG_USEC", "0")) / 3e6 or ASK_SECONDS)
    said = "READY=1\nWATCHDOG=1"
    while True:
        try:
            requests.get(f"{address}/healthz", timeout=every).raise_for_status()
            _notify(wanted, said)
            said = "WATCHDOG=1"
        except (requests.RequestException, OSError):
            pass  # what is not told for too long, systemd puts right
        time.sleep(every)


def _notify(wanted: str, said: str) -> None:
    # A leading @ stands for Linux's abstract names (sd_notify(3)).
    name = "\0" + wanted[1:] if wanted.startswith("@") else wanted
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(said.encode(), name)
