"""Signs driven over real wires, TCP and pseudo-terminals: what they come to show, how they fail and how they heal."""

import socket
import time
from datetime import UTC, datetime

import pytest

from display.signs.signs import Signs
from hall.devices.sign import Sign
from tests.display.rig import wait_until
from tests.display.sign_simulators import AlphaSign, LineSign, ModbusSign, OnPty, OnTcp

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LAYOUT = {"hall": {"time_zone": "Asia/Shanghai"}}
UNTIL = "2026-11-23T05:30:00+00:00"
BARE = {"line": ("N", ("A023",)), "alpha": (" ", ("A023",)), "modbus": (2, 23, 0x41, 0xFFFF)}
"""What each family's sign sees of A023."""


def a_sign(wire, kind="line", **more):
    settings = {"id": "s1", "name": "s", "kind": kind, "wire": wire, "window": "w1", "display": "d"}
    return Sign.model_validate(settings | more)


def a_board(number="A023", status="open", until=None, calls=()):
    ticket = None if number is None else {"id": "t", "number": number, "status": "called"}
    windows = [
        {
            "id": f"w{n}",
            "name": str(n),
            "zone": "a",
            "status": status,
            "until": until,
            "closing": None,
            "ticket": ticket,
        }
        for n in range(1, 31)
    ]
    made = [{"id": one, "number": one, "window": "w3", "status": "called", "at": NOW.isoformat()} for one in calls]
    return {"windows": windows, "calls": made, "missed": [], "waiting": {}}


class Driver:
    """Signs that follow a board a test hands them. Usable in a `with`."""

    def __init__(self, *signs, **times):
        self.signs = Signs(signs, lambda: NOW, lambda: LAYOUT, **times)
        self.signs.take_link(True)

    def show(self, board):
        self.signs.take_board(board)

    def state(self, sign_id="s1"):
        one = next(one for one in self.signs.conditions() if one.id == sign_id)
        return one.state if one.state != "fault" else one.code

    def comes_to(self, state, sign_id="s1"):
        wait_until(lambda: self.state(sign_id) == state, 40)

    def __enter__(self):
        self.signs.start()
        return self

    def __exit__(self, *_):
        self.signs.stop()


@pytest.fixture(params=["line", "alpha", "modbus"])
def kind(request):
    return request.param


@pytest.fixture(params=["tcp", "pty"])
def wired(request, kind, tmp_path):
    """A sign of each family on each kind of wire."""
    serial = request.param == "pty"
    made = ModbusSign(rtu=serial) if kind == "modbus" else {"line": LineSign, "alpha": AlphaSign}[kind]()
    with OnPty(made, tmp_path) if serial else OnTcp(made) as wire:
        if serial:
            wire.wire += "&bits=8N1"  # a pseudo-terminal knows no parity
        yield wire


def test_a_sign_shows_the_number_paused_and_closed_in_this_order(kind, wired):
    with Driver(a_sign(wired.wire, kind, columns=20)) as driver:
        for board in (a_board(), a_board("A024"), a_board(None, "paused", UNTIL), a_board(None, "closed")):
            before = len(wired.simulator.seen[1])
            driver.show(board)
            wait_until(lambda before=before: len(wired.simulator.seen[1]) > before)
        driver.comes_to("ok")
    seen = wired.simulator.seen[1]
    assert not wired.simulator.refused
    assert (
        seen
        == {
            "line": [
                ("N", ("A023",)),
                ("N", ("A024",)),
                ("P", ("暂停服务 13:30恢复",)),
                ("C", ("未开放",)),
            ],
            "alpha": [(" ", ("A023",)), (" ", ("A024",)), (" ", ("Paused Back 13:30",)), (" ", ("Closed",))],
            "modbus": [(2, 23, 0x41, 0xFFFF), (2, 24, 0x41, 0xFFFF), (3, 0, 0, 1330), (0, 0, 0, 0xFFFF)],
        }[kind]
    )


MOODS = {"nak": "refused", "silent": "no_answer", "garbage": "garbled"}
FAILURES = [
    *(("line", "tcp", mood) for mood in MOODS),
    ("line", "pty", "garbage"),
    ("alpha", "tcp", "nak"),
    ("alpha", "pty", "silent"),
    ("modbus", "tcp", "nak"),
    *(("modbus", "pty", mood) for mood in MOODS),
]


@pytest.mark.parametrize("kind, wired, mood", FAILURES, indirect=["kind", "wired"])
def test_a_sign_that_fails_says_how_and_heals_by_itself(kind, wired, mood):
    wired.simulator.mood = mood
    with Driver(a_sign(wired.wire, kind)) as driver:
        driver.show(a_board())
        driver.comes_to(MOODS[mood])
        wired.simulator.mood = "well"
        driver.comes_to("ok")
        wait_until(lambda: wired.simulator.last() == BARE[kind])


