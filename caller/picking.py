"""The lists that a question picks from: where a number can be sent, which matter it is, what a walk-in wants."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from caller.meant import JsonDict

SHOWN = 9


@dataclass(frozen=True)
class Entry:
    kind: str
    """`line`, `matter`, `window` or `clerk`: how its name is said."""
    name: str
    body: JsonDict
    about: str = ""
    """A matter's line, a window's clerk, a clerk's window."""
    waiting: int | None = None


@dataclass(frozen=True)
class Hall:
    """What is to pick from: the hall's catalogue, its windows, one's own among them, who waits for each line."""

    catalogue: JsonDict
    windows: list[JsonDict]
    mine: JsonDict
    waiting: Mapping[str, int]


def entries(of: str, hall: Hall, typed: str) -> list[Entry]:
    """The first that fit what was typed, by name, pinyin or its initials."""
    return list(islice(LISTS[of](hall, typed.strip().lower()), SHOWN))


def fits(one: JsonDict, typed: str) -> bool:
    names = (str(one.get(name) or "").lower() for name in ("name", "initials", "pinyin"))
    return any(typed in name for name in names)


def _served(hall: Hall) -> list[str]:
    return [one["id"] for one in sorted(hall.mine["lines"], key=lambda one: int(one["rank"]))]


def _lines(hall: Hall, typed: str) -> Iterator[Entry]:
    for line in hall.catalogue["lines"]:
        if fits(_spelled(hall, line), typed):
            yield Entry("line", line["name"], {"line": line["id"]}, waiting=hall.waiting.get(line["id"], 0))


def _spelled(hall: Hall, line: JsonDict) -> JsonDict:
    """Lines carry no initials; those of their characters stand in the matters' names."""
    initial: dict[str, str] = {}
    for matter in hall.catalogue["matters"]:
        if len(matter["name"]) == len(matter["initials"]):
            initial |= dict(zip(matter["name"], matter["initials"], strict=True))
    return {**line, "initials": "".join(initial.get(one, one) for one in line["name"])}


def _matters(hall: Hall, typed: str) -> Iterator[Entry]:
    """Those of the window's own lines first; of others only what was typed for."""
    served, names = _served(hall), {line["id"]: line["name"] for line in hall.catalogue["lines"]}
    found = [one for one in hall.catalogue["matters"] if (typed or one["line"] in served) and fits(one, typed)]
    for one in sorted(found, key=lambda one: one["line"] not in served):
        yield Entry("matter", one["name"], {"matter": one["id"]}, names[one["line"]])


def _services(hall: Hall, typed: str) -> Iterator[Entry]:
    served = _served(hall)
    lines = {entry.body["line"]: entry for entry in _lines(hall, typed)}
    yield from (lines[line] for line in served if line in lines)
    if typed:
        line_of = {one["id"]: one["line"] for one in hall.catalogue["matters"]}
        yield from (one for one in _matters(hall, typed) if line_of[one.body["matter"]] in served)


def _targets(hall: Hall, typed: str) -> Iterator[Entry]:
    others = [one for one in hall.windows if one["id"] != hall.mine["id"] and one["status"] != "closed"]
    windows = [one for one in others if str(one["name"]).lower().startswith(typed)]
    exact = [one for one in windows if str(one["name"]).lower() == typed]
    yield from (_window(hall, one) for one in exact)
    yield from _lines(hall, typed)
    yield from (_window(hall, one) for one in windows if one not in exact)
    for one in others:
        clerk = str(one["clerk"] or "")
        if clerk and clerk != hall.mine["clerk"] and clerk.lower().startswith(typed):
            yield Entry("clerk", clerk, {"clerk": clerk}, one["name"], _waiting_for(hall, one))


def _window(hall: Hall, one: JsonDict) -> Entry:
    return Entry("window", one["name"], {"window": one["id"]}, one["clerk"] or "", _waiting_for(hall, one))


def _waiting_for(hall: Hall, window: JsonDict) -> int:
    return sum(hall.waiting.get(line["id"], 0) for line in window["lines"])


LISTS = {"targets": _targets, "matters": _matters, "services": _services}
