"""A picture of a result: the table it shows, and the figure, drawn when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.figures.scene import Scene

__all__ = ["Picture"]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, not yet drawn.

    Attributes
    ----------
    title : str
        What it shows, in a few words.
    summary : DataFrame
        The figures it shows, one row per touchpoint.
    spec : mapping
        ``data`` and ``layout`` in plotly's words, plain JSON.
    """

    title: str
    summary: pd.DataFrame
    spec: Mapping[str, Any]

    def figure(self) -> go.Figure:
        """Draw it with plotly."""
        import plotly.graph_objects as go

        return go.Figure({"data": self.spec["data"], "layout": self.spec["layout"]})

    @property
    def scene(self) -> Scene:
        """The same as a drawing of shapes and words; 1000 pixels wide where the chart names no width."""
        from cxmining.figures.plotted import scene_of

        layout = {"width": 1000, "height": 500, **self.spec["layout"]}
        return scene_of({"data": self.spec["data"], "layout": layout}, self.title)

    def to_svg(self) -> str:
        """Write it as one SVG with text as text."""
        return self.scene.to_svg()

    def to_html(self) -> str:
        """Write it for a page."""
        return (
            f'<section class="cx-drawn" aria-label="{escape(self.title, quote=True)}">{self.scene.to_html()}</section>'
        )

    def to_slides(self, path: str | Path) -> Path:
        """Write it as a slide (``.pptx``) whose shapes and words can be edited."""
        from cxmining.figures.slides import write_slides

        return write_slides([self.scene], path)

    def __repr__(self) -> str:
        return f"Picture({self.title}: {len(self.summary)} touchpoints)"

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self))
