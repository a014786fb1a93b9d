"""Survival from death rates, draws innermost.

With q[x] = m[x] / (1 + (1 - a[x]) m[x]) the person-year ratio of two neighbouring ages needs no
cumulated product: L[x] / L[x-1] = (1 - a[x-1] m[x-1]) / (1 + (1 - a[x]) m[x]), and the open group
T[W] / T[W-1] = (1 - a[W-1] m[W-1]) / (1 - a[W-1] m[W-1] + m[W]). Both follow from
L[x] = l[x] / (1 + (1 - a[x]) m[x]) and l[x+1] = L[x] (1 - a[x] m[x]) (Preston, Heuveline and
Guillot 2001, chapter 3). The complement is formed directly,
1 - L[x] / L[x-1] = ((1 - a[x]) m[x] + a[x-1] m[x-1]) / (1 + (1 - a[x]) m[x]), so that nothing cancels.
"""

from __future__ import annotations

from demo_sim.kernels._jit import inlined, kernel, part


@inlined
def infant_a0(m0, female):
    """Mean age at death in infancy, years (Andreev and Kingkade 2015, DemRes 33-13)."""
    if female:
        if m0 < 0.01724:
            return 0.14903 - 2.05527 * m0
        if m0 < 0.06891:
            return 0.04667 + 3.88089 * m0
        return 0.31411
    if m0 < 0.0230:
        return 0.14929 - 1.99545 * m0
    if m0 < 0.08307:
        return 0.02832 + 3.26021 * m0
    return 0.29915


@part
def _infants(m0, m1, female, newborn, first):
    """Newborns and the cohort that reaches age 1, from the rates at ages 0 and 1."""
    for d in range(m0.shape[0]):
        a0 = infant_a0(m0[d], female)
        h = 0.5 * m1[d]
        newborn[d] = (1.0 - a0) * m0[d] / (1.0 + (1.0 - a0) * m0[d])
        first[d] = (h + a0 * m0[d]) / (1.0 + h)


@part
def _closed_age(before, m, qs):
    """Cohort that reaches a closed age; `before` are the rates of the age below."""
    for d in range(m.shape[0]):
        h = 0.5 * m[d]
        qs[d] = (0.5 * before[d] + h) / (1.0 + h)


@part
def _open_age(before, m, qs):
    """Cohorts that reach the open group, those already in it included."""
    for d in range(m.shape[0]):
        qs[d] = m[d] / (1.0 - 0.5 * before[d] + m[d])


@kernel
def survival_deficit(mx, qs):
    """Cohort death probabilities by the age reached.

    Parameters
    ----------
    mx : float64 array (residence, sex, age, draw), deaths per person-year, sex 0 male, 1 female
    qs : float64 array, same shape, written: 1 - S[x], S the person-year ratio
    """
    residences, sexes, ages, _ = mx.shape
    last = ages - 1
    for r in range(residences):
        for s in range(sexes):
            _infants(mx[r, s, 0], mx[r, s, 1], s == 1, qs[r, s, 0], qs[r, s, 1])
            for x in range(2, last):
                _closed_age(mx[r, s, x - 1], mx[r, s, x], qs[r, s, x])
            _open_age(mx[r, s, last - 1], mx[r, s, last], qs[r, s, last])


@part
def _lived(m, factor, alive, total):
    """Person-years of one closed age added, those who die in it taken off."""
    for d in range(m.shape[0]):
        h = 0.5 * m[d] * factor[d]
        person_years = alive[d] / (1.0 + h)
        alive[d] = person_years * (1.0 - h)
        total[d] += person_years


@kernel
def e0_of_factor(mx, factor, female, alive, e0):
    """Life expectancy at birth of rates mx times a factor.

    Parameters
    ----------
    mx : float64 array (age, draw)
    factor : float64 array (draw,)
    female : bool
    alive : float64 array (draw,), written: survivors to the open age
    e0 : float64 array (draw,), written, years
    """
    last = mx.shape[0] - 1
    for d in range(factor.shape[0]):
        m = mx[0, d] * factor[d]
        a0 = infant_a0(m, female)
        e0[d] = 1.0 / (1.0 + (1.0 - a0) * m)
        alive[d] = e0[d] * (1.0 - a0 * m)
    for x in range(1, last):
        _lived(mx[x], factor, alive, e0)
    for d in range(factor.shape[0]):
        e0[d] += alive[d] / (mx[last, d] * factor[d])
