"""`hallcall-caller pad`: a keypad at a window, as a service that nobody looks at."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import click
from pydantic import ValidationError

from caller.pads.agent import PadAgent
from caller.pads.devices import open_pad
from hall.devices.pad import Pad
from hall.enrolment import own_link
from hall.errors import SettingsError
from hall.heartbeat import Heartbeat
from hall.port import PortError
from hall.settings import load_settings
from hall.texts import best_language, say

PRESS_TIMEOUT_SECONDS = 2.0


@click.command()
@click.option("--server", help="Where the hall's server is; without it the enrolled one.")
@click.option("--token", envvar="HALLCALL_TOKEN", help="The window's token; without it the enrolled one.")
@click.option("--hall", default=None, help="The hall; without it the token's own.")
@click.option("--config", type=click.Path(path_type=Path), help="Take the pad from this file's devices.pads.")
@click.option("--id", "pad_id", help="Which of the file's pads; without it the window's, or its first.")
@click.option("--window", help="The window's key; without it the one of the settings.")
@click.option("--pad", "device", help="KIND:ADDRESS, such as serial:/dev/ttyUSB0, evdev:/dev/input/…, hid:04d9:1203.")
@click.option("--language", default="zh-CN", show_default=True, help="zh-CN or en.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where its token is kept when it was enrolled.")
@click.option("--show-keys", is_flag=True, help="Only print what each key sends, for the settings' `keys`.")
def pad(
    server: str | None,
    token: str | None,
    hall: str | None,
    config: Path | None,
    pad_id: str | None,
    window: str | None,
    device: str | None,
    language: str,
    data_dir: Path | None,
    show_keys: bool,
) -> None:
    """Call visitors by a keypad: next, recall, no-show, pause; with figures a chosen number too.

    It waits for its pad and its server, in any order, and comes back by itself when either does.
    """
    if show_keys:  # no key has a meaning yet
        return _show_keys(_settings(config, pad_id, window or "any", device, {"00": "next"}))
    settings = _settings(config, pad_id, window, device)
    spoken = best_language([language])
    link = own_link(_folder(settings.id, data_dir), server, token, hall, spoken)
    link.timeout = PRESS_TIMEOUT_SECONDS
    agent = PadAgent(settings, link, spoken, _print)
    heartbeat = Heartbeat(link, agent.conditions)
    heartbeat.start()
    _run(agent, spoken)
    heartbeat.stop()
    return None


def _folder(pad_id: str, data_dir: Path | None) -> Path:
    return data_dir or Path(os.environ.get("HALLCALL_DATA_DIR", "data")) / f"pad-{pad_id}"


def folder_of(config: Path | None, pad_id: str | None, data_dir: Path | None) -> Path:
    """Where the pad that is started with these options keeps its token."""
    return _folder(_from_file(config, pad_id, None).id if config else pad_id or "pad", data_dir)


def _run(agent: PadAgent, language: str) -> None:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    it = agent.pad
    _print(say(language, "caller.pad_ready", name=it.name, window=it.window, kind=it.kind, address=it.address))
    agent.start()
    said = ""
    while not stopping.wait(1):
        condition = agent.conditions()[0]
        words = say(language, f"devices.pad.{condition.code}") if condition.code else ""
        if words and words != said:
            _print(f"{words}. {say(language, f'devices.pad.{condition.code}.remedy')} ({condition.detail})")
        said = words
    agent.stop()


def _print(text: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')}  {text}")
    sys.stdout.flush()


def _settings(
    config: Path | None, pad_id: str | None, window: str | None, device: str | None, keys: dict[str, str] | None = None
) -> Pad:
    """The pad of the file or of the command line alone, which may change its window and device."""
    found = _from_file(config, pad_id, window) if config else None
    written: dict[str, Any] = found.model_dump() if found else {"id": pad_id or "pad", "name": pad_id or "pad"}
    if device:
        kind, _, address = device.partition(":")
        written |= {"kind": kind, "address": address}
    if keys and written.get("kind") == "hid":
        written["keys"] = keys
    if window:
        written["window"] = window
    try:
        return Pad.model_validate(written)
    except ValidationError as error:
        words = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise click.UsageError(f"No usable pad: {words}. Name it with --config, or with --pad and --window.") from None


def _from_file(config: Path, pad_id: str | None, window: str | None) -> Pad:
    try:
        pads = load_settings(config, os.environ).devices.pads
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    fitting = [one for one in pads if pad_id in (None, one.id) and (pad_id or window in (None, one.window))]
    if not fitting:
        known = ", ".join(f"{one.id} (window {one.window})" for one in pads) or "none"
        raise click.ClickException(f"{config}: devices.pads: no such pad; there is: {known}")
    return fitting[0]


def _show_keys(settings: Pad) -> None:
    try:
        device = open_pad(settings)
        while True:
            for key in device.read(1):
                _print(key or "(rubbish)")
    except PortError as error:
        words = say("en", f"devices.pad.{error.code}")
        raise click.ClickException(
            f"{words}: {error.detail}. {say('en', f'devices.pad.{error.code}.remedy')}"
        ) from None
    except KeyboardInterrupt:
        return