def test_a_sign_cut_off_inside_a_frame_is_unplugged_and_shows_the_last_number_once_back(kind, wired):
    with Driver(a_sign(wired.wire, kind)) as driver:
        wired.simulator.mood = "cut"
        driver.show(a_board("A022"))
        wait_until(lambda: driver.state() in ("unplugged", "not_found"))
        wired.simulator.mood = "well"
        if isinstance(wired, OnPty):
            driver.comes_to("not_found")
            wired.plug_in()
        driver.show(a_board())
        driver.comes_to("ok")
        assert wired.simulator.last() == BARE[kind]
        assert not wired.simulator.refused


def test_a_burst_of_calls_ends_with_the_last_one_shown(kind, wired):
    with Driver(a_sign(wired.wire, kind)) as driver:
        for n in range(1, 24):
            driver.show(a_board(f"A{n:03}"))
        wait_until(lambda: wired.simulator.last() == BARE[kind])
        driver.comes_to("ok")
    assert not wired.simulator.refused


@pytest.mark.parametrize("kind", ["line", "alpha"])
def test_the_wrong_speed_is_told_and_the_hall_sign_beside_it_goes_on(kind, tmp_path):
    slow = {"line": LineSign, "alpha": AlphaSign}[kind]()
    with OnPty(slow, tmp_path, baud=9600) as wire, OnTcp(LineSign()) as other:
        wrong = a_sign(wire.wire.replace("9600", "19200") + "&bits=8N1", kind)
        with Driver(wrong, a_sign(other.wire, id="s2")) as driver:
            driver.show(a_board())
            wait_until(lambda: driver.state() in ("no_answer", "garbled"))
            driver.comes_to("ok", "s2")
            assert other.simulator.last() == ("N", ("A023",)) and not slow.seen[1]


def test_a_sign_without_a_way_back_is_taken_at_its_word(tmp_path):
    simulator = LineSign()
    simulator.mood = "well"
    with OnPty(simulator, tmp_path) as wire, Driver(a_sign(wire.wire, answers=False, checksum=False)) as driver:
        simulator.checksum = False
        driver.show(a_board())
        driver.comes_to("ok")
        wait_until(lambda: simulator.last() == ("N", ("A023",)))


def test_a_two_line_hall_sign_shows_the_calls_with_their_windows():
    with OnTcp(LineSign()) as wire, Driver(a_sign(wire.wire, window=None, rows=2, columns=16)) as driver:
        driver.show(a_board(None, calls=["A023", "B007"]))
        wait_until(lambda: wire.simulator.last() == ("L", ("A023     3号窗口", "B007     3号窗口")))
        driver.show(a_board(None))
        wait_until(lambda: wire.simulator.last() == ("L", ("请留意叫号",)))


def test_signs_of_one_wire_each_get_their_own_and_a_dead_one_holds_nobody_up(tmp_path):
    bus = LineSign(*range(1, 9))
    bus.mute = {1, 2}
    signs = lambda wire: [a_sign(wire, id=f"s{n}", window=f"w{n}", address=n) for n in range(1, 9)]  # noqa: E731
    with OnPty(bus, tmp_path) as wire, Driver(*signs(wire.wire)) as driver:
        driver.show(a_board())
        for n in range(3, 9):
            driver.comes_to("ok", f"s{n}")
        driver.comes_to("no_answer", "s1")
        driver.show(a_board("A024"))
        wait_until(lambda: {bus.last(n) for n in range(3, 9)} == {("N", ("A024",))})
        bus.mute = set()
        driver.comes_to("ok", "s1")
        driver.comes_to("ok", "s2")
        assert bus.last(1) == ("N", ("A024",)) and wire.simulator.times == 1


def test_signs_on_other_wires_are_not_held_up_by_one_that_takes_no_bytes():
    with socket.create_server(("127.0.0.1", 0)) as deaf, OnTcp(LineSign()) as wire:
        signs = [a_sign(f"tcp://127.0.0.1:{deaf.getsockname()[1]}"), a_sign(wire.wire, id="s2")]
        with Driver(*signs) as driver:
            driver.show(a_board())
            driver.comes_to("no_answer")
            driver.show(a_board("A024"))
            wait_until(lambda: wire.simulator.last() == ("N", ("A024",)))


def test_a_sign_that_is_not_there_is_named_and_found_once_it_comes():
    with OnTcp(LineSign()) as gone:
        pass
    with Driver(a_sign(gone.wire)) as driver:
        driver.show(a_board())
        driver.comes_to("not_found")
        with OnTcp(LineSign(), gone.port) as wire:
            driver.comes_to("ok")
            assert wire.simulator.last() == ("N", ("A023",))


def test_what_a_sign_shows_is_repeated_so_that_a_replugged_one_heals():
    with OnTcp(LineSign()) as wire, Driver(a_sign(wire.wire), repeat_seconds=0.2) as driver:
        driver.show(a_board())
        wait_until(lambda: len(wire.simulator.seen[1]) >= 3)
        assert set(wire.simulator.seen[1]) == {("N", ("A023",))}


