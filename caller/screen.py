"""How a clerk's window looks in a terminal."""

from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from caller.job import KEYS, Job, Told
from caller.session import JsonDict, wait_mark
from hall.texts import DEFAULT, languages, say

ROWS = 15
MARKS = {"amber": "dark_orange3", "red": "bold red", "": ""}
KEY_ORDER = ("n", "r", "a", "f", "m", "c", "p", "o", "x")


class Screen:
    """Draws a job; called again and again, also from another thread, so it only reads."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lines: dict[str, str] = {one["id"]: one["name"] for one in job.here.catalogue["lines"]}
        self.matters: dict[str, str] = {one["id"]: one["name"] for one in job.here.catalogue["matters"]}

    def t(self, key: str, **values: Any) -> str:
        return say(self.job.language, f"caller.{key}", **values)

    def __rich__(self) -> RenderableType:
        parts = [self._head(), self._here(), self._middle(), self._waiting(), self._figures()]
        return Group(*(part for part in parts if part is not None))

    def _head(self) -> Text:
        window = self.job.here.window
        head = Text(self.t("window", name=window["name"]), style="bold")
        style = "bold red" if self.job.here.cut_off else "green" if window["status"] == "open" else "dark_orange3"
        return head.append("  ● ", style=style).append(self._state(), style=style)

    def _state(self) -> str:
        window = self.job.here.window
        if self.job.here.cut_off:
            return self.t("state_cut_off")
        if window.get("closing"):
            return self.t(f"state_closing_{window['closing']}")
        if window["status"] == "paused" and window.get("until"):
            return self.t("state_paused_until", time=self._clock(window["until"]))
        return self.t(f"state_{window['status']}")

    def _clock(self, at: str | datetime) -> str:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return f"{moment.astimezone(self.job.here.zone):%H:%M}"

    def _here(self) -> Panel:
        ticket = self.job.here.window.get("ticket")
        if ticket is None:
            empty = "nobody" if self.job.here.window["status"] == "open" else f"state_{self.job.here.window['status']}"
            return Panel(Text(self.t(empty), style="bold"))
        return Panel(Group(self._number(ticket), *self._details(ticket)), border_style="blue")

    def _number(self, ticket: JsonDict) -> Text:
        serving = ticket["status"] == "serving"
        since = ticket.get("started_at") if serving else ticket.get("called_at")
        word = "serving" if serving else "called_times"
        number = Text(ticket["number"], style="bold reverse").append("  ", style="not reverse")
        number.append(self.t(word, n=ticket.get("calls", 1)), style="not reverse")
        return number.append(f"  {self._running(since)}", style="not reverse bold blue")

    def _running(self, since: str | None) -> str:
        if since is None:
            return ""
        seconds = max(0, int((self.job.here.now - datetime.fromisoformat(since)).total_seconds()))
        return f"{seconds // 60:02d}:{seconds % 60:02d}"

    def _details(self, ticket: JsonDict) -> list[Text]:
        names = [self.lines.get(ticket["line"]) or str(ticket["line"])]
        if ticket.get("matter"):
            names.append(self.matters.get(ticket["matter"]) or str(ticket["matter"]))
        tags = [self._class(ticket)] if self._class(ticket) else []
        spoken = str(ticket.get("language", DEFAULT))
        if spoken != DEFAULT:
            tags.append(languages().get(spoken, spoken))
        details = [Text(" · ".join(names))]
        return details + ([Text("  ".join(tags), style="bold dark_orange3")] if tags else [])

    def _class(self, ticket: JsonDict) -> str:
        given = ticket.get("class", "ordinary")
        return "" if given == "ordinary" else self.t(f"class_{given}")

    def _middle(self) -> RenderableType:
        """The question where there is one, else the keys; and under them the last calm word."""
        parts: list[RenderableType] = [self._question() if self.job.question else self._keys()]
        if self.job.busy:
            parts.append(Text(self.t("working"), style="blue"))
        elif self.job.taken_by and not self.job.question:
            taken = self.t("taken_over", clerk=self.job.taken_by)
            parts.append(Text(f"{taken} [O] {self.t('ask_take_over_enter')}", style="bold dark_orange3"))
        elif self.job.told:
            parts.append(Text(self._told(self.job.told)))
        return Group(*parts)

    def _told(self, told: Told) -> str:
        return told.text or say(self.job.language, told.message, **{"key": "O", **told.values})

    def _keys(self) -> Text:
        style = "dim" if self.job.here.cut_off else ""
        keys = Text(style=style)
        for key in KEY_ORDER:
            keys.append(f"[{key.upper()}]", style="bold").append(f" {self.t(KEYS[key])}  ")
        return keys.append("[Q]", style="bold").append(f" {self.t('quit')}")

    def _question(self) -> Panel:
        asked = self.job.question
        assert asked is not None
        if asked.question == "caller.ask_number":
            return Panel(self.t("number_typed", number=self.job.typed or "…"), border_style="yellow")
        lines = [Text(say(self.job.language, asked.question, **asked.values), style="bold")]
        for key in (*asked.answers, "esc"):
            shown = {"enter": self.t("key_enter"), "esc": "Esc"}.get(key, key.upper())
            lines.append(Text(f"[{shown}] ", style="bold").append(self._answer(key), style="not bold"))
        return Panel(Group(*lines), border_style="yellow")

    def _answer(self, key: str) -> str:
        asked = self.job.question
        assert asked is not None
        if key == "esc":
            return self.t("back")
        return self.t(asked.label(key), **asked.values)

    def _waiting(self) -> RenderableType:
        waiting = list(self.job.here.waiting)
        title = self.t("waiting", n=len(waiting)) if waiting else self.t("waiting_nobody")
        parts: list[RenderableType] = [Text(title, style="bold")]
        if self.job.here.cut_off and self.job.here.list_at:
            dated = "cut_off_list" if waiting else "cut_off_empty"
            parts.append(Text(self.t(dated, time=self._clock(self.job.here.list_at)), style="bold red"))
        # Cut off, the whole list stays: it is what the clerk calls from by hand.
        shown = waiting if self.job.here.cut_off else waiting[:ROWS]
        parts.append(self._rows(shown))
        if len(waiting) > len(shown):
            parts.append(Text(self.t("more_waiting", n=len(waiting) - len(shown)), style="dim"))
        return Group(*parts)

    def _rows(self, tickets: list[JsonDict]) -> Table:
        rows = Table.grid(padding=(0, 2))
        for ticket in tickets:
            minutes, mark = wait_mark(ticket["queued_at"], self.job.here.catalogue["rules"], self.job.here.now)
            name = " · ".join(filter(None, [self.lines.get(ticket["line"], ""), self._class(ticket)]))
            word = self.t(f"wait_{mark}") if mark else ""
            rows.add_row(
                Text(ticket["number"], style="bold"),
                name,
                Text(word, style=MARKS[mark]),
                Text(self.t("minutes", n=minutes), style=MARKS[mark]),
            )
        return rows

    def _figures(self) -> Text:
        figures = self.job.here.figures
        mean = figures.get("mean_service_seconds")
        text = self.t("no_figure")
        if mean is not None:
            text = self.t("minutes_seconds", minutes=int(mean) // 60, seconds=int(mean) % 60)
        shown = f"{self.t('served_today')} {figures.get('served', 0)}   {self.t('mean_time')} {text}"
        return Text(shown, style="dim")
