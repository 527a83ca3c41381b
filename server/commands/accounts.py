"""`hallcall account`: the first account of a hall, and a way back in for a center that is locked out."""

import functools
from typing import TYPE_CHECKING

import click

from hall.errors import HallError
from hall.settings import Settings
from server.commands.operating import hall_ids, with_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection


@click.group()
def account() -> None:
    """Accounts of people; everything else about them is on the page /people."""


@account.command()
@with_settings
def first(settings: Settings) -> None:
    """Make the security administrator of each hall that has no account, and print the one-time password.

    `hallcall serve` does the same at its first start. Prints nothing where there are accounts.
    """
    from server.opening import first_accounts, open_store

    told = first_accounts(open_store(settings))
    if told:
        click.echo(told)


@account.command()
@click.argument("login")
@click.option("--hall", help="needed where there are several")
@with_settings
def reset(settings: Settings, login: str, hall: str | None) -> None:
    """Print a new one-time password for LOGIN, unlock it, and take its second factor away."""
    from server.access import write_line
    from server.opening import open_store
    from server.sign_in import accounts, passwords

    store = open_store(settings)
    halls = store.read(hall_ids)
    key = hall or halls[0]
    if key not in halls or (hall is None and len(halls) > 1):
        raise click.UsageError(f"name the hall with --hall: {', '.join(halls)}")
    plain = accounts.plain_login(login)
    found = store.read(functools.partial(accounts.account_of_login, hall=key, login=plain))
    if found is None:
        raise click.ClickException(f"{key} has no account {login}")
    password, now = passwords.one_time(), store.clock.now()
    kept = passwords.hashed(password)

    def write(connection: "Connection") -> None:
        accounts.give_password(connection, key, found["id"], kept, None, now)
        accounts.reset_factor(connection, key, found["id"], now)
        accounts.enable_account(connection, key, found["id"])
        write_line(connection, now, "account_password_reset", None, f"{plain} by hallcall account reset", key)

    try:
        store.write(write)
    except HallError as error:
        raise click.ClickException(error.code) from None
    click.echo(password)
