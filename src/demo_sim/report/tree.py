"""The content of a report as one tree: what both writers, for Word and for the browser, are handed.

Numbers stay numbers until they are written: each carries its unrounded value, its rounding and where in the results
it was read, so that every figure of a report can be traced to `run.nc`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from demo_sim.results.rounding import UNKNOWN, count, difference, masked, office, percent, plain

COUNTED = frozenset(
    {"persons", "households", "beds", "posts", "places", "units", "person_times", "m2", "yuan", "remains"}
)
# Small numbers of these can point at somebody.
PEOPLE = frozenset({"persons", "households"})


@dataclass(frozen=True)
class Trace:
    """Where a number stands in the results.

    Attributes
    ----------
    path : array of the tree, such as `groups/groups`
    where : labels of dimensions; dimensions that are not named, but for `draw`, are summed
    statistic : value (the run at stated values), q10 or q90 over draws; `row` of an array without draws
    minus, over : series taken off, or divided by, draw by draw, before the statistic
    run : which run it stands in, where a report is of several
    """

    path: str
    where: tuple[tuple[str, object], ...] = ()
    statistic: str = "value"
    minus: Trace | None = None
    over: Trace | None = None
    run: int = 0


@dataclass(frozen=True)
class Number:
    """One number: its value as it is in the results, and how it is written.

    Attributes
    ----------
    value : unrounded
    unit : of the vocabulary; `share` and `pp` are 0 to 1
    digits : decimals that are written, None for about three figures
    scale : what a bare number in a table is divided by; its unit stands in the head of the column
    bare : written without its unit
    signed : written with a plus sign where it is positive
    rounded : the value to write where parts were rounded to add up
    mask : persons and households below this are withheld
    withheld : withheld since a masked part could be found by subtraction
    word : what stands behind the number in place of its unit, such as the measure word a plan's label names
    tail : of a number in a fixed unit (`scale`, `digits`): what stands behind it, nothing in a table
    trace : where the value was read
    """

    value: float
    unit: str = ""
    digits: int | None = None
    scale: float = 1.0
    bare: bool = False
    signed: bool = False
    rounded: float | None = None
    mask: int = 0
    withheld: bool = False
    word: str | None = None
    tail: str | None = None
    trace: Trace | None = None

    def render(self, lang: str) -> str:
        """The number as it is written in `lang`."""
        value = self.value
        if not math.isfinite(value):
            return UNKNOWN
        if self.withheld:
            return "*"
        if self.hidden:
            return masked(abs(value), self.mask)
        if self.rounded is not None:
            value = self.rounded
        if self.tail is not None:
            shown = plain(value / self.scale, _digits(self.digits, 0))
            return (
                ("+" if self.signed and value > 0 and any(c in "123456789" for c in shown) else "") + shown + self.tail
            )
        if self.word is not None:
            number = (
                count(value, lang, self.digits) if self.unit in COUNTED else office(value, "other", lang, self.digits)
            )
            return number + self.word
        if self.signed and not self.bare:
            return difference(value, self.unit, lang, self.digits)
        if not self.bare:
            return office(value, self.unit, lang, self.digits)
        shown = self._bare(value, lang)
        return f"+{shown}" if self.signed and value > 0 and any(c in "123456789" for c in shown) else shown

    def _bare(self, value: float, lang: str) -> str:
        """The number without its unit."""
        if self.unit == "share":
            return percent(value, _digits(self.digits, 1))
        if self.unit == "pp":
            return plain(100 * value, _digits(self.digits, 1))
        if self.scale != 1.0:
            return plain(value / self.scale, _digits(self.digits, 1))
        if self.digits is None and self.unit in COUNTED:
            # A table has no room for the words.
            return count(value, lang).replace(" million", "m").replace(" billion", "bn")
        return plain(value, _digits(self.digits, 1 if abs(value) < 1000 else 0))

    @property
    def hidden(self) -> bool:
        """Whether the number counts so few persons that it is masked."""
        return bool(self.mask) and self.unit in PEOPLE and 0 < abs(self.value) < self.mask - 0.5


def _digits(digits: int | None, usual: int) -> int:
    return usual if digits is None else digits


@dataclass(frozen=True)
class Ref:
    """A cross reference to the table or figure called `key`."""

    key: str


Inline = str | Number | Ref
Inlines = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text; `style` is body, item (of a numbered list), note or lead (bold beginning up to the first colon)."""

    parts: Inlines
    style: Literal["body", "item", "note"] = "body"


