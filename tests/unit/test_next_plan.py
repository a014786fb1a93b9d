"""`new --plan 2026-2030 --from RUN`: the next plan begins at the last year that a saved run knows, in one step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.cli import cli

OWN = """\
place: "430223"
name: own
known_until: 2025
draws: 0
period: {end: 2032}
plan: []
supply:
  institution_beds:
    kind: beds
    stock: {2020: 1400, 2025: 1720}
    nursing_share: {2020: 0.35, 2025: 0.55}
    kept: 1
    source: 民政局
    status: reported
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("next")
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    ds.run(folder / "own.yaml", folder / "results" / "own", engine="cohort")
    return folder


def asked(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, ["new", *words, "--lang", "en"])
    return done.exit_code, done.output + done.stderr


def test_the_next_plan_in_one_step(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = asked(folder, monkeypatch, "own.yaml", "--plan", "2026-2030", "--from", "results/own")
    assert code == 0, said
    scenario = ds.load(folder / "own-2026-2030" / "own-2026-2030.yaml")
    assert scenario.settings.period.start == 2026 and scenario.settings.population.year == 2025
    assert scenario.settings.plan[0] == "own-2026-2030"
    later, before = ds.simulate(scenario, engine="cohort"), ds.open_results(folder / "results" / "own")
    mine, theirs = (run.tree["central/demand"]["supply"].sel(resource="institution_beds") for run in (later, before))
    both = np.arange(2025, 2033)
    np.testing.assert_allclose(mine.sel(time=both), theirs.sel(time=both), rtol=1e-9)
    assert float(mine.sel(time=2030)) == pytest.approx(1720 + 5 * 64)  # 64 more a year, as between 2020 and 2025
    people = [float(run.central.population.sel(time=2025).sum()) for run in (later, before)]
    assert people[0] == pytest.approx(people[1], rel=1e-9)
    again, said = asked(folder, monkeypatch, "own.yaml", "--plan", "2026-2030", "--from", "results/own")
    assert again == 2 and "own-2026-2030" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["own.yaml", "--from", "results/own"], "--plan"),
        (["own.yaml", "--plan", "2026-2030", "--from", "results/none"], "no saved run"),
        (["hunan", "--plan", "2026-2030", "--from", "results/own"], "a run of own, not of hunan"),
        (["own.yaml", "--plan", "2026至2030", "--from", "results/own"], "write 2026-2030"),
        (["nowhere.yaml", "--plan", "2026-2030", "--from", "results/own"], "nowhere"),
    ],
)
def test_what_cannot_be_begun_is_refused(
    words: list[str], told: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = asked(folder, monkeypatch, *words)
    assert code == 2 and told in said, said
