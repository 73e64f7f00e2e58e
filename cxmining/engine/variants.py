"""Journeys that visit the same touchpoints in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import CodedLog, Codes, Ints, gather, worth
from cxmining.engine.samples import Samples, compress, distinct, union
from cxmining.engine.visits import BLOCK

__all__ = ["Variants", "count_variants"]

_COMPARED: Final = 2
"""Numbers of several codes by which variants are put in order; only what they leave alike is compared code by code."""


@dataclass(frozen=True, eq=False)
class Variants:
    """The variants of some customers' journeys; variants of other customers merge into it.

    Attributes
    ----------
    touchpoints : tuple of str
        The dictionary of `codes`.
    codes, offsets : ndarray
        Variant `v` is the touchpoints ``codes[offsets[v]:offsets[v + 1]]``.
    journeys, customers : ndarray of int64
        How many journeys, of how many different customers.
    durations : Samples
        Microseconds from first to last event of each journey.
    """

    touchpoints: tuple[str, ...]
    codes: Codes
    offsets: Ints
    journeys: Ints
    customers: Ints
    durations: Samples

    @cached_property
    def sequences(self) -> list[tuple[str, ...]]:
        """The touchpoints of each variant."""
        names = np.array(self.touchpoints, dtype=object)[self.codes].tolist()
        bounds = self.offsets.tolist()
        return [tuple(names[a:b]) for a, b in pairwise(bounds)]

    @cached_property
    def ids(self) -> list[str]:
        """A name for each variant that depends on its touchpoints only, so that it is the same in every log."""
        return ["v" + blake2b("\x1f".join(s).encode(), digest_size=8).hexdigest() for s in self.sequences]

    @cached_property
    def rank(self) -> Ints:
        """The place of each variant, the most frequent first, equals by their touchpoints."""
        size = np.diff(self.offsets)
        bits = max(len(self.touchpoints).bit_length(), 1)
        per = 64 // bits  # so many codes are compared as one number; an end comes before every code
        keys = []
        for word in range(_COMPARED):
            key = np.zeros(len(size), dtype=np.uint64)
            for i in range(word * per, (word + 1) * per):
                long = np.flatnonzero(size > i)
                key <<= np.uint64(bits)
                key[long] |= self.codes[self.offsets[long] + i].astype(np.uint64) + np.uint64(1)
            keys.append(key)
        order = np.lexsort((*keys[::-1], -self.journeys))
        alike = np.ones(len(order), dtype=bool)
        for values in (self.journeys, *keys):
            alike[1:] &= values[order[1:]] == values[order[:-1]]
        bounds = np.append(np.flatnonzero(~alike[1:]) + 1, len(order)) if len(order) else np.zeros(0, dtype=np.int64)
        several = np.diff(bounds, prepend=0) > 1
        for first, last in zip(
            (bounds - np.diff(bounds, prepend=0))[several].tolist(), bounds[several].tolist(), strict=True
        ):
            order[first:last] = sorted(order[first:last].tolist(), key=self._whole)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return rank

    def _whole(self, v: int) -> list[int]:
        return cast(list[int], self.codes[self.offsets[v] : self.offsets[v + 1]].tolist())

    def merge(self, other: Variants) -> Variants:
        """Return the variants of both groups of customers, which must be different people."""
        touchpoints, mine, theirs = union(self.touchpoints, other.touchpoints)
        smallest = np.min_scalar_type(max(len(touchpoints) - 1, 0))
        codes = np.concatenate([mine[self.codes], theirs[other.codes]]).astype(smallest)
        offsets = np.concatenate([self.offsets, other.offsets[1:] + self.offsets[-1]])
        group, first = group_sequences(codes, offsets)
        mine, theirs = group[: len(self.journeys)], group[len(self.journeys) :]

        def add(a: Ints, b: Ints) -> Ints:
            total = np.zeros(len(first), dtype=np.int64)
            total[mine] += a
            total[theirs] += b
            return total

        places, bounds = gather(offsets, first)
        return Variants(
            touchpoints, codes[places], bounds, add(self.journeys, other.journeys),
            add(self.customers, other.customers), self.durations.merge(other.durations, mine, theirs, len(first)),
        )  # fmt: skip

    def frame(self) -> pd.DataFrame:
        """Return one row per variant, most frequent first, equals by their touchpoints.

        Where the durations are rounded, `relative_error` says how far the median may be off.
        """
        sequences = self.sequences
        frequency = self.journeys.tolist()
        order = sorted(range(len(sequences)), key=lambda v: (-frequency[v], sequences[v]))
        frame = pd.DataFrame(
            {
                "variant_id": pd.Series(self.ids, dtype="str"),
                "touchpoints": pd.Series(sequences, dtype="object"),
                "n_events": np.diff(self.offsets),
                "journeys": self.journeys,
                "customers": self.customers,
                "share": self.journeys / self.journeys.sum(),
                "cumulative": 0.0,
                "median_duration_s": self.durations.quantile(0.5) / 1e6,
            }
        ).iloc[order]
        frame["cumulative"] = frame["journeys"].cumsum() / self.journeys.sum()
        if self.durations.error:
            frame["relative_error"] = self.durations.error
        return frame.reset_index(drop=True)


def count_variants(log: CodedLog, budget: int | None = None) -> tuple[Variants, Ints]:
    """Return the variants of a log and the variant number of each journey.

    Parameters
    ----------
    log : CodedLog
    budget : int, optional
        Above so many different durations they are rounded (`Samples.rounded`), and the frame says so.

    Examples
    --------
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["buy", "call", "buy"],
    ...     channel=["web", "phone", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> variants, number = count_variants(log)
    >>> variants.sequences, number.tolist()
    ([('buy', 'call'), ('buy',)], [0, 1])
    """
    group, first = group_sequences(log.touchpoint, log.offsets)
    places, bounds = gather(log.offsets, first)
    journeys = np.bincount(group, minlength=len(first))
    variants = Variants(
        log.touchpoints, log.touchpoint[places], bounds, journeys,
        journeys if log.n_customers == log.n_journeys else distinct(group, log.customer, len(first)),
        Samples.of(group, log.duration, len(first)).within(budget),
    )  # fmt: skip
    return variants, group


def group_sequences(codes: Codes, offsets: Ints) -> tuple[Ints, Ints]:
    """Number equal sequences alike, in order of first appearance; return the numbers and where each stands first."""
    if worth(len(codes)):
        from cxmining.engine.kernels import sequences

        return sequences(codes, offsets)
    number = pd.factorize(_hash(codes, offsets))[0].astype(np.int64, copy=False)
    first = _first_of(number)
    alike = _alike(codes, offsets, first[number])
    if not alike.all():
        number = _regroup(number, np.unique(number[~alike]), codes, offsets)
        first = _first_of(number)
        appearance = np.argsort(np.argsort(first, kind="stable"), kind="stable")
        return appearance[number], np.sort(first)
    return number, first  # factorize numbers in order of first appearance


def _alike(codes: Codes, offsets: Ints, model: Ints) -> npt.NDArray[np.bool_]:
    """Compare each sequence with its model, element by element: two different ones may share a hash."""
    length = np.diff(offsets)
    alike = length == length[model]
    suspects = np.flatnonzero(alike & (model != np.arange(len(model))))
    for a, b in _parts(np.concatenate([[0], np.cumsum(length[suspects])])):
        some = suspects[a:b]
        mine, inner = gather(offsets, some)
        theirs = mine + np.repeat(offsets[model[some]] - offsets[some], np.diff(inner))
        differs = np.flatnonzero(codes[mine] != codes[theirs])
        alike[some[np.searchsorted(inner, differs, side="right") - 1]] = False
    return cast(npt.NDArray[np.bool_], alike)


def _hash(codes: Codes, offsets: Ints) -> npt.NDArray[np.uint64]:
    """Multiply a random word of the code by one of the position (both splitmix64) and add up by journey.

    The length is mixed in. Words of positions are no powers of one number, so that no word of two letters
    can be built whose sums agree (Thue and Morse's break every polynomial hash modulo 2^64).
    """
    lengths = np.diff(offsets)
    if not len(lengths):
        return np.zeros(0, np.uint64)
    of_code = _mix(np.arange(int(codes.max()) + 1, dtype=np.uint64)) | np.uint64(1)
    of_place = _mix(np.arange(int(lengths.max()), dtype=np.uint64) + (np.uint64(1) << np.uint64(40)))
    out = _mix(lengths.astype(np.uint64))
    for a, b in _parts(offsets):
        start, stop = offsets[a], offsets[b]
        place = np.arange(stop - start)
        place -= np.repeat(offsets[a:b] - start, lengths[a:b])
        mixed = of_code[codes[start:stop]]
        mixed *= of_place[place]
        # The upper half of a product is the better mixed one: it must count in every bit of the sum.
        mixed ^= mixed >> np.uint64(32)
        out[a:b] += np.add.reduceat(mixed, offsets[a:b] - start)
    return out


def _parts(offsets: Ints) -> Iterator[tuple[int, int]]:
    """Cut sequences into ranges of about a block of elements."""
    cuts = np.searchsorted(offsets, np.arange(BLOCK, int(offsets[-1]), BLOCK))
    edges = np.unique(np.concatenate([[0], cuts, [len(offsets) - 1]])).tolist()
    yield from pairwise(edges)


def _mix(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    # Sebastiano Vigna's splitmix64 finaliser; arithmetic modulo 2^64 is meant.
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _first_of(number: Ints) -> Ints:
    first = np.full(int(number.max()) + 1 if len(number) else 0, len(number), dtype=np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]  # the last write stands
    return first


def _regroup(number: Ints, colliding: Ints, codes: Codes, offsets: Ints) -> Ints:
    """Number again, by the sequences themselves, what stands in a group where hashes collide."""
    number = number.copy()
    fresh = int(number.max()) + 1
    seen: dict[tuple[int, bytes], int] = {}
    for j in np.flatnonzero(np.isin(number, colliding)).tolist():
        key = (int(number[j]), codes[offsets[j] : offsets[j + 1]].tobytes())
        number[j] = seen.setdefault(key, fresh + len(seen))
    return compress(number, fresh + len(seen))[1]
