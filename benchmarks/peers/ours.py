"""The task on the people engine of this package, one thread; its thresholds are those of the task alone."""

import numpy as np
from task import AGES, LEVELS, given, told

from demo_sim.bench import hunan_like, year_cuts
from demo_sim.engine.people import Population, live_year
from demo_sim.engine.persons import Persons
from demo_sim.engine.synthesis import synthesise
from demo_sim.engine.thresholds import Thresholds, cut

FIRST_YEAR = 2021

task = given()


def cuts() -> Thresholds:
    """Deaths and levels as the engine has them; all moves in the first half, all deliveries on the first exposure."""
    engine = year_cuts(hunan_like())
    engine.move[..., :2] = 0
    engine.move[..., 2:] = cut(task.move).T[:, :, None]
    engine.birth[:, 1, ..., 0] = cut(task.birth)[:, None, None]
    for never in (engine.birth[..., 1], engine.again, engine.leave, engine.newborn_move):
        never[:] = 0
    engine.keep_most()
    return engine


key = (np.uint64(task.seed), np.uint64(0))
levels = np.broadcast_to(task.levels, (2, 2, AGES, LEVELS))
childless = np.zeros((2, AGES, 4))
childless[:, :, 0] = 1.0
persons = Persons.room([int(task.counts.sum())], 0.012 * task.years, False, len(task.counts))
synthesise(persons, task.counts, FIRST_YEAR, childless, levels, key)
population = Population.of(persons, key, FIRST_YEAR, AGES)
tables, nobody = cuts(), [np.zeros((1, 2, 2, AGES, LEVELS), np.int64)] * 2
years = iter(range(FIRST_YEAR, FIRST_YEAR + task.years))


def year() -> tuple[int, int, int]:
    living = int(population.count.sum())
    events = live_year(population, next(years), tables, nobody, True)
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
