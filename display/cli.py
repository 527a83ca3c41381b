"""`hallcall-display`: the screens and the loudspeaker of one display client."""

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click
import structlog
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from display.app import fill_app, make_sockets
from display.client import Display
from display.signs.command import test_signs
from hall.devices import Devices
from hall.devices.display import Display as DisplaySettings
from hall.devices.voice import Voice as VoiceSettings
from hall.enrolment import enrol_command, own_link
from hall.errors import SettingsError
from hall.settings import load_settings


class QuietRequests(WSGIRequestHandler):
    """Pages ask every few seconds; only what went wrong is worth a line."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if str(code).startswith("5"):
            super().log_request(code, size)


@click.group(invoke_without_command=True)
@click.option("--server", help="The server's address, such as http://hall-server:8000; without it the enrolled one.")
@click.option("--token", envvar="HALLCALL_TOKEN", help="A display token; without it the enrolled one.")
@click.option("--hall", help="The hall's id; without it the token's own.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the screens are served.")
@click.option("--port", default=8200, show_default=True, type=click.IntRange(0, 65535))
@click.option("--config", type=click.Path(path_type=Path), help="Take zone and voice from this file.")
@click.option("--id", "display_id", help="Which of the file's displays this is; without it its first.")
@click.option("--zone", help="Show and speak this zone's calls; without it the whole hall's.")
@click.option("--speaks/--silent", "speaks", default=None, help="Whether it is a loudspeaker too.")
@click.option("--output", type=click.Choice(["auto", "sound_card", "page"]), help="Where the voice goes.")
@click.option("--language", "languages", multiple=True, help="Speak every call in this language (again for more).")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where recordings are kept.")
@click.pass_context
def main(
    context: click.Context,
    server: str | None,
    token: str | None,
    hall: str | None,
    host: str,
    port: int,
    config: Path | None,
    display_id: str | None,
    zone: str | None,
    speaks: bool | None,
    output: str | None,
    languages: tuple[str, ...],
    data_dir: Path | None,
) -> None:
    """Serve the screens of one display client and speak the calls."""
    if context.invoked_subcommand is not None:
        return
    _log_plainly()
    devices = _devices(config)
    settings = _own(devices, config, display_id)
    folder = _folder(settings, data_dir)
    app = Flask("display", static_folder=None)
    sockets = make_sockets(app)
    display = Display(
        own_link(folder, server, token, hall),
        folder,
        lambda message, data, page: sockets.emit(message, data, to=page),
        zone=zone or settings.zone,
        speaks=settings.speaks if speaks is None else speaks,
        voice=_voice(devices.voice.but(settings.voice), output, languages),
        screen=settings,
        signs=[one for one in devices.signs if one.display == settings.id],
    )
    fill_app(app, sockets, display)
    _serve(app, display, host, port)


def _serve(app: Flask, display: Display, host: str, port: int) -> None:
    try:
        web = make_server(host, port, app, threaded=True, request_handler=QuietRequests)
    except (OSError, SystemExit) as error:
        raise click.ClickException(f"cannot serve on {host}:{port}: {error}") from None
    signal.signal(signal.SIGTERM, _stop)
    display.start()
    click.echo(f"Display: http://{host}:{web.server_port}/ ({display.status()['sound_text']})")
    sys.stdout.flush()
    try:
        web.serve_forever()
    except KeyboardInterrupt:
        click.echo("Display stops.")
    finally:
        display.stop()


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _folder(settings: DisplaySettings, data_dir: Path | None) -> Path:
    return data_dir or Path(os.environ.get("HALLCALL_DATA_DIR", "data")) / f"display-{settings.id}"


main.add_command(test_signs)
main.add_command(
    enrol_command("display", lambda config, own, data_dir: _folder(_own(_devices(config), config, own), data_dir))
)


def _devices(config: Path | None) -> Devices:
    if config is None:
        return Devices()
    try:
        return load_settings(config).devices
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _own(devices: Devices, config: Path | None, display_id: str | None) -> DisplaySettings:
    """The display of the file; without a file one that shows the whole hall and speaks."""
    if config is None:
        return DisplaySettings(id=display_id or "display", name="Display", speaks=True)
    for one in devices.displays:
        if display_id in (None, one.id):
            return one
    known = ", ".join(one.id for one in devices.displays) or "none"
    raise click.ClickException(f"{config}: devices.displays: no display '{display_id}'; there is: {known}")


def _voice(voice: VoiceSettings, output: str | None, languages: tuple[str, ...]) -> VoiceSettings:
    changes: dict[str, Any] = {"output": output} if output else {}
    if languages:
        changes["languages"] = list(languages)
    return VoiceSettings.model_validate({**voice.model_dump(), **changes})


def _log_plainly() -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ]
    )


if __name__ == "__main__":
    main()
