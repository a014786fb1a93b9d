"""Charts of a run: each takes `Results` and returns a matplotlib figure."""

from demo_sim.plot.charts.beds import beds
from demo_sim.plot.charts.community_workers import community_workers
from demo_sim.plot.charts.function_levels import function_levels
from demo_sim.plot.charts.pyramid import pyramid
from demo_sim.plot.charts.target_table import target_table
from demo_sim.plot.fan import fan
from demo_sim.plot.numbers import NothingToDraw
from demo_sim.plot.write import FigureSet, figures, write_figures

__all__ = [
    "FigureSet",
    "NothingToDraw",
    "beds",
    "community_workers",
    "fan",
    "figures",
    "function_levels",
    "pyramid",
    "target_table",
    "write_figures",
]
