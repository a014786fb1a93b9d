"""Columns of the tables of a run: what is in the CSV of each, and how it is stored in the tree."""

from __future__ import annotations

TARGET_COLUMNS = (
    "plan", "id", "label_zh", "label_en", "reading", "definition", "operator", "target", "unit", "year",
    "attribute", "basis", "coverage_assumed", "value", "low80", "high80", "p_met", "p_se", "gap", "first_year_met",
    "verdict", "driver", "driver_share", "source", "kind", "people", "counted", "count", "required", "required_unit",
    "baseline", "baseline_year", "note", "break_even", "break_even_unit", "break_even_of", "break_even_year",
    "level_for_90", "actual", "completion", "actual_source", "last_figure", "evidence", "rests_on", "tally", "missing",
    "department", "per_point", "natural_value", "natural_p_met", "goes_on", "natural_goes_on",
)  # fmt: skip
INPUT_COLUMNS = (
    "id", "value", "at", "unit", "source", "status", "file:line", "read", "variance_share", "variance_of",
    "replaced_by_zh", "replaced_by_en",
)  # fmt: skip
ANSWER_COLUMNS = (
    "plan", "id", "label_zh", "label_en", "reading", "way", "year", "target_year", "target", "unit", "value",
    "need", "supply", "gap", "required", "required_low80", "required_high80", "to_add", "to_bring_in",
    "cost_once_yuan", "cost_yearly_yuan", "verdict", "basis", "bridge", "missing",
)  # fmt: skip
CLOSING_COLUMNS = (
    "plan", "id", "number", "label_zh", "label_en", "reading", "stage", "year", "unit", "attribute", "baseline",
    "baseline_year", "operator", "target", "target_year", "value", "value_is", "natural_value", "completion", "outcome",
    "department", "data_source", "last_figure", "last_value", "goes_on", "natural_goes_on", "to_fill",
)  # fmt: skip
VARIANCE_COLUMNS = ("plan", "id", "reading", "year", "family", "share", "share_se")
KIN_CHECK_COLUMNS = (
    "group", "label_zh", "label_en", "year", "base", "candidates", "known", "status", "rate", "unseen_share",
    "counted", "source", "share_of", "share", "published_share",
)  # fmt: skip
CONSISTENCY_COLUMNS = (
    "plan", "id", "title_zh", "title_en", "left_zh", "left_en", "left_value", "relation", "right_zh", "right_en",
    "right_value", "unit", "difference", "relative_difference", "finding", "arithmetic", "note_zh", "note_en",
    "figures",
)  # fmt: skip
OUTCOME_COLUMNS = (
    "series", "year", "published", "projected", "difference", "relative_difference", "mark", "run", "q10", "q90",
    "inside",
)  # fmt: skip
LEVER_COLUMNS = ("setting", "name", "lever", "unit", "year", "value", "adds", "new")
RESPONSE_COLUMNS = ("plan", "id", "reading", "year", "levers", "amounts", "level", "whole", "value", "break_even")

# Tables of the tree: group -> (dimension, columns). A column named like its dimension would become an
# index, and a colon is no part of a netCDF name, so these two are stored under another name.
TABLES = {
    "plan": ("target", TARGET_COLUMNS),
    "answers": ("answer", ANSWER_COLUMNS),
    "closing": ("closing_row", CLOSING_COLUMNS),
    "variance": ("part", VARIANCE_COLUMNS),
    "inputs": ("input", INPUT_COLUMNS),
    "consistency": ("check", CONSISTENCY_COLUMNS),
    "outcomes": ("outcome", OUTCOME_COLUMNS),
    "kin_check": ("kin_row", KIN_CHECK_COLUMNS),
    "levers": ("lever_setting", LEVER_COLUMNS),
    "responses": ("response", RESPONSE_COLUMNS),
}
FILES = {"plan": "targets"}
ALWAYS = ("plan", "inputs")  # written even where they are empty
STORED_AS = {("plan", "target"): "target_value", ("inputs", "file:line"): "file_line"}

# Columns that hold codes, and the list of the vocabulary that has them.
CODE_LISTS = {
    "residence": "residence", "sex": "sex", "function": "function", "flow": "flow", "need_kind": "need_kind",
    "base": "base", "attribute": "attribute", "reading": "reading", "basis": "basis", "verdict": "verdict",
    "kind": "target_kind", "people": "people", "relation": "operator", "finding": "finding",
    "status": "status", "at": "at", "mark": "mark", "operator": "operator", "unit": "unit", "required_unit": "unit",
    "break_even_unit": "unit", "evidence": "status", "tally": "tally", "department": "department",
    "way": "way", "family": "family", "rule": "group_rule", "registered_by": "registered_by",
    "goes_on": "goes_on", "natural_goes_on": "goes_on",
}  # fmt: skip
