"""Kinship matrices: how many living relatives a woman has at each age, by their age, from one sex's rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq


@dataclass(frozen=True)
class KinMatrices:
    """Living relatives of a living woman, the focal one, at year-ends; one sex, one array a kind.

    Each array is (kin age, focal age), or (year, kin age, focal age) where rates change. The last kin age is open; the
    last focal age is that exact age, since a focal woman is followed from her birth. Aunts and cousins are those
    through the mother; `nieces_older` are the daughters of older sisters, `cousins_older` those of older aunts.
    """

    daughters: np.ndarray
    granddaughters: np.ndarray
    great_granddaughters: np.ndarray
    mothers: np.ndarray
    younger_sisters: np.ndarray
    nieces_younger: np.ndarray
    grandmothers: np.ndarray
    older_sisters: np.ndarray
    nieces_older: np.ndarray
    great_grandmothers: np.ndarray
    older_aunts: np.ndarray
    younger_aunts: np.ndarray
    cousins_older: np.ndarray
    cousins_younger: np.ndarray


KIN_KINDS = tuple(KinMatrices.__dataclass_fields__)
DAUGHTERS, MOTHERS, OLDER_SISTERS = (KIN_KINDS.index(kind) for kind in ("daughters", "mothers", "older_sisters"))


def _pairs(names: dict[str, str]) -> list[tuple[int, int]]:
    return [(KIN_KINDS.index(kind), KIN_KINDS.index(source)) for kind, source in names.items()]


# Whose newborn daughters join a kind; the daughters' mother is the focal woman herself.
BORN_TO = _pairs({
    "granddaughters": "daughters", "great_granddaughters": "granddaughters",
    "younger_sisters": "mothers", "nieces_younger": "younger_sisters", "nieces_older": "older_sisters",
    "younger_aunts": "grandmothers", "cousins_older": "older_aunts", "cousins_younger": "younger_aunts",
})  # fmt: skip
# What a kind of a newborn focal girl is to her mother. Of the others, mothers start as the mother, the rest empty.
OF_MOTHER = _pairs({
    "grandmothers": "mothers", "older_sisters": "daughters", "nieces_older": "granddaughters",
    "great_grandmothers": "grandmothers", "older_aunts": "older_sisters", "younger_aunts": "younger_sisters",
    "cousins_older": "nieces_older", "cousins_younger": "nieces_younger",
})  # fmt: skip
# Kinds that can be followed once those before them are known at every focal age of a mother.
_STAGES = (slice(0, 6), slice(6, 9), slice(9, 14))
BORN_IN = {stage.start: [pair for pair in BORN_TO if stage.start <= pair[0] < stage.stop] for stage in _STAGES}


@dataclass(frozen=True)
class _Rates:
    """Rates of one year, or of all years with the year in front.

    Attributes
    ----------
    survival : (age), to the year-end, by the age reached
    births : (age), newborn girls alive at the year-end of a woman by her age on 1 January, whether she lives or not
    own : (age - 1), the same of a woman who lives through the year
    fertile : ages on 1 January at which `births` are not all zero
    """

    survival: np.ndarray
    births: np.ndarray
    own: np.ndarray
    fertile: slice

    def year(self, index: int) -> _Rates:
        return _Rates(self.survival[index], self.births[index], self.own[index], self.fertile)


def kinship(qs: np.ndarray, asfr: np.ndarray, srb: float, women: np.ndarray | None = None) -> KinMatrices:
    """Living kin of a woman by her age when rates never change.

    With S = 1 - qs by the age reached, U moves kin up one age with S (the last age keeps its survivors), and a
    woman of age x on 1 January has F[x] = S[0] / (1 + srb) (f[x] + S[x+1] f[x+1]) / 2 newborn daughters alive at the
    year-end, or S[0] / (1 + srb) (f[x] + f[x+1]) / 2 if she herself lives. Each kind follows
    k(x+1) = U k(x) + F k'(x), k' being the mothers of the newborn, from its state k(0) at the end of the year in which
    the focal woman is born: what it is to her mother then. Nobody is born to a woman twice in a year, so the focal
    woman has no sister of her own birth year.

    Sources: Caswell 2019, Demographic Research 41-24; Goodman, Keyfitz and Pullum 1974, Theoretical Population
    Biology 5; here births lie through the year and the year-end of the focal birth is the start.

    Parameters
    ----------
    qs : (age,), women's deficit of survival over a calendar year by the age reached, 0 to 1; 0 is births to age 0, the
        last age is open
    asfr : (age,), births per woman-year; none at the last age
    srb : boys per girl at birth
    women : (age,), women on 1 January of the year of birth, any unit; without it the stable population of the rates

    Returns
    -------
    Kin
        Arrays (kin age, focal age), persons per living focal woman. `mothers[:, 0]` is the mother's age at the end of
        the birth year; its sum falls short of 1 by the mothers who died in that year. Their relatives count.

    Raises
    ------
    ValueError
        Shapes differ; qs outside 0 to 1; negative rates, births at the last age or none at all; srb not
        positive; or nobody of an age to give birth.

    Examples
    --------
    >>> qs, asfr = np.full(101, 0.004), np.zeros(101)
    >>> asfr[20:40] = 0.1
    >>> kin = kinship(qs, asfr, srb=1.05)
    >>> kin.mothers.shape
    (101, 101)
    >>> [round(float(counts.sum(axis=0)[30]), 3) for counts in (kin.mothers, kin.daughters, kin.older_sisters)]
    [0.885, 0.501, 0.4]
    """
    qs, asfr = np.asarray(qs, float), np.asarray(asfr, float)
    if qs.ndim != 1:
        raise ValueError(f"qs must be one row of ages, not {qs.shape}")
    rates = _rates(qs, asfr, np.asarray(srb, float))
    stock = _stable(rates) if women is None else _women(women, qs.shape)
    return KinMatrices(*_constant(rates, *_mothers(rates, asfr, stock)))


def kinship_changing(
    qs: np.ndarray, asfr: np.ndarray, srb: np.ndarray | float, women: np.ndarray | None = None
) -> KinMatrices:
    """Living kin of women of every age at the end of each year while rates change.

    All focal ages take one step of `kinship` a year with the rates of that year. Before the first year
    everybody has the kin of its rates kept up for ever. One focal age over the years is `kin.mothers[:, :, 60]`, one
    cohort `of_cohort(kin.mothers, born)`.

    Source: Caswell and Song 2021, Demographic Research 45-16.

    Parameters
    ----------
    qs, asfr : (year, age), as for `kinship`
    srb : one number or (year,), boys per girl at birth
    women : (year, age), women on 1 January, any unit; without it the stable population of the first year's rates,
        closed and moved on by the rates of each year

    Returns
    -------
    Kin
        Arrays (year, kin age, focal age) at year-ends; 1.1 MB a year with 101 ages.

    Raises
    ------
    ValueError
        As for `kinship`.

    Examples
    --------
    >>> qs, asfr = np.full((70, 101), 0.004), np.zeros((70, 101))
    >>> asfr[:, 20:40] = np.linspace(0.1, 0.05, 70)[:, None]
    >>> kin = kinship_changing(qs, asfr, srb=1.05)
    >>> kin.daughters.shape
    (70, 101, 101)
    >>> [round(float(count), 3) for count in kin.daughters[[0, 35, 69], :, 50].sum(axis=1)]
    [0.897, 0.799, 0.578]
    """
    qs, asfr = np.asarray(qs, float), np.asarray(asfr, float)
    if qs.ndim != 2 or not len(qs):
        raise ValueError(f"qs must be years of ages, not {qs.shape}")
    rates = _rates(qs, asfr, np.broadcast_to(np.asarray(srb, float), len(qs)))
    stock = _closed(rates) if women is None else _women(women, qs.shape)
    ages, living = _mothers(rates, asfr, stock)
    out = np.zeros((len(qs), len(KIN_KINDS), qs.shape[1], qs.shape[1]))
    before = _constant(rates.year(0), ages[0], living[0])
    for year, kin in enumerate(out):
        now = rates.year(year)
        for stage in _STAGES:
            _step(before[:, :, :-1], kin[:, :, 1:], now, stage, now.own)
        _start(kin, ages[year], living[year], slice(0, len(KIN_KINDS)))
        before = kin
    return KinMatrices(*(out[:, kind] for kind in range(len(KIN_KINDS))))


def of_cohort(counts: np.ndarray, born: int) -> np.ndarray:
    """Kin of the women born in one year as they grow older.

    Parameters
    ----------
    counts : (year, kin age, focal age), one kind of `kinship_changing`
    born : year of birth as a place on the year axis; negative for a birth before the first year

    Returns
    -------
    (kin age, focal age), NaN at focal ages reached outside the years

    Examples
    --------
    >>> counts = np.arange(8.0).reshape(2, 2, 2)
    >>> of_cohort(counts, 0)
    array([[0., 5.],
           [2., 7.]])
    """
    out = np.full(counts.shape[1:], np.nan)
    age = np.arange(counts.shape[2])
    age = age[(born + age >= 0) & (born + age < len(counts))]
    out[:, age] = counts[born + age, :, age].T
    return out


def living_children(qs: np.ndarray, asfr: np.ndarray, share: float) -> np.ndarray:
    """Living sons or daughters of a living woman, in closed form.

    A child aged a of a woman aged x was born in the year in which she passed from x - a - 1 to x - a:
    k[a, x] = share (f[x-a-1] + f[x-a]) / 2 times the product of S[0..a].

    Parameters
    ----------
    qs : (age,), the children's deficit of survival by the age reached, as for `kinship`
    asfr : (age,), births per woman-year
    share : of the births that are of the children's sex: srb / (1 + srb) for sons, 1 / (1 + srb) for daughters

    Returns
    -------
    (child age, focal age), persons per living woman

    Examples
    --------
    >>> living_children(np.zeros(4), np.array([0.0, 0.4, 0.4, 0.0]), share=0.5)
    array([[0. , 0.1, 0.2, 0.1],
           [0. , 0. , 0.1, 0.2],
           [0. , 0. , 0. , 0.1],
           [0. , 0. , 0. , 0. ]])
    """
    asfr = np.asarray(asfr, float)
    born = np.concatenate([[0.0], share * (asfr[:-1] + asfr[1:]) / 2.0])
    age = np.arange(len(asfr))
    since = age - age[:, None]
    alive = np.cumprod(1.0 - np.asarray(qs, float))
    return np.asarray(alive[:, None] * np.where(since > 0, born[since], 0.0))


def _rates(qs: np.ndarray, asfr: np.ndarray, srb: np.ndarray) -> _Rates:
    if asfr.shape != qs.shape or qs.shape[-1] < 2:
        raise ValueError(f"qs {qs.shape} and asfr {asfr.shape} must have the same shape, of two ages or more")
    # written so that a NaN is refused too
    if not ((qs >= 0.0) & (qs <= 1.0)).all():
        raise ValueError("qs must lie in 0 to 1")
    if not ((asfr >= 0.0) & np.isfinite(asfr)).all() or asfr[..., -1].any() or not asfr.any(axis=-1).all():
        raise ValueError("asfr must not be negative, nor zero at all ages, and must be zero at the last, open age")
    if not ((srb > 0.0) & np.isfinite(srb)).all():
        raise ValueError("srb must be positive")
    survival = 1.0 - qs
    girl = survival[..., :1] / (1.0 + srb[..., None])
    births = np.zeros_like(qs)
    births[..., :-1] = girl * _halves(asfr, survival)
    used = np.flatnonzero(births.reshape(-1, qs.shape[-1]).any(axis=0))
    fertile = slice(int(used[0]), int(used[-1]) + 1) if len(used) else slice(0, 0)
    return _Rates(survival, births, girl * (asfr[..., :-1] + asfr[..., 1:]) / 2.0, fertile)


def _halves(asfr: np.ndarray, survival: np.ndarray) -> np.ndarray:
    """Births of a woman by her age on 1 January: half the rate there, half at the age reached if she lives."""
    return np.asarray((asfr[..., :-1] + survival[..., 1:] * asfr[..., 1:]) / 2.0)


def _women(women: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    women = np.asarray(women, float)
    if women.shape != shape or not ((women >= 0.0) & np.isfinite(women)).all():
        raise ValueError(f"women must have the shape {shape} of the rates and no negative numbers")
    return women


def _mothers(rates: _Rates, asfr: np.ndarray, women: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mothers of a newborn by the age they reach or would have reached at the year-end; the same of those alive."""
    births = women[..., :-1] * _halves(asfr, rates.survival)
    total = births.sum(axis=-1, keepdims=True)
    if not (total > 0.0).all():
        raise ValueError("there is a year in which no woman is of an age to give birth")
    ages, living = np.zeros_like(women), np.zeros_like(women)
    ages[..., 1:] = births / total
    both = rates.survival[..., 1:] * (asfr[..., :-1] + asfr[..., 1:]) / 2.0
    living[..., 1:] = women[..., :-1] * both / total
    return ages, living


