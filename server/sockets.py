"""Socket.IO: who may connect to which hall, and the `since` a client asks."""

from typing import Any

from flask import request, session
from flask_socketio import ConnectionRefusedError, SocketIO

from server.auth import Gate
from server.people import Principal
from server.push import PAGE, Push

_Connected = dict[str, tuple[Principal, str]]


def add_handlers(sockets: SocketIO, gate: Gate, push: Push) -> None:
    connected: _Connected = {}

    def connect(auth: Any = None) -> None:
        asked = auth if isinstance(auth, dict) else {}
        who = _who(gate, asked)
        if who is None:
            raise ConnectionRefusedError({"code": "no_token"})
        hall = asked.get("hall") or who.hall
        if hall != who.hall:
            raise ConnectionRefusedError({"code": "not_allowed"})
        since, epoch = asked.get("since"), asked.get("epoch")
        connected[request.sid] = (who, hall)  # type: ignore[attr-defined]
        push.welcome(
            request.sid,  # type: ignore[attr-defined]
            who,
            hall,
            since if _is_seq(since) else None,
            epoch if isinstance(epoch, str) else None,
        )

    def disconnect(_reason: Any = None) -> None:
        connected.pop(request.sid, None)  # type: ignore[attr-defined]

    def since(seq: Any = None, epoch: Any = None, *_more: Any) -> dict[str, Any]:
        who, hall = connected[request.sid]  # type: ignore[attr-defined]
        if isinstance(seq, dict):
            seq, epoch = seq.get("since"), seq.get("epoch")
        if not _is_seq(seq):
            return {"error": {"code": "bad_body", "message": "since", "details": {"field": "since"}}}
        return push.since(hall, seq, epoch if isinstance(epoch, str) else None, PAGE, who.staff)

    sockets.on_event("connect", connect)
    sockets.on_event("disconnect", disconnect)
    sockets.on_event("since", since)


def _is_seq(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _who(gate: Gate, asked: dict[str, Any]) -> Principal | None:
    token = asked.get("token")
    if isinstance(token, str) and token:
        return gate.by_secret(token)
    return gate.by_id(session["id"]) if "id" in session else None
