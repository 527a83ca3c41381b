"""`hallcall devices`: how every device is, as the device page shows it; enrol, revoke and test from the shell."""

import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hall.errors import HallError
from hall.settings import Settings
from hall.texts import DEFAULT, catalogue, languages, say
from hall.words import Role
from server.commands.operating import hall_ids, with_settings

if TYPE_CHECKING:
    from server.db import Store
    from server.devices.states import Device
    from server.people import Principal

MARKS = {
    "ok": "[green]●[/green]",
    "warning": "[yellow]▲[/yellow]",
    "fault": "[red]■[/red]",
    "silent": "[red]✕[/red]",
    "off": "○",
    "never": "◌",
}
WAIT_SECONDS = 45
"""A heartbeat, and the longest test."""
NONE = "–"


@click.group(invoke_without_command=True)
@click.option("--hall", help="the hall; without it the settings' first")
@click.option("--language", type=click.Choice(list(languages())), default=DEFAULT, show_default=True)
@with_settings
@click.pass_context
def devices(context: click.Context, settings: Settings, hall: str | None, language: str) -> None:
    """Every device with its state, what is wrong and what to do; exit 1 when one is red."""
    context.obj = _Desk(settings, hall or settings.halls[0].id, language)
    if context.invoked_subcommand is None:
        found = context.obj.found()
        Console().print(_table(found, language))
        sys.exit(1 if any(one.red for one in found) else 0)


@devices.command()
@click.option("--role", type=click.Choice(["kiosk", "display", "caller"]), required=True)
@click.option("--name", required=True, help="as people call it; an earlier device of this name is replaced")
@click.option("--window", help="the window of a caller's keypad")
@click.pass_obj
def enrol(desk: "_Desk", role: str, name: str, window: str | None) -> None:
    """A code that lets in one device, once, within half an hour."""
    from server.devices import enrolling
    from server.opening import secret_key

    wanted = enrolling.Enrolment(role, name[:40], window)
    make = partial(enrolling.make_enrolment, key=secret_key(desk.settings), who=desk.who, wanted=wanted)
    made = desk.write(partial(make, request_id=None, now=desk.store.clock.now()))
    desk.record("device_code_made", f"{role} {name}")
    click.echo(made["code"])
    click.echo(f"On the device, within {enrolling.VALID_MINUTES} minutes:", err=True)
    click.echo(f"  hallcall-{role} enrol --server http://THIS-SERVER --code {made['code']}", err=True)


@devices.command()
@click.argument("device")
@click.pass_obj
def revoke(desk: "_Desk", device: str) -> None:
    """Shut out DEVICE, by its name or id, for good; a running server cuts it off within two seconds."""
    from server.devices import enrolling

    one = desk.named(device)
    desk.write(partial(enrolling.revoke_device, hall=desk.hall, device=one.id, now=desk.store.clock.now()))
    desk.record("device_revoked", one.id)
    click.echo(f"{one.name} is shut out")


@devices.command("test")
@click.argument("device")
@click.argument("what", type=click.Choice(["print", "announcement", "sign"]))
@click.pass_obj
def try_device(desk: "_Desk", device: str, what: str) -> None:
    """Ask DEVICE for a test slip, announcement or sign and wait for what becomes of it; exit 1 unless it went well."""
    from server.devices import enrolling

    one = desk.named(device)
    ask = partial(enrolling.ask_test, who=desk.who, device=one.id, what=what, request_id=None)
    asked = desk.write(partial(ask, now=desk.store.clock.now()))
    end = time.monotonic() + WAIT_SECONDS
    while (test := desk.test(asked["id"]))["state"] == "waiting" and time.monotonic() < end:
        time.sleep(0.5)
    words = say(desk.language, f"device_page.test_{test['state']}")
    click.echo(f"{one.name}: {say(desk.language, f'device_page.test_{what}')}: {words} {test['detail']}".rstrip())
    sys.exit(0 if test["state"] == "ok" else 1)


class _Desk:
    """What the commands share: the store, the hall, and who they act as."""

    def __init__(self, settings: Settings, hall: str, language: str) -> None:
        from server.opening import open_store

        self.settings = settings
        self.hall = hall
        self.language = language
        self.store: Store = open_store(settings)
        if hall not in (known := self.store.read(hall_ids)):
            raise click.ClickException(f"there is no hall {hall!r}; there is {', '.join(known)}")

    @property
    def who(self) -> "Principal":
        from server.people import Principal

        return Principal("hallcall", self.hall, Role.SYSTEM_ADMIN, "hallcall")

    def found(self) -> "list[Device]":
        from server.devices.states import Moment, device_states

        moment = Moment(self.store.clock, self.store.clock.now())
        return self.store.read(partial(device_states, hall=self.hall, moment=moment))

    def named(self, device: str) -> "Device":
        known = self.found()
        fits = [one for one in known if device in (one.id, one.name)]
        if len(fits) != 1:
            said = f"several devices are called {device!r}: use the id" if fits else f"there is no device {device!r}"
            raise click.ClickException(f"{said}; there is {', '.join(f'{one.name} ({one.id})' for one in known)}")
        return fits[0]

    def test(self, asked: str) -> dict[str, Any]:
        return next(test for one in self.found() for test in one.tests if test["id"] == asked)

    def write(self, work: Any) -> Any:
        try:
            return self.store.write(work)
        except HallError as error:
            details = ", ".join(f"{name} {value}" for name, value in error.details.items())
            raise click.ClickException(f"{error.code}: {details}") from None

    def record(self, what: str, detail: str) -> None:
        from server.auth import Gate

        Gate(self.store).record(what, self.who, detail)


def _table(found: "list[Device]", language: str) -> Table:
    """As the page has it."""
    table = Table(show_lines=True)
    for column in ("state", "device", "wrong", "paper", "board", "clock", "seen"):
        table.add_column(say(language, f"device_page.{column}"), overflow="fold")
    for one in found:
        kind = say(language, f"device_page.kind_{one.kind}")
        table.add_row(
            f"{MARKS[one.state]} {say(language, f'device_page.state_{one.state}')}",
            f"[bold]{escape(one.name)}[/bold]\n{kind}{f' · {one.window}' if one.window else ''}\n[dim]{one.id}[/dim]",
            _wrong(one, language),
            _paper(one, language),
            NONE if one.seq is None else f"{one.seq}" + (f" (−{one.behind})" if one.behind else ""),
            NONE if one.drift_seconds is None else f"{one.drift_seconds:+.1f} s",
            f"{one.seen_at or NONE}\n{one.version or ''}".rstrip(),
        )
    return table


def _wrong(one: "Device", language: str) -> str:
    said = []
    for part in one.wrong:
        if (key := f"devices.{part.part}.{part.code}") in catalogue(language, "devices"):
            said.append(f"[bold]{say(language, key, **part.facts)}[/bold] {escape(part.id)}")
            said.append(say(language, f"{key}.remedy", **part.facts))
    if one.last_error:
        error = say(language, "device_page.last_error", time=one.last_error["at"])
        said.append(f"{error} {escape(one.last_error['text'])}")
    return "\n".join(said)


def _paper(one: "Device", language: str) -> str:
    printers = [part for part in one.conditions if part.part == "printer"]
    codes = {part.code for part in printers}
    if not printers:
        return NONE
    kind = "out" if "paper_out" in codes else "near_end" if "near_end" in codes else "there"
    return say(language, f"device_page.paper_{kind if codes <= {'', 'paper_out', 'near_end'} else 'unknown'}")
