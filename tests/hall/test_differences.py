"""What differs between two layouts, as it is journalled and read; and every word of a mistake in both languages."""

import re
from typing import Any

from hall.differences import differences
from hall.expected import expected_in
from hall.layout import Hall
from tests.parts import ROOT
from tests.server.trial import layout


def other(**parts: Any) -> Hall:
    before = layout("h").model_dump(mode="json")
    return Hall.model_validate({**before, **parts})


def told(after: Hall, closed: dict[str, set[str]] | None = None) -> list[tuple[str, str, str]]:
    return [(one.part, one.id, one.kind) for one in differences(layout("h"), after, closed or {})]


def test_the_same_layout_has_no_differences() -> None:
    assert told(layout("h")) == []


def test_each_kind_of_change_is_told_once() -> None:
    lines = layout("h").model_dump(mode="json")["lines"]
    changed = {**lines[2], "daily_quota": 9}
    new = {"id": "health", "name": "卫生", "prefix": "H"}
    after = other(lines=[lines[1], lines[0], changed, *lines[3:], new], issuing=["08:00-12:00"])
    assert told(after) == [
        ("settings", "h", "changed"),
        ("lines", "fund", "changed"),
        ("lines", "health", "added"),
        ("lines", "", "reordered"),
    ]
    assert told(after, {"lines": {"health"}})[2] == ("lines", "health", "reopened")
    (fund,) = [one for one in differences(layout("h"), after, {}) if one.id == "fund"]
    assert fund.fields == {"daily_quota": [3, 9]}


def test_what_is_left_out_is_closed() -> None:
    units = [*layout("h").model_dump(mode="json")["units"], {"id": "v", "name": "海关"}]
    assert [(one.id, one.kind) for one in differences(other(units=units), layout("h"), {})] == [("v", "closed")]


def test_what_a_value_should_be_is_said_in_both_languages() -> None:
    files = [ROOT / "hall/values.py", *(ROOT / "hall/layout").glob("*.py")]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    said = re.findall(r"""(?:expected|wrong)\((["'])(.+?)\1\)""", source)
    assert len(said) > 25
    for _, words in [
        *said,
        ("", "one of a, b"),
        ("", "one of its own; lines.0 has it"),
        ("", "a day from 2026-11-02 on"),
    ]:
        chinese, english = (expected_in(language, words) for language in ("zh-CN", "en"))
        assert re.search(r"[\u4e00-\u9fff]", chinese), words
        assert "{" not in chinese + english
        assert not re.search(r"[\u4e00-\u9fff]", english), words
