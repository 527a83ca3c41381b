"""A device's own token: got with a one-time code, kept in its data folder for its owner alone, used at each start."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from hall.errors import LinkDown, Refused
from hall.link import Link
from hall.texts import say

FILE = "device.json"


@dataclass(frozen=True, slots=True)
class Enrolled:
    server: str
    hall: str
    token: str
    name: str
    window: str | None = None


Folder = Callable[[Path | None, str | None, Path | None], Path]
"""The data folder of a device, by its --config, --id and --data-dir."""


def enrol(server: str, code: str, kind: str, folder: Path) -> Enrolled:
    """Gives the code for a token and keeps it. Raises LinkDown or Refused; the code is then still good."""
    folder.mkdir(parents=True, exist_ok=True)
    got = Link(server, "", language="en").post("/enrol", code=code, kind=kind)
    made = Enrolled(server.rstrip("/"), got["hall"], got["token"], got["name"], got["window"])
    keep(made, folder)
    return made


def keep(enrolled: Enrolled, folder: Path) -> None:
    fresh = folder / f"{FILE}.new"
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(enrolled), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / FILE)


def kept(folder: Path) -> Enrolled | None:
    """What `enrol` kept there; None where this device never was enrolled."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Enrolled(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise click.ClickException(f"{path} is damaged ({error}); enrol this device again") from None


def own_link(folder: Path, server: str | None, token: str | None, hall: str | None, language: str = "zh-CN") -> Link:
    """The line home: what the command line says, else what enrolling kept."""
    own = kept(folder)
    if own is not None:
        server, token, hall = server or own.server, token or own.token, hall or own.hall
    for name, value in (("--server", server), ("--token", token)):
        if not value:
            raise click.UsageError(f"Missing option '{name}'; or once: enrol --server URL --code CODE")
    assert server is not None and token is not None
    return Link(server, token, hall, language)


def enrol_command(kind: str, folder_of: Folder) -> click.Command:
    """`enrol` of a device's own command."""

    @click.command("enrol")
    @click.option("--server", required=True, help="The server's address, such as http://hall-server:8000.")
    @click.option("--code", required=True, help="The code of the device page or of hallcall devices enrol.")
    @click.option("--config", type=click.Path(path_type=Path), help="The file it will be started with.")
    @click.option("--id", "own_id", help="Which of the file's devices this is.")
    @click.option("--data-dir", type=click.Path(path_type=Path), help="Where it keeps what it needs.")
    def run(server: str, code: str, config: Path | None, own_id: str | None, data_dir: Path | None) -> None:
        """Let this device in, once: it starts without a token from then on."""
        folder = folder_of(config, own_id, data_dir)
        try:
            made = enrol(server, code, kind, folder)
        except LinkDown as error:
            raise click.ClickException(f"{server} does not answer: {error}") from None
        except Refused as error:
            raise click.ClickException(error.message or say("en", "errors.code_wrong")) from None
        except OSError as error:
            raise click.ClickException(f"{folder} cannot be written: {error}") from None
        click.echo(f"Enrolled as {made.name} in the hall {made.hall}; its token is in {folder / FILE}.")

    return run
