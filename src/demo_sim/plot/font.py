"""The package's own font, so that Chinese text looks the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path
from unicodedata import combining

_FAMILY = "Demo Sim Sans SC"
_FILE = "DemoSimSansSC-Regular.ttf"


def font_path() -> Path:
    """Return the place of the font file inside the package."""
    return Path(str(resources.files("demo_sim.plot") / "fonts" / _FILE))


@lru_cache(maxsize=1)
def register_font() -> str:
    """Make the font known to matplotlib, once, and return its family name."""
    from matplotlib import font_manager

    font_manager.fontManager.addfont(str(font_path()))
    return _FAMILY


@lru_cache(maxsize=4096)
def advance(character: str) -> float:
    """Return the width of one character in em; of one that the font lacks, that of the box in its place."""
    from matplotlib.font_manager import get_font
    from matplotlib.ft2font import LoadFlags

    font = get_font(str(font_path()))
    if not font.get_char_index(ord(character)):
        return 0.0 if combining(character) else 1.0
    # Not hinted: the width must not depend on the size last asked of this shared object.
    glyph = font.load_char(ord(character), flags=LoadFlags.NO_SCALE)
    return float(glyph.horiAdvance) / font.units_per_EM


def characters() -> frozenset[str]:
    """Return every character that the font can show."""
    from matplotlib.font_manager import get_font

    return frozenset(chr(code) for code in get_font(str(font_path())).get_charmap())
