"""Compiled loops for masks: which journeys have a property that no bits per journey can tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cxmining.engine.kernels import Ints, compiled

__all__ = ["follows"]


@compiled
def follows(
    touchpoint: npt.NDArray[Any], time: Ints, offsets: Ints, among: npt.NDArray[np.bool_], a: npt.NDArray[np.bool_],
    b: npt.NDArray[np.bool_], direct: bool, within: int,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Return which of the journeys `among` go from a touchpoint of `a` to one of `b`; `within` below 0: after any time.

    Events stand in order of time, so that of all `a` before a `b` the last one is nearest.
    """
    out = np.zeros(len(among), np.bool_)
    for j in range(len(among)):
        if not among[j]:
            continue
        seen = False
        since: Any = np.int64(0)
        for i in range(offsets[j], offsets[j + 1]):
            t = touchpoint[i]
            if seen and b[t] and (within < 0 or time[i] - since <= within):
                out[j] = True
                break
            if a[t]:
                seen = True
                since = time[i]
            elif direct:
                seen = False
    return out
