"""Placement against a slow twin: one older person after another, then a sorted queue."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from care_samples import care
from region import FIRST_YEAR, Region, identities
from test_philox import philox_by_hand

from demo_sim.engine import people
from demo_sim.engine.care_cuts import CareCuts, CareInputs, care_cuts
from demo_sim.engine.people import Population
from demo_sim.engine.placement import Residents, YearCare, place
from demo_sim.kernels import placement as module
from demo_sim.kernels.person_year import WORDS_PLACEMENT

HOME, COMMUNITY, INSTITUTION = "home", "community", "institution"
NAMES = [HOME, COMMUNITY, INSTITUTION]
WHOLE = 2**32


@cache
def words_of(ident: int, year: int, key: tuple[int, int]) -> list[int]:
    """Words of a person and year, or of a person alone where `year` is a small number."""
    return philox_by_hand([ident % WHOLE, ident >> 32, year, WORDS_PLACEMENT], list(key))


@dataclass
class Elder:
    """One person of 60 and over; `place` is None for who is gone."""

    ident: int
    sex: int
    age: int
    place: int | None
    level: int
    family: int | None
    setting: str = HOME
    waiting: int = 0
    lived: int = 0
    group: int = 0


class Twin:
    """The rules of placement as the method tells them, in plain Python."""

    def __init__(self, inputs: CareInputs, key: tuple[int, int]) -> None:
        self.inputs, self.key = inputs, key
        self.flows: Counter[tuple[str, int]] = Counter()

    def words(self, elder: Elder, year: int) -> list[int]:
        return words_of(elder.ident, year, self.key)

    def level_of(self, elder: Elder, shares: np.ndarray | None) -> int:
        if shares is None:
            return elder.level
        word, total = self.words(elder, 0)[1], 0.0
        for level, share in enumerate(shares[elder.place, elder.sex, min(elder.age, 100) - 60][:4].tolist()):
            total += share
            if word < int(total * WHOLE):
                return level
        return 4

    def chance_of(self, elder: Elder, level: int, shares: np.ndarray | None) -> float:
        """Chance of a level before it is drawn."""
        if shares is None:
            return float(elder.level == level)
        return float(shares[elder.place, elder.sex, min(elder.age, 100) - 60, level])

    def factor(self, elder: Elder) -> float:
        if elder.family is None or self.inputs.kin is None:
            return 1.0
        partner, children = elder.family % 60 // 12, elder.family % 12 // 3
        alone, spouse = self.inputs.kin[:, 0].tolist()
        return spouse if partner in (2, 3, 4) else 1.0 if children else alone

    def group_of(self, elder: Elder, level: int) -> int:
        terms, family = self.inputs.terms, 128 if elder.family is None else elder.family
        cell = (family % 2, elder.sex, min(elder.age, 100) - 60, elder.place, level)
        cuts = self.inputs.attributes[(0, slice(None), *cell)].tolist()
        has = {a for a, share in enumerate(cuts) if self.words(elder, 2 + a // 4)[a % 4] < share}
        for i, group in enumerate(terms.group.tolist()):
            wanted = {a for a in range(8) if int(terms.needs[i]) >> a & 1}
            first, last = terms.age[i].tolist()
            if first <= elder.age <= last and wanted <= has and terms.allowed[i, elder.place, elder.sex, level, family]:
                return group
        return len(self.inputs.classes) - 1

    def year_end(self, elders: list[Elder], time: int, year: int, shares: np.ndarray | None) -> None:
        """Everybody's wish, then one sorted queue, then the services."""
        use = self.inputs.use[time, ..., 0].tolist()
        living = [e for e in elders if e.place is not None]
        level = {e.ident: self.level_of(e, shares) for e in living}
        mean = [1.0] * 5
        for f in range(5):
            weights = [use[e.place][f] * self.chance_of(e, f, shares) for e in living if e.family is not None]
            if sum(weights):
                mean[f] = sum(w * self.factor(e) for w, e in zip(weights, living, strict=True)) / sum(weights)
        queue, users = [], []
        for elder in elders:
            was = elder.setting
            if elder.place is None:
                if was == INSTITUTION:
                    self.flows["gone", elder.lived] += 1
                elif elder.waiting:
                    self.flows["gone_waiting", elder.lived] += 1
                elder.setting, elder.waiting = HOME, 0
                continue
            f, wish = level[elder.ident], self.words(elder, 0)[0]
            rate = use[elder.place][f]
            wants = wish < int(min(rate * self.factor(elder) / mean[f], 1.0) * WHOLE)
            factors = [1.0] if elder.family is None else [1.0, *self.inputs.kin[:, 0].tolist()]
            may_stay = wish < int(min(max([rate, *(rate * k / mean[f] for k in factors)]), 1.0) * WHOLE)
            stays = was == INSTITUTION and may_stay
            asks = was != INSTITUTION and wants
            if was == INSTITUTION and not stays:
                self.flows["recovered", elder.lived] += 1
            if elder.waiting and not asks:
                self.flows["recovered_waiting", elder.lived] += 1
                elder.waiting = 0
            if stays or asks:
                if asks and not elder.waiting:
                    self.flows["applied", elder.place] += 1
                elder.group, elder.lived = self.group_of(elder, f), elder.place
                queue.append((not stays, elder.group, -elder.waiting, self.words(elder, year)[0], elder.ident, elder))
            if not stays:
                elder.setting = HOME
                words = self.words(elder, 0)[2:] + self.words(elder, 1)[:2]
                for k, word in enumerate(words[: len(self.inputs.community)]):
                    if word < int(self.inputs.community[k, time, elder.place, f, 0] * WHOLE):
                        if np.isfinite(self.inputs.community_places[k, time, 0]):
                            users.append((k, word, elder.ident, elder))
                        else:
                            elder.setting = COMMUNITY
        places = int(self.inputs.places[time, 0])
        for rank, (new, *_, elder) in enumerate(sorted(queue, key=lambda entry: entry[:-1])):
            if rank < places:
                if new:
                    self.flows["entered", elder.lived] += 1
                elder.setting, elder.waiting = INSTITUTION, 0
            else:
                if not new:
                    self.flows["displaced", elder.lived] += 1
                    elder.setting = HOME
                elder.waiting += 1
        for k in range(len(self.inputs.community)):
            mine = sorted(u[1:] for u in users if u[0] == k and u[3].setting != INSTITUTION)
            limit = self.inputs.community_places[k, time, 0]
            for _, _, elder in mine[: int(limit) if np.isfinite(limit) else 0]:
                elder.setting = COMMUNITY


