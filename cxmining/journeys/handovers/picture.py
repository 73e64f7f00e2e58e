"""Hand-overs as a drawing: the pairs with the most, how long the work lay there, and how much of it came back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final

from cxmining.figures import palette
from cxmining.figures.measure import fitted
from cxmining.figures.scene import Box, Item, Scene, Words, block
from cxmining.i18n import duration, interval, is_missing, number, percent, speaking

if TYPE_CHECKING:
    from cxmining.journeys.handovers.result import Handovers

__all__ = ["draw_handovers"]

say = speaking("blueprint")
MOST: Final = 15
"""Pairs that are drawn; of more it says how many."""
_WIDE, _NAME, _BAR = 900.0, 330.0, 240.0


def draw_handovers(found: Handovers, language: str = "en") -> Scene:
    """Draw the pairs of units between which most work changes hands.

    Parameters
    ----------
    found : Handovers
    language : {"en", "nl"}
    """
    rows = found.summary.head(MOST).to_dict("records")
    title = say("handed_title", language, level=say(f"level_{found.level}", language))
    items: list[Item] = [Words(14, 34, title, 18, bold=True, anchor="start")]
    under = say("handed_under", language, n=number(int(found.summary["n"].sum()), language), pieces=number(found.pieces, language), over=found.over)  # fmt: skip
    told = block(under, 14, 56, _WIDE - 28, size=11.5, most=3, colour=palette.MUTED, anchor="start")
    items += told
    y = told[-1].y + 30
    most = max([1.0, *(float(row["n"]) for row in rows)])
    for row in rows:
        name = f"{row['source']} → {row['target']}"
        n = number(row["n"], language)
        wait = say("handed_wait", language, time=duration(row["wait_median_s"], language), span=_span(row["wait_low_s"], row["wait_high_s"], language), slow=duration(row["wait_p90_s"], language))  # fmt: skip
        small = " · ".join([*([wait] if row["wait_n"] else []), say("comes_back", language, share=_part(row, language))])  # fmt: skip
        long = _BAR * float(row["n"]) / most
        items.append(
            Words(14 + _NAME, y + 5, fitted(name, 12.5, _NAME, bold=True), 12.5, bold=True, anchor="end", said=name)
        )
        items.append(Box(_NAME + 26, y - 8, long, 16, palette.NAVY, radius=2, said=f"{name}: {n} · {small}"))
        items.append(Words(_NAME + 32 + long, y + 5, n, 12, bold=True, anchor="start"))
        items.append(Words(_NAME + 26, y + 22, small, 11, palette.MUTED, anchor="start"))
        y += 42
    rest = len(found.summary) - len(rows)
    feet = [*([say("more", language, n=number(rest, language))] if rest else []), *([] if rows else [say("no_handovers", language)])]  # fmt: skip
    for text in feet:
        items.append(Words(14, y + 4, text, 12, palette.MUTED, slanted=True, anchor="start"))
        y += 20
    return Scene(_WIDE, y + 10, title, tuple(items), under)


def _part(row: Mapping[Hashable, Any], language: str) -> str:
    span = interval(row["back_low"], row["back_high"], language, 0, share=True)
    return f"{percent(row['back'], language)} {span}".strip()


def _span(low: float, high: float, language: str) -> str:
    if is_missing(low) or is_missing(high):
        return ""
    return f" [{duration(low, language)} – {duration(high, language)}]"
