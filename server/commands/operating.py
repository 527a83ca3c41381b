"""The commands of who operates the server: serve, token, check-config, layout, clock."""

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hall.doubts import warnings
from hall.errors import SettingsError
from hall.settings import Settings, load_settings
from hall.words import Role

if TYPE_CHECKING:
    from server.db import Store


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command `settings`; a mistake in them ends it with the mistakes, one a line."""

    @click.option("--config", type=click.Path(path_type=Path), default=Path("config.yaml"), show_default=True)
    @functools.wraps(command)
    def run(config: Path, **options: Any) -> Any:
        try:
            return command(settings=load_settings(config), **options)
        except SettingsError as error:
            click.echo(str(error), err=True)
            sys.exit(2)

    return run


def _store(settings: Settings) -> "Store":
    from server.opening import open_store

    return open_store(settings)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="instead of server.port; 0 takes a free one")
@click.option("--always-open", is_flag=True, help="disregard hours and quotas")
@with_settings
def serve(settings: Settings, port: int | None, always_open: bool) -> None:
    """Serve the hall: API, push and pages."""
    from server import serving

    _say_doubts(settings)
    serving.serve(settings, port, always_open)


def _say_doubts(settings: Settings) -> None:
    for doubt in warnings(settings):
        click.echo(f"worth a look: {doubt}", err=True)


@click.group()
def token() -> None:
    """Tokens for devices and people."""


@token.command("create")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--hall", help="the hall it is for; needed where there are several")
@click.option("--window", help="bind it to one window")
@click.option("--unit", help="the unit that stationed who holds it; without it the center's own")
@click.option("--name", help="who or what it is, as staff will read it")
@with_settings
def create(
    settings: Settings, role: str, hall: str | None, window: str | None, unit: str | None, name: str | None
) -> None:
    """Make a token and print it, alone: it is shown this once."""
    click.echo(_made(_store(settings), role, hall, window, unit, name))


@token.command("create-many")
@with_settings
def create_many(settings: Settings) -> None:
    """Make every token that standard input asks for, in one start of the program.

    Reads JSON, {KEY: {role, hall, window, unit, name}} with all but the role as one likes, and prints {KEY: token}.
    """
    store = _store(settings)
    try:
        made = {key: _made(store, **one) for key, one in json.load(sys.stdin).items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise click.UsageError(f"standard input: {error}; expected {{KEY: {{role, hall, …}}}}") from None
    click.echo(json.dumps(made))


def _made(
    store: "Store",
    role: str,
    hall: str | None = None,
    window: str | None = None,
    unit: str | None = None,
    name: str | None = None,
) -> str:
    from server.access import write_line
    from server.auth import create_token
    from server.queries import known_layout

    halls = store.read(hall_ids)
    if hall is None and len(halls) > 1:
        raise click.UsageError(f"there are several halls; name one with --hall: {', '.join(halls)}")
    key = hall or halls[0]
    if key not in halls:
        raise click.UsageError(f"there is no hall {key!r}; there is {', '.join(halls)}")
    layout = store.read(lambda connection: known_layout(connection, key))
    for what, given, known in (("window", window, layout.windows), ("unit", unit, layout.units)):
        if given is not None and given not in known:
            raise click.UsageError(f"the hall {key!r} has no {what} {given!r}; it has {', '.join(known)}")
    now = store.clock.now()

    def make(connection: Any) -> str:
        secret = create_token(connection, key, Role(role), window, name, now, unit)
        write_line(connection, now, "token_created", None, f"{role} {name or ''} by hallcall token create", key)
        return secret

    return store.write(make)


@token.command("list")
@with_settings
def list_tokens(settings: Settings) -> None:
    """Tokens that are good still: id, hall, role, window, name, since when."""
    from server.devices.enrolling import good_tokens

    for one in _store(settings).read(good_tokens):
        click.echo(
            f"{one.id}  {one.hall_id}  {one.role}  {one.window_id or '-'}  {one.name}  {one.created_at:%Y-%m-%d %H:%M}Z"
        )


@token.command("revoke")
@click.argument("key", metavar="ID")
@with_settings
def revoke(settings: Settings, key: str) -> None:
    """Make a token worthless: who is there by it is out within seconds."""
    from server.access import write_line
    from server.devices.enrolling import revoke_token

    store = _store(settings)
    now = store.clock.now()

    def write(connection: Any) -> bool:
        gone = revoke_token(connection, key, now)
        if gone is not None:
            said = f"{gone.role} {gone.name} by hallcall token revoke"
            write_line(connection, now, "token_revoked", None, said, gone.hall_id)
        return gone is not None

    if not store.write(write):
        raise click.ClickException(f"there is no good token {key}; `hallcall token list` has them")


def hall_ids(connection: Any) -> list[str]:
    from sqlalchemy import select

    from server.tables.layout import halls

    return list(connection.execute(select(halls.c.id).order_by(halls.c.id)).scalars())


@click.command("check-config")
@with_settings
def check_config(settings: Settings) -> None:
    """Read config.yaml and say what is wrong with it, or hardly meant."""
    from server.clock import Clock

    Clock(settings.server.clock)
    for hall in settings.halls:
        click.echo(
            f"{hall.id}: {len(hall.units)} units, {len(hall.matters)} matters, {len(hall.lines)} lines, "
            f"{len(hall.windows)} windows, {len(hall.zones)} zones: in order"
        )
    _say_doubts(settings)


@click.group()
def clock() -> None:
    """The hall's time."""


@clock.command("accept")
@with_settings
def accept(settings: Settings) -> None:
    """Go back to the machine's time after a wrong clock was journalled: everything unfinished expires.

    For the server that stops giving numbers because the journal's last moment lies ahead of this machine's clock.
    """
    from server.actions.day import accept_clock

    store = _store(settings)
    for key in store.read(hall_ids):
        before = store.in_hall(key, "system", None, lambda tx: accept_clock(tx, store.clock.now()))
        now = store.clock.now().isoformat(timespec="seconds")
        click.echo(f"{key}: the journal was at {before}, from here on it is {now}" if before else f"{key}: in order")
