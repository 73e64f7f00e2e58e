"""What a filter is asked about: the coded log, and what else is known of its events, journeys and customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.identity.pairs import places
from cxmining.journeys.filters.base import EventFilter, Mask
from cxmining.journeys.filters.values import Scalar
from cxmining.journeys.scored import Scored, journeys_of, scores_of
from cxmining.journeys.staging.stages import UNKNOWN
from cxmining.schema import STAGES, TABLES

if TYPE_CHECKING:
    from cxmining.journeys.build import Journeys

__all__ = ["Step", "View"]

Step = tuple[str, ...] | EventFilter
"""The events meant: any of these touchpoints, or those that pass."""
_QUARTER: Final = 900_000_000
"""Clocks change on whole quarters of an hour UTC, since 1970 everywhere."""
_NONE: Final = -(2**15)
"""No offset from UTC: the smallest number that its type holds, 22 days west."""
_NOT_ASKED: Final = frozenset(("event_id", "customer_id", "timestamp", "utc_offset", "seq", "text"))


class View:
    """One set of journeys while filters look at it; keeps what several of them need."""

    def __init__(self, source: Journeys | Scored) -> None:
        self.source = source
        self.journeys: Journeys = journeys_of(source)
        self.log = self.journeys.log
        self.notes: list[str] = []
        self._scores: dict[str | None, tuple[npt.NDArray[np.float64], str]] = {}

    def note(self, text: str) -> None:
        """Remember what a reader of the result must know."""
        if text not in self.notes:
            self.notes.append(text)

    def step(self, step: Step) -> Mask:
        """Return one boolean per event: whether it is such a step."""
        return step.mask(self) if isinstance(step, EventFilter) else self.touchpoint(step)

    def touchpoint(self, names: Sequence[str]) -> Mask:
        """Return the events at any of these touchpoints, each a name or ``"channel: name"``."""
        log = self.log
        place = {name: i for i, name in enumerate(log.touchpoints)}
        wanted = np.zeros(len(log.touchpoints), dtype=bool)
        hits: list[Mask] = []
        for name in names:
            if name in place:
                wanted[place[name]] = True
                continue
            parted = self._parted(name)
            if parted is None:
                raise UnknownNameError(f"no touchpoint {name!r} in these journeys; {nearest(name, log.touchpoints)}")
            channel, touchpoint = parted
            hits.append((log.touchpoint == place[touchpoint]) & (log.channel == log.channels.index(channel)))
        if wanted.any():
            only = np.flatnonzero(wanted)
            hits.append(log.touchpoint == only[0] if len(only) == 1 else wanted[log.touchpoint])
        return hits[0] if len(hits) == 1 else cast(Mask, np.logical_or.reduce(hits))

    def _parted(self, name: str) -> tuple[str, str] | None:
        """Read ``"mail: complaint"`` and ``"complaint@mail"``, the way variants with channel are written."""
        for channel in self.log.channels:
            for touchpoint in (name.removeprefix(f"{channel}: "), name.removesuffix(f"@{channel}")):
                if touchpoint != name and touchpoint in self.log.touchpoints:
                    return channel, touchpoint
        return None

    def channel(self, names: Sequence[str]) -> Mask:
        """Return the events through any of these channels."""
        wanted = np.zeros(len(self.log.channels), dtype=bool)
        for name in names:
            if name not in self.log.channels:
                raise UnknownNameError(f"no channel {name!r} in these journeys; {nearest(name, self.log.channels)}")
            wanted[self.log.channels.index(name)] = True
        return cast(Mask, wanted[self.log.channel])

    def stage(self, names: Sequence[str]) -> Mask:
        """Return the events in any of these stages."""
        codes = self.journeys._stage
        wanted = np.zeros(len(STAGES) + 1, dtype=bool)
        for name in names:
            wanted[[*STAGES, UNKNOWN].index(name)] = True
        if not (codes >= 0).any() and UNKNOWN not in names:
            raise NotEnoughDataError(
                f"no event has a stage, so none is in {' or '.join(names)}; give touchpoints stages in the catalogue"
            )
        return cast(Mask, wanted[codes])  # −1, unknown, is the last

    def column(self, name: str, values: Sequence[Scalar]) -> Mask:
        """Return the events whose `name`, a column of the events table, is any of `values`."""
        events = self.journeys.data.events
        there = [c for c in events.columns if c not in _NOT_ASKED]
        if name not in there:
            raise UnknownNameError(f"the events have no column {name!r} to filter by; {nearest(name, there)}")
        column = events[name]
        hit = np.zeros(len(column), dtype=bool)
        for value in values:
            found = equal(column, value)
            if not found.any():  # looking up what there is takes long: only when nothing was found
                shown = [str(v) for v in column.dropna().unique()]
                raise UnknownNameError(f"no event has {name} {value!r}; {nearest(str(value), sorted(shown))}")
            hit |= found
        return cast(Mask, hit[self.log.rows])

    def local(self) -> Ints:
        """Return local microseconds: by the event's own offset, else by the time zone of the data."""
        data, log = self.journeys.data, self.log
        offset = data.events["utc_offset"]
        if not offset.notna().any():
            return log.time + _zone_offset(log.time, data.time_zone)
        known = offset.to_numpy(dtype=np.int16, na_value=_NONE)[log.rows]
        out = log.time + known * np.int64(60_000_000)
        missing = known == _NONE
        if missing.any():
            out[missing] = log.time[missing] + _zone_offset(log.time[missing], data.time_zone)
        return cast(Ints, out)

    def segment(self, name: str, values: Sequence[Scalar]) -> Mask:
        """Return the journeys of customers whose attribute `name` is any of `values`."""
        data = self.journeys.data
        there = [c for c in data.customers.columns if c not in TABLES["customers"]]
        if name not in there:
            raise UnknownNameError(f"customers have no attribute {name!r}; {nearest(name, there)}")
        column = data.customers[name]
        found = np.zeros(len(column), dtype=bool)
        for value in values:
            hit = equal(column, value)
            if not hit.any():
                shown = sorted(str(v) for v in column.dropna().unique())
                raise UnknownNameError(f"no customer has {name} {value!r}; {nearest(str(value), shown)}")
            found |= hit
        customers = data.customers.loc[found, "customer_id"].dropna()
        log = self.log
        # One look at each customer, not at each journey: those of one customer stand together.
        first = np.flatnonzero(np.diff(log.customer, prepend=-1))
        who = data.events["customer_id"].iloc[self.journeys.origins[first]]
        # Series.isin walks text one by one in Python; factorize is ten times faster.
        number, names = pd.factorize(pd.concat([customers, who], ignore_index=True))
        known = np.zeros(len(names) + 1, dtype=bool)
        known[number[: len(customers)]] = True  # the last one is nobody, −1
        wanted = known[number[len(customers) :]]
        return cast(Mask, np.repeat(wanted, np.diff(np.append(first, log.n_journeys))))

    def scores(self, metric: str | None, asked: str) -> tuple[npt.NDArray[np.float64], str]:
        """Return the score of each journey, missing where there is none, and its metric."""
        if not isinstance(self.source, Scored):
            raise StudyError(
                f"{asked} needs scores, and bare journeys have none; "
                f"write cx.measure_experience(journeys).where({asked})"
            )
        if metric not in self._scores:
            frame = scores_of(self.source, metric)
            assert frame is not None
            place = places(self.journeys.table["journey_id"], frame["journey_id"])
            values = frame["score"].to_numpy(dtype=np.float64)
            out = np.where(place >= 0, values[place], np.nan)
            self._scores[metric] = out, str(frame["metric"].iloc[0])
        out, name = self._scores[metric]
        scored = int((~np.isnan(out)).sum())
        self.note(f"{scored:,} of {len(out):,} {'has' if scored == 1 else 'have'} a {name} score")
        return out, name


