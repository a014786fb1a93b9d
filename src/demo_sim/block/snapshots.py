"""The persons of one draw at every year-end, with their links, for those who go on in other tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from demo_sim.block.persons import follow_persons
from demo_sim.engine.ensemble import Ensemble
from demo_sim.engine.persons import Persons
from demo_sim.engine.size import USABLE, Size
from demo_sim.errors import InputError, Problem, TooLargeError
from demo_sim.execution.limits import memory
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.draws import STATED
from demo_sim.kernels.columns import LEVELS
from demo_sim.vocab import FUNCTIONS, SEXES

FILE = "persons.nc"
NOBODY = -1
_PLACES = ("urban", "rural", "outside")
UNIONS = ("never", "with_partner", "lost", "partner_unseen")
SETTINGS = ("at_home", "community", "institution")
_BYTES = 12.0  # of one person at one year-end
_KIDS = 31  # five bits for each place of the children

# Of each variable: what it says, and the words of its codes from 0.
_ONCE: dict[str, tuple[str, tuple[str, ...]]] = {
    "sex": ("sex", SEXES),
    "birth_year": ("calendar year of birth", ()),
    "mother": ("place of the mother on `person`; -1 unknown, or dead before the first year", ()),
    "father": ("place of the father on `person`; -1 unknown, -2 dead before the first year", ()),
}
_YEARLY: dict[str, tuple[str, tuple[str, ...]]] = {
    "residence": ("where the person lives at the year-end; -1 not alive or not yet here", _PLACES),
    "function": ("functional ability; -1 where not followed: outside the region, or nobody", FUNCTIONS),
    "children_born": ("children ever born, of women; at most as many as the model tells apart", ()),
    "union": ("union; -1 where families are not followed, or nobody", UNIONS),
    "partner": ("place of the partner on `person`; -1 nobody, or a partner without a row", ()),
    "children_urban": ("living children in urban places, those without a row among them", ()),
    "children_rural": ("living children in rural places, those without a row among them", ()),
    "children_away": ("living children elsewhere, those without a row among them", ()),
    "setting": ("care setting; -1 nobody", SETTINGS),
    "waiting": ("years on the list for a home; 0 not on it", ()),
}


def snapshots(inputs: Inputs, size: Size) -> xr.Dataset:
    """Follow one replicate at stated values once more and keep its persons at every year-end.

    Parameters
    ----------
    inputs, size : of a run that follows persons

    Returns
    -------
    Dataset over `person` (whoever was ever there; the rest of the columns refers to these places) and `time` (integer
    year-end). Each row stands for `persons_per_agent` persons.

    """
    seen: dict[int, dict[str, np.ndarray]] = {}
    last: list[Persons] = []

    def watch(ensemble: Ensemble, year: int) -> None:
        persons = ensemble.population.persons
        seen[year] = _columns(persons)
        last[:] = [persons]

    alone = replace(size, together=1, side_by_side=False)
    follow_persons(inputs, np.array([STATED]), alone, watch)
    return _dataset(last[0], seen, size.scale)


def require_persons(inputs: Inputs, size: Size) -> None:
    """Refuse before the run what could not be exported after it.

    Raises
    ------
    InputError
        The run follows no persons.
    TooLargeError
        Their year-ends do not fit the memory; says which scale would.
    """
    if not size.scale:
        zh, en = (
            "cohort 引擎没有个体可导出；请用 --engine people",
            "the cohort engine has no persons; use --engine people",
        )
        raise InputError([Problem("--export persons", 0, "", zh, en)])
    needed = _BYTES * 1.2 * inputs.persons / size.scale * inputs.grid.times.size
    if needed > (room := USABLE * memory()):
        fits = int(np.ceil(size.scale * needed / room))
        raise TooLargeError(
            f"导出个体需 {needed / 1e9:,.1f} GB 内存，可用 {room / 1e9:,.1f} GB；--scale {fits} 可行",
            f"persons at all year-ends take {needed / 1e9:,.1f} GB, {room / 1e9:,.1f} GB are to be had; "
            f"--scale {fits} fits",
        )


def write_persons(dataset: xr.Dataset, folder: Path) -> None:
    """Write persons.nc into a folder."""
    pressed = {str(name): {"zlib": True, "complevel": 1, "shuffle": True} for name in dataset.data_vars}
    dataset.to_netcdf(folder / FILE, engine="h5netcdf", encoding=pressed)


def _columns(persons: Persons) -> dict[str, np.ndarray]:
    """What changes from year to year, by row; links are rows."""
    rows = slice(0, persons.rows)
    code = persons.code[rows].astype(np.int16)
    inside = (code > 0) & (code < persons.at.away)
    gone = code == 0
    out = {
        "residence": np.where(gone, NOBODY, np.where(inside, (code - 1) // LEVELS, _PLACES.index("outside"))),
        "function": np.where(inside, (code - 1) % LEVELS, NOBODY),
        "children_born": np.where(gone, NOBODY, persons.born[rows].astype(np.int16)),
    }
    if persons.kin is not None:
        kin = persons.kin.part(rows)
        kids = kin.kids.astype(np.int32)
        out["union"] = np.where(gone, NOBODY, kin.union.astype(np.int16))
        out["partner"] = np.where(gone | (kin.union != 1), NOBODY, kin.partner)
        for i, place in enumerate(("urban", "rural", "away")):
            out[f"children_{place}"] = np.where(gone, NOBODY, kids >> (5 * i) & _KIDS)
    if persons.setting.size:
        out["setting"] = np.where(gone, NOBODY, persons.setting[rows].astype(np.int16))
        out["waiting"] = np.where(gone, NOBODY, persons.waiting[rows].astype(np.int16))
    return {name: values.astype(np.int32 if name == "partner" else np.int8) for name, values in out.items()}


def _dataset(persons: Persons, seen: Mapping[int, Mapping[str, np.ndarray]], scale: float) -> xr.Dataset:
    """Rows that somebody lies in, numbered through; links follow."""
    table = persons.segments
    length = table.stop - table.start
    rows = np.repeat(table.start - np.cumsum(length) + length, length) + np.arange(length.sum())
    segment = np.repeat(np.arange(length.size), length)
    order = np.argsort(rows)
    rows, segment = rows[order], segment[order]
    place = np.full(persons.rows + 1, NOBODY, np.int32)
    place[rows] = np.arange(rows.size, dtype=np.int32)

    def linked(links: np.ndarray) -> np.ndarray:
        return np.where(links < 0, links, place[np.maximum(links, 0)]).astype(np.int32)

    columns: dict[str, Any] = {
        "sex": table.sex[segment].astype(np.int8),
        "birth_year": table.birth_year[segment].astype(np.int16),
        "mother": linked(persons.mother[rows]),
    }
    if persons.kin is not None:
        columns["father"] = linked(persons.kin.father[rows])
    arrays: dict[str, Any] = {name: (("person",), values, _said(*_ONCE[name])) for name, values in columns.items()}
    for name in next(iter(seen.values())):
        whole = np.full((len(seen), rows.size), NOBODY, np.int32 if name == "partner" else np.int8)
        for i, known in enumerate(seen.values()):
            there = rows < known[name].size  # later rows were not there yet
            values = known[name][rows[there]]
            whole[i, there] = linked(values) if name == "partner" else values
        arrays[name] = (("time", "person"), whole, _said(*_YEARLY[name]))
    attrs = {
        "title": "persons of one replicate at stated values, at every year-end",
        "persons_per_agent": float(scale),
        "links": "mother, father and partner are places on the dimension person, counted from 0",
    }
    return xr.Dataset(arrays, {"time": ("time", list(seen), {"long_name": "integer year of the year-end"})}, attrs)


def _said(words: str, codes: tuple[str, ...]) -> dict[str, Any]:
    """Attributes of a variable, after the CF conventions."""
    if not codes:
        return {"long_name": words}
    flags = np.arange(len(codes), dtype=np.int8)
    return {"long_name": words, "flag_values": flags, "flag_meanings": " ".join(codes)}
