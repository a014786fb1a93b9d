"""What the verb `bench` measures: the people engine, the first call of its kernels, the cohort engine.

The population is made up, with the age structure of Hunan in 2020 and rates of its order; about 7 % of persons have
an event a year, and the share is measured and told. A year is the whole of it: death, functional level, residence,
delivery, newborn rows with a link to the mother, counts kept and checked.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import live
from demo_sim.engine.parity import ParityTables
from demo_sim.engine.people import Population, live_year
from demo_sim.engine.persons import Persons
from demo_sim.engine.synthesis import synthesise, whole_numbers
from demo_sim.engine.thresholds import LevelTables, Thresholds, build_thresholds
from demo_sim.errors import WriteError
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.lifetable import survival_deficit
from demo_sim.kernels.philox import philox_words
from demo_sim.kernels.sequence import stratified_uniforms
from demo_sim.run import simulate
from demo_sim.scenario import load

THREADS = (1, 2)
YEARS = 5  # measured years of each population, after one that warms up
FIRST_YEAR = 2021
BENCH_AGES = 101
_OLD = 60  # functional levels change from this age on
_KEY = (np.uint64(20210831), np.uint64(0))
TRAJECTORIES, TRAJECTORY_YEARS = 10_000, 30
BENCH_BATCH = 80  # draws worked on together: what they touch stays in the second-level cache
COHORT_REPEATS = 3

# Hunan, census of 1 November 2020 (China Population Census Yearbook 2020), thousands: ages 0, 1-4, 5-9, ... 100+.
HUNAN = (
    566, 3136, 4649, 4620, 3843, 3079, 3221, 5448, 4302, 3898, 5240,
    6109, 5125, 3369, 3673, 2642, 1593, 1147, 566, 183, 35, 3,
)  # fmt: skip
URBAN_SHARE = 0.59
PARITY_FACTORS = np.array([1.30, 0.85, 0.35, 0.20])


@dataclass(frozen=True)
class _Rates:
    """Yearly probabilities and opening shares of the made-up population; ages are those on 1 January.

    Attributes
    ----------
    people : (residence, sex, age), shares of the opening population
    levels : (age, level), shares of functional levels
    parity : (age, 4), shares of women by children ever born
    move : (residence, age), to the other residence
    death : (sex, age, level)
    change : (age, level, level), new level given survival
    birth : (age,), deliveries of a woman
    boys : share among births
    newborn_death : (sex,), in the year of birth
    """

    people: np.ndarray
    levels: np.ndarray
    parity: np.ndarray
    move: np.ndarray
    death: np.ndarray
    change: np.ndarray
    birth: np.ndarray
    boys: float
    newborn_death: np.ndarray


def hunan_like() -> _Rates:
    """Rates of the order of Hunan's: life expectancy in the seventies, 1.3 children, steady moves to the towns."""
    x = np.arange(BENCH_AGES)
    widths = np.array([1, 4, *[5] * 19, 1])
    shares = np.repeat(np.array(HUNAN) / widths, widths) / sum(HUNAN)
    people = np.array([URBAN_SHARE, 1.0 - URBAN_SHARE])[:, None, None] * np.array([0.5, 0.5])[:, None] * shares
    impaired = np.where(x >= _OLD, 0.9 / (1.0 + np.exp(-(x - 88.0) / 6.0)), 0.0)
    levels = np.concatenate([1.0 - impaired[:, None], impaired[:, None] * np.array([0.45, 0.25, 0.18, 0.12])], axis=1)
    mortality = 2e-4 + np.array([[4.0e-5], [2.4e-5]]) * np.exp(np.array([[0.094], [0.096]]) * x)
    risk = np.array([1.0, 1.4, 1.9, 2.6, 4.0])
    relative = risk / (levels @ risk)[:, None]
    worse = np.where(x >= _OLD, np.minimum(0.07 * np.exp(0.045 * (x - _OLD)), 0.3), 0.0)
    better = np.where(x >= _OLD, 0.06, 0.0)
    change = np.zeros((BENCH_AGES, LEVELS, LEVELS))
    for level in range(LEVELS):
        if level < LEVELS - 1:
            change[:, level, level + 1] = worse
        if level > 0:
            change[:, level, level - 1] = better
        change[:, level, level] = 1.0 - change[:, level].sum(axis=1)
    birth = np.where((x >= 15) & (x < 50), np.exp(-0.5 * ((x - 28.0) / 5.5) ** 2), 0.0)
    mover = 0.012 + 0.075 * np.exp(-(((x - 24.0) / 9.0) ** 2))
    mothers = np.clip((x - 20.0) / 15.0, 0.0, 1.0)
    return _Rates(
        people=people,
        levels=levels,
        parity=np.stack([1.0 - 0.95 * mothers, 0.40 * mothers, 0.45 * mothers, 0.10 * mothers], axis=1),
        move=np.stack([0.6 * mover, 1.6 * mover]),
        death=1.0 - np.exp(-mortality[:, :, None] * relative),
        change=change,
        birth=1.3 * birth / birth.sum(),
        boys=1.06 / 2.06,
        newborn_death=np.array([0.006, 0.005]),
    )


