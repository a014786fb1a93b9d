"""Older people of the provinces, forecast from the census of 2010 and compared with that of 2020.

    python calibration/places/backtest.py

The rule, written down before its errors were computed; it knows nothing later than the census of 2010:

1. Survival over ten years, by sex and age: the nation's people of the census of 2010 over those of 2000 (which holds
   the coverage of both), to the power by which reported death rates fell between the two years of census deaths; the
   fall goes on as it was.
2. A province's survival has the power of its own reported death rates of 2010 at 50 and over against the nation's,
   drawn half way to 1 (reported deaths are incomplete, unevenly).
3. Net migration: half of what the census of 2010 shows beyond survival since 2000, by age reached, as a share of the
   province's people expected at that age.
4. A county whose land is the same in both censuses: its people of 2010 times the ratios of its province, by sex and
   age.
"""

from __future__ import annotations

import numpy as np

from demo_sim.places.census import NATION, OLDER_AGES, SEXES, counted, of_province, row
from demo_sim.places.finding import places

KEPT = 0.5  # of the net migration of the decade before
SHRUNK = 0.5  # way of a province's mortality to the nation's
PROFAMY = (68, 17, 11, 4)  # % of errors below 3, 3 to 5, 5 to 10, above 10 % (50 states of the US, other indices)
EDGES = (3.0, 5.0, 10.0)
SIZES = ((0, 50_000), (50_000, 200_000), (200_000, 500_000), (500_000, 1_000_000), (1_000_000, 1e8))
# Five-year ages 0-4 ... 95-99, 100+.
_FIVE = len(OLDER_AGES) - 1


def main() -> None:
    """Print the errors."""
    _provinces()
    _counties()


def _provinces() -> None:
    codes = [place.code for place in places().values() if place.level == "province"]
    for title, kept, shrunk, power in (
        ("the rule", KEPT, SHRUNK, True),
        ("without migration", 0.0, SHRUNK, True),
        ("all migration goes on", 1.0, SHRUNK, True),
        ("survival of 2000 to 2010 as it was, no migration", 0.0, 1.0, False),
    ):
        errors = {least: [] for least in (60, 65, 80)}
        for code in [NATION, *codes]:
            found, true = forecast(code, kept, shrunk, power), people(code, 2020).sum(axis=0)
            for least, rows in errors.items():
                i = least // 5
                rows.append(100.0 * (found[i:].sum() / true[i:].sum() - 1.0))
        print(title)
        for least, rows in errors.items():
            away = np.abs(rows[1:])
            shares = np.bincount(np.searchsorted(EDGES, away, side="right"), minlength=4) / len(away) * 100
            worst = places()[codes[int(away.argmax())]].name
            print(
                f"  {least}+: nation {rows[0]:+.1f} %, mean absolute error {away.mean():.2f} %, "
                f"mean {np.mean(rows[1:]):+.2f} %, below 3 / 3-5 / 5-10 / above: "
                f"{' / '.join(f'{s:.0f}' for s in shares)}; "
                f"largest {away.max():.1f} {worst}"
            )
    print("ProFamy, 1990 to 2000:", " / ".join(map(str, PROFAMY)))


def _counties() -> None:
    """Errors of counties by size, of 60+, 65+ and 80+."""
    ratios: dict[str, np.ndarray] = {}
    found: dict[int, list[tuple[int, float]]] = {60: [], 65: [], 80: []}
    for place in places().values():
        link = row("links_2010.csv", place.code)
        if place.level != "county" or link is None or link["sure"] != "1":
            continue
        if place.province not in ratios:
            ratios[place.province] = _ratios(place.province)
        then, now = _county(link["code_2010"], 2010), _county(place.code, 2020)
        expected = np.zeros_like(then)
        expected[:, 2:-1] = then[:, :-3]
        expected[:, -1] = then[:, -3:].sum(axis=1)
        expected *= ratios[place.province]
        for least, rows in found.items():
            i = least // 5
            rows.append((place.total, 100.0 * (expected[:, i:].sum() / now[:, i:].sum() - 1.0)))
    print("counties whose land is the same, by people of 2020: counties, mean absolute error and mean of 60+, 65+, 80+")
    for low, high in SIZES:
        here = [[e for n, e in rows if low <= n < high] for rows in found.values()]
        told = "  ".join(f"{np.abs(errors).mean():.1f} ({np.mean(errors):+.1f})" for errors in here)
        print(f"  {low:>9,} to {high:>10,.0f}: {len(here[0]):>4}  {told}")


