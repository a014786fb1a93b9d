"""`backtest`: only what was known then, scores that are right, bands from the errors of others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy.stats import t as student

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.fit import census_rule
from demo_sim.fit.scores import scores, twofold
from demo_sim.places.census import NATION

SPEC = """name: provinces
places: provinces
origins: [2010]
series: [60+, 65+, 80+]
output: own.csv
"""


def write(folder: Path, text: str = SPEC) -> Path:
    file = folder / "own.backtest.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_provinces_have_the_errors_of_the_rule(tmp_path: Path) -> None:
    """The rule is that of docs/places.md: 3.05, 3.04 and 4.75 % off; written out here with the national rows."""
    found = ds.backtest(write(tmp_path), lang="en")
    by = found.scores.set_index("series")
    assert by["n"].tolist() == [31, 31, 31]
    assert by["mean_absolute_error"].round(2).tolist() == [3.05, 3.04, 4.75]
    assert 0.65 <= by["inside_80"].min() and by["inside_80"].max() <= 0.92
    assert [path.name for path in found.files] == ["own.csv", "own_rows.csv", "own.html"]
    rows = pd.read_csv(tmp_path / "own_rows.csv")
    hunan = rows[(rows["place"] == 430000) & (rows["series"] == "60+")].iloc[0]
    assert hunan["actual"] == pytest.approx(13_211_281, rel=1e-3)  # census of 2020
    assert hunan["q025"] < hunan["q10"] < hunan["q90"] < hunan["q975"]
    assert "<svg" in (tmp_path / "own.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "errors"),
    [("", [0.1, -0.3, 0.5]), ("kept: 0\nshrunk: 1\nfalling: false\n", [-5.8, -7.8, -19.1])],
)
def test_the_nation(tmp_path: Path, options: str, errors: list[float]) -> None:
    found = ds.backtest(write(tmp_path, SPEC.replace("places: provinces", "places: nation") + options)).scores
    assert found["mean_error"].round(1).tolist() == errors
    assert found["inside_80"].isna().all()


def test_a_second_run_gives_the_same_files(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in ds.backtest(write(tmp_path)).files]
    assert first == [path.read_bytes() for path in ds.backtest(write(tmp_path)).files]


def test_nothing_later_than_the_origin_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no census later than 2010 can be read, the forecasts are the same."""
    whole = census_rule.decade_forecast("430000", 2010)
    read = census_rule.of_province

    def until(code: str, measure: str, year: int) -> object:
        assert year <= 2010
        return read(code, measure, year)

    monkeypatch.setattr(census_rule, "of_province", until)
    assert np.array_equal(census_rule.decade_forecast("430000", 2010), whole)


def test_the_nation_survives_as_its_censuses_say() -> None:
    """Without migration and without a fall of mortality the forecast is the survival of 2000 to 2010."""
    then = census_rule.census_people(NATION, 2010)
    found = census_rule.decade_forecast(NATION, 2010, census_rule.DecadeRule(kept=0.0, falling=False))
    survived = census_rule.census_people(NATION, 2010)[:, 8] / census_rule.census_people(NATION, 2000)[:, 6]
    assert found[:, 8] == pytest.approx(then[:, 6] * survived)


def test_counties_by_size(tmp_path: Path) -> None:
    text = SPEC.replace("provinces", "counties") + "sizes: [200000, 500000, 1000000]\n"
    by = ds.backtest(write(tmp_path, text)).scores
    classes = by[by["size"] != ""]
    assert classes.groupby("series")["n"].sum().tolist() == [2530, 2530, 2530]
    assert ((classes["inside_80"] > 0.75) & (classes["inside_80"] < 0.85)).all()
    assert (classes["inside_95"] > 0.9).all()


