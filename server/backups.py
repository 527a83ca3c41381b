"""A backup: one SQLite file with every table, written from either database while the server runs, and proved."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, func, insert, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from server.audit.chain import first_break
from server.db import Store
from server.journal import iso
from server.opening import scripts
from server.tables import metadata
from server.tables.layout import halls

LEFT_OUT = frozenset({"day_keys", "identities", "subscriptions", "lockouts"})
"""What is destroyed at night, or within a day: a backup outlives it, so it never holds them."""

NAME = "hallcall-%Y%m%d-%H%M%S.sqlite3"
ANY_NAME = "hallcall-" + "[0-9]" * 8 + "-" + "[0-9]" * 6 + ".sqlite3"
LAST = "last.json"
HALLCALL = 0x48414C4C
"""SQLite's application_id of our files: HALL."""
BATCH = 2000


class BadBackup(Exception):
    """A backup that could not be written or read, in words for who operates the server."""


@dataclass(frozen=True)
class Facts:
    """What a backup says of itself. `halls`: {hall: {epoch, seq, head}}."""

    made_at: str
    revision: str
    rows: dict[str, int]
    halls: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Last:
    """The last backup of a data folder, as a small file beside the backups keeps it."""

    file: str
    made_at: str
    size: int
    halls: dict[str, int]


def write_backup(store: Store, file: Path, now: datetime) -> Facts:
    """Writes the database as it is at one moment to `file`, which appears only once it is whole and proved.

    Raises BadBackup when there is no room, the journal does not hold, or the database is of another schema.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        store.read(lambda connection: _write(connection, partial, now))
        facts = proved(partial)
        _keep(partial)
        os.replace(partial, file)
        _keep(file.parent)
    except (DatabaseError, OSError) as error:
        raise BadBackup(f"{file}: not written: {getattr(error, 'orig', None) or error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return facts


def _write(source: Connection, file: Path, now: datetime) -> None:
    from alembic.migration import MigrationContext

    revision = MigrationContext.configure(source).get_current_revision()
    if revision is None or revision != scripts().get_current_head():
        raise BadBackup(
            f"the database has schema {revision or 'none'}, this Hallcall needs {scripts().get_current_head()}: "
            "start the server once, which brings it up to date, or back up with the Hallcall it belongs to"
        )
    with _opened(file) as target:
        metadata.create_all(target)
        MigrationContext.configure(target).stamp(scripts(), revision)
        facts = Facts(iso(now), revision, copy_tables(source, target), _positions(source))
        target.exec_driver_sql("CREATE TABLE backup (facts TEXT NOT NULL)")
        target.exec_driver_sql("INSERT INTO backup VALUES (?)", (json.dumps(asdict(facts)),))
        target.exec_driver_sql(f"PRAGMA application_id={HALLCALL}")


def copy_tables(source: Connection, target: Connection) -> dict[str, int]:
    """Every table that outlives the night, a batch at a time; {table: rows}."""
    rows = {}
    for table in metadata.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        rows[table.name] = 0
        # For this statement only: left on the connection it would turn PostgreSQL's ROLLBACK into a cursor.
        found = source.execute(select(table), execution_options={"yield_per": BATCH})
        for batch in found.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in batch])
            rows[table.name] += len(batch)
    return rows


def _positions(connection: Connection) -> dict[str, dict[str, Any]]:
    found = connection.execute(select(halls.c.id, halls.c.epoch, halls.c.seq, halls.c.head).order_by(halls.c.id))
    return {row.id: {"epoch": row.epoch, "seq": row.seq, "head": row.head} for row in found}


def proved(file: Path) -> Facts:
    """What a backup says of itself, once it has shown that this is so: whole, every row there, every chain holding."""
    facts = told(file)
    try:
        with reading(file) as connection:
            _check(connection, file, facts)
    except DatabaseError as error:
        raise BadBackup(f"{file} is damaged: {error.orig}") from error
    return facts


def told(file: Path) -> Facts:
    """What a file says of itself; BadBackup where it is none of ours."""
    try:
        with file.open("rb") as opened:
            if opened.read(16) != b"SQLite format 3\0":
                raise BadBackup(f"{file} is not a backup of Hallcall")
        with reading(file) as connection:
            if connection.exec_driver_sql("PRAGMA application_id").scalar_one() != HALLCALL:
                raise BadBackup(f"{file} is a database, but not a backup of Hallcall")
            return Facts(**json.loads(connection.exec_driver_sql("SELECT facts FROM backup").scalar_one()))
    except OSError as error:
        raise BadBackup(f"{file}: {error.strerror}") from error
    except (DatabaseError, TypeError, ValueError) as error:
        raise BadBackup(f"{file} is damaged: {getattr(error, 'orig', None) or error}") from error


def _check(connection: Connection, file: Path, facts: Facts) -> None:
    state = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if state != "ok":
        raise BadBackup(f"{file} is damaged: {state}")
    for name, expected in facts.rows.items():
        found = connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
        if found != expected:
            raise BadBackup(f"{file} is damaged: {name} has {found} rows, not {expected}")
    if _positions(connection) != facts.halls:
        raise BadBackup(f"{file} is damaged: its halls are not where it says")
    for hall in facts.halls:
        broken = first_break(connection, hall, "journal_checkpoints" in facts.rows)
        if broken:
            raise BadBackup(f"{file}: the journal of {hall} is broken: {broken}")


@contextmanager
def reading(file: Path) -> Iterator[Connection]:
    """A connection to a backup that can change nothing in it."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True),
        poolclass=NullPool,
        hide_parameters=True,
    )
    with engine.connect() as connection:
        yield connection


@contextmanager
def _opened(file: Path) -> Iterator[Connection]:
    """One transaction on a new file that nobody else knows of; kept on the disk by its caller."""
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")

    with engine.begin() as connection:
        yield connection


def _keep(path: Path) -> None:
    """Waits until a file or a folder's names are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def note_last(folder: Path, file: Path, facts: Facts) -> None:
    """Tells the server, which reads it for the self-check, what the last backup is."""
    seqs = {hall: position["seq"] for hall, position in facts.halls.items()}
    last = Last(str(file.resolve()), facts.made_at, file.stat().st_size, seqs)
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / f".{LAST}"
    written.write_text(json.dumps(asdict(last)), encoding="utf-8")
    os.replace(written, folder / LAST)


def last_backup(folder: Path) -> Last | None:
    """The last backup that was made and proved; None when there was none."""
    try:
        return Last(**json.loads((folder / LAST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def forget_older(folder: Path, keep: int) -> list[Path]:
    """Deletes all but the `keep` newest backups of a folder; by their names, which begin with their moment."""
    old = sorted(folder.glob(ANY_NAME))[:-keep]
    for file in old:
        file.unlink()
    return old


def row_counts(connection: Connection) -> dict[str, int]:
    """{table: rows} of every table that a backup holds."""
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
        if table.name not in LEFT_OUT
    }
