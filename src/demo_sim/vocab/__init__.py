"""The dictionary of the project: variables, codes and units with their Chinese and English labels.

Read once, at first use, from `variables.yaml`. Its entries are single lines in JSON notation, so the
standard library reads them: a YAML parser would take longer than everything else a `--help` does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

LANGUAGES = ("zh", "en")

RESIDENCES = ("urban", "rural")
SEXES = ("male", "female")
FUNCTIONS = ("intact", "mild", "moderate", "severe", "total")
FLOWS = ("births", "deaths", "in", "out", "rural_to_urban", "reclassified")
# columns of the supply ledger between opening and closing: what adds to a stock, then what takes from it
MOVEMENTS = (
    "begun", "completions", "hires", "gained", "promoted", "conversions", "reclassified",
    "closures", "leavers", "retirements", "used", "moved_on",
)  # fmt: skip
# Where the nearest relatives of a person are, in the order of the codes that the persons carry.
PARENTS = ("here", "elsewhere", "away", "dead", "unknown")
PARTNERS = ("never", "lost", "here", "elsewhere", "away")
CHILDREN = ("none", "here", "elsewhere", "away")
CHILDREN_BORN = ("0", "1", "2+")
GRANDCHILD = ("none", "without_parents")  # below 18, in one's place, both parents not there
CARE_SETTINGS = ("community", "institution")
CARE_FLOWS = ("applied", "entered", "gone", "recovered", "displaced", "gone_waiting", "recovered_waiting")
NEED_KINDS = ("observed", "normative", "potential")
VERDICTS = ("met", "missed", "at_risk", "not_assessed")
LISTED = ("boolean", "directional")  # deliverables and directions: shown with what was reported, never judged
BASES = ("model", "observed", "reported", "assumed")
# Where a number comes from, the best first.
STATUSES = ("published", "reported", "fitted", "derived", "plan", "assumed", "borrowed")


@dataclass(frozen=True)
class Variable:
    """One variable of the results or of the method, as `variables.yaml` describes it."""

    name: str
    zh: str
    en: str
    unit: str
    dims: tuple[str, ...]
    kind: str
    definition_zh: str
    definition_en: str

    def label(self, lang: str = "zh") -> str:
        """Name to show, in `lang`."""
        return self.zh if lang == "zh" else self.en

    def definition(self, lang: str = "zh") -> str:
        """Definition to show, in `lang`."""
        return self.definition_zh if lang == "zh" else self.definition_en


@cache
def _sections() -> Mapping[str, Mapping[str, dict]]:
    """All sections of the file, as {section: {key: entry}}."""
    text = Path(__file__).with_name("variables.yaml").read_text(encoding="utf-8")
    sections: dict[str, dict[str, dict]] = {}
    current: dict[str, dict] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            current = sections.setdefault(line.rstrip(": "), {})
            continue
        key, brace, entry = line.strip().partition(": {")
        key = key.strip('"')
        if not brace or key in current:
            raise ValueError(f"variables.yaml:{number}: not an entry, or a repeated key: {line.strip()}")
        current[key] = json.loads(brace[2:] + entry)
    return MappingProxyType({name: MappingProxyType(entries) for name, entries in sections.items()})


def _unknown(kind: str, name: str, known: Mapping[str, object]) -> KeyError:
    import difflib  # only needed for a mistake

    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"
    return KeyError(f"no {kind} {name!r} in the vocabulary{hint}")


@cache
def variables() -> Mapping[str, Variable]:
    """All variables by name."""
    entries = _sections()["variables"].items()
    return MappingProxyType({k: Variable(name=k, **{**v, "dims": tuple(v["dims"])}) for k, v in entries})


def variable(name: str) -> Variable:
    """The variable called `name`; KeyError with the nearest name otherwise."""
    try:
        return variables()[name]
    except KeyError:
        raise _unknown("variable", name, variables()) from None


def kinds() -> tuple[str, ...]:
    """Names of the code lists: unit, residence, sex, function, flow, verdict and so on."""
    return tuple(name for name in _sections() if name != "variables")


def codes(kind: str) -> tuple[str, ...]:
    """All codes of one list, in the order in which they are shown."""
    sections = _sections()
    if kind == "variables" or kind not in sections:
        raise _unknown("list of codes", kind, {name: None for name in kinds()})
    return tuple(sections[kind])


def label(kind: str, code: str | None = None, lang: str = "zh") -> str:
    """Label of a code of the list `kind`, or of the variable `kind` where no code is given.

    Examples
    --------
    >>> label("residence", "urban"), label("verdict", "at_risk", "en"), label("need", lang="en")
    ('城镇', 'At risk', 'Need')
    """
    if code is None:
        return variable(kind).label(lang)
    if code not in codes(kind):
        raise _unknown(kind, code, _sections()[kind])
    return _sections()[kind][code]["zh" if lang == "zh" else "en"]


def label_or_code(kind: str, code: str, lang: str = "zh") -> str:
    """Label of a code, or the code itself where a user's own definition brought a new one."""
    return label(kind, code, lang) if code in codes(kind) else code


def column_label(table: str, column: str, lang: str = "zh") -> str:
    """Header of a column; `value` means something else in the table of targets than in that of people.

    Examples
    --------
    >>> column_label("targets", "value", "en"), column_label("demand", "need_q10", "en")
    ('Projected value', 'Need 10% quantile')
    """
    part, _, quantile = column.rpartition("_")
    if part and re.fullmatch(r"q\d+", quantile):
        return f"{label('column', part, lang)} {label('column', quantile, lang)}"
    return label("column", _of_table("column", table, column), lang)


def column_meaning(table: str, column: str, lang: str = "zh") -> str:
    """What stands in a column, in a sentence; empty where the header says it."""
    name = _of_table("column_means", table, column)
    return label("column_means", name, lang) if name in codes("column_means") else ""


def _of_table(kind: str, table: str, column: str) -> str:
    """Name of a column in a list of the vocabulary: that of its table, where it has one of its own."""
    plain = column.replace(":", "_")
    own = f"{table}.{plain}"
    return own if own in codes(kind) else plain


@cache
def _sources() -> Mapping[str, str]:
    lines = Path(__file__).with_name("sources.yaml").read_text(encoding="utf-8").splitlines()
    return json.loads("{" + ",".join(line for line in lines if line.startswith('"')) + "}")


def source_label(source: str, lang: str = "zh") -> str:
    """Source of an input in words; one written in both languages, as `中文 / English`, is shown in one.

    Parts that the package does not know, such as those of a user's own inputs, stay as they are written.

    Examples
    --------
    >>> source_label("UN WPP 2024; register rows unit.villages")
    '联合国《世界人口展望2024》；参数库 unit.villages'
    >>> source_label("示例数值 / example", "en")
    'example'
    """
    chinese, both, english = source.partition(" / ")
    if both and not chinese.isascii():
        return chinese if lang == "zh" else english
    if lang != "zh":
        return source
    fitted = re.match(r"fitted \((\w+), ([\d-]+)\) to: ", source)
    before = f"拟合（{fitted[2]}），依据：" if fitted else ""
    parts = [_sources().get(part, part) for part in source[fitted.end() if fitted else 0 :].split("; ")]
    return before + "；".join(part.replace("register rows ", "参数库 ") for part in parts)


def unit_label(unit: str, lang: str = "zh") -> str:
    """Unit in words; a unit of a user's own table is shown as it was written."""
    return label_or_code("unit", unit, lang)
