"""The hall board in Chromium: calls, recalls, zones, both languages, cuts and restarts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser import OpenPage, serious_faults
from tests.pages.relay import Relay
from tests.pages.relay_process import stamp
from tests.parts import free_port

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
STALE = "footer.stale"


@pytest.fixture
def relay() -> Iterator[Relay]:
    running = Relay(free_port()).start()
    yield running
    running.kill()


def open_board(page: OpenPage, relay: Relay, query: str = "", **options: object) -> Page:
    board = page(f"{relay.url}/board{query}", **options)
    expect(board.locator("header .clock")).to_be_visible()
    expect(board.locator(".waiting li").first).to_be_visible()
    return board


def numbers(board: Page) -> list[str]:
    return board.locator(".call > .number").all_inner_texts()


def test_a_call_stands_on_the_board_with_its_window_and_floor(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.call("A023", "w3")
    expect(board.locator(".call.fresh", has_text="A023")).to_be_visible()
    assert "3号窗口" in board.locator(".call").inner_text().replace("\n", "")
    assert "一楼" in board.locator(".call").inner_text()


def test_two_calls_in_the_same_moment_are_both_shown_in_amber(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.publish(relay.called("C108", "w14"), relay.called("A023", "w3"))
    expect(board.locator(".call.fresh")).to_have_count(2)
    assert sorted(numbers(board)) == ["A023", "C108"]


def test_the_newest_call_is_on_top_and_a_recall_becomes_newest_again(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    first = relay.call("A001", "w3", ago=20)
    relay.call("A002", "w4", ago=15)
    expect(board.locator(".call")).to_have_count(2)
    assert numbers(board) == ["A002", "A001"]
    assert board.locator(".call.fresh").count() == 0
    relay.publish({**relay.called("A001", "w3", calls=2), "type": "ticket.recalled"})
    expect(board.locator(".call").first).to_contain_text("A001")
    expect(board.locator(".call.fresh")).to_have_count(1)
    assert first["id"] == "ticket-A001"


def test_a_number_stays_until_it_is_served_missed_or_three_minutes_old(page: OpenPage, relay: Relay) -> None:
    served = relay.call("A001", "w3", ago=30)
    missed = relay.call("A002", "w4", ago=30)
    relay.call("A004", "w6", ago=30)
    board = open_board(page, relay)
    relay.call("A003", "w5", ago=165)
    expect(board.locator(".call")).to_have_count(4)
    relay.move(served, "started", "serving")
    relay.move(missed, "missed", "no_show")
    expect(board.locator(".call")).to_have_count(1)
    assert numbers(board) == ["A004"]
    expect(board.locator(".missed")).to_contain_text("A002")
    expect(board.locator(".missed")).to_contain_text("请到导办台")


def test_a_call_started_at_once_is_still_shown_for_its_ten_seconds(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.move(relay.call("A001", "w3"), "started", "serving")
    expect(board.locator(".call.fresh")).to_have_count(1)
    expect(board.locator(".call")).to_have_count(0)


def test_more_numbers_than_rows_take_turns_below_the_newest(page: OpenPage, relay: Relay) -> None:
    for n in range(1, 9):
        relay.call(f"A00{n}", f"w{n}", ago=60 - n)
    board = open_board(page, relay)
    expect(board.locator(".call")).to_have_count(6)
    seen = numbers(board)
    assert seen[0] == "A008"
    expect(board.locator(".call > .number").nth(5)).not_to_have_text(seen[5])
    assert {*seen, *numbers(board)} == {f"A00{n}" for n in range(1, 9)}


def test_a_zone_shows_only_its_own_windows_and_lines(page: OpenPage, relay: Relay) -> None:
    relay.publish(relay.called("A023", "w3"), relay.called("C108", "w14"))
    board = open_board(page, relay, "?zone=b")
    expect(board.locator(".call")).to_have_count(1)
    assert numbers(board) == ["C108"]
    expect(board.locator("header")).to_contain_text("二楼B区")
    names = board.locator(".waiting .name").all_inner_texts()
    assert "不动产登记" in names and "社会保险" not in names


def test_waiting_counts_follow_the_events(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.wait(social=18)
    row = board.locator(".waiting li", has_text="社会保险")
    expect(row.locator(".number")).to_have_text("18")
    relay.wait(social=17)
    expect(row.locator(".number")).to_have_text("17")


def test_silence_is_said_in_red_words_and_taken_back_when_the_server_returns(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.call("A001", "w3", ago=15)
    expect(board.locator(".call")).to_have_count(1)
    relay.kill()
    expect(board.locator(STALE)).to_contain_text("秒未更新，请以窗口屏和广播为准")
    before = board.locator(STALE).text_content() or ""
    assert int(re.findall(r"\d+", before)[0]) >= 12, "a short cut is no reason for alarm"
    expect(board.locator(STALE)).not_to_have_text(before)
    relay.call("A002", "w4")
    relay.start()
    expect(board.locator(STALE)).to_have_count(0)
    expect(board.locator(".call")).to_have_count(2)


def test_a_server_that_goes_silent_without_closing_is_noticed_too(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay, "?language=en")
    relay.set(mute=True)
    expect(board.locator(STALE)).to_contain_text(re.compile(r"No new data for \d\d seconds"))
    assert serious_faults(board) == []
    relay.set(mute=False)
    expect(board.locator(STALE)).to_have_count(0)


def test_a_screen_the_server_refuses_says_so_and_comes_in_once_it_may(page: OpenPage, relay: Relay) -> None:
    relay.set(closed=True)
    board = page(f"{relay.url}/board")
    expect(board.locator(STALE)).to_contain_text("此屏尚未登记")
    relay.set(closed=False)
    expect(board.locator(STALE)).to_have_count(0)
    relay.call("A001", "w3")
    expect(board.locator(".call")).to_have_count(1)


def test_a_display_client_cut_off_from_the_server_is_not_called_fresh(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.order("emit/upstream", {"up": False, "since": stamp(datetime.now(UTC) - timedelta(seconds=200))})
    expect(board.locator(STALE)).to_contain_text("数据已3分钟未更新")
    relay.order("emit/upstream", {"up": True, "since": stamp()})
    expect(board.locator(STALE)).to_have_count(0)


def test_an_event_lost_on_the_way_is_fetched(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.publish(relay.called("A001", "w3"), lose=True)
    relay.call("A002", "w4")
    expect(board.locator(".call")).to_have_count(2)


def test_the_last_event_lost_is_fetched_at_the_next_tick(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.publish(relay.called("A001", "w3"), lose=True)
    expect(board.locator(".call")).to_have_count(1)


def test_another_epoch_replaces_the_whole_board(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    relay.call("A001", "w3")
    expect(board.locator(".call")).to_have_count(1)
    relay.kill()
    relay.board = {**relay.board, "epoch": "second", "seq": 1, "calls": []}
    relay.call("B007", "w9")
    relay.start()
    expect(board.locator(".call > .number")).to_have_text(["B007"])


def test_a_new_page_on_the_server_is_loaded_without_a_hand(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    board.evaluate("document.documentElement.dataset.version = 'old'; window.before = true")
    with board.expect_event("load"):
        relay.kill()
        relay.start()
    assert board.evaluate("window.before") is None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_board_has_no_serious_fault_for_those_who_see_or_read_badly(
    page: OpenPage, relay: Relay, language: str
) -> None:
    relay.wait(social=18, tax=3)
    relay.publish(relay.called("A023", "w3"), relay.called("C108", "w14", ago=30))
    relay.move(relay.call("B001", "w9", ago=100), "missed", "no_show")
    board = open_board(page, relay, f"?language={language}")
    expect(board.locator(".call")).to_have_count(2)
    assert serious_faults(board) == []
    size = board.locator(".call > .number").first.evaluate("it => parseFloat(getComputedStyle(it).fontSize)")
    assert size >= 150
    overflow = (
        "[document.documentElement.scrollHeight - innerHeight, document.documentElement.scrollWidth - innerWidth]"
    )
    assert max(board.evaluate(overflow)) <= 0


def test_before_issuing_hours_the_board_says_when_numbers_are_given(page: OpenPage, relay: Relay) -> None:
    closed = {"open": False, "reason": "not_yet", "opens_at": "08:00"}
    relay.set(lines={line.id: closed for line in relay.hall.lines})
    board = open_board(page, relay)
    expect(board.locator(".empty")).to_have_text("08:00 开始取号")


def test_after_issuing_hours_who_still_waits_is_told_to_stay(page: OpenPage, relay: Relay) -> None:
    over = {"open": False, "reason": "over", "opens_at": None}
    relay.set(lines={line.id: over for line in relay.hall.lines})
    relay.wait(social=2)
    board = open_board(page, relay)
    expect(board.locator(".hall-notice")).to_contain_text("已取号的群众请继续等候")


def test_one_preact_is_loaded_and_nothing_comes_from_elsewhere(page: OpenPage, relay: Relay) -> None:
    board = open_board(page, relay)
    urls = board.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert len([url for url in urls if url.endswith("/preact.js")]) == 1
    assert [url for url in urls if not url.startswith((relay.url, "data:", f"ws://127.0.0.1:{relay.port}"))] == []
