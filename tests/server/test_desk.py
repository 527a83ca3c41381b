"""The guide desk: class after proof, who is accompanied, a ticket's story, calls from kiosks, numbers without paper."""

import json
from functools import partial
from typing import Any

import pytest

from hall.words import Role, VisitorClass
from server import desk
from server.actions import desk as actions
from server.actions import missing
from server.actions.tickets import Wanted, issue_ticket
from server.actions.transfers import Sending, Target, send_waiting
from server.auth import create_token
from server.people import Principal
from server.story import ticket_story
from tests.server.served import Home
from tests.server.trial import Trial, refused


def change_class(trial: Trial, ticket: str, to: str, proof: str | None = "elderly", words: str | None = None) -> Any:
    wanted = VisitorClass(to)
    return trial.run(trial.desk, lambda tx: actions.change_class(tx, trial.desk, ticket, wanted, proof, words))


def mark(trial: Trial, ticket: str, wanted: bool = True) -> Any:
    return trial.run(trial.desk, lambda tx: actions.mark_guide(tx, trial.desk, ticket, wanted))


def sentences(trial: Trial, ticket: str, language: str = "zh-CN") -> list[dict[str, Any]]:
    found = trial.store.read(
        lambda connection: ticket_story(connection, trial.hall, ticket, language, trial.clock.now())
    )
    return list(found["sentences"])


def without_paper(trial: Trial) -> list[str]:
    found = trial.store.read(lambda connection: desk.unprinted(connection, trial.hall, trial.clock.now()))
    return [one["number"] for one in found]


def waiting_at_kiosks(trial: Trial) -> list[str]:
    return [one["name"] for one in trial.store.read(partial(desk.wanted_calls, hall=trial.hall))]


def test_a_class_given_after_proof_moves_the_ticket_into_its_lane(trial: Trial) -> None:
    trial.issue()
    second = trial.issue()
    since = trial.seq
    assert change_class(trial, second["id"], "priority", "disabled", "持证")["class"] == "priority"
    assert trial.ticket(second["id"])["lane"] == "priority"
    (event,) = trial.events(since)
    assert event["type"] == "ticket.changed"
    assert (event["data"]["proof"], event["data"]["words"], event["data"]["by"]) == ("disabled", "持证", "desk")
    trial.open("w1")
    trial.clock.forward(minutes=1)
    assert trial.call_next("w1")["number"] == "A002"


def test_a_class_changed_back_or_given_again_leaves_the_counts_true(trial: Trial) -> None:
    ticket = trial.issue()["id"]
    change_class(trial, ticket, "priority")
    since = trial.seq
    change_class(trial, ticket, "priority")
    assert trial.types(since) == []
    change_class(trial, ticket, "ordinary", None)
    assert trial.ticket(ticket)["lane"] == "ordinary"


def test_a_class_is_given_only_to_who_waits(trial: Trial) -> None:
    ticket = trial.issue()["id"]
    trial.cancel(ticket)
    since = trial.seq
    assert refused(lambda: change_class(trial, ticket, "priority")).code == "illegal_move"
    assert refused(lambda: mark(trial, ticket)).code == "illegal_move"
    assert trial.types(since) == []


def test_a_reinstated_number_keeps_its_place_among_the_reinstated(trial: Trial) -> None:
    ticket = trial.issue()["id"]
    trial.open("w1")
    trial.call_next("w1")
    trial.no_show("w1", early=True)
    trial.run(trial.desk, lambda tx: missing.reinstate_ticket(tx, trial.desk, ticket))
    lane = trial.ticket(ticket)["lane"]
    change_class(trial, ticket, "priority")
    assert trial.ticket(ticket)["lane"] == (lane if lane == "reinstated" else "priority")


