"""The change of a mean between two groups, split over three factors in every order: the arithmetic."""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

__all__ = ["SMALL", "split_change"]

SMALL: Final = 10
"""Answers on a side: below, a part of one touchpoint says little."""
_BLOCK: Final = 4_000_000  # counts that are drawn at a time
_PARTS: Final = ("mix", "rate", "respondents", "total")


def split_change(
    frame: pd.DataFrame, *, known: bool = True, repeats: int = 1000, seed: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split the change of a mean; the numbers behind :func:`cxmining.experience.explain_change`.

    Parameters
    ----------
    frame : DataFrame
        One row per answer: ``side`` ("before" or "after"), ``label``, ``value``, ``weight`` (what the answer stands
        for among the invited; equal weights where nothing is known) and ``customer_id``.
    known : bool, default True
        Whether the weights say who answered; else that part is missing.
    repeats : int, default 1000
    seed : int, default 1

    Returns
    -------
    parts, per label : DataFrame
        See :class:`cxmining.experience.moving.ScoreChange`. What is met on one side only has no level on the other: its part is mix.

    Examples
    --------
    >>> t = pd.DataFrame({"side": ["before"] * 4 + ["after"] * 4, "label": list("aaab") + list("abbb"),
    ...     "value": [8, 8, 8, 4, 9, 4, 4, 4], "weight": 1.0, "customer_id": range(8)})
    >>> split_change(t, known=False, repeats=50)[0][["part", "change"]].values.tolist()
    [['mix', -2.25], ['rate', 0.5], ['respondents', nan], ['total', -1.75]]
    """
    from scipy.sparse import coo_matrix

    person, people = pd.factorize(frame["customer_id"].astype("str"), sort=True)
    group, labels = pd.factorize(frame["label"].astype("str"), sort=True)
    value, weight = frame["value"].to_numpy(dtype=float), frame["weight"].to_numpy(dtype=float)
    late = (frame["side"] == "after").to_numpy()
    size = len(labels)
    cell = (late * size + group) * 4
    filled = [(cell + k, what) for k, what in enumerate((np.ones(len(frame)), weight, value, weight * value))]
    column, content = (np.concatenate(part) for part in zip(*filled, strict=True))
    # Rows come in any order: sums of equal customers are made in one fixed order.
    order = np.lexsort((content, column, np.tile(person, 4)))
    sums = coo_matrix((content[order], (np.tile(person, 4)[order], column[order])), (len(people), 8 * size)).tocsr()
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // len(people))
    found = [_shapley(np.asarray(sums.sum(axis=0)).reshape(1, 2, size, 4))]
    for start in range(0, repeats, block):
        many = min(block, repeats - start)
        counts = rng.multinomial(len(people), np.full(len(people), 1 / len(people)), size=many).astype(float)
        found.append(_shapley(np.asarray(counts @ sums).reshape(many, 2, size, 4)))
    effect = np.concatenate(found)  # replicate (0: the data), part, label
    whole = effect.sum(axis=2)
    drawn = ~np.isnan(whole[1:, -1])  # a resample may hold nobody of a side
    low, high = _interval(whole[1:][drawn], len(people))
    parts = pd.DataFrame({"part": _PARTS, "change": whole[0], "low": low, "high": high})
    edges = _interval(effect[1:][drawn], len(people))
    table = pd.DataFrame({"label": pd.Series(labels, dtype="str")})
    at = np.asarray(sums.sum(axis=0)).reshape(2, size, 4)
    with np.errstate(divide="ignore", invalid="ignore"):
        for k, side in enumerate(("before", "after")):
            table[f"n_{side}"] = at[k, :, 0].astype("int64")
            table[f"share_{side}"] = at[k, :, 0] / at[k, :, 0].sum()
            table[f"score_{side}"] = at[k, :, 2] / at[k, :, 0]
    for i, part in enumerate(_PARTS):
        table[part] = effect[0, i]
        if part in ("rate", "total"):
            table[f"{part}_low"], table[f"{part}_high"] = edges[0][i], edges[1][i]
    table["small"] = table[["n_before", "n_after"]].min(axis=1) < SMALL
    if not known:
        parts.loc[parts["part"] == "respondents", ["change", "low", "high"]] = np.nan
        table["respondents"] = np.nan
    order = np.lexsort((table["label"].to_numpy(dtype=object), -table["total"].abs().to_numpy()))
    return parts, table.iloc[order].reset_index(drop=True)


def _interval(draws: Floats, people: int) -> tuple[Floats, Floats]:
    if people < 3 or not len(draws):
        nothing = np.full(draws.shape[1:], np.nan)
        return nothing, nothing
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    return low, high


def _shapley(sums: Floats) -> Floats:
    """Return (replicate, part, label) out of (replicate, side, label, [n, Σw, Σx, Σwx])."""
    n, w, x, wx = np.moveaxis(sums, 3, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        q, p = (s / s.sum(axis=2, keepdims=True) for s in (n, w))
        level, mean = wx / w, x / n
        tilt, shift = q / p, mean - level
    there = n > 0
    # Who is met on one side only has the same level, and the same answerers, on the other.
    level, tilt, shift = (np.where(there, v, v[:, ::-1]) for v in (level, tilt, shift))
    never = ~there.any(axis=1, keepdims=True)
    level, tilt, shift = (np.where(never, e, v) for v, e in ((level, 0.0), (tilt, 1.0), (shift, 0.0)))
    with np.errstate(invalid="ignore"):
        middle = (np.nansum(np.where(there, q * mean, 0.0), axis=2)).mean(axis=1)[:, None]

    def part(i: int, j: int, k: int) -> Floats:
        share = p[:, i] * tilt[:, k]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = share / share.sum(axis=1, keepdims=True)
        return cast(Floats, share * (level[:, j] + shift[:, k] - middle))

    f = {(i, j, k): part(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)}
    total = f[1, 1, 1] - f[0, 0, 0]
    mix, rate, who = (
        sum(
            (1 / 3 if a == b else 1 / 6) * (f[_at(axis, 1, a, b)] - f[_at(axis, 0, a, b)])
            for a in (0, 1)
            for b in (0, 1)
        )
        for axis in range(3)
    )
    return np.stack([cast(Floats, mix), cast(Floats, rate), cast(Floats, who), total], axis=1)


def _at(axis: int, own: int, a: int, b: int) -> tuple[int, int, int]:
    place = [a, b]
    place.insert(axis, own)
    return place[0], place[1], place[2]
