"""Printing to printers that are well, slow, mute, out of paper, gone: never said to be printed unless it answered."""

import os
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from hall.devices.printer import Printer
from printers.decoder import Decoder, Printed
from printers.device import Result, health, open_printer, print_bytes, print_slip
from printers.paper import slip_bytes
from printers.status import PrinterFault
from printers.virtual import Condition, VirtualPrinter, status_byte
from tests.printers.samples import CHINESE, LONG, RARE


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "slips") as printer:
        yield printer


def settings(printer: VirtualPrinter, timeout: float = 1) -> Printer:
    return Printer(address=printer.address, timeout_seconds=timeout)


def test_a_slip_is_printed_and_confirmed(virtual: VirtualPrinter) -> None:
    result = print_slip(CHINESE, settings(virtual))
    assert (result.ok, result.reason, result.near_end) == (True, None, False)
    [slip] = virtual.slips()
    assert slip["number"] == "A023"
    assert "前面还有5人" in slip["text"]
    assert slip_bytes(CHINESE) in virtual.received[-1]


def test_status_is_asked_before_and_after_the_bytes(virtual: VirtualPrinter) -> None:
    print_slip(CHINESE, settings(virtual))
    before, after = virtual.received[-1].split(slip_bytes(CHINESE))
    assert before == after == b"\x10\x04\x01\x10\x04\x04"


def test_each_job_has_its_own_connection(virtual: VirtualPrinter) -> None:
    for slip in (CHINESE, LONG, RARE):
        assert print_slip(slip, settings(virtual)).ok
    assert len(virtual.received) == 3
    assert len(virtual.slips()) == 3


def test_a_printer_without_paper_gets_no_slip_and_says_so(virtual: VirtualPrinter) -> None:
    virtual.become(paper="out")
    assert print_slip(CHINESE, settings(virtual)).reason == "paper_out"
    assert b"A023" not in b"".join(virtual.received)
    virtual.become(paper="ok")
    time.sleep(0.2)
    assert virtual.slips() == []  # nothing comes out unasked when paper is back
    assert print_slip(CHINESE, settings(virtual)).ok


def test_paper_that_ends_with_this_slip_is_not_called_printed(virtual: VirtualPrinter) -> None:
    virtual.become(slips_left=1)
    result = print_slip(CHINESE, settings(virtual))
    assert (result.ok, result.reason) == (False, "paper_out")
    assert result.detail.startswith("after sending")


def test_paper_near_its_end_is_a_warning(virtual: VirtualPrinter) -> None:
    virtual.become(paper="near_end")
    result = print_slip(CHINESE, settings(virtual))
    assert (result.ok, result.near_end) == (True, True)
    asked = health(settings(virtual))
    assert (asked.ok, asked.near_end) == (True, True)


@pytest.mark.parametrize(("fault", "reason"), [({"cover_open": True}, "cover_open"), ({"offline": True}, "offline")])
def test_a_printer_that_is_not_ready_says_why(virtual: VirtualPrinter, fault: dict[str, bool], reason: str) -> None:
    virtual.become(**fault)
    assert print_slip(CHINESE, settings(virtual)).reason == reason
    assert health(settings(virtual)).reason == reason
    assert virtual.slips() == []


def test_a_mute_printer_gets_nothing_and_costs_one_time_limit(virtual: VirtualPrinter) -> None:
    virtual.become(mute=True)
    started = time.monotonic()
    assert print_slip(CHINESE, settings(virtual, 2)).reason == "timeout"
    assert time.monotonic() - started < 4
    assert b"A023" not in virtual.received[-1]


class FallsMute(VirtualPrinter):
    """Answers until the slip is cut, then never again."""

    def _slip(self, printed: Printed) -> None:
        super()._slip(printed)
        self.become(mute=True)


def test_a_printer_that_falls_mute_after_the_bytes_is_unconfirmed(tmp_path: Path) -> None:
    with FallsMute(tmp_path) as printer:
        result = print_slip(CHINESE, settings(printer, 0.5))
        assert (result.ok, result.reason) == (False, "unconfirmed")


def test_a_slow_printer_is_waited_for(virtual: VirtualPrinter) -> None:
    virtual.become(delay_seconds=0.3)
    result = print_slip(CHINESE, settings(virtual, 2))
    assert result.ok
    assert result.seconds >= 1.2


def test_a_printer_slower_than_the_limit_is_not(virtual: VirtualPrinter) -> None:
    virtual.become(delay_seconds=1.0)
    assert print_slip(CHINESE, settings(virtual, 0.3)).reason == "timeout"


@pytest.mark.parametrize("after", [7, 100, 400])
def test_a_line_dropped_amid_the_slip_is_unconfirmed(virtual: VirtualPrinter, after: int) -> None:
    virtual.become(drop_after=after)
    result = print_slip(CHINESE, settings(virtual))
    assert (result.ok, result.reason) == (False, "unconfirmed")
    assert virtual.slips() == []
    virtual.become(drop_after=None)
    assert print_slip(CHINESE, settings(virtual)).ok


