"""The stage of an event in its journey: what the catalogue says, else unknown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import CodedLog
from cxmining.engine.samples import distinct
from cxmining.schema import STAGES

__all__ = ["UNKNOWN", "backward_moves", "stage_codes", "stage_moves", "stage_table"]

UNKNOWN = "unknown"
Stages = npt.NDArray[np.int64]
_NEVER = np.iinfo(np.int64).min


def stage_codes(log: CodedLog, catalogue: pd.DataFrame) -> Stages:
    """Return the stage number of each event: a place in `STAGES`, or −1 where the catalogue is silent."""
    known = catalogue.loc[catalogue["stage"].isin(STAGES), ["touchpoint", "stage"]]
    place = {str(t): STAGES.index(str(s)) for t, s in known.itertuples(index=False)}
    of_touchpoint = np.array([place.get(t, -1) for t in log.touchpoints], dtype=np.int64)
    return of_touchpoint[log.touchpoint]


def backward_moves(log: CodedLog, stage: Stages) -> npt.NDArray[np.bool_]:
    """Tell for each event whether its stage lies before that of the journey's last event of known stage.

    Examples
    --------
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a"] * 3,
    ...     customer=["a"] * 3,
    ...     touchpoint=["buy", "odd", "look"],
    ...     channel=["web"] * 3,
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"], utc=True),
    ... )
    >>> backward_moves(log, np.array([2, -1, 0])).tolist()
    [False, False, True]
    """
    known = np.flatnonzero(stage >= 0)
    back = np.zeros(len(log), dtype=bool)
    same = log.journey[known[1:]] == log.journey[known[:-1]]
    back[known[1:]] = same & (stage[known[1:]] < stage[known[:-1]])
    return back


def stage_table(log: CodedLog, stage: Stages, back: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return one row per stage that occurs, in order, the unknown one last.

    `median_s` is, over the journeys that come to the stage, the median time from its first event to its last.
    """
    n = len(STAGES) + 1
    code = np.where(stage < 0, len(STAGES), stage)
    pairs = np.unique(code * len(log.touchpoints) + log.touchpoint)
    journeys = distinct(code, log.journey, n)
    frame = pd.DataFrame(
        {
            "stage": pd.Series([*STAGES, UNKNOWN], dtype="str"),
            "touchpoints": np.bincount(pairs // len(log.touchpoints), minlength=n),
            "events": np.bincount(code, minlength=n),
            "journeys": journeys,
            "customers": distinct(code, log.customer[log.journey], n),
            "share": journeys / log.n_journeys,
            "median_s": _time_in(log, code, n),
            "backward_moves": np.bincount(code[back], minlength=n),
        }
    )
    return frame[frame["events"] > 0].reset_index(drop=True)


def _time_in(log: CodedLog, code: Stages, n: int) -> list[float]:
    pair = log.journey * n + code
    first = np.full(log.n_journeys * n, _NEVER, dtype=np.int64)
    last = first.copy()
    # events of a journey stand in order of time, and of several to one place the last assignment stays
    first[pair[::-1]] = log.time[::-1]
    last[pair] = log.time
    took = np.where(first == _NEVER, np.nan, last - first).reshape(-1, n) / 1e6
    there = ~np.isnan(took)
    return [float(np.median(took[there[:, i], i])) if there[:, i].any() else np.nan for i in range(n)]


def stage_moves(log: CodedLog, stage: Stages) -> pd.DataFrame:
    """Return how often journeys move from stage to stage, over events of unknown stage.

    Returns
    -------
    DataFrame
        One row per pair that occurs, in order of the stages: ``source``, ``target``, ``n``, ``journeys``,
        ``backward``.

    Examples
    --------
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a"] * 3,
    ...     customer=["a"] * 3,
    ...     touchpoint=["buy", "odd", "look"],
    ...     channel=["web"] * 3,
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"], utc=True),
    ... )
    >>> stage_moves(log, np.array([2, -1, 1])).values.tolist()
    [['purchase', 'consideration', 1, 1, True]]
    """
    known = np.flatnonzero(stage >= 0)
    size = len(STAGES)
    step = np.flatnonzero(log.journey[known[1:]] == log.journey[known[:-1]])
    source, target = stage[known[:-1]][step], stage[known[1:]][step]
    pair = source * size + target
    n = np.bincount(pair, minlength=size * size)
    journeys = distinct(pair, log.journey[known[1:]][step], size * size)
    there = np.flatnonzero(n)
    names = np.array(STAGES, dtype=object)
    return pd.DataFrame(
        {
            "source": pd.Series(names[there // size], dtype="str"),
            "target": pd.Series(names[there % size], dtype="str"),
            "n": n[there],
            "journeys": journeys[there],
            "backward": there % size < there // size,
        }
    )
