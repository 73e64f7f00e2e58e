"""The service blueprint as tables of a run: its cells and the hand-overs, small cells hidden and listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.i18n import counted
from cxmining.maps.blueprint.cells import HANDOVER_COLUMNS
from cxmining.maps.blueprint.result import blueprint
from cxmining.maps.cx.cells import CELL_COLUMNS

if TYPE_CHECKING:
    from cxmining.experience import Experience

__all__ = ["CELLS", "HANDOVERS", "blueprint_tables"]

CELLS: Final = "blueprint.csv"
HANDOVERS: Final = "handovers.csv"


def blueprint_tables(
    experience: Experience, min_cell: int, hidden: list[pd.DataFrame], people: Path | None = None
) -> dict[str, pd.DataFrame]:
    """Return the cells of the service blueprint and the hand-overs; no rows where no touchpoint was met by `min_cell`.

    Parameters
    ----------
    experience : Experience
    min_cell : int
        Cells about fewer customers are hidden.
    hidden : list of DataFrame
        What was hidden is added here.
    people : Path, optional
        The ``cx-map.toml`` that holds what people know.
    """
    try:
        found = blueprint(experience, min_cell=min_cell, people=people)
    except NotEnoughDataError:
        return {
            CELLS: pd.DataFrame(columns=list(CELL_COLUMNS)),
            HANDOVERS: pd.DataFrame(columns=list(HANDOVER_COLUMNS)),
        }
    reason = f"fewer than {min_cell} customers"
    cells, handed = found.cells, found.handovers
    off, few = cells[cells["hidden"]], handed[handed["hidden"]]
    parts = [
        pd.DataFrame({"file": CELLS, "key": off["touchpoint"], "column": off["row"], "reason": reason}),
        # which pairs hardly any customer's work went through is counted and not named
        pd.DataFrame(
            [{"file": HANDOVERS, "key": f"({counted(len(few), 'hand-over')})", "column": "row", "reason": reason}][
                : len(few)
            ]
        ),
    ]
    for column in ("back", "by_customer"):
        small = handed[handed[column].isna() & ~handed["hidden"]]
        named = small["touchpoint"] + ": " + small["source"] + " > " + small["target"]
        parts.append(pd.DataFrame({"file": HANDOVERS, "key": named, "column": column, "reason": reason}))
    hidden.append(pd.concat(parts, ignore_index=True))
    return {CELLS: cells, HANDOVERS: handed[~handed["hidden"]].reset_index(drop=True)}
