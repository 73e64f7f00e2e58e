"""How well the answers found what they are about, and what hangs on the rule by which they were laid there.

A score by itself says nothing about a touchpoint: a rule of linking lays it there. The report counts what the rule
could not link and what it had to choose, and reads the same headline under every other rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.experience.linking import link_answers
from cxmining.experience.measures import SCORES
from cxmining.experience.metrics import Question, answer_weights, headline, is_nps_scale
from cxmining.i18n import counted
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.schema import CONTACT, OVERALL
from cxmining.stats import wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["JoinReport", "report_join"]

_WINDOWS: Final = (1, 7, 30)
_QUANTILES: Final = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
_FIRST: Final = ("nps", "csat", "rapportcijfer", "ces", "perception")
_DAY: Final = 86_400.0
_NEARLY: Final = 0.9
_LONG: Final = pd.Timedelta(days=90)  # an answer later than this after the log's end has a doubtful date


@dataclass(frozen=True, eq=False)
class JoinReport:
    """What was linked by which rule, how far apart, and what other rules would have said.

    Attributes
    ----------
    links : DataFrame
        One row per survey and rule: ``survey``, ``survey_kind``, ``rule``, ``responses`` and ``responses_matched`` (of
        which any answer was linked), ``share`` of them with ``low``, ``high`` (95%, Wilson); ``answers``, ``matched``,
        ``unmatched``, ``ambiguous``; the days from the event to the response: ``lag_n``, ``lag_min``, ``lag_p05``,
        ``lag_p25``, ``lag_median``, ``lag_p75``, ``lag_p95``, ``lag_max``.
    unmatched : DataFrame
        ``survey``, ``why``, ``answers``, ``responses``: no key, key not in the log, before any contact, nothing in the
        window …
    ties : DataFrame
        ``survey``, ``tie_break``, ``answers``: of several that fitted equally well, which was taken.
    alternatives : DataFrame
        The headline of each survey under each rule: ``survey``, ``survey_kind``, ``rule``, ``used``, ``metric``,
        ``measure`` (``nps`` or ``mean``), ``value``, ``low``, ``high`` (95%, by customer), ``n`` (linked responses),
        ``responses`` (that have the headline), ``ambiguous``, ``lag_median`` (days), and against the rule that was used:
        ``moved`` (responses at another touchpoint), ``gained`` and ``lost`` (at a touchpoint under one rule alone),
        ``scale_low``, ``scale_high``. A relationship survey has one row: no rule lays it on a contact.
    touchpoints : DataFrame
        The same headline per ``touchpoint`` under each rule: ``survey``, ``rule``, ``touchpoint``, ``metric``,
        ``measure``, ``value``, ``low``, ``high``, ``n``.
    notes, chain : tuple of str
    """

    links: pd.DataFrame
    unmatched: pd.DataFrame
    ties: pd.DataFrame
    alternatives: pd.DataFrame
    touchpoints: pd.DataFrame
    notes: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()

    @property
    def summary(self) -> pd.DataFrame:
        """What was linked, per survey and rule."""
        return self.links

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the headline of each survey under each rule, with its interval and n."""
        from cxmining.experience.survey_pictures import join_picture

        return join_picture(self, language).figure()

    def __repr__(self) -> str:
        lines = []
        for r in rows_of(self.links):
            lag = f", {r.lag_median:.3g} days before it in the median" if r.lag_n else ""
            lines.append(
                f"{r.survey} by {r.rule}: {r.responses_matched:,} of {counted(r.responses, 'response')} linked"
                f" ({r.share:.0%} [{r.low:.0%}, {r.high:.0%}]){lag}; {counted(r.ambiguous, 'answer')} ambiguous"
            )
        lines += [f"{r.survey}: {counted(r.answers, 'answer')} not linked: {r.why}" for r in rows_of(self.unmatched)]
        lines += [f"{r.survey}: {counted(r.answers, 'answer')} ambiguous: {r.tie_break}" for r in rows_of(self.ties)]
        for r in rows_of(self.alternatives):
            mark = " (used)" if r.used else f", {r.moved:,} moved, {r.gained:,} gained, {r.lost:,} lost"
            lines.append(
                f"{r.survey} {r.metric} by {r.rule}: {r.value:.3g} [{r.low:.3g}, {r.high:.3g}] n={r.n:,}{mark}"
            )
        return "\n".join(["JoinReport", *(f"  {line}" for line in [*lines, *self.notes, *self.chain])])

    def _repr_html_(self) -> str:
        return repr_html(self.links, self.unmatched, self.ties, self.alternatives, said=[*self.notes, *self.chain])


