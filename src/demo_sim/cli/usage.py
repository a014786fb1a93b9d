"""What is wrong with a command line, in the language that it asks for."""

from __future__ import annotations

import os
import re
import sys

import click


def tell(error: click.ClickException) -> None:
    """Print an error of the command line; in Chinese but where English is asked for."""
    if _language() == "en" or not isinstance(error, click.UsageError):
        error.show()
        return
    if error.ctx is not None:
        usage = error.ctx.command.collect_usage_pieces(error.ctx)
        click.echo(f"用法：{error.ctx.command_path} {' '.join(usage)}", err=True)
        click.echo(f"说明见 {error.ctx.command_path} --help", err=True)
    click.echo(f"错误：{in_chinese(error)}", err=True)


def _language() -> str:
    words = sys.argv[1:]
    asked = [words[i + 1] for i, word in enumerate(words[:-1]) if word == "--lang"]
    asked += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    return (asked or [os.environ.get("DEMO_SIM_LANG", "zh")])[-1]


def in_chinese(error: click.UsageError) -> str:
    """The message in Chinese, as far as it is one of those that click has."""
    if isinstance(error, click.NoSuchOption):
        near = f"；是否要写 {error.possibilities[0]}？" if error.possibilities else ""
        return f"没有选项 {error.option_name}{near}"
    if isinstance(error, click.MissingParameter):
        return f"缺少 {_parameter(error)}"
    if isinstance(error, click.BadParameter):
        kind = error.param.type if error.param is not None else None
        choices = f"；可选：{'、'.join(map(str, kind.choices))}" if isinstance(kind, click.Choice) else ""
        return f"{_parameter(error)} 的值不对{choices}"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 的写法不对"
    message = error.format_message()
    for pattern, words in (
        (r"No such command '(.+?)'", "没有“{}”这个命令"),
        (r"unexpected extra arguments? \((.+)\)", "多出的参数：{}"),
        (r"Missing argument '(.+?)'", "缺少 {}"),
    ):
        if found := re.search(pattern, message):
            return words.format(found[1])
    return message


def _parameter(error: click.BadParameter) -> str:
    """Name of a parameter as it is written."""
    if error.param is None or error.ctx is None:
        return str(error.param_hint or "")
    return error.param.make_metavar(error.ctx) if isinstance(error.param, click.Argument) else error.param.opts[0]
