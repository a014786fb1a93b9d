"""Philox against the known answers of its authors, and against a slow twin."""

from __future__ import annotations

import numpy as np
import pytest

from demo_sim.kernels.philox import philox_words, seed_word

# Random123, tests/kat_vectors, philox4x32 with 10 rounds: counter, key, words.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text: str) -> np.ndarray:
    return np.array([[int(w, 16) for w in text.split()]], dtype=np.uint64)


def philox_by_hand(counter: list[int], key: list[int]) -> list[int]:
    """Ten rounds with Python's whole numbers (Salmon and others 2011, section 3.2)."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return [c0, c1, c2, c3]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter: str, key: str, answer: str) -> None:
    got = philox_words(words(counter), words(key))
    assert " ".join(f"{int(w):08x}" for w in got[0]) == answer


def test_many_counters_equal_the_slow_twin() -> None:
    rng = np.random.default_rng(1)
    counters = rng.integers(0, 2**32, (200, 4), dtype=np.uint64)
    keys = rng.integers(0, 2**32, (200, 2), dtype=np.uint64)
    expected = [philox_by_hand(c, k) for c, k in zip(counters.tolist(), keys.tolist(), strict=True)]
    assert philox_words(counters, keys).tolist() == expected


def test_the_key_word_of_a_seed() -> None:
    """A seed that fits is itself; the halves of a longer one are folded."""
    assert [int(seed_word(seed)) for seed in (0, 20210831, 2**32 - 1)] == [0, 20210831, 2**32 - 1]
    assert int(seed_word(5 * 2**32 + 3)) == 5 ^ 3
    assert int(seed_word(2**63 - 1)) == (2**31 - 1) ^ (2**32 - 1)
