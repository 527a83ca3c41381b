"""Every number and window a hall may have, in every language, read back by a small reader that shares no code."""

import itertools
import re
import string

import pytest

from hall.wording import announcement

THOUSANDS = (*range(1000, 1100), 1999, 2012, 9999, 10000, 12021)
NUMBERS = [f"{letter}{ordinal:03d}" for letter in string.ascii_uppercase for ordinal in range(1, 1000)]
NUMBERS += [f"{prefix}{ordinal}" for prefix in ("A", "Z", "AB") for ordinal in THOUSANDS]
WINDOWS = [str(number) for number in range(1, 100)]
NAMED = ["201", "210", "999", "1001", "A1", "3B", "综合1", "导办台"]
HAN = dict(zip("零一二三四五六七八九", "0123456789", strict=True)) | {"幺": "1"}
ENGLISH_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ENGLISH = dict(zip(ENGLISH_WORDS, "0123456789", strict=True))
DIGITS = "零一二三四五六七八九十"
LIKE = {
    "zh-CN": rf"请(?P<number>[A-Z、幺{DIGITS}]+)号(?:，|尽快)到(?:负?[{DIGITS}]+楼)?(?P<window>.+)办理。",
    "yue": rf"請(?P<number>[A-Z、{DIGITS}]+)號(?:，|盡快)到(?:負?[{DIGITS}]+樓)?(?P<window>.+)辦理。",
    "en": r"(?P<number>[A-Za-z, ]+): please go to (?P<window>.+?)"
    r"(?: on the \w+ floor| on basement level \d+)?(?: as soon as possible)?\.",
}


def read_number(spoken, language):
    if language == "en":
        return "".join(ENGLISH.get(word, word) for word in spoken.split(", "))
    return "".join(HAN.get(one, one) for one in spoken if one != "、")


def read_window(spoken, language):
    if language == "en":
        if spoken == "the window shown on the screen":
            return None
        return "".join(ENGLISH.get(word, word) for word in spoken.removeprefix("Window ").split(", "))
    name = re.sub(r"[号號]窗口$", "", spoken)
    tens, ten, ones = name.partition("十")
    if ten:
        return str((int(HAN[tens]) if tens else 1) * 10 + (int(HAN[ones]) if ones else 0))
    return "".join(HAN.get(one, one) for one in name if one != "、")


def read(sentence, language):
    found = re.fullmatch(LIKE[language], sentence)
    assert found, sentence
    return read_number(found["number"], language), read_window(found["window"], language)


@pytest.mark.parametrize("language", ["zh-CN", "yue", "en"])
def test_every_number_is_heard_as_it_is_written(language):
    assert len(NUMBERS) > 26_000
    for number, window in zip(NUMBERS, itertools.cycle(WINDOWS), strict=False):
        sentence = announcement(number, window, None, language)
        assert read(sentence, language) == (number, window), sentence
        assert language == "en" or not re.search(r"\d|两|兩", sentence), sentence


@pytest.mark.parametrize("language", ["zh-CN", "yue", "en"])
@pytest.mark.parametrize(("floor", "calls"), [(None, 1), (2, 1), (-1, 1), (12, 3), (None, 3)])
def test_every_window_is_heard_as_it_is_written_on_any_floor_and_at_any_call(language, floor, calls):
    for window in WINDOWS + NAMED:
        number, heard = read(announcement("A023", window, floor, language, calls), language)
        nameless = language == "en" and not window.isascii()
        assert (number, heard) == ("A023", None if nameless else window)


def test_yao_is_heard_in_every_mandarin_number_and_in_no_other_place():
    for number in NUMBERS[::7]:
        said = announcement(number, "11", 1, "zh-CN", yao=True)
        assert read(said, "zh-CN") == (number, "11")
        assert said.count("幺") == number.count("1") and said.endswith("号，到一楼十一号窗口办理。")
        assert announcement(number, "11", 1, "yue", yao=True) == announcement(number, "11", 1, "yue")


def test_no_two_numbers_sound_alike():
    for language in ("zh-CN", "yue", "en"):
        assert len({announcement(number, "1", None, language) for number in NUMBERS}) == len(set(NUMBERS))
