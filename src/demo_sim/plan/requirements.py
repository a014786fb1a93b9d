"""What a plan requires of a run, asked before the engine starts: horizon, series, missing inputs."""

from __future__ import annotations

from dataclasses import dataclass

from demo_sim.errors import InputError, Problem
from demo_sim.scenario import Scenario
from demo_sim.scenario.entries import Indicator, Plan, Target

REPORTED = "reported."  # where figures of the office stand in a scenario
SUPPLY = "supply."  # before the names of stocks


@dataclass(frozen=True)
class Requirements:
    """Horizon, series and reported figures that the plans of a scenario ask for.

    Attributes
    ----------
    horizon : last year a target is dated to, or None without a plan
    series : names such as `supply.institution_beds`, `groups.households`
    reported : names of figures that only an office knows
    """

    horizon: int | None
    series: tuple[str, ...]
    reported: tuple[str, ...]


def plan_targets(scenario: Scenario) -> list[tuple[Plan, Target]]:
    """Targets of all plans of a scenario, in order; of a reference set those that no plan repeats."""
    plans = [scenario.catalog.plans[name] for name in scenario.settings.plan]
    own = {_asks(target) for plan in plans if not plan.reference for target in plan.targets}
    return [
        (plan, target) for plan in plans for target in plan.targets if not plan.reference or _asks(target) not in own
    ]


def _asks(target: Target) -> tuple[object, ...]:
    return target.indicator, target.operator, target.value, target.year


def readings(target: Target, scenario: Scenario) -> list[Indicator]:
    """Indicators of a target, its own first; none for a figure of the office."""
    if target.indicator.startswith(REPORTED):
        return []
    return [scenario.catalog.indicators[name] for name in (target.indicator, *target.also)]


def paths(indicator: Indicator) -> list[str]:
    """Series and quantities that an indicator is formed of, by name."""
    factors = (*indicator.times, *indicator.minuend, *indicator.subtrahend)
    factors += () if indicator.units is None else (indicator.units,)
    names = [indicator.numerator, indicator.denominator, indicator.coverage, indicator.of, *(f.of for f in factors)]
    return [name for name in names if name]


def requirements(scenario: Scenario) -> Requirements:
    """What the plans of a scenario require.

    Raises
    ------
    InputError
        A target is dated after the end of the scenario; names the year.
    """
    targets = plan_targets(scenario)
    horizon = max((t.year for _, t in targets if t.scored), default=None)
    end = scenario.settings.period.end
    if horizon is not None and horizon > end:
        where = scenario.locations.get("period.end") or scenario.locations["period"]
        raise InputError(
            [
                Problem(
                    where.file,
                    where.line,
                    "period.end",
                    f"规划有{horizon}年的指标，而预测只到{end}年；请把 period.end 改为{horizon}或更晚",
                    f"the plan has a target for {horizon}, the run ends in {end}; set period.end to {horizon}",
                )
            ]
        )
    series: dict[str, None] = {}
    reported: dict[str, None] = {}
    for _, target in targets:
        if not target.scored:
            continue
        if target.indicator.startswith(REPORTED):
            reported[target.indicator.removeprefix(REPORTED)] = None
            continue
        for indicator in readings(target, scenario):
            for path in paths(indicator):
                if path.startswith(REPORTED):
                    reported[path.removeprefix(REPORTED)] = None
                else:
                    series[path] = None
    return Requirements(horizon, tuple(series), tuple(reported))
