"""How loudspeaker and voice are, from what was really played: for the server, the device page and the self-check."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from display.load import OLDEST_SECONDS
from display.sound import WORDS, Way
from display.speaker import Speaker
from display.voice import Voice
from hall.health import Condition

HEARD = ("spoken", "chime_only", "playing")


def speaker_condition(speaker: Speaker, way: Way, now: datetime) -> Condition:
    rows = list(speaker.log)
    facts = {"way": way, "waiting": speaker.waiting, "share": round(speaker.load.share(now), 2), **figures(rows)}
    told = [one for one in rows if one["result"] in (*HEARD, "not_heard", "too_old")]
    last: dict[str, Any] = told[-1] if told else {"result": ""}
    if way == "none":
        return Condition("speaker", "fault", "no_way", detail=WORDS["none"], facts=facts)
    if last["result"] == "not_heard":
        return Condition("speaker", "fault", "not_heard", detail=str(last.get("why", "")), facts=facts)
    if last["result"] == "too_old" or last.get("age_seconds", 0.0) > OLDEST_SECONDS:
        return Condition("speaker", "warning", "lagging", facts=facts)
    return Condition("speaker", "ok", facts=facts)


def voice_condition(voice: Voice, stems: bool, natural: Voice | None = None) -> Condition:
    """`stems`: whether any call can be put together without the engine."""
    facts = {"starts": voice.starts, "stems": "ready" if stems else "not ready"}
    if voice.error:
        return Condition("voice", "warning" if stems else "fault", "engine_dead", detail=voice.error, facts=facts)
    if natural and natural.error:
        return Condition("voice", "warning", "natural_missing", detail=natural.error, facts=facts)
    return Condition("voice", "ok" if voice.pid else "unknown", facts=facts)


def figures(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of the last calls: how many were heard, and how long after they were made. `press_to_sound_…` is of those that
    found the loudspeaker free, `lag_seconds_p95` of all."""
    heard = [one for one in rows if one["result"] in HEARD and one["ticket"] and one["started_at"] and one["number"]]
    free = [one["age_seconds"] for one in heard if one["found_free"]]
    unheard = sum(one["result"] in ("not_heard", "too_old") for one in rows)
    found: dict[str, Any] = {"heard": len(heard), "unheard": unheard}
    if heard:
        found |= {"last_number": heard[-1]["number"], "last_at": heard[-1]["started_at"]}
        found["lag_seconds_p95"] = round(percentile([one["age_seconds"] for one in heard], 95), 1)
    for share in (50, 95) if free else ():
        found[f"press_to_sound_ms_p{share}"] = round(percentile(free, share) * 1000)
    return found


def percentile(values: Sequence[float], share: int) -> float:
    """The value that so many of a hundred do not pass."""
    return sorted(values)[max(0, -(-len(values) * share // 100) - 1)]
