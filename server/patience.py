"""How long the server waits for whoever is slow: without an end to it a few of them would take every place there is."""

from time import monotonic
from typing import Any

from gevent import Timeout
from gevent.pywsgi import Input, WSGIHandler, WSGIServer, _InvalidClientInput, _InvalidClientRequest


class _Body(Input):  # type: ignore[misc]
    """A body that has come by its time, or never does."""

    __slots__ = ("until",)

    def read(self, length: int | None = None) -> bytes:
        with self._in_time():
            return bytes(super().read(length))

    def readline(self, size: int | None = None) -> bytes:
        with self._in_time():
            return bytes(super().readline(size))

    def _in_time(self) -> Timeout:
        return Timeout(max(self.until - monotonic(), 0.001), _InvalidClientInput("slow"))


class _Handler(WSGIHandler):  # type: ignore[misc]
    """`stall_seconds`: nothing comes, or nothing is taken; a live socket speaks more often. `head_seconds`,
    `body_seconds`: a whole request's, however it dribbles."""

    stall_seconds, head_seconds, body_seconds = 60.0, 20.0, 60.0
    ignored_socket_errors = (*WSGIHandler.ignored_socket_errors, "timed out")

    def handle(self) -> None:
        self.socket.settimeout(self.stall_seconds)
        super().handle()

    def read_requestline(self) -> str:
        with Timeout(self.stall_seconds, False):
            return str(super().read_requestline())
        return ""

    def read_request(self, raw_requestline: str) -> bool:
        with Timeout(self.head_seconds, _InvalidClientRequest("slow")):
            return bool(super().read_request(raw_requestline))

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        given: Input = self.wsgi_input  # type: ignore[has-type]
        body = _Body(given.rfile, given.content_length, given.socket, given.chunked_input)
        body.until = monotonic() + self.body_seconds
        if environ["wsgi.input"] is given:  # a websocket reads its connection itself
            environ["wsgi.input"] = body
        self.wsgi_input = body
        return environ


class PatientServer(WSGIServer):  # type: ignore[misc]
    handler_class = _Handler

    def wrap_socket_and_handle(self, client_socket: Any, address: Any) -> Any:
        client_socket.settimeout(self.handler_class.stall_seconds)
        return super().wrap_socket_and_handle(client_socket, address)