def made_up(people: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    value = np.exp(rng.normal(10.0, 1.0, people))
    return pd.DataFrame(
        {
            "series": "x", "horizon": 10, "half": np.arange(people) % 2, "value": value,
            "actual": value * np.exp(rng.normal(0.05, 0.1, people)),
        }
    )  # fmt: skip


def test_bands_of_one_half_come_from_the_other() -> None:
    rows = made_up(400)
    bands = twofold(rows, ["series"])
    other = np.log(rows["actual"] / rows["value"])[rows["half"] == 1]
    mine = bands[rows["half"] == 0].iloc[0]
    assert mine["q10"] == pytest.approx(mine["value"] * np.exp(np.quantile(other, 0.1)))
    # an error in one's own half moves nothing of one's own band
    moved = rows.copy()
    moved.loc[0, "actual"] *= 100.0
    again = twofold(moved, ["series"])
    assert again.loc[rows["half"] == 0, "q90"].equals(bands.loc[rows["half"] == 0, "q90"])
    assert not again.loc[rows["half"] == 1, "q975"].equals(bands.loc[rows["half"] == 1, "q975"])


def test_few_errors_give_a_student_band() -> None:
    rows = made_up(20)
    other = np.log(rows["actual"] / rows["value"])[rows["half"] == 1].to_numpy()
    mine = twofold(rows, ["series"])[rows["half"] == 0].iloc[0]
    half = student.ppf(0.9, 10) * np.sqrt((other**2).mean())
    assert np.log(mine["q90"] / mine["value"]) == pytest.approx(half)
    assert np.log(mine["q10"] / mine["value"]) == pytest.approx(-half)


def test_bands_of_many_hold() -> None:
    found = scores(twofold(made_up(20_000), ["series"]), ["series"]).iloc[0]
    assert found["inside_80"] == pytest.approx(0.8, abs=0.012)
    assert found["inside_95"] == pytest.approx(0.95, abs=0.008)


def test_scores_are_what_they_say() -> None:
    rows = pd.DataFrame(
        {
            "series": "x", "value": [110.0, 90.0, 100.0], "actual": [100.0, 100.0, 200.0],
            "q025": [90.0, 95.0, np.nan], "q10": [95.0, 95.0, np.nan], "q90": [105.0, 99.0, np.nan],
            "q975": [115.0, 99.0, np.nan],
        }
    )  # fmt: skip
    found = scores(rows, ["series"]).iloc[0]
    assert found["n"] == 3
    assert found["mean_error"] == pytest.approx((10 - 10 - 50) / 3)
    assert found["mean_absolute_error"] == pytest.approx(70 / 3)
    assert found["inside_80"] == found["inside_95"] == 0.5


def test_series_that_may_be_negative_have_errors_in_their_own_unit(tmp_path: Path) -> None:
    net = [-100, -60, 20, -90, -40, -70, -30, 10, -20, -50]
    total = 10_000 + np.concatenate([[0], np.cumsum(np.array(net) + 30)])
    rows = "".join(f"{2010 + i},{n},50,20\n" for i, n in enumerate(total))
    (tmp_path / "balance.csv").write_text(f"year,population,births,deaths\n{rows}", encoding="utf-8")
    (tmp_path / "net.spec.yaml").write_text(
        'name: net\nmethod: net_migration\ndate: "2020-01-01"\ntables: {balance: balance.csv}\n'
        "options: {persistence: 0.5, level: 0}\noutput: net.yaml\n",
        encoding="utf-8",
    )
    text = "name: own\nfit: net.spec.yaml\norigins: [2016]\nahead: 2\noutput: own.csv\n"
    by = ds.backtest(write(tmp_path, text)).scores.set_index("horizon")
    assert by["unit"].tolist() == ["1", "1"]
    # it was -70 in 2016 and goes half way to 0 each year: -35 and -17.5, where -30 and 10 came
    assert by["mean_error"].tolist() == pytest.approx([-5.0, -27.5])


def test_a_fit_is_made_anew_at_each_origin(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    z = np.zeros(60)
    for t in range(1, 60):
        z[t] = 0.8 * z[t - 1] + 0.15 * rng.standard_normal()
    rates = 0.5 + 2.5 / (1.0 + np.exp(-z))
    lines = [f"{1960 + t},{rate:.5f}" for t, rate in enumerate(rates)]
    (tmp_path / "tfr.csv").write_text("year,tfr\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "tfr.spec.yaml").write_text(
        'name: tfr\nmethod: fertility_path\ndate: "2020-01-01"\ntables: {tfr: tfr.csv}\n'
        "options: {low: 0.5, high: 3.0, to: 2030}\noutput: tfr.yaml\n",
        encoding="utf-8",
    )
    text = "name: own\nfit: tfr.spec.yaml\norigins: [1995, 2000, 2017]\nahead: 5\noutput: own.csv\n"
    found = ds.backtest(write(tmp_path, text))
    by = found.scores.set_index("horizon")
    assert by["n"].to_dict() == {1: 3, 2: 3, 3: 2, 4: 2, 5: 2}
    # what came after an origin does not move its forecast
    (tmp_path / "tfr.csv").write_text("year,tfr\n" + "\n".join(lines[:45]) + "\n", encoding="utf-8")
    shorter = ds.backtest(write(tmp_path, text.replace("[1995, 2000, 2017]", "[1995]")))
    first = found.rows[found.rows["origin"] == 1995]
    assert shorter.rows["value"].tolist() == first["value"].tolist()
    assert shorter.rows["q90"].tolist() == first["q90"].tolist()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("places: provinces", "places: towns", "provinces"),
        ("places: provinces\n", "", "give one of places, fit and scenario"),
        ("[2010]", "[2020]", "no census both before and after 2020"),
        ("[60+, 65+, 80+]", "[60+, 63+]", '"63+" must be five-year ages'),
        ("output: own.csv", "outputs: own.csv", 'did you mean "output"'),
        ("places: provinces", "fit: none.spec.yaml", "no such file"),
    ],
)
def test_a_bad_spec_is_one_clear_error(tmp_path: Path, old: str, new: str, words: str) -> None:
    outcome = CliRunner().invoke(cli, ["backtest", str(write(tmp_path, SPEC.replace(old, new))), "--lang", "en"])
    assert outcome.exit_code == 2, outcome.output
    assert words in outcome.output
    assert not (tmp_path / "own.csv").exists()


def test_a_scenario_that_knows_nothing_later_is_scored_by_its_outcomes(tmp_path: Path) -> None:
    text = "name: own\nscenario: china-2020\ndraws: 256\norigins: [2020]\noutput: own.csv\n"
    found = ds.backtest(write(tmp_path, text))
    run = ds.simulate(ds.load("china-2020").replace({"draws": 256, "period.end": 2025, "plan": []}), engine="cohort")
    told = run.outcomes[run.outcomes["mark"] == "tested"].reset_index(drop=True)
    assert found.rows["series"].tolist() == told["series"].tolist() and len(told) == 40
    for mine, theirs in (("value", "projected"), ("actual", "published"), ("q10", "q10"), ("q90", "q90")):
        assert found.rows[mine].to_numpy() == pytest.approx(told[theirs].to_numpy(), rel=1e-6)
    inside = (told["inside"] == "yes").mean()
    assert found.scores.iloc[-1]["series"] == "" and found.scores.iloc[-1]["inside_80"] == pytest.approx(inside)
    assert inside >= 0.65


def test_a_scenario_that_knows_more_than_the_origin_is_refused(tmp_path: Path) -> None:
    text = "name: own\nscenario: hunan\norigins: [2020]\noutput: own.csv\n"
    with pytest.raises(InputError, match="known_until of hunan is"):
        ds.backtest(write(tmp_path, text))
