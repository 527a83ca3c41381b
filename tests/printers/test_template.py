"""The slip's template: order, style, own words, logo, only what is true; its mistakes are named by file and line."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from hall.errors import SettingsError
from hall.texts import languages
from printers.decoder import Decoder
from printers.draw import draw
from printers.paper import slip_bytes
from printers.sample import KINDS, sample
from printers.slip import Box, Code, Picture, Rule, Slip, Text
from printers.template import SHIPPED, Template, TemplateFile, lines_of, parse_template, read_template, shipped
from tests.printers.samples import CHINESE, ENGLISH, TRACK, codes_in

NEEDED = "  - {say: reprint, style: mark}\n  - {say: number, style: number}\n  - {say: offline}\n"


def of(*pieces: str, folder: Path = SHIPPED.parent) -> Template:
    return parse_template("pieces:\n" + NEEDED + "".join(f"  - {one}\n" for one in pieces), folder / "own.yaml")


def said(slip: Slip, template: Template) -> list[str]:
    """The texts after the number."""
    texts = [one for piece in lines_of(slip, template) for one in (piece.texts if isinstance(piece, Box) else [piece])]
    return [part for one in texts if isinstance(one, Text) for part in one.parts][1:]


def test_pieces_stand_in_the_order_and_style_of_the_template() -> None:
    pieces = lines_of(CHINESE, of("{say: [ahead, wait], style: hall}", "{say: hall, style: place}"))
    assert pieces == (
        Text(("A023",), "number"),
        Text(("前面还有5人", "预计等候15–25分钟"), "hall"),
        Text(("滨江市政务服务中心",), "place"),
    )


def test_what_is_not_true_is_left_out_with_its_box_and_the_rule_before_nothing() -> None:
    template = of("{rule: true}", "{box: [{say: booked}, {say: linked}]}", "{rule: true}", "{code: track}")
    assert lines_of(replace(CHINESE, track_url=None), template) == (Text(("A023",), "number"),)
    booked = replace(CHINESE, booked=("09:30", "10:00"))
    assert [type(one) for one in lines_of(booked, template)] == [Text, Rule, Box, Rule, Code]


def test_own_words_speak_the_slips_language_and_are_filled_with_what_is_known() -> None:
    template = of('{words: {zh-CN: "{number}号，咨询12345", en: "No. {number}: call 12345"}}', '{words: "在{place}等"}')
    assert said(CHINESE, template) == ["A023号，咨询12345", "在一楼A区等"]
    assert said(ENGLISH, template)[0] == "No. A023: call 12345"
    assert said(replace(CHINESE, waiting_place=None), template) == ["A023号，咨询12345"]


def test_a_condition_asks_for_what_is_true() -> None:
    template = of("{words: 请提前十分钟到, when: booked}", "{code: track, when: offline}")
    assert lines_of(CHINESE, template) == (Text(("A023",), "number"),)
    assert said(replace(CHINESE, booked=("09:30", "10:00")), template) == ["请提前十分钟到"]


def logo(folder: Path, side: int = 200, name: str = "logo.png") -> None:
    """Grey, from white to black: only dots can show it on thermal paper."""
    Image.linear_gradient("L").resize((side, side)).save(folder / name)


@pytest.mark.parametrize("width", [384, 576])
@pytest.mark.parametrize("encoding", ["gb18030", "raster"])
def test_a_logo_is_printed_in_dots_no_wider_than_the_paper(tmp_path: Path, width: int, encoding: str) -> None:
    logo(tmp_path, 900)
    template = of("{logo: logo.png}", "{code: track}", folder=tmp_path)
    decoder = Decoder(width)
    [paper] = decoder.feed(slip_bytes(CHINESE, width, encoding, template=template))  # type: ignore[arg-type]
    assert codes_in(paper.picture) == [TRACK]
    whole = ImageChops.invert(paper.picture.convert("L"))
    ink = sum(whole.histogram()[128:]) / (paper.picture.width * paper.picture.height)
    assert 0.2 < ink < 0.7  # half of a gradient is black


def test_a_small_logo_keeps_its_size(tmp_path: Path) -> None:
    logo(tmp_path, 100)
    [piece] = [one for one in lines_of(CHINESE, of("{logo: logo.png}", folder=tmp_path)) if isinstance(one, Picture)]
    assert piece.image.size == (100, 100)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("width", [384, 512, 576])
@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_template_lays_out_short_and_long_slips(kind: str, width: int, language: str) -> None:
    slip = sample(kind, language)  # type: ignore[arg-type]
    [paper] = Decoder(width).feed(slip_bytes(slip, width))
    assert slip.number in paper.text
    left, _, right, _ = ImageChops.invert(draw(slip, width).convert("L")).getbbox() or (0, 0, width, 0)
    assert (left >= 4, right <= width - 4) == (True, True)


MISTAKES = [
    ("{say: hal}", "pieces.3.say.0 = \"hal\": expected 'hall', 'line', 'number'"),
    ("{say: hall, style: huge}", "pieces.3.style = \"huge\": expected 'mark', 'hall'"),
    ("{say: hall, stile: small}", 'pieces.3.stile = "small": unknown key; expected one of box, code, logo'),
    ("{say: hall, code: track}", "pieces.3 = keys with values: expected exactly one of say, words, box"),
    ("{when: hall}", "pieces.3 = keys with values: expected exactly one of"),
    ("{words: '{name}'}", 'pieces.3.words.zh-CN = "{name}": expected a text of 1 to 200 characters; in braces only'),
    ("{words: '{number!r}'}", "pieces.3.words.zh-CN"),
    ("{words: '{number.__class__}'}", "pieces.3.words.zh-CN"),
    ('{words: "a\\e@"}', "pieces.3.words.zh-CN"),
    ("{words: {en: Hello}}", "pieces.3.words = keys with values: expected a zh-CN text among its languages"),
    ("{box: [{rule: true}]}", "pieces.3.box.0.rule = true: unknown key; expected one of say, style, when, words"),
    ("{box: []}", "pieces.3.box: expected at least one"),
    ("{code: phone}", "pieces.3.code = \"phone\": expected 'track'"),
    ("{logo: none.png}", 'pieces.3.logo = "none.png": expected a PNG or JPEG picture that lies beside the template'),
    ("{logo: ../slip.png}", 'pieces.3.logo = "../slip.png": expected the name of a picture that lies beside'),
    ("{logo: own.yaml}", "pieces.3.logo = \"own.yaml\": expected a PNG or JPEG picture"),
    ("hall", 'pieces.3 = "hall": expected keys with values'),
]  # fmt: skip


@pytest.mark.parametrize(("piece", "complaint"), MISTAKES)
def test_a_mistake_is_named_by_file_line_place_and_what_was_expected(
    tmp_path: Path, piece: str, complaint: str
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("pieces:\n" + NEEDED + f"  - {piece}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        read_template(path)
    assert str(raised.value).startswith(f"{path}:5: {complaint}")


@pytest.mark.parametrize("text", ["", "pieces", "pieces: []", "pieces: [", "a: 1", "\x00", "pieces: 3", "x: &a [*a]"])
def test_a_text_that_is_no_template_is_refused_with_the_files_name(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^own\.yaml"):
        parse_template(text, Path("own.yaml"))


def test_a_template_keeps_neither_number_nor_reprint_nor_offline_back() -> None:
    with pytest.raises(SettingsError, match="expected a piece that says reprint and one that says offline"):
        parse_template("pieces: [{say: number}, {say: reprint, when: booked}]", Path("own.yaml"))


def test_a_template_that_is_corrected_is_taken_and_one_that_is_spoiled_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    file = TemplateFile(path)
    assert file.current() is shipped()
    assert f"{path}: expected a template that can be read" in file.mistake
    path.write_text("pieces:\n" + NEEDED, encoding="utf-8")
    assert (len(file.current().pieces), file.mistake) == (3, "")
    path.write_text("pieces:\n" + NEEDED + "  - {say: nothing}\n", encoding="utf-8")
    assert file.current() is shipped()
    assert f"{path}:5:" in file.mistake
