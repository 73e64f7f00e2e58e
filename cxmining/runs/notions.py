"""The same events under several case notions: how journeys, variants and drivers change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import CxminingError, NotEnoughDataError, StudyError
from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.i18n import counted, duration, number
from cxmining.journeys.build import Journeys, build_journeys
from cxmining.journeys.cases.notion import CaseNotion
from cxmining.repr_html import repr_html
from cxmining.schema import Dataset

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.drivers import DriverAnalysis

__all__ = ["NotionComparison", "compare_case_notions"]

_MOST: Final = 15
_REACH: Final = 0.01
_TOP: Final = 3
_REPLICATES: Final = 200


@dataclass(frozen=True, eq=False)
class NotionComparison:
    """What each case notion makes of the same events.

    Attributes
    ----------
    table : DataFrame
        One row per notion: ``notion``, ``journeys``, ``customers``, ``events``, ``events_per_journey``
        (mean), ``median_events``, ``median_duration_s``, ``variants``, ``top10_share`` (journeys in the ten
        most frequent variants), ``rework_share`` (journeys that meet a touchpoint twice or more),
        ``backward_share`` (journeys that move back to an earlier stage), ``edges`` (pairs that follow each
        other), ``median_edge_n`` (how often the median one is walked),
        ``scored`` (journeys with a score), ``r2``, ``verdict``, ``drivers`` (the three largest), ``reason``
        (why there are none); shares with ``_low`` and ``_high`` (Wilson, over journeys).
    drivers : DataFrame
        ``notion``, ``touchpoint``, ``share``, ``share_low``, ``share_high``, ``rank``, ``n``: what having met
        the touchpoint in the journey explains of the journey's score.
    agreement : DataFrame
        Per pair of notions: ``first``, ``second``, ``tau`` (Kendall's tau-b of the drivers' shares), ``n``
        (touchpoints in both), ``p``.
    notions : tuple of CaseNotion
    target : str or None
        The metric explained.
    notes : tuple of str
        What a reader must know, of each notion too.
    """

    table: pd.DataFrame
    drivers: pd.DataFrame
    agreement: pd.DataFrame
    notions: tuple[CaseNotion, ...]
    target: str | None
    notes: tuple[str, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """One row per notion: size, variety, repetition, verdict and drivers."""
        columns = [
            "notion", "journeys", "customers", "events_per_journey", "median_duration_s", "variants", "top10_share",
            "rework_share", "backward_share", "median_edge_n", "scored", "verdict", "drivers", "reason",
        ]  # fmt: skip
        return self.table[columns].copy()

    def figure(self) -> go.Figure:
        """Draw the notions side by side, one panel per figure."""
        return _picture(self).figure()

    def __repr__(self) -> str:
        lines = [f"NotionComparison of {counted(len(self.table), 'case notion')}"]
        for row in self.table.to_dict("records"):
            explained = f"{row['verdict']}: {row['drivers']}" if row["verdict"] else f"no drivers: {row['reason']}"
            lines.append(
                f"  {row['notion']}: {counted(row['journeys'], 'journey')} of {counted(row['customers'], 'customer')}, "
                f"{row['events_per_journey']:.1f} events each, median {duration(row['median_duration_s'], 'en')}, "
                f"{counted(row['variants'], 'variant')} (top 10: {row['top10_share']:.0%}); {explained}"
            )
        for row in self.agreement.to_dict("records"):
            tau = f"tau {row['tau']:.2f}" if np.isfinite(row["tau"]) else "too few in both to compare"
            of = counted(row["n"], "touchpoint")
            lines.append(f"  drivers of {row['first']!r} and {row['second']!r}: {tau} (n = {of})")
        return "\n".join([*lines, *(f"  note: {n}" for n in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, self.agreement, said=self.notes)


def compare_case_notions(
    data: Dataset,
    notions: Sequence[str | CaseNotion | Mapping[str, Any]],
    target: str | None = None,
    *,
    seed: int = 1,
) -> NotionComparison:
    """Build the journeys under each notion and set them side by side.

    Drivers here are exposures: which touchpoints, met in a journey or not, explain how that journey was
    scored. (Ratings of touchpoints hang on the customer's answers and are the same under every notion.)
    Taken are the touchpoints met by at least 1% and at most 99% of the scored journeys, at most the 15 that
    split them most evenly. They are associated with the score; nothing here says that they cause it.

    Parameters
    ----------
    data : Dataset
    notions : sequence
        At least two: a ``by`` such as ``"case"``, a `CaseNotion`, or what `build_journeys` takes, as a mapping:
        ``{"by": "customer", "gap": "30D"}``.
    target : str, optional
        Metric of the score: ``"csat"``, ``"nps"`` …; default the overall metric that most journeys have
        under the first notion that has one.
    seed : int, default 1
        Of the drivers' intervals.

    Returns
    -------
    NotionComparison

    Raises
    ------
    StudyError
        When fewer than two different notions are given, or one is not understood.
    NotEnoughDataError
        When a notion leaves no journey.

    Examples
    --------
    >>> from cxmining.schema import table
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": ["r1", "r2"],
    ...         "customer_id": ["c1", "c1"],
    ...         "timestamp": ["2025-03-01T10:00Z", "2025-03-09T10:00Z"],
    ...         "channel": ["web", "phone"],
    ...         "touchpoint": ["signs contract", "calls about invoice"],
    ...         "source": ["s", "s"],
    ...         "seq": [1, 2],
    ...     },
    ... )
    >>> found = compare_case_notions(Dataset(events=events), ["customer", {"gap": "7D"}])
    >>> found.summary[["notion", "journeys", "variants"]].values.tolist()
    [['customer', 1, 1], ['customer, gap 7D', 2, 2]]
    """
    chosen = [_notion(n) for n in ([notions] if isinstance(notions, str | CaseNotion | Mapping) else notions)]
    if len(set(chosen)) < max(2, len(chosen)):
        raise StudyError(
            f"compare_case_notions: {counted(len(chosen), 'notion')} given, {len(set(chosen))} different; "
            "expected two or more that differ, for example [{'by': 'customer'}, {'by': 'customer', 'gap': '30D'}]"
        )
    rows, found, notes = [], {}, []
    for notion in chosen:
        journeys = build_journeys(data, notion)
        notes += [f"{notion}: {said}" for said in journeys.notes]
        row = _describe(journeys)
        analysis, metric, scored, reason = _explain(journeys, target, seed)
        target = target or metric
        if analysis is not None:
            found[str(notion)] = analysis
        rows.append(row | _explained(analysis, scored, reason))
    table = pd.DataFrame(rows)
    for column in ("notion", "verdict", "drivers", "reason"):
        table[column] = table[column].astype("str")
    drivers = _drivers(found)
    return NotionComparison(table, drivers, _agreement(drivers), tuple(chosen), target, tuple(notes))


def _notion(given: str | CaseNotion | Mapping[str, Any]) -> CaseNotion:
    if isinstance(given, CaseNotion):
        return given
    if isinstance(given, str):
        return CaseNotion.of(given)
    try:
        return CaseNotion.of(**{"by": "customer", **given})
    except TypeError:
        known = "by, gap, exclude, goal, cut"
        raise StudyError(f"notion {dict(given)!r}: expected the keys {known}") from None


def _describe(journeys: Journeys) -> dict[str, Any]:
    from cxmining.engine import journey_counts
    from cxmining.stats import wilson

    log, n = journeys.log, len(journeys)
    per_variant = np.sort(journeys._variants[0].journeys)[::-1]
    met = journey_counts(log)
    twice = np.zeros(n, dtype=bool)
    twice[np.repeat(np.arange(n), np.diff(met.indptr))[met.data > 1]] = True
    back = journeys.table["backward_moves"].to_numpy() > 0
    graph = journeys.graph
    edges = graph.n[(graph.source >= 0) & (graph.target >= 0)]
    row: dict[str, Any] = {
        "notion": str(journeys.notion),
        "journeys": n,
        "customers": log.n_customers,
        "events": len(log),
        "events_per_journey": len(log) / n,
        "median_events": float(np.median(np.diff(log.offsets))),
        "median_duration_s": float(np.median(log.duration)) / 1e6,
        "variants": len(per_variant),
    }
    for name, k in (("top10", per_variant[:10].sum()), ("rework", twice.sum()), ("backward", back.sum())):
        share = wilson(int(k), n)
        row |= {f"{name}_share": share.value, f"{name}_low": share.low, f"{name}_high": share.high}
    return row | {"edges": len(edges), "median_edge_n": float(np.median(edges)) if len(edges) else float("nan")}


def _explain(journeys: Journeys, target: str | None, seed: int) -> tuple[DriverAnalysis | None, str | None, int, str]:
    """Explain the score of journeys by what they met: analysis or reason, the metric, and journeys scored."""
    from cxmining.drivers import find_drivers
    from cxmining.engine import journey_counts
    from cxmining.experience import measure_experience

    if not len(journeys.data.answers):
        return None, None, 0, "the data have no scores"
    metric, scored = None, 0
    try:
        scores = measure_experience(journeys).journey_scores(target)
        metric, scored = str(scores["metric"].iloc[0]), len(scores)
        place = pd.Series(np.arange(len(journeys)), index=journeys.table["journey_id"])
        at = place.loc[scores["journey_id"]].to_numpy()
        met = journey_counts(journeys.log)[at] > 0
        share = np.asarray(met.mean(axis=0)).ravel()
        use = np.flatnonzero((share >= _REACH) & (share <= 1 - _REACH))
        use = use[np.lexsort((use, np.round(np.abs(share[use] - 0.5), 9)))][:_MOST]
        if len(use) < 2:
            few = f"of the touchpoints {len(use)} splits" if len(use) == 1 else "no touchpoint splits"
            raise NotEnoughDataError(f"{few} the {counted(scored, 'scored journey')}")
        names = [journeys.log.touchpoints[int(i)] for i in np.sort(use)]
        frame = pd.DataFrame(np.asarray(met[:, np.sort(use)].todense(), dtype=np.float64), columns=names)
        frame = frame.assign(**{_SCORE: scores["score"].to_numpy(), _WHO: scores["customer_id"].to_numpy()})
        analysis = find_drivers(frame, _SCORE, touchpoints=names, cluster=_WHO, bootstrap=_REPLICATES, seed=seed)
    except CxminingError as error:
        return None, metric, scored, str(error)
    return analysis, metric, scored, ""


_SCORE: Final = "(score)"
_WHO: Final = "(customer)"


def _explained(analysis: DriverAnalysis | None, scored: int, reason: str) -> dict[str, Any]:
    if analysis is None:
        return {"scored": scored, "r2": float("nan"), "verdict": "", "drivers": "", "reason": reason}
    top = ", ".join(f"{r.touchpoint} {r.share:.0%}" for r in analysis.shares.head(_TOP).itertuples())
    return {
        "scored": scored,
        "r2": analysis.r2_adjusted,
        "verdict": analysis.verdict.word,
        "drivers": top,
        "reason": "",
    }


def _drivers(found: Mapping[str, DriverAnalysis]) -> pd.DataFrame:
    parts = [
        a.shares[["touchpoint", "share", "share_low", "share_high"]].assign(
            notion=name, rank=np.arange(1, len(a.shares) + 1), n=a.n
        )
        for name, a in found.items()
    ]
    columns = ["notion", "touchpoint", "share", "share_low", "share_high", "rank", "n"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _agreement(drivers: pd.DataFrame) -> pd.DataFrame:
    from itertools import combinations

    from scipy.stats import kendalltau

    shares = {name: part.set_index("touchpoint")["share"] for name, part in drivers.groupby("notion", sort=False)}
    rows = []
    for first, second in combinations(shares, 2):
        both = shares[first].index.intersection(shares[second].index)
        tau, p = (float("nan"), float("nan"))
        if len(both) > 1:
            found = kendalltau(shares[first][both], shares[second][both])
            tau, p = float(found.statistic), float(found.pvalue)
        rows.append({"first": first, "second": second, "tau": tau, "n": len(both), "p": p})
    return pd.DataFrame(rows, columns=["first", "second", "tau", "n", "p"])


# figure, its name, how its values are written
_PANELS: Final = (
    ("journeys", "journeys", "count"), ("events_per_journey", "events per journey", "mean"),
    ("median_duration_s", "median duration", "time"), ("variants", "variants", "count"),
    ("top10_share", "in the top 10 variants", "share"), ("rework_share", "meet a touchpoint again", "share"),
)  # fmt: skip


def _picture(found: NotionComparison) -> Picture:
    table = found.table.iloc[::-1]
    n = len(table)
    labels = [wrapped(x, 34, 4) for x in table["notion"]]
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {
        "title": {"text": "The same events under other case notions", "x": 0.02,
                  "font": {"size": 16, "color": palette.INK}},
        "font": {"family": palette.FONT, "color": palette.INK}, "paper_bgcolor": palette.PAPER,
        "plot_bgcolor": palette.PAPER, "showlegend": False, "height": 220 + 2 * 50 * n,
        "margin": {"l": 250, "r": 40, "t": 100, "b": 70}, "annotations": [],
    }  # fmt: skip
    for i, (column, name, kind) in enumerate(_PANELS):
        axis = "" if i == 0 else str(i + 1)
        across, down = i % 3, i // 3
        left, low = across * 0.35, 0.57 if down == 0 else 0.0
        values = table[column].to_numpy(dtype=np.float64)
        bar: dict[str, Any] = {
            "type": "bar", "orientation": "h", "x": values.tolist(), "y": list(range(n)), "xaxis": f"x{axis}",
            "yaxis": f"y{axis}", "marker": {"color": palette.NAVY}, "text": [_written(v, kind) for v in values],
            "textposition": "outside", "cliponaxis": False, "hovertext": labels, "hoverinfo": "text",
        }  # fmt: skip
        data.append(bar)
        span = [0, float(np.nanmax(values)) * 1.4 or 1.0]
        layout[f"xaxis{axis}"] = {"domain": [left, left + 0.3], "anchor": f"y{axis}", "range": span,
                                  "showticklabels": False, "showgrid": False, "zeroline": False}  # fmt: skip
        layout[f"yaxis{axis}"] = {"domain": [low, low + 0.4], "anchor": f"x{axis}", "tickvals": list(range(n)),
                                  "ticktext": labels, "showticklabels": across == 0, "showgrid": False,
                                  "range": [-0.6, n - 0.4]}  # fmt: skip
        layout["annotations"].append({"text": name, "x": left, "y": low + 0.41, "xref": "paper", "yref": "paper",
                                      "xanchor": "left", "yanchor": "bottom", "showarrow": False,
                                      "font": {"color": palette.MUTED, "size": 13}})  # fmt: skip
    events = sorted({int(v) for v in table["events"]})
    foot = "n = " + (counted(events[0], "event") if len(events) == 1 else f"{events[0]:,} to {events[-1]:,} events")
    foot += " in the journeys · shares are of journeys; their intervals stand in `.table`"
    layout["annotations"].append({"text": shown(foot), "x": 0, "y": 0, "xref": "paper", "yref": "paper",
                                  "xanchor": "left", "yanchor": "top", "yshift": -28, "showarrow": False,
                                  "font": {"color": palette.MUTED, "size": 12}})  # fmt: skip
    return Picture("case notions side by side", found.summary, {"data": data, "layout": layout})


def _written(value: float, kind: str) -> str:
    match kind:
        case "share":
            return f"{value:.0%}"
        case "time":
            return duration(value, "en")
        case "mean":
            return number(value, "en", 1)
        case _:
            return number(value, "en")
