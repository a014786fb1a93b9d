"""The made-up region of the statistical tests serves the kernels too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "statistical"))
