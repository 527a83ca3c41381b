"""How a clerk's window looks in a terminal."""

from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from caller.desk import KEYS, Desk
from caller.session import JsonDict, wait_mark
from hall.texts import languages, say

ROWS = 15
MARKS = {"amber": "dark_orange3", "red": "bold red", "": ""}
KEY_ORDER = ("n", "r", "a", "f", "m", "c", "p", "o", "x")


class Screen:
    """Draws a desk; called again and again, also from another thread, so it only reads."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.lines = {one["id"]: one["name"] for one in desk.catalogue["lines"]}
        self.matters = {one["id"]: one["name"] for one in desk.catalogue["matters"]}

    def t(self, key: str, **values: Any) -> str:
        return say(self.desk.language, f"caller.{key}", **values)

    def __rich__(self) -> RenderableType:
        parts = [self._head(), self._here(), self._middle(), self._waiting(), self._figures()]
        return Group(*(part for part in parts if part is not None))

    def _head(self) -> Text:
        window = self.desk.window
        head = Text(self.t("window", name=window["name"]), style="bold")
        style = "bold red" if self.desk.cut_off else "green" if window["status"] == "open" else "dark_orange3"
        return head.append("  ● ", style=style).append(self._state(), style=style)

    def _state(self) -> str:
        window = self.desk.window
        if self.desk.cut_off:
            return self.t("state_cut_off")
        if window.get("closing"):
            return self.t(f"state_closing_{window['closing']}")
        if window["status"] == "paused" and window.get("until"):
            return self.t("state_paused_until", time=self._clock(window["until"]))
        return self.t(f"state_{window['status']}")

    def _clock(self, at: str | datetime) -> str:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return f"{moment.astimezone(self.desk.zone):%H:%M}"

    def _here(self) -> Panel:
        ticket = self.desk.window.get("ticket")
        if ticket is None:
            empty = (
                "nobody" if self.desk.window["status"] == "open" else f"state_{self.desk.window['status']}"
            )
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
        seconds = max(0, int((self.desk.now - datetime.fromisoformat(since)).total_seconds()))
        return f"{seconds // 60:02d}:{seconds % 60:02d}"

    def _details(self, ticket: JsonDict) -> list[Text]:
        names = [self.lines.get(ticket["line"], ticket["line"])]
        if ticket.get("matter"):
            names.append(self.matters.get(ticket["matter"], ticket["matter"]))
        details = [Text(" · ".join(names))]
        tags = [self._class(ticket)] if self._class(ticket) else []
        if ticket.get("language", "zh-CN") != "zh-CN":
            tags.append(languages().get(ticket["language"], ticket["language"]))
        return details + ([Text("  ".join(tags), style="bold dark_orange3")] if tags else [])

    def _class(self, ticket: JsonDict) -> str:
        given = ticket.get("class", "ordinary")
        return "" if given == "ordinary" else self.t(f"class_{given}")

    def _middle(self) -> RenderableType:
        """The question where there is one, else the keys; and under them the last calm word."""
        parts: list[RenderableType] = [self._question() if self.desk.question else self._keys()]
        if self.desk.busy:
            parts.append(Text(self.t("working"), style="blue"))
        elif self.desk.taken_by and not self.desk.question:
            taken = self.t("taken_over", clerk=self.desk.taken_by)
            parts.append(Text(f"{taken} [O] {self.t('ask_take_over_enter')}", style="bold dark_orange3"))
        elif self.desk.told:
            told = self.desk.told
            parts.append(
                Text(told.text or say(self.desk.language, told.message, **{"key": "O", **told.values}))
            )
        return Group(*parts)

    def _keys(self) -> Text:
        style = "dim" if self.desk.cut_off else ""
        keys = Text(style=style)
        for key in KEY_ORDER:
            keys.append(f"[{key.upper()}]", style="bold").append(f" {self.t(KEYS[key])}  ")
        return keys.append("[Q]", style="bold").append(f" {self.t('quit')}")

    def _question(self) -> Panel:
        asked = self.desk.question
        assert asked is not None
        if asked.question == "caller.ask_number":
            return Panel(self.t("number_typed", number=self.desk.typed or "…"), border_style="yellow")
        lines = [Text(say(self.desk.language, asked.question, **asked.values), style="bold")]
        for key in (*asked.answers, "esc"):
            shown = {"enter": self.t("key_enter"), "esc": "Esc"}.get(key, key.upper())
            lines.append(Text(f"[{shown}] ", style="bold").append(self._answer(key), style="not bold"))
        return Panel(Group(*lines), border_style="yellow")

    def _answer(self, key: str) -> str:
        asked = self.desk.question
        assert asked is not None
        if key == "esc":
            return self.t("back")
        return self.t(asked.label(key), **asked.values)

    def _waiting(self) -> RenderableType:
        waiting = list(self.desk.waiting)
        title = self.t("waiting", n=len(waiting)) if waiting else self.t("waiting_nobody")
        parts: list[RenderableType] = [Text(title, style="bold")]
        if self.desk.cut_off and self.desk.list_at:
            dated = "cut_off_list" if waiting else "cut_off_empty"
            parts.append(Text(self.t(dated, time=self._clock(self.desk.list_at)), style="bold red"))
        # Cut off, the whole list stays: it is what the clerk calls from by hand.
        shown = waiting if self.desk.cut_off else waiting[:ROWS]
        parts.append(self._rows(shown))
        if len(waiting) > len(shown):
            parts.append(Text(self.t("more_waiting", n=len(waiting) - len(shown)), style="dim"))
        return Group(*parts)

    def _rows(self, tickets: list[JsonDict]) -> Table:
        rows = Table.grid(padding=(0, 2))
        for ticket in tickets:
            minutes, mark = wait_mark(ticket["queued_at"], self.desk.catalogue["rules"], self.desk.now)
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
        figures = self.desk.figures
        mean = figures.get("mean_service_seconds")
        text = self.t("no_figure")
        if mean is not None:
            text = self.t("minutes_seconds", minutes=int(mean) // 60, seconds=int(mean) % 60)
        shown = f"{self.t('served_today')} {figures.get('served', 0)}   {self.t('mean_time')} {text}"
        return Text(shown, style="dim")
