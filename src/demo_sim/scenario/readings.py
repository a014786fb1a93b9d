"""Which keys a run asks each number for, so that a number it cannot find is told before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from demo_sim.scenario.catalog import Catalog
from demo_sim.scenario.entries import FactorSpec, Rule
from demo_sim.scenario.process import AGE_GROUPS, BAND, ERRORS, NAMES, PROCESSES
from demo_sim.scenario.quantity import Quantity, Row, rows_for
from demo_sim.scenario.rules import parts
from demo_sim.scenario.settings import Settings

Keys = dict[str, str]
SEXED: tuple[Keys, ...] = ({"sex": "male"}, {"sex": "female"})
WOMEN: tuple[Keys, ...] = ({"sex": "female"},)
PLAIN: tuple[Keys, ...] = ({},)
_PARITIES = ("0", "1", "2", "3", "4+")
PIPELINE = (
    "under_construction", "starts_per_year", "openings_per_year", "conversion_starts_per_year", "conversions_per_year",
)  # fmt: skip
CERTIFICATES = ("skill_level", "induction")


def named(*names: str, **keys: str) -> tuple[Keys, ...]:
    """The same keys with one name after the other."""
    return tuple({"name": name, **keys} for name in names)


@dataclass(frozen=True)
class Reading:
    """How a number is read.

    Attributes
    ----------
    asks : keys that rows must be there for
    by : a key whose values in the rows are gone through one by one, `age`, `cohort` or `name`; some must be there
    one_of : whether one of `asks` is enough
    names : all names that are read; empty where any is
    """

    asks: tuple[Keys, ...] = PLAIN
    by: str = ""
    one_of: bool = False
    names: tuple[str, ...] = ()


AGES = Reading(by="age")
_READINGS: dict[str, Reading] = {
    "population.age_share": AGES,
    "population.urban_by_age": AGES,
    "population.age_error": Reading(by="name", names=tuple(AGE_GROUPS)),
    "population.births_factor": Reading(by="cohort"),
    "mortality.e0": Reading(SEXED),
    "mortality.residence_gap": Reading(SEXED),
    "fertility.parity_factors": Reading(named("0", "1", "2", "3+"), names=("0", "1", "2", "3+")),
    "migration.profile": AGES,
    "migration.gross": Reading(named("in"), by="age"),
    "migration.error": Reading(named(*ERRORS), by="age", names=ERRORS),
    "function.prevalence.any": AGES,
    "function.prevalence.severe_total": AGES,
    "function.prevalence.split": Reading(
        ({"level": "mild", "name": "of_mild_moderate"}, {"level": "severe", "name": "of_severe_total"})
    ),
    "history.open_parity_mean": Reading(by="cohort"),
    "history.absent_by_age": Reading(SEXED, by="age"),
    "history.place_odds": Reading(named("child", "adult", "couple"), names=("child", "adult", "couple")),
    "history.move_together": Reading(named("move", "reclass"), names=("move", "reclass")),
    "unions.ever_married": Reading(SEXED, by="age"),
    "unions.divorced": AGES,
    "unions.age_gap": Reading(named("mean", "sd"), by="cohort", names=("mean", "sd")),
    "unions.first_marriage": Reading(({"sex": "female", "name": "mean_age"}, {"name": "sd"})),
    "unions.final_ever_married": Reading(WOMEN, by="cohort"),
    "groups.hukou_per_resident": AGES,
    **{told: Reading(named(*NAMES), names=(*NAMES, BAND)) for told, _ in PROCESSES.values()},
}
_OF_SUPPLY: dict[str, Reading] = {
    "pipeline": Reading(named(*PIPELINE), one_of=True, names=PIPELINE),
    "build_lag": Reading(named("build", "convert"), one_of=True, names=("build", "convert")),
    "skill": Reading(by="name"),
}
_BY_CERTIFICATE = ("certified_share", "hired_certified", "to_certificate", "pass_rate", "training_lag")
_BY_RESIDENCE = ("standard", "monthly")
_BLOCKS = ("population", "mortality", "fertility", "migration", "urbanisation", "function", "history", "unions")


def reading(path: str, quantity: Quantity, settings: Settings, apart: bool) -> Reading | None:
    """How a run reads a number; None where a rule of the catalogue does, which leaves out what it cannot find.

    Parameters
    ----------
    apart : whether the run tells urban from rural
    """
    block, _, rest = path.partition(".")
    if path in _READINGS:
        return _READINGS[path]
    if path == "fertility.parity":
        places = ("urban", "rural") if apart else ("",)
        return Reading(tuple({"name": name, "residence": place} for place in places for name in _PARITIES), by="cohort")
    if path == "unions.dissolution":
        return None  # two curves in one: `dissolution` below
    if block == "supply":
        return _of_supply(rest, quantity, settings)
    if block in ("reported", "actual", "outcomes") or path == "groups.hukou_population":
        return None if block == "outcomes" else Reading()
    if block in _BLOCKS and not path.startswith("function.states."):
        return Reading()
    return None


def _of_supply(rest: str, quantity: Quantity, settings: Settings) -> Reading:
    name, _, key = rest.rpartition(".")
    if key in _BY_CERTIFICATE:
        which = str(getattr(settings.supply[name], "certificate", CERTIFICATES[0]))
        return Reading(named(which), names=CERTIFICATES)
    if key in _BY_RESIDENCE:
        places = {row.residence for row in quantity.rows if row.residence}
        return Reading(tuple({"residence": place} for place in sorted(places)) or PLAIN)
    if key == "promotion":
        return Reading(one_of=True, asks=named(*(row.name for row in quantity.rows)))
    return _OF_SUPPLY.get(key, Reading())


def not_found(reading_: Reading, rows: Sequence[Row]) -> Keys | None:
    """Keys that a run would ask for in vain, or None."""
    missing = [keys for keys in _asked(reading_, rows) if not rows_for(rows, keys)]
    for keys in reading_.asks if reading_.by else ():
        if not any(getattr(row, reading_.by) for row in _named(reading_, rows, keys)):
            return {**keys, reading_.by: ""}
    if reading_.one_of:
        return missing[0] if len(missing) == len(reading_.asks) else None
    return missing[0] if missing else None


def _asked(reading_: Reading, rows: Sequence[Row]) -> Iterator[Keys]:
    for keys in reading_.asks:
        if not reading_.by:
            yield keys
            continue
        found = (getattr(row, reading_.by) for row in _named(reading_, rows, keys))
        for value in dict.fromkeys(filter(None, found)):
            yield {**keys, reading_.by: value}


def _named(reading_: Reading, rows: Sequence[Row], keys: Keys) -> list[Row]:
    """Rows whose ages are gone through: those of the name that is asked for."""
    name = keys.get("name")
    return [row for row in rows if name is None or reading_.by != "age" or row.name == name]


DISSOLUTION = (
    Reading(named("remarriage", sex="female"), by="age"),
    Reading(named("divorce"), by="age"),
)
_LEVELS = ("intact", "mild", "moderate", "severe", "total")
STATES: dict[str, tuple[Keys, ...]] = {
    "transition_shape": (
        *({"level": level, "name": "onward"} for level in _LEVELS[:-1]),
        *({"level": level, "name": "recovery"} for level in _LEVELS[1:]),
        {"name": "onward_doubling_years"},
        {"name": "recovery_halving_years"},
    ),
    "mortality_ratio": (*({"level": level} for level in _LEVELS[1:]), {"name": "share_of_ratio_minus_1"}),
}


@dataclass(frozen=True)
class _Asked:
    """What a rule of the catalogue asks a number for by year.

    Attributes
    ----------
    keys : that are asked for
    total : whether it is a total that a count is brought to: by residence, or a share by the age of the rule, where
        its rows tell
    age : of the rule
    """

    keys: tuple[tuple[str, str], ...]
    total: bool = False
    age: str = ""

    def of(self, quantity: Quantity) -> list[Keys]:
        """Keys that are asked for, given what the rows tell apart."""
        keys = dict(self.keys)
        if self.total and quantity.unit.startswith("share") and any(row.age == self.age for row in quantity.rows):
            keys["age"] = self.age
        if self.total and any(row.residence for row in quantity.rows):
            return [{**keys, "residence": residence} for residence in ("urban", "rural")]
        return [keys]


def asked_by_year(catalog: Catalog) -> dict[str, set[_Asked]]:
    """What the rules, indicators and costs of the catalogue ask each path for by year."""
    found: dict[str, set[_Asked]] = {}

    def add(factor: FactorSpec, age: str = "", total: bool = False) -> None:
        names = ("name",) if total else ("name", "level", "age")
        keys = tuple((key, value) for key in names if (value := getattr(factor, key)))
        found.setdefault(factor.of, set()).add(_Asked(keys, total, age))

    rules = [part for entry in catalog.populations.values() for part in parts(entry)]
    rules += [rule for resource in catalog.resources.values() for rule in resource.needs.values()]
    for rule in rules:
        for number, factor in enumerate(rule.level):
            add(factor, rule.where.age, total=number == 0)
        others = [*(rule.times if rule.of else ()), rule.grow.rate if rule.grow else None, rule.where.below]
        for factor in filter(None, others):
            add(factor)
    for indicator in catalog.indicators.values():
        for factor in (*indicator.times, *indicator.minuend, *indicator.subtrahend):
            add(factor)
        for path in filter(None, (indicator.coverage, indicator.rate_else, *(way.cost for way in indicator.takes))):
            add(FactorSpec(of=path))
    return found


def share_paths(settings: Settings, catalog: Catalog, mapping: Mapping[str, Quantity]) -> dict[str, str]:
    """Paths of numbers that can only be shares, each with who reads it so: no group is larger than what it lies in."""
    found: dict[str, str] = {}

    def add(path: str, by: str, name: str = "") -> None:
        if path in mapping and not name:  # of several named numbers some may be years, or places each
            found.setdefault(path, by)

    for id_, entry in catalog.populations.items():
        rules: list[Rule] = [entry, *(item for item in entry.union if isinstance(item, Rule))]
        rules += [] if entry.without_kin is None else [entry.without_kin]
        for rule in rules:
            for factor in rule.times if rule.per == 1 else ():
                add(factor.of, f"populations/{id_}", factor.name)
        if entry.match is not None:
            add(entry.match.of, f"populations/{id_}", entry.match.name)
    for id_, resource in catalog.resources.items():
        if any(catalog.files["resources", id_].is_relative_to(folder) for folder in catalog.folders):
            continue  # a user's own may count several a person
        for rule in resource.needs.values():
            for factor in rule.times if rule.per == 1 else ():
                add(factor.of, f"resources/{id_}", factor.name)
    for id_, indicator in catalog.indicators.items():
        if indicator.kind == "coverage":
            add(indicator.coverage, f"indicators/{id_}")
        for factor in indicator.times:
            add(factor.of, f"indicators/{id_}", factor.name)
    if settings.placement is not None:
        for path in (settings.placement.institution.use, settings.placement.institution.occupancy):
            add(path, "placement.institution")
        for name, service in settings.placement.community.items():
            add(service.use, f"placement.community.{name}")
    return found
