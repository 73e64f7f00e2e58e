"""Which edges of the map would still be there with other customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.discovery.selection import customer_order
from cxmining.discovery.trim import shown_edges
from cxmining.engine import END, START
from cxmining.engine.coded import CodedLog, Ints
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures import Picture, palette, shown, wrapped
from cxmining.journeys import Journeys
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["EdgeStability", "edge_stability"]

_CELLS: Final = 20_000_000
"""Numbers held at once: resamples × customers, or resamples × edges."""
_BARS: Final = 40


@dataclass(frozen=True, eq=False)
class EdgeStability:
    """How often each edge of the map survives when customers are drawn again.

    Attributes
    ----------
    table : DataFrame
        One row per edge that is shown, or survives in some resample; the most walked first: `source`, `target`, `n`,
        `customers`, `share` of what leaves the source with `share_low` and `share_high` (95%, percentiles over
        resamples), `shown` on the map, and `survives`, the share of resamples in which it is shown.
    noise, resamples, seed, journeys, customers : float, int
        How it was done, and on whom.
    notion, chain : str, tuple of str
        Of the journeys.
    """

    table: pd.DataFrame
    noise: float
    resamples: int
    seed: int
    journeys: int
    customers: int
    notion: str
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """One row per edge, as in `table`."""
        return self.table.copy()

    def figure(self) -> go.Figure:
        """Draw how often each edge survives, those on the map filled."""
        return _picture(self).figure()

    @property
    def _head(self) -> str:
        shown_ones = self.table["shown"]
        firm = int((shown_ones & (self.table["survives"] >= 0.95)).sum())
        return (
            f"EdgeStability({firm} of {int(shown_ones.sum())} edges shown at noise {self.noise:g} survive 95% of "
            f"{self.resamples:,} resamples of {self.customers:,} {'customer' if self.customers == 1 else 'customers'}, "
            f"{self.journeys:,} {'journey' if self.journeys == 1 else 'journeys'})"
        )

    def __repr__(self) -> str:
        weak = self.table[self.table["shown"]].sort_values(["survives", "n"], kind="stable").head(3).to_dict("records")
        lines = [self._head, f"of journeys ({self.notion})", *(f"filter: {step}" for step in self.chain)]
        lines += [
            f"least firm: {r['source']} → {r['target']}, in {r['survives']:.0%}" for r in weak if r["survives"] < 1
        ]
        return "\n  ".join(lines)

    def _repr_html_(self) -> str:
        return repr_html(self.table, head=[self._head, self.notion, *self.chain])


def edge_stability(journeys: Journeys, resamples: int = 200, seed: int = 1, noise: float = 0.2) -> EdgeStability:
    """Draw the customers again and again, with replacement, and see which edges the map still shows.

    Whole customers are drawn, because journeys of one customer are not independent.

    Parameters
    ----------
    journeys : Journeys
    resamples : int, default 200
        20 or more.
    seed : int, default 1
        Of the draws; they depend on customer ids, not on the order of rows.
    noise : float, default 0.2
        Threshold of the map, as in ``discover(journeys, "directly-follows", noise)``.

    Returns
    -------
    EdgeStability

    Raises
    ------
    StudyError
        When a parameter is outside its range.
    NotEnoughDataError
        When there is one customer only: nobody else could have been drawn.

    References
    ----------
    B. Efron, R. Tibshirani (1993), An introduction to the bootstrap.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> rows = [(f"c{i}", step) for i in range(40) for step in (["buys", "calls"] if i % 4 == 0 else ["buys"])]
    >>> events = table(
    ...     "events",
    ...     {
    ...         "event_id": [f"r{i}" for i in range(len(rows))],
    ...         "customer_id": [c for c, _ in rows],
    ...         "timestamp": pd.date_range("2025-03-01", periods=len(rows), tz="UTC"),
    ...         "channel": ["web"] * len(rows),
    ...         "touchpoint": [t for _, t in rows],
    ...         "source": ["s"] * len(rows),
    ...         "seq": range(len(rows)),
    ...     },
    ... )
    >>> found = edge_stability(build_journeys(Dataset(events=events)), noise=0.4)
    >>> found.summary[["source", "target", "n", "share", "shown"]]
        source target   n  share  shown
    0  (start)   buys  40   1.00   True
    1     buys  (end)  30   0.75   True
    2     buys  calls  10   0.25   True
    3    calls  (end)  10   1.00   True
    """
    if resamples < 20:
        raise StudyError(f"resamples={resamples!r} must be 20 or more")
    if not 0 <= noise <= 1:
        raise StudyError(f"noise={noise!r} must lie between 0 and 1")
    graph, nodes = journeys.graph, len(journeys.log.touchpoints)
    people = journeys.log.n_customers
    if people < 2:
        raise NotEnoughDataError("there is 1 customer: stability asks what other customers would have shown")
    source, target, n = graph.source, graph.target, graph.n
    walked = _walked(journeys.log, source, target)[customer_order(journeys, 0)]
    survived = np.zeros(len(n), dtype=np.int64)
    first = np.flatnonzero(np.r_[True, source[1:] != source[:-1]])
    lengths = np.diff(np.r_[first, len(source)])
    shares: list[npt.NDArray[np.float32]] = []
    rng = np.random.default_rng(seed)
    here = shown_edges(source, target, n, nodes, noise)
    candidates = _within_reach(n, here)
    at_once = max(1, _CELLS // max(people, len(n)))
    for start in range(0, resamples, at_once):
        drawn = np.stack(
            [
                np.bincount(rng.integers(people, size=people), minlength=people)
                for _ in range(min(at_once, resamples - start))
            ]
        )
        counts = np.asarray((walked.T @ drawn.T).T)
        for row in counts:
            survived += shown_edges(source, target, row, nodes, noise)
        out = np.repeat(np.add.reduceat(counts, first, axis=1), lengths, axis=1)
        with np.errstate(invalid="ignore"):
            shares.append((counts / out)[:, candidates].astype(np.float32))
    table = _table(journeys, here, survived / resamples, first, lengths)
    low, high = np.full((2, len(n)), np.nan)
    low[candidates], high[candidates] = np.nanpercentile(np.concatenate(shares), [2.5, 97.5], axis=0)
    table["share_low"], table["share_high"] = low, high
    table = table[(survived > 0) | here].sort_values(
        ["n", "source", "target"], ascending=[False, True, False], ignore_index=True
    )
    columns = ["source", "target", "n", "customers", "share", "share_low", "share_high", "shown", "survives"]
    return EdgeStability(
        table[columns], noise, resamples, seed, len(journeys), people, str(journeys.notion), journeys.chain
    )


def _within_reach(n: Ints, here: npt.NDArray[np.bool_]) -> Ints:
    """Return the edges whose shares are kept, resample by resample: all, or of very many the most walked."""
    most = 50_000
    if len(n) <= most:
        return np.arange(len(n))
    order = np.lexsort((-n, ~here))
    return np.sort(order[:most])


def _walked(log: CodedLog, source: Ints, target: Ints) -> Any:
    """Return the customers × edges matrix of counts (``scipy.sparse.csr_array``), edges in the order of the graph."""
    from scipy.sparse import csr_array

    size = len(log.touchpoints) + 1
    nodes = log.touchpoint.astype(np.int64) + 1
    begin, end = log.offsets[:-1], log.offsets[1:] - 1
    inner = np.ones(len(log), dtype=bool)
    inner[begin] = False
    steps = np.flatnonzero(inner)
    codes = np.concatenate([nodes[steps - 1] * size + nodes[steps], nodes[begin], nodes[end] * size])
    edge = np.searchsorted((source + 1) * size + target + 1, codes)
    person = np.cumsum(np.r_[False, log.customer[1:] != log.customer[:-1]])
    everyone = np.arange(log.n_journeys)
    who = person[np.concatenate([log.journey[steps], everyone, everyone])]
    matrix = csr_array((np.ones(len(edge), np.int64), (who, edge)), shape=(log.n_customers, len(source)))
    matrix.sum_duplicates()
    return matrix


def _table(
    journeys: Journeys, here: npt.NDArray[np.bool_], survives: npt.NDArray[np.float64], first: Ints, lengths: Ints
) -> pd.DataFrame:
    graph = journeys.graph
    names = np.array([*graph.touchpoints, ""], dtype=object)
    return pd.DataFrame(
        {
            "source": pd.Series(np.where(graph.source < 0, START, names[graph.source]), dtype="str"),
            "target": pd.Series(np.where(graph.target < 0, END, names[graph.target]), dtype="str"),
            "n": graph.n,
            "customers": graph.customers,
            "share": graph.n / np.repeat(np.add.reduceat(graph.n, first), lengths),
            "shown": here,
            "survives": survives,
        }
    )


def _picture(found: EdgeStability) -> Picture:
    """Show the edges in doubt first: those that are sure, or hopeless, are many and say little."""
    table = found.table
    doubt = (0.5 - (table["survives"] - 0.5).abs()).round(6)
    rows = table.assign(doubt=doubt).sort_values(["doubt", "n"], ascending=False, kind="stable").head(_BARS)
    rows = rows.sort_values(["survives", "n"], kind="stable")
    names = [wrapped(f"{a} → {b}", 46, 1) for a, b in zip(rows["source"], rows["target"], strict=True)]
    told = [
        f"{shown(r['source'])} → {shown(r['target'])}<br>survives in {r['survives']:.0%} of resamples<br>{r['n']:,} times, "
        f"{r['share']:.1%} [{r['share_low']:.1%}, {r['share_high']:.1%}] of what leaves"
        for r in rows.to_dict("records")
    ]
    at = list(range(len(rows)))
    data = [
        {
            "type": "bar", "orientation": "h", "name": name, "x": [float(v) for v in rows["survives"][mask]],
            "y": [i for i, m in zip(at, mask, strict=True) if m], "marker": {"color": colour},
            "hovertext": [t for t, m in zip(told, mask, strict=True) if m], "hoverinfo": "text",
        }
        for name, colour, mask in (
            ("on the map", palette.NAVY, rows["shown"].to_numpy()),
            ("not on the map", palette.SOFT, ~rows["shown"].to_numpy()),
        )
    ]  # fmt: skip
    said = [f"{found._head[len('EdgeStability(') : -1]} ({found.notion}).", *found.chain]
    if len(rows) < len(table):
        said.append(f"{len(rows)} of {len(table):,} edges, those most in doubt.")
    note = "<br>".join(line for text in said for line in wrapped(text, 110, 4).split("<br>"))
    title = "Which edges survive other customers"
    layout = {
        "title": {"text": title, "x": 0, "xref": "paper", "xanchor": "left"}, "width": 860,
        "height": 190 + 20 * len(rows), "margin": {"l": 300, "r": 20, "t": 74, "b": 96}, "barmode": "overlay",
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        "xaxis": {"range": [0, 1.01], "tickformat": ".0%", "gridcolor": palette.RULE, "title": {"text": "share of resamples"}},
        "yaxis": {"tickvals": at, "ticktext": names, "showgrid": False, "range": [-0.6, len(rows) - 0.4]},
        "annotations": [{"text": note, "xref": "paper", "yref": "paper", "x": 0, "y": 0, "xshift": -280, "yshift": -48,
                         "showarrow": False, "xanchor": "left", "yanchor": "top", "align": "left",
                         "font": {"size": 10, "color": palette.MUTED}}],
        "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER, "font": {"family": palette.FONT, "color": palette.INK},
    }  # fmt: skip
    return Picture(title, found.summary, {"data": data, "layout": layout})
