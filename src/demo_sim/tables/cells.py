"""Files as users have them, as sheets of text cells: workbooks, delimited text, fixed-width text, whatever encoding."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from demo_sim.files import MOST_TEXT, hindrance
from demo_sim.tables import workbook_process
from demo_sim.tables.findings import Findings
from demo_sim.tables.sheet import InputSheet, SheetRow
from demo_sim.tables.web import web_tables
from demo_sim.wording import Text

MOST_CELLS = 20_000_000  # of the rectangle of a sheet: a stray cell at the far end would be read as billions
MOST_ROWS = 200_000  # a table of one place has thousands; the UN's file of all countries has millions
MOST_UNPACKED = 512 << 20
LONGEST = 120  # seconds that the largest workbook may take
_WORDS = "年龄性别男女人口合计总城乡镇岁单位张床数率县市区死亡生育"  # tell encodings of short Chinese text apart
_ENCODINGS = ["gb18030", "big5", "utf_16_le", "utf_16_be", "cp1252"]


def read_sheets(path: Path, findings: Findings) -> list[InputSheet]:
    """Sheets of a file; empty with the finding noted where it cannot be read.

    Parameters
    ----------
    path
        The file.
    findings
        Takes what is wrong, and how the text was decoded.
    """
    if hinders := hindrance(path, MOST_TEXT):
        findings.refuse("hindered", given=Text(*hinders))
        return []
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        findings.refuse("no_file")
        return []
    except OSError as error:
        findings.refuse("unreadable", given=error.strerror or type(error).__name__)
        return []
    sheets = _sheets(data, findings)
    if any(len(sheet.rows) > MOST_ROWS for sheet in sheets):
        findings.refuse("many_rows", given=max(len(sheet.rows) for sheet in sheets), allowed=MOST_ROWS)
        return []
    return sheets


def _sheets(data: bytes, findings: Findings) -> list[InputSheet]:
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _workbook(data, findings)
    for start, name in ((b"%PDF", "PDF"), (b"{\\rtf", "RTF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG")):
        if data.startswith(start):
            findings.refuse("not_a_table", given=name)
            return []
    text = decoded(data, findings)
    if text is None:
        return []
    if re.match(r"\s*<\?xml", text[:200]):
        findings.refuse("xml_table")
        return []
    if re.match(r"\s*(<!doctype html|<html|<table|<head|<meta|<body)", text[:200], re.IGNORECASE):
        return web_tables(text, findings)
    return _text(text, findings)


def decoded(data: bytes, findings: Findings) -> str | None:
    """Text of bytes in UTF-8, UTF-16, GBK and the like, or None where it is no text."""
    encoding = "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text, encoding = _guessed(data)
        if encoding and "\x00" not in text:
            findings.note("encoding", given={"gb18030": "GBK"}.get(encoding, encoding.replace("_", "-").upper()))
    if not encoding or re.search("[\x00-\x08\x0e-\x1a\x1c-\x1f]", text):
        findings.refuse("not_text")
        return None
    return text


def _guessed(data: bytes) -> tuple[str, str]:
    """Text and encoding; the one that makes the most of the words that tables use."""
    from charset_normalizer import from_bytes

    found = {match.encoding: str(match) for match in from_bytes(data[:MOST_TEXT], cp_isolation=_ENCODINGS)}
    try:
        found.setdefault("gb18030", data.decode("gb18030"))
    except UnicodeDecodeError:
        pass
    if not found:
        return "", ""
    encoding = max(found, key=lambda name: sum(found[name].count(char) for char in _WORDS))
    return found[encoding], encoding


def _text(text: str, findings: Findings) -> list[InputSheet]:
    lines = text.splitlines()
    comments = [SheetRow(i, [line]) for i, line in enumerate(lines, 1) if line.startswith("#")]
    separator = _separator(lines)
    if separator is None:
        return [InputSheet("", _by_blanks(lines))]
    if separator in ";，|":
        names = {";": ("分号", "semicolons"), "，": ("全角逗号", "full-width commas"), "|": ("竖线", "bars")}
        findings.note("separator", given=Text(*names[separator]))
    given = ("\n" if line.startswith("#") else line for line in io.StringIO(text, newline=""))  # quotes are free there
    reader = csv.reader(given, strict=True, delimiter=separator)
    try:
        rows = [
            SheetRow(reader.line_num, [c.strip() for c in cells]) for cells in reader if any(c.strip() for c in cells)
        ]
    except csv.Error:
        findings.refuse("quotation", reader.line_num)
        return []
    if rows and re.match("sep=", rows[0].cells[0], re.IGNORECASE):
        rows = rows[1:]
    rows = [row for row in rows if not row.cells[0].startswith("#")]
    if separator == "\t":
        rows = _unpacked(rows)
    return [InputSheet("", rows, comments=comments)]


def _by_blanks(lines: list[str]) -> list[SheetRow]:
    """Cells between blanks from the row that begins with the year on; titles whole."""
    head = next(i for i, line in enumerate(lines) if _begins_a_table(line))
    return [
        SheetRow(i + 1, line.split() if i >= head else [line.strip()]) for i, line in enumerate(lines) if line.strip()
    ]


def _begins_a_table(line: str) -> bool:
    words = line.split()
    return len(words) > 2 and words[0] == "Year" and words[1] == "Age"


def _separator(lines: list[str]) -> str | None:
    """What separates the cells; None for blanks, as in the files of the Human Mortality Database."""
    if lines and (match := re.match(r"sep=(.)", lines[0], re.IGNORECASE)):
        return match[1]
    some = [line for line in lines[:200] if line.strip() and not line.startswith("#")]
    counts = {sign: sum(sign in line for line in some) for sign in "\t,;|，"}
    best = max(counts, key=lambda sign: counts[sign])
    if counts["\t"] * 2 > len(some):
        return "\t"
    if any(_begins_a_table(line) for line in some[:10]):
        return None
    return best if counts[best] else ","


def _unpacked(rows: list[SheetRow]) -> list[SheetRow]:
    """Eurostat packs the keys into the first column, with commas: one cell each."""
    packed = rows[0].cells[0].count(",") if rows and "\\" in rows[0].cells[0] else 0
    if not packed:
        return rows
    return [SheetRow(row.line, [*(part.strip() for part in row.cells[0].split(",")), *row.cells[1:]]) for row in rows]


def _workbook(data: bytes, findings: Findings) -> list[InputSheet]:
    try:
        sane = data[:2] != b"PK" or _sane(data)
    except Exception:  # on a damaged file the standard library raises whatever it runs into
        findings.refuse("no_workbook")
        return []
    if not sane:
        findings.refuse("huge_sheet")
        return []
    found = _in_a_process(data)
    if found is None:
        findings.refuse("password")
        return []
    if not found:
        findings.refuse("no_workbook")
        return []
    sheets = []
    for name, rows, merged in found:
        ranges = [((top + 1, left), (bottom + 1, right)) for (top, left), (bottom, right) in merged]
        sheets.append(InputSheet(name, [SheetRow(line, cells) for line, cells in rows], ranges, workbook=True))
    return [sheet for sheet in sheets if sheet.rows]


def _in_a_process(data: bytes) -> Any:
    """What `workbook_process` reads of a workbook; empty where it gives up, None where a password is asked for."""
    command = [sys.executable, "-P", "-S", workbook_process.__file__]
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(command, input=data, capture_output=True, env=environment, timeout=LONGEST, check=True)
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return []


def _sane(data: bytes) -> bool:
    """Whether the sheets of a packed workbook are of a size that can be laid out.

    The library lays out the rectangle from the first to the last cell, and ends the process where that fails.
    """
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(item.file_size for item in packed.infolist()) > MOST_UNPACKED:
            return False
        for item in packed.infolist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", item.filename):
                text = packed.read(item)
                columns = max((_number_of(name) for name in set(re.findall(rb'\br="([A-Z]{1,3})\d', text))), default=1)
                last = max((int(n) for n in re.findall(rb'\br="[A-Z]{0,3}(\d{1,9})"', text)), default=1)
                if last * columns > MOST_CELLS:
                    return False
            elif item.filename == "content.xml" and not _sane_ods(packed.read(item)):
                return False
    return True


def _number_of(letters: bytes) -> int:
    """Number of a column from its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _sane_ods(text: bytes) -> bool:
    """A cell or row that holds something is not repeated thousands of times."""
    rows = re.split(rb"<table:table-row\b", text)
    for row in rows[1:]:
        filled = [cell for cell in re.findall(rb"<table:table-cell\b[^>]*>", row) if b"office:value" in cell]
        repeated = [int(n) for cell in filled for n in re.findall(rb'columns-repeated="(\d{1,9})"', cell)]
        head = re.match(rb'[^>]*rows-repeated="(\d{1,9})"', row)
        if any(n > 1000 for n in repeated) or (filled and head and int(head[1]) > 10_000):
            return False
    return True
