"""What the uncertain inputs explain of a result over the draws: its driver, families of inputs, the error of a share.

First-order shares (Sobol's S, the correlation ratio of Pearson): how much of the variance of a result lies between
classes of an input's quantile. A share that chance gives to an input without effect is taken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaincinv

from demo_sim.inputs.draws import Draws, Stream, streams_of
from demo_sim.kernels.sequence import SEQUENCES

_FEWEST = 200  # draws below which nothing is explained
CLASSES, MORE_CLASSES, DRAWS_FOR_MORE = 8, 16, 4000
FINE_CLASSES = 32  # of inputs that matter, where the error of a share asks for what is left
FAMILY_DECIDES, INPUT_DECIDES = 0.2, 0.05  # shares of a variance from which a family, an input in it, decides
FAMILY_WISE = 0.01  # chance that any input is named though none matters

# Families by the block of the scenario that an input stands in; what stands elsewhere says who counts as what.
INPUT_FAMILIES = {
    "population": ("population", "history", "unions", "mortality", "fertility", "migration", "urbanisation"),
    "function": ("function", "disability"),
    "use": ("services",),
    "supply": ("supply", "workforce"),
    "definition": ("groups", "reported", "outcomes", "placement"),
}


@dataclass(frozen=True)
class FamilyShare:
    """Part of a variance that a family of inputs explains, and its standard error."""

    share: float
    error: float


class Explained:
    """First-order shares of the uncertain inputs of a run.

    Parameters
    ----------
    draws : of its quantities, the run at stated values last
    person_draws : draws that were followed by persons; they take turns in the random draws
    last : year of the run whose chance by year is the last to count, with the family of the path that it moves; it is
        no input of its own, so no driver and no evidence
    """

    def __init__(self, draws: Draws, person_draws: int = 0, last: int = 0) -> None:
        self.streams, self.person_draws = draws.streams, person_draws
        self.n = draws.size - 1
        self.count = MORE_CLASSES if self.n >= DRAWS_FOR_MORE else CLASSES
        self._persons = draws.numbers[:-1] % max(person_draws, 1)
        yearly = draws.by_year(last)
        self._uniforms = np.concatenate([draws.uniforms, *yearly.values()])[:, :-1]
        family = _families(draws) + [_family(path) for path, years in yearly.items() for _ in years]
        self._family = np.array(family, dtype=np.str_)

    @cached_property
    def _classes(self) -> tuple[np.ndarray, np.ndarray]:
        """Class of each draw by each input and year, one after the other, and draws in each class."""
        inputs = len(self._uniforms)
        own = np.minimum((self._uniforms * self.count).astype(np.int64), self.count - 1)
        flat = (own + self.count * np.arange(inputs)[:, None]).ravel()
        return flat, np.bincount(flat, minlength=self.count * inputs)

    @cached_property
    def _bound(self) -> float:
        """What the variance ratio of an input without effect exceeds with the chance `FAMILY_WISE` over all inputs."""
        chance = FAMILY_WISE / max(len(self.streams), 1)
        return float(betaincinv((self.count - 1) / 2, (self.n - self.count) / 2, 1.0 - chance))

    def driver(self, values: np.ndarray) -> tuple[Stream | None, float]:
        """The input that explains most of the variance of a result, and its share; None and NaN where none stands out.

        Parameters
        ----------
        values : (draw,), of the random draws
        """
        ratios = self._ratios(values)[: len(self.streams)]
        if not ratios.size or ratios.max() <= self._bound:
            return None, float("nan")
        best = int(ratios.argmax())
        return self.streams[best], float(without_chance(ratios, self.count, self.n)[best])

    def families(self, values: np.ndarray) -> dict[str, FamilyShare]:
        """What each family of inputs explains; empty with fewer than 200 draws or where nothing varies.

        The shares are not cut at nought: cut, the many inputs without effect would add up to some. What they lack to 1
        is interaction between inputs and chance.
        """
        ratios = self._ratios(values)
        if not ratios.size:
            return {}
        shares, between = without_chance(ratios, self.count, self.n), self.count - 1
        # variance of a ratio of two sums of squares, the first one non-central, to first order
        effect = np.maximum(shares, 0.0) / (1.0 - np.minimum(shares, 1.0 - 1e-9))
        spread = 2.0 * between / self.n**2 + (4.0 * effect + 2.0 * effect**2) / self.n
        variance = (1.0 - np.clip(shares, 0.0, 1.0)) ** 4 * spread
        return {
            name: FamilyShare(
                float(shares[self._family == name].sum()), float(np.sqrt(variance[self._family == name].sum()))
            )
            for name in INPUT_FAMILIES
        }

    def deciding(self, values: np.ndarray) -> list[Stream]:
        """Inputs that explain more than a twentieth each, of the families that explain more than a fifth.

        Parameters
        ----------
        values : (draw,), of the random draws
        """
        ratios = self._ratios(values)
        if not ratios.size:
            return []
        shares = without_chance(ratios, self.count, self.n)
        weighty = [name for name in INPUT_FAMILIES if shares[self._family == name].sum() > FAMILY_DECIDES]
        found = np.flatnonzero(np.isin(self._family, weighty) & (shares > INPUT_DECIDES))
        return [self.streams[i] for i in found if i < len(self.streams)]

    def weighty(self, values: np.ndarray) -> dict[Stream, float]:
        """Inputs that explain more than a twentieth each and stand clear of chance, with their shares.

        Parameters
        ----------
        values : (draw,), of the random draws
        """
        ratios = self._ratios(values)[: len(self.streams)]
        shares = without_chance(ratios, self.count, self.n)
        return {
            self.streams[i]: float(shares[i])
            for i in np.flatnonzero((ratios > self._bound) & (shares > INPUT_DECIDES))
        }  # fmt: skip

    def error_of_share(self, met: np.ndarray, by_persons: bool = False) -> float:
        """Standard error of a share of draws.

        The draws spread every input evenly, so what single inputs explain does not enter the error (Stein 1987): it is
        sqrt(p (1 - p) (1 - sum of S) / n), and at least that of a step that cuts one part of each replicate. Persons of
        P draws take turns, so what they explain counts as P draws.

        Parameters
        ----------
        met : bool (draw,)
        by_persons : whether the result depends on persons

        Source: Stein 1987, Technometrics 29.
        """
        values, p = met.astype(float), float(met.mean())
        variance, ratios = p * (1.0 - p), self._ratios(met.astype(float))
        if not ratios.size:
            return float(np.sqrt(variance / max(self.n, 1)))
        shares = without_chance(ratios, self.count, self.n)
        for i in np.flatnonzero(ratios > self._bound):  # finer classes leave less of what the input explains
            fine = _ratio(values, (self._uniforms[i] * FINE_CLASSES).astype(np.int64), FINE_CLASSES)
            shares[i] = max(shares[i], float(without_chance(fine, FINE_CLASSES, self.n)))
        persons = 0.0
        if by_persons and 1 < self.person_draws < self.n:
            ratio = _ratio(values, self._persons, self.person_draws)
            persons = max(float(without_chance(ratio, self.person_draws, self.n)), 0.0)
        left = min(max(1.0 - float(shares.sum()) - persons, 0.0), 1.0)
        square = variance * (left / self.n + persons / max(self.person_draws, 1))
        return float(np.sqrt(max(square, SEQUENCES / 6.0 / self.n**2)))

    def _ratios(self, values: np.ndarray) -> np.ndarray:
        """Variance between classes over all variance, by input, then year; empty where nothing is to explain."""
        if self.n < _FEWEST or not len(self._uniforms) or not _varies(values):
            return np.zeros(0)
        centred = values - values.mean()
        flat, sizes = self._classes
        sums = np.bincount(flat, np.tile(centred, len(self._uniforms)), sizes.size)
        between = np.divide(sums**2, sizes, out=np.zeros(sizes.size), where=sizes > 0)
        return np.asarray(between.reshape(-1, self.count).sum(axis=1) / (centred**2).sum())


def _families(draws: Draws) -> list[str]:
    """Family of each input: that of the first path it is read by."""
    found: dict[Stream, str] = {}
    for path, quantity in draws.quantities.items():
        for stream in streams_of(quantity):
            found.setdefault(stream, _family(path))
    return [found[stream] for stream in draws.streams]


def _family(path: str) -> str:
    """Family of an input by its path."""
    block = path.partition(".")[0]
    return next((family for family, names in INPUT_FAMILIES.items() if block in names), "definition")


def _ratio(values: np.ndarray, classes: np.ndarray, count: int) -> float:
    """Variance between classes over all variance."""
    centred = values - values.mean()
    sums, sizes = np.bincount(classes, centred, count), np.bincount(classes, minlength=count)
    between = np.divide(sums**2, sizes, out=np.zeros(count), where=sizes > 0).sum()
    return float(between / (centred**2).sum())


def without_chance(ratio: np.ndarray | float, classes: int, draws: int) -> np.ndarray:
    """A variance ratio less what chance gives to classes without effect: the first-order share."""
    expected = (classes - 1) / (draws - 1)
    return (np.asarray(ratio) - expected) / (1.0 - expected)


def _varies(values: np.ndarray) -> bool:
    """Whether a result differs between draws by more than rounding."""
    return bool(np.isfinite(values).all() and np.ptp(values) > 1e-9 * max(float(np.abs(values).max()), 1e-12))
