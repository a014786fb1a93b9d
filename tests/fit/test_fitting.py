"""`calibrate`: specs, blocks with their seals, scenarios that take them up, pages."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.fit.method import named_series

HEAD = "# publisher: Bureau of Nowhere; licence: MIT; date: 2021-01-01; status: published\n"
SPEC = """name: nowhere_tfr
method: fertility_path
date: "2021-01-01"
seed: 5
tables: {tfr: tfr.csv}
options: {low: 0.5, high: 3.0, to: 2030, persistence: 0.8}
output: tfr.yaml
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    rows = [(year, 1.6 - 0.02 * (year - 2010) + 0.03 * (year % 3)) for year in range(2010, 2021)]
    table = HEAD + "year,tfr\n" + "".join(f"{year},{rate:.3f}\n" for year, rate in rows)
    (tmp_path / "tfr.csv").write_text(table, encoding="utf-8")
    file = tmp_path / "tfr.spec.yaml"
    file.write_text(SPEC, encoding="utf-8")
    return file


def scenario(folder: Path, block: str = "fertility: {fit: tfr.yaml}") -> Path:
    file = folder / "own.yaml"
    text = f"extends: hunan\nname: own\n{block}\n"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_same_block_to_the_byte(spec: Path) -> None:
    found = ds.fit(spec)
    names = [path.name for path in found.files]
    first = [path.read_bytes() for path in found.files]
    assert names == ["tfr.yaml", "tfr.html"]
    assert first == [path.read_bytes() for path in ds.fit(spec).files]


def test_a_block_says_what_it_rests_on(spec: Path) -> None:
    text = ds.fit(spec).files[0].read_text(encoding="utf-8")
    for part in ("date: '2021-01-01'", "Bureau of Nowhere", "seed: 5", "sha256", "loss", "persistence", "se:", "seal"):
        assert part in text


def test_a_scenario_takes_a_block_up(spec: Path) -> None:
    ds.fit(spec)
    quantity = ds.load(scenario(spec.parent)).quantities["fertility.tfr"]
    by_year = {row.year: row for row in quantity.rows}
    assert max(by_year) == 2030
    assert {row.status for row in quantity.rows} == {"fitted"}
    assert by_year[2030].low < by_year[2030].value < by_year[2030].high
    width = [by_year[year].high - by_year[year].low for year in range(2021, 2031)]
    assert width[0] < width[2] < width[5] and width[9] > 1.4 * width[0]


def test_a_forecast_is_no_observation(spec: Path) -> None:
    """A run knows what its own figures tell; a block that rests on later data is not read."""
    ds.fit(spec)
    assert ds.load(scenario(spec.parent)).settings.known_until == ds.load("hunan").settings.known_until
    rows = ds.load(scenario(spec.parent, "known_until: 2020\nfertility: {fit: tfr.yaml}")).quantities
    assert max(row.year for row in rows["fertility.tfr"].rows) == 2030
    with pytest.raises(InputError) as caught:
        ds.load(scenario(spec.parent, "known_until: 2019\nfertility: {fit: tfr.yaml}"))
    assert any("fertility.tfr" in problem.path for problem in caught.value.problems)


def test_what_is_written_beside_a_block_wins(spec: Path) -> None:
    ds.fit(spec)
    own = "fertility:\n  fit: tfr.yaml\n  tfr: {value: 1.9, source: the office, status: reported}"
    (row,) = ds.load(scenario(spec.parent, own)).quantities["fertility.tfr"].rows
    assert (row.value, row.status) == (1.9, "reported")


