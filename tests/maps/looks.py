"""How much two pictures of a map differ to the eye, whatever fonts a machine has.

Each text is drawn as a bar, as wide as it was laid out: boxes, lanes, marks, colours and where words stand are the same
on every machine, letters are not (that they fit is measured in another test). The picture is brought down to 160 pixels
in width and compared in cells of 8 pixels by the mean of each colour: what smooths edges differently moves no cell far;
a panel that moved, a lane that is missing, a colour that is another, a page that is black move some of them.
"""

import io
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from cxmining.figures import palette
from cxmining.figures.measure import width_of
from cxmining.figures.scene import Box, Line, Scene, Words

WIDE, CELL = 160, 8
MOST_MEAN, MOST_CELL, MOST_HEIGHT = 0.3, 5.0, 0.005
"""Of 255: on average over the cells, and of the worst one; and by which part the picture may be higher."""
BREAKS = ("black page", "missing lane", "moved panel", "other colours")


@dataclass(frozen=True)
class Difference:
    """Of the mean cell, of the worst cell, and of the height."""

    mean: float
    worst: float
    height: float

    @property
    def fine(self):
        return self.mean <= MOST_MEAN and self.worst <= MOST_CELL and self.height <= MOST_HEIGHT


def as_bars(scene):
    """Return the drawing with a bar in place of each text."""
    return replace(scene, items=tuple(_bar(i) if isinstance(i, Words) else i for i in scene.items))


def _bar(item):
    wide = width_of(item.text, item.size, bold=item.bold)
    left = item.x - {"start": 0, "middle": wide / 2, "end": wide}[item.anchor]
    if item.turn:  # a short upright bar: that it stands there
        return Box(item.x - 3, item.y - 3, 6, 6, item.colour)
    high = item.size * (0.5 if item.bold else 0.3)
    return Box(left, item.y - item.size * 0.3 - high / 2, wide, high, item.colour)


def small(png):
    """Bring a screenshot (bytes of a PNG) down to what is compared."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return image.resize((WIDE, max(CELL, round(image.height * WIDE / image.width))), Image.Resampling.BOX)


def _cells(image, high):
    values = np.asarray(image, dtype=float)[:high]
    rows, columns = high // CELL, WIDE // CELL
    return values[: rows * CELL].reshape(rows, CELL, columns, CELL, 3).mean(axis=(1, 3))


def difference(one, other):
    """Compare two pictures that `small` made."""
    high = min(one.height, other.height)
    apart = np.abs(_cells(one, high) - _cells(other, high)).max(axis=2)
    height = abs(one.height - other.height) / max(one.height, other.height)
    return Difference(float(apart.mean()), float(apart.max()), height)


def broken(scene: Scene, how: str) -> Scene:
    """Draw a scene wrongly, as a slip in the code would."""
    if how == "black page":
        return replace(scene, items=(Box(0, 0, scene.width, scene.height, "#000000"), *scene.items))
    if how == "missing lane":  # the fullest seventh of the height has nothing in it
        tops = np.array([_corner(i)[1] for i in scene.items])
        lane = np.floor(7 * tops / scene.height).astype(int)
        fullest = np.bincount(lane.clip(0, 6)).argmax()
        return replace(scene, items=tuple(i for i, k in zip(scene.items, lane, strict=True) if k != fullest))
    if how == "moved panel":  # what begins in the right half stands too far to the left
        half = scene.width / 2
        part = Scene(half, scene.height, "", tuple(i for i in scene.items if _corner(i)[0] >= half))
        moved = replace(part, width=scene.width).cut(0.1 * scene.width, scene.width)
        return replace(scene, items=(*(i for i in scene.items if _corner(i)[0] < half), *moved.items))
    swapped = {
        palette.TEAL: palette.RED,
        palette.RED: palette.TEAL,
        palette.NAVY: palette.AMBER,
        palette.CHANNEL["mail"]: palette.CHANNEL["phone"],
    }
    return replace(scene, items=tuple(_coloured(i, swapped) for i in scene.items))


def _corner(item):
    points = (
        item.points
        if isinstance(item, Line)
        else (item.start, item.end)
        if hasattr(item, "start")
        else ((item.x, item.y),)
    )
    return min(x for x, _ in points), min(y for _, y in points)


def _coloured(item, other):
    names = [n for n in ("colour", "fill", "line") if isinstance(getattr(item, n, None), str)]
    return replace(item, **{n: other.get(getattr(item, n), getattr(item, n)) for n in names})
