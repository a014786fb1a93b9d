"""The benchmark measures what it says: everybody's events, the same persons whatever the threads, sound output."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numba import float64, int64
from numba.core.types.functions import BaseFunction

import demo_sim.kernels
from demo_sim import bench
from demo_sim.cli import cli
from demo_sim.engine.people import live_year
from demo_sim.kernels.columns import LEVELS
from demo_sim.kernels.compiling import SIGNATURES, argument_types, types_found_once

# compiled into the kernels that call them, and not again when those come from the cache
FOLDED = {
    "philox4x32", "infant_a0", "screen", "screen_stored", "gather", "draw_words", "choose", "find_husband",
    "take_row", "words_of", "place_of_code", "scale", "permuted", "reversed_digits", "shuffled", "choose_called",
    "call", "segment_of", "word_beside", "mark", "follow_leader", "layout",
}  # fmt: skip


def test_rates_are_probabilities_and_shares() -> None:
    rates = bench.hunan_like()
    assert rates.people.sum() == pytest.approx(1.0)
    for shares in (rates.levels, rates.parity, rates.change):
        np.testing.assert_allclose(shares.sum(axis=-1), 1.0)
    for name in ("levels", "parity", "move", "death", "change", "birth", "newborn_death"):
        values = getattr(rates, name)
        assert values.min() >= 0.0 and values.max() <= 1.0, name


def test_share_of_persons_with_an_event_is_about_seven_percent() -> None:
    speed = bench.people_speed(200_000, 1)
    assert speed.event_share == pytest.approx(0.07, abs=0.005)
    assert speed.persons == 200_000 and 0.0 < speed.median <= speed.best
    assert 6.0 < speed.bytes_per_person < 24.0


def test_opening_population_has_the_size_and_the_shares_asked_for() -> None:
    rates = bench.hunan_like()
    population = bench.bench_population(rates, 300_000, 1)
    assert population.count.sum() == pytest.approx(300_000, abs=3)
    urban = population.count[..., 1 : 1 + LEVELS].sum()
    assert urban == pytest.approx(300_000 * bench.URBAN_SHARE, abs=3)
    impaired = population.count.sum() - population.count[..., [1, 1 + LEVELS]].sum()
    expected = 300_000 * float((rates.people.sum(axis=(0, 1)) * (1.0 - rates.levels[:, 0])).sum())
    assert impaired == pytest.approx(expected, abs=5.0 * expected**0.5)


def test_first_call_reaches_every_kernel_with_the_types_compiled_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["demo_sim.run"], "compile_all", lambda processes: None)
    bench.call_all_kernels()
    missing = []
    for name, signature in SIGNATURES.items():
        module, _, function = name.partition(".")
        kernel = getattr(importlib.import_module(f"demo_sim.kernels.{module}"), function)
        if argument_types(signature) not in kernel.signatures:
            missing.append(f"{name}: called with {kernel.signatures}")
    for info in pkgutil.iter_modules(demo_sim.kernels.__path__):
        module = importlib.import_module(f"demo_sim.kernels.{info.name}")
        for name, value in vars(module).items():
            own = getattr(getattr(value, "py_func", None), "__module__", None) == module.__name__
            public = not name.startswith("_")
            if own and public and name not in FOLDED and f"{info.name}.{name}" not in SIGNATURES:
                missing.append(f"{module.__name__}.{name} is not compiled before")
    assert missing == []


def test_types_are_found_once_while_kernels_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def whole(self: object, context: object, args: object, kws: object) -> int:
        asked.append((self, args, kws))
        return len(asked)

    monkeypatch.setattr(BaseFunction, "get_call_type", whole)
    with types_found_once():
        ask = BaseFunction.get_call_type
        answers = [ask(sign, None, args, {}) for sign, args in 2 * [("+", (int64, int64)), ("-", (int64, int64))]]
        assert answers == [1, 2, 1, 2] and ask("+", None, (int64, float64), {}) == 3
        assert ask("+", None, (int64,), {"other": int64}) == 4
    assert BaseFunction.get_call_type is whole
    monkeypatch.setattr(BaseFunction, "get_call_type", lambda self, other: 0)  # as a later Numba might have it
    with types_found_once():
        assert BaseFunction.get_call_type("+", int64) == 0


def test_a_part_of_the_kernels_is_compiled_into_the_cache(tmp_path: Path) -> None:
    last = str(len(SIGNATURES) - 1), str(len(SIGNATURES))
    command = [sys.executable, "-m", "demo_sim.kernels.compiling", *last]
    subprocess.run(command, env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}, check=True)
    assert [file.name.split("-")[0] for file in tmp_path.rglob("*.nbi")] == ["cohort.any_value"]


def test_a_year_of_the_benchmark_has_all_kinds_of_events() -> None:
    rates = bench.hunan_like()
    population = bench.bench_population(rates, 100_000, 1)
    nobody = [np.zeros((1, 2, 2, bench.BENCH_AGES, LEVELS), np.int64)] * 2
    events = live_year(population, bench.FIRST_YEAR, bench.year_cuts(rates), nobody, True)
    assert events.died.sum() > 300 and events.moved.sum() > 1000 and events.gave_birth.sum() > 300
    assert events.left.sum() == 0 and events.entered.sum() == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_verb_prints_the_table_and_writes_json(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # compilation in other processes and the cohort engine would take most of the time
    monkeypatch.setattr(bench, "first_call", lambda: {"compiled": 3.0, "from_cache": 0.25})
    monkeypatch.setattr(bench, "cohort_speed", lambda: [0.5, 0.25])
    out = tmp_path / "deep" / "bench.json"
    done = CliRunner().invoke(cli, ["bench", "--size", "2e4", "--out", str(out), "--lang", lang])
    assert done.exit_code == 0, done.output
    assert "20,000" in done.output and "0.25" in done.output
    assert ("人口引擎" if lang == "zh" else "People engine") in done.output
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [(line["persons"], line["threads"]) for line in found["people"]] == [(20_000, 1), (20_000, 2)]
    assert found["cohort_seconds"] == {"best": 0.25, "median": 0.375}
    assert found["machine"]["cores"] >= 1
    assert not list(tmp_path.rglob("*.partial"))


def test_unwritable_file_is_a_write_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "first_call", lambda: {"compiled": 3.0, "from_cache": 0.25})
    monkeypatch.setattr(bench, "cohort_speed", lambda: [0.5])
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = CliRunner().invoke(cli, ["bench", "--size", "2e4", "--out", str(tmp_path / "file" / "x.json")])
    assert done.exit_code == 4
