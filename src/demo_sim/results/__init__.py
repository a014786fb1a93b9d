"""Results of a run: the tree of arrays, quantiles, tables, saving, opening and the digest."""

from __future__ import annotations

import os

# A run is written to a folder of its own and read whole: no lock is needed, and not every file system grants one.
# The library of the format looks at it once, when it is loaded.
os.environ.setdefault("HDF5_USE_FILE_LOCKING", "FALSE")

from demo_sim.results.building import build
from demo_sim.results.digest import digest
from demo_sim.results.folders import check_folder
from demo_sim.results.manifest import file_hashes, input_digest, versions
from demo_sim.results.quantiles import statistics
from demo_sim.results.store import RUN_FILE, open_results, save
from demo_sim.results.tables import five_year, tables
from demo_sim.results.tree import Results

__all__ = [
    "RUN_FILE",
    "Results",
    "build",
    "check_folder",
    "digest",
    "file_hashes",
    "five_year",
    "input_digest",
    "open_results",
    "save",
    "statistics",
    "tables",
    "versions",
]
