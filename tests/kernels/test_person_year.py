"""A year of persons against a slow twin: one person after another, stage by stage as the method tells it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from region import TWINS, Region, YearPlan, identities
from test_philox import philox_by_hand

from demo_sim.engine import people
from demo_sim.engine.events import YearEvents
from demo_sim.engine.people import Population
from demo_sim.engine.persons import Persons
from demo_sim.engine.thresholds import Thresholds
from demo_sim.kernels import person_year as module
from demo_sim.kernels import together
from demo_sim.space.places import routes

LEVELS = 5
NAMES = ("died", "left", "entered", "moved", "gave_birth", "newborn", "newborn_moved")


@dataclass
class Person:
    """One person; `place` is None for the dead, after all places outside, `age` is that of 1 January."""

    ident: int
    sex: int
    age: int
    place: int | None
    level: int
    born: int
    mother: int | None
    partner: int | None = None


class Twin:
    """Persons of one year, with the counters of `YearEvents` as tallies of index tuples."""

    def __init__(self, cuts: Thresholds, year: int, key: tuple[int, int], late: bool) -> None:
        views = [name for name, kind in vars(Thresholds).items() if isinstance(kind, property)]
        self.outside = cuts.at.places
        self.cuts = SimpleNamespace(**{name: getattr(cuts, name)[0] for name in views})
        self.year, self.key, self.late = year, key, late
        self.together: tuple[int, int] | None = None
        self.opening: dict[int, Person] = {}
        self.with_her: Counter[str] = Counter()
        self.tallies = {name: Counter() for name in NAMES}
        self.children: list[Person] = []

    def words(self, ident: int, block: int) -> list[int]:
        return philox_by_hand([ident % 2**32, ident >> 32, self.year, block], list(self.key))

    def leader(self, person: Person) -> Person | None:
        """The woman whose word counts for a person: grown up, alive and in one place with the person."""
        ident = person.mother if person.age < 18 else person.partner if person.sex == 0 else None
        her = self.opening.get(ident) if ident is not None and self.together is not None else None
        if her is None or her.sex == 0 or her.age < 18 or her.place is None:
            return None
        return her if her.place == self.opening[person.ident].place else None

    def beside(self, person: Person, own: int, block: int, name: str, place: int) -> int:
        """A word for the own cuts that says what the leader's word says of her, as often as both chances allow."""
        her = self.leader(person)
        if her is None:
            return own
        household = self.words(her.ident, module.WORDS_HOUSEHOLD)[0]
        moves, recodes = (household < c for c in self.together)
        hers = self.words(her.ident, block)[2]

        def bands(who: Person) -> list[range]:
            cuts = [int(c) for c in getattr(self.cuts, name)[who.sex, who.age, place]]
            tops = cuts if name == "move" else cuts[1:]
            return [range(a, b) for a, b in zip([0, *tops], tops, strict=False)]

        pairs, shared = list(zip(bands(person), bands(her), strict=True)), []
        for k, (mine, theirs) in enumerate(pairs):
            others = self.outside - 1
            recoding = name == "move" and (0 < k <= others or 2 * others < k <= 3 * others)
            as_one = recodes if recoding else moves
            shared.append(min(len(mine), len(theirs)) if as_one else 0)
            if hers in theirs[: shared[-1]]:
                self.with_her[name] += 1
                return mine.start
        rest = own * (2**32 - sum(shared)) // 2**32  # what is left of the own chances, by the own word
        for (mine, _), taken in zip(pairs, shared, strict=True):
            if rest < len(mine) - taken:
                self.with_her["alone"] += 1
                return mine.start
            rest -= len(mine) - taken
        return 2**32

    def tally(self, name: str, *index: int) -> None:
        self.tallies[name][index] += 1

    def live(self, person: Person) -> None:
        """Stages of the year: first half, death, function, second half, delivery."""
        if person.place is None:
            return
        words = self.words(person.ident, module.WORDS_YEAR)
        first, origin = (
            ("move", person.place) if person.place < self.outside else ("abroad", person.place - self.outside)
        )
        words[2] = self.beside(person, words[2], module.WORDS_YEAR, first, origin)
        if person.place >= self.outside:
            if words[2] >= int(self.cuts.abroad[person.sex, person.age, person.place - self.outside, 1]):
                self.live_outside(person, words)
                return
            self.return_home(person, 0)
            words = self.words(person.ident, module.WORDS_RETURN)
        s, x, r = person.sex, person.age, person.place
        death, function, move, delivery = words
        second = self.words(person.ident, module.WORDS_SECOND)
        cuts = [int(c) for c in self.cuts.move[s, x, r]]
        # first half
        if move < cuts[0]:
            self.tally("left", 0, r, s, x)
            person.place, person.level = self.outside + r, 0
            return
        halfway = (len(cuts) - 2) // 2  # bands of half a year of moves
        moved_first = move < cuts[halfway]
        here = self.move(r, move, cuts[1:], 0, s, x) if moved_first else r
        # death, then function of the survivors
        alive = death >= int(self.cuts.death[s, x, here, person.level])
        place, gone, level = here, False, person.level
        if alive:
            others = [k for k in range(LEVELS) if k != level]
            reached = [
                k for k, c in zip(others, self.cuts.change[s, x, here, level, :4], strict=True) if function < int(c)
            ]
            level = reached[0] if reached else level
            # second half: internal first, then external
            if moved_first:
                word, leave_word = second[:2]
                bands = [int(c) for c in self.cuts.again[s, x, here]]
            else:
                word, leave_word = move, second[0]
                bands = cuts[halfway + 1 :]
            leaves = bands[-2] <= word < bands[-1]
            if word < bands[-2]:
                place = self.move(here, word, bands, 1, s, x)
                leaves = leave_word < int(self.cuts.leave[s, x, place])
            gone = leaves
            if gone:
                self.tally("left", 1, place, s, x)
        else:
            self.tally("died", here, person.level, s, x)
        if s == 1:
            first = int(self.cuts.birth[s, x, here, min(person.born, 3), 0])
            later = int(self.cuts.birth[s, x, place, min(person.born, 3), 1])
            if delivery < first:
                self.deliver(person, 0, here)
            elif alive and (not gone or not self.late) and delivery < first + later:
                self.deliver(person, 1, place)
        person.place = None if not alive else self.outside + place if gone else place
        person.level = 0 if gone else level

    def to(self, place: int, word: int, cuts: list[int]) -> tuple[int, int]:
        """Kind of a move, re-coded first, and where it leads, by cuts to each other place of the one kind, then of the
        other."""
        others = [other for other in range(self.outside) if other != place]
        band = next(k for k, c in enumerate(cuts) if word < c)
        return (1, others[band]) if band < len(others) else (0, others[band - len(others)])

    def move(self, place: int, word: int, cuts: list[int], half: int, s: int, x: int) -> int:
        """The place somebody moves to; counted."""
        kind, to = self.to(place, word, cuts)
        self.tally("moved", half, kind, routes(self.outside).index((place, to)), s, x)
        return to

    def return_home(self, person: Person, half: int) -> None:
        """Back to the residence left, with a level of the people who enter."""
        person.place -= self.outside
        self.tally("entered", half, person.place, person.sex, min(person.age + half, 100))
        word = self.words(person.ident, module.WORDS_RETURN_LEVEL)[0]
        cuts = self.cuts.back[person.sex, person.age, half, person.place].tolist()
        person.level = next(level for level, c in enumerate(cuts) if word < c)

    def live_outside(self, person: Person, words: list[int]) -> None:
        """A year outside: death, a return at its end, children there or, after the return, at home."""
        death, _, move, delivery = words
        origin = person.place - self.outside
        dies, _, returns = (int(c) for c in self.cuts.abroad[person.sex, person.age, origin])
        alive, back = death >= dies, death >= dies and move < returns
        first, later = (int(c) for c in self.cuts.birth[person.sex, person.age, origin, min(person.born, 3)])
        if back:
            self.return_home(person, 1)
        if person.sex == 1:
            if delivery < first:
                self.deliver_outside(person, origin)
            elif alive and delivery < first + later:
                if not back:
                    self.deliver_outside(person, origin)
                elif self.late:
                    self.deliver(person, 1, origin)
        if not alive:
            person.place = None

    def deliver_outside(self, mother: Person, origin: int) -> None:
        twins = self.words(mother.ident, module.WORDS_IDENTITY)[2] < int(TWINS * 2**32)
        blocks = [(module.WORDS_NEWBORN, module.WORDS_IDENTITY), (module.WORDS_TWIN, module.WORDS_TWIN_IDENTITY)]
        for chance, identity in blocks[: 2 if twins else 1]:
            by_sex, by_death, _, _ = self.words(mother.ident, chance)
            sex = 0 if by_sex < int(self.cuts.boy[1, mother.age, origin]) else 1
            mother.born += 1
            if by_death >= int(self.cuts.newborn_death[1, mother.age, origin, sex]):
                a, b, _, _ = self.words(mother.ident, identity)
                self.children.append(Person(2**63 | a << 32 | b, sex, 0, self.outside + origin, 0, 0, mother.ident))

    def enter_late(self, person: Person) -> None:
        """A woman who entered at the year's end: the second exposure alone."""
        delivery = self.words(person.ident, module.WORDS_YEAR)[3]
        if person.sex == 1 and person.age >= 0 and person.place is not None and person.place < self.outside:
            if delivery < int(self.cuts.birth[1, person.age, person.place, min(person.born, 3), 1]):
                self.deliver(person, 1, person.place)

    def deliver(self, mother: Person, exposure: int, where: int) -> None:
        twins = self.words(mother.ident, module.WORDS_IDENTITY)[2] < int(TWINS * 2**32)
        blocks = [(module.WORDS_NEWBORN, module.WORDS_IDENTITY), (module.WORDS_TWIN, module.WORDS_TWIN_IDENTITY)]
        for chance, identity in blocks[: 2 if twins else 1]:
            by_sex, by_death, by_move, by_leave = self.words(mother.ident, chance)
            sex = 0 if by_sex < int(self.cuts.boy[1, mother.age, where]) else 1
            self.tally("gave_birth", exposure, where, mother.age)
            self.tally("newborn", where, sex, 0)
            mother.born += 1
            if by_death < int(self.cuts.newborn_death[1, mother.age, where, sex]):
                self.tally("newborn", where, sex, 1)
                continue
            cuts = [int(c) for c in self.cuts.newborn_move[1, mother.age, where, sex]]
            home = where
            if by_move < cuts[-2]:
                kind, home = self.to(where, by_move, cuts)
                self.tally("newborn_moved", kind, routes(self.outside).index((where, home)), sex)
            if by_leave < int(self.cuts.newborn_move[1, mother.age, home, sex, -1]):
                self.tally("newborn", home, sex, 2)
                home += self.outside
            a, b, _, _ = self.words(mother.ident, identity)
            self.children.append(Person(2**63 | a << 32 | b, sex, 0, home, 0, 0, mother.ident))


