"""Age groups and single years of age: labels, sums and splits that keep every total."""

from __future__ import annotations

import re

import numpy as np
from scipy.interpolate import PchipInterpolator

Group = tuple[int, int | None]


def parse_age(text: str) -> Group:
    """First and last age of a label; the last is None for an open group.

    Examples
    --------
    >>> parse_age("35-39"), parse_age("80+"), parse_age("7")
    ((35, 39), (80, None), (7, 7))
    """
    match = re.fullmatch(r"(\d+)(?:-(\d+)|(\+))?", text.strip())
    if match is None:
        raise ValueError(f"not an age or age group: {text!r}")
    first = int(match[1])
    if match[3]:
        return first, None
    return first, int(match[2]) if match[2] else first


def age_mask(group: Group, ages: int) -> np.ndarray:
    """Which of the ages 0..ages-1 (the last one open) belong to a group; bool (age,)."""
    x = np.arange(ages)
    return (x >= group[0]) & (x <= (ages - 1 if group[1] is None else group[1]))


def split_by_template(totals: np.ndarray, groups: list[Group], template: np.ndarray) -> np.ndarray:
    """Single years of age from group totals, in the proportions of a template inside each group.

    Every group total is kept exactly up to rounding; the famine and boom cohorts of the template survive, which a
    spline through cumulated counts erases.

    Parameters
    ----------
    totals : (group,), persons
    groups : first and last age of each total, without gaps
    template : (age,), persons of single ages of a population of the same date; the last one open

    Returns
    -------
    (age,), persons
    """
    out = np.zeros(template.shape[0])
    for total, group in zip(totals, groups, strict=True):
        mask = age_mask(group, template.shape[0])
        inside = template[mask].sum()
        if inside <= 0.0 and total > 0.0:
            raise ValueError(f"the template is empty in the age group {group}")
        if inside > 0.0:
            out[mask] = total * template[mask] / inside
    return out


def split_by_spline(totals: np.ndarray, groups: list[Group], ages: int) -> np.ndarray:
    """Single years of age by a monotone spline on cumulated totals; the open group is kept whole.

    Parameters
    ----------
    totals : (group, ...), persons or shares, none negative
    groups : first and last age of each total, from 0, without gaps; the last one may be open
    ages : number of single ages wanted, the last one open

    Returns
    -------
    (age, ...), of the same sums; ages inside the open group share its total beyond its first age evenly falling to none
    """
    edges = [g[0] for g in groups]
    last = groups[-1][1]
    edges.append(ages if last is None else last + 1)
    cumulated = np.concatenate([np.zeros((1, *totals.shape[1:])), np.cumsum(totals, axis=0)])
    curve = PchipInterpolator(edges, cumulated)
    out = np.zeros((ages, *totals.shape[1:]))
    top = min(edges[-1], ages)
    out[:top] = np.diff(curve(np.arange(top + 1)), axis=0)
    return out


def spread_groups(values: np.ndarray, groups: list[Group], ages: int) -> np.ndarray:
    """Group values repeated at each single age; (age, ...), zero outside the groups."""
    out = np.zeros((ages, *np.shape(values)[1:]))
    for value, group in zip(values, groups, strict=True):
        out[age_mask(group, ages)] = value
    return out


def group_midpoints(groups: list[Group], open_width: float = 5.0) -> np.ndarray:
    """Exact age in the middle of each group; an open group is taken `open_width` years wide."""
    return np.array([0.5 * (a + (a + open_width if b is None else b + 1)) for a, b in groups])
