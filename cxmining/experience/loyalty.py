"""Satisfied is not loyal: satisfaction against recommending, coming back, buying again and leaving."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, nearest
from cxmining.experience.afterwards import (
    events_of,
    happens_within,
    leaving_events,
    length_of,
    share_difference,
    share_test,
    times_of,
)
from cxmining.i18n import counted, metric_label, number, signed, speaking, translate
from cxmining.repr_html import repr_html
from cxmining.schema import CONTACT, OVERALL
from cxmining.stats import benjamini_hochberg, wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = ["Loyalty", "compare_loyalty"]

_SATISFACTION: Final = ("csat", "rapportcijfer", "ces", "perception")
say = speaking("experience")
_KINDS: Final = ("relationship", "journey", "transactional")
_LEVELS: Final = ("dissatisfied", "neutral", "satisfied")
_CLASSES: Final = ("detractor", "passive", "promoter")
_LEAST: Final = 10
"""Customers on either side of a touchpoint's rating below whom the sides are not compared."""
_MOST: Final = 24


@dataclass(frozen=True, eq=False)
class Loyalty:
    """Satisfaction beside loyalty, a customer counting once.

    Attributes
    ----------
    summary : DataFrame
        One row per ``by`` (satisfaction, recommendation), ``level`` and ``outcome`` (promoter, returns, buys,
        leaves): ``share`` of customers with its 95% interval (Wilson), ``k`` of ``n`` (those followed long enough).
    contrasts : DataFrame
        Per outcome the satisfied against the dissatisfied, the promoters against the detractors, and, which is the
        point, among the satisfied the promoters against the others: ``difference`` of shares with ``low``, ``high``
        (Newcombe), ``n``, ``n_against``.
    touchpoints : DataFrame
        Per touchpoint, those who rated it in the upper third of its scale against the others: how many more are
        ``satisfied`` and how many more ``promoter`` (differences of shares) with interval, p and q
        (Benjamini-Hochberg over all touchpoints), and ``beyond``: the second less the first.
    metric, survey_kind, within, notion : str
    chain, notes : tuple of str
    """

    summary: pd.DataFrame
    contrasts: pd.DataFrame
    touchpoints: pd.DataFrame
    metric: str
    survey_kind: str
    within: pd.Timedelta
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def figure(self, language: str = "en") -> go.Figure:
        """Draw, per touchpoint, how many more are satisfied and how many more are promoters when it is rated high."""
        from cxmining.experience.dots import Series, dots_picture, foot_of
        from cxmining.figures import palette

        rows = self.touchpoints.head(_MOST)
        if not len(rows):
            raise NotEnoughDataError("no touchpoint was rated by enough customers on both sides: nothing to draw")
        series = []
        for what, colour, symbol in (("satisfied", palette.NAVY, "circle"), ("promoter", palette.AMBER, "diamond")):
            value, low, high = (rows[f"{what}{end}"].tolist() for end in ("", "_low", "_high"))
            hover = [
                f"{t}: {signed(100 * v, language, 1)}% {say(f'loyalty_{what}', language)}, q = {number(q, language, 3)}"
                for t, v, q in zip(rows["touchpoint"], value, rows[f"{what}_q"], strict=True)
            ]
            series.append(Series(say(f"loyalty_more_{what}", language), colour, symbol, value, low, high, hover))
        right = [
            say("loyalty_right", language, n=number(a, language), against=number(b, language))
            for a, b in zip(rows["n"], rows["n_against"], strict=True)
        ]
        foot = foot_of(
            self.notion, self.chain,
            say("loyalty_foot", language, survey=say(f"kind_{self.survey_kind}", language), metric=metric_label(self.metric, language)),
            *(translate(note, language) for note in self.notes), language=language,
        )  # fmt: skip
        return dots_picture(
            say("loyalty_title", language),
            rows,
            rows["touchpoint"].tolist(),
            series,
            say("loyalty_axis", language),
            right,
            foot,
        ).figure()

    def _head(self) -> str:
        found = self.summary[(self.summary["by"] == "satisfaction") & (self.summary["level"] == "satisfied")]
        rows = found[found["outcome"] == "promoter"]
        row: Any = rows.iloc[0] if len(rows) else None
        said = (
            f"of {row['n']:,} satisfied customers {row['share']:.1%} [{row['low']:.1%}, {row['high']:.1%}] are promoters"
            if row is not None
            else "nobody is satisfied"
        )
        return f"Loyalty({self.metric} against nps, {self.survey_kind}: {said}; {self.notion})"

    def __repr__(self) -> str:
        said = [*(f"filter: {step}" for step in self.chain), *(f"note: {note}" for note in self.notes)]
        return "\n".join([self._head(), *(f"  {line}" for line in said)])

    def _repr_html_(self) -> str:
        return repr_html(
            self.summary, self.contrasts, self.touchpoints, head=self._head(), said=[*self.chain, *self.notes]
        )


