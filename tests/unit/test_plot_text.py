"""Words and places on charts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from demo_sim.plot import sheet, text


def test_lines_break_between_words_and_before_no_closing_mark() -> None:
    words = "湖南省60岁及以上人口由2020年末的1321万人增至2035年末的2198万人，占总人口的比例由19.9%升至35.4%。" * 2
    lines = text.wrap(words, 8.0, 9.0)
    assert "".join(lines) == words
    assert all(text.line_width(line, 9.0) <= 8.0 for line in lines)
    assert not any(line[0] in "，。、）%" for line in lines)
    assert not any(a[-1].isdigit() and b[0].isdigit() for a, b in pairwise(lines))
    cut = text.shorten(words, 8.0, 9.0, 2)
    assert len(cut) == 2 and cut[-1].endswith("…") and text.line_width(cut[-1], 9.0) <= 8.0


def test_characters_that_the_font_lacks_have_the_width_of_a_box() -> None:
    assert text.line_width("甲\U0001f3e0\u0e01", 9.0) == text.line_width("甲甲甲", 9.0)
    assert text.line_width("e\u0301", 9.0) == text.line_width("e", 9.0)
    assert "".join(text.wrap("\u785a口区养老" * 9, 4.0, 9.0)) == "\u785a口区养老" * 9


def test_spread_keeps_order_and_distance() -> None:
    placed = sheet.spread_labels([3.0, 3.1, 1.0, 3.05], 0.5)
    assert np.all(np.diff(placed[[2, 0, 3, 1]]) >= 0.499)


@given(st.text(st.sampled_from("湖南省0123456789.%，。（）ab c"), max_size=80), st.floats(2.0, 12.0))
def test_no_character_is_lost_in_a_line_break(words: str, limit: float) -> None:
    lines = text.wrap(words, limit, 8.0)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
