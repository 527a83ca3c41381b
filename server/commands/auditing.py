"""The commands of who answers for what was written: audit verify, erase, retention."""

import sys
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress

from hall.errors import HallError
from hall.settings import Settings
from server.commands.operating import hall_ids, with_settings

if TYPE_CHECKING:
    from server.db import Store


def _store(settings: Settings) -> "Store":
    from server.opening import open_store

    return open_store(settings)


@click.group()
def audit() -> None:
    """The journal's own proof."""


@audit.command("verify")
@with_settings
def verify(settings: Settings) -> None:
    """Check every journal row by row, that it tells the same as the tables, and that each call kept the order.

    Ends with 1 when anything is wrong; says hall, seq and what.
    """
    from server.audit.verifying import verified

    url = _store(settings).engine.url.render_as_string(hide_password=False)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("rows", total=None)
        found = verified(url, tell=lambda done, of: progress.update(bar, completed=done, total=of))
    for line in found:
        click.echo(line, err=True)
    if found:
        sys.exit(1)
    click.echo("every chain holds, and the journal equals the tables")


@click.command("erase")
@click.option("--ticket", "number", metavar="NUMBER", help="the number of a ticket, with --day")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="the ticket's day")
@click.option("--booking", metavar="CODE")
@click.option("--case", metavar="CODE")
@click.option("--hall", help="needed where there are several")
@click.option("--reason", required=True, help="who asked for it and why; it stands in the access log")
@with_settings
def erase(
    settings: Settings,
    number: str | None,
    day: datetime | None,
    booking: str | None,
    case: str | None,
    hall: str | None,
    reason: str,
) -> None:
    """Erase what is personal of one ticket, booking or case. The journal keeps every row and goes on proving itself."""
    from server.access import write_line
    from server.audit.personal import Asked, find
    from server.audit.personal import erase as erase_fields

    given = [(what, named) for what, named in (("ticket", number), ("booking", booking), ("case", case)) if named]
    if len(given) != 1 or (number and not day):
        raise click.UsageError("name one thing: --ticket NUMBER --day DAY, --booking CODE or --case CODE")
    store = _store(settings)
    halls = store.read(hall_ids)
    key = hall or halls[0]
    if key not in halls or (hall is None and len(halls) > 1):
        raise click.UsageError(f"name a hall with --hall: {', '.join(halls)}")
    ((what, named),) = given
    try:
        row = store.read(partial(find, hall=key, asked=Asked(what, named, day.date() if day else None)))
    except HallError:
        raise click.ClickException(f"there is no such {what}") from None
    store.write(partial(erase_fields, hall=key, what=what, key=row))
    told = f"{what} {row}: {reason}"
    store.write(partial(write_line, now=store.clock.now(), what="erased", principal=None, detail=told, hall=key))
    click.echo(f"{what} {row}: what was personal is erased")


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="only say what would go")
@with_settings
def retention(settings: Settings, dry_run: bool) -> None:
    """Drop what is older than the settings keep (`retention` in config.yaml); the server does so every night."""
    from server.audit.retention import keep_report, retain, retain_access

    store = _store(settings)
    reports = [retain(store, hall, settings.retention, dry_run) for hall in store.read(hall_ids)]
    lines = retain_access(store, settings.retention, dry_run)
    for report in reports:
        click.echo(f"{report.hall}: {report.told()}")
    click.echo(f"access log: {lines} lines")
    if not dry_run:
        click.echo(str(keep_report(settings.data_dir, reports, lines, store.clock.now())))
