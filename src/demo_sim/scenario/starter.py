"""`new`: a commented starter scenario with tables that can be run at once and then be replaced."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from demo_sim.errors import InputError, WriteError
from demo_sim.files import LONGEST_NAME
from demo_sim.scenario.messages import make_problem
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shipped_folder, shown_path

_TABLES = {
    "population.csv": "hunan/population_2020.csv",
    "template.csv": "china/population_single_age.csv",
    "mx.csv": "china/mx.csv",
    "asfr.csv": "china/asfr.csv",
}

_TEXT = """\
# 起步情景：先运行，再把各项换成本地数据。以 # 开头的行是说明。
# A starter: run it, then put your own data in its place. Lines that start with # are comments.
#   demo-sim validate {name}.yaml
#   demo-sim explain {name}.yaml fertility.tfr
#   demo-sim run {name}.yaml
name: {name}
title: {{zh: {name}, en: {name}}}
region: {{concept: resident}}
period: {{base: 2020-11-01, start: 2021, end: 2035}}

# 表中现为湖南省2020年普查人口（6,644万人），只作格式示例：请换成本地的表（列：residence 可选，sex，age，population）。
# 若是中国的省、市、县，用 demo-sim new 名称或代码（如 demo-sim new 攸县）即得其普查人口。
# The table holds Hunan's census of 2020, 66 million people, to show the form: put yours in
# (columns residence, which may be left out, sex, age, population). For a place of China demo-sim new 430223 has them.
population:
  table: inputs/{name}/population.csv
  template: inputs/{name}/template.csv

# 预期寿命可按年份、性别填写；low、high 是第10和第90百分位。
# Life expectancy by year and sex; low and high are the 10th and 90th percentile of belief.
mortality:
  standard: inputs/{name}/mx.csv
  e0:
    2020: {{male: 76.0, female: 81.5}}
    2035: {{male: {{value: 78.5, low: 76.5, high: 80.5}}, female: {{value: 83.5, low: 81.5, high: 85.5}}}}
  source: 示例数值 / example
  status: assumed

fertility:
  tfr: {{2020: 1.3, 2025: 1.1, 2035: {{value: 1.15, low: 0.9, high: 1.4}}}}
  schedule: inputs/{name}/asfr.csv
  srb: {{2020: 1.12, 2035: 1.08}}
  source: 示例数值 / example
  status: assumed

# 全年净迁移人数（负数为净流出）；也可给表：table: inputs/{name}/migration.csv
# Net migrants a year (negative: more leave than come); or a table.
migration:
  net: 0

options: {{open_age: 100, on_negative: error}}
seed: 20210831
"""


def write_starter(name: str, folder: Path) -> list[Path]:
    """Files of a starter scenario, written to a folder; nothing is overwritten.

    Parameters
    ----------
    name
        Name of the scenario: `<name>.yaml`, with its tables under `inputs/<name>/`.
    folder
        Where to write.

    Raises
    ------
    InputError
        The name cannot be used, or a file of that name exists.
    WriteError
        The folder cannot be written to.
    """
    if not re.fullmatch(r"[\w-]+", name) or len(os.fsencode(name)) > LONGEST_NAME:
        raise InputError([make_problem(Location(name, 0), "bad_name", given=name)])
    scenario, tables = folder / f"{name}.yaml", folder / "inputs" / name
    taken = [path for path in (scenario, tables) if path.exists()]
    if taken:
        raise InputError([make_problem(Location(shown_path(path), 0), "exists") for path in taken])
    shipped = shipped_folder() / "inputs"
    contents = {tables / new: (shipped / old).read_bytes() for new, old in _TABLES.items()}
    # The scenario comes last: where it is, its tables are.
    contents[scenario] = _TEXT.format(name=name).encode("utf-8")
    write_files(contents)
    return list(contents)


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write new files one after the other, each under its name when it is whole.

    Raises
    ------
    WriteError
        A folder cannot be written to.
    """
    try:
        for path, data in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(path.name + ".partial")
            aside.write_bytes(data)
            os.replace(aside, path)
    except OSError as error:
        place = shown_path(Path(error.filename or next(iter(contents))))
        raise WriteError(f"无法写入 {place}：{error.strerror}", f"cannot write {place}: {error.strerror}") from error
