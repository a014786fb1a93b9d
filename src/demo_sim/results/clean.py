"""Text that comes from outside made safe for a document: no characters that XML forbids."""

from __future__ import annotations

import re

# Control characters, lone surrogates and the two non-characters: no XML file may hold them, escaped or not. Beside
# them the marks that turn the direction of the text around them, by which a name could be read as another.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """`text` without characters that break a docx or html file."""
    return _FORBIDDEN.sub("", text)
