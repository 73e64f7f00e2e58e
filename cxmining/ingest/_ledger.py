"""The ledger of one file while it is read: what became of each record, and why.

A record has one fate. The first that is decided stands; what nobody decided about was kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxmining.errors import ReconciliationError
from cxmining.ingest._files import SourceFile
from cxmining.schema import RECORD_STATUS, InputFile, table

__all__ = ["FileLedger", "input_file", "join_ledgers", "record_ids"]


def record_ids(source: str, sha256: str, seq: Any) -> np.ndarray[Any, Any]:
    """Return the ids of the records at positions `seq` of a file.

    They depend on the name of the source, the content of the file and the position: a file that
    is renamed keeps them.

    Examples
    --------
    >>> record_ids("mail", "ab", [1, 2]).tolist() == record_ids("mail", "ab", [1, 2, 3])[:2].tolist()
    True
    """
    start = hashlib.blake2b(f"{source}|{sha256}|".encode(), digest_size=8)
    out = []
    for position in np.asarray(seq).tolist():
        digest = start.copy()
        digest.update(str(position).encode())
        out.append("r" + digest.hexdigest())
    return np.array(out, dtype=object)


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
        self.ids = record_ids(source, file.sha256, np.arange(1, n + 1))
        self._status = np.zeros(n, dtype=np.int8)  # index into RECORD_STATUS; 0 is kept
        self._reason = np.full(n, None, dtype=object)
        self._into = np.full(n, None, dtype=object)
        self._cells: list[tuple[np.ndarray[Any, Any], str, str]] = []
        self.within: np.ndarray[Any, Any] | None = None
        """Per record the position of the file's own record that it is a part of, where the file counts otherwise."""

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
        self._reason[chosen] = np.asarray(reason, dtype=object)[free] if not isinstance(reason, str) else reason
        if into is not None:
            self._into[chosen] = np.asarray(into, dtype=object)[free]

    def reject(self, at: Any, reason: str | Sequence[str]) -> None:
        """Records (mask or positions) that cannot be used."""
        self._decide(at, "rejected", reason)

    def context(self, at: Any, reason: str) -> None:
        """Records that inform others and are no row of their own."""
        self._decide(at, "context", reason)

    def duplicate(self, at: Any, of: Any, reason: str) -> None:
        """Records that are there already, as the positions (or record ids) `of`."""
        self._decide(at, "duplicate", reason, self._as_ids(of))

    def merge(self, at: Any, into: Any, reason: str) -> None:
        """Records that live on in the positions (or record ids) `into`."""
        self._decide(at, "merged", reason, self._as_ids(into))

    def _as_ids(self, of: Any) -> Any:
        of = np.asarray(of)
        return self.ids[of.astype(np.int64)] if of.dtype.kind in "iu" else of

    def cell(self, at: Any, column: str, reason: str) -> None:
        """Cells that cannot be used, of records that stand."""
        at = np.asarray(at)
        positions = np.flatnonzero(at) if at.dtype == bool else at.astype(np.int64)
        if len(positions):
            self._cells.append((positions, column, reason))

    def frame(self) -> pd.DataFrame:
        """Return the rows of table ``ledger``: one per record, then the rejected cells."""
        status = np.array(RECORD_STATUS, dtype=object)[self._status]
        at = [np.arange(self.n)]
        columns: dict[str, list[Any]] = {
            "status": [status], "reason": [self._reason], "merged_into": [self._into],
            "cell": [np.full(self.n, None, dtype=object)],
        }  # fmt: skip
        for positions, column, reason in self._cells:
            stand = positions[self._status[positions] == 0]
            none = np.full(len(stand), None, dtype=object)
            at.append(stand)
            columns["status"].append(np.full(len(stand), "rejected", dtype=object))
            columns["reason"].append(np.full(len(stand), reason, dtype=object))
            columns["merged_into"].append(none)
            columns["cell"].append(np.full(len(stand), column, dtype=object))
        position = np.concatenate(at)
        return table(
            "ledger",
            {
                "source": np.full(len(position), self.source, dtype=object),
                "file": np.full(len(position), self.file.file, dtype=object),
                "seq": position + 1,
                "record_id": self.ids[position],
                **{name: np.concatenate(parts) for name, parts in columns.items()},
                "within": self._within(position),
            },
        )

    def _within(self, position: np.ndarray[Any, Any]) -> Any:
        if self.within is None:
            return pd.arrays.IntegerArray(np.ones(len(position), np.int64), np.ones(len(position), bool))
        return np.asarray(self.within, dtype=np.int64)[position] + 1

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
    frames = [ledger.frame() for ledger in ledgers]
    return tuple(input_file(ledger) for ledger in ledgers), pd.concat(frames, ignore_index=True)
