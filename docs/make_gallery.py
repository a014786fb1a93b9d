"""Paint the pictures of gallery.md from a saved run: `python docs/make_gallery.py results/hunan`."""

import sys
from pathlib import Path

from PIL import Image

import demo_sim as ds
from demo_sim.plot.charts import charts
from demo_sim.plot.style import ChartFigure
from demo_sim.plot.write import paint

WIDTH, COLOURS = 640, 160
IMAGES = Path(__file__).parent / "images"


def keep(figure: ChartFigure, path: Path, width: int = WIDTH) -> None:
    """Write a small picture with few colours."""
    picture = Image.fromarray(paint(figure, 200))
    picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


run = ds.open_results(sys.argv[1])
for lang in ("zh", "en"):
    for chart in charts():
        try:
            figure = chart(run, lang)
        except ds.plot.NothingToDraw as reason:
            print(f"{chart.name}: {reason.render('en')}")
            continue
        keep(figure, IMAGES / "gallery" / f"{chart.name}_{lang}.png")
    keep(ds.plot.fan(run, "indicator.hunan.nursing_bed_share", lang), IMAGES / "gallery" / f"fan_{lang}.png")
    keep(ds.plot.beds(run, lang, size="slide"), IMAGES / "gallery" / f"slide_{lang}.png")
    keep(ds.plot.beds(run, lang), IMAGES / f"beds_{lang}.png", 1260)
if len(sys.argv) > 2:
    several = [run, *map(ds.open_results, sys.argv[2:])]
    for lang in ("zh", "en"):
        keep(ds.plot.small_multiples(several, "older_80", lang), IMAGES / "gallery" / f"small_multiples_{lang}.png")
