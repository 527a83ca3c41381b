"""The commands of the layout in the database: what a file would change, making it so, and writing it back."""

import functools
import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from hall.differences import Change
from hall.errors import HallError, SettingsError
from hall.settings import Settings, load_settings
from hall.words import Role
from server.commands.operating import hall_ids, with_settings

if TYPE_CHECKING:
    from hall.layout import Hall
    from server.db import Store

MARKS = {"added": ("+", "green"), "reopened": ("+", "green"), "closed": ("-", "red")}
A_VALUE = 60


@click.group()
def layout() -> None:
    """The layout in the database, which config.yaml only begins."""


@layout.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@with_settings
def export(settings: Settings, file: Path) -> None:
    """Write the database's layout back as YAML."""
    import yaml

    from server.layout.kept import written_layout

    store = _store(settings)
    written = [store.read(functools.partial(written_layout, hall=key)) for key in store.read(hall_ids)]
    file.write_text(yaml.safe_dump({"halls": written}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    click.echo(f"{file}: {len(written)} hall(s) written")


@layout.command("plan")
@click.argument("file", type=click.Path(path_type=Path))
@with_settings
def plan(settings: Settings, file: Path) -> None:
    """Show what a layout file would change, and what of it would be refused just now; nothing is written."""
    from server.layout.refusals import planned

    store, hindered = _store(settings), False
    known = store.read(hall_ids)
    for hall in _halls_of(file):
        if hall.id not in known:
            click.echo(f"{hall.id}: not in the database; `hallcall serve` founds it")
            continue
        changes, refusals = store.read(functools.partial(planned, wanted=hall))
        _show(hall.id, changes)
        _show_refusals(refusals)
        hindered = hindered or bool(refusals)
    sys.exit(1 if hindered else 0)


@layout.command("apply")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True, help="why, as the journal keeps it")
@with_settings
def apply(settings: Settings, file: Path, reason: str) -> None:
    """Make the database's layout what a file says; what the file leaves out is closed, nothing is deleted."""
    store, wanted = _store(settings), _halls_of(file)
    for hall in wanted:
        try:
            made = _change(store, hall, reason)
        except HallError as error:
            _refuse(hall.id, error)
            sys.exit(1)
        click.echo(f"{hall.id}: {len(made['changes'])} change(s) made" if made["changes"] else f"{hall.id}: no change")


def _store(settings: Settings) -> "Store":
    from server.opening import open_store

    return open_store(settings)


def _halls_of(file: Path) -> "list[Hall]":
    """The halls that a file describes; its other settings, and the environment's, are nobody's business here."""
    try:
        return load_settings(file, environment={}).halls
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _change(store: "Store", hall: "Hall", reason: str) -> Any:
    from server.actions.arranging import change_layout
    from server.actions.drafting import whole
    from server.people import Principal

    by = Principal("operator", hall.id, Role.SYSTEM_ADMIN, f"{getpass.getuser()} (hallcall layout)"[:40])
    return store.in_hall(hall.id, by.id, None, lambda tx: change_layout(tx, by, whole(hall), reason))


def _show(hall: str, changes: list[Change]) -> None:
    """A line a change, and one a field of it: what is now, and what would be."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{hall}: {len(changes)} change(s)" if changes else f"{hall}: no change")
    for one in changes:
        mark, colour = MARKS.get(one.kind, ("~", "yellow"))
        name = " / ".join(dict.fromkeys(one.name.values()))
        console.print(Text(f"  {mark} {one.part} {one.id} {name}".rstrip() + f": {one.kind}", style=colour))
        for field, (before, after) in one.fields.items():
            came = one.kind in ("added", "reopened")
            console.print(Text(f"      {field}: " + ("" if came else f"{_value(before)} → ") + _value(after)))


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= A_VALUE else f"{text[: A_VALUE - 1]}…"


def _show_refusals(refusals: "list[dict[str, Any]]") -> None:
    from server.layout.refusals import said

    for one in refusals:
        click.echo(f"  refused: {said('en', one)}", err=True)


def _refuse(hall: str, error: HallError) -> None:
    from hall.texts import say

    click.echo(f"{hall}: {say('en', f'errors.{error.code}', **error.details)}", err=True)
    _show_refusals(error.details.get("refusals", []))