def report_join(lived: Experience) -> JoinReport:
    """Report how the answers of an experience were linked, and the headline under every other rule.

    The rules: the explicit key (``reference``); the customer's nearest earlier contact within 1, 7 or 30 days
    (``touchpoint``); the journey; the whole relationship (``customer``). Under each only what was there before the
    response counts. The level under a rule is that of the responses it links.

    Parameters
    ----------
    lived : Experience

    Returns
    -------
    JoinReport
        Of an experience that was filtered: about the responses that are left.
    """
    links = lived.links
    chain = (str(lived.journeys.notion), *lived.journeys.chain)
    if not len(links):
        none = pd.DataFrame()
        return JoinReport(none, none, none, none, none, ("no survey was answered",), chain)
    return JoinReport(_counts(links), _unmatched(links), _ties(links), *_under_each(lived), _notes(lived), chain)


def _counts(links: pd.DataFrame) -> pd.DataFrame:
    keys = ["survey", "survey_kind", "rule"]
    grouped = links.groupby(keys, sort=True, observed=True)
    out = grouped.agg(
        responses=("response_id", "nunique"), answers=("item", "size"), matched=("matched", "sum"), ambiguous=("ambiguous", "sum")
    )  # fmt: skip
    of_them = links[links["matched"]].groupby(keys, sort=True, observed=True)["response_id"].nunique()
    out["responses_matched"] = of_them.reindex(out.index, fill_value=0).astype("int64")
    out["unmatched"] = out["answers"] - out["matched"]
    share = wilson(out["responses_matched"], out["responses"])
    out["share"], out["low"], out["high"] = share.value, share.low, share.high
    days = links.assign(days=links["lag_s"].astype("Float64").astype(float) / _DAY).groupby(
        keys, sort=True, observed=True
    )["days"]
    out["lag_n"], out["lag_min"], out["lag_max"] = days.count(), days.min(), days.max()
    for name, q in _QUANTILES.items():
        out[f"lag_{name}"] = days.quantile(q)
    lags = ["lag_n", "lag_min", *(f"lag_{name}" for name in _QUANTILES), "lag_max"]
    columns = [
        *keys, "responses", "responses_matched", "share", "low", "high", "answers", "matched", "unmatched", "ambiguous", *lags,
    ]  # fmt: skip
    return out.reset_index()[columns]


def _unmatched(links: pd.DataFrame) -> pd.DataFrame:
    lost = links[~links["matched"]]
    out = lost.groupby(["survey", "why"], sort=True, observed=True).agg(
        answers=("item", "size"), responses=("response_id", "nunique")
    )
    return out.reset_index().sort_values(
        ["survey", "answers"], ascending=[True, False], kind="stable", ignore_index=True
    )


def _ties(links: pd.DataFrame) -> pd.DataFrame:
    tied = links[links["ambiguous"]]
    return tied.groupby(["survey", "tie_break"], sort=True, observed=True).size().rename("answers").reset_index()


def _rules(survey: str, links: pd.DataFrame, window: pd.Timedelta) -> Iterator[tuple[str, str, str | None, bool]]:
    """Give the rules to try: what it is called, rule, window, whether it is the one that was used."""
    used = str(links["rule"].iloc[0])
    kind = str(links["survey_kind"].iloc[0])
    if kind == "relationship":
        yield "customer", "customer", None, True
        return
    days = window / pd.Timedelta(days=1)
    near = sorted({float(d) for d in _WINDOWS} | ({days} if used == "touchpoint" else set()))
    yield "reference", "reference", None, used == "reference"
    for d in near:
        yield (
            f"touchpoint, {counted(int(d), 'day') if d == int(d) else f'{d:g} days'}",
            "touchpoint",
            f"{d * 24:g}h",
            (used == "touchpoint" and d == days),
        )
    yield "journey", "journey", None, used == "journey"
    yield "customer", "customer", None, used == "customer"


