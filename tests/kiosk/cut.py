"""A line to the server that can be cut: the port is closed, every connection ends, and nothing comes through."""

import contextlib
import socket
import threading


class CutLine:
    """Listens on a free port of its own and passes bytes on; usable in a `with`."""

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._ears: socket.socket | None = None
        self.port = 0
        self.mend()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "CutLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def mend(self) -> None:
        ears = self._ears = socket.create_server(("127.0.0.1", self.port))
        self.port = ears.getsockname()[1]
        threading.Thread(target=self._accept, args=(ears,), daemon=True).start()

    def cut(self) -> None:
        if self._ears is None:
            return
        # Another thread waits in accept(): only shutting down wakes it, and only then is the port closed.
        with contextlib.suppress(OSError):
            self._ears.shutdown(socket.SHUT_RDWR)
        self._ears.close()
        self._ears = None
        with self._lock:
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._ends.clear()

    def _accept(self, ears: socket.socket) -> None:
        while True:
            try:
                near, _ = ears.accept()
                far = socket.create_connection(self._server)
            except OSError:
                return
            with self._lock:
                self._ends += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            end.close()
