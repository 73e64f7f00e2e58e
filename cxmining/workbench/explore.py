"""The workbench without a widget: filters, selection, undo, two states side by side, and the numbers of each view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.experience import Experience
from cxmining.i18n import LANGUAGES, MISSING, counted, interval, number, speaking
from cxmining.i18n.labels import METRIC_LABELS, named
from cxmining.journeys import filters
from cxmining.journeys.build import Journeys
from cxmining.journeys.filters.base import EventFilter, Filter
from cxmining.maps.words import HIDDEN
from cxmining.progress import Progress
from cxmining.schema import STAGES
from cxmining.workbench.chips import Chip, as_code, facet_of, label_of
from cxmining.workbench.decide import Decides, decide_again
from cxmining.workbench.detail import TouchpointDetail, detail_of
from cxmining.workbench.ground import Mask, lay_ground
from cxmining.workbench.journeys import JourneyList, OneJourney, list_journeys, open_journey
from cxmining.workbench.segments import SegmentTable, compare_segments
from cxmining.workbench.shown import Counts, Shown
from cxmining.workbench.state import State

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.drivers.whatif import WhatIf
    from cxmining.journeys.comparing.compare import GroupComparison
    from cxmining.journeys.grouping.personas import Personas
    from cxmining.maps.journey import JourneyMap

__all__ = ["Exploration", "explore"]

say = speaking("workbench")
SAVED: Final = ("A", "B")
VERSION: Final = 1
_STEPS: Final = 200
"""Steps that can be undone."""
_KEPT: Final = 6
"""Choices of journeys whose figures are remembered."""
TEXT: Final = ("none", "masked")


def explore(
    source: Journeys | Experience,
    drivers: DriverAnalysis | None = None,
    *,
    personas: Personas | None = None,
    min_cell: int = 10,
    text: str = "none",
    language: str | None = None,
    state: Mapping[str, Any] | None = None,
) -> Exploration:
    """Open journeys, and what was felt on them, for filtering: the workbench without a widget.

    Parameters
    ----------
    source : Journeys or Experience
    drivers : DriverAnalysis, optional
        Which touchpoints decide, of :func:`cxmining.find_drivers`.
    personas : Personas, optional
        Of :func:`cxmining.find_personas`; they become the customers' attribute ``persona``.
    min_cell : int, default 10
        Figures about fewer customers are hidden.
    text : {"none", "masked"}, default "none"
        Whether quotes are shown, masked.
    language : {"en", "nl"}, optional
        Of labels and words; default that of the data.
    state : mapping, optional
        What :meth:`Exploration.to_json` returned.

    Returns
    -------
    Exploration

    Raises
    ------
    StudyError
        When `source` is neither, or `state` is none.
    UnknownNameError
        For an unknown language or text policy.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> x = explore(small_example())
    >>> x.where('filters.channel("phone")').counts.journeys
    60
    >>> [chip.label for chip in x.chips], x.code
    (['channel: phone'], 'cx.filters.channel("phone")')
    >>> x.undo().counts.journeys
    105
    """
    return Exploration(source, drivers, personas=personas, min_cell=min_cell, text=text, language=language, state=state)


class Exploration:
    """Journeys under filters that come and go.

    What is looked at is a value, :class:`~cxmining.workbench.state.State`; a step replaces it and can be undone. Steps
    return the exploration itself. A step that fails, fails whole: nothing has changed.

    Attributes
    ----------
    source : Journeys or Experience
        Unfiltered; with personas as the attribute ``persona``.
    drivers : DriverAnalysis or None
    min_cell : int
    text : str
    language : str
    state : State
    saved : dict of str to State
        ``A`` and ``B``, where they were saved.
    """

    def __init__(
        self, source: Journeys | Experience, drivers: DriverAnalysis | None = None, *, personas: Personas | None = None,
        min_cell: int = 10, text: str = "none", language: str | None = None, state: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        if text not in TEXT:
            raise UnknownNameError(f"explore: text={text!r}; {nearest(str(text), TEXT)}")
        if isinstance(min_cell, bool) or not isinstance(min_cell, int) or min_cell < 1:
            raise StudyError(f"explore: min_cell={min_cell!r}: expected a whole number from 1")
        self._ground = lay_ground(source, personas)
        speech = self._ground.journeys.data.language if language is None else language
        if speech not in LANGUAGES:
            raise UnknownNameError(f"explore: language {speech!r}; {nearest(str(speech), LANGUAGES)}")
        self.source, self.drivers = self._ground.source, drivers
        self.min_cell, self.text, self.language = min_cell, text, speech
        self.state, self.saved = State(), dict[str, State]()
        self._past: list[State] = []
        self._future: list[State] = []
        self._shown: dict[frozenset[Filter], Shown] = {}
        self._decided: dict[frozenset[Filter], Any] = {}
        self._if: dict[tuple[int, str, float], WhatIf] = {}
        if state is not None:
            self.restore(state)

    # --- what all views stand on

    def prepare(self, progress: Callable[[str, float], object] | Progress | None = None) -> Exploration:
        """Lay what every view stands on; the first view does so anyhow, here it is seen and can be stopped.

        At a million events it takes seconds, at ten million half a minute, once. It runs on any thread. Stopped, by an
        interrupt or by what `progress` raises, it keeps the steps that are done, and goes on there the next time.

        Parameters
        ----------
        progress : callable or Progress, optional
            Called before each step with what is done, in words of the exploration's language, and the share of the work
            (0 to 1) that is behind; at the end with no words and 1. A :class:`~cxmining.progress.Progress` shows each step
            where it is read; it is the default.

        Returns
        -------
        Exploration
            Itself.

        Examples
        --------
        >>> from cxmining.experience.example import small_example
        >>> seen = []
        >>> x = explore(small_example()).prepare(lambda what, share: seen.append((what, share)))
        >>> seen[0], seen[-1]
        (('counting touchpoints', 0.0), ('', 1.0))
        """
        shown = progress if isinstance(progress, Progress) else Progress() if progress is None else None
        tell = progress if callable(progress) else None
        behind = 0.0
        for name, share, lay in (*self._ground.layers, ("figures", 0.1, self._first)):
            said = say(f"ground_{name}", self.language)
            if tell is not None:
                tell(said, min(behind, 1.0))
            with nullcontext() if shown is None else shown.step(said):
                lay()
            behind = round(behind + share, 9)
        if tell is not None:
            tell("", 1.0)
        return self

    def _first(self) -> None:
        """Compute what the first view shows."""
        if not self.counts.hidden:
            _ = self.touchpoints, self.edges, self.curve

    # --- steps

    def where(self, f: Filter | EventFilter | str) -> Exploration:
        """Add a filter, or the parts of a conjunction; also as code, as it was copied.

        Raises
        ------
        NotEnoughDataError
            When no journey would be left.
        UnknownNameError
            When it names what these journeys do not have.
        StudyError
            When it is no filter on journeys, or asks for scores where there are none.
        """
        return self._go(self.state.where(f))

    def put(self, f: Filter | str) -> Exploration:
        """Add a filter in the place of the one that the same control made: there is one of channels, one of the period."""
        return self._go(self.state.put(f))

    def drop(self, f: Filter | str | int) -> Exploration:
        """Take a filter away, named by itself, its code or its place."""
        return self._go(self.state.drop(f))

    def clear(self) -> Exploration:
        """Take all filters away, and the selection."""
        return self._go(State())

    def paste(self, code: str) -> Exploration:
        """Replace all filters by those that `code` says, as `code` writes them."""
        return self._go(State(kind=self.state.kind, selected=self.state.selected).where(code))

    def select(self, kind: str = "", name: str = "") -> Exploration:
        """Select a touchpoint, a stage or a variant, in every view; nothing without a name.

        Raises
        ------
        UnknownNameError
            When there is no such thing.
        """
        state = self.state.select(kind, name)
        if state.kind:
            self._there(state.kind, name)
        return self._go(state)

    def narrow(self) -> Exploration:
        """Make the selection a filter: only the journeys that meet what is selected."""
        make = {"touchpoint": filters.contains, "stage": filters.stage, "variant": filters.variants}
        if not self.state.kind:
            raise StudyError("narrow: nothing is selected; select a touchpoint, a stage or a variant first")
        return self.where(make[self.state.kind](self.state.selected))

    def undo(self) -> Exploration:
        """Take the last step back; without one nothing happens."""
        if self._past:
            self._future.append(self.state)
            self.state = self._past.pop()
        return self

    def redo(self) -> Exploration:
        """Take again the step that was taken back last."""
        if self._future:
            self._past.append(self.state)
            self.state = self._future.pop()
        return self

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to take again."""
        return bool(self._future)

    def save(self, name: str = "A") -> Exploration:
        """Keep what is looked at as ``A`` or ``B``."""
        if name not in SAVED:
            raise UnknownNameError(f"save: {name!r}; {nearest(str(name), SAVED)}")
        self.saved[name] = self.state
        return self

    def open(self, name: str) -> Exploration:
        """Look at ``A`` or ``B`` again."""
        return self._go(self._kept(name))

    # --- to a notebook and back

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The active filters with their labels."""
        return self.chips_of(self.state)

    def chips_of(self, state: State) -> tuple[Chip, ...]:
        """Return the filters of a state with their labels."""
        names = self._ground.labels[self.language]
        return tuple(Chip(f, label_of(f, self.language, names), as_code(f), facet_of(f)) for f in state.filters)

    @property
    def code(self) -> str:
        """The filters as code; empty without any."""
        return self.state.code

    def to_json(self) -> dict[str, Any]:
        """Return everything but the data as plain JSON: state, undo and redo, A and B."""
        return {
            "version": VERSION,
            "now": self.state.to_json(),
            "past": [s.to_json() for s in self._past],
            "future": [s.to_json() for s in self._future],
            "saved": {name: s.to_json() for name, s in sorted(self.saved.items())},
        }

    def restore(self, data: Mapping[str, Any]) -> Exploration:
        """Take over what `to_json` returned.

        Raises
        ------
        StudyError
            When it is no such thing, or of a later version.
        """
        if not isinstance(data, Mapping) or data.get("version") != VERSION:
            raise StudyError(f"state: expected what Exploration.to_json returns, version {VERSION}")
        lists, saved = [data.get(k, []) for k in ("past", "future")], data.get("saved", {})
        if (
            not all(isinstance(v, list) for v in lists)
            or not isinstance(saved, Mapping)
            or not set(saved) <= set(SAVED)
        ):
            raise StudyError("state: 'past' and 'future' are lists of states, 'saved' holds A and B")
        now = State.of_json(data.get("now", {}))
        past, future = ([State.of_json(s) for s in part] for part in lists)
        kept = {str(name): State.of_json(s) for name, s in saved.items()}
        self._check(now)
        self.state, self._past, self._future, self.saved = now, past[-_STEPS:], future[-_STEPS:], kept
        return self

    # --- numbers

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
    def shown(self) -> Shown:
        """The figures of the journeys that are left; see :class:`~cxmining.workbench.shown.Shown`."""
        return self._figures(self.state)

    def of(self, name: str) -> Shown:
        """Return the figures of ``A`` or ``B``."""
        return self._figures(self._kept(name))

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

    def list_journeys(self, n: int = 20, *, order: str = "start") -> JourneyList:
        """List the first journeys that are left and meet what is selected (see :func:`~cxmining.workbench.journeys.list_journeys`)."""
        return list_journeys(self, n, order=order)

    def open_journey(self, journey_id: str) -> OneJourney:
        """Open one of them, contact by contact (see :func:`~cxmining.workbench.journeys.open_journey`)."""
        return open_journey(self, journey_id)

    def segments(self, by: str) -> SegmentTable:
        """Lay the values of an attribute of customers side by side (see :func:`~cxmining.workbench.segments.compare_segments`)."""
        return compare_segments(self, by)

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

    # --- words

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """Facet → values that can be ticked: channel, stage, score_class, and the attributes of customers."""
        return self._ground.choices

    @property
    def headline(self) -> tuple[str, ...]:
        """Counts and score in words."""
        found, language = self.counts, self.language
        if found.hidden:
            return (say("count_hidden", language, sign=HIDDEN, least=self.min_cell),)
        few = "_1" if found.all_journeys == 1 else ""
        of = {"n": number(found.journeys, language), "all": number(found.all_journeys, language)}
        said = [say(f"count_journeys{few}", language, **of)]
        for name, n in (("customers", found.customers), ("answers", found.answers)):
            said.append(
                say(f"count_{name}_1", language) if n == 1 else say(f"count_{name}", language, n=number(n, language))
            )
        if found.score is not None:
            metric = named(METRIC_LABELS, found.metric, language)
            said.append(
                say(
                    "score_line", language, metric=metric, mean=number(found.score, language, 2),
                    span=interval(found.low, found.high, language, 2), n=number(found.score_n, language),
                )
            )  # fmt: skip
        return tuple(said)

    @property
    def summary(self) -> pd.DataFrame:
        """What is left in a few figures: columns `figure` and `value`; what is hidden shows its sign."""
        found = self.counts
        figures: dict[str, object] = {"case notion": str(self._ground.journeys.notion), "filters": self.code or MISSING}
        for name in ("journeys", "customers", "events", "answers"):
            value = getattr(found, name)
            figures[name] = HIDDEN if value is None else value
        if found.score is not None:
            figures[f"mean {found.metric}"] = round(found.score, 3)
            figures["95% interval"] = interval(found.low, found.high, "en", 2)
            figures["scored journeys"] = found.score_n
        return pd.DataFrame({"figure": list(figures), "value": pd.Series(list(figures.values()), dtype="object")})

    def __repr__(self) -> str:
        lines = [f"Exploration({self._ground.journeys.notion}: {'; '.join(self.headline)})"]
        lines += [f"  filter: {chip.label}" for chip in self.chips]
        if self.state.kind:
            lines.append(f"  selected {self.state.kind}: {self.state.selected}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        chips = "".join(f"<li>{escape(chip.label)}</li>" for chip in self.chips)
        return str(self.summary.to_html(index=False, escape=True, border=0)) + (f"<ul>{chips}</ul>" if chips else "")

    # --- inside

    def _go(self, state: State) -> Exploration:
        if state == self.state:
            return self
        self._check(state)
        self._past = [*self._past, self.state][-_STEPS:]
        self._future = []
        self.state = state
        return self

    def _check(self, state: State) -> None:
        """Insist that something is left, and say which filter left nothing."""
        left = None
        for f in state.filters:
            own = self._ground.mask(f)
            both = own if left is None else left & own
            if not both.any():
                n = len(self._ground.journeys) if left is None else int(np.count_nonzero(left))
                alone = "" if left is None else f" (by itself it would keep {int(np.count_nonzero(own)):,})"
                others = "" if left is None else " that the other filters left"
                raise NotEnoughDataError(
                    f"{f!r} leaves none of the {counted(n, 'journey')}{others}{alone}; loosen or drop it"
                )
            left = both

    def _there(self, kind: str, name: str) -> None:
        if kind == "touchpoint" and name not in self._ground.log.touchpoints:
            raise UnknownNameError(
                f"no touchpoint {name!r} in these journeys; {nearest(name, self._ground.log.touchpoints)}"
            )
        if kind == "stage" and name not in STAGES:
            raise UnknownNameError(f"no stage {name!r}; {nearest(name, STAGES)}")
        if kind == "variant" and name not in set(self.shown.variants(50)["variant_id"]):
            known = self._ground.variants[0].ids
            if name not in known:
                raise UnknownNameError(f"no journey follows variant {name!r}; {nearest(name, known)}")

    def _kept(self, name: str) -> State:
        if name not in self.saved:
            raise UnknownNameError(f"nothing was saved as {name!r}; save it first: {nearest(str(name), self.saved)}")
        return self.saved[name]

    def _mask(self, active: tuple[Filter, ...]) -> Mask | None:
        found: Mask | None = None
        for f in active:
            own = self._ground.mask(f)
            found = own if found is None else found & own
        return found

    def _figures(self, state: State) -> Shown:
        key = frozenset(state.filters)
        found = self._shown.pop(key, None)
        if found is None:
            found = Shown(self._ground, self._mask(state.filters), self.min_cell)
        self._shown[key] = found
        while len(self._shown) > _KEPT:
            del self._shown[next(iter(self._shown))]
        return found

    def _enough(self, name: str | None = None) -> Shown:
        shown = self.shown if name is None else self.of(name)
        if shown.counts.hidden:
            raise NotEnoughDataError(self._few())
        return shown

    def _few(self) -> str:
        return (
            f"fewer than {self.min_cell} customers are left: figures about them are not shown; loosen or drop a filter"
        )

    def _narrowed(self, state: State) -> Journeys | Experience:
        return self.source if state.filter is None else self.source.where(state.filter)
