"""Drivers per segment, and whether they differ: segments dealt out anew among customers say what luck does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.bootstrap import customer_products, draw_moments, total_moments, unpacked
from cxmining.drivers.clean import Scales, clean_frame, from_ratings
from cxmining.drivers.design import Design, RatingFrame, build_design
from cxmining.drivers.estimate import Problem
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.repr_html import repr_html

__all__ = ["DriverComparison", "compare_drivers"]

Array = npt.NDArray[np.float64]
LOW, HIGH = 0.025, 0.975

LEAST: Final = 100
"""Responses below which a segment is left out."""

MOST: Final = 12
"""Segments compared at once."""


@dataclass(frozen=True, eq=False)
class DriverComparison:
    """What explains a score in each segment, and where segments differ.

    Attributes
    ----------
    target, by : str
        The score, and what makes the segments.
    shares : DataFrame
        ``segment``, ``touchpoint``, ``share`` (of the R² in the segment), ``share_low``, ``share_high`` (95%), ``rank``,
        ``n``.
    segments : DataFrame
        ``segment``, ``n``, ``n_eff``, ``r2``, ``r2_low``, ``r2_high``, ``verdict``: R² in the data, and a 95% interval
        with the optimism of fitting taken off; a word of `Verdict`.
    tests : DataFrame
        Per touchpoint: ``most``, ``least`` (segments), ``difference`` of their shares, ``p`` (permutation),
        ``p_adjusted`` (Benjamini–Hochberg), ``differs``.
    p_all : float
        Of all touchpoints together: whether segments differ at all.
    notes : tuple of str
        What a reader must know.
    """

    target: str
    by: str
    shares: pd.DataFrame
    segments: pd.DataFrame
    tests: pd.DataFrame
    p_all: float
    notes: tuple[str, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """A row per touchpoint: its share in each segment, the largest difference, and whether it may be luck."""
        wide = self.shares.pivot(index="touchpoint", columns="segment", values="share")
        tests = self.tests.set_index("touchpoint")
        return tests[[]].join(wide).join(tests[["difference", "p_adjusted", "differs"]]).reset_index()

    def _head(self) -> str:
        which = self.tests.loc[self.tests["differs"], "touchpoint"].tolist()
        n = int(self.segments["n"].sum())
        said = f"differs at {', '.join(which)}" if which else "no touchpoint's share differs by more than luck"
        return (
            f"Drivers of {self.target!r} by {self.by!r}: {len(self.segments)} segments, {n:,} responses; {said} "
            f"(all touchpoints together: p = {self.p_all:.3f}); association, not effect"
        )

    def __repr__(self) -> str:
        table = self.summary.to_string(index=False, float_format=lambda v: f"{v:.3f}")
        return "\n".join([self._head(), table, *(f"- {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self._head(), said=self.notes)


def compare_drivers(
    experience_or_frame: Any,
    target: str,
    by: str,
    *,
    touchpoints: Sequence[str] | None = None,
    controls: Sequence[str] = (),
    weights: Any = None,
    cluster: str | None = "customer",
    not_used: Any = (),
    blank: Any = (),
    scales: Scales | None = None,
    max_imputed: float = 0.6,
    metric: str | None = None,
    bootstrap: int = 500,
    permutations: int = 999,
    seed: int = 1,
) -> DriverComparison:
    """Find the drivers of a score in each segment, and test whether they differ.

    Parameters
    ----------
    experience_or_frame, target, touchpoints, controls, weights, cluster, not_used, blank, scales, max_imputed, metric
        As in `find_drivers`.
    by : str
        What makes the segments: an attribute of customers, or a column of the frame. Segments made of behaviour
        differ in what they met; compare them with care.
    bootstrap : int, default 500
        Replicates per segment, for intervals.
    permutations : int, default 999
        How often segments are dealt out anew among customers. Levels are taken off first: a segment that scores lower
        everywhere has no other drivers for that.
    seed : int, default 1
        Of every draw.

    Returns
    -------
    DriverComparison
        ``.summary``, ``.shares``, ``.segments``, ``.tests``.

    Raises
    ------
    NotEnoughDataError
        When fewer than two segments have 100 responses.
    StudyError
        For a customer in two segments, more than 12 segments, and what `find_drivers` refuses.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.normal(size=(600, 2)), columns=["mail", "phone"])
    >>> scores["age"] = np.where(np.arange(600) < 300, "young", "old")
    >>> scores["csat"] = np.where(scores["age"] == "old", scores["phone"], scores["mail"]) + rng.normal(size=600)
    >>> found = compare_drivers(scores, "csat", "age", bootstrap=100, permutations=199)
    >>> found.tests["differs"].tolist()
    [True, True]
    """
    from threadpoolctl import threadpool_limits

    if permutations < 99:
        raise StudyError(f"permutations = {permutations}: at least 99 are needed for p = .01")
    ratings = _ratings(
        experience_or_frame, target, by, touchpoints, controls, weights, cluster, not_used, blank, scales, metric
    )
    with threadpool_limits(limits=1):
        return _compare(ratings, target, by, max_imputed, bootstrap, permutations, seed)


def _ratings(
    data: Any,
    target: str,
    by: str,
    touchpoints: Sequence[str] | None,
    controls: Sequence[str],
    weights: Any,
    cluster: str | None,
    not_used: Any,
    blank: Any,
    scales: Scales | None,
    metric: str | None,
) -> RatingFrame:
    if by in controls:
        raise StudyError(f"{by!r} makes the segments and is a control: within a segment it does not vary")
    both = [*controls, by]
    if isinstance(data, pd.DataFrame):
        made = clean_frame(
            data, target, touchpoints=touchpoints, controls=both, weights=weights, cluster=cluster,
            not_used=not_used, blank=blank, scales=scales,
        )  # fmt: skip
    else:
        if not hasattr(data, "ratings"):
            raise StudyError(
                f"compare_drivers takes an Experience or a DataFrame of ratings, not {type(data).__name__}"
            )
        made = from_ratings(
            data.ratings(target, metric, both), target, touchpoints=touchpoints, controls=both, weights=weights,
            cluster=cluster,
        )  # fmt: skip
    return replace(made, controls=tuple(controls))


def _kept(ratings: RatingFrame, by: str) -> tuple[RatingFrame, list[str], list[str]]:
    """Return the rows of segments that are large enough, their names, and notes on the others."""
    notes: list[str] = []
    usable = np.isfinite(ratings.frame[ratings.target].to_numpy(dtype=np.float64, na_value=np.nan))
    labels = ratings.frame[by].astype("object").where(ratings.frame[by].notna(), None)
    counts = labels[usable].map(str, na_action="ignore").value_counts()
    large = sorted(str(s) for s, n in counts.items() if n >= LEAST)
    if len(large) > MOST:
        raise StudyError(f"{by!r} has {len(large)} segments; {MOST} at most are compared at once: give it in classes")
    small = sorted((str(s), int(n)) for s, n in counts.items() if n < LEAST)
    if len(large) < 2:
        seen = ", ".join(f"{s!r} {n}" for s, n in [*((s, int(counts[s])) for s in large), *small][:8]) or "none"
        raise NotEnoughDataError(
            f"fewer than two segments of {by!r} have {LEAST} scored responses ({seen}); compare fewer, larger ones"
        )
    if small:
        notes.append(f"segments with fewer than {LEAST} responses left out: " + ", ".join(f"{s} {n}" for s, n in small))
    unknown = int((usable & labels.isna().to_numpy()).sum())
    if unknown:
        notes.append(f"{unknown:,} {'response is' if unknown == 1 else 'responses are'} of no segment and left out")
    take = labels.map(str, na_action="ignore").isin(large).to_numpy()
    frame = ratings.frame.loc[take].reset_index(drop=True)
    frame[by] = frame[by].map(str)
    return replace(ratings, frame=frame, exposed=ratings.exposed.loc[take].reset_index(drop=True)), large, notes


def _compare(
    ratings: RatingFrame, target: str, by: str, max_imputed: float, bootstrap: int, permutations: int, seed: int
) -> DriverComparison:
    from cxmining.drivers.estimate import adjust
    from cxmining.drivers.verdict import judge
    from cxmining.stats import benjamini_hochberg

    kept, names, notes = _kept(ratings, by)
    design = build_design(kept, max_imputed)
    code = pd.Categorical(kept.frame[by].iloc[design.rows], categories=names).codes.astype(np.int64)
    label = np.zeros(int(design.cluster[-1]) + 1, dtype=np.int64)
    label[design.cluster] = code
    if (label[design.cluster] != code).any():
        raise StudyError(
            f"some customers stand in more than one segment of {by!r}; it must be a property of a customer"
        )
    centred = _centred(design, code, len(names))
    problem = Problem(design.groups, design.always, "lmg", seed)
    points, rows, tables = [], [], []
    for g, name in enumerate(names):
        take = label == g
        inside = take[design.cluster]
        w = design.w[inside]
        n = float(w.sum() ** 2 / (w**2).sum())
        rng = np.random.default_rng([seed, 1, g])
        point = problem.estimate(total_moments(centred, take), n)
        draws = problem.estimate(draw_moments(centred, bootstrap, rng, take), n, replicate=True, anchor=point)
        points.append(point.credit[:, 0])
        low, high = np.quantile(draws.credit, [LOW, HIGH], axis=1)
        ranks = np.argsort(np.argsort(-np.round(point.credit[:, 0], 9), kind="stable"), kind="stable") + 1
        fitted = np.clip(adjust(draws.partial, problem.room(n), problem.q, True), 0, 1) * (1 - draws.controls)
        spread = np.quantile(fitted, [LOW, HIGH])
        alone = _part(centred, inside, take)
        word = judge(alone, problem, point, draws, np.random.default_rng([seed, 2, g])).word
        totals = np.bincount(alone.cluster, weights=alone.w)
        n_eff = float(totals.sum() ** 2 / (totals**2).sum())
        rows.append((name, int(inside.sum()), n_eff, float(point.r2[0]), float(spread[0]), float(spread[1]), word))
        tables.append(
            pd.DataFrame(
                {
                    "segment": name, "touchpoint": design.players, "share": point.credit[:, 0], "share_low": low,
                    "share_high": high, "rank": ranks, "n": int(inside.sum()),
                }
            )
        )  # fmt: skip
    weight = np.array([r[1] for r in rows], dtype=np.float64)
    observed = _apart(np.stack(points)[:, :, None], weight)[:, 0]
    luck = _dealt(centred, problem, label, len(names), weight, permutations, seed)
    p = (1 + (luck >= observed[:, None] - 1e-12).sum(axis=1)) / (permutations + 1)
    p_all = float((1 + (luck.sum(axis=0) >= observed.sum() - 1e-12).sum()) / (permutations + 1))
    adjusted = benjamini_hochberg(p)
    share = np.stack(points)
    most, least = share.argmax(axis=0), share.argmin(axis=0)
    tests = pd.DataFrame(
        {
            "touchpoint": design.players,
            "most": [names[i] for i in most],
            "least": [names[i] for i in least],
            "difference": share.max(axis=0) - share.min(axis=0),
            "p": p,
            "p_adjusted": adjusted,
            "differs": adjusted < 0.05,
        }
    )
    order = np.lexsort([tests["touchpoint"], -tests["difference"], tests["p"]])
    columns = ["segment", "n", "n_eff", "r2", "r2_low", "r2_high", "verdict"]
    return DriverComparison(
        target=target,
        by=by,
        shares=pd.concat(tables, ignore_index=True),
        segments=pd.DataFrame(rows, columns=columns),
        tests=tests.iloc[order].reset_index(drop=True),
        p_all=p_all,
        notes=(*notes, *kept.notes, *design.notes),
    )


def _centred(design: Design, code: npt.NDArray[np.int64], count: int) -> Design:
    """Take each segment's own level off every column but the constant."""
    z = design.z.copy()
    total = np.bincount(code, weights=design.w, minlength=count)
    for c in range(1, z.shape[1]):
        z[:, c] -= (np.bincount(code, weights=design.w * z[:, c], minlength=count) / total)[code]
    return replace(design, z=z)


