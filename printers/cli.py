"""`hallcall-printers`: a virtual printer with its page, a test slip, health, a template's preview."""

import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from hall.devices.printer import PrinterProfile
from hall.errors import SettingsError
from hall.texts import languages, say
from printers import device
from printers.sample import Kind, trial_slip

if TYPE_CHECKING:
    from printers.virtual import VirtualPrinter

SCHEMES = {
    "tcp": "network", "network": "network", "usb": "usb", "serial": "serial", "file": "file",
    "cups": "cups", "lp": "cups", "windows": "windows",
}  # fmt: skip
language_option = click.option(
    "--language",
    type=click.Choice(list(languages())),
    default="zh-CN",
    show_default=True,
    help="The slip's language.",
)
width_option = click.option(
    "--width",
    type=click.Choice(["384", "512", "576"]),
    default="576",
    show_default=True,
    help="Paper width in dots.",
)


template_option = click.option(
    "--template",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The slip's template, as a kiosk's settings name it; without it the shipped one.",
)


@click.group()
def main() -> None:
    """Paper of a hall: printers, slips, and a virtual printer to try them with.

    ADDRESS is HOST:PORT of a network printer, or usb:VENDOR:PRODUCT (hex), serial:DEVICE, file:PATH, cups:QUEUE,
    windows:NAME.
    """


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where both ports listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=9100, show_default=True, help="ESC/POS over TCP.")
@click.option("--page-port", type=click.IntRange(0, 65535), default=8300, show_default=True, help="The page.")
@click.option(
    "--folder", "--data-dir", type=click.Path(path_type=Path, file_okay=False), default=Path("data/slips"),
    show_default=True, help="Where the slips' pictures are kept.",
)  # fmt: skip
@width_option
@template_option
def virtual(host: str, port: int, page_port: int, folder: Path, width: str, template: Path | None) -> None:
    """Run a virtual printer; its slips are seen as pictures on a page, beside the preview of a slip's template."""
    from printers.virtual import VirtualPrinter

    try:
        printer = VirtualPrinter(folder, port, host, int(width))
        page = _serve(printer, host, page_port, template)
    except OSError as error:
        raise click.ClickException(f"cannot listen: {error.strerror or error}") from None
    click.echo(f"printer {printer.address}, page http://{host}:{page}/, slips in {folder}")
    _wait_until_told_to_stop()
    printer.stop()


def _wait_until_told_to_stop() -> None:
    stopped = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stopped.set())
    stopped.wait()


def _serve(printer: "VirtualPrinter | None", host: str, port: int, template: Path | None) -> int:
    """Serves the page from a thread; answers its port."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    from printers.web import create_app

    class Quiet(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:
            """The page asks more than once a second: nothing to say of that."""

    with socket.socket() as probe:
        # The development server ends the process where the port is taken; say it as any other fault.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
    server = make_server(host, port, create_app(printer, template), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


@main.command()
@click.argument("address")
@width_option
@click.option("--raster", is_flag=True, help="Send all of it as a picture, for printers without Chinese characters.")
@click.option("--baud", type=int, default=9600, show_default=True, help="Speed of a serial line.")
@language_option
def test(address: str, width: str, raster: bool, baud: int, language: str) -> None:
    """Print a test slip at ADDRESS and say whether the printer confirmed it."""
    settings = _settings(address, width, raster, baud)
    _tell(device.print_slip(trial_slip(language), settings), language, address)


@main.command()
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.option("--baud", type=int, default=9600, show_default=True, help="Speed of a serial line.")
@language_option
def health(addresses: tuple[str, ...], baud: int, language: str) -> None:
    """Ask printers how they are; prints nothing. Exits 1 when one cannot print."""
    results = [(address, device.health(_settings(address, "576", False, baud))) for address in addresses]
    for address, result in results:
        click.echo(f"{address}: {_words(result, language)}")
    sys.exit(0 if all(result.ok for _, result in results) else 1)


@main.command()
@template_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write this PNG and end; no page.")
@click.option("--sample", "kind", type=click.Choice(["usual", "long", "bare"]), default="usual", show_default=True)
@click.option("--raster", is_flag=True, help="Drawn dot by dot, for printers without Chinese characters.")
@width_option
@language_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the page listens.")
@click.option("--page-port", type=click.IntRange(0, 65535), default=8300, show_default=True, help="The page.")
def preview(
    template: Path | None,
    out: Path | None,
    kind: Kind,
    raster: bool,
    width: str,
    language: str,
    host: str,
    page_port: int,
) -> None:
    """Show what a template makes of a slip: as a page while it is being written, or as a picture with --out."""
    from printers.preview import picture
    from printers.template import SHIPPED, read_template

    if out is None:
        try:
            page = _serve(None, host, page_port, template)
        except OSError as error:
            raise click.ClickException(f"cannot listen: {error.strerror or error}") from None
        click.echo(f"page http://{host}:{page}/template")
        _wait_until_told_to_stop()
        return
    try:
        found = read_template(template or SHIPPED)
        picture(found, kind, language, int(width), "raster" if raster else "gb18030").save(out)
    except (SettingsError, OSError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{out}: {width} dots wide")


def _settings(address: str, width: str, raster: bool, baud: int) -> PrinterProfile:
    scheme, _, rest = address.partition(":")
    kind, place = (SCHEMES[scheme], rest) if scheme in SCHEMES else ("network", address)
    values = {"kind": kind, "address": place.removeprefix("//"), "width_dots": int(width), "baud": baud}
    try:
        return PrinterProfile.model_validate(values | {"encoding": "raster" if raster else "gb18030"})
    except ValidationError as error:
        words = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise click.BadParameter(words) from None


def _words(result: device.Result, language: str, well: str = "printers.ready") -> str:
    words = say(language, f"printers.reason_{result.reason}" if result.reason else well)
    warning = "; " + say(language, "printers.warning_paper_near_end") if result.near_end else ""
    return words + warning + (f" ({result.detail})" if result.detail else "")


def _tell(result: device.Result, language: str, address: str) -> None:
    words = f"{address}: {_words(result, language, 'printers.printed')}"
    if not result.ok:
        raise click.ClickException(words)
    click.echo(f"{words} ({result.seconds * 1000:.0f} ms)")


if __name__ == "__main__":
    main()
