"""Priority: pain × share × reach, each with n and interval. A list of its own beside the moments of truth.

How often a touchpoint hurts, how much of the score it explains, and how many meet it: the product ranks what to
look at first. It is no test and no effect; the parts stand beside it, so that nobody takes the rank for more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import CxminingError
from cxmining.figures.drawn import DrawnResult
from cxmining.i18n import counted
from cxmining.repr_html import repr_html
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.drivers.analysis import DriverAnalysis
    from cxmining.experience import Experience
    from cxmining.figures.scene import Scene

__all__ = ["Priority", "prioritise"]

GAP: Final = "gap"
LOW: Final = "low"


@dataclass(frozen=True, eq=False)
class Priority(DrawnResult):
    """Touchpoints by pain × share × reach.

    Attributes
    ----------
    summary : DataFrame
        One row per touchpoint, highest first: ``rank``, ``touchpoint``, ``priority``, ``priority_low``,
        ``priority_high``, ``pain``, ``pain_low``, ``pain_high``, ``pain_n``, ``pain_basis`` (``gap``: share of customers
        whom it disappointed against what they expected; ``low``: share of scores below the middle of the scale),
        ``share``, ``share_low``, ``share_high``, ``share_n`` (respondents), ``reach``, ``reach_low``, ``reach_high``,
        ``reach_n`` (customers).
    target : str
    notes : tuple of str
    """

    summary: pd.DataFrame
    target: str
    notes: tuple[str, ...]

    def picture(self, *, width: int = 1080, language: str = "en", labels: Mapping[str, str] | None = None) -> Scene:
        """Return the picture of the list; `width` in pixels, from 360."""
        from cxmining.drivers.boards import priority_picture

        return priority_picture(self, width, language, labels or {})

    def __repr__(self) -> str:
        columns = [
            "rank",
            "touchpoint",
            "priority",
            "priority_low",
            "priority_high",
            "pain",
            "pain_n",
            "share",
            "reach",
            "reach_n",
        ]
        table = self.summary[columns].to_string(index=False, float_format=lambda v: f"{v:.3f}")
        head = f"Priority of {counted(len(self.summary), 'touchpoint')} for {self.target!r}: pain × share × reach"
        return "\n".join([head, table, *(f"- {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, said=self.notes)


def prioritise(analysis: DriverAnalysis, lived: Experience | None = None) -> Priority:
    """Rank touchpoints by pain × share × reach.

    Parameters
    ----------
    analysis : DriverAnalysis
        Gives share and, without `lived`, reach and pain from its ratings.
    lived : Experience, optional
        Gives pain against expectation (`find_moments`), and reach among all customers of the log.

    Returns
    -------
    Priority

    Raises
    ------
    StudyError
        When the analysis does not hold its rows.

    Notes
    -----
    The interval of the product recovers its variance from the intervals of the three parts on the log scale (MOVER:
    Zou, Huang & Zhang 2009), which takes them as independent.

    Examples
    --------
    >>> from cxmining.drivers import find_drivers
    >>> rng = np.random.default_rng(3)
    >>> scores = pd.DataFrame(rng.integers(1, 11, (400, 2)), columns=["mail", "phone"]).astype(float)
    >>> scores["csat"] = scores["mail"] + rng.normal(size=400)
    >>> prioritise(find_drivers(scores, "csat", bootstrap=100)).summary["touchpoint"].tolist()
    ['mail', 'phone']
    """
    from cxmining.drivers.refit import rated_touchpoints

    rated, left_out = rated_touchpoints(analysis, None, None, "prioritise")
    design = analysis.design
    assert design is not None
    notes = [f"touchpoint {name!r} has no pain of its own: {why}" for name, why in left_out.items()]
    hurt = _disappointed(lived, notes)
    low = min(r.low for r in rated)
    high = max(r.high for r in rated)
    shares = analysis.shares.set_index("touchpoint")
    everybody, met = _reach(lived)
    customers = int(design.cluster[-1]) + 1
    rows: list[dict[str, Any]] = []
    for r in rated:
        if r.name in hurt.index:
            k, n, basis = int(hurt["pain"].astype(float)[r.name]), int(hurt["customers"].astype(float)[r.name]), GAP
        else:
            k, n, basis = int((r.x[r.rated] < (low + high) / 2).sum()), int(r.rated.sum()), LOW
        pain = wilson(k, n)
        if everybody and r.name in met.index:
            reach = wilson(int(met[r.name]), everybody)
        else:
            reach = wilson(len(np.unique(design.cluster[r.met])), customers)
        share = tuple(float(shares[c][r.name]) for c in ("share", "share_low", "share_high"))
        parts = np.array([[pain.value, pain.low, pain.high], share, [reach.value, reach.low, reach.high]], dtype=float)
        value, lower, upper = _product(parts)
        rows.append(
            {
                "touchpoint": r.name, "priority": value, "priority_low": lower, "priority_high": upper,
                "pain": pain.value, "pain_low": pain.low, "pain_high": pain.high, "pain_n": n, "pain_basis": basis,
                "share": share[0], "share_low": share[1], "share_high": share[2], "share_n": analysis.n,
                "reach": reach.value, "reach_low": reach.low, "reach_high": reach.high, "reach_n": int(reach.n),
            }
        )  # fmt: skip
    table = pd.DataFrame(rows)
    order = np.lexsort((table["touchpoint"], -np.round(table["priority"], 12)))
    table = table.iloc[order].reset_index(drop=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table["pain_basis"] = table["pain_basis"].astype("str")
    if table["pain_basis"].nunique() > 1:
        notes.append(
            "pain is read from expectations where they were asked, else from scores below the middle: not the same thing"
        )
    if lived is not None:
        notes += [f"filter: {step}" for step in lived.journeys.chain]
    return Priority(table, analysis.target, tuple(notes))


def _product(parts: Any) -> tuple[float, float, float]:
    """Return the product of three parts with its interval (MOVER on the log scale); an end at 0 makes 0."""
    value = parts[:, 0]
    # the interval of a share near 0 may lie above it: percentiles of what is floored at 0
    low, high = np.minimum(parts[:, 1], value), np.maximum(parts[:, 2], value)
    whole = float(np.prod(value))
    if (value <= 0).any():
        return 0.0, 0.0, float(np.prod(high))
    down = np.inf if (low <= 0).any() else float(np.sqrt((np.log(value / np.maximum(low, 1e-300)) ** 2).sum()))
    up = float(np.sqrt((np.log(np.maximum(high, value) / value) ** 2).sum()))
    return whole, float(whole * np.exp(-down)), float(whole * np.exp(up))


def _disappointed(lived: Experience | None, notes: list[str]) -> pd.DataFrame:
    """Return, per touchpoint whose expectation was asked, who had a pain moment and how many answered."""
    empty = pd.DataFrame(columns=["pain", "customers"])
    if lived is None:
        return empty
    from cxmining.experience.moments import find_moments

    try:
        table = find_moments(lived).summary
    except CxminingError as error:
        notes.append(f"pain from scores below the middle of the scale: {error}")
        return empty
    asked = table[table["expectation"] == "asked"].set_index("touchpoint")
    hurt = (asked["pain_share"] * asked["customers"]).round() + (
        asked["expected_pain_share"] * asked["customers"]
    ).round()
    return pd.DataFrame({"pain": np.minimum(hurt, asked["customers"]), "customers": asked["customers"]})


def _reach(lived: Experience | None) -> tuple[int, pd.Series]:
    if lived is None:
        return 0, pd.Series(dtype="int64")
    events = lived.journeys.data.events
    known = events[events["customer_id"].notna()]
    return int(known["customer_id"].nunique()), known.groupby("touchpoint")["customer_id"].nunique()
