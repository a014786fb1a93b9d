"""Groups that relatives decide, on made-up families, against counting agent by agent."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_kin import AWAY, CHILD_CODES, GROWN_CODES, RURAL, URBAN, Families

import demo_sim as ds
from demo_sim.demand.counting import Counter
from demo_sim.demand.exclusive import fit_weights
from demo_sim.demand.kin_counts import KinShares
from demo_sim.demand.kin_rules import Classes, family_mask, kin_classes, where_mask
from demo_sim.demand.needs import bridge_by_age, count_groups
from demo_sim.demand.quantities import MissingInput
from demo_sim.demand.sizes import Projected
from demo_sim.inputs.base import model_grid
from demo_sim.inputs.draws import Draws
from demo_sim.inputs.grid import Grid
from demo_sim.scenario.entries import FactorSpec, GroupDefinition, KinCondition, Rule, Where
from demo_sim.scenario.fields import Label
from demo_sim.vocab import CHILDREN, CHILDREN_BORN, GRANDCHILD, PARENTS, PARTNERS

QUICK = settings(deadline=None, max_examples=20, derandomize=True)
DRAWS = 3
LONE = ("never", "lost", "elsewhere", "away")
SINGLE = ("never", "lost")
ARRANGEMENTS = ("older_with_child", "older_couple", "older_alone", "older_with_grandchild")


@lru_cache(maxsize=1)
def hunan() -> tuple[ds.Scenario, Draws, Grid]:
    scenario = ds.load("hunan").replace({"plan": [], "period.end": 2022})
    return scenario, Draws(scenario.quantities, scenario.settings.seed, range(DRAWS)), model_grid(scenario)


@lru_cache(maxsize=1)
def families() -> Families:
    _, _, grid = hunan()
    return Families.random(1, grid.times.size, grid.ages, DRAWS)


def classes(catalog: dict[str, GroupDefinition]) -> Classes:
    rules = [rule for entry in catalog.values() for rule in (entry, *entry.union) if isinstance(rule, Rule)]
    return Classes.of_masks([mask for rule in rules if (mask := where_mask(rule.where)) is not None])


def count(*entries: GroupDefinition, scale: float = 1.0, people: Families | None = None) -> Counter:
    """A counter of the shipped groups and some more, on the families of each draw; an agent is `scale` persons."""
    scenario, draws, grid = hunan()
    people = people or families()
    catalog = dict(scenario.catalog.populations) | {entry.id: entry for entry in entries}
    kin = KinShares.own(people.counts(classes(catalog), scale))
    persons = scale * people.persons()
    bridge = bridge_by_age(draws, persons[0])
    return Counter(Projected(persons, people.levels(), grid, bridge, kin), draws, catalog)


def entry(base: str = "resident", **rule: object) -> GroupDefinition:
    label = Label(zh="人", en="people")
    return GroupDefinition.model_validate({"id": "mine", "label": label, "rule": label, "base": base, **rule})


words = {
    "father": PARENTS, "mother": PARENTS, "partner": PARTNERS, "children": CHILDREN, "children_born": CHILDREN_BORN,
    "grandchild": GRANDCHILD,
}  # fmt: skip


@QUICK
@given(st.data())
def test_a_mask_holds_the_families_that_the_words_say(data: st.DataObject) -> None:
    young = data.draw(st.booleans())
    keys = ("father", "mother") if young else ("partner", "children", "children_born", "grandchild")
    wanted = {key: data.draw(st.lists(st.sampled_from(words[key]), unique=True)) for key in keys}
    mask = family_mask(KinCondition.model_validate(wanted))
    codes = CHILD_CODES if young else GROWN_CODES
    asked = any(wanted.values())
    for code, family in enumerate(codes):
        holds = all(not wanted[key] or word in wanted[key] for key, word in zip(keys, family, strict=True))
        assert mask[0 if young else 1, code] == (asked and holds)
    assert not mask[1 if young else 0].any() and not mask[:, len(codes) :].any(axis=1)[0 if young else 1]


@QUICK
@given(st.lists(st.sampled_from(list(product(PARTNERS, CHILDREN))), min_size=1, max_size=4))
def test_classes_share_families_out_and_make_up_every_mask(wanted: list[tuple[str, str]]) -> None:
    masks = [family_mask(KinCondition.model_validate({"partner": p, "children": c})) for p, c in wanted]
    found = Classes.of_masks(masks)
    parts = [found.of == number for number in range(found.size)]
    for row, used in enumerate((25, 120)):
        assert (np.sum(parts, axis=0)[row] == (np.arange(128) < used)).all()
        np.testing.assert_array_equal(found.numbers[row, :used], found.of[row, :used])
    assert (found.numbers < found.size).all()  # also of codes that do not occur
    for mask in masks:
        members = found.members(mask)
        for row in (0, 1):
            together = [part[row] for part, inside in zip(parts, members[row], strict=True) if inside]
            np.testing.assert_array_equal(np.any(together, axis=0) if together else np.zeros(128, bool), mask[row])


def test_the_shipped_rules_need_few_classes() -> None:
    catalog = hunan()[0].catalog
    found = kin_classes(catalog.populations, catalog.resources)
    assert found is not None and found.size < 40
    assert kin_classes({}, catalog.resources) is None


def test_a_condition_counts_the_agents_that_satisfy_it() -> None:
    people = families()
    mine = entry(where={"age": "60+", "kin": {"partner": SINGLE, "children": "none"}})
    got = count(mine).group("mine")
    slow = people.grown(lambda p, c, b, g: p in SINGLE and c == "none", 60)[:, :AWAY].sum(axis=(2, 3))
    np.testing.assert_allclose(got, slow, rtol=1e-12)


def test_alternatives_count_each_person_once() -> None:
    people = families()
    both, one = {"father": "dead", "mother": "dead"}, {"father": "dead"}
    mine = entry(where={"age": "0-17", "any": (both, one, {"mother": "away"})})
    slow = people.children(lambda f, m: f == "dead" or m == "away")[:, :AWAY].sum(axis=(2, 3))
    np.testing.assert_allclose(count(mine).group("mine"), slow, rtol=1e-12)


def test_levels_and_relatives_are_counted_together() -> None:
    people = families()
    mine = entry(where={"age": "60+", "function": ("severe", "total"), "kin": {"children": "none"}})
    chosen = [i for i, (_, c, _, _) in enumerate(GROWN_CODES) if c == "none"]
    slow = people.agents[chosen][:, :, :AWAY, :, 60:, 3:].sum(axis=(0, 3, 4, 5))
    np.testing.assert_allclose(count(mine).group("mine"), slow, rtol=1e-12)


def test_a_union_of_groups_and_rules_counts_each_person_once() -> None:
    people = families()
    first = entry(where={"age": "70+", "kin": {"children": "away"}}).model_copy(update={"id": "first"})
    second = Rule.model_validate({"where": {"age": "60+", "kin": {"partner": SINGLE}}})
    mine = entry(where={"age": "60+"}, union=("first", second))
    old = people.grown(lambda p, c, b, g: c == "away" or p in SINGLE, 70).sum(axis=(2, 3))
    younger = people.grown(lambda p, c, b, g: p in SINGLE, 60)[:, :, :, :10].sum(axis=(2, 3))
    np.testing.assert_allclose(count(first, mine).group("mine"), (old + younger)[:, :AWAY], rtol=1e-12)


def test_within_and_without_divide_a_group() -> None:
    has = entry(where={"age": "60+", "kin": {"children": "here"}}).model_copy(update={"id": "has"})
    within = entry(where={"age": "80+"}, within=("has",)).model_copy(update={"id": "within"})
    without = entry(where={"age": "80+"}, without=("has",)).model_copy(update={"id": "without"})
    counter = count(has, within, without)
    slow = families().grown(lambda p, c, b, g: c == "here", 80)[:, :AWAY].sum(axis=(2, 3))
    np.testing.assert_allclose(counter.group("within"), slow, rtol=1e-12)
    np.testing.assert_allclose(
        counter.group("within") + counter.group("without"), counter.group("older_80"), rtol=1e-12
    )


def test_the_registered_are_local_residents_and_those_away() -> None:
    _, draws, _ = hunan()
    people = families()
    mine = entry("hukou", where={"age": "15-17", "kin": {"father": "dead"}})
    slow = people.children(lambda f, m: f == "dead")[:, :, :, 15:].sum(axis=(2, 3))
    local = 1.0 - draws["groups.hukou_nonlocal"].series(hunan()[2].times, age="15-59")
    wanted = slow[:, :AWAY].sum(axis=1) * local + slow[:, AWAY]
    np.testing.assert_allclose(count(mine).group("mine").sum(axis=1), wanted, rtol=1e-12)


def test_rural_registration_takes_a_share_of_the_urban_and_nobody_away() -> None:
    _, draws, grid = hunan()
    mine = entry("hukou", where={"age": "15-17", "registered": "rural", "kin": {"father": "dead"}})
    slow = families().children(lambda f, m: f == "dead")[:, :, :, 15:].sum(axis=(2, 3))
    local = 1.0 - draws["groups.hukou_nonlocal"].series(grid.times, age="15-59")
    share = draws["groups.rural_share_of_urban"].series(grid.times)
    got = count(mine).group("mine")
    np.testing.assert_allclose(got[:, RURAL], slow[:, RURAL] * local, rtol=1e-12)
    np.testing.assert_allclose(got[:, URBAN], slow[:, URBAN] * local * share, rtol=1e-12)


@pytest.mark.parametrize("part", [0.4, 2.5])
def test_candidates_are_scaled_to_a_known_total_and_the_rest_is_unseen(part: float) -> None:
    """A total below the candidates takes a part of them; one above takes all, the rest from everybody."""
    scenario, _, grid = hunan()
    bare = count()
    bare.group("orphans")
    found = bare.evidence["orphans"].candidates.sum(axis=1)
    scaled = scenario.replace({"groups.orphans": {"value": part * float(found[0, 0]), "unit": "persons"}})
    own = Draws(scaled.quantities, scenario.settings.seed, range(DRAWS))
    counter = Counter(bare.projected, own, bare.catalog)
    got = counter.group("orphans").sum(axis=1)
    np.testing.assert_allclose(got[0], part * found[0, 0], rtol=1e-12)
    people = families()
    registered = np.zeros_like(found)
    nonlocal_ = own["groups.hukou_nonlocal"]
    for first, last, group in ((0, 14, "0-14"), (15, 17, "15-59")):
        cells = people.children(lambda f, m: True)[:, :, :, first : last + 1].sum(axis=(2, 3))
        registered += cells[:, :AWAY].sum(axis=1) * (1.0 - nonlocal_.series(grid.times, age=group)) + cells[:, AWAY]
    total = part * found[0, 0]
    seen, unseen = np.minimum(1.0, total / found[0]), np.maximum(0.0, total - found[0]) / registered[0]
    np.testing.assert_allclose(got, found * seen + registered * unseen, rtol=1e-12)


def test_living_arrangements_never_pass_all_people_and_follow_the_relatives() -> None:
    counter = count()
    parts = {name: counter.group(name) for name in ARRANGEMENTS}
    assert (np.sum(list(parts.values()), axis=0) <= counter.group("older_60") * (1.0 + 1e-12)).all()
    for name in ARRANGEMENTS:
        evidence = counter.evidence[name]
        assert (parts[name] <= evidence.candidates * (1.0 + 1e-9)).all(), name
        assert (parts[name][0].sum(axis=0) <= evidence.known[2020] * 1.002).all(), name
    np.testing.assert_allclose(
        counter.group("older_empty_nest"), parts["older_alone"] + parts["older_couple"], rtol=1e-12
    )


def test_a_share_by_age_is_met_where_there_are_candidates_enough() -> None:
    _, draws, grid = hunan()
    mine = entry(
        where={"age": "60+", "kin": {"partner": ["here", "never", "lost"]}},
        match=FactorSpec(of="groups.living_alone"),
    )
    counter = count(mine)
    persons = families().persons()[0, :, :, 60:].sum(axis=(0, 1))
    shares = draws["groups.living_alone"]
    wanted = sum(
        persons[slice(first, last)].sum(axis=0) * shares.series(grid.times[:1], age=label)[0]
        for first, last, label in ((0, 10, "60-69"), (10, 20, "70-79"), (20, None, "80+"))
    )
    np.testing.assert_allclose(counter.group("mine")[0].sum(axis=0), wanted, rtol=1e-8)
    np.testing.assert_allclose(counter.evidence["mine"].known[2020], wanted, rtol=1e-12)


def test_the_age_limit_of_minors_is_a_dated_setting() -> None:
    people = families()
    mine = entry(where={"age": "0-17", "below": FactorSpec(of="groups.tekun_minor_limit"), "kin": {"mother": "dead"}})
    got = count(mine).group("mine")
    slow = people.children(lambda f, m: m == "dead")[:, :AWAY].sum(axis=2)
    np.testing.assert_allclose(got[0], slow[0, :, :16].sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(got[1:], slow[1:].sum(axis=2), rtol=1e-12)


def test_older_people_in_special_difficulty_are_counted_once() -> None:
    """Agents stand for so many persons that the totals of Hunan fit."""
    counter = count(scale=450.0)
    union = counter.group("older_special_difficulty")
    names = counter.catalog["older_special_difficulty"].union
    parts = [counter.group(name) for name in names if isinstance(name, str)]
    assert len(parts) == len(names) == 6
    at_home = [part for name, part in zip(names, parts, strict=True) if counter.catalog[str(name)].base == "resident"]
    assert (union > np.max(at_home, axis=0)).all() and (union < np.sum(parts, axis=0)).all()
    assert (union < counter.group("older_60")).all()


def test_every_shipped_group_is_counted_with_relatives_and_says_how() -> None:
    scenario, _, _ = hunan()
    counter = count()
    groups = count_groups(counter)
    assert set(groups) == set(scenario.catalog.populations)
    assert all(np.isfinite(values).all() and (values >= 0.0).all() for values in groups.values())
    assert counter.how("orphans") == ("kin_known", "persons")
    assert counter.how("older_no_kin") == ("kin", "")
    assert counter.how("older_special_difficulty") == ("union", "")
    assert counter.how("dibao") == ("known", "bridge")
    evidence = counter.evidence["tekun"]
    parts = [counter.evidence[f"tekun_{ages}"] for ages in ("0_17", "18_59", "60")]
    np.testing.assert_allclose(evidence.known[2020], sum(part.known[2020] for part in parts), rtol=1e-12)


def test_without_relatives_the_other_rule_counts_or_the_group_is_left_out() -> None:
    scenario, draws, grid = hunan()
    people = families()
    bare = Projected(people.persons(), people.levels(), grid, bridge_by_age(draws, people.persons()[0]))
    counter = Counter(bare, draws, scenario.catalog.populations)
    assert counter.how("orphans") == ("known", "bridge") and counter.how("older_alone") == ("share", "")
    np.testing.assert_allclose(
        counter.group("orphans")[0].sum(axis=0), draws["groups.orphans"].series(grid.times[:1])[0], rtol=1e-12
    )
    assert not counter.evidence
    with pytest.raises(MissingInput, match="kin"):
        counter.group("older_no_kin")


@QUICK
@given(st.integers(0, 2**32 - 1))
def test_exclusive_choices_spread_as_wanted_where_that_can_be(seed: int) -> None:
    """Any people of four patterns who chose by some weights: the weights come back, up to none of a choice."""
    random = np.random.default_rng(seed)
    possible = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, 1]], bool)
    people, true = random.uniform(10.0, 90.0, (4, 5)), random.dirichlet(np.full(4, 2.0), 5).T
    open_to = np.vstack([possible, np.ones((1, 4), bool)])
    chances = open_to[:, :, None] * true[:, None] / np.einsum("kp,kc->pc", open_to, true)
    wanted = (chances * people)[:3].sum(axis=1)
    found = fit_weights(people, possible, wanted)
    np.testing.assert_allclose(found, true, rtol=1e-4, atol=1e-6)


def test_more_wanted_than_there_are_is_cut() -> None:
    people, possible = np.array([[30.0], [70.0]]), np.array([[1, 0], [1, 1]], bool)
    cut = fit_weights(people, possible, np.array([[40.0], [90.0]]))  # 130 of 100
    short = fit_weights(people, possible, np.array([[60.0], [20.0]]))  # 30 can choose the first
    for weights, wanted in ((cut, [30.0, 900.0 / 13.0]), (short, [30.0, 20.0])):
        second = weights[1] / (weights[1] + weights[2])
        first = weights[0] / weights.sum(axis=0)
        rest = weights[1] / weights.sum(axis=0)
        got = [float(first[0] * 30.0), float(rest[0] * 30.0 + second[0] * 70.0)]
        np.testing.assert_allclose(got, wanted, rtol=0.01)


def test_the_words_of_a_where_are_all_of_its_conditions() -> None:
    where = Where.model_validate(
        {"age": "60+", "kin": {"children": "none"}, "any": ({"partner": "never"}, {"partner": "lost"})}
    )
    mask = where_mask(where)
    assert mask is not None
    both = family_mask(KinCondition.model_validate({"children": "none", "partner": list(SINGLE)}))
    np.testing.assert_array_equal(mask, both)
