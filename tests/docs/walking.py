"""Walk a page as a reader does: files are written, commands and Python are run, what the page shows is looked for."""

from __future__ import annotations

import contextlib
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from demo_sim.cli import cli

DOCS = Path(__file__).resolve().parents[2] / "docs"
_FENCE = re.compile(r"^```([a-z]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LOOKING = ("validate", "explain", "catalog", "import")  # verbs that may be said again in the other language


@dataclass(frozen=True)
class Step:
    """One block of a page; `kind` is commands, python, yaml, shown, or something else that is not run."""

    kind: str
    text: str


def steps(page: str) -> list[Step]:
    """Blocks of a page in their order."""
    found = []
    for language, text in _FENCE.findall((DOCS / page).read_text(encoding="utf-8")):
        commands = not language and all(line.startswith("demo-sim ") for line in text.splitlines())
        kind = "commands" if commands else "shown" if language in ("", "text") else language
        found.append(Step(kind, text))
    return found


def commands(page: str) -> list[list[str]]:
    """Words of every command, without the language of its answer."""
    lines = [line for step in steps(page) if step.kind == "commands" for line in step.text.splitlines()]
    return [words(line.removesuffix(" --lang en")) for line in lines]


def words(line: str) -> list[str]:
    """A command as a shell hands it on, without the name of the program."""
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', line)][1:]


def walk(page: str, lang: str, verbs: tuple[str, ...] = ()) -> str:
    """Do what a page says in the working folder, and check that it shows what is printed; gives what was printed.

    Parameters
    ----------
    page : seen from `docs`
    lang : zh or en
    verbs : only commands of these verbs, where the folder has what the others would write; all if left out
    """
    printed: list[str] = []
    names: dict[str, Any] = {}
    for step in steps(page):
        if step.kind == "commands":
            for line in step.text.splitlines():
                if not verbs or words(line)[0] in verbs:
                    printed.append(_command(words(line), lang))
        elif step.kind == "python":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(step.text, page, "exec"), names)
            printed.append(out.getvalue())
        elif step.kind == "yaml" and (name := re.match(r"# (\S+\.yaml)\n", step.text)):
            Path(name[1]).write_text(step.text, encoding="utf-8")
        elif step.kind == "shown":
            seen = {_plain(line) for text in printed for line in text.splitlines()}
            missing = [line for line in step.text.splitlines() if _plain(line) not in seen]
            assert not missing, (page, missing, printed[-1])
    return "\n".join(printed)


def _command(arguments: list[str], lang: str) -> str:
    """Run a command in one process; where a page names no number of draws, the cohort engine runs without any."""
    quick = ["--threads", "1"] if arguments[0] in ("run", "merge") else []
    quick += ["--engine", "cohort", "--draws", "0"] if arguments[0] == "run" and "--draws" not in arguments else []
    told = [] if "--lang" in arguments else ["--lang", lang]
    outcome = CliRunner().invoke(cli, [*arguments, *quick, *told])
    assert outcome.exit_code == 0, (arguments, outcome.output, outcome.exception)
    return outcome.output


def _plain(line: str) -> str:
    return " ".join(line.split())
