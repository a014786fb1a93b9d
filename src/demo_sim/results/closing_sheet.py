"""The closing table of plans as sheets of the workbook: ready to print and to fill in, numbers kept as numbers."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from demo_sim import vocab
from demo_sim.results.rounding import office
from demo_sim.results.workbook_pages import text_width
from demo_sim.vocab import source_label

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from demo_sim.results.tree import Results

_STAGES = {"final": ("规划收官表", "Closing of the plan"), "midterm": ("中期评估表", "Mid-term review")}
# A unit in brackets at the end of a plan's label.
BRACKET = re.compile(r"\s*[(（]((?:%|‰|万?[人个户张名处所家元]|万元|平方米|年|次|人次))[)）]$")
OPERATORS = {">=": "≥", "<=": "≤", "==": "=", "~": "≈"}
_WIDTHS = (6, 40, 13, 11, 11, 16, 19, 10, 15, 36, 16)
_ACTUAL, _NATURAL = 6, 13  # place of what a row came to; width of the column before it of what comes without measures
_LINE = 15  # points, height of a line of text
_WHOLE = frozenset({"persons", "beds", "households", "posts", "places", "units", "person_times", "m2", "yuan"})

Row = dict[str, Any]


def known(value: Any) -> bool:
    """Whether a cell has a number."""
    return value is not None and math.isfinite(float(value))


def usual(rows: list[Row], column: str) -> int:
    """The year that most rows have; 0 for none."""
    years = [int(found[column]) for found in rows if known(found[column])]
    return max(set(years), key=years.count) if years else 0


def heads(rows: list[Row], lang: str, both: bool) -> list[str]:
    """Heads of the columns, with the years that most rows have; `both` with that of what comes without measures."""
    base, aim, year = (usual(rows, column) or "" for column in ("baseline_year", "target_year", "year"))
    natural, actual = ("自然趋势|", f"{year}实际或落实规划") if both else ("", f"{year}实际")
    zh = f"序号|指标|单位|属性|{base}基数|{aim}目标|{natural}{actual}|完成率（%）|完成情况|数据来源|单位填报"
    natural, actual = ("As things go|", f"Actual {year}, or with the plan") if both else ("", f"Actual {year}")
    en = f"No.|Indicator|Unit|Attribute|Base {base}|Target {aim}|{natural}{actual}|Done (%)|Outcome|Source|To fill in"
    return (zh if lang == "zh" else en).split("|")


def sheet_has_natural(rows: list[Row]) -> bool:
    """Whether measures move what is expected, so that it is told twice: as things go, and with the plan carried out."""
    pairs = [(row["natural_value"], row["value"]) for row in rows if row.get("natural_value", "") != ""]
    return any(known(own) and own != value for own, value in pairs)


def sheet_parts(rows: list[Row], lang: str) -> list[tuple[str, list[Row]]]:
    """Rows of the plan's own table, commitments of its text, deliverables; parts without rows are left out."""
    names = (
        ("规划指标表", "规划正文中的量化任务", "事项和方向性要求")
        if lang == "zh"
        else ("The plan's own table", "Measurable commitments of its text", "Deliverables and directions")
    )
    found: list[list[Row]] = [[], [], []]
    for row in rows:
        found[2 if row["outcome"] in ("listed", "told") else 0 if known(row["number"]) else 1].append(row)
    return [(name, part) for name, part in zip(names, found, strict=True) if part]


def number_of(row: Row) -> str:
    """Number in the plan's own table; none for a second reading."""
    return str(int(row["number"])) if known(row["number"]) and row["reading"] == "indicator" else ""


def sheet_name_of(row: Row, lang: str) -> str:
    """Label without the unit in brackets, which has a column of its own; a second reading names itself."""
    label = BRACKET.sub("", str(row[f"label_{lang}"] or row["label_zh"]).strip())
    if row["reading"] in ("indicator", ""):
        return label
    reading = vocab.label_or_code("reading", str(row["reading"]), lang)
    return f"{label}（{reading}）" if lang == "zh" else f"{label} ({reading})"


def unit_of(row: Row, lang: str) -> str:
    """Unit of a row; that of a share is per cent."""
    return "%" if row["unit"] == "share" else vocab.unit_label(str(row["unit"]), lang)


def source_of(row: Row, lang: str) -> str:
    """Where a figure stands; of a row without one who knows it, and which the last figure was."""
    kind, told = str(row["value_is"]), str(row["data_source"])
    zh = lang == "zh"
    if kind == "figure" and told:
        return source_label(told, lang)
    if kind in ("figure", "undated"):
        return "单位填报" if zh else "reported by the office"
    words = {"between": ("两个年份之间推算", "between two figures")}
    first = words.get(kind, ("本次测算", "this run"))[0 if zh else 1]
    if kind == "expected" and row.get("goes_on"):
        first += ("，" if zh else ", ") + vocab.label("goes_on", str(row["goes_on"]), lang)
    if row["outcome"] in ("to_fill", "listed"):
        department = vocab.label_or_code("department", str(row["department"]), lang)
        first = f"待填报（{department}）" if zh else f"awaited from {department}"
    if not known(row["last_figure"]):
        return first
    last = office(float(row["last_value"]), str(row["unit"]), lang)
    year = int(row["last_figure"])
    return first + (f"；{year}年为{last}" if zh else f"; {year}: {last}")


def closing_names(results: Results, lang: str) -> list[str]:
    """Names of the sheets that `write_closing` writes."""
    stages = set(results.closing["stage"])
    return [names[0 if lang == "zh" else 1] for stage, names in _STAGES.items() if stage in stages]


