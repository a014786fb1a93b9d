"""What `import` writes beside the tables: `imported.yaml`, which a run can take, and the figures as a table."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from demo_sim.errors import InputError
from demo_sim.scenario import Scenario, load
from demo_sim.scenario.forms import FormRow
from demo_sim.scenario.messages import Problems
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.settings import Settings
from demo_sim.scenario.shipped import shown_path
from demo_sim.tables.figures import OfficeFigure
from demo_sim.tables.numbers import unit
from demo_sim.tables.reading import Tidy
from demo_sim.tables.writing import WRITTEN
from demo_sim.wording import Text

_COLUMNS = (
    *("id", "into", "residence", "year", "month", "value", "unit", "name", "under", "code"),
    *("file", "sheet", "row", "title", "publisher"),
)
Values = dict[int, dict[str, float]]  # by year and residence, "" where it does not matter


@dataclass(frozen=True)
class Found:
    """A figure and the file that it stands in; `publisher` is empty for an office's own file."""

    file: str
    sheet: str
    title: str
    publisher: str
    figure: OfficeFigure

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
        writer.writerow((*known, *said, found.file, found.sheet, one.line, found.title, found.publisher))
    return out.getvalue()


def figures_before(path: Path, known: list[FormRow], problems: Problems) -> list[Found]:
    """Figures that an import wrote before; a problem where the file was changed so that it cannot be read."""
    rows = {row.id: row for row in known}
    found = []
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
        reader = csv.DictReader(line for line in opened if not line.startswith("#"))
        try:
            for row in reader:
                when = (int(row["year"]), int(row["month"]), int(row["row"]))
                under = tuple(part for part in row["under"].split(" / ") if part)
                what = (row["name"], under, float(row["value"]), unit(row["unit"]), *when, row["code"])
                by = row.get("publisher") or ""  # a column that the version which wrote it may not have had
                found.append(
                    Found(row["file"], row["sheet"], row["title"], by, OfficeFigure(*what, rows.get(row["id"])))
                )
        except (KeyError, ValueError, TypeError, AttributeError, csv.Error):
            zh, en = "已被改动，读不出；请删去后重新导入", "was changed and cannot be read; delete it and import again"
            problems.add_text(Location(shown_path(path), reader.line_num), zh, en)
    return found


def scenario_text(
    base: Path | None, tables: dict[str, Tidy], figures: list[Found], known: list[FormRow], problems: Problems
) -> tuple[str, list[Text]]:
    """The scenario of tables and figures, and words on what is left to do.

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
    said: list[Text] = []
    settings = _settings(figures, known, said)
    last = max((year for _, values, _ in settings.values() for year in values), default=0)
    start = None if base is None else _loaded(base, problems)
    lines = _people_lines(tables.get("population"), None if start is None else start.settings, said)
    lines += _group_lines(settings) + _supply_lines(settings)
    for kind in tables:
        if kind != "population":
            example = _BLOCKS.get(kind, f"{kind}.csv")
            lines.append(f"# {kind}.csv: {example}")
            said.append(
                Text(
                    f"  {kind}.csv 未填入情景；要用时写 {example}", f"  {kind}.csv is not in use; to use it: {example}"
                )
            )
    if base is not None:
        limit = None if start is None or "known_until" not in start.locations else start.settings.known_until
        if limit is not None and last > limit:
            lines.insert(0, f"known_until: {last}      # 采用到这一年的数 / figures up to this year are read")
        lines.insert(0, f"extends: {base.name}")
    elif not all(line.startswith("#") for line in lines):
        zh, en = "在情景中写 extends: imported.yaml 即可采用", "to use it write extends: imported.yaml in a scenario"
        said.append(Text(f"  {zh}", f"  {en}"))
    return "\n".join([*_HEAD, *lines]) + "\n", said


_HEAD = (
    f"{WRITTEN}: 由所列各表写出，重新导入时覆盖；自己的数字写在另一个情景里 / written from the tables named here,",
    "# and written again by the next import: put numbers of your own in another file",
)
_BLOCKS = {
    "mortality": "mortality: {table: mortality.csv, interpolate: true, standard: null, e0: null}",
    "fertility": "fertility: {table: fertility.csv, interpolate: true, tfr: null, schedule: null}",
    "migration": "migration: {table: migration.csv, interpolate: true, net: null}",
}


def _loaded(base: Path, problems: Problems) -> Scenario | None:
    try:
        return load(base)
    except InputError as error:
        problems.found += error.problems
        return None


def _people_lines(people: Tidy | None, start: Settings | None, said: list[Text]) -> list[str]:
    """The block of people; people of another year than the base are not filled in, since the years would be wrong."""
    if people is None:
        return []
    lines = ["population:", "  table: population.csv"]
    year = people.year
    if start is None or not year or year == start.period.base.year:
        return lines
    zh = f"人口表是 {year} 年的，情景的基期是 {start.period.base}，未填入；要以它为基期，改 period 后写 population"
    en = f"the people are of {year} and the base is {start.period.base}: not filled in; change period first"
    said.append(Text(f"  {zh}", f"  {en}"))
    period = f"period: {{base: {year}-12-31, start: {year + 1}, end: {start.period.end}}}"
    return [f"# {zh} / {en}", f"# {period}", "# population: {table: population.csv}"]


Setting = tuple[FormRow, Values, tuple[str, str]]  # with source and status


def _settings(figures: list[Found], known: list[FormRow], said: list[Text]) -> dict[str, Setting]:
    """Values of each setting by year and residence, with where they stand; parts without their other part are told."""
    parts: dict[str, set[str]] = defaultdict(set)
    for row in known:
        if row.into is not None and row.residence is not None:
            parts[row.into].add(row.residence)
    found: dict[str, Values] = defaultdict(lambda: defaultdict(dict))
    rows: dict[str, FormRow] = {}
    sources: dict[str, list[str]] = defaultdict(list)
    own: dict[str, bool] = defaultdict(bool)  # whether a number comes from an office's own file
    for one in sorted(figures, key=lambda found: found.figure.month):  # of two months of a year the later counts
        known_as = one.row
        if known_as is None or known_as.into is None:
            continue
        into = known_as.into
        found[into][one.figure.year][known_as.residence or ""] = one.figure.value
        rows[into] = known_as
        sheet = "" if one.sheet.lower().startswith("sheet") else one.sheet
        sources[into].append("，".join(part for part in (one.publisher, one.file, sheet, one.title) if part))
        own[into] |= not one.publisher
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
            named = "；".join(dict.fromkeys(sources[path]))
            out[path] = (whole, dict(values), (named, "reported" if own[path] else "published"))
    return out


def _quantity(values: Values, provenance: tuple[str, str]) -> str:
    years = []
    for year, by in sorted(values.items()):
        inner = f"{by['']:.12g}" if "" in by else "{" + ", ".join(f"{k}: {v:.12g}" for k, v in sorted(by.items())) + "}"
        years.append(f"{year}: {inner}")
    source, status = json.dumps(provenance[0], ensure_ascii=False), provenance[1]
    return "{value: {" + ", ".join(years) + f"}}, source: {source}, status: {status}}}"


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
