"""A table and counts of one's own: borrowed from anywhere, never raked to others' shares, never losing a group."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import demo_sim as ds
from demo_sim.errors import InputError
from demo_sim.places import place_of
from demo_sim.scenario.shipped import shipped_folder

SHORT = {"draws": 0, "plan": [], "period.end": 2024}
AGES = [*(f"{a}-{a + 4}" for a in range(0, 85, 5)), "85+"]
HEAD = "# publisher: county office; licence: none; date: 2020-11-01; status: published\n"


def table(folder: Path, urban: float = 0.4, men: float = 0.5) -> Path:
    """A county of its own: 18 age groups, 100 + 10 x i persons a cell before the split."""
    rows = ["residence,sex,age,population"]
    for residence, part in (("urban", urban), ("rural", 1 - urban)):
        for sex, share in (("male", men), ("female", 1 - men)):
            rows += [f"{residence},{sex},{age},{10 * (100 + 10 * i) * part * share:.3f}" for i, age in enumerate(AGES)]
    file = folder / "own.csv"
    file.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return file


TOTAL = sum(10 * (100 + 10 * i) for i in range(len(AGES)))
OLDER = sum(10 * (100 + 10 * i) for i in range(12, len(AGES)))


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    file = folder / name
    file.write_text(f"name: mine\n{text}", encoding="utf-8")
    return file


def bare(folder: Path, groups: str) -> Path:
    """A projection and nothing else, with counts of its own."""
    table(folder)
    china = (shipped_folder() / "inputs" / "china").as_posix()
    return write(
        folder,
        "region: {concept: resident}\nperiod: {base: 2020-11-01, start: 2021, end: 2024}\n"
        f"population: {{table: own.csv}}\nmortality: {{standard: {china}/mx.csv, e0: 78}}\n"
        f"fertility: {{tfr: 1.2, schedule: {china}/asfr.csv, srb: 1.1}}\nmigration: {{net: 0}}\ngroups:\n  {groups}\n",
    )


def people(run: ds.Results) -> dict[int, float]:
    whole = run.central.population.sum([d for d in run.central.population.dims if d != "time"])
    return dict(zip(whole["time"].values.tolist(), whole.values.tolist(), strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "place: '430225'\n",
        "place: 430225\n",
        "place: 炎陵县\n",
        "extends: '430225'\n",
        "extends: 430225\n",
        "extends: inputs/region.yaml\nplace: '430225'\n",
        "extends: other/base.yaml\n",
    ],
)
def test_borrowing_works_from_any_folder(tmp_path: Path, text: str) -> None:
    (tmp_path / "other").mkdir()
    write(tmp_path / "other", "place: 炎陵县\n", "base.yaml")
    scenario = ds.load(write(tmp_path, text))
    place = place_of("430225")
    assert place is not None
    assert sum(scenario.tables["population.table"].columns["population"]) == place.total
    assert scenario.settings.region.register_name == "430225"
    units = {row.name: row.value for row in scenario["workforce.unit_villages"].rows}
    assert units["villages"] == place.units["villages"]
    assert any("Hunan's rates are borrowed" in note.text_en for note in scenario.notes)


@pytest.mark.parametrize("written", ["'430225'", "430225", "炎陵县", "''"])
def test_a_register_of_any_place_goes_with_a_table_of_ones_own(tmp_path: Path, written: str) -> None:
    table(tmp_path)
    text = "extends: jiuyuan\npopulation: {table: own.csv}\nscale: 1\nregion: {register: %s%s}\n"
    code = ", code: '430225'" if written == "''" else ""
    scenario = ds.load(write(tmp_path, text % (written, code))).replace(SHORT)
    place = place_of("430225")
    assert place is not None
    units = {row.name: row.value for row in scenario["workforce.unit_villages"].rows}
    assert units["villages"] == place.units["villages"]
    assert people(ds.simulate(scenario, engine="cohort"))[2020] == pytest.approx(TOTAL, rel=0.01)


def test_who_names_the_register_of_hunan_with_another_table_borrows(tmp_path: Path) -> None:
    table(tmp_path)
    text = "extends: kaiping\npopulation: {table: own.csv}\nregion: {register: Hunan}\n"
    scenario = ds.load(write(tmp_path, text))
    assert scenario["groups.dementia_by_age"].status == "borrowed"
    assert scenario["groups.dementia_by_age"].rows == ds.load("kaiping")["groups.dementia_by_age"].rows
    assert {row.value for row in scenario["workforce.unit_villages"].rows} == {226, 42}  # of its own code
    assert any("Hunan's rates are borrowed" in note.text_en for note in scenario.notes)
    assert ds.load("hunan")["groups.dementia_by_age"].status == "assumed"


def test_a_table_of_ones_own_takes_no_total_of_the_scenario_below(tmp_path: Path) -> None:
    table(tmp_path)
    file = write(tmp_path, "extends: hunan\npopulation: {table: own.csv}\nmigration: {net: 0}\n")
    for scenario in (
        ds.load(file),
        ds.load("hunan").replace({"population.table": str(tmp_path / "own.csv"), "migration.net": 0}),
    ):
        assert scenario.settings.population.tie == "none" and "population.tie_total" not in scenario.quantities
    kept = ds.load("hunan").replace({"population.template": None})
    assert kept.settings.population.tie == "total"


def test_shares_that_are_borrowed_never_rake_a_table(tmp_path: Path) -> None:
    table(tmp_path)
    text = "extends: kaiping\npopulation: {table: own.csv, age_share: {assume: base.age_share}}\n"
    with pytest.raises(InputError, match=r"mine.yaml:3: population.age_share: age_share is not known of this place"):
        ds.load(write(tmp_path, text))


def test_a_raking_by_more_than_a_point_is_told_with_both_numbers(tmp_path: Path) -> None:
    table(tmp_path, men=0.53)
    share = OLDER / TOTAL
    near, far = round(share + 0.004, 4), round(share + 0.03, 4)
    given = "extends: kaiping\npopulation: {table: own.csv, male_share: %s, age_share: {60+: %s, 0-59: %s}}\n"
    for men, older, said in ((0.53, near, 0), (0.53, far, 1), (0.505, far, 2)):
        scenario = ds.load(write(tmp_path, given % (men, older, round(1 - older, 4))))
        told = [note for note in scenario.notes if "by more than a point" in note.text_en]
        assert len(told) == said, (men, older)
        if older == far:
            assert f"from {100 * share:.1f}% to {100 * far:.1f}%" in told[0].text_en or "0-59" in told[0].text_en
            assert "超过1个百分点" in told[0].text_zh and told[0].file.endswith("mine.yaml")


def test_an_urban_share_that_is_not_that_of_the_table_is_told(tmp_path: Path) -> None:
    table(tmp_path, urban=0.4)
    text = "place: '440783'\npopulation: {table: own.csv}\n"
    [note] = [n for n in ds.load(write(tmp_path, text)).notes if "urban share of the base table" in n.text_en]
    assert "40.0%, here 57.4%" in note.text_en
    assert not any("urban share of the base" in n.text_en for n in ds.load("440783").notes)


def test_every_dated_total_is_tied_in_every_draw_and_engine() -> None:
    totals = {2020: 749_000, 2021: 752_500, 2024: 741_000}
    scenario = ds.load("kaiping").replace(
        {"population.tie": "total", "population.tie_total": totals, "plan": [], "period.end": 2026, "draws": 6,
         "options.person_draws": 2, "scale": 40}
    )  # fmt: skip
    [note] = [n for n in scenario.notes if "are tied" in n.text_en]
    assert "2021, 2024" in note.text_en and "2021" in note.text_zh
    free = people(ds.simulate(ds.load("kaiping").replace({**SHORT, "period.end": 2026}), engine="cohort"))
    for engine in ("cohort", "people"):
        run = ds.simulate(scenario, engine=engine)
        found = people(run)
        for year, total in totals.items():
            assert found[year] == pytest.approx(total, rel=1e-8)
            drawn = run.summary.sum([d for d in run.summary.dims if d not in ("time", "draw")]).sel(time=year)
            np.testing.assert_allclose(drawn.values, total, rtol=2e-6)
        assert abs(found[2022] - free[2022]) > 1_000 and found[2022] not in totals.values()
        # only net migration is another: births and deaths follow from the people there are
        flows = run.central.flows.sum([d for d in run.central.flows.dims if d not in ("flow", "year")])
        change = flows.sel(flow="births") - flows.sel(flow="deaths")
        for year in (2021, 2024):
            net = found[year] - found[year - 1] - float(change.sel(year=year))
            assert abs(net) > 100


def test_a_later_total_leaves_the_opening_as_it_is() -> None:
    free = ds.load("kaiping").replace({**SHORT, "period.end": 2026})
    tied = free.replace({"population.tie": "total", "population.tie_total": {2023: 760_000}})
    one, other = (people(ds.simulate(scenario, engine="cohort")) for scenario in (free, tied))
    assert one[2020] == other[2020] and one[2022] == pytest.approx(other[2022], rel=1e-12)
    assert other[2023] == pytest.approx(760_000, rel=1e-8)


COUNTS = {
    "tekun: {2020: 43, 2024: 41}": ("tekun_60", "tekun_unable_in_institutions"),
    "orphans: {2020: 12}": ("orphans",),
    "living_allowance: {2020: 90}": ("living_allowance",),
    "special_fp: {2020: 7}": ("special_fp",),
    "households: {value: {households: 3000, mean_size: 2.6}}": ("households",),
    "left_behind_elders: {2020: 70}": ("older_left_behind",),
}


@pytest.mark.parametrize(("count", "groups"), COUNTS.items(), ids=[text.split(":")[0] for text in COUNTS])
def test_a_typed_count_brings_what_its_groups_need(tmp_path: Path, count: str, groups: tuple[str, ...]) -> None:
    scenario = ds.load(bare(tmp_path, count))
    run = ds.simulate(scenario.replace({"draws": 0}), engine="cohort")
    assert set(groups) <= set(run.groups["group"].values.tolist())
    typed = count.split(":")[0]
    notes = [n for n in scenario.notes if f"groups.{typed} is your own" in n.text_en]
    assert len(notes) == 1 and "为自填" in notes[0].text_zh and notes[0].line == 9
    if typed == "tekun":
        assert float(run.central.groups.sel(group="tekun", time=2020).sum()) == pytest.approx(43)
        assert scenario["groups.tekun_age"].status == "borrowed"


def test_what_cannot_be_borrowed_is_named(tmp_path: Path) -> None:
    (tmp_path / "catalog" / "populations").mkdir(parents=True)
    (tmp_path / "catalog" / "populations" / "veterans.yaml").write_text(
        "id: veterans\nlabel: {zh: 老战士, en: Veterans}\nrule: {zh: 按名册, en: By the list}\n"
        "where: {age: 60+}\ntimes: [services.floor_area_norm]\nlevel: groups.veterans\n",
        encoding="utf-8",
    )
    file = bare(tmp_path, "veterans: {2020: 31}\ncatalog: [catalog]")
    notes = [n.text_en for n in ds.load(file).notes if "groups.veterans is your own" in n.text_en]
    lacking = "services.floor_area_norm is lacking, and groups that need it are not counted: enter it"
    assert notes == [f"groups.veterans is your own; {lacking}"]


def test_no_shipped_scenario_lacks_what_a_count_needs() -> None:
    for name in ("hunan", "suzhou", "kaiping", "baodi", "jiuyuan", "430225"):
        assert not [n for n in ds.load(name).notes if "is your own" in n.text_en], name


def test_a_history_that_leaves_out_how_often_families_act_as_one_takes_the_registers() -> None:
    """A scenario written before the key was there still runs."""
    whole, without = ds.load("hunan"), ds.load("hunan", ["history.move_together=null"])
    path = "history.move_together"
    assert without.quantities[path].rows == whole.quantities[path].rows
    assert path not in ds.load("kaiping").quantities  # without `history`
