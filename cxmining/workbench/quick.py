"""Filters answered from what is kept per journey: the same answers as `Filter.mask`, without a walk over the events.

Who filters by hand asks a hundred times about the same journeys. What is not known here, `Filter.mask` answers; so do
names that these journeys do not have, because it says what there is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cxmining.engine.coded import Ints
from cxmining.engine.traits import MOST, Bits, Traits, bits_of
from cxmining.identity.pairs import places
from cxmining.journeys.build import Journeys
from cxmining.journeys.filters.base import And, Filter, Not, Or
from cxmining.journeys.filters.belonging import Coverage, Period, Segment, frequent
from cxmining.journeys.filters.events import Events, borders
from cxmining.journeys.filters.kinds import Contains, Duration, Followed, NEvents, Place
from cxmining.journeys.filters.view import View, equal
from cxmining.journeys.staging.stages import UNKNOWN
from cxmining.schema import STAGES, TABLES

__all__ = ["Quick"]

Mask = npt.NDArray[np.bool_]
_STAGES: Final = (*STAGES, UNKNOWN)


class Quick:
    """Answers filters on some journeys.

    Parameters
    ----------
    journeys : Journeys
    view : View
        Of the same journeys.
    """

    def __init__(self, journeys: Journeys, view: View) -> None:
        self.journeys, self.view = journeys, view
        self.traits = Traits(journeys.log)

    def lay(self) -> None:
        """Gather now what filters ask for, instead of when the first one does."""
        traits, log = self.traits, self.journeys.log
        if len(log.touchpoints) <= MOST:
            _ = traits.touchpoints
        if len(log.channels) <= MOST:
            _ = traits.channels
        _ = traits.first, traits.last, traits.duration, self.stages, self.rank, self.customer
        _ = traits.followed_by([0], [0], direct=True)  # compiled, or read from disk

    def mask(self, f: Filter, of: Callable[[Filter], Mask]) -> Mask | None:
        """Return which journeys pass; None when this is not known here.

        Parameters
        ----------
        f : Filter
        of : callable
            Answers the parts of a filter that is made of others.
        """
        if isinstance(f, Not):
            return ~of(f.part)
        if isinstance(f, And):
            return np.asarray(np.logical_and.reduce([of(part) for part in f.parts]))
        if isinstance(f, Or):
            return np.asarray(np.logical_or.reduce([of(part) for part in f.parts]))
        if isinstance(f, Contains):
            return self._contains(f)
        if isinstance(f, Place) and f.at in (1, -1):
            codes = self._codes(f.step)
            return None if codes is None else _is_any(self.traits.first if f.at == 1 else self.traits.last, codes)
        if isinstance(f, Followed):
            first, then = self._codes(f.first), self._codes(f.then)
            return (
                None if first is None or then is None else self.traits.followed_by(first, then, f.direct, f.within_us)
            )
        if isinstance(f, Duration):
            return f.holds(self.traits.duration)
        if isinstance(f, NEvents):
            return f.holds(np.diff(self.journeys.log.offsets))
        if isinstance(f, Period):
            return self._period(f)
        if isinstance(f, Coverage):
            n, group = self.journeys._variants[0].journeys, self.journeys._variants[1]
            return np.asarray((self.rank < frequent(n, f.share))[group])
        return self._segment(f) if isinstance(f, Segment) else None

    def _codes(self, step: Any) -> list[int] | None:
        """Return the codes of touchpoints that are named plainly."""
        known = self.journeys.log.touchpoints
        if isinstance(step, tuple) and all(name in known for name in step):
            return [known.index(name) for name in step]
        return None

    def _contains(self, f: Contains) -> Mask | None:
        log, step = self.journeys.log, f.step
        if isinstance(step, Events):
            if len(step.conditions) != 1 or step.conditions[0][0] not in ("channel", "stage"):
                return None
            name, values = step.conditions[0]
            known, bits = (log.channels, None) if name == "channel" else (_STAGES, self.stages)
            if not set(values) <= set(known) or (name == "stage" and bits is None) or len(known) > MOST:
                return None
            return (bits or self.traits.channels).any_of([known.index(str(v)) for v in values])
        codes = self._codes(step)
        return None if codes is None or len(log.touchpoints) > MOST else self.traits.touchpoints.any_of(codes)

    def _period(self, f: Period) -> Mask | None:
        low, high = borders(self.view, f.start, f.end)
        first, last = self.traits.start, self.traits.end
        if f.keep == "starting":
            return (first >= low) & (first < high)
        if f.keep == "ending":
            return (last >= low) & (last < high)
        return (first >= low) & (last < high) if f.keep == "inside" else None

    def _segment(self, f: Segment) -> Mask | None:
        customers = self.journeys.data.customers
        if self.customer is None or f.name not in customers or f.name in TABLES["customers"]:
            return None
        column = customers[f.name]
        found = np.zeros(len(column) + 1, dtype=bool)  # the last one is nobody, −1
        for value in f.values:
            hit = equal(column, value)
            if not hit.any():
                return None
            found[:-1] |= hit
        return found[self.customer]

    @cached_property
    def stages(self) -> Bits | None:
        """Which stages each journey passes through; None where no event has one."""
        codes = self.journeys._stage
        return bits_of(codes, self.journeys.log.offsets, len(_STAGES)) if (codes >= 0).any() else None

    @cached_property
    def rank(self) -> Ints:
        """The place of each variant, the most frequent first, equals by alphabet."""
        return self.journeys._variants[0].rank

    @cached_property
    def customer(self) -> npt.NDArray[np.int32] | None:
        """Per journey the row of its customer in the table of customers; None where a customer stands there twice."""
        data, log = self.journeys.data, self.journeys.log
        known = data.customers["customer_id"]
        if known.dropna().duplicated().any():
            return None
        # One look at each customer, not at each journey: those of one customer stand together.
        first = np.flatnonzero(np.diff(log.customer, prepend=-1))
        who = data.events["customer_id"].iloc[self.journeys.origins[first]]
        row = places(who, known)
        row[who.isna().to_numpy()] = -1
        return np.repeat(row.astype(np.int32), np.diff(np.append(first, log.n_journeys)))


def _is_any(values: npt.NDArray[Any], codes: list[int]) -> Mask:
    found = values == codes[0]
    for code in codes[1:]:
        found |= values == code
    return np.asarray(found)
