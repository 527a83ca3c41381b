"""What may stand in a cell of the catalogue's tables: how each kind of value is written, and read as people type it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from hall.expected import expected_in
from hall.texts import languages, say

Named = Mapping[str, Mapping[str, str]]
"""{part: {id or name of one of them: its id}}."""
_DASHES = str.maketrans({"–": "-", "—": "-", "~": "-", "至": "-", "、": ",", ";": ",", "\n": ","})
_SPAN = r"\d{1,2}:\d{2} *- *\d{1,2}:\d{2}"
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_RANK = re.compile(r"\s*(\d{1,2})\s*(?:[,\uff0c;\uff1b\u3001\n]\s*|$)")


class Kind:
    """How a value of one kind stands in a cell. The value is as config.yaml writes it."""

    def write(self, value: Any, language: str) -> Any:
        return "" if value is None else value

    def read(self, text: str, named: Named) -> Any:
        """The value of a cell that is not blank. Raises ValueError or KeyError; the model may still refuse."""
        return plain(text)

    def expects(self, language: str) -> str:
        """What should stand there, where `read` could not tell."""
        return say(language, f"columns.expects_{type(self).__name__.lower()}")


class Text(Kind):
    def read(self, text: str, named: Named) -> Any:
        return text.strip()


class Whole(Kind):
    def read(self, text: str, named: Named) -> Any:
        return re.sub(r"\.0+$", "", plain(text))  # as a spreadsheet may write 3


class YesNo(Kind):
    def write(self, value: Any, language: str) -> Any:
        return "" if value is None else say(language, f"columns.{'yes' if value else 'no'}")

    def read(self, text: str, named: Named) -> Any:
        return _yes_and_no()[plain(text).casefold()]


@cache
def _yes_and_no() -> dict[str, bool]:
    said = {YesNo().write(value, one).casefold(): value for one in languages() for value in (True, False)}
    return {**said, "true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class OneOf(Kind):
    name: str
    options: tuple[str, ...]

    def write(self, value: Any, language: str) -> Any:
        return "" if value is None else _word(self.name, value, language)

    def read(self, text: str, named: Named) -> Any:
        return _options(self)[plain(text).casefold()]

    def expects(self, language: str) -> str:
        words = "; ".join(self.write(option, language) for option in self.options)
        return say(language, "columns.expects_oneof", options=words)


@cache
def _word(name: str, option: str, language: str) -> str:
    return say(language, f"columns.{name}_{option}")


@cache
def _options(kind: OneOf) -> dict[str, str]:
    """{an option's word in any language, or the option itself: the option}."""
    said = {kind.write(option, one).casefold(): option for one in languages() for option in kind.options}
    return said | {option: option for option in kind.options}


class Day(Kind):
    def read(self, text: str, named: Named) -> Any:
        found = _DAY.fullmatch(plain(text))
        if found is None:
            raise ValueError
        return date(*map(int, found.groups())).isoformat()

    def expects(self, language: str) -> str:
        return expected_in(language, "a day such as 2026-12-31")


class Hours(Kind):
    """Spans of a day: 08:00-11:30, 13:00-16:00."""

    def write(self, value: Any, language: str) -> Any:
        return ", ".join(value or ())

    def read(self, text: str, named: Named) -> Any:
        return [one.strip() for one in plain(text).translate(_DASHES).split(",") if one.strip()]


class Quotas(Kind):
    """08:00-11:30: 70, 13:00-16:00: 50."""

    def write(self, value: Any, language: str) -> Any:
        return ", ".join(f"{one['span']}: {one['numbers']}" for one in value or ())

    def read(self, text: str, named: Named) -> Any:
        quotas = []
        for one in filter(str.strip, plain(text).translate(_DASHES).split(",")):
            found = re.fullmatch(rf"({_SPAN}) *[:=] *(\d{{1,9}})", one.strip())
            if found is None:
                raise ValueError
            quotas.append({"span": found[1], "numbers": int(found[2])})
        return quotas


@dataclass(frozen=True)
class Refers(Kind):
    """Another part, by its id or else by its name in any language."""

    part: str

    def read(self, text: str, named: Named) -> Any:
        return _one(self.part, text, named)

    def expects(self, language: str) -> str:
        return say(language, f"columns.expects_{self.part}")


@dataclass(frozen=True)
class RefersAll(Kind):
    part: str

    def write(self, value: Any, language: str) -> Any:
        return ", ".join(value or ())

    def read(self, text: str, named: Named) -> Any:
        said = re.split(r"[,\uff0c;\uff1b\u3001\n]", text)
        return [_one(self.part, one, named) for one in said if one.strip()]


class Ranks(Kind):
    """Lines with their ranks: tax:1, social:2."""

    def write(self, value: Any, language: str) -> Any:
        return ", ".join(f"{line}:{rank}" for line, rank in (value or {}).items())

    def read(self, text: str, named: Named) -> Any:
        found: dict[str, int] = {}
        name, *rest = re.split(r"[:\uff1a]", text.strip())
        for piece in rest:
            rank = _RANK.match(piece)
            line = _one("lines", name, named)
            if rank is None or line in found:
                raise ValueError
            found[line], name = int(rank[1]), piece[rank.end() :]
        if name:
            raise ValueError
        return found


class Papers(Kind):
    """A text a line, of one language."""

    def write(self, value: Any, language: str) -> Any:
        return "\n".join(value or ()).rstrip("\n")

    def read(self, text: str, named: Named) -> Any:
        return [one.strip() for one in text.rstrip().split("\n")]


def plain(text: str) -> str:
    """As typed without a Chinese keyboard: 08:00-11:30 and A are meant whatever the width of their letters."""
    return unicodedata.normalize("NFKC", text).strip()


def _one(part: str, text: str, named: Named) -> str:
    known = named[part]
    return known.get(text.strip()) or known[plain(text)]
