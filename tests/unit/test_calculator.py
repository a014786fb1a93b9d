"""The calculator of the page: what it shows is what a run of the scenario that it writes gives."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import chromium, needs_browser, opened, serious, unfold
from scipy.interpolate import interpn

import demo_sim as ds
from demo_sim.plan import levers
from demo_sim.plan.lever_grid import LeverGrid
from demo_sim.report import write_report
from demo_sim.report.pictures import Pictures

PROVINCE = """\
extends: hunan
name: province
title: {zh: 某省, en: A province}
period: {end: 2032}
draws: 0
plan: [hunan-2021-2025, national-2026-2030]
"""
# Stocks of an office, by dated figures alone: they go on as they did.
COUNTY = """\
place: "430223"
name: county
title: {zh: 某县, en: A county}
period: {end: 2032}
draws: 0
known_until: 2024
plan: [national-2026-2030, reference]
supply:
  institution_beds:
    kind: beds
    stock: {value: {2020: 3000, 2024: 3400}, source: 县民政局, status: reported}
    nursing_share: {value: {2020: 0.4, 2024: 0.5}, source: 县民政局, status: reported}
    closure: {value: 0.02, source: 县民政局, status: reported}
  caregivers:
    kind: staff
    stock: {value: {2020: 500, 2024: 450}, source: 县民政局, status: reported}
    turnover: {value: 0.1, source: 县民政局, status: reported}
    certified_share: {value: {2020: 0.3, 2024: 0.5}, source: 县民政局, status: reported}
  community_workers:
    kind: staff
    stock: {value: {2020: 300, 2024: 330}, source: 县民政局, status: reported}
    turnover: {value: 0.1, source: 县民政局, status: reported}
  family_doctor_contracts:
    kind: covered
    of: older_65
    share: {value: {2024: 0.6}, source: 县民政局, status: reported}
    lapse: {value: 0.05, source: 县民政局, status: reported}
