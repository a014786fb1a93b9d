"""A table that was read, as a file of the project's own form, and in words."""

from __future__ import annotations

import csv
import io
from typing import Any

from demo_sim.tables.layouts import COUNTS, RESIDENCES, SEXES, age_text
from demo_sim.tables.reading import Tidy
from demo_sim.wording import Text, listed

WRITTEN = "# demo-sim import"  # begins the second line of every file that the verb wrote
_ORDER = {name: i for i, name in enumerate((*RESIDENCES, *SEXES))}
_NAMES = {
    "population": Text("人口", "population"),
    "template": Text("单岁人口", "template of single ages"),
    "mortality": Text("死亡率", "death rates"),
    "standard": Text("标准死亡率", "standard death rates"),
    "fertility": Text("生育率", "birth rates"),
    "schedule": Text("生育模式", "age pattern of fertility"),
    "migration": Text("净迁移", "net migration"),
    "prevalence": Text("能力等级占比", "prevalence"),
}


def csv_text(table: Tidy, file: str) -> str:
    """The table in the project's own columns, its source named in the first line."""
    out = io.StringIO()
    parts = {"publisher": table.source, "licence": table.licence, "status": table.status}
    plain = {name: " ".join(text.split()).translate({ord(";"): ",", ord("；"): "，"}) for name, text in parts.items()}
    said = "; ".join(f"{name}: {text}" for name, text in plain.items() if text)
    out.write(f"# {said}\n{WRITTEN}: {file}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    rows = list(zip(*table.columns.values(), strict=True))
    for row in sorted(rows, key=lambda row: [_rank(value) for value in row[:-1]]):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _rank(value: Any) -> tuple[int, str]:
    if isinstance(value, tuple):
        return int(value[0]), ""
    return (value, "") if isinstance(value, int) else (_ORDER.get(value, 0), str(value))


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return age_text(value)
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def understood(table: Tidy, file: str) -> list[Text]:
    """What was understood of a file: sheet, rows, unit, checks, what was left aside."""
    measure = table.layout.measure
    first, last = table.span
    name, unit = _NAMES[table.kind], table.unit
    sheet = f" [{table.sheet}]" if table.sheet else ""
    shown = unit.shown if unit is not None and unit.shown not in ("", "persons", "per person") else ""
    usual = Text("单位 人", "unit persons") if measure in COUNTS else Text("单位 每人年", "unit per person-year")
    units = Text(f"单位 {shown}", f"unit {shown}") if shown else usual
    keys = Text("、".join(table.columns), ", ".join(table.columns))
    lines = [
        Text(
            f"{file}{sheet} 第 {first}–{last} 行：{name.zh}，{len(table)} 个数，{units.zh}；列 {keys.zh}",
            f"{file}{sheet} rows {first}-{last}: {name.en}, {len(table)} numbers, {units.en}; columns {keys.en}",
        )
    ]
    ages = sorted({age for age in table.columns.get("age", [])}, key=lambda age: age[0])
    if ages:
        some = [age_text(age) for age in (ages if len(ages) < 6 else [*ages[:3], *ages[-1:]])]
        zh, en = "、".join(some), ", ".join(some)
        total = sum(table.columns[measure])
        sums = (
            Text(f"；合计 {total:,.10g} 人", f"; {total:,.10g} persons in all")
            if measure == "population"
            else Text("", "")
        )
        lines.append(Text(f"  年龄 {len(ages)} 组：{zh}{sums.zh}", f"  {len(ages)} ages: {en}{sums.en}"))
    if table.checks:
        lines.append(Text(f"  核对 {table.checks} 处合计，相符", f"  {table.checks} sums checked, all right"))
    if table.unused:
        some_heads = listed(table.unused)
        lines.append(Text(f"  未采用的列：{some_heads.zh}", f"  columns left out: {some_heads.en}"))
    lines += [Text(f"  未采用的行：{text[:60]}", f"  row left out: {text[:60]}") for text in table.remarks[:5]]
    return lines
