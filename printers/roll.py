"""The paper of the virtual printer: lines of character cells, pictures and codes, dot by dot."""

from dataclasses import dataclass
from functools import lru_cache

import segno
from PIL import Image

from printers.fonts import draw_text, width_of

CELL = 24
TYPE = 23
"""Size of the type in a cell of 24 dots."""
BASELINE = {True: 0.8, False: 0.84}
"""Latin stands higher in its cell, so that its descenders stay inside."""
EDGE = 16
CUTTER = 160
"""The knife stands so many dots behind the head: that much of the last feed stays in the printer."""


@dataclass
class Look:
    """How characters stand: 0 left, 1 centre, 2 right; multiples of the cell; dots from line to line."""

    align: int = 0
    bold: bool = False
    width: int = 1
    height: int = 1
    spacing: int = 30


class Roll:
    def __init__(self, width: int) -> None:
        self.width = width
        self.texts: list[str] = []
        self.codes: list[str] = []
        self.largest = ""
        self._largest_area = 0
        self.fed = 0
        """Dots fed after what was printed last."""
        self._bands: list[Image.Image] = []
        self._line: list[tuple[str, Image.Image]] = []

    @property
    def used(self) -> bool:
        return bool(self._bands or self._line)

    def write(self, text: str, look: Look) -> None:
        for character in text:
            cell = _cell(character, look.bold, look.width, look.height)
            if sum(image.width for _, image in self._line) + cell.width > self.width:
                self.feed_line(look)
            self._line.append((character, cell))
        if look.width * look.height > self._largest_area:
            self._largest_area, self.largest = look.width * look.height, ""
        if look.width * look.height == self._largest_area:
            self.largest += text

    def feed_line(self, look: Look) -> None:
        height = max([look.spacing, *(image.height for _, image in self._line)])
        band = Image.new("1", (self.width, height), 1)
        left = self._left(sum(image.width for _, image in self._line), look)
        tallest = max((image.height for _, image in self._line), default=0)
        for _, image in self._line:
            band.paste(image, (left, tallest - image.height))
            left += image.width
        if self._line:
            self.texts.append("".join(character for character, _ in self._line))
        self._line = []
        self.fed = 0
        self._bands.append(band)

    def feed(self, look: Look, lines: int) -> None:
        if self._line:
            self.feed_line(look)
            lines -= 1
        if lines > 0:
            self._bands.append(Image.new("1", (self.width, look.spacing * lines), 1))
            self.fed = look.spacing * lines

    def paste(self, dots: Image.Image, look: Look) -> None:
        """A picture whose set bits are black."""
        if self._line:
            self.feed_line(look)
        band = Image.new("1", (self.width, dots.height), 1)
        band.paste(0, (self._left(dots.width, look), 0), dots)
        self.fed = 0
        self._bands.append(band)

    def code(self, content: str, size: int, level: str, look: Look) -> None:
        rows = [bytes(row) for row in segno.make(content, error=level, micro=False, boost_error=False).matrix]
        modules = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows)).point(lambda dark: 255 * dark, "1")
        self.paste(modules.resize((len(rows) * size, len(rows) * size), Image.Resampling.NEAREST), look)
        self.codes.append(content)

    def picture(self) -> Image.Image:
        """All of it, with a little white at head and foot."""
        if self._line:
            self.feed_line(Look())
        fed = sum(band.height for band in self._bands)
        paper = Image.new("1", (self.width, EDGE + max(fed - CUTTER, EDGE)), 1)
        top = EDGE
        for band in self._bands:
            paper.paste(band, (0, top))
            top += band.height
        return paper

    def _left(self, width: int, look: Look) -> int:
        return (self.width - width) * look.align // 2


@lru_cache(4096)
def _cell(character: str, bold: bool, wide: int, high: int) -> Image.Image:
    """One character in its cell: Latin half as wide as Chinese, drawn large and pressed to size."""
    across = CELL // 2 if character.isascii() else CELL
    size = TYPE * high
    natural = max(width_of(character, size, bold), across * high)
    drawn = Image.new("L", (round(natural), CELL * high), 255)
    left = (natural - width_of(character, size)) / 2
    draw_text(drawn, (left, BASELINE[character.isascii()] * CELL * high), character, size, bold)
    cell = drawn.resize((across * wide, CELL * high), Image.Resampling.LANCZOS)
    return cell.point(lambda grey: 0 if grey < 150 else 255, "1")
