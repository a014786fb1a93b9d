"""What stands in place of what: a table for a formula, one base population for another."""

from __future__ import annotations

from demo_sim.scenario.nodes import Node

# Keys of the formula of each block that stand against `table`, and those it cannot do without.
FORMULAS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "mortality": (("standard", "e0", "residence_gap", "old_age_tilt"), ("standard", "e0")),
    "fertility": (("tfr", "schedule", "mean_age_shift", "urban_births"), ("tfr", "schedule")),
    "migration": (("net", "profile", "male_share", "urban_part"), ("net",)),
    "function.prevalence": (
        ("any", "severe_total", "split", "sex_ratio", "rural_ratio", "trend"),
        ("any", "severe_total", "split"),
    ),
}
# What is known of the people of one table: another table does not take it on.
OF_A_TABLE = ("total", "age_share", "male_share", "urban_share", "urban_by_age", "tie", "tie_total", "age_error")
# Block -> key -> keys that it takes the place of where another file gave them.
INSTEAD: dict[str, dict[str, tuple[str, ...]]] = {
    "population": {
        "table": (*OF_A_TABLE, "from_run", "year"),
        "from_run": (*OF_A_TABLE, "table", "sheet", "unit", "template", "births_factor"),
    },
    **{block: {"table": formula} for block, (formula, _) in FORMULAS.items()},
    # a path of one's own has the band that is written with it
    "mortality": {"table": (*FORMULAS["mortality"][0], "by_year"), "e0": ("by_year",)},
    # what is known of a place's migration has a band of its own, not that of places like it
    "migration": {"table": (*FORMULAS["migration"][0], "error"), "net": ("error",), "kept": ("error",)},
}


def replaced(block: str, over: Node) -> set[str]:
    """Keys of a block below that what is written over it takes the place of."""
    return {key for own, keys in INSTEAD.get(block, {}).items() if own in over.map for key in keys}
