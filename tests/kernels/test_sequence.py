"""Numbers of the draws against a slow twin with digits as text, and how evenly they lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_philox import philox_by_hand

from demo_sim.kernels.sequence import SEQUENCES, stratified_uniforms

QUICK = settings(deadline=None, max_examples=60, derandomize=True)
SHUFFLE, SCRAMBLE, ORDER = 1, 2, 3
ROW = 16  # draws of a replicate that lie in random order
TREE = 7  # levels of binary digits that the 128 bits of one counter decide
# Two streams multiplied vary a little more than two of independent numbers: of the 16 of a row no two lie in the same
# part of either.
TOGETHER = 1.0 + 1.0 / 15.0

seeds = st.integers(0, 2**32 - 1)
hashes = st.integers(0, 2**64 - 1)
# stream, seed, numbers of draws, answers: kept from the first release, so that no draw of a saved run ever changes
KNOWN = [
    (0, 0, [0, 1, 8, 9], [3876564187, 2922612240, 1766564837, 4035695101]),
    (0x0123456789ABCDEF, 20210831, [0, 7, 1023, 99_999], [3807855105, 1084527305, 989591807, 968545328]),
    (2**64 - 1, 2**32 - 1, [3, 2**33], [682004868, 1691662857]),
]


def scrambled(digits: str, stream: int, seed: int, replicate: int, purpose: int) -> str:
    """Every binary digit is flipped or not by a random bit of its own for all that stands before it.

    The bits of a tree of seven levels are those of one counter, its 127 forks numbered row by row from 1.
    """
    out = ""
    for level, digit in enumerate(digits):
        first = level - level % TREE
        above, within = digits[:first], digits[first:level]
        block = 16 | purpose << 8 | first << 16
        counter = [stream % 2**32, stream >> 32, int(above or "0", 2), block]
        words = philox_by_hand(counter, [seed, replicate])
        bits = sum(word << 32 * place for place, word in enumerate(words))
        flip = bits >> int("1" + within, 2) & 1
        out += str(int(digit) ^ flip)
    return out


def number_by_hand(stream: int, seed: int, number: int) -> float:
    """Draws take turns in eight replicates; the place in one is shuffled, mirrored at the point and scrambled.

    Rows of 16 are shuffled by their digits, the draws of a row by the order of 16 random words.
    """
    index, replicate = divmod(number, 8)
    row, own = divmod(index, ROW)
    words: list[int] = []
    for first in range(0, ROW, 4):
        words += philox_by_hand([stream % 2**32, stream >> 32, row, 16 | ORDER << 8 | first << 16], [seed, replicate])
    rank = sorted(range(ROW), key=lambda place: (words[place], place)).index(own)
    place = scrambled(f"{row:032b}", stream, seed, replicate, SHUFFLE)[4:] + f"{rank:04b}"
    point = scrambled(place[::-1], stream, seed, replicate, SCRAMBLE)
    return (int(point, 2) + 0.5) / 2.0**32


def uniforms(seed: int, streams: list[int], numbers: list[int] | np.ndarray) -> np.ndarray:
    return stratified_uniforms(np.uint64(seed), np.array(streams, np.uint64), np.asarray(numbers, np.int64))


@pytest.mark.parametrize(("stream", "seed", "numbers", "answers"), KNOWN)
def test_known_answers(stream: int, seed: int, numbers: list[int], answers: list[int]) -> None:
    """Answers as whole 2**-32nds; the number lies in the middle of its own."""
    got = uniforms(seed, [stream], numbers)[0]
    assert (got * 2.0**32 - 0.5).astype(np.uint64).tolist() == answers


@QUICK
@given(seeds, hashes, st.lists(st.integers(0, 2**35 - 1), min_size=1, max_size=5))
def test_numbers_equal_the_slow_twin(seed: int, stream: int, numbers: list[int]) -> None:
    expected = [number_by_hand(stream, seed, number) for number in numbers]
    assert uniforms(seed, [stream], numbers)[0].tolist() == expected


def test_first_draws_equal_the_slow_twin() -> None:
    streams = [3, 2**63 + 5]
    expected = [[number_by_hand(stream, 9, number) for number in range(100)] for stream in streams]
    assert uniforms(9, streams, range(100)).tolist() == expected


@QUICK
@given(seeds, hashes, st.integers(0, SEQUENCES - 1), st.integers(4, 10), st.integers(0, 2**20))
def test_an_aligned_row_of_a_replicate_has_one_in_each_part(
    seed: int, stream: int, replicate: int, k: int, block: int
) -> None:
    """Of 2**k, 16 or more, that follow on a multiple of 2**k one falls into each of the 2**k equal parts."""
    size = 2**k
    numbers = SEQUENCES * (block * size + np.arange(size)) + replicate
    parts = np.floor(uniforms(seed, [stream], numbers)[0] * size)
    assert sorted(parts.tolist()) == list(range(size))


@QUICK
@given(seeds, hashes, st.integers(1, 5000))
def test_any_number_of_draws_is_nearly_even(seed: int, stream: int, draws: int) -> None:
    """No share of the draws below a point is off by more than the rows that are not full allow.

    Those are log2 of the rows of a replicate, and a row of 16 with some of its draws, which is off by 4 at most.
    """
    values = np.sort(uniforms(seed, [stream], range(draws))[0])
    steps = np.arange(draws + 1) / draws
    off = max(np.abs(values - steps[:-1]).max(), np.abs(values - steps[1:]).max())
    of_one = draws / SEQUENCES + 1.0
    assert off <= SEQUENCES * (np.log2(of_one) + 5.0) / draws


def test_all_numbers_lie_inside_and_are_different() -> None:
    values = uniforms(1, [1, 2], range(100_000))
    assert (values > 0.0).all() and (values < 1.0).all()
    whole = values * 2.0**32 - 0.5
    np.testing.assert_array_equal(whole, np.rint(whole))
    assert all(np.unique(row).size > 99_990 for row in values)  # replicates may meet by chance


@QUICK
@given(
    seeds, st.lists(hashes, min_size=1, max_size=4), st.lists(st.integers(0, 10_000), min_size=1, max_size=20),
    st.data(),
)  # fmt: skip
def test_a_number_depends_on_no_other_that_is_asked_for(
    seed: int, streams: list[int], numbers: list[int], data: st.DataObject
) -> None:
    """Other streams, other draws and their order change none."""
    some = data.draw(st.permutations(range(len(streams))))[: data.draw(st.integers(1, len(streams)))]
    few = data.draw(st.permutations(range(len(numbers))))[: data.draw(st.integers(1, len(numbers)))]
    whole = uniforms(seed, streams, numbers)
    part = uniforms(seed, [streams[s] for s in some], [numbers[i] for i in few])
    np.testing.assert_array_equal(part, whole[np.ix_(some, few)])


def replicates(seed: int, streams: list[int], draws: int) -> np.ndarray:
    """Numbers of whole replicates; (stream and replicate, place)."""
    values = uniforms(seed, streams, range(draws)).reshape(len(streams), -1, SEQUENCES)
    return np.moveaxis(values, -1, 1).reshape(-1, draws // SEQUENCES)


def test_streams_seeds_and_replicates_are_unrelated() -> None:
    """Neighbouring hashes and seeds, and all replicates of each: correlations within five standard errors."""
    streams = [1, 2, 2**32 + 1, 2**40]
    rows = np.concatenate([replicates(seed, streams, 8 * 4096) for seed in (1, 2)])
    assert rows.shape == (64, 4096)
    for power in (1, 2):
        found = np.corrcoef((rows - 0.5) ** power) - np.eye(len(rows))
        assert np.abs(found).max() < 5.0 * np.sqrt(TOGETHER / 4096)


def test_two_streams_fill_the_square() -> None:
    """Each of 64 cells has its share of 8,192 draws within five standard errors, of all pairs of six streams."""
    values = np.floor(uniforms(5, [10, 11, 12, 13, 14, 15], range(8192)) * 8.0).astype(int)
    for first in range(6):
        for second in range(first):
            cells = np.bincount(values[first] * 8 + values[second], minlength=64)
            assert np.abs(cells - 128.0).max() < 5.0 * np.sqrt(2.0 * 128.0)


def test_replicates_are_random_numbers_of_each_other() -> None:
    """The mean of a replicate varies over replicates and seeds as that of one number in each of 64 parts."""
    means = np.array([replicates(seed, [1], 8 * 64).mean(axis=1) for seed in range(250)]).ravel()
    expected = 1.0 / 12.0 / 64**3
    # a variance of 2,000 has a standard error of three per cent
    assert means.var() == pytest.approx(expected, rel=0.2)
    assert abs(means.mean() - 0.5) < 5.0 * np.sqrt(expected / means.size)
