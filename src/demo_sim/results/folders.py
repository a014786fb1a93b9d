"""Folders of runs: written under another name, put in place without harm to what others put there."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from demo_sim.errors import WriteError
from demo_sim.files import LONGEST_NAME
from demo_sim.results.manifest import MANIFEST, input_digest, read_manifest

RUNNING = "running.json"  # in a folder that is being written: by which process of which machine
_LONGEST_PATH = 3500


def absolute(folder: str | Path) -> Path:
    """The folder from the root on; refused where no file system could take its name."""
    target = Path(os.path.abspath(folder))
    if len(os.fsencode(target.name)) > LONGEST_NAME or len(os.fsencode(target)) > _LONGEST_PATH:
        raise WriteError(
            f"结果文件夹的名称太长（{target.name[:40]}…）；请用 --out 指定较短的名称",
            f"the name of the run folder is too long ({target.name[:40]}…); name a shorter one with --out",
        )
    return target


def check_folder(folder: str | Path, attrs: Mapping[str, Any], *, overwrite: bool = False) -> None:
    """Raise WriteError where a run with the provenance `attrs` may not be written to `folder`.

    An existing folder is accepted when it is empty, when it holds a run of the same inputs, or with
    `overwrite`. Called before a long run, it spares the user finding out afterwards.
    """
    target = absolute(folder)
    if not target.exists():
        return
    if not target.is_dir():
        raise WriteError(
            f"{target} 是一个文件，不能用作结果文件夹；请用 --out 指定另一个文件夹",
            f"{target} is a file and cannot be the run folder; name another folder with --out",
        )
    if not any(target.iterdir()):
        return
    if not overwrite and read_manifest(target).get("input_digest") != input_digest(attrs):
        raise WriteError(
            f"结果文件夹 {target} 已存在，且其输入与本次不同；"
            f"加 --overwrite 覆盖（原文件夹保留为 {target.name}.previous），或用 --out 指定另一个文件夹",
            f"the run folder {target} exists and was made from other inputs; give --overwrite (the old "
            f"folder is kept as {target.name}.previous) or name another folder with --out",
        )
    previous = _previous(target)
    if previous.exists() and not (previous / MANIFEST).is_file():
        raise WriteError(
            f"{previous} 不是本程序写出的结果文件夹，不会删除它；请先移走或改名",
            f"{previous} is no run folder and will not be deleted; move or rename it first",
        )


def begin(target: Path) -> Path:
    """A new folder beside `target`, to write in; it says which process does."""
    half = target.with_name(f"{target.name}.partial-{secrets.token_hex(4)}")
    half.mkdir(parents=True)
    (half / RUNNING).write_text(json.dumps({"host": socket.gethostname(), **_process(os.getpid())}), encoding="utf-8")
    return half


def remove_abandoned(target: Path) -> list[Path]:
    """Remove folders beside `target` that killed runs of this machine left; gives those that other machines left."""
    theirs = []
    for half in target.parent.glob(f"{_escaped(target.name)}.partial-*"):
        try:
            told = json.loads((half / RUNNING).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            told = {}
        if told.get("host") != socket.gethostname():
            theirs.append(half)
        elif _process(told.get("pid", 0)) != {key: told.get(key) for key in ("pid", "since")}:
            shutil.rmtree(half, ignore_errors=True)
    return theirs


def put_in_place(half: Path, target: Path, there: object) -> Path:
    """Rename a finished folder to `target`, what was `there` to `.previous`; gives the name it has now.

    Where another run has put its own there since, this one is `target-2`, or the next that is free.

    Parameters
    ----------
    there : `seen` of the target before the run
    """
    (half / RUNNING).unlink(missing_ok=True)
    previous = _previous(target)
    try:
        if there is not None and seen(target) == there:
            if previous.exists():
                shutil.rmtree(previous)
            os.replace(target, previous)
        for name in _names(target):
            try:
                if name.is_dir() and not any(name.iterdir()):
                    name.rmdir()
                if not name.exists():
                    os.rename(half, name)  # to a name that is taken by now it fails, but for an empty folder
                    return name
            except OSError:
                if not name.exists():  # else another run was quicker
                    raise
    except OSError as error:
        raise WriteError(
            f"结果已完整写入 {half}，但无法改名为 {target}（{error}）；"
            "请关闭正在使用该文件夹中文件的程序（如 Excel、WPS），再手工改名",
            f"the run is whole in {half} but cannot be renamed to {target} ({error}); close the "
            "programs that use files in that folder (Excel, WPS), then rename it by hand",
        ) from error
    raise AssertionError("names do not end")


def seen(target: Path) -> object:
    """What tells a folder from another one of the same name; None where there is none, or an empty one."""
    try:
        if not any(target.iterdir()):
            return None
        found = target.stat()
        return found.st_dev, found.st_ino, read_manifest(target).get("result_digest")
    except OSError:
        return None


def _names(target: Path) -> Iterator[Path]:
    yield target
    yield from (target.with_name(f"{target.name}-{number}") for number in count(2))


def _previous(target: Path) -> Path:
    return target.with_name(f"{target.name}.previous")


def _process(pid: int) -> dict[str, Any]:
    """A process and the moment it began, which tells it from a later one of the same number; without where it ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        return {"pid": pid, "since": stat.rpartition(")")[2].split()[19]}
    except (OSError, IndexError):
        pass
    if os.path.isdir("/proc/self"):
        return {}
    return {"pid": pid, "since": ""} if _alive(pid) else {}


def _alive(pid: int) -> bool:
    if os.name == "nt":  # a signal would end the process there: what cannot be known is taken to run
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid > 0


def _escaped(name: str) -> str:
    """A name as a pattern that means nothing but itself."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
