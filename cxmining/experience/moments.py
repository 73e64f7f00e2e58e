"""WOW and pain: where one customer's experience parts from what that customer expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.afterwards import share_difference, times_of
from cxmining.experience.erosion import follow_expectations
from cxmining.experience.expectation import ASKED, ESTIMATED, Expectations, gather_expectations
from cxmining.experience.measures import scaled_threshold
from cxmining.i18n import counted, metric_label, number, signed, speaking, translate
from cxmining.repr_html import repr_html
from cxmining.stats import grouped_mean, wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["EXPECTED_PAIN", "PAIN", "WOW", "Moments", "find_moments"]

say = speaking("experience")
WOW: Final = "wow"
PAIN: Final = "pain"
EXPECTED_PAIN: Final = "expected pain"
_KINDS: Final = (WOW, PAIN, EXPECTED_PAIN)
_ROUNDING: Final = 1e-9
_MOST: Final = 24


@dataclass(frozen=True, eq=False)
class Moments:
    """Experience against expectation, per customer and touchpoint event.

    Attributes
    ----------
    moments : DataFrame
        One row per customer and touchpoint event with an expectation: the columns of
        :class:`~cxmining.experience.expectation.Expectations`, and ``moment`` (wow, pain, expected pain; missing
        where it was about as expected). ``expectation`` says whether it was asked or estimated.
    summary : DataFrame
        Per touchpoint and ``expectation`` (asked and estimated apart): ``n`` (events), ``customers``, ``gap`` with
        ``gap_low`` and ``gap_high`` (95%, by customer), and for each kind its number of moments and the share of
        customers who had one with its 95% interval (Wilson).
    recommendation : DataFrame
        Share of promoters among customers with a moment who gave an NPS answer from then on, against that of
        customers who had an expectation and no such moment, per kind of survey and expectation; ``answer`` says
        whether the NPS stood in the same questionnaire, where one mood colours both, or came later.
    erosion : DataFrame
        Trend of expectation and gap per touchpoint over months (see
        :func:`cxmining.experience.erosion.follow_expectations`).
    wow, pain : float
        Threshold in points of the scale.
    scale : (float, float)
    metric, notion : str
    chain, notes : tuple of str
    comments : Series of str
        What was written, not masked, by ``response_id``; for `quotes`.
    """

    moments: pd.DataFrame
    summary: pd.DataFrame
    recommendation: pd.DataFrame
    erosion: pd.DataFrame
    wow: float
    pain: float
    scale: tuple[float, float]
    metric: str
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]
    comments: pd.Series
    texts: Literal["none", "masked"] = "masked"
    """Whether the study lets customers' words be shown."""

    def of(self, kind: str) -> pd.DataFrame:
        """Return the moments of one kind: ``"wow"``, ``"pain"`` or ``"expected pain"``."""
        if kind not in _KINDS:
            raise UnknownNameError(f"kind={kind!r} is no kind of moment; {nearest(kind, _KINDS)}")
        return self.moments[self.moments["moment"] == kind].reset_index(drop=True)

    def quotes(self, kind: str = WOW, *, touchpoint: str | None = None, n: int = 5) -> pd.DataFrame:
        """Return what customers wrote in the questionnaires of some moments, masked.

        Masking lowers the risk that a quote names somebody and does not end it: quotes are for people who may see
        personal data, and stand in no other table of this result.

        Parameters
        ----------
        kind : {"wow", "pain", "expected pain"}
        touchpoint : str, optional
            Default: all.
        n : int, default 5
            At most; the largest gaps first.

        Returns
        -------
        DataFrame
            ``touchpoint``, ``expectation``, ``expected``, ``score``, ``quote``. Who said it is not among them.

        Raises
        ------
        StudyError
            When the study keeps texts to itself (``privacy.text = "none"``).
        NotEnoughDataError
            When none of these moments has a comment.
        """
        from cxmining.privacy import mask

        if self.texts == "none":
            raise StudyError(
                'quotes: the study shows no words of customers (privacy.text = "none"); say text = "masked" under [privacy] '
                "where masked quotes may be seen"
            )
        rows = self.of(kind)
        if touchpoint is not None:
            there = self.moments["touchpoint"].unique()
            if touchpoint not in there:
                raise UnknownNameError(
                    f"no expectation about a touchpoint {touchpoint!r}; {nearest(touchpoint, there)}"
                )
            rows = rows[rows["touchpoint"] == touchpoint]
        rows = rows.assign(quote=rows["response_id"].map(self.comments)).dropna(subset="quote")
        if not len(rows):
            raise NotEnoughDataError(
                f"none of these {kind} moments has a comment; name the survey's column of comments"
            )
        order = rows["gap"].abs().sort_values(ascending=False, kind="stable").index
        rows = rows.loc[order].drop_duplicates("response_id").head(n)
        masked, _ = mask(rows["quote"])
        columns = ["touchpoint", "expectation", "expected", "score"]
        return rows[columns].assign(quote=masked).reset_index(drop=True)

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the share of customers with a WOW and with a pain per touchpoint, with intervals.

        Only what was asked is drawn where anything was; estimated expectations are drawn where nothing was.
        """
        from cxmining.experience.dots import Series, dots_picture, foot_of
        from cxmining.figures import palette

        table = self.summary
        basis = ASKED if (table["expectation"] == ASKED).any() else ESTIMATED
        rows = table[table["expectation"] == basis].sort_values("customers", ascending=False, kind="stable").head(_MOST)
        rows = rows.sort_values(["pain_share", "touchpoint"], ascending=[False, True], kind="stable")
        series = []
        for kind, colour, symbol in (
            ("wow", palette.TEAL, "triangle-up"), ("pain", palette.RED, "triangle-down"), ("expected_pain", palette.AMBER, "square"),
        ):  # fmt: skip
            value, low, high = (rows[f"{kind}_share{end}"].tolist() for end in ("", "_low", "_high"))
            hover = [
                say("moments_events", language, touchpoint=t, k=number(k, language), n=number(n, language))
                for t, k, n in zip(rows["touchpoint"], rows[kind], rows["n"], strict=True)
            ]
            points = f"{self.wow if kind == 'wow' else self.pain:g}"
            name = say(f"moments_{kind}", language, points=points)
            series.append(Series(name, colour, symbol, value, low, high, hover))
        right = [
            say("moments_right", language, n=number(c, language), gap=signed(g, language, 2))
            for c, g in zip(rows["customers"], rows["gap"], strict=True)
        ]
        scale = f"{metric_label(self.metric, language)} {self.scale[0]:g}–{self.scale[1]:g}"
        foot = foot_of(
            self.notion, self.chain, say(f"moments_foot_{basis}", language, scale=scale),
            *(translate(note, language) for note in self.notes), language=language,
        )  # fmt: skip
        return dots_picture(
            say(f"moments_title_{basis}", language), rows, rows["touchpoint"].tolist(), series, say("moments_axis", language),
            right, foot,
        ).figure()  # fmt: skip

    def _head(self) -> str:
        counts = self.moments.groupby(["expectation", "moment"]).size()
        said = []
        for basis in (ASKED, ESTIMATED):
            n = int((self.moments["expectation"] == basis).sum())
            if n:
                each = ", ".join(f"{int(counts.get((basis, k), 0)):,} {k}" for k in _KINDS)
                said.append(f"{basis}: {each} of {n:,} events")
        points = f"{self.metric} {self.scale[0]:g}-{self.scale[1]:g}, WOW from {self.wow:+g}, pain from {-self.pain:+g}"
        return f"Moments({points}; {'; '.join(said)}; {self.notion})"

    def __repr__(self) -> str:
        said = [*(f"filter: {step}" for step in self.chain), *(f"note: {note}" for note in self.notes)]
        return "\n".join([self._head(), *(f"  {line}" for line in said)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=self._head(), said=[*self.chain, *self.notes])


def find_moments(
    lived: Experience, wow: float | None = None, pain: float | None = None, *, segment: str | None = None
) -> Moments:
    """Find WOW and pain moments: a customer's experience against what that customer expected.

    Where the questionnaire asked what was expected, that counts (*asked*). Where it did not, it is *estimated* from
    what was answered before: the touchpoint's level, the segment's, the customer's own, each shrunken to the one
    before it (see :mod:`cxmining.experience.expectation`). The two stand apart in every table.

    A WOW is a gap (score − expected) of at least `wow` scale points, a pain one of at least `pain` points down. Who
    expected less than the middle of the scale and got it has an *expected pain*: no gap, and still bad.

    Parameters
    ----------
    lived : Experience
    wow, pain : float, optional
        In points of the item's own scale. Default: that of `lived` (2), read on a 1-to-10 scale and scaled to the
        item's (7 → 9 of ten is 0.9 of a 1-to-5 scale), in whole points: 2 of 1-10 and of 0-10, 1 of 1-5 and of 1-7.
    segment : str, optional
        Attribute of customers for the estimate; default ``"segment"`` where there is one.

    Returns
    -------
    Moments

    Raises
    ------
    NotEnoughDataError
        When no touchpoint was scored, or nothing was expected: not asked, and too few earlier scores to estimate.
    StudyError
        When a threshold is not above 0.

    References
    ----------
    Oliver, R. L. (1980). A cognitive model of the antecedents and consequences of satisfaction decisions. Journal of
    Marketing Research 17(4).

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> lived = small_example()
    >>> find_moments(lived).summary[["touchpoint", "expectation", "n", "wow", "pain"]].values.tolist()
    [['asks about the bill', 'asked', 60, 8, 16]]
    """
    expectations = gather_expectations(lived, segment=segment)
    up, down = (_threshold(given, lived.wow, expectations.scale) for given in (wow, pain))
    pairs = expectations.pairs[expectations.pairs["expectation"].notna()].reset_index(drop=True)
    if not len(pairs):
        raise NotEnoughDataError(
            f"{counted(len(expectations.pairs), 'score')} of touchpoints, and no expectation: none was asked, and none "
            "has 5 earlier answers about its touchpoint to estimate one from; ask what was expected (metric expectation)"
        )
    pairs["moment"] = _kinds(pairs, up, down, expectations.scale)
    data = lived.journeys.data
    comments = data.responses.drop_duplicates("response_id").set_index("response_id")["comment"].dropna()
    return Moments(
        moments=pairs, summary=_summarise(pairs, expectations.scale), recommendation=_recommendation(lived, pairs),
        erosion=follow_expectations(pairs, data.time_zone), wow=up, pain=down, scale=expectations.scale,
        metric=expectations.metric, notion=str(lived.journeys.notion), chain=lived.journeys.chain,
        notes=_notes(expectations, pairs, wow is None or pain is None), comments=comments, texts=data.texts,
    )  # fmt: skip


def _threshold(given: float | None, usual: float, scale: tuple[float, float]) -> float:
    if given is None:
        return scaled_threshold(usual, scale)
    if not 0 < given <= scale[1] - scale[0]:
        raise StudyError(f"a threshold of {given!r} on a scale of {scale[0]:g} to {scale[1]:g}: give points above 0")
    return float(given)


def _kinds(pairs: pd.DataFrame, wow: float, pain: float, scale: tuple[float, float]) -> pd.Series:
    middle = (scale[0] + scale[1]) / 2
    gap = pairs["gap"].to_numpy(dtype=float)
    bad = (pairs["score"] < middle).to_numpy() & (pairs["expected"] < middle).to_numpy()
    kinds = np.select([gap >= wow - _ROUNDING, gap <= -pain + _ROUNDING, bad], list(_KINDS), default="")
    return pd.Series(kinds, index=pairs.index, dtype="str").mask(kinds == "")


def _notes(found: Expectations, pairs: pd.DataFrame, scaled: bool) -> tuple[str, ...]:
    notes = [*found.notes]
    low, high = found.scale
    if scaled and (low, high) != (1.0, 10.0):
        notes.append(f"thresholds are those of a 1-to-10 scale in points of {low:g} to {high:g}")
    if without := len(found.pairs) - len(pairs):
        notes.append(
            f"{counted(without, 'score')} without any expectation: not asked, nothing earlier to estimate it from"
        )
    if (pairs["expectation"] == ESTIMATED).any():
        error, n = found.error
        checked = (
            f"where it was asked too, the estimate is {error:.2f} points off on average (n = {n:,})"
            if n
            else "none was asked, so how far off the estimates are is not known"
        )
        notes.append(f"estimated expectations are no answers: {checked}; the intervals do not hold that error")
    return tuple(notes)


def _summarise(pairs: pd.DataFrame, scale: tuple[float, float]) -> pd.DataFrame:
    by = ["touchpoint", "expectation"]
    widest = scale[1] - scale[0]
    gap = grouped_mean(pairs, by, "gap", cluster="customer_id", scale=(-widest, widest))
    out = gap.rename(columns={"mean": "gap", "low": "gap_low", "high": "gap_high"})[["n", "gap", "gap_low", "gap_high"]]
    out.insert(1, "customers", pairs.groupby(by)["customer_id"].nunique().reindex(out.index).to_numpy())
    for kind in _KINDS:
        mine = pairs[pairs["moment"] == kind].groupby(by)["customer_id"].agg(["size", "nunique"])
        mine = mine.reindex(out.index, fill_value=0)
        share = wilson(mine["nunique"].to_numpy(), out["customers"].to_numpy())
        name = kind.replace(" ", "_")
        out[name] = mine["size"].to_numpy()
        out[f"{name}_share"], out[f"{name}_share_low"], out[f"{name}_share_high"] = share.value, share.low, share.high
    return out.reset_index()


def _recommendation(lived: Experience, pairs: pd.DataFrame) -> pd.DataFrame:
    """Compare promoters with and without a moment, a customer at a time: the first NPS answer from then on."""
    links = lived.links
    asked = links[links["matched"] & (links["metric"] == "nps") & links["customer_id"].notna()]
    asked = asked.drop_duplicates("response_id")[["response_id", "customer_id", "survey_kind", "score"]]
    asked = asked.assign(
        promoter=asked["score"].astype(float) >= 9, answered=times_of(lived.journeys.data, asked["response_id"])
    )
    asked = asked.sort_values(["answered", "response_id"], kind="stable")
    rows: list[dict[str, Any]] = []
    for basis, part in pairs.groupby("expectation", sort=True):
        for kind in (WOW, PAIN):
            first = _first(part, kind)
            for survey, scores in asked.groupby("survey_kind", sort=True):
                same = first.merge(
                    scores[["response_id", "customer_id", "promoter"]], on=["response_id", "customer_id"]
                )
                later = scores.merge(first[["customer_id", "had", "timestamp"]], on="customer_id")
                later = later[later["answered"] > later["timestamp"]].drop_duplicates("customer_id")
                rows += [
                    {"moment": kind, "expectation": basis, "survey_kind": survey, "answer": name, **_promoters(found)}
                    for name, found in (("same questionnaire", same), ("later", later)) if len(found)
                ]  # fmt: skip
    columns = ["moment", "expectation", "survey_kind", "answer", *_promoters(asked.head(0).assign(had=False))]
    return pd.DataFrame(rows, columns=columns)


def _first(part: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return each customer's first moment of this kind, or first event with an expectation when there was none."""
    ordered = part.assign(had=(part["moment"] == kind).to_numpy(dtype=bool), row=np.arange(len(part)))
    ordered = ordered.sort_values(["had", "row"], ascending=[False, True], kind="stable")
    return ordered.drop_duplicates("customer_id")[["customer_id", "response_id", "timestamp", "had"]]


def _promoters(found: pd.DataFrame) -> dict[str, Any]:
    had: npt.NDArray[np.bool_] = found["had"].to_numpy(dtype=bool)
    yes = found["promoter"].to_numpy(dtype=bool)
    k, n, rest, against = int(yes[had].sum()), int(had.sum()), int(yes[~had].sum()), int((~had).sum())
    with_, without = wilson(k, n), wilson(rest, against)
    value, low, high = share_difference(k, n, rest, against)
    return {
        "promoters": with_.value, "promoters_low": with_.low, "promoters_high": with_.high, "n": n,
        "against": without.value, "against_low": without.low, "against_high": without.high, "n_against": against,
        "difference": value, "low": low, "high": high,
    }  # fmt: skip
