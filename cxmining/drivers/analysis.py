"""The result of a driver analysis: figures first, their picture second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxmining.drivers.verdict import Verdict
from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.figures.drawn import DrawnResult
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.drivers.asymmetry import Asymmetry
    from cxmining.drivers.design import Design, RatingFrame
    from cxmining.drivers.dominance import Dominance
    from cxmining.drivers.performance import ImportancePerformance
    from cxmining.drivers.whatif import WhatIf

__all__ = ["DriverAnalysis"]


def _plain(value: Any) -> Any:
    """Return a JSON value: numpy's numbers as Python's, not-a-number as None."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


@dataclass(frozen=True, eq=False)
class DriverAnalysis(DrawnResult):
    """What explains a score, with intervals, and whether a few touchpoints decide it.

    Attributes
    ----------
    target : str
        The score that is explained.
    shares : DataFrame
        One row per touchpoint, largest first: ``touchpoint``, ``share`` (part of R², sums to 1),
        ``share_low``, ``share_high`` (95%), ``rank_low``, ``rank_high``, ``direct`` (part of the sum
        of direct effects), ``pmvd`` (second opinion; missing above 16 touchpoints), ``reach``, ``mean``,
        ``n``, ``imputed``, ``slope`` (points of the target, in its good direction, associated with one
        point more here).
    r2, r2_low, r2_high : float
        Variance of the score that all touchpoints predict beyond the controls, in the data; and the
        95% interval after the optimism of fitting is taken off.
    r2_adjusted, r2_controls : float
        R² without that optimism; R² of the controls alone.
    verdict : Verdict
        One of four words, its figures, its sentence in English and Dutch.
    pareto : DataFrame
        ``rank``, ``touchpoint``, ``share``, ``cumulative`` (what the first so many predict together, as part
        of what all predict), ``low``, ``high``, ``baseline`` (what so many would reach if all mattered alike
        and merely moved together), ``credit`` (their shares together).
    controls : tuple of str
        What was always in.
    checks : DataFrame
        ``check``, ``value``, ``note``: responses, effective responses, collinearity …
    rejected : dict of str to int
        Cells outside their scale, per column.
    dropped : dict of str to str
        Touchpoints that took no part, and why.
    notes : tuple of str
        What a reader must know.
    method : {"lmg", "pmvd"}
        Which credit ``share`` is.
    ratings : RatingFrame, optional
        What was analysed, a row per respondent.
    design : Design, optional
        Its columns: what asks further of the same rows starts here.
    negative_control : dict of str to int
        How often each word was said of shuffled scores; empty where that was not asked for.
    max_imputed : float
        The limit that held for touchpoints.
    """

    target: str
    shares: pd.DataFrame
    r2: float
    r2_low: float
    r2_high: float
    r2_adjusted: float
    r2_controls: float
    verdict: Verdict
    pareto: pd.DataFrame
    controls: tuple[str, ...]
    checks: pd.DataFrame
    rejected: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    method: str = "lmg"
    ratings: RatingFrame | None = field(default=None, repr=False)
    design: Design | None = field(default=None, repr=False)
    negative_control: dict[str, int] = field(default_factory=dict)
    max_imputed: float = 0.6

    @property
    def n(self) -> int:
        """Responses used."""
        return int(self.verdict.figures["n"])

    @property
    def n_eff(self) -> float:
        """Customers that equal weights would need for the same precision (Kish)."""
        return float(self.verdict.figures["n_eff"])

    @property
    def summary(self) -> pd.DataFrame:
        """The ranking: touchpoint, share with interval, rank interval, direct part, reach, mean, n."""
        columns = [
            "touchpoint",
            "share",
            "share_low",
            "share_high",
            "rank_low",
            "rank_high",
            "direct",
            "reach",
            "mean",
            "n",
        ]
        return self.shares[columns].copy()

    def _rows(self, what: str) -> tuple[RatingFrame, Design]:
        if self.ratings is None or self.design is None:
            raise StudyError(f"{what}: this analysis does not hold its rows; make it with find_drivers")
        return self.ratings, self.design

    @cached_property
    def sensitivity(self) -> pd.DataFrame:
        """The shares with complete cases, available cases, without weights and without controls."""
        from cxmining.drivers.variants import sensitivity_of

        return sensitivity_of(*self._rows("sensitivity"), self.method, self.max_imputed)

    @cached_property
    def ceiling(self) -> pd.DataFrame:
        """R² on customers left out, by these lines and by boosted trees: what a straight line leaves out."""
        from cxmining.drivers.ceiling import ceiling_of

        return ceiling_of(*self._rows("ceiling"))

    @cached_property
    def dominance(self) -> Dominance:
        """Which touchpoint dominates which: completely, conditionally, in general (at most 16 touchpoints)."""
        from cxmining.drivers.dominance import dominance_of

        return dominance_of(self._rows("dominance")[1])

    @cached_property
    def parts(self) -> pd.DataFrame:
        """Owen values: each share split over having met the touchpoint and how it was; a group's over its members."""
        from cxmining.drivers.dominance import owen_of

        return owen_of(self._rows("parts")[1])

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict and its figures as plain values, as ``verdict.json`` holds them."""
        columns = ["rank", "touchpoint", "cumulative", "low", "high", "baseline"]
        result = _plain(
            {
                "word": self.verdict.word,
                "sentence": {"en": self.verdict.sentence("en"), "nl": self.verdict.sentence("nl")},
                "target": self.target,
                "r2": self.r2,
                "r2_adjusted": self.r2_adjusted,
                "r2_low": self.r2_low,
                "r2_high": self.r2_high,
                "n": self.n,
                "n_eff": self.n_eff,
                "k": self.verdict.figures["k"],
                "p": self.verdict.figures["p"],
                "controls": list(self.controls),
                "figures": {**self.verdict.figures, "reason": self.verdict.reason, "notes": list(self.notes)},
                "pareto": self.pareto[columns].to_dict("records"),
            }
        )
        assert isinstance(result, dict)
        return result

    def what_if(self, touchpoint: Any = None, points: float = 1.0, **how: Any) -> WhatIf:
        """Say how much the score differs with a touchpoint that is scored some points higher: associated, no effect.

        ``what_if({"calls": +1})`` and ``what_if("calls")`` ask one touchpoint, ``what_if()`` all; see `cxmining.what_if`.
        """
        from cxmining.drivers.whatif import what_if

        return what_if(self, touchpoint, points, **how)

    def asymmetry(self, **how: Any) -> Asymmetry:
        """Say whether low experiences weigh as much as high ones (see `cxmining.find_asymmetry`)."""
        from cxmining.drivers.asymmetry import find_asymmetry

        return find_asymmetry(self, **how)

    def importance_performance(self, performance: float | None = None) -> ImportancePerformance:
        """Lay each touchpoint's share against its mean score (see `cxmining.importance_performance`)."""
        from cxmining.drivers.performance import importance_performance

        return importance_performance(self, performance=performance)

    def picture(
        self, kind: str = "pareto", *, width: int = 1080, language: str = "en", labels: Mapping[str, str] | None = None
    ) -> Any:
        """Return a picture: ``pareto``, ``dominance``, ``importance``, ``asymmetry``, ``ranks`` or ``what_if``.

        Parameters
        ----------
        kind : str, default "pareto"
        width : int, default 1080
            Pixels, from 360; below 720 labels stand above what they name.
        language : {"en", "nl"}
        labels : mapping, optional
            Touchpoint → label.
        """
        from cxmining.drivers import charts, picture

        names = labels or {}
        match kind:
            case "pareto":
                return picture.pareto_of(self, width, language, names)
            case "dominance":
                return charts.dominance_picture(self, width, language, names)
            case "importance":
                return self.importance_performance().picture(width=width, language=language, labels=names)
            case "asymmetry":
                return self.asymmetry().picture(width=width, language=language, labels=names)
            case "ranks":
                return charts.rank_picture(self, width, language, names)
            case "what_if":
                return self.what_if().picture(width=width, language=language, labels=names)
            case _:
                kinds = ["pareto", "dominance", "importance", "asymmetry", "ranks", "what_if"]
                raise UnknownNameError(f"no picture {kind!r} of a driver analysis; {nearest(kind, kinds)}")

    def __repr__(self) -> str:
        head = (
            f"DriverAnalysis of {self.target!r}: {len(self.shares)} touchpoints, {self.n:,} responses "
            f"({self.n_eff:,.0f} effective), R² {self.r2:.3f}, adjusted {self.r2_adjusted:.3f} [{self.r2_low:.3f}, {self.r2_high:.3f}]"
        )
        lines = [
            head,
            f"{self.verdict.word}: {self.verdict.sentence()}",
            self.summary.to_string(index=False, float_format=lambda v: f"{v:.3f}"),
        ]
        return "\n".join([*lines, *(f"- {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        told = (
            f"{self.target}: {self.n:,} responses ({self.n_eff:,.0f} effective), R² {self.r2:.3f}, "
            f"adjusted {self.r2_adjusted:.3f} [{self.r2_low:.3f}, {self.r2_high:.3f}]"
        )
        verdict = f"{self.verdict.word}: {self.verdict.sentence()}"
        return repr_html(self.summary, head=[told, verdict], said=self.notes)
