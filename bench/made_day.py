"""Makes bench/made-day.csv, a small believable day of a hall (python -m bench.made_day).

Five kinds of matter and five windows, 09:00 to 16:30 with a crowded morning; arrivals by thinning, services
log-normal, each window serves its kinds first come first served with priority first, some lose patience.
"""

import csv
import heapq
import random
from pathlib import Path

FILE = Path(__file__).parent / "made-day.csv"
SEED = 20261123
DATE = "2026-11-23"
OPENS, CLOSES = 9 * 3600, 16.5 * 3600
# Arrivals an hour from 09:00 on; kinds with their share and mean service in seconds.
PER_HOUR = [26, 34, 24, 10, 20, 24, 18, 8]
KINDS = {"SI": (0.34, 420), "TX": (0.22, 360), "HF": (0.18, 480), "ID": (0.16, 300), "BR": (0.10, 660)}
WINDOWS = {
    "W01": ["SI", "TX", "HF", "ID", "BR"],
    "W02": ["SI", "HF"],
    "W03": ["SI", "TX"],
    "W04": ["TX", "BR"],
    "W05": ["ID"],
}
PATIENCE_MEAN = 2400
Row = dict[str, str | int]


def write(path: Path) -> int:
    """Writes the day; how many arrivals it has. The same bytes every time."""
    rows = serve(arrivals(random.Random(SEED)), random.Random(SEED + 1))
    columns = ["date", "class", "priority", "arrive_s", "queue_s", "outcome", "start_s", "end_s", "window"]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: row["arrive_s"]))
    return len(rows)


def arrivals(chance: random.Random) -> list[Row]:
    made: list[Row] = []
    at, most = float(OPENS), max(PER_HOUR)
    while True:
        at += chance.expovariate(most / 3600)
        if at >= CLOSES:
            return made
        if chance.random() < PER_HOUR[int((at - OPENS) // 3600)] / most:
            kind = chance.choices(list(KINDS), [share for share, _ in KINDS.values()])[0]
            priority = chance.choices([0, 1, 2], [0.72, 0.18, 0.10])[0]
            made.append({"date": DATE, "class": kind, "priority": priority, "arrive_s": int(at)})


def serve(waiting: list[Row], chance: random.Random) -> list[Row]:
    """Each free window takes the best of its kinds, priority first; who waits past his patience has left."""
    patience = {id(row): chance.expovariate(1 / PATIENCE_MEAN) for row in waiting}
    free = [(float(OPENS), name) for name in WINDOWS]
    heapq.heapify(free)
    done: list[Row] = []
    while free:
        now, window = heapq.heappop(free)
        here = [row for row in waiting if row["class"] in WINDOWS[window] and int(row["arrive_s"]) <= now]
        for row in [row for row in here if now - int(row["arrive_s"]) > patience[id(row)]]:
            waiting.remove(row)
            here.remove(row)
            done.append(left(row, int(patience[id(row)])))
        if here:
            row = min(here, key=lambda one: (one["priority"] != 2, one["arrive_s"]))
            waiting.remove(row)
            end = now + service(str(row["class"]), chance)
            done.append(taken(row, int(now), int(end), window))
            heapq.heappush(free, (end, window))
        elif coming := [int(row["arrive_s"]) for row in waiting if row["class"] in WINDOWS[window]]:
            heapq.heappush(free, (float(max(min(coming), now + 1)), window))
    return done


def service(kind: str, chance: random.Random) -> float:
    return max(40.0, chance.lognormvariate(0, 0.6) * KINDS[kind][1] * 1.1)


def left(row: Row, queued: int) -> Row:
    return {**row, "queue_s": queued, "outcome": "HANG", "start_s": "", "end_s": "", "window": ""}


def taken(row: Row, start: int, end: int, window: str) -> Row:
    queued = start - int(row["arrive_s"])
    return {**row, "queue_s": queued, "outcome": "AGENT", "start_s": start, "end_s": end, "window": window}


if __name__ == "__main__":
    print(f"{FILE.name}: {write(FILE)} arrivals")
