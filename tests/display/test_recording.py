"""Recordings: chime, pause, sentences, repeat; kept, found and bounded."""

import os

import numpy as np
import pytest

from display.recording import FRAME_RATE, Announcement, Recorder, make_chime, read
from display.voice import Voice
from hall.wording import announcement


@pytest.fixture(scope="module")
def voice():
    made = Voice()
    made.start()
    yield made
    made.close()


def called(number, languages=("zh-CN",), repeat=1):
    return Announcement(tuple((one, announcement(number, "3", None, one)) for one in languages), repeat)


def level(sound, start, end):
    return int(np.abs(sound[int(start * FRAME_RATE) : int(end * FRAME_RATE)].astype(int)).max())


def test_the_chime_is_soft_lasts_eight_tenths_and_does_not_click():
    chime = make_chime()
    assert len(chime) == int(0.8 * FRAME_RATE)
    assert 8000 < np.abs(chime.astype(int)).max() < 20000
    assert abs(int(chime[0])) < 50 and abs(int(chime[-1])) < 50


@pytest.mark.parametrize("language", ["zh-CN", "yue", "en"])
def test_a_recording_is_chime_pause_and_a_sentence_of_plausible_length(voice, tmp_path, language):
    made = Recorder(voice, tmp_path).make_wav(called("A023", (language,)))
    sound = read(made.path)
    assert made.spoken == (language,) and 3.5 < made.seconds < 8
    assert level(sound, 0, 0.8) > 8000
    assert level(sound, 0.8, 1.1) == 0
    assert level(sound, 1.1, made.seconds) > 5000


def test_the_repeat_says_it_once_more_and_a_second_language_follows_the_first(voice, tmp_path):
    recorder = Recorder(voice, tmp_path)
    once = recorder.make_wav(called("A023"))
    twice = recorder.make_wav(called("A023", repeat=2))
    both = recorder.make_wav(called("A023", ("zh-CN", "en")))
    english = recorder.make_wav(called("A023", ("en",)))
    assert twice.seconds == pytest.approx(2 * once.seconds - 1.1 + 0.4, abs=0.01)
    assert both.seconds == pytest.approx(once.seconds + english.seconds - 1.1 + 0.4, abs=0.01)
    head = int(once.seconds * FRAME_RATE) - 1
    assert np.array_equal(read(both.path)[:head], read(once.path)[:head])


def test_a_further_round_has_no_chime_and_begins_with_a_pause(voice, tmp_path):
    recorder = Recorder(voice, tmp_path)
    first = recorder.make_wav(called("A023"))
    again = recorder.make_wav(Announcement(called("A023").sentences, 1, chime=False))
    assert again.seconds == pytest.approx(first.seconds - 1.1 + 0.4, abs=0.01)
    assert level(read(again.path), 0, 0.4) == 0 and level(read(again.path), 0.4, again.seconds) > 5000


def test_the_same_announcement_is_made_once(voice, tmp_path):
    recorder = Recorder(voice, tmp_path)
    first = recorder.make_wav(called("A023"))
    os.utime(first.path, (1, 1))
    before = first.path.read_bytes()
    assert recorder.make_wav(called("A023")) == first
    assert first.path.read_bytes() == before and first.path.stat().st_mtime > 1
    assert recorder.make_wav(called("A024")).path != first.path
    assert Recorder(Voice(rate=200), tmp_path / "other").folder != tmp_path


def test_another_rate_is_another_recording(voice, tmp_path):
    slow = Recorder(voice, tmp_path).make_wav(called("A023"))
    quick_voice = Voice(rate=250)
    try:
        quick = Recorder(quick_voice, tmp_path).make_wav(called("A023"))
    finally:
        quick_voice.close()
    assert quick.path != slow.path and quick.seconds < slow.seconds - 0.5


def test_the_folder_keeps_within_its_bound_and_drops_what_was_longest_unused(voice, tmp_path):
    recorder = Recorder(voice, tmp_path, largest_bytes=1_000_000)
    paths = []
    for ordinal in range(1, 9):
        paths.append(recorder.make_wav(called(f"A{ordinal:03d}")).path)
        for file in tmp_path.glob("*.wav"):
            os.utime(file, (ordinal, ordinal) if file == paths[-1] else None)
    assert sum(file.stat().st_size for file in tmp_path.glob("*")) <= 1_000_000 + paths[-1].stat().st_size
    assert not paths[0].exists() and paths[-1].exists()


def test_only_recordings_can_be_fetched_by_name(voice, tmp_path):
    recorder = Recorder(voice, tmp_path / "sound")
    made = recorder.make_wav(called("A023"))
    (tmp_path / "secret.wav").write_text("x")
    assert recorder.find(made.path.name) == made.path
    assert recorder.find("../secret.wav") is None
    assert recorder.find("c-000000000000000000000000.wav") is None


def test_without_a_voice_the_chime_is_left_and_a_later_voice_speaks(voice, tmp_path):
    silent = Voice(environment={**os.environ, "ESPEAK_DATA_PATH": "/nowhere"})
    chime = Recorder(silent, tmp_path).make_wav(called("A023", repeat=2))
    assert chime.spoken == () and chime.seconds == pytest.approx(0.8, abs=0.01)
    assert Recorder(voice, tmp_path).make_wav(called("A023", repeat=2)).spoken == ("zh-CN",)


def test_a_recording_cut_short_by_a_crash_is_made_again(voice, tmp_path):
    recorder = Recorder(voice, tmp_path)
    recorder.make_wav(called("A023"))
    for file in tmp_path.glob("s-*.wav"):
        file.write_bytes(file.read_bytes()[:20])
    assert recorder.make_wav(called("A023", repeat=2)).spoken == ()
    assert recorder.make_wav(called("A023", repeat=3)).spoken == ("zh-CN",)
