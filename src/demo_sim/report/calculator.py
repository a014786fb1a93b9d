"""What the page's calculator is given: levers of each stock, the figures they move, and settings for a scenario."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from demo_sim.report.chapter.needs import resources
from demo_sim.report.phrases import lower
from demo_sim.report.reader import Reader
from demo_sim.report.sections.target_words import name_of, rows_of
from demo_sim.report.tree import COUNTED, PEOPLE, Number
from demo_sim.results.clean import clean
from demo_sim.results.closing_sheet import OPERATORS
from demo_sim.results.rounding import plain

_STRAIGHT = (
    "各项措施的作用是直线的，结果与模型逐年推算一致。",
    "These levers act in straight lines: the figures are those of the model.",
)
_BENT = (
    "{levers}的作用不是直线，按模型在若干数值上的推算结果内插：在这些数值上与模型一致，其间误差不超过存量的0.5%。",
    "Not in a straight line: {levers}. Between amounts that the model worked out figures are interpolated; at these "
    "they are the model's, between them off by at most 0.5% of the stock.",
)
# What the page says around it, in Chinese and English; `js` is what its script says.
CALCULATOR: dict[str, tuple[Any, Any]] = {
    "calculator": ("措施测算", "Calculator"),
    "lead": (
        "在本方案之外每年再多做一些，各项缺口还剩多少。数量按参数的给定值推算，随输入更新；"
        "达标概率须运行下面生成的方案才能得到。",
        "What is left of each gap with more done a year than in this scenario. Figures are those at stated values and "
        "follow as you type; the probability of meeting a target takes a run of the scenario below.",
    ),
    "slider": ("（滑块）", " (slider)"),
    "open": ("（", " ("), "close": ("）", ")"), "comma": ("，", ", "),
    "heads": (
        ["指标或需求", "年末", "缺口", "预计数量", "所需数量", "指标值（目标）"],
        ["Target or need", "Year", "Gap", "Level", "Needed", "Value (target)"],
    ),
    "reset": ("全部归零", "All to zero"),
    "download": ("下载方案文件（YAML）", "Download as a scenario (YAML)"),
    "copy": ("复制", "Copy"),
    "yaml": ("方案文件", "The scenario"),
    "use": (
        "存为 .yaml 文件，放在原方案旁，用 demo-sim run 运行：给定值的结果与上表一致，并给出区间和达标概率。",
        "Save it as a .yaml file beside the scenario that it extends and run it (demo-sim run): its values are those "
        "above, with bands and probabilities.",
    ),
    "js": (
        {
            "lack": "缺 ", "left": "余 ", "status": "{n}项中{m}项达到",
            "source": "报告网页测算 / worked out in the page of the report",
            "head": ["# 由报告网页的“措施测算”生成：在所继承的方案之上每年多做一些。",
                     "# 改动的设置按给定值逐年写出，不再带区间。"],
            "tail": {"zh": "（措施测算）", "en": ", with measures"},
        },
        {
            "lack": "lacks ", "left": "spare ", "status": "{m} of {n} reached",
            "source": "报告网页测算 / worked out in the page of the report",
            "head": ["# Made by the calculator of the report: more a year than in the scenario that it extends.",
                     "# Settings that it changes are written by year at stated values, without bands."],
            "tail": {"zh": "（措施测算）", "en": ", with measures"},
        },
    ),
}  # fmt: skip


def calculator(reader: Reader) -> dict[str, Any] | None:
    """Plain values for the page; None where a run has no gap that a lever moves."""
    levers, responses = reader.results.levers, reader.results.responses
    if responses.empty or levers.empty:
        return None
    asked = [rows for _, rows in responses.groupby(["plan", "id", "reading", "year"], sort=False)]
    figures = [figure for rows in asked if (figure := _figure(reader, rows)) is not None]
    names = levers["setting"].str.split(".").str[1]
    stocks = [_stock(reader, str(name), rows, figures) for name, rows in levers.groupby(names, sort=False)]
    order = {one.stock.partition(".")[0]: i for i, one in reversed([*enumerate(resources(reader))])}
    shown = sorted((s for s in stocks if s["figures"]), key=lambda s: order.get(s["id"], -1))
    if not shown:
        return None
    attrs, titles = reader.results.attrs, reader.attribute("title")
    return {
        "name": str(attrs.get("name", "")),
        "extends": str(attrs.get("extended_by", "")),
        "title": {k: clean(v) for k, v in titles.items()} if isinstance(titles, dict) else {reader.lang: str(titles)},
        "overrides": [clean(text) for text in reader.attribute("overrides") or []],
        "figures": figures,
        "stocks": shown,
    }


def _figure(reader: Reader, rows: pd.DataFrame) -> dict[str, Any] | None:
    """A target or a need with what it becomes; None where what it counts is withheld."""
    first = rows.iloc[0]
    head = _target(reader, first) if first["plan"] else _need(reader, first)
    if reader.mask_below and {head["unit"], head["levelUnit"]} & PEOPLE:
        return None
    amounts = np.array([[float(x) for x in text.split()] for text in rows["amounts"]])
    whole = rows["whole"].astype(float).to_numpy()
    return head | {
        "label": clean(head["label"]),
        "unit": _unit(reader, head["unit"]),
        "levelUnit": _unit(reader, head["levelUnit"]),
        "year": int(first["year"]),
        "levers": str(first["levers"]).split(),
        "axes": [np.unique(amounts[:, i]).tolist() for i in range(amounts.shape[1])],
        "level": _numbers(rows["level"]),
        "whole": _numbers(rows["whole"]) if np.isfinite(whole).all() else None,
        "value": _numbers(rows["value"]),
        "edge": _numbers(rows["break_even"]),
    }


def _target(reader: Reader, row: pd.Series) -> dict[str, Any]:
    found = next(r for r in rows_of(reader) if (r["id"], r["reading"]) == (row["id"], row["reading"]))
    operator, unit = str(found["operator"]), str(found["unit"])
    goal = Number(float(found["target"]), unit, bare=True)
    return {
        "label": name_of(reader, found),
        "operator": operator,
        "target": goal.value,
        "shown": f"{OPERATORS[operator]}{goal.render(reader.lang)}",
        "unit": unit,
        "levelUnit": str(found["break_even_unit"]) or unit,
    }


def _need(reader: Reader, row: pd.Series) -> dict[str, Any]:
    one = next(r for r in resources(reader) if r.id == row["id"])
    kind = lower(reader.label("need_kind", str(row["reading"])))
    label = reader.say(f"{one.name}（{kind}口径的需求）", f"{one.name} (need, {kind})")
    unit = one.size.unit
    return {"label": label, "operator": ">=", "target": None, "shown": "—", "unit": unit, "levelUnit": unit}


def _numbers(column: pd.Series) -> list[float | None]:
    return [float(f"{x:.12g}") if np.isfinite(x) else None for x in column.astype(float)]


def _unit(reader: Reader, unit: str) -> dict[str, Any]:
    """How a number of a unit is written: share, whole number, or two decimals, and its word."""
    kind = "share" if unit in ("share", "pp") else "count" if unit in COUNTED else "plain"
    word = "" if kind == "share" else reader.say("人", "posts") if unit == "posts" else reader.unit(unit)
    return {"kind": kind, "word": word}


def _stock(reader: Reader, name: str, rows: pd.DataFrame, figures: list[dict[str, Any]]) -> dict[str, Any]:
    levers, settings = [], []
    for (path, key), own in rows.groupby(["setting", "name"], sort=False):
        lever = str(own["lever"].iloc[0])
        adds = own[own["adds"] == 1]["year"]
        span = [int(adds.min()), int(adds.max())] if len(adds) else None
        values = [float(f"{v:.12g}") for v in own["value"].astype(float)]
        id_ = f"{name}.{lever}" if lever else ""
        settings.append(
            {
                "path": str(path), "name": str(key), "first": int(own["year"].min()), "values": values,
                "lever": id_, "span": span, "new": bool(int(own["new"].iloc[0])),
            }
        )  # fmt: skip
        if lever and span:
            levers.append(_lever(reader, id_, lever, str(own["unit"].iloc[0]), span, figures))
    mine = [i for i, figure in enumerate(figures) if any(f.startswith(f"{name}.") for f in figure["levers"])]
    bent = [lever["word"] for lever in levers if lever["points"] > 2]
    note = reader.say(*_BENT).format(levers=reader.say("、", ", ").join(bent)) if bent else reader.say(*_STRAIGHT)
    return {
        "id": name, "label": clean(_stock_label(reader, name)), "levers": levers, "figures": mine,
        "settings": settings, "note": note, "targets": any(figures[i]["target"] is not None for i in mine),
    }  # fmt: skip


def _lever(
    reader: Reader, id_: str, lever: str, unit: str, span: list[int], figures: list[dict[str, Any]]
) -> dict[str, Any]:
    word = "certified" if lever == "trained" and unit == "persons" else lever
    said = reader.label("lever", word)
    share = unit == "share"
    shown = reader.say("占存量%", "% of the stock") if share else _unit(reader, unit)["word"]
    axes = [f["axes"][f["levers"].index(id_)] for f in figures if id_ in f["levers"]]
    most = float(f"{max((max(axis) for axis in axes), default=0.0) * (100 if share else 1):.10g}")
    years = f"{span[0]}—{span[1]}年" if span[1] > span[0] else f"{span[0]}年"
    return {
        "id": id_,
        "label": reader.say(f"每年多{said}", f"More {said.lower()} a year"),
        "word": said.lower(),
        "unit": shown,
        "years": reader.say(years, f"{span[0]}–{span[1]}" if span[1] > span[0] else str(span[0])),
        "scale": 100 if share else 1,
        "most": most,
        "upTo": reader.say("最多", "up to ") + plain(most, 0 if most == round(most) else 2 if most >= 0.1 else 4),
        "points": max((len(axis) for axis in axes), default=0),
    }


def _stock_label(reader: Reader, name: str) -> str:
    coords: Any = reader.results.tree["demand"].coords
    labels = dict(
        zip(coords["stock"].values.tolist(), coords[f"stock_label_{reader.lang}"].values.tolist(), strict=True)
    )
    return str(labels.get(name, name))
