"""The hall's public page: whole without a script or a sign-in, cacheable, made once however many ask, telling nothing
that a hall would not say aloud."""

import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from server.app import create_app
from server.db import Store
from tests.made_tickets import made_days
from tests.server.trial import SetClock, Trial

GUIDE = {"handled_by": "市税务局办税厅", "fee": {"zh-CN": "不收费", "en": "free"}, "time_limit": "当场办结"}


class Looked:
    """A hall and a visitor's browser without scripts."""

    def __init__(self, store: Store, **changes: Any) -> None:
        store.clock = SetClock()
        self.trial = Trial.found(store, store.clock, **changes)
        self.app = create_app(store, secret_key="for tests", always_open=False, public_url=None)
        self.client: FlaskClient = self.app.test_client()

    def ask(self, path: str = "/hall", status: int = 200, headers: dict[str, str] | None = None, **query: str) -> Any:
        asked = {"hall": self.trial.hall, "language": "zh-CN", **query}
        answer = self.client.get(path, query_string=asked, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    def forget(self) -> None:
        self.app.extensions.pop("public_pages", None)


@pytest.fixture
def looked(store: Store) -> Iterator[Looked]:
    matters = [
        {"id": "invoice", "name": "发票领用", "unit": "u", "category": "licence", "line": "tax", "guide": GUIDE},
        {"id": "pension", "name": "社会保险登记", "unit": "u", "category": "licence", "line": "social"},
    ]
    yield Looked(store, matters=matters)


def test_the_page_tells_load_rules_and_where_to_go_without_a_script(looked: Looked) -> None:
    looked.trial.issue()
    looked.trial.open("w1")
    looked.trial.call_next("w1")
    looked.trial.issue()
    page = looked.ask().text
    assert "试验大厅" in page and "Hallcall" not in page and "hallcall" not in page
    for words in (
        "正在办公，可以取号",
        "08:00–12:00、13:00–17:00",
        "1人等候",
        "税务局",
        "最多超过您10次",
        "30分钟内",
    ):
        assert words in page, words
    english = looked.ask(language="en").text
    assert "Open: you can take a number" in english and 'lang="en"' in english


def test_the_live_part_changes_within_its_second_and_keeps_names_to_itself(looked: Looked) -> None:
    looked.trial.issue(visitor_class="priority")
    now = looked.ask("/hall/live").json
    assert now["waiting"] == 1 and now["windows"] == 4
    tax = next(line for line in now["lines"] if line["id"] == "tax")
    assert set(tax) == {"id", "name", "waiting", "open", "count", "wait", "windows", "why"}
    looked.trial.open("w1")
    looked.forget()
    assert looked.ask("/hall/live").json["windows_open"] == 1
    guide = next(line for line in now["lines"] if line["id"] == "guide")
    assert not guide["open"] and "09:30" in guide["why"]


def test_matters_are_found_by_unit_words_and_letters_left_out(looked: Looked) -> None:
    page = looked.ask("/hall/matters", unit="u").text
    for words in ("发票领用", "社会保险登记", "1、2、3号窗口", "收费标准", "不收费", "当场办结"):
        assert words in page, words
    for words in ("社保", "sbdj", "社会 登记", "shbx"):
        answer = looked.ask("/hall/matters", q=words).text
        assert ("社会保险登记" in answer) is (words != "sbdj"), words
    assert "没有找到" in looked.ask("/hall/matters", q="<script>").text
    assert "<script>alert" not in looked.ask("/hall/matters", q="<script>alert").text
    assert "free" in looked.ask("/hall/matters", unit="u", language="en").text
    looked.ask("/hall/matters", unit="nobody", status=404)
    looked.ask(hall="nowhere", status=404)


def test_outside_the_hours_it_says_when_to_come(looked: Looked) -> None:
    clock = looked.trial.clock
    for at, words in (("07:00", "08:00 开始取号"), ("18:00", "今日取号已结束")):
        clock.set(f"2026-11-23T{at}:00+08:00")
        looked.forget()
        assert words in looked.ask().text


def test_the_page_may_be_kept_and_is_not_sent_twice(looked: Looked) -> None:
    page, live, matters = looked.ask(), looked.ask("/hall/live"), looked.ask("/hall/matters", unit="u")
    assert page.headers["Cache-Control"] == live.headers["Cache-Control"] == "public, max-age=5"
    assert matters.headers["Cache-Control"] == "public, max-age=60" and "Accept-Language" in page.headers["Vary"]
    assert "script-src 'self'" in page.headers["Content-Security-Policy"] and "Set-Cookie" not in page.headers
    for path, answer in (("/hall", page), ("/hall/live", live)):
        again = looked.ask(path, 304, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.data == b""


def test_many_who_look_cost_the_database_one_look(looked: Looked) -> None:
    looked.ask()
    asked: list[str] = []
    engine = looked.trial.store.engine

    def heard(*given: Any) -> None:
        asked.append(given[2])

    event.listen(engine, "before_cursor_execute", heard)
    looked.forget()
    looked.ask()
    once = len(asked)
    asked.clear()
    looked.forget()

    def look() -> None:
        client = looked.app.test_client()
        for _ in range(5):
            assert client.get(f"/hall?hall={looked.trial.hall}&language=zh-CN").status_code == 200

    several = [threading.Thread(target=look) for _ in range(8)]
    [one.start() for one in several]
    [one.join() for one in several]
    event.remove(engine, "before_cursor_execute", heard)
    assert len(asked) <= 4 * once  # forty looks; a slow machine may pass the second that an answer is kept


def test_statistics_are_of_days_that_are_over(looked: Looked) -> None:
    trial = looked.trial
    assert "办理情况" not in looked.ask().text
    days = [date(2026, 11, 19), date(2026, 11, 20)]
    trial.store.write(lambda connection: made_days(connection, trial.hall, days, 40))
    for _ in range(3):
        trial.issue()
    looked.forget()
    page = looked.ask().text
    assert "11月20日周五" in page and "11月1日周日至11月20日周五" in page
    figures = page[page.index("办理情况") :]
    assert '<dd class="number">40</dd>' in figures and '<dd class="number">80</dd>' in figures
    assert "群众满意度" not in figures


def test_the_root_leads_there(looked: Looked) -> None:
    assert looked.client.get("/").headers["Location"] == "/hall"
