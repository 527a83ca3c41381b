"""A line to the server that can lose the answers: what was asked arrives, what is said back does not."""

import socket
import threading


class LossyLine:
    """Listens on a free port and passes bytes on; while `losing`, every answer is swallowed and its line cut."""

    def __init__(self, port: int) -> None:
        self.losing = False
        self._server = ("127.0.0.1", port)
        self._ears = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._ears.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "LossyLine":
        return self

    def __exit__(self, *_: object) -> None:
        self._ears.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._ears.accept()
                far = socket.create_connection(self._server)
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(far, near, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        try:
            while (data := source.recv(65536)) and not (answers and self.losing):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            end.close()