def test_who_is_accompanied_is_listed_with_the_people_ahead_the_next_first(trial: Trial) -> None:
    marked = []
    for _ in range(3):
        marked.append(trial.issue()["id"])
        trial.clock.forward(seconds=10)
    del marked[0]
    for ticket in reversed(marked):
        mark(trial, ticket)
    listed = trial.store.read(lambda connection: desk.guided_tickets(connection, trial.hall, trial.clock.now()))
    assert [(one["number"], one["ahead"]) for one in listed] == [("A002", 1), ("A003", 2)]
    since = trial.seq
    mark(trial, marked[0])
    assert trial.types(since) == []
    mark(trial, marked[0], wanted=False)
    trial.open("w1")
    trial.call_number("w1", "A003")
    listed = trial.store.read(lambda connection: desk.guided_tickets(connection, trial.hall, trial.clock.now()))
    assert [(one["number"], one["status"]) for one in listed] == [("A003", "called")]


def test_the_story_tells_what_happened_with_its_times_and_who(trial: Trial) -> None:
    ticket = trial.issue(matter="invoice")["id"]
    mark(trial, ticket)
    change_class(trial, ticket, "priority")
    trial.open("w1")
    trial.clock.forward(minutes=12)
    trial.call_next("w1")
    trial.clock.forward(minutes=4)
    trial.recall("w1")
    trial.no_show("w1")
    told = sentences(trial, ticket)
    assert [one["text"] for one in told] == [
        "取号 A001，业务：税务 · 发票领用",
        "登记需要导办陪同",
        "按优先办理，已核验：老年人",
        "等候12分钟，1号窗口叫号",
        "1号窗口重呼，第2次叫号",
        "叫号后没有到1号窗口，记为过号",
    ]
    assert [one["by"] for one in told][:4] == ["kiosk", "desk", "desk", "3021"]
    assert told[3]["at"] == "2026-11-23T01:12:00.000Z"
    assert sentences(trial, ticket, "en")[3]["text"] == "Called to Window 1 after 12 min"


def test_the_story_tells_of_the_paper(trial: Trial) -> None:
    issued = trial.issue()
    trial.report(issued["slip"]["id"], "failed", "paper_out")
    again = trial.reprint(issued["id"], device="t-kiosk")
    trial.report(again["slip"]["id"], "printed")
    assert [one["type"] for one in sentences(trial, issued["id"])] == [
        "ticket.issued",
        "slip.failed",
        "slip.requested",
        "slip.printed",
    ]


def test_who_went_first_is_told_by_number_and_never_by_name(trial: Trial) -> None:
    first = trial.issue()["id"]
    for _ in range(2):
        trial.issue(visitor_class="priority")
    trial.clock.forward(seconds=60)
    trial.open("w1")
    trial.call_next("w1")
    trial.call_next("w1", finish="completed")
    why = [one["text"] for one in sentences(trial, first) if one["type"] == "why"]
    overtakings = trial.rows("overtakings")
    assert bool(why) is bool(overtakings)
    assert not [text for text in why if "A00" in text]


def test_a_slip_issued_at_the_desk_is_asked_of_the_chosen_kiosk_and_is_no_reprint(trial: Trial) -> None:
    wanted = Wanted("tax", None, "priority", "zh-CN", proof="infant", device="t-kiosk")
    ticket = trial.run(trial.desk, lambda tx: issue_ticket(tx, trial.desk, wanted, False))
    issued, asked = trial.events()[-2:]
    assert (issued["type"], issued["data"]["proof"]) == ("ticket.issued", "infant")
    assert (asked["type"], asked["data"]["device"], asked["data"]["reprint"]) == ("slip.requested", "t-kiosk", False)
    trial.report(ticket["slip"]["id"], "printed")
    assert sentences(trial, ticket["id"])[-1]["text"] == "t-kiosk打印了小票"