def year_cuts(rates: _Rates) -> Thresholds:
    """Thresholds of a year of these rates, built as the engine builds them."""
    shape = (2, 2, BENCH_AGES, 1)
    stock = rates.people[..., None]
    tables = YearTables(
        qs=np.zeros(shape),
        asfr=np.repeat(rates.birth[None, :, None], 2, axis=0),
        male_share=np.full((2, 1), rates.boys),
        external=np.zeros(shape),
        move_rate=np.repeat(rates.move[:, None, :, None], 2, axis=1),
        reclass_rate=np.zeros((2, 1)),
    )
    tables.qs[:, :, 0, 0] = rates.newborn_death
    scale = PARITY_FACTORS / (rates.parity @ PARITY_FACTORS)[:, None]
    factors = np.repeat(scale[None, :, :, None], 2, axis=0)
    change = np.broadcast_to(rates.change, (2, 2, *rates.change.shape))[..., None]
    levels = LevelTables(np.repeat(rates.death[None], 2, axis=0)[..., None], change)
    return build_thresholds(
        stock, tables, YearFlows.empty(shape), Timing.of("even"), ParityTables(factors, factors), 1, levels
    )


def bench_population(rates: _Rates, size: float, years: int) -> Population:
    """A population of so many persons, with room for the rows of so many years."""
    counts = whole_numbers(rates.people, 1.0 / size)
    levels = np.broadcast_to(rates.levels, (2, 2, *rates.levels.shape))
    parity = np.broadcast_to(rates.parity, (2, *rates.parity.shape))
    persons = Persons.room([int(counts.sum())], 0.01 * years, False, counts.shape[0])
    synthesise(persons, counts, FIRST_YEAR, parity, levels, _KEY)
    return Population.of(persons, _KEY, FIRST_YEAR, BENCH_AGES)


@dataclass(frozen=True)
class Speed:
    """One line of the table of the people engine.

    Attributes
    ----------
    persons, threads : what was measured
    best, median : person-years of the living a second, over the measured years
    event_share : persons with an event a year, counted on the rows
    bytes_per_person : memory of all columns over the rows in use
    """

    persons: int
    threads: int
    best: float
    median: float
    event_share: float
    bytes_per_person: float


