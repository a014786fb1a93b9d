"""Fertility schedules, net migration, dated stocks: what went in comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.fit import Fit
from demo_sim.fit.autoregression import fit_autoregression
from demo_sim.fit.schedules import CURVES, FERTILE_AGES, fit_schedules, gamma_curve, hadwiger_curve, mean_age, summed
from demo_sim.places import the_place
from demo_sim.places.migration import residual, yearly

HEAD = "# publisher: Bureau of Nowhere; licence: MIT; date: 2020-01-01; status: published\n"
SINGLE = [(age, age) for age in range(15, 50)]
FIVES = [(age, age + 4) for age in range(15, 50, 5)]


def fit(folder: Path, method: str, tables: dict[str, str], options: str) -> Fit:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(HEAD + text, encoding="utf-8")
    named = ", ".join(f"{name}: {name}.csv" for name in tables)
    spec = folder / "own.spec.yaml"
    spec.write_text(
        f'name: own\nmethod: {method}\ndate: "2020-01-01"\ntables: {{{named}}}\noptions: {options}\noutput: own.yaml\n',
        encoding="utf-8",
    )
    return ds.fit(spec)


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("groups", [SINGLE, FIVES])
def test_the_mean_age_of_what_was_observed(name: str, groups: list[tuple[int, int]]) -> None:
    rng = np.random.default_rng(5)
    single = 1.3 * hadwiger_curve(28.0, np.array([3.4])) * np.exp(0.1 * rng.standard_normal(FERTILE_AGES.size))
    sizes = np.array([high - low + 1 for low, high in groups])
    rates = summed(single, groups) / sizes
    (found,) = fit_schedules(rates, groups, (name,))
    middle = np.array([(low + high + 1) / 2 for low, high in groups])
    assert found.values.sum() == pytest.approx(1.0, abs=1e-12)
    assert mean_age(found.values) == pytest.approx((rates * sizes * middle).sum() / (rates * sizes).sum(), abs=1e-6)
    if name == "spline":
        share = summed(single, FIVES) / single.sum()
        assert np.abs(summed(found.values, FIVES) - share).max() < 1e-9


@pytest.mark.parametrize(
    ("name", "made"),
    [("gamma", gamma_curve(27.0, np.array([14.5, 5.0]))), ("hadwiger", hadwiger_curve(29.0, np.array([3.1])))],
)
def test_the_curve_that_made_the_rates_is_chosen(name: str, made: np.ndarray) -> None:
    found = fit_schedules(1.5 * made, SINGLE, CURVES)
    assert found[0].name == name
    assert np.abs(found[0].values - made).max() < 1e-6


def test_a_scenario_has_the_total_fertility_of_the_table(tmp_path: Path) -> None:
    rates = 0.9 * gamma_curve(28.5, np.array([13.0, 5.5]))
    text = "year,age,asfr\n" + "".join(f"2020,{x},{rate:.8f}\n" for x, rate in zip(FERTILE_AGES, rates, strict=True))
    fit(tmp_path, "fertility_schedule", {"asfr": text}, "{}")
    own = tmp_path / "scenario.yaml"
    own.write_text("extends: hunan\nname: own\nfertility: {fit: own.yaml}\n", encoding="utf-8")
    table = ds.load(own).tables["fertility.schedule"]
    assert table.file == tmp_path / "own.csv"
    assert sum(table.columns["asfr"]) == pytest.approx(rates.sum(), abs=1e-6)


def test_ages_without_rates_are_told(tmp_path: Path) -> None:
    text = "year,age,asfr\n2020,15-19,0.01\n2020,25-29,0.1\n"
    with pytest.raises(InputError, match="without gaps"):
        fit(tmp_path, "fertility_schedule", {"asfr": text}, "{}")


def test_net_migration_closes_the_balance(tmp_path: Path) -> None:
    net = np.array([-100, -60, -80, -90, -40, -70])
    total = 10_000 + np.concatenate([[0], np.cumsum(net + 30)])
    text = "year,population,births,deaths\n" + "".join(f"{2014 + i},{n},50,20\n" for i, n in enumerate(total))
    found = fit(tmp_path, "net_migration", {"balance": text}, "{persistence: 0.5, to: 2030}")
    value = found.outcome.gives["net"]["value"]
    assert [value[year] for year in range(2015, 2021)] == net.tolist()
    level = found.outcome.parameters["level"][0]
    assert value[2021] == pytest.approx(level + 0.5 * (-70 - level), abs=0.5)
    assert abs(value[2030] - level) < 1.0
    low, high = (found.outcome.gives["net"][key] for key in ("low", "high"))
    assert low[2020] == high[2020] == -70 and low[2021] < value[2021] < high[2021]


def test_the_band_of_an_autoregression_holds() -> None:
    rng = np.random.default_rng(9)
    inside = 0
    for _ in range(600):
        x = np.zeros(45)
        for t in range(1, 45):
            x[t] = 0.6 * x[t - 1] + rng.standard_normal()
        low, high = np.quantile(fit_autoregression(x[:40], None, None).go_on(x[39], 5, 400, rng)[-1], [0.1, 0.9])
        inside += low <= x[44] <= high
    assert 0.75 < inside / 600 < 0.85


def test_beds_close_so_that_both_stocks_are_met(tmp_path: Path) -> None:
    stocks = {"stocks": "year,stock\n2023,1000\n2025,850\n", "opened": "year,opened\n2024,30\n2025,10\n"}
    found = fit(tmp_path, "stocks", stocks, "{gives: closure}")
    rate = found.outcome.parameters["closure"][0]
    assert (1000 * (1 - rate) + 30) * (1 - rate) + 10 == pytest.approx(850, abs=1e-6)
    assert found.outcome.loss[1] < 1e-9
    assert any("two stocks alone" in note.en for note in found.outcome.notes)
    own = tmp_path / "scenario.yaml"
    own.write_text("extends: hunan\nname: own\nsupply: {institution_beds: {fit: own.yaml}}\n", encoding="utf-8")
    (row,) = ds.load(own).quantities["supply.institution_beds.closure"].rows
    assert (row.status, row.value) == ("fitted", pytest.approx(rate, abs=1e-5))


def test_staff_from_hires_and_from_turnover(tmp_path: Path) -> None:
    stocks = {"stocks": "year,stock\n2020,500\n2022,520\n"}
    found = fit(tmp_path, "stocks", stocks, "{gives: replaced, turnover: 0.2}")
    rate = found.outcome.parameters["replaced"][0]
    assert 500 * (1 - 0.2 * (1 - rate)) ** 2 == pytest.approx(520, abs=1e-6)
    hired = stocks | {"opened": "year,opened\n2021,100\n2022,110\n"}
    rate = fit(tmp_path, "stocks", hired, "{gives: turnover}").outcome.parameters["turnover"][0]
    assert (500 * (1 - rate) + 100) * (1 - rate) + 110 == pytest.approx(520, abs=1e-6)
    change = fit(tmp_path, "stocks", stocks, "{gives: yearly_change}").outcome.gives["yearly_change"]["value"]
    assert change == 10


def test_more_stocks_show_how_years_differ(tmp_path: Path) -> None:
    """The spread of yearly rates is found: 61 stocks of a rate that varies by a hundredth from year to year."""
    rng = np.random.default_rng(3)
    rates = 0.05 + 0.01 * rng.standard_normal(60)
    stock = 1e6 * np.concatenate([[1.0], np.cumprod(1.0 - rates)])
    text = "year,stock\n" + "".join(f"{1960 + i},{n:.0f}\n" for i, n in enumerate(stock))
    found = fit(tmp_path, "stocks", {"stocks": text}, "{}").outcome
    value, error = found.parameters["closure"]
    assert value == pytest.approx(0.05, abs=0.003) and error == pytest.approx(0.01 / 60**0.5, rel=0.25)
    gives = found.gives["closure"]
    assert gives["high"] - gives["value"] == pytest.approx(1.2816 * 0.01, rel=0.2)


@pytest.mark.parametrize(
    ("stocks", "options", "words"),
    [
        ("2020,500\n", "{}", "two dated stocks"),
        ("2020,500\n2022,0\n", "{}", "above 0"),
        ("2020,500\n2022,600\n", "{}", "grew by more"),
        ("2020,500\n2022,400\n", "{gives: replaced}", "options.turnover"),
    ],
)
def test_stocks_that_cannot_be_fitted(tmp_path: Path, stocks: str, options: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        fit(tmp_path, "stocks", {"stocks": f"year,stock\n{stocks}"}, options)


SPECS = sorted((Path(__file__).resolve().parents[2] / "calibration").glob("*/*.spec.yaml"))


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_the_blocks_that_ship_are_those_of_their_specs(spec: Path, tmp_path: Path) -> None:
    """Fitted anew from a copy, every file is the same to the byte."""
    import shutil

    shutil.copytree(spec.parent, tmp_path / "copy", ignore=shutil.ignore_patterns("*.html", "*.py"))
    found = ds.fit(tmp_path / "copy" / spec.name)
    for path in found.files:
        if path.suffix != ".html":
            assert path.read_bytes() == (spec.parent / path.name).read_bytes(), path.name


def counts(drift: float, sigma: float, seed: int, years: int = 12) -> dict[str, str]:
    """Counts of a group whose rate walks with a drift, of people that fall by 2 % a year."""
    rng = np.random.default_rng(seed)
    rate = np.cumsum(drift + sigma * rng.standard_normal(years))
    people = 1e7 * np.exp(-0.02 * np.arange(years))
    dates = [f"{2000 + i}-12-31" for i in range(years)]
    return {
        "counts": "date,count\n"
        + "".join(f"{d},{n:.3f}\n" for d, n in zip(dates, people * np.exp(rate - 6), strict=True)),
        "people": "date,people\n" + "".join(f"{d},{n:.3f}\n" for d, n in zip(dates, people, strict=True)),
    }


def test_a_rate_falls_on_ever_more_slowly(tmp_path: Path) -> None:
    """Without chance the factors are those of the sum of damping, damping², ...; the people play no part."""
    options = "{group: orphans, damping: 0.8, since: 2011, to: 2041}"
    found = fit(tmp_path, "group_rate", counts(-0.1, 0.0, 0), options).outcome
    assert found.parameters["drift"][0] == pytest.approx(-0.1, abs=1e-6)
    value = found.gives["orphans_trend"]["value"]
    assert value[2011] == 1.0
    assert value[2012] == pytest.approx(np.exp(-0.08), abs=1e-4)
    assert value[2013] == pytest.approx(np.exp(-0.08 - 0.064), abs=1e-4)
    assert value[2041] == pytest.approx(np.exp(-0.1 * 0.8 / 0.2), abs=1e-3)


def test_the_trend_starts_where_it_is_asked_to(tmp_path: Path) -> None:
    tables = counts(-0.1, 0.05, 3)
    late = fit(tmp_path, "group_rate", tables, "{group: x, damping: 0.9, since: 2014, to: 2020}").outcome.gives[
        "x_trend"
    ]
    first = fit(tmp_path, "group_rate", tables, "{group: x, damping: 0.9, since: 2011, to: 2020}").outcome.gives
    value = first["x_trend"]["value"]
    assert late["value"][2014] == late["low"][2014] == late["high"][2014] == 1.0
    assert late["value"][2020] == pytest.approx(value[2020] / value[2014], abs=2e-4)


def test_bands_of_a_rate_hold() -> None:
    """Of made-up rates with a walk's drift and no damping left out, 80 % of the next three years lie inside."""
    from demo_sim.fit.group_rate import _paths
    from demo_sim.fit.method import Ask
    from demo_sim.fit.walk import fit_walk

    rng = np.random.default_rng(2)
    ask, inside = Ask({}, None, rng, lambda _: None), 0
    ahead = np.arange(4.0)
    for _ in range(300):
        rate = np.cumsum(0.1 * rng.standard_normal(13))
        drawn = _paths(ask, fit_walk(rate[:10], np.arange(10)), ahead, 0.98)[-1]
        low, high = np.quantile(drawn, [0.1, 0.9])
        inside += low <= rate[12] - rate[9] <= high
    assert 0.74 < inside / 300 < 0.86


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2003-12-31", "2003-13-31", "expected a date"),
        ("2003-12-31", "2002-12-31", "the same row stands on line"),
        ("2000-12-31", "1990-12-31", "people must cover"),
    ],
)
def test_bad_counts_are_told(tmp_path: Path, old: str, new: str, words: str) -> None:
    tables = counts(-0.1, 0.05, 3)
    tables["counts"] = tables["counts"].replace(old, new)
    with pytest.raises(InputError, match=words):
        fit(tmp_path, "group_rate", tables, "{group: x, damping: 0.9, since: 2011}")


