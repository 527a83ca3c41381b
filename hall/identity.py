"""The number on a person's document: its one spelling, whether it can be right, and what of it may be shown."""

import re
import unicodedata
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def document_number(text: str) -> str:
    """The number as a reader and a hand both give it: half-width capitals without spaces or hyphens.

    A number of 15 digits and more must be a Chinese resident's (GB 11643: 18 places, a day of birth, a check digit);
    any other document's has 5 to 20 letters and digits. Raises ValueError.
    """
    number = re.sub(r"[\s\-·]", "", unicodedata.normalize("NFKC", text)).upper()
    if re.fullmatch(r"\d{14,}[\dX]", number):
        right = _is_resident_number(number)
    else:
        right = re.fullmatch(r"[A-Z0-9]{5,20}", number) is not None
    if not right:
        raise ValueError("not the number of a document")  # which number it was is nobody's business
    return number


def booker_number(text: str) -> str:
    """A phone's number or a document's in one spelling, the country's code +86 left out. Raises ValueError."""
    bare = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    return document_number(re.sub(r"^(\+|00)(86)?", "", bare))


def _is_resident_number(number: str) -> bool:
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    weighed = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return number[17] == _CHECK[weighed % 11]


def tail_of(number: str) -> str:
    """What staff may see: the last four places, of a short number (under 8) the last two: `**1234`, `**34`."""
    return f"**{number[-4:] if len(number) >= 8 else number[-2:]}"
