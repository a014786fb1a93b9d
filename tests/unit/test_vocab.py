"""The dictionary: complete in both languages, plain YAML, and quick to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

import demo_sim as ds
from demo_sim import vocab
from demo_sim.results.columns import TARGET_COLUMNS, VARIANCE_COLUMNS
from demo_sim.results.quantiles import OVER_DRAWS, STATISTICS

FILE = Path(vocab.__file__).with_name("variables.yaml")
CONSTANTS = {
    "residence": vocab.RESIDENCES,
    "sex": vocab.SEXES,
    "function": vocab.FUNCTIONS,
    "flow": vocab.FLOWS,
    "need_kind": vocab.NEED_KINDS,
    "verdict": vocab.VERDICTS,
    "basis": vocab.BASES,
    "status": vocab.STATUSES,
}


def test_the_quick_reader_reads_what_a_yaml_parser_reads():
    with FILE.open(encoding="utf-8") as stream:
        parsed = YAML(typ="safe", pure=True).load(stream)
    assert set(parsed) == {"variables", *vocab.kinds()}
    for kind in vocab.kinds():
        assert list(parsed[kind]) == list(vocab.codes(kind))
        for code, entry in parsed[kind].items():
            assert entry == {lang: vocab.label(kind, code, lang) for lang in vocab.LANGUAGES}
    for name, entry in parsed["variables"].items():
        read = vocab.variable(name)
        assert {"name": name, **entry} == {**vars(read), "dims": list(read.dims)}


@pytest.mark.parametrize("kind", sorted(CONSTANTS))
def test_the_constants_are_the_codes_of_the_file(kind):
    assert set(CONSTANTS[kind]) <= set(vocab.codes(kind))
    order = [code for code in vocab.codes(kind) if code in CONSTANTS[kind]]
    assert tuple(order) == CONSTANTS[kind]


@pytest.mark.parametrize("name", sorted(vocab.variables()))
def test_every_variable_has_all_its_entries(name):
    entry = vocab.variable(name)
    assert entry.zh and entry.en and entry.definition_zh and entry.definition_en and entry.dims
    assert entry.kind in {"stock", "flow", "rate", "share", "table"}
    assert entry.kind == "table" or entry.unit in vocab.codes("unit")
    assert entry.kind != "stock" or "time" in entry.dims
    assert entry.kind != "flow" or "year" in entry.dims


@pytest.mark.parametrize("kind", vocab.kinds())
def test_every_code_has_a_chinese_and_an_english_label(kind):
    for code in vocab.codes(kind):
        assert any("\u4e00" <= char <= "\u9fff" for char in vocab.label(kind, code, "zh"))
        assert vocab.label(kind, code, "en").isascii() or "²" in vocab.label(kind, code, "en")


def test_labels_that_users_read():
    assert vocab.label("residence", "urban") == "城镇"
    assert vocab.label("function", "total") == "完全失能"
    assert vocab.label("verdict", "at_risk", "en") == "At risk"
    assert vocab.label("need") == "需求"
    assert vocab.label("column", "value") == "中心值" and vocab.label("column", "mean") == "抽样均值"
    assert vocab.unit_label("beds") == "张"
    assert vocab.unit_label("furlongs", "en") == "furlongs"
    assert vocab.label_or_code("function", "own_level", "zh") == "own_level"


def test_every_statistic_and_column_of_the_tables_has_a_label():
    for name in {*STATISTICS, *OVER_DRAWS}:
        assert name in vocab.codes("column")
    for table, columns in (("targets", TARGET_COLUMNS), ("variance", VARIANCE_COLUMNS)):
        for column in columns:
            zh, en = (vocab.column_label(table, column, lang) for lang in vocab.LANGUAGES)
            assert zh and en.isascii(), column


@pytest.mark.parametrize(
    ("call", "fragment"),
    [
        (lambda: vocab.label("residence", "urben"), "did you mean 'urban'?"),
        (lambda: vocab.variable("populaton"), "did you mean 'population'?"),
        (lambda: vocab.codes("residense"), "did you mean 'residence'?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(call, fragment):
    with pytest.raises(KeyError) as caught:
        call()
    assert fragment in caught.value.args[0]


NAMES = {"PMC7973258", "Math. Probl. Eng. 2022, 7980111"}  # the same in Chinese


@pytest.mark.parametrize("name", ["hunan", "suzhou", "kaiping", "baodi", "jiuyuan", "hunan-2020", "hunan-states"])
def test_sources_of_shipped_scenarios_are_told_in_chinese(name: str) -> None:
    scenario = ds.load(name)
    for item in [*scenario.quantities.values(), *scenario.tables.values()]:
        parts = vocab.source_label(item.source).split("；")
        assert all(part in NAMES or not part.isascii() for part in parts), item.source
        assert vocab.source_label(item.source, "en").isascii() or not item.source.isascii()
