"""Every word the window client says stands in both languages."""

import re

import pytest

from caller.pages import FOLDER
from hall.texts import FOLDER as TEXTS
from hall.texts import catalogue

SOURCES = [*FOLDER.glob("*.js"), *FOLDER.parent.glob("*.py")]
NAMED = re.compile(r"""(?:"caller\.|self\.t\(")([a-z0-9_]+)[",]""")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_message_named_in_the_client_has_a_text(language: str) -> None:
    named = {name for source in SOURCES for name in NAMED.findall(source.read_text(encoding="utf-8"))}
    assert len(named) > 60
    assert [name for name in sorted(named) if f"caller.{name}" not in catalogue(language, "caller")] == []


def test_english_lacks_no_message_and_has_no_other() -> None:
    keys = [set(re.findall(r'^msgid "(.+)"', (TEXTS / code / "caller.po").read_text(encoding="utf-8"), re.M))
            for code in ("zh-CN", "en")]  # fmt: skip
    assert keys[0] == keys[1]


def test_both_languages_fill_the_same_values() -> None:
    def values(language: str) -> dict[str, set[str]]:
        return {
            key: set(re.findall(r"\{(\w+)\}", "".join(text))) for key, text in catalogue(language, "caller").items()
        }

    assert values("zh-CN") == values("en")
