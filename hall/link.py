"""A device's line home: HTTP requests that may be repeated, and a follower that keeps the board folded.

The only file of `hall` that touches the network. A request that got no answer is sent again with the same
`request_id`, so nothing happens twice. A follower connects again for ever and notices what it missed: events
carry a gapless `seq`, a gap is asked for (`since`), another `epoch` means a new snapshot.
"""

import queue
import random
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, Literal

import requests
import socketio
import structlog

from hall.board import Board, fold
from hall.errors import LinkDown, Refused
from hall.events import Event

SILENCE_SECONDS = 12.0
"""Ticks come every 5 s; a server that says nothing for longer is gone, whatever its socket pretends."""
LONGEST_BACK_OFF_SECONDS = 2.0
GAP_GRACE_SECONDS = 0.1
"""The client library hands each message to a thread of its own: two may swap places and none be lost."""

OnBoard = Callable[[Board, list[Event]], None]
OnLink = Callable[[bool], None]
OnMessage = Callable[[str, Any], None]

log = structlog.get_logger("hall.link")


class _Local(threading.local):
    session: requests.Session | None = None


class Link:
    """One hall of one server, with a token. Safe to use from several threads.

    A path is relative to /api/v1/halls/{hall}; one with a leading slash to /api/v1. `hall` None: the
    token's own. Raises LinkDown when the server did not answer, Refused when it answered with an error.
    """

    def __init__(
        self, server: str, token: str, hall: str | None = None, language: str = "zh-CN", timeout: float = 3
    ) -> None:
        self.server = server.rstrip("/")
        self.token = token
        self.language = language
        self.timeout = timeout
        self._hall = hall
        self._local = _Local()

    @property
    def hall(self) -> str:
        """The hall named, else the one the token is for: a token is good for one hall only."""
        if self._hall is None:
            self._hall = str(self.get("/session")["session"]["hall"])
        return self._hall

    def get(self, path: str, *, tries: int = 2, **query: Any) -> Any:
        wanted = {key: value for key, value in query.items() if value is not None}
        return self._ask("GET", path, tries, params=wanted)

    def post(self, path: str, *, tries: int = 2, **body: Any) -> Any:
        """The answer's JSON, None for 204. Every try carries the same `request_id`."""
        body.setdefault("request_id", str(uuid.uuid4()))
        return self._ask("POST", path, tries, json=body)

    def follow(
        self,
        on_board: OnBoard,
        on_link: OnLink | None = None,
        on_message: OnMessage | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> "Follower":
        """Calls back from one thread, in order; a callback must return soon. Started at once."""
        return Follower(self, on_board, on_link, on_message, silence_seconds)

    def _ask(self, method: str, path: str, tries: int, **what: Any) -> Any:
        url = f"{self.server}/api/v1" + (path if path.startswith("/") else f"/halls/{self.hall}/{path}")
        for left in reversed(range(tries)):
            try:
                return _answer(self._session().request(method, url, timeout=self.timeout, **what))
            except (requests.RequestException, LinkDown) as error:
                if not left:
                    raise LinkDown(f"{method} {url}: {error}") from error
                time.sleep(random.uniform(0.1, 0.3))
        raise ValueError("tries must be at least 1")

    def _session(self) -> requests.Session:
        """One a thread: sessions of `requests` are not made to be shared."""
        if self._local.session is None:
            self._local.session = session = requests.Session()
            # A machine's .netrc or proxy must not replace the token or lead away from the hall's network.
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {self.token}"
            session.headers["Accept-Language"] = self.language
        return self._local.session


def _answer(response: requests.Response) -> Any:
    if response.status_code == 204:
        return None
    if response.status_code in (502, 503, 504):
        raise LinkDown(f"HTTP {response.status_code}")
    try:
        body = response.json()
    except ValueError as error:
        raise LinkDown(f"HTTP {response.status_code}, not JSON") from error
    if response.ok:
        return body
    told = body.get("error", {}) if isinstance(body, dict) else {}
    raise Refused(response.status_code, told.get("code", "internal"), told.get("message", ""), told.get("details", {}))


class Follower:
    """The hall's board kept current in a background thread, over every interruption, until `stop()`."""

    def __init__(
        self,
        link: Link,
        on_board: OnBoard,
        on_link: OnLink | None = None,
        on_message: OnMessage | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.board: Board | None = None
        self.up = False
        self._link = link
        self._on_board = on_board
        self._on_link = on_link or (lambda up: None)
        self._on_message = on_message or (lambda name, data: None)
        self._silence_seconds = silence_seconds
        self._inbox: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._stopping = threading.Event()
        self._said_link: bool | None = None
        self._fresh = True
        """Whether a snapshot must come before any event is folded."""
        self._lost = False
        """Whether this connection spoke of another epoch: only a new one helps."""
        self._early: dict[int, Event] = {}
        self._gap_from: float | None = None
        self._thread = threading.Thread(target=self._run, name="hall-link", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._inbox.put(("stop", None))
        if threading.current_thread() is not self._thread:
            self._thread.join(1)

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            end: Literal["down", "resync"] = "down"
            client = socketio.Client(reconnection=False, handle_sigint=False, request_timeout=self._link.timeout)
            try:
                self._connect(client)
                end = self._listen(client)
            except (socketio.exceptions.SocketIOError, LinkDown, Refused, ValueError) as error:
                if self._said_link is not False:  # once an outage, not every two seconds of it
                    log.info("link.down", server=self._link.server, why=str(error))
            except Exception:  # this loop must never die: a screen runs for months untouched
                log.exception("link.broke", server=self._link.server)
            # Closing waits for the other side; a dead one must not hold us.
            threading.Thread(target=_close, args=(client,), daemon=True).start()
            failures = 0 if self.up else failures + 1
            self.up = False
            if end == "down" and not self._stopping.is_set():
                self._say_link(False)
            back_off = min(0.1 * 2 ** min(failures, 6), LONGEST_BACK_OFF_SECONDS)
            self._stopping.wait(back_off * random.uniform(0.5, 1))

    def _connect(self, client: socketio.Client) -> None:
        # A new inbox a connection: nothing said on an older one may come late.
        inbox = self._inbox = queue.Queue()
        client.on("*", lambda name, data=None: inbox.put((name, data)))
        client.on("disconnect", lambda reason=None: inbox.put(("disconnect", reason)))
        self._early, self._gap_from, self._lost = {}, None, False
        auth: dict[str, Any] = {"token": self._link.token, "hall": self._link.hall}
        if self.board is not None and not self._fresh:
            auth |= {"since": self.board["seq"], "epoch": self.board["epoch"]}
        client.connect(self._link.server, auth=auth, transports=["websocket"], wait_timeout=self._link.timeout)

    def _listen(self, client: socketio.Client) -> Literal["down", "resync"]:
        begun = heard = time.monotonic()
        while not self._stopping.is_set():
            try:
                name, data = self._inbox.get(timeout=GAP_GRACE_SECONDS if self._gap_from else 1)
            except queue.Empty:
                name, data = "nothing", None
            now = time.monotonic()
            if name in ("disconnect", "stop"):
                return "down"
            if name != "nothing":
                self._take(name, data)
                heard = now = time.monotonic()
            if self._lost:
                return "resync"
            if now - (begun if self._fresh else heard) > self._silence_seconds:
                return "down"
            if self._gap_from and now - self._gap_from >= GAP_GRACE_SECONDS:
                self._catch_up(client)
        return "down"

    def _take(self, name: str, data: Any) -> None:
        if name == "snapshot":
            self._fresh, self._gap_from, self.board = False, None, data
            self._on_board(data, [])
            self._apply([])
        elif name == "events":
            self._apply(data)
        else:
            if name == "tick":
                self._compare(data)
            self._on_message(name, data)
        if not self._fresh:
            self.up = True
            self._say_link(True)

    def _apply(self, events: list[Event]) -> None:
        """Folds what is next, keeps what is early (all of it before the snapshot), drops what is older."""
        self._early.update({event["seq"]: event for event in events})
        if self.board is None or self._fresh:
            return
        if any(event["epoch"] != self.board["epoch"] for event in events):
            self._lost = self._fresh = True
            return
        seq, epoch, done = self.board["seq"], self.board["epoch"], []
        self._early = {n: e for n, e in self._early.items() if n > seq and e["epoch"] == epoch}
        while (event := self._early.pop(self.board["seq"] + 1, None)) is not None:
            self.board = fold(self.board, event)
            done.append(event)
        self._gap_from = (self._gap_from or time.monotonic()) if self._early else None
        if done:
            self._on_board(self.board, done)

    def _compare(self, tick: dict[str, Any]) -> None:
        if self.board is None or self._fresh:
            return
        if tick["epoch"] != self.board["epoch"]:
            self._lost = self._fresh = True
        elif tick["seq"] != self.board["seq"]:
            self._gap_from = self._gap_from or time.monotonic()

    def _catch_up(self, client: socketio.Client) -> None:
        more = True
        while more and self.board is not None and not self._lost:
            answer = client.call("since", self.board["seq"], timeout=self._link.timeout)
            if answer["answer"] == "resync" or answer["epoch"] != self.board["epoch"]:
                self._lost = self._fresh = True
                return
            self._apply(answer.get("events") or [])
            more = bool(answer.get("more"))
        self._gap_from = time.monotonic() if self._early else None

    def _say_link(self, up: bool) -> None:
        if up != self._said_link:
            self._said_link = up
            self._on_link(up)


def _close(client: socketio.Client) -> None:
    try:
        client.disconnect()
    except Exception as error:  # the other side may be gone in any way at all
        log.debug("link.close", why=str(error))
