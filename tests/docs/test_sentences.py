"""Sentences are short, so that an office reader gets through them, and the method says the version that runs."""

from __future__ import annotations

import re

from sentences import DOCS, length, pages, sentences, too_long

from demo_sim.run import METHOD_VERSION

SHORT = ("method.md", "architecture.md", "tutorials/")  # pages that keep to the mean, too
MEAN = 18


def test_sentences_are_counted() -> None:
    page = "# Head\n\nOne two three. Four `a b c` five $x^2$ six!\n\n| a | table |\n\n- Item of [four words](x.md)\n"
    assert [length(sentence) for sentence in sentences(page)] == [3, 5, 4]


def test_short_sentences() -> None:
    for page in pages():
        text = (DOCS / page).read_text(encoding="utf-8")
        assert not too_long(text), page
        if page.startswith(SHORT):
            lengths = [length(sentence) for sentence in sentences(text)]
            assert sum(lengths) / len(lengths) < MEAN, page


def test_short_chinese_sentences(written: dict[str, str]) -> None:
    """No sentence of a Chinese tutorial has more than 90 characters."""
    for name, text in written.items():
        if name.startswith("tutorials/") and name.endswith(".zh-CN.md"):
            prose = re.sub(r"^```.*?^```\s*$|^\|.*$", "", text, flags=re.DOTALL | re.MULTILINE)
            prose = re.sub(r"`[^`]*`|\]\([^)]*\)", "", prose)
            longest = max(re.split(r"[。！？]|\n\s*\n", prose), key=len)
            assert len(longest) <= 90, (name, longest)


def test_the_method_page_is_of_the_version_that_runs(written: dict[str, str]) -> None:
    assert f"Version {METHOD_VERSION} (`METHOD_VERSION`)." in written["method.md"]
