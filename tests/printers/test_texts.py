"""Both languages say everything paper has to say, and no message that is not used."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
DYNAMIC = re.compile(r"printers\.(reason|warning|paper|kind)_")


def messages(language: str) -> dict[str, list[str]]:
    with (ROOT / "hall" / "texts" / language / "printers.po").open("rb") as file:
        found = list(read_po(file, locale=language.replace("-", "_")))
    ids = [one.id[0] if isinstance(one.id, tuple) else one.id for one in found if one.id]
    assert len(ids) == len(set(ids))
    texts = [list(one.string) if isinstance(one.string, tuple) else [one.string] for one in found if one.id]
    return dict(zip(ids, texts, strict=True))


def test_both_languages_have_the_same_messages_and_none_is_empty() -> None:
    chinese, english = messages("zh-CN"), messages("en")
    assert chinese.keys() == english.keys()
    assert all(all(forms) for forms in [*chinese.values(), *english.values()])


def test_both_languages_fill_in_the_same_values() -> None:
    chinese, english = messages("zh-CN"), messages("en")
    for key, forms in chinese.items():
        values = {value for form in forms for value in re.findall(r"\{(\w+)\}", form)}
        assert values == {value for form in english[key] for value in re.findall(r"\{(\w+)\}", form)}, key


def test_every_key_in_the_code_has_a_message_and_every_message_is_used() -> None:
    files = [*(ROOT / "printers").rglob("*.py"), *(ROOT / "printers").rglob("*.js")]
    code = "\n".join(file.read_text("utf-8") for file in files)
    used = set(re.findall(r"[\"'`](printers\.[a-z_]+)[\"'`]", code)) - {f"printers.{file.stem}" for file in files}
    known = set(messages("zh-CN"))
    assert used <= known
    assert {key for key in known - used if not DYNAMIC.match(key)} == set()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_reason_a_job_can_fail_for_has_words(language: str) -> None:
    from typing import get_args

    from printers.device import Reason
    from printers.slip import KINDS

    known = messages(language)
    assert all(f"printers.reason_{reason}" in known for reason in get_args(Reason))
    assert all(f"printers.kind_{kind}" in known for kind in KINDS)
