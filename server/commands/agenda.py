"""Acts in the order of their hall time, begun by one scheduler and played by a few threads."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

Act = Callable[[], None]


class HallTime:
    """The seconds after midnight of a played day: `second` at this moment, `speed` times as fast."""

    def __init__(self, second: float, speed: float) -> None:
        self._second = second
        self.speed = speed
        self._began = time.monotonic()

    def now(self) -> float:
        return self._second + (time.monotonic() - self._began) * self.speed


class Agenda:
    """Plays acts when their second has come; acts may add acts. An act that raises ends the play.

    `lags`: how many real seconds each act began late.
    """

    def __init__(self, clock: HallTime, threads: int = 24) -> None:
        self.clock = clock
        self.lags: list[float] = []
        self._threads = threads
        self._heap: list[tuple[float, int, Act]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._running = 0
        self._broken: BaseException | None = None

    def at(self, second: float, act: Act) -> None:
        with self._changed:
            heapq.heappush(self._heap, (second, next(self._order), act))
            self._changed.notify()

    def soon(self, act: Act) -> None:
        self.at(self.clock.now(), act)

    def play(self) -> None:
        """Returns when nothing is left to do."""
        with ThreadPoolExecutor(self._threads, thread_name_prefix="act") as pool:
            while (due := self._next()) is not None:
                pool.submit(self._play, *due)
        if self._broken is not None:
            raise self._broken

    def _next(self) -> tuple[float, Act] | None:
        with self._changed:
            while self._broken is None:
                if self._heap:
                    wait = (self._heap[0][0] - self.clock.now()) / self.clock.speed
                    if wait <= 0:
                        second, _, act = heapq.heappop(self._heap)
                        self._running += 1
                        return second, act
                elif not self._running:
                    return None
                else:
                    wait = 1.0
                self._changed.wait(min(wait, 1.0))
            return None

    def _play(self, second: float, act: Act) -> None:
        self.lags.append(max(0.0, self.clock.now() - second) / self.clock.speed)
        try:
            act()
        except BaseException as error:
            self._broken = error
        with self._changed:
            self._running -= 1
            self._changed.notify()
