"""Targets of the plans: the office's own table, year by year, and one by one."""

from __future__ import annotations

import math
from typing import Any

from demo_sim.report.phrases import band, cell, row
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import (
    assessed,
    goal,
    is_listed,
    name_of,
    of_reference,
    rests_on,
    rows_of,
    statement,
    tally_words,
    value_cell,
    value_of,
    verdict_cell,
)
from demo_sim.report.tree import Cell, Column, Fold, Inlines, Paragraph, Ref, Section, Table
from demo_sim.results.judgements import has_natural, labels_of, lacks_words, natural, takes_words, verdict_words


def all_targets(reader: Reader) -> Section | None:
    """All targets: as the plan prints them, by year, one by one, and those that lack a figure."""
    if reader.targets.empty:
        return None
    rows = rows_of(reader)
    section = Section("targets", reader.say("规划指标逐项判定", "Targets one by one"))
    own, others = [r for r in rows if not of_reference(r)], [r for r in rows if of_reference(r)]
    if own:
        section.blocks += [Paragraph(_tally(reader, own)), _office_table(reader, own)]
    if others:
        section.blocks += [Paragraph(_of_others(reader)), _office_table(reader, others, "table.reference.all")]
    judged = [r for r in rows if assessed(r)]
    if judged:
        years = Section("targets.years", reader.say("逐年预计", "Year by year"))
        years.blocks += [_year_table(reader, plan, own) for plan, own in _of_plans(judged).items()]
        each = Section("targets.each", reader.say("逐项说明", "One by one"))
        each.blocks += [_one(reader, found) for found in judged]
        section.sections += [years, each]
    lacking = [r for r in rows if not assessed(r) and not is_listed(r)]
    if lacking:
        section.sections.append(_lacking(reader, lacking))
    deliverables = [r for r in rows if is_listed(r)]
    if deliverables:
        section.sections.append(_deliverables(reader, deliverables))
    return section


def _tally(reader: Reader, rows: list[dict[str, Any]]) -> Inlines:
    return (
        tally_words(reader, rows),
        reader.say("。见", ". See "),
        Ref("table.targets"),
        reader.say(
            "。判定使用未舍入的数值；达标概率0.9及以上为达标，0.1及以下为未达标，其间为有风险。"
            "依据为决定数值的各项参数中最弱的一项：依据为假设或借用的只作参考判断，不计入判定；"
            "起决定作用的参数只是一个假设时不作判定，只给出达标临界值。第二种口径单列一行，不另计数。",
            ". Verdicts rest on unrounded values: met from a probability of 0.9, missed up to 0.1, at risk between. "
            "The evidence is the weakest of the inputs that decide: on an assumed or borrowed one a verdict is "
            "indicative and not counted, and where the deciding input is an assumption alone there is none, only the "
            "break-even. A second reading has a row of its own and is not counted.",
        ),
    )


def _of_others(reader: Reader) -> Inlines:
    return (
        reader.say(
            "国家和外地规划的指标供参照，不计入本地规划，见", "Targets that others have set, counted in no plan: "
        ),
        Ref("table.reference.all"),
        reader.say("。", "."),
    )


def _goal_cell(reader: Reader, found: dict[str, Any]) -> Cell:
    """The target, with its year where it is not that of most."""
    year = int(found["year"])
    dated = () if year == reader.target_year else (reader.say(f"（{year}）", f" ({year})"),)
    return cell(*goal(reader, found), *dated)


def _base_cell(reader: Reader, found: dict[str, Any]) -> Cell:
    """The plan's own figure of the base year, else that of the run."""
    if math.isfinite(float(found.get("baseline", math.nan))):
        return cell(value_of(reader, reader.cell(found["place"], "baseline"), found))
    own = value_cell(reader, found, reader.first)
    return Cell((*own.parts, "†"), own.tone, own.key) if own.key != -math.inf else own


