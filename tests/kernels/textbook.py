"""Slow twins of the kernels, written from the textbook: one draw, plain loops, every column by name.

Life table: Preston, Heuveline and Guillot 2001, chapter 3, with the infant separation factors of Andreev and
Kingkade 2015. Its columns are formed in 40 decimal digits, so that differences of neighbouring person-years
lose nothing. The projection keeps the order of the method: first half of external and of internal moves,
deaths of the cohorts, second half of internal and of external moves, births, newborns.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np

DIGITS = 40
# upper bound of m0, constant, slope
INFANT = {
    "male": [("0.0230", "0.14929", "-1.99545"), ("0.08307", "0.02832", "3.26021"), ("9", "0.29915", "0")],
    "female": [("0.01724", "0.14903", "-2.05527"), ("0.06891", "0.04667", "3.88089"), ("9", "0.31411", "0")],
}


def infant_a0(m0: Decimal, sex: str) -> Decimal:
    """Mean age at death of infants, years."""
    for bound, constant, slope in INFANT[sex]:
        if m0 < Decimal(bound):
            return Decimal(constant) + Decimal(slope) * m0
    raise ValueError(m0)


@dataclass
class Table:
    """Columns of a life table; sx is survival by the age reached, qs its complement, cx the Lexis share."""

    lx: list[Decimal]
    Lx: list[Decimal]
    Tx: list[Decimal]
    e0: float
    sx: np.ndarray
    qs: np.ndarray
    cx: np.ndarray


def life_table(mx: np.ndarray, sex: str) -> Table:
    """Life table of single ages, the last one open; mx is (age,)."""
    with localcontext() as context:
        context.prec = DIGITS
        m = [Decimal(float(v)) for v in mx]
        last = len(m) - 1
        a = [Decimal("0.5")] * len(m)
        a[0] = infant_a0(m[0], sex)
        q = [m[x] / (1 + (1 - a[x]) * m[x]) for x in range(last)]
        l_column = [Decimal(1)]
        for x in range(last):
            l_column.append(l_column[x] * (1 - q[x]))
        big_l = [l_column[x + 1] + a[x] * (l_column[x] - l_column[x + 1]) for x in range(last)]
        big_l.append(l_column[last] / m[last])
        total = [sum(big_l[x:], Decimal(0)) for x in range(len(m))]
        s = [big_l[0] / l_column[0]]
        s += [big_l[x] / big_l[x - 1] for x in range(1, last)]
        s.append(total[last] / total[last - 1])
        c = [(big_l[x] - l_column[x + 1]) / (big_l[x] - big_l[x + 1]) for x in range(last - 1)]
        c.append((big_l[last - 1] - l_column[last]) / big_l[last - 1])
        return Table(
            l_column,
            big_l,
            total,
            float(total[0]),
            np.array([float(v) for v in s]),
            np.array([float(1 - v) for v in s]),
            np.array([float(v) for v in c]),
        )


@dataclass
class Year:
    """Flows of one year of one draw; shapes without the draw."""

    mid: np.ndarray
    end: np.ndarray
    deaths: np.ndarray
    births: np.ndarray
    out_first: np.ndarray
    out_second: np.ndarray
    internal: np.ndarray
    cut: np.ndarray


def project_year(
    start: np.ndarray,
    qs: np.ndarray,
    asfr: np.ndarray,
    srb: np.ndarray,
    external: np.ndarray,
    move_rate: np.ndarray,
    reclass_rate: np.ndarray,
    timing: str = "even",
) -> Year:
    """One year of the cohort-component projection, one draw.

    start, qs, external are (residence, sex, age), asfr (residence, age), srb (residence,), move_rate (route, sex, age),
    reclass_rate (route,), where routes lead from the first place to each other one, then from the second, and so on.
    An outflow beyond the stock of a cell is cut.
    """
    residences, sexes, ages = start.shape
    top = ages - 1
    half = external / 2 if timing == "even" else 0 * external
    rest = external - half
    pairs = [(a, b) for a in range(residences) for b in range(residences) if a != b]
    year = Year(*(np.zeros_like(start) for _ in range(8)))
    year.births = np.zeros((residences, ages))
    year.internal = np.zeros((2, len(pairs), sexes))
    year.out_first, year.out_second = (np.zeros((len(pairs), sexes, ages)) for _ in range(2))

    def enter(stock: float, migrants: float, r: int, s: int, x: int) -> float:
        if stock + migrants >= 0:
            return stock + migrants
        year.cut[r, s, x] += -(stock + migrants)
        return 0.0

    def move(stock: np.ndarray, out: np.ndarray, s: int, x: int) -> None:
        for k, (a, _) in enumerate(pairs):
            moved = stock[a, s, x] * move_rate[k, s, x] / 2
            recoded = stock[a, s, x] * reclass_rate[k] / 2
            year.internal[0, k, s] += moved
            year.internal[1, k, s] += recoded
            out[k, s, x] = moved + recoded
        for k, (a, b) in enumerate(pairs):
            stock[a, s, x] -= out[k, s, x]
            stock[b, s, x] += out[k, s, x]

    stock_a, stock_e = year.mid, year.end
    for r in range(residences):
        for s in range(sexes):
            for x in range(ages):
                stock_a[r, s, x] = enter(start[r, s, x], half[r, s, x], r, s, x)
    for s in range(sexes):
        for x in range(ages):
            move(stock_a, year.out_first, s, x)
    for r in range(residences):
        for s in range(sexes):
            for x in range(1, ages):
                source = stock_a[r, s, x - 1] + (stock_a[r, s, top] if x == top else 0.0)
                year.deaths[r, s, x] = source * qs[r, s, x]
                stock_e[r, s, x] = source - year.deaths[r, s, x]
    for s in range(sexes):
        for x in range(1, ages):
            move(stock_e, year.out_second, s, x)
    before_external = stock_e.copy()
    for r in range(residences):
        for s in range(sexes):
            for x in range(1, ages):
                stock_e[r, s, x] = enter(stock_e[r, s, x], rest[r, s, x], r, s, x)
    seen = stock_e if timing == "even" else before_external
    for r in range(residences):
        for x in range(1, ages):
            year.births[r, x] = asfr[r, x] / 2 * (stock_a[r, 1, x] + seen[r, 1, x])
        boys = sum(year.births[r]) * srb[r] / (1 + srb[r])
        for s, born in enumerate((boys, sum(year.births[r]) - boys)):
            year.deaths[r, s, 0] = born * qs[r, s, 0]
            stock_e[r, s, 0] = born - year.deaths[r, s, 0]
    for s in range(sexes):
        move(stock_e, year.out_second, s, 0)
        for r in range(residences):
            stock_e[r, s, 0] = enter(stock_e[r, s, 0], rest[r, s, 0], r, s, 0)
    return year
