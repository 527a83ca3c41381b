"""What a value of the layout should have been, in the reader's language: the words of hall/mistakes.py, translated."""

import re

from hall.texts import catalogue

_NUMBER = re.compile(r"-?\d+")
_LISTED = ("one of its own", "one of ")
"""What follows these is a list of ids, which no language changes."""


def expected_in(language: str, words: str) -> str:
    """The words of `expected`; those that no catalogue knows stay as they are."""
    start = next((start for start in _LISTED if words.startswith(start)), None)
    key = start.strip() if start else _NUMBER.sub("#", words).replace('"', "")
    message = catalogue(language, "expected").get(f"expected.{key}")
    if not isinstance(message, str):
        return words
    numbers = {f"n{place}": number for place, number in enumerate(_NUMBER.findall(words), 1)}
    return message.format(known=words.removeprefix(start or ""), **numbers)
