"""A hall's server, a virtual printer and a kiosk on ports of their own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hall.devices.printer import Printer
from hall.layout import Hall
from hall.settings import load_settings
from printers.virtual import VirtualPrinter
from tests.kiosk.fake_server import FakeServer
from tests.kiosk.rig import Rig

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def layout() -> Hall:
    return load_settings(ROOT / "config.yaml", {}).halls[0]


@pytest.fixture
def server(layout: Hall) -> Iterator[FakeServer]:
    running = FakeServer(layout)
    yield running
    running.stop()


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "slips") as running:
        yield running


StartKiosk = Callable[..., Rig]


@pytest.fixture
def start_kiosk(server: FakeServer, paper: VirtualPrinter, tmp_path: Path) -> Iterator[StartKiosk]:
    """`start_kiosk()`: a kiosk on the same folder each time; `now=` a clock, `idle_seconds=` and so on."""
    running: list[Rig] = []

    def start(**options: object) -> Rig:
        printer = Printer(address=paper.address, timeout_seconds=5)
        rig = Rig(server.url, tmp_path / "kiosk", printer, **options)  # type: ignore[arg-type]
        running.append(rig)
        return rig

    yield start
    for rig in running:
        rig.stop()
