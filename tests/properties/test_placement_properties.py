"""What holds whatever the beds: nobody is lost, no bed is used twice, who comes first goes first."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

import numpy as np
import pytest
from care_samples import care, without_classes
from hypothesis import given, settings
from hypothesis import strategies as st
from region import FIRST_YEAR, Region, identities
from test_philox import philox_by_hand

from demo_sim.engine.care_cuts import care_cuts
from demo_sim.engine.people import Population
from demo_sim.engine.placement import Residents, YearCare, choose_places, place
from demo_sim.kernels import placement as kernels
from demo_sim.kernels.person_year import WORDS_PLACEMENT

YEARS = 3
QUICK = settings(deadline=None, max_examples=40, derandomize=True)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 1, 65_535, 65_536, 2**31, 2**32 - 1])), max_size=60),
    st.integers(-3, 70),
    st.randoms(use_true_random=False),
)
@QUICK
def test_exactly_k_of_n_with_ties_by_id(people: list[tuple[int, int]], places: int, random) -> None:
    idents = np.array(random.sample(range(10**6), len(people)), np.uint64)
    rank = np.array([r for r, _ in people], np.uint16)
    word = np.array([w for _, w in people], np.uint32)
    chosen = choose_places(rank, word, 5, places, lambda at: idents[at])
    queue = sorted(range(len(people)), key=lambda i: (people[i], int(idents[i])))
    expected = np.zeros(len(people), np.uint8)
    expected[queue[: max(places, 0)]] = 1
    np.testing.assert_array_equal(chosen, expected)


def test_a_long_queue_equals_a_sorted_one() -> None:
    rng = np.random.default_rng(5)
    rank, word = rng.integers(0, 900, 200_000).astype(np.uint16), rng.integers(0, 2**32, 200_000).astype(np.uint32)
    idents = rng.permutation(200_000).astype(np.uint64)
    for places in (0, 1, 73_211, 199_999, 200_000):
        chosen = choose_places(rank, word, 900, places, lambda at: idents[at])
        assert set(np.flatnonzero(chosen)) == set(np.lexsort((idents, word, rank))[:places])


@cache
def year_ends() -> list[Population]:
    """The same small region at four year-ends, each a population of its own."""
    region = Region(years=YEARS, size=12_000.0)
    population = region.opening(0)
    out = [deepcopy(population)]
    for plan in region.plans:
        region.live(population, plan)
        out.append(deepcopy(population))
    return out


class Course:
    """The same persons through four year-ends with so many places at each."""

    def __init__(self, places: list[float], classes: bool) -> None:
        self.inputs = care(places) if classes else without_classes(care(places))
        self.places = places
        self.cares: list[YearCare] = []
        self.columns: list[dict[str, np.ndarray]] = []
        residents = None
        for time, population in enumerate(year_ends()):
            population = deepcopy(population)
            if residents is not None:
                for name in ("setting", "waiting", "lived"):
                    setattr(population.persons, name, self.columns[-1][name].copy())
                residents.population = population
                population.persons.reserve_care()
            residents = residents or Residents(population)
            cuts = care_cuts(self.inputs, time, None, 1.0, 0)
            self.cares.append(place(residents, FIRST_YEAR - 1 + time, cuts, self.inputs))
            p = population.persons
            self.columns.append({name: getattr(p, name).copy() for name in ("setting", "waiting", "lived", "code")})


beds = st.lists(st.sampled_from([0.0, 1.0, 17.5, 40.0, 90.0, 1e9]), min_size=YEARS + 1, max_size=YEARS + 1)


@given(beds, st.booleans())
@QUICK
def test_entries_waiting_and_left_are_those_who_asked(places: list[float], classes: bool) -> None:
    course = Course(places, classes)
    waiting = in_homes = 0
    for time, cared in enumerate(course.cares):
        flow = cared.flows.sum(axis=1)
        now, homes = course.columns[time]["waiting"], course.columns[time]["setting"] == kernels.INSTITUTION
        eligible = waiting + flow[kernels.APPLIED] + flow[kernels.DISPLACED]
        left = flow[kernels.GONE_WAITING] + flow[kernels.RECOVERED_WAITING]
        assert flow[kernels.ENTERED] + (now > 0).sum() + left == eligible
        exits = flow[kernels.DIED_OR_LEFT] + flow[kernels.RECOVERED] + flow[kernels.DISPLACED]
        assert in_homes + flow[kernels.ENTERED] - exits == homes.sum()
        waiting, in_homes = int((now > 0).sum()), int(homes.sum())
        assert cared.queue[0].sum() == waiting and cared.queue[1].sum() == now.sum()


@given(beds, st.booleans())
@QUICK
def test_no_bed_is_used_twice(places: list[float], classes: bool) -> None:
    course = Course(places, classes)
    for time, column in enumerate(course.columns):
        homes = column["setting"] == kernels.INSTITUTION
        assert homes.sum() <= places[time]
        assert not (homes & (column["waiting"] > 0)).any()
        assert not (homes | (column["waiting"] > 0))[column["code"][: homes.size] == 0].any()
        if (column["waiting"] > 0).any():
            assert homes.sum() == int(places[time])  # nobody waits beside an empty bed


@given(beds, st.booleans())
@QUICK
def test_nobody_enters_before_a_higher_class_or_a_longer_wait(places: list[float], classes: bool) -> None:
    course, people = Course(places, classes), year_ends()
    for time in range(YEARS + 1):
        now = course.columns[time]
        before = course.columns[time - 1] if time else {name: np.zeros_like(c) for name, c in now.items()}
        old_wait, was_in = np.zeros_like(now["waiting"]), np.zeros(now["setting"].size, bool)
        old_wait[: before["waiting"].size] = before["waiting"]
        was_in[: before["setting"].size] = before["setting"] == kernels.INSTITUTION
        entered = np.flatnonzero((now["setting"] == kernels.INSTITUTION) & ~was_in)
        # those who were displaced this year come after everybody who entered, as nobody enters then
        waits = np.flatnonzero((now["waiting"] > 0) & ~was_in)
        if not entered.size or not waits.size:
            continue
        assert not (was_in & (now["waiting"] > 0)).any()
        queue = queue_keys(people[time], FIRST_YEAR - 1 + time, classes_of(course, people[time], time), old_wait)
        assert max(queue[row] for row in entered.tolist()) < min(queue[row] for row in waits.tolist())


def queue_keys(
    population: Population, year: int, group: dict[int, int], waited: np.ndarray
) -> dict[int, tuple[int, int, int, int]]:
    """What decides the place in the queue of each row: class, years waited, word of person and year, id."""
    ids, key = identities(population), [int(k) for k in population.key]
    out = {}
    for row, of_class in group.items():
        ident = int(ids[row])
        word = philox_by_hand([ident % 2**32, ident >> 32, year, WORDS_PLACEMENT], key)[0]
        out[row] = (of_class, -int(waited[row]), word, ident)
    return out


def classes_of(course: Course, population: Population, time: int) -> dict[int, int]:
    """Priority class of everybody who would be ranked, as the kernel says for unlimited wishes and no beds."""
    population = deepcopy(population)
    inputs = care([0.0] * (YEARS + 1)) if len(course.inputs.classes) > 1 else without_classes(care([0.0] * (YEARS + 1)))
    groups: dict[int, int] = {}
    settle = kernels.settle

    def listen(rows, bucket, *rest):
        classes = rest[4]
        groups.update(
            zip(rows.tolist(), ((bucket.astype(int) - classes) // (kernels.LONGEST + 1)).tolist(), strict=True)
        )
        settle(rows, bucket, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "settle", listen)
        place(Residents(population), FIRST_YEAR - 1 + time, care_cuts(inputs, time, None, 1.0, 0), inputs)
    return groups


@given(beds)
@QUICK
def test_no_more_than_the_places_of_a_service(places: list[float]) -> None:
    """The first service is not limited, the second has 20 places, the third none."""
    course = Course(places, True)
    without = care(places)
    without.community[1:] = 0.0
    for time, population in enumerate(year_ends()):
        fresh = deepcopy(population)
        place(Residents(fresh), FIRST_YEAR - 1 + time, care_cuts(without, time, None, 1.0, 0), without)
        unlimited = set(np.flatnonzero(fresh.persons.setting == kernels.COMMUNITY))
        users = set(np.flatnonzero(course.columns[time]["setting"] == kernels.COMMUNITY))
        homes = set(np.flatnonzero(course.columns[time]["setting"] == kernels.INSTITUTION))
        assert len(users - unlimited - set(np.flatnonzero(fresh.persons.setting == kernels.INSTITUTION))) <= 20
        assert not users & homes
