"""What the database itself forbids, and that a migrated database is the same as a fresh one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from server.db import open_engine
from server.guards import ensure_guards
from server.opening import migrate, newest, scripts
from server.tables import metadata
from server.tables.queue import tickets
from tests.server.conftest import fresh_url, migrated_url
from tests.server.trial import Trial

NOT_OURS = {"alembic_version"}


def broken_by(trial: Trial, statement: Any, values: Any = None) -> str:
    """What the database says to a statement that it must refuse."""
    with pytest.raises(DBAPIError) as said:
        trial.store.write(lambda connection: connection.execute(statement, values))
    return str(said.value)


def test_the_journal_takes_no_update_and_no_delete(trial: Trial) -> None:
    trial.issue()
    before = trial.all_rows()
    changed = f"UPDATE journal SET body = '{{}}' WHERE hall_id = '{trial.hall}'"
    assert "the journal takes no update" in broken_by(trial, text(changed))
    gone = f"DELETE FROM journal WHERE hall_id = '{trial.hall}'"
    assert "the journal takes no delete" in broken_by(trial, text(gone))
    assert trial.all_rows() == before


def test_postgresql_refuses_to_empty_the_journal_at_once(trial: Trial, database: str) -> None:
    if database == "postgresql":  # SQLite has no TRUNCATE
        trial.issue()
        assert "the journal takes no truncate" in broken_by(trial, text("TRUNCATE journal"))


def ticket_like(trial: Trial, key: str, **changes: Any) -> dict[str, Any]:
    return {**trial.ticket(key), "id": "another", "track_code": "another", **changes}


def test_a_number_is_given_once_a_day(trial: Trial) -> None:
    ticket = trial.issue()
    trial.issue()
    twice = ticket_like(trial, ticket["id"])
    assert "tickets" in broken_by(trial, insert(tickets), twice)


def test_two_live_tickets_never_stand_at_one_window(trial: Trial) -> None:
    ticket = trial.issue()
    trial.open("w1")
    trial.call_next("w1")
    for status in ("called", "serving"):
        second = ticket_like(trial, ticket["id"], ordinal=2, number="A002", status=status)
        assert broken_by(trial, insert(tickets), second)


def test_a_tracking_code_belongs_to_one_ticket(trial: Trial) -> None:
    ticket = trial.issue()
    code = trial.ticket(ticket["id"])["track_code"]
    second = ticket_like(trial, ticket["id"], ordinal=2, number="A002", track_code=code)
    assert broken_by(trial, insert(tickets), second)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets SET status = 'gone' WHERE hall_id = :hall",
        "UPDATE windows SET status = 'ajar' WHERE hall_id = :hall",
        "UPDATE loads SET waiting = -1 WHERE hall_id = :hall",
        "UPDATE slips SET status = 'burnt' WHERE hall_id = :hall",
    ],
)
def test_a_status_outside_the_words_is_refused(trial: Trial, statement: str) -> None:
    trial.issue()
    with pytest.raises(IntegrityError):
        trial.store.write(lambda connection: connection.execute(text(statement), {"hall": trial.hall}))


def test_a_changed_event_is_found_by_the_chain(database: str, tmp_path: Path, urls: dict[str, str]) -> None:
    """With the guards taken away, as who owns the file could: the chain still tells."""
    from server.audit.chain import first_break
    from tests.server.trial import SetClock, open_trial_store

    url = migrated_url(database, tmp_path)
    trial = Trial.found(open_trial_store(url, SetClock()), SetClock())
    for _ in range(3):
        trial.issue()
    whole = trial.rows("journal")[1]["body"]
    forged = whole.replace('"ordinary"', '"priority"')
    drop = {
        "sqlite": "DROP TRIGGER journal_takes_no_update",
        "postgresql": "DROP TRIGGER journal_takes_no_change ON journal",
    }[database]

    def forge(connection: Connection) -> None:
        connection.exec_driver_sql(drop)
        connection.execute(text("UPDATE journal SET body = :body WHERE seq = 2"), {"body": forged})

    assert trial.store.read(lambda connection: first_break(connection, trial.hall)) is None
    trial.store.write(forge)
    assert trial.store.read(lambda connection: first_break(connection, trial.hall)) is not None
    trial.store.engine.dispose()


def schema_of(engine: Engine) -> dict[str, Any]:
    """Tables, columns, constraints, indexes and triggers by name."""
    told: dict[str, Any] = {}
    seen = inspect(engine)
    for table in sorted(set(seen.get_table_names()) - NOT_OURS):
        told[table] = {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], str(column["default"]))
                for column in seen.get_columns(table)
            ],
            "primary": seen.get_pk_constraint(table),
            "unique": sorted(seen.get_unique_constraints(table), key=lambda one: str(one["name"])),
            "checks": sorted((one["name"], one["sqltext"]) for one in seen.get_check_constraints(table)),
            "indexes": sorted(seen.get_indexes(table), key=lambda one: str(one["name"])),
        }
    with engine.connect() as connection:
        told["triggers"] = sorted(map(tuple, connection.execute(text(_TRIGGERS[engine.dialect.name]))))
        told["partial"] = sorted(map(tuple, connection.execute(text(_PARTIAL[engine.dialect.name]))))
    return dict(json.loads(json.dumps(told, default=str)))


_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}
_PARTIAL = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '% WHERE %'",
}


def test_todays_schema_is_told_by_the_names_of_the_migrations() -> None:
    assert newest() == scripts().get_current_head()


def test_a_migrated_database_is_the_same_as_a_fresh_one(database: str, tmp_path: Path) -> None:
    (tmp_path / "migrated").mkdir()
    (tmp_path / "fresh").mkdir()
    url = fresh_url(database, tmp_path / "migrated")
    migrate(url)
    migrated, fresh = open_engine(url), open_engine(fresh_url(database, tmp_path / "fresh"))
    with fresh.connect() as connection:
        metadata.create_all(connection)
        ensure_guards(connection)
    one, two = schema_of(migrated), schema_of(fresh)
    assert one == two
    assert one["triggers"] and one["partial"] and set(metadata.tables) <= set(one)
    migrated.dispose()
    fresh.dispose()


def test_every_constraint_bears_a_name() -> None:
    """Alembic's batch mode on SQLite drops what has none."""
    nameless = [
        (table.name, type(constraint).__name__)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert nameless == []


def test_migrating_twice_changes_nothing(database: str, tmp_path: Path) -> None:
    url = fresh_url(database, tmp_path)
    migrate(url)
    engine = open_engine(url)
    before = schema_of(engine)
    migrate(url)
    assert schema_of(engine) == before
    engine.dispose()


def test_moments_come_back_in_utc_as_they_were_written(trial: Trial) -> None:
    trial.clock.at = datetime(2026, 11, 23, 1, 2, 3, 456000, UTC)
    row = trial.ticket(trial.issue()["id"])
    assert row["issued_at"] == trial.clock.at and row["issued_at"].tzinfo is not None


def test_every_commit_on_sqlite_waits_for_the_disk(stores: dict[str, Any]) -> None:
    """On the very connection of the writer, while it writes."""

    def pragmas(connection: Connection) -> tuple[Any, Any, Any]:
        said = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in PRAGMAS]
        return said[0], said[1], said[2]

    assert stores["sqlite"].write(pragmas) == (2, "wal", 1)


PRAGMAS = ("synchronous", "journal_mode", "foreign_keys")
