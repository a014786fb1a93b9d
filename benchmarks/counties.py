"""Time full runs of 60 counties one after the other: the five smallest, the five largest, and 50 spread over the codes.

Needs about six minutes and a folder (`--out`) that may be removed afterwards; ends with exit code 1 where a run fails.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from demo_sim.errors import DemoSimError
from demo_sim.execution.helpers import Helpers
from demo_sim.execution.limits import processes
from demo_sim.places.census import counted
from demo_sim.places.finding import Place, places
from demo_sim.running import HELPER_MODULES, How, run_command
from demo_sim.scenario import load

SPREAD, ENDS = 50, 5


def residents(place: Place) -> int:
    """Counted in 2020."""
    return sum(sum(cells) for cells in (counted(place.code, 2020) or {}).values())


def chosen() -> list[Place]:
    """The counties, by code."""
    counties = [place for place in places().values() if place.level == "county" and residents(place)]
    by_size = sorted(counties, key=lambda place: (residents(place), place.code))
    ends = {place.code for place in by_size[:ENDS] + by_size[-ENDS:]}
    rest = sorted((place for place in counties if place.code not in ends), key=lambda place: place.code)
    spread = {rest[round(i * (len(rest) - 1) / (SPREAD - 1))].code for i in range(SPREAD)}
    return [place for place in counties if place.code in ends | spread]


def main() -> None:
    """Print each county's people and seconds, then median and longest without the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("results/counties"))
    out = parser.parse_args().out
    seconds, failed = [], []
    with Helpers(processes(None) - 1, HELPER_MODULES) as helpers:
        for place in chosen():
            begun = time.perf_counter()
            try:
                run_command(load(place.code), [], out / place.code, How(overwrite=True, quiet=True), helpers)
            except DemoSimError as error:
                failed.append(place.code)
                print(f"{place.code} {place.name}: {error}")
                continue
            seconds.append(time.perf_counter() - begun)
            print(f"{place.code} {residents(place):>10,} {seconds[-1]:5.2f} s  {place.name}", flush=True)
    rest = seconds[1:]
    print(f"{len(seconds)} runs, {len(failed)} failed; first {seconds[0]:.1f} s, the others median ", end="")
    print(f"{statistics.median(rest):.2f} s, longest {max(rest):.2f} s")
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
