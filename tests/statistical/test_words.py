"""Random words as the persons use them: known answers, no relation between neighbours, no id twice."""

from __future__ import annotations

import numpy as np
import pytest
from entry import entry
from region import SEED, Region, identities
from scipy.stats import chi2

from demo_sim.kernels import person_year as module
from demo_sim.kernels import screening, sequence
from demo_sim.kernels.philox import philox_words

KEY = (np.uint64(SEED), np.uint64(3))
N = 200_000


def words_of(ids: np.ndarray, year: int, block: int, key: tuple[np.uint64, np.uint64] = KEY) -> np.ndarray:
    """Four words of each id by the published function; (id, 4)."""
    counters = np.zeros((len(ids), 4), np.uint64)
    counters[:, 0], counters[:, 1] = ids & np.uint64(0xFFFFFFFF), ids >> np.uint64(32)
    counters[:, 2], counters[:, 3] = year, block
    return np.asarray(philox_words(counters, np.tile(np.array(key, np.uint64), (len(ids), 1))))


def base_ids(count: int, birth_year: int = 1971, sex: int = 1, residence: int = 0) -> np.ndarray:
    """Ids of one cell of the base population."""
    upper = np.uint64((birth_year << 2) | (sex << 1) | residence)
    return (upper << np.uint64(32)) | np.arange(count, dtype=np.uint64)


def test_words_and_flags_of_the_kernel_equal_the_published_function() -> None:
    hashed = np.random.default_rng(1).integers(2**63, 2**64, 500, np.uint64)
    most = np.array([2**31, 0, 0, 2**30], np.uint64)
    year, words = np.uint64(2034), np.uint64(module.WORDS_YEAR)
    for ids in (base_ids(1000), hashed):
        n = len(ids)
        got = [np.empty(n, np.uint64) for _ in range(4)]
        low, high = ids & np.uint64(0xFFFFFFFF), ids >> np.uint64(32)
        entry(screening.draw_words)(low, high, year, words, *KEY, *got)
        expected = words_of(ids, 2034, module.WORDS_YEAR)
        np.testing.assert_array_equal(np.stack(got, axis=1), expected)
        flag = np.empty(n, np.uint8)
        entry(screening.screen_stored)(ids, year, words, *KEY, *most, flag)
        np.testing.assert_array_equal(flag, (expected < most).any(axis=1))
    ids = base_ids(1000)
    flag, expected = np.empty(993, np.uint8), words_of(ids[7:], 2034, module.WORDS_YEAR)
    entry(screening.screen)(np.uint64(7), ids[0] >> np.uint64(32), year, words, *KEY, *most, flag)
    np.testing.assert_array_equal(flag, (expected < most).any(axis=1))
    found = np.empty(994, np.uint16)
    count = entry(screening.gather)(flag, found)
    np.testing.assert_array_equal(found[:count], np.flatnonzero(flag))


def test_named_blocks_of_the_counter_are_all_different() -> None:
    """That of the numbers of the draws carries more above its own eight bits, so no other may reach there."""
    names = [name for name in dir(module) if name.startswith("WORDS_")]
    blocks = [*(getattr(module, name) for name in names), sequence.WORDS_SEQUENCE]
    assert len(set(blocks)) == len(names) + 1 == 17
    assert all(0 <= block < 256 for block in blocks)


def uniform(words: np.ndarray) -> np.ndarray:
    return (words.astype(float) + 0.5) / 2.0**32 - 0.5


def assert_unrelated(one: np.ndarray, other: np.ndarray) -> None:
    """All pairs of columns: correlation of the numbers and of their squares within five standard errors."""
    a, b = uniform(one), uniform(other)
    for power in (1, 2):
        x, y = a**power, b**power
        x, y = (x - x.mean(axis=0)) / x.std(axis=0), (y - y.mean(axis=0)) / y.std(axis=0)
        assert np.abs(x.T @ y / len(x)).max() < 5.0 / np.sqrt(len(x))


def test_four_words_are_unrelated() -> None:
    words = words_of(base_ids(N), 2021, module.WORDS_YEAR)
    for first in range(4):
        for second in range(first):
            assert_unrelated(words[:, first : first + 1], words[:, second : second + 1])


def test_neighbouring_ids_years_blocks_cells_and_replicates_are_unrelated() -> None:
    ids = base_ids(N)
    words = words_of(ids, 2021, module.WORDS_YEAR)
    for step in (1, 2, 8, 1024):
        assert_unrelated(words[step:], words[:-step])
    for year in (2022, 2023, 2029):
        assert_unrelated(words, words_of(ids, year, module.WORDS_YEAR))
    for block in range(1, 9):
        assert_unrelated(words, words_of(ids, 2021, block))
    for cell in (base_ids(N, sex=0), base_ids(N, residence=1), base_ids(N, birth_year=1972)):
        assert_unrelated(words, words_of(cell, 2021, module.WORDS_YEAR))
    assert_unrelated(words, words_of(ids, 2021, module.WORDS_YEAR, (KEY[0], np.uint64(4))))
    assert_unrelated(words, words_of(ids, 2021, module.WORDS_YEAR, (np.uint64(SEED + 1), KEY[1])))


def assert_even(count: np.ndarray, low: float = 1e-6) -> None:
    """Chi-square of equal cells: neither too uneven nor too even."""
    expected = count.sum(axis=-1, keepdims=True) / count.shape[-1]
    statistic = ((count - expected) ** 2 / expected).sum(axis=-1)
    p = chi2.sf(statistic, count.shape[-1] - 1)
    assert (p > low).all() and (p < 1.0 - low).all()


@pytest.mark.parametrize("year", [2021, 2050])
def test_bytes_are_even_alone_and_in_pairs(year: int) -> None:
    words = words_of(base_ids(N), year, module.WORDS_YEAR).astype("<u4")
    by_byte = words.view(np.uint8)
    assert_even(np.stack([np.bincount(column, minlength=256) for column in by_byte.T]))
    top = by_byte[:, 3::4].astype(np.int64) >> 3
    pairs = [top[1:, word] * 32 + top[:-1, word] for word in range(4)]
    pairs += [top[:, word] * 32 + top[:, word - 1] for word in range(4)]
    assert_even(np.stack([np.bincount(pair, minlength=1024) for pair in pairs]))


def test_the_same_person_in_consecutive_years_is_even_in_three_years_together() -> None:
    ids = base_ids(N)
    octants = sum((words_of(ids, 2021 + k, 0) >> np.uint64(29)).astype(np.int64) * 8**k for k in range(3))
    assert_even(np.stack([np.bincount(column, minlength=512) for column in octants.T]))


def test_no_id_twice_among_a_million_persons_of_thirty_years() -> None:
    region = Region(years=30, size=1_000_000.0, more_births=1.6)
    population = region.opening(0)
    entered = born = 0
    for plan in region.plans:
        events = region.live(population, plan)
        entered += int(events.entered.sum())
        born += int(events.newborn[..., 0].sum())
    everybody = identities(population)
    ids = everybody[everybody > 0]
    assert ids.size > 1_500_000 and entered > 100_000 and born > 200_000
    assert np.unique(ids).size == ids.size
    base = ids[: population.persons.base_rows]
    assert (base < 2**63).all() and (ids[population.persons.base_rows :] >= 2**63).all()
