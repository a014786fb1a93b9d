"""Results of a run: a thin wrapper of an xarray DataTree whose arrays carry units, labels and provenance."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from demo_sim import vocab
from demo_sim.results.clean import clean
from demo_sim.results.tiers import SUMMARY_DIMS, age_groups, most_draws_in_full, sum_ages

GROUPS = (
    "inputs", "population", "groups", "flows", "demand", "placement", "plan", "answers", "consistency", "outcomes",
    "kin_check",
)  # fmt: skip

TARGET_COLUMNS = (
    "plan", "id", "label_zh", "label_en", "reading", "definition", "operator", "target", "unit", "year",
    "attribute", "basis", "coverage_assumed", "value", "low80", "high80", "p_met", "gap", "first_year_met",
    "verdict", "driver", "source", "kind", "people", "counted", "count", "required", "required_unit",
    "baseline", "baseline_year",
    "note",
)  # fmt: skip
INPUT_COLUMNS = ("id", "value", "unit", "source", "status", "file:line")
ANSWER_COLUMNS = (
    "plan", "id", "label_zh", "label_en", "reading", "way", "year", "target_year", "target", "unit", "value",
    "need", "supply", "gap", "required", "required_low80", "required_high80", "to_add", "to_bring_in", "cost",
    "verdict", "basis", "bridge", "missing",
)  # fmt: skip
KIN_CHECK_COLUMNS = (
    "group", "label_zh", "label_en", "year", "base", "candidates", "known", "status", "rate", "unseen_share",
    "counted", "source",
)  # fmt: skip
CONSISTENCY_COLUMNS = (
    "plan", "id", "title_zh", "title_en", "left_zh", "left_en", "left_value", "relation", "right_zh", "right_en",
    "right_value", "unit", "difference", "relative_difference", "finding", "arithmetic", "note_zh", "note_en",
    "figures",
)  # fmt: skip
OUTCOME_COLUMNS = (
    "series", "year", "published", "projected", "difference", "relative_difference", "mark", "run",
)  # fmt: skip

# Tables of the tree: group -> (dimension, columns). A column named like its dimension would become an
# index, and a colon is no part of a netCDF name, so these two are stored under another name.
_TABLES = {
    "plan": ("target", TARGET_COLUMNS),
    "inputs": ("input", INPUT_COLUMNS),
    "answers": ("answer", ANSWER_COLUMNS),
    "consistency": ("check", CONSISTENCY_COLUMNS),
    "outcomes": ("outcome", OUTCOME_COLUMNS),
    "kin_check": ("kin_row", KIN_CHECK_COLUMNS),
}
_FILES = {"plan": "targets"}
_STORED_AS = {("plan", "target"): "target_value", ("inputs", "file:line"): "file_line"}

# Dimensions whose coordinate is a list of codes of the vocabulary.
_CODED = {"residence", "sex", "function", "flow", "need_kind", "care_setting", "care_flow"}

Part = Mapping[str, tuple[Sequence[str], Any]]


class Results:
    """One run: `tree` holds the groups, the properties hand out the arrays most asked for.

    An array or table that the run did not produce (no plan, no supply) is missing: the property
    raises AttributeError, `"demand/need" in results` is False, and the tables are empty.
    """

    def __init__(self, tree: xr.DataTree) -> None:
        self.tree = tree

    def __repr__(self) -> str:
        name = self.attrs.get("name", "")
        parts = ", ".join(group for group in GROUPS if group in self.tree.children)
        return f"<Results {name}: {self.draws} draws; {parts}>"

    def _repr_html_(self) -> str:
        from demo_sim.results.show import results_html

        return results_html(self)

    def __contains__(self, path: object) -> bool:
        group, _, name = str(path).partition("/")
        return group in self.tree.children and (not name or name in self.tree[group].data_vars)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Results) and self.tree.identical(other.tree)

    __hash__ = None  # type: ignore[assignment]

    def array(self, path: str) -> xr.DataArray:
        """The array at `group/name`, for instance `flows/births_by_age`."""
        if path not in self:
            raise AttributeError(f"this run has no {path}; it has: {', '.join(self._arrays())}")
        group, _, name = path.partition("/")
        return self.tree.children[group].to_dataset(inherit=False)[name]

    def _arrays(self) -> Iterator[str]:
        for group in self.tree.children:
            yield from (f"{group}/{name}" for name in self.tree[group].data_vars)

    @property
    def attrs(self) -> dict[str, Any]:
        """Provenance: name, title, text, seed, draws, engine, method_version, versions and so on."""
        return {str(key): value for key, value in self.tree.attrs.items()}

    @property
    def draws(self) -> int:
        """Number of draws."""
        sizes = (node.to_dataset(inherit=False).sizes for node in self.tree.children.values())
        return next((int(size["draw"]) for size in sizes if "draw" in size), 0)

    def title(self, lang: str = "zh") -> str:
        """Title of the scenario in `lang`; its name where it has none."""
        title = self.attrs.get("title", "")
        if isinstance(title, str) and title.startswith("{"):
            titles = json.loads(title)
            title = titles.get(lang) or next(iter(titles.values()), "")
        return clean(str(title or self.attrs.get("name", "")))

    @property
    def population(self) -> xr.DataArray:
        """Year-end residents, persons (draw, time, residence, sex, age, function).

        Raises
        ------
        AttributeError
            The run has too many draws to keep all of it: `summary` has every draw in five-year ages, and
            `array("population/statistics")` the mean and quantiles of every cell.
        """
        if "population/statistics" in self:
            most = most_draws_in_full(math.prod(self.array("population/statistics").shape[1:]))
            raise AttributeError(
                f"this run of {self.draws} draws keeps no population by single age of every draw; it has "
                "population/summary (every draw, five-year ages: run.summary) and population/statistics (mean and "
                f"quantiles of every cell); to keep the full population, run it with {most} draws or fewer"
            )
        return self.array("population/population")

    @property
    def summary(self) -> xr.DataArray:
        """Year-end residents in five-year ages, persons (draw, time, residence, sex, age_group, function)."""
        if "population/summary" in self:
            return self.array("population/summary")
        full = self.population.transpose("draw", *SUMMARY_DIMS[1:4], "age", "function")
        coords = {k: c for k, c in full.coords.items() if "age" not in c.dims}
        coords["age_group"] = xr.DataArray(age_groups(full.sizes["age"])[1], dims="age_group")
        return xr.DataArray(sum_ages(full.values, 4), dims=SUMMARY_DIMS, coords=coords, attrs=full.attrs)

    def mean_population(self, times: Sequence[int]) -> xr.DataArray:
        """Mean over draws at some year-ends, persons (time, residence, sex, age, function), in either tier."""
        if "population/statistics" in self:
            return self.array("population/statistics").sel(statistic="value", time=list(times), drop=True)
        return self.population.sel(time=list(times)).mean("draw")

    @property
    def groups(self) -> xr.DataArray:
        """Year-end size of each group (draw, time, group, residence)."""
        return self.array("groups/groups")

    @property
    def flows(self) -> xr.DataArray:
        """Events of each year, persons (draw, year, flow, residence, sex)."""
        return self.array("flows/flows")

    @property
    def need(self) -> xr.DataArray:
        """Year-end need (draw, time, resource, need_kind), NaN where a meaning is not defined."""
        return self.array("demand/need")

    @property
    def supply(self) -> xr.DataArray:
        """Year-end supply (draw, time, resource), NaN where unknown."""
        return self.array("demand/supply")

    @property
    def stocks(self) -> xr.DataArray:
        """All year-end stocks of the supply (draw, time, stock)."""
        return self.array("demand/stocks")

    @property
    def indicator(self) -> xr.DataArray:
        """Value of each target's indicator (draw, time, target), NaN where not assessed."""
        return self.array("plan/indicator")

    @property
    def targets(self) -> pd.DataFrame:
        """Table of the plan targets, in the column order of targets.csv."""
        return self._table("plan")

    @property
    def inputs(self) -> pd.DataFrame:
        """Table of all inputs read, in the column order of inputs.csv."""
        return self._table("inputs")

    @property
    def answers(self) -> pd.DataFrame:
        """What each target needs year by year and what it would take, in the column order of answers.csv."""
        return self._table("answers")

    @property
    def consistency(self) -> pd.DataFrame:
        """Figures of the plans against each other and the census, in the column order of consistency.csv."""
        return self._table("consistency")

    @property
    def outcomes(self) -> pd.DataFrame:
        """Projected values beside figures published later, in the column order of outcomes.csv."""
        return self._table("outcomes")

    @property
    def kin_check(self) -> pd.DataFrame:
        """Candidates by relatives beside known figures, in the column order of kin_check.csv."""
        return self._table("kin_check")

    def _table(self, group: str) -> pd.DataFrame:
        columns = _TABLES[group][1]
        if group not in self.tree.children:
            return pd.DataFrame(columns=list(columns))
        variables = self.tree[group].variables
        return pd.DataFrame({c: variables[_STORED_AS.get((group, c), c)].values for c in columns})


