"""The project's own tables: what columns each kind has, and how ages are written in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

Age = tuple[int, int | None]
HIGHEST_AGE = 130

SEXES = ("male", "female")
RESIDENCES = ("urban", "rural")
ABILITY_LEVELS = ("intact", "mild", "moderate", "severe", "total")


@dataclass(frozen=True)
class Layout:
    """Columns of one kind of table and the rules its ages follow.

    `ages` is `whole` (from 0 to an open group), `closed` (a range without open group) or
    `range` (any range).
    """

    keys: tuple[str, ...]
    measure: str
    optional: frozenset[str] = frozenset()
    ages: str = "whole"
    yearly: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, keys first."""
        return (*self.keys, self.measure)


LAYOUTS: dict[str, Layout] = {
    "population": Layout(("residence", "sex", "age"), "population", frozenset({"residence"})),
    "template": Layout(("date", "sex", "age"), "population"),
    "mortality": Layout(("year", "residence", "sex", "age"), "mx", frozenset({"residence"}), yearly=True),
    "standard": Layout(("year", "sex", "age"), "mx"),
    "fertility": Layout(("year", "residence", "age"), "asfr", frozenset({"residence"}), "closed", True),
    "schedule": Layout(("year", "age"), "asfr", ages="closed"),
    "migration": Layout(("year", "residence", "sex", "age"), "net_migration", frozenset({"residence"}), yearly=True),
    "prevalence": Layout(
        ("residence", "sex", "age", "function"), "prevalence", frozenset({"residence", "sex"}), "range"
    ),
}
COUNTS = frozenset({"population", "net_migration"})  # measures that are persons; the others are rates


def read_age(text: str) -> Age | None:
    """Lowest and highest age of `37`, `35-39` or `100+` (highest None); None where it is none of them.

    >>> read_age("35-39"), read_age("100+"), read_age("old")
    ((35, 39), (100, None), None)
    """
    match = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3})|(\+))?", text, re.ASCII)
    if match is None:
        return None
    low = int(match[1])
    high = None if match[3] else int(match[2] or match[1])
    return (low, high) if low <= HIGHEST_AGE and (high is None or high >= low) else None


def age_text(age: Age) -> str:
    """An age group as it is written in tables.

    >>> age_text((0, 0)), age_text((85, None))
    ('0', '85+')
    """
    low, high = age
    if high is None:
        return f"{low}+"
    return f"{low}" if low == high else f"{low}-{high}"
