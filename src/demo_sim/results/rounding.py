"""Numbers as offices print them: parts that add up, 万 and 个百分点, small counts masked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from demo_sim.vocab import unit_label

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "–"
# Things counted one by one, and money: written in 万 and 亿 from ten thousand on.
_COUNTED = {
    "persons", "beds", "households", "posts", "places", "units", "yuan", "m2", "person_times",
    "person-times", "children", "remains",
}  # fmt: skip
_BARE = {"ratio", "other", "boolean", ""}


def largest_remainder(values: ArrayLike, digits: int = 0) -> np.ndarray:
    """Round parts so that their sum is the rounded total.

    All parts are rounded down; the units that are then missing go to the largest remainders, the first of equal ones.

    Parameters
    ----------
    values : array of float
        Parts of one whole, of any shape and sign. NaN stays NaN and takes no part.
    digits : int
        Decimals that are kept; negative for tens, hundreds.

    Returns
    -------
    array of float, in the shape of `values`, each less than one unit from its value.

    Examples
    --------
    >>> largest_remainder([33.34, 33.33, 33.33], 1).tolist()
    [33.4, 33.3, 33.3]
    """
    parts = np.asarray(values, dtype=float)
    unit = 10.0**digits
    scaled = (parts * unit).ravel()
    known = np.isfinite(scaled)
    # A value that is whole but for the error of its float must not lose a unit.
    floors = np.floor(scaled[known] + 1e-7)
    remainders = np.clip(scaled[known] - floors, 0.0, None)
    missing = math.floor(float(remainders.sum()) + 0.5 + 1e-7)
    floors[np.argsort(-np.round(remainders, 7), kind="stable")[:missing]] += 1
    scaled[known] = floors
    rounded = scaled / unit
    return (np.round(rounded, digits) if digits > 0 else rounded).reshape(parts.shape)


def plain(value: float, decimals: int) -> str:
    """Return a number with thousands separators, a true minus sign and no negative zero."""
    shown = f"{abs(value):,.{decimals}f}"
    return (MINUS if value < 0 and float(shown.replace(",", "")) != 0 else "") + shown


def three_figures(value: float) -> str:
    """Return a number with three figures, or all those before its point, for a cell or a label beside an axis.

    Examples
    --------
    >>> three_figures(12_345.6), three_figures(61.54), three_figures(1.9304)
    ('12,346', '61.5', '1.93')
    """
    return plain(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2)


def count(value: float, lang: str, digits: int | None = None) -> str:
    """Return a number of persons, things or yuan in words: 1321万 or 13.2 million.

    Parameters
    ----------
    value : float
        The number.
    lang : {"zh", "en"}
        Language.
    digits : int, optional
        Decimals of the number that is written, before 万 or million; about three figures unless given.

    Examples
    --------
    >>> count(13_214_567, "zh"), count(13_214_567, "en"), count(13_214_567, "zh", 2)
    ('1321万', '13.2 million', '1321.46万')
    """
    if not math.isfinite(value):
        return UNKNOWN
    step, word, figures = _step(abs(value), lang)
    if step:
        return plain(value / step, figures if digits is None else digits).replace(",", "") + word
    return plain(round(value, figures) if digits is None else value, digits or 0)


def shown(value: float, lang: str) -> float:
    """Return the number that `count` writes: parts and what is formed of them are printed to fit each other.

    Examples
    --------
    >>> shown(73_684.2, "zh"), shown(13_214_567, "zh"), shown(13_214_567, "en"), shown(2_354.0, "en")
    (73700.0, 13210000.0, 13200000.0, 2350.0)
    """
    step, _, figures = _step(abs(value), lang)
    return round(value / step, figures) * step if step else float(round(value, figures))


def left(whole: float, taken: float, lang: str) -> float:
    """Return a difference as the two counts are printed, each to its own figures.

    Examples
    --------
    >>> round(left(73_684.0, 49_630.0, "zh")), round(left(92_310.0, 94_530.0, "en"))
    (24100, -2200)
    """
    return shown(whole, lang) - shown(taken, lang)


def _step(size: float, lang: str) -> tuple[float, str, int]:
    """What a count is written in, the word for it, and its decimals; 0 where it is written out, rounded to tens."""
    for step, word in ((1e9, " billion"), (1e6, " million")) if lang == "en" else ((1e8, "亿"), (1e4, "万")):
        if size >= step:
            return step, word, 0 if size >= 100 * step else 1 if size >= 10 * step else 2
    return 0.0, "", -2 if size >= 1e4 else -1 if size >= 1e3 else 0


def percent(share: float, digits: int = 1) -> str:
    """Return a share as per cent."""
    return UNKNOWN if not math.isfinite(share) else f"{plain(100 * share, digits)}%"


def office(value: float, unit: str, lang: str, digits: int | None = None) -> str:
    """Return a number with its unit, as a plan prints it.

    Parameters
    ----------
    value : float
        The number; a share, and a difference of two shares (`pp`), as 0 to 1.
    unit : str
        Unit of the vocabulary.
    lang : {"zh", "en"}
        Language.
    digits : int, optional
        Decimals of the number that is written; by default one of per cent, and three figures of a count.

    Examples
    --------
    >>> office(0.6127, "share", "zh"), office(-0.123, "pp", "zh"), office(83_500, "beds", "zh")
    ('61.3%', '−12.3个百分点', '8.35万张')
    """
    if not math.isfinite(value):
        return UNKNOWN
    if unit == "share":
        return percent(value, 1 if digits is None else digits)
    if unit == "pp":
        number = plain(100 * value, 1 if digits is None else digits)
    elif unit in _COUNTED:
        number = count(value, lang, digits)
    else:
        number = plain(value, digits if digits is not None else 1 if abs(value) < 1000 else 0)
    if unit in _BARE:
        return number
    return f"{number}{unit_label(unit, lang)}" if lang == "zh" else f"{number} {unit_label(unit, lang)}"


def difference(value: float, unit: str, lang: str, digits: int | None = None) -> str:
    """Return a signed difference for a table; that of two shares is in percentage points."""
    shown = office(value, "pp" if unit == "share" else unit, lang, digits)
    if unit == "share" and lang == "en":
        shown = shown.replace(unit_label("pp", "en"), "pp")
    return f"+{shown}" if value > 0 else shown


def masked(value: float, below: int) -> str:
    """Return a count as whole number, or `<below` where it is small enough to point at persons.

    Zero is shown, and `below` of 0 masks nothing.

    Examples
    --------
    >>> masked(3.2, 10), masked(1234.4, 10), masked(0.0, 10), masked(3.2, 0)
    ('<10', '1,234', '0', '3')
    """
    if not math.isfinite(value):
        return UNKNOWN
    return f"<{below}" if 0 < value and value < below - 0.5 else plain(value, 0)


def masked_parts(values: Sequence[float], below: int) -> list[str]:
    """Return the parts of a printed total, rounded to add up, with small ones masked.

    Where one part alone is masked it could be found by subtraction, so the next smallest is withheld too, as `*`.

    Examples
    --------
    >>> masked_parts([120.0, 30.0, 4.0], 10)
    ['120', '*', '<10']
    """
    rounded = largest_remainder(values)
    shown = [masked(v, below) if 0 < v < below - 0.5 else plain(r, 0) for v, r in zip(values, rounded, strict=True)]
    hidden = [i for i, words in enumerate(shown) if words.startswith("<")]
    others = [i for i, value in enumerate(values) if i not in hidden and value > 0]
    if len(hidden) == 1 and others:
        shown[min(others, key=lambda i: values[i])] = "*"
    return shown
