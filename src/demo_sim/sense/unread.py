"""Numbers and tables that nothing reads, and why."""

from __future__ import annotations

from collections.abc import Iterator

from demo_sim.errors import Problem
from demo_sim.scenario import Scenario
from demo_sim.scenario.between_tables import tells_residence
from demo_sim.scenario.cross_checks import wanted_figures
from demo_sim.scenario.entries import FactorSpec, Rule
from demo_sim.scenario.messages import Text, listed, make_problem, nearest
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.rules import BRIDGE, NONLOCAL, RURAL_OF_URBAN, TREND, countable, lacking, parts, read_by
from demo_sim.scenario.shipped import shipped_folder
from demo_sim.scenario.supply_moves import going_on

BY_CODE = (BRIDGE, NONLOCAL, RURAL_OF_URBAN, "groups.hukou_population")
_ONE_RESIDENCE = Text("本情景不分城乡", "this scenario does not tell urban from rural")
_OF_TWO = (
    "mortality.residence_gap", "fertility.urban_births", "migration.urban_part", "urbanisation.urban_share",
    "urbanisation.reclass_share", "function.prevalence.rural_ratio",
)  # fmt: skip
# Keys of a kind of stock that are read where another one is given.
_BESIDE = {
    "closure_nursing_share": ("nursing_share", "nursing"),
    "opened_nursing_share": ("nursing_share", "nursing"),
    "hired_certified": ("certified_share",),
    "to_certificate": ("certified_share",),
    "pass_rate": ("certified_share",),
    "training_lag": ("certified_share",),
    "skill": ("certified_share",),
    "promotion": ("skill",),
}
# Keys that another one takes the place of.
_INSTEAD = {
    "nursing": ("nursing_share",),
    "stock": ("per_10000_urban", "per_100_households"),
    "stock_community": ("per_10000_urban",),
    "standard": ("monthly",),
}


def unread(scenario: Scenario) -> Iterator[Problem]:
    """A notice for each number and table of the user's own that nothing reads."""
    for path, reason in unread_paths(scenario).items():
        if path.startswith("reported.") and scenario.settings.plan:
            continue  # `load` has said so, with the nearest figure that is asked for
        if not scenario.root.find(tuple(path.split("."))).folder.is_relative_to(shipped_folder()):
            yield make_problem(_place(scenario, path), "note_unread", reason=reason)


def _place(scenario: Scenario, path: str) -> Location:
    if path in scenario.quantities:
        return scenario.quantities[path].where
    return scenario.tables[path].where if path in scenario.tables else scenario.locations[path]


def unread_paths(scenario: Scenario) -> dict[str, Text]:
    """Paths of numbers and tables that nothing reads, and of stocks that nothing refers to, each with the reason."""
    quantities, settings = scenario.quantities, scenario.settings
    apart = tells_residence(scenario.root, scenario.tables) is not False
    asked, idle = _asked(scenario), _idle(scenario, apart)
    out: dict[str, Text] = {}
    for path in [*quantities, *scenario.tables]:
        block = path.split(".")[0]
        reason: Text | None = None
        if path in asked:
            names = asked[path]
            given = (
                {row.name for row in quantities[path].rows if row.name and row.id == path}
                if path in quantities
                else set()
            )
            odd = sorted(given - names) if names and "" not in names else []
            if odd:
                reason = Text(f"名称 {'、'.join(odd)}", f"the names {', '.join(odd)}")
            elif path in idle:
                reason = idle[path]
        elif block in ("disability", "groups", "services", "workforce"):
            near = nearest(path, asked)
            reason = Text(f"目录中的规则没有提到它{near.zh}", f"no rule of the catalogue mentions it{near.en}")
        elif not apart and (path in _OF_TWO or block in ("history", "unions")):
            reason = _ONE_RESIDENCE
        elif block == "supply":
            reason = _of_supply(path, scenario)
        else:
            reason = _of_model(path, scenario, apart)
        if reason is not None:
            out[path] = reason
    wanted = wanted_figures(settings, scenario.catalog)
    for path in quantities:
        if path.startswith("reported.") and path not in wanted:
            out[path] = Text("所列规划没有用到", "no plan of the scenario asks for it")
    series = [name.split(".") for name in _series(scenario)]
    named = {parts_[1] for parts_ in series if parts_[0] == "supply"}
    for name, entry in settings.supply.items():
        if name not in named and entry.kind != "budget":  # what a budget costs is told without being referred to
            near = nearest(name, named)
            out[f"supply.{name}"] = Text(
                f"没有资源、指标或入住规则用到这项供给{near.zh}",
                f"no resource, target or placement refers to this stock{near.en}",
            )
    return out