def equal(column: pd.Series, value: Scalar) -> Mask:
    """Return where a column has this value; numbers compare as numbers, all else as it is written."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if pd.api.types.is_bool_dtype(column) and isinstance(value, bool):
        found = column == value
    elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        if not number:
            value = _as_number(value)
        found = column == value
    elif isinstance(column.dtype, pd.StringDtype):
        found = column == str(value)
    else:
        found = column.notna() & (column.astype("str") == str(value))
    return found.fillna(False).to_numpy(dtype=bool)


def _as_number(value: Any) -> float:
    try:
        return float(value)
    except ValueError:
        return float("nan")  # equals nothing: the caller says what there is


def _zone_offset(time: Ints, zone: str) -> Ints:
    """Return how far `zone` is ahead of UTC at each moment, in microseconds."""
    if not len(time) or zone == "UTC":
        return np.zeros(len(time), dtype=np.int64)
    bucket = time // _QUARTER
    low, high = int(bucket.min()), int(bucket.max())
    if low < 0 or high - low > 4_000_000:
        return _looked_up(time, zone)  # clocks before 1970 ran on odd seconds
    return _looked_up(np.arange(low, high + 1) * _QUARTER, zone)[bucket - low]


def _looked_up(time: Ints, zone: str) -> Ints:
    utc = pd.DatetimeIndex(time.view("datetime64[us]"))
    local = utc.tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return cast(Ints, local.as_unit("us").asi8 - time)
