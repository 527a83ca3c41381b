"""What the documents say is there: links, functions, make targets, commands, settings from the environment."""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from server.cli import COMMANDS
from server.commands.run import links
from server.commands.together import House, Ports

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = (ROOT / "docs/tour.md").read_text(encoding="utf-8")
ROOMS = ("hall", "server", "kiosk", "caller", "display", "printers")
SCRIPTS = re.findall(r"^(hallcall[\w-]*) = ", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_of_a_document_exists(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not missing


def is_made_in(name: str, file: Path) -> bool:
    """Whether each part of a dotted name is defined, or kept as a field or constant, in a file."""
    text = file.read_text(encoding="utf-8")
    made = r"^\s*(?:(?:export )?(?:async )?(?:def|class|function|const) {0}\b|{0}(?:: .*)? = )"
    return all(re.search(made.format(part), text, re.MULTILINE) for part in name.split("."))


@pytest.mark.parametrize("name, file", sorted(set(re.findall(r"\[`([\w.]+)`\]\(\.\./([^)]+)\)", TOUR))))
def test_every_function_of_the_tour_stands_in_its_file(name: str, file: str) -> None:
    assert is_made_in(name, ROOT / file)


@pytest.mark.parametrize("document", DECISIONS, ids=lambda path: path.name)
def test_every_file_and_function_a_decision_names_is_there(document: Path) -> None:
    text = " ".join(document.read_text(encoding="utf-8").split())
    files = re.findall(r"`([\w.-]+(?:/[\w.-]+)+\.(?:py|js|json))(?:`|::)", text)
    assert [file for file in files if not (ROOT / file).exists()] == []
    named = re.findall(r"`([\w.]+)` (?:in |\()`([\w/.-]+\.(?:py|js))`", text)
    named += [(name, file) for file, name in re.findall(r"`([\w/.-]+\.(?:py|js))` \(`([\w.]+)`\)", text)]
    assert [(name, file) for name, file in named if not is_made_in(name, ROOT / file)] == []


def test_the_readme_shows_the_links_that_run_prints(tmp_path: Path) -> None:
    house = House(tmp_path, ROOT / "config.yaml", Ports(8000, 8100, 8200, 9100, 8300))
    house.tokens = defaultdict(lambda: "…")
    printed = [f"  {role:8} {what:32} {address}" for role, what, address in links(house)]
    assert "\n".join(printed) in README


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", README)) <= targets


def test_every_command_of_the_readme_exists() -> None:
    assert set(re.findall(r"`hallcall ([a-z-]+)", README)) <= set(COMMANDS)
    assert set(re.findall(r"\b(hallcall-(?:kiosk|caller|display|printers))\b", README)) <= set(SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_command_has_a_help(script: str) -> None:
    asked = [Path(sys.executable).parent / script, "--help"]
    assert "Usage: " in subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout


def test_every_option_the_readme_shows_is_known_to_its_command() -> None:
    for command, options in re.findall(r"`(hallcall[\w-]*(?: [a-z][a-z-]*)*)((?: --[^`]*)?)`", README):
        wanted = set(re.findall(r"--[a-z-]+", options)) - {"--help"}
        if wanted:
            script, *rest = command.split()
            asked = [Path(sys.executable).parent / script, *rest, "--help"]
            told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout
            assert wanted <= set(re.findall(r"--[a-z-]+", told)), command


def test_every_variable_of_the_readme_is_read_somewhere() -> None:
    code = "".join(path.read_text(encoding="utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    named = set(re.findall(r"`(HALLCALL_[A-Z_]+)`", README))
    assert named and not [name for name in named if f'"{name}"' not in code]


def test_every_document_that_the_code_names_exists() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.*") if path.suffix in (".py", ".js", ".css")]
    named = {name for path in files for name in re.findall(r"docs/[\w/.-]+\.md", path.read_text(encoding="utf-8"))}
    assert named and not [name for name in named if not (ROOT / name).exists()]
