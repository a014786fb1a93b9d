"""What the person draws show together: shares of families, and how far each draw lies from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from demo_sim.block.expected import Expected, at_least_two
from demo_sim.block.persons import PersonsOfBlock
from demo_sim.demand.counting import Counter
from demo_sim.demand.deviations import Deviations, Seen, Watch, settle_factors
from demo_sim.demand.kin_counts import KinCounts, KinShares
from demo_sim.demand.needs import bridge_by_age, count_groups, count_needs
from demo_sim.demand.sizes import Projected
from demo_sim.inputs.build import Inputs
from demo_sim.inputs.draws import taking_turns

Map = Callable[[Callable[[PersonsOfBlock], dict[str, Seen]], Sequence[PersonsOfBlock]], Iterable[dict[str, Seen]]]


@dataclass(frozen=True)
class Relatives:
    """Families of all person draws together.

    Attributes
    ----------
    shares : pooled over the person draws
    deviations : of each person draw from them, by count
    replicates : pooled over the replicates at stated values
    persons : numbers of the person draws
    asked : person draws of the scenario, more than there are where some failed
    """

    shares: KinShares
    deviations: Deviations
    replicates: KinShares
    persons: np.ndarray
    asked: int

    def factors(self, numbers: np.ndarray) -> Mapping[str, np.ndarray]:
        """Factors of the counts of some draws; (time, residence, draw). Draw i has those of person draw i mod P.

        The run at stated values has none.
        """
        person = taking_turns(numbers, self.persons, self.asked)
        return {
            name: np.where(numbers < 0, 1.0, factor[..., person]) for name, factor in self.deviations.shrunk.items()
        }


def pool(
    inputs: Inputs, followed: Sequence[PersonsOfBlock], replicates: Sequence[PersonsOfBlock], each: Map
) -> Relatives | None:
    """Bring the person draws together, or None where no families are followed.

    Parameters
    ----------
    followed : persons of all person draws, in order; replicates : at stated values
    each : maps a function over blocks of persons
    """
    first = next(_families(followed), None)  # any: all have the same scale
    if first is None:
        return None
    shares = KinShares.pooled(_families(followed))
    parts = list(each(partial(observe, inputs, shares), followed))
    seen = {name: Seen.join([part[name] for part in parts]) for name in parts[0]}
    numbers = np.concatenate([persons.numbers for persons in followed])
    again = KinShares.pooled(_families(replicates))
    return Relatives(
        shares, settle_factors(seen, first.scale, numbers.size), again, numbers, inputs.options.person_draws
    )


def _families(persons: Sequence[PersonsOfBlock]) -> Iterator[KinCounts]:
    """Families of blocks of persons, one after the other: those that wait in files are read as they are asked for."""
    for block in persons:
        if (families := block.families) is not None:
            yield families


def observe(inputs: Inputs, shares: KinShares, persons: PersonsOfBlock) -> dict[str, Seen]:
    """What persons of some draws show of each count beyond the pooled shares."""
    families = persons.families
    assert families is not None
    expected = Expected.of(inputs, at_least_two(persons.numbers)).run()
    watch = Watch(families)
    people = projected(expected, shares, watch=watch)
    counter = Counter(people, expected.drawn.draws, inputs.populations, opening_groups(expected))
    count_groups(counter)
    count_needs(counter, inputs.resources)
    size = persons.numbers.size
    return {name: one.first(size) for name, one in watch.seen.items()}


def projected(
    expected: Expected,
    shares: KinShares | None,
    factors: Mapping[str, np.ndarray] | None = None,
    watch: Watch | None = None,
) -> Projected:
    """The population of an expected pass as rules are applied to it."""
    projection, grid = expected.projection, expected.inputs.grid
    return Projected(
        projection.persons,
        projection.shares,
        grid,
        bridge_by_age(expected.drawn.draws, expected.drawn.base.start),
        shares,
        {"deaths": projection.deaths()},
        factors or {},
        watch,
        projection.conditions,
    )


def opening_groups(expected: Expected) -> dict[str, np.ndarray]:
    """Groups that an earlier run left at the opening year-end; (residence, draw) by id."""
    earlier = expected.inputs.earlier
    if earlier is None:
        return {}
    return {name: earlier.at(values, expected.drawn.draws.numbers) for name, values in earlier.groups.items()}
