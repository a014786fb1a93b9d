"""Net migration of a place between the censuses of 2010 and 2020: what survival of the nation's people leaves over.

The national ratio of survivors holds coverage errors of both censuses; where they are those of the nation, they cancel.
"""

from __future__ import annotations

from demo_sim.places.census import AGES, NATION, SEXES, CensusCells, census_row, counted
from demo_sim.places.finding import Place, place_of

_YEARS = 10
FIVE = ("0-4", *AGES[2:-1], "85+")  # five-year ages of counties
YEARLY_AGES = (*FIVE[:-2], "80+")  # ages at the move
_CHILDREN = {0: 0.25, 1: 0.75}  # part of the women's migration that children born in between share
_MOTHERS = slice(FIVE.index("20-24"), FIVE.index("45-49"))  # reached by those of childbearing age
_BOYS = 0.525


def residual(place: Place) -> tuple[Place, CensusCells] | None:
    """Net migrants over ten years by sex and age reached in 2020, and the place whose they are.

    Where the land of a code changed between the censuses the place it lies in serves, in proportion to the people.
    None where not even that is known.
    """
    link = census_row("links_2010.csv", place.code)
    if link is None or link["sure"] != "1":
        above = place_of(place.parent)
        found = None if above is None or above.level == "nation" else residual(above)
        if found is None:
            return None
        own, theirs = _five(place.code, 2020), _five(found[0].code, 2020)
        return found[0], {
            sex: [round(m * n / max(t, 1)) for m, n, t in zip(found[1][sex], own[sex], theirs[sex], strict=True)]
            for sex in SEXES
        }
    then, now = _five(link["code_2010"], 2010), _five(place.code, 2020)
    then_all, now_all = _five(NATION, 2010), _five(NATION, 2020)
    out: CensusCells = {}
    for sex in SEXES:
        moved = [0.0] * len(FIVE)
        for i in range(2, len(FIVE)):
            before = slice(i - 2, i - 1) if i < len(FIVE) - 1 else slice(i - 2, None)
            survivors = now_all[sex][i] / sum(then_all[sex][before])
            moved[i] = now[sex][i] - sum(then[sex][before]) * survivors
        out[sex] = [round(m) for m in moved]
    women = sum(out["female"][_MOTHERS])
    mothers = sum(now_all["female"][_MOTHERS])
    for i, part in _CHILDREN.items():
        children = part * women * (now_all["male"][i] + now_all["female"][i]) / mothers
        out["male"][i], out["female"][i] = round(_BOYS * children), round((1.0 - _BOYS) * children)
    return place, out


def yearly(cells: CensusCells) -> dict[str, list[float]]:
    """Net migrants a year by age at the move, half the interval before the age reached, in `YEARLY_AGES`."""
    out = {}
    for sex in SEXES:
        reached = [n / _YEARS for n in cells[sex]]
        out[sex] = [reached[0] + reached[1], *reached[2:]]
    return out


def _five(code: str, year: int) -> CensusCells:
    cells = counted(code, year)
    assert cells is not None, (code, year)
    return {sex: [values[0] + values[1], *values[2:]] for sex, values in cells.items()}
