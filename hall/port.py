"""A small device on a serial port or a TCP address: its bytes, its lines, and why it cannot be reached.

Beside `hall.link` the only file of `hall` that leaves the process: pads, scanners and card readers share it.
"""

import errno
import os
import socket
import sys
from typing import Protocol, TypeVar

GONE: tuple[type[Exception], ...] = (OSError, TypeError)
"""What a serial port raises when its device is gone; TypeError: another thread has closed it meanwhile."""
if sys.platform != "win32":
    import termios

    GONE = (OSError, TypeError, termios.error)  # pyserial lets it through

LONGEST_WRITE_SECONDS = 1.0
CONNECT_SECONDS = 2.0

CODES = {errno.ENOENT: "not_found", errno.EACCES: "permission", errno.EPERM: "permission", errno.EBUSY: "in_use"}
"""What the operating system calls it -> a code of `hall.health`."""

Read = TypeVar("Read")


class PortError(Exception):
    """The device cannot be reached, or is gone; `code` is a code of `hall.health`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def port_error(error: OSError, otherwise: str = "unplugged") -> PortError:
    return PortError(CODES.get(error.errno or 0, otherwise), str(error))


class Device(Protocol[Read]):
    """What is read a piece at a time, None standing for rubbish. Everything may raise PortError."""

    def read(self, seconds: float) -> list[Read | None]:
        """What came; waits at most so many seconds for it."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Port(Protocol):
    """Bytes in, bytes out. `read` and `write` raise PortError when the other side is gone."""

    def read(self, seconds: float) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class SerialPort:
    """A serial port, for this process alone; what had come before it was opened is thrown away."""

    def __init__(self, address: str, baud: int, bits: str = "8N1") -> None:
        """`bits`: data bits, parity and stop bits, such as 7E1."""
        import serial

        try:
            self._serial = serial.Serial(
                address,
                baud,
                bytesize=int(bits[0]),
                parity=bits[1],
                stopbits=int(bits[2]),
                timeout=0,
                write_timeout=LONGEST_WRITE_SECONDS,
                exclusive=_can_be_exclusive(),
            )
            self._serial.reset_input_buffer()
        except ValueError as error:
            raise PortError("not_found", str(error)) from None
        except OSError as error:  # pyserial's own is one
            code = "in_use" if "exclusively lock" in str(error) else CODES.get(error.errno or 0, "not_found")
            raise PortError(code, str(error)) from None
        except GONE as error:
            raise PortError("not_found", str(error)) from None

    def read(self, seconds: float) -> bytes:
        try:
            self._serial.timeout = seconds
            first = self._serial.read(1)
            return bytes(first + self._serial.read(self._serial.in_waiting)) if first else b""
        except GONE as error:
            raise PortError("unplugged", str(error)) from None

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except GONE as error:
            raise PortError("unplugged", str(error)) from None

    def close(self) -> None:
        self._serial.close()


def _can_be_exclusive() -> bool | None:
    """Windows always is; elsewhere it has to be asked for."""
    return True if os.name == "posix" else None


class TcpPort:
    """A connection to `host:port`."""

    def __init__(self, address: str) -> None:
        host, _, number = address.rpartition(":")
        try:
            self._socket = socket.create_connection((host.strip("[]"), int(number)), timeout=CONNECT_SECONDS)
        except OSError as error:
            raise PortError("not_found", str(error)) from None

    def read(self, seconds: float) -> bytes:
        try:
            self._socket.settimeout(seconds)
            got = self._socket.recv(4096)
        except TimeoutError:
            return b""
        except OSError as error:
            raise PortError("unplugged", str(error)) from None
        if not got:
            raise PortError("unplugged", "the other side closed the connection")
        return got

    def write(self, data: bytes) -> None:
        try:
            self._socket.settimeout(LONGEST_WRITE_SECONDS)
            self._socket.sendall(data)
        except OSError as error:
            raise PortError("unplugged", str(error)) from None

    def close(self) -> None:
        self._socket.close()


QUIET_SECONDS = 0.3
"""A device that ends its lines with nothing has said all after so long a silence."""


class Lines:
    """A port read line by line. What is longer than `longest` or no text is one piece of rubbish, however long."""

    def __init__(self, port: Port, longest: int, quiet_ends: bool = False) -> None:
        self._port = port
        self._longest = longest
        self._quiet_ends = quiet_ends
        self._held = b""
        self._dropping = False

    def read(self, seconds: float) -> list[str | None]:
        waiting_for_more = bool(self._held or self._dropping)
        got = self._port.read(min(seconds, QUIET_SECONDS) if waiting_for_more and self._quiet_ends else seconds)
        if not got:
            return self._after_silence() if waiting_for_more and self._quiet_ends else []
        *ended, self._held = (self._held + got).replace(b"\r", b"\n").split(b"\n")
        lines: list[str | None] = []
        for raw in ended:
            if not self._dropping and raw.strip():
                lines.append(text_of(raw, self._longest))
            self._dropping = False
        return lines + self._too_long()

    def _too_long(self) -> list[str | None]:
        if self._dropping:
            self._held = b""
            return []
        if len(self._held) <= self._longest:
            return []
        self._held, self._dropping = b"", True
        return [None]

    def _after_silence(self) -> list[str | None]:
        held, self._held, self._dropping = self._held, b"", False
        return [text_of(held, self._longest)] if held.strip() else []

    def write(self, data: bytes) -> None:
        self._port.write(data)

    def close(self) -> None:
        self._port.close()


def text_of(raw: bytes, longest: int) -> str | None:
    """The line as text; None where it is too long, or no text at all."""
    try:
        text = raw.decode().strip()
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() and len(raw) <= longest else None
