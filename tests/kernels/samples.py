"""Random but plausible inputs of the kernels, and the a year called with arrays of its own."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from demo_sim.engine.calendar import Timing, YearFlows, YearTables
from demo_sim.engine.cohort import live

INPUTS = ("qs", "asfr", "male_share", "external", "move_rate", "reclass_rate")


def death_rates(rng: np.random.Generator, residences: int, ages: int) -> np.ndarray:
    """Rates of a Gompertz-Makeham law with infant deaths, (residence, sex, age)."""
    x = np.arange(ages)
    level = rng.uniform(0.5, 2.0, (residences, 2, 1))
    mx = level * (2e-4 + 3e-5 * np.exp(rng.uniform(0.085, 0.105) * x))
    mx[:, :, 0] = rng.choice([0.004, 0.02, 0.05, 0.12], (residences, 2))
    return np.minimum(mx, 0.9)


def year_inputs(seed: int, residences: int = 2, ages: int = 101, draws: int = 3) -> SimpleNamespace:
    """Arguments of one step; the names are those of `YearTables`."""
    rng = np.random.default_rng(seed)
    shape = (residences, 2, ages, draws)
    x = np.arange(ages)[:, None]
    fertile = np.exp(-0.5 * ((x - 28) / 6.0) ** 2) * ((x >= 15) & (x < 50))
    srb = rng.uniform(1.0, 1.2, (residences, draws))
    ways = residences * (residences - 1)
    return SimpleNamespace(
        start=rng.uniform(10.0, 1000.0, shape),
        qs=np.minimum(3e-4 * np.exp(0.08 * x) * rng.uniform(0.5, 1.5, shape), 0.9),
        asfr=fertile * rng.uniform(0.05, 0.2, (residences, 1, draws)),
        srb=srb,
        male_share=srb / (1.0 + srb),
        external=rng.normal(0.0, 3.0, shape),
        move_rate=rng.uniform(0.0, 0.2, (ways, *shape[1:])),
        reclass_rate=rng.uniform(0.0, 0.05, (ways, draws)),
    )


def take_step(inputs: SimpleNamespace, timing: str = "even") -> YearFlows:
    """The kernels' flows; written arrays start as NaN, so that an unwritten cell shows."""
    shape = inputs.start.shape
    out = YearFlows.empty(shape)
    for values in vars(out).values():
        values[:] = np.nan
    tables = YearTables(*(getattr(inputs, name) for name in INPUTS))
    if not live(inputs.start, tables, Timing.of(timing), out):
        assert all(np.isnan(values).all() for values in (out.mid, out.internal, out.cut))
        out.mid, out.cut = inputs.start, np.zeros(shape)
    return out
