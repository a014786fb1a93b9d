"""A province in round numbers, made by hand, for the tests of the charts."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
from care_results import placement
from results_samples import drawn_and_stated, populations

from demo_sim import vocab
from demo_sim.results.building import build
from demo_sim.results.columns import INPUT_COLUMNS, TARGET_COLUMNS
from demo_sim.results.quantiles import OVER_DRAWS
from demo_sim.results.tiers import age_groups
from demo_sim.results.tree import Results

YEARS = np.arange(2020, 2036)
LIVING = ["older_alone", "older_couple", "older_with_child", "older_with_grandchild"]


def _scatter(rng: np.random.Generator, draws: int) -> np.ndarray:
    """Standard normals (draw + 1, 1), nought for the run at stated values, which comes first."""
    return np.concatenate([[[0.0]], rng.standard_normal((draws, 1))])


def _population(rng: np.random.Generator, draws: int) -> np.ndarray:
    """A province of 66 million that ages: waves of births moved along the ages, by hand-made survival."""
    born = np.arange(1915, 2036)
    size = 0.45 + 0.62 * np.exp(-(((born - 1970) / 9.0) ** 2)) + 0.28 * np.exp(-(((born - 1988) / 5.0) ** 2))
    size -= 0.30 * np.exp(-(((born - 1960) / 1.3) ** 2)) + 0.25 / (1 + np.exp(-(born - 2019) / 2.0))
    age = np.arange(101)
    survival = np.exp(-np.exp((age - 84.5) / 9.0))
    people = np.stack([size[np.clip(y - age - 1915, 0, None)] * survival for y in YEARS])
    people *= 66.4e6 / people[0].sum()
    noise = 1 + 0.01 * _scatter(rng, draws)[:, :, None] * np.linspace(0, 1, len(YEARS))[None, :, None]
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
    scatter = np.exp(0.18 * _scatter(rng, draws))
    need = np.full((draws + 1, len(YEARS), 6, 3), np.nan)
    need[:, :, 0, 0] = (0.0044 * (older - below) + 0.060 * below) / 0.85 * scatter
    need[:, :, 0, 1] = 0.03 * older
    need[:, :, 0, 2] = (0.005 * (older - below) + 0.11 * below) / 0.85 * scatter
    need[:, :, 1, 0] = 0.055 * below / 0.85 * scatter
    need[:, :, 1, 2] = 0.09 * below / 0.85 * scatter
    need[:, :, 2, 0] = 0.01 * older * scatter
    need[:, :, 3, 0] = 0.0013 * older * scatter
    need[:, :, 3, 2] = 0.0029 * older * scatter
    need[:, :, 4, 0] = 0.0012 * population[:, :, 0].sum((2, 3, 4)) * scatter
    need[:, :, 4, 1] = 0.0018 * population[:, :, 0].sum((2, 3, 4))
    need[:, :, 5, 1] = 29_446
    supply = np.full((draws + 1, len(YEARS), 6), np.nan)
    known = np.interp(YEARS, [2020, 2023, 2025, 2035], [240e3, 201.5e3, 192.8e3, 188e3])
    fade = np.exp(0.1 * _scatter(rng, draws) * np.clip((YEARS - 2025) / 10, 0, None))
    supply[:, :, 0] = known * fade
    supply[:, :, 1] = supply[:, :, 0] * np.interp(YEARS, [2020, 2025, 2035], [0.514, 0.745, 0.78])
    for row, (start, end) in enumerate(((14_000, 13_700), (48_100, 53_500), (29_500, 31_700)), start=3):
        supply[:, :, row] = np.interp(YEARS, [2020, 2035], [start, end]) * fade
    return need, supply


def _stocks(supply: np.ndarray) -> dict[str, np.ndarray]:
    """Stocks (draw, time) whose movements add up to their changes; those of the opening year are unknown."""
    beds, nursing, workers = supply[:, :, 0], supply[:, :, 1], supply[:, :, 4]
    caregivers = supply[:, :, 3] * 1.7
    certified = 0.35 * caregivers
    opening = np.full_like(beds[:, :1], np.nan)

    def flow(values: np.ndarray) -> np.ndarray:
        return np.concatenate([opening, values], axis=1)

    opened, hired, gained = 1_200.0, 0.1 * workers[:, 1:], 0.2 * certified[:, 1:]
    found = {"institution_beds": beds, "institution_beds.nursing": nursing}
    found["institution_beds.openings"] = flow(np.full_like(beds[:, 1:], opened))
    found["institution_beds.closures"] = flow(opened - np.diff(beds, axis=1))
    found["institution_beds.conversions"] = flow(np.full_like(beds[:, 1:], 900.0))
    found |= {"caregivers": caregivers, "caregivers.certified": certified}
    found["caregivers.new_certificates"] = flow(gained)
    found |= {"community_workers": workers, "community_workers.hires": flow(hired)}
    found["community_workers.leavers"] = flow(hired - np.diff(workers, axis=1))
    return found


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
    table["p_se"] = np.sqrt(table["p_met"] * (1.0 - table["p_met"]) / 25)
    table["driver_share"] = np.nan
    table["attribute"], table["basis"], table["reading"] = "expected", "model", "indicator"
    for name in ("coverage_assumed", "first_year_met", "count", "required", "baseline", "baseline_year"):
        table[name] = np.nan
    table[["break_even_year", "level_for_90", "actual", "completion", "last_figure"]] = np.nan
    table["break_even_of"], table["counted"], table["break_even_unit"], table["break_even"] = "", "", "", np.nan
    table["per_point"] = table["natural_value"] = table["natural_p_met"] = np.nan
    judged, elsewhere = table["verdict"] != "not_assessed", table["id"].str.startswith("reference.")
    table["evidence"], table["department"] = np.where(judged, "derived", ""), "office"
    table["tally"] = np.where(elsewhere, "reference", np.where(judged, "counted", "open"))
    table["missing"] = np.where(judged, "", table["driver"].str.removeprefix("missing: "))
    table["kind"], table["people"] = "numeric", "yes"
    for name in (
        "plan",
        "actual_source",
        "definition",
        "source",
        "required_unit",
        "note",
        "rests_on",
        "goes_on",
        "natural_goes_on",
    ):
        table[name] = ""
    return table[list(TARGET_COLUMNS)]


# Targets that rest on a stock: it, what its share is counted in, and its unit.
RESTS_ON = {
    "nursing_bed_share": ("institution_beds.nursing", "institution_beds", "beds"),
    "certified_caregivers": ("caregivers.certified", "caregivers", "persons"),
    "community_workers": ("community_workers", "groups.urban_residents", "posts"),
}


def _rest_on_stocks(targets: pd.DataFrame, stocks: dict[str, np.ndarray], urban: np.ndarray) -> None:
    """Write into the targets what stock they rest on, and how much of it they need at stated values."""
    for i, row in targets.iterrows():
        for name, (part, whole, unit) in RESTS_ON.items():
            if name in row["id"]:
                base = urban / 1e4 if whole.startswith("groups.") else stocks[whole][0]
                targets.loc[i, ["break_even_of", "counted", "break_even_unit"]] = [f"supply.{part}", whole, unit]
                targets.loc[i, "break_even"] = row["target"] * base[int(row["year"]) - YEARS[0]]


INPUTS = (
    (
        "supply.institution_beds.stock",
        "240000",
        "",
        "beds",
        "湖南省民政厅2023年统计公报",
        "published",
        "hunan.yaml:103",
        "yes",
    ),
    (
        "services.institution_use",
        "0.0044…0.106",
        "draw",
        "share",
        "湖南省民政厅",
        "assumed",
        "scenarios/hunan.yaml:77",
        "yes",
    ),
    ("mortality.e0", "77.9…81.2", "draw", "years", "联合国《世界人口展望2024》", "published", "hunan.yaml:22", "yes"),
    (
        "supply.community_workers.per_10000_urban",
        "12.7",
        "",
        "per 10,000",
        "湖南省",
        "assumed",
        "hunan.yaml:130",
        "yes",
    ),
    ("function.prevalence.any", "0.03…0.6", "draw", "share", "民政部", "assumed", "hunan.yaml:50", "yes"),
)


def run(draws: int = 25, without: tuple[str, ...] = (), times: int = 1, full: bool = True) -> Results:
    """A province in round numbers, made by hand.

    Parameters
    ----------
    draws : random draws beside the run at stated values
    without : parts that are left out
    times : how often it has its targets
    full : whether the population of every draw is kept by single age
    """
    rng = np.random.default_rng(1)
    population = _population(rng, draws)
    need, supply = _demand(rng, population, draws)
    stocks = _stocks(supply)
    targets = pd.concat(
        [_targets().assign(id=lambda t, i=i: t["id"] + (f"_{i}" if i else "")) for i in range(times)], ignore_index=True
    )
    if draws < 20:  # too few for quantiles
        targets[["low80", "high80", "p_met", "p_se"]] = np.nan
    indicator = np.full((draws + 1, len(YEARS), len(targets)), np.nan)
    density = np.interp(YEARS, [2020, 2035], [12.7, 10.6]) * np.exp(0.13 * _scatter(rng, draws))
    paths = targets["value"].to_numpy() * np.exp(0.1 * _scatter(rng, draws)[:, :, None])
    indicator[:] = np.where(targets["unit"] == "share", np.minimum(paths, 1.0), paths)
    indicator *= np.linspace(0.9, 1.0, len(YEARS))[:, None]
    indicator[:, :, targets["id"].str.contains("community_workers").to_numpy()] = density[:, :, None]
    _rest_on_stocks(targets, stocks, population[0, :, 0].sum((1, 2, 3)))
    groups = np.stack([population[..., a:, :].sum((3, 4, 5)) for a in (60, 80)], axis=2)
    urban = population.sum((3, 4, 5)) * np.array([1.0, 0.0])
    severe = population[..., 60:, 3:].sum((3, 4, 5))
    living = np.array([0.12, 0.40, 0.38, 0.05])[None, None, :, None] * groups[:, :, :1]
    living = living * np.linspace(1.0, 1.04, len(YEARS))[None, :, None, None]
    groups = np.concatenate([groups, urban[:, :, None], severe[:, :, None], living], axis=2)
    cared, care_coords = placement(draws, YEARS)
    if "function" in without:
        population = population.sum(-1, keepdims=True)
    arrays = {
        "groups/groups": (("draw", "time", "group", "residence"), groups),
        "demand/need": (("draw", "time", "resource", "need_kind"), need),
        "demand/supply": (("draw", "time", "resource"), supply),
        "demand/stocks": (("draw", "time", "stock"), np.stack(list(stocks.values()), axis=2)),
        "plan/indicator": (("draw", "time", "target"), indicator),
    } | {f"placement/{name}": variable for name, variable in cared.items()}
    parts, central = drawn_and_stated(arrays)
    kept, central["population"] = populations(population)
    parts["population"] = {name: kept[name] for name in kept if full or name != "population"}
    parts["plan"] |= {c: (("target",), targets[c].to_numpy()) for c in TARGET_COLUMNS}
    parts["inputs"] = {
        column: (("input",), list(values))
        for column, values in zip(
            INPUT_COLUMNS, zip(*((*row, float("nan"), "", "", "") for row in INPUTS), strict=True), strict=True
        )
    }
    coords = care_coords | {
        "time": YEARS, "residence": list(vocab.RESIDENCES), "sex": list(vocab.SEXES), "age": np.arange(101),
        "age_group": age_groups(101)[1], "statistic": list(OVER_DRAWS),
        "function": list(vocab.FUNCTIONS)[: population.shape[-1]],
        "group": ["older_60", "older_80", "urban_residents", "older_severe", *LIVING],
        "group_label_zh": ["60岁及以上老年人", "80岁及以上老年人", "城镇常住人口", "重度失能老年人", *LIVING],
        "group_label_en": ["Older people 60+", "Older people 80+", "Urban residents", "Severely impaired older people",
                           *LIVING],
        "group_base": ["resident", "hukou", "resident", "resident", *["resident"] * 4],
        "group_rule": [*["cells"] * 4, *["kin_known"] * 4],
        "group_unit": ["persons"] * 8, "stock": list(stocks),
        "resource": ["institution_beds", "nursing_beds", "home_care_beds", "caregivers", "community_workers",
                     "child_directors"],
        "need_kind": list(vocab.NEED_KINDS),
        "resource_label_zh": ["养老机构床位", "护理型床位", "家庭养老床位", "养老护理员（机构）", "社区工作者",
                              "儿童主任"],
        "resource_label_en": ["Institution beds", "Nursing-type beds", "Home-care beds", "Caregivers in institutions",
                              "Community workers", "Child directors"],
        "resource_unit": ["beds"] * 3 + ["posts"] * 3,
        "resource_subject": ["beds"] * 3 + ["staff", "community", "children"], "resource_rank": [1, 2, 3, 1, 1, 1],
        "resource_detail": [0] * 6, "resource_yearly": [0] * 6,
        "resource_supply": ["institution_beds", "institution_beds.nursing", "", "caregivers.institution",
                            "community_workers", "child_directors"], "target": targets["id"].to_numpy(),
        "target_table_no": [14, 4, 10, 8, 6, 0, 0, 0, 0] * times,
    }  # fmt: skip
    attrs: dict = {
        "name": "hunan",
        "title": {"zh": "湖南省", "en": "Hunan"},
        "seed": 20210831,
        "replicates": 4,
        "known_until": 2024,
    }
    attrs["driver_labels"] = {
        "sw.yearly_change": {"zh": "社会工作专业人才年增量", "en": "Yearly change of social workers"}
    }
    attrs["function_definition"] = {"zh": "GB/T 42195-2022 五级", "en": "GB/T 42195-2022, five levels"}
    some, stated = ({k: v for k, v in whole.items() if k not in without} for whole in (parts, central))
    return build(some, coords, attrs, stated)