"""
KEYS = ["plan", "id", "reading", "year"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("calculator")
    for name, text in (("province", PROVINCE), ("county", COUNTY)):
        (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, ds.Results]:
    return {name: ds.simulate(ds.load(folder / f"{name}.yaml"), engine="cohort") for name in ("province", "county")}


@pytest.fixture(scope="module")
def pages(folder: Path, runs: dict[str, ds.Results]) -> dict[tuple[str, str], Path]:
    return {
        (name, lang): write_report(run, folder / f"{name}-{lang}.html", lang, charts=lambda: [Pictures(Path("."), {})])
        for name, run in runs.items()
        for lang in ("zh", "en")
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


def first_of_each(responses: pd.DataFrame) -> pd.DataFrame:
    """The figures of a run as it is: the first row of each, with nothing added."""
    return responses.groupby(KEYS, sort=False).first().reset_index()


@pytest.mark.parametrize("name", ["province", "county"])
def test_nothing_added_is_the_run(runs: dict[str, ds.Results], name: str) -> None:
    run = runs[name]
    stated = run.central
    rows = first_of_each(run.responses)
    assert {"institution_beds", "caregivers", "community_workers"} <= {s.partition(".")[0] for s in
                                                                      " ".join(rows["levers"]).split()}  # fmt: skip
    targets = run.targets.set_index(["id", "reading"])
    for row in rows.itertuples():
        assert {float(amount) for amount in row.amounts.split()} == {0.0}
        if row.plan:
            told = targets.loc[row.id, row.reading]
            assert row.value == pytest.approx(float(told["value"]), rel=1e-9)
            assert np.ceil(row.break_even - 1e-6) == pytest.approx(float(told["break_even"]), abs=1e-3)
        else:
            here = {"time": row.year, "resource": row.id}
            assert row.level == pytest.approx(float(stated.supply.sel(here)), rel=1e-9)
            assert row.break_even == pytest.approx(float(stated.need.sel(here | {"need_kind": row.reading})), rel=1e-9)


def test_a_stock_that_goes_on_is_written_as_its_flows(runs: dict[str, ds.Results]) -> None:
    table = runs["county"].levers
    beds = table[
        (table["setting"] == "supply.institution_beds.pipeline") & (table["name"] == "openings_per_year")
    ].set_index("year")
    # 100 more a year from 2020 to 2024, beside 2 % that close
    assert beds.loc[2025, "value"] == pytest.approx(100 + 0.02 * 3400)
    assert set(beds["new"]) == {1} and beds[beds["adds"] == 1].index.tolist() == list(range(2025, 2031))
    fewer = table[table["setting"] == "supply.caregivers.replaced"]
    assert (fewer.loc[fewer["year"] > 2024, "value"].astype(float) < 1).all()  # 500 to 450: not all are replaced


def test_a_stock_with_figures_to_the_end_has_no_lever(tmp_path: Path) -> None:
    file = tmp_path / "end.yaml"
    told = "{value: {2020: 300, 2024: 330}, source: 县民政局, status: reported}"
    assert told in COUNTY
    planned = "{value: {2020: 300, 2032: 400}, source: 规划, status: plan}"
    file.write_text(COUNTY.replace(told, planned), encoding="utf-8")
    table = ds.simulate(ds.load(file), engine="cohort").levers
    assert set(table["setting"].str.split(".").str[1]) == {"institution_beds", "caregivers", "family_doctor_contracts"}


@pytest.mark.parametrize("text", [PROVINCE, COUNTY], ids=["province", "county"])
def test_between_its_amounts_a_grid_is_off_by_little(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grids: list[LeverGrid] = []

    class Kept(LeverGrid):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            grids.append(self)

    monkeypatch.setattr(levers, "LeverGrid", Kept)
    file = tmp_path / "scenario.yaml"
    file.write_text(text, encoding="utf-8")
    ds.simulate(ds.load(file), engine="cohort")
    assert len(grids) >= 4
    chance = np.random.default_rng(20261128)
    for grid in grids:
        points = chance.random((400, len(grid.axes))) * [axis[-1] for axis in grid.axes]
        for name, stocks in grid.series(points).items():
            if name.count(".") > 1 and not name.endswith((".nursing", ".certified")):
                continue
            table = grid.series(np.array(list(itertools.product(*grid.axes))))[name][grid.last]
            line = interpn(grid.axes, table.reshape([axis.size for axis in grid.axes]), points)
            np.testing.assert_allclose(line, stocks[grid.last], rtol=0.005)


def test_there_is_no_calculator_where_nothing_can_be_moved(tmp_path: Path) -> None:
    run = ds.simulate(ds.load("kaiping").replace({"draws": 0, "period.end": 2030}), engine="cohort")
    assert "responses" not in run and run.levers.empty
    page = write_report(run, tmp_path / "r.html", charts=lambda: [Pictures(Path("."), {})]).read_text(encoding="utf-8")
    assert "calculator" not in page.replace(".calculator", "")


def shown(page: Any) -> list[dict[str, float]]:
    """What the calculator shows, not rounded, in the order of the figures."""
    rows = page.evaluate(
        "Array.from(document.querySelectorAll('tr[data-figure]'), r => Object.fromEntries("
        "['figure', 'level', 'value', 'edge'].map(k => [k, Number(r.dataset[k])])))"
    )
    return sorted({row["figure"]: row for row in rows}.values(), key=lambda row: row["figure"])


def fill(page: Any, parts: dict[str, float]) -> dict[str, float]:
    """Type a part of its range for each lever; by default a third."""
    typed = {}
    for lever, most in page.evaluate(
        "Array.from(document.querySelectorAll('input[type=number]'), i => [i.dataset.lever, Number(i.max)])"
    ):
        typed[lever] = most * parts.get(lever, 0.31)
        page.fill(f"input[type=number][data-lever='{lever}']", repr(typed[lever]))
    return typed


@needs_browser
@pytest.mark.parametrize("name", ["province", "county"])
@pytest.mark.parametrize("part", [1.0, 0.31, 0.77])
def test_a_run_of_the_scenario_gives_what_the_page_shows(
    browser: Any, folder: Path, runs: dict[str, ds.Results], pages: dict[tuple[str, str], Path], name: str, part: float
) -> None:
    with opened(browser, pages[name, "zh"]) as (page, said):
        names = page.evaluate("Array.from(document.querySelectorAll('input[type=number]'), i => i.dataset.lever)")
        fill(page, dict.fromkeys(names, part))
        figures, text = shown(page), page.locator(".calculator textarea").input_value()
        assert not said
    file = folder / f"{name}-{part}.yaml"
    file.write_text(text, encoding="utf-8")
    after = ds.simulate(ds.load(file), engine="cohort")
    again = first_of_each(after.responses).set_index(KEYS)
    if name == "county":  # what it writes are measures: without them its stocks go on as in the scenario it extends
        kept = ~runs[name].targets["id"].str.contains("nursing_bed")  # but for beds that close: that is a rate
        natural, told = (
            run.targets[kept][column].astype(float) for run, column in ((after, "natural_value"), (runs[name], "value"))
        )
        np.testing.assert_allclose(natural, told, rtol=1e-9)
    before = first_of_each(runs[name].responses)
    allowed = 1e-9 if part == 1.0 else 0.005  # the ends of the ranges are points of the table
    assert len(figures) == len(before) == len(again)
    for figure, row in zip(figures, before.to_dict("records"), strict=True):
        run = again.loc[tuple(row[key] for key in KEYS)]
        assert figure["level"] == pytest.approx(run["level"], rel=allowed, abs=1e-6)
        assert figure["value"] == pytest.approx(run["value"], rel=allowed, abs=1e-6)
        assert figure["edge"] == pytest.approx(run["break_even"], rel=allowed, abs=1e-6)
        assert figure["level"] != pytest.approx(row["level"], rel=1e-6)  # something was moved


@needs_browser
def test_what_is_typed_moves_gap_and_status(browser: Any, pages: dict[tuple[str, str], Path]) -> None:
    with opened(browser, pages["county", "en"]) as (page, said):
        stock = page.locator("fieldset", has_text="Community workers").last
        number, slider = stock.get_by_role("spinbutton"), stock.get_by_role("slider")
        row = stock.locator("tr[data-figure]").last
        before = shown(page)
        assert stock.get_by_role("status").inner_text().endswith("reached")
        number.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("100")
        assert float(slider.input_value()) == pytest.approx(100, abs=2)
        after = shown(page)
        place = int(row.get_attribute("data-figure"))
        assert after[place]["level"] == pytest.approx(before[place]["level"] + 600, abs=0.5)  # 2025 to 2030
        assert after[place]["edge"] == before[place]["edge"]
        assert row.locator(".gap").inner_text().startswith("spare")
        slider.focus()
        page.keyboard.press("End")
        assert float(number.input_value()) == float(slider.get_attribute("max"))
        number.fill("")  # nothing is nothing, and beyond the range is its end
        assert shown(page) == before
        number.fill("1e9")
        assert shown(page)[place]["level"] > after[place]["level"]
        page.get_by_role("button", name="All to zero").click()
        assert shown(page) == before and number.input_value() == "0"
        with page.expect_download() as waited:
            page.get_by_role("button", name="Download as a scenario (YAML)").click()
        assert waited.value.suggested_filename == "county-measures.yaml"
        assert not said


@needs_browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everybody_can_use_it(browser: Any, pages: dict[tuple[str, str], Path], lang: str) -> None:
    for scheme in ("light", "dark"):
        with opened(browser, pages["county", lang], scheme=scheme) as (page, _):
            unfold(page)
            assert not serious(page)
            unnamed = page.evaluate("Array.from(document.querySelectorAll('.calculator input')).filter(i => "
                                    "!i.labels.length && !i.getAttribute('aria-label')).length")  # fmt: skip
            assert unnamed == 0
            assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_page_says_what_is_interpolated(pages: dict[tuple[str, str], Path], runs: dict[str, ds.Results]) -> None:
    text = pages["county", "zh"].read_text(encoding="utf-8")
    assert "其间误差不超过存量的0.5%" in text and "各项措施的作用是直线的" in text
    start = text.index('data-levers="') + len('data-levers="')
    data = json.loads(text[start : text.index('"', start)].replace("&#34;", '"').replace("&amp;", "&"))
    bent = {f["id"] for stock in data["stocks"] for f in stock["levers"] if f["points"] > 2}
    assert bent and bent <= {f"institution_beds.{lever}" for lever in ("built", "converted", "closed")}
    assert data["extends"] == "county.yaml"
