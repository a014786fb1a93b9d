"""The page beside a fitted block: what was fitted to what, parameters, charts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from demo_sim.fit.method import Outcome, named_series
from demo_sim.fit.spec import Task
from demo_sim.plot.fits import panel_svg
from demo_sim.plot.panel import Panel
from demo_sim.report.svg import ChartSheet

_STYLE = (
    "body{font-family:sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1F2933}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #D5DADF;padding:.2rem .6rem;"
    "text-align:left}td.n{text-align:right}svg.chart{width:100%;height:auto;margin:1rem 0}.glyphs{display:none}"
)


def fit_page(task: Task, outcome: Outcome, lang: str) -> str:
    """HTML of the page, one file without references to anything outside it."""
    at = 1 if lang == "en" else 0
    spec = task.spec
    title = spec.name if spec.title is None else (spec.title.en if at else spec.title.zh)
    rows = [
        (named_series(key, lang), f"{value:.6g}", "" if error is None else f"{error:.3g}")
        for key, (value, error) in outcome.parameters.items()
    ]
    rows.append((named_series(outcome.loss[0], lang), f"{outcome.loss[1]:.6g}", ""))
    data = [(name, table.file, table.publisher, table.digest[:12]) for name, table in task.tables.items()]
    heads = (
        (("参数", "值", "标准误"), ("表", "文件", "出处", "摘要")),
        (("parameter", "value", "standard error"), ("table", "file", "publisher", "digest")),
    )[at]
    method = f"{('方法', 'method')[at]}: {spec.method} · {spec.date} · seed {spec.seed}"
    body = f"<p>{escape(method)}</p>" + _table(heads[0], rows) + _table(heads[1], data)
    body += "".join(f"<p>{escape(note[at])}</p>" for note in outcome.notes)
    return charts_page(title, body, outcome.panels, lang)


def charts_page(title: str, body: str, panels: list[Panel], lang: str) -> str:
    """A page of a title, some HTML and charts."""
    sheet, at = ChartSheet(), 1 if lang == "en" else 0
    charts = [sheet.inline(f"c{i}", panel_svg(panel, lang), panel.title[at]) for i, panel in enumerate(panels)]
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}"
        f"{sheet.shared() if charts else ''}{''.join(charts)}</body></html>\n"
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{lines}</table>"
