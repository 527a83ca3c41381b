"""The rarer moves on the clerk's page in Chromium against the real server: by keyboard, and seen at other windows."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import Held, TrialHall, at_window, here, two_seconds_later

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("clerk-moves")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    started = TrialHall(tmp_path_factory.mktemp("hall"))
    yield started
    started.server.stop()


@pytest.fixture
def hall(house: TrialHall) -> TrialHall:
    house.clear()
    return house


@pytest.fixture(scope="module")
def desk(house: TrialHall) -> str:
    return house.server.token("desk", name="desk-1")


def press(opened: Page, *keys: str) -> None:
    for key in keys:
        opened.keyboard.press(key)


def called(opened: Page, number: str, window_key: str = "Space") -> None:
    """The next call is this number, once the seconds in which a second Next is ignored are over."""
    two_seconds_later(opened)
    opened.keyboard.press(window_key)
    expect(here(opened)).to_have_text(number)


def serving(opened: Page, number: str) -> None:
    called(opened, number)
    opened.keyboard.press("a")
    expect(opened.locator(".now.serving")).to_be_visible()


def is_empty(opened: Page) -> None:
    expect(opened.locator(".now.empty")).to_be_visible()


def search(opened: Page, text: str) -> None:
    """Typed as through an input method, which brings its words to the field alone."""
    expect(opened.locator("input[name=search]")).to_be_focused()
    opened.keyboard.insert_text(text)


def told(opened: Page, words: str | re.Pattern[str]) -> None:
    expect(opened.locator(".doing .notice")).to_contain_text(words)


def picks(opened: Page) -> Any:
    return opened.locator(".picks li")


def test_a_number_is_sent_to_a_window_with_a_note_and_comes_back(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    mine = at_window(page, hall)
    other = at_window(page, hall, name="9", token=hall.server.token("clerk", name="3009"))
    serving(mine, number)
    press(mine, "t", "9")
    expect(picks(mine).first).to_contain_text("9 号窗口")
    expect(picks(mine).first).to_contain_text("等候 0 人")
    press(mine, "Enter", "n")
    expect(mine.locator("input[name=note]")).to_be_focused()
    mine.keyboard.type("缺照片")
    press(mine, "Enter", "b")
    is_empty(mine)
    told(mine, f"{number} 已转走")
    expect(other.locator(".rows li")).to_contain_text(re.compile(f"{number}.*指定本窗口", re.DOTALL))
    expect(mine.locator(".rows li")).to_have_count(0)

    serving(other, number)
    expect(other.locator(".about .note")).to_have_text("备注：缺照片")
    expect(other.locator(".about .way")).to_have_text("接下来：回到 3 号窗口")
    other.reload()
    expect(other.locator(".about .note")).to_have_text("备注：缺照片")
    press(other, "f")
    is_empty(other)
    told(other, f"{number} 本环节已办，请到社会保险继续")
    expect(mine.locator(".rows li")).to_contain_text(number)
    serving(mine, number)
    press(mine, "f")
    is_empty(mine)
    assert hall.ticket(number)["status"] == "completed"


def test_a_number_is_sent_to_a_person_and_to_a_line_found_by_its_initials(page: OpenPage, hall: TrialHall) -> None:
    first, second = hall.issue(2)
    mine = at_window(page, hall)
    hall.ask("POST", "windows/w5/open", hall.server.token("clerk", name="3005"))
    called(mine, first)
    press(mine, "t")
    mine.keyboard.type("3005")
    expect(picks(mine)).to_have_count(1)
    expect(picks(mine)).to_contain_text("工号 3005")
    press(mine, "Enter")
    expect(mine.locator(".asked")).to_contain_text(f"{first} 转到“工号 3005”？")
    press(mine, "Enter")
    is_empty(mine)
    assert hall.ticket(first)["pool"].startswith("c:")
    called(mine, second)
    press(mine, "t")
    mine.keyboard.type("ylbz")
    expect(picks(mine).first).to_contain_text("医疗保障")
    press(mine, "Enter", "Enter")
    is_empty(mine)
    assert hall.ticket(second)["line"] == "medical"


def test_a_waiting_number_is_sent_on(page: OpenPage, hall: TrialHall) -> None:
    first, second = hall.issue(2)
    mine = at_window(page, hall)
    called(mine, first)
    press(mine, "s")
    mine.keyboard.type(second.lower())
    press(mine, "Enter")
    search(mine, "公积金")
    press(mine, "Enter", "Enter")
    told(mine, f"{second} 已转走")
    expect(here(mine)).to_have_text(first)
    assert (hall.ticket(second)["line"], hall.ticket(first)["status"]) == ("fund", "called")


def test_a_held_number_is_listed_with_its_reason_and_taken_back(page: OpenPage, hall: TrialHall) -> None:
    first, second, third = hall.issue(3)
    mine = at_window(page, hall)
    serving(mine, first)
    press(mine, "h", "1", "3")
    is_empty(mine)
    row = mine.locator(".held li")
    expect(row).to_contain_text(re.compile(rf"{first}.*补充材料 · 09:\d\d 回来", re.DOTALL))
    serving(mine, second)
    press(mine, "h", "6")
    expect(mine.locator("input[name=reason]")).to_be_focused()
    mine.keyboard.type("等孩子接电话")
    press(mine, "Enter", "Enter")
    expect(mine.locator(".held li")).to_have_count(2)
    assert hall.ticket(second)["hold_reason"] == "等孩子接电话" and not hall.ticket(second).get("return_at")
    press(mine, "b")
    expect(mine.locator(".asked")).to_contain_text(f"{second} · 等孩子接电话")
    press(mine, "2")
    expect(here(mine)).to_have_text(second)
    press(mine, "b")
    told(mine, f"请先结束 {second}")
    press(mine, "f")
    is_empty(mine)
    mine.locator(".take-back").click()
    expect(here(mine)).to_have_text(first)
    expect(mine.locator(".held")).to_be_hidden()
    expect(mine.locator(".now.serving")).to_be_visible()
    assert hall.numbers("waiting") == {third}


def test_a_call_undone_clears_the_board(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    mine = at_window(page, hall)
    board = page(f"{hall.url}/board#token={hall.server.token('display', name='board-1')}")
    called(mine, number)
    expect(board.locator("body")).to_contain_text(number)
    undo = mine.locator(".doing .notice .undo")
    expect(undo).to_have_text(re.compile(r"撤销Z · \d+ 秒"))
    press(mine, "z")
    is_empty(mine)
    told(mine, "已撤销")
    expect(board.locator("body")).not_to_contain_text(number)
    expect(mine.locator(".rows li")).to_contain_text(number)
    press(mine, "z")
    told(mine, "没有可撤销的操作")
    called(mine, number)
    assert hall.ticket(number)["calls"] == 1


def test_undo_is_offered_for_ten_seconds_and_then_no_more(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    mine = at_window(page, hall)
    called(mine, number)
    key = mine.locator(".second [data-key=undo]")
    expect(key).not_to_have_attribute("aria-disabled", "true")
    expect(key).to_have_attribute("aria-disabled", "true")  # once the seconds are over
    expect(mine.locator(".doing .notice")).to_be_hidden()
    press(mine, "z")
    told(mine, "已无法撤销")
    assert hall.ticket(number)["status"] == "called"


def test_another_matter_is_changed_to_and_added(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    mine = at_window(page, hall)
    called(mine, number)
    press(mine, "m")
    mine.keyboard.type("sybxj")
    expect(picks(mine)).to_have_count(1)
    press(mine, "Enter")
    expect(mine.locator(".now .what")).to_contain_text("失业保险金申领")
    expect(mine.locator(".now.serving")).to_be_visible()
    press(mine, "m")
    search(mine, "工伤")
    press(mine, "Enter")
    expect(mine.locator(".asked")).to_contain_text("工伤认定")
    press(mine, "a")
    expect(mine.locator(".now .what")).to_contain_text("工伤认定")
    assert hall.ticket(number)["number"] == number and hall.ticket(number)["line"] == "social"


def test_who_has_no_number_is_served_at_once(page: OpenPage, hall: TrialHall) -> None:
    mine = at_window(page, hall)
    press(mine, "w")
    expect(picks(mine)).to_have_text([re.compile("^社会保险"), re.compile("^医疗保障"), re.compile("^综合受理")])
    press(mine, "ArrowDown", "Enter")
    expect(mine.locator(".now.serving .what")).to_contain_text("医疗保障")
    assert len(hall.numbers("serving")) == 1


def test_how_it_ended_is_said_only_where_wanted(page: OpenPage, hall: TrialHall) -> None:
    first, second, third = hall.issue(3)
    mine = at_window(page, hall)
    serving(mine, first)
    press(mine, "f")
    is_empty(mine)
    serving(mine, second)
    press(mine, "d")
    for words in ("已受理", "已办结", "补正告知", "不予受理", "咨询", "取件", "未带材料"):
        expect(mine.locator(".asked")).to_contain_text(words)
    press(mine, "7")
    is_empty(mine)
    serving(mine, third)
    press(mine, "d", "n")
    expect(mine.locator("input[name=case_number]")).to_be_focused()
    mine.keyboard.type("BJ-2026-0815")
    press(mine, "Enter", "1")
    is_empty(mine)
    ended = [hall.ticket(number) for number in (first, second, third)]
    assert [one["outcome"] for one in ended] == [None, "papers_missing", "accepted"]
    assert [one["case_number"] for one in ended] == [None, None, "BJ-2026-0815"]


def test_the_legs_still_to_come_are_shown_and_can_all_be_ended(page: OpenPage, hall: TrialHall, desk: str) -> None:
    first, second = hall.issue(2, line="property", matter="property-transfer")
    mine = at_window(page, hall, name="9")
    serving(mine, first)
    expect(mine.locator(".about .way")).to_have_text("接下来：税务 → 缴费取件")
    press(mine, "f")
    told(mine, f"{first} 本环节已办，请到税务继续")
    assert hall.ticket(first)["line"] == "tax"
    serving(mine, second)
    press(mine, "l")
    expect(mine.locator(".asked")).to_contain_text("全部结束")
    press(mine, "Enter")
    is_empty(mine)
    assert hall.ticket(second)["status"] == "completed"


def test_of_many_pieces_the_rest_goes_to_the_tail(page: OpenPage, hall: TrialHall, desk: str) -> None:
    number = hall.ask("POST", "tickets", desk, line="tax", count=7)["ticket"]["number"]
    mine = at_window(page, hall, name="11")
    serving(mine, number)
    expect(mine.locator(".now .tags")).to_contain_text("7 件")
    expect(mine.locator(".about .pieces")).to_have_text("本次办 5 件，其余 2 件排到队尾")
    press(mine, "f")
    told(mine, f"{number} 还剩 2 件，已排到队尾")
    expect(mine.locator(".rows li")).to_contain_text(re.compile(f"{number}.*2 件", re.DOTALL))


def test_marks_of_a_ticket_are_calm_words(page: OpenPage, hall: TrialHall, desk: str) -> None:
    first = hall.ask("POST", "tickets", desk, line="social", visitor_class="priority", proof="elderly")["ticket"]
    second = hall.ask("POST", "tickets", desk, line="medical", **{"with": first["id"]})["ticket"]
    hall.ask("POST", f"tickets/{first['id']}/guide", desk, wanted=True)
    mine = at_window(page, hall)
    called(mine, first["number"])
    expect(mine.locator(".now .tags")).to_have_text(re.compile("优先.*导办陪同", re.DOTALL))
    expect(mine.locator(".about .others")).to_have_text(f"同一人还有 {second['number']}")
    expect(mine.locator(".rows li.parked")).to_contain_text(re.compile(f"{second['number']}.*正在窗口办理", re.DOTALL))
    press(mine, "n")
    expect(mine.locator(".asked")).to_be_visible()
    press(mine, "Enter")
    is_empty(mine)
    expect(mine.locator(".rows li.parked")).to_have_count(0)
    hall.ask("POST", f"tickets/{first['id']}/reinstate", desk)
    expect(mine.locator(".rows")).to_contain_text(re.compile(f"{first['number']}.*过号恢复", re.DOTALL))


def test_the_last_window_of_a_line_is_warned_before_it_pauses(page: OpenPage, hall: TrialHall) -> None:
    mine = at_window(page, hall)
    press(mine, "p")
    expect(mine.locator(".asked .warned")).to_have_text("社会保险、医疗保障、综合受理只有本窗口在办，离开后无人办理。")
    press(mine, "Escape")
    hall.ask("POST", "windows/w5/open", hall.supervisor)
    knows_another(mine)


def knows_another(mine: Page) -> None:
    """The page has heard that its lines are served elsewhere too; the test's own time limit ends the asking."""
    warned = True
    while warned:
        press(mine, "p")
        expect(mine.locator(".asked")).to_be_visible()
        warned = mine.locator(".asked .warned").count() > 0
        press(mine, "Escape")
        expect(mine.locator(".asked")).to_be_hidden()