def test_a_countys_own_totals_set_what_goes_on_of_its_migration(tmp_path: Path) -> None:
    """`kept` times the place's net migrants is the balance of its totals; the run is tied to them in every draw."""
    total, births, deaths = (
        [620_100, 617_300, 614_900, 611_600, 608_900, 605_800],
        [5_600, 4_700, 4_200, 4_000, 3_900, 3_500],
        [5_300, 5_500, 5_600, 5_900, 5_800, 5_850],
    )
    rows = "".join(f"{2020 + i},{p},{b},{d}\n" for i, (p, b, d) in enumerate(zip(total, births, deaths, strict=True)))
    balance = {"balance": f"year,population,births,deaths\n{rows}"}
    options = '{place: "430223", persistence: 0.923, level: 0, to: 2030}'
    kept = fit(tmp_path, "net_migration", balance, options).outcome.gives["kept"]
    whole = sum(sum(values) for values in yearly(residual(the_place("430223"))[1]).values())
    assert kept["value"][2021] * whole == pytest.approx(617_300 - 620_100 - 4_700 + 5_500, abs=1.0)
    assert all(kept["low"][year] <= kept["value"][year] <= kept["high"][year] for year in kept["value"])
    own = tmp_path / "county.yaml"
    tied = ", ".join(f"{2020 + i}: {n}" for i, n in enumerate(total))
    own.write_text(
        f'extends: "430223"\nname: county\npopulation: {{tie: total, tie_total: {{{tied}}}}}\n'
        "migration: {fit: own.yaml}\nperiod: {end: 2030}\ndraws: 64\n",
        encoding="utf-8",
    )
    people = {}
    for source in (own, "430223"):
        run = ds.simulate(ds.load(source).replace({"draws": 64, "period.end": 2030}), engine="cohort")
        people[source] = run.groups.sel(group="residents").sum("residence")
    assert people[own].sel(time=2025).values == pytest.approx(605_800.0)
    width = {
        source: float(np.ptp(found.sel(time=2030).quantile([0.1, 0.9]).values)) for source, found in people.items()
    }
    assert width[own] < 0.3 * width["430223"]


