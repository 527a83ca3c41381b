"""A ticket's journal read aloud: every event has a sentence, in every language."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hall.story import Names, moves_now, sentence, story
from hall.texts import catalogue, languages
from hall.words import TICKET_EVENTS, TICKET_MOVES, Proof, TicketStatus, VisitorClass

SLIPS = ("slip.requested", "slip.printed", "slip.failed", "slip.dismissed")
TICKET: dict[str, Any] = {
    "id": "t1",
    "number": "A023",
    "line": "tax",
    "matter": "invoice",
    "class": "ordinary",
    "status": "waiting",
    "window": None,
    "calls": 0,
    "outcome": None,
    "queued_at": "2026-11-23T01:00:00.000Z",
}


def names(language: str = "zh-CN") -> Names:
    chinese = language == "zh-CN"
    return Names(
        language,
        ZoneInfo("Asia/Shanghai"),
        lines={"tax": "税务" if chinese else "Tax", "social": "社会保险" if chinese else "Social insurance"},
        matters={"invoice": "代开发票" if chinese else "Have an invoice issued"},
        windows={"w3": "3", "w12": "12"},
        people={"t-kiosk": "kiosk-1", "t-lin": "3021"},
    )


def event(kind: str, ticket: dict[str, Any] | None = None, at: str = "2026-11-23T01:18:00.000Z", **data: Any) -> Any:
    return {"type": kind, "at": at, "ticket": {**TICKET, **(ticket or {})}, "data": data}


AT_WINDOW = {"status": "called", "window": "w3", "calls": 2}


def told(kind: str, language: str = "zh-CN", before: dict[str, Any] | None = None, **more: Any) -> str | None:
    ticket = more.pop("ticket", None)
    return sentence(event(kind, ticket, **more), {**TICKET, **(before or {})}, names(language))


@pytest.mark.parametrize("language", list(languages()))
@pytest.mark.parametrize("kind", [*TICKET_EVENTS.values(), *SLIPS])
def test_every_event_of_a_ticket_has_a_sentence_in_every_language(kind: str, language: str) -> None:
    text = told(kind, language, ticket=AT_WINDOW, device="t-kiosk", reason="paper_out", undone="call")
    assert text and not re.search(r"[{}]|story\.|None", text)
    assert bool(re.search("[\u4e00-\u9fff]", text)) is (language == "zh-CN")


@pytest.mark.parametrize(
    "kind, more, chinese, english",
    [
        ("ticket.issued", {}, "取号 A023，业务：税务 · 代开发票", "Took number A023 for Tax · Have an invoice issued"),
        (
            "ticket.issued",
            {"ticket": {"class": "priority"}, "proof": "elderly"},
            "取号 A023，业务：税务 · 代开发票，按优先办理，已核验：老年人",
            "Took number A023 for Tax · Have an invoice issued, served with priority; checked: older person",
        ),
        ("ticket.called", {"ticket": AT_WINDOW}, "等候18分钟，3号窗口叫号", "Called to Window 3 after 18 min"),
        ("ticket.recalled", {"ticket": AT_WINDOW}, "3号窗口重呼，第2次叫号", "Called again to Window 3, call 2"),
        (
            "ticket.held",
            {"ticket": {**AT_WINDOW, "return_at": "2026-11-23T02:05:00.000Z"}, "reason": "补材料"},
            "在3号窗口挂起。原因：补材料，预计10:05返回",
            "Put on hold at Window 3. Reason: 补材料, to return at 10:05",
        ),
        (
            "ticket.transferred",
            {"ticket": {"pool": "w:w12"}},
            "转到12号窗口，保留原取号时间",
            "Transferred to Window 12, with the time it was taken",
        ),
        (
            "ticket.transferred",
            {"ticket": {"pool": "c:t-lin"}},
            "转到工号 3021 的工作人员，保留原取号时间",
            "Transferred to clerk 3021, with the time it was taken",
        ),
        (
            "ticket.transferred",
            {"because": "route"},
            "这一步办完，接着到税务 · 代开发票办理，保留原取号时间",
            "This step is done, goes on to Tax · Have an invoice issued with the time it was taken",
        ),
        ("ticket.cancelled", {"reason": "left"}, "已取消。原因：群众已离开", "Cancelled. Reason: the visitor has left"),
        ("ticket.cancelled", {"reason": "visitor"}, "群众自行取消", "Cancelled by the visitor"),
        (
            "slip.failed",
            {"device": "t-kiosk", "reason": "paper_out"},
            "kiosk-1没有打印出小票：打印机缺纸",
            "kiosk-1 could not print the slip: ",
        ),
        (
            "slip.printed",
            {"device": "t-kiosk", "reprint": True},
            "kiosk-1补打了小票",
            "kiosk-1 printed the slip again",
        ),
    ],
)
def test_a_sentence_says_what_happened(kind: str, more: dict[str, Any], chinese: str, english: str) -> None:
    assert told(kind, "zh-CN", **more) == chinese
    assert (told(kind, "en", **more) or "").startswith(english)


def test_a_change_says_what_is_different_from_before() -> None:
    change = "ticket.changed"
    shown = {"proof": "illness", "words": "拄拐"}
    assert told(change, ticket={"class": "priority"}, **shown) == "按优先办理，已核验：伤病或行动不便（拄拐）"
    assert told(change, ticket={"guide": True}) == "登记需要导办陪同"
    assert told(change, before={"guide": True}) == "取消导办陪同"
    late = {"parked": "late", "return_at": "2026-11-23T01:33:00.000Z"}
    assert told(change, ticket=late) == "群众表示晚到，09:33前不叫此号"
    assert told(change, before=late) == "晚到时间已过，可以叫此号"
    assert told(change, before={"pool": "w:w3"}) == "所等窗口已不在办理，回到税务 · 代开发票排队"
    assert told(change, before={"parked": "remote"}) == "群众已到厅，可以叫此号"
    assert told(change) == "排队信息已更改"


@pytest.mark.parametrize("undone", ["call", "recall", "start", "resume"])
def test_each_move_undone_has_its_own_words(undone: str) -> None:
    assert told("ticket.undone", undone=undone) == catalogue("zh-CN", "story")[f"story.undone_{undone}"]


@pytest.mark.parametrize("language", list(languages()))
def test_every_class_and_proof_has_a_name(language: str) -> None:
    keys = catalogue(language, "story")
    assert not [one for one in Proof if f"story.proof_{one}" not in keys]
    assert not [one for one in VisitorClass if f"story.class_{one}" not in keys]


def test_a_story_keeps_the_order_says_who_and_leaves_out_what_has_no_words() -> None:
    events = [
        event("ticket.issued", by="kiosk-1"),
        event("ticket.called", AT_WINDOW, by="3021"),
        event("ticket.of_tomorrow"),
        event("ticket.missed", {**AT_WINDOW, "status": "no_show"}, automatic=True),
    ]
    found = story(events, names())
    assert [(one["type"], one["by"]) for one in found] == [
        ("ticket.issued", "kiosk-1"),
        ("ticket.called", "3021"),
        ("ticket.missed", None),
    ]
    assert found[-1]["text"] == "叫号后没有到3号窗口，到时自动记为过号"


@pytest.mark.parametrize("status", TicketStatus)
def test_the_desk_may_only_do_what_the_moves_allow(status: TicketStatus) -> None:
    moves = {"reinstate": "reinstate", "class": "change", "guide": "change", "transfer": "transfer", "cancel": "cancel"}
    may = moves_now({"status": status, "reinstated_at": None})
    allowed = {key for key, move in moves.items() if status in TICKET_MOVES[move]}
    if status in ("called", "serving"):
        allowed.discard("transfer")
    assert {key for key in may if key != "reprint"} == allowed


def test_a_number_is_reinstated_once() -> None:
    assert "reinstate" in moves_now({"status": "no_show", "reinstated_at": None})
    assert "reinstate" not in moves_now({"status": "no_show", "reinstated_at": "2026-11-23T01:00:00.000Z"})
