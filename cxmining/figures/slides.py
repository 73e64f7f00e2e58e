"""Drawings as slides whose shapes and words can be edited (PowerPoint, LibreOffice, Keynote)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from math import cos, radians, sin
from pathlib import Path
from typing import Any, Final

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures import palette
from cxmining.figures.measure import width_of
from cxmining.figures.scene import ILLEGAL, Box, Circle, Curve, Item, Line, Scene, Words

__all__ = ["write_slides"]

_EMU: Final = 9525
"""English metric units per pixel of 1/96 inch."""
_LARGEST: Final = 5300.0
"""A slide is at most 56 inches wide or high."""
_STEPS: Final = 14


def write_slides(scenes: Sequence[Scene], path: str | Path) -> Path:
    """Write one drawing a slide; each box, circle, line and text is a shape of its own.

    Parameters
    ----------
    scenes : sequence of Scene
        The slides are as large as the largest of them; larger than 56 inches is made smaller as a whole.
    path : path-like
        Ends in ``.pptx``; an existing file is replaced.

    Returns
    -------
    Path

    Raises
    ------
    NotEnoughDataError
        When there is no drawing.
    StudyError
        When the path ends otherwise, or python-pptx is not installed.
    """
    path = Path(path)
    if not scenes:
        raise NotEnoughDataError("there is no drawing to put on a slide")
    if path.suffix.lower() != ".pptx":
        raise StudyError(f"{path.name}: slides are written as .pptx")
    try:
        from pptx import Presentation
        from pptx.util import Emu
    except ImportError as error:
        raise StudyError(
            f"{path.name}: writing slides needs python-pptx; install cxmining with its extra workshop"
        ) from error
    width, height = max(s.width for s in scenes), max(s.height for s in scenes)
    scale = min(1.0, _LARGEST / width, _LARGEST / height)
    deck = Presentation()
    deck.slide_width, deck.slide_height = Emu(round(width * scale * _EMU)), Emu(round(height * scale * _EMU))
    for scene in scenes:
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        for item in scene.items:
            _Slide(slide.shapes, scale).add(item)
        if scene.described:
            slide.notes_slide.notes_text_frame.text = ILLEGAL.sub("", f"{scene.title}\n{scene.described}")
    core = deck.core_properties
    core.title, core.author = ILLEGAL.sub("", scenes[0].title), ""
    # the same drawing makes the same file
    core.created = core.modified = dt.datetime(2000, 1, 1)
    deck.save(str(path))
    return path


class _Slide:
    def __init__(self, shapes: Any, scale: float) -> None:
        self.shapes, self.scale = shapes, scale

    def _emu(self, pixels: float) -> int:
        return round(pixels * self.scale * _EMU)

    def add(self, item: Item) -> None:
        if isinstance(item, Words):
            self._words(item)
        elif isinstance(item, Curve):
            self._path(_flat(item), item.colour, item.thick, item.dash, palette.CLEAR, closed=False, tip=item.tip)
        elif isinstance(item, Line):
            self._path(item.points, item.colour, item.thick, item.dash, item.fill, closed=item.closed)
        elif isinstance(item, Circle):
            r = item.radius
            self._shape("oval", item.x - r, item.y - r, 2 * r, 2 * r, item)
        else:
            self._shape("round" if item.radius else "box", item.x, item.y, item.width, item.height, item)

    def _shape(self, kind: str, x: float, y: float, width: float, height: float, item: Box | Circle) -> None:
        from pptx.enum.shapes import MSO_SHAPE

        kinds = {"oval": MSO_SHAPE.OVAL, "round": MSO_SHAPE.ROUNDED_RECTANGLE, "box": MSO_SHAPE.RECTANGLE}
        shape = self.shapes.add_shape(kinds[kind], *map(self._emu, (x, y, max(width, 0.1), max(height, 0.1))))
        if kind == "round":
            shape.adjustments[0] = min(0.5, item.radius / max(0.1, min(width, height)))
        self._paint(shape, item.fill, item.line, item.thick, dash=False)
        if item.said:
            shape.name = ILLEGAL.sub("", item.said[:200])

    def _path(
        self, points: Sequence[tuple[float, float]], colour: str, thick: float, dash: bool, fill: str, *, closed: bool, tip: bool = False
    ) -> None:  # fmt: skip
        first, *rest = [(self._emu(x), self._emu(y)) for x, y in points]
        if not rest:
            return
        builder = self.shapes.build_freeform(*first, scale=1.0)
        builder.add_line_segments(rest, close=closed)
        shape = builder.convert_to_shape()
        self._paint(shape, fill, colour, thick, dash=dash)
        if tip:
            line = shape.line._get_or_add_ln()
            line.append(line.makeelement("{http://schemas.openxmlformats.org/drawingml/2006/main}tailEnd", {"type": "triangle"}))  # fmt: skip

    def _paint(self, shape: Any, fill: str, line: str, thick: float, *, dash: bool) -> None:
        from pptx.enum.dml import MSO_LINE
        from pptx.util import Emu

        shape.shadow.inherit = False
        if fill == palette.CLEAR:
            shape.fill.background()
        else:
            shape.fill.solid()
            shape.fill.fore_color.rgb = _rgb(fill)
        if line == palette.CLEAR or not thick:
            shape.line.fill.background()
            return
        shape.line.color.rgb = _rgb(line)
        shape.line.width = Emu(self._emu(thick))
        if dash:
            shape.line.dash_style = MSO_LINE.DASH

    def _words(self, item: Words) -> None:
        from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
        from pptx.util import Emu, Pt

        wide = width_of(item.text, item.size, bold=item.bold) * 1.1 + 4
        left = {"start": item.x, "middle": item.x - wide / 2, "end": item.x - wide}[item.anchor]
        high = item.size * 1.5
        top = item.y - item.size * 1.1
        if item.turn:  # a slide turns a box around its middle, a drawing its text around where it is held
            angle, back = radians(item.turn), item.x - (left + wide / 2)
            left, top = item.x - back * cos(angle) - wide / 2, item.y - back * sin(angle) - high / 2
        box = self.shapes.add_textbox(*map(self._emu, (left, top, wide, high)))
        box.rotation = item.turn
        frame = box.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)
        frame.word_wrap, frame.auto_size = False, MSO_AUTO_SIZE.NONE
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        paragraph = frame.paragraphs[0]
        paragraph.alignment = {"start": PP_ALIGN.LEFT, "middle": PP_ALIGN.CENTER, "end": PP_ALIGN.RIGHT}[item.anchor]
        run = paragraph.add_run()
        run.text = "".join(c for c in ILLEGAL.sub("", item.text) if c >= " ")
        font = run.font
        font.size, font.bold, font.italic, font.name = (
            Pt(item.size * 0.75 * self.scale),
            item.bold,
            item.slanted,
            "Arial",
        )
        font.color.rgb = _rgb(item.colour)


def _rgb(colour: str) -> Any:
    from pptx.dml.color import RGBColor

    if colour.startswith("rgba("):  # what shines through on a page stands on white paper here
        *ink, part = (float(v) for v in colour[5:-1].split(","))
        return RGBColor(*(round(v * part + 255 * (1 - part)) for v in ink))  # type: ignore[no-untyped-call]
    return RGBColor(*bytes.fromhex(colour.lstrip("#")))  # type: ignore[no-untyped-call]


def _flat(curve: Curve) -> list[tuple[float, float]]:
    """Return points on a Bézier curve: freeform shapes know straight lines only."""
    (ax, ay), ((bx, by), (cx, cy)), (dx, dy) = curve.start, curve.pull, curve.end
    found = []
    for i in range(_STEPS + 1):
        t = i / _STEPS
        u = 1 - t
        a, b, c, d = u**3, 3 * u * u * t, 3 * u * t * t, t**3
        found.append((a * ax + b * bx + c * cx + d * dx, a * ay + b * by + c * cy + d * dy))
    return found
