"""What a key of a pad means: pure, at every state of a window."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from caller.meant import Ask, Say, Send, Step, View, send
from caller.pads.meaning import Finish, call_typed, pad_meaning

NOW = datetime.fromisoformat("2026-11-23T09:00:00Z")
RULES = {"no_show_seconds": 90, "no_show_seconds_priority": 180}


def here(status: str = "called", ago: int = 30, calls: int = 1) -> dict[str, Any]:
    first = (NOW - timedelta(seconds=ago)).isoformat()
    return {"id": "t1", "number": "A023", "status": status, "calls": calls, "first_called_at": first}


def view(ticket: dict[str, Any] | None = None, status: str = "open", last_for: str = "", **window: Any) -> View:
    return View({"status": status, "closing": None, "ticket": ticket, **window}, RULES, NOW, last_for=last_for)


@pytest.mark.parametrize("status", ["closed", "paused"])
def test_the_first_next_opens_the_window_and_calls(status: str) -> None:
    assert pad_meaning("next", view(status=status), "ask") == Send((Step("open"), Step("call-next")))


@pytest.mark.parametrize("ticket", [None, here("serving")])
def test_next_at_a_free_window_or_on_who_is_served_calls(ticket: dict[str, Any] | None) -> None:
    assert pad_meaning("next", view(ticket), "ask") == send("call-next")


@pytest.mark.parametrize("finish", ["completed", "no_show"])
def test_next_on_a_called_number_means_what_the_setting_says_whatever_the_time(finish: Finish) -> None:
    for ago in (5, 500):
        assert pad_meaning("next", view(here(ago=ago)), finish) == send("call-next", finish=finish)


def test_asked_a_second_next_completes_and_the_no_show_key_says_nobody_came() -> None:
    assert pad_meaning("next", view(here()), "ask") == Ask(
        "caller.ask_called",
        {"number": "A023"},
        {"next": send("call-next", finish="completed"), "missed": send("call-next", finish="no_show")},
    )


def test_who_is_evidently_there_is_not_asked_about() -> None:
    assert pad_meaning("next", view(here(ago=200)), "ask") == send("call-next", finish="completed")
    assert isinstance(pad_meaning("next", view(here(ago=200, calls=2)), "ask"), Ask)


def test_recall_and_no_show_only_of_a_called_number() -> None:
    assert pad_meaning("recall", view(here()), "ask") == send("recall")
    assert pad_meaning("missed", view(here()), "ask") == send("no-show")
    for action in ("recall", "missed"):
        assert isinstance(pad_meaning(action, view(), "ask"), Say)
        assert isinstance(pad_meaning(action, view(here("serving")), "ask"), Say)


def test_pause_goes_to_and_fro() -> None:
    assert pad_meaning("pause", view(), "ask") == send("pause", reason="break")
    assert pad_meaning("pause", view(here()), "ask") == send("pause", reason="break", after_current=True)
    for left in (view(status="paused"), view(status="closed"), view(here(), closing="pause")):
        assert pad_meaning("pause", left, "ask") == send("open")


def test_the_last_window_of_a_line_pauses_only_on_a_second_press() -> None:
    asked = pad_meaning("pause", view(last_for="社会保险"), "ask")
    assert asked == Ask("caller.last_window", {"lines": "社会保险"}, {"pause": send("pause", reason="break")})


def waiting(*numbers: str) -> list[dict[str, Any]]:
    return [{"id": number, "number": number} for number in numbers]


def test_figures_call_the_number_that_has_them() -> None:
    found = call_typed("23", view(), waiting("A022", "A023", "A230"), "ask")
    assert found == send("call", number="A023", reason="keypad")
    assert call_typed("1023", view(), waiting("A1023"), "ask") == send("call", number="A1023", reason="keypad")


@pytest.mark.parametrize("typed", ["", "24", "0"])
def test_figures_that_nobody_has_call_nobody(typed: str) -> None:
    assert isinstance(call_typed(typed, view(), waiting("A023"), "ask"), Say)


def test_of_two_letters_enter_takes_the_first_and_delete_the_other() -> None:
    asked = call_typed("7", view(), waiting("A007", "B007"), "ask")
    assert isinstance(asked, Ask) and asked.values == {"number": "A007"}
    assert asked.answers["enter"] == send("call", number="A007", reason="keypad")
    other = asked.answers["delete"]
    assert isinstance(other, Ask) and set(other.answers) == {"enter"}
    assert other.answers["enter"] == send("call", number="B007", reason="keypad")


def test_a_chosen_number_ends_who_was_only_called_as_next_would() -> None:
    chosen = {"number": "A030", "reason": "keypad"}
    asked = call_typed("30", view(here()), waiting("A030"), "ask")
    assert isinstance(asked, Ask) and asked.answers["enter"] == send("call", **chosen, finish="completed")
    assert call_typed("30", view(here()), waiting("A030"), "no_show") == send("call", **chosen, finish="no_show")
    assert call_typed("30", view(here(ago=200)), waiting("A030"), "ask") == send("call", **chosen, finish="completed")


def test_a_chosen_number_opens_a_closed_window_first() -> None:
    called = call_typed("30", view(status="closed"), waiting("A030"), "ask")
    assert called == Send((Step("open"), Step("call", {"number": "A030", "reason": "keypad"})))