def build(parts: Mapping[str, Part], coords: Mapping[str, Any], attrs: Mapping[str, Any]) -> Results:
    """Results from plain arrays, with units, labels and definitions of the vocabulary attached.

    Parameters
    ----------
    parts
        group -> variable -> (dimensions, array), groups as in `GROUPS`; the columns of the tables plan,
        inputs, answers, consistency and outcomes are those of their CSV.
    coords
        dimension -> values; further keys that begin with a dimension's name and an underscore
        (`group_label_zh`, `resource_unit`) lie along that dimension. Each group takes what it uses.
    attrs
        Provenance: text, numbers, or mappings and lists, which are kept as JSON.
    """
    nodes: dict[str, xr.Dataset] = {"/": xr.Dataset(attrs={k: _attribute(v) for k, v in attrs.items()})}
    dims = {dim for variables in parts.values() for dims, _ in variables.values() for dim in dims}
    for group, variables in parts.items():
        if group not in GROUPS:
            raise ValueError(f"unknown group {group!r}; groups are {', '.join(GROUPS)}")
        nodes[f"/{group}"] = _dataset(group, variables, coords, dims)
    return Results(xr.DataTree.from_dict(nodes))


def _dataset(group: str, variables: Part, coords: Mapping[str, Any], all_dims: set[str]) -> xr.Dataset:
    """One group with the coordinates it uses; `all_dims` are the dimensions of all groups."""
    dimension, columns = _TABLES.get(group, ("", ()))
    missing = [c for c in columns if c not in variables and not (group == "plan" and c == "id")]
    if missing:
        raise ValueError(f"{group}: columns missing: {', '.join(missing)}")
    arrays = {}
    for name, (dims, values) in variables.items():
        array = _plain(values)
        if array.ndim != len(dims):
            raise ValueError(f"{group}/{name}: {len(dims)} dimensions {tuple(dims)} for shape {array.shape}")
        arrays[_STORED_AS.get((group, name), name)] = (tuple(dims), array, _describe(group, name))
    used = {dim for dims, _, _ in arrays.values() for dim in dims}
    if group == "plan" and "id" not in variables:
        arrays["id"] = ((dimension,), _plain(coords["target"]), _describe(group, "id"))
    own = {}
    for key, values in coords.items():
        # `age_group` is a dimension of its own, not something along `age`.
        dim = key if key in used else "" if key in all_dims else _dimension_of(key, used)
        if dim:
            own[key] = (dim, _plain(values), _describe_coordinate(key))
    return xr.Dataset(arrays, coords=own)