def test_a_number_without_paper_is_listed_until_printed_or_dealt_with(trial: Trial) -> None:
    failed, silent, gone = (trial.issue() for _ in range(3))
    trial.report(failed["slip"]["id"], "failed", "paper_out")
    assert without_paper(trial) == ["A001"]
    trial.clock.forward(seconds=31)
    assert without_paper(trial) == ["A001", "A002", "A003"]
    trial.cancel(gone["id"])
    again = trial.reprint(failed["id"], device="t-kiosk")
    assert without_paper(trial) == ["A002"]  # the second slip of A001 is on its way
    trial.clock.forward(seconds=31)
    assert without_paper(trial) == ["A001", "A002"]
    trial.report(again["slip"]["id"], "printed")
    dismiss = lambda tx: actions.dismiss_slip(tx, trial.desk, silent["slip"]["id"])  # noqa: E731
    trial.run(trial.desk, dismiss)
    assert without_paper(trial) == []
    since = trial.seq
    trial.run(trial.desk, dismiss)
    assert trial.types(since) == []
    assert sentences(trial, silent["id"])[-1]["text"] == "导办台已处理未打印的小票"


def kiosk_of(trial: Trial, name: str) -> Principal:
    """A kiosk with a token of its own."""
    trial.store.write(
        lambda connection: create_token(connection, trial.hall, Role.KIOSK, None, name, trial.clock.now())
    )
    listed = trial.store.read(partial(desk.device_list, hall=trial.hall))
    found = next(one for one in listed if one["name"] == name)
    return Principal(found["id"], trial.hall, Role.KIOSK, name)


def test_a_call_from_a_kiosk_stays_until_someone_of_the_desk_answers(trial: Trial) -> None:
    near, far = kiosk_of(trial, "near"), kiosk_of(trial, "far")
    for kiosk in (near, far, near):
        trial.run(kiosk, partial(actions.ask_for_desk, by=kiosk))
    assert waiting_at_kiosks(trial) == ["near", "far"]
    assert trial.types().count("desk.wanted") == 2
    for _ in range(2):
        trial.run(trial.desk, lambda tx: actions.answer_kiosk(tx, trial.desk, near.id))
    assert waiting_at_kiosks(trial) == ["far"]
    assert trial.types().count("desk.answered") == 1
    assert refused(lambda: trial.run(trial.desk, lambda tx: actions.answer_kiosk(tx, trial.desk, "x"))).code == (
        "not_found"
    )


def test_a_call_from_a_kiosk_ends_with_the_day(trial: Trial) -> None:
    kiosk = kiosk_of(trial, "near")
    trial.run(kiosk, partial(actions.ask_for_desk, by=kiosk))
    trial.clock.forward(days=1)
    trial.issue()
    assert waiting_at_kiosks(trial) == []


def send(trial: Trial, ticket: str, line: str) -> Any:
    sending = Sending(Target(line=line), note="取错号")
    return trial.run(trial.desk, lambda tx: send_waiting(tx, trial.desk, ticket, sending))


def test_a_waiting_number_is_sent_to_the_right_line_with_its_seniority(trial: Trial) -> None:
    ticket = trial.issue()["id"]
    since = trial.ticket(ticket)["queued_at"]
    trial.clock.forward(minutes=5)
    send(trial, ticket, "social")
    sent = trial.ticket(ticket)
    assert (sent["line_id"], sent["queued_at"], sent["note"]) == ("social", since, "取错号")
    assert sentences(trial, ticket)[-1]["text"] == "转到社保，保留原取号时间"
    assert "取错号" not in json.dumps(trial.events(), ensure_ascii=False)


def test_a_called_number_is_its_clerk_s_to_send(trial: Trial) -> None:
    ticket = trial.issue()["id"]
    trial.open("w1")
    trial.call_next("w1")
    assert refused(lambda: send(trial, ticket, "social")).code == "illegal_move"


# ——— through the API ———


def test_a_priority_without_proof_is_refused(home: Home) -> None:
    ticket = home.issue()["id"]
    refusal = home.post(f"tickets/{ticket}/class", "desk", {"visitor_class": "priority"})
    assert refusal.status_code == 422
    body = {"visitor_class": "priority", "proof": "elderly", "words": "x" * 201}
    assert home.post(f"tickets/{ticket}/class", "desk", body).json()["error"]["details"]["field"] == "words"
    body["words"] = "老年证"
    assert home.post(f"tickets/{ticket}/class", "desk", body).json()["ticket"]["class"] == "priority"
    assert home.post(f"tickets/{ticket}/class", "clerk", body).status_code == 403


