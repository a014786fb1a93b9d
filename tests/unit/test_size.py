"""How large a run is: what does not fit is refused with what would, and scale follows the region."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.engine import size
from demo_sim.engine.persons import Persons
from demo_sim.engine.size import Size, memory_held
from demo_sim.errors import TooLargeError
from demo_sim.inputs.base import model_grid
from demo_sim.results.tiers import most_draws_in_full

MINIMAL = Path(__file__).resolve().parents[1] / "data" / "minimal" / "scenario.yaml"
HUNAN_2050 = (31, 2, 2, 101, 5)
CELLS = 31 * 2 * 2 * 101 * 5


def size_of(name: str | Path, engine: str = "cohort", **settings: object) -> Size:
    scenario = ds.load(name).replace(settings)
    return Size.of(scenario, engine, model_grid(scenario), 2)


def allow(monkeypatch: pytest.MonkeyPatch, usable: float) -> None:
    monkeypatch.setattr(size, "memory_available", lambda: usable / size.USABLE)


def refusal(name: str | Path, engine: str, **settings: object) -> TooLargeError:
    with pytest.raises(TooLargeError) as caught:
        size_of(name, engine, **settings)
    assert caught.value.exit_code == 3
    return caught.value


@pytest.mark.parametrize("gigabytes", [0.9, 3.0])
def test_the_draws_that_are_named_fit_and_one_more_does_not(monkeypatch: pytest.MonkeyPatch, gigabytes: float) -> None:
    allow(monkeypatch, gigabytes * 1e9)
    error = refusal("hunan-2050", "cohort", draws=100_000)
    named = {lang: re.findall(r"--draws (\d+)", error.render(lang)) for lang in ("zh", "en")}
    assert named["zh"] == named["en"] and len(named["en"]) == 1
    most = int(named["en"][0])
    assert size_of("hunan-2050", draws=most).draws == most
    refusal("hunan-2050", "cohort", draws=most + 1)
    assert "100000" in error.render("zh") and f"{gigabytes:.1f} GB" in error.render("en")


def test_beyond_the_full_cube_a_run_takes_less_memory_a_draw() -> None:
    most = most_draws_in_full(CELLS)
    assert memory_held(most + 1, HUNAN_2050) < memory_held(most, HUNAN_2050) - 0.9e9
    step = memory_held(10_001, HUNAN_2050) - memory_held(10_000, HUNAN_2050)
    assert 200e3 < step < 250e3  # series and five-year ages
    assert memory_held(10_000, HUNAN_2050) < 3e9


def test_no_draw_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 1e6)
    error = refusal("hunan-2050", "cohort", draws=3)
    assert "period.end" in error.render("zh") and "even for one draw" in error.render("en")
    assert "--draws" not in error.render("zh") + error.render("en")


def test_the_scale_that_is_named_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 3e9)
    error = refusal("hunan", "people", draws=30, scale=1)
    named = {lang: re.findall(r"--scale (\d+)", error.render(lang)) for lang in ("zh", "en")}
    assert named["zh"] == named["en"] and len(named["en"]) == 1
    assert size_of("hunan", "people", draws=30, scale=int(named["en"][0])).scale == int(named["en"][0])
    refusal("hunan", "people", draws=30, scale=int(named["en"][0]) - 1)
    for lang, words in (("zh", "或减少 --draws"), ("en", "or fewer --draws")):
        assert words in error.render(lang)


@pytest.mark.parametrize(("lang", "words"), [("zh", "或更少"), ("en", "or fewer")])
def test_the_command_line_ends_with_3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lang: str, words: str) -> None:
    allow(monkeypatch, 0.9e9)
    arguments = ["run", "hunan-2050", "--draws", "100000", "--engine", "cohort", "--lang", lang]
    outcome = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path / "run")])
    assert outcome.exit_code == 3
    assert "--draws" in outcome.stderr and words in outcome.stderr and "Traceback" not in outcome.stderr
    assert not list(tmp_path.iterdir())


def test_an_automatic_scale_follows_the_size_of_the_region(tmp_path: Path) -> None:
    table = (MINIMAL.parent / "population.csv").read_text(encoding="utf-8")  # 1.4 million; a county has a tenth
    county = re.sub(r"(?m)\d$", "", table)
    (tmp_path / "county.csv").write_text(county, encoding="utf-8")
    text = f"name: county\nextends: {MINIMAL.as_posix()}\npopulation: {{table: county.csv}}\n"
    (tmp_path / "county.yaml").write_text(text, encoding="utf-8")
    assert size_of(tmp_path / "county.yaml", "people", draws=30).scale == 1.0
    assert size_of(MINIMAL, "people", draws=30).scale == 7.0
    assert size_of("hunan", "people", draws=30).scale > 100.0
    assert size_of("hunan", "people", draws=1).scale < size_of("hunan", "people", draws=30).scale
    assert size_of("hunan", "people", draws=30, scale=50).scale == 50.0
    assert size_of("hunan", "cohort", draws=30).scale == 0.0


def test_batches_keep_random_draws_and_those_of_the_drivers_apart() -> None:
    slices = list(Size(130, 1.0, 1, 1).batches(500))
    assert [(s.start, s.stop) for s in slices] == [(0, 64), (64, 128), (128, 130), (130, 386), (386, 500)]


def test_so_many_draws_go_together_as_rows_can_be_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 1e12)
    whole = size_of("hunan", "people", draws=30, scale=1)
    assert whole.together * 75e6 <= size.MOST_ROWS < (whole.together + 1) * 80e6
    assert [s.stop - s.start for s in whole.batches(30)] == [13, 13, 4]
    assert size_of("hunan", "people", draws=30).together == size.BATCH
    allow(monkeypatch, whole.together * 75e6 * 30 + 2e9)
    assert size_of("hunan", "people", draws=60, scale=1) is not None  # memory is that of a batch, not of all draws
    with pytest.raises(TooLargeError, match="larger --scale"):
        Persons.room([2**31], 0.0, False)


def test_memory_of_this_machine_is_known() -> None:
    assert 2**28 < size.memory_available() < 2**50
