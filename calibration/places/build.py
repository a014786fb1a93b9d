"""Compile the census tables of `src/demo_sim/places/data` from digitisations of the yearbooks.

    python calibration/places/build.py FOLDER

FOLDER has, as CSV: county_2020 and county_2010 (after Lei Dong and others, "census", MIT: the 2020 and 2010 census by
county of the National Bureau of Statistics), population_by_residence and deaths_by_residence (tables 1-5 and 6-1 of the
census yearbooks 2000, 2010, 2020), units_2023 (after china-division 2.7.0, MIT), births_by_province (tables 6-1 of the
long form). Facts are carried over; what is decided here is said at each step.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "src" / "demo_sim" / "places" / "data"
NBS = "National Bureau of Statistics of China"
AGES = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 85, 5)), "85+"]
OLDER = ["0", "1-4", *(f"{a}-{a + 4}" for a in range(5, 100, 5)), "100+"]
CELLS = [f"{sex}_{age}" for sex in ("male", "female") for age in AGES]
KEPT = {  # column of 2020 -> its name here
    "urban": "urban", "family_households": "family_households",
    "people_in_family_households": "people_in_family_households", "one_person_households": "one_person_households",
    "households_with_65": "households_with_65", "households_with_one_65": "households_with_one_65",
    "households_with_two_65": "households_with_two_65",
    "registered_elsewhere_same_county": "elsewhere_same_county",
    "registered_elsewhere_same_province": "elsewhere_same_province", "registered_other_province": "other_province",
}  # fmt: skip
UNITS = ["streets", "towns", "townships", "other_town_level", "communities", "villages", "other_village_level"]
SHORT = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
}
LARGEST_CHANGE = 1.5  # of a total between the censuses, beyond which a code is held to be another land
SUFFIX = re.compile("(自治县|自治旗|县|市|区|旗|特区|林区)$")


def main(folder: Path) -> None:
    """Write all tables."""
    rows = list(_read(folder / "county_2020.csv.gz"))
    places = _places(rows)
    _write_2020(rows, places)
    earlier = [row for row in _read(folder / "county_2010.csv.gz") if row["code"] and row["total"]]
    _write_2010(earlier)
    _write_links(places, earlier)
    _write_provinces(
        folder, {SHORT.get(p["name"], p["name"].rstrip("省市")): p["code"] for p in places if p["level"] == "province"}
    )
    _write_places(places, {row["code"]: row for row in _read(folder / "units_2023.csv.gz")})


def _places(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Code, name, level and parent of each row, in the order of the yearbook; what has no code gets one of ours."""
    out: list[dict[str, str]] = []
    prefectures = {row["code"] for row in rows if row["code"].endswith("00") and not row["code"].endswith("0000")}
    zones: Counter[str] = Counter()
    province = current = ""
    for row in rows:
        code, name = row["code"], row["county"]
        if row["province"] == "全国":
            level, code, above = "nation", "000000", ""
        elif code.endswith("0000"):
            level, above, province = "province", "000000", code
        elif code.endswith("00") or "直辖县级行政区划" in name:
            level, above, current = "prefecture", province, code or f"{province[:2]}9000"
            code, name = current, f"{row['province']}{name}" if name in ("市辖区", "县") else name
            prefectures.add(code)
        elif code[:2] == province[:2]:
            # the fifth digit 7 marks zones that have a code
            level, above = "zone" if code[4] == "7" else "county", f"{code[:4]}00"
            assert above in prefectures or code[2:4] == "90", row
            above = above if above in prefectures else province
        else:
            zones[current] += 1
            code, level, above = f"{current[:4]}Z{zones[current]}", "zone", current
        out.append({"code": code, "name": name, "level": level, "parent": above})
    return out


def _write_2020(rows: list[dict[str, str]], places: list[dict[str, str]]) -> None:
    lines = []
    for row, place in zip(rows, places, strict=True):
        cells = [row[name] or "0" for name in CELLS]
        assert sum(map(int, cells)) == int(row["total"]), place
        lines.append([place["code"], *(row[name] for name in KEPT), *cells])
    heading = (
        f"publisher: {NBS}, census of 2020 by county; licence: official statistics, "
        "digitised by Lei Dong and others under MIT; date: 2020-11-01; status: published"
    )
    _write("census_2020.csv", heading, ["code", *KEPT.values(), *CELLS], lines)


def _write_2010(rows: list[dict[str, str]]) -> None:
    lines = []
    for row in rows:
        cells = [row[name] or "0" for name in CELLS]
        lines.append(
            [row["code"], row["name"], row["urban"], row["registered"], row["birth_rate_permille"],
             row["death_rate_permille"], *cells]
        )  # fmt: skip
    provinces = [line for line in lines if line[0].endswith("0000")]
    urban, registered, *nation = (
        str(sum(int(line[i] or 0) for line in provinces)) for i in (2, 3, *range(6, 6 + len(CELLS)))
    )
    lines.append(["000000", "全国", urban, registered, "", "", *nation])
    heading = (
        f"publisher: {NBS}, census of 2010 by county; "
        "licence: official statistics, digitised by Lei Dong and others under MIT; date: 2010-11-01; status: published"
    )
    _write(
        "census_2010.csv",
        heading,
        ["code", "name", "urban", "registered", "birth_rate_permille", "death_rate_permille", *CELLS],
        lines,
    )


