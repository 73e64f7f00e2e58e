"""The workbench in JupyterLab: it shows what an `Exploration` returns, and passes on what the reader asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from cxmining.errors import CxminingError, StudyError
from cxmining.i18n import speaking
from cxmining.workbench import payload
from cxmining.workbench.explore import Exploration
from cxmining.workbench.work import Job

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys
    from cxmining.journeys.grouping.personas import Personas

__all__ = ["Workbench"]

say = speaking("workbench")
_STATIC = files("cxmining") / "workbench" / "static"


class Workbench(anywidget.AnyWidget):
    """Linked views of journeys in JupyterLab: filter, select, undo, compare.

    Everything it shows is returned by its headless twin, ``.explore``: the same figures, the same filters, the same undo.
    A cell that ends with it shows it.

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

    def __init__(
        self, source: Journeys | Experience, drivers: DriverAnalysis | None = None, *, personas: Personas | None = None,
        min_cell: int = 10, text: str = "none", language: str | None = None, state: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        self.explore = Exploration(
            source, drivers, personas=personas, min_cell=min_cell, text=text, language=language, state=state
        )
        self._job: Job | None = None
        fresh = None if state is not None else self.explore.to_json()
        super().__init__(
            base={**payload.fixed(self.explore), "fresh": fresh}, view=self._view(), state=self.explore.to_json()
        )
        self.on_msg(lambda _widget, content, _buffers: self.ask(content))

    def ask(self, message: Any) -> None:
        """Do what the reader asks; what cannot be done is said under the chips, and nothing else changes.

        Parameters
        ----------
        message : mapping
            ``do`` and what that needs; see the front end.
        """
        self.error = ""
        try:
            self._do(message if isinstance(message, Mapping) else {})
        except CxminingError as error:
            self.error = str(error)
        except Exception as error:  # noqa: BLE001  # a comm would write it into a log that nobody reads
            self.error = f"{type(error).__name__}: {error}"

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
            "compare": self._compare,
            "what_if": lambda: self._what_if(message.get("points", 1.0)),
            "stop": self.stop,
        }
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

    def _view(self) -> dict[str, Any]:
        return {**payload.at_once(self.explore), **payload.after(self.explore), "done": True}

    def _show(self) -> None:
        """Send what must follow at once, then what takes longer."""
        self.state = self.explore.to_json()
        quick = payload.at_once(self.explore)
        self.view = {**{k: self.view.get(k) for k in payload.LATER}, **quick, "done": False}
        self.view = {**quick, **payload.after(self.explore), "done": True}

    # --- long work

    def _start(self, name: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        if self._job is not None and self._job.running:
            self._job.stop()

        def over(result: Any) -> None:
            self.busy = {}
            done(result)

        def failed(error: Exception) -> None:
            self.busy = {}
            self.error = str(error) if isinstance(error, CxminingError) else f"{type(error).__name__}: {error}"

        self.busy = {"what": say(f"job_{name}", self.explore.language), "since": time.time()}
        self._job = Job(work, over, failed)

    def stop(self) -> None:
        """Stop long work."""
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
            self._show()

        self._start("again", self.explore.decide_again, told)

    def _compare(self) -> None:
        import json

        x = self.explore
        sides = [
            json.dumps([c.code for c in x.chips_of(x.saved[name])], ensure_ascii=False, separators=(",", ":"))
            for name in ("A", "B")
        ]

        def told(found: Any) -> None:
            self.tested = {"a": sides[0], "b": sides[1], "said": payload.differences(x, found)}

        self._start("compare", x.compare, told)

    def _what_if(self, points: Any) -> None:
        x = self.explore
        if isinstance(points, bool) or not isinstance(points, int | float):
            raise StudyError(f"what_if: {points!r} points: expected a number")
        touchpoint, code = x.state.selected, x.code

        def told(found: Any) -> None:
            said = found.sentence(x.language, touchpoint).replace(touchpoint, payload.labelled(x, touchpoint), 1)
            self.answer = {"touchpoint": touchpoint, "points": points, "code": code, "said": said}

        self._start("what_if", lambda: x.what_if(touchpoint, float(points)), told)

    # --- where no widget can be shown

    def __repr__(self) -> str:
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
            if x.counts.hidden
            else x.touchpoints[["touchpoint", "events", "journeys", "customers"]].to_html(
                index=False, escape=True, border=0
            )
        )
        lines = "".join(f"<p>{escape(line)}</p>" for line in repr(self).splitlines())
        return {**bundle, "text/plain": repr(self), "text/html": f"<div>{lines}{table}</div>"}, metadata
