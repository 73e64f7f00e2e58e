"""Compiled loops for large logs: what numpy can only say in several passes, said in one.

The numpy passes beside them give the same results and need no compiling, which costs about a second per
loop and is kept on disk: `cxmining.engine.coded.worth` says from which size on a loop pays. All run on one
thread and add whole numbers only, so that nothing depends on the machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "IdTable",
    "count_keys",
    "count_of_chosen",
    "deal",
    "deal_steps",
    "digit_sums",
    "once",
    "place_events",
    "sequences",
    "visit",
]

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Loop = TypeVar("Loop", bound=Callable[..., Any])

FREE: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
LOW: Final = np.uint64(0xFFFFFFFF)
ODD: Final = np.uint64(0x9E3779B97F4A7C15)
MIX: Final = np.uint64(0xD6E8FEB86659FD93)
S29, S32 = np.uint64(29), np.uint64(32)
ONE: Final = np.uint64(1)
AHEAD: Final = 256
"""Ids that are hashed and looked up ahead of being compared, so that the processor waits for memory once for many."""
MASK: Final = np.array([(1 << 8 * i) - 1 for i in range(9)], dtype=np.uint64)
SMALL: Final = 24
"""Groups of up to so many values are sorted by insertion; for larger ones numpy's sort is faster."""


def compiled(loop: Loop) -> Loop:
    return cast(Loop, numba.njit(cache=True, nogil=True)(loop))


