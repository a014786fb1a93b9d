"""A small run made by hand, for the tests of the results room."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from demo_sim import vocab
from demo_sim.results import Results, build
from demo_sim.results.columns import TARGET_COLUMNS
from demo_sim.results.quantiles import OVER_DRAWS, over_draws
from demo_sim.results.tiers import CUBE_DIMS, KEPT_TYPE, SUMMARY_DIMS, age_groups, sum_ages

Variable = tuple[tuple[str, ...], np.ndarray]

TIMES = np.arange(2020, 2024)
AGES = np.arange(101)
ATTRS = {
    "name": "sample",
    "title": {"zh": "样例", "en": "Sample"},
    "text": "name: sample\nseed: 7\n",
    "seed": 7,
    "engine": "cohort",
    "method_version": "1",
    "versions": {"demo_sim": "0.1.0"},
    "input_files": {"inputs/population.csv": "ab" * 32},
}


def sample(draws: int, full: bool = True, **attrs: object) -> Results:
    """A run of `draws` draws and the run at stated values: three years, two groups, two resources and two targets.

    Parameters
    ----------
    draws : random draws
    full : whether the population of every draw is kept by single age
    """
    random = np.random.default_rng(20210831)
    times, years, rows = len(TIMES), len(TIMES) - 1, draws + 1  # the run at stated values comes first
    population = random.lognormal(8, 0.1, (rows, times, 2, 2, len(AGES), 5))
    population[..., :60, 1:] = 0
    population[..., 100, 4] = 0
    groups = random.lognormal(6, 0.1, (rows, times, 2, 2))
    groups[:, :, 1, 1] = np.nan
    need = random.lognormal(6, 0.1, (rows, times, 3, 3))
    need[:, :, 0, 2] = np.nan
    need[:, :, 2] = np.nan
    supply = random.lognormal(6, 0.1, (rows, times, 3))
    supply[:, :, 1] = np.nan
    arrays = {
        "groups/groups": (("draw", "time", "group", "residence"), groups),
        "flows/flows": (
            ("draw", "year", "flow", "residence", "sex"),
            random.lognormal(5, 0.1, (rows, years, 6, 2, 2)),
        ),
        "demand/need": (("draw", "time", "resource", "need_kind"), need),
        "demand/supply": (("draw", "time", "resource"), supply),
        "demand/stocks": (("draw", "time", "stock"), random.random((rows, times, 1))),
        "plan/indicator": (("draw", "time", "target"), random.random((rows, times, 2))),
    }
    parts, central = drawn_and_stated(arrays)
    kept, central["population"] = populations(population)
    parts["population"] = {name: kept[name] for name in kept if full or name != "population"}
    central["groups"]["candidates"] = (
        ("time", "group", "residence"),
        np.stack([np.full((times, 2), np.nan), np.full((times, 2), 40.0)], axis=1),
    )
    central["groups"]["groups_mc_se"] = (
        ("time", "group", "residence"),
        np.stack([np.zeros((times, 2)), np.full((times, 2), 1.5)], axis=1),
    )
    central["flows"]["births_by_age"] = (("year", "residence", "age"), random.random((years, 2, len(AGES))))
    parts["plan"] |= targets()
    parts |= {
        "inputs": {
            "id": (("input",), ["fert.tfr", "use.home_care"]),
            "value": (("input",), ["-2.5", "-2 to +3"]),
            "at": (("input",), ["", "low"]),
            "unit": (("input",), ["births per woman", "share"]),
            "source": (("input",), ["=HYPERLINK(1)", 'Bureau, "table" 3']),
            "status": (("input",), ["published", "assumed"]),
            "file:line": (("input",), ["sample.yaml:3", "sample.yaml:9"]),
            "read": (("input",), ["yes", "no"]),
            "variance_share": (("input",), [np.nan, np.nan]),
            "variance_of": (("input",), ["", ""]),
            "replaced_by_zh": (("input",), ["", ""]),
            "replaced_by_en": (("input",), ["", ""]),
        },
        "outcomes": {
            "series": (("outcome",), ["births"]),
            "year": (("outcome",), [2021]),
            "published": (("outcome",), [473000.0]),
            "projected": (("outcome",), [470000.0]),
            "difference": (("outcome",), [-3000.0]),
            "relative_difference": (("outcome",), [-3000.0 / 473000.0]),
            "mark": (("outcome",), ["fitted"]),
            "run": (("outcome",), ["sample"]),
            "q10": (("outcome",), [465000.0]),
            "q90": (("outcome",), [474000.0]),
            "inside": (("outcome",), ["yes"]),
        },
        "kin_check": {
            "group": (("kin_row",), ["orphans"]),
            "label_zh": (("kin_row",), ["孤儿"]),
            "label_en": (("kin_row",), ["Orphans"]),
            "year": (("kin_row",), [2020]),
            "base": (("kin_row",), ["hukou"]),
            "candidates": (("kin_row",), [80.0]),
            "known": (("kin_row",), [400.0]),
            "status": (("kin_row",), ["assumed"]),
            "rate": (("kin_row",), [5.0]),
            "unseen_share": (("kin_row",), [0.8]),
            "counted": (("kin_row",), [400.0]),
            "source": (("kin_row",), ["Bureau"]),
            "share_of": (("kin_row",), [""]),
            "share": (("kin_row",), [np.nan]),
            "published_share": (("kin_row",), [np.nan]),
        },
        "variance": {
            "plan": (("part",), ["sample plan", "sample plan"]),
            "id": (("part",), ["t.share", "t.share"]),
            "reading": (("part",), ["indicator", "indicator"]),
            "year": (("part",), [2023, 2023]),
            "family": (("part",), ["population", "supply"]),
            "share": (("part",), [0.1, 0.8]),
            "share_se": (("part",), [0.02, 0.03]),
        },
    }
    coords = {
        "time": TIMES,
        "year": TIMES[1:],
        "residence": vocab.RESIDENCES,
        "sex": vocab.SEXES,
        "age": AGES,
        "age_group": age_groups(len(AGES))[1],
        "statistic": list(OVER_DRAWS),
        "function": vocab.FUNCTIONS,
        "flow": vocab.FLOWS,
        "need_kind": vocab.NEED_KINDS,
        "group": ["older_60", "orphans"],
        "group_label_zh": ["60岁及以上老年人", "孤儿"],
        "group_label_en": ["Older people 60+", "Orphans"],
        "group_base": ["resident", "hukou"],
        "group_rule": ["cells", "kin_known"],
        "group_registered_by": ["", "persons"],
        "group_unit": ["persons", "persons"],
        "resource": ["institution_beds", "day_care", "social_workers"],
        "resource_label_zh": ["机构床位", "日间照料", "社会工作者"],
        "resource_label_en": ["Institution beds", "Day care", "Social workers"],
        "resource_unit": ["beds", "places", "persons"],
        "stock": ["institution_beds"],
        "target": ["t.share", "t.unknown"],
    }
    return build(parts, coords, ATTRS | {"draws": draws} | attrs, central)


def drawn_and_stated(arrays: Mapping[str, Variable]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Parts of the draws, with seven digits, and of the run at stated values, which comes first on `draw`."""
    parts: dict[str, Any] = {}
    central: dict[str, Any] = {}
    for path, (dims, values) in arrays.items():
        group, _, name = path.partition("/")
        parts.setdefault(group, {})[name] = (dims, values[1:].astype(KEPT_TYPE))
        central.setdefault(group, {})[name] = (dims[1:], values[0])
    return parts, central