def write_closing(book: Workbook, results: Results, lang: str) -> None:
    """First sheets of the workbook: the closing table of the run's plans, then the mid-term review."""
    frame = results.closing
    titles = json.loads(results.attrs.get("plans", "{}"))
    for stage, names in _STAGES.items():
        rows = frame[frame["stage"] == stage].to_dict("records")
        if rows:
            sheet = book.add_worksheet(names[0 if lang == "zh" else 1])
            _Sheet(book, sheet, lang).write(rows, titles)


class _Sheet:
    """One sheet while it is written, with its formats."""

    def __init__(self, book: Workbook, sheet: Worksheet, lang: str) -> None:
        self.book, self.sheet, self.lang = book, sheet, lang
        self.made: dict[str, Format] = {}
        self.both = False  # whether what is expected is told as things go, too
        self.aim = 0  # the year that most targets of the plan are dated to
        self.cell = {"border": 1, "valign": "vcenter", "text_wrap": True, "border_color": "#999999"}

    def write(self, rows: list[Row], titles: dict[str, dict[str, str]]) -> None:
        sheet = self.sheet
        title = self.book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"})
        head = self.book.add_format(self.cell | {"bold": True, "align": "center", "bg_color": "#EDF1F5"})
        band = self.book.add_format(self.cell | {"bold": True, "bg_color": "#F7F9FB"})
        self.both = sheet_has_natural(rows)
        last, at = len(_WIDTHS) - 1 + self.both, 0
        for plan in dict.fromkeys(str(row["plan"]) for row in rows):
            own = [row for row in rows if row["plan"] == plan]
            self.aim = usual(own, "target_year")
            sheet.merge_range(at, 0, at, last, titles.get(plan, {}).get(self.lang, plan), title)
            sheet.set_row(at, 24)
            for position, words in enumerate(heads(own, self.lang, self.both)):
                sheet.write_string(at + 1, position, words, head)
            at += 2
            for name, some in sheet_parts(own, self.lang):
                sheet.merge_range(at, 0, at, last, name, band)
                for row in some:
                    at += 1
                    self._row(at, row)
                at += 1
            at += 1
        for position, width in enumerate(self._widths()):
            sheet.set_column(position, position, width)
        sheet.freeze_panes(2, 2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)

    def _widths(self) -> list[int]:
        return [*_WIDTHS[:_ACTUAL], *([_NATURAL] if self.both else []), *_WIDTHS[_ACTUAL:]]

    def _row(self, at: int, row: Row) -> None:
        lang, unit = self.lang, str(row["unit"])
        actual, widths = _ACTUAL + self.both, self._widths()
        attribute = vocab.label_or_code("attribute", str(row["attribute"]), lang) if row["attribute"] else ""
        texts = {
            0: number_of(row),
            1: sheet_name_of(row, lang),
            2: unit_of(row, lang),
            3: attribute,
            actual + 2: vocab.label_or_code("closing_outcome", str(row["outcome"]), lang),
            actual + 3: source_of(row, lang),
            actual + 4: str(row["to_fill"]),
        }
        lines = max(math.ceil(text_width(text) / (widths[position] - 1)) for position, text in texts.items())
        self.sheet.set_row(at, _LINE * max(lines, 1) + 3)
        for position, text in texts.items():
            if text:
                self.sheet.write_string(at, position, text, self._format("@"))
            else:
                self.sheet.write_blank(at, position, None, self._format("@"))
        kind, as_printed = str(row["value_is"]), printed(float(row["target"]), unit)
        word = "" if kind in ("", "figure") else vocab.label("value_is", kind, lang)
        tail = f'"（{word}）"' if word and lang == "zh" else f'" ({word.lower()})"' if word else ""
        shown = _shown(unit)
        sign = OPERATORS.get(str(row["operator"]), "")
        self._number(at, 4, row["baseline"], printed(float(row["baseline"]), unit))
        self._number(at, 5, row["target"], as_printed and f'"{sign}"{as_printed}{self._dated(row)}')
        if self.both:
            self._number(at, _ACTUAL, row["natural_value"] if kind == "expected" else None, shown)
        self._number(at, actual, row["value"], shown + tail)
        completion = float(row["completion"])
        self._number(at, actual + 1, 100.0 * completion, "0.0")

    def _dated(self, row: Row) -> str:
        """Year of a target that is not that of most."""
        year = int(row["target_year"])
        if year == self.aim:
            return ""
        return f'"（{year}）"' if self.lang == "zh" else f'" ({year})"'

    def _number(self, at: int, position: int, value: Any, code: str) -> None:
        if known(value) and code:
            self.sheet.write_number(at, position, float(value), self._format(code))
        else:
            self.sheet.write_blank(at, position, None, self._format("@"))

    def _format(self, code: str) -> Format:
        if code not in self.made:
            self.made[code] = self.book.add_format(self.cell | {"num_format": code})
        return self.made[code]


def _shown(unit: str) -> str:
    """Number format of a unit."""
    return "0.0%" if unit == "share" else "#,##0" if unit in _WHOLE else "#,##0.00"


def printed(value: float, unit: str) -> str:
    """Number format of a figure of the plan, without decimals it has not.

    Examples
    --------
    >>> printed(0.55, "share"), printed(0.7792, "share"), printed(41.11, "m2_per_100hh"), printed(9000.0, "units")
    ('0%', '0.00%', '#,##0.00', '#,##0')
    """
    if not math.isfinite(value) or unit == "boolean":  # done or not, without a number
        return ""
    text = f"{100.0 * value if unit == 'share' else value:.10g}"
    digits = len(text.partition(".")[2]) if "e" not in text else 0
    tail = f".{'0' * digits}" if digits else ""
    return f"0{tail}%" if unit == "share" else f"#,##0{tail}"
