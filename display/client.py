"""One display client: its line home, the board it passes to its pages, and the loudspeaker when it is one."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from display.calls import Announcer
from display.page_sound import PageLoudspeaker
from display.recording import Recorder
from display.relay import Relay
from display.server_time import ServerTime
from display.sound import WORDS, Loudspeaker, Sound, SoundCard
from display.speaker import Speaker
from display.voice import VOICES, Voice
from hall.board import Board
from hall.devices.voice import Voice as VoiceSettings
from hall.errors import LinkDown, Refused
from hall.events import Event
from hall.link import Follower, Link

FRESH_SECONDS = 5.0
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
    ) -> None:
        settings = voice or VoiceSettings()
        self.zone = zone
        self.speaks = speaks
        self.languages = settings.languages
        self.layouts = Layouts(link)
        self.relay = Relay(emit)
        self.server_time = ServerTime()
        self.page = PageLoudspeaker(lambda message, data, page: emit(message, data, page))
        self.sound = Sound(settings.output, card or SoundCard(), self.page)
        self.voice = Voice(settings.rate, settings.volume)
        self.recorder = Recorder(self.voice, folder / "sound")
        self.speaker = Speaker(self.recorder, self.sound, self.server_time, settings.repeat)
        self._announcer = Announcer(settings.languages, zone, settings.yao)
        self._link = link
        self._follower: Follower | None = None

    def start(self) -> None:
        if self.speaks:
            threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()
            self.speaker.start()
        self._follower = self._link.follow(self._on_board, self._on_link, self._on_message)

    def stop(self) -> None:
        if self._follower is not None:
            self._follower.stop()
        self.speaker.stop()
        self.voice.close()

    def status(self) -> dict[str, Any]:
        way = self.sound.way if self.speaks else "none"
        words = WORDS[way] if self.speaks else "this screen is silent"
        if self.voice.error:
            words += f"; only the chime, as there is no voice ({self.voice.error})"
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
        }

    def _warm_up(self) -> None:
        """The engine reads a language's rules at its first sentence; the first visitor need not wait for that."""
        self.voice.start()
        if self.voice.error is None:
            self.recorder.warm_up([one for one in VOICES if one in self.languages or one == "en"])

    def _on_board(self, board: Board, events: list[Event]) -> None:
        self.relay.take_board(board, events)
        if not self.speaks:
            return
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
        if up:
            threading.Thread(target=self.layouts.refresh, name="layout", daemon=True).start()

    def _on_message(self, name: str, data: Any) -> None:
        if name == "tick":
            self.server_time.hear_tick(data["at"])
            self.relay.take_tick(data)
