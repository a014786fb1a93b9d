"""What a plan asks of a run, and what the run answers: requirements, indicators, verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from demo_sim.results import Results


def check_targets(results: Results) -> pd.DataFrame:
    """Verdict on every target of the run's plans, one row for each reading.

    Parameters
    ----------
    results
        A run, from `simulate` or `open_results`.

    Returns
    -------
    DataFrame
        The columns of targets.csv. Shares are 0 to 1, all else is in the `unit` of its row; `value` is the run at
        stated values. A notebook shows it as the office's table.
    """
    from demo_sim.results.show import TargetTable

    table = TargetTable(results.targets)
    table.attrs["driver_labels"] = results.attrs.get("driver_labels", "")
    return table
