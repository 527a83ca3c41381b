"""`hallcall run`: a whole hall on this machine, with one link a role, until Ctrl-C."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import click
import requests
from rich.console import Console

from hall.errors import SettingsError
from hall.settings import load_settings
from server.commands.dayfile import BadDay, read_day
from server.commands.processes import Child, NotStarted, end_on_signals, free_port, hallcall
from server.commands.stage import HEAD_START_SECONDS
from server.commands.together import PRINTER_PORT, SLIPS_PORT, House, Ports

MOST_RESTARTS = 3
HANDS = ("clerk", "clerks", "desk", "supervisor", "system_admin")
REPLAY_HEAD_START = HEAD_START_SECONDS + 7

console = Console(highlight=False, soft_wrap=True)


@click.command()
@click.option("--config", default="config.yaml", show_default=True, type=click.Path(path_type=Path))
@click.option("--port", default=8000, show_default=True, envvar="PORT", help="The server.")
@click.option("--kiosk-port", default=8100, show_default=True, envvar="KIOSK_PORT", help="The kiosk's page.")
@click.option("--display-port", default=8200, show_default=True, envvar="DISPLAY_PORT", help="The board with voice.")
@click.option("--replay", "day_file", type=click.Path(path_type=Path, exists=True), help="Play this day in it.")
@click.option("--speed", default=60.0, show_default=True, help="How many times as fast the day is played.")
def run(config: Path, port: int, kiosk_port: int, display_port: int, day_file: Path | None, speed: float) -> None:
    """Start server, kiosk, printer and board on this machine and print a link for each role.

    Open at any hour: issuing hours and quotas are disregarded. Data and logs are in the data folder.
    """
    end_on_signals()
    begun = time.monotonic()
    house: House | None = None
    try:
        house = _house(config, (port, kiosk_port, display_port), day_file, speed)
        _tell_first_account(house)
        house.start()
        _tell(house, time.monotonic() - begun)
        if day_file:
            _start_replay(house, day_file, speed)
        else:
            console.print("See it alive: [bold]make run REPLAY=bench/made-day.csv SPEED=60[/bold]")
        console.print("Ctrl-C ends it all.")
        watch(house)
    except (NotStarted, SettingsError, BadDay) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        console.print("\nThe hall closes.")
    finally:
        if house:
            house.stop()


def _house(config: Path, wanted: tuple[int, int, int], day_file: Path | None, speed: float) -> House:
    for port, variable in zip(wanted, ("PORT", "KIOSK_PORT", "DISPLAY_PORT"), strict=True):
        if port and free_port(port) != port:
            raise NotStarted(f"port {port} is taken; choose another with {variable}=... make run")
    folder = load_settings(config).data_dir.resolve()
    clock = "real"
    if day_file:
        # A day that runs faster than the sun has a database of its own, new each time.
        folder = folder / "replay"
        shutil.rmtree(folder, ignore_errors=True)
        clock = _clock_of(day_file, speed, config)
    folder.mkdir(parents=True, exist_ok=True)
    ports = Ports(*wanted, free_port(PRINTER_PORT), free_port(SLIPS_PORT))
    return House(folder, config, ports, clock, HANDS)


def _tell_first_account(house: House) -> None:
    """Before the server's first start, which would tell it to a log."""
    if (house.folder / "run-tokens.json").exists():
        return
    asked = hallcall("account", "first", "--config", str(house.config))
    made = subprocess.run(asked, env={**os.environ, **house.environment}, capture_output=True, text=True, timeout=120)
    if made.returncode:
        raise NotStarted(f"hallcall account first failed:\n{made.stderr or made.stdout}")
    if made.stdout.strip():
        console.print(f"[bold]{made.stdout.strip()}[/bold] (shown this once; it is changed there)")


