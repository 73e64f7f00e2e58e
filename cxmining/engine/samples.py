"""Numbers kept per group so that medians stay exact when summaries are merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import BLOCK, Ints, counting_sort, worth

__all__ = ["ERROR", "Samples", "compress", "distinct", "smallest", "union"]

Floats = npt.NDArray[np.float64]
_BITS: Final = 7
STRETCH: Final = 64
ERROR: Final = 2.0 ** -(_BITS + 1)
"""The relative error of a value that was rounded to its first eight binary digits: 0.4%."""


@dataclass(frozen=True, eq=False)
class Samples:
    """For each of `n` groups a multiset of whole numbers, each value once with its count: equal multisets, equal arrays.

    Attributes
    ----------
    values : ndarray of int64
        The different values of group 0 ascending, then those of group 1, and so on.
    offsets : ndarray of int64
        The values of group `g` are ``values[offsets[g]:offsets[g + 1]]``.
    counts : ndarray of unsigned integers
        How often each value occurs.
    error : float
        0 when the values are exact, else how far each may be off, as a share of the value (`rounded`).
    budget : int, optional
        Above so many different values they are rounded, also after a merge; without it never.

    Examples
    --------
    >>> s = Samples.of(np.array([1, 1, 0, 1]), np.array([5, 1, 7, 9]), 3)
    >>> s.quantile(0.5)
    array([ 7.,  5., nan])
    >>> s.mean()
    array([ 7.,  5., nan])
    """

    values: Ints
    offsets: Ints
    counts: npt.NDArray[np.unsignedinteger[Any]] = field(default_factory=lambda: np.zeros(0, np.uint8))
    error: float = 0.0
    budget: int | None = None

    def __post_init__(self) -> None:
        for array in (self.values, self.offsets, self.counts):
            array.flags.writeable = False

    @classmethod
    def of(
        cls, group: npt.ArrayLike, values: npt.ArrayLike, n: int, counts: npt.NDArray[np.integer[Any]] | None = None
    ) -> Samples:
        """Collect `values`, whole numbers of any sign, by `group` number, 0 up to `n`; each `counts` times, or once."""
        group, values = np.asarray(group), np.asarray(values).astype(np.int64, copy=False)
        if counts is not None and int(np.sum(counts, dtype=np.int64)) <= 2 * len(values):
            # Few repeats: one more sort of plain words is faster than one that takes counts along.
            group, values, counts = np.repeat(group, counts), np.repeat(values, counts), None
        if counts is None and worth(len(values)):
            from cxmining.engine.kernels import deal, once

            return cls(*once(*deal(group, values, n)))
        low = int(values.min()) if len(values) else 0
        width = (int(values.max()) - low).bit_length() if len(values) else 0
        if n.bit_length() + width < 64 and counts is None:
            # One sort of one machine word instead of two stable sorts: several times faster.
            packed = group.astype(np.int64)
            packed <<= width
            packed += values - low if low else values
            packed.sort()
            return cls.of_packed(packed, width, low, n)
        order = np.argsort(values)
        order = order[counting_sort(group[order].astype(np.int32), n, np.zeros(len(group), np.int8))[0]]
        group, values = group[order], values[order]
        new = np.ones(len(values), dtype=bool)
        new[1:] = (values[1:] != values[:-1]) | (group[1:] != group[:-1])
        start = np.flatnonzero(new)
        if counts is None:
            total = np.diff(np.append(start, len(values)))
        else:
            total = np.add.reduceat(np.asarray(counts)[order], start, dtype=np.int64) if len(start) else start
        offsets = np.searchsorted(group[start], np.arange(n + 1))
        return cls(values[start], offsets.astype(np.int64), _narrow(total))

    @classmethod
    def of_packed(cls, packed: Ints, width: int, low: int, n: int) -> Samples:
        """Take sorted words with the group above `width` bits and the value less `low` below them; they are consumed."""
        packed, counts = _once(packed)
        offsets = np.searchsorted(packed, np.arange(n + 1) << width).astype(np.int64)
        packed &= (1 << width) - 1
        if low:
            packed += low
        return cls(packed, offsets, counts)

    @property
    def group(self) -> Ints:
        """The group number of each value."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def n(self) -> Ints:
        """How many values each group has, repeats counted."""
        return _sums(self.counts, self.offsets)

    @cached_property
    def _single(self) -> bool:
        return bool(self.counts.strides == (0,) or not len(self.counts) or self.counts.max() == 1)

    @cached_property
    def _behind(self) -> Ints:
        """How many values, repeats counted, stand up to the end of each stretch of values."""
        return np.cumsum(np.add.reduceat(self.counts, np.arange(0, len(self.counts), STRETCH), dtype=np.int64))

    def _at(self, place: Ints) -> Ints:
        """Return the values at these places of all values, repeats counted."""
        out = np.empty(len(place), dtype=np.int64)
        for a in range(0, len(place), BLOCK // 8):
            asked = place[a : a + BLOCK // 8]
            stretch = np.searchsorted(self._behind, asked, side="right")
            left = asked - np.where(stretch > 0, self._behind[stretch - 1], 0)
            inside = stretch[:, None] * STRETCH + np.arange(STRETCH)
            counts = self.counts[np.minimum(inside, len(self.counts) - 1)]
            passed = np.cumsum(counts, axis=1, dtype=np.int64) <= left[:, None]
            out[a : a + BLOCK // 8] = self.values[stretch * STRETCH + passed.sum(axis=1)]
        return out

    def merge(self, other: Samples, mine: Ints, theirs: Ints, n: int) -> Samples:
        """Put two collections together; group `g` becomes ``mine[g]``, the other's ``theirs[g]``, of `n`.

        If one of them is rounded, both are: the result does not depend on what was merged when.
        """
        budget = min((s.budget for s in (self, other) if s.budget is not None), default=None)
        if self.error != other.error:
            return self.rounded().merge(other.rounded(), mine, theirs, n)
        total = len(self.values) + len(other.values)
        sides = [(s, place) for s, place in ((self, mine), (other, theirs)) if len(s.values)]
        low = min((int(s.values.min()) for s, _ in sides), default=0)
        width = (max((int(s.values.max()) for s, _ in sides), default=0) - low).bit_length()
        events = int(self.n.sum() + other.n.sum())
        if events <= 2 * total and n.bit_length() + width < 64:
            # Few repeats: one sort of plain words, filled block by block, so that nothing stands in memory thrice.
            packed, at = np.empty(events, dtype=np.int64), 0
            for samples, place in sides:
                for group, values, counts in samples.blocks():
                    word = (place[group] << width) + (values - low)
                    word = word if samples._single else np.repeat(word, counts)
                    packed[at : at + len(word)] = word
                    at += len(word)
            packed.sort()
            both = Samples.of_packed(packed, width, low, n)
        else:
            both = Samples.of(
                np.concatenate([mine[self.group], theirs[other.group]]), np.concatenate([self.values, other.values]), n,
                np.concatenate([self.counts, other.counts]),
            )  # fmt: skip
        return Samples(both.values, both.offsets, both.counts, self.error).within(budget)

    def blocks(self) -> Iterator[tuple[Ints, Ints, npt.NDArray[np.unsignedinteger[Any]]]]:
        """Yield group, value and count of a block of values at a time."""
        for a in range(0, len(self.values), 1 << 20):
            b = min(a + (1 << 20), len(self.values))
            first, last = np.searchsorted(self.offsets, [a, b - 1], side="right") - 1
            bounds = np.clip(self.offsets[first : last + 2], a, b)
            yield np.repeat(np.arange(first, last + 1), np.diff(bounds)), self.values[a:b], self.counts[a:b]

    def within(self, budget: int | None) -> Samples:
        """Return these samples, rounded when there are more than `budget` different values, and hold merges to it."""
        kept = self if budget is None or len(self.values) <= budget else self.rounded()
        return Samples(kept.values, kept.offsets, kept.counts, kept.error, budget)

    def rounded(self) -> Samples:
        """Return the samples with each value rounded to its first eight binary digits, at most 0.4% off.

        Rounding twice is rounding once, so that rounded samples merge to the same whatever the order.
        """
        if self.error:
            return self
        n = len(self.offsets) - 1
        parts: list[Samples] = []
        for group, values, counts in self.blocks():
            size = np.abs(values)
            # frexp is exact below 2^53; above, the exponent can be one too high, which only moves a border.
            drop = np.maximum(np.frexp(size.astype(np.float64))[1].astype(np.int64) - (_BITS + 1), 0)
            near = ((size >> drop) << drop) + ((np.int64(1) << drop) >> 1)
            parts.append(Samples.of(group, np.sign(values) * near, n, counts))
        if not parts:
            return Samples(self.values, self.offsets, self.counts, ERROR, self.budget)
        group, values, totals = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("group", "values", "counts")
        )
        both = Samples.of(group, values, n, totals)
        return Samples(both.values, both.offsets, both.counts, ERROR, self.budget)

    def quantile(self, q: float) -> Floats:
        """Return each group's quantile (linear between neighbours); missing for an empty group."""
        n = self.n
        out = np.full(len(n), np.nan)
        some = n > 0
        place = q * (n[some] - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, n[some] - 1)
        start = self.offsets[:-1][some]
        if self._single:
            below, above = self.values[start + low], self.values[start + high]
        else:
            before = (np.cumsum(n) - n)[some]
            below, above = self._at(before + low), self._at(before + high)
        out[some] = below + (above.astype(np.float64) - below) * (place - low)
        return out

    def mean(self) -> Floats:
        """Return each group's mean; missing for an empty group."""
        n = self.n
        out = np.full(len(n), np.nan)
        some = n > 0
        # Two exact sums of integers, of the upper and the lower digits: the order of adding cannot matter.
        if worth(len(self.values)):
            from cxmining.engine.kernels import digit_sums

            upper, lower = digit_sums(self.values, self.offsets, self.counts)
        else:
            upper = _sums(self.counts, self.offsets, self.values, 24)
            lower = _sums(self.counts, self.offsets, self.values)
        out[some] = (upper[some].astype(np.float64) * 2.0**24 + lower[some]) / n[some]
        return out


def _sums(counts: npt.NDArray[Any], offsets: Ints, values: Ints | None = None, shift: int = 0) -> Ints:
    """Add up by group the counts, or counts times the digits of `values` above (or else below) the lowest 24."""
    if values is None and counts.strides == (0,):
        return np.diff(offsets)  # a broadcast 1
    out = np.zeros(len(offsets) - 1, dtype=np.int64)
    for a in range(0, len(counts), BLOCK):
        b = min(a + BLOCK, len(counts))
        first, last = np.searchsorted(offsets, [a, b - 1], side="right") - 1
        bounds = np.clip(offsets[first : last + 2], a, b) - a
        some = np.flatnonzero(bounds[1:] > bounds[:-1])
        part = counts[a:b].astype(np.int64)
        if values is not None:
            part *= values[a:b] >> shift if shift else values[a:b] & 0xFFFFFF
        out[first + some] += np.add.reduceat(part, bounds[some])
    return out


def _once(ordered: Ints) -> tuple[Ints, npt.NDArray[np.unsignedinteger[Any]]]:
    """Keep each of sorted words once, in the memory they stand in, and return how often each occurs."""
    counts: list[npt.NDArray[Any]] = []
    kept = start = last = 0
    for a in range(0, len(ordered), BLOCK):
        part = ordered[a : a + BLOCK]
        new = np.empty(len(part), dtype=bool)
        new[0] = not a or part[0] != last
        np.not_equal(part[1:], part[:-1], out=new[1:])
        last = int(part[-1])
        at = np.flatnonzero(new)
        if not len(at):
            continue
        if a:  # now it is known where the last value of the part before ended
            counts.append(np.array([a + at[0] - start]))
        inside = np.diff(at)
        counts.append(inside.astype(smallest(int(inside.max(initial=0)))))
        start = a + at[-1]
        ordered[kept : kept + len(at)] = part[at]
        kept += len(at)
    counts.append(np.array([len(ordered) - start] if kept else [], dtype=np.int64))
    top = max(int(c.max()) for c in counts if len(c)) if kept else 1
    if top == 1:
        return ordered, np.broadcast_to(np.uint8(1), kept)
    few = ordered[:kept].copy() if kept < 0.75 * len(ordered) else ordered[:kept]
    return few, np.concatenate([c.astype(smallest(top)) for c in counts])


def _narrow(counts: npt.NDArray[Any]) -> npt.NDArray[np.unsignedinteger[Any]]:
    top = int(counts.max()) if len(counts) else 1
    return np.broadcast_to(np.uint8(1), len(counts)) if top == 1 else counts.astype(smallest(top))


def smallest(top: int) -> np.dtype[Any]:
    """Return the smallest unsigned integer type that holds `top`."""
    return np.min_scalar_type(max(top, 0))


def compress(codes: npt.NDArray[Any], size: int) -> tuple[Ints, Ints, Ints]:
    """Return the distinct `codes` (below `size`) ascending, each element's place among them, and the counts."""
    if size > max(4 * len(codes), 1 << 20):
        return cast(tuple[Ints, Ints, Ints], np.unique(codes, return_inverse=True, return_counts=True))
    counts = np.bincount(codes, minlength=size)
    present = np.flatnonzero(counts)
    place = np.zeros(size, dtype=np.int64)
    place[present] = np.arange(len(present))
    return present, place[codes], counts[present]


def distinct(group: npt.NDArray[Any], owner: npt.NDArray[Any], n: int) -> Ints:
    """Count the different owners in each of `n` groups, in any order."""
    owners = int(owner.max()) + 1 if len(owner) else 1
    if not len(owner) or n.bit_length() + owners.bit_length() > 62:
        order = np.lexsort((owner, group))
        group, owner = group[order], owner[order]
        first = np.ones(len(group), dtype=bool)
        first[1:] = (group[1:] != group[:-1]) | (owner[1:] != owner[:-1])
        return np.bincount(group[first].astype(np.int64), minlength=n)
    pairs = group.astype(np.int64) * owners + owner
    pairs.sort()
    first = np.ones(len(pairs), dtype=bool)
    np.not_equal(pairs[1:], pairs[:-1], out=first[1:])
    return np.bincount(pairs[first] // owners, minlength=n)


def union(a: Sequence[str], b: Sequence[str]) -> tuple[tuple[str, ...], Ints, Ints]:
    """Return the joint dictionary of two, and where the entries of each stand in it."""
    joint = tuple(sorted({*a, *b}))
    place = {label: i for i, label in enumerate(joint)}
    return joint, np.array([place[x] for x in a], np.int64), np.array([place[x] for x in b], np.int64)
