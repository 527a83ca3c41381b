"""What is said for every number, window, floor and language of a hall."""

import itertools
import re
import string

import pytest

from hall.wording import SPOKEN, announcement

DIGITS = "零一二三四五六七八九"
ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
NUMBERS = [f"{letter}{ordinal:03d}" for letter in string.ascii_uppercase for ordinal in range(1, 1000, 7)] + [
    f"A{ordinal}" for ordinal in (1000, 1001, 1012, 2222, 9999, 10000, 12021)
]


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("请A零二三号，到三号窗口办理。", ("A023", "3", None, "zh-CN")),
        ("请A零二三号，到二楼十二号窗口办理。", ("A023", "12", 2, "zh-CN")),
        ("请A零二三号，到二零一号窗口办理。", ("A023", "201", None, "zh-CN")),
        ("请A零二三号，到A一号窗口办理。", ("A023", "A1", None, "zh-CN")),
        ("请A零二三号，到三B号窗口办理。", ("A023", "3b", None, "zh-CN")),
        ("请A零二三号，到综合一号窗口办理。", ("A023", "综合1", None, "zh-CN")),
        ("请A零二三号，到导办台办理。", ("A023", "导办台", None, "zh-CN")),
        ("请A、B零一零号，到二号窗口办理。", ("AB010", "2", None, "zh-CN")),
        ("请A零二三号，到负一楼二号窗口办理。", ("A023", "2", -1, "zh-CN")),
        ("請A零二三號，到三號窗口辦理。", ("A023", "3", None, "yue")),
        ("請A零二三號，到二樓十二號窗口辦理。", ("A023", "12", 2, "yue")),
        ("請A零二三號，到二零一號窗口辦理。", ("A023", "201", None, "yue")),
        ("A, zero, two, three: please go to Window 3.", ("A023", "3", None, "en")),
        ("A, zero, two, three: please go to Window 12 on the second floor.", ("A023", "12", 2, "en")),
        ("A, zero, two, three: please go to Window two, zero, one.", ("A023", "201", None, "en")),
        ("A, B, zero, one, two: please go to Window A, one.", ("AB012", "A1", None, "en")),
        ("A, zero, two, three: please go to Window 3 on the 21st floor.", ("A023", "3", 21, "en")),
        ("A, zero, two, three: please go to Window 3 on the 12th floor.", ("A023", "3", 12, "en")),
    ],
)
def test_the_sentences_of_a_hall(said, arguments):
    assert announcement(*arguments, calls=1) == said


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("请A零二三号尽快到三号窗口办理。", "zh-CN"),
        ("請A零二三號盡快到三號窗口辦理。", "yue"),
        ("A, zero, two, three: please go to Window 3 as soon as possible.", "en"),
    ],
)
def test_only_from_the_third_call_on_the_visitor_is_asked_to_hurry(said, language):
    assert announcement("A023", "3", None, language, calls=3) == said
    assert announcement("A023", "3", None, language, calls=4) == said
    second = announcement("A023", "3", None, language, calls=2)
    assert second == announcement("A023", "3", None, language, calls=1) != said


@pytest.mark.parametrize("language", ["zh-CN", "yue"])
def test_every_ticket_digit_is_spoken_one_by_one_in_chinese(language):
    for number in NUMBERS:
        spelled = number[0] + "".join(DIGITS[int(digit)] for digit in number[1:])
        said = announcement(number, "3", None, language, calls=1)
        assert said[1 : 1 + len(spelled)] == spelled and said[1 + len(spelled)] in "号號"


def test_every_ticket_digit_is_spoken_one_by_one_in_english():
    for number in NUMBERS:
        said = announcement(number, "3", None, "en", calls=1)
        assert said.split(":")[0] == ", ".join([number[0], *(ENGLISH[int(digit)] for digit in number[1:])])


@pytest.mark.parametrize("language", ["zh-CN", "yue"])
def test_windows_to_ninety_nine_are_cardinals(language):
    for tens, ones in itertools.product(range(10), range(10)):
        if tens + ones == 0:
            continue
        cardinal = ("" if tens < 2 else DIGITS[tens]) + ("十" if tens else "") + (DIGITS[ones] if ones else "")
        said = announcement("A001", str(tens * 10 + ones), None, language, calls=1)
        assert re.search(rf"，到{cardinal}[号號]窗口", said), said


@pytest.mark.parametrize("language", ["zh-CN", "yue"])
def test_windows_of_three_digits_are_spoken_by_digit(language):
    for window in range(100, 1000):
        said = announcement("A001", str(window), None, language, calls=1)
        assert re.search(rf"，到{''.join(DIGITS[int(one)] for one in str(window))}[号號]窗口", said), said


def test_two_is_never_liang_and_no_figure_is_left_to_a_chinese_engine():
    for number, window, calls in itertools.product(["B222", "C1002"], ["2", "12", "22", "202", "B2"], [1, 3]):
        for language, floor in itertools.product(["zh-CN", "yue"], [None, 2, 12]):
            said = announcement(number, window, floor, language, calls=calls)
            assert not re.search(r"[0-9两兩]", said), said


def test_yao_is_for_the_ticket_digits_of_mandarin_alone():
    assert announcement("A111", "11", 1, "zh-CN", 1, yao=True) == "请A幺幺幺号，到一楼十一号窗口办理。"
    assert announcement("A111", "101", None, "zh-CN", 1, yao=True) == "请A幺幺幺号，到一零一号窗口办理。"
    assert "幺" not in announcement("A111", "11", None, "yue", 1, yao=True)
    assert "幺" not in announcement("A111", "11", None, "zh-CN", 1)


def test_english_says_zero_and_window_never_oh_or_counter():
    for number in NUMBERS[::50]:
        said = announcement(number, "10", None, "en", calls=1)
        assert "Window 10" in said and not re.search(r"\boh\b|counter", said, re.IGNORECASE)


def test_letters_never_meet_so_that_two_are_not_read_as_a_word():
    for language in SPOKEN:
        said = announcement("AB012", "XY3", None, language, calls=1)
        assert not re.search(r"AB|A B|XY|X Y", said), said


def test_a_language_without_a_voice_is_refused():
    with pytest.raises(ValueError, match="xx"):
        announcement("A001", "1", None, "xx", calls=1)
