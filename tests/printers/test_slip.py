"""What a slip says: only what is true, in the hall's own time and the visitor's language."""

from dataclasses import replace

import pytest

from printers.slip import Box, Code, Rule, Slip, Text, slip_from, windows_text
from printers.template import lines_of
from tests.printers.samples import CATALOGUE, CHINESE, ENGLISH, TICKET, TRACK


def texts(slip: Slip) -> list[str]:
    """Every text of the slip, in order."""
    found: list[str] = []
    for piece in lines_of(slip):
        for text in piece.texts if isinstance(piece, Box) else [piece]:
            found += text.parts if isinstance(text, Text) else []
    return found


def test_a_slip_is_made_of_a_ticket_and_the_catalogue_in_the_halls_own_time() -> None:
    slip = slip_from(TICKET, CATALOGUE, "zh-CN")
    assert texts(slip) == [
        "滨江市政务服务中心",
        "社会保险",
        "A023",
        "前面还有5人",
        "预计等候15–25分钟",
        "请到一楼A区等候",
        "办理窗口：3、4号",
        "2026-11-23 09:42",
        "当日有效",
    ]


def test_a_line_that_is_not_true_is_left_out() -> None:
    bare = slip_from(
        TICKET | {"ahead": None, "expected_wait": None, "windows": []},
        CATALOGUE | {"lines": [{"id": "social", "name": "社会保险", "zones": []}]},
        "zh-CN",
    )
    assert texts(bare) == ["滨江市政务服务中心", "社会保险", "A023", "2026-11-23 09:42", "当日有效"]
    assert not [piece for piece in lines_of(bare) if isinstance(piece, Box | Rule | Code)]


def test_there_is_a_code_only_with_an_address_to_follow() -> None:
    without, with_one = slip_from(TICKET, CATALOGUE, "zh-CN"), TICKET | {"track_url": TRACK}
    assert not [piece for piece in lines_of(without) if isinstance(piece, Code)]
    pieces = lines_of(slip_from(with_one, CATALOGUE, "zh-CN"))
    assert Code(TRACK) in pieces
    assert pieces[-1] == Text(("扫码看进度（也可看大屏、听广播）",), "small")


def test_the_missed_number_rule_stands_there_only_when_the_hall_keeps_it() -> None:
    assert slip_from(TICKET, CATALOGUE, "zh-CN").missed_rule is None
    keeping = CATALOGUE | {"rules": {"reinstate_policy": "tail", "reinstate_within_minutes": 20}}
    never = CATALOGUE | {"rules": {"reinstate_policy": "expire", "reinstate_within_minutes": 20}}
    assert slip_from(TICKET, never, "zh-CN").missed_rule is None
    rule = slip_from(TICKET | {"track_url": TRACK}, keeping, "zh-CN").missed_rule
    assert rule == "过号请在20分钟内凭此小票到取号机或导办台恢复一次"


def test_a_slip_without_a_code_sends_nobody_to_a_kiosk_that_could_not_read_it() -> None:
    keeping = CATALOGUE | {"rules": {"reinstate_policy": "interleave", "reinstate_within_minutes": 30}}
    assert slip_from(TICKET, keeping, "zh-CN").missed_rule == "过号请在30分钟内凭此小票到导办台恢复一次"
    english = slip_from(TICKET, keeping, "en").missed_rule
    assert english == "If you miss your number, bring this slip to the guide desk within 30 minutes (once)."


def test_a_slip_tells_the_slot_the_pieces_the_same_persons_numbers_and_the_way_on() -> None:
    lines = [*CATALOGUE["lines"], {"id": "tax", "name": "税务", "zones": []}]
    more = {
        "booked": {"starts": "09:30", "ends": "10:00"},
        "count": 3,
        "linked": ["B012"],
        "route": [{"line": "tax"}, {"window": "w1"}],
    }
    said = texts(slip_from(TICKET | more, CATALOGUE | {"lines": lines}, "zh-CN"))
    assert said[7:11] == [
        "预约时段：09:30–10:00",
        "本号办理3件",
        "同一人：B012",
        "接着办：税务（同一号码，不用再取号）",
    ]


