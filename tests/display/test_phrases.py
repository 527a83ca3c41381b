"""Sentences from phrases made ahead, from the engine, and from stems when that is dead or hangs."""

import os
import signal
import threading

import numpy as np
import pytest

from display.condition import voice_condition
from display.making import NOW, SOME_TIME, SOON, Maker, NoVoice, Phrase
from display.natural import Natural
from display.phrases import Phrases
from display.stems import pieces, words
from display.voice import Voice
from hall.wording import SPOKEN, announcement, phrases
from tests.display.rig import wait_until
from tests.display.test_recording import WITHOUT_ENGINE


def spoken(number, language, window="3"):
    return announcement(number, window, None, language)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with the stems of all languages, made while the engine lived."""
    folder = tmp_path_factory.mktemp("stems")
    with_voice = Phrases(voice := Voice(), folder)
    with_voice.keep_stems(SPOKEN, "zh-CN")
    wait_until(lambda: all(with_voice.has_stems(one) for one in SPOKEN), 60)
    with_voice.keep([Phrase("zh-CN", "到导办台办理。")])
    last = with_voice._kept_path(Phrase("zh-CN", "到导办台办理。"))
    wait_until(last.exists)
    with_voice.close()
    voice.close()
    return folder


def with_a_dead_engine(folder):
    return Phrases(Voice(environment=WITHOUT_ENGINE), folder)


@pytest.mark.parametrize("language", SPOKEN)
def test_a_dead_engine_speaks_by_stems_and_about_as_long_as_a_live_one(kept, tmp_path, language):
    live = Phrases(voice := Voice(), tmp_path, patience_seconds=20)
    usual = live.sentence(language, spoken("A023", language))
    live.close()
    voice.close()
    made = with_a_dead_engine(kept).sentence(language, spoken("A023", language))
    assert (usual.by, made.by) == ("plain", "stems")
    assert len(usual.sound) * 0.8 < len(made.sound) < len(usual.sound) * 2
    assert np.abs(made.sound.astype(int)).max() > 5000


def test_stems_say_different_numbers_differently_and_quickly_in_a_burst(kept):
    dead = with_a_dead_engine(kept)
    first, second = (dead.sentence("zh-CN", spoken(number, "zh-CN")).sound for number in ("A023", "A024"))
    assert len(first) != len(second) or not np.array_equal(first, second)
    quick = dead.sentence("zh-CN", spoken("A023", "zh-CN"), quick=True)
    assert quick.by == "stems" and len(quick.sound) < len(first) * 0.9


def test_a_window_with_a_name_was_recorded_whole_and_one_nobody_knew_is_not_said_in_half(kept):
    dead = with_a_dead_engine(kept)
    assert dead.sentence("zh-CN", spoken("A023", "zh-CN", "导办台")).by == "stems"
    assert dead.sentence("zh-CN", spoken("A023", "zh-CN", "咨询台")) is None


def test_a_hung_engine_holds_no_call_up_when_there_are_stems(kept):
    hung = Phrases(voice := Voice(limit_seconds=60), kept)
    voice.start()
    os.kill(voice.pid, signal.SIGSTOP)
    try:
        assert hung.sentence("zh-CN", spoken("H023", "zh-CN")).by == "stems"
        assert voice.starts == 1  # its limit is far away
    finally:
        os.kill(voice.pid, signal.SIGKILL)
        hung.close()
        voice.close()


def test_what_was_made_when_the_number_was_issued_needs_no_engine(tmp_path):
    ahead = Phrases(voice := Voice(), tmp_path)
    ahead.ahead(Phrase("zh-CN", one) for one in phrases(spoken("A023", "zh-CN")))
    wait_until(lambda: len(list(tmp_path.glob("s-*.wav"))) == 2)
    ahead.close()
    voice.close()
    assert with_a_dead_engine(tmp_path).sentence("zh-CN", spoken("A023", "zh-CN")).by == "plain"


def test_what_a_call_waits_for_is_made_before_what_can_wait(tmp_path):
    order, begun, go = [], threading.Event(), threading.Event()

    def make(phrase, path):
        order.append(phrase.text)
        begun.set()
        assert go.wait(30)
        path.write_bytes(b"x")

    maker = Maker(make, "test")
    maker.ask(Phrase("en", "first"), tmp_path / "0", NOW)
    assert begun.wait(30)
    asked = [maker.ask(Phrase("en", str(haste)), tmp_path / str(haste + 1), haste) for haste in (SOME_TIME, SOON, NOW)]
    go.set()
    assert all(one.wait(30) for one in asked)
    maker.close()
    assert order == ["first", "0", "1", "2"]


def test_a_phrase_that_cannot_be_made_is_answered_too_and_the_next_is_made(tmp_path):
    def make(phrase, path):
        if phrase.text == "bad":
            raise NoVoice("bad")
        path.write_bytes(b"x")

    maker = Maker(make, "test")
    assert maker.ask(Phrase("en", "bad"), tmp_path / "bad.wav", NOW).wait(30)
    assert maker.ask(Phrase("en", "good"), tmp_path / "good.wav", NOW).wait(30)
    assert [one.name for one in tmp_path.iterdir()] == ["good.wav"]
    maker.close()


def test_a_phrase_cut_short_by_a_crash_is_made_again(tmp_path):
    store = Phrases(voice := Voice(), tmp_path, patience_seconds=20)
    whole = store.sentence("zh-CN", spoken("A023", "zh-CN")).sound
    for file in tmp_path.glob("s-*.wav"):
        file.write_bytes(file.read_bytes()[:20])
    again = store.sentence("zh-CN", spoken("A023", "zh-CN")).sound
    assert len(again) == pytest.approx(len(whole), rel=0.05)
    store.close()
    voice.close()


def test_stems_of_another_rate_are_thrown_away(tmp_path):
    Phrases(Voice(rate=150), tmp_path).close()
    Phrases(Voice(rate=200), tmp_path).close()
    assert len(list(tmp_path.glob("kept-*"))) == 1


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("calls", [1, 3])
def test_stems_put_together_any_number_and_numbered_window(language, calls):
    for number, window in [("A001", "1"), ("Z999", "99"), ("AB1012", "201"), ("K020", "20"), ("B111", "A1")]:
        said = announcement(number, window, None, language, calls)
        found = [piece for phrase in phrases(said) for piece in pieces(phrase, language)]
        assert set(found) <= set(words(language))
        assert "".join(found) == "".join(one for one in said if one.isalnum()) or language == "en"


def test_a_word_that_is_no_stem_is_refused_whole():
    assert pieces("到咨询台办理。", "zh-CN") is None
    assert pieces("please go to the window shown on the screen.", "en") is None
    assert pieces("as soon as possible.", "en") == ["as soon as possible"]


class Slowly(Voice):
    """A natural voice as far as others see it: not there until it is let go, and then higher."""

    def __init__(self):
        super().__init__(rate=240)
        self.go = threading.Event()

    def make_phrase(self, phrase, path):
        assert self.go.wait(60)
        super().make_phrase(phrase, path)


def test_the_natural_voice_speaks_what_it_has_ready_and_is_never_waited_for(tmp_path):
    store = Phrases(voice := Voice(), tmp_path, patience_seconds=20, natural=(slow := Slowly()))
    number, way = phrases(spoken("A023", "zh-CN"))
    store.keep([Phrase("zh-CN", way)])
    store.ahead([Phrase("zh-CN", number)])
    assert store.sentence("zh-CN", spoken("A023", "zh-CN")).by == "plain"
    slow.go.set()
    wait_until(lambda: len(list(tmp_path.glob("n-*.wav"))) == 2)
    natural = store.sentence("zh-CN", spoken("A023", "zh-CN"))
    assert natural.by == "natural" and np.abs(natural.sound.astype(int)).max() > 5000
    assert store.sentence("zh-CN", spoken("A024", "zh-CN")).by == "plain"  # never half a sentence in each voice
    assert store.sentence("zh-CN", spoken("A023", "zh-CN"), quick=True).by == "plain"
    assert store.sentence("en", spoken("A023", "en")).by == "plain"
    store.close()
    voice.close()


def test_a_natural_voice_that_is_not_installed_says_what_is_missing_and_the_plain_one_speaks(tmp_path):
    natural = Natural(150, tmp_path / "voices")
    store = Phrases(voice := Voice(), tmp_path, patience_seconds=20, natural=natural)
    store.ahead([Phrase("zh-CN", phrases(spoken("A023", "zh-CN"))[0])])
    wait_until(lambda: natural.error is not None, 120)
    assert natural.error.startswith("no natural voice: ")
    assert store.sentence("zh-CN", spoken("A023", "zh-CN")).by == "plain"
    told = voice_condition(voice, True, natural)
    assert (told.state, told.code, told.detail) == ("warning", "natural_missing", natural.error)
    store.close()
    voice.close()
