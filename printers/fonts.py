"""Type for paper: Noto Sans SC, with the machine's own fonts standing in for characters it lacks."""

from collections.abc import Iterator
from functools import cache
from itertools import groupby

import pylopdf_fonts_zh_cn
from PIL import Image, ImageChops, ImageDraw, ImageFont

STAND_INS = ("DejaVuSans.ttf", "seguisym.ttf", "NotoEmoji-Regular.ttf", "Symbola.ttf", "wqy-microhei.ttc")
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufe0e\ufe0f"))
NO_CHARACTER = "\U0010fffe"
BOLD = 0.023
"""Width of the stroke that makes the one weight of the font bold, as a part of its size."""
HUGE = 80
"""From this size on bold is made with square corners: a round stroke would show."""

Font = ImageFont.FreeTypeFont


@cache
def _fonts(size: int) -> tuple[Font, ...]:
    fonts = [ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)]
    for name in STAND_INS:
        try:
            fonts.append(ImageFont.truetype(name, size))
        except OSError:
            continue
    return tuple(fonts)


@cache
def _missing(font_index: int) -> bytes:
    return bytes(_fonts(24)[font_index].getmask(NO_CHARACTER))


@cache
def _index_for(character: str) -> int:
    """The first font that has the character; the first of all (an empty box) where none has."""
    for index, font in enumerate(_fonts(24)):
        if character.isspace() or bytes(font.getmask(character)) != _missing(index):
            return index
    return 0


def _runs(text: str, size: int) -> Iterator[tuple[Font, str]]:
    for index, run in groupby(text.translate(UNSEEN), key=_index_for):
        yield _fonts(size)[index], "".join(run)


def has_glyph(character: str) -> bool:
    """Whether any font of this machine can draw it."""
    return any(bytes(font.getmask(character)) != _missing(index) for index, font in enumerate(_fonts(24)))


def width_of(text: str, size: int, bold: bool = False) -> float:
    return sum(font.getlength(run) for font, run in _runs(text, size)) + (2 * stroke_of(size) if bold else 0)


def stroke_of(size: int) -> float:
    return size * BOLD


def draw_text(image: Image.Image, at: tuple[float, float], text: str, size: int, bold: bool = False) -> None:
    """Draws in black on an "L" image with the baseline's left end at `at`."""
    if bold and size >= HUGE:
        _draw_huge(image, at, text, size)
    else:
        _draw_runs(ImageDraw.Draw(image), at, text, size, stroke_of(size) if bold else 0)


def _draw_runs(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, stroke: float) -> None:
    left, baseline = at
    for font, run in _runs(text, size):
        pen.text((left, baseline), run, 0, font, anchor="ls", stroke_width=stroke, stroke_fill=0)
        left += font.getlength(run)


def _draw_huge(image: Image.Image, at: tuple[float, float], text: str, size: int) -> None:
    stroke = max(1, round(stroke_of(size)))
    left, top = round(at[0]) - size // 8, round(at[1]) - size
    patch = Image.new("L", (round(width_of(text, size)) + size // 4, size + size // 4), 255)
    _draw_runs(ImageDraw.Draw(patch), (size // 8, size), text, size, 0)
    image.paste(0, (left, top), ImageChops.invert(_thickened(patch, stroke)))


def _thickened(patch: Image.Image, by: int) -> Image.Image:
    """Every dark dot grown to a square; as MinFilter does, in a twentieth of its time."""
    for across, down in ((1, 0), (0, 1)):
        thin = patch
        for step in range(-by, by + 1):
            patch = ImageChops.darker(patch, ImageChops.offset(thin, across * step, down * step))
    return patch
