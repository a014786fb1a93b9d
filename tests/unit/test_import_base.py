"""Which scenario of a folder an import begins from."""

from __future__ import annotations

from pathlib import Path

import pytest
from table_shapes import SHAPES

import demo_sim as ds

COUNTY = 'place: "430223"\n'


def people(folder: Path) -> Path:
    """A table of people, in one of the shapes in which they come."""
    name, (write, ending) = next(iter(SHAPES.items()))
    path = folder / f"{name}.{ending}"
    write(path)
    return path


@pytest.mark.parametrize("others", [[], ["mine"], ["mine", "what_if"]])
def test_scenarios_of_ones_own_beside_it_change_nothing_of_the_next_import(others: list[str], tmp_path: Path) -> None:
    """What extends `imported.yaml`, or another file of the folder, is not what an import begins from."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "county.yaml").write_text(COUNTY, encoding="utf-8")
    before = "imported.yaml"
    for name in others:
        (out / f"{name}.yaml").write_text(f"extends: {before}\nname: {name}\n", encoding="utf-8")
        before = f"{name}.yaml"
    ds.import_table(people(tmp_path), kind="population", out=out)
    assert "extends: county.yaml" in (out / "imported.yaml").read_text(encoding="utf-8").splitlines()


def test_of_two_scenarios_that_stand_alone_none_is_taken(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("one", "two"):
        (out / f"{name}.yaml").write_text(COUNTY, encoding="utf-8")
    ds.import_table(people(tmp_path), kind="population", out=out)
    assert "extends:" not in (out / "imported.yaml").read_text(encoding="utf-8")
