"""Typed settings: config.yaml, overridden by HALLCALL_… variables; a mistake is named by its YAML path."""

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from hall.devices import Devices
from hall.errors import SettingsError
from hall.layout import Hall
from hall.mistakes import Place, expected, mistake_at, read_yaml, refuse, sentences, stranger, twice
from hall.values import Part

Port = Annotated[int, Field(ge=0, le=65535), expected("a port from 0 to 65535")]


def _clock(text: str) -> str:
    if text != "real":
        start, _, speed = text.partition("@")
        if datetime.fromisoformat(start).tzinfo is None or not 0 < float(speed or 1) <= 100_000:
            raise ValueError
    return text


Clock = Annotated[
    str,
    AfterValidator(_clock),
    expected("'real', or START@SPEED such as 2026-11-23T08:30:00+08:00@60"),
]


class Tls(Part):
    """A certificate of the hall's own, where no nginx stands in front: both files in PEM."""

    certificate: Path
    key: Path

    @model_validator(mode="after")
    def _there(self) -> Self:
        for name in ("certificate", "key"):
            if not (file := getattr(self, name)).is_file():
                refuse("Tls", [mistake_at((name,), str(file), "a file that is there, in PEM")])
        return self


Url = Annotated[str, Field(pattern=r"^https?://[^/]", max_length=500), expected("an https:// address")]
Rank = Literal[
    "desk", "clerk", "unit_head", "supervisor", "system_admin", "security_admin", "auditor", "government", "leadership"
]


class OpenId(Part):
    """An identity provider of the house's own, by OpenID Connect; the client's secret is HALLCALL_OIDC_SECRET."""

    issuer: Url
    client_id: Annotated[str, Field(min_length=1, max_length=200), expected("the id it knows Hallcall by")]


class Server(Part):
    host: Annotated[str, Field(min_length=1), expected("an address such as 127.0.0.1 or 0.0.0.0")] = "127.0.0.1"
    port: Port = 8000
    database_url: (
        Annotated[
            str,
            Field(pattern=r"^(sqlite|postgresql(\+psycopg)?)://"),
            expected("sqlite:///FILE or postgresql://USER@HOST/NAME"),
        ]
        | None
    ) = None
    """None: a SQLite file in the data folder."""
    redis_url: Annotated[str, Field(pattern=r"^(rediss?|unix)://"), expected("redis://HOST:PORT/NUMBER")] | None = None
    public_url: Annotated[str, Field(pattern=r"^https?://[^/]"), expected("an https:// address")] | None = None
    """Where visitors' phones reach the server; without it slips carry no QR code."""
    clock: Clock = "real"
    """`real`, or START@SPEED for trials: 2026-11-23T08:30:00+08:00@60."""
    oidc: OpenId | None = None
    """People may sign in by it too, each to the account that was made for them."""
    second_factor: tuple[Rank, ...] = ()
    """Roles that sign in with a second factor; the others may."""
    tls: Tls | None = None
    """None: plain HTTP, for a proxy on this machine that speaks TLS (deploy/nginx.conf), or a closed network."""


Templates = dict[str, Annotated[str, Field(max_length=500), expected("a text")]]
"""{name: text}, each with what is to be filled in: {address}, {text}, {number}, {window}, {hall}, {ahead}, {url}."""


class Gateway(Part):
    """One HTTP request a notice. {secret} stands for HALLCALL_WEBHOOK_SECRET or HALLCALL_SMS_SECRET."""

    url: Url
    send: Literal["json", "form", "query"] = "json"
    headers: Templates = Field(default_factory=dict)
    body: Templates = Field(default_factory=lambda: {"to": "{address}", "text": "{text}"})


class WeChat(Part):
    """Template messages of an official account; its secret is HALLCALL_WECHAT_SECRET."""

    app_id: Annotated[str, Field(min_length=1, max_length=64), expected("the account's AppID")]
    template_id: Annotated[str, Field(min_length=1, max_length=64), expected("the template's id")]
    data: Templates = Field(
        default_factory=lambda: {"thing1": "{hall}", "character_string2": "{number}", "thing3": "{text}"}
    )
    """The template's fields."""
    api: Url = "https://api.weixin.qq.com"


class WebPush(Part):
    contact: Annotated[str, Field(pattern=r"^(mailto:|https://).+"), expected("mailto:NAME@HOST or https://…")]
    """Whom a push service may ask about our notices."""
    services: tuple[str, ...] = (
        "https://fcm.googleapis.com",
        "https://*.push.services.mozilla.com",
        "https://*.notify.windows.com",
        "https://*.push.apple.com",
    )
    """Where browsers may have their notices delivered to; * stands for anything."""


