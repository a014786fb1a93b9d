"""`import`: published tables become the project's own, with words on what was understood."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from demo_sim.errors import InputError, Problem
from demo_sim.imported_scenario import Found, figures_before, figures_csv, scenario_text
from demo_sim.scenario.forms import FormRow, read_forms
from demo_sim.scenario.messages import Problems, make_problem
from demo_sim.scenario.nodes import read_yaml
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.starter import write_files
from demo_sim.scenario.table_checks import check_table
from demo_sim.scenario.tables import table_of
from demo_sim.tables.figures import Figures, are_figures, read_figures
from demo_sim.tables.layouts import LAYOUTS
from demo_sim.tables.reading import Opened, Tidy, open_table, read_opened, read_table
from demo_sim.tables.writing import WRITTEN, csv_text, understood
from demo_sim.wording import Text

FIGURES = "figures"
TABLE_KINDS = (*LAYOUTS, FIGURES)
SCENARIO = "imported.yaml"
_SHOWN_UNKNOWN = 100


@dataclass
class Imported:
    """What was read of published tables.

    Attributes
    ----------
    tables : by kind, in the project's own columns
    figures : numbers of the office and its statistical form, known and unknown rows
    files : what was written, in order; empty where no folder was given
    """

    tables: dict[str, Tidy] = field(default_factory=dict)
    figures: list[Found] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    said: list[Text] = field(default_factory=list)

    def lines(self, lang: str = "zh") -> list[str]:
        """What was understood, as the verb prints it."""
        return [text.en if lang == "en" else text.zh for text in self.said]


def import_table(
    *files: str | Path,
    kind: str | None = None,
    unit: str | None = None,
    sheet: str | None = None,
    out: str | Path | None = None,
) -> Imported:
    """Published tables, read as they come; the Python twin of `demo-sim import`.

    Parameters
    ----------
    files
        Workbooks (xlsx, xls, ods) and text (CSV, TSV, the fixed columns of the Human Mortality and
        Fertility Databases) in UTF-8, UTF-16, GBK and the like.
    kind
        What the tables hold, one of `TABLE_KINDS`; left out, their heads say it.
    unit
        Unit of the numbers ("万人", "thousands", "‰") where a table does not say it.
    sheet
        Sheet of a workbook; may be left out where only one holds a table.
    out
        Folder to write to: one CSV a kind, and `imported.yaml`, which names the tables and holds
        the figures, also those of imports before. Where the folder has one scenario, that extends it
        and can be run. Rows of forms
        in `catalog/forms` of the folder are known besides those of the package. Files there that
        this function did not write are left alone.

    Raises
    ------
    InputError
        A table cannot be read, or it is not known what its kind or unit is: with file, sheet, row
        and column.
    WriteError
        The folder cannot be written to.
    """
    result, problems = Imported(), Problems()
    known = read_forms([] if out is None else [Path(out) / "catalog"], problems)
    contents: dict[Path, bytes] = {}
    for file in (Path(one) for one in files):
        table = _one(file, kind, unit, sheet, known, result, problems)
        if table is None:
            continue
        if table.kind in result.tables:
            where = Location(shown_path(file), 0)
            problems.add_text(where, f"已有一张同类的表（{table.kind}）", f"another table of this kind: {table.kind}")
        result.tables[table.kind] = table
        if out is not None:
            contents[Path(out) / f"{table.kind}.csv"] = _bytes(csv_text(table, file.name))
    _check_once(result.figures, problems)
    if out is not None and not problems:
        _add_scenario(Path(out), result, known, contents, problems)
    problems.found += _taken(contents)
    if problems:
        raise InputError(problems.found)
    write_files(contents)
    result.files = list(contents)
    result.said += [Text(f"写出 {shown_path(path)}", f"written: {shown_path(path)}") for path in contents]
    return result


def _bytes(text: str) -> bytes:
    return ("\ufeff" + text).encode("utf-8")


def _one(
    file: Path,
    kind: str | None,
    unit: str | None,
    sheet: str | None,
    known: list[FormRow],
    result: Imported,
    problems: Problems,
) -> Tidy | None:
    """The table of a file; of figures None, since they go into the result."""
    shown = shown_path(file)
    opened, findings = open_table(file, shown, sheet=sheet)
    if opened is None:
        problems.found += findings.wrong
        return None
    if kind == FIGURES or (kind is None and are_figures(opened.grid)):
        _figures(opened, known, result, problems)
        return None
    read = read_opened(opened, kind, unit, doubt=True)
    problems.found += read.problems
    if read.table is None:
        return None
    before = len(problems.found)
    table, kind_read = table_of(read.table, file, Location(shown, 0)), read.table.kind
    check_table(table, kind_read, None, problems, from_birth=False)
    if len(problems.found) == before:
        result.said += understood(read.table, shown)
        result.said += _notes(findings.notes)
        first = min(age for age, _ in read.table.columns["age"])
        if LAYOUTS[kind_read].ages == "whole" and first > 0:
            zh, en = (
                f"  年龄从 {first} 岁开始；用于情景须从 0 岁开始",
                f"  ages begin at {first}; a scenario needs them from 0",
            )
            result.said.append(Text(zh, en))
    return read.table


def _figures(opened: Opened, known: list[FormRow], result: Imported, problems: Problems) -> None:
    found = read_figures(opened, known)
    findings = opened.findings
    problems.found += findings.wrong
    if found is None:
        return
    result.figures += [Found(opened.path.name, found.sheet, found.title, found.publisher, one) for one in found.figures]
    result.said += _told_figures(found, findings.file)
    result.said += _notes(findings.notes)


def _told_figures(found: Figures, file: str) -> list[Text]:
    """What was understood of figures: how many, of when, which are not known."""
    sheet = f" [{found.sheet}]" if found.sheet else ""
    rows = [one.line for one in found.figures]
    times = "、".join(sorted({f"{one.year}年{one.month}月" for one in found.figures}))
    periods = ", ".join(sorted({f"{one.year}-{one.month:02d}" for one in found.figures}))
    count, unknown = len(found.figures), found.unknown
    read, here = count - len(unknown), f"{file}{sheet}"
    first, last = min(rows), max(rows)
    said = [
        Text(
            f"{here} 第 {first}–{last} 行：业务数据，{times}，{count} 个数，认得 {read} 个",
            f"{here} rows {first}-{last}: figures of the office, {periods}, {count} numbers, {read} known",
        )
    ]
    for one in unknown[:_SHOWN_UNKNOWN]:
        name, shown = " / ".join([*one.under, one.name]), "" if one.unit is None else one.unit.shown
        said.append(
            Text(
                f"  第 {one.line} 行不认得：{name} {one.value:.12g} {shown}",
                f"  row {one.line} is not known: {name} {one.value:.12g} {shown}",
            )
        )
    if unknown:
        said.append(
            Text(
                f"  不认得的 {len(unknown)} 行列在 figures.csv 中，未填入情景；可在 catalog/forms 中补写",
                f"  the {len(unknown)} rows that are not known stand in figures.csv alone; add them in catalog/forms",
            )
        )
    return said


def _notes(notes: list[Problem]) -> list[Text]:
    """How cells were read; the row is said where the text does not name the cell."""
    said = []
    for note in notes:
        row = note.line and not note.text_zh.startswith("[")
        zh, en = (f"第 {note.line} 行：", f"row {note.line}: ") if row else ("", "")
        said.append(Text(f"  {zh}{note.text_zh}", f"  {en}{note.text_en}"))
    return said


def _check_once(figures: list[Found], problems: Problems) -> None:
    """Two files give one thing the same number; of two months of a year the later counts."""
    first: dict[tuple[str, int, int], Found] = {}
    for found in figures:
        one = found.figure
        if one.known is None:
            continue
        same = first.setdefault((one.known.id, one.year, one.month), found)
        if same.file != found.file and same.figure.value != one.value:
            zh = f"“{one.name}”与 {same.file} 第 {same.figure.line} 行的数不同；请只留一个"
            en = f'"{one.name}" has another number in {same.file}, row {same.figure.line}; keep one'
            problems.add_text(Location(found.file, one.line), zh, en)


def _add_scenario(
    out: Path, result: Imported, known: list[FormRow], contents: dict[Path, bytes], problems: Problems
) -> None:
    """The scenario of what was read, now and before, and the figures as a table."""
    tables = dict(result.tables)
    for kind in LAYOUTS:
        before = out / f"{kind}.csv"
        if kind not in tables and _ours(before):
            table = read_table(before, kind, shown_path(before)).table
            if table is not None:
                tables[kind] = table
    now = {found.file for found in result.figures}
    before = out / f"{FIGURES}.csv"
    kept = figures_before(before, known, problems) if _ours(before) else []
    figures = [*(found for found in kept if found.file not in now), *result.figures]
    if figures:
        contents[out / f"{FIGURES}.csv"] = _bytes(figures_csv(figures))
    names = [f"{kind}.csv" for kind in tables if kind not in result.tables]
    names += dict.fromkeys(found.file for found in figures if found.file not in now)
    if names:
        zh, en = "、".join(names), ", ".join(names)
        result.said.append(Text(f"  此前读入的一并保留：{zh}", f"  kept from imports before: {en}"))
    text, said = scenario_text(_base(out), tables, figures, known, problems)
    result.said += said
    contents[out / SCENARIO] = text.encode("utf-8")


def _base(out: Path) -> Path | None:
    """The scenario of a folder that all others there begin from; None where there is none, or more than one."""
    own = {path.name: path for path in sorted(out.glob("*.yaml")) if path.name != SCENARIO}
    first = [path for path in own.values() if _extended(path) not in (*own, SCENARIO)]
    return first[0] if len(first) == 1 else None


def _extended(path: Path) -> str:
    """What a scenario says that it extends."""
    said = read_yaml(path, Problems())
    node = None if said is None or not said.is_map else said.map.get("extends")
    return "" if node is None else str(node.value).removeprefix("./")


def _ours(path: Path) -> bool:
    """Whether an import wrote a file."""
    if not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as opened:
        return any(opened.readline(500).startswith(WRITTEN) for _ in range(2))


def _taken(files: Iterable[Path]) -> list[Problem]:
    """Problems of files that are there and were not written by an import."""
    return [
        make_problem(Location(shown_path(path), 0), "exists") for path in files if path.exists() and not _ours(path)
    ]
