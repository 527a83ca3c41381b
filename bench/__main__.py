"""`make bench`: what the hall must reach, measured in one run on this machine, against what it must reach."""

import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.crowd import CLERKS, WAITING, measure_crowd
from bench.days import DAYS, measure_days
from bench.depth import measure_depth
from bench.phone import measure_phone
from bench.visits import Bench

TOUCHES = 40
CALLS = 60
EDITS = 20
PAGE_ASKS_MS = 250  # the kiosk's page asks its own client so often
VIEWS = 10
LARGEST_VIEW = 60 * 1024


def share(values: list[float], part: float) -> float:
    """The value below which `part` of them lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


@click.command()
@click.option("--config", default="config.yaml", show_default=True, type=click.Path(path_type=Path, exists=True))
def main(config: Path) -> None:
    """Measure; ends with 1 when a figure is not what it must be."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="hallcall-bench-") as name:
        folder = Path(name)
        with console.status("Visitors and calls on a whole hall ..."), Bench(folder / "hall", config) as bench:
            screen, paper = bench.touches(TOUCHES)
            board, voice = bench.calls(CALLS)
            edited = bench.edits(EDITS)
        with console.status(f"{CLERKS} clerks, {WAITING:,} waiting ..."):
            crowd = measure_crowd(folder)
        with console.status("Phones ..."):
            phones = measure_phone(folder / "phone", config, VIEWS)
        with console.status("Halls of 100, 100,000 and 1,000,000 waiting ..."):
            depth = measure_depth(folder / "depth")
        with console.status(f"{DAYS:,} days in the order alone ..."):
            days = measure_days()
    ratio = crowd.call.a_second / crowd.ping.a_second
    table = Table("", "p50", "p95", "must be", "", title="What the hall reaches (milliseconds)")
    held = []
    for what, values, most in (
        ("touch → number on the screen", screen, None),
        ("touch → slip's last byte at the printer", paper, 300),
        ("call-next → board changed", board, 50),
        ("call-next → speech starts", voice, 500),
        ("matter edited → kiosk's catalogue", edited, 1000 - PAGE_ASKS_MS),
        ("phone page opened → live", phones.milliseconds, 1000),
        (f"call-next, {CLERKS} clerks, {WAITING:,} waiting", crowd.call.milliseconds, None),
        (f"empty POST, {CLERKS} clients", crowd.ping.milliseconds, None),
    ):
        p50, p95 = share(values, 0.5), share(values, 0.95)
        held.append(most is None or p95 <= most)
        table.add_row(what, f"{p50:.1f}", f"{p95:.1f}", f"p95 ≤ {most}" if most else "", mark(most, held[-1]))
    held.append(phones.bytes <= LARGEST_VIEW)
    table.add_row("phone page's first view, bytes", f"{phones.bytes:,}", "", f"≤ {LARGEST_VIEW:,}", mark(1, held[-1]))
    held.append(ratio >= 0.4)
    rates = f"{crowd.call.a_second:.0f} / {crowd.ping.a_second:.0f} a second"
    table.add_row("call-next ÷ empty POST, throughput", f"{ratio:.2f}", rates, "≥ 0.40", mark(1, held[-1]))
    work = f"{crowd.ping.cpu_milliseconds:.2f} / {crowd.call.cpu_milliseconds:.2f} ms"
    share_of_work = crowd.ping.cpu_milliseconds / crowd.call.cpu_milliseconds
    table.add_row("the same by the server's CPU time", f"{share_of_work:.2f}", work, "", "")
    table.add_row("issues a second while filling", f"{crowd.issues_a_second:.0f}", "", "", "")
    deep, deepest = depth["http"]["many"] / depth["http"]["few"], depth["inside"]["most"] / depth["inside"]["few"]
    held += [deep <= 1.2, depth["pick_milliseconds"] < 1, not (days.left_behind or days.broken)]
    table.add_row("call-next over HTTP, 100,000 waiting ÷ 100", f"{deep:.2f}", "", "≤ 1.20", mark(1, held[-3]))
    table.add_row("call-next in process, 1,000,000 waiting ÷ 100", f"{deepest:.2f}", "", "", "")
    table.add_row(
        "the choice among 40 lines of 4 lanes", f"{depth['pick_milliseconds']:.2f}", "", "< 1", mark(1, held[-2])
    )
    told = f"{days.left_behind} starved, {days.broken} caps broken"
    table.add_row(f"{days.days:,} days, {days.called:,} calls", told, "", "none", mark(1, held[-1]))
    console.print(table)
    sys.exit(0 if all(held) else 1)


def mark(most: float | None, held: bool) -> str:
    return "" if most is None else "✓" if held else "✗"


if __name__ == "__main__":
    main()
