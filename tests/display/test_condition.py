"""How the loudspeaker says it is: test announcements, quiet hours, what was heard and when, and what is wrong."""

import os
import signal
from datetime import time, timedelta

import pytest

from display.client import Display
from display.condition import figures, percentile, speaker_condition, voice_condition
from display.page_sound import PageLoudspeaker
from display.sound import WORDS
from hall.devices.voice import Voice as VoiceSettings
from hall.link import Link
from tests.display.rig import HandMovedTime, Loud, null_card, wait_until
from tests.display.simulated import Hour
from tests.display.test_recording import WITHOUT_ENGINE


@pytest.fixture
def display(tmp_path):
    """A loudspeaker whose server is not there."""
    made = Display(
        Link("http://127.0.0.1:9", "x", "hall"),
        tmp_path,
        lambda message, data, page: None,
        voice=VoiceSettings(languages=["zh-CN", "en"], rate=240, quiet=["00:00-12:00", "12:00-23:59"]),
        card=null_card(),
    )
    made.server_time = made.speaker._time = HandMovedTime()
    made.server_time.known.set()
    made.start()
    yield made
    made.stop()


def of_sound(display):
    return {one.part: one for one in display.conditions() if one.part in ("speaker", "voice")}


def test_a_test_announcement_is_heard_in_each_language_also_in_quiet_hours(display):
    wait_until(lambda: display.voice.pid is not None)
    told = display.test_announcement()
    assert told["played"] and told["way"] == "sound_card" and told["seconds"] > 3
    assert display.speaker.log[-1]["languages"] == ["zh-CN", "en"] and display.speaker.log[-1]["rounds"] == 1
    facts = of_sound(display)["speaker"].facts
    assert facts["heard"] == 0  # what was tried is no call


def test_a_loudspeaker_tells_of_itself_and_of_its_voice_and_a_silent_screen_of_neither(display, tmp_path):
    wait_until(lambda: [one.state for one in of_sound(display).values()] == ["ok", "ok"])
    silent = Display(Link("http://127.0.0.1:9", "x", "hall"), tmp_path / "b", lambda *_: None, speaks=False)
    assert of_sound(silent) == {} and silent.test_announcement()["played"] is False


def test_no_way_out_is_told_and_a_test_announcement_is_not_heard(tmp_path):
    with Loud(tmp_path, time=HandMovedTime()) as loud:
        told = speaker_condition(loud.speaker, loud.sound.way, loud.time.now())
    assert (told.state, told.code, told.detail) == ("fault", "no_way", WORDS["none"])


def test_a_call_that_a_page_did_not_play_is_told_until_one_was(tmp_path):
    sent = []
    pages = PageLoudspeaker(lambda message, data, page: sent.append(data["id"]))
    with Loud(tmp_path, pages=pages, time=HandMovedTime()) as loud:
        pages.can_play("one")
        codes = []
        for count, answer in enumerate([{"error": "NotAllowedError"}, {}], 1):
            asked = loud.offer(f"A{count}")
            wait_until(lambda: len(sent) == count)  # noqa: B023
            pages.played("one", {"id": sent[-1], **answer})
            assert asked.settled.wait(30)
            codes.append(speaker_condition(loud.speaker, loud.sound.way, loud.time.now()).code)
    assert codes == ["not_heard", ""]


def test_a_dead_engine_is_a_fault_until_stems_are_there_then_a_warning(tmp_path):
    with Loud(tmp_path, card=null_card(), environment=WITHOUT_ENGINE) as loud:
        loud.voice.start()
        told = [voice_condition(loud.voice, stems) for stems in (False, True)]
    assert [(one.state, one.code) for one in told] == [("fault", "engine_dead"), ("warning", "engine_dead")]
    assert "no voice data" in told[0].detail


def test_speech_that_lags_is_told(tmp_path):
    hour = Hour(tmp_path, [(one / 10, f"A{one + 1:03d}", "3") for one in range(12)])
    hour.run()
    told = speaker_condition(hour.loud.speaker, "sound_card", hour.time.now())
    assert (told.state, told.code) == ("warning", "lagging")
    assert told.facts["lag_seconds_p95"] > 20 and told.facts["heard"] == 12 and told.facts["last_number"] == "A012"


def test_in_quiet_hours_calls_are_not_spoken_and_after_them_as_loud_as_the_hour_says(tmp_path):
    settings = VoiceSettings(quiet=["12:00-13:30"], volumes=[{"span": "08:00-09:30", "volume": 0.5}])
    assert [settings.volume_at(time.fromisoformat(at)) for at in ("08:00", "09:30", "12:00", "13:29", "13:30")] == [
        0.5, 1.0, 0.0, 0.0, 1.0,
    ]  # fmt: skip
    hour = Hour(tmp_path, [(0, "A001", "3"), (60, "A002", "3")])
    noon = hour.time.now() + timedelta(seconds=30)
    hour.loud.speaker._volume = lambda at: 0.0 if at < noon else 1.0
    log = hour.run()
    assert [one["result"] for one in log] == ["quiet", "spoken"]
    assert log[0]["wav"] is None and not figures(log).get("unheard")


def test_the_hours_are_those_of_the_halls_time_zone(display):
    display.layouts._known["zh-CN"] = (0.0, {"hall": {"time_zone": "Asia/Shanghai"}})
    nine = display.server_time.now()  # in UTC; 17:00 in Shanghai
    display._settings = VoiceSettings(quiet=["17:00-18:00"])
    assert display._volume(nine) == 0 and display._volume(nine + timedelta(hours=1)) == 1


def test_a_displays_own_voice_changes_only_what_it_names():
    hall = VoiceSettings(languages=["zh-CN", "en"], repeat=3, quiet=["12:00-13:00"])
    own = hall.but(VoiceSettings(volume=0.4, languages=["yue"]))
    assert (own.languages, own.volume, own.repeat, own.quiet) == (["yue"], 0.4, 3, hall.quiet)
    assert hall.but(None) == hall


def test_a_percentile_is_a_value_that_so_many_do_not_pass():
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0 and percentile(list(range(1, 101)), 95) == 95
    assert percentile([7.0], 95) == 7.0


def test_a_voice_killed_and_back_is_well_again(tmp_path):
    with Loud(tmp_path, card=null_card(), time=HandMovedTime()) as loud:
        loud.voice.start()
        os.kill(loud.voice.pid, signal.SIGKILL)
        assert loud.offer("A001").settled.wait(30)
        told = voice_condition(loud.voice, False)
    assert told.state == "ok" and told.facts["starts"] == 2
