"""The form of what only the office knows: every figure that a plan waits for, a sheet a department, to be filled in.

A scenario reads it back by `reported: {form: FILE}` (`scenario.form_reading`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from demo_sim.errors import InputError, Problem
from demo_sim.plan.requirements import readings
from demo_sim.results import Results
from demo_sim.results.folders import cannot_write
from demo_sim.run import simulate
from demo_sim.scenario import Scenario, load
from demo_sim.scenario.form_reading import CODE, FIGURE, GIVEN, KNOWN, YEAR
from demo_sim.vocab import label_or_code

REPORTED, ACTUAL = "reported.", "actual."
# Of these every year up to the target's is asked for, in the plan's unit: a year of its own decides, or all add up.
BY_YEAR = ("annual", "cumulative")
_WIDTHS = (6, 26, 30, 9, 7, 12, 28, 12, 12, 24)
_HEADS = (
    ("序号", "No."), ("数据", "Figure asked for"), ("口径", "Definition"), ("单位", "Unit"), YEAR, GIVEN,
    ("用于判定的指标", "Targets that it decides"), ("达标所需", "Meets the target at"),
    ("九成把握所需", "Met in nine of ten at"), CODE,
)  # fmt: skip


@dataclass
class Asked:
    """A figure that the form asks for.

    Attributes
    ----------
    code, year : of the input; name, definition, unit : in the language of the form
    department : code of the department that knows it
    targets : labels of the targets that it decides
    level, level_for_90 : at which they are met, at stated values and in nine draws of ten; NaN where none is
    """

    code: str
    year: int
    name: str
    definition: str
    unit: str
    department: str
    targets: list[str] = field(default_factory=list)
    level: float = float("nan")
    level_for_90: float = float("nan")


def request_form(scenario: Scenario | str | Path, out: str | Path | None = None, lang: str = "zh") -> Path:
    """Write the form of figures that the plans of a scenario wait for.

    Parameters
    ----------
    scenario : a scenario, or its path or name
    out : the workbook, by default `<name>-request.xlsx` in the working folder
    lang : zh or en

    Returns
    -------
    The file.

    Raises
    ------
    InputError
        The scenario is wrong, or no target of its plans waits for a figure.
    WriteError
        The file cannot be written.
    """
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario)
    results = simulate(loaded, engine="cohort")
    asked = figures_asked(loaded, results, lang)
    if not asked:
        zh, en = (
            "规划的指标都已有数，没有要填报的",
            "every target of the plans has its figure: there is nothing to ask for",
        )
        raise InputError([Problem(loaded.name, 0, "plan", zh, en)])
    file = Path(out) if out is not None else Path(f"{loaded.name}-request.xlsx")
    _write(asked, loaded, file, lang)
    return file


def figures_asked(scenario: Scenario, results: Results, lang: str = "zh") -> list[Asked]:
    """Figures that the targets without one wait for, by department; each once, with the targets that it decides."""
    labels = json.loads(str(results.attrs.get("driver_labels", "")) or "{}")
    table = results.targets
    duty = table[table["tally"] != "reference"]
    found: dict[tuple[str, int], Asked] = {}
    for row in (duty if len(duty) else table).to_dict("records"):
        if row["tally"] == "listed" or pd.notna(row["actual"]):
            continue
        for one in _of_row(row, scenario, labels, lang):
            kept = found.setdefault((one.code, one.year), one)
            name = str(row[f"label_{lang}"])
            if name not in kept.targets:
                kept.targets.append(name)
            if one is not kept:  # the level that meets them all
                kept.level, kept.level_for_90 = max(kept.level, one.level), max(kept.level_for_90, one.level_for_90)
    return sorted(found.values(), key=lambda one: one.department)


def _of_row(row: Mapping[str, Any], scenario: Scenario, labels: Mapping[str, Any], lang: str) -> Iterator[Asked]:
    """What a row asks for: the level that decides it, its whole where that is not known, or the figure itself."""
    target = next(t for p in scenario.settings.plan for t in scenario.catalog.plans[p].targets if t.id == row["id"])
    every = readings(target, scenario)
    indicator = next((one for one in every if one.reading == row["reading"]), every[0] if every else None)
    of, _, beside = str(row["break_even_of"]).partition(" (")
    name = labels.get(of, {}).get(lang, of)
    definition = _definition(row, lang)
    said: dict[str, Any] = {"definition": definition, "department": str(row["department"])}
    itself = of.startswith(REPORTED) or indicator is None or of == indicator.id or indicator.kind == "margin"
    if target.timing in BY_YEAR or (indicator is not None and indicator.kind == "cumulative") or itself:
        kind = "" if indicator is None else indicator.kind
        typed = of.startswith(REPORTED) and kind != "coverage"  # a coverage waits for those entitled, too
        code = of if typed else ACTUAL + (indicator.id if indicator else target.indicator)
        first = scenario.settings.period.start if target.timing in BY_YEAR or kind == "cumulative" else target.year
        years = range(first, target.year + 1)
        level = target.goal
        if kind == "cumulative":
            level = target.goal / len(years)  # of a sum each year its part
        elif kind == "units" and row["count"] > 0.0:
            level = row["break_even"] / row["count"]  # whole units, as a share of all
        elif kind == "margin" and typed:
            level = row["break_even"]
        for year in years:
            name = str(row[f"label_{lang}"])
            yield Asked(code, year, name, unit=str(row["unit"]), level=level, level_for_90=level, **said)
        return
    levels: dict[str, Any] = {"level": float(row["break_even"]), "level_for_90": float(row["level_for_90"])}
    if beside:
        levels.pop("level_for_90")  # of a whole that is a stand-in there is no certainty
    yield Asked(FIGURE + of, int(row["break_even_year"]), name, unit=str(row["break_even_unit"]), **said, **levels)
    if beside and indicator is not None and indicator.denominator:
        whole = _whole(indicator.denominator, scenario, labels, lang)
        stand_in: dict[str, Any] = {
            "level": float(round(row["count"]))
        }  # the need that stands for it, until it is entered
        yield Asked(
            FIGURE + indicator.denominator, int(row["break_even_year"]), whole, unit=str(row["break_even_unit"]),
            **said, **stand_in,
        )  # fmt: skip


def _whole(series: str, scenario: Scenario, labels: Mapping[str, Any], lang: str) -> str:
    """Name of a whole that no driver is: its resource's."""
    name = series.removeprefix("supply.")
    found = next((entry.label for entry in scenario.catalog.resources.values() if entry.supply == name), None)
    return str(labels.get(series, {}).get(lang) or (getattr(found, lang) if found else series))


