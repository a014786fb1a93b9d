"""How results and their targets show themselves in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from demo_sim.results.clean import clean
from demo_sim.results.judgements import evidence_words, labels_of, verdict_words
from demo_sim.results.rounding import UNKNOWN, office, percent
from demo_sim.vocab.show import html_table, language

if TYPE_CHECKING:
    from demo_sim.results.tree import Results

_OPERATORS = {">=": "≥", "<=": "≤", "==": "=", "~": "≈"}


def results_html(results: Results) -> str:
    """Title, residents at a few year-ends, and the targets that were assessed."""
    lang = language()
    zh = lang == "zh"
    summary = results.central.summary.sum(("residence", "sex", "function"))
    ages = [int(str(a).rstrip("+").partition("-")[0]) for a in summary["age_group"].values]
    years = [int(y) for y in summary["time"].values]
    shown = sorted({years[0], *(y for y in years if y % 5 == 0), years[-1]})
    rows = []
    for year in shown:
        people = summary.sel(time=year).values
        old = float(people[[a >= 60 for a in ages]].sum())
        total = float(people.sum())
        rows.append((str(year), office(total, "persons", lang), office(old, "persons", lang), percent(old / total)))
    heads = "年末|常住人口|60岁及以上|占比" if zh else "year-end|residents|60 and over|share"
    draws = f"{results.draws}次抽样" if zh else f"{results.draws} draws"
    title = f"{results.title(lang)} ({clean(str(results.attrs.get('name', '')))}), {draws}"
    return html_table(heads.split("|"), rows, title) + targets_html(results.targets, results.attrs)


def targets_html(targets: pd.DataFrame, attrs: dict[str, Any] | None = None) -> str:
    """Targets with a verdict as a table, and how many lack a figure; empty where there are none."""
    if targets.empty:
        return ""
    lang = language()
    zh = lang == "zh"
    names = labels_of(attrs or {})
    rows = []
    judged = targets["verdict"] != "not_assessed"
    for row in targets[judged].to_dict("records"):
        unit, driver = str(row["unit"]), str(row["driver"])
        chance = float(row["p_met"])
        rows.append(
            (
                str(row[f"label_{lang}"] or row["label_zh"]),
                f"{row['year']} {_OPERATORS.get(str(row['operator']), '')}{office(float(row['target']), unit, lang)}",
                office(float(row["value"]), unit, lang),
                percent(chance, 0) if chance == chance else UNKNOWN,
                verdict_words(row, lang),
                evidence_words(row, lang),
                str(names.get(driver, {}).get(lang, driver)),
            )
        )
    missing = int((~judged).sum())
    heads = (
        "指标|目标|预计值|达标概率|判定|依据|影响最大的参数"
        if zh
        else "target|goal|expected|p(met)|verdict|evidence|driver"
    )
    title = f"规划指标（另有{missing}行未评估）" if zh else f"Targets ({missing} rows more are not assessed)"
    return html_table(heads.split("|"), rows, title)


class TargetTable(pd.DataFrame):
    """The target table; a data frame that shows itself as an office reads it. What is cut from it is a plain one."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        return targets_html(pd.DataFrame(self), self.attrs)
