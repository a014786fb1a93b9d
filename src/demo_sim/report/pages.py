"""On which page each heading of a document falls, so that its contents are filled in before anybody opens it.

The document's own styles set lines of exact height, so a page holds what is counted here whatever font stands in for
the one named; with an office's template it is an estimate that the word processor brings up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from demo_sim.report.tree import DocumentBlock, Fold, Paragraph, Picture, Report, Section, Table, caption_name, words

# Widths in thousandths of an em of Times, whose figures its stand-ins share; a character that is not named is as wide
# as a Chinese one.
_WIDTHS = {c: w / 1000 for chars, w in (
    ("'", 180), ("|", 200), (" ,.·", 250), ("/:;ijlt", 278), ("²", 300), ("!()-Ifr[]", 333), ("Js", 389), ('"', 408),
    ("?acez", 444), ("0123456789#$*bdghknopquvxy_–†‡", 500), ("≥≤", 549), ("FPS", 556), ("+<=>−×", 564), ("ELTZ", 611),
    ("BCR", 667), ("ADGHKNOQUVXYw", 722), ("&m", 778), ("%", 833), ("M", 889), ("@", 921), ("W", 944),
) for c in chars}  # fmt: skip
# Of the room: how wide a picture is, and how wide at least where it would leave much of a page empty.
PICTURE, SMALLEST = 0.92, 0.78
MARGIN, ROW = 2.75, 3.0  # points at each side of a cell; above, below and between the lines of a row
# Of columns in em: heads go over so many lines; no column is narrower; words of a column go over to a second line from
# here on, and may be pressed to this; a word is cut from here on.
_HEAD_LINES, _SHORTEST, _LONGEST, _SHORTEST_WORDS, _LONGEST_WORD = 2.0, 2.6, 22.0, 7.0, 9.0
_SLACK, _BOLD = 0.15, 1.08  # em that programs differ by; how much wider a bold word is
_TIGHT = 8.0  # points that programs may differ by where a picture is made to fit
_EMPTY = 0.2  # of a page: what may stay empty above a picture
_ASKED = 1e-9  # a page that was asked for keeps the room above its first line, one that begins by itself does not
_LOW = 0.86  # of a page: a section that would begin below this begins a page
_GAP = 0.2
_CLOSING = "，。；：、）》”’％%,.;:)!?？！"


@dataclass(frozen=True)
class Type:
    """A style in points: size, height of a line, room above and below, indent of the first line in em, room at left."""

    size: float
    line: float
    before: float = 0.0
    after: float = 0.0
    indent: float = 0.0
    left: float = 0.0


def _between(before: str, after: str) -> float:
    """Em that programs leave between a Chinese character and a letter or digit."""
    kinds = [("\u4e00" <= c <= "\u9fff", c.isascii() and c.isalnum()) for c in (before, after)]
    return _GAP if (kinds[0][0] and kinds[1][1]) or (kinds[0][1] and kinds[1][0]) else 0.0


def width(text: str) -> float:
    """Width of text in em, on one line."""
    letters = sum(_WIDTHS.get(c, 0.5 if c.isascii() else 1.0) for c in text)
    return letters + sum(_between(one, other) for one, other in pairwise(text))


def lines(text: str, room: float, indent: float = 0.0) -> int:
    """Lines that text takes in a room of so many em; words, numbers and closing marks are kept together."""
    used, number = indent, 1
    token = ""
    for i, c in enumerate(text):
        token += c
        follows = text[i + 1 : i + 2]
        breaks = not c.isascii() or c in " -" or (follows and not follows.isascii())
        if follows and (not breaks or follows in _CLOSING):
            continue
        wide, start = width(token), i + 1 - len(token)
        if start and used > 0:
            used += _between(text[start - 1], token[0])
        if used + width(token.rstrip()) > room + 1e-9 and used > 0:
            number, used = number + 1, 0.0
            while wide > room > 0:  # longer than a line: cut
                number, wide = number + 1, wide - room
        used, token = used + wide, ""
    return number


def column_widths(table: Table, room: float, size: float, lang: str) -> list[float]:
    """Widths in points of the columns of a table: numbers are not broken, words take what is left.

    Parameters
    ----------
    table : to be set
    room : for all columns
    size : of its text
    lang : of the document
    """
    rows = [[words(cell.parts, lang, {}) for cell in row.cells] for row in table.rows if not row.band]
    wanted, pressed, shortest, weights = [], [], [], []
    for i, column in enumerate(table.columns):
        texts = [row[i] for row in rows]
        longest = max((width(t) for t in texts), default=0.0) + _SLACK
        bold = [_BOLD if row.cells[i].tone else 1.0 for row in table.rows if not row.band]
        words_of = [width(w) * b for t, b in zip(texts, bold, strict=True) for w in t.split() if w.isascii()]
        words_of += [_BOLD * width(w) for w in column.head.split() if w.isascii()]
        word = min(max(words_of, default=0.0) + _SLACK, _LONGEST_WORD)
        name, unit, _ = column.head.partition("（")  # a bracket that ends a line takes two more
        head = max(width(column.head) / _HEAD_LINES, width(name) + _SLACK if unit else 0.0, _SHORTEST)
        wanted.append(max(longest if column.numeric else min(longest, _LONGEST), head, word))
        pressed.append(wanted[-1] if column.numeric else max(min(longest, _SHORTEST_WORDS), word, _SHORTEST))
        shortest.append(wanted[-1] if column.numeric else max(word, _SHORTEST))
        weights.append(sum(width(t) for t in texts) + 1.0)  # a column with a few long cells gives way before a full one
    free = room - 2 * MARGIN * len(wanted)
    if sum(wanted) * size > free:  # words give way first to a readable width, then to the longest word
        least = pressed if sum(pressed) * size <= free else shortest
        wanted = _shared(free / size, least, wanted, weights)
    total = sum(wanted) * size
    if total < free:  # what is left over goes to all alike
        more = (free - total) / len(wanted)
        return [w * size + more + 2 * MARGIN for w in wanted]
    return [w * size * free / total + 2 * MARGIN for w in wanted]


def _shared(room: float, least: Sequence[float], most: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Widths in proportion to weights, none below its least or above its most, that fill the room."""

    def at(level: float) -> list[float]:
        return [min(max(level * w, low), high) for low, high, w in zip(least, most, weights, strict=True)]

    low, high = 0.0, max(m / w for m, w in zip(most, weights, strict=True))
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if sum(at(middle)) > room else (middle, high)
    return at(low)


