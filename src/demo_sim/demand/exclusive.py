"""Groups that exclude each other, such as living arrangements: chances by what relatives allow, fitted to shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ROUNDS = 300
_PASSES = 3  # a set of choices that asks too much is cut in the first, and its neighbours in the next
_CLOSE = 1e-10
_LEAST = 1e-12  # weight of a choice that is wanted: where all who can choose another do, it goes towards nought


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
    everyone = people.sum(axis=0)
    whole = wanted.sum(axis=0)
    wanted = wanted * np.divide(everyone, whole, out=np.ones_like(whole), where=whole > everyone)
    open_to = np.concatenate([possible, np.ones((1, possible.shape[1]), bool)])
    weights = np.zeros((len(open_to), *everyone.shape))
    going = np.ones(everyone.shape, bool)  # what has arrived stays: it does not wait for the others
    for _ in range(_PASSES):
        target = np.concatenate([wanted, (everyone - wanted.sum(axis=0))[None].clip(0.0)])
        scaled, found = _scale(people, open_to, target)
        weights = np.where(going, scaled, weights)
        # Where those who can choose are too few, the rest of them goes to none, not to the other choices.
        within_reach = np.minimum(wanted, found[:-1])
        going &= (wanted - within_reach > _CLOSE * everyone).any(axis=0)
        if not going.any():
            break
        wanted = within_reach
    return weights


def _scale(people: np.ndarray, open_to: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights by which people spread over choices as in `target`, and how they do; both as `target`."""
    everyone = people.sum(axis=0)
    weights = np.full(target.shape, 1.0 / len(target))
    going = np.ones(everyone.shape, bool)
    for _ in range(_ROUNDS):
        whole = np.stack([weights[choices].sum(axis=0) for choices in open_to.T])
        part = np.divide(people, whole, out=np.zeros_like(whole), where=whole > 0.0)
        found = weights * np.stack([part[patterns].sum(axis=0) for patterns in open_to])
        going &= (np.abs(found - target) > _CLOSE * everyone).any(axis=0)
        if not going.any():
            break
        better = weights * np.divide(target, found, out=np.zeros_like(found), where=found > 0.0)
        better = np.where(target > 0.0, np.maximum(better / np.maximum(better.sum(axis=0), _LEAST), _LEAST), 0.0)
        weights = np.where(going, better, weights)
    return weights, found


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
