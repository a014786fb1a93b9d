"""Marks that turn a field of a settings model into a quantity or a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import core_schema

KEYS = ("year", "cohort", "sex", "residence", "age", "level", "name")


@dataclass(frozen=True)
class Numeric:
    """The field holds a quantity of this unit, within these bounds, differing by these keys.

    An empty unit takes the unit of what is written. Where `observed` is false the numbers are those of a rule, whatever
    their status: a year of theirs is never an observation that `known_until` hides. `status` is that of a number of
    which nothing is said. `inflow` marks what comes into a stock in a year: an office may report it of a coming year,
    which says nothing of what is known.
    """

    unit: str = ""
    low: float | None = None
    high: float | None = None
    keys: tuple[str, ...] = KEYS
    observed: bool = True
    status: str = "assumed"
    inflow: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.any_schema()

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        # The schema verb puts the reference to the form of quantities in its place.
        return {"quantity": {"unit": self.unit, "bounds": [self.low, self.high]}}

    def allows(self, value: float) -> bool:
        """Whether a number lies within the bounds."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    @property
    def bounds(self) -> str:
        """The bounds as a message shows them."""
        low = "-∞" if self.low is None else f"{self.low:g}"
        high = "∞" if self.high is None else f"{self.high:g}"
        return f"{low}..{high}"


@dataclass(frozen=True)
class TableFile:
    """The field names a CSV file with the columns of `layout`."""

    layout: str


class Frozen(BaseModel):
    """Base of all models read from YAML: frozen, strict, unknown keys refused."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True, defer_build=True
    )


class Label(Frozen):
    """Name in both languages; one that is written in one, as a text or under `zh`, serves both."""

    zh: str = Field(min_length=1)
    en: str = Field("", min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _one_for_both(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"zh": value, "en": value}
        if isinstance(value, dict) and "en" not in value and "zh" in value:
            return {**value, "en": value["zh"]}
        return value

    def text(self, lang: str) -> str:
        """Name in one language, `zh` or `en`."""
        return self.en if lang == "en" else self.zh


def described(zh: str, en: str, default: Any = None, **constraints: Any) -> Any:
    """Field with its manual entry in both languages; pass `...` as default where it is required."""
    return Field(default, description=en, json_schema_extra={"description_zh": zh}, **constraints)
