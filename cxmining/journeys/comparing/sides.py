"""Groups of journeys to compare: by what the customer is, how the journey began, when, or how it was scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.journeys.build import Journeys
from cxmining.journeys.scored import Scored, journeys_of, scores_of
from cxmining.schema import TABLES

__all__ = ["split_by"]

PERIODS: Final = ("month", "quarter", "year")
MOST_GROUPS: Final = 50
_OF_CUSTOMER: Final = frozenset(TABLES["customers"])
_NO_GROUP: Final = frozenset(("event_id", "customer_id", "timestamp", "seq", "text", "utc_offset"))
_THIRDS: Final = ("low", "middle", "high")


@dataclass(frozen=True, eq=False)
class _Part:
    """Some of the journeys of scored journeys, scored as they were."""

    journeys: Journeys
    whole: Scored

    def journey_scores(self, metric: str | None = None) -> pd.DataFrame:
        """Return the scores of these journeys."""
        scores = self.whole.journey_scores(metric)
        return scores[scores["journey_id"].isin(self.journeys.table["journey_id"])].reset_index(drop=True)


def split_by(source: Journeys | Scored, by: str | Any, *, metric: str | None = None) -> Mapping[str, Journeys | Scored]:
    """Split journeys into groups.

    Parameters
    ----------
    source : Journeys or Scored
    by : str or array-like
        An attribute of customers (``"segment"``); a column of events (``"channel"``), as it was when the journey
        began; ``"month"``, ``"quarter"`` or ``"year"`` in which it began, local time; ``"score"`` for scored
        journeys: promoter (9, 10), passive and detractor (0 to 6) on NPS, else low, middle and high thirds of the
        scale; or one label per journey of your own.
    metric : str, optional
        With ``by="score"``; default the overall metric that most journeys have.

    Returns
    -------
    dict of str to Journeys or Scored
        By label, alphabetically; scored where `source` is. Journeys without a label are in no group.

    Raises
    ------
    UnknownNameError
        When there is no such column.
    StudyError
        When the labels are not one per journey, or hardly repeat.
    NotEnoughDataError
        When no journey has a label.

    Examples
    --------
    >>> from cxmining.ingest import from_frame
    >>> frame = pd.DataFrame(
    ...     {
    ...         "customer": ["c1", "c2", "c1"],
    ...         "touchpoint": ["buy", "buy", "call"],
    ...         "timestamp": ["2025-01-01T10:00Z", "2025-02-01T10:00Z", "2025-03-01T10:00Z"],
    ...     }
    ... )
    >>> from cxmining.journeys import build_journeys
    >>> data = from_frame(frame, customer="customer", touchpoint="touchpoint", timestamp="timestamp")
    >>> {k: len(v) for k, v in split_by(build_journeys(data, gap="7D"), "month").items()}
    {'2025-01': 1, '2025-02': 1, '2025-03': 1}
    """
    journeys = journeys_of(source)
    if isinstance(by, str):
        labels, said = _labels(source, journeys, by, metric)
    else:
        labels, said = pd.Series(list(by), dtype="object"), "label"
        if len(labels) != len(journeys):
            raise StudyError(f"by has {len(labels):,} labels for {len(journeys):,} journeys; give one per journey")
    labels = labels.where(labels.notna(), None).map(lambda v: None if v is None else str(v))
    found = sorted(labels.dropna().unique())
    if not found:
        raise NotEnoughDataError(f"no journey has a {said}, so there are no groups")
    if len(found) > MOST_GROUPS:
        raise StudyError(
            f"{said} has {len(found):,} values ({', '.join(map(repr, found[:3]))}, …), too many to be groups; "
            f"at most {MOST_GROUPS} make sense"
        )
    groups: dict[str, Journeys | Scored] = {}
    for name in found:
        part = journeys.take((labels == name).to_numpy(dtype=bool), f"{said} {name}")
        groups[name] = _Part(part, source) if isinstance(source, Scored) else part
    return groups


def _labels(source: Journeys | Scored, journeys: Journeys, by: str, metric: str | None) -> tuple[pd.Series, str]:
    if by == "score":
        return _classes(source, journeys, metric)
    if by in PERIODS:
        start = journeys.table["start"].dt.tz_convert(journeys.data.time_zone).dt.tz_localize(None)
        return start.dt.to_period({"month": "M", "quarter": "Q", "year": "Y"}[by]).astype(str), by
    customers, events = journeys.data.customers, journeys.data.events
    attributes = [c for c in customers if c not in _OF_CUSTOMER]
    if by in attributes:
        known = customers.dropna(subset=["customer_id", by]).drop_duplicates("customer_id")
        of = known.set_index("customer_id")[by]
        return journeys.table["customer_id"].map(of).astype("object"), by
    columns = [c for c in events if c not in _NO_GROUP]
    if by in columns:
        first = journeys.log.rows[journeys.log.offsets[:-1]]
        return events[by].iloc[first].reset_index(drop=True).astype("object"), f"began with {by}"
    choices = ["score", *PERIODS, *map(str, attributes), *map(str, columns)]
    raise UnknownNameError(f"by={by!r}: no attribute of customers or column of events; {nearest(by, choices)}")


def _classes(source: Journeys | Scored, journeys: Journeys, metric: str | None) -> tuple[pd.Series, str]:
    scores = scores_of(source, metric)
    if scores is None:
        raise StudyError('by="score" needs scored journeys: give what cx.measure_experience returns')
    place = (scores["score"] - scores["scale_low"]) / (scores["scale_high"] - scores["scale_low"])
    nps = bool((scores["metric"] == "nps").all())
    cuts, names = ((0.65, 0.85), ("detractor", "passive", "promoter")) if nps else ((1 / 3, 2 / 3), _THIRDS)
    cls = np.digitize(place, cuts)
    of = pd.Series(np.array(names, dtype=object)[cls], index=scores["journey_id"]).groupby(level=0).first()
    kind = " ".join(sorted(scores["metric"].astype(str).unique()))
    return journeys.table["journey_id"].map(of).astype("object"), kind
