"""The shipped scenarios of places: the base is the census, the rest is borrowed and marked so."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.demography.ages import age_mask, parse_age
from demo_sim.engine.size import Size
from demo_sim.errors import InputError
from demo_sim.inputs.build import Drawn, build_inputs
from demo_sim.inputs.draws import STATED, stated
from demo_sim.places import census, place_of
from demo_sim.results.tables import tables
from demo_sim.scenario.place_tree import with_place
from demo_sim.scenario.register import COUNT_UNITS

# census of 2020: residents, urban residents, and per cent of 60+ and 65+ as the bulletins print them
TOTALS = {"suzhou": 12_748_262, "kaiping": 748_777, "baodi": 722_367, "jiuyuan": 245_190}
URBAN = {"kaiping": 430_035, "jiuyuan": 189_918}
OLDER = {"kaiping": (20.12, None), "baodi": (None, 15.83), "jiuyuan": (16.09, 10.21)}
VARIANTS = ["low-fertility", "slow-mortality", "more-migration", "convert-beds", "build-beds", "no-change"]


@pytest.fixture(scope="module", params=list(TOTALS))
def place(request: pytest.FixtureRequest) -> ds.Scenario:
    return ds.load(request.param)


def base_of(scenario: ds.Scenario, *numbers: int) -> tuple[np.ndarray, Drawn]:
    drawn = build_inputs(scenario).draw(numbers)
    return drawn.base.counted, drawn


def test_base_equals_what_is_known_of_the_place(place: ds.Scenario) -> None:
    counted, _ = base_of(place, STATED)
    total = counted.sum()
    assert total == pytest.approx(TOTALS[place.name], rel=1e-13)
    for name, urban in URBAN.items():
        assert name != place.name or counted[0].sum() == pytest.approx(urban, rel=1e-12)
    for least, share in zip((60, 65), OLDER.get(place.name, (None, None)), strict=True):
        if share is not None:
            assert 100.0 * counted[:, :, least:].sum() / total == pytest.approx(share, abs=0.005)


def test_no_draw_moves_the_census_and_no_cell_is_negative(place: ds.Scenario) -> None:
    counted, _ = base_of(place, STATED, *range(60))
    np.testing.assert_allclose(counted.sum(axis=(0, 1, 2)), TOTALS[place.name], rtol=1e-12)
    assert counted.min() >= 0.0


def test_groups_of_ages_are_those_of_the_census(place: ds.Scenario) -> None:
    counted, _ = base_of(place, STATED)
    cells = census.counted(place.settings.region.code, 2020)
    assert cells is not None
    for s, sex in enumerate(census.SEXES):
        for age, people in zip(census.AGES, cells[sex], strict=True):
            found = counted[:, s, age_mask(parse_age(age), 101)].sum()
            assert found == pytest.approx(people, rel=1e-12), (sex, age)


def test_every_input_has_a_status_and_no_count_is_borrowed(place: ds.Scenario) -> None:
    run = ds.simulate(place.replace({"draws": 3, "period.end": 2035}), engine="cohort")
    counted = Counter(run.inputs["status"])
    assert counted == json.loads(run.attrs["statuses"]) and set(counted) <= {
        "plan", "published", "fitted", "derived", "assumed", "borrowed",
    }  # fmt: skip
    assert counted["borrowed"] > 40
    borrowed = [s for q in place.quantities.values() for s in q.sources if s.status == "borrowed"]
    assert borrowed and not {s.unit for s in borrowed} & COUNT_UNITS
    for quantity in place.quantities.values():
        lent = {s.id for s in quantity.sources if s.status == "borrowed"}
        assert bool(lent) == (quantity.status == "borrowed"), quantity.path
        for row in quantity.rows:
            assert row.status == "borrowed" or row.id not in lent, quantity.path
    lent = {s.id for s in borrowed} & set(place.catalog.register.ids)
    assert place.notes and f"{len(lent)} numbers are not known" in place.notes[-1].text_en


def test_entitlements_are_counted_through_the_bridge(place: ds.Scenario) -> None:
    run = ds.simulate(place.replace({"draws": 3, "period.end": 2035}), engine="cohort")
    names = ["dibao", "tekun_60", "orphans", "living_allowance", "care_allowance", "allowance_persons", "households"]
    first = run.central.groups.sel(group=names, time=2020).sum("residence").to_series()
    assert (first > 0.0).all()
    # recipients of either allowance are fewer than both counts together, and more than the larger
    both = first["living_allowance"], first["care_allowance"]
    assert max(both) < first["allowance_persons"] < sum(both)
    bridge = run.inputs.set_index("id").loc["groups.hukou_per_resident"]
    assert bridge["status"] == "assumed"  # of the place's own registered people, whose spread over the ages is judged
    total = run.inputs.set_index("id").loc["groups.hukou_population"]
    assert total["status"] == ("assumed" if place.name == "suzhou" else "derived")


def test_a_share_as_level_is_of_the_registered(place: ds.Scenario) -> None:
    counts = []
    for share in (0.01, 0.005):
        changes = {"groups.orphans": {"value": share, "unit": "share"}, "draws": 2, "period.end": 2035}
        counts.append(ds.simulate(place.replace(changes), engine="cohort"))
    twice, once = (run.central.groups.sel(group="orphans").sum("residence") for run in counts)
    np.testing.assert_allclose(twice, 2.0 * once, rtol=1e-12)
    twice, once = (run.groups.sel(group="orphans").sum("residence") for run in counts)
    np.testing.assert_allclose(twice, 2.0 * once, rtol=1e-6)


def test_size_of_a_run_is_that_of_the_place() -> None:
    scenario = ds.load("baodi")
    size = Size.of(build_inputs(scenario), "people", 1)
    whole = Size.of(build_inputs(ds.load("120000")), "people", 1)
    assert whole.scale / size.scale == pytest.approx(13_866_009 / TOTALS["baodi"], rel=0.1)


def test_a_county_runs_one_to_one_and_marks_small_counts() -> None:
    run = ds.simulate(ds.load("jiuyuan").replace({"draws": 4, "options.person_draws": 4, "period.end": 2025}))
    assert run.attrs["scale"] == 1.0
    groups = tables(run)["groups"]
    few = groups[groups["small"] == 1]
    assert "orphans" in set(few["group"]) and "older_60" not in set(few["group"])
    assert few["value"].between(0, 100, inclusive="neither").all()
    assert len(groups) and (groups["mc_se"] == 0.0).all()  # no group needs persons here


def test_paths_start_from_the_place(place: ds.Scenario) -> None:
    draws = stated(place.quantities)
    region, own = place.settings.region.register_name, place_of(place.settings.region.code)
    assert own is not None
    register = with_place(place.catalog.register, own, region)
    [start] = [row for row in register.rows["fert.tfr", region] if row.year == 2020]
    tfr = draws["fertility.tfr"].series(np.array([2020, 2025]))[:, 0]
    assert tfr[0] == pytest.approx(start.value)
    nation = stated(ds.load("china").quantities)["fertility.tfr"]
    then, now = nation.series(np.array([2020, 2025]))[:, 0]
    assert tfr[1] / tfr[0] == pytest.approx(float(now / then), rel=1e-12)


def test_urban_share_goes_on_from_its_last_known_year() -> None:
    draws = stated(ds.load("suzhou").quantities)
    share = draws["urbanisation.urban_share"].series(np.array([2020, 2023, 2035]))[:, 0]
    assert share[:2].tolist() == pytest.approx([0.8172, 0.8248])
    nation = stated(ds.load("china").quantities)["urbanisation.urban_share"]
    known, later = nation.series(np.array([2023, 2035]))[:, 0]

    def logit(p: float) -> float:
        return math.log(p / (1 - p))

    assert logit(share[2]) - logit(share[1]) == pytest.approx(logit(later) - logit(known), rel=1e-9)


def test_observations_after_the_limit_are_not_lent() -> None:
    early = ds.load("kaiping").replace({"known_until": 2020})
    assert {row.year for row in early["fertility.tfr"].rows} == {2020, 2030, 2035, 2050}


def test_shares_that_contradict_each_other_are_refused() -> None:
    shares = {"0-14": 0.2, "15-59": 0.6, "60+": 0.2, "65+": 0.25}
    with pytest.raises(InputError, match=r"60\+ \(0.2\) holds less than the groups inside it"):
        ds.load("kaiping").replace({"population.age_share": shares})


@pytest.mark.parametrize("name", [f"hunan-{variant}" for variant in VARIANTS])
def test_variant_differs_in_what_it_says(name: str) -> None:
    changes = {"draws": 3, "period.end": 2026}
    plain = ds.simulate(ds.load("hunan").replace(changes), engine="cohort")
    run = ds.simulate(ds.load(name).replace(changes), engine="cohort")

    def flow(results: ds.Results, kind: str) -> float:
        return float(results.central.flows.sel(flow=kind, year=2026).sum(("residence", "sex")))

    def stock(results: ds.Results, kind: str, year: int = 2025) -> float:
        return float(results.central.stocks.sel(stock=kind, time=year))

    same = run.flows.equals(plain.flows) and run.central.flows.equals(plain.central.flows)
    if name == "hunan-low-fertility":
        assert flow(run, "births") < 0.95 * flow(plain, "births")
    elif name == "hunan-slow-mortality":
        assert flow(run, "deaths") > 1.005 * flow(plain, "deaths")
    elif name == "hunan-more-migration":
        assert flow(run, "out") - flow(run, "in") > 50_000 + flow(plain, "out") - flow(plain, "in")
    elif name == "hunan-convert-beds":
        assert same and stock(run, "all_beds.nursing") > 50_000 + stock(plain, "all_beds.nursing")
        assert stock(run, "all_beds") <= stock(plain, "all_beds")
    elif name == "hunan-build-beds":
        assert same and stock(run, "all_beds") > 50_000 + stock(plain, "all_beds")
    else:
        assert same and stock(run, "social_workers") == 70_000
        assert stock(run, "institution_beds.conversions", 2026) == 0.0  # those before are in the published shares


@pytest.mark.parametrize("keep", ["five_year", "full"])
def test_the_next_plan_starts_from_the_saved_run(tmp_path: Path, keep: str) -> None:
    """Central from central, draw i from draw i, and over again where that run had fewer."""
    changes = {"draws": 4, "period.end": 2026, "options.keep": keep, "known_until": 2024}
    scenario = ds.load("hunan-no-change").replace(changes)
    first = ds.simulate(scenario, engine="cohort")
    folder = tmp_path / "hunan"
    folder.mkdir()
    first.tree.to_netcdf(folder / "run.nc", engine="h5netcdf")
    changes = {"population.from_run": str(folder), "draws": 6, "period.end": 2030, "options.keep": keep}
    scenario = ds.load("hunan-2030").replace(changes)
    run = ds.simulate(scenario, engine="cohort")
    assert any("has 4 draws, this one 6" in warning["en"] for warning in json.loads(run.attrs["warnings"]))
    turns = [0, 1, 2, 3, 0, 1]

    def people(results: ds.Results) -> np.ndarray:
        """At the opening; (..., residence, sex, age), the draw first."""
        full = keep == "full" or "draw" not in results.array("flows/flows").dims
        array = (results.population if full else results.summary).sel(time=2024).sum("function").astype(float)
        dims = [name for name in array.dims if name != "draw"]
        return array.transpose(..., *dims).values

    def stock(results: ds.Results, name: str) -> np.ndarray:
        return results.stocks.sel(stock=name, time=2024).values

    def group(results: ds.Results, name: str) -> np.ndarray:
        return results.groups.sel(group=name, time=2024).sum("residence").values

    for left, taken, own, exact in ((first.central, run.central, ..., 1e-12), (first, run, turns, 1e-6)):
        before, opening = people(left)[own], people(taken)
        parts = (-3, -2, -1)
        np.testing.assert_allclose(opening.sum(axis=parts), 65_390_000, rtol=exact)
        wanted = before / before.sum(axis=parts, keepdims=True)
        np.testing.assert_allclose(opening / opening.sum(axis=parts, keepdims=True), wanted, rtol=exact, atol=1e-15)
        # what has no later figure goes on from the earlier run: a stock, a group, a group that grows besides
        for name in ("caregivers", "caregivers.certified", "community_workers", "all_beds.nursing"):
            np.testing.assert_allclose(stock(taken, name), stock(left, name)[own], rtol=exact, err_msg=name)
        for name in ("tekun", "households", "dibao"):
            np.testing.assert_allclose(group(taken, name), group(left, name)[own], rtol=exact, err_msg=name)
    assert np.ptp(stock(run, "community_workers")) > 0.0
    outcomes = run.outcomes
    assert set(outcomes["run"]) == {"hunan-no-change"} and outcomes["year"].min() == 2021
    beds = outcomes.set_index(["series", "year"]).loc[("institution_beds", 2025)]
    assert beds["mark"] == "tested" and beds["published"] == 192_800
    assert beds["projected"] == pytest.approx(float(first.central.stocks.sel(stock="institution_beds", time=2025)))
    target = outcomes.set_index("series").loc["hunan.nursing_bed_share"]
    assert target["published"] == pytest.approx(0.745) and 0.0 < target["projected"] < 0.745
    samples = run.targets[run.targets["id"].str.startswith("hunan-2030.sample")]
    # one stands on what was published of 2025, the other on an assumption: of that it is told what it takes
    assert set(samples["year"]) == {2030} and set(samples["verdict"]) == {"met", "not_assessed"}
    assert np.isfinite(samples["value"]).all() and np.isfinite(samples["break_even"]).all()
    assert set(samples["label_zh"].str.contains("示例")) == {True}


def test_a_run_starts_from_one_without_random_draws(tmp_path: Path) -> None:
    """Its draws all begin where that one ended."""
    scenario = ds.load("hunan-no-change").replace({"draws": 0, "period.end": 2026})
    ds.simulate(scenario, engine="cohort").tree.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    changes = {"population.from_run": str(tmp_path), "draws": 2, "period.end": 2030}
    run = ds.simulate(ds.load("hunan-2030").replace(changes), engine="cohort")
    opening = run.spread("population/summary", lambda people: people.sel(time=2024).sum("function")).astype(float)
    np.testing.assert_allclose(opening, np.repeat(opening.sel(draw=[-1]).values, 3, axis=0), rtol=1e-6)


def test_a_run_that_is_not_there_is_named(tmp_path: Path) -> None:
    scenario = ds.load("hunan-2030").replace({"population.from_run": str(tmp_path / "none" / "hunan")})
    assert "first do demo-sim run" not in scenario.notes[-1].text_en
    assert "before this one do demo-sim run hunan" in scenario.notes[-1].text_en
    with pytest.raises(InputError, match="first do demo-sim run hunan"):
        ds.simulate(scenario, engine="cohort")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"population.year": 2023}, "projects the next year first: write 2024"),
        ({"population.year": None}, '"from_run" needs "year"'),
        ({"population.total": 5}, '"total" goes with a population table'),
        ({"period.base": "2024-11-01"}, "2025-01-01"),
    ],
)
def test_wrong_starts_are_told(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ds.load("hunan-2030").replace(changes)