class Notices(Part):
    """Told to visitors who ask for it: that their turn comes near, and that they are called. Off by default."""

    soon: Annotated[int, Field(ge=1, le=20), expected("a number of people from 1 to 20")] = 3
    """Told once fewer than so many are ahead."""
    webhook: Gateway | None = None
    sms: Gateway | None = None
    wechat: WeChat | None = None
    web_push: WebPush | None = None


Address = Annotated[
    str, Field(pattern=r"^[^@\s,]+@[^@\s,]+$", max_length=200), expected("an address such as it@hall.example")
]


class Email(Part):
    """Where mail about devices goes; the password of `user` is HALLCALL_SMTP_PASSWORD."""

    to: Annotated[list[Address], Field(min_length=1, max_length=20)]
    sender: Annotated[Address, Field(alias="from")]
    host: Annotated[str, Field(min_length=1), expected("the mail server's name")]
    port: Port = 25
    security: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None


class Alerts(Part):
    """Tells the operator of devices that turn red and of those that are well again. Off until a way is named."""

    webhook: Url | None = None
    """Gets a POST in JSON, signed where HALLCALL_ALERT_SECRET is set."""
    email: Email | None = None
    after_seconds: Annotated[int, Field(ge=0, le=3600), expected("seconds from 0 to 3600")] = 30
    """How long a device must stay red, or well, before it is told."""


class Retention(Part):
    """How long what was written is kept; older is dropped at night, with a report."""

    months: Annotated[int, Field(ge=6, le=600), expected("months from 6, as the rules ask, to 600")] = 24
    """Journal, access log, tickets, slips, bookings, ratings and closed cases."""
    personal_days: Annotated[int, Field(ge=0, le=3650), expected("days from 0 to 3650")] = 30
    """Notes, words, contacts and addresses, counted from the day they belong to (docs/decisions/0024)."""


class Settings(Part):
    server: Server = Server()
    data_dir: Path = Path("data")
    halls: Annotated[list[Hall], Field(min_length=1)]
    devices: Devices = Devices()
    notices: Notices = Notices()
    alerts: Alerts = Alerts()
    retention: Retention = Retention()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        mistakes = [*twice(("halls",), "id", [hall.id for hall in self.halls])]
        zones = [zone.id for hall in self.halls for zone in hall.zones]
        for index, display in enumerate(self.devices.displays):
            if display.zone is not None:
                mistakes += stranger(("devices", "displays", index, "zone"), display.zone, zones)
        windows = [window.id for hall in self.halls for window in hall.windows]
        for index, sign in enumerate(self.devices.signs):
            if sign.zone is not None:
                mistakes += stranger(("devices", "signs", index, "zone"), sign.zone, zones)
            if sign.window is not None:
                mistakes += stranger(("devices", "signs", index, "window"), sign.window, windows)
        refuse("Settings", mistakes)
        return self


ENVIRONMENT: dict[str, Place] = {
    "HALLCALL_HOST": ("server", "host"),
    "HALLCALL_PORT": ("server", "port"),
    "HALLCALL_DATABASE_URL": ("server", "database_url"),
    "HALLCALL_REDIS_URL": ("server", "redis_url"),
    "HALLCALL_CLOCK": ("server", "clock"),
    "HALLCALL_PUBLIC_URL": ("server", "public_url"),
    "HALLCALL_DATA_DIR": ("data_dir",),
}


def load_settings(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a file and the environment. Raises SettingsError naming every mistake it can see."""
    environment = os.environ if environment is None else environment
    written, lines = read_yaml(path)
    _refuse_secrets(path, written)
    variables = {place: name for name, place in ENVIRONMENT.items() if environment.get(name)}
    for place, name in variables.items():
        _put(written, place, environment[name])
    try:
        return Settings.model_validate(written)
    except ValidationError as error:
        raise SettingsError(sentences(error, Settings, path, lines, variables)) from None


def _refuse_secrets(path: Path, written: dict[str, Any]) -> None:
    server = written.get("server")
    for key in ("database_url", "redis_url"):
        if isinstance(server, dict) and re.search(r"//[^/@]*:[^/@]+@", str(server.get(key))):
            name = next(name for name, place in ENVIRONMENT.items() if place == ("server", key))
            raise SettingsError(f"{path}: server.{key}: holds a password; expected it in {name} instead")


def _put(written: dict[str, Any], place: Place, value: str) -> None:
    for key in place[:-1]:
        if written.get(key) is None:
            written[key] = {}
        if not isinstance(written[key], dict):
            return  # the mistake is named by the validation
        written = written[key]
    written[place[-1]] = value
