"""The verbs that make parts of a run, for the tasks of a job array, and bring them together."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from demo_sim.block.failing import Failed
from demo_sim.block.kept import Kept
from demo_sim.errors import InputError, Problem, WriteError
from demo_sim.execution.helpers import Helpers
from demo_sim.plot.text import text
from demo_sim.provenance import provenance
from demo_sim.results import Results
from demo_sim.results.folders import BEGUN, BLOCKS
from demo_sim.results.manifest import input_digest, read_json
from demo_sim.run import METHOD_VERSION, carry_out_part, prepare
from demo_sim.running import How, progress, run_command, taken, tell_compiling
from demo_sim.scenario import Scenario, load

PART = "part.json"  # in the folder of a part: which of how many, of which run


def part_command(
    scenario: Scenario,
    source: str,
    overrides: Sequence[str],
    out: Path | None,
    how: How,
    helpers: Helpers,
    shard: str,
) -> list[Failed]:
    """Make one part of a run, for a task of a job array; `merge` makes the run of all parts.

    Gives the draws that fail, after naming them.

    Parameters
    ----------
    source : path or name that it was loaded by
    shard : `i/N`, the i-th of N parts; others as in `run_command`
    """
    part, of = _numbered(shard)
    notes = Console(stderr=True)
    folder = out or Path("results") / f"{scenario.name}.shard-{part}-of-{of}"
    told = json.dumps(list(overrides), ensure_ascii=False)
    inputs, size = prepare(scenario, how.engine, how.threads, helpers.processes)
    attrs = provenance(scenario, size) | {"overrides": told}
    lang = how.lang
    begun = f"{METHOD_VERSION} {input_digest(attrs)}"
    _require_own_part(folder, begun)
    with taken(folder, begun, how.resume, helpers, notes, lang) as place:
        if how.engine == "people":
            tell_compiling(notes, lang)
        with progress(notes, lang) as tell:
            failed = carry_out_part(inputs, size, part, of, Kept(place.blocks), tell, helpers)
        file = Path(source)
        whole = {
            "scenario": str(file.resolve()) if file.is_file() else source,
            "overrides": list(overrides),
            "engine": how.engine,
            "part": part,
            "of": of,
        }
        (place.half / PART).write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
        written = place.put(with_blocks=True)
    words = f"第 {part}/{of} 部分已写入 {written}", f"part {part} of {of} written to {written}"
    Console().print(text(lang, *words))
    for one in failed:
        notes.print(text(lang, f"抽样{one.number}失败：{one.text_zh}", f"draw {one.number} fails: {one.text_en}"))
    return failed


def merge_command(parts: Sequence[Path], out: Path | None, how: How, helpers: Helpers) -> Results:
    """Make the run of which all parts were made; its folder is that of the whole run. Others as in `run_command`."""
    told = [_part(folder) for folder in parts]
    first = told[0]
    for folder, other in zip(parts, told, strict=True):
        for key, zh, en in (("begun", "输入、种子或方法", "inputs, seed or method"), ("of", "份数", "number of parts")):
            if other[key] != first[key]:
                raise _wrong(folder, f"{zh}与 {parts[0]} 不同", f"other {en} than {parts[0]}")
    missing = sorted(set(range(1, first["of"] + 1)) - {one["part"] for one in told})
    if missing:
        listed = ", ".join(f"{number}/{first['of']}" for number in missing)
        raise _wrong(parts[0], f"缺第 {listed} 部分", f"lacks the parts {listed}")
    scenario = load(first["scenario"], first["overrides"])
    _, size = prepare(scenario, first["engine"], how.threads, helpers.processes)
    attrs = provenance(scenario, size) | {"overrides": json.dumps(first["overrides"], ensure_ascii=False)}
    if first["begun"] != f"{METHOD_VERSION} {input_digest(attrs)}":
        zh, en = "情景或其数据在分算之后改动过", "the scenario or its data were changed after the parts were made"
        raise _wrong(parts[0], zh, en)
    blocks = [folder / BLOCKS for folder in parts]
    how = replace(how, engine=first["engine"])
    return run_command(scenario, first["overrides"], out, how, helpers, parts=blocks)


def _require_own_part(folder: Path, begun: str) -> None:
    """Refuse a folder that holds something else than the part of such a run."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    file = folder / BLOCKS / BEGUN
    if not file.is_file() or file.read_text(encoding="utf-8", errors="replace") != begun:
        raise WriteError(
            f"{folder} 已存在，且不是同一次运行的部分；请用 --out 指定另一个文件夹",
            f"{folder} exists and is no part of such a run; name another folder with --out",
        )


def _part(folder: Path) -> dict[str, Any]:
    """What a part says of itself."""
    told = read_json(folder / PART)
    try:
        told["begun"] = (folder / BLOCKS / BEGUN).read_text(encoding="utf-8")
        named = [told["scenario"], told["engine"], *told["overrides"]]
        if all(isinstance(one, str) for one in named) and 1 <= int(told["part"]) <= int(told["of"]):
            return told
    except (OSError, ValueError, KeyError, TypeError):
        pass
    zh, en = "不是 run --shard 写出的部分", "no part that run --shard has written"
    raise _wrong(folder, zh, en)


def _numbered(shard: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", shard)
    part, of = (int(number) for number in found.groups()) if found else (0, 0)
    if not 1 <= part <= of:
        zh, en = f"“{shard}”应写作 i/N，如 2/8，i 从 1 到 N", f'"{shard}": write i/N, such as 2/8, i from 1 to N'
        raise InputError([Problem("--shard", 0, "", zh, en)])
    return part, of


def _wrong(folder: Path, zh: str, en: str) -> InputError:
    return InputError([Problem(str(folder), 0, "", zh, en)])
