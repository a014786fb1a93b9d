"""The tutorials run as they stand, and both languages say the same commands."""

from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from walking import DOCS, LOOKING, commands, steps, walk

import demo_sim as ds

ROOT = DOCS.parent
TUTORIALS = sorted(file.stem for file in (DOCS / "tutorials").glob("*.md") if not file.stem.endswith(".zh-CN"))
TRANSLATED = ["county", "province", "what_if"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder; a run draws one of its charts, which have tests of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("demo_sim.plot.aside.CHARTS", ("beds",))
    return tmp_path


def test_all_tutorials_are_tested() -> None:
    """Those that follow, and the next plan in tests/unit/test_example_county.py."""
    assert TUTORIALS == ["county", "ensemble", "next_plan", "province", "what_if"]


def untitled(words: list[str]) -> list[str]:
    """A command without the titles that it gives, which are in the language of the page."""
    return [word for before, word in pairwise(["", *words]) if before != "--title"]


@pytest.mark.parametrize("name", TRANSLATED)
def test_both_languages_do_the_same(name: str) -> None:
    english, chinese = f"tutorials/{name}.md", f"tutorials/{name}.zh-CN.md"
    assert [untitled(words) for words in commands(english)] == [untitled(words) for words in commands(chinese)]
    for kind in ("python", "yaml"):
        same = [[step.text for step in steps(page) if step.kind == kind] for page in (english, chinese)]
        assert same[0] == same[1], kind


def test_a_province(here: Path) -> None:
    walk("tutorials/province.md", "en")
    walk("tutorials/province.zh-CN.md", "zh", LOOKING)
    assert (here / "results" / "hunan" / "report.docx").stat().st_size > 20_000


def test_a_county_from_three_files(here: Path) -> None:
    shutil.copytree(ROOT / "examples" / "office", here, dirs_exist_ok=True)
    walk("tutorials/county.md", "en")
    folder = here / "results" / "430223-攸县"
    assert (folder / "report.docx").stat().st_size > 20_000
    scenario = ds.load("430223-攸县/imported.yaml")
    assert sum(scenario.tables["population.table"].columns["population"]) == pytest.approx(601_920)
    run = ds.open_results(folder).central
    stocks = run.stocks.sel(time=2024)
    assert float(stocks.sel(stock="institution_beds")) == 4052
    assert float(stocks.sel(stock="institution_beds.nursing")) == 2105
    assert float(run.groups.sel(time=2024, group="dibao").sum()) == pytest.approx(2_410 + 13_880)
    walk("tutorials/county.zh-CN.md", "zh", LOOKING)


def test_what_if(here: Path) -> None:
    shutil.copytree(ROOT / "examples" / "qinghe", here / "examples" / "qinghe")
    walk("tutorials/what_if.md", "en")
    stocks = {name: ds.open_results(here / "results" / name).central.stocks for name in ("base", "more-beds")}
    for stock in ("institution_beds", "institution_beds.nursing"):
        without, more = (stocks[name].sel(stock=stock) for name in ("base", "more-beds"))
        assert float(more.sel(time=2025)) == pytest.approx(float(without.sel(time=2025)))
        assert float(more.sel(time=2035)) > float(without.sel(time=2035)) + 500
    beds = stocks["base"].sel(stock="institution_beds")
    assert float(beds.sel(time=2030) - beds.sel(time=2025)) == pytest.approx(5 * 108)  # as the page says
    assert (here / "results" / "births" / "compare.html").is_file()


def test_an_ensemble_in_two_parts(here: Path) -> None:
    walk("tutorials/ensemble.md", "en")
    assert ds.open_results(here / "results" / "kaiping-64").draws == 64
