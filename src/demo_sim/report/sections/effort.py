"""What it would take: the arithmetic of the gaps, in the plan's own terms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from demo_sim.report.phrases import cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.sections.demand import gap, kinds_of, supplied
from demo_sim.report.sections.targets import assessed, rows_of, short_by, statement
from demo_sim.report.tree import COUNTED, Column, Inlines, Number, Paragraph, Ref, Section, Table

_BEDS, _NURSING = "institution_beds", "institution_beds.nursing"


def effort(reader: Reader) -> Section | None:
    """What would have to be added for targets that are missed or at risk, and for resources that are short."""
    behind = [r for r in rows_of(reader) if assessed(r) and _behind(r)] if len(reader.targets) else []
    short = _short(reader)
    if not behind and not short:
        return None
    section = Section("effort", reader.say("需要采取的措施", "What it would take"))
    section.blocks.append(
        Paragraph(
            (
                reader.say(
                    "以下是缺口的算术：按预计值（各次抽样的平均）达到目标需要新增多少，不含政策效果的判断。",
                    "This is arithmetic of gaps: what would have to be added for the expected value to reach the "
                    "target; it judges no policy.",
                ),
            ),
            "note",
        )
    )
    section.blocks += [Paragraph(_needed(reader, found), "item") for found in behind]
    if short:
        section.blocks += _gap_blocks(reader, short)
    return section


def _behind(found: dict[str, Any]) -> bool:
    wanted = str(found["operator"]) in (">=", "<=")
    off = float(found["gap"]) < 0 if str(found["operator"]) == ">=" else float(found["gap"]) > 0
    return wanted and off and str(found["verdict"]) in ("missed", "at_risk")


def additions(reader: Reader, found: dict[str, Any]) -> Inlines:
    """`需新增……`: what closes the gap of a target, where the results say so; empty otherwise."""
    unit = str(found["unit"])
    if unit in COUNTED and str(found["operator"]) == ">=":
        return (reader.say("需新增", "to be added: "), short_by(reader, found))
    if unit == "share" and str(found["id"]).endswith("nursing_bed_share") and found["reading"] == "indicator":
        return _nursing(reader, found)
    return ()


def _nursing(reader: Reader, found: dict[str, Any]) -> Inlines:
    """Conversions T s − N, or new nursing-type beds (T s − N) / (1 − s), of T beds of which N are nursing-type."""
    if not reader.has("demand/stocks"):
        return ()
    stocks = set(reader.array("demand/stocks")["stock"].values.tolist())
    wanted, year = float(found["target"]), int(found["year"])
    if not {_BEDS, _NURSING} <= stocks or not 0 < wanted < 1:
        return ()
    beds, nursing = (reader.value(reader.stock(s, year)) for s in (_BEDS, _NURSING))
    lacking = wanted * beds - nursing
    if lacking <= 0:
        return ()
    return (
        reader.say("需改造", "to be converted: "),
        Number(lacking, "beds"),
        reader.say("普通床位为护理型，或新建护理型床位", ", or built as nursing-type: "),
        Number(lacking / (1 - wanted), "beds"),
    )


def _needed(reader: Reader, found: dict[str, Any]) -> Inlines:
    added = additions(reader, found)
    return (
        *statement(reader, found),
        *((reader.say("，", "; "), *added) if added else ()),
        reader.say("。", "."),
    )


def _short(reader: Reader) -> list[tuple[str, str]]:
    if not reader.has("demand/need"):
        return []
    out = []
    for resource in (str(r) for r in reader.array("demand/need")["resource"].values):
        kinds = kinds_of(reader, resource)
        if kinds and supplied(reader, resource) and reader.value(gap(reader, resource, kinds[0], reader.last)) > 0:
            out.append((resource, kinds[0]))
    return out


def _gap_blocks(reader: Reader, short: list[tuple[str, str]]) -> list[Paragraph | Table]:
    names, units = reader.names("demand/need", "resource"), reader.codes("demand/need", "resource", "unit")
    years = [y for y in dict.fromkeys((reader.target_year, reader.last))]
    since = min(max(int(reader.attribute("known_until") or reader.first), reader.first), reader.target_year - 1)
    columns = [Column(reader.say("资源", "Resource"), 2.4), Column(reader.say("需求口径", "Meaning"), 1.2)]
    for year in years:
        columns += [
            Column(reader.say(f"{year}年末缺口", f"Gap {year}"), 1.2, True),
            Column(reader.say(f"{since + 1}—{year}年年均需增", f"A year {since + 1}-{year}"), 1.4, True),
        ]
    table = Table(
        "table.effort",
        reader.say("补足缺口每年需要新增的数量", "What closes the gap, a year"),
        columns,
        [],
        note=(
            reader.say(
                f"年均需增为缺口除以{since}年末之后的年数，在已计入的供给之外；缺口为负表示届时已有富余。",
                f"A year: the gap over the years after the end of {since}, on top of the supply already counted; a "
                "negative gap is a surplus.",
            ),
        ),
    )
    for resource, kind in short:
        unit = units.get(resource, "units")
        cells = [
            cell(f"{names[resource]}{reader.say('（', ' (')}{reader.unit(unit)}{reader.say('）', ')')}"),
            cell(reader.label("need_kind", kind)),
        ]
        for year in years:
            number = reader.number(gap(reader, resource, kind, year), unit, bare=True, signed=True)
            yearly = replace(number, value=max(number.value, 0.0) / max(year - since, 1), signed=False, trace=None)
            cells += [cell(number), cell(yearly)]
        table.rows.append(row(*cells))
    words = Paragraph(
        (
            reader.say(
                "供给不足的资源及每年需要新增的数量见",
                "Resources that are short, and what would have to be added a year: ",
            ),
            Ref("table.effort"),
            reader.say("。", "."),
        )
    )
    return [words, table]
