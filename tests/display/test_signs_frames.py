"""The bytes on a sign's wire, held to frames written by hand from each protocol's document."""

import pytest

from display.signs import alpha, line, modbus
from display.signs.shown import Picture
from display.signs.wire import SignFault
from hall.devices.sign import Sign

NUMBER = Picture("number", ("A023",), number="A023")
PAUSED = Picture("paused", ("暂停服务", "13:30恢复"), until="13:30")


def a_sign(kind="line", **more):
    settings = {"id": "s", "name": "s", "kind": kind, "wire": "tcp://sign:1", "window": "w1", "display": "d"}
    return Sign.model_validate(settings | more)


def test_a_line_frame_is_address_letter_text_and_checksum():
    assert line.frame(a_sign(), NUMBER) == b"\x0201NA023\x0388\r\n"


def test_chinese_rows_of_a_line_frame_are_gb18030_with_a_tab_between():
    rows = b"\xd4\xdd\xcd\xa3\xb7\xfe\xce\xf1\t13:30\xbb\xd6\xb8\xb4"
    said = b"07P" + rows + b"\x03"
    assert line.frame(a_sign(address=7), PAUSED) == b"\x02" + said + b"%02X\r\n" % (sum(said) & 255)


def test_a_line_frame_may_go_without_checksum():
    assert line.frame(a_sign(checksum=False), NUMBER) == b"\x0201NA023\x03\r\n"


def test_a_sign_of_ascii_gets_a_question_mark_for_what_it_cannot_show():
    row = Picture("calls", ("A023  东1",))
    assert line.frame(a_sign(encoding="ascii", checksum=False), row) == b"\x0201LA023  ?1\x03\r\n"


@pytest.mark.parametrize(
    "answer, code",
    [
        (b"\x1501too long\r\n", "refused"),
        (b"\x1502\r\n", "garbled"),  # of another sign
        (b"\x0602\r\n", "garbled"),
        (b"\x06\r\n", "garbled"),
        (b"\xff\xfe\r\n", "garbled"),
        (b"\r\n", "garbled"),
    ],
)
def test_an_answer_that_is_no_yes_is_a_fault(answer, code):
    with pytest.raises(SignFault) as raised:
        line.check(a_sign(), answer)
    assert raised.value.code == code


def test_an_alpha_packet_writes_the_priority_file_and_sums_it_up():
    packet = alpha.packet(a_sign("alpha"), alpha.text_command(NUMBER))
    assert packet == b"\0\0\0\0\0\x01Z01\x02A0\x1b\x20bA023\x0301E9\x04"


def test_several_rows_fill_an_alpha_sign_each_on_a_line_of_its_own():
    command = alpha.text_command(Picture("calls", ("A023  Window 3", "B007  Window 12")))
    assert command == b"A0\x1b\x30bA023  Window 3\rB007  Window 12"


def test_an_alpha_address_is_two_hexadecimal_digits_and_nought_is_every_sign():
    assert alpha.packet(a_sign("alpha", address=171), b"E4")[6:9] == b"ZAB"
    assert alpha.packet(a_sign("alpha", address=0), b"E4") == b"\0\0\0\0\0\x01Z00\x02E4\x03007E\x04"


@pytest.mark.parametrize("register, errors", [(b"\x40", 0), (b"\x50", 0x10), (b"\x61", 0x21)])
def test_the_error_register_is_read_out_of_an_alpha_answer(register, errors):
    said = b"\x02E*" + register + b"\x03"
    assert alpha.register_of(b"\0" * 20 + b"\x01000" + said + b"%04X\x04" % sum(said)) == errors


@pytest.mark.parametrize(
    "answer", [b"\x04", b"\0\0\x04", b"\0\x01000\x02E*\x40\x030000\x04", b"\x01000\x02E#\x40\x0300B0\x04", b"\xff" * 9]
)
def test_an_alpha_answer_that_does_not_sum_up_is_garbled(answer):
    with pytest.raises(SignFault) as raised:
        alpha.register_of(answer)
    assert raised.value.code == "garbled"


def test_the_crc_is_the_one_of_the_serial_lines_well_known_example():
    assert modbus.crc(bytes.fromhex("01 03 00 00 00 0A")) == bytes.fromhex("C5 CD")


def test_four_registers_are_written_by_function_sixteen():
    pdu = modbus.write_request(a_sign("modbus"), NUMBER)
    assert pdu == bytes.fromhex("10 0000 0004 08 0002 0017 0041 FFFF")
    eights = modbus.registers(Picture("test", ("888888",), number="A888"))
    assert eights == (5, 888, 0x41, 0xFFFF)
    shifted = modbus.write_request(a_sign("modbus", register_from=100), PAUSED)
    assert shifted == bytes.fromhex("10 0064 0004 08 0003 0000 0000 0532")


def test_the_same_request_is_framed_for_tcp_and_for_the_serial_line():
    pdu = bytes.fromhex("10 0001 0002 04 000A 0102")  # the example of the specification, 6.12
    assert modbus.tcp_frame(0x1501, 255, pdu) == bytes.fromhex("1501 0000 000B FF 10 0001 0002 04 000A 0102")
    assert modbus.rtu_frame(0x11, pdu) == bytes.fromhex("11 10 0001 0002 04 000A 0102 C6 F0")


@pytest.mark.parametrize(
    "number, digits, prefix",
    [("A001", 1, 0x41), ("Z999", 999, 0x5A), ("AB1000", 1000, 0x4142), ("", 0, 0)],
)
def test_a_number_is_its_digits_and_the_letters_of_its_prefix(number, digits, prefix):
    assert modbus.registers(Picture("number", (number,), number=number))[1:3] == (digits, prefix)
