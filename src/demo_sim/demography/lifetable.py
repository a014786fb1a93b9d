"""Period life table and the deaths of calendar ages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.kernels.lifetable import e0_of_factor


@dataclass(frozen=True)
class LifeTable:
    """Columns of a period life table, one row an age, the last one open.

    ax is the mean years lived by those who die at the age, lx survivors, Lx person-years (stationary population),
    Tx person-years above, ex life expectancy, sx survival by the age reached (person-year ratios).
    """

    mx: np.ndarray
    ax: np.ndarray
    qx: np.ndarray
    lx: np.ndarray
    Lx: np.ndarray
    Tx: np.ndarray
    ex: np.ndarray
    sx: np.ndarray


def infant_a0(m0: np.ndarray | float, sex: str) -> np.ndarray:
    """Mean age at death in infancy, years.

    Source: Andreev and Kingkade 2015, Demographic Research 33-13.

    Parameters
    ----------
    m0 : infant death rate, per person-year, any shape
    sex : "male" or "female"

    Examples
    --------
    >>> round(float(infant_a0(0.01, "male")), 5)
    0.12934
    """
    m = np.asarray(m0, float)
    if sex == "female":
        return np.select([m < 0.01724, m < 0.06891], [0.14903 - 2.05527 * m, 0.04667 + 3.88089 * m], default=0.31411)
    return np.select([m < 0.0230, m < 0.08307], [0.14929 - 1.99545 * m, 0.02832 + 3.26021 * m], default=0.29915)


def life_table(mx: np.ndarray, sex: str) -> LifeTable:
    """Life table of single ages from death rates; the last age is open.

    Parameters
    ----------
    mx : (age,), deaths per person-year
    sex : "male" or "female", for the infant separation factor

    Raises
    ------
    ValueError
        A rate above 2 (a probability above 1), a negative one, or no deaths in the open group.

    Examples
    --------
    >>> table = life_table(np.full(101, 0.02), "male")
    >>> bool(45 < table.ex[0] < 52)
    True
    """
    mx = np.asarray(mx, float)
    ax = np.full(mx.shape, 0.5)
    ax[0] = infant_a0(mx[0], sex)
    qx = mx / (1.0 + (1.0 - ax) * mx)
    qx[-1] = 1.0
    if (mx < 0.0).any() or (qx > 1.0).any() or mx[-1] <= 0.0:
        raise ValueError("rates must lie in 0..2 and the open group must have deaths")
    lx = np.concatenate([[1.0], np.cumprod(1.0 - qx[:-1])])
    Lx = np.empty_like(mx)
    Lx[:-1] = lx[1:] + ax[:-1] * (lx[:-1] - lx[1:])
    Lx[-1] = lx[-1] / mx[-1]
    Tx = np.cumsum(Lx[::-1])[::-1]
    sx = np.empty_like(mx)
    sx[0] = Lx[0]
    sx[1:-1] = Lx[1:-1] / Lx[:-2]
    sx[-1] = Tx[-1] / Tx[-2]
    return LifeTable(mx, ax, qx, lx, Lx, Tx, Tx / lx, sx)


def e0_range(mx: np.ndarray, sex: str) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest life expectancy that patterns have at levels between 1/50 and 10, no rate above 2.

    Parameters
    ----------
    mx : (age,) or (age, draw), deaths per person-year, the last age open
    sex : "male" or "female"

    Returns
    -------
    two of (1,) or (draw,), years
    """
    mx = np.ascontiguousarray(np.reshape(mx, (len(mx), -1)), float)
    least, most = _levels(mx)
    return _e0(mx, most, sex), _e0(mx, least, sex)


def _levels(mx: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest factor on all rates; (draw,) each."""
    most = np.minimum(10.0, 1.99 / mx[:-1].max(axis=0))
    return np.full_like(most, 0.02), most


def _e0(mx: np.ndarray, factor: np.ndarray, sex: str) -> np.ndarray:
    alive, e0 = np.empty_like(factor), np.empty_like(factor)
    e0_of_factor(mx, factor, sex == "female", alive, e0)
    return e0


def level_factor(mx: np.ndarray, sex: str, e0: np.ndarray, near: np.ndarray | float = 1.0) -> np.ndarray:
    """Factor on all rates at which life expectancy reaches e0: a shift on the log scale.

    Parameters
    ----------
    mx : (age,) or (age, draw), deaths per person-year, the last age open
    sex : "male" or "female"
    e0 : (draw,), years
    near : (draw,), where the search begins, such as the factor of the year before

    Returns
    -------
    (draw,), dimensionless, to 1e-10 of a year

    Raises
    ------
    ValueError
        An e0 lies outside `e0_range`.
    """
    mx = np.ascontiguousarray(np.broadcast_to(np.reshape(mx, (len(mx), -1)), (len(mx), e0.size)), float)
    least, most = e0_range(mx, sex)
    if (e0 < least).any() or (e0 > most).any():
        raise ValueError(f"no level of the pattern has a life expectancy of {e0.min():.1f} to {e0.max():.1f}")
    low, high = (np.log(end) for end in _levels(mx))
    guess = np.broadcast_to(np.log(near), e0.shape)
    step = 1e-5
    for _ in range(60):
        value = _e0(mx, np.exp(guess), sex)
        miss = value - e0
        going = np.abs(miss) >= 1e-10  # a draw that has arrived stays as it is
        if not going.any():
            break
        low = np.where(miss > 0, guess, low)  # e0 falls as the level rises
        high = np.where(miss > 0, high, guess)
        newton = guess - miss * step / (_e0(mx, np.exp(guess + step), sex) - value)
        inside = (newton > low) & (newton < high)
        guess = np.where(going, np.where(inside, newton, 0.5 * (low + high)), guess)
    return np.exp(guess)


def period_deaths(deaths: np.ndarray, mx: np.ndarray) -> np.ndarray:
    """Deaths by completed age at death from deaths of cohorts by the age reached (Lexis split).

    Parameters
    ----------
    deaths : (..., sex, age, draw), cohort deaths by the age reached at the end of the year
    mx : same shape, rates of the year; male first

    Returns
    -------
    Same shape; the sum over ages is kept.
    """
    m0 = mx[..., 0, :]
    a0 = np.stack([infant_a0(m0[..., s, :], sex) for s, sex in enumerate(("male", "female"))], axis=-2)
    lost = 0.5 * mx  # a[x] m[x]: the share of L[x] missing from l[x+1]
    lost[..., 0, :] = a0 * m0
    later = 0.5 * mx[..., 1:, :]  # (1 - a[x+1]) m[x+1]
    # c[x] = (L[x] - l[x+1]) / (L[x] - L[x+1]) with l[x+1] = L[x] (1 - lost), L[x+1] = l[x+1] / (1 + later)
    c = lost[..., :-1, :] * (1.0 + later) / (later + lost[..., :-1, :])
    c[..., -1, :] = lost[..., -2, :]
    out = np.empty_like(deaths)
    out[..., 0, :] = deaths[..., 0, :] + c[..., 0, :] * deaths[..., 1, :]
    out[..., 1:-1, :] = (1.0 - c[..., :-1, :]) * deaths[..., 1:-1, :] + c[..., 1:, :] * deaths[..., 2:, :]
    out[..., -1, :] = (1.0 - c[..., -1, :]) * deaths[..., -1, :]
    return out
