"""The speech engine's process: what it makes, and what it says when it cannot."""

import array
import json
import os
import subprocess
import sys
import wave
from pathlib import Path

import espeakng_loader
import pytest

from hall.wording import announcement

ROOT = Path(__file__).parents[2]


def ask(*jobs, data_path=None):
    environment = {**os.environ, **({"ESPEAK_DATA_PATH": str(data_path)} if data_path else {})}
    done = subprocess.run(
        [sys.executable, "-m", "display.worker"],
        input="".join(json.dumps(job) + "\n" for job in jobs),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
        cwd=ROOT,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def job(path, voice="cmn", text="请A零二三号，到三号窗口办理。", volume=0.9):
    return {"text": text, "voice": voice, "rate": 150, "volume": volume, "path": str(path)}


@pytest.mark.parametrize(("language", "voice"), [("zh-CN", "cmn"), ("yue", "yue"), ("en", "en-us")])
def test_each_language_gives_a_wav_that_sounds_and_lasts_as_long_as_a_sentence(language, voice, tmp_path):
    path = tmp_path / "a.wav"
    hello, made = ask(job(path, voice, announcement("A023", "12", 2, language)))
    assert hello["ready"] and 2 < made["seconds"] < 9
    with wave.open(str(path)) as file:
        frames = array.array("h", file.readframes(file.getnframes()))
        assert (file.getnchannels(), file.getframerate()) == (1, 22050)
    assert max(map(abs, frames)) > 5000
    assert sum(abs(one) > 300 for one in frames) > len(frames) / 4


def test_an_engine_slower_than_the_worker_says_every_sentence_and_at_its_rate(tmp_path):
    command = [sys.executable, "-m", "display.worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, encoding="utf-8", cwd=ROOT) as process:
        hello = json.loads(process.stdout.readline())
        hold_back_the_engine(process.pid)
        jobs = [job(tmp_path / f"{ordinal}.wav") for ordinal in range(6)]
        said, _ = process.communicate("".join(json.dumps(one) + "\n" for one in jobs), timeout=60)
    assert hello["ready"]
    _, usual = ask(job(tmp_path / "usual.wav"))
    for made in map(json.loads, said.splitlines()):
        assert made.get("seconds") == pytest.approx(usual["seconds"], rel=0.05), made


def hold_back_the_engine(pid):
    """Worker and engine on one processor, where the engine's thread runs only while the worker's waits."""
    cpu = min(os.sched_getaffinity(0))
    for thread in map(int, os.listdir(f"/proc/{pid}/task")):
        os.sched_setaffinity(thread, {cpu})
        if thread != pid:
            os.setpriority(os.PRIO_PROCESS, thread, 19)


def test_two_jobs_at_once_give_two_different_recordings(tmp_path):
    _, first, second = ask(job(tmp_path / "1.wav", text="一。"), job(tmp_path / "2.wav"))
    assert second["seconds"] > first["seconds"] + 1
    assert (tmp_path / "1.wav").stat().st_size < (tmp_path / "2.wav").stat().st_size


def test_a_voice_that_is_not_there_is_refused_instead_of_speaking_english(tmp_path):
    assert "no voice 'klingon'" in ask(job(tmp_path / "a.wav", "klingon"))[1]["error"]


def test_a_silent_recording_is_an_error(tmp_path):
    assert "silent" in ask(job(tmp_path / "a.wav", volume=0))[1]["error"]


def test_a_file_that_cannot_be_written_is_an_error_and_the_next_job_is_done(tmp_path):
    _, refused, made = ask(job(tmp_path / "nowhere" / "a.wav"), job(tmp_path / "a.wav"))
    assert "nowhere" in refused["error"] and made["seconds"] > 2


def test_missing_voice_data_is_said_instead_of_ending_the_process():
    (hello,) = ask(data_path="/nowhere/at/all")
    assert hello == {"ready": False, "error": "no speech engine: there is no voice data in /nowhere/at/all"}


def test_a_path_too_long_for_the_engine_is_made_short(tmp_path):
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8)
    deep.mkdir(parents=True)
    (deep / "data").symlink_to(espeakng_loader.get_data_path())
    assert len(str(deep)) > 160
    hello, made = ask(job(tmp_path / "a.wav"), data_path=deep / "data")
    assert hello["ready"] and made["seconds"] > 2
