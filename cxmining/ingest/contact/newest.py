"""Copies of what was exported more than once: the newest state stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from cxmining.ingest.records.ledger import FileLedger

__all__ = ["Spans", "keep_newest", "keep_newest_spans"]


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


@dataclass(frozen=True, eq=False)
class Spans:
    """The conversations of a file: their key, how new they are, from which record to which, and which is the event."""

    key: pd.Series[Any]
    stamp: np.ndarray[Any, Any]
    start: np.ndarray[Any, Any]
    stop: np.ndarray[Any, Any]
    first: np.ndarray[Any, Any]


def keep_newest_spans(files: Sequence[Spans], ledgers: Sequence[FileLedger], what: str) -> None:
    """Of conversations that are there again let the newest stand, of equally new ones the fullest, then the last."""
    codes = pd.factorize(pd.concat([f.key for f in files], ignore_index=True))[0]
    copied = np.flatnonzero((np.bincount(codes) > 1)[codes]) if len(codes) else codes
    if not len(copied):
        return
    file = np.repeat(np.arange(len(files)), [len(f.key) for f in files])[copied]
    stamp, start, stop, first = (
        np.concatenate([getattr(f, name) for f in files])[copied] for name in ("stamp", "start", "stop", "first")
    )
    same = codes[copied]
    order = np.lexsort((start, file, stop - start, stamp, same))
    why = f"an older or equal state of the same {what}"
    for old, new in pairwise(order.tolist()):
        if same[old] != same[new]:
            continue
        newest = order[np.searchsorted(same[order], same[old], side="right") - 1]
        home = ledgers[file[newest]].ids[first[newest]]
        at = np.arange(start[old], stop[old])
        ledgers[file[old]].duplicate(at, np.full(len(at), home, dtype=object), why)
