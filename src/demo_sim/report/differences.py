"""The content of a comparison: what it finds, what changed, what that does to people, needs, stocks and verdicts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from demo_sim.report.changes import Change
from demo_sim.report.headlines import SMALLEST, headlines, nothing
from demo_sim.report.measure import Measure, measure
from demo_sim.report.phrases import cell, listing, row
from demo_sim.report.reader import Reader
from demo_sim.report.series import ComparedSeries, Pair
from demo_sim.report.target_differences import target_differences
from demo_sim.report.tree import (
    COUNTED,
    Cell,
    Column,
    DocumentBlock,
    Number,
    Paragraph,
    Picture,
    Ref,
    Report,
    Section,
    Table,
    Trace,
)
from demo_sim.results.rounding import MINUS
from demo_sim.results.titles import LETTERS

_LONGEST = 160  # characters of a value in words
_SECTIONS = (
    ("population", "人口", "Population"), ("groups", "特殊群体", "Special groups"),
    ("demand", "需求与供给", "Need and supply"), ("stocks", "供给的存量与变动", "Stocks and what moves them"),
)  # fmt: skip
_DECIMALS = 4  # at most, of ten thousands a person
_MANY = 1000


@dataclass(frozen=True)
class Compared:
    """What a comparison finds, in one language.

    Attributes
    ----------
    reader : of all runs
    names : titles of the runs
    lines : series that any of them has
    pairs : each series of the first run beside that of each other
    changed : changes of each other run, by its number
    paired : whether differences are taken draw by draw
    rest : names of what differs that no series shows, by number of the run
    """

    reader: Reader
    names: Sequence[str]
    lines: Sequence[ComparedSeries]
    pairs: Sequence[Pair]
    changed: Mapping[int, list[Change]]
    paired: bool
    rest: Mapping[int, list[str]] = field(default_factory=dict)

    @property
    def target_year(self) -> int:
        """Year of the targets, or the last that all runs have."""
        years = self.reader.shared_years
        return self.reader.target_year if self.reader.target_year in years else years[-1]

    @property
    def letters(self) -> str:
        """What stands for the titles in the heads of columns."""
        return LETTERS[self.reader.lang][: len(self.names)]

    @property
    def key(self) -> str:
        """What the letters stand for."""
        say = self.reader.say
        told = (f"{letter}{say('：', ': ')}{name}" for letter, name in zip(self.letters, self.names, strict=True))
        return say("；", "; ").join(told) + say("。", ".")


def comparison_report(found: Compared, charts: Mapping[str, str]) -> Report:
    """The comparison as a content tree."""
    reader, names = found.reader, found.names
    sections = [_summary(found), _changes(found)]
    sections += [s for key, zh, en in _SECTIONS if (s := _differences(found, key, reader.say(zh, en))) is not None]
    sections += [s for s in (target_differences(found), _only(found)) if s is not None]
    pictures = [Picture(f"figure.{name}", name, title, title) for name, title in charts.items()]
    if pictures:
        sections.append(Section("charts", reader.say("对照图", "Charts with both"), list[DocumentBlock](pictures)))
    joined = reader.say("与", " and ").join(names)
    runs = (reader.results, *(other.results for other in reader.others))
    return Report(
        name=joined,
        place=joined,
        lang=reader.lang,
        title=reader.say(f"情景比较：{joined}", f"Scenarios compared: {joined}"),
        subtitle=reader.say(f"以{names[0]}为基准", f"against {names[0]}"),
        facts=[
            (letter, f"{name}{reader.say('，抽样', ', draws ')}{run.draws}{reader.say('次', '')}")
            for letter, name, run in zip(found.letters, names, runs, strict=True)
        ],
        sections=sections,
    )


def _summary(found: Compared) -> Section:
    """What differs most, in sentences."""
    section = Section("summary", found.reader.say("主要差别", "What differs"))
    for run in range(1, len(found.names)):
        said = nothing(found, run, len(found.changed[run]))
        sentences = headlines(found, run)
        section.blocks += [Paragraph(parts) for parts in ([said] if said else []) + sentences]
        if not said and not sentences:
            listed = any(_largest(pair) is not None for pair in found.pairs if pair.run == run)
            few = found.reader.say(
                f"{found.names[run]}与{found.names[0]}的差别见以下各表。" if listed
                else f"{found.names[run]}与{found.names[0]}的各项结果相差都不到万分之一。",
                f"What {found.names[run]} has unlike {found.names[0]} stands in the tables below." if listed
                else f"No result of {found.names[run]} is off that of {found.names[0]} by more than 0.01%.",
            )  # fmt: skip
            section.blocks.append(Paragraph((few,)))
    return section


def _changes(found: Compared) -> Section:
    reader, names = found.reader, found.names
    section = Section("changes", reader.say("设置的改动", "What changed in the settings"))
    told = (
        reader.say(
            f"差异为给定值下的结果之差；各情景使用相同的随机数，80%区间按共有的{reader.draws}次抽样逐次相减得出。",
            "Differences are those of the runs at stated values; all runs share their chances, and the 80% bands are "
            f"those of differences draw by draw over the {reader.draws} draws that all have.",
        )
        if found.paired
        else reader.say(
            "各情景的随机种子不同，差异为给定值下的结果之差，不给出区间。",
            "The runs differ in seed: differences are those of the runs at stated values, without bands.",
        )
    )
    section.blocks.append(Paragraph((told,)))
    for run, changes in found.changed.items():
        if not changes:
            none = reader.say(f"{names[run]}与{names[0]}的设置没有不同。", f"{names[run]} has no other setting.")
            section.blocks.append(Paragraph((none,)))
            continue
        first, other = found.letters[0], found.letters[run]
        heads = [
            reader.say("设置", "Setting"), first, other,
            reader.say(f"出处（{first}）", f"Place ({first})"), reader.say(f"出处（{other}）", f"Place ({other})"),
        ]  # fmt: skip
        rows = []
        for change in changes:
            values = [_value(reader, change, side) for side in (0, 1)]
            rows.append(row(change.path, *values, *(p.rpartition("/")[2] for p in change.places)))
        section.blocks.append(
            Table(
                f"table.changes.{run}",
                reader.say(f"{names[run]}的改动（{len(changes)}项）", f"What {names[run]} changes ({len(changes)})"),
                [Column(h, w) for h, w in zip(heads, (1.8, 2.6, 2.6, 1.4, 1.4), strict=True)],
                rows,
                note=(found.key,),
            )
        )
    return section


def _value(reader: Reader, change: Change, side: int) -> str:
    """A value as one run has it, with its status; of long ones the part that differs is shown."""
    value, other, status = change.values[side], change.values[1 - side], change.statuses[side]
    if not value:
        return reader.say("没有", "none")
    start = 0
    if len(value) > _LONGEST:
        same = next((i for i, (a, b) in enumerate(zip(value, other, strict=False)) if a != b), min(map(len, (value,))))
        start = max(0, value.rfind(";", 0, same) + 1) if same > _LONGEST // 2 else 0
    shown = ("… " if start else "") + value[start : start + _LONGEST].strip()
    shown += " …" if start + _LONGEST < len(value) else ""
    return shown + (reader.say("（", " (") + reader.label("status", status) + reader.say("）", ")") if status else "")


def _differences(found: Compared, key: str, title: str) -> Section | None:
    """Series of one section that differ: at the years shown, or else where they differ most."""
    reader = found.reader
    lines: dict[str, list[Pair]] = {}
    for pair in found.pairs:
        if pair.line.section == key:
            lines.setdefault(pair.line.key, []).append(pair)
    if not lines:
        return None
    last = reader.shared_years[-1]
    years = list(dict.fromkeys((found.target_year, last))) if len(found.names) == 2 else [last]
    unlike = {k: ps for k, ps in lines.items() if any(p.unlike.any() for p in ps)}
    shown = [ps for ps in unlike.values() if any(_large(p, y) for p in ps for y in years)]
    elsewhere = [p for ps in unlike.values() if ps not in shown for p in ps if _largest(p) is not None]
    section = Section(key, title)
    if not unlike:
        section.blocks.append(Paragraph((reader.say("这一部分没有差别。", "Nothing here differs."),)))
        return section
    tables = []
    if shown:
        tables.append(_table(found, f"table.{key}", reader.say(f"{title}的差异", f"Differences: {title.lower()}"),
                             shown, years))  # fmt: skip
    if elsewhere:
        tables.append(_other_years(found, f"table.{key}.years", title, elsewhere, years))
    less = len(unlike) - len(shown) - len({p.line.key for p in elsewhere})
    parts: list[str | Ref | Number] = [
        reader.say(f"有差别的{len(unlike)}个序列，共{len(lines)}个", f"{len(unlike)} of {len(lines)} series differ")
    ]
    if tables:
        parts.append(reader.say("，见", ", see "))
        for i, table in enumerate(tables):
            parts += [reader.say("、", " and ")] * (i > 0) + [Ref(table.key)]
    if less:
        parts.append(
            reader.say(f"；其中{less}个相差不到万分之一，见 differences.csv", f"; {less} by less than 0.01%, listed "
                       "in differences.csv")
        )  # fmt: skip
    section.blocks += [Paragraph((*parts, reader.say("。", "."))), *tables]
    return section


def _large(pair: Pair, year: int) -> bool:
    """Whether a difference of a year is listed."""
    place = pair.at(year)
    if place is None:
        return False
    apart, whole = abs(pair.apart[place]), max(abs(pair.first[place]), abs(pair.value[place]))
    known = np.isfinite((pair.first[place], pair.value[place]))
    return bool(known[0] != known[1] or (math.isfinite(apart) and apart > SMALLEST * whole))


def _largest(pair: Pair) -> int | None:
    """Place of the year in which a series differs most, where any is listed."""
    listed = [i for i, year in enumerate(pair.years) if _large(pair, year)]
    return max(listed, key=lambda i: np.nan_to_num(abs(pair.apart[i])), default=None)


def _table(found: Compared, key: str, title: str, shown: Sequence[list[Pair]], years: Sequence[int]) -> Table:
    """Values of the first run and the others; of more than two runs the others as differences alone."""
    reader, letters, two = found.reader, found.letters, len(found.names) == 2
    banded = found.paired and two and any(math.isfinite(p.low[-1]) for ps in shown for p in ps)
    columns = [Column(reader.say("序列", "Series"), 3.0)]
    for year in years:
        columns += [Column(f"{letter} {year}", 1.1, True) for letter in (letters if two else letters[0])]
        columns += [Column(f"{other}{MINUS}{letters[0]} {year}", 1.1, True) for other in letters[1:]]
    if banded:
        columns.append(Column(reader.say(f"差异的80%区间 {years[-1]}", f"80% band {years[-1]}"), 1.8, True))
    rows = []
    for of_line in shown:
        size = _measure(reader, of_line, years)
        cells: list[Cell] = [_label(reader, of_line[0].line, size)]
        for year in years:
            cells += _cells(of_line, year, size, two)
        if banded:
            cells.append(_band(reader, of_line[0], years[-1], size))
        rows.append(row(*cells))
    note = found.key + reader.say(
        "变动为当年全年数，其余为年末数。", " Changes are those of the year, all else is of the year-end."
    )
    return Table(key, title, columns, rows, note=(note,))


def _measure(reader: Reader, of_line: Sequence[Pair], years: Sequence[int]) -> Measure:
    """One unit for a row, with decimals enough for its differences."""
    places = [(p, p.at(year)) for p in of_line for year in years]
    values = [float(x[i]) for p, i in places if i is not None for x in (p.first, p.value)]
    apart = [abs(float(p.apart[i])) for p, i in places if i is not None and _large(p, p.years[i])]
    unit = of_line[0].line.unit
    size = measure(reader, unit or "other", values)
    if not unit and max(map(abs, values)) >= _MANY:  # a count of what nothing names
        size = Measure("other", 1.0, 0, "")
    smallest = min((a for a in apart if math.isfinite(a) and a > 0), default=math.nan)
    if not math.isfinite(smallest):
        return size
    wanted = 1 - math.floor(math.log10(smallest / size.scale))
    whole = 0 if (unit in COUNTED or not unit) and size.scale == 1.0 and smallest >= 1 else _DECIMALS
    return Measure(size.unit, size.scale, max(size.digits, min(wanted, whole)), size.word)


def _label(reader: Reader, line: ComparedSeries, size: Measure) -> Cell:
    """Name of a series with the unit of its row."""
    unit = size.word if line.word is None and line.unit else "" if line.unit not in COUNTED else size.word
    return cell(line.label + (reader.say(f"（{unit}）", f" ({unit})") if unit else ""))


def _number(size: Measure, value: float, trace: Trace | None, signed: bool = False) -> Number:
    return Number(value, size.unit, size.digits, scale=size.scale, bare=True, tail="", signed=signed, trace=trace)


def _cells(of_line: Sequence[Pair], year: int, size: Measure, two: bool) -> list[Cell]:
    line, place = of_line[0].line, of_line[0].at(year)
    if place is None:
        return [cell("—", key=-math.inf)] * (len(of_line) + 1 + two)
    cells = [cell(_number(size, float(of_line[0].first[place]), line.trace(year, 0)))]
    if two:
        cells.append(cell(_number(size, float(of_line[0].value[place]), line.trace(year, 1))))
    return cells + [cell(_number(size, float(p.apart[place]), line.trace(year, p.run), True)) for p in of_line]


def _band(reader: Reader, pair: Pair, year: int, size: Measure) -> Cell:
    place = pair.at(year)
    if place is None or not math.isfinite(pair.low[place]):
        return cell("—", key=-math.inf)
    ends = (_number(size, float(x[place]), pair.line.trace(year, pair.run), True) for x in (pair.low, pair.high))
    low, high = ends
    return cell(low, reader.say(" 至 ", " to "), high)


def _other_years(found: Compared, key: str, title: str, apart: Sequence[Pair], years: Sequence[int]) -> Table:
    """Series that differ in other years than those shown, each where it differs most."""
    reader = found.reader
    heads = [
        reader.say("序列", "Series"), reader.say("年份", "Year"), found.letters[0], reader.say("另一情景", "Other"),
        reader.say("差异", "Difference"),
    ]  # fmt: skip
    rows = []
    for pair in apart:
        place = _largest(pair)
        assert place is not None
        year = pair.years[place]
        size = _measure(reader, [pair], [year])
        numbers = _cells([pair], year, size, two=True)
        other = numbers[1] if len(found.names) == 2 else Cell((*numbers[1].parts, f" ({found.letters[pair.run]})"))
        rows.append(row(_label(reader, pair.line, size), cell(str(year), key=year), numbers[0], other, numbers[2]))
    shown = reader.say("、", ", ").join(map(str, years))
    return Table(
        key,
        reader.say(f"{title}：在{shown}年以外有差别的", f"{title}: series that differ in other years than {shown}"),
        [Column(h, w, i > 0) for i, (h, w) in enumerate(zip(heads, (3.0, 0.7, 1.1, 1.1, 1.1), strict=True))],
        rows,
        note=(reader.say("各取差别最大的年份。", "Each in the year in which it differs most."),),
    )


def _only(found: Compared) -> Section | None:
    """Series that not all runs have, and what differs that no series shows."""
    reader, names = found.reader, found.names
    section = Section("others", reader.say("其他差别", "Other differences"))
    for i, name in enumerate(names):
        labels = [line.label for line in found.lines if not line.shared and line.places[i] is not None]
        if labels:
            told = reader.say(f"并非各情景都有、{name}有的序列：", f"Series of {name} that not all runs have: ")
            section.blocks.append(Paragraph((told, listing(reader, labels, 20), reader.say("。", "."))))
    for run, labels in found.rest.items():
        if labels:
            told = reader.say(
                f"{names[run]}与{names[0]}在以上序列没有列出的细目上也有差别：",
                f"{names[run]} differs from {names[0]} also in detail that no series above shows: ",
            )
            section.blocks.append(Paragraph((told, listing(reader, labels, 20), reader.say("。", "."))))
    return section if section.blocks else None
