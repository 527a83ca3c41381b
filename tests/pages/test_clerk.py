"""The clerk's page in Chromium against the real server: the whole job by keyboard, and what must never go wrong."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.pages.clerk_hall import (
    HALL,
    MORNING,
    Held,
    TrialHall,
    at_window,
    here,
    sign_in,
    two_seconds_later,
    typed_ahead,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("clerk")]

VISITORS = int(os.environ.get("HALLCALL_VISITORS", "20"))
ONCE_A_DAY = 8
"""Presses to open and to close, and for lunch."""
TABLE: dict[str, Any] = json.loads((Path(__file__).parents[1] / "caller" / "presses.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialHall]:
    """One server for all tests here: a server a test would cost more than the tests."""
    started = TrialHall(tmp_path_factory.mktemp("hall"))
    yield started
    started.server.stop()


@pytest.fixture
def hall(house: TrialHall) -> TrialHall:
    if not house.server.alive:
        house.server.start()
    house.clear()
    return house


QuickHall = Callable[[int], TrialHall]


@pytest.fixture
def quick_hall(tmp_path: Path) -> Iterator[QuickHall]:
    """`quick_hall(60)`: a hall of its own whose clock runs sixty times as fast."""
    started: list[TrialHall] = []

    def start(speed: int) -> TrialHall:
        started.append(TrialHall(tmp_path, clock=f"{MORNING}@{speed}"))
        return started[-1]

    yield start
    for one in started:
        one.server.stop()


def next_after_two_seconds(opened: Page) -> None:
    two_seconds_later(opened)
    opened.keyboard.press("Space")


ASKED = {
    "zh-CN": ("{number} 是否已办完？", "办完，叫下一位", "未到，过号", "返回"),
    "en": ("Is {number} finished?", "Finished, call the next", "Did not come: no-show", "Back"),
}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_whole_job_is_done_by_keyboard(page: OpenPage, hall: TrialHall, language: str) -> None:
    first, second, third, fourth, fifth, sixth = hall.issue(6)
    opened = at_window(page, hall, language=language)
    opened.keyboard.press("Space")
    expect(here(opened)).to_have_text(first)
    opened.keyboard.press("r")
    expect(opened.locator(".running small")).to_have_text(re.compile("2"))
    opened.keyboard.press("a")
    expect(opened.locator(".now.serving")).to_be_visible()
    opened.keyboard.press("f")
    expect(opened.locator(".now.empty")).to_be_visible()
    assert hall.ticket(first)["status"] == "completed"
    next_after_two_seconds(opened)
    expect(here(opened)).to_have_text(second)
    opened.keyboard.press("a")
    expect(opened.locator(".now.serving")).to_be_visible()
    next_after_two_seconds(opened)  # serving: goes on without a question
    expect(here(opened)).to_have_text(third)
    next_after_two_seconds(opened)
    for words in ASKED[language]:
        expect(opened.locator(".asked")).to_contain_text(words.format(number=third))
    opened.keyboard.press("n")
    expect(here(opened)).to_have_text(fourth)
    assert hall.ticket(third)["status"] == "no_show"
    opened.keyboard.press("p")
    opened.keyboard.press("4")  # lunch, once the visitor is gone
    opened.keyboard.press("f")
    expect(opened.locator(".state.paused")).to_contain_text("13:30")
    assert hall.window()["status"] == "paused"
    opened.keyboard.press("o")
    expect(opened.locator(".state.open")).to_be_visible()
    opened.keyboard.press("c")
    expect(opened.locator("input[name=number]")).to_be_focused()
    opened.keyboard.type(sixth.lower())
    opened.keyboard.press("Enter")
    opened.keyboard.press("2")  # why
    expect(here(opened)).to_have_text(sixth)
    opened.keyboard.press("x")
    opened.keyboard.press("Enter")
    opened.keyboard.press("f")
    expect(opened.locator(".state.closed")).to_be_visible()
    assert hall.window()["status"] == "closed" and hall.numbers("waiting") == {fifth}


def test_a_second_next_within_two_seconds_is_ignored(page: OpenPage, hall: TrialHall) -> None:
    first, second, third = hall.issue(3)
    opened = at_window(page, hall)
    typed_ahead(opened, " ", "a", " ", " ")
    expect(opened.locator(".now.serving")).to_be_visible()
    opened.wait_for_timeout(500)
    expect(here(opened)).to_have_text(first)
    assert hall.numbers("waiting") == {second, third}
    next_after_two_seconds(opened)
    expect(here(opened)).to_have_text(second)


def test_keys_typed_while_a_call_is_under_way_are_all_done_in_their_order(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    opened = at_window(page, hall)
    call = Held(opened, "call-next")
    for key in ("Space", "r", "p", "5", "f"):
        opened.keyboard.press(key)
    call.let_go()
    expect(opened.locator(".state.paused")).to_be_visible()
    expect(opened.locator(".now.empty")).to_be_visible()
    assert hall.window()["status"] == "paused"
    assert (hall.ticket(number)["status"], hall.ticket(number)["calls"]) == ("completed", 2)


def test_a_second_next_is_judged_by_when_it_was_pressed(page: OpenPage, hall: TrialHall) -> None:
    first, second, third = hall.issue(3)
    opened = at_window(page, hall)
    call = Held(opened, "call-next")
    typed_ahead(opened, " ", " ", "a")
    two_seconds_later(opened)
    call.let_go()
    expect(opened.locator(".now.serving")).to_be_visible()
    expect(here(opened)).to_have_text(first)
    assert hall.numbers("waiting") == {second, third}


def test_a_refusal_forgets_what_was_typed_ahead(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    opened = at_window(page, hall)
    opened.keyboard.press("Space")
    expect(here(opened)).to_have_text(number)
    miss = Held(opened, "no-show")
    opened.keyboard.press("n")  # too early, which the server says
    opened.keyboard.press("Enter")
    miss.let_go()
    expect(opened.locator(".asked")).to_be_visible()
    opened.wait_for_timeout(300)
    assert hall.ticket(number)["status"] == "called"


def test_next_on_a_called_number_asks_and_escape_goes_back(page: OpenPage, hall: TrialHall) -> None:
    first, second = hall.issue(2)
    opened = at_window(page, hall)
    opened.keyboard.press("Space")
    expect(here(opened)).to_have_text(first)
    next_after_two_seconds(opened)
    expect(opened.locator(".asked")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(opened.locator(".asked")).to_be_hidden()
    assert hall.ticket(first)["status"] == "called"
    opened.keyboard.press("Space")
    opened.keyboard.press("Enter")
    expect(here(opened)).to_have_text(second)
    assert hall.ticket(first)["status"] == "completed"


def test_a_no_show_too_early_asks_one_key_with_the_seconds_left(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    opened = at_window(page, hall)
    opened.keyboard.press("Space")
    expect(here(opened)).to_have_text(number)
    opened.keyboard.press("n")
    expect(opened.locator(".asked")).to_contain_text(re.compile(rf"{number} 还差 ([1-8]\d|90) 秒"))
    assert hall.ticket(number)["status"] == "called"
    opened.keyboard.press("Enter")
    expect(opened.locator(".now.empty")).to_be_visible()
    assert hall.ticket(number)["status"] == "no_show"


def test_refresh_and_a_killed_server_bring_back_window_and_visitor(page: OpenPage, hall: TrialHall) -> None:
    number, _ = hall.issue(2)
    opened = at_window(page, hall)
    opened.keyboard.press("Space")
    expect(here(opened)).to_have_text(number)
    opened.reload()
    expect(here(opened)).to_have_text(number)
    expect(opened.locator(".head h1")).to_have_text("3 号窗口")
    hall.server.kill()
    expect(opened.locator(".state.cut")).to_be_visible()
    hall.server.start()
    expect(opened.locator(".state.open")).to_be_visible()
    expect(here(opened)).to_have_text(number)
    opened.reload()
    expect(here(opened)).to_have_text(number)
    opened.keyboard.press("a")  # and goes on working
    expect(opened.locator(".now.serving")).to_be_visible()


def test_a_window_in_use_is_taken_over_only_after_a_confirmation(page: OpenPage, hall: TrialHall) -> None:
    (number,) = hall.issue()
    first = at_window(page, hall)
    first.keyboard.press("Space")
    expect(here(first)).to_have_text(number)
    second = sign_in(page, hall, token=hall.server.token("clerk", name="3007"))
    second.keyboard.type("3")
    expect(second.locator(".choice:focus")).to_contain_text("3021 使用中")
    second.keyboard.press("Enter")
    expect(second.locator(".asked")).to_contain_text("正由 3021 使用")
    second.keyboard.press("Escape")
    expect(second.locator(".asked")).to_be_hidden()
    assert hall.window()["clerk"] == "3021"
    second.keyboard.press("Enter")
    expect(second.locator(".asked")).to_be_visible()
    second.keyboard.press("Enter")
    expect(here(second)).to_have_text(number)
    expect(first.locator(".asked")).to_contain_text("3007 接管")
    assert hall.window()["clerk"] == "3007"
    first.keyboard.press("f")  # no longer hers to finish
    first.wait_for_timeout(300)
    assert hall.ticket(number)["status"] == "called"


KNOWS_THE_HOUR = """async () => new Date((await import("web/live.js")).serverNow()).getUTCHours() === 1"""
"""The hall's clock, which these tests set to nine in the morning; the machine's own says another hour."""


def test_a_cut_off_page_keeps_its_dated_list_and_comes_back(page: OpenPage, hall: TrialHall) -> None:
    number, *others = hall.issue(4)
    opened = at_window(page, hall)
    opened.keyboard.press("Space")
    expect(opened.locator(".rows li")).to_have_count(3)
    hall.server.kill()
    dated = opened.locator(".dated")
    expect(dated).to_have_text(re.compile(r"^09:\d\d 的名单，网络恢复前请按此人工叫号$"))
    expect(opened.locator(".rows li .number")).to_have_text(others)
    expect(opened.locator(".work-key.primary")).to_have_attribute("aria-disabled", "true")
    opened.keyboard.press("r")
    expect(dated).to_be_visible()
    hall.server.start()
    expect(dated).to_be_hidden()
    expect(opened.locator(".notice")).to_contain_text("网络已恢复")
    assert hall.ticket(number)["calls"] == 1  # the key pressed while cut off did nothing


def test_a_page_opened_while_the_server_is_slow_to_push_still_lists(page: OpenPage, hall: TrialHall) -> None:
    first, second = hall.issue(2)
    opened = sign_in(page, hall)
    opened.route("**/socket.io/**", lambda route: route.abort())
    opened.route_web_socket("**/socket.io/**", lambda socket: socket.close())
    opened.reload()
    expect(opened.locator(".choose")).to_be_visible()
    assert opened.evaluate(KNOWS_THE_HOUR)  # without a tick
    opened.keyboard.type("3")
    opened.keyboard.press("Enter")
    opened.keyboard.press("o")
    expect(opened.locator(".state.open")).to_be_visible()
    opened.keyboard.press("Space")
    expect(here(opened)).to_have_text(first)
    (third,) = hall.issue()
    expect(opened.locator(".rows li .number")).to_have_text([second, third])


FOLLOWED = """async (hall) => {
    const { follow } = await import("web/live.js");
    window.pushed = [];
    const { board } = follow({ hall, onEvent: (event) => window.pushed.push(event) });
    await new Promise((done) => board.subscribe((now) => now && done()));
}"""
"""What the page hears, from when its line to the hall stands."""


def test_the_list_is_pushed_whole_to_staff(page: OpenPage, hall: TrialHall) -> None:
    opened = sign_in(page, hall)
    opened.keyboard.type("3")
    opened.keyboard.press("Enter")
    expect(opened.locator(".work")).to_be_visible()
    opened.evaluate(FOLLOWED, HALL)
    (number,) = hall.issue()
    expect(opened.locator(".rows li")).to_contain_text(number)
    opened.wait_for_function("pushed.length > 0")
    ticket = opened.evaluate("pushed.find((event) => event.type === 'ticket.issued').ticket")
    assert ticket["number"] == number and ticket["class"] == "ordinary" and ticket["queued_at"]


def test_a_kept_window_that_is_gone_is_asked_for_again(page: OpenPage, hall: TrialHall) -> None:
    opened = sign_in(page, hall)
    opened.evaluate("localStorage.setItem('hallcall.clerk.window.binjiang', 'w99')")
    opened.reload()
    expect(opened.locator(".choose")).to_be_visible()


def test_a_device_s_token_opens_no_clerk_s_page(page: OpenPage, hall: TrialHall) -> None:
    opened = page(f"{hall.url}/clerk#token={hall.kiosk}", width=420, height=900)
    expect(opened.locator(".alone")).to_contain_text("窗口工作人员的链接")


def test_keys_are_remapped_kept_and_conflicts_refused(page: OpenPage, hall: TrialHall) -> None:
    first, second = hall.issue(2)
    opened = at_window(page, hall)
    opened.get_by_role("button", name="按键设置").click()
    opened.locator("[data-action=next]").focus()
    opened.keyboard.press("Enter")
    opened.keyboard.press("r")
    expect(opened.locator("dialog .notice")).to_have_text("R 已用于“重呼”")
    opened.keyboard.press("F8")
    expect(opened.locator("[data-action=next] kbd")).to_have_text("F8")
    opened.keyboard.press("Escape")
    expect(opened.locator("dialog")).to_be_hidden()
    expect(opened.locator(".work-key.primary kbd")).to_have_text("F8")
    opened.reload()
    expect(opened.locator(".work-key.primary kbd")).to_have_text("F8")
    opened.keyboard.press("Space")
    opened.wait_for_timeout(300)
    assert hall.numbers("waiting") == {first, second}
    opened.keyboard.press("F8")
    expect(here(opened)).to_have_text(first)


def test_letters_typed_into_a_field_call_nobody(page: OpenPage, hall: TrialHall) -> None:
    first, second = hall.issue(2)
    opened = at_window(page, hall)
    opened.keyboard.press("c")
    expect(opened.locator("input[name=number]")).to_be_focused()
    opened.keyboard.type("nrx 0")
    opened.wait_for_timeout(300)
    expect(opened.locator("input[name=number]")).to_have_value("nrx 0")
    assert hall.numbers("waiting") == {first, second} and hall.window()["status"] == "open"


def test_a_key_clicked_with_the_mouse_does_not_catch_the_next_space(page: OpenPage, hall: TrialHall) -> None:
    first, second = hall.issue(2)
    opened = at_window(page, hall)
    opened.keyboard.press("Space")
    expect(here(opened)).to_have_text(first)
    opened.get_by_role("button", name="已到").click()
    expect(opened.locator(".now.serving")).to_be_visible()
    next_after_two_seconds(opened)
    expect(here(opened)).to_have_text(second)


def test_a_press_shows_at_once_that_it_works(page: OpenPage, hall: TrialHall) -> None:
    (first,) = hall.issue()
    opened = at_window(page, hall)
    call = Held(opened, "call-next")
    opened.evaluate(
        """() => { addEventListener("keydown", () => {
            let frames = 0;
            const look = () => (document.querySelector(".work-key.primary[aria-busy]")
                ? (window.frames_until_shown = frames) : (frames += 1, requestAnimationFrame(look)));
            look(); }, {capture: true, once: true}); }"""
    )
    opened.keyboard.press("Space")
    opened.wait_for_function("window.frames_until_shown !== undefined")
    assert opened.evaluate("window.frames_until_shown") <= 3  # 50 ms at 60 a second
    call.let_go()
    expect(here(opened)).to_have_text(first)


def test_waits_are_amber_at_15_and_red_at_30_minutes_with_a_word(page: OpenPage, quick_hall: QuickHall) -> None:
    hall = quick_hall(100)
    opened = at_window(page, hall)
    hall.issue()
    row = opened.locator(".rows li")
    expect(row).to_have_class("amber")
    expect(row.locator(".mark")).to_have_text("久")
    expect(row).to_have_class("red")
    expect(row.locator(".mark")).to_have_text("过久")


def test_staff_see_the_class_and_the_language_of_the_visitor(page: OpenPage, hall: TrialHall) -> None:
    desk = hall.server.token("desk", name="desk-1")
    hall.ask("POST", "tickets", desk, line="social", visitor_class="priority", language="en")
    opened = at_window(page, hall)
    expect(opened.locator(".rows li")).to_contain_text("优先")
    opened.keyboard.press("Space")
    expect(opened.locator(".now .tags")).to_have_text(re.compile("优先.*English", re.DOTALL))


def test_a_lost_session_asks_to_sign_in_again(page: OpenPage, hall: TrialHall) -> None:
    opened = at_window(page, hall)
    while not opened.locator(".alone").count():  # an answer on its way brings the cookie back once more
        opened.context.clear_cookies()
        opened.wait_for_timeout(500)
    expect(opened.locator(".alone")).to_contain_text("请重新登录")


def test_a_token_of_one_window_needs_no_choice(page: OpenPage, hall: TrialHall) -> None:
    opened = sign_in(page, hall, token=hall.server.token("clerk", window="w5", name="3005"))
    expect(opened.locator(".head h1")).to_have_text("5 号窗口")


def test_the_language_is_changed_on_the_page_and_kept(page: OpenPage, hall: TrialHall) -> None:
    opened = at_window(page, hall)
    opened.get_by_role("button", name="EN", exact=True).click()
    expect(opened.locator(".work-key.primary")).to_contain_text("Next")
    opened.reload()
    expect(opened.locator(".head h1")).to_have_text("Window 3")


@pytest.mark.parametrize(
    ("scheme", "language", "width"), [("light", "zh-CN", 420), ("dark", "en", 420), ("dark", "zh-CN", 1100)]
)
def test_axe_finds_no_serious_fault(page: OpenPage, hall: TrialHall, scheme: str, language: str, width: int) -> None:
    hall.issue(3)
    opened = sign_in(page, hall, language=language, width=width, color_scheme=scheme)
    faults = serious_faults(opened)
    opened.keyboard.type("3")
    opened.keyboard.press("Enter")
    for keys in (["o"], ["Space"], ["a"], ["p"], ["Escape"], ["f"], ["c"]):
        for key in keys:
            opened.keyboard.press(key)
        opened.wait_for_timeout(350)
        faults += serious_faults(opened)
    opened.keyboard.press("Escape")
    opened.locator(".head .icon").last.click()
    faults += serious_faults(opened)
    assert faults == []
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_follows_the_same_table_as_the_terminal(page: OpenPage, hall: TrialHall) -> None:
    opened = sign_in(page, hall)
    got = opened.evaluate(
        """async (table) => {
            const { meaning } = await import("/pages/caller/rules.js");
            return table.presses.map((one) => meaning(one.action, {window: one.window, rules: table.rules,
                now: Date.parse(table.now), lunchUntil: one.lunch_until, held: one.held,
                outcomes: table.outcomes, lastFor: one.last_for}));
        }""",
        TABLE,
    )
    assert got == [one["want"] for one in TABLE["presses"]]


KNOWS_THE_PACE = """async () => (await import("web/live.js")).hallPace() > 1"""
"""A trial clock is learned from the server's ticks."""


