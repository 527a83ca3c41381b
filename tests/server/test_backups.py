"""Backup and restore: on both databases, under load, from and to the other kind, and of files that are none."""

import json
import os
import resource
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from alembic import command
from pydantic import SecretStr
from sqlalchemy import select

from hall.words import Role
from server.access import write_line
from server.audit.verifying import faults
from server.auth import create_token
from server.backups import BadBackup, last_backup, proved, write_backup
from server.commands.processes import hallcall
from server.journal import positions
from server.opening import _alembic
from server.restoring import restore
from server.tables import metadata
from server.tables.journal import access_log
from tests.parts import ROOT, ServerProcess
from tests.server.check_rig import made_token
from tests.server.conftest import fresh_url, migrated_url
from tests.server.trial import SetClock, Trial, open_trial_store


def own_trial(database: str, folder: Path, **changes: Any) -> Trial:
    folder.mkdir(exist_ok=True)
    url = migrated_url(database, folder)
    clock = SetClock()
    return Trial.found(open_trial_store(url, clock), clock, **changes)


def backed_up(trial: Trial, folder: Path) -> Path:
    file = folder / "made.sqlite3"
    write_backup(trial.store, file, trial.clock.now())
    return file


def restored(file: Path, database: str, folder: Path, of: Trial) -> Trial:
    folder.mkdir(exist_ok=True)
    url = fresh_url(database, folder)
    restore(file, url, of.clock.now(), replace=False)
    back = Trial(open_trial_store(url, of.clock), of.clock, of.hall)
    back.start = {**of.start, "epoch": back.board()["epoch"]}
    return back


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A backup of a hall with three numbers."""
    trial = own_trial("sqlite", tmp_path / "whole")
    for _ in range(3):
        trial.issue()
    made = backed_up(trial, tmp_path)
    trial.store.engine.dispose()
    return made


class Load:
    """Kiosk and clerk at work in threads of their own, until told to stop."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.done = 0
        self.over = threading.Event()
        trial.open("w1", by=trial.clerk("w1"))
        acts = [lambda: trial.issue(), lambda: trial.call_next("w1", by=trial.clerk("w1"), finish="completed")]
        self.threads = [threading.Thread(target=self._work, args=(act,), daemon=True) for act in acts]

    def _work(self, act: Callable[[], Any]) -> None:
        while not self.over.is_set():
            act()
            self.done += 1

    def wait_for(self, more: int) -> None:
        goal = self.done + more
        while self.done < goal:
            self.over.wait(0.01)

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        self.wait_for(20)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(20)


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_a_backup_under_load_restores_and_numbers_go_on(database: str, into: str, tmp_path: Path) -> None:
    trial = own_trial(database, tmp_path / "one")
    with Load(trial) as load:
        file = backed_up(trial, tmp_path)
        load.wait_for(10)  # nobody had to wait for it, and what came after is not in it
    facts = proved(file)
    seq, epoch = facts.halls[trial.hall]["seq"], facts.halls[trial.hall]["epoch"]
    assert 0 < seq < trial.seq
    back = restored(file, into, tmp_path / "two", trial)
    assert back.store.read(faults) == []
    assert back.store.read(positions)[trial.hall][1] == seq
    assert back.board()["epoch"] != epoch
    numbers = {row["number"] for row in back.rows("tickets")}
    given = [back.issue()["number"] for _ in range(3)]
    assert given[0] == f"A{len(numbers) + 1:03d}" and not numbers & set(given)
    back.open("w2", by=back.clerk("w2"))
    while back.call_next("w2", by=back.clerk("w2"), finish="completed"):
        pass
    assert back.faults() == []
    assert back.store.read(faults) == []
    for one in (trial, back):
        one.store.engine.dispose()


def test_an_answered_request_is_known_after_a_restore(database: str, tmp_path: Path) -> None:
    trial = own_trial(database, tmp_path / "one")
    first = trial.issue(request_id="touch-1")
    back = restored(backed_up(trial, tmp_path), database, tmp_path / "two", trial)
    assert back.issue(request_id="touch-1") == first
    assert len(back.rows("tickets")) == 1


def test_rows_that_count_themselves_go_on_counting(tmp_path: Path) -> None:
    """PostgreSQL numbers the access log by a sequence, which must know what the restore brought."""
    trial = own_trial("sqlite", tmp_path / "one")
    now = trial.clock.now()
    for _ in range(5):
        trial.store.write(lambda connection: write_line(connection, now, "denied", None, "-"))
    back = restored(backed_up(trial, tmp_path), "postgresql", tmp_path / "two", trial)
    back.store.write(lambda connection: write_line(connection, now, "denied", None, "-"))
    kept = back.store.read(lambda connection: list(connection.execute(select(access_log.c.what)).scalars()))
    assert sorted(kept) == ["denied"] * 6 + ["restored"]