def persons_of(population: Population, year: int) -> dict[int, Person]:
    """Persons by id, read from the columns."""
    p, ids = population.persons, identities(population).tolist()
    away, out = 1 + p.at.places * LEVELS, {}
    for _, born_in, s, start, stop, _ in zip(*(column.tolist() for column in p.segments), strict=True):
        for row in range(start, stop):
            code, mother = int(p.code[row]), int(p.mother[row])
            place = None if code == 0 else p.at.places + code - away if code >= away else (code - 1) // LEVELS
            level = 0 if code == 0 or code >= away else (code - 1) % LEVELS
            age = min(year - 1 - born_in, 100)
            links = (mother, -1 if p.kin is None else int(p.kin.partner[row]))
            mother, partner = (ids[link] if link >= 0 else None for link in links)
            out[ids[row]] = Person(ids[row], s, age, place, level, int(p.born[row]), mother, partner)
    return out


def check_year(region: Region, population: Population, plan: YearPlan, together: tuple[int, int] | None = None) -> Twin:
    """Live a year in the engine and in the twin, and compare every person and every counter."""
    before = persons_of(population, plan.year)
    cuts = None if together is None else np.array([together], np.uint64)
    events = region.live(population, plan, together=cuts)
    after = persons_of(population, plan.year)
    late = region.timing == "even"
    twin = Twin(plan.cuts, plan.year, tuple(int(k) for k in population.key), late)
    twin.together, twin.opening = together, {ident: replace(person) for ident, person in before.items()}
    # who entered is taken from the engine as it stood at the entry: those have words of their own, tested elsewhere
    entered = entries(region, population, plan, after, before)
    for half, new in enumerate(entered):
        for person in new:
            twin.tally("entered", half, person.place, person.sex, min(person.age + half, 100))
    for person in [*before.values(), *entered[0]]:
        if region.families or person.place is None or person.place < twin.outside:
            twin.live(person)
    for person in entered[1] if late else []:
        twin.enter_late(person)
    everybody = {p.ident: p for p in [*before.values(), *entered[0], *entered[1], *twin.children]}
    assert everybody.keys() == after.keys()
    for ident, expected in everybody.items():
        got = after[ident]
        assert (got.place, got.born, got.mother, got.sex) == (
            expected.place,
            expected.born,
            expected.mother,
            expected.sex,
        )
        if expected.place is not None:
            assert got.level == expected.level
    compare_counters(twin, events)
    return twin


