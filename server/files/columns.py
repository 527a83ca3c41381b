"""Each part of the catalogue as a flat row of cells: which columns it has, what they are called, how a cell is read.

The columns come from the models of hall/layout/parts.py: a setting within a setting is `booking.capacity`, what is
said in several languages has a column for each of them, `name.zh-CN`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import zip_longest
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from hall.layout import PARTS
from hall.layout.parts import SlotQuota
from hall.texts import DEFAULT, languages, say
from hall.values import Language, Names, Span
from server.files.cells import (
    Day,
    Hours,
    Kind,
    OneOf,
    Papers,
    Quotas,
    Ranks,
    Refers,
    RefersAll,
    Text,
    Whole,
    YesNo,
    plain,
)

Path = tuple[str, ...]
Flat = dict[Path, Any]
"""A part by the columns it stands in, nothing where nothing is said."""
_NAMED = {"unit": "units", "category": "categories", "line": "lines", "zone": "zones", "window": "windows"}
"""Settings that name another part."""
_CODES = ("id", "prefix")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")


@dataclass(frozen=True)
class Setting:
    """One setting of a part's model, at any depth."""

    path: Path
    kind: Kind
    spoken: bool = False
    """A text for each language."""


@dataclass(frozen=True)
class Column:
    setting: Setting
    language: str | None = None

    @cached_property
    def path(self) -> Path:
        return (*self.setting.path, self.language) if self.language else self.setting.path

    @property
    def code(self) -> str:
        return ".".join(self.path)

    def word(self, language: str) -> str:
        """What a reader calls it; a language without texts of ours is named by its code."""
        said = say(language, f"columns.{'_'.join(self.setting.path)}")
        if self.language is None:
            return said
        if self.language not in languages():
            return self.code
        return say(language, "columns.in_language", what=said, language=languages()[self.language])


@cache
def settings_of(part: str) -> tuple[Setting, ...]:
    return tuple(_settings(PARTS[part], ()))


def _settings(model: type[BaseModel], above: Path) -> Iterator[Setting]:
    fields = model.model_fields
    for name in dict.fromkeys(("id", "name", *model.__annotations__, *fields)):  # what is rare is inherited, and last
        if name not in fields:
            continue
        info, path = fields[name], (*above, name)
        bare = _bare(info.annotation)
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            yield from _settings(bare, path)
        else:
            yield _setting(path, bare)


def _bare(annotation: Any) -> Any:
    """The type without what is said around it."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(one for one in get_args(annotation) if one is not type(None))
        else:
            return annotation


def _setting(path: Path, bare: Any) -> Setting:
    name, origin, of = path[-1], get_origin(bare), get_args(bare)
    if origin is dict:
        spoken = of[0] == Language
        return Setting(path, Text() if spoken else Ranks(), spoken)
    if origin is list:
        return _listed(path, of[0])
    if origin is Literal:
        return Setting(path, OneOf(name, of))
    if name in _NAMED:
        return Setting(path, Refers(_NAMED[name]))
    kinds: dict[Any, Kind] = {bool: YesNo(), date: Day(), int: Whole(), str: Kind() if name in _CODES else Text()}
    return Setting(path, kinds[bare])


def _listed(path: Path, of: Any) -> Setting:
    if of == Names:
        return Setting(path, Papers(), spoken=True)
    return Setting(path, Hours() if of == Span else Quotas() if of is SlotQuota else RefersAll("lines"))


def columns_of(part: str, also: Iterable[str] = ()) -> list[Column]:
    """All columns of a part, in the languages of the texts and `also` in others."""
    said = [*languages(), *sorted(set(also) - set(languages()))]
    return [
        Column(setting, language) for setting in settings_of(part) for language in (said if setting.spoken else [None])
    ]


def column_named(part: str, header: str) -> Column | None:
    """The column of a header: its code, or its word in any language; what has no language is in the default one."""
    wanted = _plain(header)
    found = _headers(part).get(wanted)
    if found is None:
        code, _, language = header.strip().rpartition(".")
        spoken = {".".join(one.path): one for one in settings_of(part) if one.spoken}
        if code in spoken and _LANGUAGE.fullmatch(language):
            return Column(spoken[code], language)
    return found


@cache
def _headers(part: str) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for column in columns_of(part):
        of = column.setting
        if column.language == DEFAULT:
            names = [".".join(of.path), *(say(one, f"columns.{'_'.join(of.path)}") for one in languages())]
            found |= {_plain(name): column for name in names}
        found |= {_plain(name): column for name in (column.code, *(column.word(one) for one in languages()))}
    return found


def _plain(header: str) -> str:
    return "".join(plain(header).casefold().split())


def flat(part: str, value: Mapping[str, Any]) -> Flat:
    """A part's value, as config.yaml writes it, by its columns."""
    found: Flat = {}
    for setting in settings_of(part):
        inner: Any = value
        for key in setting.path:
            inner = inner.get(key) if inner else None
        if inner is None or inner == []:
            continue
        if not setting.spoken:
            found[setting.path] = inner
        elif isinstance(setting.kind, Papers):
            spoken = dict.fromkeys(language for one in inner for language in one)
            found |= {(*setting.path, key): [one.get(key, "") for one in inner] for key in spoken}
        else:
            found |= {(*setting.path, key): text for key, text in inner.items()}
    return found


def whole(part: str, said: Flat) -> dict[str, Any]:
    """The other way: the value that stands in these columns."""
    value: dict[str, Any] = {}
    for path, leaf in said.items():
        inner = value
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = leaf
    for setting in settings_of(part):
        if isinstance(setting.kind, Papers) and setting.path[0] in value:  # of its own a list of texts by language
            by_language = value[setting.path[0]]
            rows = zip_longest(*by_language.values(), fillvalue="")
            value[setting.path[0]] = [{k: t for k, t in zip(by_language, row, strict=True) if t} for row in rows]
    return value


def as_table(part: str, values: Sequence[Mapping[str, Any]], language: str) -> tuple[list[str], Iterator[list[Any]]]:
    """Header and rows of a file with these values, which an import takes back."""
    flats = [flat(part, value) for value in values]
    spoken = {setting.path for setting in settings_of(part) if setting.spoken}
    also = {path[-1] for one in flats for path in one if path[:-1] in spoken}
    columns = columns_of(part, also)
    rows = ([column.setting.kind.write(one.get(column.path), language) for column in columns] for one in flats)
    return [column.word(language) for column in columns], rows
