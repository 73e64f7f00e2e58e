"""Numbers for ids: text of any kind becomes 0, 1, 2 … in order of first appearance, without making Python strings.

Ids are read as machine words and hashed block by block, so that the hash table of a block stays in the
processor's cache; the few ids of each block are then numbered once for all. Every id is compared with the
one whose number it got: a collision of hashes is found and the ids are numbered by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import worth
from cxmining.engine.samples import smallest

if TYPE_CHECKING:
    import pyarrow as pa

    from cxmining.engine.kernels import IdTable

__all__ = ["Column", "Keys", "Labels", "arrow", "number"]

Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int32]
BLOCK: Final = 1 << 20


class Keys:
    """A numbering that grows block by block.

    Examples
    --------
    >>> import pyarrow as pa
    >>> keys = Keys()
    >>> keys.add(pa.array(["b", "a", None]))
    >>> keys.add(pa.array(["c", "b"]))
    >>> numbers, n = keys.finish()
    >>> numbers.tolist(), n
    ([0, 1, -1, 2, 0], 3)
    """

    def __init__(self, expected: int = 0) -> None:
        self._codes = Column(np.int32, expected)
        self._words: list[Words] = []
        self._bounds = [0]
        self._table: IdTable | None = None
        if worth(expected):
            from cxmining.engine.kernels import IdTable

            self._table = IdTable()

    def add(self, values: pa.Array) -> None:
        """Number the values of one more block; missing ones are −1."""
        for at in range(0, len(values), BLOCK):
            self._add(values.slice(at, BLOCK))

    def _add(self, values: pa.Array) -> None:
        import pyarrow as pa

        there = None
        if values.null_count:
            there = values.is_valid().to_numpy(zero_copy_only=False)
            values = values.drop_null()
        if self._table is not None:
            self._codes.add(_spread(_looked_up(values, self._table), there))
            return
        if pa.types.is_dictionary(values.type):
            codes, first = _first_of(values.indices.to_numpy(zero_copy_only=False).astype(np.uint64)[:, None])
            used = values.dictionary.take(values.indices.take(pa.array(first)))
            words = _words(used)
            # Two entries of a dictionary may be the same value.
            own, first = _first_of(words)
            codes, words = own[codes], words[first]
        else:
            words = _words(values)
            codes, first = _first_of(words)
            words = words[first]
        self._codes.add(_spread(codes, there))
        self._words.append(words)
        self._bounds.append(len(self._codes))

    def finish(self) -> tuple[Numbers, int]:
        """Return the numbers of all values that were added, and how many different ones there are."""
        if self._table is not None:
            n, self._table = len(self._table), None
            return self._codes.finish(), n
        width = max((w.shape[1] for w in self._words), default=1)
        sizes = [len(w) for w in self._words]
        together = np.concatenate([_pad(w, width) for w in self._words] or [np.zeros((0, 1), np.uint64)])
        self._words = []
        rank, first = _first_of(together)
        del together
        out, base = self._codes.finish(), 0
        for start, stop, size in zip(self._bounds, self._bounds[1:], sizes, strict=False):
            # −1, missing, picks the last.
            out[start:stop] = np.append(rank[base : base + size], np.int32(-1))[out[start:stop]]
            base += size
        return out, len(first)


def _spread(codes: Numbers, there: npt.NDArray[np.bool_] | None) -> Numbers:
    if there is None:
        return codes
    every = np.full(len(there), -1, dtype=np.int32)
    every[there] = codes
    return every


def _looked_up(values: pa.Array, table: IdTable) -> Numbers:
    import pyarrow as pa

    if pa.types.is_dictionary(values.type):
        own, first = _first_of(values.indices.to_numpy(zero_copy_only=False).astype(np.uint64)[:, None])
        return _looked_up(values.dictionary.take(values.indices.take(pa.array(first))), table)[own]
    codes = np.empty(len(values), dtype=np.int32)
    if pa.types.is_integer(values.type):
        table.number_words(values.to_numpy(zero_copy_only=False).astype(np.int64, copy=False), codes)
    else:
        table.number_texts(values if _is_text(values.type) else values.cast(pa.string()), codes)
    return codes


class Labels:
    """A dictionary of few labels that grows block by block; codes stay those of first appearance until `finish`."""

    def __init__(self, expected: int = 0) -> None:
        self._places: dict[str, int] = {}
        self._codes = Column(np.uint8, expected)
        self.missing = 0

    def add(self, values: pa.Array) -> None:
        """Take one more block of labels; missing ones are counted in `missing`."""
        self._codes.add(self.number(values))

    def number(self, values: pa.Array) -> npt.NDArray[np.unsignedinteger[Any]]:
        """Return the codes of labels in order of first appearance; missing ones are counted and left out."""
        import pyarrow as pa

        if not pa.types.is_dictionary(values.type):
            values = values.dictionary_encode()
        if values.null_count or values.dictionary.null_count:
            there = values.cast(values.type.value_type).drop_null()
            self.missing += len(values) - len(there)
            values = there.dictionary_encode()
        labels = values.dictionary.to_pylist()
        indices = values.indices.to_numpy(zero_copy_only=False)
        used = np.bincount(indices, minlength=len(labels)) > 0
        place = np.array(
            [
                self._places.setdefault(str(label), len(self._places)) if there else 0
                for label, there in zip(labels, used.tolist(), strict=True)
            ],
            dtype=np.int64,
        )
        return cast(npt.NDArray[np.unsignedinteger[Any]], place.astype(smallest(len(self._places)))[indices])

    def finish(self) -> tuple[npt.NDArray[np.unsignedinteger[Any]], tuple[str, ...]]:
        """Return the codes, positions in the alphabetical dictionary, and the dictionary."""
        return self.ranked(self._codes.finish())

    def ranked(self, codes: npt.NDArray[Any]) -> tuple[npt.NDArray[np.unsignedinteger[Any]], tuple[str, ...]]:
        """Return codes of first appearance, which may be overwritten, as positions in the alphabetical dictionary."""
        names = sorted(self._places)
        rank = np.zeros(max(len(names), 1), dtype=smallest(len(names) - 1))
        rank[[self._places[name] for name in names]] = np.arange(len(names))
        if codes.dtype != rank.dtype:
            return rank[codes], tuple(names)
        for at in range(0, len(codes), BLOCK):
            codes[at : at + BLOCK] = rank[codes[at : at + BLOCK]]
        return codes, tuple(names)


class Column:
    """An array that grows at its end and in its type; memory is taken as it is filled, not as it is expected."""

    def __init__(self, dtype: npt.DTypeLike, expected: int = 0) -> None:
        self._array: npt.NDArray[Any] = np.empty(expected, dtype=dtype)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def add(self, part: npt.NDArray[Any]) -> None:
        """Put one more part at the end."""
        behind = self._n + len(part)
        dtype = np.promote_types(self._array.dtype, part.dtype)
        if behind > len(self._array) or dtype != self._array.dtype:
            grown = np.empty(max(behind, len(self._array), min(2 * self._n, behind + 32 * BLOCK)), dtype=dtype)
            grown[: self._n] = self._array[: self._n]
            self._array = grown
        self._array[self._n : behind] = part
        self._n = behind

    def finish(self) -> npt.NDArray[Any]:
        """Return what was added."""
        return self._array[: self._n]


def number(values: Sequence[Any] | pd.Series) -> tuple[Numbers, int]:
    """Number the values in order of first appearance, −1 for missing ones; return how many there are."""
    chunks = arrow(values)
    if chunks is None:
        codes, uniques = pd.factorize(values if isinstance(values, pd.Series) else pd.Series(list(values)))
        return codes.astype(np.int32), len(uniques)
    keys = Keys(sum(map(len, chunks)))
    for chunk in chunks:
        keys.add(chunk)
    return keys.finish()


def arrow(values: Sequence[Any] | pd.Series) -> list[pa.Array] | None:
    """Return the values as Arrow arrays of text, whole numbers or a dictionary of them; ``None`` if they are neither."""
    import pyarrow as pa

    try:
        array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return None  # a mixture of types in one list
    chunks: Iterable[pa.Array] = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    plain = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    return list(chunks) if _is_text(plain) or pa.types.is_integer(plain) else None


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _words(values: pa.Array) -> Words:
    """Return the values as rows of 64-bit words: equal values, equal rows, but for words of 0 at the end."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not _is_text(values.type):
        if not pa.types.is_integer(values.type):
            return _words(values.cast(pa.string()))
        wide = values.to_numpy(zero_copy_only=False)
        return cast(Words, wide.astype(np.int64, copy=False).view(np.uint64)[:, None])
    m = len(values)
    if not m:
        return np.zeros((0, 1), dtype=np.uint64)
    at, data = _bytes(values)
    if len(data) and data.min() <= 1:
        # Words are filled up with NUL, so a text must not end in it: NUL and the mark that hides it are spelled out.
        values = pc.replace_substring(values, "\x01", "\x01\x01")
        at, data = _bytes(pc.replace_substring(values, "\x00", "\x01\x02"))
    length = np.diff(at)
    longest = int(length.max())
    words = np.zeros((m, max((longest + 7) // 8, 1)), dtype=np.uint64)
    if len(data) == m * longest:
        words.view(np.uint8)[:, :longest] = data.reshape(m, longest)
        return words
    padded = np.concatenate([data, np.zeros(8, dtype=np.uint8)])
    anywhere = np.ndarray(len(data) + 1, dtype="<u8", buffer=padded, strides=(1,))
    mask = np.array([(1 << 8 * i) - 1 for i in range(9)], dtype=np.uint64)
    start = at[:-1].astype(np.int64)
    for w in range(words.shape[1]):
        left = np.clip(length - 8 * w, 0, 8)
        words[:, w] = anywhere[np.minimum(start + 8 * w, len(data))] & mask[left]
    return words


def _bytes(values: pa.Array) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
    """Return where each text begins, from 0, and the bytes of all of them."""
    import pyarrow as pa

    _, where, content = values.buffers()
    kind = np.int64 if pa.types.is_large_string(values.type) else np.int32
    at = np.frombuffer(where, dtype=kind)[values.offset : values.offset + len(values) + 1]
    data = np.frombuffer(content if content is not None else b"", dtype=np.uint8)[at[0] : at[-1]]
    return at - at[0], data


def _pad(words: Words, width: int) -> Words:
    if words.shape[1] == width:
        return words
    out = np.zeros((len(words), width), dtype=np.uint64)
    out[:, : words.shape[1]] = words
    return out


def _first_of(words: Words) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """Number equal rows alike, in order of first appearance; return the numbers and where each stands first."""
    codes, first = _firsts(pd.factorize(_hash(words))[0])
    if words.shape[1] > 1 and len(words):
        models = np.ascontiguousarray(words[first].T)
        for at in range(0, len(words), 1 << 16):
            own, of = words[at : at + (1 << 16)], codes[at : at + (1 << 16)]
            if any((model.take(of) != own[:, w]).any() for w, model in enumerate(models)):
                rows = np.ascontiguousarray(words).view([("", np.uint64)] * words.shape[1]).ravel()
                return _firsts(pd.factorize(np.unique(rows, return_inverse=True)[1])[0])
    return codes, first


def _firsts(codes: npt.NDArray[Any]) -> tuple[Numbers, npt.NDArray[np.int64]]:
    codes = codes.astype(np.int32)
    first = np.zeros(int(codes.max()) + 1 if len(codes) else 0, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]  # the last write stands
    return codes, first


def _hash(words: Words) -> Words:
    """Mix each word on its own (a word of zeros stays zero, so that width does not matter) and add them up."""
    if words.shape[1] == 1:
        return words[:, 0]
    out = np.zeros(len(words), dtype=np.uint64)
    for at in range(0, len(words), 1 << 15):
        part = words[at : at + (1 << 15)]
        total = out[at : at + (1 << 15)]
        for w in range(part.shape[1]):
            x = part[:, w] * np.uint64(0x9E3779B97F4A7C15)
            x ^= x >> np.uint64(32)
            x *= np.uint64(0xD6E8FEB86659FD93)
            x ^= x >> np.uint64(29)
            x *= np.uint64((0xBF58476D1CE4E5B9 * (2 * w + 3)) & 0xFFFFFFFFFFFFFFFF)
            total += x
    return out
