"""Labels of rows and columns as agencies write them: ages, sexes, residence, years, levels."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from demo_sim.tables.layouts import HIGHEST_AGE, Age
from demo_sim.wording import NONE, Text

TOTAL = "total of"  # in place of a code: a row or column that sums the others
_TOTALS = frozenset(
    "合计 总计 小计 总数 共计 全部 总体 总人口 全年龄 不分年龄 男女合计 城乡合计 total totals all allages both "
    "bothsexes all_ages t tot _t persons".split()
)
_CODES: dict[str, dict[str, str]] = {
    "sex": {
        **dict.fromkeys("male males m man men boys 男 男性 男人 男子".split(), "male"),
        **dict.fromkeys("female females f w woman women girls 女 女性 女人 女子".split(), "female"),
    },
    "residence": {
        **dict.fromkeys("urban 城镇 城市 市镇 城区 u".split(), "urban"),
        **dict.fromkeys("rural 乡村 农村 乡 村 r".split(), "rural"),
    },
    "function": {
        **dict.fromkeys("intact 能力完好 完好 基本完好".split(), "intact"),
        **dict.fromkeys("mild 轻度失能 轻度 轻度受损".split(), "mild"),
        **dict.fromkeys("moderate 中度失能 中度 中度受损".split(), "moderate"),
        **dict.fromkeys("severe 重度失能 重度 重度受损".split(), "severe"),
        **dict.fromkeys("total 完全失能 完全丧失".split(), "total"),
    },
}
_SEX_NUMBERS = {"1": "male", "2": "female"}
_MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_DASH = "[-~—–―‐‑−至到_]+"
_OPEN = "(?:岁|周岁)?(?:\\+|及其?以上|和以上|以上|andover|yearsandover|yearsandolder|yearsormore|orolder|andolder|plus)"
_UNKNOWN = frozenset("unknown unk notstated 不详 未知 年龄不详 年龄未知".split())


@dataclass(frozen=True)
class AgeLabel:
    """What an age label says.

    `kind`: `group`; `total`; `unknown` (age not stated); `below` (12-, 18岁以下: everything up to
    the bound, which may be meant or not); `open` (the last group, its first age not said).
    """

    kind: str
    age: Age = (0, 0)
    mended: str = ""  # "excel" where a date stood for the group


def squeezed(text: str) -> str:
    """Text in half-width characters, without blanks and invisible characters, in lower case.

    >>> squeezed("８５ 岁 及以上")
    '85岁及以上'
    """
    plain = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\u200b-\u200f\u2060\ufeff]+", "", plain).lower()


@lru_cache(maxsize=20_000)
def age_label(text: str) -> AgeLabel | None:
    """What a label says of ages, or None where it is none.

    >>> age_label("５～９").age, age_label("Y_GE85").age, age_label("合 计").kind
    ((5, 9), (85, None), 'total')
    """
    word = re.sub(r"^(其中|#)[::,,]?", "", squeezed(text))
    if word in _TOTALS:
        return AgeLabel("total")
    if word in _UNKNOWN:
        return AgeLabel("unknown")
    if word in ("y_open", "open"):
        return AgeLabel("open")
    if found := _excel_date(word):
        return AgeLabel("group", found, "excel")
    word = re.sub(r"^(ages?|aged|year)(?=[\d<>])|^y_?(?=\d)|^年龄", "", word)
    if word in (
        "<1",
        "under1",
        "under1year",
        "lessthan1year",
        "不满1岁",
        "不满1周岁",
        "未满1岁",
        "不满周岁",
        "y_lt1",
        "lt1",
    ):
        return AgeLabel("group", (0, 0))
    if match := re.fullmatch(r"(?:>=|≥|y_ge|ge)(\d{1,3})(?:岁|周岁)?", word):
        return _group(int(match[1]), None)
    if match := re.fullmatch(r"(\d{1,3})" + _OPEN, word):
        return _group(int(match[1]), None)
    if match := re.fullmatch(r"(?:<|under|y_lt|lt|不满|未满)(\d{1,3})(?:岁|周岁|years?)?", word):
        return _group(0, int(match[1]) - 1)
    if match := re.fullmatch(r"(\d{1,3})(?:(?:岁|周岁)?及?其?以下|-)", word):
        return AgeLabel("below", (0, int(match[1]))) if int(match[1]) <= HIGHEST_AGE else None
    if match := re.fullmatch(
        r"(\d{1,3})(?:岁|周岁|years?(?:old)?)?(?:" + _DASH + r"|to)(\d{1,3})(?:岁|周岁|years?(?:old)?)?(?:组)?", word
    ):
        return _group(int(match[1]), int(match[2]))
    if match := re.fullmatch(r"(\d{1,3})(?:\.0+)?(?:岁|周岁|years?(?:old)?)?", word):
        return _group(int(match[1]), int(match[1]))
    return None


def _group(low: int, high: int | None) -> AgeLabel | None:
    return AgeLabel("group", (low, high)) if low <= HIGHEST_AGE and (high is None or high >= low) else None


def _excel_date(word: str) -> Age | None:
    """The age group that a spreadsheet took for a day of the year: 5月9日, 9-May, 2026-05-09 00:00."""
    low = high = 0
    if match := re.fullmatch(r"(\d{1,2})月(\d{1,2})日", word):
        low, high = int(match[1]), int(match[2])
    elif match := re.fullmatch(r"(\d{1,2})-?([a-z]{3})", word):
        low, high = int(match[1]), _MONTHS.get(match[2], 0)
    elif match := re.fullmatch(r"([a-z]{3})-?(\d{1,2})", word):
        low, high = _MONTHS.get(match[1], 0), int(match[2])
    elif match := re.fullmatch(r"\d{4}-(\d{2})-(\d{2})(?:00:00:00)?", word):
        low, high = int(match[1]), int(match[2])
    return (min(low, high), max(low, high)) if low and high else None


@lru_cache(maxsize=20_000)
def code(dimension: str, text: str) -> str | None:
    """Code of a sex, a residence or a level; `TOTAL` for one that sums the others; None where it is none.

    >>> code("sex", "女性"), code("residence", "城 镇"), code("sex", "合计") == TOTAL
    ('female', 'urban', True)
    """
    word = squeezed(text)
    if dimension == "function":
        return _CODES["function"].get(word)
    found = _CODES[dimension].get(word) or (_SEX_NUMBERS.get(word) if dimension == "sex" else None)
    return found or (TOTAL if word in _TOTALS else None)


@lru_cache(maxsize=2_000)
def year(text: str) -> int | None:
    """A year, as 2021, 2021年, 2021年末, 2021.0; None where it is none.

    >>> year("2021年末"), year("2021.0"), year("2020-2025")
    (2021, 2021, None)
    """
    match = re.fullmatch(r"((?:18|19|20|21)\d\d)(?:\.0+)?(?:年|年度|年末|年底|年末数)?", squeezed(text))
    return int(match[1]) if match else None


def year_hint(text: str) -> Text:
    """What is said to a year that is none."""
    word = squeezed(text)
    if re.fullmatch(r"\d{4}[-+]", word):
        return Text(
            "；+、- 表示该年区划变动，两个数中留一个", "; + and - mark a change of territory: keep one of the two"
        )
    if re.fullmatch(r"\d{4}[-/~至—–]\d{2,4}", word):
        return Text("；这是一个时期，请写一个年份", "; that is a period: give one year")
    return NONE


def day(text: str) -> date | None:
    """A date as 2020-07-01, also from a cell of a workbook."""
    try:
        return date.fromisoformat(re.sub(r"[ T]00:00:00$", "", text.strip()))
    except ValueError:
        return None


def is_total(text: str) -> bool:
    """Whether a label means that others are summed."""
    return squeezed(text) in _TOTALS


@lru_cache(maxsize=2_000)
def is_note(text: str) -> bool:
    """Whether a text begins as notes under a table do.

    >>> is_note("注：本表不含现役军人"), is_note("Source: census"), is_note("0-4")
    (True, True, False)
    """
    start = (
        r"(注\d*[::.、]?|说明|备注|资料来源|数据来源|来源|填表|制表|审核|单位负责人|统计负责人|报出日期"
        r"|notes?\b|sources?\b|\*+\D|[①-⑨])"
    )
    return re.match(start, unicodedata.normalize("NFKC", text).strip().lower()) is not None


def publisher(text: str) -> str:
    """Who published a table, where a note says it; empty where it does not.

    >>> publisher("资料来源：某省统计局"), publisher("Source: census of 2020."), publisher("注：不含现役军人")
    ('某省统计局', 'census of 2020', '')
    """
    note = r"(?:资料来源|数据来源|来源|发布机构|发布单位|sources?)\s*:\s*(.+)"
    found = re.match(note, unicodedata.normalize("NFKC", text).strip(), re.IGNORECASE)
    return "" if found is None else found[1].strip(" .。;")


@lru_cache(maxsize=2_000)
def is_ratio(text: str) -> bool:
    """Whether a row holds a ratio, a mean or a median of the rows above, which is no part of the table."""
    return (
        re.search("抚养比|性别比|比重|占比|比例|中位数|平均年龄|老龄化|ratio|median|mean age", squeezed(text))
        is not None
    )
