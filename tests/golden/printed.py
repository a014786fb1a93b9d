"""Tables of the pages that a run gives: published figures beside the projection, and what verdicts rest on."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import demo_sim as ds
from demo_sim.results.closing_sheet import sheet_name_of
from demo_sim.results.judgements import inside_of_tested
from demo_sim.results.quantiles import is_drawn
from demo_sim.vocab import label

ROOT = Path(__file__).resolve().parents[2]
MARK = re.compile(r"<!-- outcomes:start -->\n.*?<!-- outcomes:end -->", re.DOTALL)
PRINTED = {
    ROOT / "docs" / "trust.md": (("hunan", "hunan-2020"), "en"),
    ROOT / "docs" / "trust.zh-CN.md": (("hunan", "hunan-2020"), "zh"),
    ROOT / "docs" / "places.md": (("china",), "en"),
}
PLANS = ("hunan", "jiuyuan", "suzhou", "kaiping", "baodi")
VERDICTS = {
    ROOT / "docs" / "targets.md": "en",
    ROOT / "docs" / "targets.zh-CN.md": "zh",
    ROOT / "docs" / "trust.md": "en",
    ROOT / "docs" / "trust.zh-CN.md": "zh",
}
TARGETS = {ROOT / "README.md": "en", ROOT / "README.zh-CN.md": "zh"}
TALLIES = {
    "en": ("plan", "rows", "can be scored", "judged on evidence that counts", "on planned flows", "indicative",
           "break-even only"),
    "zh": ("规划", "行数", "可判定", "判定依据充分", "按规划措施判定", "参考判断", "只给出达标临界值"),
}  # fmt: skip
VERDICT_MARK = re.compile(r"<!-- verdicts:start -->\n.*?<!-- verdicts:end -->", re.DOTALL)
HEADS = {"en": ("series", "year-end", "published, 10,000", "mark"), "zh": ("指标", "年末", "公布数（万）", "性质")}

INSIDE = {
    "en": "Of the published figures that `{0}` did not use, {1} of {2} lie in their 80% band (256 draws).",
    "zh": "`{0}` 未用到的公布数中，{2} 个有 {1} 个落在 80% 区间内（256 次抽样）。",
}

DECIDES_MARK = re.compile(r"<!-- decides:start -->\n.*?<!-- decides:end -->", re.DOTALL)
DECIDES_HEADS = {
    "en": ("scenario", "input", "status", "of", "explains", "replaced by"),
    "zh": ("情景", "参数", "性质", "指标", "解释其方差", "可由什么替代"),
}
TARGET_MARK = re.compile(r"<!-- targets:start -->\n.*?<!-- targets:end -->", re.DOTALL)
TARGET_HEADS = {
    "en": ("target of `hunan`", "goal", "value", "80% band", "p", "verdict", "rests on"),
    "zh": ("`hunan` 的指标", "目标", "预计值", "80%区间", "达标概率", "判定", "依据"),
}
INDICATIVE = {"en": "{} (indicative)", "zh": "参考：{}"}

Row = dict[tuple[str, int], tuple[float, float, str]]


@cache
def outcomes(scenario: str) -> Row:
    """Published figure, relative error and mark of each series and year, from the run at stated values."""
    run = ds.simulate(ds.load(scenario).replace({"draws": 0}), engine="cohort")
    return {
        (row.series, int(row.year)): (row.published, row.relative_difference, row.mark)
        for row in run.outcomes.itertuples()
    }


@cache
def drawn(scenario: str) -> ds.Results:
    """A run with draws, as many as its words say."""
    return ds.simulate(ds.load(scenario).replace({"draws": 256}), engine="cohort")


@cache
def inside(scenario: str) -> tuple[int, int]:
    """Of the published figures that a run did not use and that have a band: how many lie in it, and how many are."""
    return inside_of_tested(drawn(scenario).outcomes)


def renewed(file: Path) -> str:
    """Text of a page with its table as the scenarios give it now."""
    scenarios, lang = PRINTED[file]
    return MARK.sub(block([(name, outcomes(name)) for name in scenarios], lang), file.read_text(encoding="utf-8"))


def block(found: list[tuple[str, Row]], lang: str) -> str:
    """The table between its marks."""
    series, year_end, published, mark = HEADS[lang]
    lines = [
        f"| {series} | {year_end} | {published} | " + " | ".join(f"`{name}` | {mark}" for name, _ in found) + " |",
        "|---" * (3 + 2 * len(found)) + "|",
    ]
    for (name, year), (figure, _, _) in found[0][1].items():
        cells = []
        for _, rows in found:
            _, error, how = rows[name, year]
            shown = f"{100.0 * error:+.1f}%"
            shown = "0.0%" if shown[1:] == "0.0%" else shown  # a sign would say that there is a difference
            cells.append(f"{shown} | {label('mark', how, lang).lower()}")
        lines.append(
            f"| {label('outcome_series', name, lang)} | {year} | {_published(figure)} | " + " | ".join(cells) + " |"
        )
    lines += ["", *(INSIDE[lang].format(name, *inside(name)) for name, _ in found if inside(name)[1])]
    return "\n".join(["<!-- outcomes:start -->", *lines, "<!-- outcomes:end -->"])


def _published(value: float) -> str:
    return f"{100.0 * value:.1f}%" if value < 1.0 else f"{value / 1e4:,.1f}"


@cache
def tallies(scenario: str) -> tuple[int, ...]:
    """Rows of a plan, those that can be scored, and of these how many are counted, planned, indicative, open."""
    found = drawn(scenario).targets["tally"].value_counts()
    scored = [int(found.get(name, 0)) for name in ("counted", "planned", "indicative", "open")]
    return sum(scored) + int(found.get("listed", 0)), sum(scored), *scored


def with_verdicts(page: Path) -> str:
    """Text of a page with its table of what the verdicts of the five plans rest on."""
    lines = [
        "| " + " | ".join(TALLIES[VERDICTS[page]]) + " |",
        "|---" * 7 + "|",
        *(f"| `{name}` | " + " | ".join(map(str, tallies(name))) + " |" for name in PLANS),
    ]
    told = "\n".join(["<!-- verdicts:start -->", *lines, "<!-- verdicts:end -->"])
    return VERDICT_MARK.sub(told, page.read_text(encoding="utf-8"))


def with_decides(page: Path) -> str:
    """Text of a page with the assumed inputs that weigh on a verdict, and what would replace them."""
    lang = VERDICTS[page]
    lines = ["| " + " | ".join(DECIDES_HEADS[lang]) + " |", "|---" * 6 + "|"]
    for scenario in ("hunan", "kaiping"):
        run = drawn(scenario)
        names = json.loads(run.attrs["driver_labels"])
        targets = run.targets.drop_duplicates("id").set_index("id")[f"label_{lang}"]
        found = run.inputs[run.inputs[f"replaced_by_{lang}"] != ""].sort_values("variance_share", ascending=False)
        for row in found.to_dict("records"):
            name = names.get(row["id"], {}).get(lang, row["id"])
            cells = (
                f"`{scenario}`",
                f"{name} (`{row['id']}`)",
                label("status", row["status"], lang).lower(),
                targets[row["variance_of"]],
                f"{100 * row['variance_share']:.0f}%",
                row[f"replaced_by_{lang}"],
            )
            lines.append("| " + " | ".join(cells) + " |")
    told = "\n".join(["<!-- decides:start -->", *lines, "<!-- decides:end -->"])
    return DECIDES_MARK.sub(lambda _: told, page.read_text(encoding="utf-8"))


def _figure(value: float, unit: str) -> str:
    return f"{100.0 * value:.1f}%" if unit == "share" else f"{value:,.0f}" if value >= 1000.0 else f"{value:.1f}"


def with_targets(page: Path) -> str:
    """Text of a page with the targets of `hunan` that have a verdict."""
    lang = TARGETS[page]
    rows = drawn("hunan").targets
    lines = ["| " + " | ".join(TARGET_HEADS[lang]) + " |", "|---" * 7 + "|"]
    for row in rows[rows["verdict"].isin(["met", "missed", "at_risk"])].itertuples():
        verdict = label("verdict", row.verdict, lang).lower()
        verdict = INDICATIVE[lang].format(verdict) if row.evidence in ("assumed", "borrowed") else verdict
        ends = (row.low80, row.high80)
        band = "–".join(_figure(end, row.unit) for end in ends) if is_drawn(*ends) else "—"
        target, value = _figure(row.target, row.unit), _figure(row.value, row.unit)
        name, ground = sheet_name_of(row._asdict(), lang), label("status", row.evidence, lang).lower()
        lines.append("| " + " | ".join((name, f"≥ {target}", value, band, f"{row.p_met:.2f}", verdict, ground)) + " |")
    lines += ["", *(INSIDE[lang].format(name, *inside(name)) for name in ("hunan", "hunan-2020"))]
    told = "\n".join(["<!-- targets:start -->", *lines, "<!-- targets:end -->"])
    return TARGET_MARK.sub(told, page.read_text(encoding="utf-8"))