def _part(design: Design, inside: npt.NDArray[np.bool_], take: npt.NDArray[np.bool_]) -> Design:
    """Return the rows of some customers as a design of their own."""
    number = np.cumsum(take) - 1
    return replace(
        design,
        z=design.z[inside],
        w=design.w[inside],
        cluster=number[design.cluster[inside]].astype(np.intp),
        rows=design.rows[inside],
    )


def _apart(share: Array, weight: Array) -> Array:
    """Return how far segments' shares (segments, p, R) stand apart: the weighted sum of squares around their mean."""
    part = (weight / weight.sum())[:, None, None]
    mean = (part * share).sum(axis=0)
    return np.asarray((part * (share - mean) ** 2).sum(axis=0))


def _dealt(
    design: Design,
    problem: Problem,
    label: npt.NDArray[np.int64],
    count: int,
    weight: Array,
    permutations: int,
    seed: int,
) -> Array:
    """Return the same with segments dealt out anew among customers: shape (p, permutations)."""
    rng = np.random.default_rng([seed, 3])
    dealt = np.stack([rng.permutation(label) for _ in range(permutations)]).astype(np.int8)
    m = design.z.shape[1]
    packed = np.zeros((count, permutations, m * (m + 1) // 2))
    begin = 0
    for cross in customer_products(design, None):
        part = dealt[:, begin : begin + len(cross)]
        for g in range(count):
            packed[g] += (part == g).astype(np.float64) @ cross
        begin += len(cross)
    shares = [
        problem.estimate(unpacked(one, m), design.n_kish * weight[g] / weight.sum(), replicate=True).credit
        for g, one in enumerate(packed)
    ]
    return _apart(np.stack(shares), weight)
