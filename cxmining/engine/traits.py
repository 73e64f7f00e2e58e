"""What is asked of journeys again and again, kept as a few bytes per journey: bits of what they meet, their ends, their span.

Everything in `masks` walks over events. Who filters by hand asks a hundred times about the same log, and an answer per
journey is there in a tenth of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import LOADED_FROM, CodedLog, Ints
from cxmining.engine.samples import smallest

__all__ = ["Bits", "Traits", "bits_of"]

Mask = npt.NDArray[np.bool_]
WORD: Final = 64
MOST: Final = 256
"""Codes beyond this many are not kept as bits: they would take more memory than the events."""
COMPILED_FROM: Final = LOADED_FROM


@dataclass(frozen=True, eq=False)
class Bits:
    """Which codes occur in each journey.

    Attributes
    ----------
    words : tuple of ndarray of unsigned int, shape (journeys,)
        Bit `b` of word `w` says whether code ``64 w + b`` occurs.
    size : int
        How many codes there are.
    """

    words: tuple[npt.NDArray[np.unsignedinteger[Any]], ...]
    size: int

    def any_of(self, codes: npt.ArrayLike) -> Mask:
        """Return the journeys in which any of these codes occurs.

        Examples
        --------
        >>> bits_of(np.array([0, 2, 1]), np.array([0, 2, 3]), 3).any_of([2]).tolist()
        [True, False]
        """
        wanted = np.zeros(len(self.words) * WORD, dtype=bool)
        wanted[np.asarray(codes, dtype=np.int64)] = True
        out: Mask | None = None
        for w, word in enumerate(self.words):
            pattern = sum(1 << int(b) for b in np.flatnonzero(wanted[w * WORD : (w + 1) * WORD]))
            if pattern:
                hit = (word & word.dtype.type(pattern)) != 0
                out = hit if out is None else out | hit
        return np.zeros(len(self.words[0]), dtype=bool) if out is None else out


def bits_of(codes: npt.NDArray[Any], offsets: Ints, size: int) -> Bits:
    """Gather which codes occur in each journey.

    Parameters
    ----------
    codes : ndarray of int, shape (events,)
        Below `size`; a negative code counts from the end.
    offsets : ndarray of int64, shape (journeys + 1,)
        No journey is empty.
    size : int

    Returns
    -------
    Bits
    """
    words = []
    for first in range(0, max(size, 1), WORD):
        here = min(size - first, WORD)
        bit = np.zeros(size, dtype=smallest((1 << here) - 1))
        bit[first : first + here] = np.left_shift(np.uint64(1), np.arange(here, dtype=np.uint64)).astype(bit.dtype)
        words.append(np.bitwise_or.reduceat(bit[codes], offsets[:-1]))
    return Bits(tuple(words), size)


class Traits:
    """What is known of each journey of a log; each is gathered when it is first asked for.

    Parameters
    ----------
    log : CodedLog

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["buy", "call", "buy"],
    ...     channel=["web", "phone", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> traits = Traits(log)
    >>> traits.touchpoints.any_of([1]).tolist(), traits.first.tolist(), traits.last.tolist()
    ([True, False], [0, 0], [1, 0])
    >>> traits.followed_by([0], [1]).tolist()
    [True, False]
    """

    def __init__(self, log: CodedLog) -> None:
        self.log = log

    @cached_property
    def touchpoints(self) -> Bits:
        """Which touchpoints each journey meets."""
        return bits_of(self.log.touchpoint, self.log.offsets, len(self.log.touchpoints))

    @cached_property
    def channels(self) -> Bits:
        """Through which channels each journey goes."""
        return bits_of(self.log.channel, self.log.offsets, len(self.log.channels))

    @cached_property
    def first(self) -> npt.NDArray[Any]:
        """The touchpoint of each journey's first event."""
        return self.log.touchpoint[self.log.offsets[:-1]]

    @cached_property
    def last(self) -> npt.NDArray[Any]:
        """The touchpoint of each journey's last event."""
        return self.log.touchpoint[self.log.offsets[1:] - 1]

    @cached_property
    def start(self) -> Ints:
        """Microseconds since 1970 of each journey's first event."""
        return self.log.time[self.log.offsets[:-1]]

    @cached_property
    def end(self) -> Ints:
        """Microseconds since 1970 of each journey's last event."""
        return self.log.time[self.log.offsets[1:] - 1]

    @cached_property
    def duration(self) -> Ints:
        """Microseconds from first to last event."""
        return self.end - self.start

    def followed_by(
        self, first: npt.ArrayLike, then: npt.ArrayLike, direct: bool = False, within_us: int | None = None
    ) -> Mask:
        """Return what `masks.followed_by` returns of touchpoint codes: only journeys that meet both are walked through."""
        from cxmining.engine import masks

        log = self.log
        a, b = (np.zeros(len(log.touchpoints), dtype=bool) for _ in range(2))
        a[np.asarray(first)], b[np.asarray(then)] = True, True
        if len(log) < COMPILED_FROM or len(log.touchpoints) > MOST:
            return masks.followed_by(log, a[log.touchpoint], b[log.touchpoint], direct=direct, within_us=within_us)
        from cxmining.engine.kernels_masks import follows

        both = self.touchpoints.any_of(first) & self.touchpoints.any_of(then)
        within = -1 if within_us is None else int(within_us)
        return follows(log.touchpoint, log.time, log.offsets, both, a, b, direct, within)
