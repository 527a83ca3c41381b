"""Stems: the words of which any call can be put together when the speech engine has died, made while it lived."""

import re
import string
from collections.abc import Iterable
from functools import cache

from hall.wording import ENGLISH_DIGITS, HAN_DIGITS, HAN_WORDS

ENGLISH_WORDS = ("please go to", "Window", "as soon as possible")
ENGLISH_CARDINALS = tuple(str(value) for value in range(100))


@cache
def words(language: str) -> tuple[str, ...]:
    """Every stem of the language. 幺 is Mandarin's alone and costs nothing in Cantonese."""
    if language in HAN_WORDS:
        return (*HAN_DIGITS, "十", "幺", "到", *HAN_WORDS[language].values(), *string.ascii_uppercase)
    return (*ENGLISH_WORDS, *ENGLISH_DIGITS, *ENGLISH_CARDINALS, *string.ascii_uppercase)


def pieces(text: str, language: str) -> list[str] | None:
    """The stems that make up `text`; None when it holds a word that is none."""
    found = _pattern(language).findall(text)
    left = _pattern(language).sub("", text)
    return None if re.search(r"\w", left) else found


@cache
def _pattern(language: str) -> re.Pattern[str]:
    """Longest first; a word of letters ends where they end, so that "A" is not found in "As"."""
    longest_first: Iterable[str] = sorted(words(language), key=len, reverse=True)
    edge = "" if language in HAN_WORDS else r"\b"
    return re.compile("|".join(edge + re.escape(word) + edge for word in longest_first))
