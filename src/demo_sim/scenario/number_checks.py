"""What must hold of the numbers of a scenario: each is there for the keys it is read by, parts fit into wholes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from demo_sim.scenario.catalog import Catalog
from demo_sim.scenario.messages import NONE, Problems, Text, listed, nearest, quoted
from demo_sim.scenario.model import InputTable
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.plain_rates import between, death_rates, pattern_e0_range, rates_by_cell
from demo_sim.scenario.quantity import Location, Quantity, Row, rows_for, value_at
from demo_sim.scenario.readings import (
    DISSOLUTION,
    STATES,
    Keys,
    Reading,
    asked_by_year,
    not_found,
    reading,
    share_paths,
)
from demo_sim.scenario.settings import Settings
from demo_sim.scenario.written import HIGHEST_AGE as OLDEST
from demo_sim.scenario.written import KEY_NAMES
from demo_sim.tables.layouts import Age, age_text, read_age

ROUNDED = 0.005  # most that printed shares may miss 1 by
_NEAR = 0.5  # years: life expectancy is worked out roughly here
MOST_MOVES = 0.2  # net migrants of a year per resident: above, one of the two is in another unit

Quantities = Mapping[str, Quantity]


def check_numbers(
    settings: Settings,
    root: Node,
    quantities: Quantities,
    tables: Mapping[str, InputTable],
    catalog: Catalog,
    apart: bool | None,
    problems: Problems,
) -> None:
    """Note numbers that a run could not read, and parts that do not fit into their wholes.

    Parameters
    ----------
    apart : whether the run tells urban from rural; None where a saved run decides
    """
    for path, quantity in quantities.items():
        _check_found(path, quantity, settings, apart is not False, problems)
    _check_rules(quantities, catalog, problems)
    year = settings.period.base.year
    _check_age_shares(quantities, tables.get("population.table"), year, settings.options.open_age, problems)
    _check_levels(quantities, problems)
    _check_shares(settings, quantities, catalog, problems)
    _check_migration(settings, quantities, tables, problems)
    _check_e0(settings, quantities, tables, problems)
    _check_shift(quantities, tables, problems)
    _check_states(settings, root, quantities, problems)


def _check_found(path: str, quantity: Quantity, settings: Settings, apart: bool, problems: Problems) -> None:
    one = reading(path, quantity, settings, apart)
    several = DISSOLUTION if path == "unions.dissolution" else () if one is None else (one,)
    for how in several:
        if _unknown_name(quantity, how, problems):
            return
        missing = not_found(how, quantity.rows)
        if missing is not None:
            has = dict.fromkeys(_words(_keys(row)) for row in quantity.rows)
            problems.add(quantity.where, "no_row", given=_words(missing), has=_joined(has))
            return


def _check_rules(quantities: Quantities, catalog: Catalog, problems: Problems) -> None:
    """The scenario's own numbers are there for what the rules of the catalogue ask."""
    asked = asked_by_year(catalog)
    for path, quantity in quantities.items():
        if path not in asked or any(row.id != path for row in quantity.rows):
            continue
        missing = next((k for one in asked[path] for k in one.of(quantity) if not rows_for(quantity.rows, k)), None)
        if missing is not None:
            has = _joined(dict.fromkeys(_words(_keys(row)) for row in quantity.rows))
            problems.add(quantity.where, "no_row", given=_words(missing), has=has)


def _check_states(settings: Settings, root: Node, quantities: Quantities, problems: Problems) -> None:
    """The state mode has a number for every step between levels."""
    if settings.function is None or settings.function.mode != "states":
        return
    for key, asks in STATES.items():
        quantity = quantities.get(f"function.states.{key}")
        if quantity is None:
            problems.add(root.find(("function", "mode")).where, "needs", given="mode: states", allowed=f"states.{key}")
            continue
        age = next((row.age for row in quantity.rows if row.age), "")
        for keys in asks:
            # a row without a name holds for any elsewhere; here a hazard is no ratio and no number of years
            named = [row for row in quantity.rows if row.name == keys.get("name", row.name)]
            if not rows_for(named, keys if "doubling" in str(keys) or "halving" in str(keys) else {**keys, "age": age}):
                has = _joined(dict.fromkeys(_words(_keys(row)) for row in quantity.rows))
                problems.add(quantity.where, "no_row", given=_words(keys), has=has)
                break


def _unknown_name(quantity: Quantity, how: Reading, problems: Problems) -> bool:
    """Note a name of the scenario's own that is none of those that are read."""
    own = [row.name for row in quantity.rows if row.id == quantity.path and row.name]
    for name in dict.fromkeys(own) if how.names else ():
        if name not in how.names:
            allowed = listed(how.names)
            problems.add(quantity.where, "choice", given=quoted(name), near=nearest(name, how.names), allowed=allowed)
            return True
    return False