def test_a_line_dropped_at_once_is_no_answer(virtual: VirtualPrinter) -> None:
    virtual.become(drop_after=0)
    assert print_slip(CHINESE, settings(virtual)).reason == "timeout"


def test_a_printer_that_vanished_refuses_and_the_next_job_works_when_it_is_back(tmp_path: Path) -> None:
    first = VirtualPrinter(tmp_path)
    known = settings(first)
    assert print_slip(CHINESE, known).ok
    first.stop()
    for _ in range(2):  # the library is left broken by a refused connection
        assert print_slip(CHINESE, known).reason == "refused"
    with VirtualPrinter(tmp_path, first.port):
        assert print_slip(CHINESE, known).ok


def test_a_printer_that_accepts_but_never_reads_times_out() -> None:
    """As one whose power was cut: the network still takes the bytes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        gone = Printer(address=f"127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=0.5)
        started = time.monotonic()
        assert print_slip(CHINESE, gone).reason == "timeout"
        assert time.monotonic() - started < 10


def test_noise_on_the_line_is_told_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def chatter() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(4096)

        thread = threading.Thread(target=chatter)
        thread.start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert print_slip(CHINESE, Printer(address=address, timeout_seconds=0.5)).reason == "garbled"
        thread.join(20)


def test_a_printer_whose_name_is_unknown_is_not_found() -> None:
    known = Printer(address="no-such-printer.invalid:9100", timeout_seconds=1)
    assert print_slip(CHINESE, known).reason == "not_found"


def test_a_usb_printer_that_is_not_there_is_not_found_at_once() -> None:
    started = time.monotonic()
    result = print_slip(CHINESE, Printer(kind="usb", address="ffff:fffe"))
    assert (result.ok, result.reason) == (False, "not_found")
    assert result.detail
    assert time.monotonic() - started < 20


def test_two_kiosks_print_on_one_printer(virtual: VirtualPrinter) -> None:
    results: list[Result] = []
    jobs = [
        threading.Thread(target=lambda: results.append(print_slip(CHINESE, settings(virtual, 3)))) for _ in range(6)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(20)
    assert [result.ok for result in results] == [True] * 6
    assert [slip["number"] for slip in virtual.slips()] == ["A023"] * 6


def test_open_printer_gives_the_librarys_own_connected_printer(virtual: VirtualPrinter) -> None:
    printer = open_printer(settings(virtual))
    assert type(printer).__module__ == "escpos.printer.network"
    assert printer.is_online()
    assert printer.paper_status() == 2
    printer.close()
    with pytest.raises(PrinterFault, match="not_found"):
        open_printer(Printer(kind="usb", address="ffff:fffe"))


# Files


def test_a_file_printer_appends_each_slip(tmp_path: Path) -> None:
    path = tmp_path / "slips.bin"
    known = Printer(kind="file", address=str(path))
    assert health(known).ok
    assert print_slip(CHINESE, known).ok
    assert print_slip(LONG, known).ok
    assert path.read_bytes() == slip_bytes(CHINESE) + slip_bytes(LONG)
    assert len(list(Decoder().feed(path.read_bytes()))) == 2


def test_a_file_in_no_folder_is_not_found(tmp_path: Path) -> None:
    known = Printer(kind="file", address=str(tmp_path / "none" / "slips.bin"))
    assert print_slip(CHINESE, known).reason == "not_found"
    assert health(known).reason == "not_found"


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    assert print_slip(CHINESE, Printer(kind="file", address=str(tmp_path))).reason == "refused"


def test_a_device_file_is_a_printer_that_must_answer(over_serial: "SerialPrinter") -> None:
    known = Printer(kind="file", address=over_serial.device, timeout_seconds=1)
    assert print_slip(CHINESE, known).ok
    assert [slip.largest for slip in over_serial.slips] == ["A023"]
    over_serial.condition = Condition(mute=True)
    assert print_slip(CHINESE, known).reason == "timeout"
    over_serial.condition = Condition(paper="out")
    assert health(known).reason == "paper_out"
    assert len(over_serial.slips) == 1


# Serial lines: a real pseudo-terminal with a printer at its other end.


class SerialPrinter:
    """Decodes what comes over a pseudo-terminal and answers as `condition` says."""

    def __init__(self) -> None:
        self.condition = Condition()
        self.slips: list[Printed] = []
        self.garbled = False
        self.unplug_after: int | None = None
        """Bytes after which the line is pulled."""
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self._slave = slave
        self.device = os.ttyname(slave)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        decoder, came = Decoder(576, answer=self._answer), 0
        os.set_blocking(self._master, False)
        while not self._stopping:
            try:
                data = os.read(self._master, 512)
            except BlockingIOError:
                time.sleep(0.002)
                continue
            except OSError:
                return
            came += len(data)
            if self.unplug_after is not None and came > self.unplug_after:
                return
            self.slips += decoder.feed(data)

    def _answer(self, question: int) -> None:
        if not self.condition.mute:
            status = 0xE0 if self.garbled else status_byte(self.condition, question)
            os.write(self._master, bytes((status,)))

    def stop(self) -> None:
        self._stopping = True
        self._thread.join(20)
        os.close(self._master)
        os.close(self._slave)


@pytest.fixture
def over_serial() -> Iterator[SerialPrinter]:
    printer = SerialPrinter()
    yield printer
    printer.stop()


def serial_settings(printer: SerialPrinter, timeout: float = 1) -> Printer:
    return Printer(kind="serial", address=printer.device, baud=115200, timeout_seconds=timeout)


def test_a_slip_goes_over_a_serial_line_and_is_confirmed(over_serial: SerialPrinter) -> None:
    result = print_slip(CHINESE, serial_settings(over_serial, 5))
    assert result.ok
    assert result.seconds < 5  # the library alone would wait its whole time limit for each answer
    assert [slip.largest for slip in over_serial.slips] == ["A023"]


def test_a_whole_picture_goes_over_a_serial_line(over_serial: SerialPrinter) -> None:
    known = serial_settings(over_serial, 3).model_copy(update={"encoding": "raster"})
    assert print_slip(CHINESE, known).ok
    assert over_serial.slips[0].picture.width == 576


def test_a_serial_printer_without_paper_says_so(over_serial: SerialPrinter) -> None:
    over_serial.condition = Condition(paper="out")
    assert print_slip(CHINESE, serial_settings(over_serial)).reason == "paper_out"
    assert over_serial.slips == []


def test_a_mute_serial_printer_times_out(over_serial: SerialPrinter) -> None:
    over_serial.condition = Condition(mute=True)
    started = time.monotonic()
    assert print_slip(CHINESE, serial_settings(over_serial, 0.5)).reason == "timeout"
    assert time.monotonic() - started < 10


def test_a_serial_line_nobody_reads_never_hangs() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        known = Printer(kind="serial", address=os.ttyname(slave), baud=115200, timeout_seconds=0.5)
        started = time.monotonic()
        assert not print_slip(CHINESE, known).ok
        assert time.monotonic() - started < 10
    finally:
        os.close(master)
        os.close(slave)


def test_a_serial_device_that_is_not_there_is_not_found() -> None:
    assert print_slip(CHINESE, Printer(kind="serial", address="/dev/ttyNONE")).reason == "not_found"


def test_a_serial_line_pulled_amid_a_slip_is_unconfirmed(over_serial: SerialPrinter) -> None:
    over_serial.unplug_after = 300
    result = print_slip(CHINESE, serial_settings(over_serial, 0.5))
    assert (result.ok, result.reason, result.sent) == (False, "unconfirmed", True)


def test_another_speed_than_the_printers_is_told_as_nonsense(over_serial: SerialPrinter) -> None:
    """As what comes at the wrong baud rate: bytes, but none that is a status."""
    over_serial.garbled = True
    for result in (print_slip(CHINESE, serial_settings(over_serial)), health(serial_settings(over_serial))):
        assert (result.ok, result.reason, result.sent) == (False, "garbled", False)
    assert over_serial.slips == []


def test_paper_too_narrow_for_the_profile_is_not_called_printed(tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path, width=384) as narrow:
        wide = settings(narrow).model_copy(update={"encoding": "raster"})
        result = print_slip(CHINESE, wide)
        assert (result.ok, result.reason) == (False, "unconfirmed")
        assert "unknown bytes" in (narrow.refused or "")


def test_a_printer_without_cutter_is_torn_off(virtual: VirtualPrinter) -> None:
    assert print_slip(CHINESE, settings(virtual).model_copy(update={"cutter": False})).ok
    deadline = time.monotonic() + 20
    while not virtual.slips() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [slip["number"] for slip in virtual.slips()] == ["A023"]


def test_what_a_printer_has_not_taken_when_it_falls_silent_never_reaches_it() -> None:
    """Its cable is put back later: the rest of the slip must not come out then, unasked."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        got = bytearray()
        client_done = threading.Event()

        def answer_then_sleep() -> None:
            connection, _ = listening.accept()
            with connection:
                for question in (1, 4):
                    connection.recv(3)
                    connection.sendall(bytes((status_byte(Condition(), question),)))
                client_done.wait(60)
                try:
                    while data := connection.recv(4096):
                        got.extend(data)
                except ConnectionError:
                    pass

        thread = threading.Thread(target=answer_then_sleep)
        thread.start()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        job = b"\x1b@" + b"a slip that is far too long\n" * 200_000
        result = print_bytes(job, Printer(address=address, timeout_seconds=0.5))
        client_done.set()
        thread.join(60)
        assert (result.ok, result.reason, result.sent) == (False, "unconfirmed", True)
        assert len(got) < len(job) / 2
