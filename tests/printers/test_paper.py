"""The bytes a printer gets: Chinese right in every case, rare characters drawn, nothing smuggled in by a name."""

import logging
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image

from printers.decoder import Decoder, Printed
from printers.paper import REAL_TIME, _without_real_time, encoded, library, slip_bytes
from printers.slip import Slip
from tests.printers.samples import CHINESE, ENGLISH, LONG, RARE, TRACK, codes_in

ROOT = Path(__file__).parents[2]
SLIPS = {"chinese": CHINESE, "english": ENGLISH, "long": LONG, "rare": RARE}


def printed(slip: Slip, width: int = 576, encoding: Literal["gb18030", "raster"] = "gb18030") -> Printed:
    decoder = Decoder(width)
    [one] = decoder.feed(slip_bytes(slip, width, encoding))
    assert not decoder.pending
    return one


@pytest.mark.parametrize("text", ["社会保险", "办理窗口：3、4、5号", "收费：￥20，请到一楼A区", "：，￥", "（）·—…“”"])
def test_chinese_goes_as_gb18030_after_switching_the_printer_to_chinese(text: str) -> None:
    data = slip_bytes(replace(CHINESE, line=text))
    assert b"\x1c&" + text.encode("gb18030") in data


def test_what_the_library_itself_would_print_as_question_marks_is_printed_right() -> None:
    naive = library().Dummy()
    naive.text("：，￥㐂")
    assert b"?" in naive.output  # if this ever fails, python-escpos has learnt Chinese
    printed_right = slip_bytes(replace(CHINESE, line="：，￥")) + slip_bytes(replace(CHINESE, line="㐂"))
    assert "：，￥".encode("gb18030") in printed_right
    assert b"\x1dv0\x00" in printed_right


@pytest.mark.parametrize("character", ["㐂", "䶮", "😀", "𠮷", "¥"])
def test_a_character_outside_gb2312_is_drawn(character: str) -> None:
    assert encoded(character) is None
    with_it = slip_bytes(replace(CHINESE, line=f"王{character}业务"))
    assert b"\x1dv0\x00" in with_it
    assert "王".encode("gb18030") not in with_it
    assert b"\x1dv0\x00" not in slip_bytes(CHINESE)


def test_a_drawn_line_has_ink_where_the_character_stands() -> None:
    plain, rare = (printed(replace(CHINESE, line=one)).picture for one in ("㐂", "䶮"))
    assert plain.tobytes() != rare.tobytes()


def test_english_needs_no_chinese_mode_and_no_wide_quotation_marks() -> None:
    data = slip_bytes(replace(ENGLISH, line="Visitor’s “first” visit – help"))
    assert b'Visitor\'s "first" visit - help' in data
    assert b"\x1c&" not in data.replace(b"\x1c&" + "━".encode("gb18030"), b"")


def test_the_number_is_four_times_as_wide_and_high() -> None:
    data = slip_bytes(CHINESE)
    assert b"\x1d!\x33\x1bE\x01A023\n" in data
    assert printed(CHINESE).largest == "A023"


def test_the_longest_number_still_fits_narrow_paper_on_one_line() -> None:
    assert "AB12345" in printed(replace(CHINESE, number="AB12345"), 384).text.splitlines()


@pytest.mark.parametrize("width", [384, 512, 576])
@pytest.mark.parametrize("name", SLIPS)
def test_the_virtual_printer_knows_every_byte_at_every_width(name: str, width: int) -> None:
    text = printed(SLIPS[name], width)
    assert text.picture.width == width
    assert SLIPS[name].number in text.text
    whole = printed(SLIPS[name], width, "raster")
    assert whole.picture.width == width
    assert whole.text == ""


@pytest.mark.parametrize("width", [384, 512, 576])
@pytest.mark.parametrize("encoding", ["gb18030", "raster"])
def test_the_code_is_read_back_from_the_paper(width: int, encoding: Literal["gb18030", "raster"]) -> None:
    assert codes_in(printed(CHINESE, width, encoding).picture) == [TRACK]


def test_without_an_address_there_is_no_code_on_the_paper() -> None:
    for encoding in ("gb18030", "raster"):
        assert codes_in(printed(replace(CHINESE, track_url=None), 576, encoding).picture) == []


def test_a_job_begins_with_a_reset_and_ends_with_a_cut() -> None:
    for encoding in ("gb18030", "raster"):
        data = slip_bytes(CHINESE, 576, encoding)
        assert data.startswith(b"\x1b@")
        assert data.endswith(b"\x1dV\x01")


@pytest.mark.parametrize("evil", ["社保\x1dV\x00", "社保\x10\x04\x01", "a\x1b@b", "x\ny", "\x1cp\x01"])
def test_a_name_cannot_smuggle_a_command_in(evil: str) -> None:
    clean = "".join(one for one in evil if one >= " ")
    assert slip_bytes(replace(CHINESE, line=evil)) == slip_bytes(replace(CHINESE, line=clean))


def test_a_picture_never_holds_a_real_time_command() -> None:
    """DLE EOT amid a picture would be answered by a real printer, and counted as a confirmation."""
    for slip in SLIPS.values():
        assert not REAL_TIME.search(slip_bytes(slip, 576, "raster"))


def test_dots_that_read_as_a_real_time_command_are_changed_by_one_dot() -> None:
    dots = Image.frombytes("1", (24, 1), bytes(255 ^ one for one in b"\x10\x04\x01"))
    safe = bytes(255 ^ one for one in _without_real_time(dots).tobytes())
    assert safe == b"\x18\x04\x01"


def test_a_reprint_bears_its_mark_on_paper() -> None:
    assert printed(LONG).text.startswith("补打")


def test_importing_the_library_leaves_logging_and_stdout_alone(capsys: Any) -> None:
    before = list(logging.getLogger().handlers)
    library.cache_clear()
    slip_bytes(CHINESE, 576, "raster")
    assert logging.getLogger().handlers == before
    assert capsys.readouterr().out == ""


def test_the_library_is_imported_in_one_file_of_all_rooms() -> None:
    rooms = [ROOT / room for room in ("hall", "server", "kiosk", "caller", "display", "printers")]
    files = [file for room in rooms for file in room.rglob("*.py")]
    found = [file for file in files if re.search(r"^\s*(import|from) escpos", file.read_text("utf-8"), re.M)]
    assert found == [ROOT / "printers" / "paper.py"]


def test_the_library_is_imported_late() -> None:
    code = "import printers.device, printers.cli, sys; sys.exit('escpos' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_a_cutter_the_slip_is_fed_out_to_be_torn_off() -> None:
    decoder = Decoder()
    assert list(decoder.feed(slip_bytes(CHINESE, cutter=False))) == []
    assert decoder.fed_out
    assert decoder.tear().largest == "A023"
    assert not decoder.pending


def test_the_buzzer_sounds_once_the_slip_is_cut() -> None:
    decoder = Decoder()
    data = slip_bytes(CHINESE, buzzer=True)
    assert len(list(decoder.feed(data))) == 1
    assert decoder.beeps == 2
    assert data.index(b"\x1dV") < data.index(b"\x1bB")
    assert b"\x1bB" not in slip_bytes(CHINESE)
