"""The transition matrix: from each touchpoint, where journeys go on to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cxmining.engine import END, START
from cxmining.errors import StudyError
from cxmining.i18n import duration
from cxmining.journeys.views.view import View, heat, layout, under
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["transition_matrix"]


def transition_matrix(journeys: Journeys, *, top: int = 20) -> View:
    """Show for each touchpoint the share of its visits that each other one follows directly.

    Parameters
    ----------
    journeys : Journeys
    top : int, default 20
        Touchpoints in the picture, those with most visits; the table has all.

    Returns
    -------
    View
        ``summary``: `source`, `target`, `n`, `visits` (of the source), `share` with `low`, `high` (Wilson; visits
        of one customer are not independent, so it is a little too narrow where customers come back often),
        `median_s` between the two.

    Raises
    ------
    StudyError
        When `top` is below one.
    """
    if top < 1:
        raise StudyError(f"transition_matrix: top={top} must be 1 or more")
    edges = journeys.dfg
    visits = edges.groupby("source")["n"].sum()
    found = wilson(edges["n"].to_numpy(), edges["source"].map(visits).to_numpy())
    summary = edges[["source", "target", "n"]].assign(
        visits=found.n, share=found.value, low=found.low, high=found.high, median_s=edges["median_s"]
    )
    summary = summary.sort_values(["source", "n", "target"], ascending=[True, False, True], ignore_index=True)
    most = visits.drop(START, errors="ignore").sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    names = most.index[:top].tolist()
    more = len(most) - len(names)
    said = under(journeys, *([f"{more} touchpoints with fewer visits are in the table only"] if more > 0 else []))
    rows, columns = [START, *names], [*names, END]
    shape = (len(rows), len(columns))
    share, text, hover = np.full(shape, np.nan), np.full(shape, "", dtype=object), np.full(shape, "", dtype=object)
    row, column = {r: i for i, r in enumerate(rows)}, {c: i for i, c in enumerate(columns)}
    for r in summary[summary["source"].isin(rows) & summary["target"].isin(columns)].to_dict("records"):
        at = row[r["source"]], column[r["target"]]
        share[at] = r["share"]
        text[at] = f"{100 * r['share']:.0f}" if r["share"] >= 0.005 else ""
        hover[at] = (
            f"{r['share']:.1%} [{r['low']:.1%}, {r['high']:.1%}]<br>{r['n']:,} of {r['visits']:,} visits<br>"
            f"median {duration(r['median_s'], 'en')}"
        )
    from cxmining.figures import wrapped

    title = "Where journeys go on to"
    frame = layout(
        title, said, 220 + 30 * len(rows), yaxis={"autorange": "reversed", "type": "category", "showgrid": False, "title": {"text": "from"}},
        xaxis={"type": "category", "showgrid": False, "side": "top", "tickangle": -40, "title": {"text": "to (cells: % of visits)"}},
        margin={"l": 210, "t": 200, "b": 20},
    )  # fmt: skip
    data = heat(rows, [wrapped(c, 22, 2) for c in columns], share, text, hover)
    return View(title, summary, {"data": [data], "layout": frame}, said)
