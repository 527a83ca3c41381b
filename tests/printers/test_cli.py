"""`hallcall-printers`: what people type, what they are told, and the exit code."""

import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from printers.cli import main
from printers.sample import TRACK
from printers.virtual import VirtualPrinter
from tests.printers.samples import codes_in


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "slips") as running:
        yield running


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments))
    return result.exit_code, result.output


def test_every_command_explains_itself() -> None:
    for arguments in ([], ["virtual"], ["test"], ["health"], ["preview"]):
        code, said = run(*arguments, "--help")
        assert code == 0
        assert "Usage:" in said


def test_a_test_slip_is_printed_and_confirmed(printer: VirtualPrinter) -> None:
    code, said = run("test", printer.address, "--language", "en")
    assert code == 0
    assert "confirmed" in said
    assert "Print test" in printer.slips()[0]["text"]


def test_a_printer_without_paper_fails_the_test_in_words(printer: VirtualPrinter) -> None:
    printer.become(paper="out")
    code, said = run("test", printer.address)
    assert code == 1
    assert "打印机缺纸" in said


def test_health_tells_each_printer_and_fails_if_one_cannot_print(printer: VirtualPrinter, tmp_path: Path) -> None:
    assert run("health", printer.address, f"file:{tmp_path / 'a.bin'}")[0] == 0
    printer.become(paper="near_end")
    code, said = run("health", printer.address, "usb:ffff:fffe", "--language", "en")
    assert code == 1
    assert "The printer is ready; The paper is nearly used up" in said
    assert "The printer cannot be found" in said
    assert printer.slips() == []


@pytest.mark.parametrize("address", ["nonsense", "usb:zz", "127.0.0.1:"])
def test_a_malformed_address_is_told_with_what_was_expected(address: str) -> None:
    code, said = run("test", address)
    assert code == 2
    assert "expected" in said


def test_a_slip_of_a_template_is_written_as_a_picture_with_its_code(tmp_path: Path) -> None:
    picture = tmp_path / "slip.png"
    assert run("preview", "--out", str(picture), "--width", "384", "--language", "en")[0] == 0
    assert Image.open(picture).width == 384
    own = tmp_path / "own.yaml"
    own.write_text("pieces: [{say: reprint}, {say: number, style: number}, {say: offline}, {code: track}]", "utf-8")
    for more in ([], ["--raster"], ["--sample", "long"]):
        assert run("preview", "--template", str(own), "--out", str(picture), *more)[0] == 0
        assert codes_in(Image.open(picture)) == [TRACK]
    assert run("preview", "--out", str(tmp_path / "none" / "slip.png"))[0] == 1


def test_a_templates_mistake_is_told_by_line_in_the_terminal(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("pieces:\n  - {say: numbr}\n", "utf-8")
    code, said = run("preview", "--template", str(own), "--out", str(tmp_path / "slip.png"))
    assert code == 1
    assert f'{own}:2: pieces.0.say.0 = "numbr": expected' in said
    assert not (tmp_path / "slip.png").exists()


def test_the_virtual_printer_runs_as_a_command_until_it_is_told_to_stop(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "printers.cli", "virtual", "--port", "0", "--page-port", "0"]
    process = subprocess.Popen([*command, "--folder", str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        said = re.search(r"printer (\S+), page (\S+),", process.stdout.readline())
        assert said
        assert run("test", said[1])[0] == 0
        with urllib.request.urlopen(said[2] + "slips", timeout=30) as answer:
            assert b'"A000"' in answer.read()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def test_a_port_that_is_taken_is_told(printer: VirtualPrinter, tmp_path: Path) -> None:
    code, said = run("virtual", "--port", str(printer.port), "--folder", str(tmp_path))
    assert code == 1
    assert "cannot listen" in said
    assert "Traceback" not in said