@pytest.mark.parametrize(
    ("classes", "rules", "note"),
    [
        (["ordinary"], {}, None),
        (["ordinary", "priority"], {}, "优先的号码穿插办理，叫号可能不按号码顺序"),
        (
            ["ordinary", "booked", "priority"],
            {"reinstate_policy": "interleave", "reinstate_within_minutes": 30},
            "优先、预约和过号恢复的号码穿插办理，叫号可能不按号码顺序",
        ),
        (["ordinary", "priority"], {"order": {"preset": "first_come", "weights": None}}, None),
        (
            ["ordinary", "priority"],
            {"order": {"preset": "first_come"}, "reinstate_policy": "after_n", "reinstate_within_minutes": 30},
            "过号恢复的号码穿插办理，叫号可能不按号码顺序",
        ),
    ],
)
def test_the_order_note_names_only_the_kinds_this_hall_has(
    classes: list[str], rules: dict[str, object], note: str | None
) -> None:
    catalogue = CATALOGUE | {"classes": [{"id": one, "name": one} for one in classes], "rules": rules}
    assert slip_from(TICKET, catalogue, "zh-CN").order_note == note


@pytest.mark.parametrize(
    ("names", "chinese", "english"),
    [
        (["3"], "3号", "3"),
        (["5", "3", "4"], "3、4、5号", "3, 4, 5"),
        ([str(one) for one in range(1, 9)], "1–8号", "1–8"),
        (["1", "2", "3", "4", "7", "9", "10"], "1–4、7、9、10号", "1–4, 7, 9, 10"),
        (["A1", "A2", "A3", "A4", "201"], "201、A1–A4号", "201, A1–A4"),
        (["咨询台"], "咨询台", "咨询台"),
        (["9", "10", "11", "12", "08"], "9–12、08号", "9–12, 08"),
        (["3", "3"], "3号", "3"),
    ],
)
def test_windows_are_named_as_their_signs_say(names: list[str], chinese: str, english: str) -> None:
    assert sorted(windows_text(names, "zh-CN")) == sorted(chinese)
    assert sorted(windows_text(names, "en")) == sorted(english)


def test_a_range_never_names_a_window_that_does_not_serve() -> None:
    assert windows_text(["1", "2", "4", "5"], "zh-CN") == "1、2、4、5号"


def test_windows_in_two_zones_name_both_places() -> None:
    two = [{"id": "w3", "name": "3", "zone": "a"}, {"id": "w12", "name": "12", "zone": "b"}]
    assert "请到一楼A区或二楼B区等候" in texts(slip_from(TICKET | {"windows": two}, CATALOGUE, "zh-CN"))


def test_nobody_ahead_and_no_time_to_wait_are_said_in_words() -> None:
    said = texts(replace(CHINESE, ahead=0, expected_wait=(0, 0)))
    assert {"前面没有人等候", "预计很快叫号"} <= set(said)
    assert "预计等候约5分钟" in texts(replace(CHINESE, expected_wait=(5, 5)))


def test_one_person_ahead_is_not_people_in_english() -> None:
    assert "1 person ahead of you" in texts(replace(ENGLISH, ahead=1))
    assert "5 people ahead of you" in texts(ENGLISH)
    assert "Window 3" in texts(replace(ENGLISH, windows=("3",)))


def test_a_reprint_says_so_first() -> None:
    assert texts(slip_from(TICKET, CATALOGUE, "zh-CN", reprint=True))[0] == "补打"
    assert "补打" not in texts(CHINESE)


def test_an_offline_slip_says_that_it_is_valid() -> None:
    assert any("同样有效" in one for one in texts(slip_from(TICKET | {"offline": True}, CATALOGUE, "zh-CN")))


def test_a_kiosk_that_knows_no_catalogue_still_prints_the_number() -> None:
    said = texts(slip_from(TICKET, {}, "zh-CN"))
    assert said[0] == "A023"
    assert "" not in said
