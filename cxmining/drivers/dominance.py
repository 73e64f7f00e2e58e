"""Dominance: whether one touchpoint adds more than another always, on average per size, or over all sizes.

All from R² of every subset. *Complete*: whatever else is known, it adds more. *Conditional*: it adds more on average
for every number of others. *General*: it adds more on average over these numbers, which is LMG (Azen & Budescu 2003).
Owen values split what a touchpoint gets over its parts: to have met it at all, and how it was; and what a group of
touchpoints gets over its members.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.drivers.lattice import PIVOT, correlations, popcount
from cxmining.drivers.subsets import walk_subsets
from cxmining.errors import NotEnoughDataError
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.drivers.design import Design

__all__ = ["Dominance", "dominance_of", "owen_of"]

Array = npt.NDArray[np.float64]

MOST: Final = 16
"""Touchpoints of which all subsets are kept."""

MEMBERS: Final = 10
"""Members of a group that its credit is split over: each subset of them is a walk of its own."""

TOGETHER: Final = 18
"""Members of a group and players: more would be too many subsets of subsets."""


@dataclass(frozen=True, eq=False)
class Dominance:
    """Which touchpoint dominates which, and how strictly.

    Attributes
    ----------
    conditional : DataFrame
        One row per touchpoint, one column per number of others (0 …): what it adds on average, as part of the R² of
        all; and ``general``, the mean of these.
    matrix : DataFrame
        Row over column: in which part of all sets of others the row's touchpoint adds more (ties count half).
    levels : DataFrame
        One row per pair: ``touchpoint``, ``over``, ``level`` (complete, conditional or general; none for a tie),
        ``sets``: in which part of all sets it adds more. No intervals: it describes these answers.
    """

    conditional: pd.DataFrame
    matrix: pd.DataFrame
    levels: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """The pairs, the strictest first."""
        order = {"complete": 0, "conditional": 1, "general": 2, "none": 3}
        return self.levels.sort_values("level", key=lambda s: s.map(order), kind="stable").reset_index(drop=True)

    def __repr__(self) -> str:
        return f"Dominance among {len(self.matrix)} touchpoints\n{self.summary.to_string(index=False)}"

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=f"Dominance among {len(self.matrix)} touchpoints")


def _matrix(design: Design) -> Array:
    from cxmining.drivers.bootstrap import total_moments

    corr, _ = correlations(total_moments(design), design.always)
    return np.asarray(corr[0])


def dominance_of(design: Design) -> Dominance:
    """Return the dominance among the touchpoints of a design.

    Parameters
    ----------
    design : Design
        The columns of the regression.

    Returns
    -------
    Dominance
        Levels per pair, and what each adds to sets of each size.

    Raises
    ------
    NotEnoughDataError
        Above 16 touchpoints: of so many subsets not all are kept.

    References
    ----------
    Azen & Budescu (2003), Psychological Methods 8(2).
    """
    p = len(design.players)
    if p > MOST:
        raise NotEnoughDataError(
            f"dominance looks at every set of touchpoints, and {p} have too many; put them into groups, {MOST} at most"
        )
    found = walk_subsets(_matrix(design), design.groups, 1, lambda r2, columns: r2, 0.0, True)
    assert found.values is not None
    return _levels(found.values, list(design.players))


def _levels(values: Array, players: list[str]) -> Dominance:
    p = len(players)
    size, index = popcount(p), np.arange(1 << p)
    whole = max(float(values[-1]), PIVOT)
    by_size = np.empty((p, p))
    for j in range(p):
        without = index[(index >> j) & 1 == 0]
        gain = values[without | 1 << j] - values[without]
        by_size[j] = np.bincount(size[without], weights=gain, minlength=p) / np.bincount(size[without], minlength=p)
    by_size /= whole
    general = by_size.mean(axis=1)
    more = np.full((p, p), np.nan)
    rows = []
    for i in range(p):
        for j in range(i + 1, p):
            others = index[((index >> i) | (index >> j)) & 1 == 0]
            difference = values[others | 1 << i] - values[others | 1 << j]
            # Rounding noise is no difference.
            up, down = difference > PIVOT, difference < -PIVOT
            more[i, j] = float(up.mean() + 0.5 * (~up & ~down).mean())
            more[j, i] = 1 - more[i, j]
            first, second = (i, j) if general[i] >= general[j] else (j, i)
            worse = down if first == i else up
            ahead = by_size[first] - by_size[second]
            if abs(general[i] - general[j]) <= PIVOT:
                level = "none"
            elif not worse.any():
                level = "complete"
            elif (ahead >= -PIVOT).all():
                level = "conditional"
            else:
                level = "general"
            rows.append((players[first], players[second], level, float(more[first, second])))
    conditional = pd.DataFrame(by_size, columns=[str(i) for i in range(p)])
    conditional.insert(0, "touchpoint", players)
    conditional["general"] = general
    order = np.argsort(-general, kind="stable")
    return Dominance(
        conditional=conditional.iloc[order].reset_index(drop=True),
        matrix=pd.DataFrame(more, index=players, columns=players).iloc[order, order],
        levels=pd.DataFrame(rows, columns=["touchpoint", "over", "level", "sets"]),
    )


def _coalitions(players: list[list[int]]) -> Iterator[tuple[list[int], float]]:
    """Yield the columns of every subset of some players, with Shapley's weight of it for one who joins."""
    m = len(players)
    for mask in range(1 << m):
        s = mask.bit_count()
        taken = [c for i, columns in enumerate(players) if mask >> i & 1 for c in columns]
        yield taken, factorial(s) * factorial(m - s) / factorial(m + 1)


