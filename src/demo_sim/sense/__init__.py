"""Sense before the run: what the inputs imply, and what of it is odd. Plain Python: `validate` answers in a second."""

from demo_sim.sense.implied import ImpliedFigure, implied_figures
from demo_sim.sense.notices import notices

__all__ = ["ImpliedFigure", "implied_figures", "notices"]
