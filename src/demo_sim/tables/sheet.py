"""A sheet of text cells: what every kind of file becomes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SheetRow:
    """A row with the number that its file gives it, and its cells as text."""

    line: int
    cells: list[str]

    def cell(self, column: int) -> str:
        """Cell of a column, counted from 0; empty beyond the end."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass
class InputSheet:
    """One sheet: rows that hold something, and for text files the comment lines before.

    `merged` are ranges of merged cells, first and last corner as (line, column from 0).
    """

    name: str
    rows: list[SheetRow]
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    comments: list[SheetRow] = field(default_factory=list)
    workbook: bool = False
