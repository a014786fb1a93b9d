"""Relatives on the whole road: made-up families in place of the engine's, from the scenario to the tables."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import demo_sim as ds
from demo_sim.block import kept
from demo_sim.block.persons import PersonsOfBlock
from demo_sim.demand.kin_rules import kin_classes
from demo_sim.engine.size import Size
from demo_sim.inputs.base import model_grid
from demo_sim.inputs.build import Inputs
from demo_sim.plan.explained import Explained
from demo_sim.plan.indicators import SeriesBook
from demo_sim.plan.natural import Course
from demo_sim.plan.verdicts import Verdicts, judge
from demo_sim.results import save

sys.path.insert(0, str(Path(__file__).parents[1] / "properties"))
from made_up_kin import AWAY, Families

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "mycounty" / "scenario.yaml"
SHOWN = ("orphans", "left_behind", "tekun_60", "special_fp", "older_empty_nest")


def run_with_families(
    scenario: ds.Scenario, patch: pytest.MonkeyPatch, person_draws: int = 1
) -> tuple[ds.Results, Families]:
    """A run whose persons are made up: so many draws of them, each of which stands for the replicates too."""
    grid = model_grid(scenario)
    families = Families.random(5, grid.times.size, grid.ages, person_draws)

    def made_up(inputs: Inputs, numbers: np.ndarray, size: Size) -> PersonsOfBlock:
        classes = kin_classes(inputs.populations, inputs.resources)
        assert classes is not None
        own = families.draws(*(numbers % person_draws).tolist())
        return PersonsOfBlock(numbers, own.counts(classes, 300.0), None, ())

    patch.setattr(kept, "follow_persons", made_up)
    return ds.simulate(scenario.replace({"options.person_draws": person_draws})), families


# groups with a figure of the last year
OF_2025 = {"de_facto_one_dead", "de_facto_both_unable", "left_behind", "orphans"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        scenario = ds.load("hunan").replace({"draws": 2, "period.end": 2025})
        run, _ = run_with_families(scenario, patch)
    return save(run, tmp_path_factory.mktemp("run") / "hunan")


def test_candidates_stand_beside_the_figures(folder: Path) -> None:
    table = pd.read_csv(folder / "kin_check.csv")
    stated = ds.load("hunan").quantities["groups.orphans"].rows[0].value
    orphans = table[table["group"] == "orphans"].iloc[0]
    assert (orphans["year"], orphans["known"], orphans["status"]) == (2020, stated, "assumed")
    assert set(SHOWN) <= set(table["group"])
    dated = table[table["known"].notna()]
    np.testing.assert_allclose(dated["rate"], dated["known"] / dated["candidates"], rtol=1e-12)
    unseen = np.maximum(0.0, 1.0 - dated["candidates"] / dated["known"])
    np.testing.assert_allclose(dated["unseen_share"], unseen, rtol=1e-9, atol=1e-12)
    assert not table["group"].isin(["tekun", "children_in_difficulty"]).any()  # sums: their parts have rows
    # no figure holds the count of the last year to anything
    last = table[table["known"].isna() & table["share_of"].isna()]
    assert set(last["year"]) == {2025} and set(last["group"]) == set(dated["group"]) - OF_2025
    np.testing.assert_allclose(last["rate"], last["counted"] / last["candidates"], rtol=1e-12)


def test_shares_published_of_the_nation_stand_beside(folder: Path) -> None:
    """Nothing is fitted to them: the run has shares of its own."""
    table = pd.read_csv(folder / "kin_check.csv").set_index(["group", "year"])
    groups = pd.read_csv(folder / "groups.csv").groupby(["group", "year"])["value"].sum()
    found = table[table["share_of"].notna()]
    published = {("older_empty_nest", 2020): 0.57, ("older_empty_nest", 2021): 0.597}
    published |= {("older_alone", 2021): 0.25, ("older_alone_80", 2020): 0.216}
    assert found["published_share"].to_dict() == published
    for (group, year), row in found.iterrows():
        assert row["share"] == pytest.approx(groups[group, year] / groups[row["share_of"], year], rel=1e-5)
        assert row["counted"] == pytest.approx(groups[group, year], rel=1e-5)
        assert abs(row["share"] - row["published_share"]) > 0.001 and row["source"]


def test_the_table_of_groups_says_how_each_was_counted(folder: Path) -> None:
    groups = pd.read_csv(folder / "groups.csv", keep_default_na=False)
    how = groups.drop_duplicates("group").set_index("group")[["rule", "registered_by"]]
    assert tuple(how.loc["orphans"]) == ("kin_known", "persons")
    assert tuple(how.loc["older_no_kin"]) == ("kin", "")
    assert tuple(how.loc["care_allowance"]) == ("known", "bridge")
    assert tuple(how.loc["children_in_difficulty"]) == ("sum", "mixed")
    here = groups[(groups["group"] == "older_no_kin") & (groups["year"] == 2020)]
    np.testing.assert_allclose(here["candidates"].astype(float), here["value"].astype(float))
    assert (groups.loc[groups["group"] == "care_allowance", "candidates"] == "").all()


def test_a_saved_run_keeps_the_table(folder: Path) -> None:
    again = ds.open_results(folder)
    assert again.kin_check["group"].tolist() == pd.read_csv(folder / "kin_check.csv")["group"].tolist()


@pytest.fixture(scope="module")
def county() -> ds.Scenario:
    """The example, with town and country told apart: families are followed where they are."""
    towns = {"value": {"0-39": 0.6, "40+": 0.4}, "source": "made up for the tests", "status": "assumed"}
    changes = {"population.urban_by_age": towns, "population.urban_share": 0.5, "period.end": 2025}
    return ds.load(EXAMPLE).replace(changes | {"draws": 5, "options.keep": "full"})


def slow_counts(families: Families, persons: np.ndarray) -> np.ndarray:
    """People of 80 and over with nobody at home by their share among the agents of the cell, all draws of them
    together; (..., time, residence). `persons` is (..., time, residence, sex, age from 80)."""
    chosen = families.grown(lambda p, c, b, g: p in ("never", "lost") and c != "here", 80)[:, :AWAY].sum(axis=-1)
    everyone = families.everyone[:, :AWAY, :, 80:].sum(axis=(4, 5))
    return (persons * (chosen / everyone)).sum(axis=(-2, -1))


def aged_80(run: ds.Results) -> np.ndarray:
    persons = run.population.astype(float).sum("function").sel(age=slice(80, None))
    return persons.transpose(..., "time", "residence", "sex", "age").values


def test_a_group_in_a_folder_of_ones_own_is_counted_by_relatives(
    county: ds.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, families = run_with_families(county, monkeypatch)
    assert families.everyone.shape[1] == AWAY + 1
    for own, exact in ((run.central, 1e-12), (run, 1e-6)):
        group = own.groups.sel(group="older_80_nobody")
        assert str(group["group_rule"].item()) == "kin"
        wanted = slow_counts(families, aged_80(own))
        np.testing.assert_allclose(group.transpose(..., "time", "residence").values, wanted, rtol=exact)
    assert json.loads(run.attrs["warnings"]) == []
    assert "groups/groups_mc_se" not in run.central  # one person draw says nothing of the chance


def test_draws_take_turns_in_what_the_persons_of_single_draws_show(
    county: ds.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All count by the families of all person draws together; draw i adds what person draw i mod P shows beyond."""
    run, families = run_with_families(county, monkeypatch, person_draws=3)
    stated = run.central.groups.sel(group="older_80_nobody").transpose("time", "residence").values
    np.testing.assert_allclose(stated, slow_counts(families, aged_80(run.central)), rtol=1e-12)
    drawn = run.groups.sel(group="older_80_nobody").transpose("draw", "time", "residence").values
    factor = drawn / slow_counts(families, aged_80(run))
    np.testing.assert_allclose(factor[3:], factor[:2], rtol=1e-5)
    assert np.abs(factor[:3] - 1.0).max() > 1e-3 and np.ptp(factor[:3], axis=0).min() > 0.0
    # the deviation of a draw has the sign that its own families have
    own = np.stack([slow_counts(families.draws(i), aged_80(run)[i]) for i in range(3)])
    beyond = own / slow_counts(families, aged_80(run)[:3]) - 1.0
    assert (np.sign(factor[:3] - 1.0) == np.sign(beyond)).all() and (np.abs(factor[:3] - 1.0) < np.abs(beyond)).all()