def owen_of(design: Design) -> pd.DataFrame:
    """Split the credit of each touchpoint over exposure and experience, and that of a group over its members.

    Parameters
    ----------
    design : Design
        The columns of the regression.

    Returns
    -------
    DataFrame
        ``touchpoint`` (or group), ``member`` (the touchpoint itself, or one of the group), ``part`` (``experience``: how
        it was; ``exposure``: to have met it at all), ``share`` (of the R² of all: the parts of all sum to 1).

    Raises
    ------
    NotEnoughDataError
        Above 16 touchpoints, and for a group of more than 10.

    References
    ----------
    Owen (1977), in Henn & Moeschlin, Essays in Mathematical Economics and Game Theory.
    """
    p = len(design.players)
    if p > MOST:
        raise NotEnoughDataError(f"the split looks at every set of touchpoints, and {p} have too many; {MOST} at most")
    corr = _matrix(design)
    base = [list(g) for g in design.groups]
    rows: list[tuple[str, str, str, float]] = []
    whole = 0.0

    def credit(player: int, columns: list[int]) -> float:
        if not columns:
            return 0.0
        groups = [columns if i == player else g for i, g in enumerate(base)]
        found = walk_subsets(corr, groups, 1, lambda r2, widths: r2, 0.0, False)
        return float(found.credit[player])

    for player, name in enumerate(design.players):
        parts: dict[str, dict[str, list[int]]] = {}
        for c in base[player]:
            member, part = design.labels[c]
            parts.setdefault(member, {})[part] = [c]
        if len(parts) > MEMBERS or len(parts) + p > TOGETHER:
            raise NotEnoughDataError(
                f"group {name!r} has {len(parts)} members among {p} groups and touchpoints; its credit is split over "
                f"{min(MEMBERS, TOGETHER - p)} at most: make smaller groups"
            )
        known: dict[tuple[int, ...], float] = {}

        def worth(columns: list[int], player: int = player, known: dict[tuple[int, ...], float] = known) -> float:
            key = tuple(sorted(columns))
            if key not in known:
                known[key] = credit(player, list(key))
            return known[key]

        for member, own in parts.items():
            others = [[c for columns in parts[m].values() for c in columns] for m in parts if m != member]
            for part, added in own.items():
                rest = [columns for other, columns in own.items() if other != part]
                share = 0.0
                for before, weight in _coalitions(others):
                    for beside, again in _coalitions(rest):
                        start = [*before, *beside]
                        share += weight * again * (worth([*start, *added]) - worth(start))
                rows.append((name, member, part, share))
        whole += worth(base[player])
    table = pd.DataFrame(rows, columns=["touchpoint", "member", "part", "share"])
    return table.assign(share=table["share"] / max(whole, PIVOT))
