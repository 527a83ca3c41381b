"""Announcements while the speech engine's process is killed again and again: order kept, none lost, memory flat.

HALLCALL_ANNOUNCEMENTS=2000 HALLCALL_KILLS=50 for the whole of it.
"""

import contextlib
import os
import re
import signal
import threading
from pathlib import Path

import numpy as np

from display.waves import read
from hall.wording import announcement
from tests.display.rig import HandMovedTime, Loud, wait_until

ANNOUNCEMENTS = int(os.environ.get("HALLCALL_ANNOUNCEMENTS", "60"))
KILLS = int(os.environ.get("HALLCALL_KILLS", "3"))
WAITING = 5
MEGABYTES = 40


class QuickCard:
    """Each sound is over at once; it is only looked at."""

    def __init__(self):
        self.peaks, self.playing = [], threading.Lock()

    def ready(self):
        return True

    def play(self, recording, about, started):
        assert self.playing.acquire(blocking=False), "two sounds at once"
        started()
        self.peaks.append(int(np.abs(read(recording.path).astype(int)).max()))
        self.playing.release()


def megabytes():
    return int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def test_announcements_outlive_an_engine_that_is_killed_again_and_again(tmp_path):
    card, asked, used = QuickCard(), [], []
    with Loud(tmp_path, card=card, rate=150, time=HandMovedTime()) as loud:
        loud.phrases.keep_stems(["zh-CN"], "zh-CN")
        wait_until(lambda: loud.phrases.has_stems("zh-CN"), 60)
        for ordinal in range(1, ANNOUNCEMENTS + 1):
            number = f"{'ABCDE'[ordinal % 5]}{ordinal:03d}"
            asked.append(loud.offer(number, sentence=announcement(number, str(ordinal % 30 + 1), None, "zh-CN")))
            if ordinal % (ANNOUNCEMENTS // KILLS) == 0 and loud.voice.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(loud.voice.pid, signal.SIGKILL)
            wait_until(lambda: loud.speaker.waiting < WAITING, 60)
            if ordinal % (ANNOUNCEMENTS // 3) == 0:
                used.append(megabytes())
        for one in asked:
            assert one.settled.wait(60)
    assert [one.entry["result"] for one in asked] == ["spoken"] * ANNOUNCEMENTS
    assert {one.entry["by"] for one in asked} <= {"plain", "stems"}
    begun = [one.entry["started_at"] for one in asked]
    assert begun == sorted(begun)
    assert len(card.peaks) == ANNOUNCEMENTS and min(card.peaks) > 5000
    assert loud.voice.starts > KILLS / 2
    assert used[-1] - used[0] < MEGABYTES
    print(f"{ANNOUNCEMENTS} announcements, {loud.voice.starts} starts, MB {used}, "
          f"{sum(one.entry['by'] == 'stems' for one in asked)} by stems")  # fmt: skip
