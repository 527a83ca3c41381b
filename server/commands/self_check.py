"""`hallcall self-check`: asks the running server whether the hall may open, and shows every line with its remedy."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from hall.errors import LinkDown, Refused
from hall.link import Link
from hall.settings import Settings
from hall.texts import DEFAULT, languages, say
from hall.words import Role
from server.commands.operating import with_settings

LONGEST_SECONDS = 75
"""A heartbeat and the longest test."""
MARKS = {"ok": "[green]✓[/green]", "warning": "[yellow]▲[/yellow]", "fault": "[red]✗[/red]", "unknown": "[red]?[/red]"}


@click.command("self-check")
@click.option("--server", help="the server's address; without it this machine's, at the settings' port")
@click.option("--hall", help="the hall to check; without it every hall of the settings")
@click.option("--language", type=click.Choice(list(languages())), default=DEFAULT, show_default=True)
@with_settings
def self_check(settings: Settings, server: str | None, hall: str | None, language: str) -> None:
    """Prove that every device, the clock, last night's backup and the database work; exit 1 until all is green.

    Asks with HALLCALL_TOKEN (a system administrator's or supervisor's), else with a token of its own, made in the
    database for this once.
    """
    address, halls = server or f"http://127.0.0.1:{settings.server.port}", [hall] if hall else None
    green = True
    for key in halls or [one.id for one in settings.halls]:
        try:
            with _token(settings, key) as token:
                answer = _checked(Link(address, token, key, language))
        except LinkDown:
            raise click.ClickException(f"the server does not answer at {address}: start it first") from None
        except Refused as error:
            raise click.ClickException(error.message) from None
        _show(key, answer, language)
        green = green and answer["green"]
    sys.exit(0 if green else 1)


def _checked(link: Link) -> Any:
    """The check's answer once nothing is awaited any more."""
    seq = link.post("self-check")["seq"]
    end = time.monotonic() + LONGEST_SECONDS
    while True:
        answer = link.get("self-check", seq=seq)
        awaited = any(line["state"] == "unknown" for line in answer["lines"])
        if not awaited or time.monotonic() > end:
            return answer
        time.sleep(1)


@contextmanager
def _token(settings: Settings, hall: str) -> Iterator[str]:
    given = os.environ.get("HALLCALL_TOKEN")
    if given:
        yield given
        return
    from sqlalchemy import update

    from server.auth import create_token
    from server.opening import store_as_it_is
    from server.people import digest_of
    from server.tables.people import tokens

    store = store_as_it_is(settings)
    now = store.clock.now()
    token = store.write(lambda connection: create_token(connection, hall, Role.SYSTEM_ADMIN, None, "self-check", now))
    try:
        yield token
    finally:
        own = update(tokens).where(tokens.c.digest == digest_of(token))
        store.write(lambda connection: connection.execute(own.values(revoked_at=now)))


def _show(hall: str, answer: Any, language: str) -> None:
    table = Table(title=f"{say(language, 'check.title')} · {hall}", title_justify="left", show_lines=False)
    table.add_column("")
    for name in ("part", "device", "said", "remedy"):
        table.add_column(say(language, f"check.table_{name}"), overflow="fold")
    for line in answer["lines"]:
        device = " ".join(part for part in (line["device"], line["id"]) if part)
        detail = f"\n[dim]{line['detail']}[/dim]" if line["detail"] and line["state"] != "ok" else ""
        remedy = line["remedy"] if line["state"] != "ok" else ""
        table.add_row(MARKS[line["state"]], line["name"], device, line["said"] + detail, remedy)
    console = Console()
    console.print(table)
    left = sum(line["state"] not in ("ok", "warning") for line in answer["lines"])
    verdict = say(language, "check.green") if answer["green"] else say(language, "check.not_green")
    console.print(f"{MARKS['ok']} {verdict}" if answer["green"] else f"{MARKS['fault']} {verdict} ({left})")
