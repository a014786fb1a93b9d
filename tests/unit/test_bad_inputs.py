"""Every file under `tests/bad` is refused with the message that it announces.

A bad scenario starts with lines `# expect: line | path | zh fragment | en fragment`, a bad table
with `# expect: line | zh fragment | en fragment`; the table's name starts with its kind.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from demo_sim.cli import cli
from demo_sim.errors import InputError
from demo_sim.scenario import load

BAD = Path(__file__).resolve().parents[1] / "bad"
MINIMAL = BAD / "minimal" / "minimal.yaml"
SETTINGS = {
    "population": ("population.table={}",),
    "template": ("population.template={}",),
    "mortality": ("mortality.table={}",),
    "fertility": ("fertility.table={}",),
    "migration": ("migration.table={}",),
    "prevalence": ("function.prevalence.table={}",),
}


def expected(file: Path) -> list[list[str]]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# expect:").strip().split(" | ") for line in lines if line.startswith("# expect:")]


def names(folder: str, pattern: str) -> list[Path]:
    return sorted((BAD / folder).glob(pattern))


def refused_lines(arguments: list[str], lang: str) -> list[str]:
    """Lines a verb prints when it refuses; it must exit with 2 and without a traceback."""
    outcome = CliRunner().invoke(cli, [*arguments, "--lang", lang])
    assert outcome.exit_code == 2, outcome.output
    assert isinstance(outcome.exception, SystemExit)
    assert "Traceback" not in outcome.output
    return outcome.output.splitlines()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("file", names("scenarios", "*.yaml"), ids=lambda file: file.stem)
def test_bad_scenario_is_refused(file: Path, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = refused_lines(["validate", str(file)], lang)
    announced = expected(file)
    for number, path, zh, en in announced:
        start = f"{file.as_posix()}:{number}: " + (f"{path}: " if path else "")
        fragment = zh if lang == "zh" else en
        assert any(line.startswith(start) and fragment in line for line in lines), lines
    assert len(lines) - 1 == len(announced), lines
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("file", names("tables", "*.csv"), ids=lambda file: file.stem)
def test_bad_table_is_refused(file: Path, lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    kind = file.stem.split("-")[0]
    changes = [part for text in SETTINGS[kind] for part in ("--set", text.format(file.as_posix()))]
    lines = refused_lines(["explain", str(MINIMAL), "name", *changes], lang)
    [(number, zh, en)] = expected(file)
    path = SETTINGS[kind][0].split("=")[0]
    start = f"{file.as_posix()}:{number}: {path}: "
    fragment = zh if lang == "zh" else en
    assert any(line.startswith(start) and fragment in line for line in lines), lines
    assert list(tmp_path.iterdir()) == []


def test_there_are_enough_bad_inputs() -> None:
    assert len(names("scenarios", "*.yaml")) + len(names("tables", "*.csv")) >= 30


def table_problem(data: bytes, folder: Path, lang: str = "zh") -> str:
    file = folder / "table.csv"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        load(MINIMAL, [f"population.table={file.as_posix()}"])
    return caught.value.render(lang)


TABLE = "sex,age,population\n男,0-4,5\n"


@pytest.mark.parametrize(
    ("data", "zh", "en"),
    [
        (TABLE.encode()[:40] + bytes(range(256)), "既不是工作簿，也不是文本", "neither a workbook nor text"),
        (b'sex,age,population\nmale,"0-4,5\n', "引号没有成对", "a quotation mark is not closed"),
        (b"", "没有数据行", "has no rows"),
    ],
)
def test_table_of_other_encoding_or_broken(data: bytes, zh: str, en: str, tmp_path: Path) -> None:
    assert zh in table_problem(data, tmp_path, "zh")
    assert en in table_problem(data, tmp_path, "en")


def test_gbk_scenario_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "gbk.yaml"
    file.write_bytes("name: x\ntitle: 湖南省\n".encode("gb18030"))
    with pytest.raises(InputError) as caught:
        load(file)
    assert caught.value.problems[0].line == 2
    assert "GBK" in caught.value.render("zh")


def test_only_five_rows_of_a_kind_are_named(tmp_path: Path) -> None:
    rows = "".join(f"male,{age},x\n" for age in range(9))
    text = table_problem(f"sex,age,population\n{rows}".encode(), tmp_path, "en")
    assert text.count("is not a number") == 5
    assert "4 more of this kind" in text


def test_problems_of_all_files_come_together(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("sex,age,population\nmale,0-4,x\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(MINIMAL, [f"population.table={table.as_posix()}", "fertility.srb=110", "draws=-1"])
    files = {problem.file for problem in caught.value.problems}
    assert files == {table.as_posix(), "--set fertility.srb", "--set draws"}


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        ("fertility.srb", "改动须写成 路径=值", "a change is written path=value"),
        ("draws=", "改动须写成 路径=值", "a change is written path=value"),
        ("draws.deep=3", "“draws”不是一组键", '"draws" holds no keys'),
        ("fertility.srb={2020: 1.1", "括号", "bracket"),
        ("draws.deep=3", "“draws”不是一组键", '"draws" holds no keys'),
        ("fertilty.srb=1.1", "是否要写“fertility”", 'did you mean "fertility"'),
    ],
)
def test_bad_change(change: str, zh: str, en: str) -> None:
    with pytest.raises(InputError) as caught:
        load(MINIMAL, [change])
    assert caught.value.problems[0].file.startswith("--set")
    assert zh in caught.value.render("zh")
    assert en in caught.value.render("en")


@pytest.mark.parametrize("brackets", [("[", "]"), ("{a: ", "}")])
def test_endless_nesting_is_an_error_and_not_the_end_of_the_program(brackets: tuple[str, str], tmp_path: Path) -> None:
    scenario = tmp_path / "deep.yaml"
    scenario.write_text(f"name: deep\ntitle: {brackets[0] * 200_000}{brackets[1] * 200_000}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(scenario)
    problem = caught.value.problems[0]
    assert problem.line == 2 and "50" in problem.text_en and "嵌套" in problem.text_zh
