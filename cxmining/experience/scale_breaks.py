"""Two scales in one column: answers that keep to the lower half for so long that another scale must have been asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

__all__ = ["scale_breaks"]

_FEWEST = 20
_CHANCE = 1e-4


def scale_breaks(said: pd.DataFrame) -> list[str]:
    """Say where an item seems to have been asked on 1 to 5 for a while, in a column that is declared up to 10.

    The answers of an item are laid in order of time. Where the first (or last) of them, 20 and more, all keep to 5 and
    below, and by what the others say that had a chance below one in ten thousand, the scale was probably changed. Two
    scales that were asked at the same time cannot be told apart.

    Parameters
    ----------
    said : DataFrame
        Answered items: ``survey``, ``item``, ``score``, ``scale_low``, ``scale_high``, ``timestamp``.

    Returns
    -------
    list of str

    Examples
    --------
    >>> t = pd.DataFrame({"survey": "s", "item": "q", "score": [4.0, 5, 3] * 10 + [8.0, 9, 5] * 10, "scale_low": 1.0,
    ...     "scale_high": 10.0, "timestamp": pd.date_range("2025-01-01", periods=60, tz="UTC")})
    >>> scale_breaks(t)  # doctest: +ELLIPSIS
    ["survey 's', item 'q': the first 30 answers, until 2025-01-30, all lie between 1 and 5 on a scale ... to 10: ..."]
    """
    notes = []
    ten = said[said["scale_high"].eq(10) & said["scale_low"].le(1)]
    for (survey, item), rows in ten.groupby(["survey", "item"], sort=True):
        rows = rows.sort_values(["timestamp", "score"], kind="stable")
        score = rows["score"].to_numpy(dtype=float, na_value=np.nan)
        low = (score <= 5) & (score >= 1)
        n = len(low)
        ends: Any = rows["scale_low"].iloc[0]
        if n >= _FEWEST and low.all():
            notes.append(
                f"survey {survey!r}, item {item!r}: all {n:,} answers lie between 1 and 5 on a scale of {ends:g} to 10; if it "
                "was asked on 1 to 5, say high = 5"
            )
            continue
        for side, kept in (("first", low), ("last", low[::-1])):
            run = int(np.argmin(kept)) if not kept.all() else n
            rest = kept[run:]
            # how often an answer is so low where the scale is what it says; at least half a one of them
            share = (rest.sum() + 0.5) / (len(rest) + 1)
            if run >= _FEWEST and len(rest) >= _FEWEST and share**run < _CHANCE:
                at = rows["timestamp"].iloc[run - 1] if side == "first" else rows["timestamp"].iloc[n - run]
                when = f"{'until' if side == 'first' else 'from'} {at:%Y-%m-%d}"
                notes.append(
                    f"survey {survey!r}, item {item!r}: the {side} {run:,} answers, {when}, all lie between 1 and 5 on a scale "
                    f"of {ends:g} to 10: two scales seem to stand in one column; make a survey of each"
                )
    return notes
