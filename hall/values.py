"""The values that settings are written in: keys, texts for each language, spans of a day, numbers with their units."""

from datetime import date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from hall.mistakes import expected, wrong

Slug = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"),
    expected("a key of small letters, digits and hyphens, 40 at most"),
]
"""A key that the layout names."""


def printable(text: str) -> str:
    """No control characters: names go to printers, whose commands they would be."""
    if not text.strip() or not text.isprintable():
        raise ValueError
    return text


Text = Annotated[str, Field(max_length=80), AfterValidator(printable), expected("a text of 1 to 80 characters")]


def _readable(text: str) -> str:
    """As a name, but in several lines."""
    printable(text.replace("\r\n", "\n").replace("\n", " "))
    return text


LongText = Annotated[str, Field(max_length=500), AfterValidator(_readable), expected("a text of 1 to 500 characters")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$"), expected("a language such as zh-CN or en")]


def _names(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise wrong("a text, or a text for each language such as {zh-CN: 税务, en: Tax}")
    return {"zh-CN": value} if isinstance(value, str) else value


def _with_chinese(names: dict[str, str]) -> dict[str, str]:
    if "zh-CN" not in names:
        raise wrong("a zh-CN text among its languages")
    return names


Names = Annotated[
    dict[Language, Text],
    BeforeValidator(_names),
    AfterValidator(_with_chinese),
    Field(description="a text for each language"),
]


LongNames = Annotated[
    dict[Language, LongText],
    BeforeValidator(_names),
    AfterValidator(_with_chinese),
    Field(description="a text for each language"),
]


def _span(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    start, _, end = value.partition("-")
    span = tuple(datetime.strptime(part.strip(), "%H:%M").time() for part in (start, end))
    if span[0] >= span[1]:
        raise ValueError
    return span


def _span_text(value: tuple[time, time]) -> str:
    return f"{value[0]:%H:%M}-{value[1]:%H:%M}"


Span = Annotated[
    tuple[time, time],
    BeforeValidator(_span),
    PlainSerializer(_span_text),
    expected('a span of one day such as "09:00-17:00"'),
]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError from error
    return name


TimeZone = Annotated[str, AfterValidator(_zone), expected("a time zone such as Asia/Shanghai")]
Rank = Annotated[int, Field(ge=1, le=9), expected("a rank from 1 to 9")]
Day = Annotated[date, expected("a day such as 2026-12-31")]
Minutes = Annotated[int, Field(ge=1, le=1440), expected("a number of minutes from 1 to 1440")]
Seconds = Annotated[int, Field(ge=0, le=86400), expected("a number of seconds from 0 to 86400")]
Some = Annotated[int, Field(ge=1, le=9999), expected("a whole number from 1 to 9999")]


class Part(BaseModel):
    """A group of settings: an unknown key is a mistake, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
