"""The score board of the plan as a picture: each target with its expected value, gap and verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.patches import FancyBboxPatch

from demo_sim.plot.chart import Chart
from demo_sim.plot.numbers import NothingToDraw
from demo_sim.plot.sheet import new_sheet, room_for
from demo_sim.plot.style import (
    CM,
    INK,
    MUTED,
    NOTE_SIZE,
    RULE,
    SMALL_SIZE,
    VERDICT,
    VERDICT_SYMBOL,
    VERDICT_TEXT,
    WIDTH,
    ChartFigure,
    style,
)
from demo_sim.plot.text import footer, shorten, text, wrap
from demo_sim.results.judgements import (
    Labels,
    evidence_words,
    headline,
    labels_of,
    lacks_words,
    takes_words,
    verdict_words,
)
from demo_sim.results.rounding import difference, office, percent
from demo_sim.vocab import LISTED, label, unit_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from demo_sim.results import Results

_COLUMNS = (
    "id", "label_zh", "label_en", "reading", "operator", "target", "unit", "year", "attribute", "basis",
    "value", "low80", "high80", "p_met", "gap", "verdict", "driver", "kind", "people", "actual", "evidence", "tally",
    "missing", "department", "break_even", "break_even_unit", "break_even_of", "required", "required_unit",
    "per_point",
)  # fmt: skip
_SECTIONS = {
    "table": ("规划指标表", "Table of indicators of the plan"),
    "text": ("规划正文", "Text of the plan"),
    "reference": ("参照指标（国家与外地规划）", "Reference targets (national and from other places)"),
}
_SHORT_UNITS = {"persons", "beds", "households", "posts", "places", "units"}
_NUMERIC = ("target", "value", "low80", "high80", "p_met", "gap")
_OPERATOR = {">=": "≥", "<=": "≤", "==": "=", "~": "≈"}
# Left or right edges of the columns, cm.
_NUMBER, _LABEL, _TARGET, _VALUE, _GAP, _CHANCE, _BADGE = 0.25, 0.85, 8.9, 10.95, 12.75, 13.75, 13.95
_LABEL_ROOM = 5.2
_UNIT_ROOM = 2.8
_SMALL_LABEL_ROOM, _MISSING_ROOM = 6.0, _BADGE - _TARGET - 0.3
_BADGE_WIDTH = WIDTH - 0.25 - _BADGE
_LINE = SMALL_SIZE * 1.35 / 72 * 2.54
_NOTE = NOTE_SIZE * 1.35 / 72 * 2.54
_ROW_PAD = 0.2
_HEAD, _SECTION = 0.65, 0.36
_MOST_BODY = 21.5  # with its texts it fills the height of an A4 page


def target_table_numbers(results: Results) -> pd.DataFrame:
    """Return the columns of targets.csv that the picture shows, in the order of the plans.

    Deliverables and directions have no verdict and are left to targets.csv.
    """
    targets = results.targets
    numbers = results.tree["plan"].coords["target_table_no"].values if "plan" in results.tree.children else []
    judged = ~targets["kind"].isin(LISTED)
    targets = targets[judged]
    if targets.empty:
        raise NothingToDraw("本次运行没有规划指标", "this run has no plan targets")
    table = targets[list(_COLUMNS)].reset_index(drop=True)
    for column in _NUMERIC:
        table[column] = pd.to_numeric(table[column], errors="coerce")
    # The row of the plan's own table; 0 for a commitment of its text.
    table.insert(0, "table_no", numbers[judged.to_numpy()])
    reference = table["tally"] == "reference"
    table.insert(1, "section", np.where(table["table_no"] > 0, "table", np.where(reference, "reference", "text")))
    return table


@dataclass(frozen=True)
class _Row:
    """One row ready to be set: its texts, already broken into lines, and its height in cm."""

    number: str
    label: list[str]
    note: list[str]
    target: str
    unit: list[str]
    value: str
    band: str
    gap: str
    chance: str
    verdict: str
    badge: str

    @property
    def height(self) -> float:
        """Room for the row, cm; a row without an assessment is small print, so a long plan fits a page."""
        if self.verdict == "not_assessed":
            return max(len(self.label), len(self.note), 1) * _NOTE + _ROW_PAD / 2
        left = len(self.label) * _LINE + len(self.note) * _NOTE
        right = _LINE + _NOTE * max(len(self.unit), 1 if self.band else 0)
        return max(left, right) + _ROW_PAD


def target_table(results: Results, lang: str = "zh", page: int = 1) -> ChartFigure:
    """Draw the targets of the run as a table with coloured and marked verdicts.

    Rows of the plan's own table that lack data are small print with what is missing, as long as all rows then fit a
    page; other targets that lack data are named in a paragraph under the table, cut where they are many. What is
    assessed always stands in a row, on further pages where one does not hold it.

    Parameters
    ----------
    results : Results
        A run.
    lang : {"zh", "en"}
        Language of all text.
    page : int
        Page to draw, from 1; the figure says in `pages` how many there are.
    """
    table = target_table_numbers(results)
    notes = footer(results, lang, ())
    with style():
        room = room_for(_title(results, table, lang), _subtitle(lang) + _page_words(9, 9, lang), notes, _MOST_BODY)
        pages, rest = _lay_out(table, labels_of(results.attrs), room, lang)
        shown = pages[page - 1]
        rest = rest if page == len(pages) else []
        body = _HEAD + sum(height for _, height in shown) + len(rest) * _NOTE + (0.3 if rest else 0.1)
        subtitle = _subtitle(lang) + (_page_words(page, len(pages), lang) if len(pages) > 1 else "")
        sheet = new_sheet(_title(results, table, lang), subtitle, notes, body)
        figure_height = sheet.figure.get_figheight() / CM
        ax = sheet.figure.add_axes((0, sheet.bottom / figure_height, 1, sheet.height / figure_height))
        ax.set_xlim(0, WIDTH)
        ax.set_ylim(sheet.height, 0)
        ax.axis("off")
        _header(ax, bool(table["low80"].notna().any()), lang)
        y, rules = _HEAD, []
        for item, height in shown:
            if isinstance(item, str):
                ax.text(_LABEL, y + height / 2, item, va="center", fontsize=NOTE_SIZE, color=MUTED)
            else:
                place = _draw_small_row if item.verdict == "not_assessed" else _draw_row
                place(ax, item, y, lang)
                rules.append(y + height)
            y += height
        ax.hlines(rules, 0.25, WIDTH - 0.25, color=RULE, linewidth=0.5)
        for i, line in enumerate(rest):
            ax.text(_NUMBER, y + 0.15 + (i + 0.5) * _NOTE, line, va="center", fontsize=NOTE_SIZE, color=MUTED)
    sheet.figure.pages = len(pages)
    return sheet.figure


def _lay_out(
    table: pd.DataFrame, drivers: Labels, room: float, lang: str
) -> tuple[list[list[tuple[_Row | str, float]]], list[str]]:
    """Return the rows and section heads of each page with their heights in cm, and the lines under the last page."""
    lacking = table["verdict"] == "not_assessed"
    for aside in (lacking & (table["table_no"] == 0), lacking):
        rowed = table[~aside]
        sections = {
            words[lang == "en"]: [_row(row, drivers, lang) for _, row in rowed[rowed["section"] == name].iterrows()]
            for name, words in _SECTIONS.items()
        }
        rest = _paragraph(table[aside], lang, int((room - _HEAD) / _NOTE / 3))
        needed = sum(r.height for rows in sections.values() for r in rows) + _SECTION * len(_SECTIONS)
        if _HEAD + needed + len(rest) * _NOTE + 0.3 <= room:
            break
    pages: list[list[tuple[_Row | str, float]]] = [[]]
    left = room - _HEAD - 0.1
    for words, rows in sections.items():
        for i, row in enumerate(rows):
            needed = row.height + (_SECTION if i == 0 or not pages[-1] else 0.0)
            if needed > left and pages[-1]:
                pages.append([])
                left, needed = room - _HEAD - 0.1, row.height + _SECTION
            if i == 0 or not pages[-1]:
                pages[-1].append((words, _SECTION))
            pages[-1].append((row, row.height))
            left -= needed
    if rest and len(rest) * _NOTE + 0.2 > left:
        most = int((left - 0.2) / _NOTE)
        rest = _paragraph(table[aside], lang, most) if most > 0 else []
        if not rest:
            pages.append([])
            rest = _paragraph(table[aside], lang, int((room - _HEAD) / _NOTE / 3))
    return pages, rest


def _page_words(page: int, pages: int, lang: str) -> str:
    return text(lang, f"（第{page}页，共{pages}页）", f" (page {page} of {pages})")


def _paragraph(table: pd.DataFrame, lang: str, most: int) -> list[str]:
    """Return at most so many lines that name the targets without a row for which data are lacking."""
    if table.empty:
        return []
    table = table.drop_duplicates("id")
    moved = table[table["people"] != "no"]
    names = text(lang, "；", "; ").join(moved[f"label_{lang}"].astype(str))
    symbol = VERDICT_SYMBOL["not_assessed"]
    head = text(
        lang,
        f"{symbol} 另有{len(table)}项因缺少数据未评估（所缺数据见 targets.csv）",
        f"{symbol} {len(table)} more targets are not assessed for lack of data (named in targets.csv)",
    )
    if names:
        head += text(lang, "，其中随人口变动的有：", "; moved by people are: ")
    return shorten(head + names, WIDTH - 0.5, NOTE_SIZE, most)


def _row(row: pd.Series, drivers: Labels, lang: str) -> _Row:
    verdict, unit = str(row["verdict"]), str(row["unit"])
    assessed = verdict != "not_assessed"
    name = str(row[f"label_{lang}"] or row["label_zh"]).strip()
    if row["reading"] not in ("indicator", ""):
        reading = label("reading", str(row["reading"]), lang)
        name += text(lang, f"（{reading}）", f" ({reading.lower()})")
    driver = str(row["driver"] or "").strip()
    words = [evidence_words(row, lang)]
    if assessed:
        words[0] = text(lang, "依据：", "Evidence: ") + words[0] if words[0] else ""
        if driver and driver != "nan":
            told = drivers.get(driver, {}).get(lang, driver)
            words.append(label("column", "driver", lang) + text(lang, "：", ": ") + told)
    else:
        words = [takes_words(row, drivers, lang), lacks_words(row, drivers, lang)]
    note = text(lang, "；", "; ").join(word for word in words if word)
    low, high = float(row["low80"]), float(row["high80"])
    closed = pd.notna(row["actual"])  # a figure has no band
    banded = assessed and not closed and np.isfinite(low) and np.isfinite(high)
    value = float(row["value"])
    # A long unit is written once, under the target, rather than behind each number.
    shown = unit if unit == "share" or (lang == "zh" and unit in _SHORT_UNITS) else ""
    note_room = _LABEL_ROOM if assessed else _MISSING_ROOM
    return _Row(
        number=str(row["table_no"] or ""),
        label=wrap(name, _LABEL_ROOM, SMALL_SIZE) if assessed else wrap(name, _SMALL_LABEL_ROOM, NOTE_SIZE),
        note=shorten(note, note_room, NOTE_SIZE, 1 if assessed else 2) if note else [],
        target=_goal(row, shown, lang),
        unit=wrap(unit_label(unit, lang), _UNIT_ROOM, NOTE_SIZE) if assessed and not shown else [],
        value=office(value, shown, lang) if assessed else "",
        band=f"{office(low, shown, lang)} – {office(high, shown, lang)}" if banded else "",
        gap=difference(float(row["gap"]), shown, lang) if assessed else "",
        chance=percent(float(row["p_met"]), 0) if assessed and not closed and np.isfinite(row["p_met"]) else "",
        verdict=verdict,
        badge=f"{VERDICT_SYMBOL[verdict]} {verdict_words(row, lang)}",
    )


def _goal(row: pd.Series, unit: str, lang: str) -> str:
    """Return the target as the plan prints it, without decimals it has not, and its year."""
    value = float(row["target"])
    shown = f"{100 * value:.10g}%" if unit == "share" else office(value, unit, lang) if unit else f"{value:,.10g}"
    shown = re.sub(r"\.0+(?=\D|$)", "", shown)
    year = int(float(row["year"]))
    return f"{_OPERATOR.get(str(row['operator']), '')} {shown}" + text(lang, f"（{year}）", f" ({year})")


def _header(ax: Axes, banded: bool, lang: str) -> None:
    band = text(lang, "\n（80%区间）", "\n(80% band)") if banded else ""
    heads = (
        (_NUMBER, "left", "#"),
        (_LABEL, "left", text(lang, "指标", "Indicator")),
        (_TARGET, "right", text(lang, "目标（年份）", "Target (year)")),
        (_VALUE, "right", text(lang, "预期值", "Expected") + band),
        (_GAP, "right", text(lang, "差距", "Gap")),
        (_CHANCE, "right", text(lang, "达标\n概率", "P(met)")),
        (_BADGE + _BADGE_WIDTH / 2, "center", label("column", "verdict", lang)),
    )
    for x, side, words in heads:
        ax.text(x, _HEAD - 0.1, words, ha=side, va="bottom", fontsize=NOTE_SIZE, color=MUTED, linespacing=1.1)
    ax.plot([0.25, WIDTH - 0.25], [_HEAD, _HEAD], color=MUTED, linewidth=0.8)


def _draw_small_row(ax: Axes, row: _Row, top: float, lang: str) -> None:
    """Set a target that was not assessed: what is missing stands where its numbers would be."""
    small: dict[str, Any] = {"va": "center", "fontsize": NOTE_SIZE, "color": MUTED}
    first = top + _ROW_PAD / 4 + _NOTE / 2
    ax.text(_NUMBER, first, row.number, **small)
    ax.text(_TARGET, first, row.target, ha="right", **small)
    for x, lines in ((_LABEL, row.label), (_TARGET + 0.2, row.note)):
        for i, line in enumerate(lines):
            ax.text(x, first + i * _NOTE, line, **small)
    _badge(ax, row, first)


def _draw_row(ax: Axes, row: _Row, top: float, lang: str) -> None:
    y = top + _ROW_PAD / 2
    first = y + _LINE / 2
    ax.text(_NUMBER, first, row.number, va="center", fontsize=SMALL_SIZE, color=MUTED)
    for i, line in enumerate(row.label):
        ax.text(_LABEL, first + i * _LINE, line, va="center", fontsize=SMALL_SIZE, color=INK)
    for i, line in enumerate(row.note):
        under = y + len(row.label) * _LINE + (i + 0.5) * _NOTE
        ax.text(_LABEL, under, line, va="center", fontsize=NOTE_SIZE, color=MUTED)
    for i, line in enumerate(row.unit):
        under = y + _LINE + (i + 0.5) * _NOTE
        ax.text(_TARGET, under, line, ha="right", va="center", fontsize=NOTE_SIZE, color=MUTED)
    for x, words in ((_TARGET, row.target), (_VALUE, row.value), (_GAP, row.gap), (_CHANCE, row.chance)):
        ax.text(x, first, words, ha="right", va="center", fontsize=SMALL_SIZE, color=INK)
    if row.band:
        ax.text(_VALUE, y + _LINE + _NOTE / 2, row.band, ha="right", va="center", fontsize=NOTE_SIZE, color=MUTED)
    _badge(ax, row, first)


def _badge(ax: Axes, row: _Row, y: float) -> None:
    verdict = row.verdict
    height = 0.28 if verdict == "not_assessed" else 0.36
    ax.add_patch(
        FancyBboxPatch(
            (_BADGE, y - height / 2),
            _BADGE_WIDTH,
            height,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=VERDICT[verdict],
            edgecolor=MUTED if verdict == "not_assessed" else VERDICT[verdict],
            linewidth=0.6,
        )
    )
    ax.text(
        _BADGE + _BADGE_WIDTH / 2,
        y,
        row.badge,
        ha="center",
        va="center",
        fontsize=NOTE_SIZE,
        color=VERDICT_TEXT[verdict],
    )


def _title(results: Results, table: pd.DataFrame, lang: str) -> str:
    return results.title(lang) + text(lang, "规划指标，", ", plan targets: ") + headline(table.to_dict("records"), lang)


def _subtitle(lang: str) -> str:
    return text(
        lang,
        "按目标年份年末的未舍入数值判定；达标概率0.9及以上为达标，0.1及以下为未达标，其间为有风险。"
        "依据为假设或借用的只作参考，不计入判定。没有判定的指标以灰色列出，注明达标所需和所缺数据。#为规划指标表的行号",
        "Judged on unrounded values at the year-end of the target year: met with a probability of 0.9 "
        "or more, missed with 0.1 or less, at risk between. On assumed or borrowed evidence a verdict is indicative "
        "and counted apart. Targets without a verdict are grey and name what they take and what is missing. "
        "# is the row of the plan's table",
    )


CHART = Chart("target_table", 50, target_table_numbers, target_table, by_default=True)
