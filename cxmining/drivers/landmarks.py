"""Who met what before which landmark, and what became of the relationship after it.

Beside `cxmining.drivers.truth`: the customers at landmarks, the outcomes, and contacts that went badly told from
contacts that went well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import counted
from cxmining.stats import wilson

__all__ = ["ANY", "BADLY", "DETRACTS", "LEAVES", "RECOMMENDS", "RETURNS", "WELL", "Met", "Question", "at_landmarks",
           "recommending", "told_apart"]  # fmt: skip

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

LEAVES: Final = "leaves"
RETURNS: Final = "returns"
RECOMMENDS: Final = "recommends"
DETRACTS: Final = "detracts"

ANY: Final = "any"
BADLY: Final = "badly"
WELL: Final = "well"
_FELT: Final = ("csat", "rapportcijfer", "ces", "nps", "perception")
_BADLY: Final = 0.5
_WELL: Final = 0.75
"""Parts of a scale: below the middle went badly, in the upper quarter (8 of 10, 4 of 5) went well."""

_STEPS: Final = 3
"""Landmarks in the time that is looked ahead: a contact counts from the next one on, so few leave in between."""


@dataclass(frozen=True, eq=False)
class Met:
    """Who met what when: customers, touchpoints and times as numbers."""

    customers: pd.Index
    touchpoints: list[str]
    who: Ints
    what: Ints
    when: Ints  # microseconds
    since: Ints
    """Per customer, when the relationship began: who only looks around has nothing to leave."""
    split: tuple[tuple[int, str], ...] = ()
    """Of the last touchpoints: which one each is a part of, and how that went."""

    @property
    def whole(self) -> int:
        """Touchpoints; what comes after them are parts of them."""
        return len(self.touchpoints) - len(self.split)

    def part(self, t: int) -> tuple[int, str]:
        """Return of which touchpoint a column tells, and of which experience there."""
        return (t, ANY) if t < self.whole else self.split[t - self.whole]

    @classmethod
    def of(cls, journeys: Any) -> Met:
        """Take from journeys what is steps of them, and when each customer's relationship began."""
        data = journeys.data
        everything = data.events[data.events["customer_id"].notna()]
        events = data.events.iloc[np.sort(journeys.log.rows)]
        events = events[events["customer_id"].notna()]
        who, customers = pd.factorize(events["customer_id"], sort=True)
        what, names = pd.factorize(events["touchpoint"].astype("str"), sort=True)
        stage = data.catalogue.drop_duplicates("touchpoint").set_index("touchpoint")["stage"]
        looking = stage.index[stage.isin(["awareness", "consideration"])]
        begun = everything[~everything["touchpoint"].isin(looking)]
        index = pd.Index(customers)
        return cls(
            index, [str(n) for n in names], who.astype(np.int64), what.astype(np.int64), _micros(events["timestamp"]),
            _first_times(index, begun),
        )  # fmt: skip

    def between(self, low: Ints | int, high: Ints | int) -> Mask:
        """Return customers × touchpoints: met from `low` on and before `high` (one time, or one per customer)."""
        after = low[self.who] if isinstance(low, np.ndarray) else low
        before = high[self.who] if isinstance(high, np.ndarray) else high
        use = (self.when >= after) & (self.when < before)
        out = np.zeros((len(self.customers), len(self.touchpoints)), dtype=bool)
        out[self.who[use], self.what[use]] = True
        return out


def told_apart(met: Met, lived: Any, notes: list[str]) -> Met:
    """Add a column per touchpoint for the contacts that went badly, and one for those that went well."""
    from cxmining.experience.afterwards import times_of

    links = getattr(lived, "links", None)
    if links is None or not len(links):
        raise NotEnoughDataError(
            "find_moments_of_truth(by_experience=True): there are no answers; give what measure_experience returns"
        )
    scored = links[links["matched"] & links["metric"].isin(_FELT) & links["event_id"].notna()]
    events = lived.journeys.data.events.drop_duplicates("event_id").set_index("event_id")
    place = met.customers.get_indexer(pd.Index(scored["customer_id"]))
    what = pd.Index(met.touchpoints).get_indexer(pd.Index(scored["event_id"].map(events["touchpoint"]).astype("str")))
    there = (place >= 0) & (what >= 0)
    scored, place, what = scored[there], place[there].astype(np.int64), what[there].astype(np.int64)
    low, high = (scored[c].to_numpy(dtype=np.float64, na_value=np.nan) for c in ("scale_low", "scale_high"))
    level = (scored["score"].to_numpy(dtype=np.float64, na_value=np.nan) - low) / np.where(
        high > low, high - low, np.nan
    )
    level = np.where(scored["higher_is_better"].to_numpy(dtype=bool), level, 1 - level)
    when = _micros(times_of(lived.journeys.data, scored["response_id"]))
    names, split = list(met.touchpoints), []
    more: list[tuple[Ints, Ints, Ints]] = [(met.who, met.what, met.when)]
    for t in np.unique(what):
        for how, hit in ((BADLY, level < _BADLY), (WELL, level >= _WELL)):
            use = hit & (what == t)
            if use.any():
                more.append((place[use], np.full(int(use.sum()), len(names)), when[use]))
                names.append(f"{met.touchpoints[t]} ({'went badly' if how == BADLY else 'went well'})")
                split.append((int(t), how))
    if not split:
        notes.append("no contact was scored below the middle or in the upper quarter of its scale: none is told apart")
    else:
        notes.append(
            "went badly: scored below the middle of the scale; went well: in its upper quarter; of contacts that were "
            "scored, from the time of the answer, and those who answer may not be like the others"
        )
    who, code, time = (np.concatenate(column) for column in zip(*more, strict=True))
    return replace(met, touchpoints=names, who=who, what=code, when=time, split=tuple(split))