def entries(
    region: Region, population: Population, plan: YearPlan, after: dict[int, Person], before: dict[int, Person]
) -> tuple[list[Person], list[Person]]:
    """People who enter in each half as they were on entry, from a run in which nobody else has an event."""
    nothing = Thresholds(plan.cuts.at, np.zeros_like(plan.cuts.table), plan.cuts.arriving)
    halves = region.entering(plan, population)
    seen = []
    for arrivals in ([halves[0], 0 * halves[1]], halves):
        empty = Persons.room([0], 0.0, region.families, plan.cuts.at.places)
        quiet = Population(empty, np.zeros_like(population.count), population.key)
        people.live_year(quiet, plan.year, nothing, arrivals, False, married=region.married)
        seen.append(persons_of(quiet, plan.year))
    first, both = seen
    assert both.keys() <= after.keys() and not both.keys() & before.keys()
    assert (len(first), len(both)) == (halves[0].sum(), halves[0].sum() + halves[1].sum())
    return list(first.values()), [person for ident, person in both.items() if ident not in first]


def compare_counters(twin: Twin, events: YearEvents) -> None:
    for name, tally in twin.tallies.items():
        counter = getattr(events, name)[0]
        if name == "newborn":  # who moved is counted by route
            counter = counter[..., [0, 1, -1]]
        got = {tuple(index): int(counter[tuple(index)]) for index in np.argwhere(counter).tolist()}
        assert got == dict(tally), name