def people_speed(size: float, threads: int) -> Speed:
    """Time some years of a population of the size; newborns join, the gone are no longer counted as person-years."""
    rates = hunan_like()
    cuts = year_cuts(rates)
    population = bench_population(rates, size, YEARS + 1)
    nobody = [np.zeros((1, 2, 2, BENCH_AGES, LEVELS), np.int64)] * 2
    speeds, shares = [], []
    with ThreadPoolExecutor(threads) as pool:
        for year in range(FIRST_YEAR, FIRST_YEAR + YEARS + 1):
            persons = population.persons
            rows, living = persons.rows, int(population.count.sum())
            code, born = persons.code[:rows].copy(), persons.born[:rows].copy()
            begun = time.perf_counter()
            live_year(population, year, cuts, nobody, True, pool if threads > 1 else None)
            seconds = time.perf_counter() - begun
            events = (persons.code[:rows] != code) | (persons.born[:rows] != born)
            speeds.append(living / seconds)
            shares.append(float(np.count_nonzero(events)) / living)
    persons = population.persons
    return Speed(
        persons=round(size),
        threads=threads,
        best=max(speeds[1:]),
        median=statistics.median(speeds[1:]),
        event_share=statistics.mean(shares[1:]),
        bytes_per_person=persons.bytes_in_use() / persons.rows,
    )


def cohort_speed() -> list[float]:
    """Seconds of ten thousand trajectories of thirty years of the cohort step, life table from rates included."""
    x = np.arange(BENCH_AGES)
    mx = 2e-4 + np.array([[4.0e-5], [2.4e-5]]) * np.exp(np.array([[0.094], [0.096]]) * x)
    streams = np.array([1, 2, 3], np.uint64)
    chance = stratified_uniforms(_KEY[0], streams, np.arange(TRAJECTORIES))
    mortality, fertility = np.exp(0.2 * (chance[:2] - 0.5)), np.exp(0.3 * (chance[2] - 0.5))
    rates = hunan_like()
    shape = (1, 2, BENCH_AGES, BENCH_BATCH)
    flows, qs, timing = YearFlows.empty(shape), np.empty(shape), Timing.of("even")
    nobody, nowhere, boys = np.zeros(shape), np.zeros((0, *shape[1:])), np.full((1, BENCH_BATCH), rates.boys)
    seconds = []
    for _ in range(COHORT_REPEATS + 1):
        begun = time.perf_counter()
        for first in range(0, TRAJECTORIES, BENCH_BATCH):
            batch = slice(first, first + BENCH_BATCH)
            population = np.repeat(rates.people.sum(axis=0)[None, :, :, None], BENCH_BATCH, axis=3)
            asfr = rates.birth[None, :, None] * fertility[batch]
            for year in range(TRAJECTORY_YEARS):
                survival_deficit(mx[None, ..., None] * (mortality[None, :, None, batch] * 0.985**year), qs)
                tables = YearTables(qs, asfr, boys, nobody, nowhere, nowhere[:, 0, 0])
                live(population, tables, timing, flows)
                population, flows.end = flows.end, population
        seconds.append(time.perf_counter() - begun)
    return seconds[1:]


def call_all_kernels() -> float:
    """Call every kernel with little to do, twice; gives the seconds that the first time took more.

    Those are compilation, or reading its cache: families, homes and the cohort pass of a tiny Hunan, and the few
    kernels that a run does not need.
    """
    changes = {"draws": 2, "options.person_draws": 2, "scale": 50_000, "period.end": 2022, "plan": []}
    scenario = load("hunan").replace(changes)
    seconds = []
    for _ in range(2):
        begun = time.perf_counter()
        philox_words(np.zeros((1, 4), np.uint64), np.zeros((1, 2), np.uint64))
        simulate(scenario)
        seconds.append(time.perf_counter() - begun)
    return seconds[0] - seconds[1]


