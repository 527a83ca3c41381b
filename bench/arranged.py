"""`python -m bench.arranged ROUNDS`: how soon what a supervisor arranges is at board, clerk, slip and kiosk.

A whole house runs on this machine. Each round a line is lent to a window and taken back, suspended and resumed; told
are milliseconds from the request to where it must be.
"""

import sys
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from threading import Condition
from typing import Any

import requests

from server.commands.together import House, Ports

ROUNDS = 20
CONFIG = Path("config.yaml")
PATIENCE_SECONDS = 10.0
Times = dict[str, list[float]]


class Arranging:
    def __init__(self, folder: Path, config: Path) -> None:
        self.house = House(folder, config, Ports(), hands=("clerk", "supervisor"))
        self.heard: dict[str, dict[str, float]] = {"board": {}, "clerk": {}}
        self._news = Condition()

    def __enter__(self) -> "Arranging":
        try:
            self._begin()
        except BaseException:
            self.house.stop()
            raise
        return self

    def _begin(self) -> None:
        self.house.start()
        layout = self.house.layout
        self.supervisor = self.house.link("supervisor")
        self.window = layout.windows[0].id
        self.line = next(
            one.id for one in layout.lines if one.id not in layout.windows[0].lines and one.identity == "none"
        )
        self.house.link("clerk").post(f"windows/{self.window}/open")
        self.followers = [
            self.house.link(token).follow(lambda _board, events, where=where: self._hear(where, events))
            for where, token in (("board", "display"), ("clerk", "clerk"))
        ]
        for where in self.heard:
            self._at(where, "any", 0)  # its first board: from here on it hears events

    def __exit__(self, *_: object) -> None:
        for follower in self.followers:
            follower.stop()
        self.house.stop()

    def _hear(self, where: str, events: list[dict[str, Any]]) -> None:
        with self._news:
            self.heard[where] |= {kind: time.perf_counter() for kind in ("any", *(one["type"] for one in events))}
            self._news.notify_all()

    def round(self, times: Times) -> None:
        until, why = "23:59", {"reason": "measured"}
        begun = self._change(f"windows/{self.window}/lines", line=self.line, until=until, **why)
        slip = self._touch()
        if self.window not in [one["id"] for one in slip["windows"]]:
            raise RuntimeError("the slip does not name the window that was lent the line")
        times["the next slip names the window"].append(self._since(begun))
        for where in self.heard:
            times[f"{where} has the lent line"].append(self._at(where, "window.lines_lent", begun))
        self._change(f"windows/{self.window}/lines/{self.line}/return", **why)
        begun = self._change(f"lines/{self.line}/suspend", until=until, **why)
        times["kiosk shows the suspension"].append(self._shown(begun, lambda kiosk: not self._line(kiosk)["open"]))
        times["board is told of it"].append(self._at("board", "line.suspended", begun))
        begun = self._change(f"lines/{self.line}/resume", **why)
        times["kiosk gives numbers again"].append(self._shown(begun, lambda kiosk: self._line(kiosk)["open"]))

    def _change(self, path: str, **body: Any) -> float:
        begun = time.perf_counter()
        self.supervisor.post(path, **body)
        return begun

    @staticmethod
    def _since(begun: float) -> float:
        return (time.perf_counter() - begun) * 1000

    def _touch(self) -> dict[str, Any]:
        asked = {"touch_id": str(uuid.uuid4()), "line": self.line, "language": "zh-CN"}
        answer = requests.post(f"{self.house.kiosk_url}/local/tickets", json=asked, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return dict(answer.json()["ticket"])

    def _at(self, where: str, kind: str, begun: float) -> float:
        """When the event came, which may have been before its command was answered."""
        with self._news:
            if not self._news.wait_for(lambda: self.heard[where].get(kind, 0) > begun, PATIENCE_SECONDS):
                raise RuntimeError(f"{where} heard nothing of {kind}")
            return (self.heard[where][kind] - begun) * 1000

    def _shown(self, begun: float, there: Callable[[dict[str, Any]], bool]) -> float:
        """What the kiosk's page reads, until it has the change."""
        while not there(requests.get(f"{self.house.kiosk_url}/local/catalogue?language=zh-CN", timeout=3).json()):
            if self._since(begun) > PATIENCE_SECONDS * 1000:
                raise RuntimeError("the kiosk does not show it")
            time.sleep(0.01)
        return self._since(begun)

    def _line(self, kiosk: dict[str, Any]) -> dict[str, Any]:
        return next(dict(one) for one in kiosk["lines"] if one["id"] == self.line)


def main() -> None:
    times: Times = defaultdict(list)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory(prefix="hallcall-arranged-") as name, Arranging(Path(name), CONFIG) as hall:
        for _ in range(rounds):
            hall.round(times)
    for what, values in times.items():
        print(f"{what:36} {sorted(values)[len(values) // 2]:6.0f} ms, at most {max(values):6.0f}")


if __name__ == "__main__":
    main()