def test_the_rare_moves_stand_behind_one_key_each_with_its_own(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    mine = at_window(page, hall)
    press(mine, "e")
    menu = mine.locator(".menu")
    for words in ("呼叫指定号", "无号办理", "转走等候号", "关闭窗口", "按键设置"):
        expect(menu).to_contain_text(words)
    press(mine, "c")
    expect(mine.locator("input[name=number]")).to_be_focused()
    mine.keyboard.type(number)
    press(mine, "Enter", "1")
    expect(here(mine)).to_have_text(number)
    press(mine, "e")
    expect(menu).to_contain_text("办理结果")
    press(mine, "Escape")
    expect(menu).to_be_hidden()
    mine.get_by_role("button", name="更多").click()
    menu.get_by_role("button", name="办理结果").click()
    expect(mine.locator(".asked")).to_contain_text(f"{number} 办得怎样？")


def test_words_typed_ahead_of_a_call_under_way_reach_their_question(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    mine = at_window(page, hall)
    hall.ask("POST", "windows/w5/open", hall.supervisor)
    knows_another(mine)
    call = Held(mine, "call-next")
    press(mine, "Space", "a", "h", "6", "x", "y", "Enter", "2")
    call.let_go()
    expect(mine.locator(".held li")).to_contain_text("xy")
    assert hall.ticket(number)["hold_reason"] == "xy"


@pytest.mark.parametrize(
    ("scheme", "language", "width"), [("light", "zh-CN", 420), ("dark", "en", 420), ("light", "en", 1100)]
)
def test_axe_finds_no_serious_fault_in_the_moves(
    page: OpenPage, hall: TrialHall, desk: str, scheme: str, language: str, width: int
) -> None:
    first = hall.ask("POST", "tickets", desk, line="social", visitor_class="priority", proof="elderly")["ticket"]
    hall.ask("POST", "tickets", desk, line="medical", count=3, **{"with": first["id"]})
    mine = at_window(page, hall, language=language, width=width, color_scheme=scheme)
    serving(mine, first["number"])
    faults = serious_faults(mine)
    steps = [["e"], ["Escape", "h"], ["1"], ["Escape", "t"], ["Enter"], ["n"], ["Escape", "m"], ["Escape", "d"]]
    for keys in [*steps, ["Escape", "h", "1", "1"], ["w"]]:
        press(mine, *keys)
        mine.wait_for_timeout(350)
        faults += serious_faults(mine)
    assert faults == []
    assert mine.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_line_renamed_while_the_clerk_works_is_called_so_without_a_word(page: OpenPage, hall: TrialHall) -> None:
    opened = at_window(page, hall)
    hall.issue()
    expect(opened.get_by_text("社会保险").first).to_be_visible()
    admin = hall.server.token("system_admin", name="admin")
    line = next(one for one in hall.ask("GET", "layout", admin)["lines"] if one["id"] == "social")
    other = {**line, "name": {**line["name"], "zh-CN": "社保综合"}}
    hall.ask("POST", "layout/lines/social", admin, value=other, before=line, reason="改名")
    expect(opened.get_by_text("社保综合").first).to_be_visible()
    hall.ask("POST", "layout/lines/social", admin, value=line, before=other, reason="改回")
