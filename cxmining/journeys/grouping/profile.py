"""What segments of customers are like, and how far two ways to segment them agree."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints
from cxmining.journeys.grouping.attributes import is_number
from cxmining.journeys.grouping.behaviour import Behaviour
from cxmining.journeys.grouping.stability import SMALLEST, adjusted_rand
from cxmining.stats import benjamini_hochberg, grouped_mean

__all__ = ["agreement", "cross_table", "profile_segments"]

Floats = npt.NDArray[np.float64]
DRAWS: Final = 1000


def profile_segments(number: Ints, k: int, behaviour: Behaviour, attributes: pd.DataFrame | None) -> pd.DataFrame:
    """Compare each segment with all other customers, feature by feature (Welch's interval and test).

    Parameters
    ----------
    number : ndarray of int64
        Segment of each customer, from 0; -1: in none.
    k : int
    behaviour : Behaviour
    attributes : DataFrame or None
        One row per customer, in the same order; words become one feature per value.
    """
    values: dict[tuple[str, str], Floats] = {
        (kind, name): behaviour.shown.iloc[:, i].to_numpy() for i, (kind, name) in enumerate(behaviour.kinds)
    }
    if attributes is not None:
        for column in attributes.columns:
            series = attributes[column]
            if is_number(series):
                values["attribute", str(column)] = series.to_numpy()
            else:
                there = series.notna().to_numpy()
                sizes = series[there].value_counts()
                for level in sorted(sizes.index[sizes >= SMALLEST]):
                    hit = (series == level).to_numpy(dtype=np.float64, na_value=0.0)
                    values["attribute", f"{column}: {level}"] = np.where(there, hit, np.nan)
    used = number >= 0
    parts = []
    for (kind, name), x in values.items():
        found = _against_rest(number[used], x[used], k)
        parts.append(found.assign(feature_kind=kind, feature=name))
    out = pd.concat(parts, ignore_index=True)
    out["p_adjusted"] = benjamini_hochberg(out["p"])
    out["strength"] = -out["effect"].abs().round(9).fillna(0.0)
    out = out.sort_values(["segment", "strength", "feature_kind", "feature"], kind="stable", ignore_index=True)
    out["feature_kind"], out["feature"] = out["feature_kind"].astype("str"), out["feature"].astype("str")
    first = ["segment", "feature_kind", "feature"]
    return out[[*first, *[c for c in out.columns if c not in (*first, "strength")]]]


def _against_rest(number: Ints, x: Floats, k: int) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    frame = pd.DataFrame({"segment": number, "x": x})
    own = grouped_mean(frame, "segment", "x").reindex(range(k))
    known = ~np.isnan(x)
    g, v = number[known], x[known]
    n = np.bincount(g, minlength=k).astype(np.float64)
    total, squares = np.bincount(g, weights=v, minlength=k), np.bincount(g, weights=v * v, minlength=k)
    n0, total0, squares0 = n.sum() - n, total.sum() - total, squares.sum() - squares
    with np.errstate(divide="ignore", invalid="ignore"):
        m1, m0 = total / n, total0 / n0
        v1, v0 = (np.maximum(s / c - m**2, 0.0) * c / (c - 1) for s, c, m in ((squares, n, m1), (squares0, n0, m0)))
        error2 = v1 / n + v0 / n0
        freedom = error2**2 / ((v1 / n) ** 2 / (n - 1) + (v0 / n0) ** 2 / (n0 - 1))
        difference = m1 - m0
        spread = np.sqrt(np.maximum(squares.sum() / n.sum() - (total.sum() / n.sum()) ** 2, 0.0))
        t = difference / np.sqrt(error2)
        fit = np.isfinite(freedom) & (n > 1) & (n0 > 1)
        half = np.where(fit, stdtrit(np.where(fit, freedom, 1.0), 0.975) * np.sqrt(error2), np.nan)
        # No spread on either side: all here have one value and all others another, or all have the same.
        p = np.where(fit, 2 * stdtr(np.where(fit, freedom, 1.0), -np.abs(t)), np.nan)
        flat = (error2 <= 0) & (n > 1) & (n0 > 1)
        p = np.where(flat, np.where(np.abs(difference) > 0, 0.0, 1.0), p)
        effect = np.where(spread > 1e-12, difference / np.where(spread > 1e-12, spread, 1.0), 0.0)
    return pd.DataFrame(
        {
            "segment": np.arange(1, k + 1), "mean": own["mean"].to_numpy(), "low": own["low"].to_numpy(),
            "high": own["high"].to_numpy(), "n": own["n"].fillna(0).astype(np.int64).to_numpy(), "rest": m0,
            "difference": difference, "difference_low": difference - half, "difference_high": difference + half,
            "effect": effect, "p": np.clip(p, 0.0, 1.0),
        }
    )  # fmt: skip


def cross_table(assigned: pd.DataFrame, behaviour: pd.DataFrame, attributes: pd.DataFrame) -> pd.DataFrame:
    """Return customers per pair of segments; small cells, and those from which they could be reckoned, are missing."""
    both = assigned.dropna(subset=["behaviour", "attributes"])
    counts = np.zeros((len(behaviour), len(attributes)), dtype=np.int64)
    np.add.at(
        counts, (both["behaviour"].to_numpy(dtype=np.int64) - 1, both["attributes"].to_numpy(dtype=np.int64) - 1), 1
    )
    shown = pd.DataFrame(
        _guarded(counts),
        index=pd.Index(behaviour["label_en"], name="behaviour"),
        columns=pd.Index(attributes["label_en"], name="attributes"),
    )
    return shown.astype("Int64")


def _guarded(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Hide small cells; sizes of segments are published, so one hidden cell of a row or column takes another along."""
    hide = (counts > 0) & (counts < SMALLEST)
    while True:
        before = hide.copy()
        for table, hidden in ((counts, hide), (counts.T, hide.T)):
            for i in np.flatnonzero(hidden.sum(axis=1) == 1).tolist():
                free = np.where(hidden[i] | (table[i] == 0), np.iinfo(np.int64).max, table[i])
                if free.min() < np.iinfo(np.int64).max:
                    hidden[i, int(free.argmin())] = True
        if (hide == before).all():
            break
    return np.where(hide, np.nan, counts.astype(np.float64))


def agreement(assigned: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return adjusted Rand index and Cramér's V of the two ways, with bootstrap intervals over customers."""
    both = assigned.dropna(subset=["behaviour", "attributes"])
    n = len(both)
    a, b = (both[c].to_numpy(dtype=np.int64) - 1 for c in ("behaviour", "attributes"))
    rows, columns = (int(x.max()) + 1 if n else 0 for x in (a, b))
    names = ["adjusted Rand index", "Cramér's V"]
    if min(rows, columns) < 2:
        nothing = [float("nan")] * 2
        return pd.DataFrame({"measure": names, "value": nothing, "low": nothing, "high": nothing, "n": [n, n]})
    counts = np.bincount(a * columns + b, minlength=rows * columns).astype(np.float64)
    rng = np.random.default_rng([seed, 23])
    draws = rng.multinomial(n, counts / n, size=DRAWS).reshape(DRAWS, rows, columns).astype(np.float64)
    table = counts.reshape(rows, columns)
    out = []
    for name, measure in zip(names, (adjusted_rand, _cramer), strict=True):
        low, high = np.quantile([measure(d) for d in draws], [0.025, 0.975])
        out.append({"measure": name, "value": measure(table), "low": float(low), "high": float(high), "n": n})
    return pd.DataFrame(out)


def _cramer(table: npt.NDArray[Any]) -> float:
    """Return Cramér's V less what chance gives (Bergsma 2013)."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    n, (r, c) = float(table.sum()), table.shape
    if min(r, c) < 2 or n < 2:
        return 0.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / n
    phi = float(((table - expected) ** 2 / expected).sum()) / n
    phi = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    return cast(float, min(1.0, (phi / (min(rows, columns) - 1)) ** 0.5))
