"""The way back from a backup: into an empty database, proved before anything of the present is touched."""

import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Table, func, inspect, select, update
from sqlalchemy.exc import SQLAlchemyError

from server.access import write_line
from server.audit.verifying import faults
from server.backups import BadBackup, Facts, copy_tables, proved, reading, row_counts
from server.db import open_engine
from server.opening import migrate, scripts
from server.tables import metadata
from server.tables.layout import halls

SIDE_FILES = ("-wal", "-shm", "-journal")


def restore(file: Path, url: str, now: datetime, replace: bool) -> tuple[Facts, Path | None]:
    """Puts a backup in place of an empty database; what the backup says, and where the present was moved to.

    `replace`: a SQLite database that holds halls is moved aside first. The halls get new epochs, so that everyone
    who follows them begins anew. Raises BadBackup, and has changed nothing then.
    """
    facts = proved(file)
    with _of_today(file, facts) as source:
        try:
            if url.startswith("sqlite"):
                return facts, _into_file(source, facts, Path(url.removeprefix("sqlite:///")), now, replace)
            _into_server(source, facts, url, now, replace)
            return facts, None
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise BadBackup(f"not restored: {getattr(error, 'orig', None) or error}") from error


@contextmanager
def _of_today(file: Path, facts: Facts) -> Iterator[Path]:
    """The backup with today's schema: itself, or a copy that was brought up to date."""
    if facts.revision == scripts().get_current_head():
        yield file
        return
    try:
        scripts().get_revision(facts.revision)
    except CommandError:
        raise BadBackup(
            f"{file} was made by a newer Hallcall (schema {facts.revision}; this one knows up to "
            f"{scripts().get_current_head()}): install that one, then restore"
        ) from None
    with tempfile.TemporaryDirectory(prefix="hallcall-restore-") as folder:
        copy = Path(folder) / "older.sqlite3"
        shutil.copyfile(file, copy)
        migrate(f"sqlite:///{copy}")
        yield copy


def _into_file(source: Path, facts: Facts, target: Path, now: datetime, replace: bool) -> Path | None:
    """Built beside the present, proved there, and only then put in its place."""
    occupied = _holds_halls(f"sqlite:///{target}") if target.exists() else False
    if occupied and not replace:
        raise BadBackup(f"{target} holds halls already; --replace moves it aside first")
    building = target.with_name(f".{target.name}.restoring")
    try:
        _forget(building)
        target.parent.mkdir(parents=True, exist_ok=True)
        engine = _migrated(f"sqlite:///{building}")
        with engine.connect() as connection:
            _fill(connection, source, facts, now, "BEGIN IMMEDIATE")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        aside = _move_aside(target, now) if target.exists() else None
        os.replace(building, target)
        return aside if occupied else None
    finally:
        _forget(building)


def _into_server(source: Path, facts: Facts, url: str, now: datetime, replace: bool) -> None:
    if replace:
        raise BadBackup(
            "--replace is for SQLite: make an empty database, name it in HALLCALL_DATABASE_URL, and restore into that"
        )
    if _holds_halls(url):
        raise BadBackup("the database holds halls already: a backup is restored into an empty one")
    engine = _migrated(url)
    with engine.connect() as connection:
        _fill(connection, source, facts, now, "BEGIN")
    engine.dispose()


def _migrated(url: str) -> Engine:
    engine = open_engine(url)
    migrate(url)
    return engine


def _holds_halls(url: str) -> bool:
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            known = inspect(connection).has_table(halls.name)
            return known and connection.execute(select(func.count()).select_from(halls)).scalar_one() > 0
    finally:
        engine.dispose()


def _fill(target: Connection, file: Path, facts: Facts, now: datetime, begin: str) -> None:
    """One transaction: every row, new epochs, and the proof of all of it."""
    target.exec_driver_sql(begin)
    try:
        with reading(file) as source:
            copied = copy_tables(source, target)
        if copied != row_counts(target):
            raise BadBackup("not restored: the database did not take every row")
        for table in metadata.sorted_tables:
            _go_on_counting(target, table)
        for hall in facts.halls:
            target.execute(update(halls).where(halls.c.id == hall).values(epoch=secrets.token_hex(8)))
        write_line(target, now, "restored", None, f"from a backup of {facts.made_at}")
        wrong = faults(target)
        if wrong:
            raise BadBackup("not restored: " + "; ".join(wrong))
        target.exec_driver_sql("COMMIT")
    except BaseException:
        target.exec_driver_sql("ROLLBACK")
        raise


def _go_on_counting(target: Connection, table: Table) -> None:
    """PostgreSQL numbers rows by sequences, which know nothing of rows that brought their numbers."""
    key = table.autoincrement_column
    if key is None or target.dialect.name != "postgresql":
        return
    last = target.execute(select(func.max(key))).scalar()
    if last is not None:
        target.execute(select(func.setval(func.pg_get_serial_sequence(table.name, key.name), last)))


def _move_aside(target: Path, now: datetime) -> Path:
    """Renames the present database, whole in one file; refuses while anyone has it open."""
    with closing(sqlite3.connect(target, timeout=0)) as connection:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError:
            mode = "locked"
    if mode != "delete":
        raise BadBackup(f"{target} is in use: stop the server first")
    aside = target.with_name(f"{target.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    os.replace(target, aside)
    for end in SIDE_FILES:
        Path(f"{target}{end}").unlink(missing_ok=True)
    return aside


def _forget(file: Path) -> None:
    for path in (file, *(Path(f"{file}{end}") for end in SIDE_FILES)):
        path.unlink(missing_ok=True)
