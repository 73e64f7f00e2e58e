"""What marks a group of journeys: what its journeys do more often, or less, than the others."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import CodedLog, Ints
from cxmining.stats import benjamini_hochberg

__all__ = ["mark_groups"]

Floats = npt.NDArray[np.float64]

MOST: Final = 300
"""Features that are looked at: those that most journeys have."""
_DAY: Final = 86_400e6
_COLUMNS: Final = (
    "archetype", "kind", "feature", "first", "second", "n", "share", "rest", "difference", "low", "high", "lift", "lift_low",
    "lift_high", "p", "p_adjusted",
)  # fmt: skip


def mark_groups(log: CodedLog, group: Ints, customer: Ints) -> pd.DataFrame:
    """Compare each group of journeys with all others, feature by feature.

    Parameters
    ----------
    log : CodedLog
    group : ndarray of int64
        The group of each journey, from 0.
    customer : ndarray of int64
        Whose journey it is, from 0.

    Returns
    -------
    DataFrame
        One row per group and feature (a journey meets a touchpoint, meets it again, uses a channel, goes directly from
        one touchpoint to another, takes so long): ``share`` of the group's journeys that have it, ``rest`` of the
        others, their ``difference`` and ``lift`` (with half a journey added to each count) with 95% intervals that
        count customers, not journeys, and the p value, also corrected for all rows (Benjamini and Hochberg 1995).
    """
    features, has = _features(log)
    k = int(group.max()) + 1
    if k == 1:
        return pd.DataFrame({c: pd.Series(dtype="str" if c in ("kind", "feature") else "float64") for c in _COLUMNS})
    rows = [_compare(has, group == g, customer).assign(archetype=g + 1, **features) for g in range(k)]
    marks = pd.concat(rows, ignore_index=True)
    marks["p_adjusted"] = benjamini_hochberg(marks["p"])
    marks["strength"] = -marks["difference"].abs().round(9)
    marks = marks.sort_values(["archetype", "strength", "kind", "feature"], kind="stable", ignore_index=True)
    return marks[list(_COLUMNS)]


def _features(log: CodedLog) -> tuple[dict[str, Any], Any]:
    """Return what the features are, and which journey has which (sparse, 0 and 1)."""
    from scipy.sparse import csr_array

    journey = log.journey
    touchpoint, channel = log.touchpoint.astype(np.int64), log.channel.astype(np.int64)
    size = len(log.touchpoints)
    inner = np.ones(len(log), dtype=bool)
    inner[log.offsets[:-1]] = False
    at = np.flatnonzero(inner)
    met, counts = np.unique(journey * size + touchpoint, return_counts=True)
    again = met[counts > 1]
    days, lengths = log.duration / _DAY, np.diff(log.offsets)
    everyone = np.arange(log.n_journeys)
    times = {
        "one contact": lengths == 1,
        "more than three contacts": lengths > 3,
        "within a day": (lengths > 1) & (days <= 1),
        "over a week": days > 7,
        "over a month": days > 30,
    }
    none = np.full(0, -1)
    parts: list[tuple[str, Ints, Ints, Ints]] = [  # kind, journey, first, second
        ("touchpoint", met // size, met % size, none),
        ("repeated", again // size, again % size, none),
        ("channel", journey, channel, none),
        ("edge", journey[at], touchpoint[at - 1], touchpoint[at]),
        *[("time", everyone[mask], np.full(int(mask.sum()), i), none) for i, mask in enumerate(times.values())],
    ]
    names = list(times)
    kinds: list[str] = []
    first: list[int] = []
    second: list[int] = []
    where, what, base = [], [], 0
    for kind, owner, a, b in parts:
        b = b if len(b) else np.full(len(a), -1)
        codes, column = np.unique(a * (size + 1) + b + 1, return_inverse=True)
        where.append(owner)
        what.append(column + base)
        base += len(codes)
        kinds += [kind] * len(codes)
        first += (codes // (size + 1)).tolist()
        second += (codes % (size + 1) - 1).tolist()
    table = csr_array(
        (np.ones(sum(map(len, where))), (np.concatenate(where), np.concatenate(what))), shape=(log.n_journeys, base)
    )
    table.sum_duplicates()
    table.data[:] = 1.0
    frequency = np.asarray(table.sum(axis=0)).ravel()
    keep = np.sort(np.lexsort((np.arange(base), -frequency))[:MOST])

    def named(i: int) -> str:
        kind, a, b = kinds[i], first[i], second[i]
        if kind == "channel":
            return log.channels[a]
        if kind == "time":
            return names[a]
        if kind == "edge":
            return f"{log.touchpoints[a]} → {log.touchpoints[b]}"
        return log.touchpoints[a]

    described = {
        "kind": np.array([kinds[i] for i in keep], dtype=object),
        "feature": np.array([named(i) for i in keep], dtype=object),
        "first": np.array([first[i] for i in keep]),
        "second": np.array([second[i] for i in keep]),
    }
    return {k: pd.Series(v, dtype="str" if v.dtype == object else "int64") for k, v in described.items()}, table[
        :, keep
    ]


def _compare(has: Any, inside: npt.NDArray[np.bool_], customer: Ints) -> pd.DataFrame:
    from scipy.sparse import csr_array
    from scipy.special import ndtr

    people = int(customer.max()) + 1
    own, rest = inside.astype(np.float64), (~inside).astype(np.float64)
    n1, n0 = own.sum(), rest.sum()

    def sums(weight: Floats) -> tuple[Any, Floats, Floats]:
        """Return, as parts of the group, what customers and all have of each feature, and what of the journeys."""
        by = csr_array((weight, (customer, np.arange(len(customer)))), shape=(people, len(customer)))
        hits, n = by @ has, weight.sum()
        return hits / n, np.asarray(by.sum(axis=1)).ravel() / n, np.asarray(hits.sum(axis=0)).ravel() / n

    (s1, c1, hits1), (s0, c0, hits0) = sums(own), sums(rest)
    p1, p0 = (hits1 * n1 + 0.5) / (n1 + 1), (hits0 * n0 + 0.5) / (n0 + 1)

    def product(sa: Any, pa: Floats, ca: Floats, sb: Any, pb: Floats, cb: Floats) -> Floats:
        """Sum over customers of (sa - pa ca)(sb - pb cb), from sparse sa and sb."""
        both = np.asarray(sa.multiply(sb).sum(axis=0)).ravel()
        return cast(Floats, both - pb * (sa.T @ cb) - pa * (sb.T @ ca) + pa * pb * float(ca @ cb))

    scale = people / (people - 1) if people > 1 else np.nan
    v1 = scale * product(s1, hits1, c1, s1, hits1, c1)
    v0 = scale * product(s0, hits0, c0, s0, hits0, c0)
    both = scale * product(s1, hits1, c1, s0, hits0, c0)
    # Where all have it and none of the others, nothing varies in the sample; in the next one it does.
    v1, v0 = np.maximum(v1, p1 * (1 - p1) / n1), np.maximum(v0, p0 * (1 - p0) / n0)
    difference = hits1 - hits0
    error = np.sqrt(np.maximum(v1 + v0 - 2 * both, 1e-18))
    of_lift = np.sqrt(np.maximum(v1 / p1**2 + v0 / p0**2 - 2 * both / (p1 * p0), 1e-18))
    lift = p1 / p0
    z = 1.959963984540054
    return pd.DataFrame(
        {
            "n": np.round(hits1 * n1).astype(np.int64),
            "share": hits1,
            "rest": hits0,
            "difference": difference,
            "low": np.maximum(difference - z * error, -1.0),
            "high": np.minimum(difference + z * error, 1.0),
            "lift": lift,
            "lift_low": lift * np.exp(-z * of_lift),
            "lift_high": lift * np.exp(z * of_lift),
            "p": np.clip(2 * ndtr(-np.abs(difference) / error), 0.0, 1.0),
        }
    )