def compare_loyalty(
    lived: Experience,
    *,
    metric: str | None = None,
    within: str = "180D",
    purchase: str | Iterable[str] | None = None,
    leaving: str | Iterable[str] | None = None,
) -> Loyalty:
    """Hold satisfaction against promoter class, return, repeat purchase and leaving.

    A customer counts once, with the latest questionnaire that has both a satisfaction score and an NPS; kinds of
    survey are not mixed. Satisfied is the upper third of the scale, dissatisfied the lower. What customers did is
    counted within a time after the answer, for those whose time the log holds whole.

    Parameters
    ----------
    lived : Experience
    metric : {"csat", "rapportcijfer", "ces", "perception"}, optional
        Of satisfaction; default the one most customers gave beside an NPS.
    within : str, default "180D"
        How long after the answer a return (another journey begins), a purchase or leaving counts.
    purchase : touchpoint or touchpoints, optional
        What buying is; default the touchpoints of the stage *purchase*.
    leaving : touchpoint or touchpoints, optional
        What leaving is; default the customers' ``left_at`` where there is one.

    Returns
    -------
    Loyalty

    Raises
    ------
    NotEnoughDataError
        When nobody gave a satisfaction score and an NPS in one questionnaire.
    UnknownNameError
        When a touchpoint does not occur.
    StudyError
        When `within` is no time above 0.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> lived = small_example()
    >>> shares = compare_loyalty(lived, within="30D").summary
    >>> shares[shares["outcome"] == "promoter"][["level", "share", "n"]].round(2).values.tolist()
    [['dissatisfied', nan, 0], ['neutral', 0.0, 15], ['satisfied', 0.84, 45]]
    """
    journeys = lived.journeys
    time = length_of(within)
    answers, name, kind = _both(lived, metric)
    last = journeys.data.events["timestamp"].max()
    outcomes, notes = _outcomes(journeys, answers, time, last, purchase, leaving)
    table = answers.assign(**outcomes)
    return Loyalty(
        summary=_shares(table), contrasts=_contrasts(table), touchpoints=_side_by_side(lived, table),
        metric=name, survey_kind=kind, within=time, notion=str(journeys.notion), chain=journeys.chain, notes=tuple(notes),
    )  # fmt: skip


