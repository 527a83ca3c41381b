"""The loudspeaker's queue on a device that plays in real time: order, no overlap, briefer when it lags, never late."""

import os
from datetime import datetime

import pytest

from display.page_sound import PageLoudspeaker
from tests.display.rig import HandMovedTime, Loud, null_card, wait_until


def spans(log):
    return [(datetime.fromisoformat(one["started_at"]), datetime.fromisoformat(one["ended_at"])) for one in log]


def test_calls_are_spoken_in_the_order_they_came_and_never_overlap(tmp_path):
    with Loud(tmp_path, card=null_card(), time=HandMovedTime()) as loud:
        numbers = ["A001", "B001", "C001", "D001"]
        for number in numbers:
            loud.offer(number)
        log = loud.settled(4)
    assert [one["number"] for one in log] == numbers
    assert {one["result"] for one in log} == {"spoken"} and {one["way"] for one in log} == {"sound_card"}
    for (start, end), entry in zip(spans(log), log, strict=True):
        assert (end - start).total_seconds() >= entry["seconds"] - 0.05
    for (_, end), (start, _) in zip(spans(log), spans(log)[1:], strict=False):
        assert end <= start


def test_two_quick_calls_are_both_spoken(tmp_path):
    with Loud(tmp_path, card=null_card(), time=HandMovedTime()) as loud:
        loud.offer("A001")
        loud.offer("A002")
        log = loud.settled(2)
    assert [(one["number"], one["result"]) for one in log] == [("A001", "spoken"), ("A002", "spoken")]


def test_a_recall_is_spoken_again_but_the_same_calling_heard_twice_is_not(tmp_path):
    with Loud(tmp_path, card=null_card(), time=HandMovedTime()) as loud:
        loud.offer("A001", calls=1)
        loud.offer("A001", calls=1)
        loud.offer("A001", calls=2)
        loud.settled(2)
        loud.offer("A001", calls=2)
        assert loud.speaker.waiting == 0
        log = loud.settled(2)
    assert [(one["number"], one["calls"]) for one in log] == [("A001", 1), ("A001", 2)]


def test_a_call_older_than_twenty_seconds_is_not_spoken(tmp_path):
    with Loud(tmp_path, card=null_card(), time=HandMovedTime()) as loud:
        loud.offer("A001", age_seconds=20.5)
        loud.offer("A002", age_seconds=19.5)
        log = loud.settled(2)
    assert [(one["number"], one["result"]) for one in log] == [("A001", "too_old"), ("A002", "spoken")]
    assert log[0]["started_at"] is None and log[0]["wav"] is None


def test_age_is_judged_by_the_servers_clock_not_by_ours(tmp_path):
    with Loud(tmp_path, card=null_card()) as loud:
        loud.time = loud.speaker._time = type(loud.time)()
        loud.time.hear_tick("1999-08-03T08:30:00+08:00")
        loud.offer("A001")
        log = loud.settled(1)
    assert log[0]["result"] == "spoken" and log[0]["called_at"].startswith("1999-08-03")


def test_a_cancelled_ticket_is_not_called_any_more(tmp_path):
    with Loud(tmp_path, card=null_card(), time=HandMovedTime()) as loud:
        loud.offer("A001")
        wait_until(lambda: loud.speaker.waiting == 0)
        loud.offer("A002")
        loud.offer("A003")
        loud.speaker.withdraw("A002")
        log = loud.settled(2)
    assert [one["number"] for one in log] == ["A001", "A003"]


def test_a_ticket_called_anew_after_its_call_was_undone_is_spoken_again(tmp_path):
    with Loud(tmp_path, card=null_card(), time=HandMovedTime()) as loud:
        loud.offer("A001")
        loud.settled(1)
        loud.speaker.withdraw("A001")
        loud.time.move(3)
        loud.offer("A001")
        log = loud.settled(2)
    assert [(one["number"], one["calls"], one["result"]) for one in log] == [("A001", 1, "spoken")] * 2


def test_a_recall_undone_leaves_the_call_before_it(tmp_path):
    with Loud(tmp_path, card=null_card(), time=HandMovedTime()) as loud:
        loud.offer("A001")
        wait_until(lambda: loud.speaker.waiting == 0)
        loud.offer("A002", calls=1)
        loud.offer("A002", calls=2)
        loud.speaker.withdraw("A002", 1)
        log = loud.settled(2)
        assert loud.speaker.waiting == 0
    assert [(one["number"], one["calls"]) for one in log] == [("A001", 1), ("A002", 1)]


def test_a_call_withdrawn_while_it_is_spoken_is_not_repeated(tmp_path):
    with Loud(tmp_path, card=null_card(), repeat=3, time=HandMovedTime()) as loud:
        loud.offer("A001")
        wait_until(lambda: bool(loud.speaker.log) and loud.speaker.log[0]["result"] == "playing")
        loud.speaker.withdraw("A001")
        loud.offer("A002", calls=3)
        log = loud.settled(2)
    assert [(one["number"], one["result"]) for one in log] == [("A001", "spoken"), ("A002", "spoken")]
    assert log[0]["rounds"] == 1


def test_a_call_withdrawn_while_it_waits_for_a_way_out_is_never_spoken(tmp_path):
    with Loud(tmp_path, time=HandMovedTime()) as loud:
        loud.offer("A001")
        wait_until(lambda: bool(loud.speaker.log) and loud.speaker.log[0]["wav"] is not None)
        loud.speaker.withdraw("A001")
        log = loud.settled(1)
    assert (log[0]["result"], log[0]["rounds"]) == ("withdrawn", 0)


