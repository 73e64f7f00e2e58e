"""The workbench without a widget: filters, selection, undo, two states side by side, and the numbers of each view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from html import escape
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cxmining.errors import StudyError, UnknownNameError, nearest
from cxmining.experience import Experience
from cxmining.i18n import LANGUAGES, MISSING, interval, number, speaking
from cxmining.i18n.labels import METRIC_LABELS, named
from cxmining.journeys.build import Journeys
from cxmining.maps.words import HIDDEN
from cxmining.progress import Progress
from cxmining.workbench.ground import lay_ground
from cxmining.workbench.journeys import JourneyList, OneJourney, list_journeys, open_journey
from cxmining.workbench.numbers import Numbers
from cxmining.workbench.segments import SegmentTable, compare_segments
from cxmining.workbench.state import State

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.journeys.grouping.personas import Personas

__all__ = ["Exploration", "explore"]

say = speaking("workbench")
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


class Exploration(Numbers):
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
        self._past, self._future = [], []
        self._shown, self._decided, self._if = {}, {}, {}
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

    # --- one journey, and customers by attribute

    def list_journeys(self, n: int = 20, *, order: str = "start") -> JourneyList:
        """List the first journeys that are left and meet what is selected (see :func:`~cxmining.workbench.journeys.list_journeys`)."""
        return list_journeys(self, n, order=order)

    def open_journey(self, journey_id: str) -> OneJourney:
        """Open one of them, contact by contact (see :func:`~cxmining.workbench.journeys.open_journey`)."""
        return open_journey(self, journey_id)

    def segments(self, by: str) -> SegmentTable:
        """Lay the values of an attribute of customers side by side (see :func:`~cxmining.workbench.segments.compare_segments`)."""
        return compare_segments(self, by)

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
