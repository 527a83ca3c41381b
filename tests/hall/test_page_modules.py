"""The pages' modules lean one way: none imports itself by way of others, which a reader could begin nowhere."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
WEB = ROOT / "hall/web/modules"
ROOMS = ("hall", "server", "kiosk", "caller", "display")


def imported(file: Path) -> set[Path]:
    """The modules of ours that a module names; those of npm have a bare name."""
    named = re.findall(r'from "(web/|\.{1,2}/)([^"]+)"', file.read_text(encoding="utf-8"))
    return {WEB / path if base == "web/" else (file.parent / base / path).resolve() for base, path in named}


def test_no_module_of_a_page_imports_itself_by_way_of_others() -> None:
    modules = {file: imported(file) for room in ROOMS for file in (ROOT / room).rglob("*.js")}
    assert set().union(*modules.values()) <= set(modules)
    TopologicalSorter(modules).prepare()  # raises CycleError, which names the circle
