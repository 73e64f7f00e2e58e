"""A map that scrolls, on paper: parts of it, each with the names of its rows, as windows on the one drawing."""

from __future__ import annotations

from collections.abc import Sequence

from cxmining.figures.scene import Scene
from cxmining.maps.cx.sheet import EDGE, LABELS

__all__ = ["on_paper"]


def on_paper(grid: Scene, name: str, parts: Sequence[Sequence[str]], columns: int) -> str:
    """Return the parts that paper shows in place of what scrolls: windows on the same drawing, no second one.

    Parameters
    ----------
    grid : Scene
        Drawn on a `Sheet`, and written with ``to_html(sticky=LABELS, name=name)`` on the same page.
    name : str
        Id of the drawing.
    parts : sequence of sequence of str
        The touchpoints of each part, in order (see `parts_of`).
    columns : int
        Touchpoints of a full part: one scale for all, also for the last one.
    """
    pitch = (grid.width - LABELS - EDGE) / max(1, sum(map(len, parts)))
    whole = LABELS + columns * pitch
    windows, at = [], 0
    for part in parts:
        views = ((0.0, LABELS, "left"), (at * pitch, len(part) * pitch, "right"))
        shown = "".join(
            f'<svg class="cx-scene" viewBox="{x:.1f} 0 {wide:.1f} {grid.height:.1f}" style="width:{100 * wide / whole:.2f}%" '
            f'aria-hidden="true"><use href="#{name}-{side}"/></svg>'
            for x, wide, side in views
        )
        windows.append(f'<div class="cx-part" style="--high:{whole / grid.height:.3f}">{shown}</div>')
        at += len(part)
    return f'<div class="cx-print" hidden>{"".join(windows)}</div>'
