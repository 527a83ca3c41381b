"""The story of a ticket: each event of its journal as one sentence that people can read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hall.events import Event
from hall.texts import catalogue, say
from hall.words import TICKET_MOVES, UNFINISHED, TicketStatus

Ticket = Mapping[str, Any]
Sentence = dict[str, Any]
"""{at, type, text, by}: when, the event's type, what happened, who did it."""


@dataclass(frozen=True)
class Names:
    """What a hall's things are called in one language, and its clock."""

    language: str
    time_zone: ZoneInfo
    lines: Mapping[str, str]
    matters: Mapping[str, str]
    windows: Mapping[str, str]
    people: Mapping[str, str]
    """Devices and clerks by the id of their token."""

    def say(self, key: str, /, **values: Any) -> str:
        return say(self.language, f"story.{key}", **values)

    def coded(self, domains: Iterable[str], code: str | None) -> str:
        """The words of a code from the first domain that has them; a text of one's own stands as it is."""
        for domain in domains:
            if f"{domain}_{code}" in catalogue(self.language, domain.split(".")[0]):
                return say(self.language, f"{domain}_{code}")
        return code or ""

    def clock(self, at: str) -> str:
        return f"{datetime.fromisoformat(at).astimezone(self.time_zone):%H:%M}"

    def window(self, key: str | None) -> str:
        return self.say("window", name=self.windows.get(key or "", key or ""))

    def line(self, ticket: Ticket) -> str:
        line, matter = self.lines.get(ticket["line"], ticket["line"]), ticket.get("matter")
        return f"{line} · {self.matters.get(matter, matter)}" if matter else line


def story(events: Iterable[Event], names: Names) -> list[Sentence]:
    """The sentences of a ticket's events, in their order; what has no words for people is left out."""
    told: list[Sentence] = []
    before: Ticket | None = None
    for event in events:
        text = sentence(event, before, names)
        if text:
            by = event["data"].get("by")
            told.append({"at": event["at"], "type": event["type"], "text": text, "by": by})
        before = event.get("ticket", before)
    return told


def sentence(event: Event, before: Ticket | None, names: Names) -> str | None:
    """One event in words; `before`: the ticket as the event before it left it."""
    words = _WORDS.get(event["type"])
    return None if words is None else words(event, event["ticket"], before or event["ticket"], names)


def moves_now(ticket: Ticket) -> list[str]:
    """What the guide desk may do for a ticket as it stands, by the names of its keys."""
    status = TicketStatus(ticket["status"])
    moves = [key for key, move in _DESK_MOVES.items() if status in TICKET_MOVES[move]]
    if status == TicketStatus.NO_SHOW and ticket.get("reinstated_at"):
        moves.remove("reinstate")
    if status != TicketStatus.WAITING and "transfer" in moves:  # once called it is its clerk's to send
        moves.remove("transfer")
    return [*moves, "reprint"] if status in UNFINISHED else moves


_DESK_MOVES = {
    "reinstate": "reinstate",
    "class": "change",
    "guide": "change",
    "transfer": "transfer",
    "cancel": "cancel",
}