def test_a_backup_holds_no_secret_and_nothing_that_dies_at_night(database: str, tmp_path: Path) -> None:
    from tests.server.trial import layout

    lines = [{**one, "identity": "typed"} if one["id"] == "tax" else one for one in layout("x").model_dump()["lines"]]
    trial = own_trial(database, tmp_path / "one", lines=lines)
    secret = trial.store.write(
        lambda connection: create_token(connection, trial.hall, Role.KIOSK, None, "one", trial.clock.now())
    )
    trial.issue(person=SecretStr("11010519491231002X"))
    (key,) = trial.rows("day_keys")
    (person,) = trial.rows("identities")
    written = backed_up(trial, tmp_path).read_bytes()
    for told in (secret, key["key"], person["person"], "11010519491231002X"):
        assert told.encode() not in written
    assert trial.hall.encode() in written  # the bytes do tell what is there


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def scribble(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(os.urandom(8192))


def lose_a_row(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM tickets WHERE number = 'A002'")
        connection.commit()


def forge(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE journal SET body = replace(body, 'ordinary', 'priority') WHERE seq = 2")
        connection.commit()


def come_from_tomorrow(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        (facts,) = connection.execute("SELECT facts FROM backup").fetchone()
        connection.execute("UPDATE backup SET facts = ?", (json.dumps({**json.loads(facts), "revision": "9999"}),))
        connection.commit()


def be_another_database(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
        connection.commit()


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut off": (cut, "damaged"),
    "written over": (scribble, "damaged"),
    "a row lost": (lose_a_row, "tickets has 2 rows, not 3"),
    "forged": (forge, "journal of .* is broken: seq 2"),
    "newer": (come_from_tomorrow, "made by a newer Hallcall"),
    "another database": (be_another_database, "not a backup of Hallcall"),
    "no database": (lambda file: file.write_text("songs"), "not a backup of Hallcall"),
    "empty": (lambda file: file.write_bytes(b""), "not a backup of Hallcall"),
    "a folder": (lambda file: (file.unlink(), file.mkdir()), "directory"),
    "gone": (lambda file: file.unlink(), "No such file"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_is_no_whole_backup_is_refused_and_changes_nothing(how: str, file: Path, tmp_path: Path) -> None:
    spoil, words = BROKEN[how]
    spoil(file)
    present = own_trial("sqlite", tmp_path / "present")
    present.issue()
    present.store.engine.dispose()
    before = (tmp_path / "present" / "own.sqlite3").read_bytes()
    with pytest.raises(BadBackup, match=words):
        restore(file, f"sqlite:///{tmp_path}/present/own.sqlite3", present.clock.now(), replace=True)
    assert (tmp_path / "present" / "own.sqlite3").read_bytes() == before
    assert [one.name for one in (tmp_path / "present").iterdir()] == ["own.sqlite3"]


def test_a_journal_that_does_not_hold_is_not_backed_up(tmp_path: Path) -> None:
    trial = own_trial("sqlite", tmp_path / "one")
    trial.issue()
    trial.issue()
    trial.store.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "one" / "own.sqlite3")) as connection:
        connection.execute("DROP TRIGGER journal_takes_no_update")
    forge(tmp_path / "one" / "own.sqlite3")
    with pytest.raises(BadBackup, match=r"journal of .* is broken: seq 2"):
        backed_up(trial, tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["one"]


def test_a_database_with_halls_is_not_written_over_unasked(database: str, file: Path, tmp_path: Path) -> None:
    present = own_trial(database, tmp_path / "present")
    present.issue()
    url, before = str(present.store.engine.url), present.all_rows()
    with pytest.raises(BadBackup, match="holds halls already"):
        restore(file, url, present.clock.now(), replace=False)
    assert present.all_rows() == before
    present.store.engine.dispose()


def test_replacing_moves_the_present_aside_whole(file: Path, tmp_path: Path) -> None:
    present = own_trial("sqlite", tmp_path / "present")
    present.issue("social")
    rows, url = present.rows("tickets"), str(present.store.engine.url)
    present.store.engine.dispose()
    _, aside = restore(file, url, present.clock.now(), replace=True)
    assert aside is not None
    old = Trial(open_trial_store(f"sqlite:///{aside}", present.clock), present.clock, present.hall)
    assert old.rows("tickets") == rows


def test_a_database_in_use_is_not_replaced(file: Path, tmp_path: Path) -> None:
    present = own_trial("sqlite", tmp_path / "present")
    present.issue()
    before = present.all_rows()
    with present.store.engine.connect(), pytest.raises(BadBackup, match="in use: stop the server first"):
        restore(file, f"sqlite:///{tmp_path}/present/own.sqlite3", present.clock.now(), replace=True)
    assert present.all_rows() == before


def older_backup(trial: Trial, file: Path, revision: str, folder: Path) -> Path:
    """A backup as an older Hallcall wrote it: its tables alone, with the columns they had."""
    old = folder / "older.sqlite3"
    config = _alembic()
    config.attributes["url"] = f"sqlite:///{old}"
    command.upgrade(config, revision)
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ATTACH ? AS made", (str(file),))
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        known = set(metadata.tables) - {"day_keys", "identities", "subscriptions"}
        for name in set(names) & known:
            columns = ", ".join(f'"{one[1]}"' for one in connection.execute(f"PRAGMA main.table_info({name})"))
            connection.execute(f"INSERT INTO main.{name} ({columns}) SELECT {columns} FROM made.{name}")
        (facts,) = connection.execute("SELECT facts FROM made.backup").fetchone()
        told = json.loads(facts)
        told |= {"revision": revision, "rows": {key: n for key, n in told["rows"].items() if key in names}}
        connection.execute("CREATE TABLE main.backup (facts TEXT)")
        connection.execute("INSERT INTO main.backup VALUES (?)", (json.dumps(told),))
        connection.execute("PRAGMA main.application_id=1212238924")
        connection.commit()
    return old


def test_an_older_backup_is_brought_up_to_date(database: str, tmp_path: Path) -> None:
    trial = own_trial("sqlite", tmp_path / "one")
    trial.issue()
    old = older_backup(trial, backed_up(trial, tmp_path), "0002", tmp_path)
    before = old.read_bytes()
    back = restored(old, database, tmp_path / "two", trial)
    assert back.issue()["number"] == "A002"
    assert back.faults() == []
    assert old.read_bytes() == before


def typed(folder: Path, *arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "HALLCALL_DATA_DIR": str(folder), "COLUMNS": "300"}
    return subprocess.run(
        hallcall(*arguments), capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60, **more
    )


def test_an_operator_backs_up_and_restores(tmp_path: Path) -> None:
    """While the server runs, then after a bad day: stopped, restored, and the hall goes on."""
    with ServerProcess(tmp_path, clock="real") as server:
        headers = {"Authorization": f"Bearer {made_token(tmp_path, 'kiosk')}"}
        here = f"{server.url}/api/v1/halls/binjiang"

        def issue(touch: str) -> str:
            said = {"line": "social", "request_id": touch}
            return str(
                requests.post(f"{here}/tickets", json=said, headers=headers, timeout=20).json()["ticket"]["number"]
            )

        assert issue("one") == "A001"
        made = typed(tmp_path, "backup", "--to", str(tmp_path / "b.sqlite3"))
        assert made.returncode == 0, made.stderr
        last = last_backup(tmp_path / "backups")
        assert last is not None and last.file == str(tmp_path / "b.sqlite3") and last.halls == {"binjiang": 1}
        assert issue("two") == "A002"
        epoch = requests.get(f"{here}/board", headers=headers, timeout=20).json()["epoch"]
        refused = typed(tmp_path, "restore", str(tmp_path / "b.sqlite3"), "--replace")
        assert refused.returncode == 1 and "stop the server first" in refused.stderr
        server.stop()
        back = typed(tmp_path, "restore", str(tmp_path / "b.sqlite3"), "--replace")
        assert back.returncode == 0 and "binjiang at seq 1" in back.stdout, back.stderr
        server.start()
        asked = requests.get(f"{here}/journal", {"since": 2, "epoch": epoch}, headers=headers, timeout=20).json()
        assert (asked["answer"], asked["seq"]) == ("resync", 1)
        assert issue("three") == "A002"


def test_old_backups_are_deleted_and_a_disk_without_room_leaves_no_half_of_one(tmp_path: Path) -> None:
    made_token(tmp_path, "kiosk")
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [folder / f"hallcall-202611{day}-023000.sqlite3" for day in (10, 11, 12)]
    for file in (*old, folder / "mine.sqlite3"):
        file.touch()
    narrow = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # noqa: E731
    made = typed(tmp_path, "backup", "--keep", "2", preexec_fn=narrow)
    assert made.returncode == 1
    assert made.stderr.startswith("Error: ") and "not written" in made.stderr
    assert {one.name for one in folder.iterdir()} == {one.name for one in old} | {"mine.sqlite3"}
    made = typed(tmp_path, "backup", "--keep", "2")
    assert made.returncode == 0, made.stderr
    assert [file.exists() for file in old] == [False, False, True]
    assert len(list(folder.glob("hallcall-*"))) == 2 and (folder / "mine.sqlite3").exists()
