"""Definitions of functional ability: one word chooses the survey, its shares, and the use that goes with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

import demo_sim as ds
from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.inputs.build import build_inputs
from demo_sim.inputs.draws import STATED

# of 60 and over in China: below intact, severe or total; the survey of 2015 printed no second share, so it is in the
# proportion of 2021
PUBLISHED = {
    "survey_2021": (0.116, 0.045),
    "census_2020": (0.116, 0.0234),
    "survey_2015": (0.183, 0.183 * 0.045 / 0.116),
}
SHORT = {"draws": 0, "period.end": 2022, "plan": []}


def people_by_level(source: str, definition: str) -> np.ndarray:
    """People of 60 and over of the census by level."""
    drawn = build_inputs(ds.load(source, [f"function.definition={definition}"])).draw([STATED])
    assert drawn.shares is not None
    return np.asarray((drawn.base.counted[:, :, 60:, None] * drawn.shares[0]).sum(axis=(0, 1, 2, 4)))


def test_the_catalogue_has_these_definitions() -> None:
    catalog = ds.load("hunan").catalog
    assert set(catalog.definitions) == set(PUBLISHED)
    for id_, item in catalog.definitions.items():
        assert catalog.files["definitions", id_].stem == id_
        assert set(item.sets.values()) <= set(catalog.register.ids)
        assert all(path in ds.load("hunan").quantities for path in item.sets)


@pytest.mark.parametrize(("definition", "shares"), PUBLISHED.items())
def test_shares_of_the_nation_are_the_published_ones(definition: str, shares: tuple[float, float]) -> None:
    levels = people_by_level("000000", definition)
    assert 1 - levels[0] / levels.sum() == pytest.approx(shares[0], abs=5e-4)
    assert levels[3:].sum() / levels.sum() == pytest.approx(shares[1], abs=3e-4)


@pytest.mark.parametrize("definition", PUBLISHED)
def test_as_many_live_in_homes_whatever_the_definition(definition: str) -> None:
    use = ds.load("hunan", [f"function.definition={definition}"])["services.institution_use"]
    rates = {row.level: row.value for row in use.rows}
    levels = people_by_level("hunan", definition)
    names = ("intact", "mild", "moderate", "severe", "total")
    residents = sum(rates[name] * n for name, n in zip(names, levels, strict=True))
    assert residents == pytest.approx(110_000, rel=0.02)
    assert rates["total"] / rates["intact"] == pytest.approx(24, rel=0.02)


def test_one_setting_chooses_and_the_output_names_it(tmp_path: Path) -> None:
    runs = {}
    for definition in ("survey_2021", "census_2020"):
        scenario = ds.load("440783", [f"function.definition={definition}"]).replace(SHORT)
        out = tmp_path / definition
        run = runs[definition] = ds.run(scenario, out=out, engine="cohort")
        words = scenario.catalog.definitions[definition].label
        assert json.loads(run.attrs["function_definition"]) == {"zh": words.zh, "en": words.en}
        book = openpyxl.load_workbook(out / "tables.xlsx", read_only=True)
        notes = {str(row[0]): str(row[1]) for row in list(book.worksheets)[-1].iter_rows(values_only=True)}
        assert notes["失能口径"] == words.zh
        page = (out / "report.html").read_text(encoding="utf-8")
        assert words.zh in page
    severe = [float(runs[d].central.groups.sel(group=["older_severe", "older_total"], time=2020).sum()) for d in runs]
    assert severe[0] / severe[1] == pytest.approx(0.045 / 0.0234, rel=0.05)
    sources = runs["survey_2021"].inputs.set_index("id")["source"]
    assert "2021" in sources["function.prevalence.severe_total"]
    assert "2.34" in runs["census_2020"].inputs.set_index("id")["source"]["function.prevalence.severe_total"]


def test_a_changed_choice_survives_replace_and_own_numbers_win_and_are_named() -> None:
    scenario = ds.load("hunan").replace({"function.definition": "survey_2015"}).replace({"seed": 5})
    assert scenario["function.prevalence.any"].rows[0].value == pytest.approx(0.0769)
    own = ds.load("hunan").replace({"function.prevalence.severe_total": {"60-79": 0.008, "80+": 0.12}})
    assert [row.value for row in own["function.prevalence.severe_total"].rows] == [0.008, 0.12]
    assert own["function.prevalence.any"].rows == ds.load("hunan")["function.prevalence.any"].rows
    words = own.settings.function.definition  # type: ignore[union-attr]
    assert words.zh.endswith("severe_total为自填") and words.en.endswith("own numbers: severe_total")


def test_an_unknown_definition_and_words_without_numbers_are_refused() -> None:
    with pytest.raises(InputError, match=r"survey_2014.*survey_2015"):
        ds.load("hunan", ["function.definition=survey_2014"])
    with pytest.raises(InputError, match="is in words, give the shares"):
        ds.load("hunan", ["function.definition=本县评估"])
    both = [
        "function.definition=本县评估",
        *(f"function.prevalence.{k}={v}" for k, v in (("any", 0.1), ("severe_total", 0.03))),
    ]
    with pytest.raises(InputError) as caught:
        ds.load("hunan", both)
    assert "in words" not in str(caught.value) and '"split" is missing' in str(caught.value)


def test_catalog_lists_the_definitions_in_both_languages() -> None:
    for lang, word in (("zh", "第五次全国老年人抽样调查"), ("en", "fifth sampling survey")):
        found = CliRunner().invoke(cli, ["catalog", "definitions", "--lang", lang])
        assert found.exit_code == 0 and word in found.output
