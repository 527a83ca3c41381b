"""Every text stands in every language, with the same values to fill in."""

import re
import string

import pytest

from hall.texts import DEFAULT, FOLDER, best_language, catalogue, languages, say, text_in

DOMAINS = sorted(path.stem for path in (FOLDER / DEFAULT).glob("*.po"))
OTHERS = [language for language in languages() if language != DEFAULT]
PAIRS = [(language, domain) for language in OTHERS for domain in DOMAINS]


def own_keys(language: str, domain: str) -> set[str]:
    """The message ids a language's file gives a text, read without the catalogue's falling back to zh-CN."""
    text = (FOLDER / language / f"{domain}.po").read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n\s*\n", text) if re.search(r'msgstr(\[0\])? "[^"]', block)]
    return {found[1] for block in blocks if (found := re.search(r'^msgid "([^"]+)"', block, re.MULTILINE))}


def values_of(message: str | list[str]) -> list[set[str]]:
    forms = [message] if isinstance(message, str) else message
    return [{name for _, name, _, _ in string.Formatter().parse(form) if name is not None} for form in forms]


def test_there_are_texts_in_chinese_and_english() -> None:
    assert next(iter(languages())) == DEFAULT and "en" in languages()
    assert DOMAINS


@pytest.mark.parametrize("language, domain", PAIRS)
def test_a_language_has_every_text_and_no_other(language: str, domain: str) -> None:
    assert own_keys(language, domain) == set(catalogue(DEFAULT, domain))


@pytest.mark.parametrize("language, domain", PAIRS)
def test_a_text_takes_the_same_values_in_each_language(language: str, domain: str) -> None:
    chinese, other = catalogue(DEFAULT, domain), catalogue(language, domain)
    differing = {
        key: (values_of(chinese[key]), values_of(other[key]))
        for key in chinese
        if set().union(*values_of(chinese[key])) != set().union(*values_of(other[key]))
    }
    assert not differing


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_key_begins_with_its_domain(domain: str) -> None:
    assert not [key for key in catalogue(DEFAULT, domain) if not key.startswith(f"{domain}.")]


@pytest.mark.parametrize("language, domain", PAIRS)
def test_no_other_language_is_left_in_chinese(language: str, domain: str) -> None:
    allowed = {"中文", "English"}
    left = {
        key: form
        for key, message in catalogue(language, domain).items()
        for form in ([message] if isinstance(message, str) else message)
        if re.search("[\u4e00-\u9fff]", form) and form not in allowed
    }
    assert not left


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", list(languages()))
def test_every_text_can_be_filled(language: str, domain: str) -> None:
    for key, message in catalogue(language, domain).items():
        names = set().union(*values_of(message))
        text = say(language, key, **{"n": 2, **dict.fromkeys(names, 2)})
        assert "{" not in text


def test_the_language_asked_for_first_that_exists_is_taken() -> None:
    assert best_language(["fr", "en-GB", "en"]) == "en"
    assert best_language(["zh"]) == DEFAULT
    assert best_language(["fr"]) == DEFAULT
    assert best_language([]) == DEFAULT


def test_a_name_without_the_language_stands_in_chinese() -> None:
    assert text_in({"zh-CN": "税务", "en": "Tax"}, "en") == "Tax"
    assert text_in({"zh-CN": "税务"}, "en") == "税务"
