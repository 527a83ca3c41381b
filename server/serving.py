"""`hallcall serve`: the app on gevent's WSGI server, with the database's writer in a real thread of its own."""

import gc

gc.disable()  # until it serves: what is loaded stays, and looking through it again and again is a third of the start

from gevent import monkey  # noqa: E402

monkey.patch_all()

import contextlib  # noqa: E402
import os  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from datetime import date  # noqa: E402
from functools import partial  # noqa: E402
from time import monotonic  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

import gevent  # noqa: E402
import structlog  # noqa: E402
from gevent.threadpool import ThreadPool  # noqa: E402

from hall.errors import HallError  # noqa: E402
from hall.settings import Settings  # noqa: E402
from server.app import create_app, start_push  # noqa: E402
from server.audit.retention import keep_report, retain, retain_access  # noqa: E402
from server.center.satisfaction import export_ratings  # noqa: E402
from server.channels import open_channels  # noqa: E402
from server.command import Done  # noqa: E402
from server.db import Store  # noqa: E402
from server.devices.alerts import Alerts  # noqa: E402
from server.devices.self_check import SelfCheck  # noqa: E402
from server.logs import set_up_logs  # noqa: E402
from server.notices import Notices  # noqa: E402
from server.opening import differing, first_accounts, open_store, secret_key  # noqa: E402
from server.patience import PatientServer  # noqa: E402
from server.queries import known_layout  # noqa: E402
from server.wire import Wire  # noqa: E402

if TYPE_CHECKING:
    from server.sign_in.openid import Provider

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1
AGAIN_SECONDS = 60
"""So long after a night's work that failed it is tried again: each try counts what there is to drop."""


def serve(settings: Settings, port: int | None, always_open: bool) -> None:
    """Serves until SIGTERM or SIGINT."""
    set_up_logs()
    store = open_store(settings, _in_one_thread())
    for one in settings.halls:
        _ = store.read(partial(known_layout, hall=one.id)).spellings  # before the first visitor asks for them
    for hall, changes in differing(store, settings).items():
        log.warning("layout_differs", hall=hall, changes=len(changes), holds="the database's; see hallcall layout plan")
    if told := first_accounts(store):
        print(told, file=sys.stderr, flush=True)  # and kept nowhere
    channels = open_channels(settings.notices, settings.data_dir)
    notices = Notices(store, channels, settings.notices.soon, settings.server.public_url)
    app = create_app(
        store,
        secret_key=secret_key(settings),
        always_open=always_open,
        public_url=settings.server.public_url,
        notices=notices,
        with_factor=settings.server.second_factor,
        provider=_provider(settings),
    )
    # Of several halls nobody can tell whose the devices of the settings are.
    devices = settings.devices if len(settings.halls) == 1 else None
    app.extensions["self_check"] = SelfCheck(settings.data_dir, devices)
    notices.start()
    start_push(app, store)
    page = f"{settings.server.public_url.rstrip('/')}/devices" if settings.server.public_url else None
    Alerts(
        store, [hall.id for hall in settings.halls], settings.alerts, app.extensions["watch"].moment, page=page
    ).start()
    if settings.server.redis_url:
        wire = Wire(settings.server.redis_url)
        store.listeners.append(wire.announce)
        gevent.spawn(wire.listen, app.extensions["push"].committed)
    gevent.spawn(_look_at_clock, store, settings, app.extensions["push"].committed)
    listener = _listener(settings.server.host, settings.server.port if port is None else port)
    tls = settings.server.tls
    secured = {"certfile": tls.certificate, "keyfile": tls.key} if tls else {}
    server = PatientServer(listener, app, log=None, error_log=None, **secured)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop, 2)
    scheme = "https" if tls else "http"
    print(f"Hallcall serves at {scheme}://{settings.server.host}:{listener.getsockname()[1]}", flush=True)
    gc.freeze()  # what is loaded by now stays; looking through it for garbage again and again halves the speed
    gc.enable()
    server.serve_forever()


def _provider(settings: Settings) -> "Provider | None":
    if settings.server.oidc is None:
        return None
    from server.sign_in.openid import Provider

    return Provider(settings.server.oidc, os.environ.get("HALLCALL_OIDC_SECRET"))


def _look_at_clock(store: Store, settings: Settings, committed: Callable[[str, int], None]) -> None:
    """Begins a new business day, and does what falls due within one, though nobody commands anything.

    What a command of the operator's wrote from another process is pushed within the same second.
    """
    ended: dict[str, date] = {}
    again: dict[str, float] = {}
    while True:
        gevent.sleep(LOOK_SECONDS)
        for hall in (one.id for one in settings.halls):
            with contextlib.suppress(HallError):
                day, seq = store.in_hall(hall, "system", None, lambda tx: Done((tx.hall.day, tx.hall.seq)))
                committed(hall, seq)
                if ended.get(hall) != day and monotonic() >= again.get(hall, 0):
                    again[hall] = monotonic() + AGAIN_SECONDS
                    if _after_midnight(store, hall, settings):
                        ended[hall], again[hall] = day, 0


def _after_midnight(store: Store, hall: str, settings: Settings) -> bool:
    """What is left to do of the days before, in files and by age; False when it is to be tried again."""
    try:
        store.read(partial(export_ratings, hall=hall, folder=settings.data_dir, now=store.clock.now()))
        report, lines = retain(store, hall, settings.retention), retain_access(store, settings.retention)
        if report or lines:
            keep_report(settings.data_dir, [report], lines, store.clock.now())
        return store.forget_deleted()
    except Exception:  # a full disk must not keep the hall from its next day
        log.exception("after_midnight_failed", hall=hall)
        return False


def _in_one_thread() -> Callable[..., Any]:
    """A refusal is an answer: gevent would write a trace of each wrong code that a stranger tries into the log, and of
    each line that was cut."""
    gevent.get_hub().NOT_ERROR += (HallError, ConnectionError)
    pool = ThreadPool(1)
    return lambda work, *args: pool.apply(work, args)


def _listener(host: str, port: int) -> socket.socket:
    """A listening socket with TCP_NODELAY, which pywsgi does not set: without it each answer waits 40 ms."""
    listener = socket.create_server((host, port), backlog=1024)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
