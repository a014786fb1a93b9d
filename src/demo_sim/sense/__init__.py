"""Sense before the run: what the inputs imply, and what of it is odd. Plain Python: `validate` answers in a second."""

from demo_sim.sense.implied import Figure, figures
from demo_sim.sense.notices import notices

__all__ = ["Figure", "figures", "notices"]
