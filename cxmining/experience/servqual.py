"""The five dimensions of service quality, experience held against expectation (SERVQUAL).

Tangibles, reliability, responsiveness, assurance, empathy. A respondent's score on a dimension is the mean of the items
about it; the gap is that mean less the mean of what the *same* respondent expected, in scale points (Parasuraman,
Zeithaml and Berry 1988, J. Retailing 64). Surveys are kept apart, and so are scales. Nothing is weighted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.experience.aspects import DIMENSIONS, items_about
from cxmining.experience.told import ends, told
from cxmining.i18n import DIMENSION_LABELS, counted, number, signed, speaking
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.stats import Interval, cronbach_alpha, scale_mean

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["Servqual", "measure_servqual"]

say = speaking("words")
_EXPERIENCE: Final = ("perception", "other", "csat", "rapportcijfer")
_NOTHING: Final = Interval(float("nan"), float("nan"), float("nan"), 0)


@dataclass(frozen=True, eq=False)
class Servqual:
    """Experience, expectation and gap per dimension.

    Attributes
    ----------
    summary : DataFrame
        One row per ``survey`` and ``dimension`` (all five; missing where no item is about it): ``status`` (measured,
        unknown), ``experience``, ``expectation`` and ``gap`` (experience − expectation, of those who answered both), each
        in scale points with ``_low``, ``_high`` (95%, by customer) and ``_n`` (respondents); ``scale_low``,
        ``scale_high``; ``items``, ``expected_items``; ``alpha`` and ``expected_alpha``: Cronbach's, each with ``_low``,
        ``_high`` (Feldt) and ``_n``, missing with one item.
    touchpoints : DataFrame
        The same per ``touchpoint``, without alpha, where something was answered.
    items : DataFrame
        Which question is about which dimension: ``survey``, ``item``, ``question``, ``dimension``, ``side`` (experience,
        expectation), ``n``.
    notion : str
    chain, notes : tuple of str
    """

    summary: pd.DataFrame
    touchpoints: pd.DataFrame
    items: pd.DataFrame
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def figure(self, language: str = "en") -> go.Figure:
        """Draw experience and expectation per dimension, with intervals.

        Parameters
        ----------
        language : {"en", "nl"}, default "en"
        """
        from cxmining.experience.dots import Series, dots_picture, foot_of
        from cxmining.figures import palette

        rows = self.summary[self.summary["status"] == "measured"].reset_index(drop=True)
        several = rows["survey"].nunique() > 1
        names = [DIMENSION_LABELS[d][language] for d in rows["dimension"]]
        labels = [f"{d} ({s})" if several else d for d, s in zip(names, rows["survey"], strict=True)]
        series = []
        for side, colour, symbol in (("experience", palette.NAVY, "circle"), ("expectation", palette.AMBER, "diamond")):
            value, low, high = (rows[f"{side}{end}"].tolist() for end in ("", "_low", "_high"))
            named = say(side, language)
            hover = [
                f"{label}, {named}: {number(v, language, 2)}, n = {number(n, language)}"
                for label, v, n in zip(labels, value, rows[f"{side}_n"], strict=True)
            ]
            series.append(Series(named, colour, symbol, value, low, high, hover))
        right = [
            say("gap", language, gap=signed(r.gap, language, 2), n=number(r.gap_n, language))
            if r.gap_n
            else say("not_before", language, n=number(r.experience_n, language))
            for r in rows_of(rows)
        ]
        return dots_picture(
            say("servqual_title", language), rows, labels, series, say("score", language), right,
            foot_of(self.notion, self.chain, say("servqual_foot", language), language=language), percent=False,
        ).figure()  # fmt: skip

    def _head(self) -> str:
        known = self.summary[self.summary["status"] == "measured"]
        return f"Servqual({counted(known['dimension'].nunique(), 'dimension')} of 5 measured; {self.notion})"

    def __repr__(self) -> str:
        lines = []
        for r in rows_of(self.summary[self.summary["status"] == "measured"]):
            gap = (
                f", gap {r.gap:+.2f} {ends(r.gap_low, r.gap_high, '+.2f')} n={r.gap_n:,}"
                if r.gap_n
                else ", expectation not asked"
            )
            alpha = f", alpha {r.alpha:.2f}" if r.alpha == r.alpha else ""
            lines.append(
                f"{r.survey}, {r.dimension}: {r.experience:.2f} {ends(r.experience_low, r.experience_high)} "
                f"n={r.experience_n:,}{gap}{alpha}"
            )
        return told(self._head(), lines, self.chain, self.notes)

    def _repr_html_(self) -> str:
        return repr_html(self.summary, self.touchpoints, self.items, head=self._head(), said=[*self.chain, *self.notes])


def measure_servqual(lived: Experience) -> Servqual:
    """Measure the five dimensions of SERVQUAL where items are about them.

    Parameters
    ----------
    lived : Experience

    Returns
    -------
    Servqual
        An item is about a dimension when the study says so (``elements = ["reliability"]``, or ``["betrouwbaarheid"]``),
        or when its question speaks of one more than of any other. What was expected are the items with metric
        ``expectation``. Dimensions about which nothing was asked are *unknown*.

    Raises
    ------
    NotEnoughDataError
        When no answered item is about any dimension.

    Examples
    --------
    >>> from cxmining.experience import measure_experience
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {
    ...     "event_id": ["e1", "e2"], "customer_id": ["a", "b"], "timestamp": ["2025-01-01T10:00Z"] * 2, "channel": "desk",
    ...     "touchpoint": "asks", "direction": "inbound", "source": "desk", "seq": [1, 2]})
    >>> responses = table("responses", {
    ...     "response_id": ["r1", "r2"], "customer_id": ["a", "b"], "timestamp": ["2025-01-02T10:00Z"] * 2, "survey": "s",
    ...     "survey_kind": "relationship", "source": "s", "seq": [1, 2]})
    >>> answers = table("answers", {
    ...     "response_id": ["r1", "r1", "r2", "r2"], "item": ["Komt afspraken na", "Q2"] * 2, "touchpoint": "(overall)",
    ...     "metric": ["perception", "expectation"] * 2, "elements": [None, "reliability"] * 2, "score": [5, 6, 3, 6],
    ...     "scale_low": 1, "scale_high": 7, "higher_is_better": True, "status": "answered"})
    >>> found = measure_servqual(measure_experience(build_journeys(Dataset(events, responses, answers))))
    >>> found.summary.set_index("dimension").loc["reliability", ["experience", "expectation", "gap"]].tolist()
    [4.0, 6.0, -2.0]
    """
    journeys = lived.journeys
    sides = []
    for side, metrics in (("experience", _EXPERIENCE), ("expectation", ("expectation",))):
        sides.append(items_about(lived, "servqual", metrics).assign(side=side))
    rows = pd.concat(sides, ignore_index=True)
    if not (rows["side"] == "experience").any():
        raise NotEnoughDataError(
            "no answered item is about a dimension of SERVQUAL: say of an item in the study which one, for example "
            f'elements = ["reliability"]; the dimensions are {", ".join(DIMENSIONS)}'
        )
    rows, notes = _of_one_scale(rows)
    people = (
        rows.groupby(["survey", "response_id", "customer_id", "aspect", "side"], sort=True)["score"]
        .mean()
        .unstack("side")
        .reset_index()
    )
    where = (
        rows.groupby(["survey", "touchpoint", "response_id", "customer_id", "aspect", "side"], sort=True)["score"]
        .mean()
        .unstack("side")
        .reset_index()
    )
    scales = rows.groupby("survey", sort=True)[["low", "high"]].first()
    ends = {str(s): (float(low), float(high)) for s, low, high in scales.itertuples(name=None)}
    made = []
    for survey in map(str, scales.index):
        for dimension in DIMENSIONS:
            part = people[(people["survey"] == survey) & (people["aspect"] == dimension)]
            own = rows[(rows["survey"] == survey) & (rows["aspect"] == dimension)]
            made.append({"survey": survey, "dimension": dimension, **_figures(part, ends[survey]), **_alphas(own)})
    spots = []
    for (of, touchpoint, name), part in where.groupby(["survey", "touchpoint", "aspect"], sort=True):
        spots.append({"survey": of, "touchpoint": touchpoint, "dimension": name, **_figures(part, ends[str(of)])})
    items = rows.groupby(["survey", "item", "question", "aspect", "side"], sort=True).size().reset_index(name="n")
    return Servqual(
        summary=pd.DataFrame(made), touchpoints=pd.DataFrame(spots), items=items.rename(columns={"aspect": "dimension"}),
        notion=str(journeys.notion), chain=journeys.chain, notes=tuple(notes),
    )  # fmt: skip


def _of_one_scale(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Keep of each survey the answers on the scale that most are on: points of different scales have no mean."""
    counts = rows.groupby(["survey", "low", "high"], sort=True).size().reset_index(name="n")
    best = counts.sort_values(["survey", "n"], ascending=[True, False], kind="stable").drop_duplicates("survey")
    kept = rows.merge(best[["survey", "low", "high"]], on=["survey", "low", "high"], how="inner")
    left = len(rows) - len(kept)
    return kept, [f"{counted(left, 'answer')} on another scale left out"] if left else []


