"""Reports of saved runs for Word and the browser: one content tree, two writers."""

from __future__ import annotations

from demo_sim.report.comparing import Comparison, compare
from demo_sim.report.writing import write_report

__all__ = ["Comparison", "compare", "write_report"]
