"""The ledger of one file while it is read: what became of each record, and why.

A record has one fate. The first that is decided stands; what nobody decided about was kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cxmining.errors import ReconciliationError
from cxmining.ingest.files.arrow import constant, hexadecimal, joined, labels_of, no_text, text_of
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.times import Stamps
from cxmining.schema import RECORD_STATUS, InputFile, table

__all__ = ["FileLedger", "input_file", "join_ledgers", "record_ids"]

_BLOCK = 1 << 14


def record_ids(source: str, sha256: str, seq: Any) -> np.ndarray[Any, Any]:
    """Return the ids of the records at positions `seq` of a file.

    They depend on the name of the source, the content of the file and the position: a file that
    is renamed keeps them. No two records of one file share one.

    Examples
    --------
    >>> record_ids("mail", "ab", [1, 2]).tolist() == record_ids("mail", "ab", [1, 2, 3])[:2].tolist()
    True
    """
    return np.asarray(_ids(source, sha256, np.asarray(seq)), dtype=object)


def _ids(source: str, sha256: str, seq: np.ndarray[Any, Any]) -> Any:
    # One hash per file, and the position mixed into it by the last steps of splitmix64 (Steele, Lea & Flood
    # 2014), which map 64 bits one to one: a hash per record took as long as to parse the record.
    first, second = np.frombuffer(hashlib.blake2b(f"{source}|{sha256}|".encode(), digest_size=16).digest(), "<u8")
    mixed = np.empty(len(seq), dtype=np.uint64)
    for i in range(0, len(seq), _BLOCK):  # block by block, so that what is made on the way stays small
        some = (seq[i : i + _BLOCK].astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + first
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            some = (some ^ (some >> np.uint64(shift))) * np.uint64(factor)
        mixed[i : i + _BLOCK] = some ^ (some >> np.uint64(31)) ^ second
    return hexadecimal("r", mixed)


class FileLedger:
    """What became of the `n` records of one file.

    Positions are 0-based here and 1-based (``seq``) in the table.

    Examples
    --------
    >>> from pathlib import Path
    >>> ledger = FileLedger("mail", SourceFile(Path("x"), "x", "0" * 64, 1, False), 3)
    >>> ledger.reject([0], "no date")
    >>> ledger.merge([2], [1], "leg of one call")
    >>> ledger.kept.tolist()
    [1]
    >>> ledger.frame()["status"].tolist()
    ['rejected', 'kept', 'merged']
    """

    def __init__(self, source: str, file: SourceFile, n: int) -> None:
        self.source = source
        self.file = file
        self.n = n
        self.names = _ids(source, file.sha256, np.arange(1, n + 1))
        """The ids as pandas' ``str``: what becomes a column needs no Python object per record."""
        self._status = np.zeros(n, dtype=np.int8)  # index into RECORD_STATUS; 0 is kept
        self._reason = np.full(n, -1, dtype=np.int32)  # index into the reasons given; -1 is none
        self._reasons: dict[str, int] = {}
        self._into = np.full(n, -1, dtype=np.int64)  # position in this file; -1 is none
        self._elsewhere: np.ndarray[Any, Any] | None = None  # ids, where any record went into another file's
        self._cells: list[tuple[np.ndarray[Any, Any], str, str]] = []
        self.within: np.ndarray[Any, Any] | None = None
        """Per record the position of the file's own record that it is a part of, where the file counts otherwise."""

    @cached_property
    def ids(self) -> np.ndarray[Any, Any]:
        """The id of each record."""
        return np.asarray(self.names, dtype=object)

    @property
    def kept(self) -> np.ndarray[Any, Any]:
        """Positions that stand so far."""
        return np.flatnonzero(self._status == 0)

    @property
    def open(self) -> np.ndarray[Any, Any]:
        """Boolean mask of the records that stand so far."""
        return np.asarray(self._status == 0)

    def _decide(self, at: Any, status: str, reason: Any, into: Any = None) -> None:
        at = np.asarray(at)
        positions = np.flatnonzero(at) if at.dtype == bool else at.astype(np.int64)
        free = self._status[positions] == 0
        chosen = positions[free]
        self._status[chosen] = RECORD_STATUS.index(status)
        if isinstance(reason, str):
            self._reason[chosen] = self._reasons.setdefault(reason, len(self._reasons))
        else:
            codes, unique = pd.factorize(np.asarray(reason, dtype=object)[free])
            known = [self._reasons.setdefault(str(r), len(self._reasons)) for r in unique]
            self._reason[chosen] = np.array([*known, -1])[codes]
        if into is None:
            return
        into = np.asarray(into)
        if into.dtype.kind in "iu":
            self._into[chosen] = into[free]
            return
        if self._elsewhere is None:
            self._elsewhere = np.full(self.n, None, dtype=object)
        self._elsewhere[chosen] = into.astype(object)[free]

    def reject(self, at: Any, reason: str | Sequence[str]) -> None:
        """Records (mask or positions) that cannot be used."""
        self._decide(at, "rejected", reason)

    def no_moment(self, stamps: Stamps, name: str) -> None:
        """Records whose stamp, called `name`, is missing, means *never*, or is none."""
        self.reject(stamps.missing, f"no {name}")
        self.never(stamps, name)
        self.reject(stamps.bad, f"{name} is no moment")

    def never(self, stamps: Stamps, name: str) -> None:
        """Records whose stamp, called `name`, is of a year that no contact has, such as 1 and 9999: it means *never*."""
        self.reject(stamps.never, f"{name} lies before 1900 or after 2199, as dates do that mean never")

    def context(self, at: Any, reason: str) -> None:
        """Records that inform others and are no row of their own."""
        self._decide(at, "context", reason)

    def duplicate(self, at: Any, of: Any, reason: str) -> None:
        """Records that are there already, as the positions (or record ids) `of`."""
        self._decide(at, "duplicate", reason, of)

    def merge(self, at: Any, into: Any, reason: str) -> None:
        """Records that live on in the positions (or record ids) `into`."""
        self._decide(at, "merged", reason, into)

    def cell(self, at: Any, column: str, reason: str) -> None:
        """Cells that cannot be used, of records that stand."""
        at = np.asarray(at)
        positions = np.flatnonzero(at) if at.dtype == bool else at.astype(np.int64)
        if len(positions):
            self._cells.append((positions, column, reason))

    def frame(self) -> pd.DataFrame:
        """Return the rows of table ``ledger``: one per record, then the rejected cells."""
        return table("ledger", self.columns())

    def columns(self) -> dict[str, Any]:
        """Return the columns of `frame`."""
        merged = self.names.take(self._into, allow_fill=True) if (self._into >= 0).any() else no_text(self.n)
        if self._elsewhere is not None:
            own = self._into >= 0
            merged = text_of(pa.array(np.where(own, merged.to_numpy(dtype=object), self._elsewhere), from_pandas=True))
        reasons = list(self._reasons)
        parts: dict[str, list[Any]] = {
            "record_id": [self.names],
            "status": [labels_of(self._status, RECORD_STATUS)],
            "reason": [labels_of(self._reason, reasons)],
            "merged_into": [merged],
            "cell": [no_text(self.n)],
        }
        at = [np.arange(self.n)]
        for positions, column, reason in self._cells:
            stand = positions[self._status[positions] == 0]
            at.append(stand)
            parts["record_id"].append(self.names.take(stand))
            parts["status"].append(constant("rejected", len(stand)))
            parts["reason"].append(constant(reason, len(stand)))
            parts["merged_into"].append(no_text(len(stand)))
            parts["cell"].append(constant(column, len(stand)))
        position = at[0] if len(at) == 1 else np.concatenate(at)
        return {
            "source": constant(self.source, len(position)),
            "file": constant(self.file.file, len(position)),
            "seq": position + 1,
            **{name: joined(some) for name, some in parts.items()},
            **({} if self.within is None else {"within": np.asarray(self.within, dtype=np.int64)[position] + 1}),
        }

    def counts(self) -> dict[str, int]:
        """Return ``read`` and the number of records per status."""
        found = np.bincount(self._status, minlength=len(RECORD_STATUS))
        if int(found.sum()) != self.n:
            raise ReconciliationError(f"{self.file.name}: {self.n} records read, {int(found.sum())} accounted for")
        return {"read": self.n, **{s: int(k) for s, k in zip(RECORD_STATUS, found, strict=True)}}


def input_file(ledger: FileLedger) -> InputFile:
    """Return the line about a file for the manifest."""
    f = ledger.file
    return InputFile(ledger.source, f.name, f.bytes, f.sha256, ledger.counts())


def join_ledgers(ledgers: Sequence[FileLedger]) -> tuple[tuple[InputFile, ...], pd.DataFrame]:
    """Return the manifest lines and the ledger table of all files of a source."""
    # one table of all columns: a Maildir has a file per mail, and a table takes a millisecond
    parts = [ledger.columns() for ledger in ledgers]
    made = {name: joined([part[name] for part in parts]) for name in parts[0] if name not in ("seq", "within")}
    made["seq"] = parts[0]["seq"] if len(parts) == 1 else np.concatenate([part["seq"] for part in parts])
    if any("within" in part for part in parts):
        none = [
            np.full(len(part["seq"]), pd.NA, dtype=object) if "within" not in part else part["within"] for part in parts
        ]
        made["within"] = pd.concat([pd.Series(some, dtype="Int64") for some in none], ignore_index=True)
    return tuple(input_file(ledger) for ledger in ledgers), table("ledger", made)