def _issued(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    data = event["data"]
    parts = [names.say("issued", number=ticket["number"], line=names.line(ticket))]
    if ticket.get("remote"):
        parts.append(names.say("issued_remote"))
    if ticket.get("offline"):
        parts.append(names.say("issued_offline"))
    if ticket.get("count", 1) > 1:
        parts.append(names.say("issued_count", n=ticket["count"]))
    if ticket["class"] != "ordinary":
        parts.append(_class(ticket, data, names))
    return names.say("comma").join(parts)


def _class(ticket: Ticket, data: Mapping[str, Any], names: Names) -> str:
    """The class it is served in now, and what was shown for it."""
    told = names.say(f"class_{ticket['class']}")
    if not data.get("proof"):
        return told
    proof = names.say(f"proof_{data['proof']}")
    shown = names.say("bracket", what=proof, more=data["words"]) if data.get("words") else proof
    return names.say("class_proof", told=told, proof=shown)


def _called(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    since = datetime.fromisoformat(ticket["queued_at"])
    minutes = int((datetime.fromisoformat(event["at"]) - since).total_seconds() // 60)
    text = names.say("called", window=names.window(ticket["window"]), n=minutes)
    return _with_reason(text, event, names)


def _recalled(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    return names.say("recalled", window=names.window(ticket["window"]), n=ticket["calls"])


def _completed(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    outcome = names.coded(["server.outcome"], ticket.get("outcome"))
    key = "completed_as" if outcome else "completed"
    return names.say(key, window=names.window(ticket["window"]), outcome=outcome)


def _missed(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    return _at("missed_automatic" if event["data"].get("automatic") else "missed")(event, ticket, before, names)


def _held(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    text = _with_reason(_at("held")(event, ticket, before, names), event, names)
    back = ticket.get("return_at")
    return text + names.say("comma") + names.say("held_until", at=names.clock(back)) if back else text


def _transferred(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    kind, _, key = (ticket.get("pool") or "").partition(":")
    if kind == "w":
        place = names.window(key)
    elif kind == "c":
        place = names.say("clerk", name=names.people.get(key, key))
    else:
        place = names.line(ticket)
    why = event["data"].get("because")
    known = why in ("back", "route", "count", "suspended")
    return _with_reason(names.say(f"transferred_{why}" if known else "transferred", place=place), event, names)


def _reinstated(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    return _with_reason(_at("reinstated")(event, ticket, before, names), event, names)


def _undone(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    return names.say(f"undone_{event['data']['undone']}")


def _changed(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    parts = []
    if ticket["class"] != before["class"]:
        parts.append(_class(ticket, event["data"], names))
    if bool(ticket.get("guide")) != bool(before.get("guide")):
        parts.append(names.say("guide_wanted" if ticket.get("guide") else "guide_not_wanted"))
    if before.get("pool") and not ticket.get("pool"):
        parts.append(names.say("unpooled", line=names.line(ticket)))
    if ticket.get("parked") != before.get("parked"):
        parts.append(_parked(ticket, before, names))
    return names.say("comma").join(parts) or _with_reason(names.say("changed"), event, names)


def _parked(ticket: Ticket, before: Ticket, names: Names) -> str:
    if ticket.get("parked") == "late" and ticket.get("return_at"):
        return names.say("parked_late", at=names.clock(ticket["return_at"]))
    return names.say(f"parked_{ticket['parked']}" if ticket.get("parked") else f"unparked_{before.get('parked')}")


def _cancelled(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
    if event["data"].get("reason") == "visitor":
        return names.say("cancelled_visitor")
    return _with_reason(names.say("cancelled"), event, names)


def _with_reason(text: str, event: Event, names: Names) -> str:
    reason = names.coded(
        ["story.reason", "caller.reason", "caller.pause", "caller.hold", "server.suspended"],
        event["data"].get("reason"),
    )
    return names.say("with_reason", text=text, reason=reason) if reason else text


_Words = Callable[[Event, Ticket, Ticket, Names], str]


def _at(key: str) -> _Words:
    """What happened at a window: the one it is at, or was at before."""

    def words(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
        return names.say(key, window=names.window(ticket["window"] or before["window"]), line=names.line(ticket))

    return words


def _slip(key: str) -> _Words:
    def words(event: Event, ticket: Ticket, before: Ticket, names: Names) -> str:
        data = event["data"]
        device = names.people.get(data.get("device"), data.get("device") or "")
        reason = names.coded(["printers.reason", "story.printing"], data.get("reason"))
        return names.say(f"{key}_again" if data.get("reprint") else key, device=device, reason=reason)

    return words


_WORDS: dict[str, _Words] = {
    "ticket.issued": _issued,
    "ticket.called": _called,
    "ticket.recalled": _recalled,
    "ticket.started": _at("started"),
    "ticket.completed": _completed,
    "ticket.missed": _missed,
    "ticket.held": _held,
    "ticket.resumed": _at("resumed"),
    "ticket.returned": _at("returned"),
    "ticket.transferred": _transferred,
    "ticket.matter_changed": _at("matter_changed"),
    "ticket.reinstated": _reinstated,
    "ticket.undone": _undone,
    "ticket.changed": _changed,
    "ticket.cancelled": _cancelled,
    "ticket.expired": _at("expired"),
    "slip.requested": _slip("slip_requested"),
    "slip.printed": _slip("slip_printed"),
    "slip.failed": _slip("slip_failed"),
    "slip.dismissed": _slip("slip_dismissed"),
}
