"""The made-up county of `examples/qinghe`: from its own table and figures to the closed plan, then the next one."""

from __future__ import annotations

import shutil
from pathlib import Path

import docx
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from pptx import Presentation

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.report.content import build_report
from demo_sim.report.tree import words
from demo_sim.results import save
from demo_sim.scenario.next_plan import write_next

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "qinghe"
OWN, NEXT = "qinghe-2021-2025", "qinghe-2026-2030"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[ds.Results, ds.Results]:
    """The plan that ends, and the next one begun at its last year-end."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("county") / "qinghe"))
    small = {"draws": 64, "period.end": 2030}
    first = ds.simulate(ds.load(folder / "qinghe.yaml").replace(small), engine="cohort")
    save(first, folder / "results")
    written = write_next(str(folder / "qinghe.yaml"), "2026-2030", str(folder / "results"), folder)
    scenario = next(path for path in written if path.parent.name == NEXT)
    plan = next(path for path in written if path.parent.name == "plans")
    shutil.copy(EXAMPLE / "next" / f"{NEXT}.yaml", plan)
    with scenario.open("a", encoding="utf-8") as file:
        file.write((EXAMPLE / "next" / "measures.yaml").read_text(encoding="utf-8"))
    return first, ds.simulate(ds.load(scenario).replace({"draws": 64}), engine="cohort")


def rows(run: ds.Results, plan: str) -> pd.DataFrame:
    return run.targets[run.targets["plan"] == plan].set_index("id")


def test_the_table_is_its_own_to_the_person(runs: tuple[ds.Results, ds.Results]) -> None:
    assert float(runs[0].attrs["base_counted"]) == 620_350.0


def test_the_plan_that_ends_is_closed_by_figures(runs: tuple[ds.Results, ds.Results]) -> None:
    found = rows(runs[0], OWN)
    closed = {id_: row["verdict"] for id_, row in found.iterrows() if row["actual"] == row["actual"]}
    assert closed == {
        "qinghe.nursing_bed_share": "met",  # 2460 of 4390
        "qinghe.beds": "missed",  # 4390 of 4400
        "qinghe.certified": "met",
        "qinghe.community_workers": "met",  # 18.3 typed under `actual`
        "qinghe.dibao_ratio": "met",
        "qinghe.child_files": "met",
    }
    assert found.loc["qinghe.nursing_bed_share", "actual"] == pytest.approx(2460 / 4390)
    assert found.loc["qinghe.beds", "completion"] == pytest.approx(4390 / 4400)
    visits = found.loc["qinghe.visits"]
    assert (visits["missing"], visits["department"]) == ("reported.visits_70_alone", "elder_care")


def test_the_next_plan_still_knows_how_the_last_one_ended(runs: tuple[ds.Results, ds.Results]) -> None:
    before, after = (rows(run, OWN) for run in runs)
    for id_ in before.index[before["actual"].notna()]:
        assert after.loc[id_, "verdict"] == before.loc[id_, "verdict"], id_
        assert after.loc[id_, "actual"] == pytest.approx(before.loc[id_, "actual"], rel=1e-9), id_


def test_with_and_without_the_measures_of_the_next_plan(runs: tuple[ds.Results, ds.Results]) -> None:
    """110 beds opened and 160 converted a year for five years; without them the change of 2023 to 2025 goes on."""
    run = runs[1]
    beds, nursing = (
        run.central.stocks.sel(stock=name).sel(time=2030) for name in ("institution_beds", "institution_beds.nursing")
    )
    assert float(beds) == pytest.approx(4390 + 5 * 110)
    found = rows(run, NEXT)
    assert found.loc["qinghe.nursing_2030", "value"] == pytest.approx(float(nursing / beds))
    assert found.loc["qinghe.beds_2030", "natural_value"] == pytest.approx(4390 + 5 * (4390 - 4120) / 2, rel=0.35)
    assert (found["year"] == 2030).all()


def test_additions_of_the_next_plan_begin_in_its_first_year(runs: tuple[ds.Results, ds.Results]) -> None:
    answers = runs[1].answers
    added = answers[answers["id"].isin(rows(runs[1], NEXT).index) & answers["to_bring_in"].notna()]
    assert sorted(set(added["year"].astype(int))) == list(range(2026, 2031))
    beds = added[added["id"] == "qinghe.beds_2030"]
    np.testing.assert_allclose(beds["to_bring_in"], 110.0)  # planned, and enough


def test_what_measures_move_rests_on_the_plan_and_is_counted_apart(runs: tuple[ds.Results, ds.Results]) -> None:
    found = rows(runs[1], NEXT)
    moved = ["qinghe.nursing_2030", "qinghe.beds_2030", "qinghe.certified_2030"]
    assert list(found.loc[moved, "evidence"]) == ["plan"] * 3 and list(found.loc[moved, "tally"]) == ["planned"] * 3
    assert found.loc["qinghe.beds_2030", "rests_on"] == "supply.institution_beds.pipeline"
    assert "planned" not in set(rows(runs[1], OWN)["tally"]) | set(rows(runs[0], OWN)["tally"])


def commands(page: str) -> list[list[str]]:
    """Every command of a page of the manual."""
    text = (EXAMPLE.parents[1] / "docs" / page).read_text(encoding="utf-8")
    return [line.split()[1:] for line in text.splitlines() if line.startswith("demo-sim ")]


def test_the_page_on_the_plan_cycle_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, translated = commands("tutorials/next_plan.md"), commands("tutorials/next_plan.zh-CN.md")
    assert [line[0] for line in shown] == [line[0] for line in translated] and len(shown) == 9
    shutil.copytree(EXAMPLE, tmp_path / "examples" / "qinghe")
    monkeypatch.chdir(tmp_path)
    docx.Document().save("office.docx")
    Presentation().save("office.pptx")
    for arguments in shown:
        quick = ["--engine", "cohort", "--draws", "0"] if arguments[0] == "run" else []
        outcome = CliRunner().invoke(cli, [*arguments, *quick, "--lang", "en"])
        assert outcome.exit_code == 0, (arguments, outcome.output, outcome.exception)
    assert {path.name for path in tmp_path.iterdir()} >= {"form.xlsx", "summary.docx", "talk.pptx", "qinghe-2026-2030"}


def test_the_annex_names_targets_and_their_units(runs: tuple[ds.Results, ds.Results]) -> None:
    for lang, share in (("zh", "56.0%"), ("en", "56.0%")):
        report = build_report(runs[1], lang)
        assert report.annex is not None
        table = next(block for block in report.annex.all_blocks() if getattr(block, "key", "") == "table.outcomes")
        rows = [[words(cell.parts, lang) for cell in row.cells] for row in table.rows]
        assert rows and not any("qinghe." in row[0] for row in rows)
        assert rows[0][2] == rows[0][3] == share
