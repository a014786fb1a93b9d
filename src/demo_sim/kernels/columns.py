"""What a person of some places can be, and the two tables of a year: cuts that are read and counts that are written.

Both tables have one row a draw, sex and age on 1 January, so that all that one person needs lies side by side in the
cache and takes one index. In the comments `r` is a place, `d` one of the other places in their order, `h` half of the
year, `f` a level below `LEVELS`; the routes of `space.places` are (r, d).
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from demo_sim.kernels._jit import inlined

LEVELS = 5
PARITIES = 4
MOST_PLACES = 11  # counts of living children by place are 5 bits each, in 64

# Places in the runs of `abroad`.
AWAY_DEATH, RETURN_FIRST, RETURN = range(3)


class Columns(NamedTuple):
    """Where everything begins, for so many places.

    A person's code is 0 for the dead, 1 + r * LEVELS + f in a place, `away` + r outside the region, from r.

    Attributes
    ----------
    places, others : places, and how many others each has
    away, outside, dead : first code of people outside; place of those outside and of the dead, where the log has one
    bands : cumulative cuts of the move word of who did not move before: leave in the first half, be re-coded then (d),
        move then (d), be re-coded in the second half (d), move then (d), leave then
    most : largest threshold of each of the four words
    move : r, bands
    again : r, re-coded (d), moved (d), left: second-half cuts of who moved in the first half
    leave : r, second-half external cut of who moved in the second half
    death : r, f, by the age on 1 January
    change : r, f, 5: cumulative cuts of the new level, staying last
    birth : r, parity, 2: cut of each of the two exposures
    abroad : r, 3: of people outside, death and cumulative cuts of a return
    back : h, r, f: cumulative cuts of the level of who returns
    twin : share of deliveries with two children
    boy : r
    newborn_death : r, sex
    newborn_move : r, sex: re-coded (d), moved (d), cumulative; left in the second half
    cuts : columns of cuts, uint64 thresholds of 32-bit words
    ends : code: change of the year-end count against nobody having an event
    died : r, f
    left, entered : h, r: external leavers; people who return
    moved : h, kind (moved, re-coded), r, d
    gave_birth : exposure, r: children
    newborn : r, sex: born, died, re-coded (d), moved (d), left, by the age of the mother
    counts : columns of counts, int64
    """

    places: int
    others: int
    away: int
    outside: int
    dead: int
    bands: int
    most: int
    move: int
    again: int
    leave: int
    death: int
    change: int
    birth: int
    abroad: int
    back: int
    twin: int
    boy: int
    newborn_death: int
    newborn_move: int
    cuts: int
    ends: int
    died: int
    left: int
    entered: int
    moved: int
    gave_birth: int
    newborn: int
    counts: int

    @property
    def each(self) -> tuple[int, ...]:
        """What kernels are given, from which `layout` makes the same."""
        return (0,) * self.places


@inlined
def layout(each):
    """Columns of the places there are; `each` has one number for each place.

    How many there are is known when a kernel is compiled, for it is part of the type: nothing here is left to be worked
    out when it runs.
    """
    r, d, two = len(each), len(each) - 1, 2
    away, bands, other = 1 + r * LEVELS, 2 + 4 * d, 1 + 2 * d
    most = 0
    move = most + 4
    again = move + r * bands
    leave = again + r * other
    death = leave + r
    change = death + r * LEVELS
    birth = change + r * LEVELS * LEVELS
    abroad = birth + r * PARITIES * two
    back = abroad + r * 3
    twin = back + two * r * LEVELS
    boy = twin + 1
    newborn_death = boy + r
    newborn_move = newborn_death + r * two
    cuts = newborn_move + r * two * other
    ends = 0
    died = ends + away
    left = died + r * LEVELS
    entered = left + two * r
    moved = entered + two * r
    gave_birth = moved + two * two * r * d
    newborn = gave_birth + two * r
    counts = newborn + r * two * (two + other)
    return Columns(
        r, d, away, r, r + 1, bands,
        most, move, again, leave, death, change, birth, abroad, back, twin, boy, newborn_death, newborn_move, cuts,
        ends, died, left, entered, moved, gave_birth, newborn, counts,
    )  # fmt: skip


@cache
def columns(places: int) -> Columns:
    """Columns of so many places.

    Examples
    --------
    >>> columns(2).away, columns(3).bands
    (11, 10)
    """
    out: Columns = layout.py_func((0,) * places)  # type: ignore[attr-defined]
    return out
