"""The page of one chart: title with the finding, subtitle, body of axes, notes, at fixed distances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from demo_sim.plot.style import (
    CM,
    INK,
    MUTED,
    NOTE_SIZE,
    SMALL_SIZE,
    TITLE_SIZE,
    WIDTH,
    ChartFigure,
)
from demo_sim.plot.text import shorten
from demo_sim.results.rounding import plain

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

PERCENT = 0.01  # divisor of an axis of shares
_PAD = 0.25
_LEADING = 1.32 * 2.54 / 72  # cm of line height for each point of font size
_XLABEL, _YLABEL = 0.55, 0.92  # cm from the frame to the words of an axis
_TITLE_SPACING = 1.12  # lines of Chinese characters touch at 1.0


@dataclass(frozen=True)
class _Page:
    """What a chart is laid out for: `height` cm, None where the chart takes what it needs; lines of each text."""

    height: float | None
    title_lines: int
    subtitle_lines: int
    note_lines: int


# Both are as wide as the text column. A slide of 16 by 9 cm is what LaTeX makes, and fills any screen of that shape.
# An inset is what a slide of a presentation program shows below its own title.
PAGES = {"column": _Page(None, 4, 4, 6), "slide": _Page(9.0, 3, 2, 1), "inset": _Page(7.4, 0, 2, 1)}
_current: ContextVar[str] = ContextVar("page", default="column")


@contextmanager
def page(size: str) -> Iterator[None]:
    """Lay out what is drawn inside for a column, a slide or an inset."""
    if size not in PAGES:
        raise ValueError(f"no page called {size!r}; there are: {', '.join(PAGES)}")
    token = _current.set(size)
    try:
        yield
    finally:
        _current.reset(token)


def current_page() -> str:
    """Return what charts are laid out for at present: column, slide or inset."""
    return _current.get()


@dataclass(frozen=True)
class FigureSheet:
    """A figure with its free body: `bottom` cm from the lower edge, `height` cm high."""

    figure: ChartFigure
    bottom: float
    height: float

    def axes(self, left: float, right: float, below: float = 0.9, above: float = 0.1) -> Axes:
        """Return axes whose frame lies between `left` and `right` cm, inside the body by the margins."""
        full_height = self.figure.get_figheight() / CM
        width, height = right - left, self.height - below - above
        ax = self.figure.add_axes(
            (left / WIDTH, (self.bottom + below) / full_height, width / WIDTH, height / full_height)
        )
        ax.xaxis.set_label_coords(0.5, -_XLABEL / height)
        ax.yaxis.set_label_coords(-_YLABEL / width, 0.5)
        return ax

    def legend(self, handles: list[Any], labels: list[str], columns: int) -> None:
        """Put a legend in one or more rows at the head of the body."""
        full_height = self.figure.get_figheight() / CM
        # Matplotlib fills a legend column by column; it is read row by row.
        order = [i for column in range(columns) for i in range(column, len(handles), columns)]
        self.figure.legend(
            [handles[i] for i in order],
            [labels[i] for i in order],
            loc="upper left",
            bbox_to_anchor=(_PAD / WIDTH, (self.bottom + self.height) / full_height),
            ncols=columns,
        )


def _texts(title: str, subtitle: str, notes: str) -> tuple[list[str], list[str], list[str], float, float]:
    """Return the lines of the three texts, and the cm taken by those above and below the body."""
    room, allowed = WIDTH - 2 * _PAD, PAGES[_current.get()]
    title_lines = shorten(title, room, TITLE_SIZE, allowed.title_lines) if allowed.title_lines else []
    subtitle_lines = shorten(subtitle, room, SMALL_SIZE, allowed.subtitle_lines)
    note_lines = [line for note in notes.split("\n") for line in shorten(note, room, NOTE_SIZE, allowed.note_lines)]
    head = (len(title_lines) * TITLE_SIZE + len(subtitle_lines) * SMALL_SIZE) * _LEADING + 0.55
    return title_lines, subtitle_lines, note_lines, head, len(note_lines) * NOTE_SIZE * _LEADING + 0.35


def room_for(title: str, subtitle: str, notes: str, most: float) -> float:
    """Return the height in cm that a body has on this page: `most`, or what the texts of a slide leave."""
    *_, head, foot = _texts(title, subtitle, notes)
    height = PAGES[_current.get()].height
    return most if height is None else height - head - foot


def on_page(items: Sequence[str], most: int, number: int, columns: int = 1) -> tuple[list[str], int]:
    """Return what stands on a page and how many pages there are: alike in size, the rows of each full but the last.

    Parameters
    ----------
    items : what stands on all pages together
    most : on a page
    number : of the page, from 1
    columns : of a row
    """
    pages = max(int(np.ceil(len(items) / most)), 1)
    each = int(np.ceil(len(items) / pages / columns)) * columns
    return list(items[(number - 1) * each : number * each]), pages


def new_sheet(title: str, subtitle: str, notes: str, body: float) -> FigureSheet:
    """Return a sheet as wide as the text column, as high as its texts and a body of `body` cm need.

    On a slide the body has the height that the texts leave.
    """
    title_lines, subtitle_lines, note_lines, head, foot = _texts(title, subtitle, notes)
    body = room_for(title, subtitle, notes, body)
    height = head + body + foot
    figure = ChartFigure(figsize=(WIDTH * CM, height * CM))
    figure.size, figure.sentence = _current.get(), title
    y = height - 0.15
    shared: dict[str, Any] = {"ha": "left", "va": "top"}
    figure.suptitle(
        "\n".join(title_lines),
        x=_PAD / WIDTH,
        y=y / height,
        fontsize=TITLE_SIZE,
        color=INK,
        ha="left",
        va="top",
        linespacing=_TITLE_SPACING,
    )
    y -= len(title_lines) * TITLE_SIZE * _LEADING + 0.12
    for line in subtitle_lines:
        figure.text(_PAD / WIDTH, y / height, line, fontsize=SMALL_SIZE, color=MUTED, **shared)
        y -= SMALL_SIZE * _LEADING
    y = foot - 0.2
    for line in note_lines:
        figure.text(_PAD / WIDTH, y / height, line, fontsize=NOTE_SIZE, color=MUTED, **shared)
        y -= NOTE_SIZE * _LEADING
    return FigureSheet(figure, foot, body)


def frame_size(ax: Axes) -> tuple[float, float]:
    """Return width and height of the frame of axes in cm."""
    box, figure = ax.get_position(), ax.get_figure(root=True)
    assert figure is not None
    return float(box.width * figure.get_figwidth() / CM), float(box.height * figure.get_figheight() / CM)


def year_ticks(ax: Axes, years: ArrayLike) -> None:
    """Mark the first and last year and those divisible by five, where they do not crowd."""
    all_years = np.asarray(years, dtype=int)
    first, last = int(all_years[0]), int(all_years[-1])
    step = 1 if last - first <= 6 else 5 if last - first <= 30 else 10
    between = [y for y in range(first, last + 1) if y % step == 0]
    ticks = [y for y in between if y - first >= step / 2 and last - y >= step / 2]
    ticks = sorted({first, *ticks, last}) if step > 1 else between
    ax.set_xticks(ticks, [str(y) for y in ticks])
    room = 0.0 if last > first else 0.5  # a single year stands in the middle
    ax.set_xlim(first - room, last + room)


def value_axis(ax: Axes, largest: float, divisor: float) -> None:
    """Set a value axis from zero to a round number above `largest`, with four to six marks."""
    signed_axis(ax, 0.0, largest, divisor)


def signed_axis(ax: Axes, lowest: float, largest: float, divisor: float) -> None:
    """Set a value axis from a round number below `lowest` (at most 0) to one above `largest`."""
    top = max(largest, 1e-12) / divisor * 1.04
    bottom = min(lowest, 0.0) / divisor * 1.04
    raw = (top - bottom) / 5
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    marks = np.arange(int(np.floor(bottom / step)), int(np.ceil(top / step)) + 1) * step
    ceiling = marks[-1]
    if divisor == PERCENT and largest <= 1.0 < ceiling * divisor:
        marks = marks[marks <= 1.0 / PERCENT]  # no share lies above all
        ceiling = max(marks[-1], top)
    decimals = 0 if step >= 1 and float(step).is_integer() else 1 if (step * 10).is_integer() else 2
    ax.set_yticks(marks * divisor, [plain(mark, decimals) for mark in marks])
    ax.set_ylim(marks[0] * divisor, ceiling * divisor)


def spread_labels(positions: ArrayLike, distance: float) -> np.ndarray:
    """Move labels apart to at least `distance`, keeping their order and, as far as possible, their place."""
    wanted = np.asarray(positions, dtype=float)
    order = np.argsort(wanted, kind="stable")
    placed = wanted[order]
    for _ in range(100):
        overlap = distance - np.diff(placed)
        if not (overlap > 1e-9 * distance).any():
            break
        for i in np.flatnonzero(overlap > 0):
            push = (distance - (placed[i + 1] - placed[i])) / 2
            if push > 0:
                placed[i] -= push
                placed[i + 1] += push
    result = np.empty_like(placed)
    result[order] = placed
    return result
