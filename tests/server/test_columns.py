"""The catalogue's parts as rows of cells: every setting has its column, and what is written is read back as it was."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask_openapi3 import OpenAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from hall.layout import PARTS
from hall.layout.parts import Matter
from hall.texts import languages
from hall.values import Part
from server.app import create_app
from server.files.answers import csv_answer, xlsx_answer
from server.files.cells import Named
from server.files.columns import as_table, column_named, columns_of, flat, settings_of, whole
from server.files.imports import parts_from_rows
from server.files.uploads import read_table
from server.layout.kept import Layout, hall_layout
from tests.server.test_audit import own_store
from tests.server.test_files import body
from tests.server.trial import SetClock, Trial

NAMED: Named = {
    "units": {"tax": "tax", "市税务局": "tax"},
    "lines": {"tax": "tax", "税务": "tax", "social": "social", "Water, power": "utilities"},
}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    store = own_store("sqlite", tmp_path_factory.mktemp("columns"))
    yield Trial.found(store, SetClock())
    store.engine.dispose()


@pytest.fixture(scope="module")
def app(trial: Trial) -> OpenAPI:
    return create_app(trial.store, secret_key="for tests", always_open=True, public_url=None)


@pytest.fixture(scope="module")
def layout(trial: Trial) -> Layout:
    found = trial.store.read(partial(hall_layout, hall=trial.hall))
    assert found is not None
    return found


@pytest.mark.parametrize("part", PARTS)
def test_each_column_has_a_word_of_its_own_in_each_language(part: str) -> None:
    for language in languages():
        words = [column.word(language) for column in columns_of(part)]
        assert len({word.casefold() for word in words}) == len(words)
        assert not any(separator in word for word in words for separator in ",;\t\n")
        assert [column_named(part, f" {word.upper()} ") for word in words] == columns_of(part)
    assert [column_named(part, column.code) for column in columns_of(part)] == columns_of(part)


def test_a_header_without_a_language_is_in_chinese_and_any_other_language_may_stand_there() -> None:
    for header in ("name", "名称", "Name", "名称（中文）", "名称(中文)", "NAME.zh-CN"):
        found = column_named("units", header)
        assert found is not None and found.path == ("name", "zh-CN")
    french = column_named("matters", "guide.fee.fr")
    assert french is not None and french.path == ("guide", "fee", "fr") and french.word("en") == french.code
    assert column_named("units", "floor") is None and column_named("units", "name.中文") is None


KINDS = {setting.path[-1]: setting.kind for part in PARTS for setting in settings_of(part)}


@pytest.mark.parametrize(
    "name, text, value",
    [
        ("prefix", "Ｈ", "H"),
        ("floor", "-1.0", "-1"),
        ("common", "是", True),
        ("common", "FALSE", False),
        ("kind", "垂直管理", "vertical"),
        ("kind", "Dual", "dual"),
        ("from_day", "2026/1/5", "2026-01-05"),
        ("from_day", "2026年12月31日", "2026-12-31"),
        ("issuing", "08:00–11:30；13:00至16:00", ["08:00-11:30", "13:00-16:00"]),
        ("slot_quotas", "08:00-11:30：70、13:00-16:00 = 5", [
            {"span": "08:00-11:30", "numbers": 70}, {"span": "13:00-16:00", "numbers": 5}]),
        ("unit", " 市税务局", "tax"),
        ("lines", "税务：1，Water, power: 2", {"tax": 1, "utilities": 2}),
        ("papers", "身份证\r\n 户口簿\n", ["身份证", "户口簿"]),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_people_write_it(name: str, text: str, value: Any) -> None:
    kinds = {**KINDS, "lines": next(one.kind for one in settings_of("windows") if one.path == ("lines",))}
    assert kinds[name].read(text, NAMED) == value


@pytest.mark.parametrize(
    "name, text",
    [
        ("common", "maybe"),
        ("kind", "central"),
        ("from_day", "20261231"),
        ("from_day", "2026-02-30"),
        ("unit", "税务局"),
        ("slot_quotas", "08:00-11:30"),
        ("lines", "tax"),
        ("lines", "tax:1 social:2"),
        ("lines", "tax:1, tax:2"),
        ("lines", "nobody:1"),
    ],
)
def test_a_cell_that_means_nothing_is_told_what_it_should_be_in_each_language(name: str, text: str) -> None:
    kinds = {**KINDS, "lines": next(one.kind for one in settings_of("windows") if one.path == ("lines",))}
    with pytest.raises((ValueError, KeyError)):
        kinds[name].read(text, NAMED)
    assert len({kinds[name].expects(language) for language in languages()}) == len(languages())


texts = st.one_of(
    st.sampled_from(["=1+1", "'=x", "'", " 两端有空 ", "-2", "0012", "Water, power; gas", "TRUE", "_x0041_", '"引"']),
    st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=12),
)
names = st.fixed_dictionaries({"zh-CN": texts}, optional={"en": texts, "fr": texts})
long_names = st.fixed_dictionaries({"zh-CN": st.one_of(texts, st.just("一\r\n二\n三"))}, optional={"en": texts})
guides = st.fixed_dictionaries({}, optional={"fee": long_names, "basis": long_names, "complaints": st.none()})
matters = st.fixed_dictionaries(
    {
        "name": names,
        "papers": st.lists(names, max_size=4),
        "route": st.one_of(st.none(), st.fixed_dictionaries({"lines": st.just(["fund", "left"])}, optional={
            "any_order": st.booleans()})),
        "guide": st.one_of(st.none(), guides),
        "entry": st.sampled_from(["in_hall", "exempt", "pending"]),
    }
)  # fmt: skip


@settings(max_examples=15)
@given(made=st.lists(matters, min_size=1, max_size=3), language=st.sampled_from(list(languages())))
def test_whatever_a_matter_says_its_export_is_the_same_when_it_comes_back(
    app: OpenAPI, layout: Layout, made: list[dict[str, Any]], language: str
) -> None:
    fixed = {"unit": "u", "category": "licence", "line": "tax"}
    there: list[Part] = [Matter.model_validate({"id": f"m-{n}", **fixed, **one}) for n, one in enumerate(made)]
    values = [one.model_dump(mode="json") for one in there]
    held = replace(layout, parts={**layout.parts, "matters": there})
    with app.test_request_context():
        for answer, reader in ((csv_answer, "zh-CN"), (csv_answer, "en"), (xlsx_answer, "en")):
            rows = read_table(body(answer("matters", *as_table("matters", values, language))))
            ones, mistakes = parts_from_rows("matters", rows, held, reader)
            assert (mistakes, list(ones.values())) == ([], there)


def test_every_setting_of_every_part_stands_in_a_column() -> None:
    line = {
        "id": "a", "name": {"zh-CN": "甲", "fr": "A"}, "prefix": "A", "common": True, "issuing": ["08:00-09:00"],
        "daily_quota": 3, "identity": "card", "agent_limit": 2, "remote_share": 5, "capacity_quota": 9,
        "batch_limit": 4,
        "booking": {"slot_minutes": 20, "capacity": 2, "days_ahead": 3},
        "slot_quotas": [{"span": "08:00-09:00", "numbers": 2}],
    }  # fmt: skip
    station = {"id": "s", "clerk": "3021", "unit": "u", "window": "w", "from_day": "2026-01-01", "to_day": "2026-02-01"}
    for part, value in (("lines", line), ("assignments", station)):
        assert {path[0] for path in flat(part, value)} == set(PARTS[part].model_fields)
        assert PARTS[part].model_validate(whole(part, flat(part, value))).model_dump(mode="json") == value
    for part, model in PARTS.items():
        assert {setting.path[0] for setting in settings_of(part)} == set(model.model_fields)