def test_a_place_whose_censuses_say_otherwise_is_told(tmp_path: Path) -> None:
    text = "year,population,births,deaths\n" + "".join(f"{2020 + i},{620_000 + 60_000 * i},0,0\n" for i in range(5))
    with pytest.raises(InputError, match="too far from the series"):
        fit(tmp_path, "net_migration", {"balance": text}, '{place: "430223", persistence: 0.9, level: 0}')


def test_published_bounds_give_the_process_that_made_them(tmp_path: Path) -> None:
    """Normal bounds of an autoregression of 0.9 and 0.5; years up to the start are left out."""
    ahead = np.arange(1, 28)
    sd = 0.5 * np.sqrt((1 - 0.81**ahead) / 0.19)
    rows = [f"{2023 + t},{70 - 1.2815516 * s},{70 + 1.2815516 * s},{70 - 1.959964 * s},{70 + 1.959964 * s}"
            for t, s in zip(ahead, sd, strict=True)]  # fmt: skip
    table = "year,low80,high80,low95,high95\n" + "\n".join(["2020,0,9,0,9", *rows]) + "\n"
    found = fit(tmp_path, "bounds", {"bounds": table}, "{start: 2023}")
    assert {name: value for name, (value, _) in found.outcome.parameters.items()} == pytest.approx(
        {"persistence": 0.9, "spread": 0.5}, abs=1e-5
    )
    text = (tmp_path / "own.yaml").read_text(encoding="utf-8")
    assert "{persistence: 0.9, spread: 0.5, band: 0}" in text
    assert "known: 2020" in text  # the date of the spec: bounds of later years were published then


def test_bounds_the_wrong_way_round_are_refused(tmp_path: Path) -> None:
    table = "year,low80,high80,low95,high95\n2024,2,1,0,3\n2025,1,2,0,3\n2026,1,2,0,3\n"
    with pytest.raises(InputError, match="a low must lie below its high"):
        fit(tmp_path, "bounds", {"bounds": table}, "{start: 2023}")


def test_net_migration_may_give_its_chance_alone(tmp_path: Path) -> None:
    rows = "2016,1000,10,9\n2017,990,10,9\n2018,985,10,9\n2019,970,10,9\n2020,960,10,9\n"
    table = {"balance": f"year,population,births,deaths\n{rows}"}
    found = fit(tmp_path, "net_migration", table, "{persistence: 0.5, level: 0, chance: true, to: 2030}")
    net = np.array([-11.0, -6.0, -16.0, -11.0])
    spread = np.sqrt(((net[1:] - 0.5 * net[:-1]) ** 2).sum() / 3)
    assert found.outcome.parameters["sigma"][0] == pytest.approx(spread)
    text = (tmp_path / "own.yaml").read_text(encoding="utf-8")
    assert f"value: {{persistence: 0.5, spread: {spread:.0f}}}" in text and "net:" not in text
