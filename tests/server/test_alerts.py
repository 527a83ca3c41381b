"""Alerts about devices, to a real small HTTP server and a real small mail server: once, together, never in a storm."""

import hashlib
import hmac
import json
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from hall.settings import Alerts as Settings
from hall.settings import Email
from hall.texts import say
from hall.words import Role
from server.auth import keep_token
from server.db import Store
from server.devices.alerts import Alert, Alerts, open_ways
from server.devices.heartbeats import Heartbeats
from server.devices.states import Moment
from server.people import Principal
from server.tables.journal import access_log
from tests.server.trial import Trial

WAIT_SECONDS = 30
PAPER = {"part": "printer", "state": "fault", "code": "paper_out", "id": "", "detail": "", "facts": {}}


class Webhook(ThreadingHTTPServer):
    """Keeps what it was sent; `answers` are given first, one a request, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.heard: list[tuple[dict[str, Any], str, bytes]] = []
        self.answers: list[int] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook"


class _Hook(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((json.loads(body), self.headers.get("X-Hallcall-Signature", ""), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a sender needs; `mails` are what came."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[Any] = []
        self.refuse = False
        self.port = self.server_address[1]


class _Mail(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.say("220 small")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "DATA" and not self.server.refuse:
                self.say("354 go on")
                self.server.mails.append(message_from_bytes(self.text(), policy=policy.default))
                self.say("250 kept")
            elif verb == "DATA":
                self.say("451 not now")
            else:
                self.say("221 bye" if verb == "QUIT" else "250 small")

    def text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    yield from _running(Webhook())


@pytest.fixture
def mail() -> Iterator[MailServer]:
    yield from _running(MailServer())


def _running(server: Any) -> Iterator[Any]:
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


class AtOnce(Alerts):
    """Sends while it looks: the tests wait for nothing."""

    def _tell(self, alert: Alert) -> None:
        for name in self.ways:
            self.send(name, alert)


class Watched:
    """A hall's devices, a clock set by hand, and what was told of them: [(subject, text)]."""

    def __init__(self, trial: Trial, settings: Settings | None = None, ways: Any = None) -> None:
        self.trial, self.store = trial, trial.store
        self.heartbeats = Heartbeats(self.store)
        self.told: list[Any] = []
        self.alerts = self.other_process(settings or Settings(after_seconds=30), ways)
        self.devices: dict[str, Principal] = {}

    def other_process(self, settings: Settings, ways: Any = None) -> Alerts:
        ways = ways or {"told": self.told.append}
        return AtOnce(self.store, [self.trial.hall], settings, self.moment, ways, pauses=(0.01, 0.01))

    def moment(self) -> Moment:
        return Moment(self.trial.clock, self.trial.clock.now(), began=self.heartbeats.began)

    def device(self, name: str) -> Principal:
        if name not in self.devices:
            made = lambda connection: keep_token(  # noqa: E731
                connection, f"secret {self.trial.hall} {name}", self.trial.hall, Role.KIOSK, None, name,
                self.trial.clock.now(),
            )  # fmt: skip
            self.devices[name] = Principal(self.store.write(made), self.trial.hall, Role.KIOSK, name)
        return self.devices[name]

    def beat(self, name: str, *conditions: dict[str, Any]) -> None:
        said = {"version": "1", "at": self.trial.clock.now(), "conditions": list(conditions), "can": []}
        empty = dict.fromkeys(("drift_seconds", "seq", "epoch", "last_error"))
        self.heartbeats.take(self.device(name), {**empty, **said})
        self.heartbeats.write()

    def go_on(self, seconds: int, step: int = 10, /, **said: list[dict[str, Any]]) -> None:
        """Time passes in steps, with a heartbeat of each named device and a look in each."""
        for _ in range(seconds // step):
            self.trial.clock.forward(seconds=step)
            for name, conditions in said.items():
                self.beat(name, *conditions)
            self.alerts.look()


@pytest.fixture
def watched(trial: Trial) -> Watched:
    return Watched(trial)


def test_devices_that_turn_red_are_told_together_and_once_with_what_to_do(watched: Watched) -> None:
    watched.go_on(20, 一楼=[PAPER], 二楼=[PAPER], 三楼=[])
    assert watched.told == [], "not before it has lasted"
    watched.go_on(60, 一楼=[PAPER], 二楼=[PAPER], 三楼=[])
    [alert] = watched.told
    assert alert.subject == "【试验大厅】2台设备需要处理"
    todo = say("zh-CN", "devices.printer.paper_out.remedy")
    assert sorted(alert.text.splitlines()) == [f"■ {name}：打印机缺纸。{todo}" for name in ("一楼", "二楼")]
    assert {one["name"] for one in alert.devices} == {"一楼", "二楼"}


def test_recovery_is_told_once_and_not_within_ten_minutes_of_the_fault(watched: Watched) -> None:
    watched.go_on(60, 一楼=[PAPER])
    watched.go_on(500, 50, 一楼=[])
    assert len(watched.told) == 1
    watched.go_on(200, 50, 一楼=[])
    assert [one.subject for one in watched.told][1:] == ["【试验大厅】1台设备已恢复"]
    watched.go_on(900, 50, 一楼=[])
    assert len(watched.told) == 2


def test_a_device_that_flaps_makes_no_storm(watched: Watched) -> None:
    for _ in range(16):
        watched.go_on(80, 40, 一楼=[PAPER])
        watched.go_on(80, 40, 一楼=[])
    assert 2 <= len(watched.told) <= 16 * 160 // 600 + 1


def test_a_silent_device_is_told_in_opening_hours_only(watched: Watched) -> None:
    watched.beat("一楼")
    watched.go_on(60)
    assert watched.told == []
    watched.go_on(60)
    [alert] = watched.told
    assert say("zh-CN", "devices.link.down") in alert.text
    watched.go_on(700, 50, 一楼=[])
    watched.trial.clock.set("2026-11-23T22:00:00+08:00")
    watched.go_on(300, 50)
    assert len(watched.told) == 2, "at night a device may be switched off"


def test_two_processes_tell_it_once(watched: Watched) -> None:
    other = watched.other_process(Settings(after_seconds=30))
    for _ in range(12):
        watched.go_on(10, 一楼=[PAPER])
        other.look()
    assert len(watched.told) == 1


def test_the_webhook_gets_it_signed_and_once_more_when_it_failed(trial: Trial, webhook: Webhook) -> None:
    ways = open_ways(Settings(webhook=webhook.url), {"HALLCALL_ALERT_SECRET": "s3cret"})
    watched = Watched(trial, ways=ways)
    webhook.answers = [500, 503]
    watched.go_on(60, 一楼=[PAPER])
    assert len(webhook.heard) == 3
    said, signature, body = webhook.heard[-1]
    assert signature == "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    assert said["msgtype"] == "text" and "一楼" in said["text"]["content"]
    assert said["devices"][0]["wrong"] == [{"part": "printer", "id": "", "code": "paper_out", "state": "fault"}]


def by_mail(mail: MailServer) -> Any:
    email = {"to": ["it@hall.example"], "from": "hall@hall.example", "host": "127.0.0.1", "port": mail.port}
    return open_ways(Settings(email=Email.model_validate(email)), {})


def test_a_mail_says_it_in_words(trial: Trial, mail: MailServer) -> None:
    watched = Watched(trial, ways=by_mail(mail))
    watched.go_on(60, 一楼=[PAPER])
    [told] = mail.mails
    assert (told["To"], told["From"]) == ("it@hall.example", "hall@hall.example")
    assert told["Subject"] == "【试验大厅】1台设备需要处理"
    assert "打印机缺纸" in told.get_content()


def test_a_mail_not_sent_stands_in_the_access_log_and_holds_nothing_up(trial: Trial, mail: MailServer) -> None:
    mail.refuse = True
    watched = Watched(trial, ways=by_mail(mail))
    watched.go_on(60, 一楼=[PAPER])
    assert trial.issue()["number"] == "A001"
    assert "email" in failed_alerts(watched.store, trial.hall)[0]


def failed_alerts(store: Store, hall: str) -> list[str]:
    found = select(access_log.c.detail).where(access_log.c.hall_id == hall, access_log.c.what == "alert_failed")
    return list(store.read(lambda connection: connection.execute(found).scalars().all()))
