"""What the loudspeaker says for a call, in each spoken language, so that no engine misreads a digit."""

import re
import unicodedata
from collections.abc import Mapping

SPOKEN = ("zh-CN", "yue", "en")
"""The languages a call can be spoken in; a ticket in another one is called in the hall's own."""

THIRD_CALL = 3
"""From this call on the visitor is asked to hurry."""

HAN_DIGITS = "零一二三四五六七八九"
ENGLISH_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ENGLISH_FLOORS = (
    "ground",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
)

# The fixed words of Mandarin and Cantonese sentences, which are built alike.
HAN_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "please": "请",
        "number": "号",
        "hurry": "尽快",
        "window": "窗口",
        "do": "办理",
        "floor": "楼",
        "under": "负",
    },
    "yue": {
        "please": "請",
        "number": "號",
        "hurry": "盡快",
        "window": "窗口",
        "do": "辦理",
        "floor": "樓",
        "under": "負",
    },
}


TRIAL: Mapping[str, str] = {
    "zh-CN": "广播测试，请不必理会。",
    "yue": "廣播測試，請不必理會。",
    "en": "This is a test of the loudspeaker. Please disregard it.",
}
"""What a test announcement says."""


def announcement(
    number: str,
    window_name: str,
    floor: int | None,
    language: str,
    calls: int = 1,
    yao: bool = False,
    brief: bool = False,
) -> str:
    """The sentence for a call: 请A零二三号，到三号窗口办理。

    `floor`: the window's, given only where it is another than the listeners'. `calls`: how often the number
    has been called, this one included. `yao` says 幺 for 1, in the ticket's digits in Mandarin alone. `brief`
    leaves out what nobody misses when many are called at once. No digit of a ticket stands in the sentence as
    a figure, because engines read A012 as "A twelve".
    """
    if language in HAN_WORDS:
        called = _han_number(number, HAN_WORDS[language], calls, yao and language == "zh-CN")
        return called + _han_way(window_name, floor, HAN_WORDS[language], brief)
    if language == "en":
        return _english(number, window_name, floor, calls, brief)
    raise ValueError(f"no wording in '{language}', only in {', '.join(SPOKEN)}")


def phrases(sentence: str) -> tuple[str, ...]:
    """A call's sentence in two: who is called, and where to. Each can be recorded before they come together."""
    return tuple(one for one in re.split(r"(?<=: )|(?=到)", sentence, maxsplit=1) if one)


def _han_number(number: str, words: Mapping[str, str], calls: int, yao: bool) -> str:
    spelled = _han_spelled(number).replace("一", "幺") if yao else _han_spelled(number)
    between = words["hurry"] if calls >= THIRD_CALL else "，"
    return f"{words['please']}{spelled}{words['number']}{between}"


def _han_way(window_name: str, floor: int | None, words: Mapping[str, str], brief: bool) -> str:
    upstairs = "" if floor is None else _han_floor(floor, words)
    return f"到{upstairs}{_han_window(window_name, words)}{'' if brief else words['do']}。"


def _han_window(name: str, words: Mapping[str, str]) -> str:
    name = _plain(name)
    if name.isdecimal() and len(name) <= 2:
        return f"{_han_cardinal(int(name))}{words['number']}{words['window']}"
    if any(one.isdecimal() or one.isascii() for one in name):
        return f"{_han_spelled(name)}{words['number']}{words['window']}"
    return name  # 咨询台 is called what its sign says


def _han_floor(floor: int, words: Mapping[str, str]) -> str:
    return f"{words['under'] if floor < 0 else ''}{_han_cardinal(abs(floor))}{words['floor']}"


def _han_spelled(text: str) -> str:
    """Digit by digit. Between two letters stands 、, or AB is read as a word."""
    spoken = ""
    for one in _plain(text):
        letters_meet = spoken[-1:].isascii() and spoken and one.isascii() and one.isalpha()
        spoken += "、" * bool(letters_meet) + (HAN_DIGITS[int(one)] if one.isdecimal() else one)
    return spoken


def _han_cardinal(value: int) -> str:
    """0 to 99 as counted: 十二, 二十, 二十一. 2 is 二, never 两."""
    tens, ones = divmod(value, 10)
    if tens == 0:
        return HAN_DIGITS[ones]
    return (HAN_DIGITS[tens] if tens > 1 else "") + "十" + (HAN_DIGITS[ones] if ones else "")


def _english(number: str, window_name: str, floor: int | None, calls: int, brief: bool) -> str:
    upstairs = "" if floor is None else f" on {_english_floor(floor)}"
    hurry = " as soon as possible" if calls >= THIRD_CALL else ""
    please = "" if brief else "please go to "
    return f"{_english_spelled(number)}: {please}{_english_window(window_name)}{upstairs}{hurry}."


def _english_window(name: str) -> str:
    name = _plain(name)
    if not name.isascii():
        return "the window shown on the screen"  # an English voice cannot say 咨询台
    return f"Window {int(name) if name.isdecimal() and len(name) <= 2 else _english_spelled(name)}"


def _english_spelled(text: str) -> str:
    return ", ".join(ENGLISH_DIGITS[int(one)] if one.isdecimal() else one for one in _plain(text))


def _english_floor(floor: int) -> str:
    """二楼 is the second floor; engines read "12th" rightly."""
    if floor < 0:
        return f"basement level {abs(floor)}"
    if floor < len(ENGLISH_FLOORS):
        return f"the {ENGLISH_FLOORS[floor]} floor"
    last = 0 if 11 <= floor % 100 <= 13 else floor % 10
    return f"the {floor}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') } floor"


def _plain(text: str) -> str:
    """Capitals and ordinary digits; signs such as - are not spoken."""
    return "".join(one for one in unicodedata.normalize("NFKC", text).upper() if one.isalnum())
