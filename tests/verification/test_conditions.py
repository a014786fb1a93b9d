"""A condition as a state, against people counted one state at a time in plain loops, and beside published onsets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_minimal_scenario import FOLDER, SEXES, YEARS, column
from textbook import life_table

import demo_sim as ds
from demo_sim.block.expected import Expected, at_least_two
from demo_sim.demography.ages import parse_age
from demo_sim.demography.function import single_age_prevalence
from demo_sim.inputs.build import build_inputs
from demo_sim.inputs.conditions import onset_of
from demo_sim.inputs.draws import STATED

SHARES = {"60-64": 0.02, "65-69": 0.03, "70-74": 0.05, "75-79": 0.08, "80-84": 0.13, "85-89": 0.21, "90+": 0.31}
RATIO, RECOVERED = 2.5, 0.01
FIRST, LAST = 60, 100

GROUP = """\
id: with_it
label: {zh: 患病者, en: With it}
rule: {zh: 患病者, en: with it}
where: {age: 60+}
times: [groups.it_by_age]
"""
ABOVE = """\
groups:
  it_by_age: {60-64: 0.02, 65-69: 0.03, 70-74: 0.05, 75-79: 0.08, 80-84: 0.13, 85-89: 0.21, 90+: 0.31}
  it_limit: 0.5
conditions:
  it: {prevalence: groups.it_by_age, mortality_ratio: RATIO, remission: RECOVERED}
catalog: [own]
"""


@pytest.fixture
def scenario(tmp_path: Path) -> ds.Scenario:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "own" / "populations").mkdir(parents=True)
    (tmp_path / "own" / "populations" / "with_it.yaml").write_text(GROUP, encoding="utf-8")
    own = ABOVE.replace("RATIO", str(RATIO)).replace("RECOVERED", str(RECOVERED))
    (tmp_path / "states.yaml").write_text("extends: scenario.yaml\nname: states\n" + own, encoding="utf-8")
    return ds.load(tmp_path / "states.yaml")


def stated() -> np.ndarray:
    """Shares by single age from 60."""
    groups = [parse_age(age) for age in SHARES]
    return single_age_prevalence(np.array([*SHARES.values()])[:, None], groups, LAST + 1)[FIRST:, 0]


def die(free: float, have: float, qs: float) -> tuple[float, float]:
    """Survivors of both kinds, of whom a part qs dies, those who have it at RATIO times the rate: by halving."""
    low, high = 0.0, 50.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        alive = free * np.exp(-middle) + have * np.exp(-middle * RATIO)
        low, high = (middle, high) if alive > (free + have) * (1.0 - qs) else (low, middle)
    return free * np.exp(-low), have * np.exp(-low * RATIO)


def textbook() -> list[float]:
    """People of 60 and over who have it, at every year-end."""
    share = dict(enumerate(stated(), start=FIRST))
    people = {s: column("population.csv", "population", None, s) for s in SEXES}
    have = {s: {x: people[s][x] * share[x] for x in share} for s in SEXES}
    free = {s: {x: people[s][x] * (1.0 - share[x]) for x in share} for s in SEXES}
    onset: dict[tuple[str, int], float] = {}
    out = [sum(sum(h.values()) for h in have.values())]
    for year in YEARS:
        total = 0.0
        for s in SEXES:
            qs = life_table(column("mortality.csv", "mx", year, s), s).qs
            net = column("migration.csv", "net_migration", year, s)
            h, f = migrate(have[s], free[s], net, share)
            now_have, now_free = {}, {}
            fifty_nine = (people[s][FIRST - 1] + 0.5 * net[FIRST - 1]) * (1.0 - qs[FIRST])
            now_have[FIRST], now_free[FIRST] = fifty_nine * share[FIRST], fifty_nine * (1.0 - share[FIRST])
            for y in range(FIRST + 1, LAST + 1):
                sources = [y - 1] if y < LAST else [y - 1, y]
                if year == YEARS[0]:  # so many get it that the next age has its share
                    before = sum(people[s][x] for x in sources)
                    it = sum(people[s][x] * share[x] for x in sources) / before
                    alive_free, alive_have = die(1.0 - it, it, qs[y])
                    need = share[y] * (alive_free + alive_have) - alive_have * (1.0 - RECOVERED)
                    onset[s, y] = min(max(need / alive_free, 0.0), 1.0)
                alive_free, alive_have = die(sum(f[x] for x in sources), sum(h[x] for x in sources), qs[y])
                new, lost = alive_free * onset[s, y], alive_have * RECOVERED
                now_free[y], now_have[y] = alive_free - new + lost, alive_have + new - lost
            people[s] = aged(people[s], net, qs)
            have[s], free[s] = migrate(now_have, now_free, net, share)
            total += sum(have[s].values())
        out.append(total)
    return out


def aged(people: np.ndarray, net: np.ndarray, qs: np.ndarray) -> np.ndarray:
    """All people at the year-end, from age 1."""
    before = people + 0.5 * net
    out = np.zeros_like(people)
    out[1:] = before[:-1] * (1.0 - qs[1:])
    out[-1] = (before[-2] + before[-1]) * (1.0 - qs[-1])
    return out + 0.5 * net


def migrate(
    have: dict[int, float], free: dict[int, float], net: np.ndarray, share: dict[int, float]
) -> tuple[dict[int, float], dict[int, float]]:
    """Half a year's net migrants: who comes has it as stated, who leaves as the people of the age."""
    h, f = {}, {}
    for x, it in have.items():
        all_, came, left = it + free[x], max(0.5 * net[x], 0.0), max(-0.5 * net[x], 0.0)
        own = (it + came * share[x]) / (all_ + came)
        h[x], f[x] = (all_ + came - left) * own, (all_ + came - left) * (1.0 - own)
    return h, f


