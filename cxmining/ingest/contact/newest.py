"""Copies of what was exported more than once: the newest state stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxmining.ingest.records.ledger import FileLedger

__all__ = ["Span", "keep_newest", "keep_newest_spans"]


def keep_newest(
    ledgers: Sequence[FileLedger], keys: Sequence[pd.Series[Any]], stamps: Sequence[pd.Series[Any]], what: str
) -> None:
    """Of the records that stand and share a key let the newest stand; of equally new ones the last.

    Parameters
    ----------
    ledgers : sequence of FileLedger
    keys : sequence of Series of str
        Per file; a record without a key is left alone.
    stamps : sequence of Series of datetime
        When each state was current; a missing one is the oldest.
    what : str
        For the ledger: ``"contact"``, ``"call"`` …
    """
    opens = [
        np.flatnonzero(ledger.open[: len(key)] & key.notna().to_numpy())
        for ledger, key in zip(ledgers, keys, strict=True)
    ]
    every = pd.concat([key.iloc[at] for key, at in zip(keys, opens, strict=True)], ignore_index=True)
    codes = pd.factorize(every)[0]
    copied = np.bincount(codes)[codes] > 1 if len(codes) else np.zeros(0, dtype=bool)
    if not copied.any():
        return
    file = np.repeat(np.arange(len(ledgers)), [len(at) for at in opens])
    when = np.concatenate([w.iloc[at].to_numpy(dtype="datetime64[us]") for w, at in zip(stamps, opens, strict=True)])
    at, codes, file = np.concatenate(opens)[copied], codes[copied], file[copied]
    # a missing stamp is the smallest number, and so the oldest
    order = np.lexsort((at, file, when[copied].astype(np.int64), codes))
    ids = np.concatenate([ledger.ids[chosen] for ledger, chosen in zip(ledgers, opens, strict=True)])[copied]
    last = np.append(codes[order][1:] != codes[order][:-1], True)
    newest = order[last][np.searchsorted(codes[order][last], codes)]
    old = newest != np.arange(len(codes))
    for k, ledger in enumerate(ledgers):
        mine = old & (file == k)
        ledger.duplicate(at[mine], ids[newest[mine]], f"an older or equal state of the same {what}")


@dataclass(frozen=True)
class Span:
    """The records of one conversation in a file: positions `start` to `stop`; `first` is its event."""

    key: str
    stamp: int
    file: int
    start: int
    stop: int
    first: int


def keep_newest_spans(spans: Sequence[Span], ledgers: Sequence[FileLedger], what: str) -> None:
    """Of conversations that are there again let the newest stand, of equally new ones the fullest, then the last."""
    copies: dict[str, list[Span]] = {}
    for span in spans:
        copies.setdefault(span.key, []).append(span)
    for same in copies.values():
        if len(same) == 1:
            continue
        *old, newest = sorted(same, key=lambda s: (s.stamp, s.stop - s.start, s.file, s.start))
        home = ledgers[newest.file].ids[newest.first]
        for span in old:
            at = np.arange(span.start, span.stop)
            why = f"an older or equal state of the same {what}"
            ledgers[span.file].duplicate(at, np.full(len(at), home, dtype=object), why)
