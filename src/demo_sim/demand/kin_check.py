"""What relatives show beside the published or assumed figure, and shares beside those published of the nation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from demo_sim.demand.counting import Evidence
from demo_sim.results.columns import KIN_CHECK_COLUMNS
from demo_sim.scenario import Quantity
from demo_sim.scenario.entries import GroupDefinition
from demo_sim.vocab import STATUSES


def kin_check_columns(
    catalog: Mapping[str, GroupDefinition],
    quantities: Mapping[str, Quantity],
    groups: Sequence[str],
    evidence: Mapping[str, Evidence],
    times: np.ndarray,
    counted: Mapping[str, np.ndarray],
) -> dict[str, list[object]]:
    """Columns of kin_check.csv: rows for each group that has candidates, and for shares published of a wider place.

    A group has a row for each dated figure and one for the last year-end, where no figure holds the count to anything.
    `rate` is what is counted over the candidates: below 1 not every candidate is a member. `unseen_share` is the part
    of the figure that relatives do not show, spread over all people of the cells. A sum of groups has no row, for its
    parts have theirs.

    Parameters
    ----------
    catalog, quantities : definitions of the groups and numbers of the scenario
    groups : ids, in order
    evidence : at stated values, without draws
    times : year-ends
    counted : (time,) by group, at stated values
    """
    columns: dict[str, list[object]] = {name: [] for name in KIN_CHECK_COLUMNS}
    last = int(times[-1])

    def add(entry: GroupDefinition, year: int, **cells: object) -> None:
        whole = float(counted[entry.id][year - int(times[0])])
        row = dict.fromkeys(("candidates", "known", "rate", "unseen_share", "share", "published_share"), np.nan)
        words = dict.fromkeys(("status", "source", "share_of"), "")
        names = {"label_zh": entry.label.zh, "label_en": entry.label.en, "base": entry.base}
        cells = row | words | names | {"group": entry.id, "year": year, "counted": whole} | cells
        for column, values in columns.items():
            values.append(cells[column])

    for name in groups:
        entry, own = catalog[name], evidence.get(name)
        if own is not None and not entry.sum:
            for year, figure in own.known.items():
                known, candidates = float(figure), float(own.candidates[year - int(times[0])].sum())
                status, source = _origin(entry, year, quantities)
                unseen = max(0.0, known - candidates) / known
                rate = known / candidates if candidates > 0.0 else np.nan
                add(
                    entry, year, candidates=candidates, known=known, status=status, rate=rate, unseen_share=unseen,
                    source=source,
                )  # fmt: skip
            if own.known and last not in own.known:
                candidates = float(own.candidates[-1].sum())
                rate = float(counted[name][-1]) / candidates if candidates > 0.0 else np.nan
                add(entry, last, candidates=candidates, rate=rate)
        for seen in entry.beside:
            if times[0] <= seen.year <= last and seen.of in counted:
                place = int(seen.year - times[0])
                share = float(counted[name][place] / counted[seen.of][place])
                add(
                    entry, seen.year, share_of=seen.of, share=share, published_share=seen.share, status="published",
                    source=seen.source,
                )  # fmt: skip
    return columns


def _origin(entry: GroupDefinition, year: int, quantities: Mapping[str, Quantity]) -> tuple[str, str]:
    """Weakest status of what a figure is made of, and the sources."""
    statuses, sources = [], []
    for factor in (*entry.level, *(() if entry.match is None else (entry.match,))):
        quantity = quantities[factor.of]
        rows = [row for row in quantity.rows if not factor.name or row.name == factor.name]
        dated = [row for row in rows if row.year == year] or rows
        statuses += [row.status for row in dated]
        sources += [source.source for source in quantity.sources]
    return max(statuses, key=STATUSES.index), "; ".join(dict.fromkeys(sources))
