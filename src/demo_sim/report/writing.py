"""Writes the report of a run, or of several regions together."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from demo_sim.errors import InputError, Problem, WriteError
from demo_sim.execution.helpers import Helpers
from demo_sim.report.content import CONTENT, build_report, hang, with_parts
from demo_sim.report.html import html_page
from demo_sim.report.pictures import Pictures, pictures
from demo_sim.report.slides import pptx_bytes
from demo_sim.report.tree import Report
from demo_sim.report.word import docx_bytes
from demo_sim.report.word_styles import open_template

if TYPE_CHECKING:
    from demo_sim.results import Results

FORMATS = ("html", "docx")  # that a run writes
ENDINGS = (*FORMATS, "pptx")


def write_report(
    results: Results | Sequence[Results],
    path: str | os.PathLike[str],
    lang: str = "zh",
    *,
    template: str | os.PathLike[str] | None = None,
    mask_below: int = 0,
    folders: Sequence[Path | None] | None = None,
    charts: Callable[[], Sequence[Pictures]] | None = None,
    only: Sequence[str] = (),
) -> Path:
    """Write the chapter of a run with its annex; the ending of the name, `.html`, `.docx` or `.pptx`, says for what.

    A page has the annex folded away at its end; of a Word document it is another beside it; slides have its charts, one
    a slide.

    Parameters
    ----------
    results : Results or several
        A run, or the runs of several regions, which share the file.
    path : path
        File to write.
    lang : {"zh", "en"}
        Language of all text.
    template : path, optional
        A Word document or template (.docx, .dotx) of the office: its styles, page and head are used, the report
        follows its text. For slides, a file of slides (.pptx) with its master.
    mask_below : int
        Counts of persons and households below this are withheld, 0 for none.
    folders : sequence of path, optional
        Run folders of the results, whose charts are used where they are in `lang`.
    charts : function, optional
        Gives the charts of each run where somebody else draws them; asked for when the text is made.
    only : sequence of str
        Parts of the chapter: summary, population, groups, demand, supply, targets, measures, uncertainty, annex; all
        of them where none is named.

    Returns
    -------
    Path
        The file written, without its annex.

    Raises
    ------
    InputError
        The template is no Word document (no slides), or the ending or a part is unknown.
    WriteError
        The file cannot be written.
    """
    return write_formats(
        results, [path], lang, template=template, mask_below=mask_below, folders=folders, charts=charts, only=only
    )[0]


def write_formats(
    results: Results | Sequence[Results],
    paths: Sequence[str | os.PathLike[str]],
    lang: str = "zh",
    *,
    template: str | os.PathLike[str] | None = None,
    mask_below: int = 0,
    folders: Sequence[Path | None] | None = None,
    charts: Callable[[], Sequence[Pictures]] | None = None,
    only: Sequence[str] = (),
) -> list[Path]:
    """Write a report to several files, as `write_report` writes one; the charts are drawn once.

    Beside each Word document lies its annex, `annex.docx` or `<name>-annex.docx`; all files written are given.
    """
    files = [_checked(Path(path)) for path in paths]
    of_slides = [file for file in files if file.suffix.lower() == ".pptx"]
    others = [file for file in files if file not in of_slides]
    for part in only:
        if part not in CONTENT:
            zh, en = (
                f"“{part}”不是报告的部分；有：{'、'.join(CONTENT)}",
                f'"{part}" is no part of a report; there are: ',
            )
            raise InputError([Problem("", 0, "only", zh, f"{en}{', '.join(CONTENT)}")])
    if template is not None and others:
        open_template(Path(template), lang)  # drawing takes seconds; what is wrong is said before
    runs = list(results) if isinstance(results, Sequence) else [results]
    with ExitStack() as stack:
        if charts is None and others:
            charts = stack.enter_context(pictures(runs, lang, folders or [None] * len(runs)))
        reports = [build_report(run, lang, mask_below) for run in runs]  # while the charts are drawn
        if of_slides:
            content = pptx_bytes(runs, [with_parts(r, only) for r in reports], lang, template, mask_below)
            for file in of_slides:
                _put(content, file)
        if charts is None:
            return of_slides
        found = [of_run.without_small(mask_below) for of_run in charts()]
        return [*of_slides, *write_built(reports, found, others, lang, template, only)]


def write_built(
    reports: Sequence[Report],
    charts: Sequence[Pictures],
    files: Sequence[Path],
    lang: str,
    template: str | os.PathLike[str] | None = None,
    only: Sequence[str] = (),
    helpers: Helpers | None = None,
) -> list[Path]:
    """Write reports that are made already, with their charts, to several files, each with its annex."""
    for report, of_run in zip(reports, charts, strict=True):
        hang(report, of_run.titles)
    reports = [with_parts(report, only) for report in reports]
    trees = []
    for file in files:
        trees.append((reports, file))
        behind = [report.annex for report in reports if report.annex is not None]
        if behind and file.suffix.lower() == ".docx":  # the page has it folded away
            trees.append((behind, annex_of(file)))
    write = partial(_write_one, charts=charts, lang=lang, template=template)
    return list((helpers or Helpers(0)).begin(write, trees, ahead=True))


def annex_of(file: Path) -> Path:
    """Where the annex of a document lies: beside it."""
    return file.with_name("annex.docx" if file.stem == "report" else f"{file.stem}-annex.docx")


def _write_one(
    tree: tuple[Sequence[Report], Path],
    charts: Sequence[Pictures | None],
    lang: str,
    template: str | os.PathLike[str] | None,
) -> Path:
    reports, file = tree
    write_tree(reports, charts, file, lang, template)
    return file


def write_tree(
    reports: Sequence[Report],
    charts: Sequence[Pictures | None],
    file: Path,
    lang: str,
    template: str | os.PathLike[str] | None = None,
) -> None:
    """Write content trees to a file; its ending says for what."""
    if _checked(file).suffix.lower() == ".html":
        content = html_page(reports, charts, lang).encode("utf-8")
    else:
        content = docx_bytes(reports, charts, lang, None if template is None else Path(template))
    _put(content, file)


def _checked(file: Path) -> Path:
    if file.suffix.lower().removeprefix(".") not in ENDINGS:
        zh, en = "报告文件须以 .html、.docx 或 .pptx 结尾", "the name of a report ends in .html, .docx or .pptx"
        raise InputError([Problem(str(file), 0, "", zh, en)])
    return file


def _put(content: bytes, file: Path) -> None:
    """Write a file whole or not at all."""
    partial = file.with_name(f"{file.name}.partial")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        os.replace(partial, file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise WriteError(
            f"无法写入 {file}：{error}；如果该文件正在 Word、WPS 或浏览器中打开，请先关闭",
            f"cannot write {file}: {error}; close it first where it is open in Word, WPS or a browser",
        ) from error
