"""The commands of who answers for what was written: audit verify, erase, retention."""

import gc
import sys
from functools import partial
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress

from hall.settings import Settings
from server.commands.operating import with_settings

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
    from server.verifying import faults

    store = _store(settings)
    gc.disable()  # nothing in a journal goes in circles; looking for such among a day's tickets costs a fifth
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("rows", total=None)
        found = store.read(partial(faults, tell=lambda done, of: progress.update(bar, completed=done, total=of)))
    for line in found:
        click.echo(line, err=True)
    if found:
        sys.exit(1)
    click.echo("every chain holds, and the journal equals the tables")
