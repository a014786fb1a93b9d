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
def _infants(m0, half, female, factor, newborn, first):
    """Newborns and the cohort that reaches age 1; half is a[1] m[1]."""
    for d in range(factor.shape[0]):
        m = m0 * factor[d]
        a0 = infant_a0(m, female)
        h = half * factor[d]
        newborn[d] = (1.0 - a0) * m / (1.0 + (1.0 - a0) * m)
        first[d] = (h + a0 * m) / (1.0 + h)


@part
def _closed_age(half_before, half, factor, qs):
    """Cohort that reaches a closed age; the halves are a[x-1] m[x-1] and (1 - a[x]) m[x]."""
    both = half_before + half
    for d in range(factor.shape[0]):
        k = factor[d]
        qs[d] = both * k / (1.0 + half * k)


@part
def _open_age(half_before, m, factor, qs):
    """Cohorts that reach the open group, those already in it included."""
    for d in range(factor.shape[0]):
        k = factor[d]
        qs[d] = m * k / (1.0 - half_before * k + m * k)


@kernel
def survival_deficit(mx, factor, qs):
    """Cohort death probabilities by the age reached, from rates mx times a factor.

    Parameters
    ----------
    mx : float64 array (residence, sex, age), deaths per person-year, sex 0 male, 1 female
    factor : float64 array (residence, sex, draw), multiplies the rates of all ages
    qs : float64 array (residence, sex, age, draw), written: 1 - S[x], S the person-year ratio
    """
    residences, sexes, ages = mx.shape
    last = ages - 1
    for r in range(residences):
        for s in range(sexes):
            k = factor[r, s]
            _infants(mx[r, s, 0], 0.5 * mx[r, s, 1], s == 1, k, qs[r, s, 0], qs[r, s, 1])
            for x in range(2, last):
                _closed_age(0.5 * mx[r, s, x - 1], 0.5 * mx[r, s, x], k, qs[r, s, x])
            _open_age(0.5 * mx[r, s, last - 1], mx[r, s, last], k, qs[r, s, last])


@kernel
def e0_of_factor(mx, factor, female, e0):
    """Life expectancy at birth of rates mx times each factor.

    Parameters
    ----------
    mx : float64 array (age,)
    factor : float64 array (draw,)
    female : bool
    e0 : float64 array (draw,), written, years
    """
    last = mx.shape[0] - 1
    for d in range(factor.shape[0]):
        m = mx[0] * factor[d]
        a0 = infant_a0(m, female)
        person_years = 1.0 / (1.0 + (1.0 - a0) * m)
        alive = person_years * (1.0 - a0 * m)
        total = person_years
        for x in range(1, last):
            h = 0.5 * mx[x] * factor[d]
            person_years = alive / (1.0 + h)
            alive = person_years * (1.0 - h)
            total += person_years
        e0[d] = total + alive / (mx[last] * factor[d])
