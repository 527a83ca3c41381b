"""How a clerk's window looks in a terminal."""

from datetime import datetime
from math import ceil
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from caller.job import KEYS, Job, Told
from caller.meant import Ask, JsonDict
from caller.picking import Entry
from caller.session import label, wait_mark
from hall.texts import DEFAULT, languages, list_text, say
from hall.words import HOLD_REASONS

ROWS = 15
MARKS = {"amber": "dark_orange3", "red": "bold red", "": ""}
KEY_ORDER = ("nrafm", "htvzb", "dlwcs", "pox")
"""The keys in rows: the commonest first."""


class Screen:
    """Draws a job; called again and again, also from another thread, so it only reads."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lines: dict[str, str] = {one["id"]: one["name"] for one in job.here.catalogue["lines"]}
        self.matters: dict[str, str] = {one["id"]: one["name"] for one in job.here.catalogue["matters"]}

    def t(self, key: str, **values: Any) -> str:
        return say(self.job.language, f"caller.{key}", **values)

    def __rich__(self) -> RenderableType:
        parts = [self._head(), self._here(), self._middle(), self._waiting(), self._held(), self._figures()]
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
        spoken = str(ticket.get("language", DEFAULT))
        tags = [*self._marks(ticket), *([languages().get(spoken, spoken)] if spoken != DEFAULT else [])]
        details = [Text(" · ".join(names))]
        details += [Text("  ".join(tags), style="bold dark_orange3")] if tags else []
        return details + [Text(line) for line in self._about(ticket)]

    def _about(self, ticket: JsonDict) -> list[str]:
        """What came with the number: a note, the rest of its way and of its pieces, the person's other numbers."""
        lines = []
        if ticket.get("note"):
            lines.append(self.t("note", note=ticket["note"]))
        if ticket.get("route"):
            lines.append(self.t("way", legs=" → ".join(self._leg(leg) for leg in ticket["route"])))
        limit = next(one["batch_limit"] for one in self.job.here.catalogue["lines"] if one["id"] == ticket["line"])
        if limit and ticket.get("count", 1) > limit:
            lines.append(self.t("pieces_left", now=limit, n=ticket["count"] - limit))
        others = [one["number"] for one in self.job.here.linked if one["visit_id"] == ticket.get("visit_id")]
        if others:
            lines.append(self.t("linked", numbers=list_text(self.job.language, others)))
        return lines

    def _leg(self, leg: JsonDict) -> str:
        window = next((one for one in self.job.here.windows if one["id"] == leg.get("window")), None)
        return self.t("back_to", name=window["name"]) if window and leg.get("back") else self.lines[leg["line"]]

    def _marks(self, ticket: JsonDict) -> list[str]:
        """How it came and why it waits aside, in calm words."""
        lane, pool = ticket.get("lane") or ticket.get("class", "ordinary"), ticket.get("pool")
        marks = [] if lane == "ordinary" else [f"class_{lane}"]
        if ticket.get("class") == "priority" and lane != "priority":
            marks.append("class_priority")
        if ticket.get("parked"):
            marks.append(f"parked_{ticket['parked']}")
        if pool and ticket["status"] == "waiting":
            marks.append("for_window" if pool.startswith("w:") else "for_clerk")
        if ticket.get("guide"):
            marks.append("guided")
        count = ticket.get("count", 1)
        return [self.t(mark) for mark in marks] + ([self.t("pieces", n=count)] if count > 1 else [])

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
        text = told.text or say(self.job.language, told.message, **{"key": "O", **told.values})
        left = (told.until - self.job.here.now).total_seconds() if told.until else 0
        return f"{text}   [Z] {self.t('undo')} {self.t('seconds', n=ceil(left))}" if left > 0 else text

    def _keys(self) -> Text:
        style = "dim" if self.job.here.cut_off else ""
        keys = Text(style=style)
        for row in KEY_ORDER:
            for key in row:
                keys.append(f"[{key.upper()}]", style="bold").append(f" {self.t(KEYS[key])}  ")
            keys.append("\n" if row != KEY_ORDER[-1] else "")
        return keys.append("[Q]", style="bold").append(f" {self.t('quit')}")

    def _question(self) -> Panel:
        asked = self.job.question
        if asked is None:  # answered while it was drawn
            return Panel("")
        values = asked.values
        warned = [Text(say(self.job.language, asked.warning.message, **asked.warning.values))] if asked.warning else []
        lines = [*warned, Text(say(self.job.language, asked.question, **values), style="bold")]
        lines += self._written(asked) if asked.then is not None else [self._choice(asked, key) for key in asked.answers]
        lines.append(Text("[Esc] ", style="bold").append(self.t("back"), style="not bold"))
        return Panel(Group(*lines), border_style="yellow")

    def _choice(self, asked: Ask, key: str) -> Text:
        shown = self.t("key_enter") if key == "enter" else key.upper()
        return Text(f"[{shown}] ", style="bold").append(self._answer(asked, key), style="not bold")

    def _answer(self, asked: Ask, key: str) -> str:
        if asked.question == "caller.ask_take_back":
            held = next((one for one in self.job.here.held if one["number"] == asked.labels[key]), None)
            return " · ".join(filter(None, [asked.labels[key], self._held_for(held) if held else ""]))
        return asked.labels.get(key) or self.t(label(asked, key), **asked.values)

    def _written(self, asked: Ask) -> list[Text]:
        if asked.typing:
            name = self.t(f"{asked.question.removeprefix('caller.')}_typed")
            typed = self.t("typed_so_far", name=name, text=self.job.typed or "…")
            return [Text(f"{typed}  [{self.t('key_enter')}]")]
        place, listed = self.job.place, self.job.listed
        rows = [Text(f"{self.t(f'search_{asked.picking}')}: {self.job.typed or '…'}")]
        for row, entry in enumerate(listed):
            rows.append(
                Text(f"{'▶' if row == place else ' '} {self._entry(entry)}", style="bold" if row == place else "")
            )
        return rows if listed else [*rows, Text(self.t("none_found"))]

    def _entry(self, entry: Entry) -> str:
        about = self.t("window", name=entry.about) if entry.kind == "clerk" else entry.about
        waiting = "" if entry.waiting is None else self.t("waiting_there", n=entry.waiting)
        return " · ".join(filter(None, [self.job.name_of(entry), about, waiting]))

    def _held(self) -> RenderableType | None:
        """Who is set aside, why, and when they come back."""
        held = list(self.job.here.held)
        if not held:
            return None
        rows = Table.grid(padding=(0, 2))
        for one in held:
            rows.add_row(Text(one["number"], style="bold"), self._held_for(one))
        return Group(Text(self.t("held_mine", n=len(held)), style="bold"), rows)

    def _held_for(self, ticket: JsonDict) -> str:
        code = ticket.get("hold_reason") or ""
        reason = self.t(f"hold_{code}") if code in HOLD_REASONS else code
        back = self.t("held_until", time=self._clock(ticket["return_at"])) if ticket.get("return_at") else ""
        return " · ".join(filter(None, [reason, back]))

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
            name = " · ".join(filter(None, [self.lines.get(ticket["line"], ""), *self._marks(ticket)]))
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
