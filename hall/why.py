"""Why others went first, as a visitor may know it: how many, and which kinds only where nobody can be guessed."""

from collections.abc import Mapping

from hall.texts import say

LEAST_KINDS = 3
"""Fewer than this are never told apart: two people in a room know each other (HALL.md, dignity)."""
KINDS = ("booked", "priority", "reinstated")
"""Whom the rule lets go first; every other kind is `other`."""


def counted(kinds: Mapping[str, int]) -> dict[str, int]:
    """{kind: how many} in a fixed order, without what is nought, everything unnamed as `other`."""
    told = {kind: kinds.get(kind, 0) for kind in KINDS}
    told["other"] = sum(kinds.values()) - sum(told.values())
    return {kind: count for kind, count in told.items() if count}


def shown_kinds(kinds: Mapping[str, int]) -> dict[str, int] | None:
    """The kinds as a visitor may see them; None below three."""
    return counted(kinds) if sum(kinds.values()) >= LEAST_KINDS else None


def why_words(kinds: Mapping[str, int], language: str) -> str:
    """3 went before you: 2 booked, 1 reinstated. Below three: 按规定优先办理 1 位, without a kind."""
    total, shown = sum(kinds.values()), shown_kinds(kinds)
    if shown is None:
        return say(language, "phone.why_some" if total else "phone.why_nobody", n=total)
    parts = [say(language, f"phone.why_{kind}", n=count) for kind, count in shown.items()]
    return say(language, "phone.why_kinds", n=total, kinds=say(language, "phone.comma").join(parts))