class NotingCard:
    """Each sound is over at once; how long it would have lasted is kept."""

    def __init__(self):
        self.seconds = []

    def ready(self):
        return True

    def play(self, recording, about, started):
        started()
        self.seconds.append(recording.seconds)


def test_alone_a_call_is_said_twice_with_one_chime(tmp_path):
    card = NotingCard()
    with Loud(tmp_path, card=card, repeat=2, time=HandMovedTime()) as loud:
        loud.offer("A001")
        entry = loud.settled(1)[0]
        first, again = card.seconds
        assert first - again == pytest.approx(loud.recorder.chime_seconds - 0.4, abs=0.01)  # of silence between them
    assert (entry["rounds"], entry["result"]) == (2, "spoken")


def test_a_lagging_queue_drops_the_repeat_and_nobody_is_left_out(tmp_path):
    with Loud(tmp_path, card=null_card(), repeat=2, time=HandMovedTime()) as loud:
        loud.offer("A001", age_seconds=14.9)
        loud.offer("A002", age_seconds=14.9)  # with A001 said twice it would begin later than planned for
        loud.settled(2)
        loud.offer("A003")
        log = loud.settled(3)
    assert [(one["rounds"], one["result"]) for one in log] == [(1, "spoken"), (2, "spoken"), (2, "spoken")]
    assert all(one["age_seconds"] <= 20 for one in log)


def test_a_call_that_comes_while_a_long_one_is_spoken_takes_the_place_of_its_repeat(tmp_path):
    sent = []
    pages = PageLoudspeaker(lambda message, data, page: sent.append(data["id"]))
    with Loud(tmp_path, pages=pages, repeat=2, time=HandMovedTime()) as loud:
        pages.can_play("one")
        loud.offer("A001")
        wait_until(lambda: len(sent) == 1)
        loud.offer("A002")
        loud.time.move(14.9)
        for count in (1, 2, 3):
            wait_until(lambda: len(sent) == count)  # noqa: B023
            pages.played("one", {"id": sent[-1]})
        log = loud.settled(2)
    assert [(one["rounds"], one["result"]) for one in log] == [(1, "spoken"), (2, "spoken")]


def test_without_a_card_the_page_plays_and_the_log_says_so(tmp_path):
    sent = []
    pages = PageLoudspeaker(lambda message, data, page: sent.append((message, data, page)))
    with Loud(tmp_path, pages=pages, time=HandMovedTime()) as loud:
        assert loud.sound.way == "none"
        pages.can_play("one")
        assert loud.sound.way == "page"
        loud.offer("A001")
        wait_until(lambda: bool(sent))
        message, data, page = sent[0]
        assert (message, page, data["url"]) == ("play", "one", f"/sound/{loud.speaker.log[0]['wav']}")
        assert data["text"] == "A." and data["language"] == "zh-CN" and data["duration"] > 1
        pages.played("one", {"id": data["id"]})
        log = loud.settled(1)
    assert (log[0]["result"], log[0]["way"]) == ("spoken", "page")


def test_with_nobody_to_play_a_call_waits_for_a_page_that_is_just_loading(tmp_path):
    sent = []
    pages = PageLoudspeaker(lambda message, data, page: sent.append(data))
    with Loud(tmp_path, pages=pages, time=HandMovedTime()) as loud:
        loud.offer("A001")
        wait_until(lambda: bool(loud.speaker.log) and loud.speaker.log[0]["wav"] is not None)
        pages.can_play("one")
        wait_until(lambda: bool(sent))
        pages.played("one", {"id": sent[0]["id"]})
        assert loud.settled(1)[0]["result"] == "spoken"


def test_with_nobody_to_play_until_it_is_too_late_the_call_is_unheard_and_its_recording_kept(tmp_path):
    with Loud(tmp_path, time=HandMovedTime()) as loud:
        loud.offer("A001", age_seconds=19)
        wait_until(lambda: bool(loud.speaker.log) and loud.speaker.log[0]["wav"] is not None)
        loud.time.move(1.5)
        entry = loud.settled(1)[0]
        assert (entry["result"], entry["way"]) == ("not_heard", None)
        assert loud.recorder.find(entry["wav"]) is not None


@pytest.mark.parametrize("answer", [{"error": "NotAllowedError"}, None])
def test_a_page_that_cannot_play_or_goes_away_does_not_hold_up_the_next_call(tmp_path, answer):
    sent = []
    pages = PageLoudspeaker(lambda message, data, page: sent.append((data, page)))
    with Loud(tmp_path, pages=pages, time=HandMovedTime()) as loud:
        pages.can_play("one")
        pages.can_play("two")
        loud.offer("A001")
        loud.offer("A002")
        wait_until(lambda: len(sent) == 1)
        if answer:
            pages.played("one", {"id": sent[0][0]["id"], **answer})
        else:
            pages.gone("one")
        wait_until(lambda: len(sent) == 2)
        assert [page for _, page in sent] == ["one", "two"]
        pages.played("one", {"id": sent[1][0]["id"]})  # an answer of the wrong page counts for nothing
        pages.played("two", {"id": sent[1][0]["id"]})
        log = loud.settled(2)
    assert [one["result"] for one in log] == ["not_heard", "spoken"]


def test_without_a_speech_engine_the_chime_is_heard(tmp_path):
    environment = {**os.environ, "ESPEAK_DATA_PATH": "/nowhere"}
    with Loud(tmp_path, card=null_card(), environment=environment, time=HandMovedTime()) as loud:
        loud.offer("A001")
        assert loud.settled(1)[0]["result"] == "chime_only"
        assert "no voice data" in loud.voice.error
