"""The figures under each panel of the emotional journey: n, the value and its interval, a column per place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from cxmining.experience.curve_axis import Axis, written
from cxmining.figures import palette, wrapped
from cxmining.i18n import MISSING, is_missing, number, signed, speaking

if TYPE_CHECKING:
    from cxmining.experience.curve_picture import Scene

__all__ = ["HIDDEN", "ROW", "figure_rows", "rows_of_line"]

HIDDEN: Final = "⊘"
"""Known, and not shown because it is about too few customers."""
ROW: Final = 17
"""Pixels a row of figures needs."""
say = speaking("experience")


def rows_of_line(scene: Scene, line: str) -> list[str]:
    """Return the rows of figures under a panel."""
    if len(scene.groups) > 1:
        return list(scene.groups)
    ends = ["low", "high"] if line == "gap" else []
    counts = [c for c in ("wow", "pain") if line == "gap" and f"{c}_n" in scene.moments]
    return ["n", "mean", *ends, *counts]


def figure_rows(
    scene: Scene, line: str, rows: Sequence[str], axis: Axis, end: float, colours: Sequence[str], language: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the heads of the rows, and n and the figures under each point; with groups, n of each in its colour.

    `end` is where the panel ends, as a share of the paper. Figures stand on an axis in pixels below it.
    """
    single = len(scene.groups) == 1
    points = scene.points[scene.points["line"] == line]
    heads: list[dict[str, Any]] = []
    x: list[float] = []
    y: list[float] = []
    texts: list[str] = []
    inks: list[str] = []
    for j, row in enumerate(rows):
        group = scene.groups[0] if single else row
        of = points[points["group"] == group].drop_duplicates("place").set_index("place")
        ink = palette.MUTED if single else colours[j]
        ink = {"wow": palette.TEAL, "pain": palette.RED}.get(row, ink) if single else ink
        named_row = say(f"row_{line}" if row == "mean" else f"row_{row}", language) if single else ""
        text = named_row or f"n {wrapped(scene.label(row, language), 18, 1)}"
        heads.append(
            {"yref": "paper", "y": end, "yanchor": "top", "yshift": -6 - ROW * j, "showarrow": False, "xref": "paper", "x": 0,
             "xanchor": "right", "xshift": -8, "text": text, "font": {"size": 12, "color": ink}}
        )  # fmt: skip
        for p in scene.places:
            said, colour = _figure(scene, line, row, p, group, of.loc[p] if p in of.index else None, ink, language)
            x.append(axis.of(p))
            y.append(-9.0 - ROW * j)
            texts.append(said)
            inks.append(colour)
    return heads, written(x, y, texts, inks)


def _figure(
    scene: Scene, line: str, row: str, place: str, group: str, values: Any, ink: str, language: str
) -> tuple[str, str]:
    if row in ("wow", "pain") and len(scene.groups) == 1:
        n: Any = scene.moments[f"{row}_n"].get(place)
        asked = values is not None and not is_missing(values["mean"])
        off = (group, row, place) in scene.hidden
        if off or is_missing(n) or not asked:
            return (HIDDEN if off else MISSING), palette.MUTED
        return number(float(n), language), palette.INK
    if values is None or is_missing(values["mean"]):
        return scene.absent(group, line, place), palette.MUTED
    if row == "mean":
        digits = {"score": 1, "emotion": 2, "gap": 1}[line]
        text = (number if line == "score" else signed)(values["mean"], language, digits)
        kind = "same" if line == "score" else _kind(values)
        colour = {"above": palette.TEAL, "below": palette.RED}.get(kind, palette.INK)
        return (f"<b>{text}</b>" if line == "score" or kind != "same" else text), colour
    if row in ("low", "high") and len(scene.groups) == 1:
        return signed(values[row], language, _digits(values)), palette.MUTED
    n = values["n"]
    return (scene.absent(group, line, place) if is_missing(n) else number(float(n), language)), ink if len(
        scene.groups
    ) > 1 else palette.INK


def _kind(values: Any) -> str:
    low, high = values["low"], values["high"]
    return "above" if not is_missing(low) and low > 0 else "below" if not is_missing(high) and high < 0 else "same"


def _digits(values: Any) -> int:
    """An interval that leaves out nothing must not seem to touch it."""
    low, high = values["low"], values["high"]
    if is_missing(low) or is_missing(high) or low <= 0 <= high:
        return 1
    return 2 if min(abs(low), abs(high)) < 0.05 else 1
