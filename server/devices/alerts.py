"""Tells the operator by webhook and e-mail of devices that turn red and of those that are well again.

Looked at and sent outside every command: no call waits for a mail server. Each change is told once, all of a moment
together, and of one device at most one message in ten minutes, however it flaps. Several processes look; the database
lets one of them tell.
"""

import hashlib
import hmac
import json
import os
import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import Any

import gevent
import requests
import structlog
from gevent.queue import Full, Queue
from sqlalchemy import Connection, update

from hall.settings import Alerts as AlertSettings
from hall.settings import Email
from hall.texts import DEFAULT, catalogue, say, text_in
from server.access import write_line
from server.db import Store
from server.devices.states import Device, Moment, device_states
from server.journal import iso
from server.queries import known_layout
from server.tables.devices import devices

log = structlog.get_logger(__name__)
LOOK_SECONDS = 5.0
QUIET_SECONDS = 600
SECONDS = 10
MOST_WAITING = 100
PAUSES = (2.0, 10.0, 60.0)
"""Between tries; a mail server that greylists takes the last."""
WELL = ("ok", "warning")


@dataclass(frozen=True, slots=True)
class Alert:
    """One message: devices of one hall that turned red, and that are well again."""

    hall: str
    at: str
    subject: str
    text: str
    devices: list[dict[str, Any]]

    def as_json(self) -> bytes:
        """As group robots of WeCom and DingTalk take it too; the rest is for programs."""
        said = {"msgtype": "text", "text": {"content": f"{self.subject}\n{self.text}"}}
        return json.dumps({**said, "hall": self.hall, "at": self.at, "devices": self.devices}).encode()


class NotSent(Exception):
    """What stood in the way, without addresses or secrets."""


Way = Callable[[Alert], None]


def open_ways(settings: AlertSettings, environment: Mapping[str, str] = os.environ) -> dict[str, Way]:
    """The ways that are switched on; their secrets come from the environment."""
    ways: dict[str, Way] = {}
    if settings.webhook:
        ways["webhook"] = partial(_post, settings.webhook, environment.get("HALLCALL_ALERT_SECRET", ""))
    if settings.email:
        ways["email"] = partial(_mail, settings.email, environment.get("HALLCALL_SMTP_PASSWORD", ""))
    return ways


