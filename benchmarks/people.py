"""How the speed of the people engine depends on the number of persons and threads: a table and JSON.

Each line is measured several times and in turn with the others, so that other work on the machine falls on all of
them; the best and the median of all measured years are told.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
from pathlib import Path
from typing import Any

from demo_sim.bench import THREADS, Speed, machine, people_speed

SIZES = (1e5, 3e5, 1e6, 3e6, 1e7)


def measure(sizes: list[float], repeats: int) -> list[dict[str, Any]]:
    """Best and median of the repeats of every size and number of threads."""
    cases = [(size, threads) for size in sizes for threads in THREADS]
    found: dict[tuple[float, int], list[Speed]] = {case: [] for case in cases}
    for _ in range(repeats):
        for case in cases:
            found[case].append(people_speed(*case))
    return [
        {
            "persons": round(size),
            "threads": threads,
            "best": max(speed.best for speed in speeds),
            "median": statistics.median(speed.median for speed in speeds),
            "event_share": speeds[0].event_share,
            "bytes_per_person": speeds[0].bytes_per_person,
        }
        for (size, threads), speeds in found.items()
    ]


def main() -> None:
    """Print the table; with --out also write JSON."""
    parser = argparse.ArgumentParser(description="person-years a second of the people engine")
    parser.add_argument("--size", type=float, action="append", help="persons, may be repeated [1e5 to 1e7]")
    parser.add_argument("--repeats", type=int, default=3, help="turns of all sizes [3]")
    parser.add_argument("--out", type=Path, help="JSON file")
    arguments = parser.parse_args()
    rows = measure(arguments.size or list(SIZES), arguments.repeats)
    alone = {row["persons"]: row for row in rows if row["threads"] == 1}
    print("| persons | threads | M person-years/s, best | median | over one thread, best | with an event | bytes |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        ratio = row["best"] / alone[row["persons"]]["best"]
        print(
            f"| {row['persons']:,} | {row['threads']} | {row['best'] / 1e6:.1f} | {row['median'] / 1e6:.1f} "
            f"| {ratio:.2f} | {100 * row['event_share']:.1f} % | {row['bytes_per_person']:.1f} |"
        )
    if arguments.out is not None:
        aside = arguments.out.with_name(arguments.out.name + ".partial")
        text = json.dumps({"machine": machine(), "people": rows}, indent=2) + "\n"
        aside.write_text(text, encoding="utf-8")
        os.replace(aside, arguments.out)


if __name__ == "__main__":
    main()
