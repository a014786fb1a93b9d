"""How large a run is: what does not fit is refused with what would, and scale follows the region."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.engine import size
from demo_sim.engine.persons import Persons
from demo_sim.engine.size import Size, memory_held
from demo_sim.errors import TooLargeError
from demo_sim.inputs.build import build_inputs
from demo_sim.results.digest import digest
from demo_sim.results.tiers import CELL_BYTES, WAITING_BYTES, packed_cells
from demo_sim.run import carry_out, prepare

MINIMAL = Path(__file__).resolve().parents[1] / "data" / "minimal" / "scenario.yaml"
HUNAN_2050 = (31, 2, 2, 101, 5)


def size_of(name: str | Path, engine: str = "cohort", **settings: object) -> Size:
    return Size.of(build_inputs(ds.load(name).replace(settings)), engine, 2)


def allow(monkeypatch: pytest.MonkeyPatch, usable: float) -> None:
    monkeypatch.setattr(size, "memory", lambda: usable / size.USABLE)


def refusal(name: str | Path, engine: str, **settings: object) -> TooLargeError:
    with pytest.raises(TooLargeError) as caught:
        size_of(name, engine, **settings)
    assert caught.value.exit_code == 3
    return caught.value


@pytest.mark.parametrize("keep", ["five_year", "full"])
@pytest.mark.parametrize("gigabytes", [0.9, 3.0])
def test_the_draws_that_are_named_fit_and_one_more_does_not(
    monkeypatch: pytest.MonkeyPatch, gigabytes: float, keep: str
) -> None:
    allow(monkeypatch, gigabytes * 1e9)
    changes = {"options.keep": keep}
    error = refusal("hunan-2050", "cohort", draws=100_000, **changes)
    named = {lang: re.findall(r"--draws (\d+)", error.render(lang)) for lang in ("zh", "en")}
    assert named["zh"] == named["en"] and len(named["en"]) == 1
    most = int(named["en"][0])
    assert size_of("hunan-2050", draws=most, **changes).draws == most
    refusal("hunan-2050", "cohort", draws=most + 1, **changes)
    assert "100000" in error.render("zh") and f"{gigabytes:.1f} GB" in error.render("en")


def test_the_full_cube_takes_memory_and_five_year_ages_little() -> None:
    waiting = int(WAITING_BYTES / CELL_BYTES / packed_cells(HUNAN_2050))  # draws whose cells wait in memory
    assert waiting < 10_000
    plain, full = ([memory_held(draws, HUNAN_2050, keep) for draws in (10_000, 10_001)] for keep in (False, True))
    step = plain[1] - plain[0]
    assert 280e3 < step < 320e3  # series and five-year ages
    cube = 31 * 2 * 2 * 101 * 5 * CELL_BYTES
    assert full[1] - full[0] > step + cube
    assert plain[0] < 6e9 < full[0]
    few = [memory_held(draws, HUNAN_2050) for draws in (1, 2)]
    assert few[1] - few[0] > step  # as long as cells wait in memory, each draw takes them too


def test_no_draw_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 1e6)
    error = refusal("hunan-2050", "cohort", draws=3)
    assert "period.end" in error.render("zh") and "even for one draw" in error.render("en")
    assert "--draws" not in error.render("zh") + error.render("en")


def test_the_scale_that_is_named_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 3e9)
    few = {"draws": 30, "options.person_draws": 30}
    error = refusal("hunan", "people", scale=1, **few)
    named = {lang: re.findall(r"--scale (\d+)", error.render(lang)) for lang in ("zh", "en")}
    assert named["zh"] == named["en"] and len(named["en"]) == 1
    assert size_of("hunan", "people", scale=int(named["en"][0]), **few).scale == int(named["en"][0])
    refusal("hunan", "people", scale=int(named["en"][0]) - 1, **few)
    for lang, words in (("zh", "或减少 --person-draws"), ("en", "or fewer --person-draws")):
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
    followed = {"options.person_draws": 30}
    assert size_of(tmp_path / "county.yaml", "people", **followed).scale == 1.0
    assert size_of(MINIMAL, "people", **followed).scale == 7.0
    assert size_of("hunan", "people", **followed).scale > 100.0
    one = size_of("hunan", "people", **{"options.person_draws": 1})
    assert one.scale < size_of("hunan", "people", **followed).scale
    assert size_of("hunan", "people", scale=50, **followed).scale == 50.0
    assert size_of("hunan", "cohort", **followed).scale == 0.0


@pytest.mark.parametrize("draws", [0, 1, 30, 100_000])
def test_persons_are_no_matter_of_the_draws(monkeypatch: pytest.MonkeyPatch, draws: int) -> None:
    """`--draws` never changes how many draws are followed, nor how: also where fewer are asked for."""
    allow(monkeypatch, 1e13)
    plain = size_of("hunan", "people", draws=32)
    own = size_of("hunan", "people", draws=draws)
    assert (own.draws, own.person_draws) == (draws, 32)
    assert (own.scale, own.together, own.replicate_count) == (plain.scale, plain.together, size.REPLICATES)


def test_batches_hold_every_draw_once_and_the_stated_run_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "BATCH", 64)
    run = Size(130, 9, 1.0, 1, 1, together=4)
    assert [(b[0], b[-1] + 1) for b in run.batches()] == [(-1, 43), (43, 87), (87, 130)]
    assert [b.tolist() for b in run.person_batches()] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert [b.tolist() for b in run.replicates()] == [[-4, -3, -2, -1]]
    alone = Size(0, 0, 0.0, 1, 1)
    assert [b.tolist() for b in alone.batches()] == [[-1]] and alone.person_batches() == alone.replicates() == []


def test_so_many_draws_go_together_as_rows_can_be_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, 1e12)
    followed = {"options.person_draws": 30}
    whole = size_of("hunan", "people", scale=1, **followed)
    assert whole.together * 75e6 <= size.MOST_ROWS < (whole.together + 1) * 80e6
    assert [b.size for b in whole.person_batches()] == [10, 10, 10]
    assert [b.size for b in whole.replicates()] == [4]
    assert size_of("hunan", "people", **followed).together == size.MOST_TOGETHER
    allow(monkeypatch, whole.together * 75e6 * 30 + 3e9)
    followed = {"options.person_draws": 60}
    assert size_of("hunan", "people", scale=1, **followed) is not None  # memory is that of a batch, not of all draws
    with pytest.raises(TooLargeError, match="larger --scale"):
        Persons.room([2**31], 0.0, False, 2)


def test_memory_of_this_machine_is_known() -> None:
    assert 2**28 < size.memory() < 2**50


def test_nobody_is_followed_where_no_result_asks_for_persons() -> None:
    """A county without families and placement gives with persons what it gives without."""
    scenario = ds.load("430223").replace({"draws": 20, "options.person_draws": 2, "period.end": 2022, "plan": []})
    inputs, plan = prepare(scenario, "people", 1)
    assert plan.person_draws == 0 and plan.scale > 0
    followed = replace(plan, person_draws=2)
    assert digest(carry_out(scenario, inputs, plan)) == digest(carry_out(scenario, inputs, followed))
    assert prepare(ds.load("hunan").replace({"options.person_draws": 2}), "people", 1)[1].person_draws == 2
