"""The numbers of an exploration: what each view shows, what decides, and two states side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.experience import Experience
from cxmining.i18n import speaking
from cxmining.journeys import filters
from cxmining.journeys.build import Journeys
from cxmining.workbench.decide import Decides, decide_again
from cxmining.workbench.detail import TouchpointDetail, detail_of
from cxmining.workbench.looking import SAVED
from cxmining.workbench.shown import Counts
from cxmining.workbench.steps import Steps

if TYPE_CHECKING:
    from cxmining.drivers.whatif import WhatIf
    from cxmining.journeys.comparing.compare import GroupComparison
    from cxmining.maps.journey import JourneyMap

__all__ = ["Numbers"]

say = speaking("workbench")


class Numbers(Steps):
    """What each view shows of the journeys that are left."""

    @property
    def journeys(self) -> Journeys:
        """The journeys that are left, as any verb takes them."""
        left = self._narrowed(self.state)
        return left.journeys if isinstance(left, Experience) else left

    @property
    def lived(self) -> Experience | Journeys:
        """The source, filtered: for the verbs that want an Experience."""
        return self._narrowed(self.state)

    @property
    def counts(self) -> Counts:
        """Journeys, customers, events and answers that are left, and the score of the whole."""
        return self.shown.counts

    @property
    def touchpoints(self) -> pd.DataFrame:
        """One row per touchpoint: counts, reach, scores, with what is about too few customers missing."""
        return self._enough().touchpoints

    @property
    def edges(self) -> pd.DataFrame:
        """Who follows whom."""
        return self._enough().edges

    @property
    def curve(self) -> pd.DataFrame:
        """The emotional journey: score, expectation and gap per touchpoint, each with n and 95% interval."""
        return self._enough().points

    def variants(self, top: int = 20) -> pd.DataFrame:
        """Return the most frequent variants (see :meth:`~cxmining.workbench.shown.Shown.variants`)."""
        return self._enough().variants(top)

    def map(self, *, medians: bool = True, name: str | None = None) -> JourneyMap:
        """Return the journey map of what is left, or of ``A`` or ``B``.

        Parameters
        ----------
        medians : bool, default True
            With the exact median times; without them it is there ten times sooner.
        name : {"A", "B"}, optional
        """
        from cxmining.maps.journey import journey_map

        shown = self._enough(name)
        drawn: JourneyMap = journey_map(
            shown.detailed if medians else shown.touchpoints, shown.timed_edges if medians else shown.edges,
            language=self.language, hidden=shown.hidden, hidden_edges=shown.hidden_edges,
        )  # fmt: skip
        return drawn

    def touchpoint(self, name: str | None = None) -> TouchpointDetail:
        """Return everything about one touchpoint, by default the one that is selected."""
        if name is None:
            if self.state.kind != "touchpoint":
                raise StudyError("touchpoint: none is selected; name one")
            name = self.state.selected
        self._there("touchpoint", name)
        return detail_of(self._ground, self._enough(), name, self.language, self.text)

    def journey_table(self, n: int = 50) -> pd.DataFrame:
        """Return the first `n` journeys that are left, and that meet what is selected; customers by pseudonym.

        Columns ``journey_id``, ``customer_id``, ``start``, ``duration_s``, ``n_events``, ``variant_id`` and, where they are
        scored, ``score``.
        """
        mask = self._mask(self.state.filters)
        if self.state.kind:
            make = {"touchpoint": filters.contains, "stage": filters.stage, "variant": filters.variants}
            own = self._ground.mask(make[self.state.kind](self.state.selected))
            mask = own if mask is None else mask & own
        log = self._ground.log
        rows = np.arange(log.n_journeys) if mask is None else np.flatnonzero(mask)
        if np.count_nonzero(np.diff(log.customer[rows], prepend=-1)) < self.min_cell:
            raise NotEnoughDataError(self._few())
        table = self._ground.journeys.table.iloc[rows[:n]]
        columns = ["journey_id", "customer_id", "start", "duration_s", "n_events", "variant_id"]
        if self._ground.overall is not None:
            table = table.assign(score=self._ground.overall[0][rows[:n]])
            columns.append("score")
        return table[columns].reset_index(drop=True)

    # --- what decides

    @property
    def decides(self) -> Decides:
        """Which touchpoints decide, and on whose answers that was computed."""
        if self.drivers is None:
            raise NotEnoughDataError(say("scope_none", self.language))
        key = frozenset(self.state.filters)
        if key and key in self._decided:
            return Decides(self._decided[key], "shown", self.min_cell)
        return Decides(self.drivers, "other" if key else "all", self.min_cell)

    def decide_again(self, *, bootstrap: int = 1000, seed: int = 1) -> Decides:
        """Compute which touchpoints decide among the journeys that are left; it takes a while, and few answers cannot tell.

        Raises
        ------
        NotEnoughDataError
            When too few answers are left.
        StudyError
            Without a driver analysis, or on bare journeys.
        """
        before = self.decides
        key = frozenset(self.state.filters)
        if not key or key in self._decided:
            return self.decides
        found = decide_again(self._narrowed(self.state), before.analysis, bootstrap, seed)
        self._decided[key] = found
        return self.decides

    def what_if(self, touchpoint: str | None = None, points: float = 1.0) -> WhatIf:
        """Say how much the score differs with a touchpoint that is scored some points higher (see :func:`cxmining.what_if`)."""
        from cxmining.drivers.whatif import what_if

        if touchpoint is None and self.state.kind == "touchpoint":
            touchpoint = self.state.selected
        if touchpoint is None:
            raise StudyError("what_if: no touchpoint is selected; name one")
        analysis = self.decides.analysis
        key = (id(analysis), touchpoint, float(points))
        if key not in self._if:
            self._if[key] = what_if(analysis, touchpoint, points)
        return self._if[key]

    # --- two states

    def side_by_side(self) -> pd.DataFrame:
        """Lay ``A`` and ``B`` side by side: per touchpoint reach and score of both, each with n and 95% interval."""
        parts = []
        for name in SAVED:
            shown = self._enough(name)
            table = shown.touchpoints.set_index("touchpoint")
            wanted = [
                "reach",
                "reach_low",
                "reach_high",
                "customers",
                "score_mean",
                "score_low",
                "score_high",
                "score_n",
            ]
            parts.append(table.reindex(columns=wanted).add_suffix(f"_{name.lower()}"))
        return pd.concat(parts, axis=1).reset_index()

    def compare(self, *, resamples: int = 999, seed: int = 1) -> GroupComparison:
        """Test where ``A`` and ``B`` differ, over all touchpoints and transitions together (see :func:`cxmining.compare_groups`)."""
        from cxmining.journeys import compare_groups

        a, b = (self._narrowed(self._kept(name)) for name in SAVED)
        fewest = max(2, self.min_cell)
        return compare_groups(a, b, names=SAVED, fewest=fewest, resamples=resamples, seed=seed)