def _ratios(code: str) -> np.ndarray:
    """People of a province forecast for 2020 over those ten years younger in 2010, in the ages of counties."""
    then, later = _short(people(code, 2010)), _short(forecast(code, KEPT, SHRUNK, True, by_sex=True))
    out = np.ones_like(then)
    out[:, 2:-1] = later[:, 2:-1] / then[:, :-3]
    out[:, -1] = later[:, -1] / then[:, -3:].sum(axis=1)
    return out


def _short(values: np.ndarray) -> np.ndarray:
    """Five-year ages to 80-84, and 85 and over."""
    return np.concatenate([values[:, :17], values[:, 17:].sum(axis=1, keepdims=True)], axis=1)


def _county(code: str, year: int) -> np.ndarray:
    cells = counted(code, year)
    assert cells is not None
    single = np.array([cells[sex] for sex in SEXES], float)
    return np.concatenate([single[:, :2].sum(axis=1, keepdims=True), single[:, 2:]], axis=1)


def people(code: str, year: int, measure: str = "population") -> np.ndarray:
    """(sex, five-year age)."""
    known = of_province(code, measure, year)
    single = np.array([np.add(known["urban", sex], known["rural", sex]) for sex in SEXES], float)
    return np.concatenate([single[:, :2].sum(axis=1, keepdims=True), single[:, 2:]], axis=1)


def forecast(code: str, kept: float, shrunk: float, power: bool, by_sex: bool = False) -> np.ndarray:
    """People of 2020 of 50 and over by five-year age, from what was known in 2010; (age,), or (sex, age)."""
    survived = _ten_years(NATION)
    fall = np.array([_rate(NATION, 2010, s) / _rate(NATION, 2000, s) for s in range(2)]) if power else np.ones(2)
    own = np.array([_rate(code, 2010, s) / _rate(NATION, 2010, s) for s in range(2)]) if power else np.ones(2)
    exponent = fall * own**shrunk
    then = people(code, 2010)
    expected = carried(then, survived ** exponent[:, None])
    if kept:
        before = carried(people(code, 2000), survived ** (own**shrunk)[:, None])
        moved = np.divide(people(code, 2010) - before, before, out=np.zeros_like(before), where=before > 0)
        moved[:, :4] = 0.0
        expected = expected * (1.0 + kept * moved)
    return expected if by_sex else expected.sum(axis=0)


def _ten_years(code: str) -> np.ndarray:
    """Part of the people of each age of 2000 that is there ten years older in 2010; the last is for 90 and over."""
    then, now = people(code, 2000), people(code, 2010)
    last = _FIVE - 3  # 90-94 and over reach 100+
    closed = now[:, 2:-1] / then[:, :-3]
    open_ = now[:, -1:] / then[:, last:].sum(axis=1, keepdims=True)
    return np.concatenate([closed, open_], axis=1)


def carried(then: np.ndarray, survived: np.ndarray) -> np.ndarray:
    """People ten years on; those below 10 are left empty."""
    out = np.zeros_like(then)
    last = _FIVE - 3
    out[:, 2:-1] = then[:, :-3] * survived[:, :-1]
    out[:, -1] = then[:, last:].sum(axis=1) * survived[:, -1]
    return out


def _rate(code: str, year: int, s: int) -> float:
    """Reported death rate at 50 and over, standardised to the nation's people of 2010."""
    first = 50 // 5
    population, deaths = people(code, year)[s, first:], people(code, year, "deaths")[s, first:]
    weight = people(NATION, 2010)[s, first:]
    return float((deaths / np.maximum(population, 1.0) * weight).sum() / weight.sum())


if __name__ == "__main__":
    main()
