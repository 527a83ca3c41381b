"""The server's Flask app: routes, the gate before them, refusals, metrics, and the push."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider
from flask_openapi3 import Info
from flask_socketio import SocketIO
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from sqlalchemy import select

from server.api import (
    account_routes,
    audit_routes,
    band_routes,
    booking_routes,
    case_routes,
    desk_routes,
    device_routes,
    hall_routes,
    identity_routes,
    layout_routes,
    message_routes,
    order_routes,
    rating_routes,
    register_routes,
    self_check_routes,
    session_routes,
    sheet_routes,
    sign_in_routes,
    ticket_routes,
    today_routes,
    track_routes,
    window_routes,
)
from server.api.context import House
from server.api.described import DescribedApp
from server.api.models import ErrorAnswer
from server.api.refusals import add_refusals, bad_body
from server.auth import Gate
from server.clock import Doubt
from server.db import Store
from server.devices.metrics import DeviceGauges
from server.devices.watch import Watch
from server.doorway import BehindProxy, Cookies
from server.entrance import LARGEST_BODY, guard
from server.journal import last_moments, positions
from server.notices import Notices
from server.pages import browsing, hall, rating, sign_in, visitor
from server.push import Push
from server.sockets import Unshaken, add_handlers
from server.tables.layout import halls

if TYPE_CHECKING:
    from server.sign_in.openid import Provider  # its library is read where a provider is set


APIS = (
    audit_routes.api,
    band_routes.api,
    booking_routes.api,
    case_routes.api,
    desk_routes.api,
    device_routes.api,
    hall_routes.api,
    identity_routes.api,
    layout_routes.api,
    message_routes.api,
    order_routes.api,
    today_routes.api,
    rating_routes.api,
    register_routes.api,
    self_check_routes.api,
    ticket_routes.api,
    track_routes.api,
    window_routes.api,
    session_routes.api,
    sign_in_routes.api,
    account_routes.api,
    sheet_routes.api,
)


class _Json(DefaultJSONProvider):
    """Answers are written by orjson: a call's answer in a tenth of the time."""

    def dumps(self, obj: Any, **_how: Any) -> str:
        # A column's name is a kind of str, which orjson takes for a key only when told to.
        return orjson.dumps(obj, option=orjson.OPT_NON_STR_KEYS).decode()


def create_app(
    store: Store,
    *,
    secret_key: str,
    always_open: bool,
    public_url: str | None,
    notices: Notices | None = None,
    with_factor: Iterable[str] = (),
    provider: "Provider | None" = None,
) -> DescribedApp:
    """The app of one process; `app.extensions` holds its `socketio` and its `push`, which `start_push` starts.

    `with_factor`: roles that sign in with a second factor; `provider`: who else vouches for people.
    """
    app = DescribedApp(
        __name__,
        info=Info(title="Hallcall", version="1", description="Queue tickets and window calling for a service hall."),
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
        doc_ui=False,
        validation_error_model=ErrorAnswer,
        validation_error_callback=bad_body,
        static_folder=None,
    )
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        SESSION_COOKIE_NAME="hallcall",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=bool(public_url and public_url.startswith("https:")),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=16),
    )
    app.json = _Json(app)
    app.session_interface = Cookies()
    app.url_map.merge_slashes = False  # it would lead elsewhere by the host that the request names
    gate = Gate(store, with_factor)
    known = store.read(lambda connection: list(connection.execute(select(halls.c.id).order_by(halls.c.id)).scalars()))
    app.extensions["hallcall"] = House(store, gate, always_open, public_url, known, notices or Notices(store))
    app.extensions["provider"] = provider
    guard(app, gate)
    add_refusals(app)
    for api in APIS:
        app.register_blueprint(api)
    app.register_blueprint(browsing.pages)
    app.register_blueprint(hall.pages)
    app.register_blueprint(rating.pages)
    app.register_blueprint(visitor.pages)
    app.register_blueprint(sign_in.pages)
    _add_operator_routes(app, store)
    _add_sockets(app, store, gate)
    app.wsgi_app = BehindProxy(Unshaken(app.wsgi_app))  # type: ignore[method-assign]
    return app


def _add_operator_routes(app: DescribedApp, store: Store) -> None:
    registry = CollectorRegistry()
    commits = Counter("hallcall_commits_total", "Commits that moved a hall on", ["hall"], registry=registry)
    seq = Gauge("hallcall_seq", "The hall's last seq", ["hall"], registry=registry)
    doubted = Gauge(
        "hallcall_clock_wrong_seconds", "How wrong the clock is; 0: it is believed", ["hall"], registry=registry
    )

    def count(hall: str, last: int) -> None:
        commits.labels(hall).inc()
        seq.labels(hall).set(last)

    store.listeners.append(count)
    registry.register(DeviceGauges(store, app.extensions["hallcall"].halls, lambda: app.extensions["watch"].moment()))

    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    def doubts() -> dict[str, Doubt | None]:
        return {hall: store.clock.doubt(last) for hall, last in store.read(last_moments).items()}

    def readyz() -> dict[str, str]:
        """Ready with a wrong clock too: only numbers are not given then."""
        return {"status": "ready", "clock": "wrong" if any(doubts().values()) else "ok"}

    def metrics() -> Response:
        for key, doubt in doubts().items():
            doubted.labels(key).set(doubt.seconds if doubt else 0)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    def openapi_json() -> Any:
        return app.api_doc

    app.add_url_rule("/healthz", "operator.healthz", healthz)
    app.add_url_rule("/readyz", "operator.readyz", readyz)
    app.add_url_rule("/metrics", "operator.metrics", metrics)
    app.add_url_rule("/api/v1/openapi.json", "operator.openapi_json", openapi_json)


def _add_sockets(app: DescribedApp, store: Store, gate: Gate) -> None:
    sockets = SocketIO(
        app,
        async_mode="gevent",
        cors_allowed_origins=None,
        manage_session=False,
        max_http_buffer_size=LARGEST_BODY,
        ping_interval=10,
        ping_timeout=10,
        websocket_compression=False,
        http_compression=False,
    )
    push = Push(store, sockets)
    store.listeners.append(push.committed)
    add_handlers(sockets, gate, push, app.extensions["hallcall"].misses)
    app.extensions["push"] = push
    app.extensions["watch"] = Watch(store, gate, sockets, app.extensions["hallcall"].always_open)


def start_push(app: DescribedApp, store: Store) -> None:
    """Follows every hall from where its journal stands now, and watches over its devices."""
    app.extensions["push"].start(store.read(positions))
    app.extensions["watch"].start()