def _definition(row: Mapping[str, Any], lang: str) -> str:
    zh, _, en = str(row["definition"]).partition(" | ")
    return zh if lang == "zh" else en or zh


def _write(asked: list[Asked], scenario: Scenario, file: Path, lang: str) -> None:
    """Write the workbook: a sheet a department, the cells to fill in yellow, the codes in grey at the end."""
    import xlsxwriter
    import xlsxwriter.exceptions

    at = 0 if lang == "zh" else 1
    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False})
    plain = {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#b0b0b0"}
    level = book.add_format({**plain, "num_format": "#,##0.####"})
    cell, head = book.add_format(plain), book.add_format({**plain, "bold": True, "bg_color": "#e7edf3"})
    fill = book.add_format({**plain, "bg_color": "#fff6d6", "num_format": "#,##0.####"})
    grey, title = book.add_format({**plain, "font_color": "#999999"}), book.add_format({"bold": True, "font_size": 14})
    for department in dict.fromkeys(one.department for one in asked):
        word = label_or_code("department", department, lang)
        sheet = book.add_worksheet(word[:31])
        name = scenario.title.zh if lang == "zh" else scenario.title.en
        sheet.write_string(
            0, 0, (f"{name}：规划指标所缺数据填报表（{word}）", f"{name}: figures asked for ({word})")[at], title
        )
        sheet.write_string(1, 0, KNOWN[at])
        sheet.write_number(1, 1, max(int(scenario.settings.known_until or 0), date.today().year - 1))
        told = (
            "只填黄色一列；没有的数留空。占比写成 0 至 1 的小数或百分数。填好后在情景中写 reported: {form: 本文件名}。",
            "Fill in the yellow column alone and leave empty what is not there; shares are 0 to 1, or per cent with "
            "the sign. Then write reported: {form: this file} in the scenario.",
        )
        sheet.write_string(2, 0, told[at])
        for i, (words, width) in enumerate(zip(_HEADS, _WIDTHS, strict=True)):
            sheet.write_string(3, i, words[at], head)
            sheet.set_column(i, i, width)
        for n, one in enumerate((one for one in asked if one.department == department), start=1):
            values: list[Any] = [
                n, one.name, one.definition, label_or_code("unit", one.unit, lang),
                one.year, None,
                ("、" if lang == "zh" else "; ").join(one.targets), one.level, one.level_for_90,
                f"{one.code} [{one.unit}]",
            ]  # fmt: skip
            for i, value in enumerate(values):
                form = {5: fill, 7: level, 8: level, 9: grey}.get(i, cell)
                if value is None or value != value:
                    sheet.write_blank(3 + n, i, None, form)
                else:
                    sheet.write(3 + n, i, value, form)
        sheet.freeze_panes(4, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3)
    try:
        book.close()
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise cannot_write(file, error) from error
