"""The slip's layout as a YAML template: which pieces, in which order and style, and only what is true."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

from PIL import Image
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from hall.errors import SettingsError
from hall.mistakes import expected, mistake_at, parse_yaml, refuse, sentences, wrong
from hall.texts import DEFAULT, text_in
from hall.values import Language, Part
from printers.slip import Box, Code, Picture, Rule, Slip, Style, Text, sayings, values_of
from printers.slip import Piece as Laid

SHIPPED = Path(__file__).parent / "slip.yaml"
LONGEST = 64 * 1024
MOST_PIECES = 60
LARGEST_LOGO = 4096
"""Dots of a logo's side in its file."""
REQUIRED = ("number", "reprint", "offline")
"""What no slip may keep to itself."""
VALUES = ("hall", "line", "number", "ahead", "place", "windows", "date", "time")

Saying = Literal[
    "hall", "line", "number", "ahead", "wait", "place", "windows", "booked", "count", "linked", "legs", "issued_at",
    "valid_today", "reprint", "offline", "missed_rule", "order_note", "scan",
]  # fmt: skip


def _fillable(text: str) -> str:
    """No control characters, which a printer would obey, and nothing to fill in but what a slip knows."""
    if not text.strip() or not text.isprintable():
        raise ValueError
    if any(field is not None and (field not in VALUES or spec or turn) for _, field, spec, turn in _parts(text)):
        raise ValueError
    return text


def _parts(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    return list(Formatter().parse(text))


FILLED = f"a text of 1 to 200 characters; in braces only {', '.join(VALUES)}"
Words = Annotated[str, Field(max_length=200), AfterValidator(_fillable), expected(FILLED)]


def _by_language(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise wrong("a text in quotes, or a text for each language such as {zh-CN: 您好, en: Hello}")
    return {DEFAULT: value} if isinstance(value, str) else value


def _with_default(words: dict[str, str]) -> dict[str, str]:
    if DEFAULT not in words:
        raise wrong(f"a {DEFAULT} text among its languages")
    return words


def _logo(value: Any, info: ValidationInfo) -> Any:
    """The picture behind its name; only one that lies beside the template."""
    folder: Path = (info.context or {}).get("folder", SHIPPED.parent)
    if not isinstance(value, str) or Path(value).name != value:
        raise wrong("the name of a picture that lies beside the template")
    try:
        with Image.open(folder / value, formats=("PNG", "JPEG")) as file:
            if max(file.size) > LARGEST_LOGO:
                raise wrong(f"a picture of at most {LARGEST_LOGO} by {LARGEST_LOGO} dots")
            return _on_white(file)
    except (OSError, SyntaxError, Image.DecompressionBombError):
        raise wrong("a PNG or JPEG picture that lies beside the template") from None


def _on_white(picture: Image.Image) -> Image.Image:
    whole = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert("L")


class Line(Part):
    """Sentences or words of one style."""

    say: Annotated[list[Saying], BeforeValidator(lambda one: [one] if isinstance(one, str) else one)] | None = None
    words: Annotated[dict[Language, Words], BeforeValidator(_by_language), AfterValidator(_with_default)] | None = None
    style: Style = "small"
    when: Saying | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        kinds = [name for name in type(self).model_fields if name not in ("style", "when")]
        given = [name for name in kinds if getattr(self, name) not in (None, False)]
        if len(given) != 1:
            refuse("Line", [mistake_at((), {}, f"exactly one of {', '.join(kinds)}")])
        return self


class Piece(Line):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    box: Annotated[list[Line], Field(min_length=1, max_length=MOST_PIECES)] | None = None
    rule: bool = False
    code: Literal["track"] | None = None
    logo: Annotated[Image.Image, BeforeValidator(_logo)] | None = None


class Template(Part):
    pieces: Annotated[list[Piece], Field(min_length=1, max_length=MOST_PIECES)]

    @model_validator(mode="after")
    def _keeps_nothing_back(self) -> Self:
        always = [piece for piece in self.pieces if piece.when is None]
        lines = [line for piece in always for line in [piece, *(piece.box or [])] if line.when is None]
        said = {name for line in lines for name in line.say or []}
        missing = [name for name in REQUIRED if name not in said]
        words = f"a piece that says {' and one that says '.join(missing)}, without a 'when'"
        refuse("Template", [mistake_at(("pieces",), [], words)] if missing else [])
        return self


@cache
def shipped() -> Template:
    return read_template(SHIPPED)


def read_template(path: Path) -> Template:
    """Raises SettingsError: one line a mistake, with file, line, place and what was expected."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: expected a template that can be read: {error}") from None
    return parse_template(text, path)


def parse_template(text: str, path: Path) -> Template:
    """The same for a text that stands, or will stand, in the file."""
    if len(text) > LONGEST:
        raise SettingsError(f"{path}: expected at most {LONGEST} characters")
    written, lines = parse_yaml(text, path, "pieces")
    try:
        return Template.model_validate(written, context={"folder": path.parent})
    except ValidationError as error:
        raise SettingsError(sentences(error, Template, path, lines, {})) from None


class TemplateFile:
    """A kiosk's own template, read again once it has changed; the shipped one stands in while it has a mistake."""

    def __init__(self, path: Path | None) -> None:
        self.mistake = ""
        self._path = path
        self._seen: Any = None
        self._template = shipped()

    def current(self) -> Template:
        if self._path and (seen := _stamp(self._path)) != self._seen:
            self._seen = seen
            try:
                self._template, self.mistake = read_template(self._path), ""
            except SettingsError as error:
                self._template, self.mistake = shipped(), str(error)
        return self._template


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return found.st_mtime_ns, found.st_size


def lines_of(slip: Slip, template: Template | None = None) -> tuple[Laid, ...]:
    """The slip's pieces from top to bottom; what is not known or not true has none."""
    said = sayings(slip)
    laid = [one for piece in (template or shipped()).pieces if (one := _laid(piece, slip, said))]
    return tuple(one for index, one in enumerate(laid) if not isinstance(one, Rule) or _divides(laid, index))


def _divides(laid: list[Laid], index: int) -> bool:
    return 0 < index < len(laid) - 1 and not isinstance(laid[index + 1], Rule)


def _laid(piece: Piece, slip: Slip, said: dict[str, str]) -> Laid | None:
    if piece.when and piece.when not in said:
        return None
    if piece.box:
        texts = tuple(_texts(piece.box, slip, said))
        return Box(texts) if texts else None
    if piece.code:
        return Code(slip.track_url) if slip.track_url else None
    if piece.logo:
        return Picture(piece.logo)
    return Rule() if piece.rule else next(_texts([piece], slip, said), None)


def _texts(lines: list[Line] | list[Piece], slip: Slip, said: dict[str, str]) -> Iterator[Text]:
    for line in lines:
        parts = _filled(line, slip) if line.words else tuple(said[name] for name in line.say or [] if name in said)
        if parts and (line.when is None or line.when in said):
            yield Text(parts, line.style)


def _filled(line: Line, slip: Slip) -> tuple[str, ...]:
    """The words in the slip's language; none where something they are filled with is not known."""
    words = text_in(line.words or {}, slip.language)
    values = values_of(slip)
    fields = [field for _, field, _, _ in _parts(words) if field is not None]
    return (words.format(**values),) if all(field in values for field in fields) else ()
