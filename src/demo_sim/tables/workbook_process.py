"""Sheets of a workbook in a process of its own: a workbook comes in as bytes, its cells go out as JSON.

On a damaged file the library in Rust panics, or ends the process that it runs in. This file is run as a program, and
imports nothing of the package, so that it starts at once.
"""

from __future__ import annotations

import datetime
import io
import json
import sys
from typing import Any

MOST_MEMORY = 4 << 30  # bytes: sheets of the size that is read take a fifth of it


def sheets(data: bytes) -> list[tuple[str, list[Any], list[Any]]] | None:
    """Name, rows (line, cells as text) and merged ranges of each sheet; None where a password is asked for."""
    from python_calamine import PasswordError, WorksheetNotFound, load_workbook

    found = []
    try:
        book = load_workbook(io.BytesIO(data))
        for name in book.sheet_names:
            try:
                sheet = book.get_sheet_by_name(name)
            except WorksheetNotFound:
                continue  # a sheet of charts
            texts = ([cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False))
            rows = [(line, row) for line, row in enumerate(texts, start=1) if any(row)]
            found.append((name, rows, sheet.merged_cell_ranges or []))
    except PasswordError:
        return None
    return found


def cell(value: Any) -> str:
    """A cell as text: whole numbers without a point, dates as ISO writes them."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return str(value).strip()


def main() -> None:
    """Read a workbook from the standard input."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):  # not on every system, nor above the limit of a job
        pass
    json.dump(sheets(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    main()
