"""Numbers as agencies print them, and the units that stand beside them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from demo_sim.tables.labels import squeezed
from demo_sim.wording import NONE, Text

_PLAIN = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\Z", re.ASCII)
_GROUPED = re.compile(r"[-+]?\d{1,3}([,_ ']\d{3})+(\.\d+)?\Z", re.ASCII)
_SIGNS = {"%": 0.01, "‰": 0.001, "万": 1e4, "亿": 1e8}
_MISSING = frozenset(
    ["", ":", ".", "..", "...", "…", "……", "-", "--", "—", "——", "–", "/", "x", "na", "n/a", "nan", "null", "#n/a"]
)


@dataclass(frozen=True)
class ReadNumber:
    """A number of a cell; `form` says what was taken off: "", "grouped", "sign", "flag" or "unit"."""

    value: float
    form: str = ""
    decimals: int = 0  # digits after the point as printed, in the unit of `value`; -4 for one of 10,000


@lru_cache(maxsize=50_000)
def number(text: str) -> ReadNumber | None:
    """The number of a cell, or None where it holds none.

    >>> number("18,899").value, number("35%").value, number("1.2万").value, number("700 p").value
    (18899.0, 0.35, 12000.0, 700.0)
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    form = "width" if plain != text.strip().lower() and not text.isascii() else ""
    for pattern, name in (
        (r"(.*\d)\s*(?:[bcdefnprsuz]{1,3}|[*†]+)", "flag"),
        (r"(.*\d%?)\s*(?:人|张|个|户|岁|名|件|对)", "unit"),
    ):
        match = re.fullmatch(pattern, plain)
        if match and not _PLAIN.match(plain):
            plain, form = match[1], name
    factor, places = 1.0, 0
    if plain[-1:] in _SIGNS:
        factor, form = _SIGNS[plain[-1]], "sign"
        plain = plain[:-1].strip()
    if _GROUPED.match(plain):
        plain, form = re.sub("[,_ ']", "", plain), form or "grouped"
    if not _PLAIN.match(plain):
        return None
    value = float(plain) * factor
    if abs(value) == float("inf"):
        return None
    if "." in plain and "e" not in plain:
        places = len(plain.split(".")[1])
    return ReadNumber(round(value, 12), form, places - {0.01: -2, 0.001: -3, 1e4: 4, 1e8: 8}.get(factor, 0))


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no number: empty, `:`, `.`, `…`, `-`."""
    return unicodedata.normalize("NFKC", text).strip().lower() in _MISSING


def cell_hint(text: str) -> Text:
    """What is said to a cell that should hold a number."""
    if text.strip() == ".":
        return Text(
            "；“.”在死亡率数据库中表示无人处于该年龄",
            '; "." is the Human Mortality Database\'s sign for nobody at risk',
        )
    if is_missing(text):
        return Text("；须是有限的数字，缺的数不能留空", "; it must be a finite number and cannot be left out")
    if re.fullmatch(r"\d+,\d+", text.strip()):
        return Text("；小数点请用“.”", '; write the decimal point as "."')
    return NONE


@dataclass(frozen=True)
class Unit:
    """A unit: what is counted (`persons`, `beds`, `per_person`, `money` ...) and how many of it one is."""

    base: str
    factor: float
    shown: str


_BASES = {
    **dict.fromkeys("人 名 口 人次 person persons people head number nr inhabitants".split(), "persons"),
    **dict.fromkeys("张 床 张床 bed beds".split(), "beds"),
    **dict.fromkeys("个 家 所 处 unit units".split(), "units"),
    **dict.fromkeys("户 household households".split(), "households"),
    **dict.fromkeys("对 couple couples".split(), "couples"),
    **dict.fromkeys("件 具 例 份 case cases".split(), "cases"),
    **dict.fromkeys("平方米 ㎡ m2 m²".split(), "m2"),
    **dict.fromkeys("元 元/人·月 元/人·年 元/人.月 元/人.年 元/人、月 元/人、年 元/月 元/年 yuan".split(), "money"),
}
_RATES = {
    "‰": 1e-3, "千分率": 1e-3, "千分比": 1e-3, "per1000": 1e-3, "per1,000": 1e-3, "permille": 1e-3, "per_mille": 1e-3,
    "1/1000": 1e-3, "%": 1e-2, "百分比": 1e-2, "百分数": 1e-2, "percent": 1e-2, "per100000": 1e-5, "per100,000": 1e-5,
    "1/10万": 1e-5, "人/10万": 1e-5, "1": 1.0, "per_person": 1.0, "perperson": 1.0, "share": 1.0, "rate": 1.0,
}  # fmt: skip
_MULTIPLES = (("百万", 1e6), ("十万", 1e5), ("千", 1e3), ("万", 1e4), ("亿", 1e8), ("百", 1e2))
_ENGLISH = {
    "thousand": 1e3, "thousands": 1e3, "ths": 1e3, "1000": 1e3, "1,000": 1e3, "000s": 1e3, "million": 1e6,
    "millions": 1e6, "mio": 1e6, "10000": 1e4, "10,000": 1e4, "tenthousand": 1e4,
}  # fmt: skip


@lru_cache(maxsize=2_000)
def unit(text: str) -> Unit | None:
    """The unit that a text names, or None.

    >>> unit("万人").factor, unit("‰").base, unit("thousands").factor, unit("元/人·月").base
    (10000.0, 'rate', 1000.0, 'money')
    """
    word = re.sub(r"^(单位|计量单位|unit|units)[::]", "", squeezed(text)).strip(":")
    word = re.sub(r"^in(?=[a-z\d])", "", word)
    if word in _RATES:
        return Unit("rate", _RATES[word], text.strip())
    if word in _BASES:
        return Unit(_BASES[word], 1.0, text.strip())
    if word in _ENGLISH:
        return Unit("persons", _ENGLISH[word], text.strip())
    for name, factor in _ENGLISH.items():
        rest = re.sub("^s?(of)?", "", word.removeprefix(name))
        if word.startswith(name) and rest in _BASES:
            return Unit(_BASES[rest], factor, text.strip())
    for name, factor in _MULTIPLES:
        if word == name:
            return Unit("persons", factor, text.strip())
        if word.startswith(name) and word.removeprefix(name) in _BASES:
            return Unit(_BASES[word.removeprefix(name)], factor, text.strip())
    return None


def unit_in(text: str) -> Unit | None:
    """The unit that a title or a unit row states: 单位：万人, (thousands), in thousands."""
    plain = unicodedata.normalize("NFKC", text)
    if match := re.search(r"(?:单位|unit)\s*[::]\s*([^\s,;。;)]+)", plain, re.IGNORECASE):
        found = [named for part in re.split("[、,]", match[1]) if (named := unit(part))]
        counts = [one for one in found if one.base != "rate"]
        if found:
            return (counts or found)[0]
    for inside in re.findall(r"[(\[]([^()\[\]]*)[)\]]", plain):
        if named := unit(inside):
            return named
    if match := re.search(r"\bin (thousands|millions)\b", plain, re.IGNORECASE):
        return unit(match[1])
    return None
