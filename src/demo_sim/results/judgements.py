"""What is said of a row of targets: its verdict, what it rests on, what it takes, what it lacks, how it counts.

The terminal, the report, the charts and a notebook all say it in these words.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from demo_sim.results.rounding import office
from demo_sim.vocab import label, label_or_code

Row = Mapping[str, Any]
Labels = Mapping[str, Mapping[str, str]]

_WEAK = ("assumed", "borrowed")  # evidence on which a verdict is indicative
COUNTED_UNITS = ("persons", "beds", "households", "posts", "places", "units", "remains")
_REPORTED = "reported."
_ORDER = ("met", "at_risk", "missed")


def labels_of(attrs: Mapping[str, Any]) -> Labels:
    """Names of the inputs and figures that rows of targets name."""
    found: Labels = json.loads(str(attrs.get("driver_labels", "")) or "{}")
    return found


def kind_of_verdict(row: Row) -> str:
    """Which list of words its verdict is told in: `finished`, `indicative` or `verdict`."""
    if str(row["verdict"]) == "not_assessed":
        return "verdict"
    if float(row["actual"]) == float(row["actual"]):
        return "finished"
    return "indicative" if str(row["evidence"]) in _WEAK else "verdict"


def verdict_words(row: Row, lang: str) -> str:
    """达标, 完成 for a year that is over, 参考：达标 where it rests on what somebody assumed."""
    return label(kind_of_verdict(row), str(row["verdict"]), lang)


def evidence_words(row: Row, lang: str) -> str:
    """What it rests on in a word; empty for a row without a value."""
    return label("status", str(row["evidence"]), lang) if row["evidence"] else ""


def goes_on_words(row: Row, lang: str) -> str:
    """按近年变化推算: how the stock of a row goes on after its last figure; empty for a row without one."""
    code = str(row.get("goes_on") or "")  # an earlier run has none
    return label("goes_on", code, lang) if code else ""


def natural(row: Row, column: str = "natural_value") -> float:
    """Value or probability of a row as things go, where the run knows it apart from the plan carried out; else NaN.

    What is a figure is one and the same.
    """
    value, done = row.get(column, ""), float(row["actual"])
    return float(value) if value != "" and done != done else float("nan")  # an earlier run has none


def has_natural(rows: Iterable[Row]) -> bool:
    """Whether measures move any row, so that rows are told twice: as things go, and with the plan carried out."""
    pairs = [(natural(row), float(row["value"])) for row in rows]
    return any(own == own and own != value for own, value in pairs)


def takes_words(row: Row, labels: Labels, lang: str) -> str:
    """达标须830个岗位（社区工作者）: the break-even, with what it is a level of where that is not the row itself.

    What a percentage point comes to stands behind it where a coverage is not known.
    """
    value, unit = float(row["break_even"]), str(row["break_even_unit"])
    people, of = float(row["required"]), str(row["break_even_of"])
    if unit not in COUNTED_UNITS and people == people:  # a share of a group: its people tell more
        value, unit, of = people, str(row["required_unit"]), ""
    if value != value:
        return ""
    zh = lang == "zh"
    out = f"达标须{office(value, unit, lang)}" if zh else f"takes {office(value, unit, lang)}"
    name = "" if of.startswith(_REPORTED) or of == str(row["missing"]) else labels.get(of, {}).get(lang, "")
    out += (f"（{name}）" if zh else f" ({name})") if name else ""
    each = float(row["per_point"] or "nan")  # an earlier run has none
    if str(row["verdict"]) == "not_assessed" and each == each:
        number = office(each, str(row["required_unit"]), lang, *(() if each >= 10.0 else (1,)))
        out += f"，每个百分点{number}" if zh else f", {number} for each percentage point"
    return out


def lacks_words(row: Row, labels: Labels, lang: str) -> str:
    """缺：社区工作者（基层政权）: the figure that is missing and the department that knows it; empty for none."""
    missing = str(row["missing"])
    if not missing:
        return ""
    zh = lang == "zh"
    department = label_or_code("department", str(row["department"]), lang)
    if missing.startswith(_REPORTED):
        last = str(row["driver"]).partition(" (last ")[2].rstrip(")")
        if last:
            return (
                f"未填报{row['year']}年数（{department}）" if zh else f"not reported for {row['year']} ({department})"
            )
        return f"未填报（{department}）" if zh else f"not reported ({department})"
    name = labels.get(missing, {}).get(lang, missing)
    return f"缺：{name}（{department}）" if zh else f"missing: {name} ({department})"


def headline(rows: Iterable[Row], lang: str) -> str:
    """`18项指标：判定依据充分3项（达标2，有风险1），参考判断2项，只给出达标临界值13项` of the rows of one plan.

    Where none of them is of a plan of the place, those of the reference set are counted.
    """
    rows, counts = list(rows), Counter[tuple[str, str, str]]()
    for row in rows:
        if str(row["tally"]) in ("counted", "planned", "indicative", "open"):
            counts[str(row["tally"]), kind_of_verdict(row), str(row["verdict"])] += 1
    zh = lang == "zh"
    comma = "，" if zh else ", "
    parts = []
    for kind in ("counted", "planned", "indicative", "open"):
        found = [(n, of, verdict) for (name, of, verdict), n in counts.items() if name == kind]
        total = sum(n for n, _, _ in found)
        if not total and kind != "counted":
            continue
        part = f"{label('tally', kind, lang)}{total}项" if zh else f"{label('tally', kind, lang).lower()} {total}"
        words = Counter[str]()
        for verdict in _ORDER:
            for n, of, own in found:
                if own == verdict:
                    words[label("verdict" if of == "indicative" else of, verdict, lang)] += n
        inside = comma.join(f"{word}{'' if zh else ' '}{n}" for word, n in words.items())
        parts.append(part + ((f"（{inside}）" if zh else f" ({inside})") if inside else ""))
    total = sum(counts.values())
    if not total:
        told = sum(str(row["verdict"]) != "not_assessed" for row in rows)
        if zh:
            return f"本地规划0项，参照指标{len(rows)}项，其中{told}项有参考判断"
        return f"none of the place's own, {len(rows)} of reference, {told} with an indicative verdict"
    return (f"{total}项指标：" if zh else f"{total} target{'' if total == 1 else 's'}: ") + comma.join(parts)


def inside_of_tested(outcomes: pd.DataFrame) -> tuple[int, int]:
    """Of the published figures that the run did not use and that have a band: how many lie in it, and how many are."""
    tested = outcomes[(outcomes["mark"] == "tested") & (outcomes["inside"] != "")]
    return int((tested["inside"] == "yes").sum()), len(tested)
