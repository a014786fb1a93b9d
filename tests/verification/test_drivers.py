"""Draws of the drivers that population and groups cannot tell apart are projected once: as if each were by itself."""

from __future__ import annotations

import numpy as np
import pytest

import demo_sim as ds
import demo_sim.run
from demo_sim.gathering import Joined, join
from demo_sim.inputs.draws import Draws


def joined(monkeypatch: pytest.MonkeyPatch, engine: str) -> Joined:
    """What a short run of a plan holds of all draws, those of the drivers included."""
    kept: list[Joined] = []

    def keep(*parts: object) -> Joined:
        kept.append(join(*parts))  # type: ignore[arg-type]
        return kept[0]

    monkeypatch.setattr(demo_sim.run, "join", keep)
    ds.simulate(ds.load("hunan").replace({"draws": 2, "scale": 20_000, "period.end": 2026}), engine=engine)
    return kept[0]


@pytest.mark.parametrize("engine", ["cohort", "people"])
def test_every_series_of_every_draw_is_as_if_projected_by_itself(monkeypatch: pytest.MonkeyPatch, engine: str) -> None:
    sizes = []
    told = Draws.telling

    def counted(draws: Draws, paths: set[str]) -> tuple[Draws, np.ndarray]:
        out = told(draws, paths)
        sizes.append(out[0].size)
        return out

    monkeypatch.setattr(Draws, "telling", counted)
    short = joined(monkeypatch, engine)
    monkeypatch.setattr(Draws, "telling", lambda draws, _: (draws.part(slice(None)), np.arange(draws.size)))
    plain = joined(monkeypatch, engine)
    columns = plain.series["population.total"].shape[1]
    assert sum(sizes) < 0.6 * columns  # or the comparison says nothing
    assert list(short.series) == list(plain.series)
    for name, values in plain.series.items():
        np.testing.assert_allclose(short.series[name], values, rtol=1e-12, err_msg=name)
    for key, values in plain.needs.items():
        np.testing.assert_allclose(short.needs[key], values, rtol=1e-12, err_msg=str(key))
