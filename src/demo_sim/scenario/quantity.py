"""The one type for every number of a scenario: a small table of rows with keys.

A constant, a dated path, a row set of the assumptions register and a value with a band
are all a `Quantity`; what differs is only which keys its rows fill in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from demo_sim.vocab import STATUSES

ASKED = ("cohort", "sex", "residence", "age", "level", "name")  # keys besides the year, in the order they are asked in
OBSERVED = ("published", "reported", "fitted", "derived")


@dataclass(frozen=True)
class Location:
    """Where a value was written: file as shown to the user, line (1-based), dotted path.

    Line 0 stands for a place without lines, such as `--set fertility.tfr`.
    """

    file: str
    line: int
    path: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Row:
    """One number with the keys it holds for; an empty key holds for all.

    `low` and `high` are the 10th and 90th percentile of belief; None means the number is
    not drawn. `known` is the last year-end that a fitted number rests on, whatever year it is
    for. `id` names the register row set, or the scenario path of a literal.
    """

    value: float
    low: float | None = None
    high: float | None = None
    year: int | None = None
    cohort: str = ""
    sex: str = ""
    residence: str = ""
    age: str = ""
    level: str = ""
    name: str = ""
    id: str = ""
    status: str = "assumed"
    known: int | None = None

    @property
    def drawn(self) -> bool:
        """Whether the number has a band to draw from."""
        return self.low is not None and self.high is not None

    def observed_after(self, limit: int | None) -> bool:
        """Whether it is a published or derived number of a year after `limit`, or fitted to such numbers."""
        if limit is not None and self.known is not None:
            return self.known > limit
        return limit is not None and self.status in OBSERVED and self.year is not None and self.year > limit

    @property
    def observed_year(self) -> int | None:
        """Year-end that it tells of; a forecast of a fit tells of none later than it knows."""
        if self.year is None or self.known is None:
            return self.year
        return min(self.year, self.known)


@dataclass(frozen=True)
class Source:
    """One row set that a quantity took in: a register id, or a literal of the scenario."""

    id: str
    source: str
    status: str
    unit: str
    label: str = ""


@dataclass(frozen=True)
class Quantity:
    """A value of the scenario, resolved: rows, unit, provenance and where it was written.

    `at` is `draw` (bands are drawn from), or `low`, `value`, `high` (held there).
    `region` is the register's name of the region whose rows were taken.
    `dropped` counts the dated observations that `known_until` forbids to read.
    """

    path: str
    rows: tuple[Row, ...]
    unit: str
    where: Location
    sources: tuple[Source, ...] = field(default=())
    at: str = "draw"
    region: str = ""
    dropped: int = 0

    @property
    def status(self) -> str:
        """Weakest status among the sources: what is borrowed is somebody else's assumption."""
        return max((s.status for s in self.sources), key=STATUSES.index, default="assumed")

    @property
    def source(self) -> str:
        """Where the numbers come from, in words."""
        return "; ".join(dict.fromkeys(s.source for s in self.sources))


def rows_for(rows: Sequence[Row], keys: Mapping[str, str]) -> list[int]:
    """Places of the rows that hold for some keys; none where the number is not given for them.

    A filled key wins over an empty one; a key that is not asked for must be empty, or the same in all rows left.

    Examples
    --------
    >>> rows = [Row(0.1, age="60-79"), Row(0.4, age="80+"), Row(0.6, age="80+", sex="female")]
    >>> rows_for(rows, {"age": "80+", "sex": "male"}), rows_for(rows, {"age": "80+", "sex": "female"})
    ([1], [2])
    """
    chosen = list(range(len(rows)))
    for key in ASKED:
        wanted = keys.get(key, "")
        exact = [i for i in chosen if getattr(rows[i], key) == wanted]
        blank = [i for i in chosen if getattr(rows[i], key) == ""]
        if not exact and not blank and not wanted and len({getattr(rows[i], key) for i in chosen}) == 1:
            blank = chosen  # a key that takes one value only need not be asked for
        chosen = exact or blank
    return chosen


def value_at(rows: Sequence[Row], year: int, keys: Mapping[str, str]) -> float | None:
    """Stated value at a year: linear between dated rows, held before the first and after the last; None for none."""
    chosen = [rows[i] for i in rows_for(rows, keys)]
    if not chosen:
        return None
    dated = sorted({row.year: row.value for row in chosen if row.year is not None}.items())
    if not dated:
        return chosen[-1].value
    before = [item for item in dated if item[0] <= year]
    after = [item for item in dated if item[0] > year]
    if not before or not after:
        return (before[-1:] or after)[0][1]
    (first, low), (last, high) = before[-1], after[0]
    return low + (high - low) * (year - first) / (last - first)
