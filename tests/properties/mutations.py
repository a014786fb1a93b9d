"""Scenarios and tables spoilt at random: whatever comes out, `validate` refuses it in words or a run can use it.

By hand, for many: `python tests/properties/mutations.py FIRST COUNT [EVERY]`; every `EVERY`th that passes is run.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.scenario import Scenario, load
from demo_sim.sense import notices
from demo_sim.sense.show import implied_lines

MINIMAL = Path(__file__).resolve().parents[1] / "bad" / "minimal"
TABLES = ("population", "mortality", "fertility", "migration")
OTHERS = ("baodi", "hunan", "540124", "hunan-states")
NUMBERS = (
    "0",
    "1",
    "-1",
    "0.5",
    "0.02",
    "2",
    "12.5",
    "62.035",
    "1e9",
    "1e18",
    "-0.92",
    "1e-9",
    "3000",
    ".nan",
    "abc",
    '""',
    "null",
)
CELLS = (*NUMBERS, "", "0.0", "1e300", "3,850", "35%", "1.02", "6.0")
AGES = ("0", "0-4", "5-9", "0-14", "15-59", "60+", "60-79", "80+", "65+", "100+", "70-60", "200+", "15-49", "0+")
KEYS = [
    *AGES,
    *"""
    2020 2021 2023 2030 1950 2020年 male female 男 urban rural mild severe total name in mean_size skill_level
    starts_per_year build of_mild_moderate 1950-1959 low value high
""".split(),
]
PATHS = """
    population.total population.age_share population.male_share population.urban_share population.urban_by_age
    population.tie population.tie_total population.from_run population.year mortality mortality.e0
    mortality.residence_gap mortality.interpolate fertility fertility.tfr fertility.srb fertility.twins
    fertility.parity fertility.parity_factors fertility.mean_age_shift fertility.urban_births fertility.interpolate
    migration migration.net migration.profile migration.kept migration.male_share migration.gross migration.timing
    migration.interpolate urbanisation urbanisation.urban_share function function.mode function.prevalence.any
    function.prevalence.severe_total function.prevalence.split function.prevalence.sex_ratio groups groups.tekun
    groups.tekun_age groups.households groups.living_alone groups.hukou_per_resident groups.hukou_population
    groups.dementia_by_age services.institution_use services.occupancy services.cremation workforce.unit_villages
    disability.by_age supply placement supply.institution_beds.stock supply.institution_beds.nursing
    supply.institution_beds.pipeline supply.new.kind supply.caregivers.certified_share supply.caregivers.skill
    reported.child_files outcomes plan options options.open_age options.on_negative period.start period.end
    period.base scale seed draws region region.register place known_until history unions unions.ever_married name
    title
""".split()
WHOLES = (
    "{standard: mortality.csv, e0: {male: 76, female: 81}}",
    "{tfr: 1.3, schedule: fertility.csv, srb: 1.1}",
    "{net: -200, profile: {0-14: 0.2, 15-59: 0.7, 60+: 0.1}}",
    "{kind: beds, stock: 300, nursing: 120}",
    "{institution_beds: {kind: beds, stock: {2020: 300, 2023: 350}, closure: 0.02}}",
    "{caregivers: {kind: staff, stock: 90, turnover: 0.2, certified_share: 0.5, skill: {a: 0.6, b: 0.4}}}",
    "{graves: {kind: places, stock: 40, built: 9}}",
    "{cash: {kind: budget, of: older_80, monthly: 100}}",
    "{visits: {kind: covered, of: older_80, share: 0.4, signed: 20}}",
    "[reference]",
    "[nothing]",
    "[]",
    "{}",
    "60-79",
    "{prevalence: {any: {60-69: 0.05, 70-79: 0.1, 80+: 0.3}, severe_total: {60-79: 0.01, 80+: 0.1}, "
    "split: {assume: func.split_levels}}}",
    "{births: {observed: {2021: 900}, mark: tested}}",
    "tested",
    "true",
    "even",
    "cap",
    "{institution: {use: services.institution_use, beds: institution_beds}}",
    "states",
    "total",
    "2021-01-01",
    "2020-11-01",
)
IDS = """
    mort.e0_past fert.tfr_past fert.srb base.total base.age_share mig.profile func.any_by_age func.severe_total_by_age
    func.split_levels live.alone_60 tekun.rate hh.family use.institution_rate beds.occupancy_planning
    hukou.per_resident_by_age disab.by_age kin.coresident nothing.at_all
