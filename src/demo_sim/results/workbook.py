"""A run as one Excel workbook: sheets to print, then its tables with labels, five-year ages and frozen heads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from demo_sim import vocab
from demo_sim.results.closing_sheet import closing_names, write_closing
from demo_sim.results.columns import CODE_LISTS
from demo_sim.results.readable import readable
from demo_sim.results.tree import Results
from demo_sim.results.workbook_pages import Cover, Page, Printed, row_height, text_width

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Excel reads an age group such as 5-9 as a date, so every text is written as text and nothing is guessed.
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
}

# Columns that follow the unit of their row.
_IN_UNIT = {
    "targets": {"target", "value", "low80", "high80", "gap", "coverage_assumed", "baseline", "actual", "natural_value"},
    "answers": {"target", "value"},
    "placement": {"value", "low80", "high80"},
    "consistency": {"left_value", "right_value", "difference"},
}  # fmt: skip
_SHARES = {
    "p_met",
    "natural_p_met",
    "p_se",
    "driver_share",
    "completion",
    "share",
    "share_se",
    "relative_difference",
    "unseen_share",
    "published_share",
}
_YEARS = {"year", "first_year_met", "baseline_year", "break_even_year", "target_year", "last_figure"}
_WRAPPED = {
    "definition", "source", "actual_source", "plan", "label_zh", "label_en", "driver", "note", "note_zh", "note_en",
    "arithmetic", "figures", "rule",
}  # fmt: skip
_WIDEST = 44

_NOTES = {
    "zh": (
        ("中心值", "中心方案的数值：各项参数取给定值；中位数和各分位数取自全部抽样"),
        ("分位数", "少于20次抽样时分位数和达标概率为空；少于200次时2.5%和97.5%分位为空"),
        ("随机误差", "中心值的随机误差（标准误）：只有由亲属决定的人群和入住轮候才有，其余为零"),
        ("年份", "存量为该年年末（次年1月1日0时），第一个年份为起始年的上一年；变动为该年全年"),
        ("年龄", "周岁"),
        ("缺口", "供需表中为需求减供给，正数为不足；供给未知时为空"),
    ),
    "en": (
        ("Value", "that of the run at stated inputs; the median and the quantiles are of all draws"),
        (
            "Quantiles",
            "below 20 draws quantiles and the probability of meeting a target are empty; "
            "below 200 draws those of 2.5% and 97.5% are",
        ),
        ("Chance error", "standard error of the value: groups by relatives and waiting have one, the rest have none"),
        (
            "Year",
            "stocks are of the year-end (00:00 on 1 January of the next year), the first that before the "
            "start; flows are of the whole year",
        ),
        ("Age", "completed years"),
        (
            "Gap",
            "in the sheet of need and supply: need less supply, positive where there is too little; "
            "empty where supply is unknown",
        ),
    ),
}


def write_workbook(
    results: Results,
    frames: Mapping[str, pd.DataFrame],
    path: Path,
    lang: str = "zh",
    printed: tuple[Cover, Sequence[Page]] | None = None,
) -> None:
    """Write `frames` (tables with five-year ages) to the workbook `path`, one sheet each and one of notes.

    Parameters
    ----------
    results
        The run the tables come from: labels of its groups and resources, and its provenance.
    frames
        Table name -> table, in the columns of the CSV files.
    path
        File to write.
    lang
        Language of sheet names, headers and labels, `zh` or `en`.
    printed
        Cover and sheets that come first; the tables behind them are then left out when the workbook is printed.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    import xlsxwriter.exceptions  # takes a tenth of a second, needed here alone

    book = xlsxwriter.Workbook(str(path), _OPTIONS)
    names = _names(results, lang)
    # The closing table has sheets of its own, to print and to fill in; what levers do is for programs.
    data = [name for name in frames if name not in ("closing", "levers", "responses")]
    if printed is not None:
        _write_printed(book, printed, data, results, lang)
    write_closing(book, results, lang)
    for name in data:
        sheet = book.add_worksheet(vocab.label("sheet", name, lang))
        shown = readable(name, frames[name], results, lang)
        _write_table(book, sheet, shown, name, names, lang)
        if printed is not None:  # thousands of rows: what is printed of them is an empty cell beside them
            sheet.print_area(0, len(shown.columns) + 1, 0, len(shown.columns) + 1)
    _write_notes(book, results, lang)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


def _write_printed(
    book: Workbook, printed: tuple[Cover, Sequence[Page]], data: Sequence[str], results: Results, lang: str
) -> None:
    """The cover with what follows it, and the sheets to print."""
    cover, pages = printed
    zh = lang == "zh"
    line = (
        "前面各表与报告中的表一一对应，可直接打印（A4横向）；后面的数据表供查阅和计算，行数多，不随工作簿打印，"
        "需要打印时先取消该表的打印区域。"
        if zh
        else "The first sheets are the tables of the report, set for A4 landscape. The data sheets behind them are for "
        "looking up and reckoning: they do not print with the workbook; clear the print area of one to print it."
    )
    sheets = [(page.name, page.title) for page in pages]
    sheets += [(name, "规划各项指标，供单位填报" if zh else "All rows of the plans, to fill in")
               for name in closing_names(results, lang)]  # fmt: skip
    told = "数据表（不打印）" if zh else "Data (not printed)"
    sheets += [(vocab.label("sheet", name, lang), told) for name in data]
    sheets.append((vocab.label("sheet", "notes", lang), "口径和各列的说明" if zh else "What the columns mean"))
    writer = Printed(book, lang)
    writer.cover(Cover(cover.title, [*cover.lines, line], sheets))
    for page in pages:
        writer.page(page)


