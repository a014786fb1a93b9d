"""Targets of the plans: plan by plan, the base, the target, what is reached, and whether that is enough."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from demo_sim.report.measure import Measure, measure
from demo_sim.report.phrases import cell, joined, row, told
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import (
    OPERATORS,
    assessed,
    by_plan,
    is_listed,
    name_of,
    of_reference,
    rests_on,
    rows_of,
    spoken,
    verdict_cell,
)
from demo_sim.report.tree import COUNTED, Cell, Column, Inlines, Paragraph, Ref, Section, Table
from demo_sim.results.closing_sheet import source_of
from demo_sim.results.judgements import has_natural, kind_of_verdict, natural

_MOST = 40  # targets of a plan without a table of its own that are printed
_FIRST = ("indicator", "")  # the reading that is counted
_ORDER = ("missed", "at_risk", "met")
Row = dict[str, Any]


def targets(reader: Reader) -> Section | None:
    """A table and its words for each plan; targets of other places by themselves."""
    rows = [r for r in rows_of(reader) if not is_listed(r)] if len(reader.targets) else []
    if not rows:
        return None
    section = Section("targets", reader.say("规划指标完成情况", "Targets of the plan"))
    for plan, own in by_plan(rows).items():
        section.blocks += _plan(reader, plan, own)
    others = [r for r in rows if of_reference(r) and math.isfinite(float(r["value"]))]
    if others:
        words = reader.say(
            "国家和外地规划的同类指标仅供参照，不计入本规划完成情况（{table}）。",
            "Targets of the nation and of other places are for comparison and are not counted ({table}).",
        )
        section.blocks.append(Paragraph(told(reader, words, words, table=Ref("table.reference"))))
        title = reader.say("参照指标（国家和外地规划）", "Targets of the nation and of other places")
        section.blocks.append(_table(reader, "table.reference", title, others))
    return section


def _plan(reader: Reader, plan: str, rows: list[Row]) -> list[Paragraph | Table]:
    numbered = [r for r in rows if r["number"]]
    shown = [r for r in rows if r["number"] or assessed(r)] if numbered or len(rows) > _MOST else rows
    key = f"table.targets.{plan}"
    title = str(rows[0]["plan_title"])
    blocks: list[Paragraph | Table] = [Paragraph(_tally(reader, title, key, rows, shown))]
    blocks += [Paragraph(words) for words in (_behind(reader, rows), _chances(reader, rows)) if words]
    blocks.append(_table(reader, key, reader.say(f"{title}指标完成情况", f"{title}: targets"), shown))
    return blocks


def state(reader: Reader, found: Row) -> str:
    """`完成` where figures decide, `参考：达标` on what somebody assumed, else `预计达标` and the like."""
    kind = kind_of_verdict(found)
    if kind != "verdict":
        return reader.label(kind, str(found["verdict"]))
    expected = {"met": ("预计达标", "Likely met"), "missed": ("预计未达标", "Likely missed")}
    verdict = str(found["verdict"])
    return reader.say(*expected[verdict]) if verdict in expected else reader.label("verdict", verdict)


def state_cell(reader: Reader, found: Row) -> Cell:
    """How a target stands, coloured."""
    if not assessed(found):
        return cell(reader.say("待填报", "No figure"), tone="not_assessed")
    verdict = verdict_cell(reader, found)
    return replace(verdict, parts=(state(reader, found),))


def own_rows(reader: Reader) -> list[Row]:
    """Targets of the place's own plans under their first reading, deliverables left out."""
    rows = rows_of(reader) if len(reader.targets) else []
    return [r for r in rows if not of_reference(r) and not is_listed(r) and r["reading"] in _FIRST]


def on_evidence(rows: list[Row], counts: bool = True) -> list[Row]:
    """Rows with a verdict that counts, or those whose verdict is indicative alone."""
    return [r for r in rows if assessed(r) and (kind_of_verdict(r) != "indicative") is counts]