class Alerts:
    """`moment`: by which devices are judged. Nothing is looked at where no way is named."""

    def __init__(
        self,
        store: Store,
        halls: list[str],
        settings: AlertSettings,
        moment: Callable[[], Moment],
        ways: dict[str, Way] | None = None,
        page: str | None = None,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self.store = store
        self.halls = halls
        self.after_seconds = settings.after_seconds
        self.ways = open_ways(settings) if ways is None else ways
        self.page = page
        self._moment = moment
        self._pauses = pauses
        self._since: dict[str, tuple[str, Any]] = {}
        self._queues: dict[str, Queue[Alert]] = {name: Queue(MOST_WAITING) for name in self.ways}

    def start(self) -> None:
        if self.ways:
            gevent.spawn(self._keep_looking)
        for name in self.ways:
            gevent.spawn(self._send_all, name)

    def _keep_looking(self) -> None:
        while True:
            gevent.sleep(LOOK_SECONDS)
            try:
                self.look()
            except Exception:  # a database that is away comes back
                log.exception("alerts_not_looked")

    def look(self) -> None:
        """One look at every hall; what is new goes on its way."""
        for hall in self.halls:
            moment = self._moment()
            found = self.store.read(partial(device_states, hall=hall, moment=moment))
            due = {one.id: new for one in found if (new := self._due(one, moment)) is not None}
            if due and (claimed := self.store.write(partial(_claim, hall=hall, due=due, moment=moment))):
                self._tell(self._alert(hall, [one for one in found if one.id in claimed], moment))

    def _due(self, device: Device, moment: Moment) -> str | None:
        """What is to be told of a device now: `red`, `` for well again, None for nothing."""
        new = "red" if device.red else "" if device.state in WELL else device.told
        began = self._since.get(device.id)
        if began is None or began[0] != new:
            self._since[device.id] = began = (new, moment.now)
        if new == device.told or moment.seconds_since(began[1]) < self.after_seconds:
            return None
        if device.told_at is not None and moment.seconds_since(device.told_at) < QUIET_SECONDS:
            return None
        return new

    def _alert(self, hall: str, changed: list[Device], moment: Moment) -> Alert:
        name = text_in(self.store.read(partial(known_layout, hall=hall)).name, DEFAULT)
        red, well = [one for one in changed if one.red], [one for one in changed if not one.red]
        subject = say(
            DEFAULT, "device_page.alert_red" if red else "device_page.alert_well", hall=name, n=len(red or well)
        )
        lines = [_line(one) for one in (*red, *well)]
        link = [self.page] if self.page else []
        return Alert(
            hall, iso(moment.now), subject, "\n".join([*lines, *link]), [_for_programs(one) for one in changed]
        )

    def _tell(self, alert: Alert) -> None:
        log.info("alert", hall=alert.hall, subject=alert.subject)
        for name, queue in self._queues.items():
            try:
                queue.put_nowait(alert)
            except Full:
                self._failed(name, alert, "too many wait")

    def _send_all(self, name: str) -> None:
        while True:
            alert = self._queues[name].get()
            try:
                self.send(name, alert)
            except Exception as error:  # whatever a mail server says, the next alert goes out
                log.exception("alert_broke", way=name)
                self._failed(name, alert, type(error).__name__)

    def send(self, name: str, alert: Alert) -> None:
        for pause in (*self._pauses, None):
            try:
                self.ways[name](alert)
                return
            except NotSent as error:
                if pause is None:
                    self._failed(name, alert, str(error))
                    return
                gevent.sleep(pause)

    def _failed(self, name: str, alert: Alert, words: str) -> None:
        detail, now = f"{name}: {alert.subject}: {words}", self.store.clock.now()
        log.warning("alert_failed", way=name, why=words)
        self.store.write(lambda connection: write_line(connection, now, "alert_failed", None, detail, alert.hall))


def _claim(connection: Connection, hall: str, due: dict[str, str], moment: Moment) -> set[str]:
    """The devices of which it is ours to tell: no other process has."""
    own = devices.c.hall_id == hall
    told = update(devices).values(told_at=moment.now)
    return {
        device
        for device, new in due.items()
        if connection.execute(told.where(own, devices.c.id == device, devices.c.told != new).values(told=new)).rowcount
    }


def _line(device: Device) -> str:
    """One device in words: what is wrong and what to do."""
    if not device.red:
        return say(DEFAULT, "device_page.alert_line_well", name=device.name)
    wrong = [one for one in device.wrong if one.state == "fault"] or device.wrong
    words = "".join(_words(one.part, one.code, one.facts) for one in wrong)
    return say(DEFAULT, "device_page.alert_line_red", name=device.name, words=words)


def _words(part: str, code: str, facts: dict[str, Any]) -> str:
    key = f"devices.{part}.{code}"
    if key not in catalogue(DEFAULT, "devices"):
        return f"{part}.{code}"
    return say(
        DEFAULT,
        "device_page.alert_words",
        wrong=say(DEFAULT, key, **facts),
        remedy=say(DEFAULT, f"{key}.remedy", **facts),
    )


def _for_programs(device: Device) -> dict[str, Any]:
    wrong = [{"part": one.part, "id": one.id, "code": one.code, "state": one.state} for one in device.wrong]
    return {"id": device.id, "name": device.name, "kind": device.kind, "state": device.state, "wrong": wrong}


def _post(url: str, secret: str, alert: Alert) -> None:
    """Never follows a redirect. With a secret the body is signed, so that its reader knows who wrote it."""
    body, headers = alert.as_json(), {"Content-Type": "application/json"}
    if secret:
        headers["X-Hallcall-Signature"] = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        raise NotSent(type(error).__name__) from None
    if answer.status_code >= 300:
        raise NotSent(f"HTTP {answer.status_code}")


def _mail(settings: Email, password: str, alert: Alert) -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = alert.subject, settings.sender, ", ".join(settings.to)
    message.set_content(alert.text)
    kind = smtplib.SMTP_SSL if settings.security == "tls" else smtplib.SMTP
    try:
        with kind(settings.host, settings.port, timeout=SECONDS) as server:
            if settings.security == "starttls":
                server.starttls()
            if settings.user:
                server.login(settings.user, password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(type(error).__name__) from None
