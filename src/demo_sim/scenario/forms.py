"""Statistical forms in the catalogue: which row of a form is which figure, and which setting takes it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field

from demo_sim.scenario.block import Name
from demo_sim.scenario.checking import check_model
from demo_sim.scenario.fields import Frozen, Label, described
from demo_sim.scenario.messages import Problems
from demo_sim.scenario.nodes import read_yaml
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import catalog_folder, shown_path

FOLDER = "forms"


class FormRow(Frozen):
    """A row of a form."""

    id: str = described("编号", "id", ...)
    label: Name = described("名称", "name", ...)
    names: tuple[str, ...] = described(
        "表中的写法，去掉编号、“其中”和单位；“上级/名称”表示上面的标题须含“上级”",
        "how the row is written, without numbering, 其中 and unit; HEADING/NAME asks for a heading above",
        ...,
        min_length=1,
    )
    unit: Literal["persons", "beds", "units", "households", "couples", "cases", "m2", "money", "rate"] = described(
        "单位", "unit, whatever multiple of it the form prints", ...
    )
    into: str | None = Field(
        None,
        pattern=r"^(groups\.\w+|supply\.\w+\.\w+)$",
        description="setting that takes the figure",
        json_schema_extra={"description_zh": "填入情景的哪一项，如 groups.orphans、supply.caregivers.stock"},
    )
    residence: Literal["urban", "rural"] | None = described(
        "该行是城镇还是乡村的数", "the part of the setting that the row gives"
    )
    kind: Literal["beds", "staff", "stock"] | None = described("supply 条目的种类", "kind of the entry under supply")
    codes: tuple[str, ...] = described("用过的代码，只作核对", "codes that it had, for a check alone", ())


class Form(Frozen):
    """A form: its rows."""

    id: str = described("编号", "id", ...)
    title: Label = described("名称，中英文", "name in both languages", ...)
    rows: tuple[FormRow, ...] = described("各行", "its rows", ..., min_length=1)


def read_forms(folders: Iterable[Path], problems: Problems) -> list[FormRow]:
    """Rows of the forms of the catalogue, and of `forms/` in folders of the user; these win by id.

    Parameters
    ----------
    folders
        Catalogue folders of the user; those that are not there are passed over.
    problems
        Takes what is wrong in any of the files.
    """
    rows: dict[str, FormRow] = {}
    for folder in (catalog_folder(), *folders):
        for file in sorted((folder / FOLDER).glob("*.yaml")):
            node = read_yaml(file, problems)
            form = None if node is None else check_model(node, Form, problems)
            if form is None:
                continue
            for row in form.rows:
                if row.into is not None and row.into.startswith("supply.") and row.kind is None:
                    problems.add(Location(shown_path(file), 0, row.id), "needs", given="into", allowed="kind")
                rows[row.id] = row
    return list(rows.values())
