"""Rows and columns that sum others are checks and not people; what is left are the parts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

from demo_sim.tables.findings import Findings
from demo_sim.tables.labels import TOTAL, AgeLabel
from demo_sim.tables.layouts import COUNTS, HIGHEST_AGE, Age, Layout, age_text
from demo_sim.tables.numbers import cell_hint
from demo_sim.tables.records import CODES, OLD, Record
from demo_sim.wording import NONE, Text, listed

_END = HIGHEST_AGE + 1
_SHARE_CONFIRMED = 0.9  # of the parts that other sums confirm, for a sum that differs to be only told
_SHARE_OF_EXCHANGE = 0.9  # of the rows in which columns fit when exchanged


class Totals:
    """Takes sums out of the records of a table and checks them.

    Attributes
    ----------
    checks : how many sums were found right
    """

    def __init__(self, shape: Layout, findings: Findings) -> None:
        self.shape = shape
        self.counts = shape.measure in COUNTS
        self.findings = findings
        self.checks = 0

    def parts(self, records: list[Record]) -> list[Record]:
        """Records without sums over ages, sexes and residence; findings where a sum is not that of its parts."""
        records = self._ages(self._filled(records))
        for name in ("sex", "residence"):
            records = self._without_sums(records, name)
        return records

    # Dimensions other than age.

    def _without_sums(self, records: list[Record], name: str) -> list[Record]:
        values = {record.keys.get(name) for record in records}
        parts = values - {TOTAL, None}
        if name not in self.shape.keys:
            return self._outside(records, name, parts, TOTAL in values)
        if TOTAL not in values:
            return records
        if not parts:
            if name in self.shape.optional:
                return [_without(record, name) for record in records]
            return [record for record in records if record.keys.get(name) != TOTAL]
        sums = [record for record in records if record.keys.get(name) == TOTAL]
        rest = [record for record in records if record.keys.get(name) != TOTAL]
        if len(parts) == 1:
            return self._other_part(sums, rest, name, next(iter(parts)))
        if self.counts:
            self._compare(sums, rest, name)
        return rest

    def _other_part(self, sums: list[Record], rest: list[Record], name: str, part: Any) -> list[Record]:
        """Where the sum and one of two parts are printed, the other is what is left; of rates the sum is taken."""
        other = next(value for value in CODES[name] if value != part)
        if not self.counts:
            if name not in self.shape.optional:
                return rest
            self.findings.note("part_left_out", sums[0].line, given=part)
            return [_without(record, name) for record in sums]
        known = {_place(record, name): record for record in rest}
        out = list(rest)
        for one in sums:
            same = known.get(_place(one, name))
            value = None if same is None or one.value is None else one.value - (same.value or 0.0)
            if value is None:
                self.findings.refuse("part_missing", one.line, one.column, given=part)
            elif value < 0 and self.shape.measure == "population":
                self._refuse_sum(one, [] if same is None else [same], NONE)
            else:
                places = max(one.decimals, same.decimals if same is not None else 0, 0)
                keys = {**one.keys, name: other}
                out.append(replace(one, keys=keys, value=round(value, places), text=""))
        self.findings.note("said_other_part", sums[0].line, given=part, read=other)
        return out

    def _outside(self, records: list[Record], name: str, parts: set[Any], summed: bool) -> list[Record]:
        """A dimension that this kind of table does not have: its sum, or its only value."""
        if summed:
            records = [record for record in records if record.keys.get(name) == TOTAL]
        elif len(parts) > 1:
            first = next(record for record in records if record.keys.get(name) in parts)
            self.findings.refuse("extra_dimension", first.line, given=name)
        return [_without(record, name) for record in records]

    def _compare(self, sums: list[Record], rest: list[Record], name: str) -> None:
        parts: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
        for record in rest:
            parts[_place(record, name)].append(record)
        wrong = [(one, parts[_place(one, name)]) for one in sums if not self._equal(one, parts[_place(one, name)])]
        exchanged = len(wrong) > 2 and len(wrong) >= _SHARE_OF_EXCHANGE * len(sums)
        for one, found in wrong:
            self._refuse_sum(one, found, _exchanged(wrong) if exchanged else NONE)

    def _equal(self, one: Record, parts: list[Record]) -> bool:
        known = [part.value for part in parts if part.value is not None]
        if one.value is None or not known:
            return True
        step = 10.0 ** -min(one.decimals, *(part.decimals for part in parts))
        right = abs(one.value - sum(known)) <= step * (len(known) + 1) / 2 + 1e-9 * abs(one.value)
        self.checks += right
        return right

    def _refuse_sum(self, one: Record, parts: list[Record], hint: Text, told: bool = False) -> None:
        """A sum that is not that of its parts; only told where other sums confirm the parts."""
        total = sum(part.value or 0.0 for part in parts)
        off = (one.value or 0.0) - total
        values = {"given": f"{one.value:.12g}", "sum": f"{total:.12g}", "off": f"{off:+.12g}", "hint": hint}
        say = self.findings.note if told else self.findings.refuse
        say("sum_odd" if told else "sum_differs", one.line, one.column, **values)

    # Ages.

    def _ages(self, records: list[Record]) -> list[Record]:
        if "age" not in self.shape.keys:
            return records
        cells: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
        for record in records:
            cells[_place(record, "age")].append(record)
        out: list[Record] = []
        for cell in cells.values():
            out += self._leaves(cell)
        return sorted(out, key=lambda record: (record.line, record.column))

    def _leaves(self, cell: list[Record]) -> list[Record]:
        totals = [record for record in cell if record.keys["age"].kind == "total"]
        unknown = [record for record in cell if record.keys["age"].kind == "unknown" and record.value]
        named = [record for record in cell if record.keys["age"].kind not in ("total", "unknown")]
        for record in unknown:
            self.findings.refuse("age_unknown", record.line, record.column, given=record.text)
        placed = self._resolved(named)
        leaves = []
        confirmed: set[int] = set()
        for record, age in placed:
            single = age[0] == age[1]
            inside = None if single else _tiles(age, [(other, a) for other, a in placed if other is not record])
            if inside is None:
                leaves.append((record, age))
            elif self.counts and not self._equal(record, inside):
                self._refuse_sum(record, inside, NONE)
            else:
                confirmed.update(id(part) for part in inside)
                if not self.counts:
                    self.findings.note("group_left_out", record.line, given=age_text(age))
        parts = [leaf for leaf, _ in leaves]
        sure = bool(parts) and sum(id(part) in confirmed for part in parts) >= _SHARE_CONFIRMED * len(parts)
        for record in totals:
            if self.counts and parts and not self._equal(record, parts + unknown):
                self._refuse_sum(record, parts, NONE, told=sure)
        leaves = self._unshared(leaves)
        for record, age in leaves:
            record.keys["age"] = age  # the keys of a record are its own
        return [record for record, _ in leaves]

    def _resolved(self, named: list[Record]) -> list[tuple[Record, Age]]:
        """Ages of labels, those that leave an end open understood from their neighbours."""
        closed = [record.keys["age"].age[1] for record in named if record.keys["age"].kind == "group"]
        highest = max((high for high in closed if high is not None), default=-1)
        lows = {record.keys["age"].age[0] for record in named if record.keys["age"].kind == "group"}
        out = []
        for record in named:
            label: AgeLabel = record.keys["age"]
            low, high = label.age
            single = high is None and (low - 1, low - 1) in [r.keys["age"].age for r in named]
            if label.kind == "open":
                low, high = highest + 1, None
                self.findings.note("said_age", record.line, given="Y_OPEN", read=age_text((low, high)))
            elif self.shape.ages == "closed" and label.kind == "below" and high is not None and high + 1 in lows:
                low = high
                self.findings.note("said_end", record.line, given=f"{high}-", read=high)
            elif self.shape.ages == "closed" and single:
                high = low
                self.findings.note("said_end", record.line, given=f"{low}+", read=low)
            out.append((record, (low, high)))
        return out

    def _unshared(self, leaves: list[tuple[Record, Age]]) -> list[tuple[Record, Age]]:
        """Groups that all share their bounds (18-35, 35-60): each without its upper one."""
        ordered = sorted(leaves, key=lambda pair: pair[1][0])
        pairs = list(pairwise(ordered))
        if not pairs or not all(a[1][1] == b[1][0] and a[1][0] < b[1][0] for a, b in pairs):
            return leaves
        bounds = "、".join(str(b[1][0]) for _, b in pairs)
        out = []
        for i, (record, (low, high)) in enumerate(ordered):
            out.append((record, (low, high - 1 if high is not None and i < len(pairs) else high)))
        read = listed(age_text(age) for _, age in out)
        self.findings.note("said_bounds", ordered[0][0].line, given=bounds, read=read)
        return out

    def _filled(self, records: list[Record]) -> list[Record]:
        """Records with a number: columns without any dropped, rates of the very old taken from the age before."""
        known = {record.column for record in records if record.value is not None}
        for column in sorted({record.column for record in records} - known) if known else ():
            self.findings.note("column_empty", 0, column)
        records = [record for record in records if record.column in known or not known]
        rates: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
        out = []
        for record in records:
            label = record.keys.get("age")
            if self.shape.measure == "mx" and isinstance(label, AgeLabel) and label.kind in ("group", "open"):
                before = rates[_place(record, "age")]
                if record.value is None and label.age[0] >= OLD and before:
                    record = replace(record, value=before[-1].value, decimals=before[-1].decimals)
                    self.findings.note("said_nobody", record.line, record.column, given=record.text, read=record.value)
                before.append(record)
            sums = TOTAL in record.keys.values() or (isinstance(label, AgeLabel) and label.kind in ("total", "unknown"))
            if record.value is None and not sums:
                head = self.shape.measure
                hint = cell_hint(record.text)
                self.findings.refuse("cell_number", record.line, record.column, name=head, given=record.text, hint=hint)
            elif record.value is not None:
                out.append(record)
        return out


def _place(record: Record, without: str) -> tuple[Any, ...]:
    """Keys of a record besides one; ages as they are."""
    return tuple(sorted((k, str(v)) for k, v in record.keys.items() if k not in (without, "unit")))


def _without(record: Record, name: str) -> Record:
    if name not in record.keys:
        return record
    return replace(record, keys={key: value for key, value in record.keys.items() if key != name})


def _tiles(age: Age, others: list[tuple[Record, Age]]) -> list[Record] | None:
    """Narrower groups that together are a group, or None."""
    low, high = age
    end = _END if high is None else high + 1
    inside: dict[int, list[tuple[int, Record]]] = defaultdict(list)
    for record, (first, last) in others:
        stop = _END if last is None else last + 1
        if low <= first and stop <= end and stop - first < end - low:
            inside[first].append((stop, record))
    chains: dict[int, list[Record]] = {low: []}
    for start in sorted(inside):
        if start in chains:
            for stop, record in sorted(inside[start], key=lambda pair: pair[0], reverse=True):
                chains[stop] = [*chains[start], record]
    return chains.get(end)


def _exchanged(wrong: list[tuple[Record, list[Record]]]) -> Text:
    """Words on columns that fit once they are exchanged."""
    for k in (0, 1):
        fits = 0
        for one, parts in wrong:
            if len(parts) == 2 and None not in (one.value, parts[0].value, parts[1].value):
                total, other = parts[k].value or 0.0, parts[1 - k].value or 0.0
                fits += abs(total - other - (one.value or 0.0)) <= 1e-6 * max(1.0, total)
        if fits >= _SHARE_OF_EXCHANGE * len(wrong):
            name = wrong[0][1][k].keys.get("sex", "")
            return Text(
                f"；“{name}”一列等于其余两列之和，看来列名互换了",
                f'; the column "{name}" is the sum of the other two: the heads seem to be exchanged',
            )
    return NONE
