"""A command as an action has it: what it is given, what it returns, and what happens of its own accord."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from hall.errors import HallError
from server.clock import Doubt
from server.journal import Draft


@dataclass
class HallState:
    """The hall's row as the running group has it; written back once before the commit."""

    id: str
    epoch: str
    seq: int
    head: str
    day: date
    at: datetime
    layout_version: int
    due_at: datetime | None
    pooled: int

    def due(self, at: datetime) -> None:
        """Something will have to be done of its own accord at that moment."""
        if self.due_at is None or at < self.due_at:
            self.due_at = at


@dataclass
class Tx:
    """What an action works with: the connection, the hall and the command's moment."""

    connection: Connection
    hall: HallState
    now: datetime
    actor: str
    unwritten: Sequence[dict[str, Any]] = ()
    """The rows of the journal that the group has made so far and writes at its end."""
    doubt: Doubt | None = None
    """Why the machine's clock is not believed just now."""

    def trust_clock(self) -> None:
        """Refuses `clock_wrong` what must not happen at a moment that may be any other: a number, the end of a day."""
        if self.doubt is not None:
            raise HallError("clock_wrong", kind=self.doubt.kind, seconds=self.doubt.seconds)


@dataclass
class Done:
    """What an action answers and the events it leaves; no events means that nothing was written."""

    answer: Any
    events: list[Draft] = field(default_factory=list)


Action = Callable[[Tx], Done]
Offload = Callable[..., Any]


@dataclass(frozen=True)
class Days:
    """What happens of its own accord: the end of a business day, and what falls due within one."""

    is_over: Callable[[Tx], bool]
    end: Callable[[Tx], list[Draft]]
    do_due: Callable[[Tx], list[Draft]]
    """Called once the hall's `due_at` has come; sets the next."""
