"""Reference of the files of a run and their columns, from the declarations they are written by."""

from __future__ import annotations

from builder.markdown import code, page_name, table
from demo_sim.results.columns import CODE_LISTS
from demo_sim.results.tables import CSV_COLUMNS
from demo_sim.vocab import codes, column_label, column_meaning, label

_WORDS = {
    "en": {
        "title": "Files and columns",
        "about": "The CSV files of a run folder, one row a figure. Charts, documents and `run.nc`: "
        "[what a run writes](../outputs.md). Codes: [vocabulary](vocabulary.md).",
        "heads": ("column", "name", "holds"),
        "codes": "one of",
    },
    "zh": {
        "title": "文件和列",
        "about": "结果文件夹中的 CSV 文件，一行一个数。图、文档和 `run.nc` 见[运行写出什么](../outputs.zh-CN.md)，"
        "代码见[词表](vocabulary.zh-CN.md)。",
        "heads": ("列", "名称", "内容"),
        "codes": "取值：",
    },
}
_MOST_CODES = 8  # longer lists are on the page of the vocabulary


def pages() -> dict[str, str]:
    """The page in both languages, by file name."""
    return {page_name("columns", lang): _page(lang) for lang in _WORDS}


def _page(lang: str) -> str:
    words = _WORDS[lang]
    parts = [f"# {words['title']}", str(words["about"])]
    for name, columns in CSV_COLUMNS.items():
        about = label("file", name, lang)
        rows = [(code(c), column_label(name, c, lang), _holds(name, c, lang)) for c in columns]
        parts += [f"## {name}.csv", f"{about}{'.' if lang == 'en' else '。'}", table(words["heads"], rows)]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _holds(name: str, column: str, lang: str) -> str:
    """What a column says, and the codes that may stand in it."""
    meaning = column_meaning(name, column, lang)
    kind = CODE_LISTS.get(column)
    known = codes(kind) if kind is not None else ()
    if not 0 < len(known) <= _MOST_CODES:
        return meaning
    listed = f"{_WORDS[lang]['codes']} {', '.join(code(one) for one in known)}"
    return f"{meaning}; {listed}" if meaning and lang == "en" else "；".join(part for part in (meaning, listed) if part)
