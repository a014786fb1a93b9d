"""How a scenario shows itself in a notebook."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from demo_sim.vocab import label, unit_label
from demo_sim.vocab.show import html_table, language

if TYPE_CHECKING:
    from demo_sim.scenario.model import Scenario


def scenario_html(scenario: Scenario) -> str:
    """Name, period, plans, and every number with its unit, source, status and place."""
    lang = language()
    period, zh = scenario.settings.period, lang == "zh"
    statuses = Counter(q.status for q in scenario.quantities.values())
    counted = "、".join(f"{label('status', s, lang)} {n}" for s, n in statuses.items())
    title = f"{getattr(scenario.title, lang)} ({scenario.name}), {period.start}–{period.end}; {counted}"
    rows = []
    for path, quantity in scenario.quantities.items():
        first = quantity.rows[0]
        more = f" … ({len(quantity.rows)})" if len(quantity.rows) > 1 else ""
        band = f" [{first.low:g}–{first.high:g}]" if first.low is not None and first.high is not None else ""
        rows.append(
            (
                path,
                f"{first.value:.6g}{band}{more}",
                unit_label(quantity.unit, lang) if quantity.unit else "",
                quantity.source,
                label("status", quantity.status, lang),
                str(quantity.where),
            )
        )
    heads = "参数|取值|单位|来源|状态|出处" if zh else "input|value|unit|source|status|place"
    return html_table(heads.split("|"), rows, title)
