"""Numbers whose form is right and that a run could not read, or that contradict each other: told before it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo_sim.errors import InputError
from demo_sim.scenario import load

MINIMAL = (Path(__file__).resolve().parents[1] / "bad" / "minimal" / "minimal.yaml").as_posix()


def refused(source: str, changes: list[str], lang: str) -> str:
    with pytest.raises(InputError) as caught:
        load(source, changes)
    assert all(problem.file for problem in caught.value.problems)
    return caught.value.render(lang)


@pytest.mark.parametrize(
    ("source", "change", "zh", "en"),
    [
        # keys that nothing asks for
        ("hunan", "supply.institution_beds.stock={2020年: 2140}", "写 2020", "write 2020"),
        ("hunan", "supply.institution_beds.stock={２０２３: 2140}", "写 2023", "write 2023"),
        ("baodi", "mortality.e0={男: 77.1, 女: 82.4}", "写 male", "write male"),
        ("baodi", "groups.dementia_by_age={60岁及以上: 0.04}", "写 60+", "write 60+"),
        ("baodi", "mortality.e0={male: 77.1}", "缺少“性别 female”", "no number for sex female"),
        ("hunan", "fertility.tfr={urban: 1.1, rural: 1.4}", "缺少“全部（不分项）”", "no number for all alike"),
        ("baodi", "migration.net={male: 200, female: 250}", "不能并用", "exclude each other"),
        ("baodi", "function.prevalence.any=0.12", "缺少“年龄”", "no number for age"),
        ("hunan", "supply.institution_beds.build_lag={bild: 2}", "是否要写“build”", 'did you mean "build"'),
        ("hunan", "supply.caregivers.pass_rate={skil_level: 0.8}", "skill_level", 'did you mean "skill_level"'),
        ("hunan", "supply.caregivers.skill=0.4", "缺少“其他名称”", "no number for other names"),
        ("hunan-states", "function.states.mortality_ratio={mild: 1.4}", "缺少“能力等级 moderate”", "level moderate"),
        ("baodi", "mortality.e0={male: 17, female: 84}", "17.0 岁（男）超出", "17.0 (male, 2020) is out of reach"),
        # parts and wholes
        (MINIMAL, "population.age_share={0-17: 0.2, 18-59: 0.5, 60+: 0.24}", "之和为 0.94", "sum to 0.94"),
        (MINIMAL, "population.age_share={60+: 0.2, 65+: 0.23}", "60+ 的占比 0.2 小于", "60+ (0.2) holds less"),
        (MINIMAL, "population.age_share={50-69: 0.2, 60+: 0.23}", "只有一部分重叠", "overlap in part"),
        ("baodi", "function.prevalence.severe_total={60-79: 0.02, 80+: 0.9}", "大于", "are severe or total at 80+"),
        ("hunan", "supply.institution_beds.nursing={2024: 999000}", "大于总数", "more than the whole"),
        ("baodi", "services.institution_use=3.4", "百分数写成 0.034", "per cent is written 0.034"),
        ("baodi", "services.coverage_care_allowance=-0.4", "应在 0 至 1 之间", "must lie between 0 and 1"),
        ("baodi", "groups.tekun_willing=12.5", "populations/tekun_", "populations/tekun_"),
        ("hunan", "groups.orphans=-900", "不能为负：-900", "cannot be negative: -900"),
        # stocks that a run could not form
        ("hunan", "supply.niches={kind: places, built: 300}", "须给出 stock 之一", "one of stock is needed"),
        ("hunan", "supply.visits={kind: covered, of: tekun}", "须给出 share 之一", "one of share is needed"),
        (MINIMAL, "supply={posts: {kind: staff, per_10000_urban: 12}}", "缺：urbanisation", "missing: urbanisation"),
        (MINIMAL, "supply={cash: {kind: budget, of: orphans, monthly: 1400}}", "缺：", "missing: groups.orphans"),
        ("hunan", "supply.institution_beds.pipeline={opening: 60}", "starts_per_year", "starts_per_year"),
        # units that differ
        (MINIMAL, "population.total=3.8", "单位是否相同", "are both in persons?"),
        (MINIMAL, "migration={net: -61000, profile: {0-59: 0.9, 60+: 0.1}}", "五分之一", "more than a fifth of the"),
    ],
)
def test_numbers_are_refused(source: str, change: str, zh: str, en: str) -> None:
    assert zh in refused(source, [change], "zh")
    assert en in refused(source, [change], "en")


def test_migrants_by_a_number_need_ages_that_sum_to_one() -> None:
    assert "needs an age profile" in refused(MINIMAL, ["migration={net: 410}"], "en")
    off = "migration={net: 410, profile: {0-19: 0.3, 20-59: 0.5, 60+: 0.1}}"
    assert "the ages sum to 0.9" in refused(MINIMAL, [off], "en")
    load(MINIMAL, [off.replace("0.5", "0.6")])


def test_a_share_of_ages_that_nobody_has_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "young.csv"
    ages = (("0-14", 400), ("15-64", 900), ("65-79", 0), ("80+", 30))
    rows = [f"{sex},{age},{n}" for sex in ("male", "female") for age, n in ages]
    file.write_text("\n".join(["sex,age,population", *rows]) + "\n", encoding="utf-8")
    given = [f"population.table={file.as_posix()}", "migration={net: 0}"]
    load(MINIMAL, ["population.age_share={85+: 0.02}", *given])  # part of those of 80+
    assert "the table has nobody of these ages" in refused(
        MINIMAL, ["population.age_share={65-79: 0.12}", *given], "en"
    )


def test_a_shift_leaves_births_at_the_ages_of_the_pattern(tmp_path: Path) -> None:
    file = tmp_path / "young_mothers.csv"
    file.write_text("year,age,asfr\n2021,20-24,0.2\n2021,25-26,0.1\n", encoding="utf-8")
    changes = [f"fertility={{schedule: {file.as_posix()}, tfr: 1.4, srb: 1.06, mean_age_shift: 4}}"]
    assert "more than half of the ages" in refused(MINIMAL, changes, "en")
