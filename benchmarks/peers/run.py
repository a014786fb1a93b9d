"""Run the same closed-population task in this package, in plain numpy and in the frameworks that install here.

Every peer runs in a process of its own on one core, the frameworks in an environment of their own, with the rates and
opening counts of one file. Births, deaths and the population at the end must agree within sampling error; only then
are the speeds printed, as person-years a second of processor time and as the ratio of this package to each peer. The
peers take turns, and the ratio is the median of those of the turns: a machine that slows down does so for all of them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import default_rng

from demo_sim.bench import hunan_like, machine
from demo_sim.engine.synthesis import whole_numbers

HERE = Path(__file__).parent
YEARS = 6  # the first one warms up
FRAMEWORKS = {"neworder": "neworder_task.py", "starsim": "starsim_task.py"}
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
# Variance of a difference between two runs, as a multiple of the counts named; moves of residence add about as much
# as they are, and the opening levels are drawn anew.
NOISE = {
    "births": ("births",),
    "deaths": ("deaths",),
    "population": ("births", "deaths"),
    "urban": ("births", "deaths", "urban"),
    "impaired": ("impaired",),
    "linked": ("linked",),
}
LIMIT = 4.5  # standard deviations; six numbers of a few peers: one false alarm in thousands of runs


def write_task(path: Path, size: float, seed: int) -> None:
    """Rates and opening counts that all peers read."""
    rates = hunan_like()
    counts = whole_numbers(rates.people, 1.0 / size)
    np.savez(
        path, counts=counts, levels=rates.levels, move=rates.move, death=rates.death, change=rates.change,
        birth=rates.birth, boys=rates.boys, newborn_death=rates.newborn_death, years=YEARS, seed=seed,
    )  # fmt: skip


def environment(folder: Path, package: str) -> Path | str:
    """Interpreter of an environment with the package, made where it is not there; a text where it does not install."""
    place = folder / package
    interpreter = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (place / "ready").exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(place)], capture_output=True, encoding="utf-8")
        if made.returncode == 0:
            install = [str(interpreter), "-m", "pip", "install", "--quiet", package]
            made = subprocess.run(install, capture_output=True, encoding="utf-8")
        if made.returncode != 0:
            return (made.stderr.strip().splitlines() or ["no reason given"])[-1]
        (place / "ready").touch()
    return interpreter


def run_peer(interpreter: Path | str, script: str, task: Path) -> dict[str, Any]:
    """One process; what it printed last."""
    done = subprocess.run(
        [str(interpreter), str(HERE / script), str(task)], capture_output=True, encoding="utf-8",
        env=os.environ | ONE_THREAD, cwd=task.parent,
    )  # fmt: skip
    if done.returncode != 0:
        return {"failed": (done.stderr.strip().splitlines() or ["no reason given"])[-1]}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def differences(ours: dict[str, Any], other: dict[str, Any]) -> dict[str, float]:
    """Differences in standard deviations of two independent runs."""
    out = {}
    for name, parts in NOISE.items():
        variance = sum(ours[part] + other[part] for part in parts)
        out[name] = (other[name] - ours[name]) / math.sqrt(variance)
    return out


def measure(size: float, repeats: int, folder: Path) -> dict[str, Any]:
    """Run all peers in turn, several times; counts are those of the first turn."""
    peers: dict[str, tuple[Path | str, str]] = {
        "demo_sim": (sys.executable, "ours.py"),
        "numpy": (sys.executable, "numpy_40.py"),
    }
    left_out: dict[str, str] = {}
    for package, script in FRAMEWORKS.items():
        interpreter = environment(folder, package)
        if isinstance(interpreter, str):
            left_out[package] = interpreter
        else:
            peers[package] = (interpreter, script)
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="peers-") as place:
        task = Path(place) / "task.npz"
        for turn in range(repeats):
            for name, (interpreter, script) in peers.items():
                if name in left_out:
                    continue
                # each peer has a seed of its own, so that agreement is not that of shared numbers
                write_task(task, size, int(default_rng(sorted(peers).index(name) + 10 * turn).integers(1, 2**31)))
                told = run_peer(interpreter, script, task)
                if "failed" in told:
                    left_out[name] = told["failed"]
                    continue
                speeds = told.pop("speeds")
                found.setdefault(name, told | {"turns": []})["turns"].append(speeds)
    ours = found.pop("demo_sim", None)
    if ours is None:
        raise SystemExit(f"demo_sim: {left_out['demo_sim']}")
    result = {"demo_sim": ours, **found}
    for name, told in found.items():
        away = told["differences"] = differences(ours, told)
        if max(map(abs, away.values())) > LIMIT:
            raise SystemExit(f"{name} does not do the same task: {away}")
    for told in result.values():
        speeds = [speed for turn in told["turns"] for speed in turn]
        told["best"], told["median"] = max(speeds), statistics.median(speeds)
        pairs = zip(ours["turns"], told["turns"], strict=False)
        told["ratios"] = [statistics.median(mine) / statistics.median(theirs) for mine, theirs in pairs]
        told["ratio"] = statistics.median(told["ratios"])
    return {"machine": machine(), "persons": round(size), "years": YEARS, "peers": result, "left_out": left_out}


def main() -> None:
    """Print the table; with --out also write JSON."""
    parser = argparse.ArgumentParser(description="the same closed-population task in several programs, one core each")
    parser.add_argument("--size", type=float, default=1e6, help="persons [1e6]")
    parser.add_argument("--repeats", type=int, default=3, help="turns of all peers [3]")
    parser.add_argument("--envs", type=Path, help="folder that keeps the environments [a temporary one]")
    parser.add_argument("--out", type=Path, help="JSON file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="peers-envs-") as temporary:
        found = measure(arguments.size, arguments.repeats, arguments.envs or Path(temporary))
    print(f"{found['persons']:,} persons, {YEARS - 1} years after one of warming up, {found['machine']['processor']}")
    print("| program | M person-years/s, best | median | demo_sim over it | births | deaths | population |")
    print("|---|---|---|---|---|---|---|")
    for name, told in found["peers"].items():
        print(
            f"| {name} | {told['best'] / 1e6:.1f} | {told['median'] / 1e6:.1f} | {told['ratio']:.1f} "
            f"| {told['births']:,} | {told['deaths']:,} | {told['population']:,} |"
        )
    for name, reason in found["left_out"].items():
        print(f"{name} left out: {reason}")
    if arguments.out is not None:
        aside = arguments.out.with_name(arguments.out.name + ".partial")
        aside.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        os.replace(aside, arguments.out)


if __name__ == "__main__":
    main()
