"""The slip as a picture, as LOOK.md shows it."""

from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from printers.draw import draw
from printers.slip import Slip
from tests.printers.samples import CHINESE, ENGLISH, LONG, RARE, TRACK, codes_in

SLIPS = {"chinese": CHINESE, "english": ENGLISH, "long": LONG, "rare": RARE}


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """The box of all black dots."""
    box = ImageChops.invert(picture.convert("L")).getbbox()
    assert box
    return box


@pytest.mark.parametrize("width", [384, 512, 576])
@pytest.mark.parametrize("name", SLIPS)
def test_nothing_is_cut_off_at_the_edges(name: str, width: int) -> None:
    picture = draw(SLIPS[name], width)
    left, top, right, bottom = ink(picture)
    assert picture.size[0] == width
    assert picture.mode == "1"
    assert left >= 4
    assert right <= width - 4
    assert top >= 4
    assert bottom <= picture.height - 4


@pytest.mark.parametrize("width", [384, 512, 576])
def test_a_phone_reads_the_code(width: int) -> None:
    assert codes_in(draw(CHINESE, width)) == [TRACK]
    assert codes_in(draw(replace(CHINESE, track_url=None), width)) == []


def test_the_number_is_at_least_four_times_as_high_as_the_small_print() -> None:
    only: Slip = replace(CHINESE, hall="", line="", windows=(), waiting_place=None, ahead=None, expected_wait=None)
    picture = draw(replace(only, order_note=None, track_url=None), 576)
    # From the top, the first block of rows with ink is the number, the second the date.
    rows = [any(not dot for dot in picture.crop((0, y, 576, y + 1)).getdata()) for y in range(picture.height)]
    blocks = "".join("#" if row else " " for row in rows).split()
    assert len(blocks[0]) >= 4 * 24


def test_a_reprint_looks_different_at_its_head() -> None:
    head = (0, 0, 576, 60)
    assert draw(replace(CHINESE, reprint=True)).crop(head).tobytes() != draw(CHINESE).crop(head).tobytes()


def test_a_very_long_slip_is_drawn_to_its_end() -> None:
    endless = replace(CHINESE, order_note="叫号可能不按号码顺序。" * 300)
    picture = draw(endless, 384)
    assert picture.height > 4096 + 500
    assert codes_in(picture.crop((0, picture.height - 500, 384, picture.height))) == [TRACK]
