"""Sheets in Chromium: leadership reads and takes files, a unit head sees the own unit; and the hall's public page."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.db import open_engine
from tests.browser import OpenPage, serious_faults
from tests.made_tickets import made_days
from tests.pages.clerk_hall import HALL, TrialHall
from tests.pages.office import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    folder: Path = tmp_path_factory.mktemp("sheets")
    started = TrialHall(folder)
    engine = open_engine(f"sqlite:///{folder}/hallcall.sqlite3")
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        made_days(connection, HALL, [date(2026, 11, 19), date(2026, 11, 20)], 90)
        connection.exec_driver_sql("COMMIT")
    engine.dispose()
    yield started
    started.server.stop()


def test_leadership_reads_a_day_its_month_and_takes_the_file(page: OpenPage, hall: TrialHall) -> None:
    hall.issue(2)
    today = len(hall.ask("GET", "tickets?limit=500")["tickets"])
    shown = opened(page, hall, "sheets", "leadership")
    expect(shown.get_by_role("heading", name="2026年11月23日星期一")).to_contain_text("截至目前")
    issued = shown.locator(".total").filter(has_text="取号量").locator("dd")
    expect(issued).to_have_text(str(today))
    shown.get_by_label("日期").fill("2026-11-20")
    expect(shown.get_by_role("heading", name="2026年11月20日星期五")).to_contain_text("闭馆日报")
    expect(issued).to_have_text("90")
    expect(shown.locator(".chart rect.issued").first).to_be_visible()
    with shown.expect_download() as fetched:
        shown.get_by_role("link", name="导出CSV").click()
    text = fetched.value.path().read_text("utf-8-sig")
    assert fetched.value.suggested_filename == f"{HALL}-2026-11-20.csv" and text.startswith("分组,编号,名称,取号量")
    shown.get_by_role("button", name="月报").click()
    expect(shown.get_by_role("heading", name="2026年11月")).to_be_visible()
    expect(issued).to_have_text(str(180 + today))
    shown.reload()
    expect(issued).to_have_text(str(180 + today))


def test_a_unit_head_sees_the_own_unit_and_a_clerk_nothing(page: OpenPage, hall: TrialHall) -> None:
    unit = hall.ask("GET", "catalogue")["units"][1]
    shown = opened(page, hall, "sheets?day=2026-11-20", "unit_head", "zh-CN", unit["id"])
    expect(shown.get_by_text("只显示本单位的数字")).to_be_visible()
    rows = shown.get_by_role("region", name="按单位").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(unit["name"])
    expect(opened(page, hall, "sheets", "clerk").get_by_text("您的岗位不使用此页")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 390)])
def test_nothing_hinders_anyone_on_the_sheets_page_or_on_paper(
    page: OpenPage, hall: TrialHall, language: str, width: int
) -> None:
    shown = opened(page, hall, "sheets?day=2026-11-20", "supervisor", language, width=width)
    expect(shown.locator(".sheet").first).to_be_visible()
    shown.locator("summary").click()
    assert serious_faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown.emulate_media(media="print")
    expect(shown.locator(".signed")).to_be_visible()
    expect(shown.get_by_role("navigation")).to_be_hidden()


def test_a_visitor_finds_out_where_to_go_and_sees_the_hall_change(page: OpenPage, hall: TrialHall) -> None:
    shown = page(f"{hall.url}/?language=zh-CN", width=390, height=844, locale="zh-CN")
    expect(shown.get_by_role("heading", name="正在办公，可以取号")).to_be_visible()
    row = shown.locator("tr[data-line=medical]")
    expect(row).to_contain_text("无人等候")
    hall.issue(1, line="medical")
    expect(row).to_contain_text("1人等候")
    shown.get_by_placeholder("输入事项名称、部门或拼音").fill("社保")
    shown.get_by_role("button", name="搜索").click()
    expect(shown.locator(".matters li").first).to_contain_text("号窗口")


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 390)])
def test_nothing_hinders_anyone_on_the_public_page(page: OpenPage, hall: TrialHall, language: str, width: int) -> None:
    unit = hall.ask("GET", "catalogue")["units"][1]["id"]
    for path in ("hall?", f"hall/matters?unit={unit}&"):
        shown = page(f"{hall.url}/{path}language={language}", width=width, height=844)
        shown.locator("#large").click()
        assert serious_faults(shown) == []
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