def test_without_changes_nothing_is_sent_between_repeats():
    with OnTcp(LineSign()) as wire, Driver(a_sign(wire.wire)) as driver:
        for _ in range(5):
            driver.show(a_board())
            driver.comes_to("ok")
        driver.show(a_board("A024"))
        wait_until(lambda: wire.simulator.last() == ("N", ("A024",)))
        assert len(wire.simulator.seen[1]) == 2


def test_the_line_home_lost_for_too_long_is_said_by_hall_signs_and_kept_from_window_signs():
    with OnTcp(LineSign(1, 2, 3)) as wire:
        hall = a_sign(wire.wire, id="hall", window=None, address=2, columns=16)
        told = a_sign(wire.wire, id="told", address=3, lost_text="请听叫号")
        with Driver(a_sign(wire.wire), hall, told, lost_seconds=0.5) as driver:
            driver.show(a_board(calls=["A023"]))
            wait_until(lambda: wire.simulator.last(2) == ("L", ("A023     3号窗口",)))
            driver.signs.take_link(False)
            wait_until(lambda: wire.simulator.last(2) == ("X", ("请留意广播",)))
            wait_until(lambda: wire.simulator.last(3) == ("X", ("请听叫号",)))
            assert wire.simulator.last(1) == ("N", ("A023",))
            driver.signs.take_link(True)
            driver.show(a_board("A024"))
            wait_until(lambda: wire.simulator.last(3) == wire.simulator.last(1) == ("N", ("A024",)))
            wait_until(lambda: wire.simulator.last(2) == ("L", ("请留意叫号",)))


def test_a_display_that_never_reached_the_server_leaves_a_window_sign_alone():
    with OnTcp(LineSign(1, 2)) as wire:
        hall = a_sign(wire.wire, id="hall", window=None, address=2, columns=16)
        with Driver(a_sign(wire.wire), hall, lost_seconds=0) as driver:
            driver.signs.take_link(False)
            wait_until(lambda: wire.simulator.last(2) == ("X", ("请留意广播",)))
            assert driver.state() == "unknown" and wire.simulator.last(1) is None


@pytest.mark.parametrize("kind, wired", [("line", "tcp")], indirect=True)
def test_a_test_picture_is_shown_and_then_the_number_again(kind, wired):
    with Driver(a_sign(wired.wire, kind, columns=6), test_seconds=4.0) as driver:
        driver.show(a_board())
        driver.comes_to("ok")
        (tested,) = driver.signs.test("s1")
        assert (tested.state, tested.facts["shows"]) == ("ok", "888888")
        assert wired.simulator.last() == ("T", ("888888",))
        wait_until(lambda: wired.simulator.last() == BARE[kind])


def test_a_test_of_a_dead_sign_says_what_is_wrong():
    with OnTcp(LineSign()) as wire, Driver(a_sign(wire.wire), test_seconds=1.5) as driver:
        wire.simulator.mood = "nak"
        (tested,) = driver.signs.test()
        assert (tested.code, tested.detail) == ("refused", "too long")


def test_a_sign_of_a_window_that_is_gone_shows_closed_and_says_so():
    with OnTcp(LineSign()) as wire, Driver(a_sign(wire.wire, window="w99")) as driver:
        driver.show(a_board())
        driver.comes_to("no_window")
        assert wire.simulator.last() == ("C", ("未开放",))


def test_modbus_registers_that_the_sign_does_not_have_are_refused():
    with OnTcp(ModbusSign(first=100)) as wire, Driver(a_sign(wire.wire, "modbus")) as driver:
        driver.show(a_board())
        driver.comes_to("refused")
        assert driver.signs.conditions()[0].detail == "illegal register"
        with Driver(a_sign(wire.wire, "modbus", register_from=100)) as right:
            right.show(a_board())
            right.comes_to("ok")


def test_an_alpha_sign_with_old_noise_in_its_register_is_believed_at_the_second_try():
    with OnTcp(AlphaSign()) as wire, Driver(a_sign(wire.wire, "alpha")) as driver:
        wire.simulator.register = 0x43
        driver.show(a_board())
        driver.comes_to("ok")
        assert wire.simulator.register == 0x40 and wire.simulator.last() == BARE["alpha"]


def test_a_wire_full_of_noise_neither_holds_the_thread_nor_is_taken_for_an_answer():
    class Noisy(LineSign):
        def take(self, frame):
            address, picture, _ = super().take(frame)
            return address, picture, b"\xff" * 3000

    with OnTcp(Noisy()) as wire, Driver(a_sign(wire.wire)) as driver:
        driver.show(a_board())
        driver.comes_to("garbled")


def test_signs_end_soon_even_while_one_does_not_answer():
    with OnTcp(LineSign()) as wire:
        wire.simulator.mood = "silent"
        driver = Driver(a_sign(wire.wire))
        with driver:
            driver.show(a_board())
            driver.comes_to("no_answer")
            begun = time.monotonic()
        assert time.monotonic() - begun < 20