def _micros(times: pd.Series) -> Ints:
    found: Ints = times.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]").astype(np.int64)
    return found


@dataclass(frozen=True, eq=False)
class Question:
    """One outcome: who was looked at, what they met before, and whether it came true."""

    outcome: str
    met: Mask  # rows × touchpoints
    true: Mask  # rows
    who: Ints  # rows: customer
    stratum: Ints  # rows: landmark
    excluded: frozenset[str]  # touchpoints that are the outcome itself

    def usable(self, notes: list[str]) -> bool:
        """Whether it came true for some and not for all; `notes` are told why it cannot be asked."""
        k, n = int(self.true.sum()), len(self.true)
        if 0 < k < n:
            return True
        what = "nobody" if k == 0 else "everybody"
        notes.append(f"{self.outcome}: {what} of {counted(n, 'row')} does; nothing to compare")
        return False

    def described(self) -> dict[str, Any]:
        """Return how many were looked at, and the share for whom it came true, with Wilson's interval."""
        share = wilson(int(self.true.sum()), len(self.true))
        return {"outcome": self.outcome, "n": len(self.true), "customers": len(np.unique(self.who)),
                "share": share.value, "low": share.low, "high": share.high}  # fmt: skip


def _first_times(customers: pd.Index, table: pd.DataFrame) -> Ints:
    """Return when something first happened to each customer; the end of time where it did not."""
    out = np.full(len(customers), np.iinfo(np.int64).max)
    place = customers.get_indexer(pd.Index(table["customer_id"]))
    use = place >= 0
    np.minimum.at(out, place[use], _micros(table["timestamp"])[use])
    return out


def at_landmarks(
    outcome: str, met: Met, happened: pd.DataFrame, window: pd.Timedelta, left: pd.DataFrame | None, excluded: Sequence[str]
) -> Question:  # fmt: skip
    """Return the question whether something happens in the time after each landmark, of those still there."""
    length = int(window.total_seconds() * 1e6)
    step = max(length // _STEPS, 1)
    events = met.when[met.what < met.whole]
    start, end = int(events.min()), int(events.max())
    marks = list(range(start + step, end - length + 1, step))
    gone = np.full(len(met.customers), np.iinfo(np.int64).max) if left is None else _first_times(met.customers, left)
    place = met.customers.get_indexer(pd.Index(happened["customer_id"]))
    times = _micros(happened["timestamp"])
    parts: list[tuple[Mask, Mask, Ints, Ints]] = []
    for i, mark in enumerate(marks):
        there = (met.since < mark) & (gone >= mark)
        true = np.zeros(len(met.customers), dtype=bool)
        use = (place >= 0) & (times >= mark) & (times < mark + length)
        true[place[use]] = True
        who = np.flatnonzero(there).astype(np.int64)
        parts.append((met.between(mark - step, mark)[there], true[there], who, np.full(len(who), i)))
    if not parts:
        t = len(met.touchpoints)
        parts = [(np.zeros((0, t), dtype=bool), np.zeros(0, dtype=bool), np.zeros(0, np.int64), np.zeros(0, np.int64))]
    a, b, c, d = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Question(outcome, a, b, c, d, frozenset(excluded))


def recommending(lived: Any, met: Met, notes: list[str]) -> list[Question]:
    """Return the questions of the overall NPS: each customer's first answer, and all that was met before it."""
    from cxmining.experience.afterwards import times_of
    from cxmining.schema import OVERALL

    links = getattr(lived, "links", None)
    if links is None or not len(links):
        notes.append("recommendation is not looked at: there are no answers")
        return []
    asked = links[links["matched"] & (links["metric"] == "nps") & (links["touchpoint"] == OVERALL)]
    asked = asked[asked["customer_id"].notna() & asked["survey_kind"].isin(["relationship", "journey"])]
    asked = asked.drop_duplicates("response_id")
    asked = asked.assign(timestamp=times_of(lived.journeys.data, asked["response_id"]))
    asked = asked.sort_values(["timestamp", "response_id"], kind="stable").drop_duplicates("customer_id")
    place = met.customers.get_indexer(pd.Index(asked["customer_id"]))
    asked, place = asked[place >= 0], place[place >= 0].astype(np.int64)
    if not len(asked):
        notes.append("recommendation is not looked at: no customer answered an overall NPS question")
        return []
    until = np.full(len(met.customers), np.iinfo(np.int64).min)
    until[place] = _micros(asked["timestamp"])
    before = met.between(np.iinfo(np.int64).min, until)[place]
    score = asked["score"].to_numpy(dtype=np.float64)
    one = np.zeros(len(place), dtype=np.int64)
    return [
        Question(name, before, hit, place, one, frozenset())
        for name, hit in ((RECOMMENDS, score >= 9), (DETRACTS, score <= 6))
    ]
