"""Where the kin of Hunan's people live, by broad age and residence, as the years go by.

    python calibration/hunan/kin_places.py [--scale 100] [--set KEY=VALUE ...] [--groups]

Counts links between persons, not groups of the catalogue: couples in one place or two, children below 18 by where
father and mother live and by whether they do, and with both out by whether a grandmother is in their place; older
people by whom they have. A relation of the base year that moves in the first year by more than its rates explain is a
fault of one of the two; `tests/statistical/test_first_year.py` looks for such. Replicates at stated values;
`--groups` prints the groups by relatives of a whole run, too, in whose 2020 the figures they are fitted to stand.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import demo_sim as ds
from demo_sim.block.persons import follow_persons
from demo_sim.engine.ensemble import Ensemble
from demo_sim.engine.persons import Persons
from demo_sim.engine.size import REPLICATES, Size
from demo_sim.inputs.build import build_inputs
from demo_sim.kernels.columns import LEVELS, columns
from demo_sim.kernels.founding import LOST, MOST_KIDS, NEVER, NOBODY, PER_PLACE, UNITED
from demo_sim.scenario import Scenario

URBAN, RURAL = range(2)
OUTSIDE, DEAD, AWAY = (getattr(columns(2), name) for name in ("outside", "dead", "away"))
YEARS = (2020, 2021, 2025, 2035)
UNKNOWN = DEAD + 1  # a parent without a row
GROUPS = (
    "left_behind", "older_alone", "older_no_near_kin", "older_no_kin", "older_couple", "older_empty_nest",
    "older_with_child", "older_with_grandchild", "older_left_behind", "older_to_visit", "orphans", "de_facto",
)  # fmt: skip


def rows_of(persons: Persons) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place, birth year and sex of every row; rows of nobody are dead."""
    code = persons.code[: persons.rows].astype(np.int64)
    place = np.where(code == 0, DEAD, np.where(code >= AWAY, OUTSIDE, (code - 1) // LEVELS))
    birth, sex = np.zeros(persons.rows, np.int64), np.zeros(persons.rows, np.int64)
    for _, year, s, start, stop, _ in zip(*persons.segments, strict=True):
        birth[start:stop], sex[start:stop] = year, s
    place[birth == 0] = DEAD
    return place, birth, sex


def relations(persons: Persons, year: int) -> Iterator[tuple[str, float, float]]:
    """Name, agents who have a relation, agents among whom it is looked for, at the end of a year."""
    kin = persons.kin
    assert kin is not None
    place, birth, _ = rows_of(persons)
    age = year - birth
    union, spouse = kin.union[: persons.rows], kin.spouse[: persons.rows]

    def seen(link: np.ndarray) -> np.ndarray:
        return np.where(link >= 0, place[link], UNKNOWN)

    mother, father = seen(persons.mother[: persons.rows]), seen(kin.father[: persons.rows])
    for name, home in (("urban", URBAN), ("rural", RURAL)):
        here = place == home
        for first, last in ((20, 39), (40, 59), (60, 69), (70, 79), (80, 120)):
            couple = here & (age >= first) & (age <= last) & (union == UNITED)
            among = float(couple.sum())
            for words, where in (("outside", OUTSIDE), ("in the other residence", 1 - home)):
                yield f"{name} {first}-{last} spouse {words}", float((couple & (spouse == where)).sum()), among
        child = here & (age < 18)
        for words, at_father, at_mother in (
            ("both here", father == home, mother == home),
            ("father here, mother not", father == home, mother < DEAD),
            ("mother here, father not", father < DEAD, mother == home),
            ("both not here", (father < DEAD) & (father != home), (mother < DEAD) & (mother != home)),
            ("both outside", father == OUTSIDE, mother == OUTSIDE),
        ):
            chosen = child & at_father & at_mother
            if words.startswith("father"):
                chosen &= mother != home
            if words.startswith("mother"):
                chosen &= father != home
            yield f"{name} 0-17 {words}", float(chosen.sum()), float(child.sum())
        parent = persons.mother[: persons.rows]
        for line in (parent, kin.father[: persons.rows]):  # grandmothers by both parents, in the child's place
            out = child & (mother < DEAD) & (mother != home) & (father < DEAD) & (father != home) & (line >= 0)
            grand = persons.mother[line[out]]
            near = (grand >= 0) & (place[np.maximum(grand, 0)] == home)
            side = "mother's" if line is parent else "father's"
            yield f"{name} 0-17 both not here, {side} mother here", float(near.sum()), float(out.sum())
        dead_mother, dead_father = mother == DEAD, (father == DEAD) | (kin.father[: persons.rows] < NOBODY)
        yield f"{name} 0-17 one parent dead", float((child & (dead_mother ^ dead_father)).sum()), float(child.sum())
        yield f"{name} 0-17 both dead", float((child & dead_mother & dead_father).sum()), float(child.sum())
        kids, born = kin.kids[: persons.rows].astype(np.int64), persons.born[: persons.rows]
        there = kids >> PER_PLACE * home & MOST_KIDS
        for first, last in ((60, 74), (75, 120)):
            old = here & (age >= first) & (age <= last)
            for words, chosen in (
                ("never married", union == NEVER),
                ("widowed or divorced", union == LOST),
                ("widowed or divorced, never a child", (union == LOST) & (born == 0)),
                ("no child alive", kids == 0),
                ("children, none here", (kids > 0) & (there == 0)),
                ("children, all outside", (kids > 0) & (kids >> PER_PLACE * OUTSIDE << PER_PLACE * OUTSIDE == kids)),
            ):
                yield f"{name} {first}-{last} {words}", float((old & chosen).sum()), float(old.sum())


def measure(scenario: Scenario, scale: float) -> dict[str, dict[int, tuple[float, float]]]:
    """Persons who have each relation, and their share, at the year-ends of `YEARS`; mean of replicates."""
    inputs = build_inputs(scenario)
    size = replace(Size.of(inputs, "people", None), scale=scale)
    out: dict[str, dict[int, tuple[float, float]]] = {}

    def watch(ensemble: Ensemble, year: int) -> None:
        if year in YEARS:
            for name, found, among in relations(ensemble.population.persons, year):
                out.setdefault(name, {})[year] = found * scale / REPLICATES, found / max(among, 1.0)

    follow_persons(inputs, np.arange(-REPLICATES, 0), size, watch)
    return out


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="where kin live, Hunan")
    parser.add_argument("--scale", type=float, default=100.0, help="persons an agent stands for [100]")
    parser.add_argument("--set", action="append", default=[], help="another value of a key, JSON")
    parser.add_argument("--groups", action="store_true", help="groups by relatives of a whole run, too")
    arguments = parser.parse_args()
    changes = {key: json.loads(value) for key, value in (text.split("=", 1) for text in arguments.set)}
    scenario = ds.load("hunan").replace({"period.end": YEARS[-1], "plan": [], **changes})
    print("| thousands (share) |", " | ".join(map(str, YEARS)), "|")
    print("|---" * (len(YEARS) + 1) + "|")
    for name, by_year in measure(scenario, arguments.scale).items():
        cells = (f"{persons / 1e3:,.0f} ({100.0 * share:.1f} %)" for persons, share in by_year.values())
        print(f"| {name} |", " | ".join(cells), "|")
    if arguments.groups:
        run = ds.simulate(scenario.replace({"draws": 0, "scale": arguments.scale, "options.person_draws": 4}))
        print("\n| group, thousands |", " | ".join(map(str, YEARS)), "|")
        print("|---" * (len(YEARS) + 1) + "|")
        for name in GROUPS:
            values = run.central.groups.sel(group=name).sum("residence")
            by_year = (float(values.sel(time=year)) / 1e3 for year in YEARS)
            print(f"| {name} |", " | ".join(f"{value:,.1f}" for value in by_year), "|")


if __name__ == "__main__":
    main()