def test_numbers_changed_by_hand_are_refused(spec: Path) -> None:
    block = ds.fit(spec).files[0]
    text = block.read_text(encoding="utf-8")
    block.write_text(re.sub(r"(value: \{2020: )[\d.]+", r"\g<1>1.9", text), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ds.load(scenario(spec.parent))
    (problem,) = caught.value.problems
    assert "does not fit its seal" in problem.text_en and "tfr.spec.yaml" in problem.text_en


def test_other_data_under_the_same_digest_are_refused(spec: Path) -> None:
    block = ds.fit(spec).files[0]
    table = spec.parent / "tfr.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("2015,", "2015,1"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ds.load(scenario(spec.parent))
    (problem,) = caught.value.problems
    assert problem.text_en.startswith(str(table.as_posix())) and "another digest" in problem.text_en
    # the same spec and data may not give another block in silence
    table.write_text(table.read_text(encoding="utf-8").replace("2015,1", "2015,"), encoding="utf-8")
    text = block.read_text(encoding="utf-8")
    block.write_text(text.replace("2020: 1.", "2020: 2.", 1), encoding="utf-8")
    with pytest.raises(InputError, match="same spec and data"):
        ds.fit(spec)
    block.unlink()
    ds.fit(spec)
    assert block.read_text(encoding="utf-8") == text


def test_a_file_of_ones_own_is_not_written_over(spec: Path) -> None:
    for text in ("name: mine\n", "no: [yaml"):
        (spec.parent / "tfr.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="no fitted block"):
            ds.fit(spec)
        assert (spec.parent / "tfr.yaml").read_text(encoding="utf-8") == text


def test_data_with_other_ends_of_lines_are_the_same(spec: Path) -> None:
    ds.fit(spec)
    table = spec.parent / "tfr.csv"
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    assert ds.load(scenario(spec.parent)).quantities["fertility.tfr"].rows


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("method: fertility_path", "method: fertility_pth", "tfr.spec.yaml:2", 'did you mean "fertility_path"'),
        ("persistence: 0.8", "persistance: 0.8", "tfr.spec.yaml:6", 'did you mean "persistence"'),
        ("persistence: 0.8", "persistence: 1.8", "tfr.spec.yaml:6", "options.persistence"),
        ("low: 0.5", "low: 3.5", "tfr.spec.yaml", "low must be below high"),
        ("{tfr: tfr.csv}", "{tfr: tf.csv}", "tfr.spec.yaml:5", "no such file"),
        ("{tfr: tfr.csv}", "{tfrs: tfr.csv, tfr: tfr.csv}", "tfr.spec.yaml:5", 'no key "tfrs"'),
        ("tables: {tfr: tfr.csv}\n", "", "tfr.spec.yaml", "tables.tfr"),
        ("to: 2030", "to: 2015", "tfr.spec.yaml", "after the last observed year"),
        (", persistence: 0.8", "", "tfr.spec.yaml", "options.persistence"),
        ("high: 3.0", "high: 1.5", "tfr.spec.yaml", "outside the bounds"),
        ('"2021-01-01"', "soon", "tfr.spec.yaml:3", "date"),
        ("output: tfr.yaml", "output: ../tfr.yaml", "tfr.spec.yaml:7", "output"),
        ("seed: 5", "seed: [5]", "tfr.spec.yaml:4", "seed"),
    ],
)
def test_a_bad_spec_is_one_clear_error(spec: Path, old: str, new: str, place: str, words: str) -> None:
    spec.write_text(SPEC.replace(old, new), encoding="utf-8")
    outcome = CliRunner().invoke(cli, ["calibrate", str(spec), "--lang", "en"])
    assert outcome.exit_code == 2
    assert "1 problem\n" in outcome.output, outcome.output
    assert place in outcome.output and words in outcome.output, outcome.output
    assert not (spec.parent / "tfr.yaml").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("year,tfr", "year,rate", 'the column "tfr" is missing'),
        ("2012,", "2012.5,", "expected a whole number"),
        ("2012,", "2012,x", "expected a number"),
        ("2012,", "2011,", "the same row stands on line 4"),
    ],
)
def test_a_bad_table_is_told_by_line(spec: Path, old: str, new: str, words: str) -> None:
    table = spec.parent / "tfr.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        ds.fit(spec)
    assert caught.value.problems[0].line == (2 if "rate" in new else 5)


def test_the_page_stands_by_itself(spec: Path) -> None:
    page = ds.fit(spec, lang="en").files[1].read_text(encoding="utf-8")
    assert page.count('<svg class="chart"') == 1
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "Bureau of Nowhere" in page


def test_persistence_is_found_again(tmp_path: Path) -> None:
    """On a long series drawn from the model, within three standard errors; the spread within a tenth."""
    rng = np.random.default_rng(11)
    z, rows = 0.0, []
    for year in range(1500, 1900):
        z = 0.7 * z + 0.1 * rng.standard_normal()
        rows.append((year, 0.5 + 2.5 / (1.0 + np.exp(-z))))
    table = HEAD + "year,tfr\n" + "".join(f"{year},{rate:.6f}\n" for year, rate in rows)
    (tmp_path / "tfr.csv").write_text(table, encoding="utf-8")
    file = tmp_path / "tfr.spec.yaml"
    file.write_text(SPEC.replace(", persistence: 0.8", "").replace("2030", "1999"), encoding="utf-8")
    parameters = ds.fit(file).outcome.parameters
    phi, error = parameters["persistence"]
    assert error is not None and abs(phi - 0.7) < 3 * error < 0.15
    assert parameters["sigma"][0] == pytest.approx(0.1, rel=0.1)
    assert parameters["level"][0] == pytest.approx(1.75, abs=0.05)


def test_what_is_found_has_words_in_chinese() -> None:
    assert named_series("drift", "en") == "drift" and named_series("drift", "zh") == "每年变化（drift）"
    assert named_series("mean_age_2010", "zh") == "平均生育年龄（mean_age_2010）"
    assert (
        named_series("deviance", "zh").startswith("偏差") and named_series("something else", "zh") == "something else"
    )
