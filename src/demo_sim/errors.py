"""What can go wrong for a user: one class for each exit code, texts in Chinese and English.

Wrong input is never a traceback: every room collects `Problem`s and raises one `InputError`
with all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One finding about an input: where it stands and what is wrong, in both languages.

    `line` is 1-based; 0 means that the place has no line (a whole file, a command-line option).
    """

    file: str
    line: int
    path: str
    text_zh: str
    text_en: str

    def render(self, lang: str = "zh") -> str:
        """Line `file:line: path: message` in the given language."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = self.text_en if lang == "en" else self.text_zh
        return ": ".join(part for part in (place, self.path, text) if part)


class DemoSimError(Exception):
    """Base of the errors a user meets; `exit_code` is what the command line returns."""

    exit_code = 1

    def __init__(self, text_zh: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_zh = text_zh
        self.text_en = text_en

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: a worker's error reaches the process that sent it."""
        return type(self), (self.text_zh, self.text_en)

    def render(self, lang: str = "zh") -> str:
        """Message in the given language, `zh` or `en`."""
        return self.text_en if lang == "en" else self.text_zh


class InputError(DemoSimError):
    """Input is wrong; holds every problem of every file read.

    Attributes
    ----------
    problems
        Each finding with file, line (0 where there is none), path of the setting, and text in both languages.
    """

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(dict.fromkeys(problems))
        super().__init__(
            "\n".join(problem.render("zh") for problem in self.problems),
            "\n".join(problem.render("en") for problem in self.problems),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


class TooLargeError(DemoSimError):
    """The run does not fit this machine; the text says what would."""

    exit_code = 3


class WriteError(DemoSimError):
    """Output cannot be written."""

    exit_code = 4


class DrawsError(DemoSimError):
    """Random draws failed; each is named."""

    exit_code = 6


class IdentityError(DemoSimError):
    """An internal identity (an accounting check) failed: the result must not be used."""

    exit_code = 5
