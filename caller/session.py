"""What a key means at a window: a command for the server, one question first, or a word to the clerk.

No terminal, no network, no clock of its own. The clerk's page follows the same rules in `pages/rules.js`;
both are held to the one table `tests/caller/presses.json`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from caller.meant import Ask, JsonDict, Meaning, Say, Send, Step, View, send, type_in
from caller.moves import RARER, numbered
from hall.words import HOLD_REASONS

SECOND_NEXT_SECONDS = 2.0
"""A second Next sooner than this is a finger's slip."""

WAITS = {1: 5, 2: 10, 3: 15}
"""Choice key -> minutes away."""

CALL_REASONS = ("arranged", "papers", "mobility", "same_visitor")
"""Codes of why a chosen number is called out of its order."""


def meaning(action: str, view: View) -> Meaning:
    """What pressing `action`, a key of MEANINGS, means."""
    return MEANINGS[action](view)


def seconds_until_missed(view: View) -> int:
    """How long until the hall's rule lets the number called here be missed; 0 once it may."""
    assert view.ticket
    first = datetime.fromisoformat(view.ticket["first_called_at"])
    due = first + timedelta(seconds=patience_seconds(view))
    return max(0, -int((view.now - due).total_seconds() // 1))


def patience_seconds(view: View) -> int:
    """The seconds after the first call that the hall gives this visitor to come."""
    assert view.ticket
    rule = "no_show_seconds_priority" if view.ticket.get("class") == "priority" else "no_show_seconds"
    return int(view.rules[rule])


def is_evidently_served(view: View) -> bool:
    """Called once, longer ago than anyone is given to come: an absent visitor would have been called again.

    Why: docs/decisions/0004-next-on-a-called-number.md.
    """
    if view.ticket is None or not view.is_called:
        return False
    return view.ticket["calls"] == 1 and not seconds_until_missed(view)


def _next(view: View) -> Meaning:
    if view.window["status"] != "open" and not view.ticket:
        return Say("caller.open_first", {})
    if not view.is_called:
        return send("call-next")
    if is_evidently_served(view):
        return send("call-next", finish="completed")
    done, missed = send("call-next", finish="completed"), send("call-next", finish="no_show")
    return Ask("caller.ask_called", {"number": view.number}, {"enter": done, "n": missed})


def _called_only(verb: str) -> Callable[[View], Meaning]:
    def meant(view: View) -> Meaning:
        if view.is_called:
            return send(verb)
        if view.ticket:
            return Say("caller.already_serving", {"number": view.number})
        return Say("caller.nobody_here", {})

    return meant


def _finish(view: View) -> Meaning:
    return send("complete") if view.ticket else Say("caller.nobody_here", {})


def _pause(view: View) -> Meaning:
    if view.window["status"] != "open":
        return Say("caller.not_open", {})
    after: JsonDict = {"after_current": True} if view.ticket else {}
    answers: dict[str, Meaning] = {
        str(key): send("pause", reason="break", until=_minutes_on(view.now, minutes), **after)
        for key, minutes in WAITS.items()
    }
    if view.lunch_until:
        answers["4"] = send("pause", reason="lunch", until=view.lunch_until, **after)
    answers["5"] = send("pause", reason="break", **after)
    question = "caller.ask_pause_after" if view.ticket else "caller.ask_pause"
    values = {"number": view.number, "time": view.lunch_until or ""}
    return Ask(question, values, answers, warning=_last_window(view))


def _last_window(view: View) -> Say | None:
    """Before the last window of a line leaves, who asks is told."""
    return Say("caller.last_window", {"lines": view.last_for}) if view.last_for else None


def _minutes_on(now: datetime, minutes: int) -> str:
    return (now + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _open(view: View) -> Meaning:
    if view.window["status"] == "open" and not view.window.get("closing"):
        return Say("caller.already_open", {})
    return send("open")


def _close(view: View) -> Meaning:
    if view.window["status"] == "closed":
        return Say("caller.already_closed", {})
    after: JsonDict = {"after_current": True} if view.ticket else {}
    question = "caller.ask_close_after" if view.ticket else "caller.ask_close"
    return Ask(question, {"number": view.number}, {"enter": send("close", **after)}, warning=_last_window(view))


def _call(view: View) -> Meaning:
    """A ticket serving here is completed by the call."""
    if view.window["status"] != "open":
        return Say("caller.open_first", {})
    if view.is_called:
        return Say("caller.finish_first", {"number": view.number})
    reasons = numbered(CALL_REASONS, lambda reason: send("call", reason=reason))
    return type_in("caller.ask_number", {}, "number", Ask("caller.ask_reason", {}, reasons))


MEANINGS: dict[str, Callable[[View], Meaning]] = {
    "next": _next,
    "recall": _called_only("recall"),
    "arrived": _called_only("start"),
    "finish": _finish,
    "missed": _called_only("no-show"),
    "pause": _pause,
    "open": _open,
    "close": _close,
    "call": _call,
    **RARER,
}


def label(asked: Ask, key: str) -> str:
    """The text that says what an answer does, without its room."""
    name = asked.question.removeprefix("caller.")
    if name.startswith("ask_pause"):
        return f"pause_{key}"
    if name == "ask_reason":
        return f"reason_{CALL_REASONS[int(key) - 1]}"
    if name == "ask_hold" and int(key) <= len(HOLD_REASONS):
        return f"hold_{HOLD_REASONS[int(key) - 1]}"
    return f"{name.removesuffix('_after').removesuffix('_calls')}_{key}"


def after_refusal(step: Step, code: str, details: JsonDict, view: View) -> Ask | None:
    """The question that turns a refusal into a choice; None where its own words are all there is."""
    if code == "window_taken":
        claim = Step("open", {"take_over": True})
        steps = (claim,) if step.verb == "open" else (claim, step)
        return ask_take_over(details.get("clerk"), Send(steps))
    if code == "too_early" and view.ticket:
        question = "caller.ask_early" if details.get("seconds") else "caller.ask_early_calls"
        values = {"number": view.number, "seconds": details.get("seconds", 0), "calls": view.ticket["calls"]}
        return Ask(question, values, {"enter": send(step.verb, **step.body, early=True)})
    return None


def ask_take_over(clerk: str | None, then: Send) -> Ask:
    return Ask("caller.ask_take_over", {"clerk": clerk or ""}, {"enter": then})


class NextGuard:
    """Lets one Next through and ignores another within two seconds."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def lets(self, send: Send, seconds: float) -> bool:
        """Whether `send` may go at `seconds`, of a rising clock; remembers it if it calls someone."""
        if not any(step.verb == "call-next" for step in send.steps):
            return True
        if seconds - self._last < SECOND_NEXT_SECONDS:
            return False
        self._last = seconds
        return True


def lunch_end(calling: list[str], now: datetime) -> str | None:
    """When calling starts again today, as 13:30; None after the last. `now` in the hall's own zone."""
    starts = sorted(span.partition("-")[0].strip() for span in calling)
    return next((start for start in starts if start > f"{now:%H:%M}"), None)


def still_calling(calling: list[str], now: datetime) -> bool:
    """Whether calling hours are left today; `now` in the hall's own zone."""
    return any(span.partition("-")[2].strip() > f"{now:%H:%M}" for span in calling)


def longest_first(tickets: list[JsonDict]) -> list[JsonDict]:
    return sorted(tickets, key=lambda ticket: (ticket["queued_at"], ticket["number"]))


def fold_waiting(tickets: list[JsonDict], lines: set[str], event: JsonDict, window: str = "") -> list[JsonDict]:
    """The list of who waits for `lines` or for `window` alone after a staff event, until the server's list comes."""
    ticket = event.get("ticket")
    if event["type"] == "day.started":
        return []
    if not ticket:
        return tickets
    others = [one for one in tickets if one["id"] != ticket["id"]]
    mine = ticket["pool"] == f"w:{window}" if ticket.get("pool") else ticket["line"] in lines
    waits = mine and ticket["status"] == "waiting" and "queued_at" in ticket
    return longest_first([*others, ticket]) if waits else others


def wait_mark(queued_at: str, rules: JsonDict, now: datetime) -> tuple[int, str]:
    """(whole minutes waited, "" or "amber" or "red")."""
    minutes = int((now - datetime.fromisoformat(queued_at)).total_seconds() // 60)
    if minutes >= rules["red_wait_minutes"]:
        return minutes, "red"
    return minutes, "amber" if minutes >= rules["amber_wait_minutes"] else ""
