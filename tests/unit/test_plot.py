"""Charts: what is drawn equals the results, every character has a glyph, nothing empty is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from care_results import CLASSES
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from plot_samples import LIVING, run

from demo_sim import plot, vocab
from demo_sim.plot import font, style, write
from demo_sim.plot.charts import charts
from demo_sim.results import Results
from demo_sim.results.judgements import labels_of, lacks_words

SET = [
    "pyramid", "ageing", "function_levels", "need_heat_map", "living_arrangements", "special_groups", "beds",
    "bed_pipeline", "waiting", "workforce", "closing_gap", "target_table", "target_paths",
]  # fmt: skip
# Their axes are named by rows, panels or one side for both.
OWN_AXES = {"pyramid", "need_heat_map", "closing_gap", "target_paths"}
DEFAULT = [
    "pyramid", "function_levels", "living_arrangements", "beds", "waiting", "target_table", "target_paths",
]  # fmt: skip


@pytest.fixture(scope="module")
def results() -> Results:
    return run()


@pytest.fixture(scope="module", params=vocab.LANGUAGES)
def drawn(request: pytest.FixtureRequest, results: Results) -> tuple[str, plot.FigureSet]:
    figures = plot.figures(results, request.param)
    figures["fan"] = plot.fan(results, "older_60", request.param, target=(2030, 2.0e7))
    return request.param, figures


def _texts(figure: style.ChartFigure) -> list[str]:
    figure.draw_without_rendering()
    return [t.get_text() for t in figure.findobj(Text) if t.get_visible() and t.get_text()]


def test_the_set_is_whole(drawn: tuple[str, plot.FigureSet]) -> None:
    _, figures = drawn
    assert [name for name in figures if name in SET] == SET
    assert not set(figures.left_out) & set(SET)


def test_every_label_of_the_vocabulary_has_a_glyph() -> None:
    words = "".join(
        vocab.label(kind, code, lang)
        for kind in vocab.kinds()
        for code in vocab.codes(kind)
        for lang in vocab.LANGUAGES
    )
    for name in vocab.variables():
        for lang in vocab.LANGUAGES:
            words += vocab.variable(name).label(lang) + vocab.variable(name).definition(lang)
    assert set(words) - font.characters() == set()


def test_figures_have_title_axis_labels_and_full_legends(drawn: tuple[str, plot.FigureSet]) -> None:
    for name, figure in drawn[1].items():
        assert len(figure.get_suptitle()) > 10, name
        for ax in figure.axes:
            if ax.axison and name not in OWN_AXES:
                assert ax.get_xlabel() and ax.get_ylabel(), name
            assert ax.get_legend() is None or ax.get_legend().get_texts(), name
        for legend in figure.legends:
            assert legend.get_texts() and all(t.get_text() for t in legend.get_texts()), name
    male, female = drawn[1]["pyramid"].axes
    assert male.get_xlabel() and female.get_xlabel() and male.get_ylabel()


def test_pyramid_shows_the_population(results: Results) -> None:
    figure = plot.pyramid(results, years=(2020, 2035))
    for ax, sex in zip(figure.axes, ("male", "female"), strict=True):
        last, band, first = (patch.get_data() for patch in ax.patches)
        for year, shown in ((2035, last.values), (2020, first.values)):
            expected = results.central.population.sel(time=year, sex=sex).sum(["residence", "function"])
            np.testing.assert_allclose(shown, expected.values, rtol=1e-12)
        drawn = results.population.sel(time=2035, sex=sex).sum(["residence", "function"])
        np.testing.assert_allclose(band.values, drawn.quantile(0.9, "draw"), rtol=1e-6)
        np.testing.assert_allclose(band.baseline, drawn.quantile(0.1, "draw"), rtol=1e-6)


def test_pyramid_has_no_band_where_single_ages_of_the_draws_were_not_kept(results: Results) -> None:
    table, whole = (plot.pyramid.numbers(one) for one in (run(full=False), results))
    assert table[["q10", "q90"]].isna().all(axis=None) and whole[["q10", "q90"]].notna().any(axis=None)
    pd.testing.assert_frame_equal(table.drop(columns=["q10", "q90"]), whole.drop(columns=["q10", "q90"]))
    lone = plot.pyramid(run(full=False), "en")
    assert "80% band" not in " ".join(_texts(lone)) and "80% band" in " ".join(_texts(plot.pyramid(results, "en")))


@pytest.mark.parametrize("related", [True, False])
def test_living_arrangements_make_up_all_older_people_and_say_how(results: Results, related: bool) -> None:
    if not related:
        results = Results(results.tree.copy(deep=True))
        results.tree["groups"] = results.tree["groups"].to_dataset().assign_coords(group_rule=("group", ["share"] * 8))
    figure = plot.figures(results, "en", ["living_arrangements"])["living_arrangements"]
    edges = [area.get_paths()[0].vertices for area in figure.axes[0].findobj(PolyCollection)]
    tops = [vertices[np.isclose(vertices[:, 0], 2035), 1].max() for vertices in edges]
    totals = results.central.groups.sum("residence").sel(time=2035)
    shares = totals.sel(group=LIVING) / totals.sel(group="older_60")
    np.testing.assert_allclose(tops, [*np.cumsum(shares.values), 1.0], rtol=1e-12)
    words = " ".join(_texts(figure))
    assert ("follows spouses" in words) == related and ("follows no relatives" in words) != related


def test_waiting_stacks_the_list_on_those_in_homes(results: Results) -> None:
    figure = plot.waiting(results)
    stack, share = figure.axes
    inside, listed = (
        results.central.array(f"placement/{name}").sum(["care_class", "residence"])
        for name in ("in_institutions", "waiting")
    )
    tops = [c.get_paths()[0].vertices[:, 1].max() for c in stack.collections[:2]]
    np.testing.assert_allclose(tops, [inside.max(), (inside + listed).max()])
    for name in CLASSES:
        line = next(line for line in share.lines if line.get_gid() == name)
        listed, inside = (
            results.central.array(f"placement/{n}").sel(care_class=name).sum("residence")
            for n in ("waiting", "in_institutions")
        )
        np.testing.assert_allclose(line.get_ydata(), listed / (listed + inside))


def test_a_class_of_few_agents_has_no_line_but_says_so(results: Results) -> None:
    coarse = Results(results.tree.copy())
    asking = sum(coarse.central.array(f"placement/{n}").sum("residence") for n in ("waiting", "in_institutions"))
    most = str(asking.isel(time=-1).idxmax("care_class").item())
    # the largest: fifty, all four replicates together
    coarse.tree.attrs["scale"] = 4.0 * float(asking.isel(time=-1).max()) / 50.0
    figure = plot.waiting(coarse)
    drawn = {line.get_gid() for line in figure.axes[1].lines if np.isfinite(line.get_ydata()).any()}
    assert drawn & set(CLASSES) == {most}
    assert " ".join(_texts(figure)).count("too few to draw") or " ".join(_texts(figure)).count("个体过少")


def test_waiting_is_drawn_where_every_class_has_too_few_agents(results: Results) -> None:
    coarse = Results(results.tree.copy())
    coarse.tree.attrs["scale"] = 1e9
    figure = plot.waiting(coarse, "en")
    share = figure.axes[1]
    assert not any(np.isfinite(line.get_ydata()).any() for line in share.lines if line.get_gid() in CLASSES)
    assert " ".join(_texts(figure)).count("too few to draw") == len(CLASSES)
    assert np.isfinite(share.get_ylim()).all()


def test_steps_of_a_gap_add_up(results: Results) -> None:
    table = plot.closing_gap.numbers(results)
    # of the plan of the place, then what is short of the need; not of the targets that others have set
    assert list(dict.fromkeys(table["case"])) == [
        "hunan.nursing_bed_share", "need.institution_beds", "need.nursing_beds",
    ]  # fmt: skip
    for case, rows in table.groupby("case"):
        stocks = rows.loc[rows["kind"] == "stock", "value"].tolist()
        moved = rows.loc[rows["kind"].isin(["in", "within", "out"]), "value"].sum()
        gap, goal = (rows.loc[rows["kind"] == kind, "value"].item() for kind in ("gap", "goal"))
        assert stocks[0] + moved == pytest.approx(stocks[1]), case
        assert stocks[1] + gap == pytest.approx(goal), case
    goals = table[table["kind"] == "goal"].set_index("case")["value"]
    assert goals["hunan.nursing_bed_share"] == pytest.approx(0.55 * float(results.central.supply[5, 0]))
    need = results.central.need.sel(time=2035, need_kind="observed")
    assert goals["need.institution_beds"] == pytest.approx(float(need.sel(resource="institution_beds")))


def test_targets_of_others_show_their_gap_where_the_place_has_none(results: Results) -> None:
    others = Results(results.tree.copy(deep=True))
    plan = others.tree["plan"].to_dataset()
    others.tree["plan"] = plan.assign(tally=("target", np.full(plan.sizes["target"], "reference")))
    cases = dict.fromkeys(plot.closing_gap.numbers(others)["case"])
    # all of one plan here; of dated targets on one figure the last
    assert [c for c in cases if not c.startswith("need.")] == [
        "hunan.nursing_bed_share", "reference.certified_caregivers", "reference.community_workers_2025",
    ]  # fmt: skip
    rows = plot.closing_gap.numbers(others)
    workers = rows[(rows["case"] == "reference.community_workers_2025") & (rows["kind"] == "goal")]["value"].item()
    urban = float(results.central.groups.sel(group="urban_residents", time=2025).sum("residence"))
    assert workers == pytest.approx(18 * urban / 1e4)


def test_ageing_ratios_are_those_of_the_population(results: Results) -> None:
    table = plot.ageing.numbers(results)
    ages = results.central.population.sel(time=2035).sum(["residence", "sex", "function"])
    working = ages.sel(age=slice(15, 64)).sum("age")
    children, old = ages.sel(age=slice(0, 14)).sum("age"), ages.sel(age=slice(65, None)).sum("age")
    shown = table[(table["year"] == 2035) & (table["series"] == "dependency")]["value"].item()
    assert shown == pytest.approx(float((children + old) / working), rel=1e-12)


def test_function_areas_add_up_to_the_levels(results: Results) -> None:
    figure = plot.function_levels(results)
    older = results.central.population.sel(age=slice(60, None)).sum(["residence", "sex", "age"])
    edges = [area.get_paths()[0].vertices for area in figure.axes[1].findobj(PolyCollection)]
    tops = [vertices[np.isclose(vertices[:, 0], 2035), 1].max() for vertices in edges]
    expected = np.cumsum(older.sel(time=2035, function=["mild", "moderate", "severe", "total"]).values)
    np.testing.assert_allclose(tops, expected, rtol=1e-12)


def test_bed_lines_equal_need_and_supply(results: Results) -> None:
    figure = plot.beds(results)
    beds = ("institution_beds", "nursing_beds", "home_care_beds")
    for ax, resource in zip(figure.axes, beds, strict=True):
        lines = {line.get_gid(): line.get_ydata() for line in ax.lines}
        np.testing.assert_allclose(lines.pop("supply"), results.central.supply.sel(resource=resource))
        for kind, shown in lines.items():
            np.testing.assert_allclose(shown, results.central.need.sel(resource=resource, need_kind=kind))
    assert "normative" not in lines  # not defined for nursing-type beds


def test_paths_show_the_indicator_its_band_and_every_dated_target(results: Results) -> None:
    table = plot.target_paths.numbers(results)
    table = table[table["id"] == "reference.community_workers_2025"]
    density, stated = (r.indicator.sel(target="reference.community_workers_2025") for r in (results, results.central))
    path = table[table["series"] == "path"]
    np.testing.assert_allclose(path["value"], stated)
    np.testing.assert_allclose(path["q90"], density.quantile(0.9, "draw"), rtol=1e-6)
    marks = table[table["series"] == "target"]
    assert marks[["year", "value"]].to_numpy().tolist() == [[2023, 16], [2025, 18]]
    ax = next(ax for ax in plot.target_paths(results).axes if any(len(line.get_xdata()) for line in _earlier(ax)))
    assert [line.get_xydata().tolist() for line in _earlier(ax)] == [[[2023, 16]]]
    assert "小◆为其他年份的目标" in "".join(_texts(plot.target_paths(results)))


def _earlier(ax: Axes) -> list[Line2D]:
    return [line for line in ax.lines if line.get_gid() == "milestones"]


@pytest.mark.parametrize("name", ["community_workers", "certified_caregivers"])
def test_a_chart_of_the_last_release_is_told_where_it_went(results: Results, name: str) -> None:
    with pytest.warns(FutureWarning, match=f"{name} is now part of target_paths"):
        assert getattr(plot, name) is plot.target_paths
    with pytest.warns(FutureWarning, match=name):
        assert list(plot.figures(results, names=[name])) == ["target_paths"]
    assert name not in dir(plot)


def test_target_table_holds_every_target(drawn: tuple[str, plot.FigureSet], results: Results) -> None:
    lang, figures = drawn
    shown = "".join(_texts(figures["target_table"])).replace("\n", "").replace(" ", "")
    for _, row in results.targets.iterrows():
        assert row[f"label_{lang}"].replace(" ", "") in shown
    waits = results.targets[results.targets["verdict"] == "not_assessed"].iloc[0]
    lacks = lacks_words(waits.to_dict(), labels_of(results.attrs), lang).replace(" ", "")
    assert lacks and lacks in shown
    for verdict, rows in (("met", 1), ("missed", 5), ("at_risk", 1), ("not_assessed", 1)):
        assert (
            shown.count(style.VERDICT_SYMBOL[verdict] + vocab.label("verdict", verdict, lang).replace(" ", "")) == rows
        )


@pytest.mark.parametrize("draws", [3, 0])
@pytest.mark.parametrize("lang", vocab.LANGUAGES)
def test_below_twenty_draws_no_band_is_drawn(lang: str, draws: int) -> None:
    few = run(draws=draws)
    figures = plot.figures(few, lang)
    assert [name for name in figures if name in SET] == SET
    for name, figure in figures.items():
        words = " ".join(_texts(figure))
        assert "80%区间" not in words and "80% band" not in words, name
    assert plot.fan(few, "older_60", lang).axes[0].collections[:] == []


@pytest.mark.parametrize(
    ("without", "absent"),
    [
        (("plan",), {"target_table", "target_paths"}),
        (("function",), {"function_levels", "need_heat_map"}),
        (("demand",), {"beds", "bed_pipeline", "workforce", "closing_gap"}),
        (("groups",), {"special_groups", "living_arrangements"}),
        (("placement",), {"waiting"}),
        (("plan", "function", "demand", "groups", "placement", "inputs"), set(SET) - {"pyramid", "ageing"}),
    ],
)
def test_a_chart_without_its_data_is_left_out_with_a_reason(without: tuple[str, ...], absent: set[str]) -> None:
    lacking = run(draws=3, without=without)
    reasons = {}
    for chart in charts():
        try:
            assert len(chart.numbers(lacking)), chart.name
        except plot.NothingToDraw as reason:
            reasons[chart.name] = reason
    assert set(reasons) & set(SET) == absent
    assert all(reason.render(lang) for reason in reasons.values() for lang in vocab.LANGUAGES)
    left_out = plot.figures(lacking, names=[sorted(absent)[0]]).left_out
    assert left_out == {sorted(absent)[0]: reasons[sorted(absent)[0]].render("zh")}


def test_unknown_series_and_year_are_refused_by_name(results: Results) -> None:
    with pytest.raises(plot.NothingToDraw, match=r"'older_99'.*groups.older_60"):
        plot.fan(results, "older_99")
    with pytest.raises(plot.NothingToDraw, match="2050"):
        plot.pyramid(results, years=(2020, 2050))


@pytest.mark.parametrize(
    "name", ["older_80", "supply.nursing_beds", "need.institution_beds.potential", "population.total",
             "indicator.reference.community_workers_2025"],
)  # fmt: skip
def test_fan_finds_series_of_every_kind(results: Results, name: str) -> None:
    figure = plot.fan(results, name, "en")
    line = next(line for line in figure.axes[0].lines if line.get_gid() == "value")
    assert np.isfinite(line.get_ydata()).all() and len(figure.get_suptitle()) > 20


def test_written_files_are_whole_and_repeatable(tmp_path, results: Results) -> None:
    for folder in ("a", "b"):
        plot.write_figures(results, tmp_path / folder, names=DEFAULT)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(f"{name}.{ending}" for name in DEFAULT for ending in ("svg", "png", "pdf", "csv"))
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert (tmp_path / "a" / "beds.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(tmp_path / "a" / "pyramid.csv")
    of_2035 = table.loc[table["year"] == 2035, "value"].sum()
    assert of_2035 == pytest.approx(float(results.central.population.sel(time=2035).sum()))
    assert b"/CIDFontType2" in (tmp_path / "a" / "beds.pdf").read_bytes()  # TrueType: text stays text


def test_importing_the_charts_changes_no_settings(results: Results) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    plot.pyramid(results)
    assert dict(matplotlib.rcParams) == before


def test_every_file_of_the_chart_folder_is_in_the_set() -> None:
    assert [chart.name for chart in charts() if chart.name in SET] == SET
    assert [chart.name for chart in charts() if chart.by_default and chart.name in SET] == DEFAULT
    assert all(getattr(plot, chart.name) is chart for chart in charts())
    assert write.figures is plot.figures