def _asked(scenario: Scenario, rules: bool = True) -> dict[str, set[str]]:
    """Paths that the catalogue, placement and code read by name, with the names asked for, empty where any is.

    Parameters
    ----------
    rules : whether those of populations and resources are among them
    """
    catalog = scenario.catalog
    found: dict[str, set[str]] = {path: {""} for path in BY_CODE}

    def add(factor: FactorSpec) -> None:
        found.setdefault(factor.of, set()).add(factor.name)

    every = [part for entry in catalog.populations.values() for part in parts(entry)]
    every += [rule for resource in catalog.resources.values() for rule in resource.needs.values()]
    for rule in every if rules else ():
        for factor in read_by(rule):
            add(factor)
        if isinstance(rule, Rule) and rule.level:
            found.setdefault(f"{rule.level[0].of}{TREND}", set()).add("")
    for indicator in catalog.indicators.values():
        for factor in (*indicator.times, *indicator.minuend, *indicator.subtrahend):
            add(factor)
        if indicator.units is not None:
            add(indicator.units)
        for path in (
            indicator.numerator,
            indicator.denominator,
            indicator.coverage,
            indicator.of,
            indicator.rate_else,
        ):
            if path.removeprefix("groups.") not in catalog.populations:  # else the group is meant, not the number
                found.setdefault(path, set()).add("")
        for way in indicator.takes:
            found.setdefault(way.cost, set()).add("")
    placement = scenario.settings.placement
    if placement is not None:
        home = placement.institution
        services = [service.use for service in placement.community.values()]
        for path in (home.use, home.kin, home.occupancy, *services):
            found.setdefault(path, set()).add("")
    return found


def _idle(scenario: Scenario, apart: bool) -> dict[str, Text]:
    """Paths that only rules read which lack another number, and what these lack."""
    catalog, quantities, settings = scenario.catalog, scenario.quantities, scenario.settings
    kin = apart and settings.history is not None
    lacks = countable(catalog.populations, quantities, apart, settings.function is not None, kin)
    groups = [id_ for id_, missing in lacks.items() if not missing]
    rules = [(part, lacks[id_]) for id_, entry in catalog.populations.items() for part in parts(entry)]
    for resource in catalog.resources.values():
        rules += [(rule, lacking(rule, quantities, groups, kin)) for rule in resource.needs.values()]
    found: dict[str, list[str] | None] = {}
    for rule, missing in rules:
        for factor in read_by(rule):
            known = found.setdefault(factor.of, missing)
            if not missing:
                found[factor.of] = None
            elif known is not None and len(missing) < len(known):
                found[factor.of] = missing
    elsewhere = {path for path, names in _asked(scenario, rules=False).items() if names}
    return {
        path: Text(
            f"用到它的人群无法推算，还缺 {listed(missing).zh}",
            f"what reads it cannot be counted without {listed(missing).en}",
        )
        for path, missing in found.items()
        if missing and path not in elsewhere
    }


def _series(scenario: Scenario) -> set[str]:
    """Series that resources, indicators, placement, outcomes name."""
    catalog, settings = scenario.catalog, scenario.settings
    names = {f"supply.{resource.supply}" for resource in catalog.resources.values() if resource.supply}
    for indicator in catalog.indicators.values():
        names |= {indicator.numerator, indicator.denominator, indicator.of, indicator.whole_else}
        names |= {factor.of for factor in indicator.times}
    if settings.placement is not None:
        names.add(f"supply.{settings.placement.institution.beds}")
        names |= {f"supply.{service.supply}" for service in settings.placement.community.values() if service.supply}
    return names | {f"supply.{name}" for name in settings.outcomes}


def _of_supply(path: str, scenario: Scenario) -> Text | None:
    start, _, key = path.rpartition(".")
    for keys, instead in ((_BESIDE, False), (_INSTEAD, True)):
        others = keys.get(key, ())
        given = [other for other in others if f"{start}.{other}" in scenario.quantities]
        if instead and given:
            return Text(f"已给出 {given[0]}", f"{given[0]} is given in its place")
        if others and not instead and not given:
            names = listed(others)
            return Text(f"没有给出 {names.zh}", f"without {names.en}")
    name = start.rpartition(".")[2]
    known = scenario.settings.known_until or 0
    if key == "kept" and name not in going_on(scenario.quantities, scenario.settings, known):
        return Text("新增已给出，或没有两年的数据", "what comes in is given, or there are no figures of two years")
    return None


def _of_model(path: str, scenario: Scenario, apart: bool) -> Text | None:
    """Why the demographic model does not read a path; None where it does."""
    tables, quantities = scenario.tables, scenario.quantities
    base = tables.get("population.table")
    by_residence = base is not None and "residence" in base.columns
    births = apart and "fertility.urban_births" in quantities
    split = births or ("population.urban_by_age" in quantities and not by_residence)
    if path == "population.urban_by_age" and by_residence:
        return Text("人口表已分城乡", "the population table is by residence")
    if path == "population.urban_share" and not split:
        return Text("没有按它拆分的数", "nothing is split by it")
    single = base is not None and all(b in (None, a) for a, b in base.columns["age"])
    if path in ("population.template", "population.births_factor") and single:
        return Text("人口表已是单岁", "the population table has single ages")
    if path == "population.tie_total" and scenario.settings.population.tie != "total":
        return Text("没有写 tie: total", "without tie: total")
    if (
        path == "fertility.urban_births"
        and "fertility.table" in tables
        and "residence" in tables["fertility.table"].columns
    ):
        return Text("生育率表已分城乡", "the fertility table is by residence")
    if path == "migration.kept" and "migration.table" not in tables:
        return Text("没有净迁移人数表", "without a table of net migrants")
    function = scenario.settings.function
    if path.startswith("function.states.") and (function is None or function.mode != "states"):
        return Text("function.mode 不是 states", "function.mode is not states")
    return None