class IdTable:
    """Numbers for ids in order of first appearance; every id is compared with the one whose number it gets.

    A slot holds the upper half of an id's hash and where the id stands in `_ids`: there its length and number
    in one word, then its bytes in words.
    """

    def __init__(self) -> None:
        self._slots: Words = np.full(1 << 16, FREE, dtype=np.uint64)
        self._ids: Words = np.zeros(1 << 16, dtype=np.uint64)
        # How many ids, how many words of theirs, and what reading ahead saw: kept, or the compiler leaves it out.
        self._filled = np.zeros(3, dtype=np.int64)

    def __len__(self) -> int:
        return int(self._filled[0])

    def number_texts(self, values: pa.Array, codes: npt.NDArray[np.int32]) -> None:
        """Write the number of each text, none of which is missing, into `codes`."""
        import pyarrow as pa

        _, where, content = values.buffers()
        wide = pa.types.is_large_string(values.type)
        at = np.frombuffer(where, dtype=np.int64 if wide else np.int32)[values.offset : values.offset + len(values) + 1]
        data = np.frombuffer(content if content is not None else b"", dtype=np.uint8)
        # Eight bytes are read at once: the last ids need room behind them.
        safe = int(np.searchsorted(at[1:], len(data) - 8, side="right"))
        if safe:
            self._number(at[: safe + 1], data, codes[:safe])
        if safe < len(values):
            rest = at[safe:] - at[safe]
            self._number(rest, np.append(data[at[safe] : at[-1]], np.zeros(8, np.uint8)), codes[safe:])

    def number_words(self, values: npt.NDArray[Any], codes: npt.NDArray[np.int32]) -> None:
        """Write the number of each 64-bit word into `codes`."""
        data = np.append(values.view(np.uint64), np.uint64(0)).view(np.uint8)
        self._number(np.arange(0, 8 * len(values) + 1, 8), data, codes)

    def _number(self, at: npt.NDArray[Any], data: npt.NDArray[np.uint8], codes: npt.NDArray[np.int32]) -> None:
        anywhere = np.ndarray(len(data) - 7, dtype="<u8", buffer=data, strides=(1,))
        step = 1 << 16
        for a in range(0, len(at) - 1, step):
            part = at[a : a + step + 1]
            self._make_room(len(part) - 1, int(part[-1] - part[0]))
            _number(part, anywhere, MASK, self._slots, self._ids, self._filled, codes[a : a + step])

    def _make_room(self, ids: int, content: int) -> None:
        known, words, _ = self._filled.tolist()
        need = words + content // 8 + 2 * ids
        if need >= int(LOW):
            raise MemoryError("the ids are longer than 34 GB together")
        if need > len(self._ids):
            grown = np.empty(max(need, len(self._ids) * 3 // 2), dtype=np.uint64)
            grown[:words] = self._ids[:words]
            self._ids = grown
        size = len(self._slots)
        while known + ids > 0.7 * size:
            size *= 4
        if size > len(self._slots):
            self._slots = np.full(size, FREE, dtype=np.uint64)
            _enter(self._slots, self._ids, words, MASK)


@compiled
def _hash(words: Words, at: Any, length: Any, mask: Words, stride: int) -> Any:
    """Hash `length` bytes from word `at` on; the next word stands `stride` places further."""
    h = np.uint64(length) * ODD
    left = length
    while left >= 8:
        h = (h ^ words[at]) * MIX
        h ^= h >> S29
        at += stride
        left -= 8
    h = (h ^ (words[at] & mask[left])) * MIX
    h ^= h >> S32
    h *= ODD
    return h ^ (h >> S29)


@compiled
def _number(
    at: npt.NDArray[Any], anywhere: Words, mask: Words, slots: Words, ids: Words, filled: Ints,
    codes: npt.NDArray[np.int32],
) -> None:  # fmt: skip
    n = len(at) - 1
    last = np.uint64(len(slots) - 1)
    known: Any = filled[0]
    words: Any = filled[1]
    hashes = np.empty(AHEAD, np.uint64)
    found = np.empty(AHEAD, np.uint64)
    touched = np.uint64(0)
    for b in range(0, n, AHEAD):
        m = min(AHEAD, n - b)
        for r in range(m):
            start = np.int64(at[b + r])
            hashes[r] = _hash(anywhere, start, np.int64(at[b + r + 1]) - start, mask, 8)
        for r in range(m):
            found[r] = slots[hashes[r] & last]
        for r in range(m):
            touched ^= ids[np.int64(found[r] & LOW) if found[r] != FREE else 0]
        for r in range(m):
            start, stop = np.int64(at[b + r]), np.int64(at[b + r + 1])
            upper = hashes[r] & ~LOW
            place = hashes[r] & last
            entry = slots[place]
            number: Any = np.int64(-1)
            while entry != FREE:
                if (entry ^ upper) <= LOW:
                    own = np.int64(entry & LOW)
                    head = ids[own]
                    if (head >> S32) == np.uint64(stop - start):
                        k: Any = start
                        differs = np.uint64(0)
                        while k + 8 <= stop:
                            own += 1
                            differs |= ids[own] ^ anywhere[k]
                            k += 8
                        differs |= ids[own + 1] ^ (anywhere[k] & mask[stop - k])
                        if differs == np.uint64(0):
                            number = np.int64(head & LOW)
                            break
                place = (place + ONE) & last
                entry = slots[place]
            if number < 0:
                number = known
                known += 1
                slots[place] = upper | np.uint64(words)
                ids[words] = (np.uint64(stop - start) << S32) | np.uint64(number)
                k = start
                while k + 8 <= stop:
                    words += 1
                    ids[words] = anywhere[k]
                    k += 8
                ids[words + 1] = anywhere[k] & mask[stop - k]
                words += 2
            codes[b + r] = number
    filled[0], filled[1], filled[2] = known, words, np.int64(touched >> ONE)


@compiled
def _enter(slots: Words, ids: Words, words: int, mask: Words) -> None:
    last = np.uint64(len(slots) - 1)
    at: Any = 0
    while at < words:
        length = np.int64(ids[at] >> S32)
        h = _hash(ids, at + 1, length, mask, 1)
        place = h & last
        while slots[place] != FREE:
            place = (place + ONE) & last
        slots[place] = (h & ~LOW) | np.uint64(at)
        at += 2 + length // 8


@compiled
def _bounds(group: npt.NDArray[Any], n: int) -> Ints:
    bounds = np.zeros(n + 1, np.int64)
    for i in range(len(group)):
        g: Any = np.int64(group[i])
        if 0 <= g < n:
            bounds[g + 1] += 1
    for g in range(n):
        bounds[g + 1] += bounds[g]
    return bounds


@compiled
def count_keys(keys: npt.NDArray[np.int32], n: int) -> Ints:
    """Return where each of `n` journeys begins, when events stand by journey; key −1 is in none."""
    return _bounds(keys, n)


@compiled
def place_events(
    keys: npt.NDArray[np.int32], first: int, cursor: Ints, order: npt.NDArray[np.int32], time: Ints, at: Ints,
    touchpoint: npt.NDArray[Any], code: npt.NDArray[Any], channel: npt.NDArray[Any], medium: npt.NDArray[Any],
) -> None:  # fmt: skip
    """Put each event at its journey's cursor and move that on; an event with key −1 is in no journey.

    `time`, `touchpoint` and `channel` (which may be empty) hold the events that are in one and go to `at`,
    `code` and `medium`; row numbers count from `first` and go to `order`.
    """
    kept = 0
    for row in range(len(keys)):
        key = keys[row]
        if key >= 0:
            place = cursor[key]
            cursor[key] = place + 1
            order[place] = first + row
            at[place] = time[kept]
            code[place] = touchpoint[kept]
            if len(medium):
                medium[place] = channel[kept]
            kept += 1


@compiled
def visit(group: npt.NDArray[Any], offsets: Ints, customer: Ints, n: int) -> tuple[Ints, Ints]:
    """Count for each group the journeys, and the customers, among whose elements it is."""
    by = np.full(n, -1, np.int64)
    of = np.full(n, -1, np.int64)
    journeys = np.zeros(n, np.int64)
    customers = np.zeros(n, np.int64)
    for j in range(len(offsets) - 1):
        who = customer[j]
        for i in range(offsets[j], offsets[j + 1]):
            g = np.int64(group[i])
            if by[g] != j:
                by[g] = j
                journeys[g] += 1
                if of[g] != who:
                    of[g] = who
                    customers[g] += 1
    return journeys, customers


@compiled
def _deal(group: npt.NDArray[Any], values: Ints, n: int, steps: bool) -> tuple[Ints, Ints]:
    bounds = _bounds(group, n)
    out = np.empty(bounds[n], np.int64)
    cursor = bounds[:n].copy()
    for i in range(len(group)):
        g: Any = np.int64(group[i])
        if 0 <= g < n:
            out[cursor[g]] = values[i + 1] - values[i] if steps else values[i]
            cursor[g] += 1
    for g in range(n):
        a, b = bounds[g], bounds[g + 1]
        if 1 < b - a <= SMALL:
            for i in range(a + 1, b):
                value = out[i]
                k: Any = i
                while k > a and out[k - 1] > value:
                    out[k] = out[k - 1]
                    k -= 1
                out[k] = value
    return bounds, out


def deal(group: npt.NDArray[Any], values: Ints, n: int) -> tuple[Ints, Ints]:
    """Sort values into their groups, ascending; return where each of `n` groups begins, and the values."""
    return _ordered(*_deal(group, values, n, False))


def deal_steps(group: npt.NDArray[Any], time: Ints, n: int) -> tuple[Ints, Ints]:
    """Sort the spans from each moment to the next into the groups; a group of `n` or above stands for none."""
    return _ordered(*_deal(group, time, n, True))


def _ordered(bounds: Ints, out: Ints) -> tuple[Ints, Ints]:
    for g in np.flatnonzero(np.diff(bounds) > SMALL).tolist():
        out[bounds[g] : bounds[g + 1]].sort()
    return bounds, out


@compiled
def _repeats(bounds: Ints, values: Ints) -> tuple[int, int]:
    """Return how many different values the groups have, and how often the most frequent occurs."""
    different, most, run = 0, 0, 0
    for g in range(len(bounds) - 1):
        for i in range(bounds[g], bounds[g + 1]):
            if i > bounds[g] and values[i] == values[i - 1]:
                run += 1
            else:
                run = 1
                different += 1
            most = max(most, run)
    return different, most


@compiled
def _collect(bounds: Ints, values: Ints, out: Ints, counts: npt.NDArray[Any]) -> Ints:
    offsets = np.zeros(len(bounds), np.int64)
    w = -1
    for g in range(len(bounds) - 1):
        for i in range(bounds[g], bounds[g + 1]):
            if i > bounds[g] and values[i] == values[i - 1]:
                counts[w] += 1
            else:
                w += 1
                out[w] = values[i]
                counts[w] = 1
        offsets[g + 1] = w + 1
    return offsets


def once(bounds: Ints, values: Ints) -> tuple[Ints, Ints, npt.NDArray[np.unsignedinteger[Any]]]:
    """Keep each value of a group once; return the values, where each group begins, and how often each occurs."""
    different, most = _repeats(bounds, values)
    if different == len(values):
        return values, bounds, np.broadcast_to(np.uint8(1), different)
    out = np.empty(different, dtype=np.int64)
    counts = np.zeros(different, dtype=np.min_scalar_type(most))
    offsets = _collect(bounds, values, out, counts)
    return out, offsets, counts


@compiled
def digit_sums(values: Ints, offsets: Ints, counts: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """Add up by group, `counts` times each, the digits of the values above the lowest 24 and those below."""
    upper = np.zeros(len(offsets) - 1, np.int64)
    lower = np.zeros(len(offsets) - 1, np.int64)
    for g in range(len(upper)):
        for i in range(offsets[g], offsets[g + 1]):
            count = np.int64(counts[i])
            upper[g] += (values[i] >> 24) * count
            lower[g] += (values[i] & 0xFFFFFF) * count
    return upper, lower


@compiled
def _sequences(codes: npt.NDArray[Any], offsets: Ints, slots: npt.NDArray[np.int32]) -> tuple[Ints, Ints]:
    n = len(offsets) - 1
    last = np.uint64(len(slots) - 1)
    group = np.empty(n, np.int64)
    first = np.empty(n, np.int64)
    hashes = np.empty(n, np.uint64)
    known = 0
    for j in range(n):
        start, stop = offsets[j], offsets[j + 1]
        h = np.uint64(stop - start) * ODD
        for i in range(start, stop):
            h = (h ^ np.uint64(codes[i])) * MIX
            h ^= h >> S29
        h *= ODD
        h ^= h >> S32
        place = h & last
        number: Any = -1
        while slots[place] >= 0:
            entry = slots[place]
            if hashes[entry] == h:
                model = offsets[first[entry]]
                if offsets[first[entry] + 1] - model == stop - start:
                    k = 0
                    while k < stop - start and codes[model + k] == codes[start + k]:
                        k += 1
                    if k == stop - start:
                        number = entry
                        break
            place = (place + ONE) & last
        if number < 0:
            number = known
            slots[place] = known
            hashes[known] = h
            first[known] = j
            known += 1
        group[j] = number
    return group, first[:known].copy()


def sequences(codes: npt.NDArray[Any], offsets: Ints) -> tuple[Ints, Ints]:
    """Number equal sequences alike, in order of first appearance; return the numbers and where each stands first."""
    size = 1 << max(int(1.5 * len(offsets)).bit_length(), 4)
    return _sequences(codes, offsets, np.full(size, -1, dtype=np.int32))


@compiled
def count_of_chosen(
    touchpoint: npt.NDArray[Any], channel: npt.NDArray[Any], offsets: Ints, customer: Ints, mask: npt.NDArray[np.bool_],
    k: int, c: int, size: int,
) -> tuple[Ints, Ints, Ints, Ints]:  # fmt: skip
    """Count what the chosen journeys hold; see `cxmining.engine.chosen.Chosen`.

    Returns journeys, customers and events; events by touchpoint × channel; journeys and customers by touchpoint; steps,
    journeys and customers by edge, whose number is (source + 1) × (touchpoints + 1) + target + 1, outside being −1.
    """
    totals = np.zeros(3, np.int64)
    events = np.zeros(k * c, np.int64)
    met = np.zeros((2, k), np.int64)
    edges = np.zeros((3, size), np.int64)
    seen = np.full((2, k), -1, np.int64)
    walked = np.full((2, size), -1, np.int64)
    last: Any = np.int64(-1)
    for j in range(len(mask)):
        if not mask[j]:
            continue
        who: Any = customer[j]
        totals[0] += 1
        if who != last:
            totals[1] += 1
            last = who
        totals[2] += offsets[j + 1] - offsets[j]
        before: Any = np.int64(0)
        for i in range(offsets[j], offsets[j + 1]):
            t = np.int64(touchpoint[i])
            events[t * c + np.int64(channel[i])] += 1
            if seen[0, t] != j:
                seen[0, t] = j
                met[0, t] += 1
                if seen[1, t] != who:
                    seen[1, t] = who
                    met[1, t] += 1
            e = before * (k + 1) + t + 1
            edges[0, e] += 1
            if walked[0, e] != j:
                walked[0, e] = j
                edges[1, e] += 1
                if walked[1, e] != who:
                    walked[1, e] = who
                    edges[2, e] += 1
            before = t + 1
        out = before * (k + 1)
        edges[0, out] += 1
        edges[1, out] += 1
        if walked[1, out] != who:
            walked[1, out] = who
            edges[2, out] += 1
    return totals, events, met, edges
