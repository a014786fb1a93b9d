"""Groups that exclude each other, such as living arrangements: chances by what relatives allow, fitted to shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.kernels.exclusive import fit_exclusive


def fit_weights(people: np.ndarray, possible: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Weights of exclusive choices by which people who have a choice spread as wanted (iterative scaling).

    A person chooses among what is possible in proportion to the weights; nobody is kept from none of them. More
    wanted than can choose is cut to these, more in all than there are people is cut in proportion.

    Parameters
    ----------
    people : (pattern, ...), people by what is possible for them
    possible : bool (choice, pattern)
    wanted : (choice, ...), people wanted in each

    Returns
    -------
    (choice + 1, ...), the last for none of them; they sum to 1
    """
    cells = people.shape[1:]
    open_to = np.ascontiguousarray(np.concatenate([possible, np.ones((1, possible.shape[1]), bool)]))
    out = np.empty((len(open_to), int(np.prod(cells))))
    flat = [np.ascontiguousarray(values.reshape(len(values), -1), float) for values in (people, wanted)]
    fit_exclusive(flat[0], open_to, flat[1], out)
    return out.reshape(-1, *cells)


@dataclass(frozen=True)
class Fitted:
    """A set of exclusive groups of a run.

    Attributes
    ----------
    members : ids
    patterns : by class of family, the number of its pattern
    possible : bool (member, pattern)
    weights : (member + 1, time, age, draw)
    known : (draw,) by id and year-end, persons wanted
    """

    members: tuple[str, ...]
    patterns: tuple[int, ...]
    possible: np.ndarray
    weights: np.ndarray
    known: dict[str, dict[int, np.ndarray]]

    def chances(self, name: str, ages: np.ndarray) -> list[np.ndarray]:
        """Chance to belong to a group by pattern; (time, age, draw) each. `ages` is bool (age,)."""
        weights, number = self.weights[:, :, ages], self.members.index(name)
        found = []
        for allowed in self.possible.T:
            whole = weights[:-1][allowed].sum(axis=0) + weights[-1]
            own = weights[number] * float(allowed[number])
            found.append(np.divide(own, whole, out=np.zeros_like(own), where=whole > 0.0))
        return found
