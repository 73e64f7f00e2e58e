"""What customers were after, why, and whether they got there: a goal for each journey, and journeys by goal.

The *goal* is what for, the *motive* is why. Each is taken from the best witness there is, and the witness is named: what
the customer was asked; what the customer wrote; what the catalogue says of the touchpoints (goal) or what the company
had sent before (motive). Whether a goal was reached is known only where the customer was asked, the log shows the
touchpoint that ends it, or the customer wrote so; it is *unknown* otherwise and counts for neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience.goal_witnesses import asked_goals, motives_of, reached_of
from cxmining.experience.tasks import UNKNOWN_TASK, Tasks, find_tasks
from cxmining.i18n import EVIDENCE_LABELS, counted, number, percent, speaking
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.stats import grouped_mean, share_interval

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience
    from cxmining.journeys import Journeys, Scored

__all__ = ["GOAL_SOURCES", "OUTCOMES", "UNKNOWN_GOAL", "Goals", "find_goals"]

say = speaking("words")
GOAL_SOURCES: Final = ("item", "text", "catalogue", "unknown")
OUTCOMES: Final = ("reached", "partly", "not reached", "unknown")
UNKNOWN_GOAL: Final = UNKNOWN_TASK
_MOST: Final = 24


@dataclass(frozen=True, eq=False)
class Goals:
    """Journeys by what customers were after.

    Attributes
    ----------
    summary : DataFrame
        One row per ``goal``, most frequent first: ``n`` (journeys), ``customers``, ``share`` of all journeys with
        ``low``, ``high``; ``reached``, the share of those of which it is known (partly counts as not), with
        ``reached_low``, ``reached_high``, ``reached_n`` and ``reached_status``: *measured* by items and log, or, where
        neither tells, *from text*, which who is not helped writes sooner; ``days``, the mean duration with ``days_low``, ``days_high``, ``days_n`` and
        ``median_days``; ``score``, the mean of the journeys' scores (in points where the metric is nps) with
        ``score_low``, ``score_high``, ``score_n``; ``by_item``, ``by_text``, ``by_catalogue``: what named it. Intervals
        95%, by customer.
    motives : DataFrame
        Per ``goal`` and ``motive``: ``k`` of the ``n`` journeys whose motive is known, ``share`` with ``low``, ``high``.
    table : DataFrame
        One row per journey: ``journey_id``, ``customer_id``, ``goal``, ``goal_source`` (one of `GOAL_SOURCES`),
        ``motive``, ``motive_source`` (item, text, log, unknown), ``outcome`` (one of `OUTCOMES`), ``outcome_source`` (item,
        log, text, unknown), ``days``, ``score``.
    metric : str
        Of the scores; empty where no journey was scored.
    tasks : Tasks
        Of the contacts that goals were taken from.
    lived : Experience
        What was looked at, to be split.
    notes : tuple of str
    """

    summary: pd.DataFrame
    motives: pd.DataFrame
    table: pd.DataFrame
    metric: str
    tasks: Tasks
    lived: Experience
    notes: tuple[str, ...]

    @property
    def labels(self) -> pd.Series:
        """The goal of each journey by ``journey_id``, missing where unknown.

        For what takes groups, such as ``cx.emotional_curve(lived, group=goals.labels)``.
        """
        known = self.table["goal"].where(self.table["goal"] != UNKNOWN_GOAL)
        return pd.Series(known.array, index=pd.Index(self.table["journey_id"], name="journey_id"), name="goal")

    def split(self) -> Mapping[str, Journeys | Scored]:
        """Return the journeys of each goal, scored as they were; those of which none is known are in no group.

        Raises
        ------
        NotEnoughDataError
            When no journey has a goal.
        """
        from cxmining.journeys import split_by

        return split_by(self.lived, self.labels.tolist())

    def figure(self, language: str = "en") -> go.Figure:
        """Draw for each goal the share of journeys that reached it.

        Parameters
        ----------
        language : {"en", "nl"}, default "en"

        Raises
        ------
        NotEnoughDataError
            When of no journey it is known whether its goal was reached.
        """
        from cxmining.experience.dots import Series, dots_picture, foot_of
        from cxmining.figures import palette

        rows = self.summary[self.summary["reached_n"] > 0].head(_MOST)
        if not len(rows):
            raise NotEnoughDataError(
                "of no journey it is known whether its goal was reached: ask (an item with metric resolved), or say in "
                'goals= which touchpoint ends which goal, for example {"become a customer": "signs contract"}'
            )
        right = [
            say("goals_right", language, k=number(k, language), n=number(n, language))
            for k, n in zip(rows["reached_n"], rows["n"], strict=True)
        ]
        hover = [
            f"{r.goal}: {percent(r.reached, language)}, n = {number(r.reached_n, language)}, "
            f"{EVIDENCE_LABELS[r.reached_status][language]}"
            for r in rows_of(rows)
        ]
        value, low, high = (rows[c].tolist() for c in ("reached", "reached_low", "reached_high"))
        axis = say("goals_axis", language)
        journeys = self.lived.journeys
        foot = foot_of(str(journeys.notion), journeys.chain, say("goals_foot", language), language=language)
        series = [Series(axis, palette.TEAL, "circle", value, low, high, hover)]
        return dots_picture(
            say("goals_title", language), rows, rows["goal"].tolist(), series, axis, right, foot
        ).figure()

    def _head(self) -> str:
        known = self.table["goal"] != UNKNOWN_GOAL
        said = int((self.table["outcome"] != "unknown").sum())
        return (
            f"Goals({counted(self.table.loc[known, 'goal'].nunique(), 'goal')} in {int(known.sum()):,} of "
            f"{counted(len(self.table), 'journey')}, outcome of {said:,} known; {self.lived.journeys.notion})"
        )

    def _lines(self) -> list[str]:
        return [*(f"filter: {s}" for s in self.lived.journeys.chain), *(f"note: {n}" for n in self.notes)]

    def __repr__(self) -> str:
        lines = []
        for r in rows_of(self.summary.head(10)):
            reached = (
                f", reached {r.reached:.0%} [{r.reached_low:.0%}, {r.reached_high:.0%}] n={r.reached_n:,} {r.reached_status}"
                if r.reached_n
                else ""
            )
            score = (
                f", {self.metric} {r.score:.3g} [{r.score_low:.3g}, {r.score_high:.3g}] n={r.score_n:,}"
                if r.score_n
                else ""
            )
            lines.append(f"{r.goal}: {r.share:.1%} [{r.low:.1%}, {r.high:.1%}] n={r.n:,}{reached}{score}")
        return "\n".join([self._head(), *(f"  {line}" for line in [*lines, *self._lines()])])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, self.motives, head=self._head(), said=self._lines())


def find_goals(
    lived: Experience,
    goals: Mapping[str, str | Iterable[str]] | None = None,
    *,
    tasks: Tasks | None = None,
    metric: str | None = None,
    seed: int = 1,
) -> Goals:
    """Find what customers were after in each journey, why, and whether they got there.

    Parameters
    ----------
    lived : Experience
    goals : mapping of str to str or iterable of str, optional
        Goal → the touchpoint or touchpoints that end it: a journey with that goal reached it when one of them happens in
        it, and did not when none does. Under a case notion with a goal its own outcome counts.
    tasks : Tasks, optional
        Of these journeys, where they were found already.
    metric : str, optional
        Of the scores; default the overall metric that most journeys have.
    seed : int, default 1

    Returns
    -------
    Goals
        The goal of a journey is what the customer said (an item that the study says is about the ``goal``), else the task
        that most of the customer's texts in it are about, else the task that the catalogue gives most of its contacts
        and visits; of two as frequent the earlier.

    Raises
    ------
    UnknownNameError
        When a touchpoint of `goals` does not happen in the log.
    NotEnoughDataError
        When no event is a contact or visit of a customer.

    Examples
    --------
    >>> from cxmining.experience import measure_experience
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {
    ...     "event_id": ["e1", "e2", "e3"], "customer_id": ["a", "a", "b"], "channel": "web", "direction": "inbound",
    ...     "timestamp": ["2025-01-01T10:00Z", "2025-01-02T10:00Z", "2025-01-03T10:00Z"], "source": "w", "seq": [1, 2, 3],
    ...     "touchpoint": ["views tariffs", "signs contract", "views tariffs"]})
    >>> catalogue = table("catalogue", {"touchpoint": ["views tariffs", "signs contract"],
    ...     "task": ["become a customer"] * 2, "backstage": [False] * 2, "third_party": [False] * 2})
    >>> lived = measure_experience(build_journeys(Dataset(events, catalogue=catalogue)))
    >>> found = find_goals(lived, {"become a customer": "signs contract"})
    >>> found.summary[["goal", "n", "reached", "reached_n"]].values.tolist()
    [['become a customer', 2, 0.5, 2]]
    """
    journeys = lived.journeys
    ends = _ends(goals, journeys)
    if tasks is None:
        tasks = find_tasks(lived, seed=seed)
    table = journeys.table[["journey_id", "customer_id"]].copy()
    table["goal"], table["goal_source"] = _goals(lived, tasks, table)
    table["motive"], table["motive_source"] = motives_of(lived, tasks.table)
    table["outcome"], table["outcome_source"] = reached_of(lived, table["goal"], ends)
    table["days"] = journeys.table["duration_s"].to_numpy(dtype=float) / 86_400
    table["score"], used, ends_of_scale, notes = _scores(lived, metric)
    notes = [*tasks.notes, *notes]
    return Goals(
        summary=_summary(table, ends_of_scale), motives=_motives(table), table=table, metric=used, tasks=tasks, lived=lived,
        notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _ends(goals: Mapping[str, str | Iterable[str]] | None, journeys: Journeys) -> dict[str, frozenset[str]]:
    """Read which touchpoints end which goal."""
    known = sorted(str(t) for t in journeys.data.events["touchpoint"].unique())
    ends = {}
    for goal, given in (goals or {}).items():
        names = [given] if isinstance(given, str) else list(given)
        for name in names:
            if name not in known:
                raise UnknownNameError(
                    f"goals[{goal!r}]: touchpoint {name!r} is not in the log; {nearest(name, known)}"
                )
        ends[goal] = frozenset(names)
    return ends


def _goals(lived: Experience, tasks: Tasks, table: pd.DataFrame) -> tuple[Any, Any]:
    """Return goal and source per journey, the best witness first."""
    rows = tasks.table[(tasks.table["task"] != UNKNOWN_TASK) & tasks.table["journey_id"].notna()]
    rows = rows.assign(said=rows["source"] != "catalogue", place=np.arange(len(rows)))
    counts = (
        rows.groupby(["journey_id", "said", "task"], sort=True)
        .agg(n=("place", "size"), first=("place", "min"))
        .reset_index()
    )
    # What a customer says wins over where he turned up; then the more frequent, then the earlier.
    best = counts.sort_values(["said", "n", "first"], ascending=[False, False, True], kind="stable")
    best = best.drop_duplicates("journey_id").set_index("journey_id")
    goal = table["journey_id"].map(best["task"].astype("object"))
    said = table["journey_id"].map(best["said"].astype("object"))
    source = np.where(goal.isna(), "unknown", np.where(said.eq(True), "text", "catalogue")).astype(object)
    asked = table["journey_id"].map(asked_goals(lived, "goal").astype("object"))
    there = asked.notna().to_numpy()
    source[there] = "item"
    either = np.where(there, asked.to_numpy(dtype=object), goal.to_numpy(dtype=object))
    named = [str(v) if isinstance(v, str) else UNKNOWN_GOAL for v in either]
    return pd.array(named, dtype="str"), pd.array(source, dtype="str")


def _scores(lived: Experience, metric: str | None) -> tuple[Any, str, tuple[float, float] | None, list[str]]:
    """Return the score of each journey, in points of -100 to 100 where it is an NPS, with its metric and the ends of its scale."""
    from cxmining.experience.answered import promoter_points

    ids = lived.journeys.table["journey_id"]
    if not len(lived.links):
        return np.full(len(ids), np.nan), "", None, []
    try:
        scores = lived.journey_scores(metric)
    except NotEnoughDataError as error:
        if metric is not None:
            raise
        return np.full(len(ids), np.nan), "", None, [str(error)]
    value = scores["score"].to_numpy(dtype=float)
    used = str(scores["metric"].iloc[0]) if len(scores) else ""
    ends = [tuple(map(float, e)) for e in scores[["scale_low", "scale_high"]].drop_duplicates().to_numpy()]
    scale = (-100.0, 100.0) if used == "nps" else (ends[0][0], ends[0][1]) if len(ends) == 1 else None
    value = promoter_points(value) if used == "nps" else value
    of = pd.Series(value, index=scores["journey_id"].to_numpy())
    return ids.map(of[~of.index.duplicated()]).to_numpy(dtype=float), used, scale, []


def _summary(table: pd.DataFrame, scale: tuple[float, float] | None) -> pd.DataFrame:
    known = table[table["outcome"] != "unknown"].assign(hit=lambda f: (f["outcome"] == "reached").astype(float))
    lasted = _means(table, "days")
    given = _means(table.dropna(subset=["score"]), "score", scale)
    rows, nan = [], float("nan")
    for goal, part in table.groupby("goal", sort=True):
        share = share_interval((table["goal"] == goal).to_numpy(dtype=float), cluster=table["customer_id"].to_numpy())
        told = known[known["goal"] == goal]
        measured = told[told["outcome_source"] != "text"]
        status = "measured" if len(measured) else "from text" if len(told) else "unknown"
        told = measured if len(measured) else told
        reached = share_interval(told["hit"].to_numpy(dtype=float), cluster=told["customer_id"].to_numpy())
        by = part["goal_source"].value_counts()
        row = {
            "goal": goal, "n": len(part), "customers": int(part["customer_id"].nunique()),
            "share": share.value, "low": share.low, "high": share.high,
            "reached": reached.value, "reached_low": reached.low, "reached_high": reached.high, "reached_n": int(reached.n),
            "reached_status": status,
            **lasted.get(str(goal), {}), "median_days": float(part["days"].median()),
            **given.get(str(goal), {"score": nan, "score_low": nan, "score_high": nan, "score_n": 0}),
        }  # fmt: skip
        rows.append(row | {f"by_{s}": int(by.get(s, 0)) for s in GOAL_SOURCES[:-1]})
    frame = pd.DataFrame(rows)
    last = (frame["goal"] == UNKNOWN_GOAL).astype(int)
    frame = frame.assign(last=last).sort_values(["last", "n", "goal"], ascending=[True, False, True], ignore_index=True)
    return frame.drop(columns="last")


def _means(table: pd.DataFrame, column: str, scale: tuple[float, float] | None = None) -> dict[str, dict[str, Any]]:
    """Return per goal the mean of a column, its interval and n, under the names they have in the summary."""
    found = grouped_mean(table, "goal", column, cluster="customer_id", scale=scale)
    found = found.rename(columns={"mean": column, **{end: f"{column}_{end}" for end in ("low", "high", "n")}})
    found = found[[column, f"{column}_low", f"{column}_high", f"{column}_n"]].astype({f"{column}_n": "int64"})
    return {str(goal): {str(k): v for k, v in row.items()} for goal, row in found.to_dict("index").items()}


def _motives(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    known = table[table["motive_source"] != "unknown"]
    for goal, part in known.groupby("goal", sort=True):
        for motive, k in part["motive"].value_counts().items():
            share = share_interval(
                (part["motive"] == motive).to_numpy(dtype=float), cluster=part["customer_id"].to_numpy()
            )
            rows.append((goal, motive, share.value, share.low, share.high, int(k), len(part)))
    frame = pd.DataFrame(rows, columns=["goal", "motive", "share", "low", "high", "k", "n"])
    return frame.sort_values(["goal", "k", "motive"], ascending=[True, False, True], kind="stable", ignore_index=True)