class CountedKeys:
    """Presses keys as a clerk would, and counts them; the running time on the page tells when to go on."""

    def __init__(self, opened: Page) -> None:
        self.opened = opened
        self.count = 0

    def press(self, key: str) -> None:
        self.opened.keyboard.press(key)
        self.count += 1

    def wait_for(self, number: str) -> None:
        expect(here(self.opened)).to_have_text(number)

    def wait_until_served(self) -> None:
        """A visitor is served longer than 90 s of the hall's time."""
        self.opened.wait_for_timeout(2050)
        running = re.compile(r"01:[345]|0[2-9]:|[1-9]\d:")
        expect(self.opened.locator(".running time")).to_have_text(running)


@pytest.mark.xdist_group("clerk-day")
@pytest.mark.timeout(900)
def test_a_day_of_sixty_visitors_costs_at_most_75_presses_and_no_mouse(page: OpenPage, quick_hall: QuickHall) -> None:
    """Of twenty one does not come although called again; one lunch; the window is opened and closed.

    A third of the day; HALLCALL_VISITORS=60 for the whole of it.
    """
    hall = quick_hall(60)
    numbers = hall.issue(VISITORS)
    absent = set(numbers[9::20])
    opened = sign_in(page, hall, token=hall.server.token("clerk", window="w3", name="3021"))
    keys = CountedKeys(opened)
    keys.press("o")
    expect(opened.locator(".state.open")).to_be_visible()
    opened.wait_for_function(KNOWS_THE_PACE)
    for place, number in enumerate(numbers):
        keys.press("Space")
        if place and numbers[place - 1] in absent:
            keys.press("n")
        keys.wait_for(number)
        if number in absent:
            keys.press("r")
        if place == VISITORS // 2 + 4:
            keys.press("p")
            keys.press("5")
            keys.press("f")
            expect(opened.locator(".state.paused")).to_be_visible()
            keys.press("o")
            expect(opened.locator(".state.open")).to_be_visible()
            opened.wait_for_timeout(2050)
        else:
            keys.wait_until_served()
    keys.press("x")
    keys.press("Enter")
    keys.press("f")
    expect(opened.locator(".state.closed")).to_be_visible()
    assert hall.numbers("no_show") == absent
    assert hall.numbers("completed") == {*numbers} - absent
    print(f"{keys.count} presses for {VISITORS} visitors")
    assert 60 / VISITORS * (keys.count - ONCE_A_DAY) + ONCE_A_DAY <= 75