def populations(cubes: np.ndarray) -> tuple[dict[str, Variable], dict[str, Variable]]:
    """What is kept of the population of all draws, and of the run at stated values, the first of the cubes."""
    drawn, shape = cubes[1:].astype(KEPT_TYPE), cubes.shape[1:]
    statistics = over_draws(drawn.reshape(len(drawn), math.prod(shape))).reshape(-1, *shape)
    kept = {
        "statistics": (("statistic", *CUBE_DIMS), statistics),
        "population": (("draw", *CUBE_DIMS), drawn),
        "summary": (SUMMARY_DIMS, sum_ages(cubes[1:], 4).astype(KEPT_TYPE)),
    }
    return kept, {"population": (CUBE_DIMS, cubes[0])}


def targets() -> dict[str, tuple[tuple[str], list]]:
    """Columns of two targets: one judged, one without the figures it needs."""
    columns: dict[str, list] = {name: ["", ""] for name in TARGET_COLUMNS}
    columns |= {
        "plan": ["sample plan", "sample plan"],
        "id": ["t.share", "t.unknown"],
        "label_zh": ["护理型床位占比", "未知"],
        "operator": [">=", "=="],
        "target": [0.55, 0.9],
        "unit": ["share", "share"],
        "year": [2023, 2023],
        "value": [0.61, np.nan],
        "low80": [0.58, np.nan],
        "high80": [0.64, np.nan],
        "p_met": [0.97, np.nan],
        "p_se": [0.01, np.nan],
        "driver": ["use.home_care", ""],
        "driver_share": [0.7, np.nan],
        "gap": [-0.06, np.nan],
        "first_year_met": [2021, np.nan],
        "kind": ["numeric", "numeric"],
        "people": ["yes", "no"],
        "count": [1000.0, np.nan],
        "required": [550.0, np.nan],
        "required_unit": ["beds", ""],
        "baseline": [0.38, np.nan],
        "baseline_year": [2020, np.nan],
        "break_even": [4180.0, np.nan],
        "break_even_unit": ["beds", ""],
        "break_even_of": ["supply.beds.nursing", ""],
        "break_even_year": [2023, np.nan],
        "level_for_90": [4230.0, np.nan],
        "actual": [np.nan, np.nan],
        "completion": [1.11, np.nan],
        "actual_source": ["", ""],
        "last_figure": [2022, np.nan],
        "verdict": ["met", "not_assessed"],
        "evidence": ["derived", ""],
        "tally": ["counted", "open"],
        "missing": ["", "reported.unknown"],
        "department": ["elder_care", "office"],
        "per_point": [np.nan, np.nan],
        "natural_value": [np.nan, np.nan],
        "natural_p_met": [np.nan, np.nan],
    }
    return {name: (("target",), values) for name, values in columns.items()}
