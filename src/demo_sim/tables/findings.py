"""What is said about a table: what is wrong, what is asked, what was understood; each with sheet, row and column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from demo_sim.errors import Problem
from demo_sim.tables.messages import MESSAGES
from demo_sim.wording import NONE, Text, filled

SHOWN_OF_A_KIND = 5


@dataclass(frozen=True)
class Spot:
    """A place in a table: row as the file counts it, column from 1; 0 where there is none."""

    line: int = 0
    column: int = 0


class Findings:
    """Collects findings about one sheet.

    Of what is wrong the first five of a kind are shown and the rest counted; of how cells were
    read the first of a kind, with the number of cells.

    Attributes
    ----------
    wrong : what stops the reading
    notes : what had one reading only and was read so; filled when `close` is called
    """

    def __init__(self, file: str, path: str = "", sheet: str = "") -> None:
        self.file = file
        self.path = path
        self.sheet = sheet
        self.wrong: list[Problem] = []
        self.notes: list[Problem] = []
        self._counts: Counter[str] = Counter()
        self._last: dict[str, int] = {}
        self._said: dict[str, tuple[int, Text]] = {}

    def refuse(self, key: str, line: int = 0, column: int = 0, **values: object) -> None:
        """Note what is wrong at a place."""
        self._counts[key] += 1
        self._last[key] = line
        if self._counts[key] <= SHOWN_OF_A_KIND:
            self.wrong.append(self._problem(line, self._text(key, line, column, values)))

    def note(self, key: str, line: int = 0, column: int = 0, **values: object) -> None:
        """Note how something was read."""
        self._counts[key] += 1
        if key not in self._said:
            self._said[key] = (line, self._text(key, line, column, values))

    def close(self) -> None:
        """Say how many were not shown; to be called once, at the end."""
        for key, line in self._last.items():
            if self._counts[key] > SHOWN_OF_A_KIND:
                more = filled(MESSAGES["more"], {"given": self._counts[key] - SHOWN_OF_A_KIND})
                self.wrong.append(self._problem(line, more))
        for key, (line, text) in self._said.items():
            times = self._counts[key]
            more = filled(MESSAGES["times"], {"given": times}) if times > 1 else NONE
            self.notes.append(self._problem(line, Text(text.zh + more.zh, text.en + more.en)))

    def _text(self, key: str, line: int, column: int, values: dict[str, object]) -> Text:
        cell, text = self.cell(line, column), filled(MESSAGES[key], values)
        return Text(cell.zh + text.zh, cell.en + text.en)

    def _problem(self, line: int, text: Text) -> Problem:
        return Problem(self.file, line, self.path, text.zh, text.en)

    def cell(self, line: int, column: int) -> Text:
        """A cell as a message names it: `[常住人口] C12`, or the column where the file is text."""
        if self.sheet:
            name = f"{letters(column)}{line}" if column and line else letters(column)
            here = f"[{self.sheet}]" + (f" {name}" if name else "")
            return Text(f"{here}：", f"{here}: ")
        return Text(f"第 {column} 列：", f"column {column}: ") if column else Text("", "")


def letters(column: int) -> str:
    """A column as spreadsheets name it.

    >>> letters(3), letters(28), letters(0)
    ('C', 'AB', '')
    """
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
