"""Places, however many, and the routes between them.

A route leads from one place to another. Routes are numbered by where they begin, then by where they lead, so whatever
moves lies in arrays of one row a route: what leaves a place by a route is what arrives by it, in the same number.
"""

from __future__ import annotations

from functools import cache

import numpy as np


@cache
def routes(places: int) -> tuple[tuple[int, int], ...]:
    """Where each route begins and leads.

    Examples
    --------
    >>> routes(2)
    ((0, 1), (1, 0))
    """
    return tuple((origin, other) for origin in range(places) for other in range(places) if other != origin)


def route(origin: int, destination: int, places: int) -> int:
    """Number of a route.

    Examples
    --------
    >>> route(1, 0, places=2)
    1
    """
    return routes(places).index((origin, destination))


def by_route(matrix: np.ndarray) -> np.ndarray:
    """A matrix (from, to, ...) as (route, ...); nobody moves from a place to itself.

    Examples
    --------
    >>> by_route(np.array([[0.0, 0.1], [0.2, 0.0]])).tolist()
    [0.1, 0.2]
    """
    return np.stack([matrix[pair] for pair in routes(matrix.shape[0])]) if len(matrix) > 1 else matrix[0, :0]


def by_origin(moves: np.ndarray, places: int) -> np.ndarray:
    """The same numbers as (place, other place, ...): the routes of each place side by side."""
    return moves.reshape(places, places - 1, *moves.shape[1:])


def gained(moves: np.ndarray, places: int) -> np.ndarray:
    """What moves bring each place, less what they take from it; (place, ...), of (route, ...)."""
    out = np.zeros((places, *moves.shape[1:]), moves.dtype)
    for (origin, destination), moved in zip(routes(places), moves, strict=True):
        out[origin] -= moved
        out[destination] += moved
    return out


def came(after: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """By route the share of the people in its destination who came by it; shape of `moves`.

    Parameters
    ----------
    after : (place, ...), people after the moves; moves : (route, ...)
    """
    share = np.zeros_like(moves)
    for k, (_, destination) in enumerate(routes(after.shape[0])):
        np.divide(moves[k], after[destination], out=share[k], where=after[destination] > 0.0)
    return share


def carried(shares: np.ndarray, share: np.ndarray, axis: int) -> np.ndarray:
    """Shares of each place after moves: who comes carries those of where they come from.

    Parameters
    ----------
    shares : (place, ...), of what people are, along `axis`
    share : (route, ...), as `came` gives it, without that axis
    """
    out = shares.copy()
    for (origin, destination), new in zip(routes(shares.shape[0]), share, strict=True):
        out[destination] += np.expand_dims(new, axis - 1) * (shares[origin] - shares[destination])
    return out
