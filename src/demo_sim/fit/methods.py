"""The methods that a spec may name."""

from __future__ import annotations

from demo_sim.fit import ages, bounded_path, bounds, chance, fertility, group_rate, migration, mortality, stocks
from demo_sim.fit.method import Method

METHODS: dict[str, Method] = {
    "age_error": ages.METHOD,
    "bounds": bounds.METHOD,
    "by_year": chance.METHOD,
    "fertility_path": bounded_path.METHOD,
    "fertility_schedule": fertility.METHOD,
    "group_rate": group_rate.METHOD,
    "lee_carter": mortality.METHOD,
    "net_migration": migration.METHOD,
    "stocks": stocks.METHOD,
}
