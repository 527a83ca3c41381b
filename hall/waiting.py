"""How long a visitor may wait: a plain estimate from the people ahead and the windows' own pace today."""

LEAST_SERVED = 3
"""Fewer services than this say nothing about today's pace."""


def expected_wait(ahead: int, windows_open: int, served: int, service_seconds: int) -> dict[str, int] | None:
    """{low, likely, high} in minutes, or None when nothing true can be said.

    likely = ahead x mean service / windows; the range spans what half an hour of queueing commonly strays.
    """
    if windows_open == 0 or served < LEAST_SERVED:
        return None
    likely = ahead * service_seconds / served / windows_open / 60
    return {
        "low": int(likely * 0.75),
        "likely": round(likely),
        "high": int(likely * 1.35) + (1 if ahead else 0),
    }
