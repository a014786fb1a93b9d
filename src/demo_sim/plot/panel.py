"""What a plain chart of a fit or a back-test shows: points that were observed, lines with bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo_sim.wording import NONE, Text


@dataclass(frozen=True)
class Line:
    """A line over `x`, with its 80 % band where it has one."""

    label: Text
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True)
class Panel:
    """One chart: its sentence, what is on the axes, points and lines."""

    title: Text
    across: Text
    up: Text
    lines: tuple[Line, ...] = ()
    points: tuple[Line, ...] = ()
    note: Text = NONE