def test_the_chance_error_of_a_group_is_that_of_its_person_draws(
    county: ds.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, families = run_with_families(county, monkeypatch, person_draws=3)
    errors = run.central.array("groups/groups_mc_se")
    drawn = aged_80(run)
    factor = np.stack([slow_counts(families.draws(i), drawn[i]) / slow_counts(families, drawn[i]) for i in range(3)])
    each = factor * slow_counts(families, aged_80(run.central))
    found = errors.sel(group="older_80_nobody").transpose("time", "residence").values
    np.testing.assert_allclose(found, each.std(axis=0, ddof=1) / np.sqrt(3.0), rtol=1e-4)
    assert found.min() > 0.0
    assert (errors.sel(group=["older_60", "older_80", "residents"]) == 0.0).all()


@pytest.mark.parametrize(("person_draws", "decided"), [(3, True), (1, False)])
def test_verdicts_know_which_series_persons_decide(
    county: ds.Scenario, monkeypatch: pytest.MonkeyPatch, person_draws: int, decided: bool
) -> None:
    """Their chance is that of the person draws; one person draw alone shows none."""
    books: list[SeriesBook] = []

    def watched(scenario: ds.Scenario, book: SeriesBook, explained: Explained, course: Course) -> Verdicts:
        books.append(book)
        return judge(scenario, book, explained, course)

    monkeypatch.setattr(sys.modules["demo_sim.run"], "judge", watched)
    run_with_families(county, monkeypatch, person_draws)
    [book] = books
    assert book.random == 5
    assert ("groups.older_80_nobody" in book.by_persons) == decided
    assert book.by_persons.isdisjoint({"groups.older_60", "groups.residents", "population.total", "supply.meal_places"})


def test_without_relatives_the_other_rule_of_ones_own_group_counts() -> None:
    run = ds.simulate(ds.load(EXAMPLE).replace({"draws": 0}), engine="cohort")
    group = run.central.groups.sel(group="older_80_nobody")
    assert str(group["group_rule"].item()) == "share"
    alone = run.central.population.sum(("function", "sex", "residence")).sel(age=slice(80, None)).sum("age")
    np.testing.assert_allclose((group.sum("residence") / alone).values, 0.17, rtol=1e-12)
    assert run.kin_check["candidates"].isna().all()  # shares of the nation alone
