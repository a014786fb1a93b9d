"""Search in both languages: English by stems, Chinese by pairs of characters, so that no dictionary is needed."""

from __future__ import annotations

import re
from typing import Any

import sphinx.search
from sphinx.search.zh import SearchChinese

_LATIN = re.compile(r"[a-zA-Z0-9_]+")
_HAN = re.compile(r"[\u4e00-\u9fff]+")


class SearchBoth(SearchChinese):
    """Words of Latin letters and pairs of Chinese characters."""

    language_name = "English"  # whose stemmer goes with it
    js_splitter_code = """
var splitQuery = (query) => {
  const words = query.match(/[a-zA-Z0-9_]+/g) || [];
  for (const run of query.match(/[\\u4e00-\\u9fff]+/g) || [])
    for (let i = 0; i < Math.max(1, run.length - 1); i++) words.push(run.slice(i, i + 2));
  return words;
};
"""

    def split(self, input: str) -> list[str]:
        """Terms of a text, as the code above splits a query."""
        words = _LATIN.findall(input)
        self.latin_terms.update(words)
        for run in _HAN.findall(input):
            words += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
        return words


def setup(app: Any) -> dict[str, bool]:
    """Put it in the place of the search that asks for a dictionary."""
    sphinx.search.languages["zh"] = SearchBoth
    return {"parallel_read_safe": True, "parallel_write_safe": True}
