"""The task in starsim: one demographics module with its own states, its distributions for every decision.

Common random numbers are switched off (`options.crn`), which is starsim's fastest way to draw.
"""

import numpy as np
import starsim as ss
from task import AGES, LEVELS, OLD, given, opening, told

ss.options.crn = False
task = given()
columns = opening(task, np.random.default_rng(task.seed))
size = columns["age"].size


class Task(ss.Demographics):
    def __init__(self) -> None:
        super().__init__()
        self.define_states(ss.IntArr("home", default=0), ss.IntArr("level", default=0))
        self.moving, self.dying, self.delivering = ss.bernoulli(p=0), ss.bernoulli(p=0), ss.bernoulli(p=0)
        self.boy, self.dying_newborn, self.chance = ss.bernoulli(p=task.boys), ss.bernoulli(p=0), ss.random()

    def step(self) -> None:
        people = self.sim.people
        everyone = people.auids
        age = people.age[everyone].astype(int)
        female = people.female[everyone]
        self.moving.set(p=task.move[self.home[everyone], age])
        movers = self.moving.filter(everyone)
        self.home[movers] = 1 - self.home[movers]
        self.dying.set(p=task.death[female.astype(int), age, self.level[everyone]])
        dead = self.dying.filter(everyone)
        old = everyone[age >= OLD]
        drawn = np.asarray(self.chance.rvs(old))[:, None]
        self.level[old] = (drawn >= task.cumulated[age[age >= OLD], self.level[old], : LEVELS - 1]).sum(axis=1)
        fertile = female & (age >= 15) & (age < 50)
        self.delivering.set(p=task.birth[age[fertile]])
        mothers = self.delivering.filter(everyone[fertile])
        boy = np.asarray(self.boy.rvs(mothers.size))
        self.dying_newborn.set(p=task.newborn_death[(~boy).astype(int)])
        alive = ~np.asarray(self.dying_newborn.rvs(mothers.size))
        children = people.grow(int(alive.sum()))
        people.age[children] = -1.0  # aged with everybody else at the end of the step
        people.female[children] = ~boy[alive]
        people.parent[children] = mothers[alive]
        self.home[children] = self.home[mothers[alive]]
        self.level[children] = 0
        people.request_death(dead)
        people.age[everyone[age == AGES - 1]] = AGES - 2.0  # the last age is open
        self.births, self.deaths = mothers.size, dead.size + int((~alive).sum())


sim = ss.Sim(
    people=ss.People(size), demographics=Task(), start=2021, dur=task.years, dt=1, rand_seed=task.seed, verbose=0
)
sim.init()
module, people = sim.demographics[0], sim.people
people.age[:] = columns["age"].astype(float)
people.female[:] = columns["sex"] == 1
module.home[:], module.level[:] = columns["home"], columns["level"]


def year() -> tuple[int, int, int]:
    living = len(people)
    sim.run_one_step()
    return living, module.births, module.deaths


def state() -> dict[str, int]:
    return {
        "population": len(people),
        "urban": int(np.count_nonzero(module.home.values == 0)),
        "impaired": int(np.count_nonzero(module.level.values > 0)),
        "linked": int(np.count_nonzero(people.parent.values >= 0)),
    }


told(year, task.years, state)
