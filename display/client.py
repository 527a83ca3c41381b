"""One display client: its line home, the board it passes to its pages, and the loudspeaker when it is one."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from display.asked import Call
from display.calls import Announcer
from display.condition import speaker_condition, voice_condition
from display.ducking import DuckingSound
from display.natural import Natural
from display.page_sound import PageLoudspeaker
from display.phrases import Phrases
from display.recording import Recorder
from display.relay import Relay
from display.screens import Screens
from display.server_time import ServerTime
from display.signs.signs import Signs
from display.sound import WORDS, Loudspeaker, SoundCard
from display.speaker import Speaker
from display.voice import Voice
from hall.board import Board
from hall.devices.display import Display as ScreenSettings
from hall.devices.sign import Sign
from hall.devices.voice import Voice as VoiceSettings
from hall.errors import LinkDown, Refused
from hall.events import Event, rearranges
from hall.health import Condition
from hall.heartbeat import Heartbeat, Outcome
from hall.link import Follower, Link
from hall.wording import TRIAL

FRESH_SECONDS = 5.0
LONGEST_TEST_SECONDS = 60.0
WITHDRAWN = ("ticket.cancelled", "ticket.expired", "ticket.held", "ticket.transferred", "ticket.missed")

log = structlog.get_logger("display.client")

Emit = Callable[[str, Any, str | None], None]


class Layouts:
    """The hall's catalogue in each language asked for; the last known one while the server is away."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    def get(self, language: str) -> dict[str, Any]:
        """Raises LinkDown or Refused only when there never was an answer."""
        at, known = self._known.get(language, (0.0, {}))
        if known and time.monotonic() - at < FRESH_SECONDS:
            return known
        try:
            known = self._link.get("catalogue", tries=1, language=language)
        except (LinkDown, Refused):
            if not known:
                raise
        self._known[language] = time.monotonic(), known
        return known

    def any(self) -> dict[str, Any]:
        """Without asking anybody: what is known in some language, else nothing."""
        return next((known for _, known in self._known.values()), {})

    def forget(self) -> None:
        """What is known has changed: whoever asks next hears of it."""
        self._known = {language: (float("-inf"), known) for language, (_, known) in self._known.items()}

    def refresh(self) -> None:
        try:
            self.get("zh-CN")
        except (LinkDown, Refused) as error:
            log.warning("layout.unknown", why=str(error))


