"""Reference of what ships: populations, resources, indicators, definitions, plans, and every assumed number."""

from __future__ import annotations

from functools import cache
from typing import Any

from builder.markdown import code, page_name, table
from demo_sim.scenario.catalog import Catalog, read_catalog
from demo_sim.scenario.messages import Problems
from demo_sim.scenario.register import Register
from demo_sim.scenario.written import row_keys
from demo_sim.vocab import label, source_label, unit_label

_WORDS = {
    "en": {
        "title": "Catalogue",
        "about": "`demo-sim catalog KIND ID` prints an entry whole. One of your own: [Adding](../adding.md).",
        "populations": ("Populations", ("id", "name", "counted", "rule")),
        "resources": ("Resources", ("id", "name", "unit", "meanings of need")),
        "indicators": ("Indicators", ("id", "name", "unit", "formula")),
        "definitions": ("Definitions of functional ability", ("id", "name", "sets")),
        "plans": ("Plans", ("id", "name", "rows")),
        "register": "Assumptions",
        "register_about": "Every number that a scenario takes by `assume`, with its band, source and reason. "
        "A place without rows of its own borrows those of Hunan with wider bands.",
        "register_heads": ("for", "value", "low", "high"),
        "more": "rows in all; `demo-sim catalog assumptions` lists them",
        "said": ("Unit", "Status", "Source", "Reason", "Affects"),
    },
    "zh": {
        "title": "目录",
        "about": "`demo-sim catalog 种类 编号` 显示一项的全文。写自己的：[增加人群、资源](../adding.zh-CN.md)。",
        "populations": ("人群", ("编号", "名称", "口径", "规则")),
        "resources": ("资源", ("编号", "名称", "单位", "需求的含义")),
        "indicators": ("指标", ("编号", "名称", "单位", "算法")),
        "definitions": ("失能口径", ("编号", "名称", "所定的设置项")),
        "plans": ("规划", ("编号", "名称", "行数")),
        "register": "参数",
        "register_about": "情景以 `assume` 引用的数，各有区间、出处和理由。没有自己数值的地区借用湖南的，区间放宽。",
        "register_heads": ("适用于", "取值", "低值", "高值"),
        "more": "行；全部见 `demo-sim catalog assumptions`",
        "said": ("单位", "性质", "出处", "理由", "影响"),
    },
}  # fmt: skip
_MOST_ROWS = 12  # longer tables of numbers are shown by their first rows


def pages() -> dict[str, str]:
    """Both pages in both languages, by file name."""
    catalog = shipped()
    made = {page_name("catalogue", lang): _catalogue(catalog, lang) for lang in _WORDS}
    return made | {page_name("assumptions", lang): _register(catalog.register, lang) for lang in _WORDS}


@cache
def shipped() -> Catalog:
    """The catalogue of the package."""
    problems = Problems()
    catalog = read_catalog([], problems)
    assert not problems.found
    return catalog


def _catalogue(catalog: Catalog, lang: str) -> str:
    words = _WORDS[lang]
    parts = [f"# {words['title']}", str(words["about"])]
    for kind in ("populations", "resources", "indicators", "definitions", "plans"):
        heading, heads = words[kind]
        rows = (_entry(kind, entry, lang) for entry in catalog.entries(kind).values())
        parts += [f"## {heading}", table(heads, rows)]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _entry(kind: str, entry: Any, lang: str) -> tuple[object, ...]:
    name = entry.title if kind == "plans" else entry.label
    head = (code(entry.id), name.text(lang))
    if kind == "populations":
        return (*head, label("base", entry.base, lang), entry.rule.text(lang))
    if kind == "resources":
        needs = "、" if lang == "zh" else ", "
        return (*head, unit_label(entry.unit, lang), needs.join(label("need_kind", one, lang) for one in entry.needs))
    if kind == "indicators":
        return (*head, unit_label(entry.unit, lang), entry.definition.text(lang))
    if kind == "definitions":
        return (*head, ", ".join(code(path) for path in entry.sets))
    return (*head, len(entry.targets))


def _register(register: Register, lang: str) -> str:
    words = _WORDS[lang]
    parts = [f"# {words['register']}", str(words["register_about"])]
    for (name, region), entry in register.entries.items():
        parts.append(f"## {name} ({region})")
        told = (
            unit_label(entry.unit, lang),
            label("status", entry.status, lang),
            source_label(entry.source, lang),
            entry.reason,
            entry.affects,
        )
        said = [f"{head}: {text}" for head, text in zip(words["said"], told, strict=True) if text]
        parts.append(f"{entry.label.text(lang)}\n\n" + "\n".join(f"- {line}" for line in said))
        rows = register.rows.get((name, region), ())
        numbers = [(" ".join(row_keys(row).values()) or " ", _n(row.value), _n(row.low), _n(row.high)) for row in rows]
        parts.append(table(words["register_heads"], numbers[:_MOST_ROWS]))
        if len(numbers) > _MOST_ROWS:
            parts.append(f"{len(numbers)} {words['more']}")
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _n(value: float | None) -> str:
    return "" if value is None else f"{value:,.10g}"
