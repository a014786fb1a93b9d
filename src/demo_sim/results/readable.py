"""Tidy tables as a reader of a workbook wants them: names in place of ids, one language, no empty columns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from demo_sim.results.judgements import labels_of, lacks_words
from demo_sim.results.tree import Results
from demo_sim.vocab import codes, label

# What a program joins by, and names that the label beside them says.
_IDS = {
    "targets": ("id",), "answers": ("id",), "variance": ("id",), "consistency": ("id",),
    "supply": ("stock",), "kin_check": ("group",), "outcomes": ("run",),
}  # fmt: skip
_NAMED = ("driver", "rests_on", "missing", "bridge", "break_even_of", "counted")  # inputs and figures by their ids
_TWICE = re.compile("_(zh|en)$")
_PLACE = re.compile(r" \([a-z_]+(?:\.[a-z_0-9]+)+(?:, [^()|]+)?\)")  # (base.total, Hunan) behind a figure


def readable(table: str, frame: pd.DataFrame, results: Results, lang: str) -> pd.DataFrame:
    """A table of a run for people; what programs join by is in its CSV.

    Parameters
    ----------
    table : its name
    frame : as `tables` gives it
    results : the run, for the names of plans, inputs and targets
    lang : zh or en
    """
    labels = labels_of(results.attrs)
    named = _series_names(results, lang) | {code: words.get(lang, "") for code, words in labels.items()}
    out: dict[str, Any] = {}
    if table == "variance":
        out[f"label_{lang}"] = _by(frame["id"], _target_names(results, lang))
    for column in map(str, frame.columns):
        values = frame[column]
        if column in _IDS.get(table, ()) or _other_language(column, frame, lang):
            continue
        if column == "plan":
            values = _by(values, _plan_titles(results, lang))
        elif column == "missing" and table == "targets":
            rows = frame.to_dict("records")
            values = pd.Series([lacks_words(row, labels, lang) for row in rows], index=frame.index, dtype=object)
        elif column in _NAMED and not pd.api.types.is_numeric_dtype(values):
            values = _by(values, named, _no_id)
        elif column == "series":
            named_series = {code: label("outcome_series", code, lang) for code in codes("outcome_series")}
            values = _by(values, _target_names(results, lang) | named_series)
        elif column == "variance_of":
            values = _by(values, _target_names(results, lang))
        elif column == "figures":
            values = values.map(lambda text: _figures(str(text), lang))
        out[column] = values
    made = pd.DataFrame(out, index=frame.index)
    return made[[column for column in made.columns if not _empty(made[column])]]


def _by(values: pd.Series, names: Mapping[str, str], other: Callable[[str], str] = str) -> pd.Series:
    told = {code: names.get(str(code)) or other(str(code)) for code in pd.unique(values)}
    return pd.Series([told[code] for code in values.tolist()], index=values.index, dtype=object)


def _no_id(text: str) -> str:
    """Nothing in place of an id that has no name; `[key]` behind one is kept with it."""
    return "" if re.match(r"(missing|listed): |[a-z_]+\.", text) else text


def _other_language(column: str, frame: pd.DataFrame, lang: str) -> bool:
    """Whether a column is the same in the other language, which is kept where this one has gaps."""
    found = _TWICE.search(column)
    if found is None or found.group(1) == lang:
        return False
    own = f"{column[: found.start()]}_{lang}"
    if own not in frame:
        return False
    here, there = (frame[name].astype(str).str.strip() != "" for name in (own, column))
    return bool((here | ~there).all())


def _empty(values: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(values):
        return bool(values.isna().all())
    return not any(str(text).strip() and text == text for text in pd.unique(values))


def _plan_titles(results: Results, lang: str) -> dict[str, str]:
    plans = json.loads(str(results.attrs.get("plans", "")) or "{}")
    return {code: str(words.get(lang) or words.get("zh", code)) for code, words in plans.items()}


def _series_names(results: Results, lang: str) -> dict[str, str]:
    """Names of groups and stocks by the series they are."""
    out: dict[str, str] = {}
    for kind, path, dim in (("groups", "groups/groups", "group"), ("supply", "demand/stocks", "stock")):
        if path not in results or f"{dim}_label_{lang}" not in results.array(path).coords:
            continue
        coords = results.array(path).coords
        pairs = zip(coords[dim].values, coords[f"{dim}_label_{lang}"].values, strict=True)
        out |= {f"{kind}.{code}": str(name) for code, name in pairs}
    return out


def _target_names(results: Results, lang: str) -> dict[str, str]:
    rows = results.targets.to_dict("records")
    return {str(row["id"]): str(row[f"label_{lang}"] or row["label_zh"]) for row in rows}


def _figures(text: str, lang: str) -> str:
    """Figures of a check in one language, without the ids of the register."""
    parts = []
    for part in _PLACE.sub("", text).split(" | "):
        name, colon, rest = part.partition(": ")
        both = name.split(" / ")
        parts.append((both[0 if lang == "zh" else 1] if len(both) == 2 else name) + colon + rest)
    return "; ".join(parts)
