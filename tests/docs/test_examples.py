"""What pages show to be typed is right: commands, keys of YAML, names of Python; the ten lines of the README run."""

from __future__ import annotations

import re
import shlex
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
import yaml

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.scenario.catalog import ENTRY_KINDS
from demo_sim.scenario.entries import Rule
from demo_sim.scenario.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
READMES = ["README.md", "README.zh-CN.md"]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def pages(written: dict[str, str]) -> dict[str, str]:
    """Pages of the manual, both READMEs and the page for contributors."""
    return written | {name: (ROOT / name).read_text(encoding="utf-8") for name in (*READMES, "CONTRIBUTING.md")}


def shown_commands(text: str) -> list[list[str]]:
    """Words of the commands in blocks, and of those in a code span that have more than a verb."""
    blocks = "".join(body for language, body in _FENCE.findall(text) if language in ("", "sh", "bash"))
    lines = re.findall(r"(?:^|&& )(?:\.venv/bin/)?demo-sim ([^\n&|]+)", blocks.replace("\\\n", " "), re.MULTILINE)
    lines += re.findall(r"`demo-sim ([a-z]+ [^`\n]+)`", _FENCE.sub("", text))
    return [shlex.split(re.split(r"\s+#|\s{3,}", line)[0]) for line in lines]


def test_commands_are_such_as_the_program_takes(pages: dict[str, str]) -> None:
    """Verbs, options and their values; nothing is run. A usage in words, as `demo-sim VERB --help`, is none."""
    checked = 0
    for name, text in pages.items():
        for verb, *arguments in shown_commands(text):
            assert verb in cli.commands, (name, verb)
            try:
                cli.commands[verb].make_context(verb, list(arguments))
            except click.exceptions.Exit:  # --help
                pass
            except click.ClickException as error:
                pytest.fail(f"{name}: demo-sim {verb} {' '.join(arguments)}: {error.format_message()}")
            checked += 1
    assert checked > 80


def test_blocks_of_yaml_have_keys_that_exist(pages: dict[str, str]) -> None:
    """The first level of each block: keys of a scenario, of a catalogue entry, of a form or of a job file."""
    known = {field.alias or name for name, field in Settings.model_fields.items()}
    known |= {name for kind in (*ENTRY_KINDS.values(), Rule) for name in kind.model_fields}
    known |= {"id", "title", "rows"} | {"jobs", "cores", "memory", "walltime", "queue"}
    for name, text in pages.items():
        for language, body in _FENCE.findall(text):
            if language == "yaml" and not name.startswith("calibration"):  # whose specs have keys of their method
                block = yaml.safe_load(body)
                assert isinstance(block, dict), (name, body)
                assert set(block) <= known, (name, set(block) - known)


def test_names_of_the_package_exist(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        for path in re.findall(r"(?<![\w.])ds\.([a-z_]+(?:\.[a-z_]+)?)\b", text):
            found, *below = path.split(".")
            assert found in ds.__all__, (name, path)
            if found == "plot" and below:
                assert below[0] in (*ds.plot.__all__, "name"), (name, path)


def test_the_lines_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the cohort engine and few draws of a small place, since only what is written is looked at."""
    found = [_FENCE.findall((ROOT / name).read_text(encoding="utf-8")) for name in READMES]
    lines, same = ("".join(body for language, body in blocks if language == "python") for blocks in found)
    assert lines == same
    assert lines.startswith("import demo_sim as ds\n") and 'ds.load("hunan")' in lines
    monkeypatch.chdir(tmp_path)
    small = ds.load("kaiping").replace({"draws": 20})
    kept = ds.simulate(small, engine="cohort")
    names = {public: getattr(ds, public) for public in ds.__all__}
    names |= {"load": lambda _: small, "open_results": lambda _: kept}
    names |= {"simulate": partial(ds.simulate, engine="cohort")}
    exec(compile(lines.removeprefix("import demo_sim as ds\n"), "README", "exec"), {"ds": SimpleNamespace(**names)})
    assert (tmp_path / "report.docx").is_file()
