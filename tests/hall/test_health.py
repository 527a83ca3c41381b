"""What can be wrong with a device has words and a remedy in every language."""

import pytest

from hall.health import CODES, Condition
from hall.texts import catalogue, languages


@pytest.mark.parametrize("language", languages())
def test_every_code_has_words_and_a_remedy(language: str) -> None:
    wanted = {
        f"devices.{part}.{code}{end}" for part, codes in CODES.items() for code in codes for end in ("", ".remedy")
    }
    assert wanted | {f"devices.{part}" for part in CODES} <= catalogue(language, "devices").keys()


def test_a_condition_takes_only_known_codes() -> None:
    assert Condition("printer", "warning", "near_end").as_json()["code"] == "near_end"
    with pytest.raises(ValueError, match="printer: on_fire"):
        Condition("printer", "fault", "on_fire")
