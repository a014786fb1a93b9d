"""What kernels are given together, by name: arrays that belong to one another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class SegmentColumns(NamedTuple):
    """What is the same for all rows of a segment; int64 (segment,) each, but for the ids.

    Attributes
    ----------
    cell : row of the tables, by draw, sex and age on 1 January; the last age is open
    sex, age, draw : sex (0 male), age on 1 January, draw
    upper : uint64, upper half of the ids where these are positions; all ones where they are stored
    role : whom its people follow, see `together`
    start : first row
    """

    cell: np.ndarray
    sex: np.ndarray
    age: np.ndarray
    draw: np.ndarray
    upper: np.ndarray
    role: np.ndarray
    start: np.ndarray


class PersonColumns(NamedTuple):
    """Columns of persons, one entry a row.

    Attributes
    ----------
    code : uint8, see `columns`; born : uint8, children ever born; mother : int32, row
    ident, ident_from : uint64 ids of the rows from `ident_from` on
    """

    code: np.ndarray
    born: np.ndarray
    mother: np.ndarray
    ident: np.ndarray
    ident_from: int


class KinColumns(NamedTuple):
    """Columns of families, one entry a row: int32 rows, uint8 states, and living children by place."""

    father: np.ndarray
    partner: np.ndarray
    union: np.ndarray
    spouse: np.ndarray
    kids: np.ndarray


class Clock(NamedTuple):
    """Year, and key of the first draw (uint64 each); the key of each other draw is its number more."""

    year: np.uint64
    k0: np.uint64
    k1: np.uint64


class NewbornColumns(NamedTuple):
    """Newborns alive at the year-end: int32 row of the mother, uint16 twice the draw plus the sex, code, id."""

    mother: np.ndarray
    group: np.ndarray
    code: np.ndarray
    ident: np.ndarray


class Households(NamedTuple):
    """Who moves with whom.

    Attributes
    ----------
    together : uint64 (draw, 2), cuts of a household's word for moving and for being re-coded as one
    partner : int32, rows
    led : uint8 (row,), of leaders with an event, the code before it and whether they move: written for leaders, read
        for those who follow, who are lived after them; without room everybody moves alone
    """

    together: np.ndarray
    partner: np.ndarray
    led: np.ndarray


class UnionCuts(NamedTuple):
    """Cuts of unions, uint64 (birth year,) through all draws.

    Attributes
    ----------
    first, again, divorce : of a first marriage, of another one, of a divorce, of women
    widow : (sex, birth year), of the death of a partner who has no row
    """

    first: np.ndarray
    again: np.ndarray
    divorce: np.ndarray
    widow: np.ndarray


class Market(NamedTuple):
    """Men of an age to marry, by birth year through all draws.

    Attributes
    ----------
    ages : birth years of a draw
    gaps : uint64 (birth year, gap), cumulative cuts of husband minus wife in years, -10 first
    men, men_from : int64 (segment, 2), first and past-the-last row, and where each birth year begins among them
    cursor : int64 (birth year, place, 2), segment and row from which the next unmarried man is looked for; moves on
    """

    ages: int
    gaps: np.ndarray
    men: np.ndarray
    men_from: np.ndarray
    cursor: np.ndarray


class CareColumns(NamedTuple):
    """Care setting, years on the list for a home, place at the last year-end of who is in either; uint8."""

    setting: np.ndarray
    waiting: np.ndarray
    lived: np.ndarray


class Wishes(NamedTuple):
    """Cuts of what older people want.

    Attributes
    ----------
    drawn : whether levels are drawn, else the code holds them
    level_cuts : uint64 (sex, age, place, 5), cumulative
    ask : uint64 (place, level, kin class), cut of the wish to live in a home
    stay : uint64 (place, level), cut below which a resident of a home stays there
    community : uint64 (service, place, level), cuts of the use of services
    limited : bool (service,), whether its places are limited; its users are then listed instead
    tops : uint64 (3,), largest cuts of the wish and of two services among the intact
    """

    drawn: bool
    level_cuts: np.ndarray
    ask: np.ndarray
    stay: np.ndarray
    community: np.ndarray
    limited: np.ndarray
    tops: np.ndarray


class Priority(NamedTuple):
    """Classes of those who ask for a home.

    Attributes
    ----------
    class_of : uint8 (129,), class of families that attributes tell apart, of each family code
    attribute : uint64 (attribute, class of families, sex, age, place, level), cuts
    term_class, term_age, term_needs : int64 (term,), (term, 2) ages from and to, attributes as bits
    term_allowed : bool (term, place, sex, level, family), the last family is the unknown one
    classes : number of classes; who meets no term is in the last
    """

    class_of: np.ndarray
    attribute: np.ndarray
    term_class: np.ndarray
    term_age: np.ndarray
    term_needs: np.ndarray
    term_allowed: np.ndarray
    classes: int


class RankedColumns(NamedTuple):
    """Int32 rows of persons, with their uint16 rank (a service where those are meant) and uint32 order of equals."""

    row: np.ndarray
    rank: np.ndarray
    word: np.ndarray


class Women(NamedTuple):
    """Rows of women of some segments who found their families.

    Attributes
    ----------
    start, stop : rows; first, upper : first row and upper id of the segment
    born_in : birth year, counted from the first cohort of mothers
    group : where they are: a place, away from one, or after these dead
    """

    start: np.ndarray
    stop: np.ndarray
    first: np.ndarray
    upper: np.ndarray
    born_in: np.ndarray
    group: np.ndarray


class PastCuts(NamedTuple):
    """Cuts of the past, uint64 but for the ages at birth; `child` is a birth year from the oldest age on.

    Attributes
    ----------
    never : (cohort, group), of never having married, for the childless
    divorced : (cohort,)
    gaps : (cohort, gap), cumulative, of husband minus wife in years, -10 first
    husband_alive : (cohort of the husband, 2), of being alive, and of that or of having had a successor
    husband_place : (cohort of the wife, group, place), cumulative
    father_unknown : of all, a single number; one_more : (cohort,), of one child more than drawn, for mothers
    birth_age : float64 (cohort, age from 15), cumulative shares of births by age
    boy : (child,); alive : (child, sex, 2), survival to the start, of an only child and of others
    child_place : (child, sex, group, place), cumulative
    """

    never: np.ndarray
    divorced: np.ndarray
    gaps: np.ndarray
    husband_alive: np.ndarray
    husband_place: np.ndarray
    father_unknown: np.ndarray
    one_more: np.ndarray
    birth_age: np.ndarray
    boy: np.ndarray
    alive: np.ndarray
    child_place: np.ndarray


class Pools(NamedTuple):
    """Rows that are still to be given away: of men by (cohort, place), of all by (child, sex, place); int64 each."""

    man_next: np.ndarray
    man_stop: np.ndarray
    child_next: np.ndarray
    child_stop: np.ndarray
