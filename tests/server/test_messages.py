"""What the boards say beside the calls: set by the supervisor, kept, folded, seen by everyone without its author."""

from functools import partial

from hall.events import public
from server.actions.messages import set_message
from server.audit.verifying import fold_faults
from tests.server.trial import Trial, refused

LIFT = {"zh-CN": "二号电梯维修", "en": "Lift 2 is being repaired"}


def said(trial: Trial, text: dict[str, str] | None, **more: object) -> dict[str, object]:
    until = more.get("until")
    return dict(trial.run(trial.supervisor, lambda tx: set_message(tx, trial.supervisor, text, until)))  # type: ignore[arg-type]


def test_a_message_stands_on_the_board_until_it_is_taken_away(trial: Trial) -> None:
    until = trial.clock.at.replace(hour=4)
    assert said(trial, LIFT, until=until)["message"] == {"text": LIFT, "until": "2026-11-23T04:00:00.000Z"}
    assert trial.board()["message"]["text"] == LIFT
    assert said(trial, None) == {"message": None}
    assert trial.board()["message"] is None
    assert trial.store.read(partial(fold_faults, hall=trial.hall)) == []


def test_the_public_event_of_a_message_does_not_say_who_wrote_it(trial: Trial) -> None:
    said(trial, LIFT)
    event = trial.events()[-1]
    assert (event["type"], event["data"]["by"]) == ("message.set", trial.supervisor.name)
    assert public(event)["data"] == {"message": {"text": LIFT, "until": None}}


def test_the_same_message_once_more_writes_nothing(trial: Trial) -> None:
    said(trial, LIFT)
    before = len(trial.events())
    said(trial, LIFT)
    assert len(trial.events()) == before


def test_a_message_in_a_language_the_hall_does_not_speak_is_refused(trial: Trial) -> None:
    assert refused(lambda: said(trial, {"tlh": "Qapla"})).code == "bad_body"
