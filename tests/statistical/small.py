"""Small regions run as a user runs them: the package's smallest scenario, and a small Hunan with states and moves."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path

import demo_sim as ds

MINIMAL = Path(__file__).parents[1] / "data" / "minimal"
SHARE = 1 / 400  # of Hunan

SMALL_HUNAN = """
name: small-hunan
extends: hunan-states
period: {{base: 2020-11-01, start: 2021, end: {end}}}
population: {{table: population.csv, tie: none}}
migration: {{net: {{2020: -390, 2050: -610}}, gross: {gross}, by_year: null}}
history: {{absent: {absent}}}
scale: {scale}
draws: {draws}
options: {{person_draws: {person_draws}}}
seed: 11
"""


def small_hunan(folder: Path, end: int = 2028, draws: int = 2, scale: float = 1, person_draws: int = 2) -> ds.Scenario:
    """About 166,000 people in two residences and 20,000 outside, with families, moves and states of ability."""
    hunan = ds.load("hunan")
    base = hunan.tables["population.table"].columns
    gross: dict[str, dict[str, float]] = {}
    for flow in hunan.quantities["migration.gross"].rows:
        gross.setdefault(flow.age, {})[flow.name] = flow.value * SHARE
    absent = sum(row.value for row in hunan.quantities["history.absent"].rows) * SHARE
    folder.mkdir(parents=True, exist_ok=True)
    names = list(base)
    with open(folder / "population.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in zip(*base.values(), strict=True):
            cells = dict(zip(names, row, strict=True))
            cells["population"] = round(cells["population"] * SHARE)
            first, last = cells["age"]
            cells["age"] = f"{first}+" if last is None else f"{first}-{last}" if last > first else str(first)
            writer.writerow(cells.values())
    path = folder / "small.yaml"
    text = SMALL_HUNAN.format(
        end=end, draws=draws, scale=scale, person_draws=person_draws, gross=json.dumps(gross), absent=absent
    )
    path.write_text(text, encoding="utf-8")
    return ds.load(path)


def minimal(folder: Path | None = None, shuffled: bool = False) -> ds.Scenario:
    """1.4 million people of one residence, one to one; the rows of the population table in another order."""
    where = MINIMAL
    if folder is not None:
        where = folder / "minimal"
        shutil.copytree(MINIMAL, where)
    if shuffled:
        table = where / "population.csv"
        lines = table.read_text(encoding="utf-8").splitlines()
        head = next(i for i, line in enumerate(lines) if line.startswith("sex")) + 1
        rows = lines[head:]
        random.Random(1).shuffle(rows)
        assert rows != lines[head:]
        table.write_text("\n".join([*lines[:head], *rows]) + "\n", encoding="utf-8")
    return ds.load(where / "scenario.yaml").replace({"scale": 1, "options.person_draws": 1})
