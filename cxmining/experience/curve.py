"""The emotional journey as three lines: what customers scored, what they wrote, and what they had expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience.curve_shape import LINES, group_shape, shapes_of
from cxmining.experience.expectation import ASKED, ESTIMATED, gather_expectations
from cxmining.i18n import counted
from cxmining.journeys.rows import records_of
from cxmining.schema import STAGES
from cxmining.stats import benjamini_hochberg, grouped_mean

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = ["EmotionalCurve", "emotional_curve"]

ALL: Final = "all journeys"
_BY: Final = ("stage", "position", "touchpoint")
_LAST: Final = 10


@dataclass(frozen=True, eq=False)
class EmotionalCurve:
    """Score, emotion and gap along the journey, each with its own n.

    Attributes
    ----------
    points : DataFrame
        Per ``group``, ``line`` (score, emotion, gap) and ``place``: ``mean`` with ``low``, ``high`` (95%, by
        customer), ``n`` (scores, texts or gaps) and ``customers``. Higher is better on every line.
    journeys : DataFrame
        Per journey and line with a value: ``n``, ``peak``, ``end``, ``peak_end``, ``trend``, ``volatility``, as
        `emotional_curve` defines them.
    shape : DataFrame
        Their mean per ``group``, ``line`` and ``measure`` with ``low``, ``high`` (95%, by customer) and ``n`` (journeys).
    places : tuple of str
        In order.
    by, metric, notion : str
    scale : (float, float)
        Of the score.
    basis : str
        Whether expectations were asked or estimated; missing without any gap.
    chain, notes : tuple of str
    values : DataFrame
        One row per value of a line, for `compare`.
    """

    points: pd.DataFrame
    journeys: pd.DataFrame
    shape: pd.DataFrame
    places: tuple[str, ...]
    by: str
    metric: str
    notion: str
    scale: tuple[float, float]
    basis: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]
    values: pd.DataFrame

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups, alphabetically."""
        return tuple(sorted(self.points["group"].unique()))

    @property
    def summary(self) -> pd.DataFrame:
        """The points."""
        return self.points

    def compare(self, a: str | None = None, b: str | None = None) -> pd.DataFrame:
        """Return at each point how much more one group has than another.

        Parameters
        ----------
        a, b : str, optional
            Groups; default both, where there are two.

        Returns
        -------
        DataFrame
            Per ``line`` and ``place`` where both have a value: ``a``, ``b`` (means), ``difference`` with ``low``,
            ``high`` (95%; customers in both groups counted as one), ``p``, ``q`` (Benjamini-Hochberg over all points),
            ``n_a``, ``n_b``. Groups were not drawn by lot: a difference is associated with them.

        Raises
        ------
        UnknownNameError
            When a group is not there.
        NotEnoughDataError
            When there are not two groups, or they share no point.
        """
        from cxmining.discovery.effects import Clusters

        there = self.groups
        if len(there) < 2:
            raise NotEnoughDataError("there is one group only; draw the curve with group=, for example group='segment'")
        if a is None or b is None:
            if len(there) > 2 or a is not b:
                raise UnknownNameError(f"name two of the groups to compare; {nearest(str(a or b), there)}")
            a, b = there
        for name in (a, b):
            if name not in there:
                raise UnknownNameError(f"no group {name!r}; {nearest(name, there)}")
        rows = []
        values = self.values[self.values["group"].isin([a, b])].sort_values("customer", kind="stable")
        for (line, place), part in values.groupby(["line", "place"], sort=True, observed=True):
            inside = (part["group"] == a).to_numpy()
            if a == b or inside.all() or not inside.any():
                continue
            x = part["value"].to_numpy(dtype=float)
            d = Clusters.of(part["customer"].to_numpy()).difference(x, inside, ~inside)
            rows.append(
                (line, place, x[inside].mean(), x[~inside].mean(), d.mean, d.low, d.high, d.p, d.n, d.n_against)
            )
        if not rows:
            raise NotEnoughDataError(f"groups {a!r} and {b!r} have no point in common")
        found = pd.DataFrame(rows, columns=["line", "place", "a", "b", "difference", "low", "high", "p", "n_a", "n_b"])
        found.insert(8, "q", benjamini_hochberg(found["p"].to_numpy(dtype=float)))
        return _ordered(found, self.places)

    def figure(self) -> go.Figure:
        """Draw the three lines one under the other, with intervals and n at each point."""
        from cxmining.experience.curve_picture import curve_picture

        return curve_picture(self).figure()

    def _head(self) -> str:
        n = self.points.groupby("line")["n"].sum()
        said = ", ".join(f"{int(n[line]):,} {word}" for line, word in _WORDS.items() if line in n)
        return f"EmotionalCurve(by {self.by}: {said}; {counted(len(self.groups), 'group')}; {self.notion})"

    def __repr__(self) -> str:
        shapes = [
            f"{r['group']}, {r['line']}: {r['measure']} {r['mean']:.2f} [{r['low']:.2f}, {r['high']:.2f}], "
            f"n = {counted(r['n'], 'journey')}"
            for r in records_of(self.shape[self.shape["measure"].isin(["peak", "end", "trend"])])
        ]
        said = [*(f"filter: {s}" for s in self.chain), *(f"note: {note}" for note in self.notes)]
        return "\n".join([self._head(), *(f"  {line}" for line in [*shapes, *said])])

    def _repr_html_(self) -> str:
        tables = "".join(
            t.to_html(index=False, escape=True, border=0, float_format=lambda v: f"{v:.2f}")
            for t in (self.points, self.shape)
        )
        said = "".join(f"<p>{escape(line)}</p>" for line in [*self.chain, *self.notes])
        return f"<p>{escape(self._head())}</p>{tables}{said}"


