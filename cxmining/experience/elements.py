"""The eight elements of customer experience as a lane: how each touchpoint and stage does on them, and who says so.

Support, quality, help, knowledge, competence, advice, dedication, satisfaction. Items that were asked come first, then
what customers wrote; the two are shown apart and never averaged. The catalogue says at which touchpoints an element is
meant to be found: that is a claim and no score, so an element that is meant and of which nobody speaks is *unknown*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience.aspects import about, items_about
from cxmining.experience.perceptions import STATUS, level_rows, spoken_of
from cxmining.experience.told import ends, told
from cxmining.i18n import ELEMENT_LABELS, EVIDENCE_LABELS, counted, number, percent, speaking, stage_label
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.schema import CONTACT, OVERALL, STAGES
from cxmining.text.marks import ELEMENTS

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["Elements", "measure_elements"]

say = speaking("words")
_METRICS: Final = ("perception", "csat", "rapportcijfer", "other")
_SATISFACTION: Final = ("csat", "rapportcijfer")
_EVIDENCE: Final = ("place", "element", "source", "unit", "level", "low", "high", "n", "customers", "words")
_MOST: Final = 20


@dataclass(frozen=True, eq=False)
class Elements:
    """The eight elements per touchpoint and per stage.

    Attributes
    ----------
    touchpoints, stages : DataFrame
        One row per ``touchpoint`` (``stage``) and ``element``: ``status`` (measured, from text, unknown), ``level`` (0
        worst to 1 best) with ``low``, ``high`` (95%, by customer), ``n``, ``source`` (item before text); ``text_level``
        and ``text_n``, what was written, also where items were asked; ``meant``: the catalogue says that it is about
        this element (of a stage: one of its touchpoints is).
    evidence : DataFrame
        Every witness by itself: ``by`` (touchpoint, stage), ``place``, ``element``, ``source`` (item, text), ``level``,
        ``low``, ``high``, ``n``, ``customers``, ``words`` (those that made it, or the questions).
    notion : str
    chain, notes : tuple of str
    """

    touchpoints: pd.DataFrame
    stages: pd.DataFrame
    evidence: pd.DataFrame
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def summary(self) -> pd.DataFrame:
        """The touchpoints."""
        return self.touchpoints

    def lane(self, by: Literal["touchpoint", "stage"] = "touchpoint") -> pd.DataFrame:
        """Return the levels as a lane: a row per element, a column per touchpoint or stage; missing where unknown.

        Raises
        ------
        UnknownNameError
            When `by` is neither.
        """
        if by not in ("touchpoint", "stage"):
            raise UnknownNameError(f"by={by!r}: {nearest(by, ('touchpoint', 'stage'))}")
        table = self.touchpoints if by == "touchpoint" else self.stages
        order = [s for s in STAGES if s in set(table[by])] if by == "stage" else sorted(table[by].unique())
        wide = table.pivot(index="element", columns=by, values="level").reindex(index=list(ELEMENTS), columns=order)
        wide.columns.name = None
        return wide

    def figure(self, by: Literal["touchpoint", "stage"] = "stage", language: str = "en") -> go.Figure:
        """Draw each element's level per stage or touchpoint, with intervals.

        Parameters
        ----------
        by : {"touchpoint", "stage"}, default "stage"
            Of touchpoints those of which most is told.
        language : {"en", "nl"}, default "en"

        Raises
        ------
        NotEnoughDataError
            When nobody was asked about an element or wrote of one.
        """
        from cxmining.experience.dots import Series, dots_picture, foot_of
        from cxmining.figures import palette

        lane = self.lane(by)
        table = self.touchpoints if by == "touchpoint" else self.stages
        told = table[table["level"].notna()]
        if not len(told):
            raise NotEnoughDataError(
                "nobody was asked about one of the eight elements, or wrote of one: nothing to draw"
            )
        counts = told.groupby(by)["n"].sum().sort_values(ascending=False, kind="stable")
        places = [p for p in lane.columns if p in set(counts.index[: len(palette.DOTS)])]
        elements = [e for e in ELEMENTS if e in set(told["element"])]
        series = []
        for i, place in enumerate(places):
            part = told[told[by] == place].set_index("element").reindex(elements)
            named = stage_label(place, language) if by == "stage" else str(place)
            hover = [
                f"{named}, {ELEMENT_LABELS[e][language]}: {percent(v, language)}, n = {number(0 if n != n else n, language)}, "
                + (EVIDENCE_LABELS[s][language] if s in EVIDENCE_LABELS else "")
                for e, v, n, s in zip(elements, part["level"], part["n"].astype(float), part["status"], strict=True)
            ]
            value, low, high = (part[c].tolist() for c in ("level", "low", "high"))
            series.append(Series(named, palette.DOTS[i], "circle", value, low, high, hover))
        sums = told.groupby("element")["n"].sum()
        return dots_picture(
            say("elements_title", language), told, [ELEMENT_LABELS[e][language] for e in elements], series,
            say("level", language), [f"n = {number(int(sums[e]), language)}" for e in elements],
            foot_of(self.notion, self.chain, say("elements_foot", language), language=language),
        ).figure()  # fmt: skip

    def _head(self) -> str:
        counts = self.touchpoints["status"].value_counts()
        said = ", ".join(f"{counts.get(s, 0):,} {s}" for s in STATUS)
        return f"Elements({counted(self.touchpoints['touchpoint'].nunique(), 'touchpoint')}: {said}; {self.notion})"

    def __repr__(self) -> str:
        most = (
            self.touchpoints[self.touchpoints["level"].notna()].sort_values("n", ascending=False, kind="stable").head(8)
        )
        lines = [
            f"{r.touchpoint}, {r.element}: {r.level:.0%} {ends(r.low, r.high, '.0%')} n={r.n:,}, {r.status}"
            for r in rows_of(most)
        ]
        return told(self._head(), lines, self.chain, self.notes)

    def _repr_html_(self) -> str:
        tables = (self.lane("touchpoint"), self.lane("stage"), self.evidence)
        return repr_html(*tables, head=self._head(), said=[*self.chain, *self.notes])


def measure_elements(lived: Experience) -> Elements:
    """Score the eight elements of customer experience per touchpoint and stage.

    Parameters
    ----------
    lived : Experience

    Returns
    -------
    Elements
        *Items* are those the study says are about an element (``elements``), or whose question speaks of one; a CSAT or
        rapportcijfer of a touchpoint that is about nothing else is its *satisfaction*. *Text* is what customers wrote,
        by words for and against each element.

    Examples
    --------
    >>> from cxmining.experience import measure_experience
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {
    ...     "event_id": ["e1", "e2"], "customer_id": ["a", "b"], "timestamp": ["2025-01-01T10:00Z", "2025-01-02T10:00Z"],
    ...     "channel": "mail", "touchpoint": "asks", "direction": "inbound", "source": "mail", "seq": [1, 2],
    ...     "text": ["Heel deskundig", "slecht advies"]})
    >>> found = measure_elements(measure_experience(build_journeys(Dataset(events))))
    >>> found.lane()["asks"].dropna().to_dict()
    {'competence': 1.0, 'advice': 0.0}
    """
    journeys = lived.journeys
    answered = pd.concat([items_about(lived, "element", _METRICS), _satisfaction(lived)], ignore_index=True)
    answered = answered.drop_duplicates(["response_id", "item", "aspect"])
    said, notes = spoken_of(lived, "elements")
    parts = []
    for by in ("touchpoint", "stage"):
        own = answered if by == "touchpoint" else answered[answered["stage"].isin(STAGES)]
        wrote = said if by == "touchpoint" else said[said["stage"].isin(STAGES)]
        rows: list[tuple[Any, ...]] = [*level_rows(own, by, "item"), *level_rows(wrote, by, "text")]
        part = pd.DataFrame(rows, columns=list(_EVIDENCE)).drop(columns="unit")
        part.insert(0, "by", by)
        parts.append(part)
    evidence = pd.concat(parts, ignore_index=True).astype({"n": "int64", "customers": "int64"})
    met = {str(t) for t in journeys.events["touchpoint"].unique()}
    known = journeys.data.catalogue
    meant = {
        (t, a)
        for t, e in zip(known["touchpoint"], known["elements"], strict=True)
        if isinstance(e, str)
        for a in about("element", e, "")
    }
    of_stage = {(s, a) for t, s in zip(known["touchpoint"], known["stage"], strict=True) for m, a in meant if m == t}
    staged = [
        s for s in STAGES if s in set(journeys.events["stage"]) | set(evidence.loc[evidence["by"] == "stage", "place"])
    ]
    return Elements(
        touchpoints=_lane(evidence, "touchpoint", sorted(met | set(evidence.loc[evidence["by"] == "touchpoint", "place"])), meant),
        stages=_lane(evidence, "stage", staged, of_stage),
        evidence=evidence, notion=str(journeys.notion), chain=journeys.chain, notes=notes,
    )  # fmt: skip


def _satisfaction(lived: Experience) -> pd.DataFrame:
    """Return the scores of touchpoints that are about nothing in particular: how satisfied customers were there."""
    found = items_about(lived, "element", _SATISFACTION, default="satisfaction")
    return found[(found["aspect"] == "satisfaction") & ~found["touchpoint"].isin([OVERALL, CONTACT])]


def _lane(evidence: pd.DataFrame, by: str, places: list[str], meant: set[tuple[Any, str]]) -> pd.DataFrame:
    out = pd.MultiIndex.from_product([places, ELEMENTS], names=[by, "element"]).to_frame(index=False)
    keys = pd.MultiIndex.from_frame(out)
    own = evidence[evidence["by"] == by]
    item, text = (own[own["source"] == s].set_index(["place", "element"]).reindex(keys) for s in ("item", "text"))
    asked, wrote = item["level"].notna().to_numpy(), text["level"].notna().to_numpy()
    out["status"] = np.where(asked, STATUS[0], np.where(wrote, STATUS[1], STATUS[2]))
    for column in ("level", "low", "high"):
        out[column] = np.where(asked, item[column].to_numpy(dtype=float), text[column].to_numpy(dtype=float))
    counts = np.where(asked, item["n"].to_numpy(dtype=float), text["n"].to_numpy(dtype=float))
    out["n"] = np.nan_to_num(counts).astype(np.int64)
    out["source"] = pd.Series(np.where(asked, "item", "text"), index=out.index).where(asked | wrote).astype("str")
    out["text_level"] = text["level"].to_numpy(dtype=float)
    out["text_n"] = np.nan_to_num(text["n"].to_numpy(dtype=float)).astype(np.int64)
    out["meant"] = [pair in meant for pair in zip(out[by], out["element"], strict=True)]
    return out
