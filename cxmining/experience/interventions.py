"""Did it work: a measure before and after a date, against the line that it would have followed.

An interrupted time series: a level and a slope before, a step and a change of the slope at the date. Periods are counted
from the date, so that none of them holds both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience.answered import FORMS, all_answers, choose_answers, moment_in
from cxmining.experience.segmented import FEWEST, fit_segments
from cxmining.experience.wording import METRICS, between, say, signed
from cxmining.i18n import counted, number
from cxmining.i18n import date as written
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

Ints = npt.NDArray[np.int64]

__all__ = ["Intervention", "measure_intervention"]

_EVERY: Final = {"W": "W", "week": "W", "M": "M", "month": "M"}
_DAY: Final = 86_400_000_000


@dataclass(frozen=True, eq=False)
class Intervention:
    """What changed at a date, with its interval.

    Attributes
    ----------
    effects : DataFrame
        One row per ``effect``: ``level`` (the step at the date), ``slope`` (its change, points per period) and
        ``average`` (mean difference since the date from the line before it, weighted by n); ``value`` with its 95%
        interval ``low`` to ``high``, and ``p``. With a control series these are of the difference between the two.
    points : DataFrame
        One row per period: ``period`` (0 is the first from the date on), ``start``, ``value``, ``n``, ``fitted`` and,
        from the date on, ``counterfactual`` with ``counterfactual_low`` and ``counterfactual_high``; with a control
        series also ``own`` and ``control``, of which ``value`` is the difference.
    p : float
        Of no change at all, neither step nor slope.
    metric, survey, every : str
    date : Timestamp
        Without a zone, in that of the study.
    controlled : bool
    notes, chain : tuple of str
    """

    effects: pd.DataFrame
    points: pd.DataFrame
    p: float
    metric: str
    survey: str
    every: str
    date: pd.Timestamp
    controlled: bool
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """The effects."""
        return self.effects

    @property
    def found(self) -> bool:
        """Whether a change is told apart from chance (p < .05)."""
        return self.p < 0.05

    def say(self, language: str = "en") -> list[str]:
        """Return in sentences what changed, and what that does not show, in ``"en"`` or ``"nl"``."""
        digits = 1 if self.metric == "nps" else 2
        effects: Any = self.effects.set_index("effect")
        average = effects.loc["average"]
        sure = average["low"] > 0 or average["high"] < 0
        what = METRICS[self.metric][language]
        if self.controlled:
            what = say("its_difference", language, metric=what)
        first = say(
            ("its_found" if sure else "its_shape") if self.found else "its_none", language, metric=what, date=written(self.date, language),
            level=signed(effects.loc["level", "value"], language, digits), period=say(self.every, language),
            slope=signed(effects.loc["slope", "value"], language, 2),
            change=signed(average["value"], language, digits),
            interval=between(average["low"], average["high"], language, digits), p=number(self.p, language, 2),
        )  # fmt: skip
        return [first, say("its_control" if self.controlled else "its_caveat", language)]

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the points, the lines before and after, and the line that it would have followed."""
        from cxmining.experience.charts import intervention_picture

        return intervention_picture(self, language).figure()

    def __repr__(self) -> str:
        head = f"Intervention({METRICS[self.metric]['en']} of {self.survey} surveys at {self.date:%Y-%m-%d})"
        effects = []
        for r in rows_of(self.effects):
            name = say(f"effect_{r.effect}", "en", period=say(self.every, "en"))
            effects.append(f"{name}: {r.value:+.3g} [{r.low:.3g}, {r.high:.3g}], p = {r.p:.2g}")
        return "\n".join([head, *(f"  {line}" for line in [*effects, *self.say(), *self.notes, *self.chain])])

    def _repr_html_(self) -> str:
        return repr_html(self.effects, self.points, said=[*self.say(), *self.notes, *self.chain])