def _both(lived: Experience, metric: str | None) -> tuple[pd.DataFrame, str, str]:
    """Return one row per customer with satisfaction and NPS of one questionnaire."""
    data = lived.journeys.data
    items = data.answers[data.answers["touchpoint"].isin([OVERALL, CONTACT])][["response_id", "item"]]
    whole = lived.links[lived.links["matched"] & lived.links["customer_id"].notna()]
    whole = whole.merge(items, on=["response_id", "item"]).drop_duplicates(["response_id", "metric"])
    place = (whole["score"].astype(float) - whole["scale_low"]) / (whole["scale_high"] - whole["scale_low"])
    whole = whole.assign(place=place.where(whole["higher_is_better"], 1 - place).astype(float))
    nps = whole[whole["metric"] == "nps"][["response_id", "score"]].rename(columns={"score": "nps"})
    both = whole[whole["metric"].isin(_SATISFACTION)].merge(nps, on="response_id")
    if metric is not None and metric not in set(both["metric"]):
        raise NotEnoughDataError(
            f"no questionnaire has an overall {metric!r} beside an NPS; {nearest(metric, sorted(both['metric'].unique()))}"
        )
    if not len(both):
        raise NotEnoughDataError(
            "no questionnaire has both an overall satisfaction score and an NPS: ask both in one survey"
        )
    if metric is not None:
        both = both[both["metric"] == metric]
    counts = both.groupby(["metric", "survey_kind"])["customer_id"].nunique().reset_index(name="n")
    order = counts.assign(
        first=counts["metric"].map(_SATISFACTION.index), kind=counts["survey_kind"].map(_KINDS.index)
    ).sort_values(["n", "kind", "first"], ascending=[False, True, True])
    best: Any = order.iloc[0]
    both = both[(both["metric"] == best["metric"]) & (both["survey_kind"] == best["survey_kind"])]
    both = both.assign(timestamp=times_of(data, both["response_id"]))
    both = both.sort_values(["timestamp", "response_id"], kind="stable").drop_duplicates("customer_id", keep="last")
    level = np.digitize(both["place"].to_numpy(dtype=float), (1 / 3 + 1e-9, 2 / 3 - 1e-9))
    cls = np.digitize(both["nps"].to_numpy(dtype=float), (6.5, 8.5))
    frame = pd.DataFrame(
        {
            "customer_id": both["customer_id"].array,
            "response_id": both["response_id"].array,
            "timestamp": both["timestamp"].array,
            "satisfaction": np.array(_LEVELS, dtype=object)[level],
            "recommendation": np.array(_CLASSES, dtype=object)[cls],
        }
    )
    return frame.reset_index(drop=True), str(best["metric"]), str(best["survey_kind"])


def _outcomes(
    journeys: Journeys, answers: pd.DataFrame, time: pd.Timedelta, last: pd.Timestamp, purchase: Any, leaving: Any
) -> tuple[dict[str, Any], list[str]]:
    """Return per outcome 1, 0, or missing where the log ends before the time is over."""
    notes = []
    seen = (answers["timestamp"] + time <= last).to_numpy()
    if not seen.all():
        longest = (last - answers["timestamp"].min()).days
        notes.append(
            f"{counted(int((~seen).sum()), 'customer')} answered less than {time.days:,} days before the log ends: what they did "
            f"afterwards is not counted"
            + (f"; the earliest answer is followed {longest:,} days" if not seen.any() else "")
        )
    happened: dict[str, pd.DataFrame] = {
        "returns": journeys.table[["customer_id", "start"]].rename(columns={"start": "timestamp"})
    }
    if purchase is None:
        stages = journeys.touchpoints
        purchase = stages.loc[stages["stage"] == "purchase", "touchpoint"].tolist() or None
    if purchase is None:
        notes.append("buying is not known: no touchpoint is of the stage purchase; name them with purchase=")
    else:
        happened["buys"] = events_of(journeys, purchase, "purchase")
    left = leaving_events(journeys, leaving)
    if left is None:
        notes.append("leaving is not known: name its touchpoints with leaving=")
    else:
        happened["leaves"] = left
    found: dict[str, Any] = {"promoter": (answers["recommendation"] == "promoter").astype(float)}
    for name, events in happened.items():
        found[name] = np.where(seen, happens_within(answers, events, time).astype(float), np.nan)
    return found, notes


def _present(table: pd.DataFrame) -> list[str]:
    return [o for o in ("promoter", "returns", "buys", "leaves") if o in table]