def standing(reader: Reader, rows: list[Row]) -> str:
    """`达标1项、有风险3项`: how many of the targets that could be judged stand how."""
    states = [
        reader.label("verdict", kind) if kind_of_verdict(r) == "indicative" else state(reader, r)
        for kind in reversed(_ORDER)
        for r in rows
        if r["verdict"] == kind
    ]
    return reader.say("、", ", ").join(
        reader.say(f"{name}{states.count(name)}项", f"{states.count(name)} {name.lower()}")
        for name in dict.fromkeys(states)
    )


def _tally(reader: Reader, title: str, key: str, rows: list[Row], shown: list[Row]) -> Inlines:
    first = [r for r in rows if r["reading"] in _FIRST]
    judged, indicative = on_evidence(first), on_evidence(first, counts=False)
    open_ = len(first) - len(judged) - len(indicative)
    printed = sum(r["reading"] in _FIRST for r in shown)
    words = told(
        reader,
        f"《{title}》可量化的目标共{len(first)}项，依据公布、填报等数据判定的{len(judged)}项"
        + ("：{tally}" if judged else ""),
        f"The plan ({title}) has {len(first)} quantified targets; {len(judged) or 'none'} can be judged on the "
        "evidence at hand" + (": {tally}" if judged else ""),
        tally=standing(reader, judged),
    )
    if indicative:
        words += told(
            reader,
            f"；依据假设或借用外地数据、只作参考的{len(indicative)}项：{{tally}}",
            f"; {len(indicative)} rest on assumed or borrowed inputs and have an indicative verdict only: {{tally}}",
            tally=standing(reader, indicative),
        )
    if open_:
        words += (
            reader.say(
                f"；{open_}项待业务部门填报实际数，只给出达标所需",
                f"; for {open_} the departments' figures are missing, and the table gives what it would take",
            ),
        )
    words += told(reader, "（{table}）。", " ({table}).", table=Ref(key))
    if printed < len(first):
        words += (
            reader.say(
                f"表中列出规划指标表各项和能够判定的各项，其余{len(first) - printed}项见附件。",
                f" The table has those of the plan's own table and those judged; the other {len(first) - printed} are "
                "in the annex.",
            ),
        )
    return words


def target_measure(reader: Reader, found: Row) -> Measure:
    """How the numbers of a target are printed: as its unit asks, with the word that its label has in brackets."""
    unit = str(found["unit"])
    if unit in ("share", "pp"):
        return Measure(unit, 0.01, 1, "%" if unit == "share" else reader.say("个百分点", "points"))
    size = measure(reader, unit, [float(found[c]) for c in ("target", "value") if math.isfinite(float(found[c]))])
    if unit in COUNTED:
        return replace(size, digits=2) if size.scale == 1e4 else size
    word = spoken(reader, found)[1]
    return replace(size, word=word) if word else size


def _behind(reader: Reader, rows: list[Row]) -> Inlines:
    """Targets that are missed or at risk, each with what it lacks."""
    behind = [
        r
        for kind in ("missed", "at_risk")
        for r in on_evidence(rows)
        if r["verdict"] == kind and r["reading"] in _FIRST
    ]
    clauses = []
    for found in behind:
        size = target_measure(reader, found)
        done = math.isfinite(float(found["actual"]))
        value = reader.cell(found["place"], "actual" if done else "value")
        clauses.append(
            told(
                reader,
                "{name}" + f"{'为' if done else '预计为'}{{value}}、目标{{op}}{{goal}}（{{state}}）",
                "{name}: {value} for a target of {op}{goal} ({state})",
                name=spoken(reader, found)[0],
                value=size.told(reader, value),
                op=OPERATORS.get(str(found["operator"]), ""),
                goal=size.told(reader, reader.cell(found["place"], "target")),
                state=reader.say(state(reader, found), state(reader, found).lower()),
            )
        )
    if not clauses:
        return ()
    return (
        reader.say("尚有差距或存在风险的指标：", "Short of the target, or at risk: "),
        *joined(reader, clauses, reader.say("；", "; ")),
    )


