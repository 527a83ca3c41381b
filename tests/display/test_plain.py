"""The plain board: what stands in it, by the hall's time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from display.pages.plain import Moment, plain_page
from hall.layout import Hall
from hall.settings import load_settings
from tests.pages.relay import empty_board
from tests.parts import ROOT

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def hall() -> Hall:
    return load_settings(ROOT / "config.yaml", {}).halls[0]


def moment(**board: Any) -> Moment:
    here = hall()
    zone = {"id": "a", "name": "A", "floor": 1}
    line = {"open": True, "reason": None, "opens_at": None, "expected_wait": None, "windows_open": 1, "zones": [zone]}
    catalogue = {
        "hall": {"name": "<Hall>", "time_zone": "Asia/Shanghai"},
        "zones": [zone],
        "lines": [{**line, "id": one.id, "name": f"Line {one.id}"} for one in here.lines],
    }
    return Moment({**empty_board(here), "message": None, **board}, catalogue, NOW)


def call(ago: float, status: str = "called", number: str = "A001") -> dict[str, Any]:
    return {"number": number, "window": "w3", "status": status, "at": (NOW - timedelta(seconds=ago)).isoformat()}


def page(now: Moment) -> str:
    return plain_page("en", now)[0]


def test_calls_stand_as_long_as_on_the_board() -> None:
    calls = [call(5), call(8, "serving", "A002"), call(100, number="A003"), call(100, "serving", "A004")]
    shown = page(moment(calls=[*calls, call(200, number="A005")]))
    assert [number for number in ("A001", "A002", "A003", "A004", "A005") if number in shown] == [
        "A001",
        "A002",
        "A003",
    ]
    assert shown.count('class="call fresh"') == 2 and "09:00:00" in shown


def test_a_long_list_of_lines_takes_turns() -> None:
    first = moment()
    later = Moment(first.board, first.catalogue, NOW + timedelta(seconds=9))
    seen = {line["id"] for line in first.catalogue["lines"] if f"Line {line['id']}<" in page(first) + page(later)}
    assert seen == {line["id"] for line in first.catalogue["lines"]}
    assert page(first).count('scope="row"') == 8


def test_names_are_text_and_a_message_is_over_at_its_time() -> None:
    assert "&lt;Hall&gt;" in page(moment())
    message = {"text": {"zh-CN": "电梯维修"}, "until": (NOW + timedelta(seconds=1)).isoformat()}
    assert "电梯维修" in page(moment(message=message)), "in the language there is"
    assert "电梯维修" not in page(moment(message={**message, "until": NOW.isoformat().replace("T01", "T00")}))
