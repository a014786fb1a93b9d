"""Reference of the variables of `run.nc` and of all codes, and the glossary, from the dictionary of the project."""

from __future__ import annotations

from builder.catalogue import shipped
from builder.markdown import code, page_name, table
from demo_sim.vocab import codes, kinds, label, unit_label, variables

_WORDS = {
    "en": {
        "title": "Vocabulary",
        "about": "What stands in `run.nc`, and every code with its name. `ds.open_results(FOLDER)` opens a run; "
        "`run.array(\"demography/tfr\")` gives a variable.",
        "variables": "Variables",
        "variable_heads": ("variable", "name", "unit", "dimensions", "definition"),
        "codes": "Codes",
        "code_heads": ("code", "name"),
        "glossary": "Glossary",
        "glossary_about": "Words of tables, charts and reports in both languages, in the order of the English.",
        "glossary_heads": ("English", "中文", "stands for"),
    },
    "zh": {
        "title": "词表",
        "about": "`run.nc` 中的变量，以及全部代码和名称。用 `ds.open_results(文件夹)` 打开一次运行。",
        "variables": "变量",
        "variable_heads": ("变量", "名称", "单位", "维度", "定义"),
        "codes": "代码",
        "code_heads": ("代码", "名称"),
        "glossary": "中英对照",
        "glossary_about": "表、图和报告所用名词，按类别排列。",
        "glossary_heads": ("中文", "English", "用于"),
    },
}  # fmt: skip
_PROSE = ("file", "column_means", "exit_code")  # sentences, which have pages of their own


def pages() -> dict[str, str]:
    """Both pages in both languages, by file name."""
    made = {page_name("vocabulary", lang): _vocabulary(lang) for lang in _WORDS}
    return made | {page_name("glossary", lang): _glossary(lang) for lang in _WORDS}


def _vocabulary(lang: str) -> str:
    words = _WORDS[lang]
    rows = [
        (code(v.name), v.label(lang), unit_label(v.unit, lang) if v.unit else "", ", ".join(v.dims), v.definition(lang))
        for v in variables().values()
    ]
    parts = [f"# {words['title']}", str(words["about"])]
    parts += [f"## {words['variables']}", table(words["variable_heads"], rows), f"## {words['codes']}"]
    for kind in kinds():
        if kind not in (*_PROSE, "column"):
            listed = ((code(one), label(kind, one, lang)) for one in codes(kind))
            parts += [f"### {kind}", table(words["code_heads"], listed)]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _glossary(lang: str) -> str:
    words = _WORDS[lang]
    names = {(v.en, v.zh): v.name for v in variables().values()}
    for kind in kinds():
        if kind not in _PROSE:
            names |= {(label(kind, one, "en"), label(kind, one, "zh")): one for one in reversed(codes(kind))}
    for kind in ("populations", "resources", "indicators"):
        names |= {(entry.label.en, entry.label.zh): entry.id for entry in shipped().entries(kind).values()}
    both = [(en, zh, code(name)) for (en, zh), name in names.items() if en != zh]
    if lang == "en":
        both.sort(key=lambda row: row[0].casefold())
    else:
        both = [(zh, en, name) for en, zh, name in both]
    parts = [f"# {words['glossary']}", str(words["glossary_about"])]
    return "\n\n".join([*parts, table(words["glossary_heads"], both).rstrip()]) + "\n"