@pytest.fixture(params=["compiled", "plain with blocks of 7 rows"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel as compiled, and its Python source run with blocks of another size."""
    if request.param != "compiled":
        monkeypatch.setattr(module, "BLOCK", 7)
        parts = ("_near", "_goes", "screen", "screen_stored", "gather", "draw_words", "choose")
        for part in (*parts, "choose_called", "call", "mark", "follow_leader"):
            monkeypatch.setattr(module, part, getattr(module, part).py_func)
        for part in ("_place", "_recodes", "segment_of", "word_beside", "_draw"):
            monkeypatch.setattr(together, part, getattr(together, part).py_func)
        monkeypatch.setattr(people, "person_year", module.person_year.py_func)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("families", "timing", "places"), [(False, "even", 2), (True, "even", 2), (True, "end", 2), (True, "even", 3)]
)
def test_two_years_equal_the_slow_twin(families: bool, timing: str, places: int) -> None:
    region = Region(years=2, size=4000.0, timing=timing, families=families, places=places)
    population = region.opening(2)
    seen: Counter[str] = Counter()
    for plan in region.plans:
        twin = check_year(region, population, plan)
        seen.update({name: sum(tally.values()) for name, tally in twin.tallies.items()})
    assert all(seen[name] > 20 for name in NAMES[:-1]) and seen["newborn_moved"] > 0


def linked(population: Population, year: int) -> None:
    """Couples and children at random: in one place or two, mothers of 15 too, men with a partner below 18."""
    p, draws = population.persons, np.random.default_rng(5)
    assert p.kin is not None
    age, sex = np.zeros(p.rows, np.int64), np.zeros(p.rows, np.int64)
    for _, born_in, s, start, stop, _ in zip(*p.segments, strict=True):
        age[start:stop], sex[start:stop] = year - 1 - born_in, s
    women, men = (draws.permutation(np.flatnonzero((sex == s) & (age >= 16))) for s in (1, 0))
    women, men = (who[np.argsort(p.code[who] + draws.integers(0, 4, who.size), kind="stable")] for who in (women, men))
    couples = min(women.size, men.size) * 9 // 10
    p.kin.partner[women[-couples:]], p.kin.partner[men[-couples:]] = men[-couples:], women[-couples:]
    children = np.flatnonzero(age < 20)
    p.mother[children] = draws.choice(np.flatnonzero((sex == 1) & (age >= 15)), children.size)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("places", [2, 3])
def test_families_that_move_together_equal_the_slow_twin(places: int) -> None:
    region = Region(years=2, size=6000.0, families=True, places=places)
    population = region.opening(2)
    linked(population, region.plans[0].year)
    seen: Counter[str] = Counter()
    for plan in region.plans:
        seen.update(check_year(region, population, plan, (int(0.7 * 2**32), int(0.9 * 2**32))).with_her)
    assert all(seen[name] > 10 for name in ("move", "abroad", "alone")), seen
