"""More people would leave than there are: refused at stated values, cut and told in a draw."""

from __future__ import annotations

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.errors import InputError

LEAVING = {"value": -6_000, "low": -25_000, "high": -1_000}  # of 440,000: the tail empties young ages
CHANGES = {"draws": 64, "period.end": 2030, "plan": []}


def county(net: object, **more: object) -> ds.Scenario:
    return ds.load("examples/mycounty/scenario.yaml").replace(CHANGES | {"migration.net": net} | more)


@pytest.fixture(autouse=True)
def at_the_top(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.chdir(request.config.rootpath)


def test_a_draw_is_cut_and_told() -> None:
    run = ds.simulate(county(LEAVING), "cohort")
    cut = run.array("flows/migration_cut").values
    emptied = int((cut > 0).any(axis=1).sum())
    assert 0 < emptied < 64
    assert run.central.array("flows/migration_cut").values.max() == 0.0
    told = [w for w in run.attrs["warnings"].split("}") if "净迁出" in w]
    assert len(told) == 1 and f"64次抽样中有{emptied}次" in told[0] and f"{cut.max():,.0f}" in told[0]
    assert (run.array("population/summary").values >= 0.0).all()
    # the balance of every draw counts what could leave
    flows, people = run.array("flows/flows"), run.array("population/summary")
    change = people.sum(("residence", "sex", "age_group", "function")).diff("time")
    of = {name: flows.sel(flow=name).sum(("residence", "sex")) for name in ("births", "deaths", "in", "out")}
    balance = (of["births"] - of["deaths"] + of["in"] - of["out"]).values
    np.testing.assert_allclose(change.values, balance[:, -change.shape[1] :], rtol=1e-4, atol=2.0)


def test_the_stated_run_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"migration: 20\d\d: net outflow exceeds the people"):
        ds.simulate(county(-87_000, draws=0), "cohort")
    run = ds.simulate(county(-87_000, **{"draws": 0, "options.on_negative": "cap"}), "cohort")
    assert run.central.array("flows/migration_cut").values.max() > 0.0
