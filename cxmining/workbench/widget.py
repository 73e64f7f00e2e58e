"""The workbench in JupyterLab: it shows what an `Exploration` returns, and passes on what the reader asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import anywidget
import pandas as pd
import traitlets

from cxmining.errors import CxminingError, NotEnoughDataError, StudyError
from cxmining.i18n import number, speaking
from cxmining.maps.words import HIDDEN
from cxmining.workbench import payload, payload_tables
from cxmining.workbench.explore import Exploration
from cxmining.workbench.ifs import deciding, what_if_rows, what_ifs
from cxmining.workbench.segments import SegmentTable, compare_segments
from cxmining.workbench.work import Job

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys
    from cxmining.journeys.grouping.personas import Personas

__all__ = ["Workbench"]

say = speaking("workbench")
_STATIC = files("cxmining") / "workbench" / "static"
AT_ONCE: Final = 200_000
"""With more events it opens beside the notebook, and shows how far it is."""
Tell = Callable[[float], None]


class Workbench(anywidget.AnyWidget):
    """Linked views of journeys in JupyterLab: filter, select, undo, compare.

    Everything it shows is returned by its headless twin, ``.explore``: the same figures, the same filters, the same undo.
    A cell that ends with it shows it. With much data it opens beside the notebook and shows how far it is; `wait` waits.

    Parameters
    ----------
    source : Journeys or Experience
    drivers : DriverAnalysis, optional
        Which touchpoints decide, of :func:`cxmining.find_drivers`; with it come what-if sliders.
    personas : Personas, optional
        Of :func:`cxmining.find_personas`, to filter by.
    min_cell : int, default 10
        Figures about fewer customers are hidden.
    text : {"none", "masked"}, default "none"
        Whether quotes are shown, masked. What is shown is kept in the notebook.
    language : {"en", "nl"}, optional
        Default that of the data.
    state : mapping, optional
        What ``workbench.state`` returned: filters, selection, undo, A and B.

    Attributes
    ----------
    explore : Exploration
    state : dict
        Plain JSON, kept in the notebook.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> workbench = Workbench(small_example())
    >>> workbench.ask({"do": "put", "facet": "channel", "values": ["phone"]})
    >>> workbench.explore.code, workbench.explore.counts.journeys
    ('cx.filters.channel("phone")', 60)
    """

    _esm = (_STATIC / "workbench.js").read_text(encoding="utf-8")
    _css = (_STATIC / "journeymap.css").read_text(encoding="utf-8") + (_STATIC / "workbench.css").read_text(
        encoding="utf-8"
    )

    base = traitlets.Dict().tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    busy = traitlets.Dict().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)
    tested = traitlets.Dict().tag(sync=True)
    heard = traitlets.Int(0).tag(sync=True)
    listed = traitlets.Dict().tag(sync=True)
    parted = traitlets.Dict().tag(sync=True)

    def __init__(
        self, source: Journeys | Experience, drivers: DriverAnalysis | None = None, *, personas: Personas | None = None,
        min_cell: int = 10, text: str = "none", language: str | None = None, state: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.explore = Exploration(
            source, drivers, personas=personas, min_cell=min_cell, text=text, language=language, state=state
        )
        self._job: Job | None = None
        self._turn = 0
        self._room = threading.RLock()
        self._order = self._opened = self._by = ""
        self._segments: SegmentTable | None = None
        self._grouped = personas is not None
        self._asked: dict[tuple[int, str], dict[str, Any]] = {}
        self._drawn: tuple[Any, Any] = (None, None)
        self._fresh = None if state is not None else self.explore.to_json()
        self._ready = len(self.explore._ground.log) <= AT_ONCE
        speech = self.explore.language
        base = self._base() if self._ready else {"language": speech, "text": payload.words(speech)}
        super().__init__(base=base, view=self._view() if self._ready else {}, state=self.explore.to_json())
        self.on_msg(lambda _widget, content, _buffers: self.ask(content))
        if not self._ready:
            self._open()

    def ask(self, message: Any) -> None:
        """Do what the reader asks; what cannot be done is said under the chips, and nothing else changes.

        Parameters
        ----------
        message : mapping
            ``do`` and what that needs; see the front end.
        """
        self.error = ""
        try:
            with self._room:
                self._do(message if isinstance(message, Mapping) else {})
        except CxminingError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001  # a comm would write it into a log that nobody reads
            self.error = f"{type(error).__name__}: {error}"
        self.heard += 1  # also where nothing changed: who asked need not wait

    def _do(self, message: Mapping[str, Any]) -> None:
        x, what = self.explore, message.get("do")
        steps: dict[str, Callable[[], Any]] = {
            "put": lambda: self._put(message),
            "drop": lambda: x.drop(str(message.get("code", ""))),
            "paste": lambda: (
                x.paste(str(message.get("code", ""))) if str(message.get("code", "")).strip() else x.clear()
            ),
            "undo": x.undo,
            "redo": x.redo,
            "clear": x.clear,
            "narrow": x.narrow,
            "select": lambda: x.select(str(message.get("kind", "")), str(message.get("name", ""))),
            "save": lambda: x.save(str(message.get("name", ""))),
            "restore": lambda: x.restore(message.get("state", {})),
            "open": lambda: x.open(str(message.get("name", ""))),
        }
        works: dict[str, Callable[[], None]] = {
            "again": self._again,
            "compare": self._compare_sides,
            "what_if": lambda: self._what_if(str(message.get("touchpoint", ""))),
            "journeys": lambda: self._list(str(message.get("order", ""))),
            "journey": lambda: self._one(str(message.get("id", ""))),
            "segments": lambda: self._part(str(message.get("by", ""))),
            "test_segments": self._test_segments,
            "stop": self.stop,
        }
        if not self._ready and what in ("stop", "ready"):
            self.stop() if what == "stop" else self._open()
            return
        if not self._ready:
            raise StudyError(say("still_opening", x.language))
        if what in works:
            works[what]()
            return
        if what not in steps:
            raise StudyError(f"the workbench does not know how to {what!r}")
        steps[what]()
        self._show()

    def _put(self, message: Mapping[str, Any]) -> None:
        f = payload.made(message, self.explore)
        if f is not None:
            self.explore.put(f)
            return
        gone = next((c.filter for c in self.explore.chips if c.facet == message.get("facet")), None)
        if gone is not None:
            self.explore.drop(gone)

    def _base(self) -> dict[str, Any]:
        return {**payload.fixed(self.explore), "fresh": self._fresh}

    def _made_of(self) -> tuple[Any, Any]:
        """Return what the views depend on: those of what is filtered, and A beside B."""
        x = self.explore
        decided = None if x.drivers is None else id(x.decides.analysis)
        return (frozenset(x.state.filters), decided), {name: frozenset(s.filters) for name, s in x.saved.items()}

    def _view(self) -> dict[str, Any]:
        quick = payload.at_once(self.explore)
        self._drawn = self._made_of()
        return {**quick, **payload.after(self.explore, quick["failed"]), "done": True}

    def _show(self) -> None:
        """Send what must follow at once, then what takes longer; what a selection leaves as it was is not made again."""
        x = self.explore
        self.state = x.to_json()
        made_of = self._made_of()
        kept: dict[str, Any] = {}
        for names, before, now in zip(
            (("map", "curve", "variants", "decides"), ("pair",)), self._drawn, made_of, strict=True
        ):
            if before == now:
                kept |= {n: self.view[n] for n in names if n in self.view and n not in self.view.get("failed", {})}
        quick = payload.at_once(x, kept)
        if "map" not in kept:
            self.view = {**{k: self.view.get(k) for k in payload.LATER}, **quick, "done": False}
        self.view = {**quick, **payload.after(x, quick["failed"], kept), "done": True}
        self._drawn = made_of
        if self._order:
            self._list(self._order)
        if self._by:
            self._part(self._by)

    # --- journeys and segments, shown when they are asked for

    def _list(self, order: str) -> None:
        self._order, self._opened = order, ""
        self.listed = {**payload_tables.journeys(self.explore, order), "one": None} if order else {}

    def _one(self, journey_id: str) -> None:
        found = payload_tables.one_journey(self.explore, journey_id) if journey_id else None
        self._opened = journey_id
        self.listed = {**self.listed, "one": found}

    def _part(self, by: str) -> None:
        self._by, self._segments = by, None
        if not by:
            self.parted = {}
            return
        x, why = self.explore, ""
        try:
            self._segments = compare_segments(x, by)
        except NotEnoughDataError:
            why = say("segments_few", x.language, sign=HIDDEN, least=x.min_cell)
        # whoever was grouped by what they meet meets different things: that is no finding
        note = say("segments_circular", x.language) if by == "persona" and self._grouped else ""
        self.parted = {**payload_tables.segments(x, by, self._segments, why), "note": note, "tested": None}

    def _test_segments(self) -> None:
        x, found = self.explore, self._segments
        if found is None:
            raise StudyError("test_segments: no attribute is laid side by side; choose one first")

        def told(said: Any) -> None:
            if self._segments is found:  # a filter since then made it about others
                self.parted = {**self.parted, "tested": said}

        self._start("test_segments", lambda _tell: payload_tables.segment_tests(x, found), told)

    # --- long work

    def _open(self) -> None:
        """Lay what all views stand on, beside the notebook; then show them."""
        x = self.explore

        def work(tell: Tell) -> tuple[dict[str, Any], dict[str, Any]]:
            x.prepare(lambda _what, share: tell(0.9 * share))
            return self._base(), self._view()

        def told(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
            self._ready = True
            with self.hold_sync():
                self.base, self.view = found
                self.state = x.to_json()

        self._start("open", work, told)

    def _start(self, name: str, work: Callable[[Tell], Any], done: Callable[[Any], None]) -> None:
        """Run `work` beside the notebook; it may tell which share of it (0 to 1) is behind."""
        if self._job is not None and self._job.running:
            self._job.stop()
        self._turn += 1
        turn, busy = self._turn, {"what": say(f"job_{name}", self.explore.language), "since": time.time()}

        def tell(share: float) -> None:
            if turn == self._turn:
                self.busy = {**busy, "share": share}

        def over(result: Any) -> None:
            if turn == self._turn:
                self.busy = {}
            done(result)

        def failed(error: Exception) -> None:
            if turn == self._turn:
                self.busy = {}
            self.error = str(error) if isinstance(error, CxminingError) else f"{type(error).__name__}: {error}"

        self.busy = busy
        self._job = Job(lambda: work(tell), over, failed, self._room)

    def stop(self) -> None:
        """Stop long work."""
        self._turn += 1
        if self._job is not None:
            self._job.stop()
        self.busy = {}

    def wait(self, seconds: float | None = None) -> None:
        """Wait for long work, in a script or a test."""
        if self._job is not None:
            self._job.wait(seconds)

    def _again(self) -> None:
        def told(_found: Any) -> None:
            self.answer = {}  # it was about the analysis before
            self._asked.clear()
            self._show()

        self._start("again", lambda _tell: self.explore.decide_again(), told)

    def _compare_sides(self) -> None:  # _compare is ipywidgets' own, which says whether a trait changed
        import json

        x = self.explore
        sides = [
            json.dumps([c.code for c in x.chips_of(x.saved[name])], ensure_ascii=False, separators=(",", ":"))
            for name in ("A", "B")
        ]

        def told(found: Any) -> None:
            self.tested = {"a": sides[0], "b": sides[1], "said": payload_tables.differences(x, found)}

        self._start("compare", lambda _tell: x.compare(), told)

    def _what_if(self, touchpoint: str) -> None:
        """Ask what if of the deciding touchpoints, and of one more, at every notch of their sliders."""
        x = self.explore
        decides = x.decides
        key = payload.key_of(x, decides)
        own = id(decides.analysis)
        wanted = [t for t in dict.fromkeys((*deciding(x), touchpoint)) if t and (own, t) not in self._asked]

        def shown(rows: dict[str, dict[str, Any]]) -> None:
            known = {t: row for (analysis, t), row in self._asked.items() if analysis == own}
            self.answer = {"key": key, "rows": {**known, **rows}}

        if not wanted:
            shown({})
            return

        def work(tell: Tell) -> pd.DataFrame:
            parts: list[pd.DataFrame] = []

            def told(share: float, part: pd.DataFrame) -> None:
                parts.append(part)
                tell(share)
                shown(what_if_rows(x, pd.concat(parts)))

            return what_ifs(x, wanted, told=told)

        def done(table: pd.DataFrame) -> None:
            rows = what_if_rows(x, table)
            self._asked |= {(own, t): row for t, row in rows.items()}
            shown({})

        self._start("what_if", work, done)

    # --- where no widget can be shown

    def __repr__(self) -> str:
        if not self._ready:
            n = number(len(self.explore._ground.log), self.explore.language)
            return say("said_opening", self.explore.language, n=n)
        return repr(self.explore).replace("Exploration(", "Workbench(", 1)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, and beside it words and a table for a page that runs no script."""
        found = super()._repr_mimebundle_(**kwargs)
        bundle, metadata = found if isinstance(found, tuple) else (found, {})
        if bundle is None:
            bundle = {}
        x = self.explore
        table = (
            ""
            if not self._ready or x.counts.hidden
            else x.touchpoints[["touchpoint", "events", "journeys", "customers"]].to_html(
                index=False, escape=True, border=0
            )
        )
        lines = "".join(f"<p>{escape(line)}</p>" for line in repr(self).splitlines())
        return {**bundle, "text/plain": repr(self), "text/html": f"<div>{lines}{table}</div>"}, metadata