def _keys(row: Row) -> Keys:
    return {key: value for key in KEY_NAMES if key != "year" and (value := str(getattr(row, key)))}


def _words(keys: Keys) -> Text:
    """Keys in words; all alike where there is none, the kind alone where any value would do."""
    if not keys:
        return Text("全部（不分项）", "all alike")
    return Text(
        " ".join(f"{KEY_NAMES[key].zh} {value}".strip() for key, value in keys.items()),
        " ".join(f"{KEY_NAMES[key].en} {value}".strip() for key, value in keys.items()),
    )


def _joined(words: Iterable[Text]) -> Text:
    some = list(words)[:8]
    return Text("；".join(text.zh for text in some), "; ".join(text.en for text in some))


def _by_age(quantity: Quantity, year: int) -> dict[Age, float]:
    """Values by age group at a year, the rows that say nothing else."""
    labels = dict.fromkeys(row.age for row in quantity.rows if row.age)
    found = {}
    for label in labels:
        age, value = read_age(label), value_at(quantity.rows, year, {"age": label})
        if age is not None and value is not None:
            found[age] = value
    return found


def _inside(age: Age, other: Age) -> bool:
    return other[0] <= age[0] and _end(age) <= _end(other)


def _end(age: Age) -> int:
    return OLDEST if age[1] is None else age[1]


def _meet(age: Age, other: Age) -> bool:
    return age[0] <= _end(other) and other[0] <= _end(age)


def _check_age_shares(
    quantities: Quantities, table: InputTable | None, year: int, open_age: int, problems: Problems
) -> None:
    """Shares of broad ages: one inside another, none holding less than those inside it, of all ages 1."""
    quantity = quantities.get("population.age_share")
    if quantity is None:
        return
    shares = _by_age(quantity, year)
    ages = sorted(shares, key=lambda age: age[0] - _end(age))
    beyond = next((age for age in ages if age[0] > open_age), None)
    if beyond is not None:
        problems.add(quantity.where, "age_beyond", given=age_text(beyond), allowed=open_age)
        return
    for i, age in enumerate(ages):
        for other in ages[:i]:
            if _meet(age, other) and not _inside(age, other):
                problems.add(quantity.where, "share_overlap", given=age_text(age), other=age_text(other))
                return
    whole: Age = (0, None)
    for outer in [whole, *ages]:
        inside = [age for age in ages if age != outer and _inside(age, outer)]
        direct = [age for age in inside if not any(age != other and _inside(age, other) for other in inside)]
        total, limit = sum(shares[age] for age in direct), shares.get(outer, 1.0)
        covered = sum(_end(age) - age[0] + 1 for age in direct) == _end(outer) - outer[0] + 1
        if covered and abs(total - limit) > ROUNDED:
            names = listed(age_text(age) for age in direct)
            problems.add(quantity.where, "share_sum", given=f"{total:.4g}", allowed=f"{limit:.4g}", names=names)
            return
        if total > limit + ROUNDED:
            problems.add(
                quantity.where, "share_inside", given=f"{total:.4g}", allowed=f"{limit:.4g}", age=age_text(outer)
            )
            return
    if table is not None:
        _check_people_there(shares, table, quantity, problems)


def _check_people_there(shares: Mapping[Age, float], table: InputTable, quantity: Quantity, problems: Problems) -> None:
    for age, share in shares.items():
        rows = zip(table.columns["age"], table.columns["population"], strict=True)
        if share > 0.0 and not any(number for other, number in rows if _meet(other, age)):
            problems.add(quantity.where, "share_empty", given=f"{share:g}", age=age_text(age))


def _check_levels(quantities: Quantities, problems: Problems) -> None:
    """The share severe or total lies below the share with any loss at the same ages."""
    any_, worst = (quantities.get(f"function.prevalence.{key}") for key in ("any", "severe_total"))
    if any_ is None or worst is None:
        return
    for year in sorted({row.year or 0 for row in (*any_.rows, *worst.rows)}):
        all_, severe = _by_age(any_, year), _by_age(worst, year)
        for age, share in severe.items():
            beside = {other: value for other, value in all_.items() if _meet(age, other)}
            if beside and share > max(beside.values()) + 1e-9:
                other = max(beside, key=lambda item: beside[item])
                problems.add(
                    worst.where, "severe_above", given=f"{share:g}", age=age_text(age), other=age_text(other),
                    any=f"{beside[other]:g}", beside=str(any_.where),
                )  # fmt: skip
                return
    for quantity in (any_, worst):
        if len({row.age for row in quantity.rows if row.age}) == 1:
            problems.add(quantity.where, "few_groups", cell=quantity.path)