FLOWS = ("applied", "entered", "gone", "recovered", "displaced", "gone_waiting", "recovered_waiting")


def elders_of(population: Population, year_end: int, family: np.ndarray | None, known: dict[int, Elder]) -> list[Elder]:
    """Persons of 60 and over with what the twin found out about them before."""
    p, ids, out = population.persons, identities(population).tolist(), []
    _, years, sexes, starts, stops, _ = p.segments
    for s, born, start, stop in zip(sexes, years, starts, stops, strict=True):
        if year_end - born < 60:
            continue
        for row in range(start, stop):
            code = int(p.code[row])
            elder = known.setdefault(ids[row], Elder(ids[row], s, 0, None, 0, None))
            elder.age, elder.family = min(year_end - born, 100), None if family is None else int(family[row])
            elder.place, elder.level = ((code - 1) // 5, (code - 1) % 5) if 0 < code < p.at.away else (None, 0)
            out.append(elder)
    return out


def families(population: Population, year: int) -> np.ndarray:
    """A made-up family of each row, another one each year."""
    return np.random.default_rng(year).integers(0, 60, len(population.persons.code)).astype(np.uint8)


def compare(population: Population, elders: dict[int, Elder], twin: Twin, cared: YearCare) -> None:
    p = population.persons
    for row, ident in enumerate(identities(population).tolist()):
        if ident in elders:
            e = elders[ident]
            assert (NAMES[p.setting[row]], int(p.waiting[row])) == (e.setting, e.waiting)
        else:
            assert p.setting[row] == p.waiting[row] == 0
    got = {(FLOWS[k], r): int(cared.flows[k, r]) for k, r in np.argwhere(cared.flows).tolist()}
    assert got == dict(twin.flows)
    for group in range(cared.queue.shape[1]):
        waits = [e.waiting for e in elders.values() if e.waiting and e.group == group]
        assert cared.queue[:2, group].sum(axis=1).tolist() == [len(waits), sum(waits)]


@pytest.fixture(params=["compiled", "plain with blocks of 7 rows"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernels as compiled, and their Python source run with blocks of another size."""
    if request.param != "compiled":
        monkeypatch.setattr(module, "BLOCK", 7)
        parts = ("_lasting", "_class", "_screen", "gather", "words_of")
        for name in ("count_kin", "rank_older", "rank_admitted", "settle", "count_settings", *parts):
            monkeypatch.setattr(module, name, getattr(module, name).py_func)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("places", [2, 3])
@pytest.mark.parametrize("with_kin", [False, True], ids=["kin unknown", "kin known"])
@pytest.mark.parametrize("states", [True, False], ids=["levels carried", "levels drawn"])
def test_three_year_ends_equal_the_slow_twin(states: bool, with_kin: bool, places: int) -> None:
    region = Region(years=3, size=6000.0, places=places)
    inputs = care([80.0, 35.0, 45.0, 60.0], regions=places)
    population, known, seen = region.opening(1), {}, Counter()
    residents = Residents(population)
    for time in range(4):
        year = FIRST_YEAR - 1 + time
        if time:
            region.live(population, region.plans[time - 1])
        shares = None if states else region.plans[min(time, 2)].level_shares[:, :, 60:]
        family = families(population, year) if with_kin else None
        cared = place(residents, year, care_cuts(inputs, time, shares, 1.0, 0), inputs, family)
        twin = Twin(inputs, tuple(int(k) for k in population.key))
        twin.year_end(elders_of(population, year, family, known), time, year, shares)
        compare(population, known, twin, cared)
        seen.update(name for name, _ in twin.flows.elements())
        seen.update(e.setting for e in known.values())
    assert all(seen[name] for name in ("applied", "entered", "gone", "displaced", "gone_waiting", COMMUNITY))
    assert states is False or places == 3 or seen["recovered"]  # rare: none among those of three places


def test_threads_and_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    region = Region(years=2, size=40_000.0)
    inputs = care([800.0, 700.0, 900.0])
    answers = []
    for chunk, pool in ((262_144, None), (1_000, None), (1_000, ThreadPoolExecutor(2))):
        monkeypatch.setattr(people, "CHUNK", chunk)
        population = region.opening(0)
        residents, counts = Residents(population), []
        for time in range(3):
            if time:
                region.live(population, region.plans[time - 1])
            cuts = care_cuts(inputs, time, None, 1.0, 0)
            counts.append(place(residents, FIRST_YEAR - 1 + time, cuts, inputs, families(population, time), pool))
        columns = [getattr(population.persons, name).tobytes() for name in ("setting", "waiting", "lived")]
        answers.append((columns, [c.flows.tolist() for c in counts], [c.queue.tolist() for c in counts]))
        if pool is not None:
            pool.shutdown()
    assert answers[0] == answers[1] == answers[2]


def test_nobody_but_placement_notices() -> None:
    region = Region(years=2, size=20_000.0)
    with_places, without = region.opening(0), region.opening(0)
    inputs = care([500.0] * 3)
    residents = Residents(with_places)
    for time, plan in enumerate(region.plans):
        place(residents, plan.year - 1, care_cuts(inputs, time, None, 1.0, 0), inputs)
        region.live(with_places, plan)
        region.live(without, plan)
    rows = slice(0, without.persons.rows)
    assert with_places.persons.rows == without.persons.rows
    for name in ("code", "born", "mother"):
        np.testing.assert_array_equal(getattr(with_places.persons, name)[rows], getattr(without.persons, name)[rows])


def test_without_limits_homes_hold_the_share_stated() -> None:
    """Persons in homes are binomial about the share of each level, the same persons from year to year."""
    region = Region(years=1, size=400_000.0)
    inputs = replace(care([1e9]), kin=None)
    population = region.opening(0)
    cuts: CareCuts = care_cuts(inputs, 0, None, 1.0, 0)
    place(Residents(population), FIRST_YEAR - 1, cuts, inputs)
    p = population.persons
    old = np.concatenate(
        [np.arange(a, b) for _, born, _, a, b, _ in zip(*p.segments, strict=True) if born <= FIRST_YEAR - 61]
    )
    residence, level = np.divmod(p.code[old].astype(int) - 1, 5)
    share = inputs.use[0, residence, level, 0]
    excess = float(((p.setting[old] == 2) - share).sum()) / np.sqrt(float((share * (1.0 - share)).sum()))
    assert abs(excess) < 4.0
