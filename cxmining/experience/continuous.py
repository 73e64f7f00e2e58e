"""A measure month by month, with limits that tell noise from change.

Each point is judged by what chance makes of as many answers (Shewhart's p-chart for shares, its like for means), widened
by how much more the points vary than that (Laney 2002): with many answers chance alone is a hair's breadth, and every
month would be called a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.answered import FORMS, all_answers, choose_answers, moment_in
from cxmining.experience.limits import control_limits
from cxmining.experience.measures import SCORES
from cxmining.experience.wording import MEASURES, METRICS, RULES, say
from cxmining.i18n import counted, number, percent
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.stats import grouped_mean, wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["Track", "track"]

_EVERY: Final = {"M": "M", "month": "M", "W": "W-SUN", "week": "W-SUN", "Q": "Q", "quarter": "Q"}
_SHARES: Final = ("csat_top2", "response_rate")
SOON: Final = 8
"""Points from which limits are more than provisional (Montgomery 2013 asks for 20 to 25)."""


@dataclass(frozen=True, eq=False)
class Track:
    """A measure by period with its control limits.

    Attributes
    ----------
    points : DataFrame
        One row per period: ``start`` (its first day), ``value`` with 95% interval ``low`` to ``high`` (by customer;
        Wilson for shares), ``n``, ``phase`` (from 0), ``centre``, ``lower``, ``upper`` (three SD), ``z`` (how many SD
        off the centre), ``signal`` (which rules it breaks, "; "-joined; empty for none) and ``open`` (the data end
        before the period does). A period without answers has n = 0 and no value.
    metric : str
    survey : str or None
    every : {"M", "W", "Q"}
    chart : {"laney", "p", "xmr"}
    zone : str
    notes, chain : tuple of str
    """

    points: pd.DataFrame
    metric: str
    survey: str | None
    every: str
    chart: str
    zone: str
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """The points."""
        return self.points

    @property
    def name(self) -> dict[str, str]:
        """What is followed, per language."""
        return METRICS.get(self.metric) or MEASURES[self.metric]

    def written(self, value: float, language: str) -> str:
        """Write a value as its measure is written."""
        if self.metric in _SHARES:
            return percent(value, language, 1)
        return number(value, language, 1 if self.metric == "nps" else 2)

    def say(self, language: str = "en") -> list[str]:
        """Return in sentences which periods are told apart from noise, in ``"en"`` or ``"nl"``."""
        found = self.points[self.points["signal"] != ""]
        if not len(found):
            return [say("track_quiet", language, period=say(self.every, language))]
        return [
            say(
                "track_signal", language, start=f"{r.start:%Y-%m-%d}", value=self.written(r.value, language),
                rules="; ".join(RULES[s][language] for s in r.signal.split("; ")),
            )
            for r in rows_of(found)
        ]  # fmt: skip

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the points, their intervals and the limits."""
        from cxmining.experience.charts import track_picture

        return track_picture(self, language).figure()

    def __repr__(self) -> str:
        shown = self.points[["start", "value", "low", "high", "n", "lower", "upper", "signal"]]
        survey = f", {self.survey} surveys" if self.survey else ""
        head = f"Track({self.name['en']}{survey} by {say(self.every, 'en')} in {self.zone}, {self.chart} chart)"
        table = shown.to_string(index=False, float_format=lambda v: f"{v:.3g}")
        return "\n".join([head, table, *(f"  {line}" for line in [*self.say(), *self.notes, *self.chain])])

    def _repr_html_(self) -> str:
        return repr_html(self.points, said=[*self.say(), *self.notes, *self.chain])


