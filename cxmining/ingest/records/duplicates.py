"""Records that equal an earlier one in every column: told exactly, without holding more than is needed to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from cxmining.ingest.files.arrow import arrow_of
from cxmining.ingest.records.ledger import FileLedger

__all__ = ["mark_duplicates", "rises"]

_SAMPLE: Final = 1000
_CELLS: Final = 1 << 22
_REASON: Final = "equal to an earlier record in every column"


def mark_duplicates(
    ledgers: Sequence[FileLedger],
    frames: Sequence[pd.DataFrame],
    rest: Callable[[int, np.ndarray[Any, Any]], pd.DataFrame] | None = None,
) -> None:
    """Mark rows that equal an earlier row of the source in every column.

    One column after the other parts the rows that still have an equal, the most telling column first:
    where every moment differs, nothing else is looked at.

    Parameters
    ----------
    ledgers : sequence of FileLedger
    frames : sequence of DataFrame
        The columns that are at hand, one row per record.
    rest : callable, optional
        Number of the file and positions → the columns that are not at hand, for those records only.
    """
    starts = np.cumsum([0, *(ledger.n for ledger in ledgers)])
    groups: dict[tuple[str, ...], list[int]] = {}
    for k, frame in enumerate(frames):
        groups.setdefault(tuple(sorted(map(str, frame.columns))), []).append(k)
    for columns, files in groups.items():
        if len(files) == 1 and any(rises(column) for _, column in frames[files[0]].items()):
            continue  # as a log in the order of its moments
        at = np.concatenate([starts[k] + np.flatnonzero(ledgers[k].open) for k in files])
        same = np.zeros(len(at), dtype=np.int64)
        for column in _telling_first([frames[k] for k in files], columns):
            at, same = _part(at, same, [frames[k][column] for k in files], [starts[k] for k in files])
            if not len(at):
                break
        if rest is not None and len(at):
            at, same = _by_rest(at, same, files, starts, rest)
        if len(at):
            _mark(at, same, ledgers, starts)


def _telling_first(frames: Sequence[pd.DataFrame], columns: Sequence[str]) -> list[str]:
    """Return the columns, those whose values differ most among the first records before the others."""
    return sorted(columns, key=lambda c: -max((len(f[c].iloc[:_SAMPLE].drop_duplicates()) for f in frames), default=0))


def _part(
    at: np.ndarray[Any, Any], same: np.ndarray[Any, Any], columns: Sequence[pd.Series[Any]], starts: Sequence[int]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the rows that have an equal in this column too, and the number of their group."""
    pieces = []
    for column, start in zip(columns, starts, strict=True):
        mine = at[(at >= start) & (at < start + len(column))] - start
        pieces.append(column if len(mine) == len(column) else column.iloc[mine])
    values = pieces[0] if len(pieces) == 1 else pd.concat([p.astype("str") for p in pieces], ignore_index=True)
    codes, unique = pd.factorize(values if str(values.dtype) != "object" else values.astype("str"))
    if len(unique) == len(values):
        return at[:0], same[:0]
    at, same, _ = _several(at, same, codes, at)
    return at, same


def rises(column: pd.Series[Any]) -> bool:
    """Tell whether each text is greater than the one before, as moments of a log are: then none is there twice."""
    import pyarrow.compute as pc

    if str(column.dtype) != "str":
        return False
    text = arrow_of(column)
    if text.null_count or len(text) < 2:
        return False
    head = text[: min(len(text), _SAMPLE)]
    return all(bool(pc.all(pc.greater(t[1:], t[:-1])).as_py()) for t in (head, text))


def _by_rest(
    at: np.ndarray[Any, Any],
    same: np.ndarray[Any, Any],
    files: Sequence[int],
    starts: np.ndarray[Any, Any],
    rest: Callable[[int, np.ndarray[Any, Any]], pd.DataFrame],
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Part what is left by the columns that were not at hand; where files have other columns, by those too."""
    pieces = [rest(k, at[(at >= starts[k]) & (at < starts[k + 1])] - starts[k]) for k in files]
    columns = [" ".join(sorted(map(repr, p.columns))) for p in pieces]
    codes, _ = pd.factorize(np.repeat(np.array(columns, dtype=object), [len(p) for p in pieces]))
    at, same, left = _several(at, same, codes, np.arange(len(at)))
    frame = pieces[0] if len(pieces) == 1 else pd.concat([p.astype("str") for p in pieces], ignore_index=True)
    texts = [arrow_of(v if str(v.dtype) == "str" else v.astype("str")) for _, v in frame.items()]
    i = 0
    while i < len(texts) and len(at):
        # thousands of columns are looked at some at a time, as one long one
        n = max(1, _CELLS // len(left))
        long = pa.concat_arrays([t.take(pa.array(left)) if len(left) < len(t) else t for t in texts[i : i + n]])
        cells = np.asarray(long.dictionary_encode().indices.fill_null(-1)).reshape(-1, len(left))
        _, codes = np.unique(cells.T, axis=0, return_inverse=True)
        at, same, left = _several(at, same, codes.reshape(-1), left)
        i += n
    return at, same


def _several(
    at: np.ndarray[Any, Any], same: np.ndarray[Any, Any], codes: np.ndarray[Any, Any], left: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Part groups by codes (-1 is missing); return the rows that still have an equal, their group, and `left` of them."""
    joined, _ = pd.factorize(same * (int(codes.max(initial=0)) + 2) + codes)
    several = (np.bincount(joined) > 1)[joined]
    return at[several], joined[several], left[several]


def _mark(
    at: np.ndarray[Any, Any], same: np.ndarray[Any, Any], ledgers: Sequence[FileLedger], starts: np.ndarray[Any, Any]
) -> None:
    order = np.argsort(at, kind="stable")
    at, same = at[order], same[order]
    codes, _ = pd.factorize(same)
    _, first = np.unique(codes, return_index=True)
    original = at[first[codes]]
    home = np.searchsorted(starts, original, side="right") - 1
    ids = np.empty(len(at), dtype=object)
    for k in np.unique(home):
        ids[home == k] = ledgers[k].ids[original[home == k] - starts[k]]
    for k, ledger in enumerate(ledgers):
        mine = (original != at) & (at >= starts[k]) & (at < starts[k + 1])
        if mine.any():
            ledger.duplicate(at[mine] - starts[k], ids[mine], _REASON)