def measure_intervention(
    lived: Experience,
    date: str | pd.Timestamp,
    touchpoint: str | None = None,
    *,
    metric: str | None = None,
    survey: str | None = None,
    every: str = "W",
    control: Experience | str | None = None,
) -> Intervention:
    """Compare a score since a date with the line that it would have followed without what happened then.

    Parameters
    ----------
    lived : Experience
    date : str or Timestamp
        When it happened; a day begins at its midnight in the time zone of the study.
    touchpoint : str, optional
        Only answers about this touchpoint.
    metric : {"nps", "csat", "rapportcijfer", "ces", "perception"}, optional
        Default the one with most answers.
    survey : {"relationship", "journey", "transactional"}, optional
    every : {"W", "M"}, default "W"
        Weeks or months, counted from the date.
    control : Experience or str, optional
        Those whom it did not reach: other journeys, or answers about another touchpoint. Then the difference between
        the two series is looked at (comparative interrupted time series), so that what changed for both drops out.

    Returns
    -------
    Intervention
        Least squares on the means of the periods, weighted by n. The standard errors are those of Newey and West
        (1987) with ⌊4 (T/100)^(2/9)⌋ lags and the correction for small samples, or the ordinary ones where these are
        larger: with tens of periods the former alone are too small. Season is not modelled.

    Raises
    ------
    NotEnoughDataError
        Without answers on four periods before and four from the date on, or when all are equal.
    UnknownNameError
        When the metric, the survey or a touchpoint is not there.
    StudyError
        When `date` is none.

    References
    ----------
    Wagner et al. 2002, Segmented regression analysis of interrupted time series studies. Lopez Bernal et al. 2018, The
    use of controls in interrupted time series studies, IJE 47.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> lived = small_example()
    >>> found = measure_intervention(lived, "2025-04-01", metric="csat")
    >>> found.effects[["effect", "value"]].round(1).values.tolist(), found.found
    ([['level', 0.3], ['slope', 0.0], ['average', 0.4]], False)
    """
    where = "measure_intervention"
    if every not in _EVERY:
        raise StudyError(f"{where}: every={every!r} is unknown; {nearest(str(every), _EVERY)}")
    zone = lived.journeys.data.time_zone
    moment = moment_in(date, zone, where)
    if isinstance(control, str) and touchpoint is None:
        raise StudyError(f"{where}: control={control!r} is a touchpoint; name the touchpoint that changed too")
    if isinstance(control, str) and control == touchpoint:
        raise StudyError(f"{where}: a touchpoint cannot be its own control; name another than {control!r}")
    letter = _EVERY[every]
    own, metric, kind, scale, notes = _series(lived, touchpoint, metric, survey, moment, letter, where)
    points = own
    if control is not None:
        other = lived if isinstance(control, str) else control
        beside, _, _, other_scale, more = _series(
            other,
            control if isinstance(control, str) else touchpoint,
            metric,
            kind,
            moment,
            letter,
            f"{where}, control",
        )
        if other_scale != scale:
            raise StudyError(
                f"{where}: control answered from {other_scale[0]:g} to {other_scale[1]:g}, not {scale[0]:g} to {scale[1]:g}"
            )
        notes += [f"control: {note}" for note in more]
        points = own.merge(beside, on="period", suffixes=("_own", "_control"))
        points["own"], points["control"] = points["value_own"], points["value_control"]
        # The variance of a difference of means goes with 1/n + 1/n.
        points["value"] = points["own"] - points["control"]
        points["weight"] = 1 / (1 / points["n_own"] + 1 / points["n_control"])
        points["n"] = points["n_own"] + points["n_control"]
    _enough(points, moment, letter, where)
    fitted = fit_segments(
        points["period"].to_numpy(dtype=float) + 0.5, points["value"].to_numpy(dtype=float),
        points["weight"].to_numpy(dtype=float) if control is not None else points["n"].to_numpy(dtype=float),
    )  # fmt: skip
    points = points.assign(start=_starts(points["period"].to_numpy(), moment, letter), fitted=fitted.line)
    late = points["period"] >= 0
    for name, values in zip(("", "_low", "_high"), fitted.counterfactual, strict=True):
        points[f"counterfactual{name}"] = np.where(late, values, np.nan)
    columns = ["period", "start", "value", "n", "fitted", "counterfactual", "counterfactual_low", "counterfactual_high"]
    n = int(points["n"].sum())
    months = say("weeks" if letter == "W" else "months", "en")
    counts = f"{n:,} answers over {int((~late).sum())} {months} before and {int(late.sum())} from the date on"
    if letter == "W" and len(points) < 2 * 52:
        notes.append("less than two years: a season cannot be told from the change")
    chain = [counts, f"case notion: {lived.journeys.notion}", *lived.journeys.chain]
    chain += [f"answers about {touchpoint}"] if touchpoint else []
    if isinstance(control, str):
        chain.append(f"control: answers about {control}")
    elif control is not None:
        chain += [f"control: {step}" for step in control.journeys.chain or ("all journeys",)]
    return Intervention(
        fitted.effects, points[[*columns, *(["own", "control"] if control is not None else [])]].reset_index(drop=True),
        fitted.p, metric, kind, letter, moment, control is not None, tuple(notes), tuple(chain),
    )  # fmt: skip


