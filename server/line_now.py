"""One line as it stands: whether it gives numbers and why not, who waits, how long, and at how many windows."""

from datetime import datetime, timedelta
from typing import Any

from hall.day import left_today
from hall.suspended import reason_words, suspended_words, until_text
from hall.texts import day_text, say, text_in
from hall.words import WindowStatus
from server.journal import iso
from server.layout.kept import Layout, LineRow
from server.quotas import why_closed
from server.standing import Present


def line_now(here: Present, line: LineRow, language: str, now: datetime, always_open: bool) -> dict[str, Any]:
    """What the kiosk shows of a line; whoever holds a number of a suspended one is told by `suspended.text`."""
    layout = here.layout
    reason = why_closed(here.connection, here, line, now, always_open)
    able, opened = here.able(line.id)
    ahead = here.ahead_of_new(line.id, now)
    wait = here.expected(line.id, ahead)
    calling_left = left_today(now, layout.time_zone, layout.calling)
    late = not always_open and wait is not None and timedelta(minutes=wait["high"]) > calling_left
    warning = "may_pass_closing" if late and not reason else None
    opens_at = layout.opens_at(line, now) if reason else None
    opens_text = None if opens_at is None else f"{opens_at:%H:%M}"
    again = layout.works_again(now) if reason == "day_off" else None
    when = opens_text if again is None else day_text(language, again)
    untils = [
        one.until for one in (here.windows[w.id] for w in able) if one.until and one.status == WindowStatus.PAUSED
    ]
    resumes = min((one for one in untils if one > now), default=None)
    zones = dict.fromkeys(window.zone for window in able)
    return {
        "id": line.id,
        "name": text_in(line.name, language),
        "prefix": line.prefix,
        "common": line.common,
        "batch_limit": line.more.batch_limit,
        "identity": line.more.identity,
        "open": reason is None,
        "reason": reason,
        "reason_text": _reason_text(here, line, language, now, reason, when or "") if reason else None,
        "opens_at": opens_text,
        "suspended": suspended_now(here.layout, line, language, now),
        "resumes_at": iso(resumes) if resumes and not opened else None,
        "waiting": here.waiting_in(line.id),
        "expected_wait": wait,
        "windows_open": opened,
        "warning": warning,
        "warning_text": say(language, f"errors.line_{warning}") if warning else None,
        "zones": [{**layout.zones[zone], "name": text_in(layout.zones[zone]["name"], language)} for zone in zones],
    }


def _reason_text(here: Present, line: LineRow, language: str, now: datetime, reason: str, when: str) -> str:
    if line.suspended is None or reason != "suspended":
        return say(language, f"errors.line_{reason}", at=when)
    at = until_text(line.suspended.until, now, here.layout.time_zone)
    return suspended_words(language, line.suspended.reason, at)


def suspended_now(layout: Layout, line: LineRow, language: str, now: datetime) -> dict[str, Any] | None:
    """Why a line is suspended and until when, and the sentence for those who hold its numbers already."""
    one = line.suspended
    if one is None:
        return None
    at = until_text(one.until, now, layout.time_zone)
    said = {"line": text_in(line.name, language), "reason": reason_words(language, one.reason), "at": at}
    if one.moved_to is not None:
        said["to"] = text_in(layout.lines[one.moved_to].name, language)
    text = say(language, "server.line_moved" if "to" in said else "server.line_served", **said)
    return {"reason": said["reason"], "until": iso(one.until), "at": at, "moved_to": one.moved_to, "text": text}
