"""What runs that stand side by side are called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo_sim.results.tree import Results

LETTERS = {"zh": "甲乙丙丁戊己", "en": "ABCDEF"}  # where a title is too long; as many runs stand side by side


def run_titles(runs: Sequence[Results], lang: str) -> list[str]:
    """Title of each run; what tells it apart is added where two are alike.

    That is the name of the scenario, the settings given on the command line that not all runs share, or a letter.
    """
    titles = [run.title(lang) for run in runs]
    names = [str(run.attrs.get("name", "")) for run in runs]
    settings = [json.loads(str(run.attrs.get("overrides", "")) or "[]") for run in runs]
    shared = set.intersection(*(set(given) for given in settings))
    comma = ", " if lang == "en" else "，"
    own = [comma.join(s for s in given if s not in shared) for given in settings]
    apart = names if len(set(names)) == len(names) else own
    told = [
        title if titles.count(title) == 1 else f"{title} {more}".strip()
        for title, more in zip(titles, apart, strict=True)
    ]
    letters = LETTERS[lang]
    before, after = (" (", ")") if lang == "en" else ("（", "）")
    return [
        title if told.count(title) == 1 else f"{title}{before}{letters[i % len(letters)]}{after}"
        for i, title in enumerate(told)
    ]
