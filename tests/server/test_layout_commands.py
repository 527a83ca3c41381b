"""`hallcall layout plan|apply|export`: a file's difference in words, made so with a reason, and refused with one."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from hall.settings import load_settings
from server.actions.tickets import Wanted, issue_ticket
from server.cli import main
from server.command import Tx
from server.journal import events_since
from server.opening import differing, open_store
from server.people import Principal
from tests.server.trial import layout


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HALLCALL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HALLCALL_CLOCK", "2026-11-23T09:00:00+08:00")
    write(tmp_path / "config.yaml")
    return tmp_path


def write(path: Path, **parts: Any) -> Path:
    written = {**layout("h").model_dump(mode="json", exclude_defaults=True), **parts}
    path.write_text(yaml.safe_dump({"halls": [written]}, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["layout", *words, "--config", str(folder / "config.yaml")])


def other(folder: Path) -> Path:
    """Another quota, a new line with its window, and a window and a line less."""
    parts = layout("h").model_dump(mode="json", exclude_defaults=True)
    parts["lines"][2]["daily_quota"] = 9
    parts["lines"] = [one for one in parts["lines"] if one["id"] != "right"]
    parts["lines"].append({"id": "health", "name": {"zh-CN": "卫生", "en": "Health"}, "prefix": "H"})
    parts["windows"][3]["lines"] = {"left": 1, "health": 1}
    return write(folder / "new.yaml", **parts)


def test_a_plan_is_read_as_words_and_writes_nothing(folder: Path) -> None:
    said = run(folder, "plan", str(other(folder)))
    assert said.exit_code == 0
    lines = [line.strip() for line in said.stdout.splitlines()]
    assert lines[0] == "h: 4 change(s)"
    for expected in (
        "~ lines fund 公积金: changed",
        "daily_quota: 3 → 9",
        "+ lines health 卫生 / Health: added",
        "- lines right 右: closed",
        'lines: {"left": 1, "right": 1} → {"left": 1, "health": 1}',
    ):
        assert expected in lines
    assert run(folder, "plan", str(folder / "config.yaml")).stdout == "h: no change\n"


def test_what_is_applied_is_journalled_with_the_reason_and_exported_as_it_was_applied(folder: Path) -> None:
    file = other(folder)
    assert run(folder, "apply", str(file)).exit_code == 2  # without a reason
    assert run(folder, "apply", str(file), "--reason", "新设卫生业务").stdout == "h: 4 change(s) made\n"
    settings = load_settings(folder / "config.yaml")
    store = open_store(settings)
    (event,) = store.read(lambda connection: events_since(connection, "h", 0, 9))
    assert (event["type"], event["data"]["reason"]) == ("layout.changed", "新设卫生业务")
    assert list(differing(store, settings)) == ["h"]  # which a start with the first file says
    store.engine.dispose()
    assert run(folder, "export", str(folder / "out.yaml")).exit_code == 0
    for same in (file, folder / "out.yaml"):
        assert run(folder, "plan", str(same)).stdout == "h: no change\n"
    assert run(folder, "apply", str(file), "--reason", "again").stdout == "h: no change\n"


def test_a_file_that_would_lose_somebody_or_break_numbers_is_refused_with_the_reasons(folder: Path) -> None:
    store = open_store(load_settings(folder / "config.yaml"))
    kiosk = Principal("k", "h", "kiosk", "k")  # type: ignore[arg-type]

    def take(tx: Tx) -> Any:
        return issue_ticket(tx, kiosk, Wanted("right", None, "ordinary", "zh-CN"), True)

    store.in_hall("h", "k", None, take)
    store.engine.dispose()
    file = other(folder)
    for words in (["plan", str(file)], ["apply", str(file), "--reason", "x"]):
        said = run(folder, *words)
        assert said.exit_code == 1
        assert '1 person is still in "右" (R001); serve or move them first.' in said.stderr
    assert "4 change(s)" in run(folder, "plan", str(file)).stdout  # all of them still to be made


def test_a_file_that_does_not_hold_together_is_named_by_its_line(folder: Path) -> None:
    file = other(folder)
    file.write_text(file.read_text(encoding="utf-8").replace("line: tax", "line: gone"), encoding="utf-8")
    said = run(folder, "plan", str(file))
    assert said.exit_code == 2 and 'matters.0.line = "gone": expected one of' in said.stderr


def test_a_hall_that_the_database_does_not_know_is_said(folder: Path) -> None:
    file = folder / "two.yaml"
    file.write_text(write(folder / "x.yaml").read_text(encoding="utf-8").replace("id: h\n", "id: other\n", 1))
    assert "other: not in the database" in run(folder, "plan", str(file)).stdout
    assert run(folder, "apply", str(file), "--reason", "x").exit_code == 1
