"""Random draws that cannot be made are told apart, so that the others of a run come to an end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from demo_sim.errors import DemoSimError, DrawsError, TooLargeError, WriteError

Work = Callable[[np.ndarray], Any]
_OF_THE_MACHINE = (MemoryError, OSError, TooLargeError, WriteError)  # no draw is to blame


@dataclass(frozen=True)
class Failed:
    """A random draw that fails whichever others go with it, and the error in Chinese and English."""

    number: int
    text_zh: str
    text_en: str

    @classmethod
    def of(cls, number: int, error: Exception) -> Failed:
        """The draw with this error."""
        if isinstance(error, DemoSimError):
            return cls(number, error.text_zh, error.text_en)
        told = f"{type(error).__name__}: {error}"
        return cls(number, told, told)


def one_by_one(work: Work, numbers: np.ndarray) -> list[tuple[np.ndarray, Any]]:
    """What is made of some draws: as one block, or where it fails as several, and `Failed` of single draws.

    Parameters
    ----------
    work : makes a block of the draws with some numbers
    numbers : of the draws

    Raises
    ------
    Exception
        A draw at stated values fails, or the machine does.
    """
    try:
        return [(numbers, work(numbers))]
    except _OF_THE_MACHINE:
        raise
    except Exception as error:
        if numbers.size > 1:
            middle = numbers.size // 2
            return one_by_one(work, numbers[:middle]) + one_by_one(work, numbers[middle:])
        if numbers[0] < 0:
            raise
        return [(numbers, Failed.of(int(numbers[0]), error))]


def require_some(failed: Sequence[Failed], draws: int) -> None:
    """Refuse a run all of whose random draws fail."""
    if draws and len({one.number for one in failed if one.number < draws}) >= draws:
        first = min(failed, key=lambda one: one.number)
        raise DrawsError(
            f"{draws}次抽样全部失败（中心方案可以算出）；抽样{first.number}：{first.text_zh}",
            f"all {draws} draws fail (the run at stated values does not); draw {first.number}: {first.text_en}",
        )
