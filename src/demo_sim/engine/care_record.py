"""Care settings of all draws and years as they are kept, in persons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from demo_sim.engine.care_cuts import CareInputs, care_cuts
from demo_sim.engine.ensemble import Ensemble
from demo_sim.engine.placement import Residents, YearCare, place
from demo_sim.kernels import placement as kernels
from demo_sim.vocab import CARE_FLOWS, CARE_SETTINGS


@dataclass
class CareRecord:
    """Persons of 60 and over by care setting, list and flows of some draws.

    Attributes
    ----------
    settings : (time, setting, residence, draw), in the community and in homes
    waiting : (time, class, residence, draw), on the list for a place
    homes : (time, class, residence, draw), in homes, by the class they would have on the list
    years : (time, class, draw), mean years that those on the list have waited, the last entry for all classes; 0 where
        nobody waits
    flows : (year, flow, residence, draw)
    waited : (year, draw), mean years that those who entered in the year had waited
    places : (time, draw), persons that the beds take
    """

    settings: np.ndarray
    waiting: np.ndarray
    homes: np.ndarray
    years: np.ndarray
    flows: np.ndarray
    waited: np.ndarray
    places: np.ndarray

    @classmethod
    def empty(cls, times: int, classes: int, residences: int, places: np.ndarray) -> CareRecord:
        """Room for so many year-ends."""
        draws = places.shape[1]
        return cls(
            np.zeros((times, len(CARE_SETTINGS), residences, draws)),
            np.zeros((times, classes, residences, draws)),
            np.zeros((times, classes, residences, draws)),
            np.zeros((times, classes + 1, draws)),
            np.zeros((times - 1, len(CARE_FLOWS), residences, draws)),
            np.zeros((times - 1, draws)),
            places,
        )

    def put(self, time: int, draw: int, care: YearCare, scale: float) -> None:
        """Keep one year-end of one draw; what happened before the first one is not known."""
        self.settings[time, :, :, draw] = care.settings * scale
        self.waiting[time, :, :, draw] = care.queue[0] * scale
        self.homes[time, :, :, draw] = care.queue[3] * scale
        # who came on the list in a year did so in its middle, on average
        listed, years = care.queue[0].sum(axis=1), (care.queue[1] - 0.5 * care.queue[0]).sum(axis=1)
        self.years[time, :, draw] = _mean(np.append(years, years.sum()), np.append(listed, listed.sum()))
        if time:
            self.flows[time - 1, :, :, draw] = care.flows * scale
            self.waited[time - 1, draw] = _mean(care.queue[2].sum(), care.flows[kernels.ENTERED].sum())

    @classmethod
    def joined(cls, parts: Sequence[CareRecord]) -> CareRecord:
        """All draws together."""
        return cls(
            *(np.concatenate(column, axis=-1) for column in zip(*(vars(p).values() for p in parts), strict=True))
        )

    def over_draws(self, change: Callable[[np.ndarray], np.ndarray]) -> CareRecord:
        """The record with every array changed."""
        return CareRecord(*(change(values) for values in vars(self).values()))

    def mean_and_error(self) -> tuple[CareRecord, CareRecord | None]:
        """The mean over draws and its standard error, None of a single one; years are means over persons."""
        listed = self.waiting.sum(axis=2)
        weights = {
            "years": np.concatenate([listed, listed.sum(axis=1, keepdims=True)], axis=1),
            "waited": self.flows[:, kernels.ENTERED].sum(axis=1),
        }
        draws, mean, error = self.places.shape[-1], {}, {}
        for name, values in vars(self).items():
            weight = weights.get(name, np.ones_like(values))
            mean[name] = _mean((values * weight).sum(axis=-1), weight.sum(axis=-1))
            away = (values - mean[name][..., None]) * weight
            spread = np.sqrt((away**2).sum(axis=-1) / max(draws - 1, 1))
            error[name] = _mean(spread, weight.mean(axis=-1)) / np.sqrt(draws)
        return CareRecord(**mean), CareRecord(**error) if draws > 1 else None

    def at(self, places: np.ndarray) -> CareRecord:
        """The draws at some places."""
        return self.over_draws(lambda values: values[..., places])

    def with_chance_of_persons(self, scale: float) -> CareRecord:
        """The record with the chance of each number brought to that of single persons, its mean kept.

        Of the variance over draws the part that counts of agents have by chance is shrunk. Where the beds are full, the
        number in homes is that of the beds and has none of it.

        Parameters
        ----------
        scale : persons that an agent stands for
        """
        out = self.over_draws(np.copy)
        if scale > 1.0 and self.places.shape[-1] > 1:
            out._shrink(scale)
        return out

    def _shrink(self, scale: float) -> None:
        institution = CARE_SETTINGS.index("institution")
        full = self.waiting.sum(axis=(1, 2)) > 0.0
        chance = {name: getattr(self, name).mean(axis=-1) * scale for name in ("settings", "waiting", "homes", "flows")}
        free = np.where(full, 0.0, scale)[:, None]
        chance["settings"][:, institution] = (free * self.settings[:, institution]).mean(axis=-1)
        chance["homes"][:, -1] = (free * self.homes[:, -1]).mean(axis=-1)  # the others take what the rest leaves
        for name, agents in chance.items():
            values = getattr(self, name)
            spread = values.var(axis=-1)
            wanted = np.maximum(spread - agents, 0.0) + agents / scale
            ratio = np.divide(wanted, spread, out=np.ones_like(spread), where=spread > 0.0)
            mean = values.mean(axis=-1, keepdims=True)
            values[:] = mean + (values - mean) * np.sqrt(np.minimum(ratio, 1.0))[..., None]


def _mean(total: np.ndarray, persons: np.ndarray) -> np.ndarray:
    """Total over persons, 0 where there is nobody."""
    return np.asarray(np.divide(total, persons, out=np.zeros(np.shape(total)), where=np.asarray(persons) > 0))


class CareObserver:
    """Places the older persons of an ensemble at every year-end, and keeps what is found."""

    def __init__(self, inputs: CareInputs, ensemble: Ensemble) -> None:
        self.inputs, self.ensemble = inputs, ensemble
        self.residents = [Residents(ensemble.population, draw) for draw in range(ensemble.setting.draws)]
        times = inputs.places.shape[0]
        places = inputs.places[:, : ensemble.setting.draws]
        self.record = CareRecord.empty(times, len(inputs.classes), ensemble.places, places)

    def observe(self, time: int, year: int, shares: np.ndarray | None, family: np.ndarray | None = None) -> None:
        """Bring all draws to a year-end.

        Parameters
        ----------
        time : index of the year-end
        year : the year that ends
        shares : (residence, sex, age from 60, level, draw), stated shares of levels where persons carry none
        family : uint8 (row,), kin of each person, where they are followed
        """
        scale = self.ensemble.setting.scale

        def one(draw: int, pool: Executor | None) -> YearCare:
            own = None if shares is None else shares[..., draw]
            cuts = care_cuts(self.inputs, time, own, scale, draw)
            return place(self.residents[draw], year, cuts, self.inputs, family, pool)

        for draw, care in enumerate(self.ensemble.each(one)):
            self.record.put(time, draw, care, scale)


assert len(CARE_FLOWS) == kernels.RECOVERED_WAITING + 1
