"""What may be opened of what a user names: regular files of a sane size, nothing that never ends or waits."""

from __future__ import annotations

import os
import stat
from pathlib import Path

MOST_TEXT = 64 << 20  # bytes of a scenario or a table; the largest shipped has under one million
MOST_DOCUMENT = 64 << 20
MOST_RUN = 64 << 30
LONGEST_NAME = 200  # bytes; file systems take 255, and names get endings


def hindrance(path: Path, most: int) -> tuple[str, str] | None:
    """Why a file that is there should not be opened, in Chinese and English; None where it may, or is not there."""
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        return "文件名含有不允许的字符", "the name has a character that no file name can have"
    except OSError as error:
        return f"无法打开：{error.strerror}", f"cannot be opened: {error.strerror}"
    if not stat.S_ISREG(found.st_mode):
        return "不是普通文件（是文件夹、管道或设备）", "no regular file (a folder, a pipe or a device)"
    if found.st_size > most:
        has, may = found.st_size / 2**20, most / 2**20
        return f"文件过大：{has:,.0f} MB，最多 {may:,.0f} MB", f"too large: {has:,.0f} MB, {may:,.0f} MB at most"
    return None


def is_file(path: Path) -> bool:
    """Whether a regular file is there; no name is too odd to ask."""
    return os.path.isfile(path)
