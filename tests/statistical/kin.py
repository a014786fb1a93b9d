"""Living kin of persons by age beside what the kinship matrices expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from demo_sim.demography.kinship import kinship, living_children

# A cell is a fault where its p-value after Holm is below that of three standard errors.
LEVEL = float(2.0 * norm.sf(3.0))
# Fewer counts than this in a replicate, or fewer without a mother, are too few for a t-test.
FEWEST = 5.0
AT_MOST_ONE = ("mothers", "grandmothers")


def expected_kin(
    qs: np.ndarray, asfr: np.ndarray, srb: float, women: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Living kin of all ages together of a person by the person's age, under constant rates.

    Mothers, grandmothers and sisters are those of a focal man as much as of a focal woman; children are a woman's.

    Parameters
    ----------
    qs : (sex, age), deficit of survival by the age reached, men first
    asfr : (age,), children per woman-year
    srb : boys per girl at birth
    women : (age,), of the years in which the focal persons were born; without it the stable population

    Returns
    -------
    (focal age,) each
    """
    kin = kinship(qs[1], asfr, srb, women)
    names = ("mothers", "grandmothers", "daughters", "granddaughters", "older_sisters", "younger_sisters")
    found = {name: getattr(kin, name).sum(axis=0) for name in names}
    return found | {"sons": living_children(qs[0], asfr, srb / (1.0 + srb)).sum(axis=0)}


@dataclass(frozen=True)
class KinCell:
    """One kind at one focal age, or at all of them together (age None).

    `seen` and `expected` are kin per focal person over all replicates, `error` the standard error of `seen`, `z` their
    difference in standard errors, `p` its two-sided p-value, `adjusted` the same after Holm over all single ages of all
    kinds, or over the sums of all kinds.
    """

    kind: str
    age: int | None
    seen: float
    expected: float
    error: float
    z: float
    p: float
    adjusted: float

    def __str__(self) -> str:
        age = "all ages" if self.age is None else f"age {self.age}"
        return f"{self.kind}, {age}: {self.seen:.4f} seen, {self.expected:.4f} expected, {self.z:+.1f} standard errors"


def holm_adjusted(p: np.ndarray) -> np.ndarray:
    """P-values of a family after Holm's step-down: one below a level is as rare as that level if nothing is off."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    out = np.empty(p.size)
    out[order] = np.minimum(stepped, 1.0)
    return out


def compare_kin(
    seen: dict[str, tuple[np.ndarray, np.ndarray]], expected: dict[str, np.ndarray], ages: slice = slice(None)
) -> list[KinCell]:
    """Every kind at every focal age, and at all ages together, as a t-test over replicates.

    A replicate's difference is its kin less the expectation for the focal persons it has, so that chance in their
    number does not count; its spread over replicates gives the standard error, with all that relatives share.

    Parameters
    ----------
    seen : by kind, living kin of all focal persons of an age, and those persons; (replicate, focal age) each
    expected : by kind (focal age,), of `expected_kin`
    ages : focal ages to compare: those whose relatives were all born in the run

    Returns
    -------
    Cells with enough counts for the test, in the order of `seen`
    """
    rows: list[tuple[str, int | None, float, float, float]] = []
    for kind, (kin, focal) in seen.items():
        wanted = expected[kind] * focal
        rare = np.minimum(wanted, focal - wanted) if kind in AT_MOST_ONE else wanted
        chosen = np.zeros(len(expected[kind]), bool)
        chosen[ages] = True
        single = np.flatnonzero(chosen & (rare.mean(axis=0) >= FEWEST))
        cells: list[tuple[int | None, np.ndarray]] = [(int(x), np.array([x])) for x in single]
        if rare[:, chosen].sum(axis=1).mean() >= FEWEST:
            cells.append((None, np.flatnonzero(chosen)))
        for age, x in cells:
            persons = focal[:, x].sum(axis=1).mean()
            off = (kin[:, x] - wanted[:, x]).sum(axis=1) / persons
            error = float(off.std(ddof=1) / np.sqrt(len(off)))
            rows.append((kind, age, float(off.mean()), float(wanted[:, x].sum(axis=1).mean() / persons), error))
    if not rows:
        raise ValueError("no kind has enough persons for a comparison")
    z = np.array([_standard_errors(off, error) for _, _, off, _, error in rows])
    p = 2.0 * student.sf(np.abs(z), len(next(iter(seen.values()))[0]) - 1)
    # a bias too small for any single age shows in the sums, if these are not diluted by hundreds of ages
    sums = np.array([age is None for _, age, *_ in rows])
    adjusted = np.empty(p.size)
    adjusted[sums], adjusted[~sums] = holm_adjusted(p[sums]), holm_adjusted(p[~sums])
    return [
        KinCell(kind, age, mean + off, mean, error, *map(float, tests))
        for (kind, age, off, mean, error), *tests in zip(rows, z, p, adjusted, strict=True)
    ]


def _standard_errors(off: float, error: float) -> float:
    """Infinitely many where all replicates are off by the same."""
    if error > 0.0:
        return off / error
    return float(np.copysign(np.inf, off)) if off else 0.0


def kin_faults(cells: list[KinCell]) -> list[str]:
    """Cells that are off by more than chance allows, worst first; empty where persons agree with the matrices."""
    return [str(cell) for cell in sorted(cells, key=lambda c: c.p) if cell.adjusted < LEVEL]
