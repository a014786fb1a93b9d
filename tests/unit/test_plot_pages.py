"""Every chart in both languages and on both pages: each glyph there, every text inside, no two texts over another."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from plot_samples import run

from demo_sim import plot, vocab
from demo_sim.plot import font, sheet, style
from demo_sim.results import Results


def drawn_texts(figure: style.ChartFigure) -> list[tuple[str, Bbox]]:
    """Texts that a renderer is asked to draw, with the box of their ink, a little narrower than its line."""
    seen: list[Text] = []
    draw = Text.draw

    def note(self: Text, *args: object, **kwargs: object) -> None:
        if self.get_visible() and self.get_text().strip():
            seen.append(self)
        draw(self, *args, **kwargs)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", note)
        figure.draw_without_rendering()
    found = []
    for item in dict.fromkeys(seen):
        # Text boxes reach from the highest to the lowest letter there could be; a sixth of it holds no ink.
        box = Text.get_window_extent(item)
        found.append((item.get_text(), box.padded(-1.0, -0.16 * item.get_fontsize() * figure.dpi / 72)))
    return found


def assert_well_set(name: str, figure: style.ChartFigure) -> None:
    texts = drawn_texts(figure)
    page = figure.bbox.padded(1.0)
    assert not {c for words, _ in texts for c in words} - font.characters() - {"\n"}, name
    for words, box in texts:
        assert page.contains(box.x0, box.y0) and page.contains(box.x1, box.y1), (name, words)
    for (one, a), (other, b) in combinations(texts, 2):
        assert not a.overlaps(b), (name, one, other)


@pytest.fixture(scope="module")
def results() -> Results:
    return run()


def test_texts_over_each_other_are_found(results: Results) -> None:
    figure = plot.ageing(results)
    assert len(drawn_texts(figure)) > 20
    figure.text(0.5, 0.5, "one")
    figure.text(0.5, 0.505, "two")
    with pytest.raises(AssertionError, match=r"one|two"):
        assert_well_set("ageing", figure)


@pytest.mark.parametrize("size", sheet.PAGES)
@pytest.mark.parametrize("lang", vocab.LANGUAGES)
def test_texts_have_glyphs_lie_inside_and_apart(results: Results, lang: str, size: str) -> None:
    figures = plot.figures(results, lang, size=size)
    figures["fan"] = plot.fan(results, "indicator.reference.community_workers_2025", lang, size=size)
    figures["small_multiples"] = plot.small_multiples([results] * 5, "older_60", lang, size=size)
    for name, figure in figures.items():
        assert_well_set(f"{name} {lang} {size}", figure)
        height = sheet.PAGES[size].height
        assert height is None or figure.get_figheight() / style.CM == pytest.approx(height), name


@pytest.mark.parametrize("lang", vocab.LANGUAGES)
def test_a_hundred_and_fifty_targets_fill_pages(lang: str) -> None:
    long = run(draws=20, times=17)
    names = ("target_table",)
    for size in sheet.PAGES:
        figures = plot.figures(long, lang, names, size)
        first = figures["target_table"]
        assert first.pages == len(figures) > 1
        shown = 0
        for name, figure in figures.items():
            assert_well_set(f"{name} {lang} {size}", figure)
            assert figure.get_figheight() / style.CM < 25.5  # the text of an A4 page
            badges = {f"{style.VERDICT_SYMBOL[v]} {vocab.label('verdict', v, lang)}" for v in vocab.VERDICTS[:3]}
            shown += sum(words in badges for words, _ in drawn_texts(figure))
        assert shown == int((long.targets["verdict"] != "not_assessed").sum())


def test_unknown_page_is_refused(results: Results) -> None:
    with pytest.raises(ValueError, match="poster"):
        plot.pyramid(results, size="poster")
