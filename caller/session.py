"""What a key means at a window: a command for the server, one question first, or a word to the clerk.

No terminal, no network, no clock of its own. The clerk's page follows the same rules in `pages/rules.js`;
both are held to the one table `tests/caller/presses.json`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SECOND_NEXT_SECONDS = 2.0
"""A second Next sooner than this is a finger's slip."""

WAITS = {1: 5, 2: 10, 3: 15}
"""Choice key -> minutes away."""

CALL_REASONS = {1: "arranged", 2: "papers", 3: "mobility", 4: "same_visitor"}
"""Choice key -> code of the reason a chosen number is called out of its order."""

JsonDict = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One POST to `windows/{w}/{verb}`."""

    verb: str
    body: JsonDict = field(default_factory=dict)


@dataclass(frozen=True)
class Send:
    """Commands in order; a refusal of one stops the rest."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Ask:
    """One question, answered by one key (`enter` or a letter or digit); `esc` always goes back."""

    question: str
    values: JsonDict
    answers: Mapping[str, Send]

    def label(self, key: str) -> str:
        """The text that says what an answer does, without its room."""
        name = self.question.removeprefix("caller.")
        if name.startswith("ask_pause"):
            return f"pause_{key}"
        if name == "ask_reason":
            return f"reason_{CALL_REASONS[int(key)]}"
        return f"{name.removesuffix('_after').removesuffix('_calls')}_{key}"


@dataclass(frozen=True)
class Say:
    """A calm word; nothing is sent."""

    message: str
    values: JsonDict


Meaning = Send | Ask | Say


@dataclass(frozen=True)
class View:
    """What the clerk's own window looks like now, as `GET windows` answers it, and the hall's rules."""

    window: JsonDict
    rules: JsonDict
    now: datetime
    lunch_until: str | None = None

    @property
    def ticket(self) -> JsonDict | None:
        found: JsonDict | None = self.window["ticket"]
        return found

    @property
    def number(self) -> str:
        return self.ticket["number"] if self.ticket else ""

    @property
    def is_called(self) -> bool:
        return self.ticket is not None and self.ticket["status"] == "called"


def send(verb: str, **body: Any) -> Send:
    return Send((Step(verb, body),))


def meaning(action: str, view: View) -> Meaning:
    """What pressing `action` means: next recall arrived finish missed pause open close call."""
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
    answers = {
        str(key): send("pause", reason="break", until=_minutes_on(view.now, minutes), **after)
        for key, minutes in WAITS.items()
    }
    if view.lunch_until:
        answers["4"] = send("pause", reason="lunch", until=view.lunch_until, **after)
    answers["5"] = send("pause", reason="break", **after)
    question = "caller.ask_pause_after" if view.ticket else "caller.ask_pause"
    return Ask(question, {"number": view.number, "time": view.lunch_until or ""}, answers)


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
    return Ask(question, {"number": view.number}, {"enter": send("close", **after)})


def _call(view: View) -> Meaning:
    """The number and the reason are typed afterwards. A ticket serving here is completed by the call."""
    if view.window["status"] != "open":
        return Say("caller.open_first", {})
    if view.is_called:
        return Say("caller.finish_first", {"number": view.number})
    return Ask("caller.ask_number", {}, {})


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
}


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


def longest_first(tickets: list[JsonDict]) -> list[JsonDict]:
    return sorted(tickets, key=lambda ticket: (ticket["queued_at"], ticket["number"]))


def fold_waiting(tickets: list[JsonDict], lines: set[str], event: JsonDict) -> list[JsonDict]:
    """The list of who waits for lines `lines` after a staff event, until the server's own list comes."""
    ticket = event.get("ticket")
    if event["type"] == "day.started":
        return []
    if not ticket:
        return tickets
    others = [one for one in tickets if one["id"] != ticket["id"]]
    waits = ticket["status"] == "waiting" and ticket["line"] in lines and "queued_at" in ticket
    return longest_first([*others, ticket]) if waits else others


def wait_mark(queued_at: str, rules: JsonDict, now: datetime) -> tuple[int, str]:
    """(whole minutes waited, "" or "amber" or "red")."""
    minutes = int((now - datetime.fromisoformat(queued_at)).total_seconds() // 60)
    if minutes >= rules["red_wait_minutes"]:
        return minutes, "red"
    return minutes, "amber" if minutes >= rules["amber_wait_minutes"] else ""
