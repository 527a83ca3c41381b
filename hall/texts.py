"""What people read, in their language: Babel catalogues, `hall/texts/LANGUAGE/DOMAIN.po`.

A message's id is a key such as `kiosk.choose`; its text holds {named} values. zh-CN is complete and stands in
where another language lacks a message. Pages fetch a domain as JSON (`catalogue`).
"""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "texts"
DEFAULT = "zh-CN"

Messages = dict[str, str | list[str]]


@cache
def languages() -> dict[str, str]:
    """{code: its own name}, the default first."""
    codes = sorted((folder.name for folder in FOLDER.iterdir() if folder.is_dir()), key=lambda c: (c != DEFAULT, c))
    return {code: _own_name(code) for code in codes}


@cache
def domains() -> frozenset[str]:
    """The catalogues there are: a page may ask for no other, of which there would be no end."""
    return frozenset(file.stem for file in (FOLDER / DEFAULT).glob("*.po"))


def _own_name(code: str) -> str:
    locale = Locale.parse(code, sep="-")
    return str(locale.languages[locale.language]).capitalize() if code != "zh-CN" else "中文"


@cache
def catalogue(language: str, domain: str) -> Messages:
    """A domain's messages; a message with plural forms is a list, one form for each plural."""
    messages: Messages = {} if language == DEFAULT else dict(catalogue(DEFAULT, domain))
    path = FOLDER / language / f"{domain}.po"
    if not path.exists():
        return messages
    with path.open("rb") as file:
        for message in read_po(file, locale=language.replace("-", "_")):
            if message.id and message.string:
                plural = isinstance(message.id, tuple)
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                messages[key] = list(message.string) if plural else str(message.string)
    return messages


def say(language: str, key: str, /, **values: Any) -> str:
    """The message `DOMAIN.name` in a language, its {values} filled; plural forms are chosen by `n`."""
    message = catalogue(language, key.split(".", 1)[0])[key]
    if isinstance(message, list):
        form = _plural_form(language)(values["n"])
        message = message[0] if form == "one" or len(message) == 1 else message[-1]
    return message.format(**values)


@cache
def _plural_form(language: str) -> Callable[[Any], str]:
    """Kept: reading a locale looks for its file each time."""
    return Locale.parse(language, sep="-").plural_form  # type: ignore[no-any-return]


def best_language(wanted: list[str]) -> str:
    """The language to answer in, for what a caller asked (`Accept-Language`, best first)."""
    found = negotiate_locale(wanted, list(languages()), sep="-")
    return found or DEFAULT


def text_in(names: dict[str, str], language: str) -> str:
    """A name of the layout ({language: text}) in a language, else in the default one."""
    return names.get(language) or names[DEFAULT]


def day_text(language: str, day: date) -> str:
    """A day as people say it: 11月24日周二, Tue 24 Nov."""
    form = "M月d日EEE" if language.startswith("zh") else "EEE d MMM"
    return str(format_date(day, form, locale=language.replace("-", "_")))


def list_text(language: str, parts: list[str]) -> str:
    """Several things in one breath: 甲、乙和丙."""
    return str(format_list(parts, locale=language.replace("-", "_")))
