"""The signs of one display client: they follow its board, and say how they are."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from display.calls import Layout
from display.signs.bus import Bus, Driven
from display.signs.shown import Picture, lost, shown, test_picture
from hall.board import Board
from hall.devices.sign import Sign
from hall.health import Condition

LOST_SECONDS = 12.0
"""Without a word of the server for longer, a sign no longer pretends to be current."""
REPEAT_SECONDS = 60.0
"""What a sign shows is sent again so often: one that was unplugged comes back by itself."""
TEST_SECONDS = 10.0


class Signs:
    """`now`: the server's clock; `layout`: the catalogue as far as it is known."""

    def __init__(
        self,
        signs: Sequence[Sign],
        now: Callable[[], datetime],
        layout: Callable[[], Layout],
        *,
        lost_seconds: float = LOST_SECONDS,
        repeat_seconds: float = REPEAT_SECONDS,
        test_seconds: float = TEST_SECONDS,
    ) -> None:
        self._now, self._layout = now, layout
        self._lost_seconds, self._test_seconds = lost_seconds, test_seconds
        self._board: Board | None = None
        self._up = False
        self._heard = time.monotonic()
        self._tested_until: dict[str, float] = {}
        wires: dict[str, list[Sign]] = {}
        for sign in signs:
            wires.setdefault(sign.place.address, []).append(sign)
        self._buses = [Bus(those, self._wanted, repeat_seconds) for those in wires.values()]

    def start(self) -> None:
        for bus in self._buses:
            bus.start()

    def stop(self) -> None:
        for bus in self._buses:
            bus.stop()

    def take_board(self, board: Board) -> None:
        """Only the last one counts: whatever changed while a sign was slow, it ends with what is true now."""
        self._board = board
        self.hear()
        self._wake()

    def take_link(self, up: bool) -> None:
        self._up = up
        self._wake()

    def hear(self) -> None:
        """The server said something."""
        self._heard = time.monotonic()

    def conditions(self) -> list[Condition]:
        return [self._condition(one) for one in self._driven()]

    def test(self, *sign_ids: str) -> list[Condition]:
        """Shows eights everywhere for some seconds, on the signs named or on all: how each is once it has them."""
        tested = [one for one in self._driven() if not sign_ids or one.sign.id in sign_ids]
        end = time.monotonic() + self._test_seconds
        self._tested_until |= {one.sign.id: end for one in tested}
        self._wake()
        while any(one.shows != test_picture(one.sign) for one in tested) and time.monotonic() < end:
            time.sleep(0.05)
        return [self._condition(one) for one in tested]

    def _wanted(self, sign: Sign) -> Picture | None:
        if time.monotonic() < self._tested_until.get(sign.id, 0):
            return test_picture(sign)
        silent = not self._up and time.monotonic() - self._heard > self._lost_seconds
        if silent and (safe := lost(sign)):
            return safe
        return shown(self._board, sign, self._layout(), self._now()) if self._board is not None else None

    def _condition(self, one: Driven) -> Condition:
        condition = one.condition()
        if condition.state == "ok" and self._is_nowhere(one.sign):
            return Condition("sign", "fault", "no_window", one.sign.id, str(one.sign.window), condition.facts)
        return condition

    def _is_nowhere(self, sign: Sign) -> bool:
        windows = [] if self._board is None else self._board["windows"]
        return self._board is not None and sign.window is not None and all(one["id"] != sign.window for one in windows)

    def _driven(self) -> list[Driven]:
        return [one for bus in self._buses for one in bus.driven]

    def _wake(self) -> None:
        for bus in self._buses:
            bus.wake()
