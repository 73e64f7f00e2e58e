"""What if the journey were other: the same journeys with a step removed, added, rerouted or shortened.

Contacts, waits, time and cost follow by arithmetic from the log. The score does not: what goes with having
the step, or with a longer time, is read off as an *association* between journeys that have it and those
that do not. Nothing here says what customers would feel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine import CodedLog, Graph, count_variants, follow
from cxmining.engine.coded import Ints
from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.journeys.altering.changes import Add, Change, Remove, Reroute, Shorten
from cxmining.journeys.scored import Scored, journeys_of, scores_of
from cxmining.repr_html import repr_html
from cxmining.stats import grouped_mean, wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.journeys.build import Journeys

__all__ = ["Alteration", "alter_journeys"]

Floats = npt.NDArray[np.float64]
_LEAST: Final = 10
"""Scored journeys on either side below which no score difference is given."""
_CAVEAT: Final = {
    "en": "Contacts, waits, time and cost are arithmetic on what happened: nobody behaves otherwise in it. "
    "The score difference is an association between journeys as they were; it is no forecast.",
    "nl": "Contacten, wachttijd, duur en kosten zijn rekenwerk met wat er gebeurde: niemand gedraagt zich er anders in. "
    "Het scoreverschil is een samenhang tussen reizen zoals ze waren; het is geen voorspelling.",
}


@dataclass(frozen=True)
class _Walk:
    """Events in journey order, with what a change can touch."""

    names: tuple[str, ...]
    price: Floats  # of the catalogue, per name
    touchpoint: Ints
    time: Ints
    journey: Ints
    wait_s: Floats
    cost: Floats
    touched: npt.NDArray[np.bool_]  # per journey

    def at(self, touchpoint: str) -> npt.NDArray[np.bool_]:
        return cast("npt.NDArray[np.bool_]", self.touchpoint == self.names.index(touchpoint))

    def nth(self, here: npt.NDArray[np.bool_]) -> Ints:
        """How many of the events marked `here` a journey has had, up to and with each event."""
        total = np.cumsum(here)
        first = np.searchsorted(self.journey, self.journey, side="left")
        return cast(Ints, total - np.where(first > 0, total[first - 1], 0))

    def mark(self, here: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        touched = self.touched.copy()
        touched[self.journey[here]] = True
        return touched


@dataclass(frozen=True, eq=False)
class Alteration:
    """Journeys beside what they would be with some changes, everything else as it was.

    Attributes
    ----------
    journeys : Journeys
        As they were.
    changes : tuple of Change
        What was changed, in order.
    summary : DataFrame
        One row per measure (``contacts``, ``wait_s``, ``duration_s``, ``cost``): mean per journey `before` and
        `after`, `difference` with its 95% interval (`low`, `high`, customers as clusters), `touched_difference`
        (mean over touched journeys), `total_before`, `total_after`, `n` journeys, `unknown` (share of events the
        measure is not known of: they count as nothing).
    touched : DataFrame
        One row: `journeys`, `n`, `share`, `low`, `high` (Wilson), `customers`, `vanished` (journeys without any
        event left).
    score : DataFrame
        One row per change: associated `difference` in scale points (adjusted for the number of other
        contacts) with `low`, `high`, `plain` (not adjusted), `n_with`, `n_without`, `metric`, `survey_kind`, `reads`
        (what is compared), `why_not` (why there is no figure).
    log_after : CodedLog
        The altered journeys; added events have row −1.
    """

    journeys: Journeys
    changes: tuple[Change, ...]
    summary: pd.DataFrame
    touched: pd.DataFrame
    score: pd.DataFrame
    log_after: CodedLog

    @cached_property
    def variants(self) -> pd.DataFrame:
        """Variants as they would be, most frequent first, with `journeys_before`."""
        after = count_variants(self.log_after)[0].frame()
        before = self.journeys.variants.set_index("variant_id")["journeys"]
        after["journeys_before"] = after["variant_id"].map(before).fillna(0).astype("int64")
        return after

    @cached_property
    def graph(self) -> Graph:
        """Who would follow whom."""
        return follow(self.log_after)

    def caveat(self, language: str = "en") -> str:
        """Return what the figures are and are not, in English or Dutch."""
        if language not in _CAVEAT:
            raise UnknownNameError(f"language {language!r}: {nearest(language, _CAVEAT)}")
        return _CAVEAT[language]

    def figure(self) -> go.Figure:
        """Draw the change of each measure, in percent of what it was, with its interval."""
        from cxmining.figures import Picture, palette, shown

        rows = self.summary[self.summary["before"] > 0]
        percent, low, high = ((100 * rows[c] / rows["before"]).round(3) for c in ("difference", "low", "high"))
        names = {"contacts": "contacts", "wait_s": "waiting", "duration_s": "duration", "cost": "cost"}
        y = [names[m] for m in rows["measure"]]
        quiet = {"showarrow": False, "align": "left", "font": {"color": palette.MUTED, "size": 12}}
        figures = [
            {
                **quiet,
                "text": f"{p:+.1f}% [{a:+.1f}, {b:+.1f}], n = {n:,}".replace("-", "−"),
                "xref": "paper",
                "x": 1.01,
                "xanchor": "left",
                "y": name,
            }
            for p, a, b, n, name in zip(percent, low, high, rows["n"], y, strict=True)
        ]
        under = {
            **quiet,
            "text": f"{shown(self._said)}<br>{shown(self._reach)}",
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 0,
            "yshift": -100,
            "xanchor": "left",
            "yanchor": "bottom",
        }
        spec = {
            "data": [
                {
                    "type": "bar", "orientation": "h", "x": percent.tolist(), "y": y, "width": 0.5,
                    "marker": {"color": palette.NAVY}, "hoverinfo": "x+y",
                    "error_x": {"type": "data", "symmetric": False, "color": palette.MUTED,
                                "array": (high - percent).fillna(0).tolist(),
                                "arrayminus": (percent - low).fillna(0).tolist()},
                }
            ],
            "layout": {
                "title": {"text": shown("Per journey, if: " + "; ".join(map(str, self.changes))), "x": 0.02},
                "font": {"family": palette.FONT, "color": palette.INK},
                "paper_bgcolor": palette.PAPER, "plot_bgcolor": palette.PAPER,
                "xaxis": {"title": {"text": "change, % of what it is"}, "zeroline": True,
                          "zerolinecolor": palette.MUTED, "gridcolor": palette.RULE},
                "yaxis": {"autorange": "reversed", "automargin": True},
                "margin": {"l": 90, "r": 240, "t": 60, "b": 110}, "height": 200 + 50 * len(rows),
                "annotations": [*figures, under],
            },
        }  # fmt: skip
        return Picture("what if", self.summary, spec).figure()

    @property
    def _said(self) -> str:
        return "; ".join([f"Case notion: {self.journeys.notion}", *self.journeys.chain])

    @property
    def _reach(self) -> str:
        t = self.touched.iloc[0]
        return (
            f"{int(t['journeys']):,} of {int(t['n']):,} journeys touched ({t['share']:.1%} [{t['low']:.1%}, {t['high']:.1%}]), "
            f"{int(t['customers']):,} customers"
        )

    def __repr__(self) -> str:
        lines = [f"Alteration({'; '.join(map(str, self.changes))})", f"  {self._said}", f"  {self._reach}"]
        lines += [
            f"  {r['measure']}: {r['before']:.4g} → {r['after']:.4g} per journey "
            f"({r['difference']:+.4g} [{r['low']:+.4g}, {r['high']:+.4g}])"
            for r in self.summary.to_dict("records")
        ]
        for change, r in zip(self.changes, self.score.to_dict("records"), strict=True):
            figure = f"{r['difference']:+.2f} [{r['low']:+.2f}, {r['high']:+.2f}] {r['metric']} points, {r['reads']}"
            lines.append(f"  associated score difference, {change}: {r['why_not'] or figure}")
        return "\n".join([*lines, f"  {self.caveat()}"])

    def _repr_html_(self) -> str:
        return repr_html(
            self.summary, self.touched, self.score, head="; ".join(map(str, self.changes)), said=[self.caveat()]
        )


def alter_journeys(source: Journeys | Scored, *changes: Change, metric: str | None = None) -> Alteration:
    """Change the journeys on paper and say what would be other.

    Parameters
    ----------
    source : Journeys or Scored
        With scores, also what score difference goes with each change.
    *changes : Change
        Of :mod:`cxmining.journeys.altering.changes`; applied one after the other.
    metric : str, optional
        Score to compare by; default the overall one that most journeys have.

    Returns
    -------
    Alteration

    Raises
    ------
    UnknownNameError
        When a touchpoint occurs neither in the journeys nor, where it is new, in the catalogue.
    StudyError
        When there is no change, or one that touches nothing.

    Notes
    -----
    A rerouted or added event waits as long as the mean known wait at its new touchpoint, and costs what the
    catalogue says. Removing an event leaves the others where they were in time; the journey becomes shorter
    only where the first or the last one goes. Shortening moves all later events of the journey forward.

    The associated score difference is the coefficient of a linear model with the logarithm of the number of other
    contacts beside it, standard errors clustered by customer (Liang and Zeger 1986).

    Examples
    --------
    >>> from cxmining.journeys import build_journeys, changes
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {
    ...     "event_id": ["r1", "r2", "r3"], "customer_id": ["c1", "c1", "c2"],
    ...     "timestamp": ["2025-03-01", "2025-03-09", "2025-03-09"], "channel": ["web", "phone", "web"],
    ...     "touchpoint": ["buys", "calls", "buys"], "source": ["s"] * 3, "seq": [1, 2, 3]})
    >>> other = alter_journeys(build_journeys(Dataset(events=events)), changes.remove("calls"))
    >>> other.summary.loc[0, ["before", "after"]].tolist()
    [1.5, 1.0]
    >>> other.variants["touchpoints"].tolist()
    [('buys',)]
    """  # fmt: skip
    journeys = journeys_of(source)
    if not changes:
        raise StudyError("alter_journeys needs at least one change, for example changes.remove('calls about invoice')")
    walk = before = _walk(journeys, changes)
    scored = scores_of(source, metric)
    scores = []
    for change in changes:
        altered = _apply(walk, change)
        if not altered.touched.any() or altered is walk:
            raise StudyError(f"{change}: no journey has anything to change; look at journeys.dfg for what follows what")
        scores.append(_score(journeys, walk, altered, change, scored))
        walk = replace(altered, touched=walk.touched | altered.touched)
    log = _log(journeys.log, walk)
    score = pd.DataFrame(scores)
    return Alteration(
        journeys, changes, _measure(journeys, before, walk), _touched(journeys, walk), score, log
    )  # fmt: skip


def _walk(journeys: Journeys, changes: tuple[Change, ...]) -> _Walk:
    log, catalogue = journeys.log, journeys.data.catalogue
    there = {log.touchpoints[c] for c in np.unique(log.touchpoint)}
    names = list(log.touchpoints)
    for change in changes:
        new = {Add: ["touchpoint"], Reroute: ["to"]}.get(type(change), [])
        for name, value in vars(change).items():
            if name not in ("touchpoint", "to", "after") or value is None:
                continue
            known = there | (set(catalogue["touchpoint"]) if name in new else set())
            if value not in known:
                where = "the journeys or the catalogue" if name in new else "the journeys"
                raise UnknownNameError(f"{change}: no touchpoint {value!r} in {where}; {nearest(value, sorted(known))}")
            if value not in names:
                names.append(value)
            there.add(value)  # a later change may rest on what an earlier one brings
    cost = catalogue.dropna(subset="cost").set_index("touchpoint")["cost"].astype(float)
    price = np.array([cost.get(name, np.nan) for name in names], dtype=float)
    codes = log.touchpoint.astype(np.int64)
    waits = journeys.data.events["wait_s"].iloc[log.rows].to_numpy(dtype=float, na_value=np.nan)
    untouched = np.zeros(log.n_journeys, dtype=bool)
    return _Walk(tuple(names), price, codes, log.time.copy(), log.journey, waits, price[codes], untouched)


def _apply(walk: _Walk, change: Change) -> _Walk:
    walk = replace(walk, touched=np.zeros_like(walk.touched))
    if isinstance(change, Remove):
        here = walk.at(change.touchpoint)
        if change.repeats:
            here &= walk.nth(here) > 1
        keep = ~here
        return replace(
            walk, touchpoint=walk.touchpoint[keep], time=walk.time[keep], journey=walk.journey[keep],
            wait_s=walk.wait_s[keep], cost=walk.cost[keep], touched=walk.mark(here),
        )  # fmt: skip
    if isinstance(change, Reroute):
        here = walk.at(change.touchpoint)
        if change.repeats:
            here &= walk.nth(here) > 1
        code, wait, cost = _usual(walk, change.to)
        return replace(
            walk, touchpoint=np.where(here, code, walk.touchpoint), wait_s=np.where(here, wait, walk.wait_s),
            cost=np.where(here, cost, walk.cost), touched=walk.mark(here),
        )  # fmt: skip
    if isinstance(change, Add):
        return _added(walk, change)
    return _shortened(walk, change)


def _usual(walk: _Walk, touchpoint: str) -> tuple[int, float, float]:
    """Return the code of a touchpoint, its mean known wait and its cost."""
    here = walk.at(touchpoint)
    waits = walk.wait_s[here]
    known = waits[~np.isnan(waits)]
    code = walk.names.index(touchpoint)
    return code, float(known.mean()) if len(known) else float("nan"), float(walk.price[code])


def _added(walk: _Walk, change: Add) -> _Walk:
    after = walk.at(change.after)
    anchor = np.flatnonzero(after & (walk.nth(after) == 1))
    wanted = np.flatnonzero(walk.at(change.touchpoint))
    last = np.full(len(walk.touched), -1, dtype=np.int64)
    last[walk.journey[wanted]] = wanted  # ascending: the last write stands
    anchor = anchor[last[walk.journey[anchor]] < anchor]
    code, wait, cost = _usual(walk, change.touchpoint)
    place = anchor + 1
    touched = walk.touched.copy()
    touched[walk.journey[anchor]] = True
    return replace(
        walk, touchpoint=np.insert(walk.touchpoint, place, code), time=np.insert(walk.time, place, walk.time[anchor]),
        journey=np.insert(walk.journey, place, walk.journey[anchor]), wait_s=np.insert(walk.wait_s, place, wait),
        cost=np.insert(walk.cost, place, cost), touched=touched,
    )  # fmt: skip


def _shortened(walk: _Walk, change: Shorten) -> _Walk:
    if change.to is None:
        here = walk.at(change.touchpoint) & (walk.wait_s > _left(walk.wait_s, change))
        return replace(walk, wait_s=np.where(here, _left(walk.wait_s, change), walk.wait_s), touched=walk.mark(here))
    ends, took = _steps(walk, change)
    saved = np.zeros(len(walk.time))
    saved[ends] = took - _left(took, change)
    moved = np.cumsum(np.round(saved).astype(np.int64))
    first = np.searchsorted(walk.journey, walk.journey, side="left")
    # A journey's first event is never the end of a step, so what was saved before it was saved by others.
    return replace(walk, time=walk.time - (moved - moved[first]), touched=walk.mark(saved > 0))


def _left(value: Floats, change: Shorten) -> Floats:
    """Return what is left of times: in seconds for waits, in microseconds for steps."""
    if change.factor is not None:
        return value * change.factor
    limit = cast(float, change.at_most_s)
    return np.minimum(value, limit if change.to is None else limit * 1e6)


def _steps(walk: _Walk, change: Shorten) -> tuple[Ints, Floats]:
    """Return where the step ends and how many microseconds it took."""
    a, b = walk.at(change.touchpoint), walk.at(cast(str, change.to))
    ends = np.flatnonzero(a[:-1] & b[1:] & (walk.journey[:-1] == walk.journey[1:])) + 1
    return ends, (walk.time[ends] - walk.time[ends - 1]).astype(float)


def _log(log: CodedLog, walk: _Walk) -> CodedLog:
    """Return the altered events as a coded log of the journeys that still have one."""
    names, rank = np.unique(np.array(walk.names, dtype=object), return_inverse=True)
    left, starts = np.unique(walk.journey, return_index=True)
    smallest = np.min_scalar_type(max(len(names) - 1, 0))
    # Channels and rows of the source are no longer one to one; the altered log is for counting steps.
    return CodedLog(
        tuple(names.tolist()), ("other",), rank[walk.touchpoint].astype(smallest),
        np.zeros(len(walk.touchpoint), dtype=np.uint8), walk.time, np.append(starts, len(walk.touchpoint)),
        log.customer[left], np.full(len(walk.touchpoint), -1),
    )  # fmt: skip


def _per_journey(walk: _Walk) -> dict[str, Floats]:
    n = len(walk.touched)
    first = np.full(n, np.iinfo(np.int64).max)
    last = np.full(n, np.iinfo(np.int64).min)
    np.minimum.at(first, walk.journey, walk.time)
    np.maximum.at(last, walk.journey, walk.time)
    contacts = np.bincount(walk.journey, minlength=n)
    return {
        "contacts": contacts.astype(float),
        "wait_s": np.bincount(walk.journey, weights=np.nan_to_num(walk.wait_s), minlength=n),
        "duration_s": np.where(contacts > 0, last - np.where(contacts > 0, first, 0), 0) / 1e6,
        "cost": np.bincount(walk.journey, weights=np.nan_to_num(walk.cost), minlength=n),
    }


def _measure(journeys: Journeys, before: _Walk, after: _Walk) -> pd.DataFrame:
    rows = []
    a, b = _per_journey(before), _per_journey(after)
    unknown = {"wait_s": after.wait_s, "cost": after.cost}
    for measure in a:
        missing = float(np.isnan(unknown[measure]).mean()) if measure in unknown and len(after.time) else 0.0
        if missing == 1 and not a[measure].any():
            continue  # no source says so: there is nothing to compare
        change = pd.DataFrame({"g": 0, "x": b[measure] - a[measure], "customer": journeys.log.customer})
        found = grouped_mean(change, "g", "x", cluster="customer").iloc[0]
        rows.append(
            {
                "measure": measure,
                "before": float(a[measure].mean()),
                "after": float(b[measure].mean()),
                "difference": float(found["mean"]),
                "low": float(found["low"]),
                "high": float(found["high"]),
                "touched_difference": float((b[measure] - a[measure])[after.touched].mean()),
                "total_before": float(a[measure].sum()),
                "total_after": float(b[measure].sum()),
                "n": len(a[measure]),
                "unknown": missing,
            }
        )
    return pd.DataFrame(rows)


def _touched(journeys: Journeys, walk: _Walk) -> pd.DataFrame:
    n = int(walk.touched.sum())
    share = wilson(n, len(walk.touched))
    vanished = len(walk.touched) - len(np.unique(walk.journey))
    people = len(np.unique(journeys.log.customer[walk.touched]))
    return pd.DataFrame(
        [
            {
                "journeys": n, "n": len(walk.touched), "share": share.value, "low": share.low, "high": share.high,
                "customers": people, "vanished": vanished,
            }
        ]
    )  # fmt: skip


def _score(
    journeys: Journeys, before: _Walk, after: _Walk, change: Change, scores: pd.DataFrame | None
) -> dict[str, Any]:
    """Compare scored journeys that are as the change would make them with those that are not."""
    reads, exposed, within = _exposure(before, after, change)
    row: dict[str, Any] = dict.fromkeys(("difference", "low", "high", "plain"), float("nan"))
    row |= {"n_with": 0, "n_without": 0, "metric": None, "survey_kind": None, "reads": reads, "why_not": None}
    if scores is None:
        return row | {"why_not": "journeys without scores: give an Experience"}
    number = pd.Series(np.arange(len(journeys)), index=journeys.table["journey_id"])
    at = number.loc[scores["journey_id"]].to_numpy()
    use = within[at] & ~np.isnan(exposed[at])
    at, y = at[use], scores["score"].to_numpy(dtype=float)[use]
    x = exposed[at]
    some = x > 0
    row |= {"n_with": int(some.sum()), "n_without": int((~some).sum())}
    if len(scores):
        row |= {"metric": str(scores["metric"].iloc[0]), "survey_kind": str(scores["survey_kind"].iloc[0])}
    timed = isinstance(change, Shorten)
    if timed and (len(x) < 2 * _LEAST or not x.std() > 0):
        return row | {"why_not": f"only {len(x)} scored journeys have a known, varying time; {2 * _LEAST} are needed"}
    if not timed and min(row["n_with"], row["n_without"]) < _LEAST:
        return row | {
            "why_not": f"{row['n_with']} scored journeys with and {row['n_without']} without; {_LEAST} of each are needed"
        }
    touchpoint = before.at(change.touchpoint)
    if isinstance(change, Reroute):
        touchpoint |= before.at(change.to)
    others = np.bincount(before.journey[~touchpoint], minlength=len(journeys))[at]
    # What the change does to a touched journey: it loses the step (−1), gets it (+1), or so many hours less.
    sign = {Remove: -1.0, Add: 1.0, Reroute: 1.0}.get(type(change), 0.0)
    effect = sign or -float(_saved_hours(before, after)[after.touched].mean())
    customer = journeys.log.customer[at]
    plain = _slope(y, x, None, customer)
    slope = _slope(y, x, np.log1p(others), customer)
    low, high = sorted((effect * slope[1], effect * slope[2]))
    return row | {"difference": effect * slope[0], "low": low, "high": high, "plain": effect * plain[0]}


def _saved_hours(before: _Walk, after: _Walk) -> Floats:
    a, b = _per_journey(before), _per_journey(after)
    return (a["duration_s"] - b["duration_s"] + a["wait_s"] - b["wait_s"]) / 3600


def _exposure(before: _Walk, after: _Walk, change: Change) -> tuple[str, Floats, npt.NDArray[np.bool_]]:
    """Return what is compared in words, its value per journey, and which journeys it can be said of."""
    n = len(before.touched)

    def count(touchpoint: str) -> Ints:
        return np.bincount(before.journey[before.at(touchpoint)], minlength=n)

    everyone = np.ones(n, dtype=bool)
    if isinstance(change, Remove):
        times = count(change.touchpoint)
        if change.repeats:
            return "journeys with it once against those with it more often", (times > 1).astype(float), times > 0
        return "journeys without it against those with it", (times > 0).astype(float), everyone
    if isinstance(change, Reroute):
        old, new = count(change.touchpoint) > 0, count(change.to) > 0
        return f"{change.to!r} alone against {change.touchpoint!r}", (new & ~old).astype(float), old | new
    if isinstance(change, Add):
        reached = count(change.after) > 0
        return (
            f"those that met it after {change.after!r} against those that did not",
            (~after.touched).astype(float),
            reached,
        )
    hours = np.full(n, np.nan)
    if change.to is None:
        here = before.at(change.touchpoint) & ~np.isnan(before.wait_s)
        values, owner = before.wait_s[here] / 3600, before.journey[here]
        what = "hours waited"
    else:
        ends, took = _steps(before, change)
        values, owner = took / 3.6e9, before.journey[ends]
        what = "hours of the step"
    total = np.bincount(owner, weights=values, minlength=n)
    some = np.bincount(owner, minlength=n) > 0
    hours[some] = total[some]
    return f"slope over {what}, times what a touched journey saves", hours, some


def _slope(y: Floats, x: Floats, control: Floats | None, customer: Ints) -> tuple[float, float, float]:
    """Return the slope of y on x with its 95% interval, errors clustered by customer."""
    import statsmodels.api as sm

    design = np.column_stack([np.ones(len(x)), x] if control is None else [np.ones(len(x)), x, control])
    # Rank before inference: a control that says the same as x leaves no slope to read.
    if np.linalg.matrix_rank(design) < design.shape[1]:
        design = design[:, :2]
    fit = sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": customer}, use_t=True)
    low, high = fit.conf_int()[1]
    return float(fit.params[1]), float(low), float(high)
