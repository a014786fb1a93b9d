"""Inputs whose paths may have chance by year, and the quantities that tell it."""

from __future__ import annotations

MOST_PERSISTENT = 0.98
NAMES = ("persistence", "spread")
BAND = "band"  # part of the path's own band after the last known year that is left; all where it is not named
# five-year ages of a base population whose errors are drawn apart, by name
AGE_GROUPS = {**{f"age_{age}": (age, age + 4) for age in range(0, 80, 5)}, "age_80": (80, None)}
ERRORS = ("both", "younger", "older")  # parts of the error of a forecast, drawn apart and added
# path, the quantity that tells its chance, whether it is a factor (on the log) or is added
PROCESSES = {
    "fertility.tfr": ("fertility.by_year", True),
    "mortality.e0": ("mortality.by_year", False),
    "migration.net": ("migration.by_year", False),
}