def _write_links(places: list[dict[str, str]], earlier: list[dict[str, str]]) -> None:
    """Which code of 2010 was which of 2020: by code and name, else by name in the same province; checked by total."""
    totals = _totals("census_2020.csv")
    codes = {row["code"]: row for row in earlier}
    by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in earlier:
        by_name[row["code"][:2], _stem(row["name"])].append(row["code"])
    lines = []
    for place in places:
        code = place["code"]
        if place["level"] in ("nation", "province"):
            lines.append([code, code, "1"])
            continue
        same = codes.get(code)
        named = [
            c for c in by_name[code[:2], _stem(place["name"])] if c.endswith("00") == (place["level"] == "prefecture")
        ]
        if same is not None and (
            _stem(same["name"]) == _stem(place["name"]) or place["level"] == "prefecture" or not named
        ):
            found, sure = code, _stem(same["name"]) == _stem(place["name"])
        elif len(named) == 1:
            found, sure = named[0], True
        else:
            continue
        ratio = totals[code] / int(codes[found]["total"])
        if place["level"] == "prefecture":
            sure = True
        if not 1 / LARGEST_CHANGE <= ratio <= LARGEST_CHANGE:
            sure = False
        lines.append([code, found, str(int(sure))])
    taken = Counter(line[1] for line in lines)
    lines = [[a, b, s if taken[b] == 1 else "0"] for a, b, s in lines]
    heading = (
        "publisher: demo_sim, compiled by code, name and total; licence: MIT; date: 2026-11-28; status: derived; "
        "sure 0: another land may stand under the code, the prefecture serves"
    )
    _write("links_2010.csv", heading, ["code", "code_2010", "sure"], lines)


def _write_provinces(folder: Path, codes: dict[str, str]) -> None:
    """Population and reported deaths of the provinces by residence, sex and age; births of the long form."""
    codes = codes | {"全国": "000000"}
    for name, measure, table in (
        ("population_by_residence", "population", "1-5"),
        ("deaths_by_residence", "deaths", "6-1"),
    ):
        found: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
        for row in _read(folder / f"{name}.csv.gz"):
            if row["residence"] != "all":
                key = row["census"], codes[row["province"]], row["residence"], row["sex"]
                found[key][row["age"]] = row[measure]
        lines = [[*key, *(values[age] or "0" for age in OLDER)] for key, values in sorted(found.items())]
        heading = (
            f"publisher: {NBS}, census yearbooks, tables {table} by residence; licence: official statistics; "
            "date: 2000-11-01, 2010-11-01, 2020-11-01; status: published"
            + ("; reported, about a fifth short: pattern, not level" if measure == "deaths" else "")
        )
        _write(f"province_{measure}.csv", heading, ["census", "code", "residence", "sex", *OLDER], lines)
    births: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])  # boys, girls, both in city and town
    for row in _read(folder / "births_by_province.csv"):
        if row["area_zh"] not in codes:
            continue
        key = row["period"][:4].replace("2019", "2020").replace("2009", "2010"), codes[row["area_zh"]]
        boys, girls = int(row["出生人数-男"]), int(row["出生人数-女"])
        if row["residence"] == "不分城乡":
            births[key][:2] = [boys, girls]
        elif row["residence"] in ("城市", "镇"):
            births[key][2] += boys + girls
    heading = (
        f"publisher: {NBS}, census yearbooks, births of the twelve months before, long form (about a tenth); "
        "licence: official statistics; date: 2010-11-01, 2020-11-01; status: published"
    )
    lines = [[*key, *counted] for key, counted in births.items()]
    _write("province_births.csv", heading, ["census", "code", "male", "female", "urban"], lines)


def _write_places(places: list[dict[str, str]], units: dict[str, dict[str, str]]) -> None:
    """Every place with its people and units of government; places above counties have the sum of their counties."""
    parents = {place["code"]: place["parent"] for place in places}
    summed: dict[str, list[int]] = defaultdict(lambda: [0] * len(UNITS))
    for code, row in units.items():
        above = code if code in parents else code[:4] + "00" if code[:4] + "00" in parents else code[:2] + "0000"
        while above:
            summed[above] = [a + int(row[name]) for a, name in zip(summed[above], UNITS, strict=True)]
            above = parents.get(above, "")
    totals, older = _totals("census_2020.csv"), _totals("census_2020.csv", AGES[13:])
    lines = [
        [p["code"], p["name"], p["level"], p["parent"], totals[p["code"]], older[p["code"]],
         *(summed[p["code"]] if p["code"] in summed else [""] * len(UNITS))]
        for p in places
    ]  # fmt: skip
    heading = (
        f"publisher: {NBS}, division codes; licence: official statistics, counted after china-division 2.7.0 (MIT); "
        "date: 2023-06-30; status: published; people of the census of 2020; codes with Z are ours: zones without a code"
    )
    _write("places.csv", heading, ["code", "name", "level", "parent", "total", "older_60", *UNITS], lines)


def _stem(name: str) -> str:
    stem = SUFFIX.sub("", name)
    return stem if len(stem) > 1 else name


def _totals(name: str, ages: list[str] = AGES) -> dict[str, int]:
    with (OUT / name).open(encoding="utf-8") as file:
        next(file)
        return {
            row["code"]: sum(int(row[f"{s}_{a}"]) for s in ("male", "female") for a in ages)
            for row in csv.DictReader(file)
        }


def _read(path: Path) -> Iterable[dict[str, str]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))


def _write(name: str, heading: str, columns: list[str], rows: Iterable[list[object]]) -> None:
    text = io.StringIO()
    text.write(f"# {heading}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    (OUT / name).write_text(text.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
