"""Parts of kernels, which only kernels call, made callable from a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba


def entry(part: Callable[..., Any]) -> Callable[..., Any]:
    """A compiled function that calls the part and does nothing else."""

    @numba.njit
    def call(*arguments):
        return part(*arguments)

    return call
