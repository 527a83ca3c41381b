"""What the rarer keys mean: hold and take back, transfer, another matter, no number, how it ended, undo.

The clerk's page follows the same rules in `pages/moves.js`; both are held to `tests/caller/presses.json`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from caller.meant import Ask, JsonDict, Meaning, Say, Send, Step, View, pick, send, type_in
from hall.words import HOLD_REASONS

HOLD_MINUTES = {"1": 5, "2": 10, "3": 15, "4": 30}
SHOWN = 9

T = TypeVar("T")
U = TypeVar("U")
Meant = Callable[[View], Meaning]


def numbered(those: Iterable[T], meant: Callable[[T], U]) -> dict[str, U]:
    """One answer for each of a list, its key the place: {"1": …, "2": …}."""
    return {str(place): meant(one) for place, one in enumerate(those, 1)}


def _with_ticket(meant: Meant) -> Meant:
    return lambda view: meant(view) if view.ticket else Say("caller.nobody_here", {})


def _at_free_window(meant: Meant) -> Meant:
    def checked(view: View) -> Meaning:
        if view.ticket:
            return Say("caller.finish_first", {"number": view.number})
        return meant(view) if view.window["status"] == "open" else Say("caller.open_first", {})

    return checked


def _hold(view: View) -> Meaning:
    values = {"number": view.number}

    def for_how(**body: str) -> Ask:
        timed = {key: send("hold", **body, minutes=minutes) for key, minutes in HOLD_MINUTES.items()}
        return Ask("caller.ask_hold_minutes", values, {**timed, "enter": send("hold", **body)})

    reasons = numbered(HOLD_REASONS, lambda reason: for_how(reason=reason))
    other = type_in("caller.ask_hold_words", values, "reason", for_how())
    return Ask("caller.ask_hold", values, {**reasons, "6": other})


def _take_back(view: View) -> Meaning:
    if not view.held:
        return Say("caller.none_held", {})

    def back(ticket: JsonDict) -> Send:
        return send("resume", number=ticket["number"])

    if len(view.held) == 1:
        return back(view.held[0])
    first = view.held[:SHOWN]
    return Ask("caller.ask_take_back", {}, numbered(first, back), numbered(first, lambda one: str(one["number"])))


def _noted(values: JsonDict, ways: dict[str, Meaning]) -> Ask:
    """The question how to send, where a note may be written first."""
    then = Ask("caller.ask_transfer", values, ways)
    return replace(then, answers={**ways, "n": type_in("caller.ask_note", values, "note", then)})


def _transfer(view: View) -> Meaning:
    values = {"number": view.number}
    ways: dict[str, Meaning] = {"enter": send("transfer"), "b": send("transfer", come_back=True)}
    return pick("caller.ask_transfer_to", values, "targets", _noted(values, ways))


def _send_on(_view: View) -> Meaning:
    where = pick("caller.ask_transfer_to", {}, "targets", _noted({}, {"enter": send("transfer")}))
    return type_in("caller.ask_send_number", {}, "number", where)


def _matter(view: View) -> Meaning:
    """Who talks about another matter is here: a number only called is started first."""
    begun = (Step("start"),) if view.is_called else ()
    change = Send((*begun, Step("change-matter")))
    add = Send((*begun, Step("change-matter", {"add": True})))
    values = {"number": view.number}
    how = Ask("caller.ask_matter_how", values, {"enter": change, "a": add})
    return pick("caller.ask_matter", values, "matters", how if view.ticket and view.ticket.get("matter") else change)


def _walk_in(_view: View) -> Meaning:
    return pick("caller.ask_walk_in", {}, "services", send("walk-in"))


def _outcome(view: View) -> Meaning:
    values = {"number": view.number}
    labels = numbered(view.outcomes, lambda one: str(one["name"]))
    ways: dict[str, Meaning] = {**numbered(view.outcomes, lambda one: send("complete", outcome=one["id"]))}
    rest = Ask("caller.ask_outcome", values, {**ways, "enter": send("complete")}, labels)
    number_first = type_in("caller.ask_case_number", values, "case_number", rest)
    return Ask("caller.ask_outcome", values, {**ways, "n": number_first}, labels)


def is_more_to_come(ticket: JsonDict) -> bool:
    return bool(ticket.get("route")) or ticket.get("count", 1) > 1


def _finish_all(view: View) -> Meaning:
    if view.ticket is None or not is_more_to_come(view.ticket):
        return send("complete")
    return Ask("caller.ask_finish_all", {"number": view.number}, {"enter": send("complete", all=True)})


def _undo(view: View) -> Meaning:
    return send("undo") if view.ticket else Say("caller.nothing_to_undo", {})


RARER: dict[str, Meant] = {
    "hold": _with_ticket(_hold),
    "take_back": _at_free_window(_take_back),
    "transfer": _with_ticket(_transfer),
    "send_on": _send_on,
    "matter": _with_ticket(_matter),
    "walk_in": _at_free_window(_walk_in),
    "outcome": _with_ticket(_outcome),
    "finish_all": _with_ticket(_finish_all),
    "undo": _undo,
}
