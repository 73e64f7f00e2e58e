"""Between which touchpoints customers change channel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxmining.engine import CodedLog
from cxmining.engine.samples import distinct
from cxmining.stats import wilson

__all__ = ["channel_switches"]


def channel_switches(log: CodedLog) -> pd.DataFrame:
    """Count how often the channel changes between two touchpoints that follow each other.

    Parameters
    ----------
    log : CodedLog

    Returns
    -------
    DataFrame
        One row per edge that was walked: ``source``, ``target``, ``n`` (walks), ``switches``, ``switch_share`` with
        ``switch_low`` and ``switch_high`` (95%, Wilson; walks of one customer are alike, so it is the interval of as
        many walks as there are customers).

    Examples
    --------
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "a"],
    ...     customer=["a", "a", "a"],
    ...     touchpoint=["buy", "call", "call"],
    ...     channel=["web", "phone", "phone"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"], utc=True),
    ... )
    >>> channel_switches(log)[["source", "target", "n", "switches"]].values.tolist()
    [['buy', 'call', 1, 1], ['call', 'call', 1, 0]]
    """
    k = len(log.touchpoints)
    inner = np.ones(max(len(log) - 1, 0), dtype=bool)
    inner[log.offsets[1:-1] - 1] = False
    first = np.flatnonzero(inner)
    code = log.touchpoint[first].astype(np.int64) * k + log.touchpoint[first + 1]
    edge, place = np.unique(code, return_inverse=True)
    n = np.bincount(place, minlength=len(edge))
    changed = log.channel[first] != log.channel[first + 1]
    switches = np.bincount(place, weights=changed, minlength=len(edge)).astype(np.int64)
    people = distinct(place, log.customer[log.journey[first]], len(edge))
    share = switches / np.maximum(n, 1)
    found = wilson(share * people, people)
    names = np.array(log.touchpoints, dtype=object)
    return pd.DataFrame(
        {
            "source": pd.Series(names[edge // k], dtype="str"),
            "target": pd.Series(names[edge % k], dtype="str"),
            "n": n,
            "switches": switches,
            "switch_share": share,
            "switch_low": found.low,
            "switch_high": found.high,
        }
    )
