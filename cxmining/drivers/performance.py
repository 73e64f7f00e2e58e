"""Importance and performance on one map, with the interval of both (Martilla & James 1977)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from cxmining.drivers.refit import rated_touchpoints
from cxmining.errors import StudyError
from cxmining.figures.drawn import DrawnResult
from cxmining.repr_html import repr_html
from cxmining.stats import grouped_mean

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.figures.scene import Scene

__all__ = ["QUADRANTS", "ImportancePerformance", "importance_performance"]

QUADRANTS: Final = ("improve first", "keep up", "low priority", "no more needed", "on a line")
"""Important and low, important and high, neither, high and unimportant; and what an interval leaves open."""


@dataclass(frozen=True, eq=False)
class ImportancePerformance(DrawnResult):
    """Where each touchpoint stands between what it matters and how it goes.

    Attributes
    ----------
    summary : DataFrame
        One row per touchpoint, by importance: ``touchpoint``, ``share``, ``share_low``, ``share_high``, ``mean``,
        ``mean_low``, ``mean_high`` (95%, by customer), ``n`` (scores), ``quadrant``.
    importance_line : float
        The share that each would have if all mattered alike, 1/p.
    performance_line : float
        The mean of the touchpoints' means, or what was given.
    scale : (float, float)
        Lowest and highest score given to any touchpoint.
    target : str
    n : int
    line_is : {"mean", "given"}
        What the performance line is.
    """

    summary: pd.DataFrame
    importance_line: float
    performance_line: float
    scale: tuple[float, float]
    target: str
    n: int
    line_is: str

    def picture(self, *, width: int = 1080, language: str = "en", labels: Mapping[str, str] | None = None) -> Scene:
        """Return the map; `width` in pixels, from 360."""
        from cxmining.drivers.charts import performance_picture

        return performance_picture(self, width, language, labels or {})

    def __repr__(self) -> str:
        head = (
            f"ImportancePerformance of {self.target!r}: {self.n:,} responses; lines at a share of {self.importance_line:.1%} "
            f"and a score of {self.performance_line:.2f}"
        )
        return "\n".join([head, self.summary.to_string(index=False, float_format=lambda v: f"{v:.2f}")])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self).splitlines()[0])


def importance_performance(analysis: DriverAnalysis, *, performance: float | None = None) -> ImportancePerformance:
    """Lay each touchpoint's share of what is explained against its mean score.

    Parameters
    ----------
    analysis : DriverAnalysis
    performance : float, optional
        Score at which a touchpoint does well; default the mean of all touchpoints' means.

    Returns
    -------
    ImportancePerformance
        A touchpoint whose interval crosses a line stands *on a line*: the data do not say in which quadrant it lies.

    Raises
    ------
    StudyError
        When the analysis does not hold its rows.

    References
    ----------
    Martilla & James (1977). Importance-performance analysis. Journal of Marketing 41(1).

    Examples
    --------
    >>> from cxmining.drivers import find_drivers
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.normal(6, 1, (400, 2)), columns=["mail", "phone"])
    >>> scores["csat"] = scores["mail"] + rng.normal(size=400)
    >>> scores["phone"] += 2
    >>> importance_performance(find_drivers(scores, "csat", bootstrap=100)).summary["quadrant"].tolist()
    ['improve first', 'no more needed']
    """
    rated, _ = rated_touchpoints(analysis, None, None, "importance_performance")
    design = analysis.design
    assert design is not None
    if performance is not None and not np.isfinite(performance):
        raise StudyError(f"importance_performance: performance = {performance!r} is no score")
    long = pd.concat(
        [
            pd.DataFrame(
                {"touchpoint": r.name, "x": r.x[r.rated], "w": design.w[r.rated], "who": design.cluster[r.rated]}
            )
            for r in rated
        ],
        ignore_index=True,
    )
    means = grouped_mean(long, "touchpoint", "x", weight="w", cluster="who")
    table = analysis.shares[["touchpoint", "share", "share_low", "share_high"]]
    table = table[table["touchpoint"].isin(means.index)].reset_index(drop=True)
    found = means.loc[table["touchpoint"]].reset_index(drop=True)
    table = table.assign(mean=found["mean"], mean_low=found["low"], mean_high=found["high"], n=found["n"])
    fair = 1 / len(analysis.shares)
    line = float(table["mean"].mean()) if performance is None else float(performance)
    important = np.select([table["share_low"] > fair, table["share_high"] < fair], [1, -1], 0)
    well = np.select([table["mean_low"] > line, table["mean_high"] < line], [1, -1], 0)
    names = {(1, -1): 0, (1, 1): 1, (-1, -1): 2, (-1, 1): 3}
    table["quadrant"] = [QUADRANTS[names.get((int(a), int(b)), 4)] for a, b in zip(important, well, strict=True)]
    table["quadrant"] = table["quadrant"].astype("str")
    return ImportancePerformance(
        summary=table,
        importance_line=fair,
        performance_line=line,
        scale=(float(long["x"].min()), float(long["x"].max())),
        target=analysis.target,
        n=analysis.n,
        line_is="mean" if performance is None else "given",
    )
