"""The paths of a run, and where the channel changes along its edges: what its journey map brings out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.journeys.switches import channel_switches
from cxmining.journeys.variants.paths import find_paths

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Journeys

__all__ = ["FILE", "path_table", "with_switches"]

FILE: Final = "paths.csv"


def path_table(experience: Experience, min_cell: int, hidden: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the happy path and those of promoters and detractors; what few walked is hidden and listed."""
    found = find_paths(experience, min_cell=min_cell)
    table = found.table.assign(steps=[" → ".join(s) for s in found.table["steps"]], metric=found.metric or "")
    for path in table.loc[table["hidden"], "path"]:
        row = {"file": FILE, "key": path, "column": "row", "reason": f"fewer than {min_cell} customers"}
        hidden.append(pd.DataFrame([row]))
    return table[["path", "metric", "how", "steps", "customers", "of", "share", "low", "high", "hidden"]]


def with_switches(journeys: Journeys) -> pd.DataFrame:
    """Return who follows whom, with the part of the walks on which the channel changes."""
    found = channel_switches(journeys.log)[["source", "target", "switch_share"]]
    return journeys.dfg.merge(found, on=["source", "target"], how="left")
