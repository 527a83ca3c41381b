"""`hallcall replay`: plays a day through the public HTTP API of a hall, and checks what came of it."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hall.board import Board
from hall.errors import LinkDown, Refused
from hall.link import Link
from server.commands.agenda import Agenda
from server.commands.checking import Story, faults, read_story
from server.commands.dayfile import BadDay, Day, read_day
from server.commands.playing import Play
from server.commands.processes import NotStarted, end_on_signals
from server.commands.stage import Stage, own_stage, running_stage

console = Console(stderr=False)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--speed", default=60.0, show_default=True, type=click.FloatRange(min=0, max=10_000, min_open=True))
@click.option("--day", "date", help="The day of the file to play, such as 1999-08-03; without it its first.")
@click.option("--server", "server", help="Play in this running hall; without it in one started for the purpose.")
@click.option("--hall", help="The running server's hall; without it its first.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True),
    help="JSON {kiosk, desk, clerk, display: token}; `hallcall run` keeps one in its data folder.",
)
@click.option("--leave-window", "left", multiple=True, help="A window of the running hall that stays free for you.")
def replay(
    file: Path,
    speed: float,
    date: str | None,
    server: str | None,
    hall: str | None,
    token_file: Path | None,
    left: tuple[str, ...],
) -> None:
    """Play a day of arrivals and services from FILE, SPEED times as fast, and check the hall afterwards.

    Ends with 1 if a number was given twice, a visitor was lost, or the journal and the board differ.
    """
    end_on_signals()
    if server and not token_file:
        raise click.UsageError("--server needs --token-file")
    try:
        day = read_day(file, date)
        if server and token_file:
            staged = running_stage(day, speed, server, hall, token_file, left)
        else:
            staged = own_stage(day, speed)
        with staged as stage:
            sys.exit(play_and_check(day, stage))
    except (BadDay, NotStarted, LinkDown, Refused) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        raise click.ClickException("replay interrupted") from None


def play_and_check(day: Day, stage: Stage) -> int:
    """0 when everything that must be true is true, else 1."""
    before = stage.display.get("board")
    agenda = Agenda(stage.clock)
    play = Play(day, stage.hands, agenda, stage.lines, stage.seats)
    with _progress(day, play, agenda):
        agenda.play()
    seconds = time.monotonic() - play.tally.begun
    _close(play, stage)
    board, story = _read_back(stage.display, before)
    console.print(_summary(play, story, agenda, seconds))
    found = faults(story, board, play.tally, stage.alone)
    for fault in found:
        console.print(f"[red]✗[/red] {fault}", highlight=False)
    if not found:
        console.print(
            f"[green]✓[/green] no number twice, nobody lost, board equals journal (seq {board['seq']})",
            highlight=False,
        )
    return 1 if found else 0


def _read_back(display: Link, before: Board) -> tuple[Board, Story]:
    board = display.get("board")
    return board, read_story(display, before, board["seq"])


def _close(play: Play, stage: Stage) -> None:
    """Alone, who still waits is served at once; in a running hall our own visitors go home."""
    if not stage.alone:
        play.send_home()
    for clerk in play.clerks:
        if stage.alone:
            play.serve_out(clerk)
        elif clerk.on_duty:
            play.close(clerk)


@contextlib.contextmanager
def _progress(day: Day, play: Play, agenda: Agenda) -> Iterator[None]:
    ended = threading.Event()
    columns = (
        TextColumn("{task.fields[at]}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, refresh_per_second=4) as progress:
        task = progress.add_task("day", total=day.ends - day.begins, at="", told="")

        def show() -> None:
            second = agenda.clock.now()
            at = f"{day.date} {int(second) // 3600 % 24:02d}:{int(second) // 60 % 60:02d}"
            tally = play.tally
            told = f"{len(tally.issued)} issued, {play.waiting} waiting, {len(tally.completed)} served"
            progress.update(task, completed=max(0.0, second - day.begins), at=at, told=told)

        def keep_showing() -> None:
            while not ended.wait(0.5):
                show()

        shower = threading.Thread(target=keep_showing, daemon=True)
        shower.start()
        try:
            yield
        finally:
            ended.set()
            shower.join()
            show()


def _summary(play: Play, story: Story, agenda: Agenda, seconds: float) -> Table:
    tally = play.tally
    finals = [story.statuses.get(ticket) for ticket in tally.issued]
    waits = sorted(
        (datetime.fromisoformat(one["called_at"]) - datetime.fromisoformat(one["issued_at"])).total_seconds()
        for one in tally.called
    )
    commands = sum(tally.commands.values())
    table = Table(title="The day in figures", show_header=False)
    for name, value in (
        ("issued", str(len(tally.issued))),
        ("served", str(finals.count("completed"))),
        ("cancelled", str(finals.count("cancelled"))),
        ("expired", str(finals.count("expired"))),
        ("errors", str(len(tally.errors))),
        ("mean wait (hall time)", f"{sum(waits) / len(waits):.0f} s" if waits else "–"),
        ("p90 wait (hall time)", f"{at_share(waits, 0.9):.0f} s" if waits else "–"),
        ("commands", f"{commands} ({', '.join(f'{n} {what}' for what, n in tally.commands.most_common())})"),
        ("commands a second", f"{commands / seconds:.0f} over {seconds:.0f} s"),
        ("p95 answer", f"{1000 * at_share(sorted(tally.answer_seconds), 0.95):.1f} ms"),
        ("p95 act begun late", f"{1000 * at_share(sorted(agenda.lags), 0.95):.1f} ms"),
    ):
        table.add_row(name, value)
    return table


def at_share(ordered: list[float], share: float) -> float:
    """The value below which `share` of an ordered list lies (nearest rank); 0 for none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
