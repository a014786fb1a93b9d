"""From what is written to a `Quantity`: literals, rows of the register, bounds, `known_until`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from demo_sim.errors import Problem
from demo_sim.scenario.fields import Numeric
from demo_sim.scenario.messages import NONE, Problems, Text, listed, make_problem, nearest, quoted
from demo_sim.scenario.nodes import Node
from demo_sim.scenario.quantity import OBSERVED, Location, Quantity, Row, Source
from demo_sim.scenario.register import COUNT_UNITS, Register, Taken
from demo_sim.scenario.written import AT, KEY_NAMES, check_band, key_kind, read_choice, read_written, row_keys

SHOWN_BORROWED = 4
ASSUME_KEYS = ("assume", "at", "name")
# Units of the register that mean the same as the unit of a setting.
_SAME_UNITS = {"persons a year": "persons", "yuan a year": "yuan"}


@dataclass
class ValueReader:
    """Reads quantities of one scenario; collects them, the problems and the notes.

    `known_until` is the last year-end whose observations may be read, None for all.
    """

    register: Register
    region: str
    known_until: int | None
    problems: Problems
    notes: list[Problem] = field(default_factory=list)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    emptied: dict[str, tuple[Location, int]] = field(default_factory=dict)
    borrowed: dict[str, tuple[Location, bool]] = field(default_factory=dict)
    last_observed: int = 0

    def read(self, node: Node, mark: Numeric, block: Mapping[str, Node]) -> Quantity | None:
        """Quantity of a node, kept under its path; None with the problems or a note where there is none."""
        before = len(self.problems.found)
        quantity = self._assumed(node, mark) if "assume" in node.map else self._literal(node, mark, block)
        if quantity is None or len(self.problems.found) > before:
            return None
        self._check_rows(quantity, mark, node)
        if len(self.problems.found) > before:
            return None
        if mark.observed:
            quantity = self._forget(quantity)
            if "assume" not in node.map or quantity.region == self.region:  # what is lent is no figure of the scenario
                counts = tuple(status for status in OBSERVED if not (mark.inflow and status == "reported"))
                years = [row.observed_year for row in quantity.rows if row.status in counts]
                self.last_observed = max([*(year for year in years if year is not None), self.last_observed])
        if not quantity.rows:
            self.emptied[node.where.path] = (node.where, quantity.dropped)
            return None
        self.quantities[node.where.path] = quantity
        return quantity

    def _literal(self, node: Node, mark: Numeric, block: Mapping[str, Node]) -> Quantity | None:
        written = read_written(node, self.problems)
        if written is None:
            return None
        status = written.status or _text(block, "status") or mark.status
        source = written.source or _text(block, "source")
        unit = written.unit or mark.unit
        if mark.unit and _family(unit) != _family(mark.unit):
            self.problems.add(node.map["unit"].where, "unit", given=quoted(unit), allowed=quoted(mark.unit))
            return None
        for row, place in zip(written.rows, written.places, strict=True):
            self._check_bounds(row, mark, place)
        rows = tuple(replace(row, status=status, known=written.known) for row in written.rows)
        sources = (Source(node.where.path, source, status, unit),)
        return Quantity(node.where.path, rows, unit, node.where, sources, written.at, self.region)

    def _assumed(self, node: Node, mark: Numeric) -> Quantity | None:
        changed = {key: child for key, child in node.map.items() if key_kind(key) == "year"}
        for key, child in node.map.items():
            if key not in ASSUME_KEYS and key not in changed:
                allowed = ASSUME_KEYS
                self.problems.add(
                    child.where,
                    "unknown_key",
                    given=key,
                    near=nearest(key, allowed),
                    hint=NONE,
                    allowed=listed(allowed),
                )
        at = read_choice(node.map["at"], AT, self.problems) if "at" in node.map else "draw"
        asked = node.map["assume"]
        ids = asked.items if asked.is_list else [asked]
        if not ids or not all(isinstance(item.value, str) for item in ids):
            self.problems.add(asked.where, "assume_form")
            return None
        taken = [self._take(str(item.value), item.where) for item in ids]
        found = [item for item in taken if item is not None]
        if len(found) < len(taken):
            return None
        units = list(dict.fromkeys(item.entry.unit for item in found))
        unit = mark.unit or units[0]
        if len({_family(item) for item in units}) > 1:
            self.problems.add(asked.where, "units_differ", given=listed(units))
            return None
        if mark.unit and _family(units[0]) != _family(mark.unit):
            self.problems.add(asked.where, "unit", given=quoted(units[0]), allowed=quoted(mark.unit))
            return None
        rows = tuple(row for item in found for row in item.rows)
        if "name" in node.map:
            names = tuple(dict.fromkeys(row.name for row in rows))
            name = read_choice(node.map["name"], names, self.problems)
            rows = tuple(row for row in rows if row.name == name)
        for row in rows:
            check_band(row, asked.where, self.problems)
            self._check_bounds(row, mark, asked.where)
        if changed:
            rows = self._with_years(rows, replace(node, value=changed), mark)
        sources = tuple(
            Source(
                item.entry.id,
                item.entry.source,
                "borrowed" if item.borrowed else item.entry.status,
                item.entry.unit,
                item.entry.label.en,
            )
            for item in found
        )
        starts = {item.start.id: item.start for item in found if item.start is not None}
        sources += tuple(
            Source(id_, start.source, start.status, start.unit, start.label.en) for id_, start in starts.items()
        )
        if changed:
            sources += (Source(node.where.path, "", "assumed", unit),)
        region = found[0].entry.region
        return Quantity(node.where.path, rows, unit, node.where, sources, at, region)

    def _with_years(self, rows: tuple[Row, ...], node: Node, mark: Numeric) -> tuple[Row, ...]:
        """Rows of the register with those of some years in their place; none where they cannot be changed so."""
        if not all(row_keys(row).keys() == {"year"} for row in rows):
            self.problems.add(next(iter(node.map.values())).where, "years_only")
            return ()
        written = read_written(node, self.problems)
        if written is None:
            return ()
        for row, place in zip(written.rows, written.places, strict=True):
            if row_keys(row).keys() != {"year"}:
                self.problems.add(place, "years_only")
                return ()
            self._check_bounds(row, mark, place)
        years = {row.year for row in written.rows}
        kept = [row for row in rows if row.year not in years]
        return tuple(sorted([*kept, *written.rows], key=lambda row: row.year or 0))

    def assume(self, path: str, id_: str, where: Location) -> None:
        """Keep a row of the register under a path that the scenario does not write."""
        taken = self._take(id_, where)
        if taken is not None:
            entry = taken.entry
            source = Source(entry.id, entry.source, entry.status, entry.unit, entry.label.en)
            self.quantities[path] = Quantity(path, taken.rows, entry.unit, where, (source,), "draw", entry.region)

    def _take(self, id_: str, where: Location) -> Taken | None:
        entry = self.register.entry(id_, self.region)
        if entry is None:
            self.problems.add(where, "unknown_id", given=id_, near=nearest(id_, self.register.ids))
            return None
        if entry.unit == "text":
            self.problems.add(where, "text_id", given=id_)
            return None
        taken = self.register.take(id_, self.region, self.known_until)
        if taken is None:
            self.problems.add(where, "no_rows_id", given=id_)
            return None
        if taken.borrowed:
            region = Text(self.region or "本地区", self.region or "this region")
            if taken.entry.unit in COUNT_UNITS:
                self.problems.add(where, "count_not_borrowed", given=id_, unit=taken.entry.unit, region=region)
                return None
            self.borrowed[id_] = (where, taken.start is not None)
        return taken

    def borrowed_note(self) -> list[Problem]:
        """One note on all that is borrowed from Hunan: how many, how many as a change, the first few by name."""
        if not self.borrowed:
            return []
        where = next(place for place, _ in self.borrowed.values())
        paths = sum(moved for _, moved in self.borrowed.values())
        names = listed([*list(self.borrowed)[:SHOWN_BORROWED], *(["…"] if len(self.borrowed) > SHOWN_BORROWED else [])])
        place = Location(where.file, 0)
        region = Text(self.region or "本地区", self.region or "this region")
        return [
            make_problem(place, "note_borrowed", count=len(self.borrowed), given=paths, region=region, allowed=names)
        ]

    def _check_bounds(self, row: Row, mark: Numeric, where: Location) -> None:
        if not _finite_bounds(mark):
            return
        for number in (row.value, row.low, row.high):
            if number is not None and not mark.allows(number):
                hint = _scale_hint(number, mark)
                self.problems.add(where, "bounds", given=f"{number:g}", allowed=mark.bounds, hint=hint)
                return

    def _check_rows(self, quantity: Quantity, mark: Numeric, node: Node) -> None:
        seen: dict[tuple[tuple[str, str], ...], str] = {}
        for row in quantity.rows:
            keys = row_keys(row)
            for key in keys:
                if key not in mark.keys:
                    allowed = Text(
                        "、".join(KEY_NAMES[item].zh for item in mark.keys) or "（无）",
                        ", ".join(KEY_NAMES[item].en for item in mark.keys) or "(nothing)",
                    )
                    self.problems.add(node.where, "key_kind", given=KEY_NAMES[key], allowed=allowed)
                    return
            place = tuple(keys.items())
            if place in seen:
                both = listed(dict.fromkeys((seen[place], row.id)))
                self.problems.add(node.where, "same_row", given=both, allowed=" ".join(keys.values()) or "—")
                return
            seen[place] = row.id

    def _forget(self, quantity: Quantity) -> Quantity:
        """Quantity without the observations later than `known_until`.

        Outcomes keep them: a back-test is compared with what it was not allowed to know.
        """
        limit = self.known_until
        if limit is None or quantity.path.startswith("outcomes."):
            return quantity
        kept = tuple(row for row in quantity.rows if not row.observed_after(limit))
        dropped = len(quantity.rows) - len(kept)
        if dropped:
            key = "note_dropped" if kept else "note_dropped_all"
            self.notes.append(make_problem(quantity.where, key, given=limit, count=dropped))
        return replace(quantity, rows=kept, dropped=dropped)


def _finite_bounds(mark: Numeric) -> bool:
    return mark.low is not None or mark.high is not None


def _text(block: Mapping[str, Node], key: str) -> str:
    node = block.get(key)
    return str(node.value) if node is not None and isinstance(node.value, str) else ""


def _family(unit: str) -> str:
    """Kind of unit: all shares are one kind, flows of persons go with persons."""
    return "share" if unit.startswith("share") else _SAME_UNITS.get(unit, unit)


def _scale_hint(number: float, mark: Numeric) -> Text:
    """Hint for a number given on another scale: per 100, per cent, per 1,000."""
    if mark.unit == "ratio" and number > 50:
        return Text(
            f"；看来是以女婴为 100，请除以 100（{number / 100:g}）",
            f"; it looks like per 100, divide by 100 ({number / 100:g})",
        )
    if mark.unit == "share" and 1 < number <= 100:
        return Text(f"；看来是百分数，请写 {number / 100:g}", f"; it looks like per cent, write {number / 100:g}")
    if mark.unit == "births per woman" and mark.high is not None and number > 100:
        return Text(f"；看来是千分率，请写 {number / 1000:g}", f"; it looks like per 1,000, write {number / 1000:g}")
    return NONE
