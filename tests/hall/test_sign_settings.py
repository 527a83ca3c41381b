"""A mistake in a sign's settings is named by its place, value and what was expected."""

from pathlib import Path

import pytest

from hall.devices.sign import Sign
from hall.settings import load_settings
from tests.hall.test_settings import complaint, written

WINDOW = '{id: s1, name: 1号屏, window: w1, display: board-a, wire: "tcp://10.0.0.7:5000"}'
SECOND = '{id: s2, name: 2号屏, window: w2, display: board-a, address: 2, wire: "tcp://10.0.0.7:5000"}'


def with_signs(folder: Path, *signs: str) -> Path:
    lines = "".join(f"    - {sign}\n" for sign in signs)
    return written(folder, ("  voice:\n", f"  signs:\n{lines}  voice:\n"))


def changed(sign: str, more: str) -> str:
    return f"{sign[:-1]}, {more}}}"


MISTAKES = [
    (changed(WINDOW, "kind: neon"), "kind = \"neon\": expected 'line', 'alpha' or 'modbus'"),
    (WINDOW.replace("tcp://10.0.0.7:5000", "/dev/ttyUSB0"), 'wire = "/dev/ttyUSB0": expected tcp://HOST:PORT, or ser'),
    (WINDOW.replace("tcp://10.0.0.7:5000", "serial:///dev/ttyUSB0"), "expected tcp://HOST:PORT, or serial://DEVICE"),
    (WINDOW.replace("tcp://10.0.0.7:5000", "serial://COM3?baud=fast"), "expected tcp://HOST:PORT, or serial://DEVICE"),
    (WINDOW.replace('"tcp://10.0.0.7:5000"', "7"), "wire = 7: expected tcp://HOST:PORT"),
    (changed(WINDOW, "address: 100"), "address = 100: expected 0 to 99 for a line sign"),
    (changed(WINDOW, "address: 248, kind: modbus"), "address = 248: expected 0 to 247 for a modbus sign"),
    (changed(WINDOW, "address: one"), 'address = "one": expected a whole number from 0 up'),
    (changed(WINDOW, "address: 0"), "answers = true: expected false: to address 0 no sign answers"),
    (changed(WINDOW, "zone: a"), 'zone = "a": expected a window or a zone, not both'),
    (WINDOW.replace("window: w1", "window: w99"), 'window = "w99": expected one of w1, w2, '),
    (WINDOW.replace("window: w1", "zone: q"), 'zone = "q": expected one of a, b'),
    (WINDOW.replace("board-a", "board-z"), 'display = "board-z": expected one of board-a, board-b, loudspeaker'),
    (WINDOW.replace("window: w1", "zone: a, kind: modbus"), 'kind = "modbus": expected line or alpha for a hall sign'),
    (changed(WINDOW, "kind: alpha, encoding: gb18030"), 'encoding = "gb18030": expected ascii for an alpha sign'),
    (changed(WINDOW, "kind: alpha, rows: 4, columns: 40"), "rows = 4: expected rows × columns of at most 120"),
    (changed(WINDOW, "encoding: ascii, lost_text: 请留意广播"), "expected plain English letters"),
    (changed(WINDOW, "columns: 2"), "columns = 2: expected 4 to 80 columns"),
    (
        changed(WINDOW, "colour: red"),
        'colour = "red": unknown key; expected one of address, answers, checksum, columns',
    ),
]


@pytest.mark.parametrize("sign, said", MISTAKES)
def test_a_mistake_in_a_sign_is_named(tmp_path: Path, sign: str, said: str) -> None:
    path = with_signs(tmp_path, sign)
    told = complaint(path)
    assert told.startswith(f"{path}:") and "devices.signs.0." in told and said in told


TOGETHER = [
    (SECOND.replace("s2", "s1"), 'signs.1.id = "s1": expected one of its own; signs.0 has it'),
    (SECOND.replace("address: 2", "address: 1"), "signs.1.address = 1: expected one of its own on this wire; signs.0"),
    (changed(SECOND, "kind: modbus"), "signs.1.wire"),
]


@pytest.mark.parametrize("second, said", TOGETHER)
def test_signs_that_cannot_share_a_wire_are_named(tmp_path: Path, second: str, said: str) -> None:
    assert said in complaint(with_signs(tmp_path, WINDOW, second))


def test_two_speeds_on_one_serial_port_are_refused(tmp_path: Path) -> None:
    slow = WINDOW.replace("tcp://10.0.0.7:5000", "serial:///dev/ttyS0?baud=9600")
    fast = SECOND.replace("tcp://10.0.0.7:5000", "serial:///dev/ttyS0?baud=19200")
    assert "kind and wire as signs.0, which hangs on the same wire" in complaint(with_signs(tmp_path, slow, fast))


def test_signs_of_a_hall_are_read(tmp_path: Path) -> None:
    hall = '{id: hall, name: 大厅屏, zone: a, rows: 2, columns: 16, display: board-a, wire: "serial://COM3?baud=9600"}'
    signs = load_settings(with_signs(tmp_path, WINDOW, SECOND, hall), {}).devices.signs
    assert [(one.place.address, one.place.baud) for one in signs[1:]] == [("10.0.0.7:5000", None), ("COM3", 9600)]


@pytest.mark.parametrize(
    "kind, wire, bits",
    [
        ("line", "serial:///dev/ttyUSB0?baud=9600", "8N1"),
        ("alpha", "serial:///dev/ttyUSB0?baud=9600", "7E1"),
        ("alpha", "serial:///dev/ttyUSB0?baud=9600&bits=8N1", "8N1"),
        ("modbus", "serial:///dev/ttyUSB0?baud=19200&bits=8E1", "8E1"),
    ],
)
def test_a_serial_wire_has_the_bits_of_its_family_unless_it_says_others(kind: str, wire: str, bits: str) -> None:
    sign = Sign.model_validate({"id": "s", "name": "s", "kind": kind, "wire": wire, "window": "w1", "display": "d"})
    assert sign.place.bits == bits


@pytest.mark.parametrize("kind, encoding, language", [("line", "gb18030", "zh-CN"), ("alpha", "ascii", "en")])
def test_a_sign_shows_chinese_where_it_can(kind: str, encoding: str, language: str) -> None:
    sign = Sign.model_validate(
        {"id": "s", "name": "s", "kind": kind, "wire": "tcp://sign:1", "window": "w1", "display": "d"}
    )
    assert (sign.letters, sign.language) == (encoding, language)
