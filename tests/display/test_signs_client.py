"""The display client as it is started on a screen's PC drives the signs that the settings give it."""

import pytest
from click.testing import CliRunner

from display.cli import main
from hall.link import Link
from server.commands.processes import Child, answers, room
from tests.display.rig import wait_until
from tests.display.sign_simulators import LineSign, OnTcp
from tests.parts import ROOT, ServerProcess, free_port


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ServerProcess(tmp_path_factory.mktemp("server")) as running:
        yield running


def with_signs(folder, wire):
    """The shipped settings with a window sign and a hall sign on one wire, and one of another display."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    signs = f"""  signs:
    - {{id: sign-1, name: 1号屏, wire: "{wire}", window: w1, display: board-a}}
    - {{id: hall, name: 大厅屏, wire: "{wire}", address: 2, rows: 2, columns: 16, display: board-a}}
    - {{id: other, name: 二楼屏, wire: "{wire}", address: 3, zone: b, display: board-b}}
"""
    path = folder / "config.yaml"
    path.write_text(text.replace("  voice:\n", f"{signs}  voice:\n", 1), encoding="utf-8")
    return path


def test_a_call_reaches_the_signs_of_this_display_and_a_pause_and_the_end_too(server, tmp_path):
    kiosk, clerk = (Link(server.url, server.token(role)) for role in ("kiosk", "clerk"))
    admin = Link(server.url, server.token("system_admin"))
    with OnTcp(LineSign(1, 2, 3)) as wire:
        display = started(server, tmp_path, "--config", str(with_signs(tmp_path, wire.wire)), "--id", "board-a")
        try:
            wait_until(lambda: wire.simulator.last(1) == ("C", ("未开放",)))
            clerk.post("windows/w1/open")
            wait_until(lambda: wire.simulator.last(1) == ("F", ("空闲",)))
            kiosk.post("tickets", line="social")
            number = clerk.post("windows/w1/call-next")["ticket"]["number"]
            wait_until(lambda: wire.simulator.last(1) == ("N", (number,)))
            wait_until(lambda: wire.simulator.last(2) == ("L", (f"{number}     1号窗口",)))
            clerk.post("windows/w1/complete")
            clerk.post("windows/w1/pause", reason="lunch")
            wait_until(lambda: wire.simulator.last(1) == ("P", ("暂停服务",)))
            wait_until(lambda: wire.simulator.last(2) == ("L", ("请留意叫号",)))
            assert not wire.simulator.seen[3] and not wire.simulator.refused
            wire.simulator.mood = "nak"
            clerk.post("windows/w1/close")
            wait_until(lambda: refused(admin) == {"sign-1"}, 60)
        finally:
            display.stop()


def test_signs_are_tried_from_the_command_line_without_a_server(tmp_path):
    with OnTcp(LineSign(1, 2, 3)) as wire:
        wire.simulator.mute = {3}
        path = str(with_signs(tmp_path, wire.wire))
        well = CliRunner().invoke(main, ["test-signs", "--config", path, "--id", "board-a"])
        assert (well.exit_code, well.output) == (0, "sign-1: ok\nhall: ok\n")
        assert wire.simulator.last(2) == ("T", ("8" * 16, "8" * 16))
        ill = CliRunner().invoke(main, ["test-signs", "--config", path, "--id", "board-b"])
        assert ill.exit_code == 1 and "other: The sign does not answer (nothing in 1 s). Check" in ill.output


def started(server, folder, *options):
    port = free_port()
    arguments = ["--server", server.url, "--port", str(port), "--data-dir", str(folder / "display"), *options]
    environment = {"HALLCALL_TOKEN": server.token("display")}
    child = Child("display", room("display.cli", *arguments), folder / "display.log", environment, ROOT)
    child.start().wait_until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
    return child


def refused(admin):
    """The signs that refuse what they are to show, as the device page has them."""
    devices = admin.get("devices/states")["devices"]
    return {part["id"] for device in devices for part in device["conditions"] if part["code"] == "refused"}
