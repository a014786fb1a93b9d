"""`calibrate`: a spec becomes a fitted block, with a page of its charts beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from demo_sim.errors import InputError
from demo_sim.fit.block import block_hindrance, block_text
from demo_sim.fit.method import Ask, Outcome, Tell, named_series
from demo_sim.fit.methods import METHODS
from demo_sim.fit.page import fit_page
from demo_sim.fit.spec import Task, read_spec
from demo_sim.scenario.messages import make_problem
from demo_sim.scenario.quantity import Location
from demo_sim.scenario.shipped import shown_path
from demo_sim.scenario.starter import write_files
from demo_sim.wording import Text


@dataclass(frozen=True)
class Fit:
    """A fitted block as it was written.

    Attributes
    ----------
    task : spec and data
    outcome : parameters with standard errors, loss, entries, charts
    files : that were written: the block, its tables, the page
    """

    task: Task
    outcome: Outcome
    files: tuple[Path, ...]

    def lines(self, lang: str = "zh") -> list[str]:
        """What was found, as the verb prints it."""
        en = lang == "en"
        name, loss = self.outcome.loss
        method = METHODS[self.task.spec.method].title
        out = [f"{self.task.spec.name}: {method.en if en else method.zh}"]
        for key, (value, error) in self.outcome.parameters.items():
            spread = "" if error is None else f" ± {error:.4g}"
            out.append(f"  {named_series(key, lang)} = {value:.6g}{spread}")
        out.append(f"  {named_series(name, lang)} = {loss:.6g}")
        out += [f"  {note.en if en else note.zh}" for note in self.outcome.notes]
        return [*out, *(f"{'written' if en else '写出'}: {shown_path(path)}" for path in self.files)]


def fit(source: str | Path, *, lang: str = "zh", tell: Tell | None = None) -> Fit:
    """Fitted block of a spec; the Python twin of `demo-sim calibrate`.

    Parameters
    ----------
    source
        YAML file of the spec: tables, method, options, output.
    lang
        Language of the page with the charts.
    tell
        Called with words on how far the fit is.

    Raises
    ------
    InputError
        The spec or its data are wrong, do not allow the fit, or the block that is there was made from the same spec
        and data and says something else.
    WriteError
        The folder cannot be written to.
    """
    said = tell or (lambda _: None)
    task = read_spec(Path(source), METHODS)
    said(Text(f"{task.spec.name}：读入 {len(task.tables)} 张表", f"{task.spec.name}: {len(task.tables)} tables read"))
    rng = np.random.default_rng(task.spec.seed)
    try:
        outcome = METHODS[task.spec.method].make(Ask(task.tables, task.options, rng, said))
    except ValueError as error:
        zh, en = error.args if len(error.args) == 2 else (str(error), str(error))
        where = Location(shown_path(task.file), 1)
        raise InputError([make_problem(where, "no_fit", given=Text(zh, en))]) from error
    files = {task.output.with_suffix(f".{end}"): text.encode("utf-8") for end, text in outcome.files.items()}
    outcome.gives = {key: _named(value, task) for key, value in outcome.gives.items()}
    text = block_text(task, outcome, files)
    if hinders := block_hindrance(task.output, text):
        raise InputError([make_problem(Location(shown_path(task.output), 1), hinders)])
    files[task.output] = text.encode("utf-8")
    said(Text(f"{task.spec.name}：画图", f"{task.spec.name}: charts"))
    files[task.output.with_suffix(".html")] = fit_page(task, outcome, lang).encode("utf-8")
    write_files(files)
    return Fit(task, outcome, tuple(files))


def _named(value: object, task: Task) -> object:
    """An entry that names a table written beside the block, with the name of the file."""
    is_table = isinstance(value, str) and value.startswith("@")
    return task.output.with_suffix(f".{str(value)[1:]}").name if is_table else value
