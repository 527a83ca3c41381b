"""The one door to python-escpos: slips as ESC/POS bytes, and the library's object for each kind of printer.

The library is imported late (half a second) and never trusted with Chinese: its `text()` sends GB18030
without switching the printer to Chinese characters and turns `：`, `，`, `￥` and rare characters into `?`.
"""

import logging
import os
import pickle
import re
import socket
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PIL import Image, ImageOps

from printers.draw import code_matrix, dots_a_module, dotted, draw, draw_line
from printers.slip import Box, Code, Picture, Piece, Rule, Slip, Style, Text
from printers.template import Template, lines_of
from printers.wrap import wrap

CHINESE_ON = b"\x1c&"
CHINESE_OFF = b"\x1c."
CELL = 24
"""Dots of a Chinese character's side; a Latin one is half as wide."""
DASHES = str.maketrans({"–": "-", "\u00a0": " "})
"""What no printer has, as every printer writes it."""
QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
"""Printers have these as wide as a Chinese character: right in Chinese, a hole in English."""
SPACING = {1: 34, 2: 64, 4: 108}
"""Dots from line to line, by the height of the type."""
BAND_ROWS = 240
"""A picture goes in bands of so many rows: cheap printers have small buffers."""
TEAR_LINES = 6
"""As far as the cutter would have fed: from the head to the edge on which one tears."""
BEEPS = (2, 2)
"""How often, and how long in tenths of a second."""
REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")

Encoding = Literal["gb18030", "raster"]


@dataclass(frozen=True)
class Face:
    sizes: tuple[tuple[int, int], ...]
    """Multiples of width and height, the preferred first; the last is wrapped."""
    bold: bool = False
    gap: int = 0
    """White dots above."""


FACES: dict[Style, Face] = {
    "mark": Face(((2, 2), (1, 2)), True),
    "hall": Face(((1, 1),), True),
    "line": Face(((2, 2), (1, 2)), gap=16),
    "number": Face(((4, 4), (3, 4), (2, 4)), True, gap=20),
    "ahead": Face(((1, 2),), True, gap=4),
    "place": Face(((1, 2),), True),
    "small": Face(((1, 1),), gap=6),
}


@cache
def library() -> Any:
    """The printers of python-escpos. Its cache of printer models lies in this user's own folder."""
    handlers = list(logging.getLogger().handlers)
    os.environ.setdefault("ESCPOS_CAPABILITIES_PICKLE_DIR", str(_own_folder()))
    try:
        import escpos.printer as printers
    except (EOFError, pickle.UnpicklingError):
        # Another process was just writing the cache.
        os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = tempfile.mkdtemp(prefix="hallcall-")
        import escpos.printer as printers
    # It puts a handler on the root logger, which is not its own.
    logging.getLogger().handlers[:] = handlers
    return printers


def _own_folder() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache")
    folder = base / "hallcall" / "escpos"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="hallcall-"))
    return folder


def slip_bytes(
    slip: Slip,
    width_dots: int = 576,
    encoding: Encoding = "gb18030",
    *,
    template: Template | None = None,
    cutter: bool = True,
    buzzer: bool = False,
) -> bytes:
    """The whole job: reset, the slip, feed, cut and beep. `raster` draws it all, for printers without Chinese."""
    printer = library().Dummy()
    printer.profile.profile_data = _model(printer, width_dots)
    printer.hw("INIT")
    if encoding == "raster":
        _picture(printer, draw(slip, width_dots, template))
    else:
        printer.set(align="center")
        for piece in lines_of(slip, template):
            _put(printer, piece, width_dots)
    printer.line_spacing()
    if cutter:
        printer.cut(mode="PART", feed=True)
    else:
        printer.print_and_feed(TEAR_LINES)
    if buzzer:
        printer.buzzer(*BEEPS)
    return bytes(printer.output)


def _model(printer: Any, width_dots: int) -> dict[str, Any]:
    """The library's default printer with a known width; without one it complains on stdout."""
    media = {"dpi": 203, "width": {"mm": width_dots / 8, "pixels": width_dots}}
    return {**printer.profile.profile_data, "media": media}