def _series(
    lived: Experience, touchpoint: str | None, metric: str | None, survey: str | None, moment: pd.Timestamp, every: str,
    where: str,
) -> tuple[pd.DataFrame, str, str, tuple[float, float], list[str]]:  # fmt: skip
    """Return the mean and n per period from `moment`, and what was averaged."""
    rows = all_answers(lived)
    forms: tuple[str, ...] = FORMS
    if touchpoint is not None:
        there = sorted(set(rows["touchpoint"]))
        if touchpoint not in there:
            raise UnknownNameError(
                f"{where}: nobody answered about touchpoint {touchpoint!r}; {nearest(touchpoint, there)}"
            )
        rows, forms = rows[rows["touchpoint"] == touchpoint], FORMS[1:]
    answers = choose_answers(rows, metric, survey, forms, where)
    frame = answers.frame
    if frame["score"].nunique() == 1:
        raise NotEnoughDataError(f"{where}: all {len(frame):,} answers are {frame['score'].iloc[0]:g}: nothing varies")
    local = pd.DatetimeIndex(frame["timestamp"]).tz_convert(lived.journeys.data.time_zone).tz_localize(None)
    first, last = local.min(), local.max()
    if not first < moment <= last:
        side = "no answer comes before" if moment <= first else "no answer comes from"
        raise NotEnoughDataError(
            f"{where}: {side} {moment:%Y-%m-%d}; answers run from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
        )
    period = _periods(local, moment, every)
    found = frame.assign(period=period).groupby("period", sort=True)["value"].agg(["mean", "size"]).reset_index()
    notes = [*answers.notes]
    found = found.rename(columns={"mean": "value", "size": "n"})
    return found, answers.metric, answers.kind, answers.scale, notes


def _periods(local: pd.DatetimeIndex, moment: pd.Timestamp, every: str) -> Ints:
    """Number each moment by whole weeks, or months, from `moment`; those before it are negative."""
    if every == "W":
        away = local.as_unit("us").asi8 - int(moment.to_datetime64().astype("datetime64[us]").astype(np.int64))
        return np.asarray(away // (7 * _DAY), dtype=np.int64)
    months = (np.asarray(local.year) - moment.year) * 12 + np.asarray(local.month) - moment.month
    # A month counted from the 31st ends on the last day of a shorter one.
    begins = pd.DatetimeIndex(
        [moment + pd.DateOffset(months=int(m)) for m in range(int(months.min()), int(months.max()) + 1)]
    )
    own = begins[months - int(months.min())]
    return np.asarray(months - (local < own), dtype=np.int64)


def _starts(period: Ints, moment: pd.Timestamp, every: str) -> list[pd.Timestamp]:
    if every == "W":
        return [moment + pd.DateOffset(weeks=int(k)) for k in period]
    return [moment + pd.DateOffset(months=int(k)) for k in period]


def _enough(points: pd.DataFrame, moment: pd.Timestamp, every: str, where: str) -> None:
    before, after = int((points["period"] < 0).sum()), int((points["period"] >= 0).sum())
    name = say(every, "en")
    if min(before, after) < FEWEST:
        raise NotEnoughDataError(
            f"{where}: {counted(before, name)} with answers before {moment:%Y-%m-%d} and {counted(after, name)} from it on; "
            f"a line on each side needs {FEWEST}" + ("" if every == "W" else ": take every='W'")
        )
