"""A whole hall on one machine: server, virtual printer, kiosk and display client as processes."""

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hall.devices.display import Display
from hall.errors import LinkDown, Refused
from hall.link import Link
from hall.settings import load_settings
from server.commands.processes import (
    Child,
    NotStarted,
    answers,
    create_tokens,
    free_port,
    hallcall,
    room,
    stop_all,
)

PRINTER_PORT = 9100
SLIPS_PORT = 8300


@dataclass(frozen=True)
class Ports:
    """0: a free one."""

    server: int = 0
    kiosk: int = 0
    display: int = 0
    printer: int = 0
    slips: int = 0

    def settled(self) -> "Ports":
        return Ports(*(port or free_port() for port in vars(self).values()))


class House:
    """Its processes run from `start()` to `stop()`; their logs are in `folder`/logs.

    `tokens` {name: token} are made once and kept in `folder`/run-tokens.json, readable by this user alone.
    """

    def __init__(
        self,
        folder: Path,
        config: Path,
        ports: Ports,
        clock: str = "real",
        hands: tuple[str, ...] = (),
        kiosk_options: Sequence[str] = (),
        display_options: Sequence[str] = (),
    ) -> None:
        """`hands`: who needs a token besides kiosk and display. The options are added to the command lines."""
        self._more = {"kiosk": kiosk_options, "display": display_options}
        self._names = ("kiosk", "display", *hands)
        self.folder = folder
        self.config = config
        self.ports = ports = ports.settled()
        self.environment = {"HALLCALL_DATA_DIR": str(folder), "HALLCALL_CLOCK": clock}
        settings = load_settings(config)
        self.layout = settings.halls[0]
        self.template = next((one.printer.template for one in settings.devices.kiosks), None)
        """The first kiosk's own, whose preview the printer's page shows."""
        speaking = [one for one in settings.devices.displays if one.speaks]
        self.display = next(iter([*speaking, *settings.devices.displays]), Display(id="board", name="Board"))
        self._device_names = {"display": self.display.name}
        """By role, as the settings name them: what the device page and the check before opening look for."""
        if settings.devices.kiosks:
            self._device_names["kiosk"] = settings.devices.kiosks[0].name
        self.server_url = f"http://127.0.0.1:{ports.server}"
        if settings.server.public_url is None:  # the codes of the slips lead somewhere, on this machine at least
            self.environment["HALLCALL_PUBLIC_URL"] = self.server_url
        self.kiosk_url = f"http://127.0.0.1:{ports.kiosk}"
        self.display_url = f"http://127.0.0.1:{ports.display}"
        self.slips_url = f"http://127.0.0.1:{ports.slips}"
        self.tokens: dict[str, str] = {}
        self.children: list[Child] = []

    @property
    def window(self) -> dict[str, Any]:
        """The window whose clerk's link is printed: the first of the layout."""
        return {"id": self.layout.windows[0].id, "name": self.layout.windows[0].name}

    def start(self) -> None:
        """Raises NotStarted, with what the process said, when one does not come up."""
        serve = ["serve", "--config", str(self.config), "--port", str(self.ports.server), "--always-open"]
        server = self._child("server", hallcall(*serve))
        printer = self._child("printer", room("printers.cli", *self._printer_options()))
        server.wait_until(lambda: answers(f"{self.server_url}/readyz"))
        self.tokens = self._kept_tokens()
        kiosk = self._child("kiosk", room("kiosk.cli", *self._kiosk_options()))
        display = self._child("display", room("display.cli", *self._display_options()))
        printer.wait_until(lambda: answers(f"{self.slips_url}/slips"))
        kiosk.wait_until(lambda: answers(f"{self.kiosk_url}/healthz"))
        display.wait_until(lambda: answers(f"{self.display_url}/healthz"))

    def stop(self) -> None:
        """The devices first, so that none complains of a server that is gone."""
        stop_all(self.children[1:])
        stop_all(self.children[:1])

    def link(self, name: str, timeout: float = 3) -> Link:
        return Link(self.server_url, self.tokens[name], self.layout.id, timeout=timeout)

    def _child(self, name: str, arguments: list[str]) -> Child:
        child = Child(name, arguments, self.folder / "logs" / f"{name}.log", self.environment)
        self.children.append(child.start())
        return child

    def _printer_options(self) -> list[str]:
        ports = ["--port", str(self.ports.printer), "--page-port", str(self.ports.slips)]
        template = ["--template", self.template] if self.template else []
        return ["virtual", *ports, "--data-dir", str(self.folder / "slips"), *template]

    def _kiosk_options(self) -> list[str]:
        printer = f"network:127.0.0.1:{self.ports.printer}"
        return ["--printer", printer, *self._device_options("kiosk", self.ports.kiosk)]

    def _display_options(self) -> list[str]:
        return [*self._device_options("display", self.ports.display), "--id", self.display.id]

    def _device_options(self, role: str, port: int) -> list[str]:
        # The token goes by the environment: a command line can be read by every user of the machine.
        self.environment["HALLCALL_TOKEN"] = self.tokens[role]
        folder = self.folder / role
        where = ["--server", self.server_url, "--hall", self.layout.id, "--port", str(port)]
        return [*where, "--config", str(self.config), "--data-dir", str(folder), *self._more[role]]

    def _kept_tokens(self) -> dict[str, str]:
        """Tokens of an earlier run when the server still knows them all, else new ones."""
        path = self.folder / "run-tokens.json"
        with contextlib.suppress(OSError, ValueError):
            kept = json.loads(path.read_text(encoding="utf-8"))
            if set(kept) == set(self._wanted()) and all(self._is_known(token) for token in kept.values()):
                return dict(kept)
        made = create_tokens(self.config, self.environment, self._wanted())
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(made, file, indent=1)
        return made

    def _is_known(self, token: str) -> bool:
        try:
            Link(self.server_url, token, self.layout.id).post("/ping")
        except Refused:
            return False
        except LinkDown as error:
            raise NotStarted(f"the server does not answer: {error}") from None
        return True

    def _wanted(self) -> dict[str, dict[str, str]]:
        return {name: self._options(name) for name in self._names}

    def _options(self, name: str) -> dict[str, str]:
        """`clerk` sits at one window; `clerks` are the hands that a replay has at the others."""
        hall = self.layout.id
        if name == "clerk":
            return {"role": "clerk", "hall": hall, "window": self.window["id"], "name": "1001"}
        if name == "clerks":
            return {"role": "clerk", "hall": hall, "name": "replay"}
        return {"role": name, "hall": hall, "name": self._device_names.get(name, name)}
