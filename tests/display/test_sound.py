"""Ways out for sound: what counts as a sound card, and how long a sound takes."""

import time

import miniaudio
import pytest

from display.recording import Recording
from display.sound import Sound, SoundCard, _is_card
from display.waves import make_chime, write
from tests.display.rig import NoPages, null_card


@pytest.fixture
def recording(tmp_path):
    write(tmp_path / "a.wav", make_chime("bell"))
    return Recording(tmp_path / "a.wav", 1.2, "plain")


def test_devices_that_swallow_everything_are_not_sound_cards():
    devices = miniaudio.Devices([miniaudio.Backend.NULL]).get_playbacks()
    assert devices  # the null device is found, so there is something to refuse
    for key, name, card in [("null", "Discard all samples", False), ("hw:0,0", "HDA Intel", True),
                            ("auto_null", "Dummy Output", False)]:  # fmt: skip
        device_id = miniaudio.ffi.new("ma_device_id *")
        miniaudio.ffi.memmove(device_id, key.encode() + b"\0", len(key) + 1)
        assert _is_card({"id": device_id, "name": name}) is card


def test_the_null_backend_is_never_taken_for_a_card():
    found = SoundCard().ready()
    assert found is any(_is_card(device) for device in _real_devices())


def _real_devices():
    from display.sound import REAL

    assert miniaudio.Backend.NULL not in REAL
    try:
        return miniaudio.Devices(REAL).get_playbacks()
    except miniaudio.MiniaudioError:
        return []


def test_a_sound_is_played_for_as_long_as_it_lasts(recording):
    card, started = null_card(), []
    card.play(recording, {}, lambda: started.append(time.monotonic()))
    assert len(started) == 1
    assert time.monotonic() - started[0] > recording.seconds - 0.1


@pytest.mark.parametrize(
    ("output", "with_page", "way"),
    [
        ("auto", False, "sound_card"), ("auto", True, "sound_card"), ("sound_card", True, "sound_card"),
        ("page", True, "page"), ("page", False, "none"),
    ],
)  # fmt: skip
def test_the_way_is_as_asked_and_the_card_comes_first(output, with_page, way):
    pages = NoPages()
    if with_page:
        pages.can_play("one")
    assert Sound(output, null_card(), pages).way == way


def test_the_way_changes_when_a_page_comes_and_goes():
    pages = NoPages()
    sound = Sound("page", null_card(), pages)
    assert sound.way == "none"
    pages.can_play("one")
    pages.can_play("two")
    pages.gone("one")
    assert sound.way == "page"
    pages.gone("two")
    assert sound.way == "none"
