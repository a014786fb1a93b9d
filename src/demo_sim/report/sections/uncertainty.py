"""Uncertainty: how sure each verdict is, which input decides it, and where its uncertainty comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from demo_sim.report.phrases import cell, listing, row
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import assessed, goal, name_of, rows_of, spoken, value_of, verdict_cell
from demo_sim.report.tree import Cell, Column, Inlines, Number, Paragraph, Ref, Section, Table
from demo_sim.results.quantiles import is_drawn
from demo_sim.results.rounding import largest_remainder
from demo_sim.vocab import codes

_CERTAIN = 0.005  # share: what is nearer to nought than this is not worth a word


def uncertainty(reader: Reader) -> Section:
    """What the bands mean, how far a probability can be trusted, and the driver of every verdict."""
    section = Section("uncertainty", reader.say("不确定性与主要影响参数", "Uncertainty and drivers"))
    section.blocks.append(Paragraph(_bands(reader)))
    rows = [r for r in rows_of(reader) if assessed(r)] if len(reader.targets) else []
    if reader.banded:
        section.blocks += [Paragraph(part) for part in (_trust(reader, rows), _departed(reader)) if part]
    if not rows:
        return section
    section.blocks.append(
        Paragraph(
            (
                reader.say("各项判定的把握和影响最大的参数见", "How sure each verdict is, and what moves it most: "),
                Ref("table.drivers"),
                reader.say(
                    "。影响最大的参数，是单独解释指标方差最多的一项。",
                    ". The driver is the input that alone explains most of the variance.",
                ),
            )
        )
    )
    section.blocks.append(_drivers(reader, rows))
    split = _families(reader, rows)
    if split is not None:
        section.blocks.append(split)
    assumed = _assumed(reader)
    if assumed is not None:
        section.blocks.append(assumed)
    return section


def _bands(reader: Reader) -> Inlines:
    draws = reader.results.draws
    if not reader.banded:
        return (
            reader.say(
                f"表中数值为中心方案：各项参数取给定值。本次有{draws}次抽样，少于20次，不计算区间和达标概率。",
                f"Numbers are those of the run at stated inputs. With {draws} draws, fewer than 20, there are no "
                "bands and no probabilities.",
            ),
        )
    persons = int(reader.attribute("person_draws") or 0)
    mean = reader.attribute("value_is") == "mean"
    return (
        reader.say(
            "本次结果由旧版本写出，表中数值为各次抽样的平均。" if mean else "表中数值为中心方案：各项参数取给定值。",
            "This run was written by an earlier version: its numbers are means over draws. "
            if mean
            else "Numbers are those of the run at stated inputs. ",
        ),
        reader.say(
            f"另将每项参数在其低值与高值之间抽样{draws}次，80%区间为第10至第90百分位，达标概率为达标的抽样所占比例。",
            f"Beside it every input is drawn between its low and high, {draws} times: the 80% band is the 10th to the "
            "90th percentile, the probability is the share of draws that meet the target.",
        ),
        reader.say(
            f"由亲属决定的人群和入住轮候出自其中{persons}次逐人模拟。",
            f" Relatives and waiting come from {persons} of them.",
        )
        if persons and not mean
        else "",
    )


def _trust(reader: Reader, rows: Sequence[dict[str, Any]]) -> Inlines:
    """How far p can be trusted, and how many draws would halve its error."""
    errors = [(float(r.get("p_se", math.nan)), r) for r in rows]
    errors = [(error, r) for error, r in errors if math.isfinite(error)]
    if not errors:
        return ()
    worst, found = max(errors, key=lambda pair: pair[0])
    draws = 4 * reader.results.draws
    if worst < _CERTAIN:
        return (
            reader.say(
                "达标概率的抽样误差（标准误）均不到0.5个百分点。",
                "The sampling error of every probability is below half a point.",
            ),
        )
    return (
        reader.say("达标概率的抽样误差（标准误）最大为", "The largest sampling error of a probability is "),
        reader.number(reader.cell(found["place"], "p_se"), "pp", 1),
        reader.say(f"（{spoken(reader, found)[0]}）", f" ({spoken(reader, found)[0]})"),
        reader.say(
            f"；要使误差减半，约需{draws}次抽样。这只是抽样的误差：参数的高低值本身若给得不准，达标概率也随之不准。",
            f"; about {draws} draws would halve it. That is the error of drawing alone: where the lows and highs of "
            "the inputs are wrong, so is the probability.",
        ),
    )


def _departed(reader: Reader) -> Inlines:
    """Where the median of the draws departs from the stated value by more than a fifth of the band."""
    found = reader.attribute("departures") or {}
    names = [spoken(reader, r)[0] for r in rows_of(reader) if r["id"] in found.get("targets", ())] if found else []
    series = len(found.get("series", ()))
    if not names and not series:
        return ()
    far = reader.say(
        "抽样的中位数与中心值相差超过80%区间的五分之一（参数的高低值不对称）",
        "the median of the draws departs from the stated value by more than a fifth of the band, since lows and highs "
        "are skewed",
    )
    which = listing(reader, list(dict.fromkeys(names)))
    if not names:
        return (reader.say(f"有{series}个序列{far}。", f"In {series} series {far}."),)
    more = reader.say(f"此外有{series}个序列如此。", f" So it is with {series} series.") if series else ""
    return (reader.say(f"以下指标{far}：{which}。", f"In these targets {far}: {which}."), more)


def _drivers(reader: Reader, rows: Sequence[dict[str, Any]]) -> Table:
    heads = reader.say(
        "指标|目标值|80%区间|达标概率|误差|判定|影响最大的参数|解释方差",
        "Indicator|Target|80% band|P(met)|Error|Verdict|Driver|Explains",
    ).split("|")
    widths = (2.6, 1.1, 1.8, 0.85, 0.75, 0.85, 2.2, 0.85)
    table = Table(
        "table.drivers",
        reader.say("判定的把握与影响最大的参数", "Certainty and driver of each verdict"),
        [Column(h, w, i in (1, 2, 3, 4, 7)) for i, (h, w) in enumerate(zip(heads, widths, strict=True))],
        [],
        note=(
            reader.say(
                "误差为达标概率的抽样标准误，单位为百分点；解释方差为该参数单独解释的比重，"
                "抽样不足200次或没有突出的参数时为空。",
                "Error: sampling standard error of the probability, in points. Explains: part of the variance that the "
                "driver explains alone; empty below 200 draws, or where no input stands out.",
            ),
        ),
    )
    for found in rows:
        place = found["place"]
        low, high = (value_of(reader, reader.cell(place, c), found) for c in ("low80", "high80"))
        chance, error, share = (
            _known(reader, found, column, unit, digits)
            for column, unit, digits in (("p_met", "share", 0), ("p_se", "pp", 1), ("driver_share", "share", 0))
        )
        table.rows.append(
            row(
                cell(name_of(reader, found)),
                cell(*goal(reader, found)),
                cell(low, "–", high) if math.isfinite(low.value) else cell("–", key=0.0),
                chance,
                error,
                verdict_cell(reader, found),
                cell(driver_words(reader, found)),
                share,
            )
        )
    return table


def _known(reader: Reader, found: dict[str, Any], column: str, unit: str, digits: int) -> Cell:
    """A number of the target table, a dash where it is not known."""
    if column not in found or not math.isfinite(float(found[column])):
        return cell("–", key=-1.0)
    number = reader.number(reader.cell(found["place"], column), unit, digits, bare=unit == "pp")
    return cell(number, key=number.value)


def driver_words(reader: Reader, found: dict[str, Any]) -> str:
    """Name of the driver of a verdict, or why there is none."""
    if found["driver"]:
        return reader.driver(str(found["driver"]))
    if not reader.banded:
        return "–"
    if not is_drawn(float(found["low80"]), float(found["high80"])):
        return reader.say("由情景设定，不抽样", "set by the scenario, not drawn")
    return reader.say("没有突出的一项", "no single one")


def _assumed(reader: Reader) -> Table | None:
    """Assumed and borrowed inputs that take more than a twentieth of a verdict's variance, and what would replace them.

    None where there are none, or the run was saved by a version that did not tell them.
    """
    found = reader.inputs
    column = f"replaced_by_{reader.lang}"
    weighty = found[found[column].astype(str).ne("")]
    if weighty.empty:
        return None
    heads = reader.say("参数|性质|指标|解释其方差|可由什么替代", "Input|Status|Of|Explains|Replaced by").split("|")
    table = Table(
        "table.assumed",
        reader.say("影响判定的假设", "Assumptions that weigh on a verdict"),
        [Column(h, w, i == 3) for i, (h, w) in enumerate(zip(heads, (2.4, 0.8, 2.4, 0.9, 3.0), strict=True))],
        [],
        note=(
            reader.say(
                "单独解释某项判定方差二十分之一以上的假设或借用参数；填报右栏所列数据后，判定不再依赖它。",
                "Assumed or borrowed inputs that alone explain more than a twentieth of the variance of a verdict; "
                "with what stands on the right the verdict no longer rests on them.",
            ),
        ),
    )
    names = reader.targets.drop_duplicates("id").set_index("id")[f"label_{reader.lang}"]
    for place in weighty.sort_values("variance_share", ascending=False, kind="stable").index:
        row_ = weighty.loc[place]
        table.rows.append(
            row(
                reader.driver(str(row_["id"])),
                reader.label("status", str(row_["status"])),
                str(names[row_["variance_of"]]),
                cell(reader.number(reader.row("inputs", "input", int(place), "variance_share"), "share", 0, bare=True)),
                str(row_[column]),
            )
        )
    return table


def _families(reader: Reader, rows: Sequence[dict[str, Any]]) -> Table | None:
    """What families of inputs explain of each target that varies."""
    parts = reader.table("variance", "part")
    if parts.empty:
        return None
    families = codes("family")
    heads = [
        reader.say("指标", "Indicator"),
        *(reader.label("family", f) for f in families),
        reader.say("其余", "Rest"),
    ]
    table = Table(
        "table.variance",
        reader.say("不确定性的来源", "Where the uncertainty comes from"),
        [Column(h, 2.6 if i == 0 else 1.2, i > 0) for i, h in enumerate(heads)],
        [],
        note=(
            reader.say(
                "各类参数单独解释的方差比重（±标准误）；其余为参数之间的交互作用和随机波动。比重接近零时可能略低于零。",
                "Part of the variance that a family of inputs explains alone (± standard error); the rest is "
                "interaction between inputs, and chance. A part near nought can come out below it.",
            ),
        ),
    )
    for found in rows:
        own = parts[(parts["id"] == found["id"]) & (parts["reading"] == found["reading"])]
        own = own[own["plan"] == found["plan"]].drop_duplicates("family")
        if own.empty:
            continue
        places = [int(own.index[own["family"] == family][0]) for family in families]
        shares, errors = (
            [reader.number(reader.row("variance", "part", place, c), "share", 0, bare=True) for place in places]
            for c in ("share", "share_se")
        )
        known = [share.value for share in shares]
        *printed, left = largest_remainder([*known, 1.0 - sum(known)], 2)
        shares = [replace(share, rounded=float(part)) for share, part in zip(shares, printed, strict=True)]
        rest = Number(1.0 - sum(known), "share", 0, bare=True, rounded=float(left))
        cells = [cell(share, "±", error) for share, error in zip(shares, errors, strict=True)]
        table.rows.append(row(cell(name_of(reader, found)), *cells, cell(rest)))
    return table if table.rows else None
