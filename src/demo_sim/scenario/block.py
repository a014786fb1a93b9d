"""What all blocks of settings share: provenance, and the kinds of number that come again and again."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

from demo_sim.scenario.fields import Frozen, Label, Numeric, described
from demo_sim.scenario.quantity import Quantity
from demo_sim.vocab import STATUSES

Status = Literal["published", "reported", "fitted", "derived", "plan", "assumed", "borrowed"]
assert get_args(Status) == STATUSES

YEARLY = ("year",)
SHARE = ("share", 0.0, 1.0)
MayBe = Quantity | None
Share = Annotated[MayBe, Numeric(*SHARE)]
YearlyShare = Annotated[MayBe, Numeric(*SHARE, keys=YEARLY)]
AnyNumber = Annotated[MayBe, Numeric()]
OfOffice = Annotated[MayBe, Numeric(status="reported")]  # a figure that an office knows
Count = Annotated[MayBe, Numeric("", 0.0, None)]


def _on_one_line(value: Any) -> Any:
    """A name stands on one line."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, dict):
        return {key: " ".join(text.split()) if isinstance(text, str) else text for key, text in value.items()}
    return value


Name = Annotated[Label, BeforeValidator(_on_one_line)]


class SettingsBlock(Frozen):
    """A block of settings with the provenance of the numbers written in it."""

    source: str = described("本节数值的出处", "where the numbers written in this block come from", "")
    status: Status = described(
        "本节数值的性质：plan 规划、published 公布、derived 推算、assumed 假设、borrowed 借用",
        "what the numbers of this block are: plan, published, derived, assumed, borrowed",
        "assumed",
    )


class TableBlock(SettingsBlock):
    """A block whose numbers may come as a table, of the project or as an agency prints it."""

    sheet: str | None = described("表所在的工作表", "sheet of the workbook that holds the table")
    unit: str | None = described(
        "表中数字的单位，表中未写明时填：人、千人、万人、‰",
        "unit of the numbers of the table where it does not say it: persons, thousands, 10000, per1000",
    )
