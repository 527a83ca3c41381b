"""`audit verify` finds whatever was changed in a journal or in the access log, and says where."""

import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, text

from bench.audit import made_journal
from server.access import access_faults, write_line
from server.audit.chain import first_break
from server.audit.verifying import faults
from server.cli import main
from server.db import Store
from server.journal import day_roots
from tests.server.conftest import migrated_url
from tests.server.trial import SetClock, Trial, open_trial_store

TAMPERINGS = int(os.environ.get("HALLCALL_TAMPERINGS", "24"))
ROWS = int(os.environ.get("HALLCALL_TAMPERED_ROWS", "900"))
VISITORS = 120
DROP = {
    "sqlite": ["DROP TRIGGER {table}_takes_no_update", "DROP TRIGGER {table}_takes_no_delete"],
    "postgresql": [
        "DROP TRIGGER {table}_takes_no_change ON {table}",
        "DROP TRIGGER {table}_takes_no_delete ON {table}",
    ],
}


def own_store(database: str, folder: Path) -> Store:
    url = migrated_url(database, folder)
    return open_trial_store(url, SetClock())


def drop_guards(store: Store, table: str) -> None:
    """As who owns the database could."""
    for statement in DROP[store.engine.dialect.name]:
        store.write(partial(_execute, statement=statement.format(table=table)))


