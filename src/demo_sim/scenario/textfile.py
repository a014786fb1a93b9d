"""Text files as users have them: UTF-8 with or without BOM, with a hint for the rest."""

from __future__ import annotations

from pathlib import Path

from demo_sim.files import MOST_TEXT, hindrance, is_file
from demo_sim.scenario.messages import NONE, Problems, nearest
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path


def read_text(path: Path, problems: Problems, asked_at: Location | None = None) -> str | None:
    """Text of a file, or None with a problem noted.

    Parameters
    ----------
    path
        The file.
    problems
        Takes what is wrong.
    asked_at
        Where the file is named; a missing file is reported there.
    """
    own = Location(shown_path(path), 0)
    if not can_be_read(path, problems, asked_at or own):
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.add(asked_at or own, "unreadable", given=error.strerror or type(error).__name__)
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    problems.add(Location(own.file, line), _encoding_message(data))
    return None


def can_be_read(path: Path, problems: Problems, asked_at: Location) -> bool:
    """Whether a regular file of a sane size is there; else the problem is noted where the file is named."""
    if hinders := hindrance(path, MOST_TEXT):
        zh, en = hinders
        problems.add_text(asked_at, f"{shown_path(path)}：{zh}", f"{shown_path(path)}: {en}")
    elif not is_file(path):
        siblings = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        near = nearest(path.name, siblings) if siblings else NONE
        problems.add(asked_at, "no_file", given=shown_path(path), near=near)
    else:
        return True
    return False


def _encoding_message(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf16"
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return "not_utf8"
    return "gbk" if any("\u4e00" <= char <= "\u9fff" for char in text) else "not_utf8"