_WORDS: Final = {"score": "scores", "emotion": "texts", "gap": "gaps to expectation"}


def emotional_curve(
    lived: Experience,
    by: Literal["stage", "position", "touchpoint"] = "stage",
    group: str | Sequence[Any] | None = None,
    *,
    segment: str | None = None,
) -> EmotionalCurve:
    """Draw how customers felt along their journeys: three lines, not one.

    *Score* is what they gave the touchpoint, *emotion* the sentiment (−1 to 1) of what they wrote themselves (inbound
    texts only; one without a feeling word is unknown, not neutral), *gap* the score less what the customer expected.
    Each stands at the event it is about. What is asked is not the same customers at each point.

    Per journey and line (of the values in order of the events): *peak* is the most intense one, furthest from the
    middle of the scale (0 for emotion and gap; the later of two as far); *end* the last; *peak_end* the mean of the
    two, by which episodes are remembered (Fredrickson & Kahneman 1993, JPSP 65); *trend* the least-squares slope per step
    of the journey (two values or more, at different steps); *volatility* the mean distance of each value to the next.

    Parameters
    ----------
    lived : Experience
        Already filtered, for a subgroup.
    by : {"stage", "position", "touchpoint"}, default "stage"
        What stands along the axis; positions from the tenth on stand together.
    group : str or sequence, optional
        What makes groups: an attribute of customers such as ``"segment"``, a column of events, ``"month"``, ``"score"``
        … (see :func:`cxmining.journeys.comparing.sides.split_by`), or one label per journey, as personas have.
    segment : str, optional
        Attribute for estimated expectations (see :func:`~cxmining.experience.moments.find_moments`).

    Returns
    -------
    EmotionalCurve

    Raises
    ------
    NotEnoughDataError
        When no event of a journey was scored or has a text with a feeling word.
    UnknownNameError
        When `by` or `group` is not there.
    """
    if by not in _BY:
        raise UnknownNameError(f"by={by!r}: {nearest(by, _BY)}")
    journeys = lived.journeys
    events, places = _events(journeys, by, _labels(lived, group))
    values, scale, basis, notes = _values(lived, events, segment)
    if not len(values):
        raise NotEnoughDataError(
            f"none of {counted(len(events), 'event')} of these journeys was scored, and none has a text of the customer's "
            "own with a feeling word: there is no emotional journey to draw"
        )
    points = grouped_mean(values, ["group", "line", "place"], "value", cluster="customer").reset_index()
    people = values.groupby(["group", "line", "place"])["customer"].nunique().reset_index(name="customers")
    points = _ordered(points.merge(people, on=["group", "line", "place"], how="left"), places)
    there = set(points["place"])
    shapes = shapes_of(values, (scale[0] + scale[1]) / 2)
    return EmotionalCurve(
        points=points, journeys=shapes, shape=group_shape(shapes), places=tuple(p for p in places if p in there),
        by=by, metric=lived.metric or "", notion=str(journeys.notion), scale=scale, basis=basis,
        chain=journeys.chain, notes=tuple(notes), values=values,
    )  # fmt: skip


def _ordered(table: pd.DataFrame, places: Sequence[str]) -> pd.DataFrame:
    """Sort by group, line and place, as they are drawn."""
    rank = table.assign(
        _line=table["line"].map({line: i for i, line in enumerate(LINES)}),
        _place=table["place"].map({place: i for i, place in enumerate(places)}),
    )
    by = [c for c in ("group", "_line", "_place") if c in rank]
    return rank.sort_values(by, kind="stable", ignore_index=True).drop(columns=["_line", "_place"])


