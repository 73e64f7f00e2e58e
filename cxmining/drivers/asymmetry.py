"""Penalty and reward: whether a bad experience weighs as much as a good one.

A low experience is laid against the middle, and a high one, everything else in (penalty–reward contrast,
Brandt 1988). Steps alone call a quarter of all straight lines asymmetric, since low scores lie farther from
the middle than high ones: an asymmetry is claimed only where a line that may bend at the middle bends the same
way, and both stand after correction for the number of touchpoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.refit import Rated, draw, quantiles, rated_touchpoints
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures.drawn import DrawnResult
from cxmining.repr_html import repr_html
from cxmining.stats import benjamini_hochberg

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.figures.scene import Scene

__all__ = ["DISSATISFIER", "HYBRID", "OPEN", "SATISFIER", "Asymmetry", "find_asymmetry"]

Array = npt.NDArray[np.float64]

DISSATISFIER: Final = "dissatisfier"
SATISFIER: Final = "satisfier"
HYBRID: Final = "hybrid"
OPEN: Final = "cannot tell"

LEAST: Final = 20
"""Scores in each of low, middle and high below which a touchpoint is not judged."""
LEVEL: Final = 0.05


@dataclass(frozen=True, eq=False)
class Asymmetry(DrawnResult):
    """What low and high experiences go with, against the middle.

    Attributes
    ----------
    summary : DataFrame
        One row per touchpoint, largest span first: ``touchpoint``, ``n``, ``n_low``, ``n_middle``, ``n_high``,
        ``low_to`` (low is a score up to it), ``high_from``, ``penalty`` (points of the target, low against middle),
        ``penalty_low``, ``penalty_high``, ``reward`` (high against middle), ``reward_low``, ``reward_high``,
        ``asymmetry`` (penalty outweighs reward where above 0), ``asymmetry_low``, ``asymmetry_high``, ``bend`` (slope
        below the middle less that above), ``bend_low``, ``bend_high``, ``p`` (the larger of the two), ``p_adjusted``
        (Benjamini-Hochberg), ``kind``. Intervals 95%, bootstrap of customers.
    target : str
    n : int
        Respondents.
    controls : tuple of str
    left_out : dict of str to str
        Touchpoints that could not be judged, and why.
    """

    summary: pd.DataFrame
    target: str
    n: int
    controls: tuple[str, ...]
    left_out: dict[str, str]

    def of(self, kind: str) -> list[str]:
        """Return the touchpoints of one kind."""
        return self.summary.loc[self.summary["kind"] == kind, "touchpoint"].tolist()

    def picture(self, *, width: int = 1080, language: str = "en", labels: Mapping[str, str] | None = None) -> Scene:
        """Return the picture of penalty and reward; `width` in pixels, from 360."""
        from cxmining.drivers.charts import asymmetry_picture

        return asymmetry_picture(self, width, language, labels or {})

    def __repr__(self) -> str:
        columns = [
            "touchpoint",
            "n",
            "penalty",
            "penalty_low",
            "penalty_high",
            "reward",
            "reward_low",
            "reward_high",
            "kind",
        ]
        table = self.summary[columns].to_string(index=False, float_format=lambda v: f"{v:.2f}")
        left = [f"- {name!r} is not judged: {why}" for name, why in self.left_out.items()]
        return "\n".join([f"Asymmetry of {self.target!r}: {self.n:,} responses", table, *left])

    def _repr_html_(self) -> str:
        left = [f"{name!r} is not judged: {why}" for name, why in self.left_out.items()]
        return repr_html(self.summary, said=left)


def find_asymmetry(
    analysis: DriverAnalysis,
    *,
    low: float | None = None,
    high: float | None = None,
    bootstrap: int = 1000,
    seed: int = 1,
) -> Asymmetry:
    """Find touchpoints whose bad experiences weigh more, or less, than their good ones.

    Parameters
    ----------
    analysis : DriverAnalysis
    low, high : float, optional
        A score up to `low` is low, one from `high` on is high. Default, per touchpoint: the cuts that come nearest
        to thirds of its scores.
    bootstrap : int, default 1000
        Draws of customers.
    seed : int, default 1

    Returns
    -------
    Asymmetry
        ``kind`` is *dissatisfier* (bad weighs more than good), *satisfier* (good weighs more), *hybrid* (both weigh, and
        no asymmetry is seen) or *cannot tell*.

    Raises
    ------
    StudyError
        For cuts that leave no middle.
    NotEnoughDataError
        When no touchpoint has enough low, middle and high scores.

    References
    ----------
    Brandt (1988). How service marketers can identify value-enhancing service elements. Matzler & Sauerwein (2002).
    The factor structure of customer satisfaction. Int. J. of Service Industry Management 13(4).

    Examples
    --------
    >>> from cxmining.drivers import find_drivers
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.integers(1, 11, (900, 2)), columns=["mail", "phone"]).astype(float)
    >>> scores["csat"] = np.minimum(scores["mail"], 6) + rng.normal(size=900)
    >>> find_asymmetry(find_drivers(scores, "csat", bootstrap=100)).of("dissatisfier")
    ['mail']
    """
    if bootstrap < 100:
        raise StudyError(f"find_asymmetry: bootstrap = {bootstrap}: intervals need at least 100 replicates")
    if low is not None and high is not None and not low < high:
        raise StudyError(f"find_asymmetry: low = {low:g} and high = {high:g} leave no middle between them")
    rated, left_out = rated_touchpoints(analysis, None, None, "find_asymmetry")
    design, ratings = analysis.design, analysis.ratings
    assert design is not None
    assert ratings is not None
    judged, parts = [], []
    for r in rated:
        cut = _cuts(r, design.w, low, high)
        if isinstance(cut, str):
            left_out[r.name] = cut
        else:
            judged.append(r)
            parts.append(cut)
    if not judged:
        name, why = next(iter(left_out.items()))
        raise NotEnoughDataError(f"find_asymmetry: no touchpoint can be judged; {name!r}: {why}")
    steps, hinges = [], []
    for r, (low_to, high_from) in zip(judged, parts, strict=True):
        is_low, is_high = r.rated & (r.x <= low_to), r.rated & (r.x >= high_from)
        middle = r.rated & ~is_low & ~is_high
        at = float(np.average(r.x[middle], weights=design.w[middle]))
        steps.append([r.centred(is_low.astype(np.float64), design.w), r.centred(is_high.astype(np.float64), design.w)])
        hinges.append(
            [r.centred(np.asarray(np.maximum(np.where(r.rated, r.x, at) - at, 0.0), dtype=np.float64), design.w)]
        )
    none: list[Sequence[Array]] = [[] for _ in judged]
    stepped = draw(design, steps, none, bootstrap, seed)
    bent = draw(design, hinges, none, bootstrap, seed)
    sign = (1.0 if ratings.higher_is_better else -1.0) * design.target_scale
    rows: list[dict[str, Any]] = []
    for i, (r, (low_to, high_from)) in enumerate(zip(judged, parts, strict=True)):
        _, _, both = stepped.coefficients(i, r.column, instead=True)
        _, _, bend = bent.coefficients(i, r.column)
        penalty, reward, curve = sign * both[:, 0], sign * both[:, 1], -sign * bend[:, 0]
        more = -penalty - reward
        row: dict[str, Any] = {
            "touchpoint": r.name,
            "n": int(r.rated.sum()),
            "n_low": int((r.rated & (r.x <= low_to)).sum()),
            "n_middle": int((r.rated & (r.x > low_to) & (r.x < high_from)).sum()),
            "n_high": int((r.rated & (r.x >= high_from)).sum()),
            "low_to": low_to,
            "high_from": high_from,
        }
        for name, values in (("penalty", penalty), ("reward", reward), ("asymmetry", more), ("bend", curve)):
            row[name] = float(values[0])
            row[f"{name}_low"], row[f"{name}_high"] = quantiles(values[1:])
        row["p"] = max(_p(more), _p(curve))
        rows.append(row)
    table = pd.DataFrame(rows)
    table["p_adjusted"] = benjamini_hochberg(table["p"])
    table["kind"] = [_kind(row) for row in table.to_dict("records")]
    table["kind"] = table["kind"].astype("str")
    span = np.round(table["reward"] - table["penalty"], 9)
    order = np.lexsort((table["touchpoint"], -span))
    return Asymmetry(table.iloc[order].reset_index(drop=True), analysis.target, analysis.n, analysis.controls, left_out)


def _cuts(r: Rated, w: Array, low: float | None, high: float | None) -> tuple[float, float] | str:
    """Return up to where a score is low and from where it is high, or why that cannot be said."""
    x, weight = r.x[r.rated], w[r.rated]
    values, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    if len(values) < 3:
        return f"it has {len(values)} different scores, and low, middle and high are three"
    below = np.cumsum(np.bincount(place, weights=weight)) / weight.sum()
    above = 1 - below  # from the next value on
    if low is None:
        at = int(np.argmin(np.abs(below[:-2] - 1 / 3)))
        low = float(values[at])
    if high is None:
        first = int(np.searchsorted(values, low, side="right"))
        if first > len(values) - 2:
            return f"no score lies between low (up to {low:g}) and high"
        high = float(values[first + 1 + int(np.argmin(np.abs(above[first:-1] - 1 / 3)))])
    sizes = [int(counts[values <= low].sum()), int(counts[(values > low) & (values < high)].sum()),
             int(counts[values >= high].sum())]  # fmt: skip
    if min(sizes) < LEAST:
        return f"low, middle and high hold {sizes[0]:,}, {sizes[1]:,} and {sizes[2]:,} scores; each needs {LEAST}"
    return low, high


def _p(values: Array) -> float:
    """Return the two-sided p of no difference: the estimate in standard errors of its draws."""
    from scipy.special import ndtr

    spread = float(np.std(values[1:], ddof=1))
    return 2 * float(ndtr(-abs(float(values[0])) / spread)) if spread > 0 else 1.0


def _kind(row: Mapping[Any, Any]) -> str:
    proven = row["p_adjusted"] <= LEVEL and np.sign(row["asymmetry"]) == np.sign(row["bend"])
    if proven and row["asymmetry"] > 0 and row["penalty_high"] < 0:
        return DISSATISFIER
    if proven and row["asymmetry"] < 0 and row["reward_low"] > 0:
        return SATISFIER
    if not proven and row["penalty_high"] < 0 and row["reward_low"] > 0:
        return HYBRID
    return OPEN