def _under_each(lived: Experience) -> tuple[pd.DataFrame, pd.DataFrame]:
    whole = lived.linked or lived.journeys
    data = whole.data
    windows = {s.name: pd.Timedelta(s.window) for s in data.surveys}
    asked = data.answers[["response_id", "item", "touchpoint"]].rename(columns={"touchpoint": "asked"})
    names = data.events.set_index("event_id")["touchpoint"]
    rows: list[dict[str, Any]] = []
    parts: list[pd.DataFrame] = []
    for survey, own in lived.links.groupby("survey", sort=True, observed=True):
        mine = _headline_items(own.merge(asked, on=["response_id", "item"], how="left"))
        if mine is None:
            continue
        items, question, metric = mine
        before: pd.Series | None = None
        tried = []
        for called, rule, window, used in _rules(str(survey), own, windows.get(str(survey), pd.Timedelta(days=30))):
            linked = own if used else link_answers(whole, survey=str(survey), rule=rule, window=window)
            linked = items.merge(linked, on=["response_id", "item"], how="inner").drop_duplicates("response_id")
            place = _place(linked, names)
            if used:
                before = place
            tried.append((called, used, linked, place))
        assert before is not None  # the rule that was used is among them
        for called, used, linked, place in tried:
            part = linked[linked["matched"]]
            level = _level(part, question)
            was = before.reindex(place.index)
            lag = part["lag_s"].astype("Float64").astype(float).median() / _DAY
            measure = "nps" if question.metric == "nps" and is_nps_scale(question.low, question.high) else "mean"
            head = {"survey": survey, "rule": called, "metric": metric, "measure": measure}
            rows.append(
                {
                    **head, "survey_kind": own["survey_kind"].iloc[0], "used": used, **level, "responses": len(linked),
                    "ambiguous": int(part["ambiguous"].sum()), "lag_median": lag,
                    "moved": int((was.notna() & place.notna() & (was != place)).sum()),
                    "gained": int((was.isna() & place.notna()).sum()), "lost": int((was.notna() & place.isna()).sum()),
                    "scale_low": -100.0 if measure == "nps" else question.low,
                    "scale_high": 100.0 if measure == "nps" else question.high,
                }
            )  # fmt: skip
            at = part.assign(place=place.reindex(part["response_id"]).array).dropna(subset="place")
            parts += [
                pd.DataFrame([{**head, "touchpoint": name, **_level(some, question)}])
                for name, some in at.groupby("place", sort=True)
            ]
    columns = [
        "survey", "survey_kind", "rule", "used", "metric", "measure", "value", "low", "high", "n", "responses", "ambiguous",
        "lag_median", "moved", "gained", "lost", "scale_low", "scale_high",
    ]  # fmt: skip
    placed = ["survey", "rule", "touchpoint", "metric", "measure", "value", "low", "high", "n"]
    return (
        pd.DataFrame(rows, columns=columns),
        pd.concat(parts, ignore_index=True)[placed] if parts else pd.DataFrame(columns=placed),
    )


def _headline_items(own: pd.DataFrame) -> tuple[pd.DataFrame, Question, str] | None:
    """Choose what a survey is read by: of the whole or the contact before a touchpoint, then the metric most answered."""
    scored = own[own["metric"].isin(SCORES) & own["score"].notna()]
    if not len(scored):
        return None
    part = ~scored["asked"].isin([OVERALL, CONTACT])
    keys = ["metric", "scale_low", "scale_high", "higher_is_better"]
    counts = (
        scored.assign(part=part).groupby(["part", *keys], sort=True, observed=True).size().rename("n").reset_index()
    )
    counts["first"] = counts["metric"].map(_FIRST.index)
    counts = counts[counts["part"] == counts["part"].min()]
    # a few blanks do not decide which metric a survey is read by
    counts = counts[counts["n"] >= _NEARLY * counts["n"].max()]
    best: Any = counts.sort_values(["first", "n"], ascending=[True, False], kind="stable").iloc[0]
    chosen = (part == best["part"]) & (scored[keys] == best[keys]).all(axis=1)
    question = Question(
        best["metric"], float(best["scale_low"]), float(best["scale_high"]), bool(best["higher_is_better"])
    )
    return scored.loc[chosen, ["response_id", "item"]], question, str(best["metric"])


def _place(linked: pd.DataFrame, names: pd.Series) -> pd.Series:
    """Return the touchpoint of each response under a rule; missing where it is about a journey or the whole."""
    about = linked["touchpoint"].where(~linked["touchpoint"].isin([OVERALL, CONTACT]))
    place = linked["event_id"].map(names).fillna(about).where(linked["matched"])
    return pd.Series(place.to_numpy(), index=linked["response_id"].to_numpy())


def _level(part: pd.DataFrame, question: Question) -> dict[str, Any]:
    who = part["customer_id"].astype("object")
    owner = who.where(who.notna(), "#" + part["response_id"].astype("str")).to_numpy()
    weight = answer_weights(part) if len(part) else None
    found = headline(part["score"].to_numpy(dtype=float, na_value=np.nan), question, weight, owner)
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n}


def _notes(lived: Experience) -> tuple[str, ...]:
    data, links = (lived.linked or lived.journeys).data, lived.links
    notes = []
    kinds = set(links["survey_kind"])
    if "relationship" in kinds and len(kinds) > 1:
        notes.append(
            "relationship scores are about the whole relationship: they are linked to no last contact and stand in no figure "
            "with those of a contact or a journey"
        )
    if len(data.events):
        when = data.responses[data.responses["response_id"].isin(links["response_id"])]["timestamp"]
        last = data.events["timestamp"].max()
        late, early = int((when > last + _LONG).sum()), int((when < data.events["timestamp"].min()).sum())
        if late:
            notes.append(
                f"{counted(late, 'response')} dated more than 90 days after the last event of the log ({last:%Y-%m-%d}): "
                "look at their dates, or at the period of the log"
            )
        if early:
            notes.append(
                f"{counted(early, 'response')} dated before the first event of the log: nothing there can be what "
                f"{'it is' if early == 1 else 'they are'} about"
            )
    return tuple(notes)
