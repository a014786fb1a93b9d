"""What the inputs explain of a result: cases whose answer is known, inputs that do not matter, the error of a share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import norm

import demo_sim as ds
from demo_sim.inputs.draws import STATED, Draws, Stream
from demo_sim.plan.explained import CLASSES, INPUT_FAMILIES, MORE_CLASSES, Explained
from demo_sim.scenario.quantity import Location, Quantity, Row, Source

NOWHERE = Location("test", 0)
# By path, the factor of each input of a linear result; inputs of all families.
FACTORS = {
    "mortality.e0": 3.0, "fertility.tfr": 1.0, "function.prevalence": 1.0, "services.use": 1.0,
    "supply.beds.stock": 2.0, "workforce.turnover": 1.5, "groups.rate": 0.5,
}  # fmt: skip
FAMILY = {
    "mortality.e0": "population", "fertility.tfr": "population", "function.prevalence": "function",
    "services.use": "use", "supply.beds.stock": "supply", "workforce.turnover": "supply", "groups.rate": "definition",
}  # fmt: skip
SEEDS = range(100)
# A spread over 100 seeds lies within these parts of the true one in 999 of 1000 cases (chi-square, 99 degrees).
LEAST, MOST = 0.77, 1.25


def inputs(paths: list[str], draws: int, seed: int, person_draws: int = 0) -> tuple[Draws, Explained]:
    """Normal inputs about nought, one a path, and what they explain."""

    def normal(path: str) -> Quantity:
        source = Source(path, "test", "assumed", "persons")
        return Quantity(path, (Row(0.0, -1.0, 1.0, id=path),), "persons", NOWHERE, (source,))

    sampled = Draws({path: normal(path) for path in paths}, seed, [*range(draws), STATED])
    return sampled, Explained(sampled, person_draws)


def linear(sampled: Draws, factors: dict[str, float]) -> np.ndarray:
    return np.asarray(sum(factor * sampled[path].values[0, :-1] for path, factor in factors.items()))


def known_shares(draws: int) -> dict[str, float]:
    """Share of each input: its part of the variance, less what lies inside the classes of its quantile."""
    classes = MORE_CLASSES if draws >= 4000 else CLASSES
    density = norm.pdf(ndtri(np.arange(classes + 1) / classes))
    between = float((classes * np.diff(density) ** 2).sum())
    assert between == pytest.approx(0.94 if classes == 8 else 0.975, abs=0.02)
    total = sum(factor**2 for factor in FACTORS.values())
    return {path: between * factor**2 / total for path, factor in FACTORS.items()}


@pytest.mark.parametrize("draws", [256, 1024, 4096])
def test_the_driver_of_a_linear_result_and_its_share(draws: int) -> None:
    known, found = known_shares(draws)["mortality.e0"], []
    for seed in SEEDS:
        sampled, explained = inputs(list(FACTORS), draws, seed)
        driver, share = explained.driver(linear(sampled, FACTORS))
        assert driver == Stream("mortality.e0", "", "")
        found.append(share)
    spread = np.std(found, ddof=1)
    assert spread < 1.2 * draws**-0.5 and abs(np.mean(found) - known) < 4.0 * spread / np.sqrt(len(found))


@pytest.mark.parametrize("draws", [256, 1024, 4096])
def test_families_of_a_linear_result_and_their_error(draws: int) -> None:
    """On average over the seeds the shares are those known, and their spread is the error that is told."""
    known = {name: sum(s for path, s in known_shares(draws).items() if FAMILY[path] == name) for name in INPUT_FAMILIES}
    shares: dict[str, list[float]] = {name: [] for name in INPUT_FAMILIES}
    errors: dict[str, list[float]] = {name: [] for name in INPUT_FAMILIES}
    for seed in SEEDS:
        sampled, explained = inputs(list(FACTORS), draws, seed)
        found = explained.families(linear(sampled, FACTORS))
        assert list(found) == list(INPUT_FAMILIES)
        for name, family in found.items():
            shares[name].append(family.share)
            errors[name].append(family.error)
    for name, own in shares.items():
        spread = np.std(own, ddof=1)
        assert abs(np.mean(own) - known[name]) < 4.0 * spread / np.sqrt(len(own)), name
        assert LEAST < spread / np.sqrt(np.mean(np.square(errors[name]))) < MOST, name


def test_a_share_is_the_same_whichever_scale_the_result_has() -> None:
    sampled, explained = inputs(list(FACTORS), 512, 3)
    values = linear(sampled, FACTORS)
    plain, other = explained.families(values), explained.families(1e-6 * values + 40.0)
    for name, family in plain.items():
        assert other[name].share == pytest.approx(family.share, rel=1e-6, abs=1e-9)


def test_an_input_that_two_blocks_read_belongs_to_the_first() -> None:
    source = Source("both", "test", "assumed", "persons")
    rows = (Row(0.0, -1.0, 1.0, id="both"),)
    read = {path: Quantity(path, rows, "persons", NOWHERE, (source,)) for path in ("services.use", "supply.beds")}
    sampled = Draws(read, 1, [*range(256), STATED])
    assert sampled.streams == [Stream("both", "", "")]
    found = Explained(sampled).families(sampled["supply.beds"].values[0, :-1])
    assert found["use"].share > 0.9 and found["supply"].share == 0.0


def test_where_no_input_matters_hardly_ever_one_is_named() -> None:
    """The bound is that of all inputs together, one case in a hundred: fewer than two in a hundred over a thousand."""
    paths = [f"groups.g{i}" for i in range(20)]
    named = []
    for seed in range(1000):
        _, explained = inputs(paths, 256, seed)
        driver, share = explained.driver(np.random.default_rng(seed).normal(size=256))
        named.append(driver is not None)
        assert np.isnan(share) != named[-1]
    assert np.mean(named) < 0.02 and sum(named[:100]) < 2


def test_a_weak_input_among_many_is_named_once_draws_are_enough() -> None:
    paths = ["mortality.e0", *(f"groups.g{i}" for i in range(20))]
    factors = {path: 1.0 if path == "mortality.e0" else 0.3 for path in paths}
    for seed in range(10):
        sampled, explained = inputs(paths, 1024, seed)
        assert explained.driver(linear(sampled, factors))[0] == Stream("mortality.e0", "", "")


@pytest.mark.parametrize("draws", [0, 1, 20, 199])
def test_below_two_hundred_draws_nothing_is_explained(draws: int) -> None:
    sampled, explained = inputs(list(FACTORS), draws, 1)
    values = linear(sampled, FACTORS)
    driver, share = explained.driver(values)
    assert driver is None and np.isnan(share) and explained.families(values) == {}


def test_two_hundred_draws_are_enough() -> None:
    sampled, explained = inputs(list(FACTORS), 200, 1)
    assert explained.driver(linear(sampled, FACTORS))[0] == Stream("mortality.e0", "", "")


@pytest.mark.parametrize("values", [np.ones(256), np.full(256, np.nan), 1e9 + 1e-3 * np.arange(256) / 256])
def test_where_nothing_varies_nothing_is_explained(values: np.ndarray) -> None:
    _, explained = inputs(list(FACTORS), 256, 1)
    assert explained.driver(values)[0] is None and explained.families(values) == {}


def share_and_errors(count: int, draws: int, together: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """A share of draws of each seed, and the error that is told of it, where so many equal inputs decide.

    Parameters
    ----------
    together : whether only two inputs together decide, and none of them alone
    """
    paths, shares, errors = [f"groups.g{i}" for i in range(count)], [], []
    for seed in SEEDS:
        sampled, explained = inputs(paths, draws, seed)
        if together:
            met = (sampled[paths[0]].values[0, :-1] > 0.0) != (sampled[paths[1]].values[0, :-1] > 0.0)
        else:
            met = linear(sampled, dict.fromkeys(paths, count**-0.5)) > 0.4
        shares.append(met.mean())
        errors.append(explained.error_of_share(met))
    return np.array(shares), np.array(errors)


@pytest.mark.parametrize("draws", [256, 1024])
def test_the_error_of_a_share_that_one_input_decides_is_small_and_not_too_small(draws: int) -> None:
    """Draws spread it evenly: far from the error of plain random numbers."""
    shares, errors = share_and_errors(1, draws)
    p = float(norm.cdf(-0.4 * 1.2815515655))
    assert shares.std(ddof=1) < MOST * errors.mean() and np.abs(shares - p).max() < 4.0 * errors.mean()
    assert errors.max() < 0.35 * np.sqrt(p * (1.0 - p) / draws)


@pytest.mark.parametrize("draws", [256, 1024])
@pytest.mark.parametrize(("count", "together"), [(2, False), (8, False), (2, True)])
def test_the_error_of_a_share_is_its_spread_over_seeds(count: int, together: bool, draws: int) -> None:
    shares, errors = share_and_errors(count, draws, together)
    # on average over the seeds: how far one error can be trusted is another matter
    ratio = shares.std(ddof=1) / np.sqrt((errors**2).mean())
    assert LEAST < ratio < MOST


def test_the_error_of_a_share_of_few_draws_is_that_of_random_ones() -> None:
    _, explained = inputs(list(FACTORS), 100, 1)
    met = np.arange(100) < 30
    assert explained.error_of_share(met) == pytest.approx(np.sqrt(0.3 * 0.7 / 100))


def test_what_persons_decide_counts_as_so_many_person_draws() -> None:
    """A result that follows the person draw of each draw alone: as good as that many draws."""
    _, explained = inputs(list(FACTORS), 1024, 1, person_draws=32)
    met = np.isin(np.arange(1024) % 32, np.arange(16))
    told = explained.error_of_share(met, by_persons=True)
    assert told == pytest.approx(np.sqrt(0.25 / 32), rel=0.1)
    assert explained.error_of_share(met) < 0.3 * told


def test_chance_by_year_counts_with_the_family_of_its_path_and_is_no_driver() -> None:
    """Total fertility of 2026 on a level of its own, chance from 2021 on, and another input: shares that are known."""
    chance = {"value": {"persistence": 0.5, "spread": 0.03}, "source": "made up", "status": "assumed"}
    path = {
        **{end: {2020: v, 2030: v} for end, v in (("value", 1.0), ("low", 0.95), ("high", 1.05))},
        **{"source": "made up", "status": "assumed"},
    }
    # a sum over inputs without effect is nought on average, and the more of them the farther from it in any one draw
    others = {key: None for key in ("mortality.by_year", "migration.by_year", "population.age_error")}
    scenario = ds.load("hunan-2020").replace({"fertility.tfr": path, "fertility.by_year": chance, **others})
    shares, without = [], []
    for seed in range(20):
        sampled = Draws(scenario.quantities, seed, [*range(1024), STATED])
        values = np.log(sampled["fertility.tfr"].at(2026)[:-1])
        found = Explained(sampled, last=2035)
        shares.append(found.families(values)["population"].share)
        without.append(Explained(sampled).families(values)["population"].share)
        driver, _ = found.driver(values)
        assert driver in sampled.streams and driver.id == "fertility.tfr"
        assert set(found.deciding(values)) <= set(sampled.streams)
    level = (np.log(1.05) ** 2 + np.log(0.95) ** 2) / 2 / 1.2816**2
    years = 0.03**2 * (1.0 - 0.5**12) / 0.75
    classes = norm.pdf(ndtri(np.arange(CLASSES + 1) / CLASSES))
    between = float((CLASSES * np.diff(classes) ** 2).sum())
    assert np.mean(shares) == pytest.approx(between, abs=0.02)
    assert np.mean(without) == pytest.approx(between * level / (level + years), abs=0.03)


def test_inputs_that_weigh_on_a_result_are_those_with_more_than_a_twentieth() -> None:
    sampled, explained = inputs(list(FACTORS), 1024, 3)
    found = explained.weighty(linear(sampled, FACTORS))
    known = known_shares(1024)
    named = {stream.id for stream in found}  # three inputs lie at a twentieth
    assert {p for p, s in known.items() if s > 0.1} <= named <= {p for p, s in known.items() if s > 0.04}
    assert all(share == pytest.approx(known[stream.id], abs=0.05) for stream, share in found.items())
    assert explained.weighty(np.random.default_rng(1).normal(size=1024)) == {}


def test_assumptions_that_weigh_on_a_verdict_are_told_with_what_replaces_them() -> None:
    run = ds.simulate(ds.load("kaiping").replace({"draws": 256}), engine="cohort")
    told = run.inputs[run.inputs["variance_share"].notna()].set_index("id")
    row = told.loc["workforce.community_worker_ratio"]
    assert (row["status"], row["variance_of"]) == ("borrowed", "kaiping.community_workers_per_10k_2023")
    assert row["variance_share"] > 0.8 and row["replaced_by_en"].startswith("posts and people in post")
    published = told[~told["status"].isin(["assumed", "borrowed"])]
    assert (published["replaced_by_zh"] == "").all()