def _labels(lived: Experience, group: str | Sequence[Any] | None) -> pd.Series:
    """Return the group of each journey, in the order of the table; missing where it is in none."""
    from cxmining.journeys import journeys_of
    from cxmining.journeys.comparing.sides import split_by

    ids = lived.journeys.table["journey_id"]
    if group is None:
        return pd.Series(ALL, index=ids.index, dtype="object")
    labels = pd.Series(None, index=ids.index, dtype="object")
    for name, part in split_by(lived, group).items():
        labels[ids.isin(journeys_of(part).table["journey_id"]).to_numpy()] = name
    return labels


def _events(journeys: Journeys, by: str, labels: pd.Series) -> tuple[pd.DataFrame, list[str]]:
    """Return the events of journeys in a group, with their place, and the places in order."""
    events = journeys.events
    step = events["position"].to_numpy()
    if by == "position":
        names = [*(str(i) for i in range(1, _LAST)), f"{_LAST}+"]
        place = np.array(names, dtype=object)[np.minimum(step, _LAST - 1)]
    else:
        place = events[by].astype("object").to_numpy()
        names = [*STAGES, "unknown"] if by == "stage" else _in_order(journeys)
    frame = pd.DataFrame(
        {
            "event_id": events["event_id"].array,
            "journey": journeys.log.journey,
            "journey_id": events["journey_id"].array,
            "customer": pd.factorize(events["customer_id"])[0],
            "step": step,
            "place": place,
            "group": labels.to_numpy(dtype=object)[journeys.log.journey],
            "direction": events["direction"].array,
            "text": events["text"].array,
        }
    )
    return frame[frame["group"].notna()].reset_index(drop=True), names


def _in_order(journeys: Journeys) -> list[str]:
    """Touchpoints by stage, then by where in the journey they usually stand."""
    table = journeys.touchpoints[["touchpoint", "stage"]]
    usual = pd.Series(journeys.log.position).groupby(journeys.events["touchpoint"].to_numpy()).mean()
    rank = {s: i for i, s in enumerate([*STAGES, "unknown"])}
    table = table.assign(rank=table["stage"].map(rank), usual=table["touchpoint"].map(usual))
    return [str(t) for t in table.sort_values(["rank", "usual", "touchpoint"], kind="stable")["touchpoint"]]


def _values(
    lived: Experience, events: pd.DataFrame, segment: str | None
) -> tuple[pd.DataFrame, tuple[float, float], str, list[str]]:
    """Return one row per value of a line: group, line, place, journey, customer, step, value."""
    notes: list[str] = []
    parts = []
    scale, basis = (float("nan"), float("nan")), ""
    columns = ["group", "place", "journey", "journey_id", "customer", "step"]
    if lived.metric is None:
        notes.append("no touchpoint was scored: there is no line of scores or gaps")
    else:
        found = gather_expectations(lived, segment=segment)
        notes += found.notes
        scale = found.scale
        scored = found.pairs.dropna(subset="event_id").drop_duplicates("event_id", keep="last")
        rows = events.merge(scored[["event_id", "score", "gap", "expectation"]], on="event_id", how="inner")
        if out := len(found.pairs) - len(rows):
            notes.append(f"{counted(out, 'score')} about an event that is in none of these journeys: in no line")
        asked = (rows["expectation"] == ASKED).any()
        basis = ASKED if asked else ESTIMATED if rows["expectation"].notna().any() else ""
        parts.append(rows[columns].assign(line="score", value=rows["score"]))
        gaps = rows[rows["expectation"] == basis]
        parts.append(gaps[columns].assign(line="gap", value=gaps["gap"]))
        if basis == ESTIMATED:
            notes.append("expectations were not asked: the gap is to an estimate from earlier scores")
        elif asked and (rows["expectation"] == ESTIMATED).any():
            notes.append("the gap holds asked expectations only")
    written = events[(events["direction"] == "inbound").fillna(False) & events["text"].notna()]
    if len(written):
        from cxmining.text import score_sentiment

        felt = score_sentiment(written["text"])
        value = felt["score"].where(felt["n_words_known"] > 0)
        parts.append(written[columns].assign(line="emotion", value=value))
    else:
        notes.append("no text of the customers' own: there is no line of emotion")
    values = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*columns, "line", "value"])
    values["value"] = values["value"].astype(float)
    values = values.dropna(subset="value").sort_values(["line", "journey", "step"], kind="stable", ignore_index=True)
    return values, scale, basis, notes
