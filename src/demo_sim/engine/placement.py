"""Care setting of older persons at every year-end: at home, with services in the community, in a home, on the list.

Placement observes: it reads the persons after the demographic year and writes columns of its own, which no birth,
death, move or change of function reads.

A person has a lasting word, compared with the share of people like him or her who ask for a place; those whose level
improves beyond it leave again. So without limits those in homes are the share stated, and the same persons from year to
year. Where places are short, class by class the longest waiting come first, then the smallest word of person and year.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np

from demo_sim.demography.function import FIRST_AGE
from demo_sim.engine.care_cuts import CARE_FAMILIES, KIN_CLASSES, CareCuts, CareInputs
from demo_sim.engine.people import Population, chunks
from demo_sim.engine.persons import STORED, Persons
from demo_sim.engine.thresholds import cut
from demo_sim.errors import IdentityError
from demo_sim.kernels import placement as kernels
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.given import CareColumns, Clock, Priority, RankedColumns, Wishes
from demo_sim.kernels.kin import GRANDCHILD_CODE

FLOW_COUNT = 7


@dataclass
class YearCare:
    """Counts of agents at one year-end.

    Attributes
    ----------
    flows : int64 (kind, residence): applied, entered, died or left, recovered, displaced as beds closed, off the list
        by death or leaving, off the list as no longer eligible
    settings : int64 (2, residence), persons of 60 and over with services at home or in the community, in homes
    queue : int64 (4, class, residence), persons on the list, year-ends on it, those that who entered had spent, persons
        in homes
    """

    flows: np.ndarray
    settings: np.ndarray
    queue: np.ndarray


@dataclass
class Residents:
    """Persons of one draw with those of them, in agents, who were in homes and on the list at the last year-end."""

    population: Population
    draw: int = 0
    in_homes: int = 0
    waiting: int = 0

    def __post_init__(self) -> None:
        self.population.persons.reserve_care()


def place(
    residents: Residents,
    year: int,
    cuts: CareCuts,
    inputs: CareInputs,
    family: np.ndarray | None = None,
    pool: Executor | None = None,
) -> YearCare:
    """Bring the care setting of the persons of one draw to a year-end.

    Parameters
    ----------
    residents : the columns `setting`, `waiting` and `lived` of its persons are changed, nothing else of them
    year : the year that ends
    cuts, inputs : of the year-end
    family : uint8 (row,), kin of each person, or None where kin are not followed
    pool : where given, pieces of work are shared among threads; results do not depend on it

    Raises
    ------
    IdentityError
        Entries, those waiting and those who left the list are not those who asked, or homes hold more than they can.
    """
    work = _Work(residents, year, cuts, inputs, family, pool)
    flows, ranked, users = work.rank()
    classes = len(inputs.classes)
    persons = residents.population.persons
    queue = np.zeros((4, classes, persons.at.places), np.int64)
    chosen = choose_places(
        ranked.rank, ranked.word, _ranks(classes), cuts.places, partial(_idents, persons, ranked.row)
    )
    kernels.settle(
        ranked.row, ranked.rank, chosen, persons.setting, persons.waiting, persons.lived, classes, flows, queue
    )
    _serve(persons, users, cuts.service_places)
    care = YearCare(flows, work.count_settings(), queue)
    _check(residents, care, year, cuts.places)
    residents.in_homes, residents.waiting = int(care.settings[1].sum()), int(queue[0].sum())
    return care


def _joined(parts: Sequence[RankedColumns]) -> RankedColumns:
    """Parts in their order."""
    return RankedColumns(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _ranks(classes: int) -> int:
    """Ranks: residents of homes by class, then those on the list by class and years."""
    return classes * (kernels.LONGEST + 2)


def choose_places(
    rank: np.ndarray, word: np.ndarray, ranks: int, places: int, idents: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Mark exactly `places` persons, or all: the lowest ranks, within one the smallest words, ties by id.

    Parameters
    ----------
    rank : uint16 (n,), below `ranks`
    word : uint32 (n,)
    places : how many are chosen
    idents : ids of the persons at some positions

    Returns
    -------
    uint8 (n,), 1 for the chosen
    """
    chosen, edge = np.empty(rank.size, np.uint8), np.empty(rank.size, np.int64)
    found, missing = kernels.rank_admitted(rank, word, ranks, places, chosen, edge)
    at = edge[:found]
    if found:
        order = np.lexsort((idents(at), word[at]))
        chosen[at[order[:missing]]] = 1
    return chosen


