"""Command line `demo-sim`: verbs only; what a verb needs is imported inside it."""

from __future__ import annotations

import gc
import sys

import click

from demo_sim.cli import fits, inputs, runs  # noqa: F401  (they add their verbs)
from demo_sim.cli.usage import tell
from demo_sim.cli.verbs import INTERRUPTED, cli, speak_utf8

__all__ = ["cli", "main"]


def main() -> None:
    """Entry of the program `demo-sim`."""
    speak_utf8()
    # Nearly all objects live to the end of a verb: going over them again and again takes a tenth of its time.
    gc.set_threshold(50_000)
    try:
        code = cli.main(prog_name="demo-sim", standalone_mode=False)
    except click.ClickException as error:
        tell(error)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    sys.exit(code or 0)