class Display:
    """Started with `start()`, ended with `stop()`. `zone`: what it shows and speaks, None the whole hall."""

    def __init__(
        self,
        link: Link,
        folder: Path,
        emit: Emit,
        *,
        zone: str | None = None,
        speaks: bool = True,
        voice: VoiceSettings | None = None,
        card: Loudspeaker | None = None,
        screen: ScreenSettings | None = None,
        signs: Sequence[Sign] = (),
    ) -> None:
        settings = voice or VoiceSettings()
        self.zone = zone
        self.speaks = speaks
        self.languages = settings.languages
        self.layouts = Layouts(link)
        self.relay = Relay(emit)
        own = screen or ScreenSettings(id="display", name="Display")
        self.screens = Screens(own.model_copy(update={"speaks": speaks}), self.relay)
        self.server_time = ServerTime()
        self.signs = Signs(signs, self.server_time.now, self.layouts.any)
        self.page = PageLoudspeaker(lambda message, data, page: emit(message, data, page))
        self.sound = DuckingSound(
            settings.output, card or SoundCard(), self.page, lambda on: emit("speaking", {"on": on}, None)
        )
        self.voice = Voice(settings.rate)
        natural = Natural(settings.rate, folder / "voices") if settings.engine == "natural" else None
        self.phrases = Phrases(self.voice, folder / "sound", natural=natural)
        self.recorder = Recorder(self.phrases, folder / "sound", settings.chime)
        self.speaker = Speaker(self.recorder, self.sound, self.server_time, settings.repeat, self._volume)
        self._announcer = Announcer(settings.languages, zone, settings.yao)
        self._settings = settings
        self._link = link
        self._follower: Follower | None = None
        tests = {"announcement": self._tested_announcement} if speaks else {}
        tests |= {"sign": self._tested_signs} if signs else {}
        self.heartbeat = Heartbeat(link, self.conditions, tests, lambda: self.relay.board)

    def start(self) -> None:
        self.heartbeat.start()
        self.signs.start()
        if self.speaks:
            threading.Thread(target=self.voice.start, name="voice", daemon=True).start()
            self.speaker.start()
        self._follower = self._link.follow(self._on_board, self._on_link, self._on_message)

    def stop(self) -> None:
        self.heartbeat.stop()
        self.signs.stop()
        if self._follower is not None:
            self._follower.stop()
        self.speaker.stop()
        self.phrases.close()
        self.voice.close()

    def test_announcement(self) -> dict[str, Any]:
        """Says a test sentence in its turn and tells what became of it: {played, seconds, way, result}."""
        languages, at = self._announcer.languages, self.server_time.now()
        sentences = tuple(TRIAL[one] for one in languages)
        call = Call(f"test-{at.isoformat()}", "", 1, at, languages, sentences, trial=True)
        asked = self.speaker.offer(call) if self.speaks else None
        if asked is None or not asked.settled.wait(LONGEST_TEST_SECONDS):
            return {"played": False, "seconds": 0.0, "way": None, "result": "silent" if asked is None else "waiting"}
        heard = asked.entry["result"] in ("spoken", "chime_only")
        return {"played": heard, **{key: asked.entry[key] for key in ("seconds", "way", "result")}}

    def _tested_announcement(self) -> Outcome:
        heard = self.test_announcement()
        return Outcome(heard["played"], heard["result"], {"seconds": heard["seconds"], "way": heard["way"]})

    def _tested_signs(self) -> Outcome:
        faults = [one for one in self.signs.test() if one.state != "ok"]
        return Outcome(not faults, "; ".join(f"{one.id}: {one.code} {one.detail}".strip() for one in faults))

    def conditions(self) -> list[Condition]:
        """Those of its screens and signs and, unless it is silent, of the loudspeaker."""
        seen = [*self.screens.conditions(), *self.signs.conditions()]
        if not self.speaks:
            return seen
        stems = self.phrases.has_stems(self._announcer.languages[0])
        return [
            *seen,
            speaker_condition(self.speaker, self.sound.way, self.server_time.now()),
            voice_condition(self.voice, stems, self.phrases.natural),
        ]

    def status(self) -> dict[str, Any]:
        way = self.sound.way if self.speaks else "none"
        words = WORDS[way] if self.speaks else "this screen is silent"
        if self.voice.error:
            words += f"; there is no voice ({self.voice.error}): stems made ahead or only the chime"
        board = self.relay.board
        return {
            "link": "up" if self.relay.up else "down",
            "heard_at": self.relay.heard_at,
            "epoch": board["epoch"] if board else None,
            "seq": board["seq"] if board else None,
            "speaks": self.speaks,
            "sound": way,
            "sound_text": words,
            "voice": {
                "ready": self.voice.pid is not None,
                "error": self.voice.error,
                "pid": self.voice.pid,
                "starts": self.voice.starts,
            },
            "waiting": self.speaker.waiting,
            "painted": self.screens.reports(),
        }

    def _volume(self, at: datetime) -> float:
        """By the hall's own time; until that is known, this machine's."""
        zone = self.layouts.any().get("hall", {}).get("time_zone")
        return self._settings.volume_at(at.astimezone(ZoneInfo(zone) if zone else None).time())

    def _make_ahead(self) -> None:
        """So that the first visitor waits for nothing, and none is called in silence when the engine dies."""
        self.phrases.keep_stems(self._announcer.kept, self._announcer.languages[0])
        self.phrases.keep(self._announcer.phrases_to_keep(self.relay.board or {"windows": []}, self.layouts.any()))

    def _on_board(self, board: Board, events: list[Event]) -> None:
        if any(map(rearranges, events)):
            self.layouts.forget()
        self.relay.take_board(board, events)
        self.signs.take_board(board)
        if not self.speaks:
            return
        if not events and self.layouts.any():
            self._make_ahead()
        self.phrases.ahead(self._announcer.phrases_soon(board, events))
        # One after the other: a call and its end may come together.
        for some in [[event] for event in events] or [[]]:
            self._withdraw(some)
            for call in self._announcer.from_events(board, some, self.layouts.any()):
                self.speaker.offer(call)

    def _withdraw(self, events: list[Event]) -> None:
        for event in events:
            if event["type"] in WITHDRAWN:
                self.speaker.withdraw(event["ticket"]["id"])
            elif event["type"] == "ticket.undone":
                # A recall undone leaves the calls before it standing.
                self.speaker.withdraw(event["ticket"]["id"], event["ticket"]["calls"])

    def _on_link(self, up: bool) -> None:
        log.info("link", up=up, server=self._link.server)
        self.relay.take_link(up)
        self.signs.take_link(up)
        if up:
            threading.Thread(target=self._learn_layout, name="layout", daemon=True).start()

    def _learn_layout(self) -> None:
        self.layouts.refresh()
        if self.speaks:
            self._make_ahead()

    def _on_message(self, name: str, data: Any) -> None:
        self.heartbeat.on_message(name, data)
        if name == "tick":
            self.server_time.hear_tick(data["at"])
            self.relay.take_tick(data)
            self.signs.hear()