def _table(reader: Reader, key: str, title: str, rows: list[Row]) -> Table:
    numbered = any(r["number"] for r in rows)
    years = {int(r["year"]) for r in rows}
    year = next(iter(years)) if len(years) == 1 else None
    done = all(math.isfinite(float(r["actual"])) for r in rows if assessed(r))
    both = has_natural(rows)
    value_head = reader.say("实际值" if done else "实际或预计值", "Reached" if done else "Reached or projected")
    if both:
        value_head = reader.say("实际或落实规划", "Reached, or with the plan")
    columns = [Column(reader.say("序号", "No."), 0.6, True)] if numbered else []
    columns += [
        Column(reader.say("指标", "Indicator"), 2.6 if reader.lang == "zh" else 2.3),
        Column(reader.say("单位", "Unit"), 0.9 if reader.lang == "zh" else 1.25),
    ]
    columns.append(Column(reader.say("属性", "Kind"), 1.05 if reader.lang == "zh" else 1.25))
    columns.append(Column(reader.say("基期值", "Base"), 1.0, True))
    columns.append(
        Column(
            reader.say("目标值" if year is None else f"{year}年目标", "Target" if year is None else f"Target {year}"),
            1.2,
            True,
        )
    )
    columns += [] if year is not None else [Column(reader.say("目标年", "Year"), 0.8, True)]
    columns += [Column(reader.say("自然趋势", "As things go"), 1.2, True)] if both else []
    columns += [
        Column(value_head, 1.5 if reader.lang == "zh" else 1.65, True),
        Column(reader.say("完成率（%）", "Done (%)"), 1.25 if reader.lang == "zh" else 0.9, True),
        Column(reader.say("完成情况", "State"), 1.1),
    ]
    closed = _closing(reader, rows)
    if closed:
        columns.append(Column(reader.say("依据和来源", "Evidence, source"), 1.8 if reader.lang == "zh" else 1.5))
        columns.append(Column(reader.say("单位填报", "To fill in"), 0.75))
    else:
        columns.append(Column(reader.say("依据", "Evidence"), 0.7))
    table = Table(
        key,
        title,
        columns,
        [],
        note=(
            reader.say(
                f"基期值取规划所列数，规划未列的取{reader.first}年末测算数（标†）；“—”为无数据，待填报。"
                "完成率为实际或预计值与目标值之比。依据为决定数值的参数中最弱的一项：假设、借用的只作参考，不作判定的待填报。",
                f"Base: as the plan prints it, else this projection's value at the end of {reader.first} (†). "
                "*: projected. ‡: between two figures. A dash: no figure. Done: what is reached over the target. "
                "Evidence: the weakest of the inputs that "
                "decide; on an assumed or borrowed one a state is indicative, or none is given.",
            ),
            _of_both(reader) if both else "",
        ),
    )
    for found in rows:
        size = target_measure(reader, found)
        second = found["reading"] not in _FIRST
        cells = (
            [cell("" if second else str(found["number"] or ""), key=float(found["number"] or math.inf))]
            if numbered
            else []
        )
        name = spoken(reader, found)[0] if not second else name_of(reader, found)
        cells += [cell(name), cell(size.word)]
        cells.append(
            cell(reader.label("attribute", str(found["attribute"])) if found["attribute"] != "unstated" else "—")
        )
        cells += [_base(reader, found, size), _goal(reader, found, size)]
        cells += [] if year is not None else [cell(str(found["year"]), key=int(found["year"]))]
        cells += [_natural(reader, found, size)] if both else []
        column = "actual" if math.isfinite(float(found["actual"])) else "value"
        cells.append(_marked(reader, _number(reader, found, size, column), found))
        share = Measure("share", 0.01, 1, "%")
        cells.append(_number(reader, found, share, "completion"))
        behind = closed.get((str(found["id"]), str(found["reading"])))
        cells += [state_cell(reader, found), cell(_rests_on(reader, rests_on(reader, found), behind))]
        cells += [cell("")] if closed else []
        table.rows.append(row(*cells))
    return table