""".split()


def a_value(rng: random.Random, depth: int = 0) -> str:
    """A value as YAML: a number, a band, keys of one or several kinds, an id of the register, a whole block."""
    kind = rng.random()
    if kind < 0.35 or depth > 1:
        return rng.choice(NUMBERS)
    if kind < 0.65:
        keys = rng.sample(KEYS, rng.randint(1, 4))
        return "{" + ", ".join(f"{key}: {a_value(rng, depth + 1)}" for key in keys) + "}"
    if kind < 0.72:
        ages = rng.sample(AGES, rng.randint(1, 4))
        return "{" + ", ".join(f"{age}: {rng.choice(('0.2', '0.1', '0', '0.7'))}" for age in ages) + "}"
    if kind < 0.84:
        ids = rng.sample(IDS, rng.choice((1, 1, 2)))
        return "{assume: [" + ", ".join(ids) + "]}" if len(ids) > 1 else f"{{assume: {ids[0]}}}"
    return rng.choice(WHOLES)


def spoilt(text: str, rng: random.Random) -> str:
    """A table with something wrong in it, or merely unusual."""
    first, heading, *rows = text.rstrip("\n").split("\n")
    for _ in range(rng.choice((1, 1, 2, 3))):
        cells = [row.split(",") for row in rows] or [[""]]
        at, column = rng.randrange(len(cells)), rng.randrange(len(cells[0]))
        kind = rng.randrange(12)
        if kind < 3:
            cells[at][-1] = rng.choice(CELLS)
        elif kind == 3:
            cells[at][min(column, len(cells[at]) - 1)] = rng.choice((*KEYS, *CELLS))
        elif kind == 4:
            del cells[at]
        elif kind == 5:
            cells.insert(at, cells[at])
        elif kind == 6:  # one column, scaled
            factor = rng.choice((0.0, 1e-4, 0.001, 0.2, 5.0, 1000.0))
            cells = [[*row[:-1], _scaled(row[-1], factor)] for row in cells]
        elif kind == 7:  # a small county: most numbers are 0
            cells = [[*row[:-1], rng.choice(("0", "0", row[-1]))] for row in cells]
        elif kind == 8:  # a table that ends at a lower age
            least = rng.choice((5, 60, 65, 80, 85, 90))
            kept = [row for row in cells if _age_of(row) < least]
            opened = [
                [*("" + f"{least}+" if _is_age(c) else c for c in row[:-1]), row[-1]]
                for row in cells
                if _age_of(row) == least
            ]
            cells = kept + opened
        elif kind == 9:
            heading = rng.choice(
                (heading.replace("sex", "residence"), heading + ",residence", heading.upper(), "a,b", heading)
            )
        elif kind == 10:
            rng.shuffle(cells)
        else:
            keys = {tuple(row[:column]) for row in cells}
            gone = rng.choice(sorted(keys))
            cells = [row for row in cells if tuple(row[:column]) != gone]
        rows = [",".join(row) for row in cells]
    return "\n".join([first, heading, *rows]) + "\n"


def _scaled(cell: str, factor: float) -> str:
    return f"{float(cell) * factor:.10g}" if re.fullmatch(r"-?[0-9.]+", cell) else cell


def _is_age(cell: str) -> bool:
    return re.fullmatch(r"\d{1,2}(-\d{1,3})?|100\+", cell) is not None


def _age_of(row: list[str]) -> int:
    found = [cell for cell in row[:-1] if _is_age(cell)]
    return int(re.split(r"[-+]", found[0])[0]) if found else 0


class Bases:
    """Sound scenarios to start from, read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = {name: (MINIMAL / f"{name}.csv").read_text(encoding="utf-8") for name in TABLES}
        for name, text in self.texts.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        text = (MINIMAL / "minimal.yaml").read_text(encoding="utf-8")
        (folder / "minimal.yaml").write_text(text, encoding="utf-8")
        self.known: dict[str, Scenario] = {}

    def mutant(self, number: int) -> Scenario:
        """The scenario of a number; InputError where it is refused."""
        from demo_sim.scenario.merge import apply_nodes, parse_overrides
        from demo_sim.scenario.messages import Problems

        rng = random.Random(number)
        name = rng.choice(OTHERS) if rng.random() < 0.03 else "minimal"
        if name not in self.known:
            self.known[name] = load(self.folder / "minimal.yaml" if name == "minimal" else name)
        base = self.known[name]
        changes = [f"{rng.choice(PATHS)}={a_value(rng)}" for _ in range(rng.choice((0, 1, 1, 2, 3)))]
        for table in rng.sample(TABLES, rng.choice((0, 1, 1, 2))) if name == "minimal" else ():
            (self.folder / f"spoilt_{table}.csv").write_text(spoilt(self.texts[table], rng), encoding="utf-8")
            changes.insert(0, f"{table}.table={(self.folder / f'spoilt_{table}.csv').as_posix()}")
        changes += rng.choice(([], ["mortality.interpolate=true"], ["fertility.interpolate=true"]))
        problems = Problems()
        root = apply_nodes(base.root, parse_overrides(changes, problems), problems)
        return base.rebuild(
            root, catalog=base.catalog if not any("catalog" in c for c in changes) else None, problems=problems
        )

    def try_one(self, number: int, run: bool = False) -> str:
        """What became of a number: `refused`, `passed` or `ran`; any other end is an error."""
        try:
            scenario = self.mutant(number)
        except InputError as error:
            assert error.problems and error.render("zh") and error.render("en")
            return "refused"
        assert implied_lines(scenario, "zh")
        assert all(note.render("en") for note in notices(scenario))
        if not run:
            return "passed"
        short = min(scenario.settings.period.end, scenario.settings.period.start + 3)
        if scenario.settings.plan or scenario.earlier is not None:
            return "passed"
        try:
            ds.simulate(scenario.replace({"draws": 0, "period.end": short}), engine="cohort")
        except InputError as error:  # an age may run empty in a later year: only the projection knows
            assert [problem.path for problem in error.problems] == ["migration"], error
            return "ran empty"
        return "ran"


def main(first: int, count: int, every: int) -> None:
    """Try many, and print those that end otherwise."""
    became: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        bases = Bases(Path(folder))
        for number in range(first, first + count):
            try:
                became[bases.try_one(number, bool(every) and number % every == 0)] += 1
            except Exception as error:  # every kind is what is looked for
                became["failed"] += 1
                frame = traceback.extract_tb(error.__traceback__)[-1]
                print(number, type(error).__name__, str(error)[:300], f"{frame.filename}:{frame.lineno}", flush=True)
    print(first, count, dict(became))


if __name__ == "__main__":
    main(*(int(text) for text in (*sys.argv[1:], "0")[:3]))