def test_proof_and_words_reach_staff_and_no_board(home: Home) -> None:
    ticket = home.issue()["id"]
    with home.client() as board, home.client("desk") as staff:
        home.post(
            f"tickets/{ticket}/class", "desk", {"visitor_class": "priority", "proof": "elderly", "words": "老年证"}
        )
        for _ in range(200):
            if staff.events() and board.events():
                break
            staff.socket.sleep(0.05)
    assert staff.events()[-1]["data"]["words"] == "老年证"
    told = json.dumps(board.events(), ensure_ascii=False)
    assert board.events() and "老年证" not in told and "elderly" not in told and "priority" not in told


def test_the_story_is_read_in_the_language_asked_for(home: Home) -> None:
    ticket = home.issue()
    told = home.get(f"tickets/{ticket['id']}/story", "desk", language="en").json()
    assert told["ticket"]["number"] == "A001" and told["ticket"]["ahead"] == 0
    assert told["sentences"][0]["text"].startswith("Took number A001")
    assert set(told["may"]) == {"class", "guide", "transfer", "cancel", "reprint"}
    assert home.get("tickets/none/story", "desk").status_code == 404


def test_the_marked_are_asked_for_with_the_list_of_tickets(home: Home) -> None:
    home.issue()
    ticket = home.issue()["id"]
    assert home.get("tickets", "desk", guide="true").json() == {"tickets": [], "after": None}
    home.post(f"tickets/{ticket}/guide", "desk", {"wanted": True})
    (marked,) = home.get("tickets", "desk", guide="true").json()["tickets"]
    assert (marked["number"], marked["ahead"]) == ("A002", 1)


def test_a_kiosk_calls_the_desk_and_the_desk_answers(home: Home) -> None:
    assert home.post("kiosk-help", "kiosk").json() == {"wanted": True}
    (call,) = home.get("desk", "desk").json()["wanted"]
    assert call["name"] == "kiosk-one"
    answer = home.post(f"kiosk-help/{call['device']}/answer", "desk")
    assert answer.json() == {"wanted": False}
    assert home.get("desk", "desk").json()["wanted"] == []


def test_devices_are_the_kiosks_and_desks_whose_tokens_are_good(home: Home) -> None:
    for role in ("kiosk", "desk", "clerk"):
        home.token(role)
    listed = home.get("devices", "desk").json()["devices"]
    assert {(one["name"], one["role"]) for one in listed} == {("kiosk-one", "kiosk"), ("desk-one", "desk")}


def test_a_number_without_paper_is_dismissed_at_the_desk(home: Home) -> None:
    ticket = home.issue()
    home.post(f"slips/{ticket['slip']['id']}", "kiosk", {"result": "failed", "reason": "paper_out"})
    (slip,) = home.get("desk", "desk").json()["unprinted"]
    assert (slip["number"], slip["device_name"], slip["reason"]) == ("A001", "kiosk-one", "paper_out")
    assert home.post(f"slips/{slip['id']}/dismiss", "desk").status_code == 200
    assert home.get("desk", "desk").json()["unprinted"] == []
    assert home.post("slips/none/dismiss", "desk").status_code == 404


def test_a_number_is_sent_to_one_place(home: Home) -> None:
    ticket = home.issue()["id"]
    assert home.post(f"tickets/{ticket}/transfer", "desk", {}).status_code == 422
    assert home.post(f"tickets/{ticket}/transfer", "desk", {"line": "none"}).status_code == 404
    sent = home.post(f"tickets/{ticket}/transfer", "desk", {"line": "social"})
    assert sent.json()["ticket"]["line"] == "social"


@pytest.mark.parametrize("path", ["tickets/none/class", "tickets/none/guide"])
def test_an_unknown_ticket_is_not_found(calm: Home, path: str) -> None:
    body = {"wanted": True} if path.endswith("guide") else {"visitor_class": "ordinary"}
    assert calm.post(path, "desk", body).status_code == 404