def _put(printer: Any, piece: Piece, width: int) -> None:
    match piece:
        case Text():
            _text(printer, piece, width)
        case Box():
            # A frame needs line spacing that differs between printers; two rules do not.
            _line(printer, "━" * (width // CELL), (1, 1), False)
            for text in piece.texts:
                _text(printer, text, width)
            _line(printer, "━" * (width // CELL), (1, 1), False)
        case Rule():
            _line(printer, "-" * (width // (CELL // 2)), (1, 1), False)
        case Code():
            _code(printer, piece, width)
        case Picture():
            _picture(printer, dotted(piece, width))


def _text(printer: Any, text: Text, width: int) -> None:
    face = FACES[text.style]
    if face.gap:
        _gap(printer, face.gap)
    for line, size in _laid_out(text, face, width):
        if encoded(line) is None:
            _picture(printer, draw_line(line, text.style, width))
        else:
            _line(printer, line, size, face.bold)


def _laid_out(text: Text, face: Face, width: int) -> Iterator[tuple[str, tuple[int, int]]]:
    parts = tuple(_typed(part) for part in text.parts)
    together = "  ".join(parts)
    # Narrow paper has no room to give away at its sides.
    room = width if width < 400 else width - 2 * CELL
    for size in face.sizes:
        # Wide type from edge to edge is hard to read: the next size is better.
        if _columns(together) * size[0] * CELL / 2 <= room * (0.9 if size == (2, 2) else 1):
            yield together, size
            return
    last = face.sizes[-1]
    for part in parts:
        for line in wrap(part, room / (last[0] * CELL / 2), _columns):
            yield line, last


def _typed(part: str) -> str:
    """As a printer has it, and without control characters: in a name they would be commands."""
    part = "".join(one for one in part.translate(DASHES) if unicodedata.category(one) != "Cc")
    return part if any(unicodedata.east_asian_width(one) in "WF" for one in part) else part.translate(QUOTES)


def _columns(line: str) -> int:
    return sum(1 if character.isascii() else 2 for character in line)


def _line(printer: Any, line: str, size: tuple[int, int], bold: bool) -> None:
    printer.line_spacing(SPACING[size[1]])
    printer.set(bold=bold, custom_size=True, width=size[0], height=size[1])
    data = encoded(line)
    if data is None:
        raise ValueError(f"not in the printer's characters: {line!r}")
    printer._raw(data if line.isascii() else CHINESE_ON + data + CHINESE_OFF)
    printer._raw(b"\n")


def encoded(line: str) -> bytes | None:
    """GB18030 bytes, where ASCII and GB2312 have all the characters; None where some must be drawn."""
    data = [character.encode("gb18030", errors="replace") for character in line]
    known = all(one.isascii() or _in_gb2312(byte) for one, byte in zip(line, data, strict=True))
    return b"".join(data) if known else None


def _in_gb2312(data: bytes) -> bool:
    if len(data) != 2:
        return False
    try:
        data.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True


def _code(printer: Any, code: Code, width: int) -> None:
    dots = min(16, dots_a_module(code_matrix(code.content).width, width))
    _gap(printer, 16)
    printer.qr(code.content, ec=1, size=dots, native=True)
    _gap(printer, 12)


def _gap(printer: Any, dots: int) -> None:
    printer.line_spacing(dots)
    printer.print_and_feed(1)


def _picture(printer: Any, picture: Image.Image) -> None:
    printer.image(_without_real_time(picture), fragment_height=BAND_ROWS)


def _without_real_time(picture: Image.Image) -> Image.Image:
    """Dots that read as DLE EOT, ENQ or DC4 would be obeyed: one more dot makes them harmless."""
    dots = ImageOps.invert(picture.convert("L")).convert("1", dither=Image.Dither.NONE)
    data = REAL_TIME.sub(b"\x18", dots.tobytes())
    return ImageOps.invert(Image.frombytes("1", dots.size, data).convert("L")).convert("1", dither=Image.Dither.NONE)


def network(host: str, port: int, timeout: float) -> Any:
    """Connected. The library knows no IPv6 and hides why a connection failed, so the socket is ours."""
    printer = library().Network(host, port, timeout=timeout)
    printer.device = socket.create_connection((host, port), timeout)
    printer.device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return printer


def serial(device: str, baud: int, timeout: float) -> Any:
    return library().Serial(device, baudrate=baud, timeout=timeout)


def usb(arguments: dict[str, Any], timeout: float, endpoint_in: int, endpoint_out: int) -> Any:
    """`timeout` in milliseconds, as libusb counts; its own default waits for ever."""
    return library().Usb(usb_args=arguments, timeout=round(timeout * 1000), in_ep=endpoint_in, out_ep=endpoint_out)


def windows(name: str) -> Any:
    """A job begun in the print queue of that name; Windows alone has them."""
    printer = library().Win32Raw(name)
    printer.open(job_name="hallcall")
    return printer


def file(path: Path) -> Any:
    """Open for appending; the library itself would empty the file."""
    printer = library().File(str(path))
    printer.device = path.open("ab")
    return printer


def device_file(path: Path) -> Any:
    """A printer's own device file such as /dev/usb/lp0: asked as well as written, without ever blocking."""
    printer = library().File(str(path))
    flags = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    printer.device = os.fdopen(os.open(path, flags), "r+b", buffering=0)
    return printer
