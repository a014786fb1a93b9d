"""What one cell of a head says: a dimension, a value that holds for the column, a measure, a unit."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from demo_sim.tables.labels import age_label, squeezed, year
from demo_sim.tables.layouts import Age
from demo_sim.tables.numbers import Unit, unit

_NAMES = {
    "age": "年龄 年龄组 年龄段 年龄别 年龄分组 按年龄分组 分年龄 周岁 岁 各年龄 "
    "age ages agegroup age_group agegrp ageinterval",
    "sex": "性别 按性别分 sex gender",
    "year": "年份 年度 年 year time time_period",
    "residence": "城乡 城乡别 城乡分组 分城乡 residence",
    "function": "能力等级 失能等级 function",
    "date": "日期 date",
    "place": "地区 市县 县区 区县 县市区 国家 行政区划 location country geo geo\\time_period",
    "unit": "unit 单位 计量单位",
    "nominal": "虚岁 nominalage nominal_age",
    "indicator": "指标 指标名称 项目 项目名称 统计指标 indicator item",
    "code": "代码 指标代码 code",
    "value": "数量 数值 本期 本季度 本月 本期数 本年 value",
}
_DIMENSIONS = {word: name for name, words in _NAMES.items() for word in words.split()}
# Parts that a head may be put together of, the longer ones first: 城镇男性人口数, PopMale, 2020年末.
_TOKENS: tuple[tuple[str, str, str], ...] = (
    ("sex", "female", "女性|女|females?|women"),
    ("sex", "male", "男性|男|males?|men"),
    ("residence", "urban", "城镇|城市|urban"),
    ("residence", "rural", "乡村|农村|rural"),
    ("measure", "net_migration", "净迁移人数|净迁入人数|净迁移量|净迁移|净迁入|net_?migra(tion|nts)"),
    ("measure", "mx", "死亡率|death_?rates?|mortality_?rates?|n?mx|m\\(x\\)"),
    ("measure", "qx", "死亡概率|n?qx|q\\(x\\)"),
    ("measure", "asfr", "生育率|fertility_?rates?|asfr"),
    ("measure", "prevalence", "患病率|prevalence"),
    ("total", "", "男女合计|城乡合计|合计|总计|小计|共计|总数|总(?=人口|人数)|totals?|bothsexes|both|全部"),
    ("measure", "population", "人口数|人口|人数|population|pop"),
    ("filler", "", "年龄别|分年龄|常住|户籍|年末|年中|普查|[-_/、·,:：]|of(?=[a-z])|by(?=[a-z])|size"),
)
_PATTERNS = tuple((kind, value, re.compile(pattern)) for kind, value, pattern in _TOKENS)
_YEAR = re.compile(r"((?:18|19|20|21)\d\d)(?:年末|年底|年度|年)")
_AGE = re.compile(r"\d{1,3}(?:[-~–—至]\d{1,3})?(?:岁|周岁)(?:及?以上)?|\d{1,3}-\d{1,3}|\d{1,3}\+")


@dataclass(frozen=True)
class Heading:
    """What a head says.

    Attributes
    ----------
    name : the dimension that the cells below hold
    fixed : dimensions with the one value that holds for the cells below
    measure : what the numbers below are
    unit : the unit in brackets, or of a row of units
    total : the column sums others
    """

    name: str = ""
    fixed: tuple[tuple[str, str | int | Age], ...] = ()
    measure: str = ""
    unit: Unit | None = None
    total: bool = False

    @property
    def known(self) -> bool:
        """Whether anything was understood."""
        return bool(self.name or self.fixed or self.measure or self.unit or self.total)


@lru_cache(maxsize=5_000)
def heading(text: str) -> Heading:
    """What a head says; empty where it is not understood.

    >>> heading("1-4岁人口(人)").fixed, heading("qx").measure
    ((('age', (1, 4)),), 'qx')
    >>> heading("年龄（岁）").name, heading("PopMale").fixed, heading("人口数(万人)").unit.factor
    ('age', (('sex', 'male'),), 10000.0)
    """
    plain = unicodedata.normalize("NFKC", text)
    match = re.fullmatch(r"(.*?)[(\[]([^()\[\]]*)[)\]]\s*", plain, re.DOTALL)
    stated = unit(match[2]) if match else None
    word = squeezed(match[1] if match and (stated or match[2].strip() in ("岁", "years", "女=100")) else plain)
    if match and not word:
        return Heading(unit=stated)
    if word in _DIMENSIONS:
        return Heading(name=_DIMENSIONS[word], unit=stated)
    if found := year(word):
        return Heading(fixed=(("year", found),), unit=stated)
    label = age_label(word)
    if label is not None and label.kind == "group" and not label.mended:
        return Heading(fixed=(("age", label.age),), unit=stated)
    return _composed(word, stated) or Heading(unit=stated or unit(word))


def _composed(word: str, stated: Unit | None) -> Heading | None:
    """A head that is put together of known parts, or None."""
    fixed: dict[str, str | int | Age] = {}
    measure, total = "", False
    while word:
        if match := _YEAR.match(word):
            fixed["year"] = int(match[1])
            word = word[match.end() :]
            continue
        if (match := _AGE.match(word)) and (label := age_label(match[0])) is not None:
            fixed["age"] = label.age
            word = word[match.end() :]
            continue
        part = next(((k, v, m) for k, v, pattern in _PATTERNS if (m := pattern.match(word))), None)
        if part is None:
            return None
        kind, value, match = part
        if kind == "total":
            total = True
        elif kind == "measure":
            measure = value
        elif kind != "filler":
            fixed[kind] = value
        word = word[match.end() :]
    if not (fixed or measure or total):
        return None
    return Heading(fixed=tuple(fixed.items()), measure=measure, unit=stated, total=total)


def measure_in(titles: list[str]) -> str:
    """The measure that the words above a table name: rates before people, since they name both."""
    text = squeezed(" ".join(titles))
    for kind, value, pattern in _PATTERNS:
        if kind == "measure" and value not in ("qx", "prevalence") and pattern.search(text):
            return value
    return ""


def year_in(titles: list[str]) -> int | None:
    """The one year that the words above a table name."""
    found = set(re.findall(r"(?<!\d)((?:19|20)\d\d)\s*年", unicodedata.normalize("NFKC", " ".join(titles))))
    return int(found.pop()) if len(found) == 1 else None


def is_column_number(cells: list[str]) -> bool:
    """Whether a row under a head numbers the columns: 甲 乙 1 2 3, or 1 2 3."""
    words = [squeezed(cell) for cell in cells if cell.strip()]
    if len(words) > 2 and words == [str(i) for i in range(1, len(words) + 1)]:
        return True
    return (
        len(words) > 1 and words[0] in ("甲", "a") and all(re.fullmatch(r"[甲乙丙丁戊a-d]|\d{1,2}", w) for w in words)
    )
