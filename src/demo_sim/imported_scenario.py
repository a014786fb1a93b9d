"""What `import` writes beside the tables: `imported.yaml`, which a run can take, and the figures as a table."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from demo_sim.errors import InputError
from demo_sim.scenario import load
from demo_sim.scenario.forms import FormRow
from demo_sim.scenario.messages import Problems
from demo_sim.tables.figures import Figure
from demo_sim.tables.reading import Tidy
from demo_sim.tables.writing import WRITTEN
from demo_sim.wording import Text

_COLUMNS = (
    "id",
    "into",
    "residence",
    "year",
    "month",
    "value",
    "unit",
    "name",
    "under",
    "code",
    "file",
    "sheet",
    "row",
)
Values = dict[int, dict[str, float]]  # by year and residence, "" where it does not matter


@dataclass(frozen=True)
class Found:
    """A figure and the file that it stands in."""

    file: str
    sheet: str
    title: str
    figure: Figure

    @property
    def row(self) -> FormRow | None:
        """The row of the catalogue that it is known as."""
        return self.figure.known if isinstance(self.figure.known, FormRow) else None


def figures_csv(figures: list[Found]) -> str:
    """All figures, those that are not known with an empty id."""
    out = io.StringIO()
    files = ", ".join(dict.fromkeys(found.file for found in figures))
    out.write(f"{WRITTEN}: {files}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for found in figures:
        one, row = found.figure, found.row
        known = ("", "", "") if row is None else (row.id, row.into or "", row.residence or "")
        shown = row.unit if row is not None else "" if one.unit is None else one.unit.shown
        said = (one.year, one.month, f"{one.value:.12g}", shown, one.name, " / ".join(one.under), one.code)
        writer.writerow((*known, *said, found.file, found.sheet, one.line))
    return out.getvalue()


def scenario_text(
    base: Path | None, tables: dict[str, Tidy], figures: list[Found], known: list[FormRow], problems: Problems
) -> tuple[str, list[Text]]:
    """The scenario of tables and figures, and words on what it leaves to be done.

    Parameters
    ----------
    base
        Scenario of the folder that is extended, or None.
    tables, figures
        What was read.
    known
        Rows of the catalogue.
    problems
        Takes what is wrong in the base.
    """
    lines = [
        f"{WRITTEN}: 由所列各表写出，重新导入时覆盖；自己的数字写在另一个情景里 / written from the tables named here,",
        "# and written again by the next import: put numbers of your own in another file",
    ]
    said: list[Text] = []
    settings = _settings(figures, known, said)
    last = max((year for _, values, _ in settings.values() for year in values), default=0)
    if base is None:
        said.append(
            Text(
                "  在情景中写 extends: imported.yaml 即可采用", "  to use it write extends: imported.yaml in a scenario"
            )
        )
    else:
        lines.append(f"extends: {base.name}")
        lines += _beside(base, last, tables.get("population"), said, problems)
    lines += _table_lines(tables, said)
    lines += _group_lines(settings)
    lines += _supply_lines(settings)
    return "\n".join(lines) + "\n", said


def _beside(base: Path, last: int, people: Tidy | None, said: list[Text], problems: Problems) -> list[str]:
    """Lines on what of the base must change for the figures and people to count."""
    try:
        settings = load(base).settings
    except InputError as error:
        problems.found += error.problems
        return []
    lines = []
    if settings.known_until is not None and last > settings.known_until:
        lines.append(f"known_until: {last}      # 采用到这一年的数 / figures up to this year are read")
    year = people.year if people is not None else 0
    if year and year != settings.period.base.year:
        change = f"period: {{base: {year}-12-31, start: {year + 1}, end: {settings.period.end}}}"
        lines.append(
            f"# 人口表是 {year} 年的；若以它为基期，写 / the people are of {year}; to start from them: {change}"
        )
        said.append(
            Text(
                f"  人口表是 {year} 年的，情景的基期是 {settings.period.base}：请看 imported.yaml 中的说明",
                f"  the people are of {year}, the scenario starts from {settings.period.base}: see imported.yaml",
            )
        )
    return lines


def _table_lines(tables: dict[str, Tidy], said: list[Text]) -> list[str]:
    lines = []
    if "population" in tables:
        lines += ["population:", "  table: population.csv"]
    blocks = {"mortality": "mortality: {table: mortality.csv, interpolate: true, standard: null, e0: null}"}
    blocks["fertility"] = "fertility: {table: fertility.csv, interpolate: true, tfr: null, schedule: null}"
    blocks["migration"] = "migration: {table: migration.csv, interpolate: true, net: null}"
    for kind in tables:
        if kind != "population":
            example = blocks.get(kind, f"{kind}.csv")
            lines.append(f"# {kind}.csv 已写出，要用时写 / written; to use it: {example}")
            said.append(
                Text(f"  {kind}.csv 未填入情景，用法见 imported.yaml", f"  {kind}.csv: see imported.yaml for its use")
            )
    return lines


Setting = tuple[FormRow, Values, str]


def _settings(figures: list[Found], known: list[FormRow], said: list[Text]) -> dict[str, Setting]:
    """Values of each setting by year and residence, with where they stand; parts without their other part are told."""
    parts: dict[str, set[str]] = defaultdict(set)
    for row in known:
        if row.into is not None and row.residence is not None:
            parts[row.into].add(row.residence)
    found: dict[str, Values] = defaultdict(lambda: defaultdict(dict))
    rows: dict[str, FormRow] = {}
    sources: dict[str, list[str]] = defaultdict(list)
    for one in figures:
        known_as = one.row
        if known_as is None or known_as.into is None:
            continue
        into = known_as.into
        found[into][one.figure.year][known_as.residence or ""] = one.figure.value
        rows[into] = known_as
        sheet = "" if one.sheet.lower().startswith("sheet") else one.sheet
        sources[into].append("，".join(part for part in (one.file, sheet, one.title) if part))
    out = {}
    for path, values in found.items():
        for year, by in list(values.items()):
            if parts[path] and parts[path] <= set(by):
                values[year] = {name: value for name, value in by.items() if name}
                total = sum(values[year].values())
                if abs(by.get("", total) - total) > 0.5:
                    said.append(
                        Text(
                            f"  请核对：{path} {year} 年合计 {by['']:.12g}，各部分之和 {total:.12g}，以各部分为准",
                            f"  please check: {path} {year} is {by['']:.12g} in all, its parts sum to {total:.12g}: "
                            "the parts are taken",
                        )
                    )
            elif "" in by:
                values[year] = {"": by[""]}
            else:
                del values[year]
                have, lack = "、".join(by), "、".join(sorted(parts[path] - set(by)))
                said.append(
                    Text(
                        f"  {path} {year} 年只有 {have}，缺 {lack}，未填入",
                        f"  {path} {year}: {lack} is missing, not filled in",
                    )
                )
        if values:
            whole = next((row for row in known if row.into == path and row.residence is None), rows[path])
            out[path] = (whole, dict(values), "；".join(dict.fromkeys(sources[path])))
    return out


def _quantity(values: Values, source: str) -> str:
    years = []
    for year, by in sorted(values.items()):
        inner = f"{by['']:.12g}" if "" in by else "{" + ", ".join(f"{k}: {v:.12g}" for k, v in sorted(by.items())) + "}"
        years.append(f"{year}: {inner}")
    source = json.dumps(source, ensure_ascii=False)
    return "{value: {" + ", ".join(years) + f"}}, source: {source}, status: published}}"


def _group_lines(settings: dict[str, Setting]) -> list[str]:
    lines = []
    for path, (row, values, source) in settings.items():
        if path.startswith("groups."):
            lines.append(f"  {path.removeprefix('groups.')}: {_quantity(values, source)}      # {row.label.zh}")
    return ["groups:", *lines] if lines else []


def _supply_lines(settings: dict[str, Setting]) -> list[str]:
    entries: dict[str, list[str]] = {}
    for path, (row, values, source) in settings.items():
        if path.startswith("supply."):
            _, name, key = path.split(".")
            lines = entries.setdefault(name, [f"  {name}:", f"    kind: {row.kind}"])
            lines.append(f"    {key}: {_quantity(values, source)}      # {row.label.zh}")
    return ["supply:", *(line for lines in entries.values() for line in lines)] if entries else []
