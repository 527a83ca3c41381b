"""A wire between kiosk and printer that notes when the bytes of a slip pass."""

import contextlib
import socket
import threading
import time

STATUS_QUESTION = 3
"""DLE EOT n: what is longer is paper."""


class Wire:
    """Listens on `port` and passes everything on to a printer at `beyond`, both ways."""

    def __init__(self, beyond: int) -> None:
        self.last_slip_byte = 0.0
        """When the newest bytes of a slip reached the printer (time.perf_counter)."""
        self._beyond = beyond
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                kiosk, _ = self._listener.accept()
                printer = socket.create_connection(("127.0.0.1", self._beyond))
                for one in (kiosk, printer):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._pass_on, args=(kiosk, printer, True), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(printer, kiosk, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, paper: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
                if paper and len(data) > STATUS_QUESTION:
                    self.last_slip_byte = time.perf_counter()
            target.shutdown(socket.SHUT_WR)
