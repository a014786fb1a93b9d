"""The slow twins of the kernels and the made-up places of other tests serve the properties too."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("kernels", "statistical", "unit")]
