"""LED signs for tests: small real servers on TCP and on pseudo-terminals that refuse every byte they do not know.

`mood`: well · nak (refuses what it is told) · silent · garbage (answers nonsense) · cut (hangs up inside a frame).
"""

import contextlib
import os
import re
import select
import socket
import struct
import termios
import threading
import time
import tty

SPEEDS = {9600: termios.B9600, 19200: termios.B19200, 2400: termios.B2400}


class Rubbish(Exception):
    """Bytes that are no frame of the protocol."""


class Simulator:
    """Signs at some addresses of one wire. `seen`: {address: every picture in order}; `refused`: what was no frame."""

    garbage = b"\xff\x80?\r\n\x04\xaa\xaa\xaa"

    def __init__(self, *addresses):
        self.seen = {address: [] for address in addresses or (1,)}
        self.mute = set()
        """Addresses whose sign is dead while the wire is well."""
        self.mood = "well"
        self.refused = []
        self.times = 0
        """How often it was plugged in or connected to."""
        self._held = b""

    def last(self, address=1):
        return self.seen[address][-1] if self.seen[address] else None

    def restart(self):
        self._held, self.times = b"", self.times + 1

    def feed(self, data):
        self._held += data
        answer = b""
        try:
            while (length := self.whole(self._held)) is not None:
                frame, self._held = self._held[:length], self._held[length:]
                answer += self._answer(frame)
        except Rubbish as rubbish:
            self.refused.append((str(rubbish), self._held))
            self._held = b""
            answer += self.bad_frame()
        return answer

    def _answer(self, frame):
        address, picture, answer = self.take(frame)
        if address not in self.seen or address in self.mute or self.mood == "silent":
            return b""
        if self.mood == "garbage":
            return self.garbage
        if self.mood == "nak":
            return self.nak(frame)
        if picture is not None:
            self.seen[address].append(picture)
        return answer

    def bad_frame(self):
        return b""


class LineSign(Simulator):
    """The line protocol of docs/signs.md. A picture: (letter, rows)."""

    def __init__(self, *addresses, checksum=True, encoding="gb18030"):
        super().__init__(*addresses)
        self.checksum, self.encoding = checksum, encoding

    def whole(self, held):
        if held and held[:1] != b"\x02":
            raise Rubbish("a frame begins with STX")
        if len(held) > 1024:
            raise Rubbish("a frame without end")
        return held.index(b"\r\n") + 2 if b"\r\n" in held else None

    def take(self, frame):
        form = rb"\x02(\d\d)([NFPCLXT])([^\x00-\x08\x0a-\x1f]+)\x03" + (rb"([0-9A-F]{2})" if self.checksum else rb"")
        found = re.fullmatch(form + rb"\r\n", frame)
        if not found:
            raise Rubbish(f"no frame: {frame!r}")
        if self.checksum and int(found[4], 16) != sum(frame[1 : frame.index(b"\x03") + 1]) & 0xFF:
            raise Rubbish("wrong checksum")
        rows = tuple(row.decode(self.encoding) for row in found[3].split(b"\t"))
        return int(found[1]), (found[2].decode(), rows), b"\x06" + found[1] + b"\r\n"

    def nak(self, frame):
        return b"\x15" + frame[1:3] + b"too long\r\n"

    def bad_frame(self):
        return b"\x15??\r\n"


class AlphaSign(Simulator):
    """Alpha packets with checksums. A picture: (position, rows). `register`: its serial error register."""

    def __init__(self, *addresses):
        super().__init__(*addresses)
        self.register = 0x40

    def whole(self, held):
        if held and not (b"\0" * 5).startswith(held[:5]):
            raise Rubbish("a packet begins with five NUL")
        return held.index(b"\x04") + 1 if b"\x04" in held else None

    def take(self, frame):
        found = re.fullmatch(rb"\0{5}\x01Z([0-9A-F]{2})(\x02([AEF])(.+?)\x03)([0-9A-F]{4})\x04", frame, re.DOTALL)
        if not found:
            raise Rubbish(f"no packet: {frame!r}")
        if int(found[5], 16) != sum(found[2]):
            raise Rubbish("wrong checksum")
        picture, answer = self._obey(found[3], found[4])
        return int(found[1], 16), picture, answer

    def _obey(self, command, data):
        if command == b"F" and data == b"*":
            said = b"\x02E*" + bytes([self.register]) + b"\x03"
            return None, b"\0" * 20 + b"\x01000" + said + b"%04X" % sum(said) + b"\x04"
        if command == b"E" and data == b"4":
            self.register = 0x40
            return None, b""
        text = re.fullmatch(rb"0\x1b([\x20\x30])b([\x20-\x7e\r]{1,120})", data)
        if command != b"A" or not text:
            raise Rubbish(f"no command of ours: {command + data!r}")
        if self.mood == "nak":
            self.register |= 0x20
        return (text[1].decode(), tuple(text[2].decode().split("\r"))), b""

    def nak(self, frame):
        return self.take(frame)[2]