def _dimension_of(key: str, dims: set[str]) -> str:
    """The dimension that an auxiliary coordinate such as `group_label_zh` lies along, or ''."""
    return max((dim for dim in dims if key.startswith(f"{dim}_")), key=len, default="")


def _plain(values: Any) -> np.ndarray:
    """Numbers as they are, in C order, None among them as NaN; everything else as text, None as empty."""
    array = np.asarray(values)
    if array.dtype.kind in "iufb":
        # Once here rather than again in every quantile, digest and file.
        return np.ascontiguousarray(array).reshape(array.shape)
    flat = np.asarray(values, dtype=object).ravel().tolist()
    if all(v is None or isinstance(v, Number) for v in flat):
        return np.array([np.nan if v is None else v for v in flat], dtype=float).reshape(array.shape)
    return np.array(["" if v is None or v != v else str(v) for v in flat], dtype=np.str_).reshape(array.shape)


def _attribute(value: Any) -> str | int | float:
    """A value that netCDF takes as attribute; mappings and lists become JSON, None empty text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        value = dict(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _describe(group: str, name: str) -> dict[str, str]:
    """Attributes of a variable; a column of a table has labels only."""
    if group in _TABLES and name in _TABLES[group][1]:
        table, column = _FILES.get(group, group), name.replace(":", "_")
        zh, en = (vocab.column_label(table, column, lang) for lang in vocab.LANGUAGES)
        return {"long_name": en, "label_zh": zh, "label_en": en}
    entry = vocab.variable(name)
    return {
        "long_name": entry.en,
        "label_zh": entry.zh,
        "label_en": entry.en,
        "units": entry.unit,
        "kind": entry.kind,
        "definition_zh": entry.definition_zh,
        "definition_en": entry.definition_en,
    }


def _describe_coordinate(name: str) -> dict[str, str]:
    if name not in vocab.codes("column"):
        return {}
    zh, en = vocab.label("column", name, "zh"), vocab.label("column", name, "en")
    attrs = {"long_name": en, "label_zh": zh, "label_en": en}
    if name in _CODED:
        for lang in vocab.LANGUAGES:
            pairs = (f"{code}={vocab.label(name, code, lang)}" for code in vocab.codes(name))
            attrs[f"codes_{lang}"] = "; ".join(pairs)
    return attrs