def _figures(part: pd.DataFrame, scale: tuple[float, float]) -> dict[str, Any]:
    low, high = scale
    who = part["customer_id"].to_numpy()
    sides = {
        side: part[side].to_numpy(dtype=float) if side in part else np.full(len(part), np.nan)
        for side in ("experience", "expectation")
    }
    found = {side: _mean(values, (low, high), who) for side, values in sides.items()}
    found["gap"] = _mean(sides["experience"] - sides["expectation"], (low - high, high - low), who)
    out: dict[str, Any] = {"status": "measured" if found["experience"].n else "unknown"}
    for name, figure in found.items():
        out |= {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high, f"{name}_n": int(figure.n)}
    return out | {"scale_low": low, "scale_high": high}


def _mean(values: Any, scale: tuple[float, float], who: Any) -> Interval:
    there = ~np.isnan(values)
    return scale_mean(values[there], scale, cluster=who[there]) if there.any() else _NOTHING


def _alphas(own: pd.DataFrame) -> dict[str, Any]:
    """Return how well the items of each side hang together, and how many there are."""
    out: dict[str, Any] = {}
    for side, prefix in (("experience", ""), ("expectation", "expected_")):
        part = own[own["side"] == side]
        grid = part.groupby(["response_id", "item", "touchpoint"])["score"].mean().unstack(["item", "touchpoint"])
        out[f"{prefix}items"] = int(part["item"].nunique())
        alpha = cronbach_alpha(grid) if grid.shape[1] > 1 else _NOTHING
        out |= {
            f"{prefix}alpha": alpha.value,
            f"{prefix}alpha_low": alpha.low,
            f"{prefix}alpha_high": alpha.high,
            f"{prefix}alpha_n": int(alpha.n),
        }
    return out
