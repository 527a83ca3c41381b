"""hallcall-caller: a clerk's window in a terminal, the same job as the clerk's page, or at a keypad."""

import logging
import sys
from typing import Any

import click
import structlog
from rich.console import Console
from rich.live import Live

from caller.job import Job
from caller.keys import GONE, single_keys
from caller.pads.cli import folder_of, pad
from caller.screen import Screen
from hall.enrolment import enrol_command
from hall.errors import LinkDown, Refused
from hall.link import Link
from hall.texts import best_language, say

LEAVE = "q"


@click.group(invoke_without_command=True)
@click.option("--server", default="http://127.0.0.1:8000", show_default=True, help="Where the hall's server is.")
@click.option("--token", envvar="HALLCALL_TOKEN", help="A clerk's token (or HALLCALL_TOKEN).")
@click.option("--hall", default=None, help="The hall; without it the token's own.")
@click.option("--window", default=None, help="The window's name or key; without it the token's own, or asked.")
@click.option("--language", default="zh-CN", show_default=True, help="zh-CN or en.")
@click.pass_context
def main(
    context: click.Context, server: str, token: str | None, hall: str | None, window: str | None, language: str
) -> None:
    """Call visitors from a terminal, by single keys.

    n or Space next, r recall, a arrived, f finish, m no-show, h hold, b take back, t transfer, v change matter,
    z undo, w a visitor without a number, d finish with an outcome, l finish all, c call a number, s send on a
    waiting number, p pause, o open, x close, q leave. It comes back by itself when the network does.

    With `pad` a keypad does the same without a screen.
    """
    if context.invoked_subcommand is not None:
        return
    if token is None:
        raise click.UsageError("Missing option '--token' (or HALLCALL_TOKEN).")
    # The screen is the clerk's: what a log would say, the screen says in words.
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    spoken = best_language([language])
    if not sys.stdin.isatty():
        raise click.ClickException(say(spoken, "caller.no_terminal"))
    try:
        work(Link(server, token, hall, spoken), window, spoken)
    except LinkDown:
        raise click.ClickException(say(spoken, "caller.no_link", server=server)) from None
    except Refused as refusal:
        raise click.ClickException(refusal.message or refusal.code) from None


main.add_command(pad)
main.add_command(enrol_command("caller", folder_of))


def work(link: Link, window: str | None, language: str) -> None:
    me = link.get("/session")["session"]
    link = Link(link.server, link.token, me["hall"], language)
    chosen = choose_window(link, window or me["window"], me["name"], language)
    job = Job(link, chosen["id"], language, me["name"] if me["role"] == "clerk" else None)
    try:
        if chosen.get("take_over"):
            job.press("o")
            job.press("enter")
        run(job)
    finally:
        job.stop()


def run(job: Job) -> None:
    """Keys to the job until the clerk leaves; drawn four times a second and after every key."""
    screen = Screen(job)
    console = Console()
    with (
        single_keys() as read,
        Live(console=console, get_renderable=lambda: screen, screen=True, refresh_per_second=4) as live,
    ):
        while (key := read(0.25) or "") != GONE and (key.lower() != LEAVE or job.question is not None):
            if key:
                job.press(key)
                live.refresh()


def choose_window(link: Link, wanted: str | None, me: str, language: str) -> dict[str, Any]:
    """The window by key or name, asked for where none is given; another clerk's only after a confirmation."""
    windows: list[dict[str, Any]] = link.get("windows")["windows"]
    if wanted is None:
        for one in windows:
            click.echo(_offer(one, me, language))
        wanted = click.prompt(say(language, "caller.which_window"))
    found = next((one for one in windows if wanted in (one["id"], one["name"])), None)
    if found is None:
        names = "、".join(one["name"] for one in windows)
        raise click.ClickException(say(language, "caller.unknown_window", name=wanted, windows=names))
    if found["clerk"] and found["clerk"] != me:
        question = say(language, "caller.which_window_taken", name=found["name"], clerk=found["clerk"])
        click.confirm(question, abort=True)
        return {**found, "take_over": True}
    return found


def _offer(window: dict[str, Any], me: str, language: str) -> str:
    clerk = window["clerk"]
    whose = say(language, "caller.choose_free")
    if clerk:
        mine = clerk == me
        whose = say(language, "caller.choose_mine" if mine else "caller.choose_taken", clerk=clerk)
    state = say(language, f"caller.state_{window['status']}")
    return f"{say(language, 'caller.window', name=window['name'])}  {state}  {whose}"


if __name__ == "__main__":
    main()
