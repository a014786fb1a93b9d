"""Charts: what is drawn equals the results, every character has a glyph, nothing empty is shown."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pandas as pd
import pytest
from care_results import CLASSES, placement
from matplotlib.collections import PolyCollection
from matplotlib.text import Text

from demo_sim import plot, vocab
from demo_sim.plot import font, style, write
from demo_sim.plot.charts import charts
from demo_sim.results.tree import INPUT_COLUMNS, TARGET_COLUMNS, Results, build

LIVING = ["older_alone", "older_couple", "older_with_child", "older_with_grandchild"]
YEARS = np.arange(2020, 2036)
SET = [
    "pyramid", "function_levels", "living_arrangements", "beds", "waiting", "community_workers", "target_table",
]  # fmt: skip


def _population(rng: np.random.Generator, draws: int) -> np.ndarray:
    """A province of 66 million that ages: waves of births moved along the ages, by hand-made survival."""
    born = np.arange(1915, 2036)
    size = 0.45 + 0.62 * np.exp(-(((born - 1970) / 9.0) ** 2)) + 0.28 * np.exp(-(((born - 1988) / 5.0) ** 2))
    size -= 0.30 * np.exp(-(((born - 1960) / 1.3) ** 2)) + 0.25 / (1 + np.exp(-(born - 2019) / 2.0))
    age = np.arange(101)
    survival = np.exp(-np.exp((age - 84.5) / 9.0))
    people = np.stack([size[np.clip(y - age - 1915, 0, None)] * survival for y in YEARS])
    people *= 66.4e6 / people[0].sum()
    noise = 1 + 0.01 * rng.standard_normal((draws, 1, 1)) * np.linspace(0, 1, len(YEARS))[None, :, None]
    people = people * noise
    urban = np.linspace(0.588, 0.70, len(YEARS))
    residence = np.stack([urban, 1 - urban], axis=1)
    male = np.clip(0.52 - 0.0012 * np.maximum(age - 50, 0) * 2, 0.3, 0.52)
    sex = np.stack([male, 1 - male])
    below = np.where(age < 60, 0.0, 0.045 * np.exp(np.minimum(age - 60, 35) * 0.07))
    levels = np.stack([1 - below, 0.46 * below, 0.25 * below, 0.17 * below, 0.12 * below])
    return np.einsum("dta,tr,sa,fa->dtrsaf", people, residence, sex, levels)


def _demand(rng: np.random.Generator, population: np.ndarray, draws: int) -> tuple[np.ndarray, np.ndarray]:
    below = population[..., 60:, 1:].sum((2, 3, 4, 5))
    older = population[..., 60:, :].sum((2, 3, 4, 5))
    scatter = np.exp(0.18 * rng.standard_normal((draws, 1)))
    need = np.full((draws, len(YEARS), 3, 3), np.nan)
    need[:, :, 0, 0] = (0.0044 * (older - below) + 0.060 * below) / 0.85 * scatter
    need[:, :, 0, 1] = 0.03 * older
    need[:, :, 0, 2] = (0.005 * (older - below) + 0.11 * below) / 0.85 * scatter
    need[:, :, 1, 0] = 0.055 * below / 0.85 * scatter
    need[:, :, 1, 2] = 0.09 * below / 0.85 * scatter
    need[:, :, 2, 0] = 0.01 * older * scatter
    supply = np.full((draws, len(YEARS), 3), np.nan)
    known = np.interp(YEARS, [2020, 2023, 2025, 2035], [240e3, 201.5e3, 192.8e3, 188e3])
    fade = np.exp(0.1 * rng.standard_normal((draws, 1)) * np.clip((YEARS - 2025) / 10, 0, None))
    supply[:, :, 0] = known * fade
    supply[:, :, 1] = supply[:, :, 0] * np.interp(YEARS, [2020, 2025, 2035], [0.514, 0.745, 0.78])
    return need, supply


LABELS = {
    "hunan.nursing_bed_share": ("养老机构护理型床位占比(%)", "Nursing-type beds as share of elder-care beds"),
    "hunan.disabled_care_allowance": (
        "符合条件的重度残疾人护理补贴覆盖率(%)",
        "Care-allowance coverage of eligible severely disabled persons",
    ),
    "hunan.marriage_cross_province": ("婚姻登记“跨省通办”实施率(%)", "Cross-province marriage registration"),
    "hunan.social_workers": ("社会工作专业人才总量(万人)", "Social-work professionals"),
    "hunan.facility_area_per_100hh": (
        "每百户居民拥有的城乡社区综合服务设施建筑面积(平方米)",
        "Community service facility floor area per 100 households",
    ),
    "hunan.composite_care_institutions": (
        "乡镇(街道)范围内具备综合功能的养老服务机构覆盖率(%)",
        "Township/subdistrict coverage of multi-function elder-care institutions",
    ),
    "reference.certified_caregivers": ("养老服务护理员持证上岗率", "Certified share of caregivers"),
    "reference.community_workers_2025": (
        "每万城镇常住人口拥有社区工作者(人)",
        "Community workers per 10,000 urban residents",
    ),
    "reference.community_workers_2023": (
        "每万城镇常住人口拥有社区工作者(人)",
        "Community workers per 10,000 urban residents",
    ),
}
TARGETS = """target,unit,year,value,low80,high80,p_met,verdict,driver
0.55,share,2025,0.745,0.73,0.76,1,met,beds.nursing_share_institution
1,share,2025,0.956,0.951,0.985,0,missed,coverage.care_allowance
1,share,2025,,,,,not_assessed,missing: reported.marriage_cross_province
90000,persons,2025,92100,80400,104000,0.56,at_risk,sw.yearly_change
43,m2_per_100hh,2025,40.2,38.9,42.7,0.06,missed,area.yearly_change
0.6,share,2025,,,,,not_assessed,missing: reported.composite_care_institutions
0.9,share,2025,0.52,0.31,0.78,0.02,missed,train.to_new_certificates
18,per_10k_urban,2025,12.1,9.8,14.6,0,missed,cw.2020
16,per_10k_urban,2023,12.4,10,14.8,0.04,missed,cw.2020
"""


def _targets() -> pd.DataFrame:
    table = pd.read_csv(io.StringIO(TARGETS))
    table["id"] = list(LABELS)
    table["label_zh"], table["label_en"] = zip(*LABELS.values(), strict=True)
    table["operator"] = ">="
    table["gap"] = table["value"] - table["target"]
    table["attribute"], table["basis"], table["reading"] = "expected", "model", "indicator"
    for name in ("coverage_assumed", "first_year_met", "count", "required", "baseline", "baseline_year"):
        table[name] = np.nan
    table["kind"], table["people"] = "numeric", "yes"
    for name in ("plan", "definition", "source", "counted", "note"):
        table[name] = ""
    return table[list(TARGET_COLUMNS)]


INPUTS = (
    ("supply.institution_beds.stock", "240000", "beds", "湖南省民政厅2023年统计公报", "published", "hunan.yaml:103"),
    ("services.institution_use", "0.0044…0.106", "share", "湖南省民政厅", "assumed", "scenarios/hunan.yaml:77"),
    ("mortality.e0", "77.9…81.2", "years", "联合国《世界人口展望2024》", "published", "hunan.yaml:22"),
    ("supply.community_workers.per_10000_urban", "12.7", "per 10,000", "湖南省", "assumed", "hunan.yaml:130"),
    ("function.prevalence.any", "0.03…0.6", "share", "民政部", "assumed", "hunan.yaml:50"),
)


def run(draws: int = 25, without: tuple[str, ...] = ()) -> Results:
    """A province in round numbers, without the parts named in `without`."""
    rng = np.random.default_rng(1)
    population = _population(rng, draws)
    need, supply = _demand(rng, population, draws)
    targets = _targets()
    indicator = np.full((draws, len(YEARS), len(targets)), np.nan)
    density = np.interp(YEARS, [2020, 2035], [12.7, 10.6]) * np.exp(0.13 * rng.standard_normal((draws, 1)))
    indicator[:, :, -2:] = density[:, :, None]
    groups = np.stack([population[..., a:, :].sum((3, 4, 5)) for a in (60, 80)], axis=2)
    living = np.array([0.12, 0.40, 0.38, 0.05])[None, None, :, None] * groups[:, :, :1]
    groups = np.concatenate([groups, living * np.linspace(1.0, 1.04, len(YEARS))[None, :, None, None]], axis=2)
    if "function" in without:
        population = population.sum(-1, keepdims=True)
    cared, care_coords = placement(draws, YEARS)
    parts: dict = {
        "placement": cared,
        "population": {"population": (("draw", "time", "residence", "sex", "age", "function"), population)},
        "groups": {"groups": (("draw", "time", "group", "residence"), groups)},
        "demand": {
            "need": (("draw", "time", "resource", "need_kind"), need),
            "supply": (("draw", "time", "resource"), supply),
        },
        "plan": {c: (("target",), targets[c].to_numpy()) for c in TARGET_COLUMNS}
        | {"indicator": (("draw", "time", "target"), indicator)},
        "inputs": {
            column: (("input",), list(values))
            for column, values in zip(INPUT_COLUMNS, zip(*INPUTS, strict=True), strict=True)
        },
    }  # fmt: skip
    coords = care_coords | {
        "time": YEARS, "residence": list(vocab.RESIDENCES), "sex": list(vocab.SEXES), "age": np.arange(101),
        "function": list(vocab.FUNCTIONS)[: population.shape[-1]],
        "group": ["older_60", "older_80", *LIVING],
        "group_label_zh": ["60岁及以上老年人", "80岁及以上老年人", *LIVING],
        "group_label_en": ["Older people 60+", "Older people 80+", *LIVING], "group_unit": ["persons"] * 6,
        "group_rule": ["cells", "cells", *["kin_known"] * 4],
        "resource": ["institution_beds", "nursing_beds", "home_care_beds"],
        "need_kind": list(vocab.NEED_KINDS),
        "resource_label_zh": ["养老机构床位", "护理型床位", "家庭养老床位"],
        "resource_label_en": ["Institution beds", "Nursing-type beds", "Home-care beds"],
        "resource_unit": ["beds", "beds", "beds"], "target": targets["id"].to_numpy(),
        "target_table_no": [14, 4, 10, 8, 6, 0, 0, 0, 0],
    }  # fmt: skip
    attrs: dict = {
        "name": "hunan",
        "title": {"zh": "湖南省", "en": "Hunan"},
        "seed": 20210831,
        "known_until": 2024,
    }
    attrs["driver_labels"] = {
        "sw.yearly_change": {"zh": "社会工作专业人才年增量", "en": "Yearly change of social workers"}
    }
    attrs["function_definition"] = {"zh": "GB/T 42195-2022 五级", "en": "GB/T 42195-2022, five levels"}
    return build({k: v for k, v in parts.items() if k not in without}, coords, attrs)


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
    assert list(figures) == [*SET, "fan"]
    assert figures.left_out == {}


def test_every_character_has_a_glyph(drawn: tuple[str, plot.FigureSet]) -> None:
    known = font.characters()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = {c for figure in drawn[1].values() for words in _texts(figure) for c in words}
    assert shown - known - {"\n"} == set()


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
            if ax.axison and name != "pyramid":
                assert ax.get_xlabel() and ax.get_ylabel(), name
            assert ax.get_legend() is None or ax.get_legend().get_texts(), name
        for legend in figure.legends:
            assert legend.get_texts() and all(t.get_text() for t in legend.get_texts()), name
    male, female = drawn[1]["pyramid"].axes
    assert male.get_xlabel() and female.get_xlabel() and male.get_ylabel()


def test_text_stays_inside_the_page(drawn: tuple[str, plot.FigureSet]) -> None:
    for name, figure in drawn[1].items():
        figure.draw_without_rendering()
        page = figure.bbox
        for item in figure.findobj(Text):
            if not (item.get_visible() and item.get_text().strip()):
                continue
            box = item.get_window_extent()
            inside = box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1 and box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1
            assert inside, (name, item.get_text())


def test_pyramid_shows_the_population(results: Results) -> None:
    figure = plot.pyramid(results, years=(2020, 2035))
    for ax, sex in zip(figure.axes, ("male", "female"), strict=True):
        last, first = (patch.get_data().values for patch in ax.patches)
        for year, shown in ((2035, last), (2020, first)):
            expected = results.population.sel(time=year, sex=sex).mean("draw").sum(["residence", "function"])
            np.testing.assert_allclose(shown, expected.values, rtol=1e-12)


def test_function_areas_add_up_to_the_levels(results: Results) -> None:
    figure = plot.function_levels(results)
    older = results.population.sel(age=slice(60, None)).sum(["residence", "sex", "age"]).mean("draw")
    edges = [area.get_paths()[0].vertices for area in figure.axes[1].findobj(PolyCollection)]
    tops = [vertices[np.isclose(vertices[:, 0], 2035), 1].max() for vertices in edges]
    expected = np.cumsum(older.sel(time=2035, function=["mild", "moderate", "severe", "total"]).values)
    np.testing.assert_allclose(tops, expected, rtol=1e-12)


@pytest.mark.parametrize("related", [True, False])
def test_living_arrangements_make_up_all_older_people_and_say_how(results: Results, related: bool) -> None:
    if not related:
        results = Results(results.tree.copy(deep=True))
        results.tree["groups"] = results.tree["groups"].to_dataset().assign_coords(group_rule=("group", ["share"] * 6))
    figure = plot.figures(results, "en", ["living_arrangements"])["living_arrangements"]
    edges = [area.get_paths()[0].vertices for area in figure.axes[0].findobj(PolyCollection)]
    tops = [vertices[np.isclose(vertices[:, 0], 2035), 1].max() for vertices in edges]
    totals = results.groups.sum("residence").sel(time=2035)
    shares = (totals.sel(group=LIVING) / totals.sel(group="older_60")).mean("draw")
    np.testing.assert_allclose(tops, [*np.cumsum(shares.values), 1.0], rtol=1e-12)
    words = " ".join(_texts(figure))
    assert ("follows spouses" in words) == related and ("follows no relatives" in words) != related


def test_bed_lines_equal_need_and_supply(results: Results) -> None:
    figure = plot.beds(results)
    for ax, resource in zip(figure.axes, ("institution_beds", "nursing_beds"), strict=True):
        lines = {line.get_gid(): line.get_ydata() for line in ax.lines}
        np.testing.assert_allclose(lines.pop("supply"), results.supply.sel(resource=resource).mean("draw"))
        for kind, shown in lines.items():
            np.testing.assert_allclose(shown, results.need.sel(resource=resource, need_kind=kind).mean("draw"))
    assert "normative" not in lines  # not defined for nursing-type beds


def test_waiting_stacks_the_list_on_those_in_homes(results: Results) -> None:
    figure = plot.waiting(results)
    stack, share = figure.axes
    inside, listed = (
        results.array(f"placement/{name}").sum(["care_class", "residence"]) for name in ("in_institutions", "waiting")
    )
    tops = [c.get_paths()[0].vertices[:, 1].max() for c in stack.collections[:2]]
    np.testing.assert_allclose(tops, [inside.mean("draw").max(), (inside + listed).mean("draw").max()])
    for name in CLASSES:
        line = next(line for line in share.lines if line.get_gid() == name)
        mean = [results.array(f"placement/{n}").sel(care_class=name).sum("residence").mean("draw") for n in
                ("waiting", "in_institutions")]  # fmt: skip
        np.testing.assert_allclose(line.get_ydata(), mean[0] / (mean[0] + mean[1]))


def test_community_workers_show_the_indicator_and_its_band(results: Results) -> None:
    figure = plot.community_workers(results)
    ax = figure.axes[0]
    density = results.indicator.sel(target="reference.community_workers_2025")
    line = next(line for line in ax.lines if line.get_gid() == "density")
    np.testing.assert_allclose(line.get_ydata(), density.mean("draw"))
    table = next(c for c in charts() if c.name == "community_workers").numbers(results)
    band = table[table["series"] == "density"]
    np.testing.assert_allclose(band["q90"], density.quantile(0.9, "draw"))
    assert table.loc[table["series"] == "target", "value"].tolist() == [16, 18]
    title = figure.get_suptitle().replace("\n", "")
    assert f"预期{float(density.sel(time=2025).mean()):.1f}人" in title and "距18人的目标差" in title


def test_target_table_holds_every_target(drawn: tuple[str, plot.FigureSet], results: Results) -> None:
    lang, figures = drawn
    shown = "".join(_texts(figures["target_table"])).replace("\n", "").replace(" ", "")
    for _, row in results.targets.iterrows():
        assert row[f"label_{lang}"].replace(" ", "") in shown
    assert "reported.marriage_cross_province" in shown and "reported.composite_care_institutions" not in shown
    for verdict, rows in (("met", 1), ("missed", 5), ("at_risk", 1), ("not_assessed", 1)):
        assert (
            shown.count(style.VERDICT_SYMBOL[verdict] + vocab.label("verdict", verdict, lang).replace(" ", "")) == rows
        )


@pytest.mark.parametrize("lang", vocab.LANGUAGES)
def test_below_twenty_draws_no_band_is_drawn(lang: str) -> None:
    few = run(draws=3)
    for name, figure in plot.figures(few, lang).items():
        if name in ("beds", "community_workers"):
            words = " ".join(_texts(figure))
            assert "80%" not in words, name
    assert plot.fan(few, "older_60", lang).axes[0].collections[:] == []


@pytest.mark.parametrize(
    ("without", "absent"),
    [
        (("plan",), {"community_workers", "target_table"}),
        (("function",), {"function_levels"}),
        (("demand",), {"beds"}),
        (("groups",), {"living_arrangements"}),
        (("placement",), {"waiting"}),
        (("plan", "function", "demand", "groups", "placement", "inputs"), set(SET) - {"pyramid"}),
    ],
)
def test_a_chart_without_its_data_is_left_out_with_a_reason(without: tuple[str, ...], absent: set[str]) -> None:
    for lang in vocab.LANGUAGES:
        figures = plot.figures(run(draws=3, without=without), lang)
        assert set(figures.left_out) == absent
        assert all(figures.left_out.values())
        assert set(figures) == set(SET) - absent


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
        plot.write_figures(results, tmp_path / folder)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(f"{name}.{ending}" for name in SET for ending in ("svg", "png", "pdf", "csv"))
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert (tmp_path / "a" / "beds.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(tmp_path / "a" / "pyramid.csv")
    of_2035 = table.loc[table["year"] == 2035, "value"].sum()
    assert of_2035 == pytest.approx(float(results.population.sel(time=2035).mean("draw").sum()))
    assert b"/CIDFontType2" in (tmp_path / "a" / "beds.pdf").read_bytes()  # TrueType: text stays text


def test_importing_the_charts_changes_no_settings(results: Results) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    plot.pyramid(results)
    assert dict(matplotlib.rcParams) == before


def test_every_file_of_the_chart_folder_is_in_the_set() -> None:
    assert [chart.name for chart in charts()] == SET
    assert write.figures is plot.figures
