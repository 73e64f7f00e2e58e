"""What the views of the workbench stand on: made once of the journeys, so that a filter only has to add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints
from cxmining.engine.variants import Variants
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.experience import Experience
from cxmining.experience.measures import about_touchpoints, measure_sentiment
from cxmining.experience.metrics import answer_weights
from cxmining.experience.scores import latest_journey, numbers_of
from cxmining.i18n import LANGUAGES
from cxmining.journeys.build import Journeys
from cxmining.journeys.filters.base import Filter
from cxmining.journeys.filters.view import View
from cxmining.maps.tables import label_of, records, touchpoints_of
from cxmining.schema import STAGES, TABLES
from cxmining.stats.intervals import Interval, coded_mean
from cxmining.workbench.quick import Quick

if TYPE_CHECKING:
    from cxmining.journeys.grouping.personas import Personas

__all__ = ["Ground", "Rows", "lay_ground"]

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
KEPT: Final = 64
"""Masks of filters that are remembered: who undoes, or tries a filter again, waits for nothing."""
MOVING: Final = frozenset(
    ("channel", "channel_mix", "events", "journeys", "customers", "reach", "reach_low", "reach_high", "wow_n", "pain_n")
)
"""Columns of touchpoints that depend on which journeys are looked at; so do those that begin with `FELT`."""
FELT: Final = ("score_", "expected_", "gap_", "sentiment_", "rated_", "wait_")
MOST_VALUES: Final = 12
"""An attribute of customers with more values than this is no list to tick."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Values that were given about touchpoints: a row each.

    Attributes
    ----------
    journey : ndarray of int64
        The journey that the value is about; −1 for one that is in none.
    frame : DataFrame
        ``touchpoint`` (code), ``customer`` (code, below 0 unknown), ``value``, and where a survey has weights ``weight`` and
        ``survey``.
    scale : (float, float)
    """

    journey: Ints
    frame: pd.DataFrame
    scale: tuple[float, float]

    def of(self, mask: Mask | None) -> pd.DataFrame:
        """Return the rows about the chosen journeys; without a mask all of them."""
        if mask is None:
            return self.frame
        return self.frame[np.append(mask, False)[self.journey]]

    @cached_property
    def _coded(self) -> tuple[Ints, Floats, Ints, Ints]:
        """Touchpoint and value of each row, its pair of touchpoint and customer, and the touchpoint of each pair."""
        code, who = self.frame["touchpoint"].to_numpy(), self.frame["customer"].to_numpy()
        low, high = (int(who.min()), int(who.max())) if len(who) else (0, 0)
        wide = high - low + 1
        pairs, pair = np.unique(code * wide + (who - low), return_inverse=True)
        return code, self.frame["value"].to_numpy(), pair, pairs // wide

    def means(self, mask: Mask | None, k: int) -> tuple[Interval, Ints]:
        """Return mean, interval and n of each of `k` touchpoints among the chosen journeys, and how many customers gave them.

        The figures are those of `grouped_mean` on `of`, clustered by customer; what does not depend on the choice is
        worked out once.
        """
        code, value, pair, touchpoint = self._coded
        chosen = slice(None) if mask is None else np.flatnonzero(np.append(mask, False)[self.journey])
        code, value, pair = code[chosen], value[chosen], pair[chosen]
        there = np.flatnonzero(np.bincount(pair, minlength=len(touchpoint)))
        people = np.bincount(touchpoint[there], minlength=k)
        weight = answer_weights(self.frame[["survey", "weight"]].iloc[chosen]) if "weight" in self.frame else None
        if weight is not None:
            known = ~np.isnan(weight)
            code, value, pair, weight = code[known], value[known], pair[known], weight[known]
        return coded_mean(code, value, k, weight, (pair, touchpoint), scale=self.scale), people


class Ground:
    """Journeys, and what was felt on them, laid out for filtering.

    Parameters
    ----------
    source : Journeys or Experience
    """

    def __init__(self, source: Journeys | Experience) -> None:
        self.source = source
        self.lived = source if isinstance(source, Experience) else None
        self.journeys: Journeys = source.journeys if isinstance(source, Experience) else source
        self.log = self.journeys.log
        self.view = View(source)
        self._masks: dict[Filter, Mask] = {}

    def mask(self, f: Filter) -> Mask:
        """Return which journeys pass a filter; the last ones asked for are remembered."""
        found = self._masks.pop(f, None)
        if found is None:
            found = self.quick.mask(f, self.mask)
            if found is None:
                _ = self.overall  # filters on scores ask the view for the same
                found = np.asarray(f.mask(self.view), dtype=bool)
            found.flags.writeable = False
        self._masks[f] = found
        while len(self._masks) > KEPT:
            del self._masks[next(iter(self._masks))]
        return found

    @cached_property
    def quick(self) -> Quick:
        """What answers filters without a walk over the events."""
        return Quick(self.journeys, self.view)

    @cached_property
    def variants(self) -> tuple[Variants, Ints]:
        """The variants and the variant of each journey."""
        return self.journeys._variants

    @cached_property
    def everything(self) -> pd.DataFrame:
        """One row per touchpoint of all journeys, with what stays as it is whatever is filtered: stage, owner, labels."""
        return touchpoints_of(self.source)

    @cached_property
    def fixed(self) -> pd.DataFrame:
        """The columns of `everything` that no filter changes, a row per touchpoint of the log, by code."""
        kept = [c for c in map(str, self.everything) if not (c in MOVING or c.startswith(FELT))]
        return self.everything[kept].set_index("touchpoint").reindex(list(self.log.touchpoints))

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """Language → touchpoint → what the catalogue calls it."""
        rows = records(self.everything)
        return {language: {r["touchpoint"]: label_of(r, language) for r in rows} for language in LANGUAGES}

    @cached_property
    def waited(self) -> tuple[Ints, npt.NDArray[Any], Ints] | None:
        """Of each event with a wait its journey, its touchpoint and the microseconds waited; None where no source says."""
        column = self.journeys.data.events["wait_s"]
        if not column.notna().any():
            return None
        waits = column.to_numpy(dtype=np.float64, na_value=np.nan)[self.log.rows]
        events = np.flatnonzero(~np.isnan(waits))
        journey = np.searchsorted(self.log.offsets, events, side="right") - 1
        return journey, self.log.touchpoint[events], np.round(waits[events] * 1e6).astype(np.int64)

    @property
    def layers(self) -> tuple[tuple[str, float, Callable[[], object]], ...]:
        """What the ground consists of, in order: name, its usual share of the work, and what lays it; laid once."""
        return (
            ("touchpoints", 0.15, lambda: (self.fixed, self.labels, self.choices)),
            ("answers", 0.45, self._lay_answers),
            ("variants", 0.2, self.quick.lay),
            ("texts", 0.1, lambda: (self.sentiment, self.waited)),
        )

    # --- what was felt

    @cached_property
    def _linked(self) -> tuple[pd.DataFrame, Ints]:
        """The linked answers with the journey of each, as `narrow_links` gives them to journeys."""
        assert self.lived is not None
        whole, links = self.lived.linked or self.journeys, self.lived.links
        owner = links["journey_id"].astype("object").to_numpy(copy=True)
        free = (links["matched"] & links["journey_id"].isna() & links["customer_id"].notna()).to_numpy(dtype=bool)
        if free.any():
            answered = whole.data.responses.set_index("response_id")["timestamp"]
            rows = links[free].assign(timestamp=links.loc[free, "response_id"].map(answered), row=np.flatnonzero(free))
            found = latest_journey(whole, rows)
            owner[found["row"].to_numpy()] = found["journey_id"].to_numpy()
        place = numbers_of(self.journeys, pd.Series(owner, dtype="str"))
        return links, np.where(links["matched"].to_numpy(dtype=bool), place, -1).astype(np.int64)

    @cached_property
    def answers(self) -> Ints:
        """The journey of each linked answer that is about one of these journeys."""
        if self.lived is None or not len(self.lived.links):
            return np.zeros(0, dtype=np.int64)
        owner = self._linked[1]
        return owner[owner >= 0]

    @cached_property
    def scores(self) -> Rows | None:
        """Score per touchpoint, on the commonest scale."""
        if self.lived is None or self.lived.metric is None:
            return None
        links, owner = self._linked
        rows = about_touchpoints(links, self.lived.metric)
        scale = float(rows["scale_low"].iloc[0]), float(rows["scale_high"].iloc[0])
        return self._rows(rows, owner[links.index.get_indexer(rows.index)], "score", scale)

    @cached_property
    def pairs(self) -> dict[str, Rows]:
        """Expectation (``expected``) and ``gap`` per touchpoint, of those who said both; empty where nobody did."""
        if self.scores is None or self.lived is None or not len(self.lived.moments):
            return {}
        low, high = self.scores.scale
        scales = {"expected": (low, high), "gap": (low - high, high - low)}
        return {name: self._rows(self.lived.moments, self._of_moments, name, scale) for name, scale in scales.items()}

    @cached_property
    def _of_moments(self) -> Ints:
        assert self.lived is not None
        links, owner = self._linked
        keys = ["response_id", "touchpoint"]
        of = links[keys].assign(owner=owner)
        of = of[links["metric"] == self.lived.metric].drop_duplicates(keys)
        found = self.lived.moments[keys].merge(of, on=keys, how="left")["owner"]
        return found.fillna(-1).to_numpy(dtype=np.int64)

    @cached_property
    def moments(self) -> tuple[Ints, Ints, npt.NDArray[Any]]:
        """Per moment its journey, its touchpoint, and 1 for a WOW, −1 for a pain."""
        assert self.lived is not None
        kind = self.lived.moments["moment"].map({"wow": 1, "pain": -1}).fillna(0).to_numpy(dtype=np.int64)
        return self._of_moments, self._codes(self.lived.moments["touchpoint"]), kind

    @cached_property
    def sentiment(self) -> Rows | None:
        """Sentiment per touchpoint of what customers wrote themselves."""
        if self.lived is None:
            return None
        data, log = self.journeys.data, self.log
        own = (data.events["direction"] == "inbound").fillna(False) & data.events["text"].notna()
        events = np.flatnonzero(own.to_numpy(dtype=bool)[log.rows])
        if not len(events):
            return None
        # one row per text with a feeling word comes back, without its event: each text alone keeps its journey
        at = np.searchsorted(log.offsets, events, side="right") - 1
        written = data.events.iloc[log.rows[events]].assign(customer_id=at.astype(str))
        found = measure_sentiment(replace(data, events=written), self.lived.sentiment)
        journey = found["customer_id"].to_numpy().astype(np.int64)
        frame = found.assign(customer_id=self._customer[journey])
        return self._rows(frame, journey, "sentiment", (-1.0, 1.0))

    @cached_property
    def _customer(self) -> npt.NDArray[Any]:
        return self.journeys.data.events["customer_id"].iloc[self.journeys.origins].to_numpy(dtype=object)

    def _rows(self, rows: pd.DataFrame, journey: npt.NDArray[Any], value: str, scale: tuple[float, float]) -> Rows:
        who = pd.factorize(rows["customer_id"])[0]
        frame = pd.DataFrame(
            {
                "touchpoint": self._codes(rows["touchpoint"]),
                # an answer of nobody known is one person's of its own
                "customer": np.where(who < 0, -1 - np.arange(len(who)), who),
                "value": rows[value].to_numpy(dtype=np.float64, na_value=np.nan),
            }
        )
        if "weight" in rows and rows["weight"].notna().any():
            frame["weight"] = rows["weight"].to_numpy(dtype=np.float64, na_value=np.nan)
            frame["survey"] = rows["survey"].to_numpy() if "survey" in rows else ""
        use = (frame["value"].notna() & (frame["touchpoint"] >= 0)).to_numpy()
        return Rows(journey[use], frame[use].reset_index(drop=True), scale)

    @cached_property
    def rated(self) -> tuple[str, ...]:
        """Touchpoints by code: those of the log, and behind them those that were only scored."""
        if self.lived is None:
            return self.log.touchpoints
        return (*self.log.touchpoints, *sorted(set(self.lived.touchpoints.index) - set(self.log.touchpoints)))

    def _codes(self, names: pd.Series) -> Ints:
        return pd.Index(self.rated).get_indexer(pd.Index(names.astype("object"))).astype(np.int64)

    @cached_property
    def whole(self) -> Rows | None:
        """The score of each journey as a whole, as rows about one thing."""
        if self.overall is None:
            return None
        values, _, scale = self.overall
        scored = np.flatnonzero(~np.isnan(values))
        frame = pd.DataFrame({"touchpoint": 0, "customer": self.log.customer[scored], "value": values[scored]})
        return Rows(scored, frame, scale)

    @cached_property
    def overall(self) -> tuple[Floats, str, tuple[float, float]] | None:
        """The score of each journey as a whole (missing where there is none), its metric and scale."""
        if self.lived is None:
            return None
        try:
            frame = self.lived.journey_scores(None)
        except NotEnoughDataError:  # nobody was asked about the whole: there is no such line
            return None
        place = numbers_of(self.journeys, frame["journey_id"])
        values = np.full(self.log.n_journeys, np.nan)
        values[place] = frame["score"].to_numpy(dtype=np.float64)
        self.view._scores[None] = values, str(frame["metric"].iloc[0])
        return (
            values,
            str(frame["metric"].iloc[0]),
            (float(frame["scale_low"].iloc[0]), float(frame["scale_high"].iloc[0])),
        )

    def _lay_answers(self) -> None:
        _ = self.answers, self.scores, self.pairs, self.whole
        # who is a promoter, where promoters can be ticked
        if "score_class" in self.choices:
            with suppress(NotEnoughDataError):  # answers on nps, but none about a journey as a whole
                self.view.scores("nps", "")

    # --- what can be chosen

    @cached_property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """Facet → values that can be ticked: channels, stages, score classes, attributes of customers."""
        found: dict[str, tuple[str, ...]] = {"channel": self.log.channels} if len(self.log.channels) > 1 else {}
        stages = [s for s in STAGES if (self.everything["stage"] == s).any()]
        if stages:
            found["stage"] = tuple(stages)
        customers = self.journeys.data.customers
        for name in [str(c) for c in customers if c not in TABLES["customers"]]:
            column = customers[name].dropna()
            if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
                continue
            values = sorted(str(v) for v in column.unique()[: MOST_VALUES + 1])
            if 2 <= len(values) <= MOST_VALUES:
                found[f"segment:{name}"] = tuple(values)
        if self.lived is not None and (self.lived.links["matched"] & (self.lived.links["metric"] == "nps")).any():
            found["score_class"] = ("promoter", "passive", "detractor")
        return found

    @property
    def period(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last event."""
        zone = self.journeys.data.time_zone
        first, last = (
            pd.Timestamp(int(v), unit="us", tz="UTC").tz_convert(zone)
            for v in (self.log.time.min(), self.log.time.max())
        )
        return first, last


