"""How many groups there are: as many as come back when other customers are looked at, and no more.

Three things are asked of a partition. It must come back in halves of the customers: Hennig's (2007) Jaccard
similarity of each group and the mean adjusted Rand index (the prediction strength of Tibshirani and Walther 2005
stands beside). Its groups must stand apart: with enough customers even the two halves of one cloud come back
(Ben-David, von Luxburg and Pál 2006), so there must be a valley between any two groups, and members must be clearly
nearer to their own. And it must hold them closer than as many groups do in logs whose steps are drawn from one pot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints

__all__ = [
    "JACCARD", "MOST", "RAND", "SILHOUETTE", "SMALLEST", "VALLEY", "Chosen", "Distances", "Points", "Space",
    "adjusted_rand", "choose", "partition", "silhouette",
]  # fmt: skip

Floats = npt.NDArray[np.float64]

JACCARD: Final = 0.75
"""Each group must come back with at least this Jaccard similarity on average (Hennig 2007: valid, stable)."""
RAND: Final = 0.8
"""Least mean adjusted Rand index between partitions of halves and of the whole."""
SILHOUETTE: Final = 0.35
"""Least mean silhouette, by distances to centres (Kaufman and Rousseeuw 1990: below .25 there is no structure)."""
VALLEY: Final = 0.5
"""Between two groups at most this many members, of what the sparser one has in as wide a place."""
APART: Final = 0.5
"""Least distance between two centres, of what members are typically from the middle of all: a small difference between
otherwise equal journeys, such as a silence just under or over a day, makes no two kinds however stable it is."""
SMALLEST: Final = 10
"""Customers that a group must have to be a group."""
MOST: Final = 8
"""Groups that are tried at most."""
SPLITS: Final = 10
REFERENCES: Final = 19  # of 20 logs, ours among them, ours is the tightest by chance once: 5%


class Space(Protocol):
    """Things with distances between them, that can be partitioned."""

    def fit(self, weight: Floats, k: int, seed: int) -> npt.NDArray[Any]:
        """Return `k` centres for things of these weights."""

    def distances(self, centres: npt.NDArray[Any]) -> Floats:
        """Return the distance of each thing to each centre, shape (things, centres)."""

    def between(self, centres: npt.NDArray[Any]) -> Floats:
        """Return the distances between centres."""

    def spread(self, weight: Floats, centres: npt.NDArray[Any]) -> float:
        """Return how far things lie from their nearest centre, in all."""

    def typical(self, weight: Floats, centres: npt.NDArray[Any]) -> float:
        """Return how far a thing lies from its nearest centre."""


@dataclass(frozen=True, eq=False)
class Points:
    """Things as points; groups by k-means."""

    x: Floats

    def fit(self, weight: Floats, k: int, seed: int) -> Floats:
        """Return the centres of weighted k-means, the best of a few starts."""
        import warnings

        from sklearn.cluster import KMeans
        from sklearn.exceptions import ConvergenceWarning

        used = np.flatnonzero(weight > 0)
        model = KMeans(k, n_init=4, max_iter=100, random_state=seed, algorithm="lloyd")
        with warnings.catch_warnings():
            # Fewer different points than groups: a group stays empty, and that is judged where groups are.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(self.x[used], sample_weight=weight[used])
        return cast(Floats, np.round(model.cluster_centers_, 9))

    def distances(self, centres: Floats) -> Floats:
        """Return Euclidean distances, rounded so that ties are ties."""
        squares = (self.x**2).sum(axis=1)[:, None] - 2 * self.x @ centres.T + (centres**2).sum(axis=1)[None, :]
        return cast(Floats, np.round(np.sqrt(np.maximum(squares, 0.0)), 9))

    def between(self, centres: Floats) -> Floats:
        """Return Euclidean distances between centres."""
        return cast(Floats, np.sqrt(((centres[:, None] - centres[None]) ** 2).sum(axis=-1)))

    def spread(self, weight: Floats, centres: Floats) -> float:
        """Return the sum of squares."""
        return float(weight @ self.distances(centres).min(axis=1) ** 2)

    def typical(self, weight: Floats, centres: Floats) -> float:
        """Return the root of the mean square."""
        return float((self.spread(weight, centres) / weight.sum()) ** 0.5)


@dataclass(frozen=True, eq=False)
class Distances:
    """Things by their distances; groups by k-medoids (Voronoi iteration from seeded starts)."""

    d: Floats

    def fit(self, weight: Floats, k: int, seed: int) -> Ints:
        """Return the numbers of the medoids."""
        rng = np.random.default_rng(seed)
        used = np.flatnonzero(weight > 0)
        d, w = self.d[np.ix_(used, used)], weight[used]
        best, cost = np.arange(k), np.inf
        for _ in range(4):
            medoids, found = _medoids(d, w, k, rng)
            if found < cost - 1e-9:
                best, cost = medoids, found
        return used[np.sort(best)]

    def distances(self, centres: Ints) -> Floats:
        """Return the columns of the medoids."""
        return self.d[:, centres]

    def between(self, centres: Ints) -> Floats:
        """Return the distances between medoids."""
        return self.d[np.ix_(centres, centres)]

    def spread(self, weight: Floats, centres: Ints) -> float:
        """Return the sum of distances."""
        return float(weight @ self.d[:, centres].min(axis=1))

    def typical(self, weight: Floats, centres: Ints) -> float:
        """Return the mean distance."""
        return self.spread(weight, centres) / float(weight.sum())


def _medoids(d: Floats, w: Floats, k: int, rng: np.random.Generator) -> tuple[Ints, float]:
    medoids = [int(rng.choice(len(w), p=w / w.sum()))]
    while len(medoids) < k:
        near = d[:, medoids].min(axis=1) * w
        total = near.sum()
        free = np.setdiff1d(np.arange(len(w)), medoids)
        medoids.append(int(rng.choice(len(w), p=near / total)) if total > 0 else int(free[0]))
    now = np.array(sorted(medoids))
    for _ in range(50):
        label = d[:, now].argmin(axis=1)
        new = now.copy()
        for g in range(k):
            own = np.flatnonzero(label == g)
            if len(own):
                new[g] = own[np.round(d[np.ix_(own, own)] @ w[own], 9).argmin()]
        new = np.sort(new)
        if (new == now).all():
            break
        now = new
    return now, float(w @ d[:, now].min(axis=1))


@dataclass(frozen=True, eq=False)
class Chosen:
    """A number of groups, why it was chosen, and the groups.

    Attributes
    ----------
    k : int
        Number of groups; 1 when no partition is stable.
    centres : ndarray
        Of the space.
    label : ndarray of int64
        The group of each thing.
    stability : DataFrame
        One row per number that was tried: ``k``, ``jaccard`` (of the least stable group), ``ari``,
        ``prediction_strength``, ``valley``, ``silhouette``, ``apart`` (least distance of two centres, of the typical
        one), ``smallest`` (customers), ``tightness`` (spread left
        over, of the whole) and ``p_one_pot`` where the rest holds, ``why_not``, ``stable``.
    jaccard : ndarray of float64
        Stability of each group.
    """

    k: int
    centres: npt.NDArray[Any]
    label: Ints
    stability: pd.DataFrame
    jaccard: Floats


def partition(space: Space, weight: Floats, k: int, seed: int) -> tuple[npt.NDArray[Any], Ints]:
    """Return the centres of `k` groups, the largest first, and the group of each thing."""
    centres = space.fit(weight, k, seed)
    label = space.distances(centres).argmin(axis=1)
    size = np.bincount(label, weights=weight, minlength=k)
    order = np.lexsort((np.arange(k), -size))
    return centres[order], space.distances(centres[order]).argmin(axis=1)


def choose(
    space: Space, members: Any, k: int | None, references: Callable[[], tuple[Space, Floats, Sequence[tuple[Space, Floats]]]],
    seed: int,
) -> Chosen:  # fmt: skip
    """Choose the largest number of groups that is stable, or measure the stability of the number that was asked.

    Parameters
    ----------
    space : Space
        The things.
    members : csr_array of int64, shape (customers, things)
        How often each customer has each thing; customers in an order that does not depend on that of rows.
    k : int or None
        Number of groups; None: by stability.
    references : callable
        Returns the things again, or a sample of them, with their weights, and as many logs of one pot.
    seed : int
    """
    from threadpoolctl import threadpool_limits

    if isinstance(space, Points):
        import sklearn.cluster  # noqa: F401  # what is loaded later would not be limited
    # Hundreds of partitions of a few milliseconds each: a second thread waits more than it works.
    with threadpool_limits(limits=1):
        return _choose(space, members, k, references, seed)


def _choose(
    space: Space, members: Any, k: int | None, references: Callable[[], tuple[Space, Floats, Sequence[tuple[Space, Floats]]]],
    seed: int,
) -> Chosen:  # fmt: skip
    weight = np.asarray(members.sum(axis=0), dtype=np.float64).ravel()
    distinct = int((weight > 0).sum())
    tried = [k] if k is not None else [n for n in range(2, MOST + 1) if n <= distinct]
    typical = max(space.typical(weight, space.fit(weight, 1, seed)), 1e-12)
    rows: list[dict[str, Any]] = []
    found = {}
    for n in tried:
        centres, label = partition(space, weight, n, seed)
        row, jaccard = _resample(space, members, label, n, seed)
        found[n] = (centres, label, jaccard)
        near = silhouette(space.distances(centres))
        row["silhouette"] = float(np.round(near @ weight / weight.sum(), 6))
        row["apart"] = float(np.round(space.between(centres)[np.triu_indices(n, 1)].min() / typical, 6))
        rows.append({"k": n, **row, "smallest": _smallest(members, label, n), "tightness": np.nan, "p_one_pot": np.nan})
    table = pd.DataFrame()
    if rows:
        worth = [i for i, row in enumerate(rows) if k is not None or not _why_not(row, False)]
        if worth:
            seen, seen_weight, pots = references()
            wholes = [_undivided(space, w, seed) for space, w in ((seen, seen_weight), *pots)]
            for i in worth:
                rows[i]["tightness"], rows[i]["p_one_pot"] = _against(seen, seen_weight, pots, wholes, tried[i], seed)
        table = pd.DataFrame(rows)
        table["why_not"] = pd.Series([_why_not(row, True) for row in rows], dtype="str")
        table["stable"] = table["why_not"] == ""
    one = k is None and not (len(table) and table["stable"].any())
    best = 1 if one else k if k is not None else int(table.loc[table["stable"], "k"].max())
    if best == 1:
        centres, label = partition(space, weight, 1, seed)
        return Chosen(1, centres, label, table, np.array([np.nan]))
    return Chosen(best, found[best][0], found[best][1], table, found[best][2])


def silhouette(away: Floats) -> Floats:
    """Return, by distances to centres, how much nearer each thing is to its own than to the next: 0 to 1.

    Examples
    --------
    >>> silhouette(np.array([[1.0, 4.0], [2.0, 2.0]])).tolist()
    [0.75, 0.0]
    """
    two = np.partition(away, 1, axis=1)[:, :2]
    return cast(Floats, 1 - np.divide(two[:, 0], two[:, 1], out=np.ones(len(away)), where=two[:, 1] > 0))


def _why_not(row: Mapping[str, Any], pots: bool) -> str:
    said = []
    if row["smallest"] < SMALLEST:
        said.append(f"a group of fewer than {SMALLEST} customers")
    if not row["jaccard"] >= JACCARD:
        said.append("a group does not come back")
    if not row["ari"] >= RAND:
        said.append("halves of the customers are grouped otherwise")
    if not row["valley"] <= VALLEY:
        said.append("no valley between two groups")
    if not row["silhouette"] >= SILHOUETTE:
        said.append("groups hardly stand apart")
    if not row["apart"] >= APART:
        said.append("two groups are nearly the same")
    if pots and not said and not row["p_one_pot"] <= 0.05:
        said.append("no tighter than when all is drawn from one pot")
    return "; ".join(said)


def _smallest(members: Any, label: Ints, k: int) -> int:
    """Return the number of customers of the group that has fewest."""
    of = _grouped(members, label, k)
    return int((of > 0).sum(axis=0).min())


def _grouped(members: Any, label: Ints, k: int) -> Floats:
    from scipy.sparse import csr_array

    hot = csr_array((np.ones(len(label)), (np.arange(len(label)), label)), shape=(len(label), k))
    return cast(Floats, (members @ hot).toarray())


def _resample(space: Space, members: Any, label: Ints, k: int, seed: int) -> tuple[dict[str, float], Floats]:
    """Partition halves of the customers, and compare with the whole and with each other."""
    customers = members.shape[0]
    rng = np.random.default_rng([seed, k])
    jaccard, ari, strength, valley = [], [], [], []
    for split in range(SPLITS):
        half = np.zeros(customers, dtype=bool)
        half[rng.permutation(customers)[: customers // 2]] = True
        weights = [np.asarray(members[side].sum(axis=0), dtype=np.float64).ravel() for side in (half, ~half)]
        if min((w > 0).sum() for w in weights) < k:
            return {"jaccard": 0.0, "ari": 0.0, "prediction_strength": 0.0, "valley": np.nan}, np.zeros(k)
        centres = [space.fit(w, k, seed + 1 + split) for w in weights]
        away = [space.distances(c) for c in centres]
        labels = [d.argmin(axis=1) for d in away]
        for side in (0, 1):
            own, other = weights[side], weights[1 - side]
            jaccard.append(_jaccard(_table(label, labels[side], own, k)))
            ari.append(adjusted_rand(_table(label, labels[side], own, k)))
            strength.append(_strength(_table(labels[1 - side], labels[side], other, k)))
            valley.append(_valley(away[side], space.between(centres[side]), labels[side], other))
    per_group = np.mean(jaccard, axis=0)
    figures = {
        "jaccard": float(np.round(per_group.min(), 6)),
        "ari": float(np.round(np.mean(ari), 6)),
        "prediction_strength": float(np.round(np.mean(strength), 6)),
        "valley": float(np.round(np.median(valley), 6)),
    }
    return figures, per_group


def _table(a: Ints, b: Ints, weight: Floats, k: int) -> Floats:
    return cast(Floats, np.bincount(a * k + b, weights=weight, minlength=k * k).reshape(k, k).astype(np.float64))


def _jaccard(table: Floats) -> Floats:
    """Return, for each row group, its similarity with the column group that is most like it."""
    rows, columns = table.sum(axis=1)[:, None], table.sum(axis=0)[None, :]
    union = rows + columns - table
    return cast(Floats, np.where(union > 0, table / np.where(union > 0, union, 1), 0.0).max(axis=1))


def adjusted_rand(table: Floats) -> float:
    """Return the adjusted Rand index of a cross table of counts (Hubert and Arabie 1985).

    Examples
    --------
    >>> adjusted_rand(np.array([[3.0, 0.0], [0.0, 2.0]]))
    1.0
    """
    n = table.sum()
    pairs = float((table * (table - 1)).sum() / 2)
    rows, columns = (float((m * (m - 1)).sum() / 2) for m in (table.sum(axis=1), table.sum(axis=0)))
    chance = rows * columns / (n * (n - 1) / 2) if n > 1 else 0.0
    most = (rows + columns) / 2
    return float((pairs - chance) / (most - chance)) if most > chance else 1.0


def _strength(table: Floats) -> float:
    """Return the least share of pairs of a row group that stay together in the columns."""
    size = table.sum(axis=1)
    together = (table * (table - 1)).clip(min=0).sum(axis=1)
    return float(np.where(size > 1, together / np.where(size > 1, size * (size - 1), 1), 0.0).min())


def _valley(away: Floats, between: Floats, label: Ints, weight: Floats) -> float:
    """Return how full the place between two groups is, for the pair where it is fullest.

    Members of two groups are placed on the line through their centres, 0 at the one, 1 at the other; those within
    .1 of the middle are counted against the fullest place as wide on the sparser side. One hump: about 1.
    """
    worst = 0.0
    k = away.shape[1]
    for g in range(k):
        for h in range(g + 1, k):
            length = between[g, h] ** 2
            if length <= 0:
                return 1.0
            own = (label == g) | (label == h)
            t = (away[own, g] ** 2 - away[own, h] ** 2 + length) / (2 * length)
            counts = np.histogram(np.clip(t, -0.999, 1.999), bins=15, range=(-1.0, 2.0), weights=weight[own])[0]
            least = min(counts[:7].max(), counts[8:].max())
            worst = max(worst, float(counts[7] / least) if least > 0 else 1.0)
    return worst


def _undivided(space: Space, weight: Floats, seed: int) -> float:
    """Return the spread around one centre."""
    return space.spread(weight, space.fit(weight, 1, seed)) if (weight > 0).any() else 0.0


def _against(
    seen: Space, weight: Floats, pots: Sequence[tuple[Space, Floats]], wholes: Sequence[float], k: int, seed: int
) -> tuple[float, float]:
    """Return the spread that `k` groups leave over, and how often it is as small when there is one pot.

    `wholes` are the spreads around one centre, of the things seen and then of each pot: the same for every `k`.
    """

    def left(space: Space, w: Floats, whole: float) -> float:
        if (w > 0).sum() <= k:
            return 0.0
        return space.spread(w, space.fit(w, k, seed)) / whole if whole > 0 else 0.0

    ours = left(seen, weight, wholes[0])
    theirs = np.array([left(space, w, whole) for (space, w), whole in zip(pots, wholes[1:], strict=True)])
    return round(ours, 6), float((1 + (theirs <= ours + 1e-9).sum()) / (1 + len(theirs)))
