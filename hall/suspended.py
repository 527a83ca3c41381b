"""A line that gives no numbers for now, in words: why, and from when it does again."""

from datetime import datetime
from zoneinfo import ZoneInfo

from hall.texts import catalogue, say

REASONS = ("system", "network", "equipment", "staff")
"""The codes of the hall's own list; any other reason is text and said as it stands."""


def reason_words(language: str, reason: str) -> str:
    return str(catalogue(language, "server").get(f"server.suspended_{reason}", reason)) if reason in REASONS else reason


def until_text(until: datetime, now: datetime, zone: ZoneInfo) -> str:
    """13:30; on another day 11-24 13:30."""
    local = until.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%m-%d %H:%M}"


def suspended_words(language: str, reason: str, at: str) -> str:
    """该业务暂停取号：系统故障，13:30恢复; `at` as `until_text` says it."""
    return say(language, "errors.line_suspended", reason=reason_words(language, reason), at=at)
