"""The task in neworder: a model with a data frame, its Monte-Carlo engine for every decision."""

import neworder
import numpy as np
import pandas as pd
from task import AGES, LEVELS, OLD, given, opening, told

task = given()
columns = opening(task, np.random.default_rng(task.seed))
types = {"home": np.int8, "sex": np.int8, "age": np.int16, "level": np.int8}


class Task(neworder.Model):
    def __init__(self) -> None:
        super().__init__(neworder.LinearTimeline(0, task.years, task.years), lambda: task.seed)
        size = columns["age"].size
        self.people = pd.DataFrame(
            {name: values.astype(types[name]) for name, values in columns.items()},
            index=neworder.df.unique_index(size),
        )
        self.people["mother"] = np.full(size, -1, np.int64)

    def step(self) -> None:
        people = self.people
        sex, age, level = (people[name].to_numpy() for name in ("sex", "age", "level"))
        home = people["home"].to_numpy().copy()
        home[self.mc.hazard(task.move[home, age]) == 1] ^= 1
        dead = self.mc.hazard(task.death[sex, age, level]) == 1
        women = np.flatnonzero((sex == 1) & (age >= 15) & (age < 50))
        mothers = women[self.mc.hazard(task.birth[age[women]]) == 1]
        old = np.flatnonzero(age >= OLD)
        level = level.copy()
        drawn = self.mc.ustream(old.size)[:, None]
        level[old] = (drawn >= task.cumulated[age[old], level[old], : LEVELS - 1]).sum(axis=1)
        people["home"], people["level"] = home, level
        people["age"] = np.minimum(age + 1, AGES - 1).astype(np.int16)
        girl = (self.mc.ustream(mothers.size) >= task.boys).astype(np.int8)
        alive = self.mc.hazard(task.newborn_death[girl]) == 0
        size = int(alive.sum())
        born = pd.DataFrame(
            {
                "home": home[mothers[alive]],
                "sex": girl[alive],
                "age": np.zeros(size, np.int16),
                "level": np.zeros(size, np.int8),
                "mother": people.index.to_numpy()[mothers[alive]],
            },
            index=neworder.df.unique_index(size),
        )
        self.people = pd.concat([people[~dead], born])
        self.births, self.deaths = mothers.size, int(dead.sum()) + mothers.size - size


model = Task()


def year() -> tuple[int, int, int]:
    living = len(model.people)
    model.step()
    return living, model.births, model.deaths


def state() -> dict[str, int]:
    people = model.people
    return {
        "population": len(people),
        "urban": int((people["home"] == 0).sum()),
        "impaired": int((people["level"] > 0).sum()),
        "linked": int((people["mother"] >= 0).sum()),
    }


told(year, task.years, state)