def _sections(reader: Reader, rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rows by plan; those of the plan's own table before the commitments of its text."""
    out: dict[str, list[dict[str, Any]]] = {}
    for found in sorted(rows, key=lambda r: not r["number"]):
        tail = reader.say("：规划指标表", ": table of indicators") if found["number"] else ""
        out.setdefault(f"{found['plan_title']}{tail}", []).append(found)
    return list(out.items())


def _office_table(reader: Reader, rows: list[dict[str, Any]], key: str = "table.targets") -> Table:
    heads = reader.say(
        "序号|指标|基期值|目标值|属性|预计值|判定|依据",
        "No.|Indicator|Base|Target|Attribute|Expected|Verdict|Evidence",
    ).split("|")
    widths = (0.6, 3.1, 1.1, 1.7, 0.9, 1.2, 1.2, 0.9)
    both = has_natural(rows)
    columns = [Column(h, w, i in (0, 2, 3, 5)) for i, (h, w) in enumerate(zip(heads, widths, strict=True))]
    if both:
        columns[5:6] = [
            Column(reader.say(zh, en), 1.2, True)
            for zh, en in (("自然趋势", "As things go"), ("落实规划", "With the plan"))
        ]
    title = (
        reader.say("规划指标预计完成情况", "Indicators of the plan and their expected values")
        if key == "table.targets"
        else reader.say("参照指标", "Reference targets")
    )
    table = Table(
        key,
        title,
        columns,
        [],
        note=(
            reader.say(
                f"基期值取规划所列数，规划未列的为本次测算的{reader.first}年末数（以†标出）；预计值为中心方案（各项参数取给定值）在目标年份年末的数值；"
                f"“–”表示没有数据，或规划没有列出数值。目标年份除注明外为{reader.target_year}年。",
                f"Base: as the plan prints it, else the value of this run at the end of {reader.first}, marked †; "
                "expected: the run at stated inputs at the year-end of the target year; a dash: no figure, or none in "
                "the plan. "
                f"Targets are of {reader.target_year} unless another year is given.",
            ),
            reader.say(
                "自然趋势不含规划期内的措施，落实规划含这些措施；括号内为达标概率，判定按落实规划。",
                " As things go: without the measures of coming years; with the plan: with them. In brackets the "
                "probability to meet the target; the verdict is that with the plan.",
            )
            if both
            else "",
        ),
    )
    for title, found_rows in _sections(reader, rows):
        table.rows.append(band(title))
        for found in found_rows:
            second = found["reading"] not in ("indicator", "")
            pairs = (("natural_value", "natural_p_met"), ("value", "p_met")) if both else (("value", ""),)
            table.rows.append(
                row(
                    cell("" if second else str(found["number"] or ""), key=float(found["number"] or math.inf)),
                    cell(name_of(reader, found)),
                    _base_cell(reader, found),
                    _goal_cell(reader, found) if not second else cell("〃"),
                    cell(reader.label("attribute", str(found["attribute"])) if found["attribute"] else ""),
                    *(_expected_cell(reader, found, *columns) for columns in pairs),
                    verdict_cell(reader, found),
                    cell(rests_on(reader, found)),
                )
            )
    return table


def _expected_cell(reader: Reader, found: dict[str, Any], column: str, chance: str) -> Cell:
    """A value, with the probability to meet the target behind it where a column of it is named and has one."""
    if column == "natural_value" and not math.isfinite(natural(found)):
        return cell("–", key=-math.inf)
    value = value_of(reader, reader.cell(found["place"], column), found)
    parts: Inlines = (value,)
    if chance and math.isfinite(float(found[chance])) and math.isfinite(natural(found)):
        shown = reader.number(reader.cell(found["place"], chance), "share", 0)
        parts += (reader.say("（", " ("), shown, reader.say("）", ")"))
    return cell(*parts, key=value.value if math.isfinite(value.value) else -math.inf)


def _of_plans(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows by plan, sets that others have set among them."""
    return {plan: [r for r in rows if r["plan_id"] == plan] for plan in dict.fromkeys(r["plan_id"] for r in rows)}


def _year_table(reader: Reader, plan: str, rows: list[dict[str, Any]]) -> Table:
    """Values of the targets of one plan up to its own last year."""
    last = max(int(r["year"]) for r in rows)
    years = [y for y in reader.years if y <= last][-8:]
    columns = [Column(reader.say("指标", "Indicator"), 3.2), Column(reader.say("目标值", "Target"), 1.2, True)]
    columns += [Column(str(y), 1.0, True) for y in years]
    title = rows[0]["plan_title"]
    table = Table(
        f"table.years.{plan}",
        reader.say(f"{title}：指标逐年预计值", f"{title}: expected values year by year"),
        columns,
        [],
        note=(reader.say("年末数值，中心方案。", "Year-end values of the run at stated inputs."),),
    )
    for found in rows:
        cells = [cell(name_of(reader, found)), cell(*goal(reader, found))]
        cells += [value_cell(reader, found, y) for y in years]
        table.rows.append(row(*cells))
    return table


def _one(reader: Reader, found: dict[str, Any]) -> Fold:
    verdict = verdict_words(found, reader.lang)
    number = f"{found['number']} " if found["number"] and found["reading"] in ("indicator", "") else ""
    parts = statement(reader, found)
    chance = float(found["p_met"])
    parts += (reader.say("，判定为" + verdict, f"; verdict: {verdict.lower()}"),)
    if math.isfinite(chance):
        probability = reader.number(reader.cell(found["place"], "p_met"), "share", 0)
        parts += (reader.say("（达标概率", " (probability "), probability, reader.say("）", ")"))
    parts += (reader.say("。", "."), _first_year(reader, found))
    driver = str(found["driver"])
    if driver:
        parts += (
            reader.say("影响最大的参数：", " The input that moves it most: ")
            + reader.driver(driver)
            + reader.say("。", "."),
        )
    definition = str(found["definition"]).split(" | ")[-1 if reader.lang == "en" else 0]
    basis = rests_on(reader, found)
    takes = takes_words(found, labels_of(reader.results.attrs), reader.lang)
    note = [
        reader.say("口径：", "Definition: ") + definition if definition else "",
        reader.say("依据：", "Evidence: ") + basis if basis else "",
        takes,
        reader.say("来源：", "Source: ") + str(found["source"]) if found["source"] else "",
    ]
    told = reader.say("。", ". ").join(n for n in note if n)
    return Fold(
        f"{number}{name_of(reader, found)}{reader.say('：', ': ')}{verdict}",
        [Paragraph(parts), Paragraph((told + reader.say("。", "."),), "note")],
    )


def _first_year(reader: Reader, found: dict[str, Any]) -> str:
    year = float(found["first_year_met"])
    if not math.isfinite(year):
        return reader.say(
            f"到{reader.last}年末预计值未达到目标。", f" The expected value does not meet it by {reader.last}."
        )
    if int(year) <= reader.first:
        return ""
    return reader.say(
        f"预计值自{int(year)}年末起达到目标。", f" The expected value meets it from the end of {int(year)} on."
    )


def _lacking(reader: Reader, rows: list[dict[str, Any]]) -> Section:
    section = Section("targets.lacking", reader.say("缺少数据、未评估的指标", "Not assessed, for lack of a figure"))
    section.blocks.append(
        Paragraph(
            (
                reader.say(
                    f"有{len(rows)}项指标缺少下列数据，只给出达标所需。补入情景文件后重新运行即可判定。",
                    f"{len(rows)} targets lack the figures below, so that only what they take is said; with the "
                    "figures in the scenario, the next run judges them.",
                ),
            )
        )
    )
    heads = reader.say(
        "序号|指标|目标值|达标所需|缺少的数据（填报部门）", "No.|Indicator|Target|Takes|Missing figure (department)"
    ).split("|")
    labels = labels_of(reader.results.attrs)
    table = Table(
        "table.lacking",
        reader.say("未评估的指标与所缺数据", "Targets that were not assessed"),
        [Column(h, w, i in (0, 2)) for i, (h, w) in enumerate(zip(heads, (0.6, 3.2, 1.2, 2.7, 2.6), strict=True))],
        [],
        folded=len(rows) > 30,
    )
    for found in rows:
        table.rows.append(
            row(
                cell(str(found["number"] or ""), key=float(found["number"] or math.inf)),
                cell(name_of(reader, found)),
                _goal_cell(reader, found),
                cell(takes_words(found, labels, reader.lang)),
                cell(lacks_words(found, labels, reader.lang)),
            )
        )
    section.blocks.append(table)
    return section


def _deliverables(reader: Reader, rows: list[dict[str, Any]]) -> Section:
    section = Section("targets.listed", reader.say("交付事项与方向性要求", "Deliverables and directions"))
    heads = reader.say("事项|类别|年份|来源", "Item|Kind|Year|Source").split("|")
    table = Table(
        "table.listed",
        reader.say("只列示、不判定的事项", "Listed and not judged"),
        [Column(h, w, i == 2) for i, (h, w) in enumerate(zip(heads, (4.4, 1.2, 0.8, 3.0), strict=True))],
        [],
        folded=len(rows) > 30,
    )
    kinds = {"boolean": reader.say("交付事项", "deliverable"), "directional": reader.say("方向性", "direction")}
    for found in rows:
        kind = str(found["driver"]).removeprefix("listed: ")
        table.rows.append(
            row(
                cell(name_of(reader, found)),
                cell(kinds.get(kind, kind)),
                cell(str(found["year"]), key=int(found["year"])),
                cell(str(found["source"])),
            )
        )
    section.blocks.append(table)
    return section
