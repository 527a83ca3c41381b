"""What a visitor is told of those who went first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.why import shown_kinds, why_words

KINDS = st.dictionaries(st.sampled_from(["booked", "priority", "reinstated", "chosen"]), st.integers(0, 5))


@pytest.mark.parametrize(
    ("kinds", "chinese", "english"),
    [
        ({}, "没有后取号的群众先于您办理。", "Nobody who came after you has gone first."),
        ({"priority": 1}, "按规定优先办理 1 位。", "1 was served first under the rules."),
        ({"booked": 1, "priority": 1}, "按规定优先办理 2 位。", "2 were served first under the rules."),
        (
            {"booked": 2, "reinstated": 1},
            "3位先于您办理：预约2位、过号恢复1位。",
            "3 went before you: 2 booked, 1 reinstated.",
        ),
        (
            {"priority": 1, "chosen": 4},
            "5位先于您办理：优先1位、其他4位。",
            "5 went before you: 1 with priority, 4 others.",
        ),
    ],
)
def test_the_words_are_the_halls(kinds: dict[str, int], chinese: str, english: str) -> None:
    assert (why_words(kinds, "zh-CN"), why_words(kinds, "en")) == (chinese, english)


@given(KINDS)
def test_no_kind_is_told_below_three(kinds: dict[str, int]) -> None:
    if sum(kinds.values()) < 3:
        assert shown_kinds(kinds) is None
        assert not [word for word in ("预约", "过号", "优先1位", "优先2位") if word in why_words(kinds, "zh-CN")]


@given(KINDS)
def test_the_kinds_told_add_up(kinds: dict[str, int]) -> None:
    shown = shown_kinds(kinds)
    assert shown is None or sum(shown.values()) == sum(kinds.values())
