"""Streams of random numbers, one for each uncertain input."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Stream:
    """One uncertain input: the row set, region and name that share a quantile."""

    id: str
    region: str
    name: str

    @property
    def hash(self) -> int:
        """64-bit key of the stream, the same on every machine."""
        text = f"{self.id}|{self.region}|{self.name}".encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:8], "little")
