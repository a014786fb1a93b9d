"""An autoregression of order 1 around a level: persistence, level, spread, and where it may go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from statsmodels.tsa.ar_model import AutoReg

MOST_PERSISTENT = 0.98
FEWEST = 12  # values from which persistence can be fitted


@dataclass(frozen=True)
class Autoregression:
    """x[t] = level + phi (x[t-1] - level) + e, e of standard deviation sigma.

    Attributes
    ----------
    phi, level, sigma : of the series
    phi_se : standard error of phi; None where phi was given
    centre : mean of the values that others follow
    drift_se : standard error of the yearly change there; 0 where the level was given
    freedom : degrees of freedom of sigma
    """

    phi: float
    level: float
    sigma: float
    phi_se: float | None
    centre: float
    drift_se: float
    freedom: int

    @property
    def sigma_se(self) -> float:
        """Standard error of sigma."""
        return float(self.sigma / np.sqrt(2.0 * self.freedom))

    def central(self, last: float, years: int) -> np.ndarray:
        """The path without chance; (year,)."""
        return np.asarray(self.level + (last - self.level) * self.phi ** np.arange(1, years + 1))

    def go_on(self, last: float, years: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        """Paths after the last value, persistence, level and spread drawn with their errors; (year, draw)."""
        phi = np.clip(self.phi + (self.phi_se or 0.0) * rng.standard_normal(draws), 0.0, MOST_PERSISTENT)
        sigma = self.sigma * np.sqrt(self.freedom / rng.chisquare(self.freedom, draws))
        # an intercept at the centre of the data and a slope have errors that are independent of each other
        pull = (1.0 - self.phi) * (self.level - self.centre) + self.drift_se * rng.standard_normal(draws)
        if not self.drift_se:
            pull = (1.0 - phi) * (self.level - self.centre)
        here, out = np.full(draws, last - self.centre), np.empty((years, draws))
        for t in range(years):
            here = pull + phi * here + sigma * rng.standard_normal(draws)
            out[t] = here
        return out + self.centre


def fit_autoregression(values: np.ndarray, level: float | None, phi: float | None) -> Autoregression:
    """Autoregression of a yearly series.

    Parameters
    ----------
    values : (year,), without gaps
    level : that the series goes to; fitted where None
    phi : persistence; fitted where None, from twelve values on
    """
    error = None
    if phi is None:
        if values.size < FEWEST:
            raise ValueError(
                f"年份少于 {FEWEST} 个，无法拟合持续性：请在 options.persistence 写明",
                f"fewer than {FEWEST} years: persistence cannot be fitted, name it in options.persistence",
            )
        if level is None:
            found = AutoReg(values, 1, trend="c").fit()
        else:
            found = AutoReg(values - level, 1, trend="n").fit()
        phi, error = float(found.params[-1]), float(found.bse[-1])
        if level is None:
            # least squares finds too little persistence in a short series (Marriott and Pope 1954, Kendall 1954)
            phi += (1.0 + 3.0 * phi) / values.size
        phi = float(np.clip(phi, 0.0, MOST_PERSISTENT))
    own = level if level is not None else float((values[1:] - phi * values[:-1]).mean() / (1.0 - phi))
    left = values[1:] - own - phi * (values[:-1] - own)
    freedom = left.size - (error is not None) - (level is None)
    if freedom < 1:
        raise ValueError("年份太少，看不出波动", "too few years to see a spread")
    sigma = float(np.sqrt((left**2).sum() / freedom))
    drift_se = sigma / float(np.sqrt(left.size)) if level is None else 0.0
    return Autoregression(phi, own, sigma, error, float(values[:-1].mean()), drift_se, freedom)
