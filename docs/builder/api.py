"""Reference of the functions: the public names, drawn up by numpydoc from their docstrings."""

from __future__ import annotations

from importlib import import_module

import demo_sim
from builder.markdown import code, table

_GROUPS = {
    "Scenarios and runs": ("load", "Scenario", "run", "simulate", "open_results", "Results"),
    "What a run says": ("check_targets", "compare", "write_report"),
    "Places, tables and forms": ("places", "import_table", "request_form"),
    "Fits and back-tests": ("fit", "backtest"),
    "Errors": ("InputError",),
}
_CHARTS = ("fan", "small_multiples", "figures", "write_figure", "write_figures")  # of `plot`, beside the charts


def pages() -> dict[str, str]:
    """The page, which Sphinx fills."""
    grouped = {name for names in _GROUPS.values() for name in names}
    assert grouped == set(demo_sim.__all__) - {"__version__", "plot"}, "a public name is on no list of this page"
    parts = [
        "# Python functions",
        "`import demo_sim as ds`; every name below is found on first use. Shares run from 0 to 1, persons are whole "
        "persons, ages completed years; what an array holds and in which unit says the [vocabulary](vocabulary.md).",
    ]
    for heading, names in _GROUPS.items():
        parts += [f"## {heading}", *(_auto(f"demo_sim.{name}") for name in names)]
    parts += [
        "## Charts",
        '`ds.plot.NAME(run, lang="zh", size="column")` draws one and gives a matplotlib figure. `size` is `column` '
        "(the text column of an A4 page), `slide` (16 by 9) or `inset` (what a slide shows below its own title). "
        "`ds.plot.NAME.numbers(run)` gives the table behind it, in the units that its columns name. "
        "[Gallery](../gallery.md).",
        table(("chart", "shows"), ((code(f"ds.plot.{name}"), _shows(name)) for name in charts())),
        *(_auto(f"demo_sim.plot.{name}") for name in _CHARTS),
    ]
    return {"api.md": "\n\n".join(parts) + "\n"}


def charts() -> list[str]:
    """Names of the charts."""
    return [name for name in demo_sim.plot.__all__ if name not in _CHARTS and name[0].islower()]


def _shows(name: str) -> str:
    """First sentence of the file that draws a chart."""
    return (import_module(f"demo_sim.plot.charts.{name}").__doc__ or "").strip().splitlines()[0]


def _auto(name: str) -> str:
    classes = {"demo_sim.Scenario", "demo_sim.Results"}
    if name in classes:
        return f"```{{eval-rst}}\n.. autoclass:: {name}\n   :members:\n```"
    kind = "autoexception" if name.endswith("Error") else "autofunction"
    return f"```{{eval-rst}}\n.. {kind}:: {name}\n```"
