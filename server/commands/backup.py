"""`hallcall backup` and `hallcall restore`."""

import time
from pathlib import Path

import click

from hall.settings import Settings
from server.commands.operating import with_settings


@click.command()
@click.option(
    "--to", type=click.Path(path_type=Path), help="a file, or a folder; without it backups/ in the data folder"
)
@click.option("--keep", type=click.IntRange(1), help="delete all but so many of the folder's backups")
@with_settings
def backup(settings: Settings, to: Path | None, keep: int | None) -> None:
    """Write the whole database to one file, while the server runs, and prove it."""
    from server.backups import NAME, BadBackup, forget_older, note_last, write_backup
    from server.opening import store_as_it_is

    began, store = time.monotonic(), store_as_it_is(settings)
    here, now = settings.data_dir / "backups", store.clock.now()
    named = to is not None and not to.is_dir() and to.suffix != ""
    file = to if to is not None and named else (to or here) / f"{now:{NAME}}"
    try:
        facts = write_backup(store, file, now)
        note_last(here, file, facts)
    except (BadBackup, OSError) as error:
        raise click.ClickException(str(error)) from None
    halls = ", ".join(f"{hall} at seq {position['seq']}" for hall, position in facts.halls.items())
    size, rows = file.stat().st_size / 1e6, sum(facts.rows.values())
    click.echo(f"{file}: {size:.1f} MB, {rows} rows, {halls}; written and proved in {time.monotonic() - began:.1f} s")
    for old in forget_older(file.parent, keep) if keep else []:
        click.echo(f"{old}: deleted")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="move the present SQLite database aside first")
@with_settings
def restore(settings: Settings, file: Path, replace: bool) -> None:
    """Put a backup in place of an empty database, with the server stopped, and prove it."""
    from server.backups import BadBackup
    from server.clock import Clock
    from server.opening import database_url
    from server.restoring import restore as put_back

    now = Clock(settings.server.clock).now()
    try:
        facts, aside = put_back(file, database_url(settings), now, replace)
    except BadBackup as error:
        raise click.ClickException(str(error)) from None
    if aside is not None:
        click.echo(f"the database before it is {aside}")
    halls = ", ".join(f"{hall} at seq {position['seq']}" for hall, position in facts.halls.items())
    click.echo(f"restored as of {facts.made_at}: {halls}; every chain holds, and the journal equals the tables")
    click.echo("Numbers given after that moment are unknown to it: who holds one from then needs a new one.")
