"""Damaged tables: whatever is in a file, `import` reads it or refuses it in words."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.importing import FIGURES, TABLE_KINDS, import_table
from demo_sim.sense import notices
from demo_sim.sense.show import implied_lines

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))
from office_form import form
from table_shapes import SHAPES, Cells, side_by_side, write_book, write_text

MINIMAL = Path(__file__).resolve().parents[1] / "bad" / "minimal" / "minimal.yaml"
ROUNDS = 150  # of each kind of damage; more were tried when the room was built
ODD = [
    "", " ", "合计", "小计", "男", "女", "0岁", "100+", "2020年", "-", "…", ":", "1e400", "nan", "-3", "35%", "1.2万",
    "单位：万人", "注：", "\u202e", "=1+1", "#REF!", "男女", "85岁及以上", "18岁以下", "Y_OPEN", "12-", "0-4", "年龄",
    "乡村", "城镇", "١٢", "人口（万人）", "1月4日", "10**9", "'" * 40, "x" * 3000, "2020-05-09 00:00:00", "TRUE",
]  # fmt: skip


def bent(rows: Cells, chance: random.Random) -> Cells:
    """Rows with some cells, rows and columns changed, repeated, moved or lost."""
    rows = [list(row) for row in rows]
    for _ in range(chance.randint(1, 6)):
        i = chance.randrange(len(rows))
        k = chance.randrange(len(rows[i])) if rows[i] else 0
        change = chance.randrange(7)
        if change == 0 and rows[i]:
            rows[i][k] = chance.choice(ODD)
        elif change == 1 and len(rows) > 1:
            del rows[i]
        elif change == 2:
            rows.insert(i, list(chance.choice(rows)))
        elif change == 3:
            rows = [row[:k] + row[k + 1 :] for row in rows]
        elif change == 4:
            rows = [[*row[:k], chance.choice(ODD), *row[k:]] for row in rows]
        elif change == 5:
            rows[i] = [chance.choice(ODD) for _ in range(chance.randint(0, 8))]
        else:
            chance.shuffle(rows)
    return rows


def read(path: Path, chance: random.Random) -> bool:
    """Whether the file was read; anything but words is an error of the test."""
    kind = chance.choice([None, *TABLE_KINDS]) if chance.random() < 0.3 else "population"
    try:
        import_table(path, kind=kind, unit=chance.choice([None, None, "万人", "‰"]))
    except InputError as error:
        assert error.problems and all(problem.text_zh and problem.text_en for problem in error.problems)
        return False
    return True


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_cells_changed(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    rows: Cells = [["某县人口", "", "", ""], ["单位：人", "", "", ""], *side_by_side(["年龄", "合计", "男", "女"])]
    rows = bent(rows, chance)
    if seed % 3:
        write_text([row or [""] for row in rows], tmp_path / "t.csv", chance.choice(["utf-8", "gb18030", "utf-16"]))
        read(tmp_path / "t.csv", chance)
    else:
        write_book(
            [[str(cell)[:3000] if isinstance(cell, str) else cell for cell in row] for row in rows], tmp_path / "t.xlsx"
        )
        read(tmp_path / "t.xlsx", chance)


@pytest.mark.parametrize("seed", range(ROUNDS // 3))
def test_forms_changed(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    write_text([row or [""] for row in bent(form(), chance)], tmp_path / "t.csv", "gb18030")
    try:
        import_table(tmp_path / "t.csv", kind=chance.choice([None, FIGURES, "population"]), out=tmp_path / "out")
    except InputError as error:
        assert error.problems and not (tmp_path / "out").exists()


@pytest.mark.parametrize("seed", range(ROUNDS // 3))
def test_named_in_a_scenario(seed: int, tmp_path: Path) -> None:
    """What `validate` passes can be described, whatever shape its tables have; and `import` gives the same table."""
    chance = random.Random(seed)
    rows: Cells = [["某县人口（人）", "", "", ""], *side_by_side(["年龄", "", "男", "女"])]
    rows = [row for row in rows if row[0] != "合计"]
    k, factor = chance.randint(2, 3), chance.choice([0, 1e-4, 1e-3, 0.2, 5.0, 1e9])
    column = [row[k] for row in rows[2:]]
    change = seed % 4
    if change == 0:
        column = [float(str(n)) * factor for n in column]
    elif change == 1:
        column = [0 if chance.random() < 0.7 else n for n in column]
    elif change == 2:
        column[chance.randrange(len(column))] = chance.choice(ODD)
    for row, cell in zip(rows[2:], column, strict=True):
        row[k] = cell
    rows = bent(rows, chance) if change == 3 else rows
    path = tmp_path / "t.csv"
    write_text([row or [""] for row in rows], path, "gb18030")
    try:
        scenario = ds.load(MINIMAL, [f"population.table={path.as_posix()}"])
    except InputError as error:
        assert error.problems and error.render("zh") and error.render("en")
        return
    assert implied_lines(scenario, "zh") and all(note.render("en") for note in notices(scenario))
    imported = import_table(path, kind="population", unit="人").tables["population"]
    assert imported.columns == scenario.tables["population.table"].columns


@pytest.mark.parametrize("shape", SHAPES)
def test_bytes_changed(shape: str, tmp_path: Path) -> None:
    write, ending = SHAPES[shape]
    path = tmp_path / f"whole.{ending}"
    write(path)
    whole = path.read_bytes()
    assert read(path, random.Random(3)) in (True, False)
    for seed in range(ROUNDS // 15):
        chance = random.Random(seed)
        data = bytearray(whole)
        for _ in range(chance.randint(1, 20)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 3)] = bytes(chance.randrange(256) for _ in range(chance.randint(0, 3)))
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        damaged = tmp_path / f"damaged.{ending}"
        damaged.write_bytes(bytes(data))
        read(damaged, chance)
