"""What a key can mean: commands, a question of one key, words to type, one of a list to pick, or a calm word."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

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
class Say:
    """A calm word; nothing is sent."""

    message: str
    values: JsonDict


@dataclass(frozen=True)
class Ask:
    """One question, answered by one key (`enter` or a letter or digit); `esc` always goes back."""

    question: str
    values: JsonDict
    answers: Mapping[str, "Meaning"]
    labels: Mapping[str, str] = field(default_factory=dict)
    """Names of answers that are no texts of ours."""
    warning: Say | None = None
    typing: str = ""
    """Words are typed instead: they fill this field of the last command of `then`."""
    picking: str = ""
    """One of this list (picking.py) is picked instead: its body goes into the last command of `then`."""
    then: "Meaning | None" = None


Meaning = Send | Ask | Say


def send(verb: str, **body: Any) -> Send:
    return Send((Step(verb, body),))


def type_in(question: str, values: JsonDict, into: str, then: Meaning) -> Ask:
    return Ask(question, values, {}, typing=into, then=then)


def pick(question: str, values: JsonDict, of: str, then: Meaning) -> Ask:
    return Ask(question, values, {}, picking=of, then=then)


def filled(meant: Meaning, body: JsonDict, values: JsonDict) -> Meaning:
    """The same meaning with `body` in its last command and `values` in its words, however deep it asks."""
    if isinstance(meant, Send):
        *first, last = meant.steps
        return Send((*first, Step(last.verb, {**last.body, **body})))
    if isinstance(meant, Say):
        return Say(meant.message, {**meant.values, **values})
    answers = {key: filled(answer, body, values) for key, answer in meant.answers.items()}
    then = meant.then and filled(meant.then, body, values)
    return replace(meant, values={**meant.values, **values}, answers=answers, then=then)


@dataclass(frozen=True)
class View:
    """What the clerk's own window looks like now, as `GET windows` answers it, and the hall's rules."""

    window: JsonDict
    rules: JsonDict
    now: datetime
    lunch_until: str | None = None
    held: tuple[JsonDict, ...] = ()
    """Set aside by this clerk or at this window."""
    outcomes: tuple[JsonDict, ...] = ()
    """{id, name} each."""
    last_for: str = ""
    """The names of the lines that only this window serves, while anybody may come for them."""

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
