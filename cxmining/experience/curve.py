"""The emotional journey as three lines: what customers scored, what they wrote, and what they had expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience.curve_lines import (
    EXPECTED,
    Labels,
    events_along,
    group_labels,
    labels_of,
    stages_of,
    values_along,
)
from cxmining.experience.curve_shape import LINES, group_shape, line_means, shapes_of
from cxmining.i18n import EMOTION_LABELS, counted
from cxmining.journeys.rows import records_of
from cxmining.repr_html import repr_html
from cxmining.stats import benjamini_hochberg

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience
    from cxmining.experience.goals import Goals
    from cxmining.journeys.grouping.personas import Personas

__all__ = ["EmotionalCurve", "emotional_curve", "make_curve"]

BY: Final = ("stage", "position", "touchpoint")


@dataclass(frozen=True, eq=False)
class EmotionalCurve:
    """Score, emotion and gap along the journey, each with its own n.

    Attributes
    ----------
    points : DataFrame
        Per ``group``, ``line`` (score, emotion, gap) and ``place``: ``mean`` with ``low``, ``high`` (95%, by
        customer), ``n`` (scores, texts or gaps) and ``customers``. Higher is better on every line.
    emotions : DataFrame
        The same per kind of emotion (joy, satisfaction, surprise, frustration, confusion, worry, anger) as ``line``: the
        share of texts that name it, of ``n`` in a language that has a list; ``named``: how many customers did.
    expected : DataFrame
        The same for what was expected, on the scale of the score, where the gap is known.
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
    moments : DataFrame
        ``wow_n`` and ``pain_n`` per touchpoint, where touchpoints stand along the axis and there is one group.
    stages : mapping
        Touchpoint → stage, where touchpoints stand along the axis.
    labels : mapping
        Place or group → language → what it is called.
    """

    points: pd.DataFrame
    emotions: pd.DataFrame
    expected: pd.DataFrame
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
    moments: pd.DataFrame
    stages: Mapping[str, str]
    labels: Labels

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
        values = self.values[self.values["group"].isin([a, b]) & self.values["line"].isin(LINES)]
        values = values.sort_values("customer", kind="stable")
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

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the three lines one under the other, with intervals and n at each point, and the emotions below."""
        from cxmining.experience.curve_picture import curve_picture

        return curve_picture(self, language).figure()

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
        return repr_html(self.points, self.shape, head=self._head(), said=[*self.chain, *self.notes])


_WORDS: Final = {"score": "scores", "emotion": "texts", "gap": "gaps to expectation"}


def emotional_curve(
    lived: Experience,
    by: Literal["stage", "position", "touchpoint"] = "stage",
    group: str | Sequence[Any] | Mapping[str, Any] | pd.Series | Personas | Goals | None = None,
    *,
    segment: str | None = None,
) -> EmotionalCurve:
    """Draw how customers felt along their journeys: three lines, not one.

    *Score* is what they gave the touchpoint, *emotion* the sentiment (−1 to 1) of what they wrote themselves (inbound
    texts, and comments in questionnaires about one event; one without a feeling word is unknown, not neutral), *gap* the
    score less what the customer expected. Each stands at the event it is about. Not the same customers at each point.

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
    group : str, sequence, mapping, Series, Personas or Goals, optional
        What makes groups: an attribute of customers such as ``"segment"``, a column of events, ``"month"``, ``"score"``
        … (see :func:`cxmining.journeys.comparing.sides.split_by`); ``"persona"``, or what `cx.find_personas` returns; ``"goal"``,
        or what `cx.find_goals` returns (journeys of unknown goal are in no group); labels by id of journey or
        customer; or one label per journey, in the order of the table.
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
    StudyError
        When `group` names none of these journeys or customers, or hardly repeats.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> lived = small_example()
    >>> curve = emotional_curve(lived, "touchpoint")
    >>> curve.points[["line", "place", "mean", "n"]].round(2).values.tolist()
    [['score', 'asks about the bill', 7.32, 60], ['emotion', 'asks about the bill', -0.36, 100], ['gap', 'asks about the bill', -0.18, 60]]
    >>> emotional_curve(lived, "stage", "segment").compare()[["line", "difference", "n_a", "n_b"]].round(2).values.tolist()
    [['score', -0.03, 30, 30], ['emotion', 0.0, 50, 50], ['gap', 0.97, 30, 30]]
    """
    return make_curve(lived, by, group, segment=segment)


def make_curve(
    lived: Experience, by: str, group: Any = None, *, segment: str | None = None, felt: pd.DataFrame | None = None
) -> EmotionalCurve:
    """Return `emotional_curve`; texts that were read before are not read again (`felt`, of `read_texts`)."""
    if by not in BY:
        raise UnknownNameError(f"by={by!r}: {nearest(by, BY)}")
    journeys = lived.journeys
    groups, called = group_labels(lived, group)
    events, places = events_along(journeys, by, groups, whole=group is None and lived.linked is None)
    values, scale, basis, notes = values_along(lived, events, segment, felt)
    if not len(values):
        raise NotEnoughDataError(
            f"none of {counted(len(events), 'event')} of these journeys was scored, and none has a text of the customer's "
            "own with a feeling word: there is no emotional journey to draw"
        )
    key = ["group", "line", "place"]
    points = line_means(values, key, scale)
    people = values.groupby(key)["customer"].nunique().reset_index(name="customers")
    points = points.merge(people, on=key, how="left")
    named = values[(values["value"] > 0) & values["line"].isin(EMOTION_LABELS)].groupby(key)["customer"].nunique()
    points["named"] = pd.MultiIndex.from_frame(points[key]).map(named.to_dict()).fillna(0).astype("int64")
    lines, beside = points["line"].isin(LINES), points["line"] == EXPECTED
    there = set(points["place"])
    places = [p for p in places if p in there]
    shapes = shapes_of(values[values["line"].isin(LINES) & (values["journey"] >= 0)], (scale[0] + scale[1]) / 2)
    moments = (
        lived.touchpoints[["wow_n", "pain_n"]]
        if by == "touchpoint" and group is None
        else lived.touchpoints.iloc[:0, :0]
    )
    return EmotionalCurve(
        points=_ordered(points[lines].drop(columns="named"), places), emotions=_ordered(points[~lines & ~beside], places),
        expected=_ordered(points[beside].drop(columns="named"), places), journeys=shapes, shape=group_shape(shapes, scale), places=tuple(places),
        by=by, metric=lived.metric or "", notion=str(journeys.notion), scale=scale, basis=basis,
        chain=journeys.chain, notes=tuple(notes), values=values, moments=moments, stages=stages_of(journeys, by),
        labels={**labels_of(journeys, by, places), **called},
    )  # fmt: skip


def _ordered(table: pd.DataFrame, places: Sequence[str]) -> pd.DataFrame:
    """Sort by group, line and place, as they are drawn."""
    rank = table.assign(
        _line=table["line"].map({line: i for i, line in enumerate((*LINES, EXPECTED, *EMOTION_LABELS))}),
        _place=table["place"].map({place: i for i, place in enumerate(places)}),
    )
    by = [c for c in ("group", "_line", "_place") if c in rank]
    return rank.sort_values(by, kind="stable", ignore_index=True).drop(columns=["_line", "_place"])
