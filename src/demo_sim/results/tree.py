"""Results of a run: a thin wrapper of an xarray DataTree whose arrays carry units, labels and provenance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from numbers import Number
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from demo_sim import vocab
from demo_sim.results.clean import clean
from demo_sim.results.quantiles import STATED
from demo_sim.results.tiers import age_groups, sum_ages

FORMAT_VERSION = 2  # of run.nc; 1 had no run at stated values, its value was the mean over draws

GROUPS = (
    "inputs", "population", "groups", "flows", "demand", "placement", "plan", "answers", "variance", "consistency",
    "outcomes", "kin_check",
)  # fmt: skip

TARGET_COLUMNS = (
    "plan", "id", "label_zh", "label_en", "reading", "definition", "operator", "target", "unit", "year",
    "attribute", "basis", "coverage_assumed", "value", "low80", "high80", "p_met", "p_se", "gap", "first_year_met",
    "verdict", "driver", "driver_share", "source", "kind", "people", "counted", "count", "required", "required_unit",
    "baseline", "baseline_year",
    "note",
)  # fmt: skip
INPUT_COLUMNS = ("id", "value", "unit", "source", "status", "file:line")
ANSWER_COLUMNS = (
    "plan", "id", "label_zh", "label_en", "reading", "way", "year", "target_year", "target", "unit", "value",
    "need", "supply", "gap", "required", "required_low80", "required_high80", "to_add", "to_bring_in", "cost",
    "verdict", "basis", "bridge", "missing",
)  # fmt: skip
VARIANCE_COLUMNS = ("plan", "id", "reading", "year", "family", "share", "share_se")
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
    "variance": ("part", VARIANCE_COLUMNS),
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
        parts = ", ".join(group for group in (*GROUPS, "central") if group in self.tree.children)
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
        """The array at `group/name`, for instance `groups/groups`, or `flows/births_by_age` of `central`."""
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
        """Number of random draws."""
        sizes = (node.to_dataset(inherit=False).sizes for node in self.tree.children.values())
        return next((int(size["draw"]) for size in sizes if "draw" in size), 0)

    @cached_property
    def central(self) -> Results:
        """The run at stated values: every input as it was typed, its arrays without a dimension `draw`."""
        nodes = {"/": xr.Dataset(attrs=self.tree.attrs)}
        for name, node in self.tree["central"].children.items():
            own = node.to_dataset()
            here = {dim for array in own.data_vars.values() for dim in array.dims}
            labels = dict(self.tree[name].coords) if name in self.tree.children else {}
            said = {k: c for k, c in (labels | dict(own.coords)).items() if set(c.dims) <= here}
            nodes[f"/{name}"] = (
                xr.Dataset(own.data_vars).drop_vars(list(own.coords), errors="ignore").assign_coords(said)
            )
        return Results(xr.DataTree.from_dict(nodes))

    def spread(self, path: str, change: Callable[[xr.DataArray], xr.DataArray] = lambda array: array) -> xr.DataArray:
        """An array of the draws with the run at stated values before them, at the place -1 of the dimension `draw`.

        Parameters
        ----------
        path
            Such as `groups/groups`, or `population/summary`.
        change
            What is made of the array, of the draws and of the run at stated values alike; it keeps `draw`.
        """
        stated, drawn = (
            run.summary if path == "population/summary" else run.array(path) for run in (self.central, self)
        )
        parts = change(stated.expand_dims(draw=[STATED])), change(drawn)
        first = parts[0].transpose(*parts[1].dims)
        joined = np.concatenate([first.values, parts[1].values], axis=first.get_axis_num("draw"))
        places = [STATED, *parts[1]["draw"].values.tolist()]
        coords = {k: c for k, c in first.coords.items() if "draw" not in c.dims}
        return xr.DataArray(
            joined, dims=first.dims, coords={**coords, "draw": places}, attrs=drawn.attrs, name=drawn.name
        )

    def title(self, lang: str = "zh") -> str:
        """Title of the scenario in `lang`; its name where it has none."""
        title = self.attrs.get("title", "")
        if isinstance(title, str) and title.startswith("{"):
            titles = json.loads(title)
            title = titles.get(lang) or next(iter(titles.values()), "")
        return clean(str(title or self.attrs.get("name", "")))

    @property
    def population(self) -> xr.DataArray:
        """Year-end residents, persons (draw, time, residence, sex, age, function); of `central` without `draw`.

        Raises
        ------
        AttributeError
            Single ages of every draw were not kept: `summary` has every draw in five-year ages, `central.population`
            the run at stated values, `array("population/statistics")` mean and quantiles of every cell.
        """
        if "population/population" not in self and "population/statistics" in self:
            raise AttributeError(
                "single ages of every draw were not kept; there are run.central.population (the run at stated "
                "values), run.summary (every draw, five-year ages) and run.array('population/statistics') (mean and "
                "quantiles of every cell); to keep them, run with options.keep=full"
            )
        return self.array("population/population")

    @property
    def summary(self) -> xr.DataArray:
        """Year-end residents in five-year ages, persons (draw, time, residence, sex, age_group, function)."""
        if "population/summary" in self:
            return self.array("population/summary")
        full = self.population
        dims = [str(dim) for dim in full.dims]
        axis = dims.index("age")
        coords = {k: c for k, c in full.coords.items() if "age" not in c.dims}
        coords["age_group"] = xr.DataArray(age_groups(full.sizes["age"])[1], dims="age_group")
        named = [*dims[:axis], "age_group", *dims[axis + 1 :]]
        return xr.DataArray(sum_ages(full.values, axis), dims=named, coords=coords, attrs=full.attrs)

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
    def variance(self) -> pd.DataFrame:
        """What families of inputs explain of each target, in the column order of variance.csv."""
        return self._table("variance")

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
        stored = {c: _STORED_AS.get((group, c), c) for c in columns}
        if not any(name in variables for name in stored.values()):
            return pd.DataFrame(columns=list(columns))
        return pd.DataFrame({c: variables[name].values for c, name in stored.items()})


def build(
    parts: Mapping[str, Part],
    coords: Mapping[str, Any],
    attrs: Mapping[str, Any],
    central: Mapping[str, Part] = MappingProxyType({}),
) -> Results:
    """Results from plain arrays, with units, labels and definitions of the vocabulary attached.

    Parameters
    ----------
    parts
        group -> variable -> (dimensions, array), groups as in `GROUPS`; the columns of the tables plan,
        inputs, answers, consistency and outcomes are those of their CSV. Places on `draw` are counted from 0.
    coords
        dimension -> values; further keys that begin with a dimension's name and an underscore
        (`group_label_zh`, `resource_unit`) lie along that dimension. Each group takes what it uses.
    attrs
        Provenance: text, numbers, or mappings and lists, which are kept as JSON.
    central
        Like `parts`, the run at stated values, without draws.
    """
    said = {"format_version": FORMAT_VERSION, **attrs}
    nodes: dict[str, xr.Dataset] = {"/": xr.Dataset(attrs={k: _attribute(v) for k, v in said.items()})}
    dims = {
        dim
        for some in (parts, central)
        for variables in some.values()
        for dims, _ in variables.values()
        for dim in dims
    }
    for group in (*parts, *central):
        if group not in GROUPS:
            raise ValueError(f"unknown group {group!r}; groups are {', '.join(GROUPS)}")
    nodes |= {f"/{group}": _dataset(group, variables, coords, dims) for group, variables in parts.items()}
    stated = {group: _dataset(group, v, coords, dims, table=False) for group, v in central.items()}
    if stated:
        # The places are said once for all groups, the labels beside them stand in the groups of the draws.
        shared = {str(name): coord.variable for node in stated.values() for name, coord in node.coords.items()}
        nodes["/central"] = xr.Dataset(coords={name: coord for name, coord in shared.items() if name in dims})
        nodes |= {f"/central/{group}": node.drop_vars(list(node.coords)) for group, node in stated.items()}
    return Results(xr.DataTree.from_dict(nodes))


def _dataset(
    group: str, variables: Part, coords: Mapping[str, Any], all_dims: set[str], table: bool = True
) -> xr.Dataset:
    """One group with the coordinates it uses; `all_dims` are the dimensions of all groups."""
    dimension, columns = _TABLES.get(group, ("", ())) if table else ("", ())
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
    if group == "plan" and table and "id" not in variables:
        arrays["id"] = ((dimension,), _plain(coords["target"]), _describe(group, "id"))
    own: dict[str, tuple[str, np.ndarray, dict[str, str]]] = {}
    if "draw" in used:
        draws = next(array.shape[dims.index("draw")] for dims, array, _ in arrays.values() if "draw" in dims)
        own["draw"] = ("draw", np.arange(draws), {})
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
    of_error = name.endswith("_mc_se")
    entry = vocab.variable(name.removesuffix("_mc_se"))
    if of_error:
        zh, en = vocab.column_label("groups", "mc_se", "zh"), vocab.column_label("groups", "mc_se", "en")
        return {
            "long_name": f"{entry.en}: {en}",
            "label_zh": f"{entry.zh}：{zh}",
            "label_en": f"{entry.en}: {en}",
            "units": entry.unit,
        }
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