def _names(results: Results, lang: str) -> dict[str, dict[str, str]]:
    """Labels of the run's own codes: {column: {code: label}}."""
    names = {}
    for path, dim in (("groups/groups", "group"), ("demand/need", "resource")):
        if path not in results:
            continue
        array = results.array(path)
        if f"{dim}_label_{lang}" in array.coords:
            codes, labels = array[dim].values.tolist(), array[f"{dim}_label_{lang}"].values.tolist()
            names[dim] = dict(zip(codes, labels, strict=True))
    if "placement/waiting" in results:
        classes = results.array("placement/waiting").coords
        own = dict(zip(classes["care_class"].values, classes[f"care_class_label_{lang}"].values, strict=True))
        names["care_class"] = own | {"all": vocab.label("care_class", "all", lang)}
        variables = ("in_institutions", "waiting", "waiting_years", "waited_years", "usable_places")
        names["care_measure"] = {
            **{name: vocab.label(name, lang=lang) for name in variables},
            **{code: vocab.label("care_setting", code, lang) for code in vocab.CARE_SETTINGS},
            **{code: vocab.label("care_flow", code, lang) for code in vocab.CARE_FLOWS},
        }
    flows = {code: vocab.label("flow", code, lang) for code in vocab.FLOWS}
    names["series"] = {"population": vocab.label("population", lang=lang)} | flows | names.get("group", {})
    return names


def _write_table(
    book: Workbook,
    sheet: Worksheet,
    frame: pd.DataFrame,
    table: str,
    names: Mapping[str, Mapping[str, str]],
    lang: str,
) -> None:
    header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {
        code: book.add_format({"num_format": code}) for code in ("0", "#,##0", "#,##0.0", "0.000", "0.0%", "#,##0.00")
    }
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    rows = len(frame)
    units = frame["unit"].tolist() if table in _IN_UNIT and "unit" in frame else [""] * rows
    for position, column in enumerate(map(str, frame.columns)):
        title = vocab.column_label(table, column, lang)
        values = frame[column]
        sheet.write_string(0, position, title, header)
        if pd.api.types.is_numeric_dtype(values):
            of_unit = {unit: formats[_number_format(column, table, unit)] for unit in set(units)}
            _write_numbers(sheet, position, values, [of_unit[unit] for unit in units])
            width = max(11, min(text_width(title), 14))
        else:
            texts = _texts(values, column, names, lang)
            style = wrapped if column in _WRAPPED else None
            for row, text in enumerate(texts, start=1):
                if text:
                    sheet.write_string(row, position, text, style)
            width = min(max([text_width(title), *map(text_width, dict.fromkeys(texts))]), _WIDEST)
        sheet.set_column(position, position, width + 2)
    sheet.freeze_panes(1, 0)
    if rows:
        sheet.autofilter(0, 0, rows, len(frame.columns) - 1)


def _write_numbers(sheet: Worksheet, position: int, values: pd.Series, formats: list[Format]) -> None:
    for row, (value, style) in enumerate(zip(values.tolist(), formats, strict=True), start=1):
        if value is not pd.NA and value == value:
            sheet.write_number(row, position, value, style)


def _number_format(column: str, table: str, unit: str) -> str:
    if column in _YEARS:
        return "0"
    if column == "rate":
        return "0.000"
    in_unit = column in _IN_UNIT.get(table, ())
    if column in _SHARES or (in_unit and unit == "share"):
        return "0.0%"
    if in_unit:
        return "0.000" if unit == "ratio" else "#,##0" if unit in {"persons", "beds"} else "#,##0.00"
    if table == "placement" and unit == "years":
        return "#,##0.00"
    return "#,##0.0" if column == "mc_se" else "#,##0"


def _texts(values: pd.Series, column: str, names: Mapping[str, Mapping[str, str]], lang: str) -> list[str]:
    """Labels of a column of codes; any other text as it is."""
    show: Callable[[str], str]
    if column in names:
        own = names[column]
        show = lambda code: own.get(code, code)  # noqa: E731 - three short cases of one function
    elif column in CODE_LISTS:
        kind = CODE_LISTS[column]
        show = lambda code: vocab.label_or_code(kind, code, lang)  # noqa: E731
    else:
        show = str
    shown = {code: show(code) if code else "" for code in pd.unique(values)}
    return [shown[code] for code in values.tolist()]


def _write_notes(book: Workbook, results: Results, lang: str) -> None:
    """Last sheet: what was run, and what the columns and tables mean."""
    sheet = book.add_worksheet(vocab.label("sheet", "notes", lang))
    bold, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    attrs: dict[str, Any] = results.attrs
    engine = vocab.label_or_code("engine", str(attrs.get("engine", "")), lang)
    run = (
        (("情景", "Scenario"), f"{results.title(lang)} ({attrs.get('name', '')})"),
        (("方法", "Method"), f"{engine} {attrs.get('method_version', '')}".strip()),
        (("抽样次数", "Draws"), str(results.draws)),
        (("随机种子", "Seed"), str(attrs.get("seed", ""))),
    )
    lines = [(term[0 if lang == "zh" else 1], text) for term, text in run]
    if attrs.get("function_definition"):
        words = json.loads(attrs["function_definition"])
        lines.append(("失能口径" if lang == "zh" else "Functional ability", words[lang]))
    lines += list(_NOTES["zh" if lang == "zh" else "en"])
    for name in ("population", "groups", "flows", "need", "supply"):
        entry = vocab.variable(name)
        lines.append((entry.label(lang), entry.definition(lang)))
    for row, (term, text) in enumerate(lines):
        sheet.write_string(row, 0, term, bold)
        sheet.write_string(row, 1, text, wrapped)
        sheet.set_row(row, row_height([text], [90]))
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
