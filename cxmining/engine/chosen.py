"""What some of the journeys hold: every count that a view of them shows, in one pass over their events.

``log.take(mask)`` copies the events that stay, and each reduction then walks over the copy. While somebody filters,
nothing but the mask changes; so this walks once over the log itself and copies nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import LOADED_FROM, CodedLog, Ints
from cxmining.engine.counts import count_touchpoints
from cxmining.engine.graph import TABLE, follow

__all__ = ["Chosen", "count_chosen"]

Mask = npt.NDArray[np.bool_]
COMPILED_FROM: Final = LOADED_FROM


@dataclass(frozen=True, eq=False)
class Chosen:
    """Counts of some of a log's journeys; touchpoints and channels are those of the log.

    Attributes
    ----------
    journeys, customers, n_events : int
    events : ndarray of int64, shape (touchpoints, channels)
    met, met_by : ndarray of int64, shape (touchpoints,)
        Journeys that meet each touchpoint, and their different customers.
    source, target : ndarray of int64
        Touchpoint numbers per edge that is walked, −1 for outside; edges ascend.
    n, edge_journeys, edge_customers : ndarray of int64
        How often the edge is walked, in how many journeys, by how many different customers.
    """

    journeys: int
    customers: int
    n_events: int
    events: Ints
    met: Ints
    met_by: Ints
    source: Ints
    target: Ints
    n: Ints
    edge_journeys: Ints
    edge_customers: Ints


def count_chosen(log: CodedLog, mask: Mask) -> Chosen:
    """Count what the chosen journeys hold.

    Parameters
    ----------
    log : CodedLog
    mask : ndarray of bool, shape (journeys,)
        Which journeys; at least one.

    Returns
    -------
    Chosen

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.engine import encode
    >>> log = encode(
    ...     journey=["a", "a", "b"],
    ...     customer=["a", "a", "b"],
    ...     touchpoint=["buy", "call", "buy"],
    ...     channel=["web", "phone", "web"],
    ...     timestamp=pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-01"], utc=True),
    ... )
    >>> found = count_chosen(log, np.array([True, False]))
    >>> found.journeys, found.met.tolist(), found.source.tolist(), found.target.tolist()
    (1, [1, 1], [-1, 0, 1], [0, 1, -1])
    """
    if mask.shape != (log.n_journeys,) or mask.dtype != bool:
        raise ValueError(
            f"one boolean per journey is needed, {log.n_journeys:,} in all; got {mask.dtype} of {mask.shape}"
        )
    k, c = len(log.touchpoints), len(log.channels)
    if len(log) < COMPILED_FROM or (k + 1) ** 2 > TABLE:
        return _in_passes(log, mask)
    from cxmining.engine.kernels import count_of_chosen

    # Masks of single filters are read-only, those of several are not: two types, of which each would be compiled.
    mask = mask.view()
    mask.flags.writeable = False
    totals, events, met, edges = count_of_chosen(
        log.touchpoint, log.channel, log.offsets, log.customer, mask, k, c, (k + 1) * (k + 1)
    )
    walked = np.flatnonzero(edges[0])
    journeys, customers, n_events = (int(v) for v in totals)
    return Chosen(
        journeys, customers, n_events, events.reshape(k, c), met[0], met[1],
        walked // (k + 1) - 1, walked % (k + 1) - 1, edges[0][walked], edges[1][walked], edges[2][walked],
    )  # fmt: skip


def _in_passes(log: CodedLog, mask: Mask) -> Chosen:
    """Count with the reductions of whole logs: on small logs that costs less than loading the compiled pass."""
    part: Any = log if mask.all() else log.take(mask)
    counts, graph = count_touchpoints(part), follow(part)
    return Chosen(
        part.n_journeys, part.n_customers, len(part), counts.events, counts.journeys, counts.customers,
        graph.source, graph.target, graph.n, graph.journeys, graph.customers,
    )  # fmt: skip
