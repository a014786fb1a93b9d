"""Pages that come from the code: everything is on them, and everything on them is described in both languages."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import click
import pytest

import demo_sim
from demo_sim.cli import cli
from demo_sim.cli.verbs import INTERRUPTED
from demo_sim.errors import DemoSimError
from demo_sim.results.columns import CODE_LISTS
from demo_sim.results.tables import CSV_COLUMNS
from demo_sim.results.tables import tables as tables_of
from demo_sim.vocab import codes, column_label, column_meaning, kinds, label, variables

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LANGUAGES = ("en", "zh")


def named(page: str, heading: str) -> list[str]:
    """First cells of the table below a heading."""
    part = re.split(rf"^## {re.escape(heading)}$", page, flags=re.MULTILINE)[1]
    part = re.split(r"^## ", part, flags=re.MULTILINE)[0]
    return re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE)


def test_every_key_has_a_manual_entry_in_both_languages() -> None:
    from builder.keys import blocks, described

    keys = [(path, name, field) for path, model, _ in blocks() for name, field in model.model_fields.items()]
    assert len(keys) > 200
    bare = [f"{path}.{name} {lang}" for path, name, field in keys for lang in LANGUAGES if not described(field, lang)]
    assert not bare
    assert not [name for _, name, field in keys if not CHINESE.search(described(field, "zh"))]


def test_keys_are_listed_with_bounds_and_units(reference: dict[str, str]) -> None:
    page = reference["keys.md"]
    assert named(page, "period") == ["base", "start", "end"]
    assert {"stock", "closure", "build_lag", "kind"} <= set(named(page, "supply.NAME (kind: beds)"))
    assert "| `tfr` | total fertility rate | number, births per woman, 0–12, by year, residence |" in page
    assert "| `end` | 预测的最后一年 | 整数；必填 |" in reference["keys.zh-CN.md"]
    assert "| `draws` |" in page and "whole number; if left out `1024` |" in page


def test_every_verb_and_option_is_told_in_both_languages(reference: dict[str, str]) -> None:
    for name, command in cli.commands.items():
        texts = [command.help or ""]
        texts += [option.help or "" for option in command.params if isinstance(option, click.Option)]
        assert all(CHINESE.search(text) and re.search(r"/ \S", text) for text in texts), name
        for page in (reference["verbs.md"], reference["verbs.zh-CN.md"]):
            assert f"## {name}\n" in page
    assert "--person-draws" in named(reference["verbs.md"], "run")
    assert not CHINESE.search(reference["verbs.md"])


def test_exit_codes_are_those_of_the_errors() -> None:
    kinds_of = [DemoSimError, *DemoSimError.__subclasses__()]
    raised = {kind.exit_code for kind in kinds_of} | {0, INTERRUPTED, 129, 143}
    assert {int(code) for code in codes("exit_code")} == raised


def test_every_column_has_a_name_and_what_it_holds() -> None:
    """In both languages; where the name says it all, the codes of the column say the rest."""
    plain = {"label_zh", "label_en", "group", "resource"}
    for table, columns in CSV_COLUMNS.items():
        assert all(label("file", table, lang) for lang in LANGUAGES)
        for column in columns:
            assert column_label(table, column, "zh") and column_label(table, column, "en")
    single = {c for columns in CSV_COLUMNS.values() for c in columns if not re.search(r"_q\d+$", c)}
    bare = {c for t, columns in CSV_COLUMNS.items() for c in columns if c in single and not column_meaning(t, c)}
    told = {c for c in bare if c in CODE_LISTS or c in plain or re.fullmatch(r"\w+_(zh|en|year|se|unit)", c)}
    movements = {"hires", "reclassified", "closures", "leavers", "retirements"}
    assert bare - told - movements == set()


def test_meanings_belong_to_columns_that_exist() -> None:
    columns = {c.replace(":", "_") for names in CSV_COLUMNS.values() for c in names}
    columns |= {f"{t}.{c}" for t, names in CSV_COLUMNS.items() for c in names}
    assert set(codes("column_means")) <= columns
    assert set(codes("file")) == set(CSV_COLUMNS)
    assert set(CODE_LISTS.values()) <= set(kinds())


def test_declared_columns_are_those_that_are_written() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))
    from results_samples import sample

    for name, frame in tables_of(sample(25)).items():
        assert tuple(frame.columns) == CSV_COLUMNS[name], name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_of_columns_and_words_have_everything(reference: dict[str, str], lang: str) -> None:
    ending = ".md" if lang == "en" else ".zh-CN.md"
    for name, columns in CSV_COLUMNS.items():
        assert named(reference["columns" + ending], f"{name}.csv") == list(columns)
    assert set(variables()) <= set(re.findall(r"^\| `([^`]+)` \|", reference["vocabulary" + ending], re.MULTILINE))
    for words in ("Nursing-type beds in institutions", "护理型床位", "At risk", "有风险", "Orphans", "孤儿"):
        assert words in reference["glossary" + ending]


def test_the_catalogue_is_whole(reference: dict[str, str]) -> None:
    folder = Path(demo_sim.__file__).parent / "catalog"
    headings = {"populations": "Populations", "resources": "Resources", "indicators": "Indicators", "plans": "Plans"}
    for kind, heading in headings.items():
        assert len(named(reference["catalogue.md"], heading)) == len(list((folder / kind).glob("*.yaml"))), kind
    assert "## base.year_end (Hunan)" in reference["assumptions.md"]
    assert "66,453,900" in reference["assumptions.md"]


def test_every_public_name_is_on_the_page_of_functions(reference: dict[str, str]) -> None:
    for name in set(demo_sim.__all__) - {"__version__", "plot"}:
        assert f":: demo_sim.{name}\n" in reference["api.md"], name
    assert "`ds.plot.beds`" in reference["api.md"]


def test_every_public_function_lists_its_parameters() -> None:
    """With what each may be; what an array holds, in which unit and shape, is said where it is handed out."""
    from builder.api import charts

    functions = {name: getattr(demo_sim, name) for name in set(demo_sim.__all__) - {"__version__", "plot"}}
    functions |= {f"plot.{name}": getattr(demo_sim.plot, name) for name in ("figures", "write_figures", "write_figure")}
    functions |= {"plot.fan": demo_sim.plot.fan, "plot.small_multiples": demo_sim.plot.small_multiples}
    functions["plot.beds"] = demo_sim.plot.beds.__call__
    for kind in (functions.pop("Scenario"), functions.pop("Results")):
        own = inspect.getmembers(kind, lambda member: inspect.isfunction(member) or isinstance(member, property))
        functions |= {f"{kind.__name__}.{name}": member for name, member in own if not name.startswith("_")}
    functions.pop("InputError")
    assert len(charts()) > 10
    for name, function in functions.items():
        told = inspect.getdoc(function) or ""
        assert told, name
        if isinstance(function, property):
            arrays = "DataArray" in str(inspect.signature(function.fget).return_annotation)
            assert not arrays or re.search(r"\(draw, \w+", told), name
            continue
        listed = told.partition("Parameters\n")[2]
        for parameter in set(inspect.signature(function).parameters) - {"self"}:
            assert re.search(rf"^\**(\w+, )*{parameter}\b", listed, re.MULTILINE), (name, parameter)
