"""Project China by the United Nations' own rates and set the result beside the United Nations' projection.

World Population Prospects 2024, medium variant: from the population of 1 July 2024, each step from one July to the
next takes the mean of the rates of the two calendar years it lies in. The folder given by --wpp holds the tables
(population_1y, mx_1y_derived, asfr, srb, migration_age1_proj; CSV, plain or .gz), which are not part of the package.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from demo_sim.engine.accounts import check_identity
from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import step
from demo_sim.inputs.grid import Grid
from demo_sim.kernels.lifetable import survival_deficit

START, END = 2024, 2050
SHOWN = (2035, 2050)
AGES = 101
SEXES = ("male", "female")
# Largest errors allowed, as shares: all ages, ages 65 and over.
ALLOWED = {"total": 0.001, "65+": 0.003}


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """Rows of China of a table, plain or compressed."""
    path = next((p for p in (folder / f"{name}.csv", folder / f"{name}.csv.gz") if p.exists()), None)
    if path is None:
        raise SystemExit(f"{folder}: no {name}.csv or {name}.csv.gz")
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    for row in csv.DictReader(io.StringIO(text.decode("utf-8-sig"))):
        if row["iso3"] == "CHN" and START <= int(row["year"]) <= END:
            yield row


def by_sex_and_age(folder: Path, name: str, measure: str) -> np.ndarray:
    """A table as (year, sex, age)."""
    out = np.full((END - START + 1, 2, AGES), np.nan)
    for row in rows(folder, name):
        out[int(row["year"]) - START, SEXES.index(row["sex"]), int(row["age"])] = float(row[measure])
    if np.isnan(out).any():
        raise SystemExit(f"{name}: years {START} to {END}, sexes and ages 0 to 100 must be complete")
    return out


def project(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Population on 1 July by this package and by the United Nations; both (year, sex, age), thousands."""
    published = by_sex_and_age(folder, "population_1y", "pop_thousands")
    mx = by_sex_and_age(folder, "mx_1y_derived", "mx")
    net = by_sex_and_age(folder, "migration_age1_proj", "net_migration_thousands")
    asfr, srb = np.zeros((END - START + 1, AGES)), np.zeros(END - START + 1)
    for row in rows(folder, "asfr"):
        asfr[int(row["year"]) - START, int(row["age"])] = float(row["asfr_per_1000"]) / 1000.0
    for row in rows(folder, "srb"):
        srb[int(row["year"]) - START] = float(row["srb"])

    stock = np.ascontiguousarray(published[:1, :, :, None])
    shape = stock.shape
    flows, grid, timing = YearFlows.empty(shape), Grid(("all",), AGES, START, END), Timing.of("even")
    out = [stock[0, :, :, 0]]
    for i in range(END - START):
        qs = np.empty(shape)
        survival_deficit(0.5 * (mx[i] + mx[i + 1])[None, ..., None], qs)
        ratio = 0.5 * (srb[i] + srb[i + 1])
        tables = YearTables(
            qs,
            0.5 * (asfr[i] + asfr[i + 1])[None, :, None],
            np.full((1, 1), ratio / (1.0 + ratio)),
            0.5 * (net[i] + net[i + 1])[None, :, :, None],
            np.zeros(shape),
            np.zeros((1, 1)),
        )
        step(stock, tables, timing, flows)
        check_identity(stock, tables, timing, flows, grid, START + i)
        stock = flows.end.copy()
        out.append(stock[0, :, :, 0])
    return np.array(out), published


def compare(ours: np.ndarray, published: np.ndarray) -> list[tuple[int, str, float, float, float]]:
    """Year, group, ours, the United Nations', relative error."""
    found = []
    for year in SHOWN:
        for name, first in (("total", 0), ("65+", 65)):
            mine, theirs = (float(values[year - START, :, first:].sum()) for values in (ours, published))
            found.append((year, name, mine, theirs, mine / theirs - 1.0))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the table; the exit code is 1 where an error is larger than allowed."""
    parser = argparse.ArgumentParser(description="China by the UN's rates against the UN's projection")
    parser.add_argument("--wpp", type=Path, required=True, help="folder with the tables of World Population Prospects")
    folder = parser.parse_args(arguments).wpp
    found = compare(*project(folder))
    print("| 1 July | group | demo_sim, thousands | United Nations, thousands | error |")
    print("|---|---|---|---|---|")
    for year, name, mine, theirs, error in found:
        print(f"| {year} | {name} | {mine:,.0f} | {theirs:,.0f} | {100 * error:+.3f} % |")
    return int(any(abs(error) > ALLOWED[name] for _, name, _, _, error in found))


if __name__ == "__main__":
    sys.exit(main())
