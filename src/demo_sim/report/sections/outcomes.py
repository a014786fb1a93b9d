"""What was published beside what the run gives."""

from __future__ import annotations

import math

from demo_sim.report.phrases import cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Cell, Column, Inlines, Number, Paragraph, Ref, Section, Table, Trace
from demo_sim.results.judgements import inside_of_tested


def outcomes(reader: Reader) -> Section | None:
    """Published figures beside the projection; nothing where there are none."""
    if not len(reader.outcomes):
        return None
    section = Section("outcomes", reader.say("公布数与测算数对照", "Published figures beside the projection"))
    section.blocks += [_outcome_words(reader), _outcome_table(reader)]
    return section


def _outcome_words(reader: Reader) -> Paragraph:
    tested = reader.outcomes["mark"] == "tested"
    worst = int(reader.outcomes["relative_difference"].abs().where(tested).idxmax()) if tested.any() else None
    parts: Inlines = (
        reader.say("预测与事后公布数的对照见", "Published figures beside the projection: "),
        Ref("table.outcomes"),
    )
    if worst is not None:
        found = reader.outcomes.loc[worst]
        parts += (
            reader.say(
                "。仅作检验、未参与拟合的数值中，相差最大的是", ". Of those that are a test, the largest difference is "
            ),
            reader.say(f"{found['year']}年末", "")
            + _series(reader, str(found["series"]))[0]
            + reader.say("，相差", f" {found['year']}: "),
            reader.number(outcome(worst, "relative_difference"), "share", signed=True, bare=True),
        )
    inside, of = inside_of_tested(reader.outcomes)
    if of:
        parts += (
            reader.say(
                f"；其中有区间的{of}个，{inside}个落在80%区间内",
                f"; of the {of} with a band {inside} lie in their 80% band",
            ),
        )
    return Paragraph((*parts, reader.say("。", ".")))


def outcome(place: int, column: str) -> Trace:
    """A number of the table of published figures."""
    return Trace(f"outcomes/{column}", (("outcome", place),), "row")


def _series(reader: Reader, series: str) -> tuple[str, str]:
    """Name and unit of what was published: a series, or the indicator of a target."""
    found = reader.targets[reader.targets["id"] == series]
    if found.empty:
        return reader.label("outcome_series", series), "share" if series.endswith("_share") else "persons"
    return str(found.iloc[0][f"label_{reader.lang}"]), str(found.iloc[0]["unit"])


def _figure(reader: Reader, place: int, column: str, unit: str) -> Number:
    return reader.number(outcome(place, column), unit, 0 if unit == "persons" else None, bare=unit != "share")


def _band(reader: Reader, place: int, unit: str) -> Cell:
    low, high = (_figure(reader, place, end, unit) for end in ("q10", "q90"))
    return cell(low, reader.say("—", "–"), high)


def _outcome_table(reader: Reader) -> Table:
    heads = reader.say(
        "序列|年份|公布数|预测|80%区间|相差|性质", "Series|Year|Published|Projected|80% band|Difference|Mark"
    ).split("|")
    table = Table(
        "table.outcomes",
        reader.say("公布数与预测的对照", "Published figures beside the projection"),
        [Column(h, 1.6 if i == 0 else 1.0, 1 <= i <= 5) for i, h in enumerate(heads)],
        [],
        note=(
            reader.say(
                "已锚定、已拟合：测算使用了该数；检验：测算没有使用该数。",
                "Tied and fitted figures were used by the run; tested ones were not.",
            ),
        ),
    )
    for place, (_, found) in enumerate(reader.outcomes.iterrows()):
        name, unit = _series(reader, str(found["series"]))
        table.rows.append(
            row(
                name,
                cell(str(found["year"]), key=int(found["year"])),
                cell(_figure(reader, place, "published", unit)),
                cell(_figure(reader, place, "projected", unit)),
                _band(reader, place, unit) if found["inside"] else cell("—", key=-math.inf),
                cell(reader.number(outcome(place, "relative_difference"), "share", signed=True, bare=True)),
                reader.label("mark", str(found["mark"])),
            )
        )
    return table
