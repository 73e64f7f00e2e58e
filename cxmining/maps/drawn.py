"""What every map can do once it is drawn: the ways in which a picture goes out."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from cxmining.figures.scene import Scene

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["DrawnMap"]


class DrawnMap:
    """A map with a ``scene``; a map too large for a page says in ``pages`` how it is cut.

    Examples
    --------
    >>> from cxmining.figures.scene import Scene, Words
    >>> class Smallest(DrawnMap):
    ...     @property
    ...     def scene(self):
    ...         return Scene(200, 40, "smallest", (Words(10, 20, "one <map>"),))
    >>> "one &lt;map&gt;" in Smallest().to_svg()
    True
    """

    @property
    def scene(self) -> Scene:
        """The drawing."""
        raise NotImplementedError

    def pages(self) -> list[Scene]:
        """Draw it in parts that a page or a slide can show."""
        return [self.scene]

    def figure(self) -> go.Figure:
        """Draw it with plotly."""
        return self.scene.figure()

    def to_svg(self) -> str:
        """Write it as one SVG with text as text."""
        return self.scene.to_svg()

    def to_html(self) -> str:
        """Write it for a page."""
        return f'<section class="cx-map" aria-label="{escape(self.scene.title, quote=True)}">{self.scene.to_html()}</section>'

    def to_slides(self, path: str | Path) -> Path:
        """Write it as slides (``.pptx``) whose shapes and words can be edited, a part of the map on each."""
        from cxmining.figures.slides import write_slides

        return write_slides(self.pages(), path)

    def _repr_html_(self) -> str:
        return self.to_html()