def first_call() -> dict[str, float]:
    """Seconds of the first call of all kernels in a new process: with an empty cache, and with the cache it left."""
    script = "from demo_sim.bench import call_all_kernels; print(call_all_kernels())"
    out = {}
    with tempfile.TemporaryDirectory(prefix="demo_sim-") as folder:
        environment = os.environ | {"XDG_CACHE_HOME": folder, "LOCALAPPDATA": folder}
        environment.pop("NUMBA_CACHE_DIR", None)
        for name in ("compiled", "from_cache"):
            done = subprocess.run(
                [sys.executable, "-c", script], env=environment, capture_output=True, encoding="utf-8", check=True
            )
            out[name] = float(done.stdout)
    return out


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    return {
        "processor": llvmlite.binding.get_host_cpu_name(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def bench_command(sizes: Sequence[float], out: Path | None, lang: str) -> dict[str, Any]:
    """Measure, print the tables, write JSON where asked.

    Parameters
    ----------
    sizes : persons of each population
    out : JSON file
    lang : zh or en

    Returns
    -------
    What is written to the file.
    """
    console = Console(width=None if sys.stdout.isatty() else 110)
    host = machine()
    console.print(
        _say(lang, f"处理器 {host['processor']}，{host['cores']} 核", f"{host['processor']}, {host['cores']} cores")
        + f"; Python {host['python']}, numpy {host['numpy']}, numba {host['numba']}",
        highlight=False,
    )
    speeds = [people_speed(size, threads) for size in sizes for threads in THREADS]
    console.print(_speed_table(speeds, lang))
    calls, cohort = first_call(), cohort_speed()
    fresh, stored = f"{calls['compiled']:.1f}", f"{calls['from_cache']:.2f}"
    console.print(
        _say(
            lang,
            f"全部内核首次调用：编译 {fresh} 秒，读取缓存 {stored} 秒",
            f"first call of all kernels: {fresh} s compiled, {stored} s from the cache",
        ),
        highlight=False,
    )
    console.print(
        _say(
            lang,
            f"队列引擎 {TRAJECTORIES:,} 条轨迹 × {TRAJECTORY_YEARS} 年（单线程）：{min(cohort):.2f} 秒",
            f"cohort engine, {TRAJECTORIES:,} trajectories of {TRAJECTORY_YEARS} years, one thread: "
            f"{min(cohort):.2f} s",
        ),
        highlight=False,
    )
    found = {
        "machine": host,
        "people": [asdict(speed) for speed in speeds],
        "first_call_seconds": calls,
        "cohort_seconds": {"best": min(cohort), "median": statistics.median(cohort)},
    }
    if out is not None:
        _write(found, out, lang)
        console.print(_say(lang, f"已写入 {out}", f"written to {out}"), highlight=False)
    return found


def _say(lang: str, zh: str, en: str) -> str:
    return en if lang == "en" else zh


def _speed_table(speeds: list[Speed], lang: str) -> Table:
    heads = _say(
        lang,
        "人数|线程|百万人年/秒（最快）|（中位）|对单线程|当年有事件者|字节/人",
        "persons|threads|million person-years/s, best|median|over one thread|with an event|bytes a person",
    )
    title = _say(lang, "人口引擎：逐人模拟一年", "People engine: one year, person by person")
    table = Table(title=title, header_style="bold", box=box.SIMPLE_HEAD)
    for head in heads.split("|"):
        table.add_column(head, justify="right")
    alone = {speed.persons: speed.median for speed in speeds if speed.threads == 1}
    for speed in speeds:
        table.add_row(
            f"{speed.persons:,}",
            str(speed.threads),
            f"{speed.best / 1e6:.1f}",
            f"{speed.median / 1e6:.1f}",
            "" if speed.threads == 1 else f"{speed.median / alone[speed.persons]:.2f}",
            f"{100 * speed.event_share:.1f}%",
            f"{speed.bytes_per_person:.1f}",
        )
    return table


def _write(found: dict[str, Any], out: Path, lang: str) -> None:
    aside = out.with_name(out.name + ".partial")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        os.replace(aside, out)
    except OSError as error:
        raise WriteError(f"无法写入 {out}：{error.strerror}", f"cannot write {out}: {error.strerror}") from error
