"""Whether a call costs the same however many wait: halls of 100, 100,000 and 1,000,000 in one database."""

import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import yaml
from sqlalchemy import Connection, text

from bench.crowd import CLERKS, LINES, layout, must_be
from bench.load import run_load
from hall.layout import Hall
from hall.layout.rules import Order
from hall.link import Link
from hall.order import Head, pick_next
from hall.words import Lane, Role
from server.actions.calls import call_next
from server.actions.day import day_is_over, end_day
from server.actions.due import do_due
from server.actions.windows import open_window
from server.clock import Clock
from server.command import Days
from server.commands.processes import Child, answers, create_token, free_port, hallcall
from server.db import Store, open_engine
from server.layout.rewriting import found_hall
from server.opening import migrate
from server.people import Principal

DEPTHS = {"few": 100, "many": 100_000, "most": 1_000_000}
ROUNDS = 20
CALLS_A_ROUND = 90
WITHIN = 300

_FILL = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO tickets (hall_id, id, day, prefix, ordinal, number, line_id, class, lane, language, status, issued_by,
    issued_seq, issued_at, queued_at, joined_at, calls, track_code)
SELECT :hall, :hall || '-' || :line || i, :day, upper(:line), i, upper(:line) || i, :line, 'ordinary', 'ordinary',
    'zh-CN', 'waiting', 'bench', i, :at, :at, :at, 0, :hall || :line || i
FROM n
"""


def measure_depth(folder: Path) -> dict[str, Any]:
    """{http: few's and many's seconds a call, inside: {hall: median ms}, pick_milliseconds}"""
    folder.mkdir()
    config = folder / "depth.yaml"
    halls = [{**layout()["halls"][0], "id": key} for key in DEPTHS]  # type: ignore[index]
    config.write_text(yaml.safe_dump({"halls": halls}, allow_unicode=True), encoding="utf-8")
    url = f"sqlite:///{folder}/hallcall.sqlite3"
    migrate(url)
    store = Store(open_engine(url), Clock(), Days(day_is_over, end_day, do_due))
    for hall in halls:
        store.write(partial(found_hall, hall=Hall.model_validate(hall), now=datetime.now(UTC)))
        store.write(partial(_fill, hall=str(hall["id"]), count=DEPTHS[str(hall["id"])]))
    inside = _inside(store)
    store.engine.dispose()
    return {"inside": inside, "http": _over_http(folder, config), "pick_milliseconds": _pick()}


def _fill(connection: Connection, hall: str, count: int) -> None:
    """Everyone waits since a quarter of an hour; what a kiosk would have written beside the tickets is left out."""
    each = -(-count // len(LINES))
    now = datetime.now(UTC).replace(tzinfo=None)
    at = (now - timedelta(minutes=15)).isoformat(" ", timespec="microseconds")
    day = connection.execute(text("SELECT day FROM halls WHERE id = :hall"), {"hall": hall}).scalar_one()
    for line in LINES:
        key = {"hall": hall, "line": line, "count": each, "day": day, "at": at}
        connection.execute(text(_FILL), key)
        connection.execute(
            text("UPDATE loads SET waiting = :count WHERE hall_id = :hall AND line_id = :line AND lane = 'ordinary'"),
            key,
        )
        counters = "INSERT INTO counters (hall_id, day, prefix, last) VALUES (:hall, :day, upper(:line), :count)"
        connection.execute(text(counters), key)


def _inside(store: Store) -> dict[str, float]:
    """Median milliseconds of a call in each hall, one of each in turn."""
    taken: dict[str, list[float]] = {hall: [] for hall in DEPTHS}
    for hall in DEPTHS:
        by = Principal("bench", hall, Role.SUPERVISOR, "bench")
        store.in_hall(hall, by.id, None, partial(open_window, by=by, window_id="w1", take_over=False))
    for turn in range(WITHIN):
        for hall, kept in taken.items():
            if turn >= DEPTHS[hall] - 10:
                continue
            by = Principal("bench", hall, Role.SUPERVISOR, "bench")
            began = time.perf_counter()
            store.in_hall(hall, by.id, None, partial(call_next, by=by, window_id="w1", finish="completed"))
            kept.append((time.perf_counter() - began) * 1000)
    return {hall: median(kept) for hall, kept in taken.items()}


def _over_http(folder: Path, config: Path) -> dict[str, float]:
    """Seconds a call with few and with many waiting, round by round in turn on one server."""
    environment = {"HALLCALL_DATA_DIR": str(folder)}
    port = free_port()
    arguments = hallcall("serve", "--config", str(config), "--port", str(port), "--always-open")
    server = Child("server", arguments, folder / "server.log", environment).start()
    spent = dict.fromkeys(("few", "many"), 0.0)
    try:
        server.wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"))
        base = {"host": "127.0.0.1", "port": port}
        tokens = {
            (hall, role): create_token(config, environment, role, hall=hall)
            for hall in spent
            for role in ("clerk", "desk")
        }
        for hall in spent:
            link = Link(f"http://127.0.0.1:{port}", tokens[hall, "clerk"], hall)
            for number in range(1, CLERKS + 1):
                link.post(f"windows/w{number}/open", take_over=True)
        for _ in range(ROUNDS):
            for hall in spent:
                where = f"/api/v1/halls/{hall}"
                issue = {"paths": [f"{where}/tickets"] * CLERKS, "body": {"line": "a"}, "token": tokens[hall, "desk"]}
                must_be({"201"}, run_load(**base, **issue, count=CALLS_A_ROUND)["answers"])
                paths = [f"{where}/windows/w{number}/call-next" for number in range(1, CLERKS + 1)]
                call = {"paths": paths, "body": {"finish": "completed"}, "token": tokens[hall, "clerk"]}
                called = run_load(**base, **call, count=CALLS_A_ROUND)
                must_be({"200"}, called["answers"])
                spent[hall] += called["seconds"]
    finally:
        server.stop()
    return {hall: seconds / ROUNDS / CALLS_A_ROUND for hall, seconds in spent.items()}


def _pick() -> float:
    """Milliseconds to choose among the heads of 40 lines of 4 lanes."""
    now, rule = datetime.now(UTC), Order().rule(30)
    heads = [
        Head(f"t{line}{lane}", f"A{line:03d}", f"l{line}", lane.value, now - timedelta(seconds=60 + line), line)
        for line in range(40)
        for lane in Lane
    ]
    ranks = {f"l{line}": 1 + line % 3 for line in range(40)}
    taken = []
    for _ in range(200):
        began = time.perf_counter()
        pick_next(heads, ranks, now, rule, lambda _: 0)
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)
