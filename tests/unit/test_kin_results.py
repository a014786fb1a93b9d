"""Relatives on the whole road: made-up families in place of the engine's, from the scenario to the tables."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import demo_sim as ds
from demo_sim.demand.kin_counts import KinCounts, KinMean
from demo_sim.demand.kin_rules import kin_classes
from demo_sim.inputs.base import model_grid
from demo_sim.results import save

sys.path.insert(0, str(Path(__file__).parents[1] / "properties"))
from made_up_kin import AWAY, Families

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "mycounty" / "scenario.yaml"
SHOWN = ("orphans", "left_behind", "tekun", "special_fp", "older_empty_nest")


def run_with_families(scenario: ds.Scenario, patch: pytest.MonkeyPatch) -> tuple[ds.Results, Families]:
    """A cohort run that is handed families; the mean of draws, as the draws of the drivers have it."""
    grid = model_grid(scenario)
    classes = kin_classes(scenario.catalog)
    assert classes is not None
    families = Families.random(5, grid.times.size, grid.ages, 1)
    kin = families.counts(classes, 300.0)
    patch.setattr(KinMean, "mean", lambda self: KinCounts(classes, kin.counts.astype(float), 300.0))
    return ds.simulate(scenario, engine="cohort"), families


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
    np.testing.assert_allclose(table["rate"], table["known"] / table["candidates"], rtol=1e-12)
    single = table[~table["group"].isin(["tekun", "older_empty_nest"])]
    unseen = np.maximum(0.0, 1.0 - single["candidates"] / single["known"])
    np.testing.assert_allclose(single["unseen_share"], unseen, rtol=1e-9, atol=1e-12)
    parts = table[table["group"].str.match("tekun_") & (table["year"] == 2020)]
    whole = table[table["group"] == "tekun"].iloc[0]
    np.testing.assert_allclose(whole["known"], parts["known"].sum())
    np.testing.assert_allclose(
        whole["unseen_share"] * whole["known"], (parts["unseen_share"] * parts["known"]).sum(), atol=1e-6
    )


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


def test_a_group_in_a_folder_of_ones_own_is_counted_by_relatives(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = ds.load(EXAMPLE).replace({"draws": 1})
    run, families = run_with_families(scenario, monkeypatch)
    group = run.groups.sel(group="older_80_nobody")
    assert str(group["group_rule"].item()) == "kin"
    slow = families.grown(lambda p, c, b: p in ("never", "lost") and c != "here", 80)[:, 0].astype(float)
    share = slow / families.everyone[:, 0, :, 80:].sum(axis=3)
    assert families.everyone.shape[1] == AWAY + 1
    persons = run.population.sum("function").isel(draw=0).sel(age=slice(80, None))
    wanted = (persons.values[:, 0] * share[..., 0]).sum(axis=(1, 2))
    np.testing.assert_allclose(group.isel(draw=0).sum("residence").values, wanted, rtol=1e-12)
    assert json.loads(run.attrs["warnings"]) == []


def test_without_relatives_the_other_rule_of_ones_own_group_counts() -> None:
    run = ds.simulate(ds.load(EXAMPLE).replace({"draws": 1}), engine="cohort")
    group = run.groups.sel(group="older_80_nobody")
    assert str(group["group_rule"].item()) == "share"
    alone = run.population.sum(("function", "sex", "residence")).sel(age=slice(80, None)).sum("age")
    np.testing.assert_allclose((group.sum("residence") / alone).values, 0.17, rtol=1e-12)
    assert run.kin_check.empty