class PageLayout:
    """Puts the blocks of a document on pages.

    Parameters
    ----------
    room, height : of the text on a page, points
    types : style name -> its measures
    shapes : height over width of each picture by name
    lang : of the document

    Attributes
    ----------
    found : page of each section by key
    breaks : sections that begin a page
    widths : of each picture by name, of the room
    orders : blocks of each section as they are placed
    """

    def __init__(
        self, room: float, height: float, types: Mapping[str, Type], shapes: Mapping[str, float], lang: str
    ) -> None:
        self.room, self.height, self.types, self.shapes, self.lang = room, height, types, shapes, lang
        self.page, self.used, self.after = 1, 0.0, 0.0
        self.found: dict[str, int] = {}
        self.breaks: set[str] = set()
        self.widths: dict[str, float] = {}
        self.orders: dict[str, list[DocumentBlock]] = {}

    def new_page(self) -> None:
        """Go to the next page."""
        self.page, self.used, self.after = self.page + 1, 0.0, 0.0

    def put(self, needs: float, before: float = 0.0, after: float = 0.0, keep: float = 0.0) -> None:
        """Place something that is not broken; `keep` more has to follow on the same page."""
        gap = max(before, self.after) if self.used else 0.0
        if self.used and self.used + gap + needs + keep > self.height + 0.01:
            self.new_page()
            gap = 0.0
        self.used, self.after = self.used + gap + needs, after

    def text(self, style: str, text: str, keep: float = 0.0) -> None:
        """Place a paragraph, which may go over to the next page between its lines, two together at the ends."""
        kind = self.types[style]
        number = lines(text, (self.room - kind.left) / kind.size, kind.indent)
        if keep or number < 4:
            return self.put(number * kind.line, kind.before, kind.after, keep)
        self.put(2 * kind.line, kind.before)
        for _ in range(number - 4):
            self.put(kind.line)
        self.put(2 * kind.line, 0.0, kind.after)

    def report(self, report: Report, first_page: bool) -> None:
        """Place all sections; the first begins a page where `first_page`."""
        alone = first_page
        for section in report.sections:
            low = self.used > _LOW * self.height  # a line more or less would put it on another page: it begins one
            if (section.page or alone or low) and self.used:
                self.new_page()
                self.used = _ASKED
                self.breaks.add(section.key)
            alone = section.page
            self.section(section, 1)

    def section(self, section: Section, level: int) -> None:
        """Place a heading with what stands under it."""
        self.text(f"Heading {min(level, 3)}", section.title, keep=self._first(section.blocks))
        self.found[section.key] = self.page
        self.orders[section.key] = self.blocks(section.blocks)
        for inner in section.sections:
            self.section(inner, level + 1)

    def _first(self, blocks: Sequence[DocumentBlock]) -> float:
        """What has to follow a heading on its page."""
        if not blocks:
            return 0.0
        first = blocks[0]
        if isinstance(first, Paragraph):
            return 2 * self.types["demo_sim body"].line
        if isinstance(first, Picture):
            return self._high(first, SMALLEST)
        return 4 * self.types["demo_sim body"].line

    def blocks(self, blocks: Sequence[DocumentBlock]) -> list[DocumentBlock]:
        """Place blocks; gives them in their order: a picture waits where it would leave much of a page empty."""
        placed: list[DocumentBlock] = []
        waiting: list[Picture] = []
        for i, block in enumerate(blocks):
            if isinstance(block, Picture) and (waiting or self._leaves_empty(block)):
                waiting.append(block)
                continue
            self.block(block)
            placed.append(block)
            listed = isinstance(block, Paragraph) and block.style == "item"
            if listed and i + 1 < len(blocks) and isinstance(blocks[i + 1], Paragraph):
                continue  # no picture inside a list
            while waiting and not self._leaves_empty(waiting[0]):
                placed.append(waiting[0])
                self.picture(waiting.pop(0))
        for picture in waiting:
            self.picture(picture)
        return placed + waiting

    def block(self, block: DocumentBlock) -> None:
        """Place one block."""
        if isinstance(block, Paragraph):
            self.text(f"demo_sim {block.style}", words(block.parts, self.lang, {}))
        elif isinstance(block, Fold):
            self.text("Heading 3", block.head, keep=self._first(block.blocks))
            for inner in block.blocks:
                self.block(inner)
        elif isinstance(block, Picture):
            self.picture(block)
        else:
            self.table(block)

    def _leaves_empty(self, block: Picture) -> bool:
        """Whether a picture would go over to the next page and leave a good part of this one empty."""
        room = self.height - self.used - self.after
        return self._high(block, SMALLEST) > room - _TIGHT and room > _EMPTY * self.height

    def picture(self, block: Picture) -> None:
        """Place a picture with its caption, a little smaller where it fits the rest of the page so."""
        room, part = self.height - self.used - self.after, PICTURE
        if self._high(block, part) > room:
            room -= _TIGHT
            while part > SMALLEST and self._high(block, part) > room:
                part -= 0.01
        self.widths[block.name] = part if self._high(block, part) <= room else PICTURE
        self.put(self._high(block, self.widths[block.name]))

    def _high(self, block: Picture, part: float) -> float:
        """Points that a picture takes with its caption, `part` of the room wide."""
        caption, figure = self.types["Caption"], self.types["demo_sim figure"]
        high = part * self.room * self.shapes.get(block.name, 0.6)
        return figure.before + high + caption.before + caption.line + caption.after

    def table(self, table: Table) -> None:
        """Place a table: its caption keeps to its head and first row, the head is repeated on each page."""
        cell = self.types["demo_sim cell"]
        wide = column_widths(table, self.room, cell.size, self.lang)
        rooms = [(w - 2 * MARGIN) / cell.size for w in wide]

        def high(texts: Sequence[str]) -> float:
            return ROW + cell.line * max(lines(t, room) for t, room in zip(texts, rooms, strict=True))

        head = high([column.head for column in table.columns])
        rows = [
            ROW + cell.line if row.band else high([words(c.parts, self.lang, {}) for c in row.cells])
            for row in table.rows
        ]
        name = f"{caption_name(table, self.lang)}　{table.caption}"
        self.text("Caption", name, keep=head + (rows[0] if rows else 0.0))
        self.put(head)
        note, kind = words(table.note, self.lang, {}), self.types["demo_sim note"]
        told = lines(note, (self.room - kind.left) / kind.size, kind.indent) if note else 0
        for i, row in enumerate(rows):
            follows = rows[i + 1] if i + 1 < len(rows) else kind.before + kind.line * (told if told < 4 else 2)
            band = table.rows[i].band  # goes with its rows, and the note with the last of all
            before = self.page
            self.put(row, keep=follows if band or i + 1 == len(rows) else 0.0)
            if self.page > before:
                self.used += head
        self.text("demo_sim note", note)
