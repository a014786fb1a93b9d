"""Charts set into a page: glyphs shared by all of them, names of their own, coordinates without idle decimals."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

_HEAD = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_GLYPH = re.compile(r'<path id="(DemoSimSansSC-[^"]+)"[^>]*?/>', re.DOTALL)
_EMPTY_DEFS = re.compile(r"<defs>\s*</defs>")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_PLAIN_ID = re.compile(r' id="(?!DemoSimSansSC-)([^"]+)"')
_SIZE = re.compile(r' width="[^"]*pt" height="[^"]*pt"')
# A command of a path needs no room around it.
_IDLE = re.compile(r' (?=[MLQCz] [-\d"MLQC])|(?<=\b[MLQCz]) (?=[-\d"MLQC])')
_RESET = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)


@dataclass
class ChartSheet:
    """All charts of one page: what they share is kept once, in `glyphs`."""

    glyphs: dict[str, str] = field(default_factory=dict)

    def inline(self, name: str, text: str, alt: str) -> str:
        """A chart as an element of the page.

        Parameters
        ----------
        name : of the chart, put before its ids, which are unlike only within one file
        text : the SVG as it was written
        alt : what it shows, for those who do not see it
        """
        text = _COMMENT.sub("", _METADATA.sub("", _HEAD.sub("", text)))
        text = _RESET.sub("", text)
        for found in _GLYPH.finditer(text):
            if found.group(1) not in self.glyphs:
                self.glyphs[found.group(1)] = _closed_up(found.group(0))
        text = _EMPTY_DEFS.sub("", _GLYPH.sub("", text))
        text = _renamed(text, name)
        text = _NUMBER.sub(_rounded, text)
        text = _closed_up(text).replace("> <", "><")
        text = _SIZE.sub("", text, count=1)
        return text.replace("<svg", f'<svg class="chart" role="img" aria-label="{escape(alt)}"', 1)

    def shared(self) -> str:
        """The element that holds the glyphs; it has to stand before the charts."""
        return (
            '<svg class="glyphs" aria-hidden="true" width="0" height="0" xmlns="http://www.w3.org/2000/svg"><defs>'
            + "".join(self.glyphs.values())
            + "</defs></svg>"
        )


def _renamed(text: str, name: str) -> str:
    """Ids that are referred to get the chart's name before them, all others go."""
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', text))

    def replace(found: re.Match[str]) -> str:
        return f' id="{name}-{found.group(1)}"' if found.group(1) in used else ""

    text = _PLAIN_ID.sub(replace, text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", text)
    return re.sub(r'xlink:href="#(?!DemoSimSansSC-)([^"]+)"', rf'xlink:href="#{name}-\1"', text)


def _closed_up(text: str) -> str:
    """Text with single spaces, and none where none is needed."""
    return _IDLE.sub("", " ".join(text.split()))


def _rounded(found: re.Match[str]) -> str:
    shown = f"{float(found.group(0)):.2f}".rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown
