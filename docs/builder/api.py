"""Reference of the functions: the public names, drawn up by numpydoc from their docstrings."""

from __future__ import annotations

import demo_sim

_GROUPS = {
    "Scenarios and runs": ("load", "Scenario", "run", "simulate", "open_results", "Results"),
    "What a run says": ("check_targets", "compare", "write_report"),
    "Places, tables and forms": ("places", "import_table", "request_form"),
    "Fits and back-tests": ("fit", "backtest"),
    "Errors": ("InputError",),
}
_CHARTS = ("figures", "write_figure", "write_figures")


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
    charts = [name for name in demo_sim.plot.__all__ if name not in _CHARTS and name[0].islower()]
    parts += [
        "## Charts",
        "Each takes a run and `lang`, and gives a matplotlib figure; each has `numbers(run)`, the table behind it. "
        "[Gallery](../gallery.md).",
        ", ".join(f"`ds.plot.{name}`" for name in charts),
        *(_auto(f"demo_sim.plot.{name}") for name in _CHARTS),
    ]
    return {"api.md": "\n\n".join(parts) + "\n"}


def _auto(name: str) -> str:
    classes = {"demo_sim.Scenario", "demo_sim.Results"}
    if name in classes:
        return f"```{{eval-rst}}\n.. autoclass:: {name}\n   :members:\n```"
    kind = "autoexception" if name.endswith("Error") else "autofunction"
    return f"```{{eval-rst}}\n.. {kind}:: {name}\n```"
