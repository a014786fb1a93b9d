"""The text of a fitted block: how it came about, its seal, and what it gives to a scenario."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from demo_sim import __version__
from demo_sim.files import is_file
from demo_sim.fit.method import Outcome
from demo_sim.fit.spec import Task
from demo_sim.scenario.fitted import ABOUT, GIVES, SEAL, seal_of
from demo_sim.scenario.messages import Problems
from demo_sim.scenario.nodes import parse_yaml
from demo_sim.scenario.quantity import Location

_HEAD = (
    "# 由 demo-sim calibrate {spec} 写出，不要手改 / written by demo-sim calibrate {spec}: renew it, do not edit it\n"
)
_DIGITS = 8
_MADE_OF = ("made_by", "spec", "spec_sha256", "data")  # alike: the block must be alike


def block_text(task: Task, outcome: Outcome, files: Mapping[Path, bytes]) -> str:
    """YAML of the block, sealed.

    Parameters
    ----------
    task : spec and data
    outcome : of the fit
    files : tables written beside the block, with their contents
    """
    spec = task.spec
    about: dict[str, Any] = {
        "name": spec.name,
        "made_by": f"demo_sim {__version__}",
        "method": spec.method,
        "date": spec.date,
        "seed": spec.seed,
        "spec": task.file.name,
        "spec_sha256": task.digest,
        "data": [
            {"table": name, "file": table.file, "sha256": table.digest, "publisher": table.publisher}
            for name, table in task.tables.items()
        ],
        "loss": {"name": outcome.loss[0], "value": _rounded(outcome.loss[1])},
        "parameters": {
            name: {"value": _rounded(value)} | ({} if error is None else {"se": _rounded(error)})
            for name, (value, error) in outcome.parameters.items()
        },
    }
    if files:
        about["writes"] = [
            {"file": path.name, "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()
        ]
    publishers = "; ".join(dict.fromkeys(table.publisher for table in task.tables.values() if table.publisher))
    source = f"fitted ({spec.method}, {spec.date}) to: {publishers or 'tables of the spec'}"
    block = {ABOUT: about, GIVES: _sourced(outcome.gives, source, _known(task))}
    about[SEAL] = seal_of(_plain(_dumped(block)))
    return _HEAD.format(spec=task.file.name) + _dumped(block)


def block_hindrance(path: Path, text: str) -> str:
    """Why a file that is there is not written over, a message of the scenario's; empty where nothing hinders."""
    if not is_file(path):
        return ""
    there, new = _plain(path.read_text(encoding="utf-8", errors="replace")), _plain(text)
    if not isinstance(there, dict) or not isinstance(there.get(ABOUT), dict):
        return "fit_other_file"
    same = all(there[ABOUT].get(key) == new[ABOUT][key] for key in _MADE_OF)
    return "fit_another" if same and there != new else ""


def _dumped(block: Mapping[str, Any]) -> str:
    return yaml.safe_dump(block, sort_keys=False, allow_unicode=True, width=118, default_flow_style=None)


def _plain(text: str) -> Any:
    """The same as a scenario reads it: keys are text."""
    node = parse_yaml(text, Location("", 1), Path(), Problems())
    return None if node is None else node.plain()


def _rounded(value: float) -> float:
    """Eight digits, and nothing of what rounding leaves: the same on every machine."""
    return 0.0 if abs(value) < 1e-12 else float(f"{value:.{_DIGITS}g}")


def _known(task: Task) -> int:
    """Last year-end that the fit rests on: a run that may not know it leaves the block's numbers out."""
    years = [int(table["year"].max()) for table in task.tables.values() if "year" in table.columns]
    told = int(task.spec.date[:4])  # a table of years to come was known when it was published
    return min(max(years, default=told), told, getattr(task.options, "until", 9999))


def _sourced(gives: Mapping[str, Any], source: str, known: int) -> dict[str, Any]:
    """Entries with source, status and last year known; a name of a table stays as it is."""
    return {
        key: value | {"source": source, "status": "fitted", "known": known}
        if isinstance(value, dict) and "value" in value
        else value
        for key, value in gives.items()
    }
