"""Folders of runs: written under another name, put in place without harm to what others put there."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from demo_sim.errors import WriteError
from demo_sim.files import LONGEST_NAME
from demo_sim.results.manifest import MANIFEST, input_digest, read_json, read_manifest

RUNNING = "running.json"  # in a folder that is being written: by which process of which machine
BLOCKS, BEGUN = "blocks", "begun.txt"  # folder of the blocks of a run, and of what inputs and method they are
_LONGEST_PATH = 3500
_ASKED_ABOUT, _DENIED, _STILL_ACTIVE = 0x1000, 5, 259  # of Windows: a right, an error, an exit code


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


@dataclass(frozen=True)
class RunPlace:
    """Where a run is written, and what was there when it began.

    A place has its name before anything is made, so that whoever is interrupted while it is made can remove it.

    Attributes
    ----------
    target : folder it is to be
    half : folder it is written in
    there : `seen` of the target
    """

    target: Path
    half: Path
    there: object

    @classmethod
    def of(cls, folder: str | Path) -> RunPlace:
        """A place for a run that is to be the folder; nothing is made yet."""
        target = absolute(folder)
        return cls(target, _named(target), seen(target))

    @property
    def blocks(self) -> Path:
        """Folder of the blocks that are kept until the run is whole."""
        return self.half / BLOCKS

    def take(self, begun: str, resume: bool = False) -> None:
        """Make the folder, and note what is begun there; with `resume` go on with what an interrupted run left.

        Parameters
        ----------
        begun : what tells inputs and method from others

        Raises
        ------
        WriteError
            The folder cannot be written to, or what is to be resumed was begun with other inputs or another method.
        """
        try:
            if not (resume and _taken_over(self.target, self.half, begun)):
                begin(self.half)
                self.blocks.mkdir()
                (self.blocks / BEGUN).write_text(begun, encoding="utf-8")
        except OSError as error:
            raise cannot_write(self.target, error) from error

    def leave(self) -> bool:
        """Remove what is half written; whether blocks are left, with which `--resume` goes on."""
        kept = self.blocks.is_dir() and any(self.blocks.glob("*.block"))
        for path in self.half.iterdir() if kept else ():
            if path.name not in (BLOCKS, RUNNING):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        if kept:
            with suppress(OSError):  # a full disk
                _sign(self.half, {})  # nobody writes here any more, though the process may live on
        else:
            shutil.rmtree(self.half, ignore_errors=True)
        return kept

    def put(self, with_blocks: bool = False) -> Path:
        """Rename the finished folder; gives the name it has now."""
        if not with_blocks:
            shutil.rmtree(self.blocks, ignore_errors=True)
        return put_in_place(self.half, self.target, self.there)


def _taken_over(target: Path, own: Path, begun: str) -> bool:
    """Whether an interrupted run of these inputs has left a folder, which has the name `own` now."""
    other = None
    for half in _partial(target):
        if not _abandoned(half):
            continue
        try:
            if (half / BLOCKS / BEGUN).read_text(encoding="utf-8") != begun:
                other = half
                continue
            os.rename(half, own)  # of two that want it one is quicker
        except OSError:
            continue
        _sign(own)
        return True
    if other is not None:
        raise WriteError(
            f"{other} 中未完成的运行所用的输入、种子或方法与本次不同，不能接着算；不加 --resume 则从头算起（并删除它）",
            f"the unfinished run in {other} was begun with other inputs, another seed or method and cannot go on; "
            "without --resume the run starts afresh (and removes it)",
        )
    return False


def begin(half: Path) -> None:
    """Make the folder that a run is written in; it says which process does."""
    half.mkdir(parents=True)
    _sign(half)


def _named(target: Path) -> Path:
    return target.with_name(f"{target.name}.partial-{secrets.token_hex(4)}")


def _sign(half: Path, process: Mapping[str, Any] | None = None) -> None:
    told = {"host": socket.gethostname(), **(_process(os.getpid()) if process is None else process)}
    aside = half / f"{RUNNING}.partial"  # a full disk leaves what was there
    aside.write_text(json.dumps(told), encoding="utf-8")
    os.replace(aside, half / RUNNING)


def _partial(target: Path) -> Iterator[Path]:
    yield from target.parent.glob(f"{_escaped(target.name)}.partial-*")


def _abandoned(half: Path) -> bool:
    """Whether the process that wrote here has ended, as far as this machine can tell."""
    told = read_json(half / RUNNING)
    same = {key: told.get(key) for key in ("pid", "since")}
    return told.get("host") == socket.gethostname() and _process(told.get("pid", 0)) != same


def remove_abandoned(target: Path) -> list[Path]:
    """Remove folders beside `target` that killed runs of this machine left; gives those that other machines left."""
    theirs = []
    for half in _partial(target):
        if read_json(half / RUNNING).get("host") != socket.gethostname():
            theirs.append(half)
        elif _abandoned(half):
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
    """Whether a process runs, where the system has no folder of them; in doubt it does."""
    if sys.platform == "win32":  # a signal would end it there
        kernel, code = ctypes.windll.kernel32, ctypes.c_ulong()
        handle = kernel.OpenProcess(_ASKED_ABOUT, False, pid)
        if not handle:
            return int(kernel.GetLastError()) == _DENIED
        known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return not known or code.value == _STILL_ACTIVE
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


def cannot_write(target: Path, error: OSError) -> WriteError:
    """What is said where a run folder cannot be written."""
    return WriteError(
        f"无法写入结果文件夹 {target}：{error}；请检查磁盘空间和权限，或用 --out 指定另一个文件夹",
        f"cannot write the run folder {target}: {error}; check free space and permissions, or name "
        "another folder with --out",
    )