def _execute(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


@pytest.fixture(scope="module")
def journal_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal of some days that real commands wrote, without its guards."""
    folder = tmp_path_factory.mktemp("tampered")
    store = own_store("sqlite", folder)
    trial = made_journal(store, ROWS, VISITORS)
    assert store.read(faults) == [] and trial.seq >= ROWS
    drop_guards(store, "journal")
    store.engine.dispose()
    return folder / "own.sqlite3"


Tampering = Callable[[sqlite3.Connection, int, random.Random], str]
"""Changes one row, by its seq; answers the pattern of what must be said of it, the seq in it."""


ITS_COLUMN, GONE = "seq {seq}: its {column} says", "seq {seq} (is|to .* are) missing|ends at seq {before},"


def _set(column: str, value: Callable[[Any, random.Random], Any], said: str = ITS_COLUMN) -> Tampering:
    def tamper(connection: sqlite3.Connection, seq: int, dice: random.Random) -> str:
        (was,) = connection.execute(f"SELECT {column} FROM journal WHERE seq = ?", (seq,)).fetchone()
        connection.execute(f"UPDATE journal SET {column} = ? WHERE seq = ?", (value(was, dice), seq))
        return said.format(seq=seq, before=seq - 1, column=column)

    return tamper


def _one_letter(was: str, dice: random.Random) -> str:
    place = dice.randrange(len(was))
    other = next(letter for letter in dice.sample("0123456789abcdef", 2) if letter != was[place])
    return was[:place] + other + was[place + 1 :]


def _remove(connection: sqlite3.Connection, seq: int, _dice: random.Random) -> str:
    connection.execute("DELETE FROM journal WHERE seq = ?", (seq,))
    return GONE.format(seq=seq, before=seq - 1)


def _swap(connection: sqlite3.Connection, seq: int, _dice: random.Random) -> str:
    """A row changes places with the next, or the last with the one before it."""
    last = connection.execute("SELECT max(seq) FROM journal").fetchone()[0]
    first = min(seq, last - 1)
    for was, now in ((first, -1), (first + 1, first), (-1, first + 1)):
        connection.execute("UPDATE journal SET seq = ? WHERE seq = ?", (now, was))
    return f"seq {first} holds what was written as seq {first + 1}"


def _away(connection: sqlite3.Connection, seq: int, _dice: random.Random) -> str:
    connection.execute("UPDATE journal SET hall_id = 'elsewhere' WHERE seq = ?", (seq,))
    return f"({GONE.format(seq=seq, before=seq - 1)}).*elsewhere: the journal has rows of it, and there is no such hall"


KINDS: dict[str, Tampering] = {
    "type": _set("type", lambda was, _: f"{was}x"),
    "ticket_id": _set("ticket_id", lambda was, _: None if was else "somebody"),
    "body": _set("body", _one_letter, "seq {seq} is not what was written: its body was changed"),
    "hash": _set("hash", _one_letter, "seq {seq} is not what was written: its hash was changed"),
    "seq": _set("seq", lambda was, _: was + 1_000_000, GONE),
    "removed": _remove,
    "swapped": _swap,
    "hall_id": _away,
}


def test_each_of_many_random_changes_of_one_row_is_found_and_named(journal_file: Path) -> None:
    """The chain alone finds each; what it costs to look at the boards and calls too is measured by bench.audit."""
    dice = random.Random(7)
    store = open_trial_store(f"sqlite:///{journal_file}", SetClock())
    hall, last = store.read(lambda c: tuple(c.exec_driver_sql("SELECT id, seq FROM halls").one()))
    missed = []
    for place in range(TAMPERINGS):
        kind = list(KINDS)[place % len(KINDS)]
        seq = dice.randint(1, last)
        found, wanted = _found(store, journal_file, KINDS[kind], seq, dice, hall)
        if not re.search(wanted, found):
            missed.append((kind, seq, wanted, found))
    assert missed == []
    assert store.read(faults) == []
    store.engine.dispose()


def test_the_command_says_whole_or_what_is_wrong_once_though_two_processes_look(
    journal_file: Path, tmp_path: Path
) -> None:
    file = shutil.copy(journal_file, tmp_path / "own.sqlite3")
    asked = partial(CliRunner().invoke, main, ["audit", "verify"], env={"HALLCALL_DATABASE_URL": f"sqlite:///{file}"})
    whole = asked()
    assert (whole.exit_code, whole.stdout) == (0, "every chain holds, and the journal equals the tables\n"), whole
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        said = KINDS["body"](connection, 500, random.Random(1))
    broken = asked()
    assert broken.exit_code == 1 and len(re.findall(said, broken.stderr)) == 1


def _found(store: Store, file: Path, tamper: Tampering, seq: int, dice: random.Random, hall: str) -> tuple[str, str]:
    """What is said once a row was changed, and what must be; the row is as it was afterwards."""
    with sqlite3.connect(file, isolation_level=None) as connection:
        before = connection.execute("SELECT * FROM journal WHERE seq IN (?, ?, ?)", (seq - 1, seq, seq + 1)).fetchall()
        wanted = tamper(connection, seq, dice)
        found = "; ".join(store.read(faults)) if tamper is _away else store.read(partial(first_break, hall=hall))
        connection.execute("DELETE FROM journal WHERE seq IN (?, ?, ?) OR seq > 1000000", (seq - 1, seq, seq + 1))
        connection.execute("DELETE FROM journal WHERE hall_id = 'elsewhere'")
        connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", before)
    return found or "", wanted


def test_a_change_of_what_the_hall_says_is_found(database: str, tmp_path: Path) -> None:
    trial = Trial.found(own_store(database, tmp_path), SetClock())
    trial.issue()
    for change in ("seq = seq - 1", "head = 'f'"):
        trial.store.write(partial(_execute, statement=f"UPDATE halls SET {change}"))
        assert any("the journal ends at seq" in fault for fault in trial.store.read(faults))
        back = "seq = seq + 1" if "seq" in change else f"head = '{trial.rows('journal')[-1]['hash']}'"
        trial.store.write(partial(_execute, statement=f"UPDATE halls SET {back}"))
    assert trial.store.read(faults) == []
    trial.store.engine.dispose()


def test_a_tail_cut_off_and_a_beginning_taken_away_are_found(database: str, tmp_path: Path) -> None:
    trial = Trial.found(own_store(database, tmp_path), SetClock())
    for _ in range(4):
        trial.issue()
    drop_guards(trial.store, "journal")
    last = trial.seq
    trial.store.write(partial(_execute, statement=f"DELETE FROM journal WHERE seq = {last}"))
    assert f"the journal ends at seq {last - 1}, the hall at {last}" in trial.store.read(faults)[0]
    trial.store.write(partial(_execute, statement="DELETE FROM journal WHERE seq <= 2"))
    assert "seq 1 to 2 are missing" in trial.store.read(faults)[0]
    trial.store.engine.dispose()


def test_a_day_has_its_root_once_it_is_over(trial: Trial) -> None:
    def roots() -> list[Any]:
        return trial.store.read(lambda connection: day_roots(connection, trial.hall))

    today = trial.clock.now().date()
    trial.issue()
    assert roots() == []
    trial.clock.forward(days=1)
    trial.look()
    (root,) = roots()
    row = next(row for row in trial.rows("journal") if row["seq"] == root.seq)
    assert (root.day, root.hash) == (today, row["hash"])
    assert next(row for row in trial.rows("journal") if row["seq"] == root.seq + 1)["type"] == "day.started"
    trial.clock.forward(days=3)
    trial.issue()
    assert [one.day.isoformat() for one in roots()] == ["2026-11-23", "2026-11-24"]


def test_the_access_log_takes_no_change_and_its_chain_tells_of_one(database: str, tmp_path: Path) -> None:
    store = own_store(database, tmp_path)
    trial = Trial.found(store, SetClock())
    for place in range(4):
        store.write(lambda c, place=place: write_line(c, trial.clock.now(), "denied", trial.desk, f"path {place}"))  # type: ignore[misc]
    for change in ("UPDATE access_log SET detail = ''", "DELETE FROM access_log WHERE id = 2"):
        with pytest.raises(Exception, match="the access log takes no"):
            store.write(lambda connection, change=change: connection.execute(text(change)))  # type: ignore[misc]
    assert list(store.read(lambda connection: list(access_faults(connection)))) == []
    drop_guards(store, "access_log")
    for change, said in (
        ("UPDATE access_log SET detail = 'path 9' WHERE id = 3", "line 3 is not what was written"),
        ("DELETE FROM access_log WHERE id = 2", "after line 1 comes 3"),
        ("DELETE FROM access_log WHERE id > 1", "the log ends at line 1, its head says 4"),
    ):
        store.write(partial(_execute, statement=change))
        assert store.read(faults) == [f"the access log is broken: {said}"]
    store.engine.dispose()
