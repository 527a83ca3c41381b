"""Socket.IO: who may connect to which hall, and the `since` a client asks."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import request, session
from flask_socketio import ConnectionRefusedError, SocketIO, join_room
from gevent.queue import JoinableQueue

from hall.errors import HallError
from server.auth import Gate
from server.devices.watch import SESSION
from server.limits import Limit
from server.people import Principal
from server.push import PAGE, Push
from server.rows import Row
from server.tracking import tracked_ticket

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Outbox(JoinableQueue):  # type: ignore[misc]
    """What a polling client has yet to fetch. One that says nonsense and never fetches is not waited for: without an
    end to it each such stranger would hold a connection of the server's for ever."""

    def join(self, timeout: float | None = 1) -> bool:
        return bool(super().join(timeout))


class Unshaken:
    """Ends the connection of who sends what is no packet at all; the library lets that error through to the server.

    Flask answers every error of a route itself: what comes through here is never ours.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            return self.app(environ, start_response)
        except (ValueError, RecursionError):
            return []


_Connected = dict[str, tuple[Principal, str]]


def add_handlers(sockets: SocketIO, gate: Gate, push: Push, misses: Limit) -> None:
    connected: _Connected = {}
    sockets.server.eio.create_queue = Outbox
    sockets.server._handle_event = partial(_only_events, sockets.server._handle_event)

    def connect(auth: Any = None) -> None:
        asked = auth if isinstance(auth, dict) else {}
        if "track" in asked:
            return push.welcome_phone(request.sid, _ticket(push, misses, asked["track"]))  # type: ignore[attr-defined]
        who = _who(gate, asked)
        try:
            gate.check_event("connect", who)
        except HallError as error:
            raise ConnectionRefusedError({"code": error.code}) from None
        assert who is not None
        hall = asked.get("hall") or who.hall
        if hall != who.hall:
            raise ConnectionRefusedError({"code": "not_allowed"})
        if who.session:
            join_room(f"{SESSION}{who.session}")
        since, epoch = asked.get("since"), asked.get("epoch")
        connected[request.sid] = (who, hall)  # type: ignore[attr-defined]
        push.welcome(
            request.sid,  # type: ignore[attr-defined]
            who,
            hall,
            since if _is_seq(since) else None,
            epoch if isinstance(epoch, str) else None,
        )

        return None

    def disconnect(_reason: Any = None) -> None:
        push.phones.leave(request.sid)  # type: ignore[attr-defined]
        connected.pop(request.sid, None)  # type: ignore[attr-defined]

    def since(seq: Any = None, epoch: Any = None, *_more: Any) -> dict[str, Any]:
        if request.sid not in connected:  # type: ignore[attr-defined]
            return {"error": {"code": "not_allowed", "message": "", "details": {}}}
        who, hall = connected[request.sid]  # type: ignore[attr-defined]
        try:
            gate.check_event("since", who)
        except HallError as error:
            return {"error": {"code": error.code, "message": "", "details": {}}}
        if isinstance(seq, dict):
            seq, epoch = seq.get("since"), seq.get("epoch")
        if not _is_seq(seq):
            return {"error": {"code": "bad_body", "message": "since", "details": {"field": "since"}}}
        return push.since(hall, seq, epoch if isinstance(epoch, str) else None, PAGE, who.staff)

    sockets.on_event("connect", connect)
    sockets.on_event("disconnect", disconnect)
    sockets.on_event("since", since)


def _only_events(handle: Callable[..., None], eio_sid: str, namespace: str | None, key: Any, data: Any) -> None:
    """Nobody connects or disconnects by saying so in an event, as the library would let them; a name is a text."""
    if isinstance(data, list) and data and isinstance(data[0], str) and data[0] not in ("connect", "disconnect"):
        handle(eio_sid, namespace, key, data)


def _is_seq(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _ticket(push: Push, misses: Limit, code: Any) -> Row:
    """The ticket of a phone's code; a wrong one is refused, as over HTTP, and too many of them too."""
    said = str(code)[:80]
    plain = said if said.isascii() and said.isprintable() else ""  # what no database takes is nobody's code
    try:
        return push.store.read(partial(tracked_ticket, code=plain))
    except HallError as error:
        refused = error.code if misses.allows(request.remote_addr) else "too_many"
        raise ConnectionRefusedError({"code": refused}) from None


def _who(gate: Gate, asked: dict[str, Any]) -> Principal | None:
    token = asked.get("token")
    if isinstance(token, str) and token:
        return gate.by_secret(token) if token.isascii() else None
    return gate.by_cookie(session)
