"""Groups and resources in the order in which an office reads them: by subject, and within it by rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_sim.vocab import codes

if TYPE_CHECKING:
    import xarray as xr

REST = "other"  # the subject of what says none


def subject_of(array: xr.DataArray, dim: str, code: str) -> str:
    """Return the subject of one code of a dimension, which its definition in the catalogue says."""
    name = f"{dim}_subject"
    found = str(array[name].sel({dim: code}).item()) if name in array.coords else REST
    return found if found in codes("subject") else REST


def by_subject(array: xr.DataArray, dim: str, detail: bool = True) -> dict[str, list[str]]:
    """Return the codes of a dimension under their subjects, both in the order of the catalogue.

    Parameters
    ----------
    array : with the coordinate `dim` and what the catalogue says of its codes (`<dim>_subject`, `<dim>_rank`)
    dim : group or resource
    detail : with those that are parts or checks of others

    Returns
    -------
    dict of the subjects that have any
    """
    names = [str(code) for code in array[dim].values]
    ranks = _values(array, f"{dim}_rank", names)
    details = _values(array, f"{dim}_detail", names)
    found: dict[str, list[str]] = {subject: [] for subject in codes("subject")}
    for name in sorted(names, key=lambda n: (ranks[n], n)):
        if detail or not details[name]:
            found[subject_of(array, dim, name)].append(name)
    return {subject: members for subject, members in found.items() if members}


def _values(array: xr.DataArray, name: str, codes_: list[str]) -> dict[str, int]:
    values = array[name].values.tolist() if name in array.coords else [0] * len(codes_)
    return dict(zip(codes_, map(int, values), strict=True))
