"""Notices to visitors who asked for them: the called and the next few, sent outside the hall's lock."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gevent
import structlog
from gevent.queue import Full, Queue
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from hall.errors import HallError
from hall.texts import say, text_in
from hall.words import TicketStatus
from server.access import write_line
from server.channels import Channel, Notice, NotSent, PushService
from server.db import Store
from server.layout.kept import hall_layout
from server.rows import TICKET, Row
from server.standing import Present, present
from server.tables.queue import tickets
from server.tables.visitors import subscriptions
from server.tracking import language_of, shown

log = structlog.get_logger(__name__)
LOOK_SECONDS = 1.0
MOST_WAITING = 1000
AT_ONCE = 4
PAUSES = (1.0, 5.0, 20.0)
"""After a failure that may pass; a notice half a minute late is worth nothing."""


@dataclass(frozen=True)
class Letter:
    hall: str
    ticket: str
    channel: str
    address: str
    notice: Notice


_OF_TICKET = [column.name for column in TICKET if column.name != "hall_id"]
_OPEN = (
    select(subscriptions, *(tickets.c[name] for name in _OF_TICKET))
    .join(tickets, (tickets.c.hall_id == subscriptions.c.hall_id) & (tickets.c.id == subscriptions.c.ticket_id))
    .where(
        subscriptions.c.hall_id == bindparam("hall"),
        tickets.c.status.in_((TicketStatus.WAITING.value, TicketStatus.CALLED.value)),
    )
)
_OWN = (
    subscriptions.c.hall_id == bindparam("key_hall"),
    subscriptions.c.ticket_id == bindparam("key_ticket"),
    subscriptions.c.channel == bindparam("key_channel"),
)
_TELL = (
    update(subscriptions)
    .where(*_OWN, subscriptions.c.told != bindparam("new"))
    .values(told=bindparam("new"))
    .returning(subscriptions.c.address)
)
_FORGET = delete(subscriptions).where(*_OWN)


class Notices:
    """`channels`: those switched on; without any nothing is looked at, kept or sent."""

    def __init__(
        self, store: Store, channels: dict[str, Channel] | None = None, soon: int = 3, public_url: str | None = None
    ) -> None:
        self.store = store
        self.channels = channels or {}
        self.soon = soon
        self.public_url = (public_url or "").rstrip("/")
        self._queue: Queue[Letter] = Queue(MOST_WAITING)
        self._stirred: set[str] = set()
        self._busy: set[str] = set()

    @property
    def push_key(self) -> str | None:
        push = self.channels.get("webpush")
        return push.public_key if isinstance(push, PushService) else None

    def start(self) -> None:
        """Begins to send; `committed` listens to the store from then on."""
        if self.channels:
            self.store.listeners.append(self.committed)
            for _ in range(AT_ONCE):
                gevent.spawn(self._send_all)

    def subscribe(self, ticket: Row, channel: str, address: str | None) -> None:
        """Keeps where a visitor wants to be told, until the day ends; None takes it back.

        What was told stays told: one ticket leads to no more than its few notices, whatever addresses it is given.
        """
        way = self.channels.get(channel)
        if way is None:
            raise HallError("not_found", what="channel", id=channel)
        if address is not None and not way.takes(address):
            raise HallError("bad_body", field="address", expected=f"an address for {channel}")
        self.store.write(partial(_keep, ticket=ticket, channel=channel, address=address))
        self.committed(ticket["hall_id"], 0)

    def committed(self, hall: str, _seq: int) -> None:
        """Something happened in the hall: within a second it is seen whom to tell."""
        self._stirred.add(hall)
        if hall not in self._busy:
            self._busy.add(hall)
            gevent.spawn(self._look, hall)

    def _look(self, hall: str) -> None:
        try:
            while hall in self._stirred:
                self._stirred.discard(hall)
                self._tell(hall)
                gevent.sleep(LOOK_SECONDS)
        except Exception:  # the next commit looks again
            log.exception("notices_not_looked_for", hall=hall)
        finally:
            self._busy.discard(hall)

    def _tell(self, hall: str) -> None:
        """Marks as told and hands over in that order: told twice is worse than once not."""
        for row, new, notice in self.store.read(partial(self._to_tell, hall=hall)):
            key = {"key_hall": hall, "key_ticket": row["ticket_id"], "key_channel": row["channel"], "new": new}
            address = self.store.write(partial(_told, key=key))
            if address is not None and notice is not None:
                self._hand_over(Letter(hall, row["ticket_id"], row["channel"], address, notice))

    def _to_tell(self, connection: Connection, hall: str) -> list[tuple[Row, str, Notice | None]]:
        """[(subscription, what it is told now, the notice)]; one called again after a wait is told again."""
        layout = hall_layout(connection, hall)
        assert layout is not None
        here = present(connection, layout)
        found: list[tuple[Row, str, Notice | None]] = []
        for row in (dict(one._mapping) for one in connection.execute(_OPEN, {"hall": hall})):
            if row["status"] == TicketStatus.CALLED:
                if row["told"] != "called":
                    found.append((row, "called", self._notice(here, row, "called")))
            elif row["told"] == "called":
                found.append((row, "soon", None))
            elif row["told"] == "" and row["parked"] is None:
                notice = self._notice(here, row, "soon")
                if notice.ahead < self.soon:
                    found.append((row, "soon", notice))
        return found

    def _notice(self, here: Present, row: Row, kind: str) -> Notice:
        told = shown(here, row, self.store.clock.now())
        language, hall = language_of(row), text_in(here.layout.name, language_of(row))
        values = {"hall": hall, "number": row["number"], "zone": told["zone"], "window": told["place"]}
        ahead = told["ahead"] or 0
        text = say(language, f"phone.notice_{kind}", n=ahead, **values)
        return Notice(kind=kind, ahead=ahead, text=text, url=f"{self.public_url}/t/{row['track_code']}", **values)

    def _hand_over(self, letter: Letter) -> None:
        try:
            self._queue.put_nowait(letter)
        except Full:
            self._failed(letter, "the queue is full")

    def _send_all(self) -> None:
        while True:
            letter = self._queue.get()
            try:
                self._send(letter)
            except Exception as error:  # whatever a gateway answers, the next letter goes out
                log.exception("notice_failed", channel=letter.channel)
                self._failed(letter, type(error).__name__)

    def _send(self, letter: Letter) -> None:
        for pause in (*PAUSES, None):
            try:
                self.channels[letter.channel].send(letter.address, letter.notice)
                return
            except NotSent as error:
                if error.gone:
                    self.store.write(partial(_forget, letter=letter))
                if pause is None or not error.again:
                    self._failed(letter, str(error))
                    return
                gevent.sleep(pause)

    def _failed(self, letter: Letter, words: str) -> None:
        """Into the access log, without the address."""
        detail, now = f"{letter.channel} {letter.notice.kind} {letter.notice.number}: {words}", self.store.clock.now()
        self.store.write(lambda connection: write_line(connection, now, "notice_failed", None, detail, letter.hall))


def _keep(connection: Connection, ticket: Row, channel: str, address: str | None) -> None:
    key = {"key_hall": ticket["hall_id"], "key_ticket": ticket["id"], "key_channel": channel}
    if address is None:
        connection.execute(_FORGET, key)
        return
    changed = update(subscriptions).where(*_OWN).values(address=bindparam("given"))
    if connection.execute(changed, {**key, "given": address}).rowcount == 0:
        row: dict[str, Any] = {"hall_id": ticket["hall_id"], "ticket_id": ticket["id"], "channel": channel}
        connection.execute(insert(subscriptions), {**row, "address": address, "told": ""})


def _told(connection: Connection, key: dict[str, str]) -> str | None:
    return connection.execute(_TELL, key).scalar()


def _forget(connection: Connection, letter: Letter) -> None:
    connection.execute(_FORGET, {"key_hall": letter.hall, "key_ticket": letter.ticket, "key_channel": letter.channel})
