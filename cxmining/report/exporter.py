"""JupyterLab's *Save and Export Notebook As*: a notebook as one page whose figures and maps live without a kernel.

nbconvert's own HTML fetches require.js, MathJax, mermaid and the widgets' manager, and draws no plotly figure where
there is no network. This page holds what it needs, runs no script but its own, and asks for nothing.
"""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbconvert import HTMLExporter
from traitlets import default

from cxmining.maps.journey.result import LIVE
from cxmining.report.write import as_script_data, asset, policy_of

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["ReportExporter"]

_PLOTLY: Final = "application/vnd.plotly.v1+json"
_WIDGET: Final = "application/vnd.jupyter.widget-view+json"
_SCRIPT: Final = "application/javascript"
_OURS: Final = frozenset({"bar", "heatmap", "sankey", "scatter"})
"""The traces that our own build of plotly draws; a notebook with others gets plotly.py's, which is larger."""
_CHARSET: Final = re.compile(r'<meta charset="utf-8"\s*/?>')


class ReportExporter(HTMLExporter):
    """Export a notebook as one HTML page that needs neither kernel nor network.

    Figures of plotly draw, journey maps stay alive and choose a touchpoint together. Other widgets stand as the text
    that their notebook keeps. Code is folded away under each result. The same notebook gives the same bytes.

    Examples
    --------
    >>> import nbformat
    >>> cell = nbformat.v4.new_markdown_cell("# Journeys", id="first")
    >>> html, _ = ReportExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    >>> "default-src 'none'" in html, "<script" in html
    (True, False)
    """

    export_from_notebook = "Journey report (one page, works offline)"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "cxmining"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(Path(__file__).parent / "templates" / "nbconvert")]

    def from_notebook_node(  # type: ignore[override]  # HTMLExporter returns text, its base says a notebook
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook; the notebook that is given stays as it is."""
        notebook = deepcopy(nb)
        notebook.metadata.pop("widgets", None)
        traces: set[str] = set()
        maps = False
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                data = output.get("data")
                if not data:
                    continue
                if LIVE in data:
                    maps = True
                    _put(data, "cx-live-map", data[LIVE])
                elif _PLOTLY in data:
                    figure = data[_PLOTLY]
                    traces |= {str(t.get("type") or "scatter") for t in figure.get("data", [])}
                    _put(data, "cx-live-figure", {k: figure.get(k) for k in ("data", "layout")})
                else:
                    for kind in (_WIDGET, _SCRIPT):
                        data.pop(kind, None)
        scripts = [asset("notebook.js")] if maps or traces else []
        if traces:
            scripts.insert(0, asset("plotly.js") if traces <= _OURS else _whole_plotly())
        resources = {
            **(resources or {}),
            "cxmining": {"scripts": scripts, "style": asset("journeymap.css") + asset("notebook.css")},
        }
        html, resources = super().from_notebook_node(notebook, resources, **kw)
        policy = f'<meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="{policy_of(scripts)}"/>'
        if not _CHARSET.search(html):
            raise RuntimeError("nbconvert wrote a page without a charset: its policy has no place to stand")
        return _CHARSET.sub(lambda _: policy, html, count=1), resources


def _put(data: dict[str, Any], kind: str, state: Any) -> None:
    """Leave of an output what the page draws, and what it says where no script may run."""
    said = data.get("text/plain", "")
    data.clear()
    data["text/html"] = (
        f'<div class="{kind}"><script type="application/json">{as_script_data(state)}</script>'
        f"<noscript><pre>{_escaped(said)}</pre></noscript></div>"
    )


def _escaped(text: Any) -> str:
    from html import escape

    return escape(text if isinstance(text, str) else "".join(text))


def _whole_plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())
