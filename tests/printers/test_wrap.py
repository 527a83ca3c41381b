"""Lines are broken where a reader expects it."""

from hypothesis import given
from hypothesis import strategies as st

from printers.wrap import wrap


def cells(text: str) -> float:
    return sum(1 if one.isascii() else 2 for one in text)


def test_a_long_sentence_breaks_at_its_stop_when_that_costs_no_line() -> None:
    assert wrap("优先的号码穿插办理，叫号可能不按号码顺序", 24, cells) == [
        "优先的号码穿插办理，",
        "叫号可能不按号码顺序",
    ]


def test_no_line_begins_with_a_stop_and_no_bracket_ends_one() -> None:
    for limit in range(8, 40):
        for line in wrap("不动产登记、交易、税收（含抵押、预告）综合受理，更正登记。", limit, cells):
            assert line[0] not in "、，。）"
            assert line[-1] != "（"


def test_english_words_stay_whole_and_lines_are_about_equally_long() -> None:
    lines = wrap("Binjiang Administrative Service Center", 30, cells)
    assert lines == ["Binjiang Administrative", "Service Center"]


def test_a_word_longer_than_the_line_is_broken_all_the_same() -> None:
    assert "".join(wrap("A" * 50, 12, cells)) == "A" * 50


@given(st.text(alphabet="中文、，（）A9 -é", max_size=60), st.integers(4, 40))
def test_nothing_is_lost_and_nothing_too_wide(text: str, limit: int) -> None:
    lines = wrap(text, limit, cells)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(cells(line) <= limit for line in lines)
