"""The voice outlives its engine: killed, hung or missing."""

import contextlib
import os
import signal
import threading
import time

import pytest

from display.making import NoVoice, Phrase
from display.voice import Voice
from tests.display.rig import wait_until


@pytest.fixture
def voice():
    made = Voice(limit_seconds=60)  # no slow machine's engine is taken for hung
    made.start()
    yield made
    made.close()


def test_a_worker_killed_between_two_sentences_is_started_again(voice, tmp_path):
    voice.make_phrase(Phrase("zh-CN", "一。"), tmp_path / "1.wav")
    before = voice.pid
    os.kill(before, signal.SIGKILL)
    voice.make_phrase(Phrase("zh-CN", "二。"), tmp_path / "2.wav")
    assert voice.pid != before and voice.starts == 2
    assert (tmp_path / "2.wav").stat().st_size > 5000


def test_a_worker_killed_in_the_middle_of_a_sentence_says_it_after_all(voice, tmp_path):
    before = voice.pid
    os.kill(before, signal.SIGSTOP)  # so that the kill comes surely while it is at work
    making = threading.Thread(target=voice.make_phrase, args=(Phrase("zh-CN", "请A零二三号。"), tmp_path / "1.wav"))
    making.start()
    time.sleep(0.2)
    assert making.is_alive()
    os.kill(before, signal.SIGKILL)
    making.join(60)
    assert voice.pid not in (None, before)
    assert (tmp_path / "1.wav").stat().st_size > 5000


def test_a_hung_worker_is_replaced_after_its_limit(voice, tmp_path):
    before, voice.limit_seconds = voice.pid, 5
    os.kill(before, signal.SIGSTOP)
    begun = time.monotonic()
    voice.make_phrase(Phrase("zh-CN", "一。"), tmp_path / "1.wav")
    assert time.monotonic() - begun >= 5
    assert voice.pid != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_a_worker_that_dies_each_time_is_given_up_and_the_next_sentence_is_tried_anew(voice, tmp_path):
    stop = threading.Event()

    def kill_each():
        while not stop.is_set():
            pid = voice.pid
            with contextlib.suppress(ProcessLookupError):  # it was ended between the two lines
                if pid:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)

    killing = threading.Thread(target=kill_each)
    killing.start()
    try:
        with pytest.raises(NoVoice):
            voice.make_phrase(Phrase("zh-CN", "请A零二三号。" * 200), tmp_path / "1.wav")
    finally:
        stop.set()
        killing.join()
    voice.make_phrase(Phrase("zh-CN", "一。"), tmp_path / "2.wav")
    assert voice.error is None


def test_a_machine_without_an_engine_says_why_and_costs_the_next_call_nothing(tmp_path):
    voice = Voice(environment={**os.environ, "ESPEAK_DATA_PATH": "/nowhere"})
    voice.start()
    assert voice.error == "no speech engine: there is no voice data in /nowhere"
    with pytest.raises(NoVoice, match="no voice data"):
        voice.make_phrase(Phrase("zh-CN", "一。"), tmp_path / "1.wav")
    assert voice.starts == 1  # no process was started for it


def test_closing_the_voice_ends_its_process(voice):
    pid = voice.pid
    voice.close()

    def gone():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    wait_until(gone)
