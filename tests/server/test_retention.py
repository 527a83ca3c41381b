"""What is old is dropped, what is personal is erased, and the journal proves itself as before."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert, select, text

from hall.settings import Retention
from server.access import write_line
from server.audit import retention
from server.audit.personal import PERSONAL, Asked, erase, find
from server.audit.retention import months_before, retain, retain_access
from server.audit.verifying import faults
from server.backups import write_backup
from server.commands.auditing import erase as erase_command
from server.commands.auditing import retention as retention_command
from server.journal import answer_since, day_roots, last_checkpoint
from server.reports import day_sheet, month_sheet
from server.restoring import restore
from server.tables.journal import access_log
from server.tables.people import sessions
from server.tables.ratings import cases, ratings
from tests.parts import ROOT
from tests.server.conftest import fresh_url
from tests.server.test_audit import drop_guards, own_store
from tests.server.trial import MORNING, SetClock, Trial, open_trial_store, refused

CONFIG = ROOT / "config.yaml"
POLICY = Retention(months=6, personal_days=30)


def lived(database: str, folder: Path, *days: str) -> Trial:
    """A hall with visitors on each of these days, a message on its boards since the first, and one more day begun."""
    clock = SetClock()
    clock.set(f"{days[0]}T00:30:00+00:00")
    store = own_store(database, folder)
    store.clock = clock
    trial = Trial.found(store, clock)
    for day in days:
        clock.set(f"{day}T01:00:00+00:00")
        trial.open("w1")
        for _ in range(3):
            trial.clock.forward(seconds=20)
            trial.issue(always_open=True)
        trial.call_next("w1")
        trial.serve("w1")
        trial.hold("w1", reason=f"seen on {day}")
        trial.resume("w1", "A001")
        trial.complete("w1", note=f"heard on {day}", case_number=f"of {day}")
    return trial


def checked(trial: Trial) -> list[str]:
    return trial.store.read(faults)


DAYS = ("2026-01-05", "2026-02-09", "2026-05-04", "2026-06-01", "2026-11-23")


def test_old_days_are_dropped_and_what_is_kept_still_proves_itself(database: str, tmp_path: Path) -> None:
    trial = lived(database, tmp_path, *DAYS)
    roots = trial.store.read(partial(day_roots, hall=trial.hall))
    before, told = trial.rows("journal"), retain(trial.store, trial.hall, POLICY, dry_run=True)
    assert trial.rows("journal") == before and told.until == date(2026, 5, 4)
    report = retain(trial.store, trial.hall, POLICY)
    assert (report.rows, report.until) == (told.rows, told.until) and report.rows["tickets"] == 6
    kept = trial.rows("journal")
    assert kept[0]["seq"] == report.rows["journal"] + 1 and {str(row["day"]) for row in trial.rows("tickets")} == set(
        DAYS[2:]
    )
    assert checked(trial) == []
    assert trial.store.read(partial(day_roots, hall=trial.hall)) == roots
    for day, issued in (("2026-02-09", None), ("2026-05-04", 3)):
        made = partial(day_sheet, hall=trial.hall, day=date.fromisoformat(day), unit=None, language="en")
        if issued is None:
            assert refused(partial(trial.store.read, made)).details == {"since": "2026-05-04"}
        else:
            assert trial.store.read(made)["total"]["issued"] == issued
    gone = partial(month_sheet, hall=trial.hall, month="2026-02", unit=None, language="en")
    assert refused(partial(trial.store.read, gone)).code == "not_kept"
    assert not retain(trial.store, trial.hall, POLICY)
    trial.clock.set("2026-12-01T01:00:00+00:00")
    trial.issue(always_open=True)
    assert retain(trial.store, trial.hall, POLICY).until == date(2026, 6, 1) and checked(trial) == []
    trial.store.engine.dispose()


def test_what_was_stopped_after_the_cut_is_dropped_the_next_night(database: str, tmp_path: Path) -> None:
    trial = lived(database, tmp_path, *DAYS)
    cut = trial.store.read(partial(retention._cut, hall=trial.hall, before=date(2026, 5, 1)))
    assert cut is not None
    state = trial.store.read(partial(retention._state, hall=trial.hall, cut=cut))
    trial.store.in_hall(trial.hall, "system", None, partial(retention._trim, cut=cut, state=state))
    trial.store.write(partial(retention._drop_some_journal, hall=trial.hall))
    assert checked(trial) == []  # killed here
    report = retain(trial.store, trial.hall, POLICY)
    assert (report.rows["tickets"], report.until) == (6, date(2026, 5, 4))
    assert checked(trial) == [] and not retain(trial.store, trial.hall, POLICY)
    trial.store.engine.dispose()


def test_who_follows_from_before_the_cut_begins_anew(database: str, tmp_path: Path) -> None:
    trial = lived(database, tmp_path, *DAYS)
    retain(trial.store, trial.hall, POLICY)
    cut = trial.rows("journal")[0]["seq"] - 1
    answer = partial(answer_since, hall=trial.hall, epoch=None, most=5)
    for since, wanted in ((0, "resync"), (cut - 1, "resync"), (cut, "events")):
        assert trial.store.read(partial(answer, since=since))["answer"] == wanted  # type: ignore[index]
    trial.store.engine.dispose()


def test_a_checkpoint_that_no_event_tells_of_is_found(database: str, tmp_path: Path) -> None:
    """Whoever cuts off a beginning by hand and writes a checkpoint for it is found out."""
    trial = lived(database, tmp_path, *DAYS)
    cut = next(row for row in trial.rows("journal") if row["type"] == "day.started" and row["seq"] > 1)
    forged = {**{key: cut[key] for key in ("hall_id", "seq", "hash")}, "day": date(2026, 2, 9), "rows": cut["seq"]}
    forged |= {"at": trial.clock.now(), "state": {"board": {"message": None}, "roots": []}}
    drop_guards(trial.store, "journal")

    def forge(connection: Any) -> None:
        from server.tables.journal import journal_checkpoints

        connection.execute(journal_checkpoints.insert(), forged)
        connection.execute(text(f"DELETE FROM journal WHERE seq <= {cut['seq']}"))

    trial.store.write(forge)
    assert "no event of its own says that what came before was dropped" in checked(trial)[0]
    trial.store.engine.dispose()


def test_the_guard_lets_nothing_go_but_what_a_checkpoint_covers(database: str, tmp_path: Path) -> None:
    trial = lived(database, tmp_path, *DAYS)
    retain(trial.store, trial.hall, POLICY)
    first = trial.rows("journal")[0]["seq"]
    with pytest.raises(Exception, match="the journal takes no delete"):
        trial.store.write(lambda connection: connection.execute(text(f"DELETE FROM journal WHERE seq = {first}")))
    trial.store.engine.dispose()


def test_a_backup_after_the_cut_comes_back_whole(tmp_path: Path) -> None:
    trial = lived("sqlite", tmp_path, *DAYS)
    retain(trial.store, trial.hall, POLICY)
    write_backup(trial.store, tmp_path / "kept.sqlite3", trial.clock.now())
    url = fresh_url("postgresql", tmp_path)
    restore(tmp_path / "kept.sqlite3", url, trial.clock.now(), replace=False)
    back = open_trial_store(url, trial.clock)
    assert back.read(faults) == [] and back.read(partial(last_checkpoint, hall=trial.hall)) is not None
    back.engine.dispose()


def test_the_access_log_keeps_its_months_and_its_chain(database: str, tmp_path: Path) -> None:
    trial = lived(database, tmp_path, "2026-01-05", "2026-11-23")
    for at in ("2026-01-05T02:00:00+00:00", "2026-04-30T23:59:00+00:00", "2026-06-01T00:00:00+00:00"):
        trial.clock.set(at)
        trial.store.write(partial(write_line, now=trial.clock.now(), what="denied", principal=None, detail=at))
    trial.clock.set("2026-11-24T01:00:00+00:00")
    assert retain_access(trial.store, POLICY, dry_run=True) == 2
    assert retain_access(trial.store, POLICY) == 2
    kept = trial.store.read(lambda connection: list(connection.execute(select(access_log.c.detail)).scalars()))
    assert kept == ["2026-06-01T00:00:00+00:00"] and checked(trial) == []
    trial.store.engine.dispose()


def test_what_is_personal_goes_after_its_days(database: str, tmp_path: Path) -> None:
    trial = lived(database, tmp_path, "2026-10-12", "2026-11-23")
    report = retain(trial.store, trial.hall, POLICY)
    assert report.personal["tickets"] == 1 and report.rows == {}
    assert sorted(row["note"] or "" for row in trial.rows("tickets")) == [""] * 5 + ["heard on 2026-11-23"]
    assert checked(trial) == []
    trial.store.engine.dispose()


def test_sign_ins_that_ended_by_themselves_go_as_those_that_were_ended(database: str, tmp_path: Path) -> None:
    trial = lived(database, tmp_path, "2026-11-23")
    row = {"hall_id": trial.hall, "account_id": "a", "way": "password", "address": "192.0.2.7", "agent": "Firefox"}
    began = {"kept": timedelta(days=30, hours=11), "over": timedelta(days=31)}
    rows = [{**row, "id": key, "created_at": at, "seen_at": at} for key, ago in began.items() if (at := MORNING - ago)]
    trial.store.write(lambda connection: connection.execute(insert(sessions), rows))
    assert retain(trial.store, trial.hall, POLICY).personal["sessions"] == 1
    assert [row["id"] for row in trial.rows("sessions")] == ["kept"]
    trial.store.engine.dispose()


def test_a_case_is_kept_from_its_closing_on_with_what_was_rated(database: str, tmp_path: Path) -> None:
    """One that took years would else be gone the night after, before its visitor has read the answer."""
    trial = lived(database, tmp_path, *DAYS)
    opened = date(2026, 1, 5)
    closed = {"open": None, "fresh": trial.clock.now(), "old": MORNING - timedelta(days=300)}

    def write(connection: Any) -> None:
        of = {"hall_id": trial.hall, "line_id": "tax"}
        for key, at in closed.items():
            rating = {**of, "id": f"r-{key}", "day": opened, "level": 1, "reasons": [], "follows": None}
            case = {**of, "id": key, "code": key, "opened_on": opened, "answer_by": opened, "right_by": opened}
            case |= {"rating_id": rating["id"], "status": "closed" if at else "open", "closed_at": at}
            connection.execute(insert(ratings), [rating, {**rating, "id": f"f-{key}", "follows": key}])
            connection.execute(insert(cases), case)

    trial.store.write(write)
    told = retain(trial.store, trial.hall, POLICY).rows
    assert (told["cases"], told["ratings"]) == (1, 2)
    assert {row["id"] for row in trial.rows("cases")} == {"open", "fresh"}
    assert {row["id"] for row in trial.rows("ratings")} == {"r-open", "f-open", "r-fresh", "f-fresh"}
    assert not retain(trial.store, trial.hall, POLICY)
    trial.store.engine.dispose()


def test_erasing_a_ticket_leaves_the_chain_whole_and_nothing_of_it(database: str, tmp_path: Path) -> None:
    trial = lived(database, tmp_path, "2026-11-23")
    written = ("heard on 2026-11-23", "seen on 2026-11-23", "of 2026-11-23")
    (noted,) = (row for row in trial.rows("tickets") if row["note"])
    journal = trial.rows("journal")
    asked = Asked("ticket", noted["number"], noted["day"])
    key = trial.store.read(partial(find, hall=trial.hall, asked=asked))
    trial.store.write(partial(erase, hall=trial.hall, what="ticket", key=key))
    assert trial.rows("journal") == journal and checked(trial) == []
    kept = trial.all_rows()
    assert not [(name, words) for name, rows in kept.items() for words in written if words in str(rows)]
    trial.store.engine.dispose()


def test_whole_months_are_kept() -> None:
    assert months_before(date(2026, 11, 24), 6) == date(2026, 5, 1)
    assert months_before(date(2026, 3, 31), 24) == date(2024, 3, 1)
    assert months_before(date(2026, 5, 1), 6) == date(2025, 11, 1)


def test_less_than_half_a_year_is_refused() -> None:
    with pytest.raises(ValueError, match="months"):
        Retention(months=5)


def test_the_list_of_what_is_personal_is_the_one_that_is_printed() -> None:
    printed = (ROOT / "docs/decisions/0024-audit.md").read_text("utf-8")
    for one in PERSONAL:
        assert f"| {one.where} | {one.why} | {one.kept} | {one.erased} |" in printed


def test_erasing_by_the_command_is_told_in_the_access_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = lived("sqlite", tmp_path, "2026-11-23")
    (noted,) = (row for row in trial.rows("tickets") if row["note"])
    monkeypatch.setenv("HALLCALL_DATABASE_URL", fresh_url("sqlite", tmp_path))
    asked = ["--ticket", noted["number"], "--hall", trial.hall, "--reason", "asked in writing", "--config", str(CONFIG)]
    told = CliRunner().invoke(erase_command, [*asked, "--day", "2026-11-23"])
    assert told.exit_code == 0, told.output
    assert trial.ticket(noted["id"])["note"] is None
    lines = trial.store.read(lambda connection: list(connection.execute(select(access_log.c.detail)).scalars()))
    assert lines == [f"ticket {noted['id']}: asked in writing"]
    assert CliRunner().invoke(erase_command, asked).exit_code == 2, "a number without its day is nobody's"
    trial.store.engine.dispose()


def test_the_command_says_what_would_go_then_drops_it_and_leaves_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = lived("sqlite", tmp_path, "2024-01-08", "2026-11-23")
    monkeypatch.setenv("HALLCALL_DATABASE_URL", fresh_url("sqlite", tmp_path))
    monkeypatch.setenv("HALLCALL_DATA_DIR", str(tmp_path))
    before = trial.rows("journal")
    told = CliRunner().invoke(retention_command, ["--dry-run", "--config", str(CONFIG)])
    assert told.exit_code == 0 and '"tickets":3' in told.output and trial.rows("journal") == before, told.output
    done = CliRunner().invoke(retention_command, ["--config", str(CONFIG)])
    (report,) = (tmp_path / "retention").iterdir()
    assert done.exit_code == 0 and str(report) in done.output
    line = next(line for line in report.read_text("utf-8").splitlines() if trial.hall in line)
    assert '"kept_from":"2026-11-23"' in line and '"tickets":3' in line and '"erased_tickets":1' in line
    assert {str(row["day"]) for row in trial.rows("tickets")} == {"2026-11-23"} and checked(trial) == []
    trial.store.engine.dispose()
