"""Touchpoints that fewer customers met than may be told of: in what leaves the house they stand together, without names.

A name can tell by itself: of whom it is known that he died, divorced or was bankrupt, a row "reports a death" says that
it happened here. So a touchpoint whose customers are too few has no row of its own under ``share/``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.i18n import LANGUAGES, speaking

if TYPE_CHECKING:
    from cxmining.experience import Experience

__all__ = ["RARE", "rare_touchpoints", "together"]

RARE: Final = "(rare)"
say = speaking("report")
_NAMES: Final = ("touchpoint", "place", "source", "target")
"""Columns whose rows are about the touchpoint that they name."""


def rare_touchpoints(experience: Experience, min_cell: int) -> list[str]:
    """Return the touchpoints that fewer than `min_cell` customers met or, where no journey has them, rated."""
    met = experience.journeys.touchpoints.set_index("touchpoint")["customers"].astype("Float64")
    rated = experience.touchpoints["score_n"].astype("Float64")
    known = met.combine_first(rated)
    return sorted(str(t) for t in known.index[(known < min_cell).fillna(False)])


def together(tables: dict[str, pd.DataFrame], rare: Collection[str]) -> None:
    """Take the names of rare touchpoints out of tables, in place; ``touchpoints.csv`` has one row for all of them.

    Examples
    --------
    >>> tables = {"touchpoints.csv": pd.DataFrame({"touchpoint": ["bill", "dies", "sues"], "reach": [0.9, None, None]}),
    ...     "suppressed.csv": pd.DataFrame({"file": ["touchpoints.csv"] * 2, "key": ["dies", "sues"]})}
    >>> together(tables, ["dies", "sues"])
    >>> tables["touchpoints.csv"]["touchpoint"].tolist(), tables["suppressed.csv"]["key"].tolist()
    (['bill', '(rare)'], ['(rare)', '(rare)'])
    """
    if not rare:
        return
    for file, frame in tables.items():
        if file == "suppressed.csv":
            keys = [" | ".join(RARE if p in rare else p for p in str(k).split(" | ")) for k in frame["key"]]
            tables[file] = frame.assign(key=pd.array(keys, dtype="str"))
            continue
        about = [c for c in _NAMES if c in frame.columns]
        mine = frame[about].isin(list(rare)).any(axis=1) if about else pd.Series(False, index=frame.index)
        if {"row", "key"} <= set(frame.columns):
            mine |= frame["row"].isin(("flow", "next")) & frame["key"].isin(list(rare))
        if file == "drivers.csv":  # a share belongs to the whole: it stays, without a name
            names = frame["touchpoint"].astype("object").where(~mine, RARE)
            tables[file] = frame.assign(touchpoint=names.astype("str"))
            continue
        kept = frame[~mine]
        if file == "touchpoints.csv" and mine.any():
            own = frame.iloc[:0].reindex([0]).assign(touchpoint=RARE)
            for language in LANGUAGES:
                if f"label_{language}" in own:
                    own[f"label_{language}"] = say("rare", language, n=int(mine.sum()))
            for column, value in (("stage", "unknown"), ("stage_source", "unknown"), ("owner_source", "unknown")):
                if column in own:
                    own[column] = value
            kept = pd.concat([kept, own], ignore_index=True)
        tables[file] = kept.reset_index(drop=True)