def _clock_of(day_file: Path, speed: float, config: Path) -> str:
    """Today at the hour of the day's first arrival, less what the start takes."""
    hall = load_settings(config).halls[0]
    midnight = datetime.now(hall.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    begins = midnight + timedelta(seconds=read_day(day_file).begins)
    return f"{max(midnight, begins - timedelta(seconds=REPLAY_HEAD_START * speed)).isoformat()}@{speed:g}"


def links(house: House) -> list[tuple[str, str, str]]:
    """(role, what it is, address), the token in the fragment, which no server or log ever sees."""
    url, window, tokens = house.server_url, house.window, house.tokens
    display = tokens["display"]
    return [
        ("Kiosk", "touch it, take a number", f"{house.kiosk_url}/"),
        ("Printer", "the slips, and what phones show", f"{house.slips_url}/"),
        ("Clerk", f"window {window['name']}, by keyboard", f"{url}/clerk#token={tokens['clerk']}"),
        ("Desk", "guide desk, by keyboard", f"{url}/desk#token={tokens['desk']}"),
        ("Today", "supervisor: lines, windows, help", f"{url}/today#token={tokens['supervisor']}"),
        ("Order", "supervisor: who goes first", f"{url}/order#token={tokens['supervisor']}"),
        ("Center", "units, matters, lines, windows", f"{url}/catalogue#token={tokens['system_admin']}"),
        ("Devices", "how each is; tests; enrolment", f"{url}/devices#token={tokens['system_admin']}"),
        ("Check", "before opening: is all well?", f"{url}/self-check#token={tokens['supervisor']}"),
        ("Board", "hall screen with the voice", f"{house.display_url}/"),
        ("Board", "without sound, any screen", f"{url}/board#token={display}"),
        ("Window", f"the screen over window {window['name']}", f"{url}/window/{window['id']}#token={display}"),
        ("Rating", f"the tablet at window {window['name']}", f"{url}/rate/{window['id']}#token={display}"),
        ("Hall", "what it tells everybody", f"{url}/hall"),
        ("Sheets", "the figures of a day or month", f"{url}/sheets#token={tokens['supervisor']}"),
        ("Booking", "a visitor at home books a slot", f"{url}/booking"),
        ("Remote", "or takes a number from afar", f"{url}/remote"),
        ("API", "every call, to try", f"{url}/api/v1/docs"),
    ]


def _tell(house: House, seconds: float) -> None:
    console.print(f"\n[bold]Hallcall is open[/bold] (in {seconds:.1f} s). Open these in a browser:\n")
    for role, what, address in links(house):
        console.print(f"  [bold]{role:8}[/bold] {what:32} [link={address}]{address}[/link]")
    console.print(f"\nSound: {sound_path(house.display_url)}")
    console.print(f"Tokens of the other roles: {house.folder / 'run-tokens.json'} · logs: {house.folder / 'logs'}")


def sound_path(display_url: str) -> str:
    """Where the speech comes out, in the display client's own words."""
    try:
        told = requests.get(f"{display_url}/status", timeout=2).json()
    except (requests.RequestException, ValueError) as error:
        return f"unknown ({error})"
    if told["sound"] == "none" and told["speaks"]:
        return "no sound card here; the Board page above speaks the calls once it is open and was touched"
    return str(told["sound_text"])


def _start_replay(house: House, day_file: Path, speed: float) -> None:
    options = ["--speed", f"{speed:g}", "--server", house.server_url, "--hall", house.layout.id]
    tokens = ["--token-file", str(house.folder / "run-tokens.json"), "--leave-window", house.window["id"]]
    replay = Child("replay", hallcall("replay", str(day_file), *options, *tokens), house.folder / "logs/replay.log")
    house.children.append(replay.start())
    console.print(f"A day is being played, {speed:g} times as fast: watch the board, or take a number yourself.")


def watch(house: House) -> None:
    """Starts what died again, a few times each; ends when the server will not stay up."""
    restarts: Counter[str] = Counter()
    watched = list(house.children)
    while True:
        time.sleep(0.5)
        for child in list(watched):
            if child.alive:
                continue
            assert child.process is not None
            console.print(f"\nThe {child.name} ended with {child.process.returncode}:\n{child.last_lines(24)}")
            if child.name == "replay" or restarts[child.name] >= MOST_RESTARTS:
                watched.remove(child)
                if child.name == "server":
                    sys.exit(1)
                continue
            restarts[child.name] += 1
            time.sleep(restarts[child.name])
            console.print(f"Starting the {child.name} again ({restarts[child.name]} of {MOST_RESTARTS}).")
            child.start()
