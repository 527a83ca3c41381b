"""The audit page in Chromium: the auditor proves and searches; supervisor and security administrator erase together."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import TrialHall
from tests.pages.office import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]
SLOW = 60_000


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    started = TrialHall(tmp_path_factory.mktemp("audit"))
    yield started
    started.server.stop()


def test_the_auditor_proves_the_journal_and_finds_who_did_what(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue(1)
    ticket = hall.ticket(number)
    hall.ask("POST", f"tickets/{ticket['id']}/cancel", reason="走错大厅")
    with pytest.raises(requests.HTTPError):
        hall.ask("GET", "audit", hall.clerk)
    shown = opened(page, hall, "audit", "auditor")
    shown.get_by_role("button", name="立即核验").click()
    expect(shown.get_by_text("完整", exact=False).first).to_be_visible(timeout=SLOW)
    assert serious_faults(shown) == []
    shown.get_by_role("button", name="事件", exact=True).click()
    shown.get_by_label("号码").fill(number)
    shown.get_by_role("button", name="查询").click()
    rows = shown.locator("tbody tr")
    expect(rows.filter(has_text="ticket.cancelled")).to_contain_text("1007")
    expect(rows.filter(has_text="ticket.issued")).to_contain_text(number)
    with shown.expect_download() as fetched:
        shown.get_by_role("link", name="导出CSV").click()
    assert number in Path(fetched.value.path()).read_text("utf-8-sig")
    shown.get_by_role("button", name="访问日志").click()
    expect(rows.filter(has_text="核验流水")).to_have_count(1)
    expect(rows.filter(has_text="登录").first).to_be_visible()
    shown.get_by_label("类别").select_option("refused")
    shown.get_by_role("button", name="查询").click()
    expect(rows.first).to_contain_text("岗位无此权限")
    shown.get_by_label("类别").select_option("exported")
    shown.get_by_role("button", name="查询").click()
    expect(rows).to_have_count(1)
    assert serious_faults(shown) == []


def test_two_people_erase_what_is_personal(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue(1)
    asks = opened(page, hall, "audit", "supervisor", name="1007")
    asks.get_by_role("button", name="申请删除").click()
    asks.get_by_label("号码").fill(number)
    asks.get_by_label("申请人及理由").fill("本人要求")
    assert serious_faults(asks) == []
    asks.get_by_role("button", name="提交").click()
    expect(asks.get_by_text("待执行")).to_be_visible()
    does = opened(page, hall, "audit", "security_admin", "en", name="9002", width=390)
    does.get_by_role("button", name="Erasing what is personal").click()
    does.get_by_role("button", name=f"Erase {number}").click()
    does.get_by_role("dialog").get_by_role("button", name="Erase").click()
    expect(does.get_by_role("row").filter(has_text=number)).to_contain_text("9002")
    assert does.evaluate("document.documentElement.scrollWidth <= innerWidth")
