"""Shares pooled over person draws, and what the persons of single draws show beyond them, on made-up families."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_kin import AWAY, Families
from test_kin_counting import DRAWS, SINGLE, classes, entry, families, hunan

from demo_sim.block.relatives import Relatives
from demo_sim.demand.counting import Counter
from demo_sim.demand.deviations import Deviations, Seen, Watch, settle_factors
from demo_sim.demand.kin_counts import KinCounts, KinShares, shrink
from demo_sim.demand.kin_rules import Classes, family_mask
from demo_sim.demand.needs import bridge_by_age, count_groups
from demo_sim.demand.sizes import Projected
from demo_sim.inputs.draws import STATED, Draws
from demo_sim.scenario.entries import GroupDefinition, KinCondition

QUICK = settings(deadline=None, max_examples=10, derandomize=True)
OLD = {"age": "60+", "kin": {"partner": SINGLE, "children": "none"}}
CHILDLESS = family_mask(KinCondition.model_validate({"children": "none"}))
MINE = [
    entry(where=OLD),
    entry("hukou", where={"age": "0-17", "kin": {"father": "dead"}}),
    entry("hukou", where={"age": "60+", "registered": "rural", "kin": {"children": "away"}}),
    entry(where={"age": "60+", "function": ("severe", "total"), "kin": {"children": "none"}}),
    entry(where={"age": "18+", "sex": "female", "any": ({"partner": "lost"}, {"children_born": "1"})}),
]


def projected(kin: KinShares, people: Families, draws: Draws, scale: float = 1.0) -> Projected:
    persons = scale * people.persons()
    return Projected(persons, people.levels(), hunan()[2], bridge_by_age(draws, persons[0]), kin)


def deviations(where: Projected, draws: Draws, counts: KinCounts, catalog: dict[str, GroupDefinition]) -> Deviations:
    """What the persons of the draws show of all groups."""
    watch = Watch(counts)
    count_groups(Counter(replace(where, watch=watch), draws, catalog))
    return settle_factors(watch.seen, counts.scale, counts.draws)


def test_pooled_shares_are_those_of_all_draws_together() -> None:
    """In parts of any number of draws: the people of the mean draw are the mean of the people."""
    people, mine = families(), entry(where={"age": "60+", "kin": {"children": "none"}})
    of = classes({"mine": mine})
    parts = [people.draws(0, 1).counts(of), people.draws(2).counts(of)]
    kin = KinShares.pooled(parts)
    draws = Draws(hunan()[0].quantities, 1, [STATED])
    persons = people.persons().mean(axis=-1, keepdims=True)
    counter = Counter(Projected(persons, None, hunan()[2], None, kin), draws, {"mine": mine})
    slow = people.grown(lambda p, c, b, g: c == "none", 60)[:, :AWAY].sum(axis=(2, 3)).mean(axis=-1)
    np.testing.assert_allclose(counter.group("mine")[..., 0], slow, rtol=1e-12)
    whole = KinShares.pooled([people.counts(of)])
    for name in ("by_level", "by_age", "persons_outside", "agents"):
        np.testing.assert_allclose(getattr(kin, name), getattr(whole, name), rtol=1e-14, err_msg=name)


def test_pooled_people_outside_are_the_mean_of_the_draws() -> None:
    people, scale, ages = families(), 7.0, np.arange(101) >= 60
    of = Classes.of_masks([CHILDLESS])
    kin = KinShares.pooled([people.draws(draw).counts(of, scale) for draw in range(DRAWS)])
    chosen = np.flatnonzero(of.members(CHILDLESS)[1]).tolist()
    slow = scale * people.grown(lambda p, c, b, g: c == "none", 60)[:, AWAY].mean(axis=-1)
    np.testing.assert_allclose(kin.outside(chosen, ages)[..., 0], slow, rtol=1e-12)


def test_shares_of_one_draw_are_its_own() -> None:
    of = classes(dict(hunan()[0].catalog.populations))
    own = KinShares.own(families().counts(of))
    for draw in range(DRAWS):
        alone = KinShares.pooled([families().draws(draw).counts(of)])
        for name in ("by_level", "by_age", "persons_outside"):
            np.testing.assert_allclose(getattr(own, name)[..., draw : draw + 1], getattr(alone, name), rtol=1e-14)


def test_shares_add_up_and_an_empty_cell_takes_those_of_its_age() -> None:
    """Without agents at a level those of the cell, without any in the cell those of all places and both sexes."""
    agents = families().agents.copy()
    agents[:, :, 0, 0, 70, 4] = 0
    agents[:, :, 1, 1, 80] = 0
    people, of = Families(agents), Classes.of_masks([CHILDLESS])
    kin = KinShares.pooled([people.counts(of)])
    for shares in (kin.by_level, kin.by_age):
        np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(kin.by_level[:, :, 0, 0, 70, 4], kin.by_age[:, :, 0, 0, 70, 0])
    cells = people.counts(of).counts[:, :, :, :, 80].sum(axis=(2, 3, 4, 5))
    share = cells / cells.sum(axis=0)
    np.testing.assert_allclose(kin.by_level[:, :, 1, 1, 80, 2, 0], share, rtol=1e-12)


@pytest.mark.parametrize("mine", MINE, ids=range(len(MINE)))
def test_one_to_one_a_deviation_gives_the_persons_of_the_draw_back(mine: GroupDefinition) -> None:
    """Pooled shares with the factors of a draw count what its own families count."""
    _, draws, _ = hunan()
    people, catalog = families(), {"mine": mine}
    counts = people.counts(classes(catalog))
    own = Counter(projected(KinShares.own(counts), people, draws), draws, catalog).group("mine")
    pooled = projected(KinShares.pooled([counts]), people, draws)
    found = deviations(pooled, draws, counts, catalog)
    for factors in (found.whole, found.shrunk):  # with single persons nothing is shrunk
        got = Counter(replace(pooled, factors=factors), draws, catalog).group("mine")
        np.testing.assert_allclose(got.sum(axis=1), own.sum(axis=1), rtol=1e-10)
        if mine.base == "resident":
            np.testing.assert_allclose(got, own, rtol=1e-10)
    plain = Counter(pooled, draws, catalog).group("mine")
    assert np.abs(plain.sum(axis=1) / own.sum(axis=1) - 1.0).max() > 1e-3


def test_draws_that_are_alike_deviate_by_nothing() -> None:
    _, draws, _ = hunan()
    people = families().draws(1, 1, 1)
    catalog = {str(i): mine.model_copy(update={"id": str(i)}) for i, mine in enumerate(MINE)}
    counts = people.counts(classes(catalog), 50.0)
    pooled = projected(KinShares.pooled([counts]), people, draws, 50.0)
    found = deviations(pooled, draws, counts, catalog)
    assert set(found.whole) == set(found.shrunk) == set(catalog) and found.draws == DRAWS
    for factors in (found.whole, found.shrunk):
        for name, factor in factors.items():
            np.testing.assert_allclose(factor, 1.0, rtol=1e-12, err_msg=name)


@QUICK
@given(st.integers(1, 5), st.lists(st.integers(-4, 40), min_size=1, max_size=12))
def test_draws_take_the_person_draws_in_turn(person_draws: int, numbers: list[int]) -> None:
    """Draw i has the factors of person draw i mod P; the run at stated values and its replicates have none."""
    factor = np.random.default_rng(1).uniform(0.5, 2.0, (3, 2, person_draws))
    relatives = Relatives(
        None, Deviations({"mine": factor}, {}, person_draws), None, np.arange(person_draws), person_draws
    )  # type: ignore[arg-type]
    got = relatives.factors(np.array(numbers))["mine"]
    for place, number in enumerate(numbers):
        expected = factor[..., number % person_draws] if number >= 0 else 1.0
        np.testing.assert_array_equal(got[..., place], np.broadcast_to(expected, (3, 2)))


def test_blocks_of_person_draws_are_joined_in_order() -> None:
    _, draws, _ = hunan()
    people, catalog = families(), {"mine": MINE[1]}
    of = classes(catalog)
    pooled = KinShares.pooled([people.counts(of)])

    def seen(*chosen: int) -> Seen:
        part, own = people.draws(*chosen), Draws(draws.quantities, draws.seed, chosen)
        watch = Watch(part.counts(of))
        Counter(replace(projected(pooled, part, own), watch=watch), own, catalog).group("mine")
        return watch.seen["mine"]

    whole, joined = seen(0, 1, 2), Seen.join([seen(0, 1), seen(2, 2).first(1)])
    for name, values in vars(whole).items():
        np.testing.assert_allclose(getattr(joined, name), values, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("spread", [0.0, 0.02])
def test_chance_among_agents_is_shrunk_to_that_of_persons(spread: float) -> None:
    """2,000 draws of a share of 0.3 among 400 agents, each 100 persons; a real spread over draws stays."""
    random = np.random.default_rng(7)
    draws, agents, scale, share = 2000, 400, 100.0, 0.3
    true = share + spread * random.standard_normal(draws)
    seen = random.binomial(agents, np.clip(true, 0.0, 1.0)) / agents
    chance = np.array([(seen * (1.0 - seen) / agents).mean()])
    factor = shrink((seen - seen.mean())[None], chance, scale)
    wanted = spread**2 + share * (1.0 - share) / (agents * scale)
    assert (factor * seen).var() == pytest.approx(wanted, rel=0.2)


def of_binary(chosen: np.ndarray, everyone: np.ndarray, scale: float) -> KinCounts:
    """Counts of those without children, and of all others."""
    of = Classes.of_masks([CHILDLESS])
    assert of.size == 2
    [inside] = np.flatnonzero(of.members(CHILDLESS)[1])
    counts = [chosen if number == inside else everyone - chosen for number in range(2)]
    return KinCounts(of, np.array(counts, np.int32), scale)


@pytest.mark.parametrize("where", ["at home", "outside"])
def test_a_group_varies_over_draws_far_less_than_agents_do(where: str) -> None:
    """200 draws of the same families, an agent 400 persons: what the estimate of V leaves is under a tenth of V."""
    scenario, _, grid = hunan()
    draws, scale, share, agents = 200, 400.0, 0.3, 20
    mine = entry("hukou" if where == "outside" else "resident", where={"age": "60-64", "kin": {"children": "none"}})
    everyone = np.zeros((grid.times.size, 3, 2, grid.ages, 5, draws), np.int64)
    everyone[..., 0, :] = agents
    random = np.random.default_rng(11)
    chosen = random.binomial(everyone, share)
    if where == "outside":  # their number is one of chance, too; nobody differs at home
        chosen[:, :AWAY] = everyone[:, :AWAY] // 2
        chosen[:, AWAY, ..., 0, :] = random.poisson(agents * share, chosen[:, AWAY, ..., 0, :].shape)
        everyone[:, AWAY, ..., 0, :] = chosen[:, AWAY, ..., 0, :] + agents
    counts = of_binary(chosen, everyone, scale)
    own = Draws(scenario.quantities, 1, np.full(draws, STATED))
    persons = scale * everyone[:, :AWAY].sum(axis=4).astype(float)
    pooled = Projected(persons, None, grid, None, KinShares.pooled([counts]))
    found = deviations(pooled, own, counts, {"mine": mine})

    def variance(factors: dict[str, np.ndarray]) -> tuple[float, float]:
        got = Counter(replace(pooled, factors=factors), own, {"mine": mine}).group("mine").sum(axis=1)
        return float(got.mean()), float(got.var(axis=1).mean())

    mean, _ = variance({})
    cells = 10 * scale * agents * share  # both sexes, five ages
    assert where == "outside" or mean == pytest.approx(2 * cells, rel=0.01)
    of_persons = cells if where == "outside" else 2 * cells * (1.0 - share)
    for factors, lowest, highest in ((found.shrunk, 0.7, 0.1 * scale), (found.whole, 0.8 * scale, 1.2 * scale)):
        got, spread = variance(factors)
        assert got == pytest.approx(mean, rel=1e-3)
        assert lowest * of_persons < spread < highest * of_persons
    assert variance({})[1] == pytest.approx(0.0, abs=1e-9)
