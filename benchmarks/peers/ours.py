"""The task on the people engine of this package, one thread; its thresholds are those of the task alone."""

from dataclasses import replace

import numpy as np
from task import AGES, LEVELS, given, told

from demo_sim.bench import hunan_like, year_cuts
from demo_sim.engine.people import CODES, Population, live_year
from demo_sim.engine.synthesis import synthesise
from demo_sim.engine.thresholds import Thresholds, cut
from demo_sim.kernels.rows import count_codes

FIRST_YEAR = 2021

task = given()


def cuts() -> Thresholds:
    """Deaths and levels as the engine has them; all moves in the first half, all deliveries on the first exposure."""
    engine = year_cuts(hunan_like())
    move = np.zeros((2, AGES, 2, 6), np.uint64)
    move[..., 2:] = cut(task.move).T[None, :, :, None]
    birth = np.zeros((AGES, 2, 4, 2), np.uint64)
    birth[..., 0] = cut(task.birth)[:, None, None]
    most = engine.most.copy()
    most[:, :, 2], most[1, :, 3] = move[..., 2].max(axis=2), cut(task.birth)
    never = {name: np.zeros_like(getattr(engine, name)) for name in ("again", "leave", "newborn_move")}
    return replace(engine, most=most, move=move, birth=birth, **never)


key = (np.uint64(task.seed), np.uint64(0))
levels = np.broadcast_to(task.levels, (2, 2, AGES, LEVELS))
childless = np.zeros((2, AGES, 4))
childless[:, :, 0] = 1.0
persons = synthesise(task.counts, FIRST_YEAR, childless, levels, key, 0.012 * task.years)
population = Population(persons, np.zeros((2, AGES, CODES), np.int64), key, AGES)
_, sex, age, _ = population.items(FIRST_YEAR)
count_codes(np.array(persons.start), np.array(persons.stop), sex, age, population.count, persons.code)
tables, nobody = cuts(), [np.zeros((2, 2, AGES, LEVELS), np.int64)] * 2
years = iter(range(FIRST_YEAR, FIRST_YEAR + task.years))


def year() -> tuple[int, int, int]:
    living = int(population.count.sum())
    events = live_year(population, next(years), tables, nobody, True, 0.0)
    return living, int(events.newborn[..., 0].sum()), int(events.died.sum() + events.newborn[..., 1].sum())


def state() -> dict[str, int]:
    code, mother = persons.code[: persons.rows], persons.mother[: persons.rows]
    here = code > 0
    return {
        "population": int(np.count_nonzero(here)),
        "urban": int(np.count_nonzero(here & (code <= LEVELS))),
        "impaired": int(np.count_nonzero(here & ((code - 1) % LEVELS > 0))),
        "linked": int(np.count_nonzero(here & (mother >= 0))),
    }


told(year, task.years, state)
