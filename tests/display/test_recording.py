"""Recordings: chime, pause, sentence; loud as asked, kept, found and bounded."""

import os

import numpy as np
import pytest

from display.phrases import Phrases
from display.recording import Announcement, Recorder
from display.voice import Voice
from display.waves import FRAME_RATE, make_chime, read
from hall.wording import announcement

WITHOUT_ENGINE = {**os.environ, "ESPEAK_DATA_PATH": "/nowhere"}


@pytest.fixture(scope="module")
def voice():
    made = Voice()
    made.start()
    yield made
    made.close()


@pytest.fixture
def recorder(voice, tmp_path):
    phrases = Phrases(voice, tmp_path, patience_seconds=20)
    yield Recorder(phrases, tmp_path)
    phrases.close()


def called(number, language="zh-CN", **how):
    return Announcement(language, announcement(number, "3", None, language), **how)


def level(sound, start, end):
    return int(np.abs(sound[int(start * FRAME_RATE) : int(end * FRAME_RATE)].astype(int)).max())


@pytest.mark.parametrize(("name", "seconds"), [("two_notes", 0.8), ("three_notes", 1.0), ("bell", 1.2)])
def test_a_chime_is_soft_and_does_not_click(name, seconds):
    chime = make_chime(name)
    assert len(chime) == int(seconds * FRAME_RATE)
    assert 8000 < np.abs(chime.astype(int)).max() < 20000
    assert abs(int(chime[0])) < 50 and abs(int(chime[-1])) < 50


@pytest.mark.parametrize("language", ["zh-CN", "yue", "en"])
def test_a_recording_is_chime_pause_and_a_sentence_of_plausible_length(recorder, language):
    made = recorder.make_wav(called("A023", language))
    sound = read(made.path)
    assert made.by == "plain" and 3.5 < made.seconds < 8
    assert level(sound, 0, 0.8) > 8000
    assert level(sound, 0.8, 1.1) == 0
    assert level(sound, 1.1, made.seconds) > 5000


def test_what_follows_has_no_chime_and_begins_with_a_pause(recorder):
    first, again = (recorder.make_wav(called("A023", chime=chime)) for chime in (True, False))
    assert again.seconds == pytest.approx(first.seconds - 1.1 + 0.4, abs=0.01)
    assert level(read(again.path), 0, 0.4) == 0 and level(read(again.path), 0.4, again.seconds) > 5000


def test_a_quick_one_is_shorter_and_volume_makes_it_quieter_chime_and_all(recorder):
    usual, quick, half = (recorder.make_wav(called("A023", **how)) for how in ({}, {"quick": True}, {"volume": 0.5}))
    assert quick.seconds < usual.seconds - 0.5
    for start, end in ((0, 0.8), (1.1, usual.seconds)):
        assert level(read(half.path), start, end) == pytest.approx(level(read(usual.path), start, end) / 2, abs=2)


@pytest.mark.parametrize(("chime", "seconds"), [("three_notes", 1.3), ("bell", 1.5), ("none", 0.0)])
def test_the_chime_is_chosen(recorder, tmp_path, chime, seconds):
    other = Recorder(recorder.phrases, tmp_path, chime)
    assert other.chime_seconds == pytest.approx(seconds, abs=0.01)
    usual = recorder.make_wav(called("A023")).seconds - recorder.chime_seconds
    assert other.make_wav(called("A023")).seconds == pytest.approx(usual + seconds, abs=0.01)


def test_the_same_announcement_is_written_once(recorder):
    first = recorder.make_wav(called("A023"))
    os.utime(first.path, (1, 1))
    before = first.path.read_bytes()
    assert recorder.make_wav(called("A023")) == first
    assert first.path.read_bytes() == before and first.path.stat().st_mtime > 1
    assert recorder.make_wav(called("A024")).path != first.path


def test_the_folder_keeps_within_its_bound_and_drops_what_was_longest_unused(recorder, tmp_path):
    small = Recorder(recorder.phrases, tmp_path, largest_bytes={"c-*.wav": 1_000_000, "s-*.wav": 300_000})
    paths = []
    for ordinal in range(1, 9):
        paths.append(small.make_wav(called(f"A{ordinal:03d}")).path)
        os.utime(paths[-1], (ordinal, ordinal))
    assert sum(file.stat().st_size for file in tmp_path.glob("c-*")) <= 1_000_000 + paths[-1].stat().st_size
    assert sum(file.stat().st_size for file in tmp_path.glob("s-*")) <= 300_000
    assert not paths[0].exists() and paths[-1].exists()


def test_only_recordings_can_be_fetched_by_name(recorder, tmp_path):
    made = recorder.make_wav(called("A023"))
    (tmp_path.parent / "secret.wav").write_text("x")
    assert recorder.find(made.path.name) == made.path
    assert recorder.find("../secret.wav") is None
    assert recorder.find("c-000000000000000000000000.wav") is None


@pytest.mark.parametrize("chime", ["two_notes", "none"])
def test_without_a_voice_and_stems_a_chime_is_left_whatever_is_set(tmp_path, chime):
    phrases = Phrases(Voice(environment=WITHOUT_ENGINE), tmp_path)
    made = Recorder(phrases, tmp_path, chime).make_wav(called("A023"))
    phrases.close()
    assert made.by is None and made.seconds == pytest.approx(0.8, abs=0.01)
