"""A handful of charts look as they did: pictures of 200 pixels, compared with tolerance.

After a wanted change: `python tests/unit/test_plot_pictures.py` paints them again; look at them before committing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from plot_samples import run

from demo_sim import plot
from demo_sim.plot import aside
from demo_sim.plot.write import paint, write_figures
from demo_sim.results import Results

KEPT = Path(__file__).resolve().parents[1] / "data" / "pictures"
PICTURES = ("pyramid", "need_heat_map", "beds", "closing_gap", "target_table")
WIDTH = 200
# Grey levels of 255. Letters move by parts of a pixel from one FreeType to another; a missing area, a moved panel or
# another colour shows as tens over many pixels.
MOST_MEAN, MOST_CHANGED, CHANGED = 2.5, 0.03, 40


def _small(results: Results, name: str) -> Image.Image:
    picture = Image.fromarray(paint(plot.figures(results, names=(name,))[name], 100).copy())
    height = round(picture.height * WIDTH / picture.width)
    return picture.resize((WIDTH, height), Image.Resampling.BOX)


@pytest.fixture(scope="module")
def results() -> Results:
    return run()


@pytest.mark.parametrize("name", PICTURES)
def test_chart_looks_as_kept(results: Results, name: str) -> None:
    shown = np.asarray(_small(results, name), dtype=float)
    kept = np.asarray(Image.open(KEPT / f"{name}.png").convert("RGB"), dtype=float)
    assert shown.shape == kept.shape
    apart = np.abs(shown - kept)
    assert apart.mean() < MOST_MEAN
    assert (apart.max(axis=2) > CHANGED).mean() < MOST_CHANGED


def test_a_png_file_has_the_pixels(results: Results, tmp_path: Path) -> None:
    write_figures(results, tmp_path, "zh", ["png"], names=("beds",))
    figure = plot.figures(results, "zh", names=("beds",))["beds"]
    with Image.open(tmp_path / "beds.png") as opened:
        opened.load()  # checks the sums of all chunks
        assert opened.mode == "RGB" and opened.info["dpi"] == pytest.approx((300, 300), rel=1e-4)
        assert np.array_equal(np.asarray(opened), paint(figure))


def test_another_picture_is_told_apart(results: Results) -> None:
    beds = np.asarray(Image.open(KEPT / "beds.png").convert("RGB"), dtype=float)
    moved = np.roll(beds, 6, axis=1)
    assert np.abs(beds - moved).mean() > MOST_MEAN


def test_what_goes_wrong_in_a_picture_costs_the_picture_alone(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("no such glyph")

    monkeypatch.setattr("demo_sim.plot.write.write_figures", broken)
    left_out = aside._draw(results, "beds", tmp_path, "en", ("png",), of_a_run=False, size="column")
    assert set(left_out) == {"beds"} and "the results stand" in left_out["beds"] and "no such glyph" in left_out["beds"]


if __name__ == "__main__":
    KEPT.mkdir(parents=True, exist_ok=True)
    sample = run()
    for chart in PICTURES:
        _small(sample, chart).save(KEPT / f"{chart}.png", optimize=True)
