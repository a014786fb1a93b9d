"""Places as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo_sim.places.finding import find

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("code", "name", "full_name", "level", "parent", "total", "older_60")


def places(text: str = "") -> pd.DataFrame:
    """Places of the census of 2020 that a code or a name may mean; all of them without one.

    Parameters
    ----------
    text : code, name or part of it, also after the names of the places it lies in (`徐州鼓楼区`)

    Returns
    -------
    DataFrame: code, name, full_name, level (nation, province, prefecture, county, zone), parent, total and older_60
    (residents on 2020-11-01, all and of 60 and over).

    Examples
    --------
    >>> import demo_sim as ds
    >>> ds.places("攸县")[["code", "total"]].values.tolist()
    [['430223', 630427]]
    """
    import pandas as pd

    return pd.DataFrame([[getattr(place, name) for name in COLUMNS] for place in find(text)], columns=list(COLUMNS))
