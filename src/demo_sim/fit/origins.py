"""Forecasts of the past: places from one census to the next, and fits from rolling origins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from demo_sim.fit import census_rule as rule
from demo_sim.fit.method import Ask, Tell
from demo_sim.fit.methods import METHODS
from demo_sim.fit.observed import Observed
from demo_sim.fit.spec import Task
from demo_sim.places.finding import places
from demo_sim.plan.outcomes import of_run
from demo_sim.run import simulate
from demo_sim.scenario import Scenario
from demo_sim.wording import Text


def of_places(
    which: str, origin: int, series: dict[str, tuple[int, int | None]], how: rule.DecadeRule, tell: Tell
) -> pd.DataFrame:
    """People of places forecast from a census to the next, beside those counted.

    Parameters
    ----------
    which : nation, provinces or counties
    origin : year of the census
    series : first five-year group of each, and the one after its last (None where it is open)
    how : the rule goes on
    tell : takes words on how far it is
    """
    rows = []
    codes = {"nation": [rule.NATION], "provinces": rule.provinces()}
    pairs = rule.same_land() if which == "counties" else [(code, code) for code in codes[which]]
    halves = {code: i % 2 for i, code in enumerate(rule.provinces())}
    for i, (code, before) in enumerate(pairs):
        if i % 500 == 0:
            tell(Text(f"{which}：{i}/{len(pairs)}", f"{which}: {i} of {len(pairs)}"))
        place = places()[code]
        if which != "counties":
            then, now = rule.census_people(code, origin), rule.census_people(code, origin + rule.DECADE)
            found = rule.decade_forecast(code, origin, how)
        else:
            then, now = rule.people_of_county(before, origin), rule.people_of_county(code, origin + rule.DECADE)
            found = rule.forecast_county(then, rule.ratios_of(place.province, origin, how))
        for name, (first, last) in series.items():
            rows.append(
                {
                    "origin": origin,
                    "year": origin + rule.DECADE,
                    "horizon": rule.DECADE,
                    "place": code,
                    "name": place.name,
                    "half": halves.get(place.province, 0),
                    "people": float(then.sum()),
                    "series": name,
                    "value": float(found[:, first:last].sum()),
                    "actual": float(now[:, first:last].sum()),
                }
            )
    return pd.DataFrame(rows)


def of_scenario(scenario: Scenario, draws: int, tell: Tell) -> pd.DataFrame:
    """What a scenario projects beside what was published after the last year that it knows.

    Parameters
    ----------
    scenario : with `known_until` and outcomes
    draws : random draws
    tell : takes words on how far it is
    """
    origin = int(scenario.settings.known_until or 0)
    tell(Text(f"运行情景 {scenario.name}", f"running {scenario.name}"))
    told = [outcome.observed.rows for outcome in scenario.settings.outcomes.values() if outcome.observed is not None]
    last = max((row.year or 0 for rows in told for row in rows), default=origin)
    end = min(max(last, origin + 1), scenario.settings.period.end)
    run = simulate(scenario.replace({"draws": draws, "period.end": end, "plan": []}), engine="cohort")
    values = of_run(run)
    rows = []
    for found in run.outcomes[run.outcomes["mark"] == "tested"].to_dict("records"):
        projected = values(found["series"], int(found["year"]))
        if projected is None:
            continue
        quantiles = np.quantile(projected[:-1], [0.025, 0.1, 0.9, 0.975])
        rows.append(
            {
                "origin": origin,
                "year": int(found["year"]),
                "horizon": int(found["year"]) - origin,
                "series": found["series"],
                "value": float(projected[-1]),
                "actual": float(found["published"]),
                **dict(zip(("q025", "q10", "q90", "q975"), map(float, quantiles), strict=True)),
            }
        )
    return pd.DataFrame(rows)


def of_fit(task: Task, origins: tuple[int, ...], most: int, tell: Tell) -> pd.DataFrame:
    """A fit made anew at each origin from the years up to it, beside what came.

    Parameters
    ----------
    task : spec of the fit, with its tables
    origins : last years that are known
    most : years ahead, as far as they were observed
    tell : takes words on how far it is
    """
    method = METHODS[task.spec.method]
    whole = method.make(Ask(task.tables, task.options, np.random.default_rng(task.spec.seed), tell))
    last = max(int(table["year"].max()) for table in task.tables.values())
    rows = []
    for i, origin in enumerate(origins, 1):
        tell(Text(f"起点 {origin}（{i}/{len(origins)}）", f"origin {origin} ({i} of {len(origins)})"))
        known = {name: _until(table, origin) for name, table in task.tables.items()}
        options = task.options.model_copy(update={"to": min(origin + most, last)})
        made = method.make(Ask(known, options, np.random.default_rng(task.spec.seed), tell))
        for name, ahead in made.ahead.items():
            seen = whole.seen[name]
            for year, value, quantiles in zip(ahead.years, ahead.value, ahead.quantiles.T, strict=True):
                if int(year) in seen:
                    found = dict(zip(("q025", "q10", "q90", "q975"), map(float, quantiles), strict=True))
                    rows.append(
                        {
                            "origin": origin,
                            "year": int(year),
                            "horizon": int(year) - origin,
                            "series": name,
                            "value": float(value),
                            "actual": seen[int(year)],
                            **found,
                        }
                    )
    return pd.DataFrame(rows)


def _until(table: Observed, year: int) -> Observed:
    here = table["year"] <= year
    return replace(table, columns={name: column[here] for name, column in table.columns.items()})