def _shares(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for by, levels in (("satisfaction", _LEVELS), ("recommendation", _CLASSES)):
        for level in levels:
            for outcome in _present(table):
                if by == "recommendation" and outcome == "promoter":
                    continue
                values = table.loc[table[by] == level, outcome].dropna()
                share = wilson(int(values.sum()), len(values))
                rows.append((by, level, outcome, share.value, share.low, share.high, int(values.sum()), len(values)))
    return pd.DataFrame(rows, columns=["by", "level", "outcome", "share", "low", "high", "k", "n"])


def _contrasts(table: pd.DataFrame) -> pd.DataFrame:
    satisfied, promoter = table["satisfaction"] == "satisfied", table["recommendation"] == "promoter"
    pairs = {
        "satisfied against dissatisfied": (satisfied, table["satisfaction"] == "dissatisfied"),
        "promoters against detractors": (promoter, table["recommendation"] == "detractor"),
        "satisfied promoters against other satisfied": (satisfied & promoter, satisfied & ~promoter),
    }
    rows = []
    for name, (a, b) in pairs.items():
        for outcome in _present(table):
            if outcome == "promoter" and "promoters" in name:
                continue
            x, y = table.loc[a, outcome].dropna(), table.loc[b, outcome].dropna()
            value, low, high = share_difference(int(x.sum()), len(x), int(y.sum()), len(y))
            rows.append((name, outcome, value, low, high, len(x), len(y)))
    return pd.DataFrame(rows, columns=["contrast", "outcome", "difference", "low", "high", "n", "n_against"])


def _side_by_side(lived: Experience, table: pd.DataFrame) -> pd.DataFrame:
    """Compare those who rated a touchpoint high with the others: are more satisfied, are more promoters."""
    from cxmining.discovery.effects import Clusters
    from cxmining.experience.measures import about_touchpoints

    rated = about_touchpoints(lived.links, lived.metric) if lived.metric else lived.links.head(0)
    rated = rated.drop_duplicates(["response_id", "touchpoint"]).merge(table, on=["response_id", "customer_id"])
    rows = []
    for touchpoint, part in rated.groupby("touchpoint", sort=True):
        place = ((part["score"] - part["scale_low"]) / (part["scale_high"] - part["scale_low"])).astype(float)
        high = (place.where(part["higher_is_better"], 1 - place) >= 2 / 3 - 1e-9).to_numpy()
        n, m = int(high.sum()), int((~high).sum())
        if min(n, m) < _LEAST:
            continue
        who = Clusters.of(np.arange(len(part)))
        satisfied = (part["satisfaction"] == "satisfied").astype(float).to_numpy(dtype=np.float64)
        promoter = (part["recommendation"] == "promoter").astype(float).to_numpy(dtype=np.float64)
        row: dict[str, Any] = {"touchpoint": touchpoint, "n": n, "n_against": m}
        for name, values in (("satisfied", satisfied), ("promoter", promoter), ("beyond", promoter - satisfied)):
            d = who.difference(np.asarray(values, dtype=np.float64), high, ~high)
            found_low, found_high, p = d.low, d.high, d.p
            if name != "beyond":
                k, rest = int(values[high].sum()), int(values[~high].sum())
                _, found_low, found_high = share_difference(k, n, rest, m)
                p = share_test(k, n, rest, m)
            row |= {name: d.mean, f"{name}_low": found_low, f"{name}_high": found_high, f"{name}_p": p}
        rows.append(row)
    names = ("satisfied", "promoter", "beyond")
    columns = ["touchpoint", "n", "n_against", *(f"{n}{e}" for n in names for e in ("", "_low", "_high", "_p"))]
    found = pd.DataFrame(rows, columns=columns)
    q = benjamini_hochberg(found[[f"{n}_p" for n in names]].to_numpy(dtype=float).ravel()).reshape(-1, len(names))
    for i, name in enumerate(names):
        found.insert(list(found.columns).index(f"{name}_p") + 1, f"{name}_q", q[:, i])
    return found.sort_values(["satisfied", "touchpoint"], ascending=[False, True], kind="stable", ignore_index=True)
