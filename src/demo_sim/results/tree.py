"""Results of a run: a thin wrapper of an xarray DataTree whose arrays carry units, labels and provenance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from demo_sim.results.clean import clean
from demo_sim.results.columns import STORED_AS, TABLES
from demo_sim.results.quantiles import STATED_PLACE
from demo_sim.results.tiers import age_groups, sum_ages

FORMAT_VERSION = 3  # of run.nc; 1 had no run at stated values, its value was the mean; 2 a variable a column of a table

GROUPS = ("population", "groups", "flows", "demand", "placement", *TABLES)


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
        """An array of the run, with its unit in `attrs["units"]`.

        Parameters
        ----------
        path
            `group/name`, for instance `groups/groups`, or `flows/births_by_age` of `central`.

        Raises
        ------
        AttributeError
            The run has no such array; the message names those that it has.
        """
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
        return int(self.draw_numbers.size)

    @property
    def draw_numbers(self) -> np.ndarray:
        """Numbers of the random draws; those that failed are not among them."""
        nodes = (node.to_dataset(inherit=False) for node in self.tree.children.values())
        return next((np.asarray(node["draw"].values) for node in nodes if "draw" in node.sizes), np.zeros(0, int))

    def only(self, numbers: np.ndarray) -> Results:
        """The run with some of its draws.

        Parameters
        ----------
        numbers
            Numbers of the draws to keep, as in `draw_numbers`.
        """
        nodes = {
            path: node.sel(draw=np.isin(node["draw"].values, numbers)) if "draw" in node.sizes else node
            for path, node in ((one.path, one.to_dataset(inherit=False)) for one in self.tree.subtree)
        }
        return Results(xr.DataTree.from_dict(nodes))

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
        parts = change(stated.expand_dims(draw=[STATED_PLACE])), change(drawn)
        first = parts[0].transpose(*parts[1].dims)
        joined = np.concatenate([first.values, parts[1].values], axis=first.get_axis_num("draw"))
        places = [STATED_PLACE, *parts[1]["draw"].values.tolist()]
        coords = {k: c for k, c in first.coords.items() if "draw" not in c.dims}
        return xr.DataArray(
            joined, dims=first.dims, coords={**coords, "draw": places}, attrs=drawn.attrs, name=drawn.name
        )

    def title(self, lang: str = "zh") -> str:
        """Title of the scenario; its name where it has none.

        Parameters
        ----------
        lang
            zh or en.
        """
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
        """Year-end size of each group, in its unit (draw, time, group, residence)."""
        return self.array("groups/groups")

    @property
    def flows(self) -> xr.DataArray:
        """Events of each year, persons (draw, year, flow, residence, sex)."""
        return self.array("flows/flows")

    @property
    def need(self) -> xr.DataArray:
        """Year-end need, in the unit of the resource (draw, time, resource, need_kind); NaN where it is not defined."""
        return self.array("demand/need")

    @property
    def supply(self) -> xr.DataArray:
        """Year-end supply, in the unit of the resource (draw, time, resource); NaN where unknown."""
        return self.array("demand/supply")

    @property
    def stocks(self) -> xr.DataArray:
        """All year-end stocks of the supply, in the unit of each, with their parts and flows (draw, time, stock)."""
        return self.array("demand/stocks")

    @property
    def indicator(self) -> xr.DataArray:
        """Value of each target's indicator, in its unit (draw, time, target); NaN where not assessed."""
        return self.array("plan/indicator")

    @property
    def targets(self) -> pd.DataFrame:
        """Table of the plan targets, in the column order of targets.csv."""
        return self.table("plan")

    @property
    def inputs(self) -> pd.DataFrame:
        """Table of all inputs read, in the column order of inputs.csv."""
        return self.table("inputs")

    @property
    def answers(self) -> pd.DataFrame:
        """What each target needs year by year and what it would take, in the column order of answers.csv."""
        return self.table("answers")

    @property
    def closing(self) -> pd.DataFrame:
        """All rows of each plan as it is closed, and at its mid-term review, in the column order of closing.csv."""
        return self.table("closing")

    @property
    def consistency(self) -> pd.DataFrame:
        """Figures of the plans against each other and the census, in the column order of consistency.csv."""
        return self.table("consistency")

    @property
    def variance(self) -> pd.DataFrame:
        """What families of inputs explain of each target, in the column order of variance.csv."""
        return self.table("variance")

    @property
    def outcomes(self) -> pd.DataFrame:
        """Projected values beside figures published later, in the column order of outcomes.csv."""
        return self.table("outcomes")

    @property
    def kin_check(self) -> pd.DataFrame:
        """Candidates by relatives beside known figures, in the column order of kin_check.csv."""
        return self.table("kin_check")

    @property
    def levers(self) -> pd.DataFrame:
        """Settings that more of something a year is added to, by year, in the column order of levers.csv."""
        return self.table("levers")

    @property
    def responses(self) -> pd.DataFrame:
        """What targets and gaps become with more of each lever a year, in the column order of responses.csv."""
        return self.table("responses")

    def table(self, group: str) -> pd.DataFrame:
        """A table of the tree in the column order of its CSV; one without rows where the run lacks it.

        Parameters
        ----------
        group : name of the table, one of `results.columns.TABLES`
        """
        columns = TABLES[group][1]
        if group not in self.tree.children:
            return pd.DataFrame(columns=list(columns))
        variables = self.tree[group].variables
        stored = {c: STORED_AS.get((group, c), c) for c in columns}
        if not any(name in variables for name in stored.values()):
            return pd.DataFrame(columns=list(columns))
        some = next(variables[name] for name in stored.values() if name in variables)
        blank = [""] * some.size  # a column that the version which saved the run did not have
        return pd.DataFrame({c: variables[name].values if name in variables else blank for c, name in stored.items()})