def _of_both(reader: Reader) -> str:
    return reader.say(
        "自然趋势不含规划期内的新建、改造、招聘、培训等措施，按近年变化或与需求、总量的比例推算；落实规划含这些措施，完成情况按落实规划判定。",
        " As things go: without the measures that are planned for coming years, by the last observed change or in step "
        "with need or whole. With the plan: with these measures; the state is that of the plan carried out.",
    )


def _natural(reader: Reader, found: Row, size: Measure) -> Cell:
    if not math.isfinite(natural(found)):
        return cell("—", key=-math.inf)
    return _number(reader, found, size, "natural_value")


def _chances(reader: Reader, rows: list[Row]) -> Inlines:
    """Probability to meet each target that measures move, as things go and with the plan."""
    clauses = [
        told(
            reader,
            "{name}自然趋势{own}、落实规划{planned}",
            "{name}: {own} as things go, {planned} with the plan",
            name=spoken(reader, found)[0],
            own=reader.number(reader.cell(found["place"], "natural_p_met"), "share", 0),
            planned=reader.number(reader.cell(found["place"], "p_met"), "share", 0),
        )
        for found in rows
        if math.isfinite(natural(found, "natural_p_met")) and natural(found) != float(found["value"])
    ]
    if not clauses:
        return ()
    return (
        reader.say("达标概率：", "Probability to meet the target: "),
        *joined(reader, clauses, reader.say("；", "; ")),
    )


def _closing(reader: Reader, rows: list[Row]) -> dict[tuple[str, str], Row]:
    """Rows of the closing table of the plans by target and reading; none for targets of other places."""
    if any(of_reference(row) for row in rows):
        return {}
    every = reader.results.closing.to_dict("records")
    return {(str(r["id"]), str(r["reading"])): r for r in every if r["stage"] == "final"}


def _rests_on(reader: Reader, evidence: str, behind: Row | None) -> str:
    """What a value rests on, and where a figure stands; of a row without a value who knows it."""
    if behind is None or (evidence and behind["value_is"] != "figure"):
        return evidence or "—"
    return (evidence + reader.say("：", ": ") if evidence else "") + source_of(behind, reader.lang)


def _marked(reader: Reader, shown: Cell, found: Row) -> Cell:
    """A value, with a word where it is no figure of the year."""
    if math.isfinite(float(found["actual"])) or not math.isfinite(float(found["value"])):
        return shown
    between = reader.figure(found["place"], int(found["year"])) == 1
    word = reader.label("value_is", "between" if between else "expected")
    # An English table has longer words in every column: a mark, which the note explains, keeps it on the page.
    return replace(shown, parts=(*shown.parts, reader.say(f"（{word}）", "‡" if between else "*")))


def _number(reader: Reader, found: Row, size: Measure, column: str) -> Cell:
    if not math.isfinite(float(found.get(column, math.nan))):
        return cell("—", key=-math.inf)
    return cell(size.bare(reader, reader.cell(found["place"], column)))


def _goal(reader: Reader, found: Row, size: Measure) -> Cell:
    if not math.isfinite(float(found["target"])):
        return cell("—", key=-math.inf)
    return cell(OPERATORS.get(str(found["operator"]), ""), size.bare(reader, reader.cell(found["place"], "target")))


def _base(reader: Reader, found: Row, size: Measure) -> Cell:
    """The plan's own figure of the base year, else that of the run."""
    if math.isfinite(float(found.get("baseline", math.nan))):
        return cell(size.bare(reader, reader.cell(found["place"], "baseline")))
    own = size.bare(reader, reader.indicator(found["place"], reader.first))
    return cell(own, "†") if math.isfinite(own.value) else cell("—", key=-math.inf)
