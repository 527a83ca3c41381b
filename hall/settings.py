"""Typed settings: config.yaml, overridden by HALLCALL_… variables; a mistake is named by its YAML path."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hall.errors import SettingsError
from hall.layout import Hall, Slug


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(Part):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    database_url: str | None = None
    """None: a SQLite file in the data folder."""
    redis_url: str | None = None
    public_url: str | None = None
    """Where visitors' phones reach the server; without it slips carry no QR code."""
    clock: str = "real"
    """`real`, or START@SPEED for trials: 2026-11-23T08:30:00+08:00@60."""


class Printer(Part):
    kind: Literal["network", "usb", "serial", "file"] = "network"
    address: str = "127.0.0.1:9100"
    """network HOST:PORT · usb VENDOR:PRODUCT (hex) · serial DEVICE · file PATH"""
    width_dots: Literal[384, 512, 576] = 576
    encoding: Literal["gb18030", "raster"] = "gb18030"
    """`raster` draws every line, for printers without Chinese characters."""
    baud: int = 9600
    timeout_seconds: Annotated[float, Field(gt=0, le=30)] = 3


class Kiosk(Part):
    id: Slug
    name: str
    printer: Printer = Printer()
    idle_seconds: Annotated[int, Field(ge=10)] = 60
    warning_seconds: Annotated[int, Field(ge=5)] = 20
    result_seconds: Annotated[int, Field(ge=3)] = 12


class Display(Part):
    id: Slug
    name: str
    zone: Slug | None = None
    """The zone whose calls it shows; None: the whole hall."""
    speaks: bool = False
    """Whether this display client is a loudspeaker too."""


class Voice(Part):
    languages: list[str] = ["zh-CN"]
    """Spoken for every call, in this order; the ticket's own language is added."""
    repeat: Annotated[int, Field(ge=1, le=3)] = 2
    yao: bool = False
    """Say 幺 for 1 in Mandarin ticket digits."""
    rate: Annotated[int, Field(ge=80, le=300)] = 150
    volume: Annotated[float, Field(ge=0, le=1)] = 0.9
    output: Literal["auto", "sound_card", "page"] = "auto"


class Devices(Part):
    kiosks: list[Kiosk] = []
    displays: list[Display] = []
    voice: Voice = Voice()


class Settings(Part):
    server: Server = Server()
    data_dir: Path = Path("data")
    halls: Annotated[list[Hall], Field(min_length=1)]
    devices: Devices = Devices()


ENVIRONMENT = {
    "HALLCALL_DATABASE_URL": ("server", "database_url"),
    "HALLCALL_REDIS_URL": ("server", "redis_url"),
    "HALLCALL_CLOCK": ("server", "clock"),
    "HALLCALL_PUBLIC_URL": ("server", "public_url"),
    "HALLCALL_DATA_DIR": ("data_dir",),
}


def load_settings(path: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a file and the environment. Raises SettingsError naming every mistake."""
    environment = os.environ if environment is None else environment
    try:
        with path.open(encoding="utf-8") as file:
            written = yaml.safe_load(file)
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file; name one with --config") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not readable as YAML: {error}") from None
    if not isinstance(written, dict):
        raise SettingsError(f"{path}: expected settings such as 'halls:', found {type(written).__name__}")
    for variable, place in ENVIRONMENT.items():
        if environment.get(variable):
            _put(written, place, environment[variable])
    try:
        return Settings.model_validate(written)
    except ValidationError as error:
        raise SettingsError("\n".join(_mistake(path, one) for one in error.errors())) from None


def _put(written: dict[str, Any], place: tuple[str, ...], value: str) -> None:
    for key in place[:-1]:
        inner = written.setdefault(key, {})
        written = inner if isinstance(inner, dict) else {}
    written[place[-1]] = value


def _mistake(path: Path, error: Any) -> str:
    place = ".".join(str(key) for key in error["loc"]) or "(top level)"
    value = error["input"]
    shown = "" if isinstance(value, dict | list | BaseModel) else f" = {value!r}"
    return f"{path}: {place}{shown}: {error['msg']}"