def track(
    lived: Experience,
    metric: str | None = None,
    every: str = "M",
    *,
    survey: str | None = None,
    touchpoint: str | None = None,
    phases: Sequence[str] = (),
    chart: Literal["laney", "p", "xmr"] = "laney",
) -> Track:
    """Follow a measure by month, week or quarter, with limits that tell noise from change.

    Parameters
    ----------
    lived : Experience
    metric : str, optional
        ``"nps"``, ``"csat"``, ``"rapportcijfer"``, ``"ces"`` or ``"perception"`` (means; NPS in points),
        ``"csat_top2"`` (share of the two highest scores), ``"response_rate"`` (invitations that were answered, by when
        they were sent) or a measure of effort of :func:`measure_effort` (``"contacts"``, ``"wait_s"`` …; mean per
        journey, by when it began). Default the score with most answers.
    every : {"M", "W", "Q"}, default "M"
        Calendar months, weeks (from Monday) or quarters in the time zone of the study.
    survey : {"relationship", "journey", "transactional"}, optional
        Default the kind with most answers.
    touchpoint : str, optional
        Only answers about this touchpoint.
    phases : sequence of str
        Dates at which a new phase begins, such as that of an improvement: centre and limits are those of each phase.
        A period belongs to the phase that it begins in.
    chart : {"laney", "p", "xmr"}, default "laney"
        Limits from chance and from how the points vary beyond it, never narrower than chance (``"laney"``); from
        chance alone (``"p"``); or from the moving range alone, whatever n (``"xmr"``).

    Returns
    -------
    Track
        Signals are those of Western Electric (1956): one point beyond 3 SD, 2 of 3 beyond 2 SD on one side, 4 of 5
        beyond 1 SD on one side, 8 in a row on one side. On points that only vary by chance they come up about once
        in 92 points. Counted within a phase.

    Raises
    ------
    NotEnoughDataError
        With fewer than three periods, or when all values are equal.
    UnknownNameError
        When the metric, the survey or the touchpoint is not there.

    References
    ----------
    Laney 2002, Improved control charts for attributes, Quality Engineering 14. Champ and Woodall 1987, Technometrics 29.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> lived = small_example()
    >>> track(lived, "csat").points[["value", "n", "signal"]].round(2).head(2).values.tolist()
    [[3.57, 7, ''], [3.67, 9, '']]
    >>> track(lived, "csat").say("nl")
    ['Geen maand is van ruis te onderscheiden: alles ligt binnen wat toeval maakt.']
    """
    if every not in _EVERY:
        raise StudyError(f"track: every={every!r} is unknown; {nearest(str(every), _EVERY)}")
    if chart not in ("laney", "p", "xmr"):
        raise StudyError(f"track: chart={chart!r} is unknown; {nearest(str(chart), ['laney', 'p', 'xmr'])}")
    known = [*SCORES, *_SHARES, *MEASURES]
    if metric is not None and metric not in known:
        raise UnknownNameError(f"track: metric {metric!r} is unknown; {nearest(metric, known)}")
    frame, metric, kind, notes, ends = _values(lived, metric, survey, touchpoint)
    if frame["value"].nunique() < 2:
        values = f"the only value of {metric} is" if len(frame) == 1 else f"all {len(frame):,} values of {metric} are"
        raise NotEnoughDataError(
            f"track: {values} {frame['value'].iloc[0]:g}: nothing varies, so there are no limits to draw"
        )
    data = lived.journeys.data
    points, spread = _points(frame, _EVERY[every], data.time_zone, metric in _SHARES)
    if metric == "nps":
        points[["low", "high"]] = points[["low", "high"]].clip(-100, 100)
    lasts = [data.events["timestamp"].max(), frame["timestamp"].max()]
    points["open"] = _open(points, max(e for e in lasts if pd.notna(e)), _EVERY[every], data.time_zone)
    points["phase"] = _phases(points["start"], phases, data.time_zone)
    points = control_limits(points, spread, chart, metric in _SHARES)
    points[["lower", "upper"]] = points[["lower", "upper"]].clip(*ends)
    letter = _EVERY[every][0]
    if points["open"].any():
        notes.append(f"the {say(letter, 'en')} of {points['start'].iloc[-1]:%Y-%m-%d} is not over: more may come in")
    short = points[points["n"] > 0].groupby("phase").size()
    if (short < SOON).any():
        notes.append(f"limits of fewer than {SOON} points are provisional")
    empty = int((points["n"] == 0).sum())
    if empty:
        notes.append(f"{counted(empty, say(letter, 'en'))} without any value")
    columns = ["start", "value", "low", "high", "n", "phase", "centre", "lower", "upper", "z", "signal", "open"]
    what = "invitations" if metric == "response_rate" else "journeys" if metric in MEASURES else "answers"
    chain = (f"n = {len(frame):,} {what}", f"case notion: {lived.journeys.notion}", *lived.journeys.chain, *(
        [f"answers about {touchpoint}"] if touchpoint else []))  # fmt: skip
    return Track(points[columns], metric, kind, letter, chart, data.time_zone, tuple(notes), chain)


def _values(
    lived: Experience, metric: str | None, survey: str | None, touchpoint: str | None
) -> tuple[pd.DataFrame, str, str | None, list[str], tuple[float, float]]:
    """Return one row per value (``timestamp``, ``customer_id``, ``value``), what it is, and its ends."""
    if touchpoint is not None and (metric == "response_rate" or metric in MEASURES):
        raise StudyError(f"track: {metric} is not about one touchpoint; leave touchpoint= out")
    if metric == "response_rate":
        return (*_asked(lived, survey), [], (0.0, 1.0))
    if metric in MEASURES:
        from cxmining.experience.effort import journey_effort

        table = journey_effort(lived.journeys).rename(columns={"start": "timestamp"})
        table = table.assign(value=table[metric].astype(float)).dropna(subset=["value"])
        if not len(table):
            raise NotEnoughDataError(f"track: the log does not show {metric}")
        note = "by when a journey began; what comes before the data begin or after they end is not seen"
        return table[["timestamp", "customer_id", "value"]], metric, None, [note], (0.0, np.inf)
    top = metric == "csat_top2"
    rows = all_answers(lived)
    forms: Sequence[str] = FORMS
    if touchpoint is not None:
        if touchpoint not in set(rows["touchpoint"]):
            raise UnknownNameError(
                f"track: nobody answered about touchpoint {touchpoint!r}; {nearest(touchpoint, sorted(set(rows['touchpoint'])))}"
            )
        rows, forms = rows[rows["touchpoint"] == touchpoint], FORMS[1:]
    answers = choose_answers(rows, "csat" if top else metric, survey, forms, "track")
    frame = answers.frame
    if top:
        frame = frame.assign(value=(frame["score"] >= answers.scale[1] - 1).astype(float))
    chosen = "csat_top2" if top else answers.metric
    return (
        frame[["timestamp", "customer_id", "value"]],
        chosen,
        answers.kind,
        list(answers.notes),
        (0.0, 1.0) if top else answers.scale,
    )


