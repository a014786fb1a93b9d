"""Hints for what office software and Chinese keyboards put into files."""

from __future__ import annotations

import re
import unicodedata

from demo_sim.scenario.messages import NONE, Text

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\Z", re.ASCII)
_GROUPED = re.compile(r"[-+]?\d{1,3}([,_ ]\d{3})+(\.\d+)?\Z", re.ASCII)


def is_number(text: str) -> bool:
    """Whether the text is a plain decimal number (no separators, no percent sign)."""
    return _NUMBER.match(text) is not None


def is_full_width(text: str) -> bool:
    """Whether the text holds full-width digits, letters, signs or spaces."""
    return any("\uff01" <= char <= "\uff5e" or char == "\u3000" for char in text)


def number_hint(text: str) -> Text:
    """What to write instead of a text that was meant as a number; empty where nothing is known."""
    plain = unicodedata.normalize("NFKC", text).strip()
    full = is_full_width(text)
    if is_number(plain):
        zh, en = ("用半角写", "write it in half-width characters") if full else ("去掉空格", "without blanks")
        return Text(f"；{zh}：{plain}", f"; {en}: {plain}")
    if _GROUPED.match(plain):
        bare = re.sub("[,_ ]", "", plain)
        return Text(f"；不要千位分隔符，写 {bare}", f"; no thousands separators, write {bare}")
    for sign, name_zh, divisor in (("%", "百分号", 100.0), ("‰", "千分号", 1000.0)):
        if plain.endswith(sign) and is_number(plain[:-1].strip()):
            share = f"{float(plain[:-1]) / divisor:.12g}"
            return Text(f"；不用{name_zh}，写 {share}", f"; without the {sign} sign, write {share}")
    for sign, factor in (("万", 1e4), ("亿", 1e8)):
        if plain.endswith(sign) and is_number(plain[:-1].strip()):
            whole = f"{float(plain[:-1]) * factor:.15g}"
            return Text(f"；不用“{sign}”，写 {whole}", f'; without "{sign}", write {whole}')
    if plain in ("", "-", "…", "...", "NA", "NaN", "nan", ".nan", ".inf", "inf", "-"):
        return Text("；须是有限的数字，缺的数不能留空", "; it must be a finite number and cannot be left out")
    return NONE


_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


def age_hint(text: str) -> Text:
    """What to write instead of a text that was meant as an age group."""
    plain = unicodedata.normalize("NFKC", text).strip()
    low = high = 0
    if match := re.match(r"(\d{1,2})月(\d{1,2})日\Z", plain):
        low, high = int(match[1]), int(match[2])
    elif match := re.match(r"(\d{1,2})[- ]([A-Za-z]{3})\Z", plain):
        low, high = int(match[1]), _MONTHS.get(match[2].lower(), 0)
    elif match := re.match(r"([A-Za-z]{3})[- ](\d{1,2})\Z", plain):
        low, high = _MONTHS.get(match[1].lower(), 0), int(match[2])
    if low and high:
        low, high = sorted((low, high))
        return Text(
            f"；Excel 把年龄组变成了日期，应为 {low}-{high}，请把该列设为文本",
            f"; Excel turned an age group into a date, {low}-{high} was meant: set the column to text",
        )
    mended = re.sub(r"\s|岁", "", plain)
    mended = re.sub(r"及?以上\Z", "+", re.sub(r"[~—–至到―]+", "-", mended))
    if mended != text and re.match(r"\d{1,3}(-\d{1,3}|\+)?\Z", mended, re.ASCII):
        return Text(f"；写 {mended}", f"; write {mended}")
    return NONE


_KEY_WORDS = {
    "男": "male", "男性": "male", "女": "female", "女性": "female",
    "城镇": "urban", "城市": "urban", "乡村": "rural", "农村": "rural",
}  # fmt: skip


def key_hint(text: str) -> Text:
    """What to write instead of a key that was meant as a year, an age, a sex or a residence; empty for a name.

    Examples
    --------
    >>> key_hint("2025年末").en, key_hint("60岁及以上").en, key_hint("skill_level").en
    ('; write 2025', '; write 60+', '')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if match := re.match(r"((?:18|19|20|21)\d\d)(?:年|年末|年底|\.0)?\Z", plain, re.ASCII):
        return Text(f"；写 {match[1]}", f"; write {match[1]}")
    if plain in _KEY_WORDS:
        return Text(f"；写 {_KEY_WORDS[plain]}", f"; write {_KEY_WORDS[plain]}")
    return age_hint(text)
