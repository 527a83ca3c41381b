"""Mistakes in a settings file, each said in one plain line: where it stands, its value, what was expected."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from hall.errors import SettingsError

Place = tuple[str, ...]

# What a mistake of pydantic's is called here; the rest come from `expected`.
WORDS = {
    "missing": "is missing",
    "invalid_key": "unknown key",
    "string_type": "expected a text; put it in quotes",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "list_type": "expected a list, each item after a '-'",
    "dict_type": "expected keys with values",
    "model_type": "expected keys with values",
    "path_type": "expected the name of a folder",
    "too_short": "expected at least one",
}
SHOWN_WITHOUT_VALUE = {"missing", "too_short"}


def wrong(words: str) -> PydanticCustomError:
    """The mistake that says `expected <words>`."""
    return PydanticCustomError("expected", "expected {words}", {"words": words})


def mistake_at(loc: tuple[str | int, ...], value: Any, words: str) -> InitErrorDetails:
    return {"type": wrong(words), "loc": loc, "input": value}


def twice(at: tuple[str | int, ...], field: str, values: Iterable[str]) -> Iterator[InitErrorDetails]:
    """A mistake for each value that stood before in the list at `at`."""
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value in first:
            yield mistake_at((*at, index, field), value, f"one of its own; {at[-1]}.{first[value]} has it")
        first.setdefault(value, index)


def stranger(at: tuple[str | int, ...], value: str | None, known: Sequence[str | None]) -> Iterator[InitErrorDetails]:
    """A mistake where a word names none of the known; None is known where it may be left out."""
    if value not in known:
        yield mistake_at(at, value, f"one of {', '.join(filter(None, known))}")


def expected(words: str) -> WrapValidator:
    """Stands last in Annotated[...]: whatever is wrong with a single value is said in these words."""

    def check(value: Any, inner: ValidatorFunctionWrapHandler) -> Any:
        if isinstance(value, bool):  # YAML's yes and no are not the numbers 1 and 0
            raise wrong(words)
        try:
            return inner(value)
        except ValidationError:
            raise wrong(words) from None

    return WrapValidator(check)


def refuse(title: str, mistakes: list[InitErrorDetails]) -> None:
    """Raises all the mistakes at once, each with its own place; nothing when there are none."""
    if mistakes:
        raise ValidationError.from_exception_data(title, mistakes)


def read_yaml(path: Path) -> tuple[dict[str, Any], dict[Place, int]]:
    """What a YAML file says, and the line on which each place of it stands. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file; name one with --config") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: not readable as YAML: {error}") from None
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path, first: str = "halls") -> tuple[dict[str, Any], dict[Place, int]]:
    """The same for a text that stands, or will stand, in the file; `first` is a key such a file has."""
    try:
        written, lines, doubled = _composed(text, path)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise SettingsError(f"{path}: not readable as YAML: {error}") from None
    if doubled:
        raise SettingsError("\n".join(f"{path}:{line}: {'.'.join(place)}: stands twice" for place, line in doubled))
    if not isinstance(written, dict):
        raise SettingsError(f"{path}: expected settings such as '{first}:', found {_shown(written)}")
    return written, lines


def _composed(text: str, path: Path) -> tuple[Any, dict[Place, int], list[tuple[Place, int]]]:
    """What the text says, the line of each place, and the places that stand twice."""
    try:
        return _read_by(getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text))  # libyaml in a tenth of the time
    except yaml.YAMLError:
        loader = yaml.SafeLoader(text)  # whose complaints show the place
        loader.name = str(path)  # and what they call the file
        return _read_by(loader)


def _read_by(loader: yaml.SafeLoader) -> tuple[Any, dict[Place, int], list[tuple[Place, int]]]:
    lines: dict[Place, int] = {}
    node = loader.get_single_node()
    doubled = list(_walk(node, (), lines, set()))
    return (loader.construct_document(node) if node else None), lines, doubled


def _walk(node: yaml.Node | None, place: Place, lines: dict[Place, int], seen: set[int]) -> Iterator[tuple[Place, int]]:
    """Fills `lines`; yields each key that stands twice, of which YAML would silently keep the last."""
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*place, str(index))] = item.start_mark.line + 1
            yield from _walk(item, (*place, str(index)), lines, seen)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner, line = (*place, str(key.value)), key.start_mark.line + 1
            if inner in lines:
                yield inner, line
            lines[inner] = line
            yield from _walk(value, inner, lines, seen)


def sentences(
    error: ValidationError,
    model: type[BaseModel],
    path: Path,
    lines: Mapping[Place, int],
    variables: Mapping[Place, str],
) -> str:
    """One line a mistake. `variables` names the environment variable that a place's value came from."""
    return "\n".join(_sentence(one, model, path, lines, variables) for one in error.errors(include_url=False))


def _sentence(
    error: ErrorDetails,
    model: type[BaseModel],
    path: Path,
    lines: Mapping[Place, int],
    variables: Mapping[Place, str],
) -> str:
    loc = tuple(key for key in error["loc"] if key != "[key]")
    place = tuple(str(key) for key in loc)
    where = variables.get(place) or f"{path}{_line(place, lines)}: {'.'.join(place) or '(top level)'}"
    quiet = error["type"] in SHOWN_WITHOUT_VALUE
    value = "" if quiet else f" = {_shown(error['input'])}"
    return f"{where}{value}: {_words(error, model, loc)}"


def _line(place: Place, lines: Mapping[Place, int]) -> str:
    while place and place not in lines:
        place = place[:-1]
    return f":{lines[place]}" if place else ""


def _words(error: ErrorDetails, model: type[BaseModel], loc: tuple[str | int, ...]) -> str:
    if error["type"] == "extra_forbidden":
        return f"unknown key; expected one of {', '.join(_keys(model, loc[:-1]))}"
    if error["type"] == "literal_error":
        return f"expected {error['ctx']['expected']}"
    return WORDS.get(error["type"], error["msg"])


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = re.sub(r"//[^/@]*@", "//…@", text)  # a password in an address is nobody's business
    return text if len(text) <= 80 else text[:79] + "…"


def _keys(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand at a place of the settings."""
    kind: Any = model
    for key in loc:
        kind = _model_in(kind.model_fields[str(key)].annotation) if isinstance(key, str) else kind
    return sorted(kind.model_fields)


def _model_in(annotation: Any) -> Any:
    """The model inside list[Model], Annotated[Model, …], Model | None or a plain Model; None where there is none."""
    if get_origin(annotation) in (list, Union, UnionType, Annotated):
        return next((found for found in map(_model_in, get_args(annotation)) if found is not None), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