def _check_shares(settings: Settings, quantities: Quantities, catalog: Catalog, problems: Problems) -> None:
    """Numbers that only shares can be lie between 0 and 1; nothing that is counted is negative."""
    by = share_paths(settings, catalog, quantities)
    for path, quantity in quantities.items():
        if path in by:
            odd = next((row.value for row in quantity.rows if not 0.0 <= row.value <= 1.0), None)
            if odd is not None:
                hint = NONE
                if 1.0 < odd <= 100.0:
                    hint = Text(f"；百分数写成 {odd / 100:g}", f"; per cent is written {odd / 100:g}")
                problems.add(quantity.where, "not_a_share", given=f"{odd:g}", by=by[path], hint=hint)
        elif path.startswith(("groups.", "workforce.", "disability.")):
            odd = next((row.value for row in quantity.rows if row.value < 0.0 and row.id == path), None)
            if odd is not None:
                problems.add(quantity.where, "negative", given=f"{odd:g}")


def _check_migration(
    settings: Settings, quantities: Quantities, tables: Mapping[str, InputTable], problems: Problems
) -> None:
    """Migrants by a number have an age profile that sums to 1, and are fewer than the people."""
    net, profile = quantities.get("migration.net"), quantities.get("migration.profile")
    if net is not None and profile is None and any(row.value for row in net.rows):
        problems.add(net.where, "net_profile")
    if profile is not None:
        total = sum(_by_age(profile, settings.period.start).values())
        if abs(total - 1.0) > 4 * ROUNDED:
            problems.add(profile.where, "profile_sum", given=f"{total:.4g}")
    people = _people(settings, quantities, tables)
    if people is None:
        return
    for where, year, moved in _moves(quantities, tables):
        if abs(moved) > MOST_MOVES * people:
            number = f"{moved:,.0f}"
            problems.add(
                where,
                "moves_out_of_scale",
                given=number,
                year=Text(f"{year}年", f" in {year}") if year else NONE,
                people=f"{people:,.10g}",
            )
            return


def _people(settings: Settings, quantities: Quantities, tables: Mapping[str, InputTable]) -> float | None:
    total = quantities.get("population.total")
    if total is not None:
        return value_at(total.rows, settings.period.base.year, {})
    return sum(tables["population.table"].columns["population"]) if "population.table" in tables else None


def _moves(quantities: Quantities, tables: Mapping[str, InputTable]) -> Iterator[tuple[Location, int | None, float]]:
    net, table = quantities.get("migration.net"), tables.get("migration.table")
    if net is not None:
        yield from ((net.where, row.year, row.value) for row in net.rows)
    if table is not None:
        by_year: dict[int, float] = {}
        for year, number in zip(table.columns["year"], table.columns["net_migration"], strict=True):
            by_year[year] = by_year.get(year, 0.0) + number
        yield from ((table.where, year, moved) for year, moved in by_year.items())


def _check_e0(settings: Settings, quantities: Quantities, tables: Mapping[str, InputTable], problems: Problems) -> None:
    """Life expectancies lie within reach of the standard, at stated values."""
    e0, table = quantities.get("mortality.e0"), tables.get("mortality.standard")
    if e0 is None or table is None:
        return
    start, end = settings.period.start - 1, settings.period.end
    dated = {min(max(row.year or start, start), end) for row in e0.rows}
    known = rates_by_cell(table, "mx")
    for year in sorted({start, end, *dated}):
        at = between((key[0] for key in known), year)[-1][0]
        for sex in ("male", "female"):
            asked = value_at(e0.rows, year, {"sex": sex})
            least, most = pattern_e0_range(death_rates(known[at, "", sex]))
            if asked is not None and not least - _NEAR <= asked <= most + _NEAR:
                given, low, high = (f"{number:.1f}" for number in (asked, least, most))
                word = Text({"male": "男", "female": "女"}[sex], sex)
                problems.add(e0.where, "e0_far", given=given, sex=word, year=year, low=low, high=high)
                return


def _check_shift(quantities: Quantities, tables: Mapping[str, InputTable], problems: Problems) -> None:
    """A shift of the age pattern leaves births at the ages of the pattern."""
    shift, table = quantities.get("fertility.mean_age_shift"), tables.get("fertility.schedule")
    if shift is None or table is None:
        return
    ages = [age for age, rate in zip(table.columns["age"], table.columns["asfr"], strict=True) if rate > 0.0]
    if not ages:
        return
    width = max(map(_end, ages)) - min(age[0] for age in ages)
    odd = next((row.value for row in shift.rows if abs(row.value) > 0.5 * width), None)
    if odd is not None:
        problems.add(shift.where, "shift_far", given=f"{odd:g}", allowed=f"{0.5 * width:g}")
