"""The order page in Chromium against the real server: a preset, a cap and a rank changed, with a reason."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import TrialHall

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk")]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    started = TrialHall(tmp_path_factory.mktemp("order"))
    yield started
    started.server.stop()


def opened(
    page: OpenPage, hall: TrialHall, role: str = "supervisor", language: str = "zh-CN", **options: object
) -> Page:
    token = hall.server.token(role, name="9001")
    size = {"width": 1440, "height": 900, **options}
    return page(f"{hall.url}/order?language={language}#token={token}", **size)


def test_a_supervisor_chooses_a_preset_a_cap_and_a_rank_and_says_why(page: OpenPage, hall: TrialHall) -> None:
    before = hall.ask("GET", "order")["order"]["preset"]
    shown = opened(page, hall)
    shown.get_by_text("每2普1优", exact=True).click()
    shown.get_by_role("button", name="最多被超过：减一").click()
    shown.get_by_text("专家设置").click()
    shown.get_by_role("button", name="3 社会保险：加一").click()
    save = shown.get_by_role("button", name="保存")
    expect(save).to_be_disabled()
    shown.get_by_label("改动理由").fill("年底老人多")
    save.click()
    expect(shown.get_by_text("已保存")).to_be_visible()
    now = hall.ask("GET", "order")
    assert (now["order"]["preset"], now["order"]["max_overtakes"]) == ("one_priority_after", 9)
    assert now["ranks"]["w3"]["social"] == 2
    last = hall.ask("GET", "journal?limit=500")["events"][-1]
    assert last["type"] == "order.changed" and last["data"]["reason"] == "年底老人多"
    assert last["data"]["before"]["order"]["preset"] == before


def test_a_clerk_sees_that_it_is_not_his(page: OpenPage, hall: TrialHall) -> None:
    expect(opened(page, hall, "clerk").get_by_text("您的岗位不使用此页")).to_be_visible()


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 390)])
def test_nothing_hinders_anyone_on_the_order_page(page: OpenPage, hall: TrialHall, language: str, width: int) -> None:
    shown = opened(page, hall, language=language, width=width)
    expect(shown.locator(".preset").first).to_be_visible()
    shown.locator("summary").click()
    assert serious_faults(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_keyboard_alone_a_preset_is_chosen_and_kept(page: OpenPage, hall: TrialHall) -> None:
    shown = opened(page, hall, language="en")
    shown.locator("input[type=radio]:checked").focus()
    shown.keyboard.press("ArrowUp")
    shown.get_by_label("Reason").focus()
    shown.keyboard.type("trial")
    shown.keyboard.press("Enter")
    expect(shown.get_by_text("Saved")).to_be_visible()
