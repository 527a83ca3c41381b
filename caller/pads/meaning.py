"""What a key of a pad means at a window; the same rules as the terminal's, put so that one press answers.

A question of the terminal (`caller/session.py`) becomes a second press. Why so: docs/decisions/0017-pads.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from caller import session
from caller.meant import Ask, JsonDict, Meaning, Say, Send, Step, View, send

Finish = Literal["ask", "completed", "no_show"]
"""What Next means on a number that was only called."""

REASON = "keypad"
"""The code of why a chosen number is called out of its order, where only figures can be typed."""


def pad_meaning(action: str, view: View, finish: Finish) -> Meaning:
    """What one of the four moves means; an Ask is answered by keys of the pad."""
    return MOVES[action](view, finish)


def _next(view: View, finish: Finish) -> Meaning:
    """At a window that is closed or paused, the first press opens it too."""
    if view.window["status"] != "open" and view.ticket is None:
        return Send((Step("open"), Step("call-next")))
    return _ending(session.meaning("next", view), view, finish, "next")


def _ending(meant: Meaning, view: View, finish: Finish, again: str) -> Meaning:
    """The window's own setting before the question; the question by `again` and the no-show key."""
    if view.is_called and finish != "ask":
        return send("call-next", finish=finish)
    if isinstance(meant, Ask):
        return replace(meant, answers={again: meant.answers["enter"], "missed": meant.answers["n"]})
    return meant


def _recall(view: View, _finish: Finish) -> Meaning:
    return session.meaning("recall", view)


def _missed(view: View, _finish: Finish) -> Meaning:
    return session.meaning("missed", view)


def _pause(view: View, _finish: Finish) -> Meaning:
    """Open becomes paused, after whom is here; anything else becomes open again."""
    if view.window["status"] != "open" or view.window.get("closing"):
        return send("open")
    asked = session.meaning("pause", view)
    assert isinstance(asked, Ask)
    until_opened = asked.answers["5"]
    if asked.warning is None:
        return until_opened
    return Ask(asked.warning.message, asked.warning.values, {"pause": until_opened})


MOVES: dict[str, Callable[[View, Finish], Meaning]] = {
    "next": _next,
    "recall": _recall,
    "missed": _missed,
    "pause": _pause,
}


def call_typed(figures: str, view: View, waiting: Sequence[JsonDict], finish: Finish) -> Meaning:
    """The waiting number with these figures; of several with other letters Enter takes one, Delete goes on."""
    fitting = [one for one in waiting if figures and _figures(one["number"]) == int(figures)]
    if not fitting:
        return Say("caller.pad_no_number", {"number": figures})
    calls = [_call(one["number"], view, finish) for one in fitting]
    asked: Meaning = calls[-1] if len(calls) == 1 else _which(fitting[-1]["number"], calls[-1], None)
    for one, call in list(zip(fitting, calls, strict=True))[-2::-1]:
        asked = _which(one["number"], call, asked)
    return asked


def _which(number: str, call: Meaning, other: Meaning | None) -> Ask:
    answers = {"enter": call} if other is None else {"enter": call, "delete": other}
    return Ask("caller.pad_which", {"number": number}, answers)


def _figures(number: str) -> int:
    return int("".join(one for one in number if one.isdigit()))


def _call(number: str, view: View, finish: Finish) -> Meaning:
    """Who was only called here before is ended first, as Next would."""
    chosen = {"number": number, "reason": REASON}
    if view.window["status"] != "open" and view.ticket is None:
        return Send((Step("open"), Step("call", chosen)))
    if not view.is_called:
        return send("call", **chosen)
    if finish != "ask" or session.is_evidently_served(view):
        return send("call", **chosen, finish="completed" if finish == "ask" else finish)
    done, missed = (send("call", **chosen, finish=one) for one in ("completed", "no_show"))
    return Ask("caller.ask_called", {"number": view.number}, {"enter": done, "missed": missed})
