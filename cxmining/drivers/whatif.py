"""What if a touchpoint scored a point more: the associated difference of the score, never an effect.

The customers who met touchpoint j are laid beside customers like them who scored it one point higher. How
much higher *their* score is, is read from a fit that may bend (a linear spline, everything else in), and
nobody is moved past the end of the scale: where most give the highest mark already, little is left to gain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.refit import Rated, draw, quantiles, rated_touchpoints
from cxmining.errors import StudyError
from cxmining.figures.drawn import DrawnResult
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.figures.scene import Scene

__all__ = ["WhatIf", "what_if"]

Array = npt.NDArray[np.float64]

KNOTS: Final = (1 / 3, 2 / 3)
LEAST_BESIDE: Final = 0.05
"""A bend wants this part of the scores on either side of it."""


@dataclass(frozen=True, eq=False)
class WhatIf(DrawnResult):
    """Associated differences of a score, one touchpoint at a time.

    Attributes
    ----------
    summary : DataFrame
        One row per touchpoint, largest ``overall`` first: ``touchpoint``, ``points`` (asked), ``raised`` (what the
        scale left of them, on average), ``n`` (scores), ``reach``, ``mean``, ``at_end`` (share that is at the end of
        the scale already), ``difference``, ``low``, ``high`` (points of the target among those who met it, 95%),
        ``linear`` (the same by a straight line), ``overall``, ``overall_low``, ``overall_high`` (among all).
    together : dict
        ``overall``, ``low``, ``high``: all rows added up.
    target : str
    n : int
        Respondents.
    controls : tuple of str
    notes : tuple of str
    """

    summary: pd.DataFrame
    together: dict[str, float]
    target: str
    n: int
    controls: tuple[str, ...]
    notes: tuple[str, ...]
    draws: Array = field(repr=False)
    """Differences in each draw of customers: touchpoints × draws, in the order of `summary`."""

    def sentence(self, language: str = "en", touchpoint: str | None = None, *, label: str | None = None) -> str:
        """Return in words what the first row, or that of `touchpoint`, says; `label` is what people call the touchpoint."""
        from cxmining.drivers.saying import what_if_sentence

        return what_if_sentence(self, language, touchpoint, label)

    def picture(self, *, width: int = 1080, language: str = "en", labels: Mapping[str, str] | None = None) -> Scene:
        """Return the picture of the differences; `width` in pixels, from 360."""
        from cxmining.drivers.charts import what_if_picture

        return what_if_picture(self, width, language, labels or {})

    def __repr__(self) -> str:
        head = f"WhatIf on {self.target!r}: {len(self.summary)} touchpoints, {self.n:,} responses"
        if len(self.summary) == 1:
            head = head.replace("touchpoints", "touchpoint")
        columns = ["touchpoint", "points", "raised", "n", "difference", "low", "high", "overall"]
        table = self.summary[columns].to_string(index=False, float_format=lambda v: f"{v:.2f}")
        return "\n".join([head, table, self.sentence(), *(f"- {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, said=[self.sentence(), *self.notes])


def what_if(
    analysis: DriverAnalysis,
    touchpoint: str | Sequence[str] | Mapping[str, float] | None = None,
    points: float = 1.0,
    *,
    scales: Mapping[str, tuple[float, float]] | None = None,
    bootstrap: int = 1000,
    seed: int = 1,
) -> WhatIf:
    """Say how much the score differs with a touchpoint that is scored some points higher.

    Parameters
    ----------
    analysis : DriverAnalysis
    touchpoint : str, sequence of str or mapping of str to float, optional
        Which, or which with how many points each; default every touchpoint of the analysis.
    points : float, default 1
        Points of the touchpoint's scale, up or (negative) down.
    scales : mapping of str to (float, float), optional
        Ends of the scales; default the lowest and highest score that anybody gave the touchpoint.
    bootstrap : int, default 1000
        Draws of customers.
    seed : int, default 1

    Returns
    -------
    WhatIf

    Raises
    ------
    UnknownNameError
        For a touchpoint that is not in the analysis.
    StudyError
        For points that are no number or 0, and for a touchpoint without scores of its own.

    Notes
    -----
    It is an association among respondents, adjusted for the other touchpoints and the controls: how much
    higher those score who scored the touchpoint higher. What would happen if the touchpoint were changed is
    another question, which needs a trial (`cxmining.measure_intervention`).

    Examples
    --------
    >>> from cxmining.drivers import find_drivers
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.integers(1, 11, (600, 2)), columns=["mail", "phone"]).astype(float)
    >>> scores["csat"] = 0.3 * scores["mail"] + rng.normal(size=600)
    >>> found = what_if(find_drivers(scores, "csat", bootstrap=100), "mail")
    >>> [round(float(v), 1) for v in found.summary.loc[0, ["raised", "difference"]]]
    [0.9, 0.3]
    """
    if bootstrap < 100:
        raise StudyError(f"what_if: bootstrap = {bootstrap}: intervals need at least 100 replicates")
    asked: dict[str, float] | None = None
    if isinstance(touchpoint, str):
        asked = {touchpoint: points}
    elif isinstance(touchpoint, Mapping):
        asked = dict(touchpoint)
    elif touchpoint is not None:
        asked = dict.fromkeys(touchpoint, points)
    for name, value in (asked or {"(all)": points}).items():
        if not np.isfinite(value) or value == 0:
            raise StudyError(f"what_if: {value!r} points at {name!r}: expected a number other than 0, such as 1 or -1")
    if asked is not None and not asked:
        raise StudyError("what_if: no touchpoint was named; leave touchpoint out to ask all")
    rated, without = rated_touchpoints(analysis, None if asked is None else list(asked), dict(scales or {}), "what_if")
    design, ratings = analysis.design, analysis.ratings
    assert design is not None
    assert ratings is not None
    w = design.w
    steps = [points if asked is None else asked[r.name] for r in rated]
    extra, averaged = [], []
    for r, step in zip(rated, steps, strict=True):
        knots = _knots(r, w)
        moved = np.clip(r.x + step, min(r.low, np.nanmin(r.x)), max(r.high, np.nanmax(r.x)))
        moved = np.where(r.rated, moved, 0.0)
        x = np.where(r.rated, r.x, 0.0)
        extra.append([r.centred(np.maximum(x - k, 0.0), w) for k in knots])
        change = [np.maximum(moved - k, 0.0) - np.maximum(x - k, 0.0) for k in knots]
        averaged.append([r.rated * 1.0, r.met * 1.0, *(np.where(r.rated, c, 0.0) for c in [moved - x, *change])])
    draws = draw(design, extra, averaged, bootstrap, seed)
    sign = (1.0 if ratings.higher_is_better else -1.0) * design.target_scale
    rows, differences, overalls = [], [], []
    for i, (r, step) in enumerate(zip(rated, steps, strict=True)):
        alone, beside, bends = draws.coefficients(i, r.column)
        sums = draws.sums[i]
        with np.errstate(divide="ignore", invalid="ignore"):
            mean_change = sums[:, 2:] / sums[:, :1]
            reach = sums[:, 1] / draws.base[:, 0, 0]
        slope = beside / r.scale
        difference = sign * (slope * mean_change[:, 0] + np.einsum("rk,rk->r", bends, mean_change[:, 1:]))
        linear = float(sign * alone[0] / r.scale * mean_change[0, 0])
        overall = difference * reach
        differences.append(difference[1:])
        overalls.append(overall)
        low, high = quantiles(difference[1:])
        wide = quantiles(overall[1:])
        end = r.high if step > 0 else r.low
        rows.append(
            {
                "touchpoint": r.name,
                "points": float(step),
                "raised": float(mean_change[0, 0]),
                "n": int(r.rated.sum()),
                "reach": float(reach[0]),
                "mean": float(np.average(r.x[r.rated], weights=w[r.rated])),
                "at_end": float(np.average(r.x[r.rated] == end, weights=w[r.rated])),
                "difference": float(difference[0]),
                "low": low,
                "high": high,
                "linear": linear,
                "overall": float(overall[0]),
                "overall_low": wide[0],
                "overall_high": wide[1],
            }
        )
    table = pd.DataFrame(rows)
    order = np.lexsort((table["touchpoint"], -np.round(np.abs(table["overall"].to_numpy()), 9)))
    whole = np.sum(overalls, axis=0)
    low, high = quantiles(whole[1:])
    notes = [f"touchpoint {name!r} is not asked: {why}" for name, why in without.items()]
    if analysis.n_eff < 300:
        notes.append(f"{analysis.n_eff:,.0f} effective responses: below 300 these intervals are rough")
    return WhatIf(
        summary=table.iloc[order].reset_index(drop=True),
        together={"overall": float(whole[0]), "low": low, "high": high},
        target=analysis.target,
        n=analysis.n,
        controls=analysis.controls,
        notes=tuple(notes),
        draws=np.array(differences)[order],
    )


def _knots(r: Rated, w: Array) -> list[float]:
    """Return where the line may bend: at thirds of the scores, with enough of them on either side."""
    x, weight = r.x[r.rated], w[r.rated]
    values, place = np.unique(x, return_inverse=True)
    below = np.cumsum(np.bincount(place, weights=weight)) / weight.sum()
    knots: list[float] = []
    for part in KNOTS:
        i = int(np.searchsorted(below, part))
        inside = 0 < i < len(values) - 1 and below[i - 1] >= LEAST_BESIDE and below[i] <= 1 - LEAST_BESIDE
        if inside and values[i] not in knots:
            knots.append(float(values[i]))
    return knots
