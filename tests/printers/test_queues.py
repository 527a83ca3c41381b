"""Print queues: small real lp, lpstat and cancel programs on PATH, and a small module with the API of Windows."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hall.devices.printer import PrinterProfile
from printers.decoder import Decoder
from printers.device import health, print_slip
from tests.printers.samples import CHINESE

ROOT = Path(__file__).parents[2]
PROGRAM = """#!{python} -IS
import pathlib, sys
folder = pathlib.Path({folder!r})
name, words = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
read = lambda file, other="": (folder / file).read_text() if (folder / file).exists() else other
if read("down"):
    sys.exit(f"{{name}}: Connection refused")
if "Receipt" not in words and name != "cancel":
    sys.exit(f'{{name}}: Invalid destination name in list "{{words[-1]}}"!')
if name == "lp":
    (folder / "data").write_bytes(sys.stdin.buffer.read())
    (folder / "asked").write_text(" ".join(words))
    (folder / "waiting").write_text("Receipt-7")
    print("request id is Receipt-7 (0 file(s))")
elif name == "cancel":
    (folder / "waiting").write_text("")
    (folder / "cancelled").write_text(words[0])
elif "-p" in words:
    print(read("state", "printer Receipt is idle.  enabled since Mon Nov 23 08:00:00 2026\\n\\tAlerts: none"))
elif "completed" in words:
    print(read("ended", "Receipt-7  root  1024  Mon Nov 23\\n\\tAlerts: job-completed-successfully"))
else:
    print(read("waiting") + "  root  1024  Mon Nov 23")
    looks = int(read("looks", "0"))
    if looks < int(read("slow", "1")):
        (folder / "looks").write_text(str(looks + 1))
    else:
        (folder / "waiting").write_text("")
"""


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose files say how the queue is: `state`, `slow` (so many looks), `ended`, `down`."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("lp", "lpstat", "cancel"):
        file = programs / name
        file.write_text(PROGRAM.format(python=sys.executable, folder=str(tmp_path)), encoding="utf-8")
        file.chmod(file.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


QUEUE = PrinterProfile(kind="cups", address="Receipt", timeout_seconds=10)


def state(folder: Path, alerts: str, words: str = "is idle.  enabled since Mon Nov 23") -> None:
    (folder / "state").write_text(f"printer Receipt {words}\n\tAlerts: {alerts}\n", encoding="utf-8")


def test_a_slip_goes_raw_into_the_queue_and_is_printed_when_its_job_is_done(cups: Path) -> None:
    result = print_slip(CHINESE, QUEUE)
    assert (result.ok, result.reason) == (True, None)
    assert [one.largest for one in Decoder().feed((cups / "data").read_bytes())] == ["A023"]
    assert "-d Receipt -o raw" in (cups / "asked").read_text()
    assert not (cups / "cancelled").exists()


@pytest.mark.parametrize(
    ("alerts", "reason"),
    [
        ("media-empty-error", "paper_out"),
        ("cover-open-report", "cover_open"),
        ("offline-report", "offline"),
        ("paused", "offline"),
    ],
)
def test_a_queue_whose_printer_cannot_print_gets_no_job(cups: Path, alerts: str, reason: str) -> None:
    state(cups, alerts)
    result = print_slip(CHINESE, QUEUE)
    assert (result.reason, result.sent) == (reason, False)
    assert health(QUEUE).reason == reason
    assert not (cups / "data").exists()


def test_a_queue_that_is_disabled_is_offline_and_one_low_on_paper_warns(cups: Path) -> None:
    state(cups, "none", "disabled since Mon Nov 23 08:00:00 2026 -\n\tReason unknown")
    assert health(QUEUE).reason == "offline"
    state(cups, "media-low-warning")
    assert (health(QUEUE).ok, health(QUEUE).near_end) == (True, True)


def test_a_job_that_is_not_done_in_time_is_taken_out_of_the_queue(cups: Path) -> None:
    (cups / "slow").write_text("100000")
    result = print_slip(CHINESE, QUEUE.model_copy(update={"timeout_seconds": 1.5}))
    assert (result.ok, result.reason, result.sent) == (False, "unconfirmed", True)
    assert (cups / "cancelled").read_text() == "Receipt-7"


def test_a_job_the_queue_gave_up_is_not_called_printed(cups: Path) -> None:
    (cups / "ended").write_text("Receipt-7  root  1024  Mon\n\tAlerts: aborted-by-system\n")
    assert (print_slip(CHINESE, QUEUE).reason, print_slip(CHINESE, QUEUE).sent) == ("unconfirmed", True)


def test_an_unknown_queue_a_dead_scheduler_and_a_machine_without_cups_say_so(
    cups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert health(PrinterProfile(kind="cups", address="Other")).reason == "not_found"
    (cups / "down").write_text("yes")
    assert health(QUEUE).reason == "refused"
    monkeypatch.setenv("PATH", str(cups))
    assert (health(QUEUE).reason, print_slip(CHINESE, QUEUE).reason) == ("unsupported", "unsupported")


# Windows

API = """
import pathlib
folder = pathlib.Path({folder!r})
PRINTER_ENUM_NAME = 8
jobs = []
def OpenPrinter(name):
    if name != "Receipt":
        raise RuntimeError("The printer name is invalid.")
    return 1
def EnumPrinters(*_): return [{{"pPrinterName": "Receipt"}}]
def GetPrinter(handle, level): return {{"Status": int((folder / "status").read_text()), "Attributes": 0}}
def StartDocPrinter(handle, level, about): jobs.append(12); return 12
def StartPagePrinter(handle): pass
def WritePrinter(handle, data): (folder / "data").write_bytes(data)
def EndPagePrinter(handle): pass
def EndDocPrinter(handle): jobs.clear()
def ClosePrinter(handle): pass
def EnumJobs(handle, first, count, level): return [{{"JobId": one}} for one in jobs]
def SetJob(*_): pass
"""


def test_a_windows_printer_is_printed_on_by_its_spooler(tmp_path: Path) -> None:
    (tmp_path / "win32print.py").write_text(API.format(folder=str(tmp_path)), encoding="utf-8")
    (tmp_path / "pywintypes.py").write_text("error = RuntimeError\n", encoding="utf-8")
    (tmp_path / "status").write_text("0")
    code, said = printed_on("windows:Receipt", PYTHONPATH=str(tmp_path))
    assert (code, "confirmed" in said) == (0, True), said
    assert [one.largest for one in Decoder().feed((tmp_path / "data").read_bytes())] == ["A000"]
    (tmp_path / "status").write_text(str(0x10))
    assert "out of paper" in printed_on("windows:Receipt", PYTHONPATH=str(tmp_path))[1]
    assert "cannot be found" in printed_on("windows:Other", PYTHONPATH=str(tmp_path))[1]


def printed_on(address: str, **environment: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "printers.cli", "test", address, "--language", "en"],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ended.returncode, ended.stdout + ended.stderr


def test_a_windows_printer_on_another_system_is_refused_in_words() -> None:
    result = print_slip(CHINESE, PrinterProfile(kind="windows", address="Receipt"))
    assert (result.ok, result.reason, result.sent) == (False, "unsupported", False)
