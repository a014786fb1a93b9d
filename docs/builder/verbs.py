"""Reference of the verbs, their options and the exit codes, from the command line itself."""

from __future__ import annotations

import click

from builder.markdown import code, one_language, page_name, table
from demo_sim.cli import cli
from demo_sim.vocab import codes, label

_WORDS = {
    "en": {
        "title": "Verbs and exit codes",
        "about": "`demo-sim VERB --help` prints the same. Every verb takes `--lang zh` or `--lang en`; the variable "
        "`DEMO_SIM_LANG` sets it for all.",
        "heads": ("option", "takes", "meaning"),
        "codes": "Exit codes",
        "code_heads": ("code", "meaning"),
    },
    "zh": {
        "title": "命令和退出码",
        "about": "`demo-sim 命令 --help` 显示同样的内容。每个命令都可加 `--lang zh` 或 `--lang en`；"
        "环境变量 `DEMO_SIM_LANG` 对所有命令起作用。",
        "heads": ("选项", "取值", "含义"),
        "codes": "退出码",
        "code_heads": ("退出码", "含义"),
    },
}


def pages() -> dict[str, str]:
    """The page in both languages, by file name."""
    return {page_name("verbs", lang): _page(lang) for lang in _WORDS}


def _page(lang: str) -> str:
    words = _WORDS[lang]
    parts = [f"# {words['title']}", str(words["about"])]
    for name, command in cli.commands.items():
        context = click.Context(command, info_name=f"demo-sim {name}")
        usage = " ".join(command.collect_usage_pieces(context))
        parts += [f"## {name}", one_language(command.help or "", lang), f"```\ndemo-sim {name} {usage}\n```"]
        options = [option for option in command.params if isinstance(option, click.Option) and option.name != "lang"]
        if options:
            parts.append(table(words["heads"], (_row(option, context, lang) for option in options)))
    parts += [f"## {words['codes']}"]
    parts.append(table(words["code_heads"], ((code(key), label("exit_code", key, lang)) for key in codes("exit_code"))))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _row(option: click.Option, context: click.Context, lang: str) -> tuple[str, str, str]:
    names = ", ".join(code(name) for name in option.opts)
    takes = "" if option.is_flag else code(option.make_metavar(context))
    return names, takes, one_language(option.help or "", lang)
