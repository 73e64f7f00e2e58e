"""The step matrix: where journeys are at their first, second, third … step, or around a touchpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.i18n import counted
from cxmining.journeys.views.view import View, code_of, first_visits, heat, layout, under
from cxmining.stats import wilson

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["step_matrix"]

OVER = "(not there)"
REST = "(other)"


def step_matrix(journeys: Journeys, *, steps: int = 10, around: str | None = None, top: int = 15) -> View:
    """Show at which touchpoint journeys are at each step.

    Parameters
    ----------
    journeys : Journeys
    steps : int, default 10
        How many steps from the start; around a touchpoint, how many before and after it.
    around : str, optional
        Count steps from the first visit of this touchpoint (step 0); journeys without it are left out and
        counted.
    top : int, default 15
        Touchpoints with a row of their own, those that most journeys meet in these steps; others are one row.

    Returns
    -------
    View
        ``summary``: `step`, `touchpoint`, `journeys`, `n` (journeys looked at), `share` with its 95% interval
        (Wilson) `low`, `high`. ``(not there)`` are journeys that have not begun or have ended at that step; the
        shares of a step add up to one.

    Raises
    ------
    UnknownNameError
        When `around` does not occur.
    StudyError
        When `steps` or `top` is below one.

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {
    ...     "event_id": ["r1", "r2", "r3"], "customer_id": ["c1", "c1", "c2"],
    ...     "timestamp": ["2025-03-01", "2025-03-09", "2025-03-09"], "channel": ["web", "phone", "web"],
    ...     "touchpoint": ["buys", "calls", "buys"], "source": ["s"] * 3, "seq": [1, 2, 3]})
    >>> step_matrix(build_journeys(Dataset(events=events)), steps=2).summary[["step", "touchpoint", "share"]]
       step   touchpoint  share
    0     1         buys    1.0
    1     2        calls    0.5
    2     2  (not there)    0.5
    """  # fmt: skip
    if steps < 1 or top < 1:
        raise StudyError(f"step_matrix: steps={steps} and top={top} must be 1 or more")
    log = journeys.log
    if around is None:
        anchor, first, last = log.offsets[:-1] - 1, 1, steps
        said = under(journeys)
    else:
        anchor = first_visits(journeys, code_of(journeys, around, "around"))
        first, last = -steps, steps
        without = int((anchor < 0).sum())
        left = f"step 0 is the first visit of {around!r}; {counted(without, 'journey')} without it left out"
        said = under(journeys, left)
    here = np.flatnonzero(anchor >= -1 if around is None else anchor >= 0)
    places = anchor[here][:, None] + np.arange(first, last + 1)
    inside = (places >= log.offsets[here][:, None]) & (places < log.offsets[here + 1][:, None])
    k = len(log.touchpoints)
    codes = np.where(inside, log.touchpoint[np.where(inside, places, 0)].astype(np.int64), k)
    width = last - first + 1
    counts = np.zeros((width, k + 1), dtype=np.int64)
    for step in range(width):
        counts[step] = np.bincount(codes[:, step], minlength=k + 1)
    summary = _table(counts, log.touchpoints, first, len(here), top)
    title = "Touchpoint at each step" if around is None else f"Touchpoints before and after the first {around!r}"
    return View(title, summary, _spec(summary, title, said, around is not None), said)


def _table(counts: np.ndarray, names: tuple[str, ...], first: int, n: int, top: int) -> pd.DataFrame:
    k = len(names)
    total = counts[:, :k].sum(axis=0)
    ranked = sorted(np.flatnonzero(total).tolist(), key=lambda c: (-int(total[c]), names[c]))
    rows = [(names[c], counts[:, c]) for c in ranked[:top]]
    if ranked[top:]:
        rows.append((REST, counts[:, ranked[top:]].sum(axis=1)))
    rows.append((OVER, counts[:, k]))
    frame = pd.concat(
        [
            pd.DataFrame({"step": np.arange(len(v)) + first, "touchpoint": name, "journeys": v, "n": n})
            for name, v in rows
        ]
    )
    frame["touchpoint"] = frame["touchpoint"].astype("str")
    found = wilson(frame["journeys"].to_numpy(), frame["n"].to_numpy())
    frame = frame.assign(share=found.value, low=found.low, high=found.high)[frame["journeys"].to_numpy() > 0]
    order = {name: i for i, (name, _) in enumerate(rows)}
    return frame.sort_values(
        ["step", "touchpoint"], key=lambda c: c.map(order) if c.name == "touchpoint" else c, ignore_index=True
    )


def _spec(summary: pd.DataFrame, title: str, said: tuple[str, ...], signed: bool) -> dict[str, object]:
    rows = list(dict.fromkeys(summary["touchpoint"]))
    # The rows in the order of the table's ranking, whichever step a touchpoint is first seen at.
    weight = summary.groupby("touchpoint")["journeys"].sum()
    last = [r for r in (REST, OVER) if r in rows]
    rows = sorted((r for r in rows if r not in last), key=lambda r: (-int(weight[r]), r)) + last
    steps = sorted(summary["step"].unique().tolist())
    shape = (len(rows), len(steps))
    share, text, hover = np.full(shape, np.nan), np.full(shape, "", dtype=object), np.full(shape, "", dtype=object)
    place = {r: i for i, r in enumerate(rows)}
    for r in summary.to_dict("records"):
        at = place[r["touchpoint"]], steps.index(r["step"])
        share[at] = r["share"]
        text[at] = f"{100 * r['share']:.0f}" if r["share"] >= 0.005 else "<1"
        hover[at] = f"{r['share']:.1%} [{r['low']:.1%}, {r['high']:.1%}]<br>{r['journeys']:,} of {r['n']:,} journeys"
    columns = [f"{s:+d}" if signed and s else str(s) for s in steps]
    data = heat(rows, columns, share, text, hover)
    frame = layout(
        title, said, 150 + 30 * len(rows), xaxis={"title": {"text": "step (cells: % of journeys)"}, "type": "category", "showgrid": False},
        yaxis={"autorange": "reversed", "type": "category", "showgrid": False}, margin={"l": 210},
    )  # fmt: skip
    return {"data": [data], "layout": frame}
