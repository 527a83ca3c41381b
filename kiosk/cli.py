"""`hallcall-kiosk`: one kiosk on this machine."""

import os
import signal
import sys
from pathlib import Path

import click
from pydantic import ValidationError
from werkzeug.serving import WSGIRequestHandler, make_server

from hall.devices.kiosk import Kiosk as KioskSettings
from hall.devices.printer import Printer
from hall.enrolment import enrol_command, own_link
from hall.errors import SettingsError
from hall.settings import load_settings
from kiosk.app import make_app
from kiosk.client import make_kiosk
from kiosk.watchdog import watch_over


class QuietRequests(WSGIRequestHandler):
    """The page asks four times a second; only what went wrong is worth a line."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if str(code).startswith("5"):
            super().log_request(code, size)


@click.group(invoke_without_command=True)
@click.option("--server", help="The server's address, such as http://hall-server:8000; without it the enrolled one.")
@click.option("--token", envvar="HALLCALL_TOKEN", help="A kiosk token; without it the enrolled one.")
@click.option("--hall", help="The hall's id; without it the token's own.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the touch page is served.")
@click.option("--port", default=8100, show_default=True, type=click.IntRange(0, 65535))
@click.option("--config", "config", type=click.Path(path_type=Path), help="Take printer and times from this file.")
@click.option("--id", "kiosk_id", help="Which of the file's kiosks this is; without it its first.")
@click.option("--printer", help="KIND:ADDRESS, such as network:127.0.0.1:9100, usb:04b8:0202, file:/dev/usb/lp0.")
@click.option("--width", type=click.Choice(["384", "512", "576"]), help="The printer's dots a line.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where touches, slips and sounds are kept.")
@click.pass_context
def main(
    context: click.Context,
    server: str | None,
    token: str | None,
    hall: str | None,
    host: str,
    port: int,
    config: Path | None,
    kiosk_id: str | None,
    printer: str | None,
    width: str | None,
    data_dir: Path | None,
) -> None:
    """Serve the touch page of one kiosk and print its slips."""
    if context.invoked_subcommand is not None:
        return
    settings = _settings(config, kiosk_id, printer, width)
    folder = _folder(settings, data_dir)
    kiosk = make_kiosk(settings, own_link(folder, server, token, hall), folder)
    web = make_server(host, port, make_app(kiosk), threaded=True, request_handler=QuietRequests)
    signal.signal(signal.SIGTERM, _stop)
    kiosk.start()
    click.echo(f"Kiosk {settings.id}: http://{host}:{web.server_port}/ (printer {_printer_name(settings.printer)})")
    sys.stdout.flush()
    watch_over(f"http://{host}:{web.server_port}")
    try:
        web.serve_forever()
    except KeyboardInterrupt:
        click.echo("Kiosk stops.")
    finally:
        kiosk.stop()


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _folder(settings: KioskSettings, data_dir: Path | None) -> Path:
    return data_dir or Path(os.environ.get("HALLCALL_DATA_DIR", "data")) / f"kiosk-{settings.id}"


main.add_command(
    enrol_command("kiosk", lambda config, own, data_dir: _folder(_settings(config, own, None, None), data_dir))
)


def _settings(config: Path | None, kiosk_id: str | None, printer: str | None, width: str | None) -> KioskSettings:
    """The kiosk of the file, its printer replaced by what the command line says."""
    settings = _from_file(config, kiosk_id) if config else KioskSettings(id=kiosk_id or "kiosk", name="Kiosk")
    changes: dict[str, object] = {}
    if printer:
        kind, colon, address = printer.partition(":")
        if not colon:
            raise click.BadParameter("expected KIND:ADDRESS, such as network:127.0.0.1:9100", param_hint="--printer")
        changes |= {"kind": kind, "address": address}
    if width:
        changes["width_dots"] = int(width)
    try:
        wanted = Printer.model_validate({**settings.printer.model_dump(), **changes})
    except ValidationError as error:
        words = "; ".join(one["msg"] for one in error.errors())
        raise click.BadParameter(words, param_hint="--printer") from None
    return settings.model_copy(update={"printer": wanted})


def _from_file(config: Path, kiosk_id: str | None) -> KioskSettings:
    try:
        kiosks = load_settings(config).devices.kiosks
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    for kiosk in kiosks:
        if kiosk_id in (None, kiosk.id):
            return kiosk
    known = ", ".join(kiosk.id for kiosk in kiosks) or "none"
    raise click.ClickException(f"{config}: devices.kiosks: no kiosk '{kiosk_id}'; there is: {known}")


def _printer_name(printer: Printer) -> str:
    return f"{printer.kind}:{printer.address}, {printer.width_dots} dots"


if __name__ == "__main__":
    main()
