"""Opening the truth: the database brought up to date, the first layout taken, the store ready for commands."""

import os
import secrets
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, inspect, select

from hall.differences import Change, differences
from hall.layout import Hall
from hall.settings import Settings
from server.actions.day import day_is_over, end_day
from server.actions.due import do_due
from server.clock import Clock
from server.command import Days, Offload
from server.db import Store, open_engine
from server.layout.kept import hall_layout
from server.layout.rewriting import found_hall
from server.sign_in.accounts import FIRST, first_account, halls_with_accounts
from server.sign_in.passwords import hashed, one_time
from server.tables.layout import halls

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent / "migrations"


def database_url(settings: Settings) -> str:
    url = settings.server.database_url or f"sqlite:///{settings.data_dir.resolve()}/hallcall.sqlite3"
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _alembic() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def scripts() -> "ScriptDirectory":
    """The migrations that this Hallcall knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_alembic())


def migrate(url: str) -> None:
    """Brings the database to today's schema with its guards."""
    if _schema(url) == newest():
        return  # as at nearly every start: Alembic takes a tenth of one to load
    from alembic import command

    config = _alembic()
    config.attributes["url"] = url
    command.upgrade(config, "head")


def newest() -> str:
    """Today's schema."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _schema(url: str) -> str | None:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none())
    finally:
        engine.dispose()


def open_store(
    settings: Settings,
    offload: Offload | None = None,
) -> Store:
    """A store on a migrated database that knows at least the halls of the settings."""
    store = store_as_it_is(settings, offload)
    migrate(database_url(settings))
    for hall in settings.halls:
        store.write(partial(found_hall, hall=hall, now=store.clock.now()))
    return store


def differing(store: Store, settings: Settings) -> dict[str, list[Change]]:
    """{hall: what the settings' layout would change in the database's}; without the halls that are the same."""

    def compare(connection: Connection, wanted: Hall) -> list[Change]:
        layout = hall_layout(connection, wanted.id)
        return [] if layout is None else differences(layout.document, wanted, layout.closed)

    found = {hall.id: store.read(partial(compare, wanted=hall)) for hall in settings.halls}
    return {hall: changes for hall, changes in found.items() if changes}


def first_accounts(store: Store) -> str:
    """Makes the security administrator of every hall without an account; what to tell, once. Empty: all have some.

    Of halls that begin together it is one password, to be changed in each.
    """
    known = set(store.read(halls_with_accounts))
    bare = [hall for hall in store.read(_halls) if hall not in known]
    if not bare:
        return ""
    password, now = one_time(), store.clock.now()
    kept = hashed(password)

    def make(connection: Connection) -> list[str]:
        return [hall for hall in bare if first_account(connection, hall, kept, now)]

    made = store.write(make)
    return f"First sign-in at /sign-in ({', '.join(made)}): {FIRST} {password}" if made else ""


def _halls(connection: Connection) -> list[str]:
    return list(connection.execute(select(halls.c.id).order_by(halls.c.id)).scalars())


def store_as_it_is(settings: Settings, offload: Offload | None = None) -> Store:
    """A store on the database, whatever its schema."""
    clock = Clock(settings.server.clock)
    return Store(open_engine(database_url(settings)), clock, Days(day_is_over, end_day, do_due), offload)


def secret_key(settings: Settings) -> str:
    """HALLCALL_SECRET_KEY, else a key made once and kept in the data folder for its owner alone."""
    given = os.environ.get("HALLCALL_SECRET_KEY")
    if given:
        return given
    path = settings.data_dir / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_once(path, secrets.token_hex(32))
    return path.read_text()


def _make_once(path: Path, text: str) -> None:
    """A file that is there whole or not at all, whoever is stopped meanwhile; of two who make it one has made it."""
    written = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    written.touch(mode=0o600)
    written.write_text(text)
    try:
        os.link(written, path)
    except FileExistsError:
        pass
    finally:
        written.unlink()