def _asked(lived: Experience, survey: str | None) -> tuple[pd.DataFrame, str, str | None]:
    """Whether each invitation was answered: by a response of its customer before the next invitation."""
    data = lived.journeys.data
    if lived.linked is not None:
        raise NotEnoughDataError("track: nobody is invited to pass a filter; follow the response rate of all journeys")
    kinds = data.responses.drop_duplicates("survey").set_index("survey")["survey_kind"]
    asked = data.invitations.assign(kind=data.invitations["survey"].map(kinds))
    if not len(asked):
        raise NotEnoughDataError("track: no invitations were read, so the response rate is not known")
    counts = asked["kind"].value_counts()
    kind = survey or (sorted(counts.index[counts == counts.iloc[0]])[0] if len(counts) else None)
    asked = asked[asked["kind"] == kind]
    if not len(asked):
        raise NotEnoughDataError(f"track: no invitation is to a {kind} survey; {nearest(str(kind), counts.index)}")
    asked = asked.sort_values(["invited_at", "invitation_id"], kind="stable")
    given = data.responses[data.responses["survey_kind"] == kind].sort_values(
        ["timestamp", "response_id"], kind="stable"
    )
    found = pd.merge_asof(
        given.dropna(subset=["customer_id"])[["timestamp", "customer_id", "survey"]],
        asked.dropna(subset=["customer_id"])[["invited_at", "customer_id", "survey", "invitation_id"]],
        left_on="timestamp", right_on="invited_at", by=["customer_id", "survey"],
    )  # fmt: skip
    value = asked["invitation_id"].isin(found["invitation_id"].dropna()).astype(float)
    frame = asked.assign(value=value).rename(columns={"invited_at": "timestamp"})
    return frame[["timestamp", "customer_id", "value"]].reset_index(drop=True), "response_rate", str(kind)


def _points(frame: pd.DataFrame, frequency: str, zone: str, share: bool) -> tuple[pd.DataFrame, float]:
    local = pd.DatetimeIndex(frame["timestamp"]).tz_convert(zone).tz_localize(None)
    period = local.to_period(frequency)
    rows = frame.assign(period=period.asi8)
    found = grouped_mean(rows, "period", "value", cluster="customer_id")
    if len(found) < 3:
        raise NotEnoughDataError(
            f"track: the values lie in {counted(len(found), 'period')} only: noise cannot be told from change; take a "
            "shorter period or a longer time"
        )
    every = pd.period_range(period.min(), period.max(), freq=frequency)
    found = found.reindex(every.asi8)
    if share:
        hits = rows.groupby("period")["value"].sum().reindex(every.asi8).fillna(0)
        size = found["n"].fillna(0)
        interval = wilson(hits.to_numpy(), size.to_numpy())
        found["low"], found["high"] = interval.low, interval.high
    points = found.rename(columns={"mean": "value"}).reset_index(names="period")
    points["n"] = points["n"].fillna(0).astype("int64")
    points.insert(0, "start", every.start_time.astype("datetime64[us]"))
    at = np.searchsorted(every.asi8, period.asi8)
    off = rows["value"].to_numpy(dtype=float) - points["value"].to_numpy(dtype=float)[at]
    # The SD within periods, of which as many means were estimated as there are periods.
    within = float(np.sqrt((off**2).sum() / max(1, len(off) - int((points["n"] > 0).sum()))))
    return points, within


def _open(points: pd.DataFrame, last: Any, frequency: str, zone: str) -> npt.NDArray[np.bool_]:
    """Whether the data end before the last day of a period."""
    ends = pd.PeriodIndex(points["start"], freq=frequency).end_time
    return np.asarray(ends.normalize() > last.tz_convert(zone).tz_localize(None).normalize())


def _phases(start: pd.Series, phases: Sequence[str], zone: str) -> npt.NDArray[np.int64]:
    if isinstance(phases, str):
        raise StudyError(f"track: phases={phases!r} must be a list of dates, such as ['2025-06-01']")
    borders = sorted(moment_in(p, zone, "track: phases") for p in phases)
    for border in borders:
        if not start.iloc[0] < border <= start.iloc[-1]:
            raise NotEnoughDataError(
                f"track: no period begins before, or none from, {border:%Y-%m-%d}; they run from {start.iloc[0]:%Y-%m-%d} "
                f"to {start.iloc[-1]:%Y-%m-%d}"
            )
    return np.searchsorted(np.array(borders, dtype="datetime64[us]"), start.to_numpy("datetime64[us]"), side="right")
