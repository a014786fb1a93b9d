"""`new NAME --plan 2026-2030 --from RUN`: the scenario of the next plan, begun at the last year that a run knows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from demo_sim.errors import InputError, Problem
from demo_sim.files import hindrance, is_file
from demo_sim.scenario.loading import load
from demo_sim.scenario.merge import find_scenario
from demo_sim.scenario.messages import Problems, make_problem
from demo_sim.scenario.place_starter import PLAN, national_set, plan_years
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shipped_folder, shown_path
from demo_sim.scenario.starter import write_files

_MANIFEST = "manifest.json"
MOST_BYTES = 50_000_000

_SCENARIO = """\
# {title_zh}：{first}—{last}年规划。从 {run} 的{year}年末接着推算，存量、人群和人口都从那一年末开始。
# {title_en}: plan {first}-{last}, begun at the year-end {year} of {run}: people, groups and stocks go on from there.
#   demo-sim validate {name}.yaml
#   demo-sim run {name}.yaml
# 上一规划的指标与本规划的指标在同一次运行中判定。规划指标写在 catalog/plans/{id}.yaml。
# Targets of the plan before and of this one are judged in one run; those of this one stand in catalog/plans/{id}.yaml.
extends: {extends}
name: {name}
title: {{zh: "{title_zh}（{first}—{last}年规划）", en: "{title_en}, plan {first}-{last}"}}
period: {{base: {start}-01-01, start: {start}, end: {end}}}
catalog: [{catalog}]

population:
  from_run: {run}
  year: {year}
  status: derived
  source: "{source}"

plan: [{plans}]

# 规划提出的新增写在这里，逐年填写（去掉行首的“# ”）；同一次运行给出自然趋势（不含这些措施）和落实规划两栏。
# Measures of the plan, by year (take away the leading "# "); one run says what comes without them, and with them.
# supply:
#   institution_beds:
#     pipeline:
#       value: {{openings_per_year: {{{start}: 0, {last}: 0}}, conversions_per_year: {{{start}: 0, {last}: 0}}}}
#       source: 规划文本 / the plan
#       status: plan
#   caregivers:
#     trainings: {{value: {{{start}: 0, {last}: 0}}, source: 规划文本 / the plan, status: plan}}
"""


def write_next(source: str, plan: str, run: str, folder: Path) -> list[Path]:
    """Files of the next plan's scenario, in a folder of its own; nothing is overwritten.

    Parameters
    ----------
    source : scenario that was run: a path, the name of one that ships, or a place
    plan : years of the next plan, `2026-2030`
    run : folder of the saved run
    folder : where the new folder is made

    Returns
    -------
    The files, the scenario last.

    Raises
    ------
    InputError
        There is no such run, it is one of another scenario or holds no year-end before the plan, or the folder exists.
    WriteError
        The folder cannot be written to.
    """
    first, last = plan_years(plan)
    said = _manifest(Path(run))
    scenario = load(source)
    if said["name"] != scenario.name:
        zh = f"“{run}”是情景 {said['name']} 的运行结果，不是 {scenario.name} 的"
        en = f'"{run}" is a run of {said["name"]}, not of {scenario.name}'
        raise InputError([Problem("--from", 0, "", zh, en)])
    period, known = scenario.settings.period, int(said.get("known_until") or 0)
    year = min(known, first - 1, period.end)
    if year < period.start - 1 or not known:
        zh = f"“{run}”没有 {first - 1} 年末以前的已知数"
        en = f'"{run}" knows no year-end up to {first - 1}'
        raise InputError([Problem("--from", 0, "", zh, en)])
    name = f"{scenario.name}-{first}-{last}"
    own = folder / name
    if own.exists():
        raise InputError([make_problem(Location(shown_path(own), 0), "exists")])

    def beside(path: Path) -> str:
        return Path(os.path.relpath(path, own)).as_posix()

    title = scenario.title
    folders = [beside(path) for path in scenario.catalog.folders if not path.is_relative_to(shipped_folder())]
    words = {
        "title_zh": title.zh, "title_en": title.en, "name": name, "id": name, "first": first, "last": last,
        "year": year, "start": year + 1, "end": max(period.end, last), "run": beside(Path(run)),
        "extends": _extends(source, beside), "catalog": ", ".join([*folders, "catalog"]),
        "plans": ", ".join([*dict.fromkeys([*scenario.settings.plan, name, *national_set(first)])]),
        "source": f"{scenario.name} 运行结果，{year}年末 / run of {scenario.name}, year-end {year}",
    }  # fmt: skip
    file = own / "catalog" / "plans" / f"{name}.yaml"
    text = PLAN.format(full=title.zh, zh=title.zh, code=scenario.name, years=f"{first}-{last}", last=last)
    contents = {file: text.encode("utf-8"), own / f"{name}.yaml": _SCENARIO.format(**words).encode("utf-8")}
    write_files(contents)
    return list(contents)


def _extends(source: str, beside: Any) -> str:
    """The scenario as a file in the new folder names it: a path of the user's, else the name or the code."""
    found = find_scenario(source, Problems())
    ours = found is not None and not found.resolve().is_relative_to(shipped_folder().resolve())
    return str(beside(Path(source))) if ours else f'"{source}"'


def _manifest(run: Path) -> dict[str, Any]:
    file = run / _MANIFEST
    if hinders := hindrance(file, MOST_BYTES):
        raise InputError([Problem("--from", 0, run.as_posix(), *hinders)])
    if not is_file(file):
        zh, en = "此处没有已保存的运行结果", "no saved run is here"
        raise InputError([Problem("--from", 0, run.as_posix(), zh, en)])
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {"name": str(found["name"]), "known_until": found.get("known_until")}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        zh, en = "manifest.json 已损坏", "manifest.json is damaged"
        raise InputError([Problem("--from", 0, run.as_posix(), zh, en)]) from error
