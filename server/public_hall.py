"""What the hall tells everybody of itself: whether it is open, who waits, its rules, what is served where, figures."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from hall.day import Span, business_day, within
from hall.sheets import Tally, sheet_of
from hall.texts import day_text, list_text, say, text_in
from hall.words import WindowStatus
from server.center.register import offered
from server.center.satisfaction import hall_total
from server.layout.kept import Layout
from server.line_now import line_now
from server.queries import known_layout
from server.reports import Span as Days
from server.reports import facts
from server.standing import present
from server.tables.layout import halls
from server.tables.queue import tickets

MOST = 100  # matters on a page
NamedMatters = list[tuple[dict[str, Any], list[str]]]
GUIDE = ("handled_by", "basis", "conditions", "fee", "fee_basis", "time_limit", "complaints")


def live(connection: Connection, hall: str, language: str, now: datetime, always_open: bool) -> dict[str, Any]:
    """How it stands this second: {open, state, at, waiting, windows_open, windows, lines: [{name, words, …}]}."""
    layout = known_layout(connection, hall)
    here = present(connection, layout)
    lines = [_line(line_now(here, line, language, now, always_open), language) for line in layout.lines.values()]
    opened = sum(here.windows[key].status == WindowStatus.OPEN for key in layout.windows)
    return {
        "at": f"{now.astimezone(layout.time_zone):%H:%M}",
        **_state(layout, language, now, always_open),
        "waiting": sum(line["waiting"] for line in lines),
        "windows_open": opened,
        "windows": len(layout.windows),
        "lines": lines,
    }


def _line(line: dict[str, Any], language: str) -> dict[str, Any]:
    """A line in words: who waits and how long, or why it gives no numbers."""
    wait, waiting, opened = line["expected_wait"], line["waiting"], line["windows_open"]
    count = say(language, "common.waiting", n=waiting) if waiting else say(language, "hall_page.nobody")
    return {
        "id": line["id"],
        "name": line["name"],
        "waiting": waiting,
        "open": line["open"],
        "count": count,
        "wait": _wait(wait, language) if waiting and wait and line["open"] else "",
        "windows": say(language, "hall_page.windows_open", n=opened)
        if opened
        else say(language, "hall_page.no_window"),
        "why": line["reason_text"] or line["warning_text"] or "",
    }


def _wait(wait: dict[str, int], language: str) -> str:
    if wait["low"] == wait["high"]:
        return say(language, "common.minutes_about", n=wait["high"])
    return say(language, "common.minutes_range", low=wait["low"], high=wait["high"])


def _state(layout: Layout, language: str, now: datetime, always_open: bool) -> dict[str, Any]:
    """Whether somebody may come now, in one sentence."""
    works = always_open or layout.days.works(business_day(now, layout.time_zone))
    if not works:
        again = layout.works_again(now)
        words = "closed_today" if again is None else "day_off"
        return {"open": False, "state": say(language, f"hall_page.{words}", day=again and day_text(language, again))}
    if always_open or within(now, layout.time_zone, layout.issuing):
        return {"open": True, "state": say(language, "hall_page.open")}
    clock = now.astimezone(layout.time_zone).time()
    later = next((start for start, _ in layout.issuing if start > clock), None)
    key = "opens" if later else "over"
    return {"open": False, "state": say(language, f"hall_page.{key}", at=later and f"{later:%H:%M}")}


def about(connection: Connection, hall: str, language: str) -> dict[str, Any]:
    """What changes with the layout alone: name, hours, rules, units and how many matters each has, ways from afar."""
    layout = known_layout(connection, hall)
    matters = Counter(matter["unit"] for matter in offered(layout).values())
    units = [
        {"id": key, "name": text_in(name, language), "matters": matters[key]} for key, name in layout.units.items()
    ]
    more = [line.more for line in layout.lines.values()]
    return {
        "name": text_in(layout.name, language),
        "issuing": _hours(layout.issuing, language),
        "calling": _hours(layout.calling, language),
        "rules": list(_rules(layout, language)),
        "units": [unit for unit in units if unit["matters"]],
        "floors": _floors(layout, language),
        "booking": any(one.booking for one in more),
        "remote": any(one.remote_share for one in more),
    }


def _hours(spans: Iterable[Span], language: str) -> str:
    return say(language, "phone.comma").join(f"{start:%H:%M}–{end:%H:%M}" for start, end in spans)


def _floors(layout: Layout, language: str) -> list[dict[str, Any]]:
    """Which windows are where."""
    found = []
    for zone in layout.zones.values():
        names = [window.name for window in layout.windows.values() if window.zone == zone["id"]]
        if names:
            found.append({"name": text_in(zone["name"], language), "windows": window_words(names, language)})
    return found


def window_words(names: list[str], language: str) -> str:
    """3、4、5号窗口; windows with names of their own by those."""
    listed = say(language, "phone.comma").join(names)
    numbered = all(name.isascii() for name in names)
    return say(language, "phone.window", n=len(names), window=listed) if numbered else listed


def _rules(layout: Layout, language: str) -> Iterable[dict[str, str]]:
    """The rules in force, in plain words."""
    rules, order = layout.rules, layout.rules.order

    def rule(name: str, key: str, **values: Any) -> dict[str, str]:
        return {"name": say(language, f"hall_page.rule_{name}"), "words": say(language, f"hall_page.{key}", **values)}

    yield rule("order", f"order_{order.preset}", n=order.priority_every)
    yield rule("fair", "fair", n=order.max_overtakes, minutes=order.max_wait_minutes)
    yield rule("priority", "priority")
    yield rule("calls", "calls", n=rules.no_show_calls)
    given = {"minutes": rules.reinstate_within_minutes, "n": order.reinstated_every, "after": rules.reinstate_after}
    yield rule("missed", f"missed_{rules.reinstate_policy}", **given)
    yield rule("overtime", "overtime")


def matter_list(layout: Layout, unit: str | None, words: str, language: str) -> dict[str, Any]:
    """The matters of a unit, or those whose name, or its pinyin, has the words: {matters, more}."""
    asked = words.casefold().split()
    found = [
        one
        for one, texts in _named_matters(layout, language)
        if unit in (None, one["unit"]) and all(_says(texts, word) for word in asked)
    ]
    return {"matters": [_matter(layout, one, language) for one in found[:MOST]], "more": max(0, len(found) - MOST)}


_named: dict[tuple[str, str], tuple[Layout, NamedMatters]] = {}


def _named_matters(layout: Layout, language: str) -> NamedMatters:
    """Each matter with all that it is found by. Made once a layout: a search costs anybody nothing but a request."""
    known = _named.get((layout.hall, language))
    if known is None or known[0] is not layout:
        made = [(one, _texts(layout, one, language)) for one in offered(layout).values()]
        known = _named[layout.hall, language] = layout, made
    return known[1]


def _texts(layout: Layout, matter: dict[str, Any], language: str) -> list[str]:
    line, unit = layout.lines[matter["line"]], layout.units[matter["unit"]]
    named = [*matter["name"].values(), *line.name.values(), unit["zh-CN"], text_in(unit, language)]
    return [text.casefold() for text in dict.fromkeys((*named, *layout.spellings[matter["id"]].values()))]


def _says(texts: list[str], word: str) -> bool:
    return any(word in text for text in texts) or any(_leaves_out(text, word) for text in texts)


def _leaves_out(text: str, word: str) -> bool:
    """社保 finds 社会保险, as at the kiosk: the letters in their order, the first one first."""
    if len(word) < 2 or not text.startswith(word[0]) or word.isascii():
        return False
    rest = iter(text)
    return all(letter in rest for letter in word)


def _matter(layout: Layout, matter: dict[str, Any], language: str) -> dict[str, Any]:
    """What a visitor must know to come: where it is done, what to bring, and the guide as far as it is written."""
    line, windows = layout.lines[matter["line"]], layout.windows_of[matter["line"]]
    zones = dict.fromkeys(window.zone for window in windows)
    places = [f"{text_in(layout.zones[zone]['name'], language)}" for zone in zones]
    guide = matter["more"].guide
    told = {} if guide is None else {key: getattr(guide, key) for key in GUIDE}
    return {
        "name": text_in(matter["name"], language),
        "unit": text_in(layout.units[matter["unit"]], language),
        "line": text_in(line.name, language),
        "prefix": line.prefix,
        "zones": list_text(language, places) if places else "",
        "windows": window_words([window.name for window in windows], language) if windows else "",
        "papers": [text_in(paper, language) for paper in matter["more"].papers],
        "guide": [(key, text_in(text, language)) for key, text in told.items() if text is not None],
    }


def statistics(connection: Connection, hall: str, language: str, now: datetime) -> dict[str, Any]:
    """Figures of days that are over: {day, month: {name, issued, served, …} or None, satisfaction}."""
    layout = known_layout(connection, hall)
    today = connection.execute(select(halls.c.day).where(halls.c.id == hall)).scalar_one()
    of = tickets.c
    last = connection.execute(select(func.max(of.day)).where(of.hall_id == hall, of.day < today)).scalar()
    if last is None or last < today - timedelta(days=31):
        return {"day": None, "month": None, "satisfaction": None}
    month = sheet_of(facts(connection, hall, Days(last.replace(day=1), last), layout.time_zone))
    return {
        "day": _figures(month.days[last], day_text(language, last)),
        "month": _figures(month.total, _month_name(language, last)),
        "satisfaction": _satisfaction(connection, hall, language, now) if layout.rules.rating != "off" else None,
    }


def _month_name(language: str, last: date) -> str:
    return say(
        language, "hall_page.month_to", day=day_text(language, last), first=day_text(language, last.replace(day=1))
    )


def _figures(tally: Tally, name: str) -> dict[str, Any]:
    told = tally.figures()
    wait, within_15 = told["mean_wait_seconds"], told["within_15"]
    return {
        "name": name,
        "issued": told["issued"],
        "served": told["served"],
        "mean_wait": None if wait is None else round(wait / 60),
        "within_15": None if within_15 is None else round(within_15 * 100),
    }


def _satisfaction(connection: Connection, hall: str, language: str, now: datetime) -> dict[str, Any] | None:
    """Of the last finished week, and only from five ratings up: how many of a hundred were satisfied or more."""
    found = hall_total(connection, hall, now)
    if found["total"] is None:
        return None
    content = sum(found["levels"][level] for level in ("5", "4", "3"))
    span = [date.fromisoformat(found[key]) for key in ("from", "to")]
    named = {"first": day_text(language, span[0]), "day": day_text(language, span[1])}
    return {
        "name": say(language, "hall_page.month_to", **named),
        "percent": round(content * 100 / found["total"]),
        "total": found["total"],
        "levels": [
            (say(language, f"rating.level_{level}"), found["levels"][level]) for level in ("5", "4", "3", "2", "1")
        ],
    }
