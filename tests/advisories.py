"""Whether a package that we lock has a known fault, by pip-audit and npm's own audit: `python -m tests.advisories`.

It fails on a fault, and only says so where nobody who knows any can be asked: a hall may build with no network. A
fault that has no mend yet stands in pyproject.toml under `[[tool.hallcall.known-faults]]`: `id`, `until` (a date) and
`reason`.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
KNOWN_BAD = "jinja2==2.10"
"""Faulty for years. Who has nothing against it knows nothing: a mirror answers, and has no advisories."""
SOURCES = (("-s", "pypi"), ("-s", "osv"))
SECONDS = 180


@dataclass(frozen=True, slots=True)
class Fault:
    package: str
    names: frozenset[str]
    """All of one fault: PYSEC-…, CVE-…, GHSA-…."""
    words: str = ""

    def __str__(self) -> str:
        return f"{self.package}: {', '.join(sorted(self.names))} {self.words}".rstrip()


class NotAsked(Exception):
    """Nobody answered with what is known; the last word of the tool that asked."""


def run(command: Sequence[str], folder: Path = ROOT) -> Any:
    """What a tool says in JSON, whatever it thinks of it."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAsked(type(error).__name__) from None
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise NotAsked((done.stderr.splitlines() or [""])[-1][:200]) from None


def pip_audit(lock: Path, source: Sequence[str]) -> tuple[list[Fault], int]:
    """The faults, and how many packages were looked up."""
    of_lock = ("-r", str(lock), "--disable-pip", "--no-deps")
    as_json = ("-f", "json", "--aliases", "on", "--progress-spinner", "off", "--timeout", "5")
    told = run((sys.executable, "-m", "pip_audit", *of_lock, *as_json, *source))["dependencies"]
    looked_up = [one for one in told if "vulns" in one]
    faults = [
        Fault(
            f"{one['name']} {one['version']}",
            frozenset((fault["id"], *fault["aliases"])),
            f"mended in {' or '.join(fault['fix_versions']) or 'no version yet'}",
        )
        for one in looked_up
        for fault in one["vulns"]
    ]
    return faults, len(looked_up)


def python_faults(lock: Path, sources: Iterable[Sequence[str]] = SOURCES) -> tuple[list[Fault], int]:
    """By the first source that knows what everybody knows."""
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "known-bad.txt"
        known.write_text(KNOWN_BAD, encoding="utf-8")
        for source in sources:
            with contextlib.suppress(NotAsked):
                if pip_audit(known, source)[0]:
                    break
        else:
            raise NotAsked(f"nobody has anything against {KNOWN_BAD}")
    return pip_audit(lock, source)


def npm_faults(folder: Path) -> tuple[list[Fault], int]:
    npm = shutil.which("npm", path=f"{os.environ['PATH']}{os.pathsep}{Path(sys.executable).parent}")
    if npm is None:
        raise NotAsked("no npm")
    told = run((npm, "audit", "--json", "--package-lock-only", "--fetch-retries=0", "--fetch-timeout=10000"), folder)
    if "vulnerabilities" not in told:
        raise NotAsked(told.get("message", ""))
    return list(_of_npm(told)), told["metadata"]["dependencies"]["total"]


def _of_npm(told: Any) -> Iterable[Fault]:
    """A package stands there too for what another that it needs has: that one is told once."""
    for name, one in told["vulnerabilities"].items():
        for fault in one["via"]:
            if isinstance(fault, dict):
                yield Fault(f"{name} {fault['range']}", frozenset((fault["url"].rpartition("/")[2],)), fault["title"])


def lived_with(pyproject: Path) -> dict[str, tuple[date, str]]:
    """{name of a fault: (until when, why)}."""
    written = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {}).get("hallcall", {})
    return {one["id"]: (one["until"], one["reason"]) for one in written.get("known-faults", [])}


def left(faults: Iterable[Fault], known: dict[str, tuple[date, str]], today: date) -> list[Fault]:
    """The faults that nobody has decided to live with until today or longer."""
    good = {name for name, (until, _) in known.items() if until >= today}
    return [fault for fault in faults if not fault.names & good]


def main() -> int:
    found: list[Fault] = []
    known = lived_with(ROOT / "pyproject.toml")
    for what, look in (
        ("Python", lambda: python_faults(ROOT / "requirements-dev.lock")),
        ("npm", lambda: npm_faults(ROOT)),
    ):
        try:
            faults, count = look()
        except NotAsked as why:
            print(f"Advisories: the {what} packages were NOT looked up ({why}).")
            continue
        found += left(faults, known, date.today())
        print(f"Advisories: {count} {what} packages looked up, {len(faults)} known faults.")
    for fault in found:
        print(f"  {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