def _stable(rates: _Rates) -> np.ndarray:
    """Stable population of one year's rates, newborns 1 (Euler and Lotka); the last age, without births, is empty."""
    to_age = np.concatenate([[1.0], np.cumprod(rates.survival[1:-1])])
    net, years = to_age * rates.births[:-1], np.arange(1, len(rates.survival))
    used = net > 0.0
    if not used.any():
        raise ValueError("nobody lives to an age at which births are")

    def balance(growth: float) -> float:
        return float(np.log(net[used] @ np.exp(-growth * years[used])))

    # the growth if all births were at one age lies between these for the first and the last
    edges = balance(0.0) / years[used]
    growth = brentq(balance, edges.min() - 1e-9, edges.max() + 1e-9, xtol=1e-15, rtol=1e-14)
    return np.append(to_age * np.exp(-growth * (years - 1)), 0.0)


def _closed(rates: _Rates) -> np.ndarray:
    """Women of every 1 January from the stable population of the first year, last age aside; (year, age)."""
    women = np.empty_like(rates.survival)
    women[0] = _stable(rates.year(0))
    for year in range(len(women) - 1):
        women[year + 1, 1:] = women[year, :-1] * rates.survival[year, 1:]
        women[year + 1, 0] = women[year] @ rates.births[year]
    return women