def test_people_with_it_are_those_of_the_textbook(scenario: ds.Scenario) -> None:
    run = ds.simulate(scenario.replace({"draws": 0}), engine="cohort")
    found = run.central.groups.sel(group="with_it").sum("residence").values
    np.testing.assert_allclose(found, textbook(), rtol=1e-9)


def test_while_nothing_changes_the_share_stays_as_stated(scenario: ds.Scenario, tmp_path: Path) -> None:
    """One year's mortality for ever and no migration: onset and deaths carry every age to the share of the next."""
    for name, measure in (("mortality.csv", "mx"), ("migration.csv", "net_migration")):
        lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
        head = next(line for line in lines if not line.startswith("#")).split(",")
        rows = [dict(zip(head, line.split(","), strict=True)) for line in lines if line[:1].isdigit()]
        first = {(row["sex"], row["age"]): row[measure] for row in rows if row["year"] == "2021"}
        for row in rows:
            row[measure] = first[row["sex"], row["age"]] if measure == "mx" else "0"
        text = "\n".join([",".join(head), *(",".join(row[key] for key in head) for row in rows)])
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    inputs = build_inputs(ds.load(tmp_path / "states.yaml").replace({"period.end": 2025}))
    followed = Expected.of(inputs, at_least_two(np.array([STATED]))).run().projection.conditions["groups.it_by_age"]
    # the open age gathers those who live longest and is no cohort of one age
    np.testing.assert_allclose(followed[:, 0, :, :-1, 0], np.tile(stated()[:-1], (6, 2, 1)), rtol=1e-9)


def test_onset_brings_the_share_of_the_next_age() -> None:
    rng = np.random.default_rng(4)
    have, qs = rng.uniform(0.01, 0.3, (50, 1)), rng.uniform(0.005, 0.3, (50, 1))
    start = np.stack([1.0 - have, have], axis=1)
    target = have + rng.uniform(0.005, 0.05, (50, 1))
    hazard, recovered = np.array([[1.0], [RATIO]]), np.array([RECOVERED])
    onset = onset_of(start, target, qs, hazard, recovered)
    for i in range(50):
        free, it = die(1.0 - have[i, 0], have[i, 0], qs[i, 0])
        now = it * (1.0 - RECOVERED) + free * onset[i, 0]
        assert now / (free + it) == pytest.approx(target[i, 0], rel=1e-9)
    assert (onset_of(start, 0.3 * have, qs, hazard, recovered) == 0.0).all()  # falls by more than deaths explain


def test_onset_of_dementia_beside_a_cohort_study() -> None:
    """Anhui, people of 65 and over: 14.7 [11.3, 18.2] per 1,000 person-years (Chen and others 2011, PLoS ONE 6:e24817).

    Nothing is fitted to it: onset follows from prevalence by age, mortality and its ratio.
    """
    drawn = build_inputs(ds.load("hunan-states")).draw([STATED])
    condition = drawn.conditions["groups.dementia_by_age"]
    free = (drawn.base.start[:, :, 65:-1] * condition.prevalence[0][:, :, 5:-1, 0])[..., 0]
    onset = condition.tables.given_survival[:, :, 5:, 0, 1, 0]
    assert 11.3 < 1000.0 * (free * onset).sum() / free.sum() < 18.2
    assert (np.diff(onset.mean(axis=(0, 1))[:25]) > 0.0).all()  # grows with age, as far as the groups tell


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        ("conditions.it.prevalence", "groups.it_by_ages", "groups.it_by_age"),
        ("conditions.it.prevalence", "groups.it_limit", "age groups"),
        ("conditions.it.mortality_ratio", 200, "50"),
        ("conditions.it.remission", {"60-69": 0.1, "70+": 0.2}, "remission"),
        ("conditions.it.onset", "0.1", "onset"),
    ],
)
def test_bad_conditions_say_what_is_wrong(scenario: ds.Scenario, key: str, value: object, word: str) -> None:
    with pytest.raises(ds.InputError) as error:
        scenario.replace({key: value})
    assert word in str(error.value) and key in str(error.value)


def test_a_share_is_followed_as_one_state(scenario: ds.Scenario, tmp_path: Path) -> None:
    file = tmp_path / "states.yaml"
    again = "  that: {prevalence: groups.it_by_age, mortality_ratio: 2}\ncatalog:"
    file.write_text(file.read_text(encoding="utf-8").replace("catalog:", again), encoding="utf-8")
    with pytest.raises(ds.InputError, match=r"conditions\.it already"):
        ds.load(file)