class ModbusSign(Simulator):
    """Four holding registers from `first`, written by function 16. A picture: the four numbers."""

    garbage = b"\x01\x10\xff\xff\xff\xff\xff\xff\xff"

    def __init__(self, *addresses, first=0, rtu=False):
        super().__init__(*addresses)
        self.first, self.rtu = first, rtu

    def whole(self, held):
        length = self._length(held)
        return length if length and len(held) >= length else None

    def _length(self, held):
        if self.rtu:
            if len(held) >= 2 and held[1] != 16:
                raise Rubbish(f"function {held[1]}")
            return 9 + held[6] if len(held) >= 7 else None
        if len(held) >= 4 and held[2:4] != b"\0\0":
            raise Rubbish("protocol is not Modbus")
        return 6 + int.from_bytes(held[4:6], "big") if len(held) >= 6 else None

    def take(self, frame):
        address, pdu = (frame[0], frame[1:-2]) if self.rtu else (frame[6], frame[7:])
        if self.rtu and crc16(frame) != 0:
            raise Rubbish("wrong CRC")
        function, start, count, size = struct.unpack(">BHHB", pdu[:6])
        if function != 16 or size != 2 * count or len(pdu) != 6 + size:
            raise Rubbish(f"no request: {pdu.hex(' ')}")
        if (start, count) != (self.first, 4):
            return address, None, self._framed(frame, b"\x90\x02")
        return address, struct.unpack(">4H", pdu[6:]), self._framed(frame, pdu[:5])

    def nak(self, frame):
        return self._framed(frame, b"\x90\x04")

    def _framed(self, frame, pdu):
        if self.rtu:
            said = frame[:1] + pdu
            return said + crc16(said).to_bytes(2, "little")
        return frame[:4] + (len(pdu) + 1).to_bytes(2, "big") + frame[6:7] + pdu


def crc16(data):
    """By table-free division, as the serial line's specification draws it; 0 over a frame with its CRC."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            carry = register & 1
            register >>= 1
            if carry:
                register ^= 0xA001
    return register


class OnTcp:
    """A simulator behind a TCP address, one connection after the other. Usable in a `with`."""

    def __init__(self, simulator, port=0):
        self.simulator = simulator
        self._listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        self.wire = f"tcp://127.0.0.1:{self.port}"
        self._connections = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        self.simulator.restart()
        with contextlib.suppress(OSError), connection:
            while data := connection.recv(7 if self.simulator.mood == "cut" else 4096):
                if self.simulator.mood == "cut":
                    return
                connection.sendall(self.simulator.feed(data))

    def unplug(self):
        """Nobody listens there any more, and who was connected is cut off."""
        for one in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unplug()


class OnPty:
    """A simulator at the end of a pseudo-terminal, under a name that stays when it is unplugged and plugged in again.

    At another speed than its own it hears, and says, nonsense: as on a real wire.
    """

    def __init__(self, simulator, folder, baud=9600):
        self.simulator = simulator
        self.device = folder / "ttyUSB0"
        self.wire = f"serial://{self.device}?baud={baud}"
        self._speed = SPEEDS[baud]
        self._lock = threading.Lock()
        self._master = self._slave = None
        self.plug_in()

    def plug_in(self):
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.device.unlink(missing_ok=True)
        self.device.symlink_to(os.ttyname(self._slave))
        self.simulator.restart()
        threading.Thread(target=self._talk, args=(self._master,), daemon=True).start()

    def unplug(self):
        with self._lock:
            for end in (self._master, self._slave):
                if end is not None:
                    os.close(end)
            self._master = self._slave = None
        self.device.unlink(missing_ok=True)

    def _talk(self, master):
        while True:
            with self._lock:
                if master != self._master:
                    return
                ready, _, _ = select.select([master], [], [], 0.01)
                data = os.read(master, 7 if self.simulator.mood == "cut" else 4096) if ready else b""
                answer = self._heard(master, data) if data and self.simulator.mood != "cut" else b""
                if answer:
                    os.write(master, answer)
            if data and self.simulator.mood == "cut":
                self.unplug()
            time.sleep(0.001)  # so that whoever unplugs it gets the lock

    def _heard(self, master, data):
        attributes = termios.tcgetattr(master)
        right = attributes[4] == attributes[5] == self._speed
        return self.simulator.feed(data) if right else garbled(self.simulator.feed(garbled(data)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unplug()


def garbled(data):
    return bytes((byte >> 1 | byte << 7) & 0xFF ^ 0xA5 for byte in data)
