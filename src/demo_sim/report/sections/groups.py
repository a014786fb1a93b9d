"""Special groups: who is counted, how many, on which base."""

from __future__ import annotations

import math

import pandas as pd

from demo_sim.report.phrases import band, cell, row, with_statistic
from demo_sim.report.reader import Reader
from demo_sim.report.tree import Column, DocumentBlock, Paragraph, Ref, Section, Table, TableRow
from demo_sim.vocab import source_label


def all_groups(reader: Reader) -> Section | None:
    """Every group that the run counts."""
    if not reader.has("groups/groups"):
        return None
    section = Section("groups", reader.say("全部人群", "All groups"))
    section.blocks += [_table(reader), *_kin(reader)]
    return section


def _known(reader: Reader, group: str) -> bool:
    return math.isfinite(reader.value(reader.group(group, reader.last)))


def _table(reader: Reader) -> Table:
    names, units = reader.names("groups/groups", "group"), reader.codes("groups/groups", "group", "unit")
    bases = reader.codes("groups/groups", "group", "base")
    years = reader.key_years(5)
    heads = [reader.say("群体", "Group"), reader.say("口径", "Base"), reader.say("单位", "Unit")]
    columns = [
        Column(h, w) for h, w in zip(heads, (3.0, 0.9, 0.8) if reader.lang == "zh" else (2.8, 1.4, 1.2), strict=True)
    ]
    columns += [Column(reader.say(f"{y}年末", str(y)), 1.1, True) for y in years]
    if reader.banded:
        columns.append(
            Column(reader.say(f"{reader.target_year}年80%区间", f"80% band {reader.target_year}"), 1.7, True)
        )
    table = Table(
        "table.all_groups",
        reader.say("全部人群人数", "All groups"),
        columns,
        [],
        note=(
            reader.say(
                "常住：按常住人口统计；户籍：按享受政策的户籍人口统计。各群体有重叠，不能相加。",
                "Resident: among residents; hukou: among the registered, who are entitled. Groups overlap and "
                "are not to be added.",
            ),
        ),
    )
    for subject, members in reader.subjects("groups/groups", "group", detail=True).items():
        ordered = [g for g in members if _known(reader, g)]
        table.rows += [band(reader.label("subject", subject))] if ordered else []
        table.rows += [_row(reader, g, names[g], units.get(g, "persons"), bases.get(g, ""), years) for g in ordered]
    return table


def _row(reader: Reader, group: str, name: str, unit: str, base: str, years: list[int]) -> TableRow:
    cells = [cell(name), cell(reader.label("base", base) if base else ""), cell(reader.unit(unit))]
    cells += [cell(reader.number(reader.group(group, year), unit, bare=True)) for year in years]
    if reader.banded:
        trace = reader.group(group, reader.target_year)
        low, high = (reader.number(with_statistic(trace, q), unit, bare=True) for q in ("q10", "q90"))
        cells.append(cell(low, "–", high))
    return row(*cells)


def _kin(reader: Reader) -> list[DocumentBlock]:
    """Groups by their relatives beside the figure known, with the part that the model cannot see."""
    checks = reader.table("kin_check", "kin_row")
    if checks.empty:
        return []
    heads = reader.say(
        "群体|年份|按亲属关系的候选人数|已知人数|性质|模型看不到的部分|计入人数",
        "Group|Year|Candidates by kin|Known|Status|Not seen by the model|Counted",
    ).split("|")
    table = Table(
        "table.kin",
        reader.say("按亲属关系核对的群体", "Groups checked by their relatives"),
        [
            Column(h, w, i in (1, 2, 3, 5, 6))
            for i, (h, w) in enumerate(zip(heads, (2.6, 0.8, 1.5, 1.2, 0.9, 1.4, 1.2), strict=True))
        ],
        [],
    )
    shares = _shares(reader, checks)
    for place, (_, found) in enumerate(checks.iterrows()):
        if found["share_of"]:
            continue
        number = {
            column: reader.number(reader.row("kin_check", "kin_row", place, column), unit, bare=True)
            for column, unit in (
                ("candidates", "persons"),
                ("known", "persons"),
                ("unseen_share", "share"),
                ("counted", "persons"),
            )
        }
        known = bool(found["status"])
        table.rows.append(
            row(
                str(found[f"label_{reader.lang}"]),
                cell(str(int(found["year"])), key=int(found["year"])),
                number["candidates"],
                number["known"] if known else cell("–"),
                reader.label("status", str(found["status"])) if known else cell("–"),
                number["unseen_share"] if known else cell("–"),
                number["counted"],
            )
        )
    words = (
        reader.say("由亲属关系得出的候选人数与已知人数的对照见", "Candidates by kin beside known figures: "),
        Ref("table.kin"),
        reader.say("；末年没有已知人数。", "; no figure is known of the last year."),
    )
    return [Paragraph(words), table, *shares]


def _shares(reader: Reader, checks: pd.DataFrame) -> list[DocumentBlock]:
    """Shares of groups beside those published of the nation."""
    heads = reader.say(
        "群体|占|年份|本次运行|全国公布|来源", "Group|Share of|Year|This run|Published, nation|Source"
    ).split("|")
    table = Table(
        "table.shares",
        reader.say("居住安排与全国公布占比", "Living arrangements beside shares published of the nation"),
        [
            Column(h, w, i in (2, 3, 4))
            for i, (h, w) in enumerate(zip(heads, (2.2, 1.8, 0.7, 1.2, 1.3, 3.0), strict=True))
        ],
        [],
    )
    names = reader.names("groups/groups", "group")
    for place, (_, found) in enumerate(checks.iterrows()):
        if not found["share_of"]:
            continue
        here, nation = (
            reader.number(reader.row("kin_check", "kin_row", place, column), "share", bare=True)
            for column in ("share", "published_share")
        )
        table.rows.append(
            row(
                str(found[f"label_{reader.lang}"]),
                names[str(found["share_of"])],
                cell(str(int(found["year"])), key=int(found["year"])),
                here,
                nation,
                source_label(str(found["source"]), reader.lang),
            )
        )
    return [table] if table.rows else []
