"""A slip drawn to a picture of black and white dots, as a thermal printer of 203 dots an inch shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import segno
from PIL import Image, ImageDraw

from printers.fonts import HUGE, draw_text, width_of
from printers.slip import Box, Code, Picture, Piece, Rule, Slip, Style, Text
from printers.template import Template, lines_of
from printers.wrap import wrap

FULL_WIDTH = 576
INK_BELOW = 150
"""Greys darker than this become a dot; above 128, so that thin strokes survive."""


@dataclass(frozen=True)
class Type:
    size: int
    bold: bool
    above: int
    below: int


TYPES: dict[Style, Type] = {
    "mark": Type(28, True, 2, 10),
    "hall": Type(33, True, 4, 8),
    "line": Type(36, False, 14, 2),
    "number": Type(160, True, 28, 32),
    "ahead": Type(34, True, 8, 10),
    "place": Type(36, True, 6, 8),
    "small": Type(24, False, 6, 6),
}
SMALLEST = 22
CAP = 0.74
"""Height of figures in this font, as a part of its size; Chinese reaches 0.88 above the baseline."""


def draw(slip: Slip, width: int = FULL_WIDTH, template: Template | None = None) -> Image.Image:
    """The whole slip in mode "1", `width` dots wide (384, 512 or 576)."""
    return draw_pieces(lines_of(slip, template), width)


def draw_pieces(pieces: Iterable[Piece], width: int, margin: int | None = None) -> Image.Image:
    sheet = _Sheet(width, margin if margin is not None else width // 24)
    for piece in pieces:
        sheet.put(piece)
    return sheet.picture()


def draw_line(text: str, style: Style, width: int) -> Image.Image:
    """One text alone, as tall as it needs: for printers that lack one of its characters."""
    return draw_pieces([Text((text,), style)], width, margin=0)


def dotted(logo: Picture, width: int) -> Image.Image:
    """A logo in black and white dots, shrunk where it is wider than the paper or higher than wide paper is."""
    grey = logo.image.copy()
    grey.thumbnail((width, width))
    return grey.convert("1", dither=Image.Dither.FLOYDSTEINBERG)


@lru_cache(8)
def code_matrix(content: str) -> Image.Image:
    """A QR code, one dot a module, without its quiet zone."""
    rows = [bytes(row) for row in segno.make(content, error="m", micro=False).matrix]
    return Image.frombytes("L", (len(rows), len(rows)), b"".join(rows)).point(lambda dark: 0 if dark else 255)


def dots_a_module(modules: int, width: int) -> int:
    """QR modules of at least half a millimetre, the code about two fifths of the paper."""
    return max(4, round(width * 0.4 / modules))


class _Sheet:
    def __init__(self, width: int, margin: int) -> None:
        self.width = width
        self.margin = margin
        self.y = margin * 2 // 3
        self.image = Image.new("L", (width, 4096), 255)
        self.pen = ImageDraw.Draw(self.image)

    def put(self, piece: Piece) -> None:
        match piece:
            case Text():
                self._text(piece, self.width - 2 * self.margin)
            case Box():
                self._box(piece)
            case Rule():
                self._rule()
            case Code():
                self._code(piece)
            case Picture():
                self._logo(piece)

    def picture(self) -> Image.Image:
        height = self.y + self.margin * 2 // 3
        return self.image.crop((0, 0, self.width, height)).point(lambda grey: 0 if grey < INK_BELOW else 255, "1")

    def _text(self, text: Text, room: int) -> None:
        type_ = self._type(text, room)
        self.y += type_.above
        top = self.y
        for line in lines(text, room, type_):
            self._line(line, type_)
        if text.style == "mark":
            self._reverse(top, round(width_of(text.parts[0], type_.size)))
        self.y += type_.below

    def _reverse(self, top: int, width: int) -> None:
        """White on black, so that a reprint is known at a glance."""
        left = (self.width - width) // 2 - 20
        frame = (left, top - 4, self.width - left, self.y)
        label = Image.new("L", (frame[2] - frame[0], frame[3] - frame[1]), 0)
        ImageDraw.Draw(label).rounded_rectangle((0, 0, label.width - 1, label.height - 1), radius=8, fill=255)
        self.image.paste(self.image.crop(frame).point(lambda grey: 255 - grey), frame, label)

    def _line(self, line: str, type_: Type) -> None:
        self._need(type_.size * 2)
        figures_only = type_.size >= HUGE
        baseline = self.y + type_.size * (CAP if figures_only else 0.88)
        left = (self.width - width_of(line, type_.size)) / 2
        draw_text(self.image, (left, baseline), line, type_.size, type_.bold)
        self.y += round(type_.size * (CAP if figures_only else 1.3))

    def _type(self, text: Text, room: int) -> Type:
        """Smaller on narrow paper, never unreadably; a number shrinks until it stands on one line."""
        base = TYPES[text.style]
        scale = 0.5 + 0.5 * self.width / FULL_WIDTH
        size = max(SMALLEST, round(base.size * scale))
        if text.style == "number":
            size = min(size, int(size * room / width_of(text.parts[0], size, True)))
        return Type(size, base.bold, round(base.above * scale), round(base.below * scale))

    def _box(self, box: Box) -> None:
        self.y += 10
        top = self.y
        self.y += 12
        for text in box.texts:
            self._text(text, self.width - 4 * self.margin)
        self.y += 6
        frame = (self.margin, top, self.width - self.margin - 1, self.y)
        self.pen.rounded_rectangle(frame, radius=10, outline=0, width=3)
        self.y += 12

    def _rule(self) -> None:
        self.y += 8
        for left in range(self.margin, self.width - self.margin, 10):
            self.pen.rectangle((left, self.y, left + 5, self.y + 1), fill=0)
        self.y += 12

    def _code(self, code: Code) -> None:
        matrix = code_matrix(code.content)
        side = matrix.width * dots_a_module(matrix.width, self.width)
        self._need(side + 40)
        self.image.paste(matrix.resize((side, side), Image.Resampling.NEAREST), ((self.width - side) // 2, self.y + 16))
        self.y += side + 24

    def _logo(self, logo: Picture) -> None:
        dots = dotted(logo, self.width - 2 * self.margin)
        self._need(dots.height)
        self.image.paste(dots.convert("L"), ((self.width - dots.width) // 2, self.y))
        self.y += dots.height + 10

    def _need(self, height: int) -> None:
        """Lengthens the paper before it runs out."""
        if self.y + height < self.image.height - 64:
            return
        longer = Image.new("L", (self.width, self.image.height * 2), 255)
        longer.paste(self.image, (0, 0))
        self.image, self.pen = longer, ImageDraw.Draw(longer)


def lines(text: Text, room: int, type_: Type) -> list[str]:
    def measure(part: str) -> float:
        return width_of(part, type_.size, type_.bold)

    together = "　".join(text.parts)
    if measure(together) <= room:
        return [together]
    return [line for part in text.parts for line in wrap(part, room, measure)]
