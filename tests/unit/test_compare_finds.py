"""A comparison finds every difference there is, says it in an office's words, and refuses what cannot be compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from results_samples import sample

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.report.changes import changes
from demo_sim.report.tree import Paragraph, Table, words
from demo_sim.results import Results
from demo_sim.vocab import FLOWS

TEXT = "name: sample\nseed: 7\nmigration: {timing: even}\nplans: [a, b]\n"


def moved(
    run: Results, *, births: float = 0.0, a_draw: float = 0.0, old: float = 0.0, year: int = 2023, **attrs: str
) -> Results:
    """A copy of a run in which births of a year and older people at its end are more by so many, in every draw.

    Births of draw i are more by i times `a_draw` besides.
    """
    nodes = {node.path: node.to_dataset(inherit=False).copy(deep=True) for node in run.tree.subtree}
    for path in ("/", "/central/"):
        flows, groups = nodes[f"{path}flows"]["flows"], nodes[f"{path}groups"]["groups"]
        flows[{"year": year - 2021, "flow": FLOWS.index("births"), "residence": 0, "sex": 1}] += births
        if path == "/":
            flows[{"year": year - 2021, "flow": FLOWS.index("births"), "residence": 0, "sex": 1}] += a_draw * np.arange(
                run.draws
            )
        groups[{"time": year - 2020, "group": 0, "residence": 0}] += old
    nodes["/"].attrs |= attrs
    return Results(xr.DataTree.from_dict(nodes))


def told(comparison: ds.report.Comparison, lang: str) -> list[str]:
    """The sentences of the first section."""
    blocks = comparison.report(lang).sections[0].all_blocks()
    return [words(block.parts, lang) for block in blocks if isinstance(block, Paragraph)]


@pytest.fixture(scope="module")
def run() -> Results:
    return sample(25, text=TEXT)


def test_births_that_differ_are_told_with_the_band_of_the_difference(run: Results) -> None:
    found = ds.compare(run, moved(run, births=98_300.0, a_draw=1_000.0), titles=["自然趋势", "落实规划"])
    rows = found.differences
    assert set(rows["series"]) == {"flows.births"}  # only what differs
    row = rows.iloc[0]
    assert (row["year"], row["run"]) == (2023, "落实规划")
    assert row["difference"] == pytest.approx(98_300.0)
    # Of 25 draws that are more by 98,300 to 122,300 a tenth is below 100,700, a tenth above 119,900.
    assert (row["low80"], row["high80"]) == (pytest.approx(100_700.0, rel=1e-4), pytest.approx(119_900.0, rel=1e-4))
    assert "与自然趋势相比，落实规划2023年出生多9.8万人（80%区间10.1—12.0万人）。" in told(found, "zh")
    said = "“落实规划” against “自然趋势”: births, 2023, higher by 98,300 (80% band 100,700 to 119,900)."
    assert said in told(found, "en")
    # A number that is the same in every draw has no spread to tell, whatever the draws have.
    alike = ds.compare(run, moved(run, births=98_300.0), titles=["甲", "乙"])
    assert alike.differences.iloc[0]["low80"] == pytest.approx(98_300.0, rel=1e-4)
    assert told(alike, "zh")[-1] == "与甲相比，乙2023年出生多9.8万人。"


def test_fewer_are_said_as_fewer_and_a_difference_of_one_year_alone_is_found(run: Results) -> None:
    found = ds.compare(run, moved(run, old=-250.0, year=2021), titles=["甲案", "乙案"])
    assert found.differences[["series", "year"]].to_numpy().tolist() == [["groups.older_60", 2021]]
    assert "与甲案相比，乙案2021年末60岁及以上老年人少250人。" in told(found, "zh")
    tables = [b for s in found.report("zh").sections for b in s.all_blocks() if isinstance(b, Table)]
    (table,) = [t for t in tables if t.key == "table.groups.years"]
    assert [words(c.parts, "zh") for c in table.rows[0].cells][1] == "2021"


def test_what_no_series_shows_and_what_nothing_explains_is_said(run: Results) -> None:
    nodes = {node.path: node.to_dataset(inherit=False).copy(deep=True) for node in run.tree.subtree}
    nodes["/central/flows"]["births_by_age"][:] *= 1.5
    other = Results(xr.DataTree.from_dict(nodes))
    found = ds.compare(run, other)
    assert found.differences.empty and not len(found.changes)
    said = [words(b.parts, "zh") for s in found.report("zh").sections for b in s.all_blocks()
            if isinstance(b, Paragraph)]  # fmt: skip
    assert any("设置没有不同，结果却有差别" in sentence for sentence in said)
    assert any("按母亲年龄分的出生" in sentence for sentence in said)
    assert told(ds.compare(run, run, titles=["甲", "乙"]), "zh") == ["乙与甲的设置和结果都没有不同。"]


def test_settings_have_file_and_line_at_and_content_of_tables(run: Results) -> None:
    places = '{"migration.timing": "mine.yaml:4", "plans": "mine.yaml:9"}'
    other = moved(run, text=TEXT.replace("even", "end").replace("[a, b]", "[a]"), setting_places=places)
    table = other.tree["inputs"].to_dataset(inherit=False)
    table["at"] = ("input", ["", "high"])
    table["value"] = ("input", ["p.csv", "-2 to +3"])
    other.tree["inputs"] = xr.DataTree(table)
    first = moved(run, setting_places=places, input_files='{"in/p.csv": "11aa22bb33"}')
    same = first.tree["inputs"].to_dataset(inherit=False)
    same["value"] = ("input", ["p.csv", "-2 to +3"])
    first.tree["inputs"] = xr.DataTree(same)
    other.tree.attrs["input_files"] = '{"in/p.csv": "44cc55dd66"}'
    found = {change.path: change for change in changes(first, other)}
    assert set(found) == {"use.home_care", "fert.tfr", "migration.timing", "plans"}
    assert found["use.home_care"].values == ("-2 to +3 at: low", "-2 to +3 at: high")
    assert found["use.home_care"].places == ("sample.yaml:9", "sample.yaml:9")
    assert found["fert.tfr"].values == ("p.csv (sha256 11aa22bb)", "p.csv (sha256 44cc55dd)")
    assert found["migration.timing"].places == ("mine.yaml:4", "mine.yaml:4")
    assert found["plans"].values == ("['a', 'b']", "['a']")


def test_six_runs_stand_side_by_side_and_titles_tell_them_apart(run: Results, tmp_path: Path) -> None:
    runs = [moved(run, births=1_000.0 * i) for i in range(6)]
    found = ds.compare(*runs)
    assert found.titles("zh") == [f"样例（{letter}）" for letter in "甲乙丙丁戊己"]
    births = found.differences.query("series == 'flows.births'")
    assert births["difference"].tolist() == pytest.approx([1_000.0 * i for i in range(1, 6)])
    (file,) = found.write(tmp_path, "en", ("html",))
    page = file.read_text(encoding="utf-8")
    assert "F−A 2023" in page and "+5,000" in page and "sample" not in page.partition("</title>")[0]


def test_the_terminal_alone_can_be_read(run: Results, tmp_path: Path) -> None:
    for name, one in (("a", run), ("b", moved(run, births=98_300.0))):
        (tmp_path / name).mkdir()
        one.tree.to_netcdf(tmp_path / name / "run.nc", engine="h5netcdf")
    call = ["compare", str(tmp_path / "a"), str(tmp_path / "b"), "--title", "自然趋势", "--title", "落实规划"]
    done = CliRunner().invoke(cli, [*call, "--out", str(tmp_path / "out"), "--format", "html"])
    assert done.exit_code == 0, done.output
    assert "落实规划2023年出生多9.8万人" in done.output and "表1" in done.output
    before = float(run.central.flows.sel(year=2023, flow="births").sum())
    assert f"{before:,.0f}" in done.output or f"{before / 1e4:,.2f}" in done.output
    assert not np.isnan(before)


@pytest.mark.parametrize(
    ("count", "titles", "zh", "en"),
    [
        (7, (), "一次最多比较6个结果，给了7个", "at most 6 runs"),
        (3, ("甲", "乙"), "名称有2个，结果有3个", "2 titles for 3 runs"),
        (2, ("甲", "甲"), "不能相同", "no two are alike"),
        (2, ("甲", " "), "不能为空", "not empty"),
    ],
)
def test_what_cannot_stand_side_by_side_is_refused(
    run: Results, count: int, titles: tuple[str, ...], zh: str, en: str
) -> None:
    with pytest.raises(InputError) as raised:
        ds.compare(*[run] * count, titles=titles)
    assert zh in raised.value.render("zh") and en in raised.value.render("en")


def test_folders_that_are_no_two_runs_are_refused(run: Results, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "empty").mkdir()
    run.tree.to_netcdf(tmp_path / "a" / "run.nc", engine="h5netcdf")
    nothing = "找不到已保存的运行结果"
    for other, words_ in (("a", "同一个结果给了两次"), ("empty", nothing), ("none", nothing)):
        done = CliRunner().invoke(cli, ["compare", str(tmp_path / "a"), str(tmp_path / other), "--lang", "zh"])
        assert done.exit_code == 2 and words_ in done.output, done.output
        assert not (tmp_path / "results").exists()
