"""What all verbs of the command line share: the group, the language, errors as text and exit codes, options."""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from demo_sim import __version__
from demo_sim.errors import DemoSimError, InputError, TooLargeError
from demo_sim.execution.signals import Interrupted, ended_by_signals

INTERRUPTED = 130
_OUT_OF_MEMORY = (
    "内存不足：实际所需超过了估计。请把 --scale 加倍，或减少 --draws、--person-draws、--threads",
    "out of memory: the run takes more than was estimated; double --scale, or use fewer --draws, --person-draws or "
    "--threads",
)


def verb(function: Callable[..., int | None]) -> Callable[..., None]:
    """Give a verb `--lang`, and turn its errors into text and exit codes."""

    @click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        envvar="DEMO_SIM_LANG",
        default="zh",
        show_default=True,
        help="语言 / language (also DEMO_SIM_LANG)",
    )
    @functools.wraps(function)
    def wrapped(lang: str, **arguments: Any) -> None:
        speak_utf8()
        try:
            with ended_by_signals():
                code = function(lang=lang, **arguments)
        except DemoSimError as error:
            click.echo(error.render(lang), err=True)
            if isinstance(error, InputError):
                count = len(error.problems)
                click.echo(say(lang, f"共 {count} 处问题", f"{count} problem{'s' * (count > 1)}"), err=True)
            code = error.exit_code
        except MemoryError:
            click.echo(say(lang, *_OUT_OF_MEMORY), err=True)
            code = TooLargeError.exit_code
        except KeyboardInterrupt as error:
            click.echo(say(lang, "已中断", "interrupted"), err=True)
            code = error.code if isinstance(error, Interrupted) else INTERRUPTED
        sys.exit(code or 0)

    return wrapped


def speak_utf8() -> None:
    """Write UTF-8 to the console and to pipes, also where Windows would use a code page."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(encoding="utf-8", errors="replace")


def document_options(*formats: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a verb that writes documents `--format`, of these, and `--template`."""
    options = (
        click.option(
            "--template",
            type=click.Path(dir_okay=False, path_type=Path),
            help="单位的 Word 模板（幻灯片用 .pptx）/ a template of the office",
        ),
        click.option(
            "--format",
            "formats",
            type=click.Choice(formats),
            multiple=True,
            help="格式 / format [html, docx]",
        ),
    )

    def given(function: Callable[..., None]) -> Callable[..., None]:
        for option in options:
            function = option(function)
        return function

    return given


def export_option(function: Callable[..., None]) -> Callable[..., None]:
    """Give a verb that runs `--export`."""
    return click.option(
        "--export",
        multiple=True,
        type=click.Choice(["draws", "persons"]),
        help="另存各次抽样的序列，或一次模拟的个体 / also write the series of all draws, or persons with their links",
    )(function)


def say(lang: str, zh: str, en: str) -> str:
    return en if lang == "en" else zh


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="demo-sim")
def cli() -> None:
    """人口、养老与民政规划指标测算 / Population, care demand and plan targets of a region."""
