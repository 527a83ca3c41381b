"""`hallcall serve`: the app on gevent's WSGI server, with the database's writer in a real thread of its own."""

from gevent import monkey

monkey.patch_all()

import signal  # noqa: E402
import socket  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402
from gevent.threadpool import ThreadPool  # noqa: E402

from hall.settings import Settings  # noqa: E402
from server.app import create_app, start_push  # noqa: E402
from server.opening import open_store, secret_key  # noqa: E402


def serve(settings: Settings, port: int | None, always_open: bool) -> None:
    """Serves until SIGTERM or SIGINT."""
    store = open_store(settings, _in_threads(1), _in_threads(2))
    app = create_app(
        store,
        secret_key=secret_key(settings),
        always_open=always_open,
        public_url=settings.server.public_url,
    )
    start_push(app, store)
    listener = _listener(settings.server.host, settings.server.port if port is None else port)
    server = WSGIServer(listener, app, log=None, error_log=None)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop, 2)
    print(f"Hallcall serves at http://{settings.server.host}:{listener.getsockname()[1]}", flush=True)
    server.serve_forever()


def _in_threads(count: int) -> Callable[..., Any]:
    pool = ThreadPool(count)
    return lambda work, *args: pool.apply(work, args)


def _listener(host: str, port: int) -> socket.socket:
    """A listening socket with TCP_NODELAY, which pywsgi does not set: without it each answer waits 40 ms."""
    listener = socket.create_server((host, port), backlog=1024)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