def lay_ground(source: Any, personas: Personas | None) -> Ground:
    """Return the ground of Journeys or an Experience; with personas, these are an attribute of customers.

    Raises
    ------
    StudyError
        When `source` is neither.
    """
    if not isinstance(source, Journeys | Experience):
        raise StudyError(
            f"the workbench looks at Journeys or an Experience, not at {type(source).__name__}; "
            "write cx.measure_experience(cx.build_journeys(data))"
        )
    return Ground(source if personas is None else _with_personas(source, personas))


def _with_personas(source: Journeys | Experience, personas: Personas) -> Journeys | Experience:
    """Return the source whose customers bear the name of their persona, as filters ask for it."""
    side = personas.behaviour
    names = side.summary.set_index("segment")["label_en"]
    known = personas.assignments.dropna(subset=[side.kind]).set_index("customer_id")[side.kind]
    journeys = source.journeys if isinstance(source, Experience) else source
    customers = journeys.data.customers
    missing = known.index.difference(pd.Index(customers["customer_id"].dropna()))
    if len(missing):
        customers = pd.concat([customers, pd.DataFrame({"customer_id": missing})], ignore_index=True)
    customers = customers.assign(persona=customers["customer_id"].map(known).map(names).astype("str"))
    named = replace(journeys, data=replace(journeys.data, customers=customers))
    # what was computed of the events stands: only customers have one attribute more
    fresh = {field.name for field in fields(journeys)}
    vars(named).update({name: value for name, value in vars(journeys).items() if name not in fresh})
    return replace(source, journeys=named) if isinstance(source, Experience) else named
