"""The task in forty lines of numpy: whole-column operations on blocks that fit the cache, rows that never move."""

import numpy as np
from task import AGES, GONE, LEVELS, OLD, given, opening, told

task = given()
rng = np.random.Generator(np.random.SFC64(task.seed))
people, block = opening(task, rng), 65_536
used = people["age"].size
room = int(used * (1 + 0.012 * task.years)) + 1000
home, sex, level = (np.zeros(room, np.uint8) for _ in range(3))
age, mother = np.zeros(room, np.int16), np.full(room, -1, np.int32)
home[:used], sex[:used], age[:used], level[:used] = (people[name] for name in ("home", "sex", "age", "level"))
move = task.move.astype(np.float32).ravel()
death, birth = np.zeros((2, AGES, LEVELS + 1), np.float32), np.zeros((2, AGES, LEVELS + 1), np.float32)
death[:, :, :LEVELS], birth[1, :, :LEVELS] = task.death, task.birth[:, None]
death, birth, cumulated = death.ravel(), birth.ravel(), task.cumulated[:, :, : LEVELS - 1].astype(np.float32)


def year() -> tuple[int, int, int]:
    global used
    living = deaths = 0
    mothers = []
    for start in range(0, used, block):
        rows = slice(start, min(start + block, used))
        h, s, x, d = home[rows], sex[rows], age[rows], level[rows]
        u = rng.random((4, x.size), np.float32)
        h ^= u[0] < move.take(h * np.int16(AGES) + x)
        cell = (s * np.int16(AGES) + x) * np.int16(LEVELS + 1) + d
        dead = u[1] < death.take(cell)
        mothers.append(start + np.flatnonzero(u[3] < birth.take(cell)))
        living += int(np.count_nonzero(d != GONE))
        old = np.flatnonzero((x >= OLD) & (d != GONE))
        d[old] = (u[2][old, None] >= cumulated[x[old], d[old]]).sum(axis=1)
        d[dead] = GONE
        deaths += int(np.count_nonzero(dead))
        np.minimum(x + 1, AGES - 1, out=x)
    mothers = np.concatenate(mothers)
    girl = rng.random(mothers.size) >= task.boys
    alive = rng.random(mothers.size) >= task.newborn_death[girl.astype(np.intp)]
    new = slice(used, used + np.count_nonzero(alive))
    home[new], sex[new], mother[new] = home[mothers[alive]], girl[alive], mothers[alive]
    used = new.stop
    return living, mothers.size, deaths + int(np.count_nonzero(~alive))


def state() -> dict[str, int]:
    here = level[:used] != GONE
    found = {"population": here, "urban": here & (home[:used] == 0), "impaired": here & (level[:used] > 0)}
    return {name: int(np.count_nonzero(v)) for name, v in (found | {"linked": here & (mother[:used] >= 0)}).items()}


told(year, task.years, state)