@dataclass(frozen=True)
class Column:
    """Head of a column: words, share of the table's width, whether its cells are numbers."""

    head: str
    width: float = 1.0
    numeric: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell; `tone` colours a verdict, `key` is what a click on the head sorts by."""

    parts: Inlines
    tone: str = ""
    key: float | str | None = None


@dataclass(frozen=True)
class TableRow:
    """Cells of a row; a band is one cell across the table that heads the rows below it."""

    cells: tuple[Cell, ...]
    band: bool = False


@dataclass
class Table:
    """A table with a numbered caption; folded away on the page where it is long. `series` stands before its number."""

    key: str
    caption: str
    columns: list[Column]
    rows: list[TableRow]
    note: Inlines = ()
    folded: bool = False
    number: int = 0
    series: str = ""


@dataclass
class Picture:
    """A chart with a numbered caption; `name` is that of the chart."""

    key: str
    name: str
    caption: str
    alt: str = ""
    number: int = 0
    series: str = ""


@dataclass
class Fold:
    """Blocks under a line that unfolds them on the page; in Word they stand open."""

    head: str
    blocks: list[DocumentBlock]


DocumentBlock = Paragraph | Table | Picture | Fold


@dataclass
class Section:
    """A heading with its blocks and the sections under it; `page`: it begins a page, and what follows it another."""

    key: str
    title: str
    blocks: list[DocumentBlock] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    page: bool = False

    def all_blocks(self) -> Iterator[DocumentBlock]:
        """Every block below this heading in reading order, those inside folds too."""
        yield from _unfolded(self.blocks)
        for section in self.sections:
            yield from section.all_blocks()


@dataclass
class Report:
    """A whole document: title, what it was made from, sections.

    Attributes
    ----------
    annex : the document that stands behind this one: folded away on the page, a file of its own for Word
    series : what stands before the numbers of its tables and figures
    calculator : what the page's calculator is given, None where there is nothing to move
    """

    name: str
    place: str
    lang: str
    title: str
    subtitle: str
    facts: list[tuple[str, str]]
    sections: list[Section]
    series: str = ""
    annex: Report | None = None
    calculator: dict[str, Any] | None = None

    def all_blocks(self) -> Iterator[DocumentBlock]:
        """Every block in reading order."""
        for section in self.sections:
            yield from section.all_blocks()

    def numbers(self) -> Iterator[Number]:
        """Every number of the report in reading order."""
        for block in self.all_blocks():
            if isinstance(block, Paragraph):
                yield from _numbers(block.parts)
            elif isinstance(block, Table):
                for row in block.rows:
                    for cell in row.cells:
                        yield from _numbers(cell.parts)
                yield from _numbers(block.note)


def _numbers(parts: Inlines) -> Iterator[Number]:
    return (part for part in parts if isinstance(part, Number))


def _unfolded(blocks: list[DocumentBlock]) -> Iterator[DocumentBlock]:
    for block in blocks:
        if isinstance(block, Fold):
            yield from _unfolded(block.blocks)
        else:
            yield block


def number_captions(report: Report) -> dict[str, Table | Picture]:
    """Number tables and figures in reading order; gives them by key."""
    found: dict[str, Table | Picture] = {}
    tables = pictures = 0
    for block in report.all_blocks():
        if isinstance(block, Table):
            tables += 1
            block.number = tables
        elif isinstance(block, Picture):
            pictures += 1
            block.number = pictures
        else:
            continue
        block.series = report.series
        if block.key in found:
            raise ValueError(f"two tables or figures are called {block.key!r}")
        found[block.key] = block
    return found


def caption_name(block: Table | Picture, lang: str) -> str:
    """What a caption and its cross references call a table or figure: 表3, Figure 2."""
    if isinstance(block, Table):
        return f"{block.series}表{block.number}" if lang == "zh" else f"Table {block.series}{block.number}"
    return f"{block.series}图{block.number}" if lang == "zh" else f"Figure {block.series}{block.number}"


def words(parts: Inlines, lang: str, names: dict[str, str] | None = None) -> str:
    """Inline parts as plain text."""
    out = []
    for part in parts:
        if isinstance(part, Number):
            out.append(part.render(lang))
        elif isinstance(part, Ref):
            out.append((names or {}).get(part.key, part.key))
        else:
            out.append(part)
    return "".join(out)


def numbered(report: Report) -> list[str]:
    """What stands before the heading of each section: 一、 or 1; nothing before a page that stands alone."""
    out, number = [], 0
    for section in report.sections:
        number += not section.page
        out.append("" if section.page else f"{_chinese(number)}、" if report.lang == "zh" else str(number))
    return out


def second(lang: str, above: str, number: int) -> str:
    """What stands before the heading of a section inside a section: （一） or 1.1."""
    return f"（{_chinese(number)}）" if lang == "zh" else f"{above}.{number}"


def _chinese(number: int) -> str:
    """A number below 100 in Chinese characters."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("" if not tens else ("" if tens == 1 else digits[tens]) + "十") + (digits[ones] if ones or not tens else "")
