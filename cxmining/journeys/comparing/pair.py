"""Two groups of journeys laid side by side: one customer numbering, one dictionary, one list of what they walk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import END, START
from cxmining.engine.coded import Ints
from cxmining.engine.samples import compress, union
from cxmining.errors import StudyError
from cxmining.journeys.build import Journeys
from cxmining.journeys.scored import Scored, journeys_of, scores_of

__all__ = ["Cells", "Pair", "lay_out"]

Floats = npt.NDArray[np.float64]


class Cells(NamedTuple):
    """Which journey has which cell (a touchpoint or an edge), and how often; sorted by journey, then cell."""

    journey: Ints
    cell: Ints
    times: Ints


@dataclass(frozen=True, eq=False)
class Pair:
    """The journeys of group a, then those of group b; a journey in both stands there twice.

    Attributes
    ----------
    touchpoints : tuple of str
        The dictionary of both.
    group : ndarray of int64
        0 (a) or 1 (b) per journey.
    customer : ndarray of int64
        Per journey; numbered in the order of their ids, so that no result depends on the order of rows.
    touchpoint, channel, time, rows : ndarray
        Per event.
    offsets : ndarray of int64
        Journey `j` is events ``offsets[j]`` up to ``offsets[j + 1]``.
    score : ndarray of float, or None
        Per journey, missing where there is none; None when journeys carry no score.
    metric : str or None
        What the score is.
    shared_journeys : int
        How many journeys are in both groups.
    """

    touchpoints: tuple[str, ...]
    group: Ints
    customer: Ints
    touchpoint: Ints
    channel: Ints
    time: Ints
    rows: Ints
    offsets: Ints
    score: Floats | None
    metric: str | None
    shared_journeys: int

    @cached_property
    def journey(self) -> Ints:
        """The journey number of each event."""
        return np.repeat(np.arange(len(self.group)), np.diff(self.offsets))

    @cached_property
    def n_customers(self) -> int:
        """Customers of either group; numbers run from 0 without a hole."""
        return int(self.customer.max()) + 1

    @cached_property
    def journeys_per_customer(self) -> Ints:
        """Shape (2, customers): how many journeys each customer has in either group."""
        n = self.n_customers
        return np.bincount(self.group * n + self.customer, minlength=2 * n).reshape(2, n)

    @cached_property
    def journeys(self) -> tuple[int, int]:
        """How many journeys each group has."""
        a, b = self.journeys_per_customer.sum(axis=1).tolist()
        return a, b

    @cached_property
    def customers(self) -> tuple[int, int]:
        """How many customers each group has; who is in both counts in both."""
        a, b = (self.journeys_per_customer > 0).sum(axis=1).tolist()
        return a, b

    @cached_property
    def shared_customers(self) -> int:
        """How many customers have journeys in both groups."""
        return int((self.journeys_per_customer > 0).all(axis=0).sum())

    @cached_property
    def edges(self) -> tuple[Ints, Ints]:
        """The distinct edge codes, ascending, and the place among them of each walk of `walks`."""
        codes, place, _ = compress(self.walks[1], (len(self.touchpoints) + 1) ** 2)
        return codes, place

    @cached_property
    def walks(self) -> tuple[Ints, Ints, Ints]:
        """Journey, edge code and microseconds of each walk; those to or from outside (−1 µs) come last."""
        size = len(self.touchpoints) + 1
        nodes = self.touchpoint + 1
        first, last = self.offsets[:-1], self.offsets[1:] - 1
        inner = np.ones(len(nodes), dtype=bool)
        inner[first] = False
        steps = np.flatnonzero(inner)
        everyone = np.arange(len(self.group))
        code = np.concatenate([nodes[steps - 1] * size + nodes[steps], nodes[first], nodes[last] * size])
        outside = np.full(2 * len(everyone), -1)
        return (
            np.concatenate([self.journey[steps], everyone, everyone]),
            code,
            np.concatenate([self.time[steps] - self.time[steps - 1], outside]),
        )

    @cached_property
    def cells(self) -> Cells:
        """Cells 0 up to the number of touchpoints are those; the edges follow, in the order of `edges`."""
        k = len(self.touchpoints)
        journey = np.concatenate([self.journey, self.walks[0]])
        cell = np.concatenate([self.touchpoint, k + self.edges[1]])
        width = self.n_cells
        keys, count = np.unique(journey * width + cell, return_counts=True)
        return Cells(keys // width, keys % width, count)

    @property
    def n_cells(self) -> int:
        """Touchpoints and edges."""
        return len(self.touchpoints) + len(self.edges[0])

    def names(self) -> pd.DataFrame:
        """Return one row per cell: `kind` (touchpoint or edge), `touchpoint`, `source`, `target`."""
        size = len(self.touchpoints) + 1
        labels = np.array([*self.touchpoints, ""], dtype=object)
        source, target = self.edges[0] // size - 1, self.edges[0] % size - 1
        k = len(self.touchpoints)
        blank = [""] * k
        return pd.DataFrame(
            {
                "kind": pd.Series(["touchpoint"] * k + ["edge"] * len(source), dtype="str"),
                "touchpoint": pd.Series([*self.touchpoints, *[""] * len(source)], dtype="str"),
                "source": pd.Series([*blank, *np.where(source < 0, START, labels[source])], dtype="str"),
                "target": pd.Series([*blank, *np.where(target < 0, END, labels[target])], dtype="str"),
            }
        )


def lay_out(a: Journeys | Scored, b: Journeys | Scored, metric: str | None) -> Pair:
    """Lay two groups of journeys of one dataset side by side.

    Raises
    ------
    StudyError
        When they are of two datasets or two case notions, or the same journeys.
    """
    left, right = journeys_of(a), journeys_of(b)
    if left.data.events is not right.data.events:
        raise StudyError(
            "the groups are of two datasets, whose customers cannot be told to be the same or not; "
            "build the journeys once and make both groups from them with .take or .where"
        )
    if str(left.notion) != str(right.notion):
        raise StudyError(f"group a has journeys by {left.notion}, group b by {right.notion}: build both by one notion")
    logs = (left.log, right.log)
    first = [log.rows[log.offsets[:-1]] for log in logs]
    length = [np.diff(log.offsets) for log in logs]
    shared = _common(first, length)
    if shared == len(left) == len(right):
        raise StudyError(f"both groups are the same {shared:,} journeys; nothing can differ")
    touchpoints, mine, theirs = union(left.log.touchpoints, right.log.touchpoints)
    _, my_channels, their_channels = union(left.log.channels, right.log.channels)
    owner = pd.concat([left.table["customer_id"], right.table["customer_id"]], ignore_index=True)
    customer, _ = pd.factorize(owner, sort=True)
    score, used = _scores(a, b, left, right, metric)
    group = np.repeat([0, 1], [len(left), len(right)])
    return Pair(
        touchpoints, group, customer.astype(np.int64),
        _joined([mine[left.log.touchpoint], theirs[right.log.touchpoint]]),
        _joined([my_channels[left.log.channel], their_channels[right.log.channel]]),
        np.concatenate([log.time for log in logs]), np.concatenate([log.rows for log in logs]),
        np.concatenate([[0], np.cumsum(np.concatenate(length))]).astype(np.int64), score, used, shared,
    )  # fmt: skip


def _joined(parts: list[Any]) -> Ints:
    return np.concatenate(parts).astype(np.int64)


def _common(first: list[Ints], length: list[Ints]) -> int:
    """Count journeys that begin at the same record and have as many events: they are the same."""
    keys = [np.char.add(np.char.add(f.astype("U20"), ":"), n.astype("U20")) for f, n in zip(first, length, strict=True)]
    return len(np.intersect1d(keys[0], keys[1]))


def _scores(
    a: Journeys | Scored, b: Journeys | Scored, left: Journeys, right: Journeys, metric: str | None
) -> tuple[Floats | None, str | None]:
    tables = [t for t in (scores_of(a, metric), scores_of(b, metric)) if t is not None]
    if len(tables) < 2:
        return None, None
    used = sorted({str(m) for t in tables for m in (t["metric"] + ", " + t["survey_kind"]).unique()})
    if len(used) != 1:
        raise StudyError(f"the groups are scored by {' and '.join(used)}: name one metric, e.g. metric='csat'")
    parts = []
    for journeys, table in zip((left, right), tables, strict=True):
        by_id = table.groupby("journey_id")["score"].mean()
        parts.append(journeys.table["journey_id"].map(by_id).to_numpy(dtype=float, na_value=np.nan))
    return np.concatenate(parts), used[0]
