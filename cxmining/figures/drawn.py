"""What every picture can do once it is drawn: the ways in which it goes out."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxmining.figures.scene import Scene

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["DrawnMap", "DrawnResult"]


def _page(scene: Scene) -> str:
    return f'<section class="cx-drawn" aria-label="{escape(scene.title, quote=True)}">{scene.to_html()}</section>'


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
        return _page(self.scene)

    def to_slides(self, path: str | Path) -> Path:
        """Write it as slides (``.pptx``) whose shapes and words can be edited, a part of the map on each."""
        from cxmining.figures.slides import write_slides

        return write_slides(self.pages(), path)

    def _repr_html_(self) -> str:
        return self.to_html()


class DrawnResult:
    """A result whose ``picture(...)`` draws it: its table is what it shows by itself.

    What `picture` takes (width, language, labels …) each way out takes too.

    Examples
    --------
    >>> from cxmining.figures.scene import Scene, Words
    >>> class Smallest(DrawnResult):
    ...     def picture(self, *, width=200):
    ...         return Scene(width, 40, "smallest", (Words(10, 20, "one <result>"),))
    >>> "one &lt;result&gt;" in Smallest().to_svg(width=300)
    True
    """

    def picture(self, *args: Any, **how: Any) -> Scene:
        """Return the picture, laid out in pixels."""
        raise NotImplementedError

    def _scene(self, *args: Any, **how: Any) -> Scene:
        """Return the drawing, also of what is plotly's chart."""
        drawn: Any = self.picture(*args, **how)
        scene: Scene = getattr(drawn, "scene", drawn)
        return scene

    def figure(self, *args: Any, **how: Any) -> go.Figure:
        """Draw it with plotly (see `picture`)."""
        return self.picture(*args, **how).figure()

    def to_svg(self, *args: Any, **how: Any) -> str:
        """Write it as one SVG with text as text (see `picture`)."""
        return self._scene(*args, **how).to_svg()

    def to_html(self, *args: Any, **how: Any) -> str:
        """Write it for a page (see `picture`)."""
        return _page(self._scene(*args, **how))

    def to_slides(self, path: str | Path, *args: Any, **how: Any) -> Path:
        """Write it as a slide (``.pptx``) whose shapes and words can be edited (see `picture`)."""
        from cxmining.figures.slides import write_slides

        return write_slides([self._scene(*args, **how)], path)