def _idents(persons: Persons, rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Ids of the persons at some positions of `rows`."""
    rows = rows[at]
    table = persons.segments
    segment = np.searchsorted(table.start, rows, side="right") - 1
    upper = table.upper[segment]
    stored = upper == STORED
    out = (upper << np.uint64(32)) | (rows - table.start[segment]).astype(np.uint64)
    out[stored] = persons.ident[rows[stored] - persons.base_rows]
    return out


def _serve(persons: Persons, users: RankedColumns, places: np.ndarray) -> None:
    """Give the limited places of each service to those at home with the smallest words."""
    for service in np.flatnonzero(places >= 0).tolist():
        mine = (users.rank == service) & (persons.setting[users.row] != kernels.INSTITUTION)
        row, word = users.row[mine], users.word[mine]
        rank = np.zeros(row.size, np.uint16)
        chosen = choose_places(rank, word, 1, int(places[service]), partial(_idents, persons, row))
        persons.setting[row[chosen == 1]] = kernels.COMMUNITY


class _Work:
    """Older persons of one draw at one year-end, in chunks for the threads."""

    def __init__(
        self,
        residents: Residents,
        year: int,
        cuts: CareCuts,
        inputs: CareInputs,
        family: np.ndarray | None,
        pool: Executor | None,
    ) -> None:
        self.population, self.year, self.cuts, self.inputs = residents.population, year, cuts, inputs
        self.key = self.population.key_of(residents.draw)
        self.items = self.population.items(year + 1)  # ages at this year-end
        pieces = self.items.of_draw(residents.draw)
        pieces = pieces[self.items.segments.age[pieces[:, 0]] >= FIRST_AGE]
        self.chunks = chunks(pieces)
        self.run = map if pool is None else pool.map
        self.family = np.zeros(0, np.uint8) if family is None else family
        self.kin_of = _kin_of()
        self.ask, self.stay = self._wishes()

    def _wishes(self) -> tuple[np.ndarray, np.ndarray]:
        """Cuts of asking for a place, by kin class, and of staying, which kin do not decide."""
        use, factors = self.cuts.use, self.cuts.factors
        if self.family.size == 0:
            share = np.repeat(use[..., None], KIN_CLASSES, axis=-1)
        else:
            # the factors keep the mean of each level, so that needs and wishes agree
            wanted = self._kin_counts() * use[..., None]
            total, weighted = wanted.sum(axis=(0, 2)), (wanted * factors).sum(axis=(0, 2))
            mean = np.divide(weighted, total, out=np.ones_like(total), where=total > 0.0)
            share = use[..., None] * factors / mean[:, None]
            share[..., kernels.AVERAGE_KIN] = use
        return cut(share), cut(share.max(axis=-1))

    def _tops(self) -> np.ndarray:
        """Largest cuts of a wish and of two services among the intact; the words of later ones are not at hand."""
        used = [*self.cuts.community[:, :, 0].max(axis=1).tolist(), 0, 0]
        return np.array([self.ask[:, 0].max(), used[0], 1 << 32 if any(used[2:]) else used[1]], np.uint64)

    def _kin_counts(self) -> np.ndarray:
        """Agents of 60 and over by residence, level and kin class; expected ones where levels are drawn."""
        p, at = self.population.persons, self.population.persons.at

        def count(pieces: np.ndarray) -> np.ndarray:
            out = np.zeros((2, self.population.ages - FIRST_AGE, at.away + at.places, KIN_CLASSES), np.int64)
            kernels.count_kin(
                pieces,
                self.items.segments.sex,
                self.items.segments.age,
                p.code,
                self.family,
                self.kin_of,
                FIRST_AGE,
                out,
            )
            return out

        found = np.sum(list(self.run(count, self.chunks)), axis=0)[:, :, 1 : at.away]
        found = found.reshape(*found.shape[:2], at.places, LEVELS, KIN_CLASSES)
        if not self.cuts.drawn:
            return np.asarray(found.sum(axis=(0, 1)))
        shares = np.diff(self.cuts.level / 2.0**32, axis=-1, prepend=0.0)
        return np.einsum("sxrk,sxrl->rlk", found.sum(axis=3), shares)

    def rank(self) -> tuple[np.ndarray, RankedColumns, RankedColumns]:
        """Flows by death, leaving and recovery; who lives in a home or asks for it; users of limited services."""
        parts = list(self.run(self._rank_chunk, self.chunks))
        flows = np.sum([part[0] for part in parts], axis=0)
        return flows, _joined([part[1] for part in parts]), _joined([part[2] for part in parts])

    def _rank_chunk(self, pieces: np.ndarray) -> tuple[np.ndarray, RankedColumns, RankedColumns]:
        p, items, cuts, terms = self.population.persons, self.items, self.cuts, self.inputs.terms
        limited = cuts.service_places >= 0
        room = int((pieces[:, 2] - pieces[:, 1]).sum())
        ranked, users = _room(room), _room(room * int(limited.sum()))
        flows = np.zeros((FLOW_COUNT, p.at.places), np.int64)
        wishes = Wishes(cuts.drawn, cuts.level, self.ask, self.stay, cuts.community, limited, self._tops())
        priority = Priority(
            self.inputs.class_of, cuts.attributes, terms.group, terms.age, terms.needs, terms.allowed,
            len(self.inputs.classes),
        )  # fmt: skip
        found, listed = kernels.rank_older(
            p.at.each, pieces, items.segments, p.columns, self.family, self.kin_of,
            CareColumns(p.setting, p.waiting, p.lived), Clock(np.uint64(self.year), *self.key), FIRST_AGE, wishes,
            priority, flows, ranked, users,
        )  # fmt: skip
        return flows, _first(ranked, found), _first(users, listed)

    def count_settings(self) -> np.ndarray:
        """Agents of 60 and over by care setting and residence."""
        p, at = self.population.persons, self.population.persons.at

        def count(pieces: np.ndarray) -> np.ndarray:
            out = np.zeros((2, at.places), np.int64)
            kernels.count_settings(pieces, p.code, p.setting, out)
            return out

        return np.asarray(np.sum(list(self.run(count, self.chunks)), axis=0))


def _room(size: int) -> RankedColumns:
    return RankedColumns(np.empty(size, np.int32), np.empty(size, np.uint16), np.empty(size, np.uint32))


def _first(ranked: RankedColumns, count: int) -> RankedColumns:
    return RankedColumns(ranked.row[:count], ranked.rank[:count], ranked.word[:count])


def _kin_of() -> np.ndarray:
    """Kin class of each family code of adults: grandchild * 60 + partner * 12 + children * 3 + born."""
    out = np.full(CARE_FAMILIES, kernels.AVERAGE_KIN, np.uint8)
    for code in range(2 * GRANDCHILD_CODE):
        partner, children = code % GRANDCHILD_CODE // 12, code % 12 // 3
        out[code] = kernels.SPOUSE if partner >= 2 else kernels.OTHER_KIN if children else kernels.NOBODY
    return out


def _check(residents: Residents, care: YearCare, year: int, places: int) -> None:
    """Nobody is lost from homes and list, and homes hold no more than their places."""
    flows, waiting = care.flows.sum(axis=1), int(care.queue[0].sum())
    in_homes = int(care.settings[1].sum())
    asked = residents.waiting + flows[kernels.APPLIED] + flows[kernels.DISPLACED]
    settled = flows[kernels.ENTERED] + waiting + flows[kernels.GONE_WAITING] + flows[kernels.RECOVERED_WAITING]
    stay = residents.in_homes + flows[kernels.ENTERED]
    stay -= flows[kernels.DIED_OR_LEFT] + flows[kernels.RECOVERED] + flows[kernels.DISPLACED]
    if asked != settled or stay != in_homes or in_homes > max(places, 0):
        raise IdentityError(
            f"{year}年末养老机构入住与轮候不平衡：申请 {asked}，入住、轮候和退出 {settled}；"
            f"应在院 {stay}，实在院 {in_homes}，床位 {places}（个体数）",
            f"{year}: homes and their list do not balance: {asked} asked, {settled} entered, wait or left; "
            f"{stay} should live in homes, {in_homes} do, places {places} (agents)",
        )
