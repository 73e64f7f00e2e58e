"""Keyed hashes of identifiers: one per value, of which a customer's id and a value's pseudonym are two halves."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.privacy.keys import keyed_digests

__all__ = ["PREFIXES", "as_text", "digests", "shown", "written_ids"]

PREFIXES: Final = {"account": "n", "email": "e", "phone": "p", "device": "d", "cookie": "w"}
"""First letter of a value's pseudonym, which is followed by 16 hex digits."""
Words = npt.NDArray[np.uint64]
_ID: Final = 17  # the letter and 64 bits


def digests(kind: str, values: pd.Series, key: bytes) -> Words:
    """Return two 64-bit halves of HMAC-SHA256 per value: for the customer named after it, and for itself.

    Neither can be made of the other, so that who holds customer ids does not hold the values' pseudonyms.

    Examples
    --------
    >>> two = digests("email", pd.Series(["a@b.nl"]), b"0123456789abcdef")
    >>> two.shape, as_text(written_ids(two[:, 0]))[0][0], shown("email", two[:, 1])[0][0]
    ((1, 2), 'c', 'e')
    """
    hashed = keyed_digests(values.tolist(), key, f"c\0{kind}:".encode() if kind else b"c\0")
    halves = np.frombuffer(hashed, dtype=">u8").reshape(-1, 4)[:, :2]
    return halves.astype(np.uint64)


def written_ids(half: Words) -> npt.NDArray[np.bytes_]:
    """Write the first halves as customer ids, 17 letters each."""
    digits = np.frombuffer(half.astype(">u8").tobytes().hex().encode(), dtype=np.uint8).reshape(-1, _ID - 1)
    letters = np.full((len(half), _ID), ord("c"), dtype=np.uint8)
    letters[:, 1:] = digits
    return letters.view(f"S{_ID}")[:, 0]


def as_text(ids: npt.NDArray[np.bytes_]) -> pd.Series:
    """Lay ids that are all of one length out as text, without a Python object for each."""
    import pyarrow as pa

    ids = np.ascontiguousarray(ids)
    ends = np.arange(len(ids) + 1, dtype=np.int64) * ids.dtype.itemsize
    return pd.Series(pa.LargeStringArray.from_buffers(len(ids), pa.py_buffer(ends), pa.py_buffer(ids)), dtype="str")


def shown(kind: str, half: Words) -> list[str]:
    """Write the second halves as pseudonyms of values."""
    prefix = PREFIXES[kind]
    return [f"{prefix}{h:016x}" for h in half.tolist()]