def _constant(rates: _Rates, ages: np.ndarray, living: np.ndarray) -> np.ndarray:
    """(kind, kin age, focal age) of one year's rates kept up; mothers as `_mothers` returns them."""
    size = len(rates.survival)
    kin = np.zeros((len(KIN_KINDS), size, size))
    for stage in _STAGES:
        _start(kin, ages, living, stage)
        for x in range(size - 1):
            _step(kin[:, :, x : x + 1], kin[:, :, x + 1 : x + 2], rates, stage, rates.own[x : x + 1])
    return kin


def _start(kin: np.ndarray, ages: np.ndarray, living: np.ndarray, stage: slice) -> None:
    """Kin of girls born in the year, from their mothers' kin at the same year-end; fills focal age 0 of a stage.

    A mother who died in the year leaves the relatives that she would have had.
    """
    used = np.flatnonzero(ages)
    mothers = slice(int(used[0]), int(used[-1]) + 1)
    if stage.start <= MOTHERS < stage.stop:
        kin[MOTHERS, :, 0] = living
    for kind, of_mother in OF_MOTHER:
        if stage.start <= kind < stage.stop:
            kin[kind, :, 0] = kin[of_mother, :, mothers] @ ages[mothers]
    if stage.start <= OLDER_SISTERS < stage.stop:
        kin[OLDER_SISTERS, 0, 0] = 0.0  # the mother's birth of the year is the focal one


def _step(now: np.ndarray, then: np.ndarray, rates: _Rates, stage: slice, own: np.ndarray) -> None:
    """One year of the kinds of a stage, each focal age by itself; (kind, kin age, focal age), `own` (focal age,)."""
    survival, fertile = rates.survival, rates.fertile
    np.multiply(now[stage, :-1], survival[1:, None], out=then[stage, 1:])
    then[stage, -1] += now[stage, -1] * survival[-1]
    if stage.start <= DAUGHTERS < stage.stop:
        then[DAUGHTERS, 0] = own
    births = rates.births[fertile]
    for kind, mothers in BORN_IN[stage.start]:
        then[kind, 0] = births @ now[mothers, fertile]
