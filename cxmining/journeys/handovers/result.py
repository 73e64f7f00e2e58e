"""What was found about hand-overs, as a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from cxmining.figures.drawn import DrawnMap
from cxmining.figures.scene import Scene
from cxmining.i18n import counted, duration
from cxmining.repr_html import repr_html

__all__ = ["EDGE_COLUMNS", "Handovers"]

EDGE_COLUMNS: Final = (
    "n", "customers", "wait_median_s", "wait_low_s", "wait_high_s", "wait_p90_s", "wait_n", "back", "back_low", "back_high",
    "by_customer",
)  # fmt: skip
"""What is known of hand-overs."""


@dataclass(frozen=True, eq=False)
class Handovers(DrawnMap):
    """Who hands work over to whom.

    Attributes
    ----------
    summary : DataFrame
        One row per pair of units, the most walked first: ``source``, ``target``, ``n`` (hand-overs), ``customers``,
        ``wait_median_s`` with ``wait_low_s`` and ``wait_high_s`` (order statistics), ``wait_p90_s``, ``wait_n`` (hand-overs
        whose wait is known), ``back`` (share whose work comes back to ``source`` later) with ``back_low`` and
        ``back_high`` (Wilson, of as many as there are customers), ``by_customer`` (how many the customer carried over
        himself, by coming again).
    touchpoints : DataFrame
        The same per touchpoint from which the work is handed over: ``touchpoint``, the columns of `summary`, ``of`` (contacts
        that say who held them), and which ``share`` of them was handed over so, with ``share_low`` and ``share_high``.
    passed : DataFrame
        The same per touchpoint, whoever handed over and took over.
    units : DataFrame
        One row per unit: ``unit``, ``held`` (pieces of work), ``customers``, ``first`` (pieces that came to it at
        first hand), ``received``, ``given``: at the front, or behind it.
    handled : DataFrame
        Who took the contacts of a touchpoint at first hand: ``touchpoint``, ``unit``, ``n`` (contacts), ``customers``,
        ``share`` of the contacts that say who did (``of``, by ``of_customers``) with ``low`` and ``high``.
    people : frozenset of str
        Units that are single people: those of no queue, by pseudonym.
    level : {"department", "team", "queue", "resource"}
        What a unit is.
    pieces : int
        Threads, cases and contacts that say who held them.
    over : str
        Case notion and filter chain of what was looked at.
    notes : tuple of str
    """

    summary: pd.DataFrame
    touchpoints: pd.DataFrame
    passed: pd.DataFrame
    units: pd.DataFrame
    handled: pd.DataFrame
    people: frozenset[str]
    level: str
    pieces: int
    over: str
    notes: tuple[str, ...] = ()

    @property
    def scene(self) -> Scene:
        """The pairs with the most hand-overs, with waits and what comes back."""
        from cxmining.journeys.handovers.picture import draw_handovers

        return draw_handovers(self)

    @property
    def behind(self) -> frozenset[str]:
        """Units that customers reach through others only: most of their work was handed to them."""
        mine = self.units[(self.units["received"] > 0) & (2 * self.units["first"] < self.units["held"])]
        return frozenset(mine["unit"])

    def __repr__(self) -> str:
        n = int(self.summary["n"].sum())
        between = f"{counted(n, 'hand-over')} between {counted(len(self.units), self.level)}"
        lines = [f"Handovers({between}, {counted(self.pieces, 'piece')} of work; {self.over})"]
        for row in self.summary.head(10).to_dict("records"):
            wait = duration(float(row["wait_median_s"]), "en") if row["wait_n"] else "unknown"
            lines.append(
                f"  {row['source']} → {row['target']}: {row['n']}, median wait {wait}, {row['back']:.0%} come back"
            )
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self).splitlines()[0], said=self.notes)
