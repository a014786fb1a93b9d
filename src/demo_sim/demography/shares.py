"""Parts of a whole that may be empty."""

from __future__ import annotations

import numpy as np


def share_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part over whole, 0 where there is no whole: a district may be wholly urban, a stock may be used up.

    Examples
    --------
    >>> share_of(np.array([1.0, 3.0]), np.array([4.0, 0.0])).tolist()
    [0.25, 0.0]
    """
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
