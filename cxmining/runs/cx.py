"""The cells of the CX map as a table of a run: what the report draws, small cells hidden and listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.maps.cx.cells import CELL_COLUMNS
from cxmining.maps.cx.result import cx_map

if TYPE_CHECKING:
    from cxmining.drivers import DriverAnalysis
    from cxmining.experience import Experience

__all__ = ["FILE", "cx_table"]

FILE: Final = "cx_map.csv"
_MANY: Final = {"flow": "transitions", "next": "next steps"}
"""Rows whose hidden cells are counted and left out: they would name pairs that hardly anybody went through."""


def cx_table(
    experience: Experience,
    found: DriverAnalysis | None,
    min_cell: int,
    hidden: list[pd.DataFrame],
    people: Path | None = None,
) -> pd.DataFrame:
    """Return the cells of the CX map; where no touchpoint was met by `min_cell` customers, no row.

    Parameters
    ----------
    experience, found
        Results; `found` may be None where the data could not carry it.
    min_cell : int
        Cells about fewer are hidden.
    hidden : list of DataFrame
        What was hidden is added here.
    people : Path, optional
        The ``cx-map.toml`` that holds what people know.
    """
    try:
        cells = cx_map(experience, found, min_cell=min_cell, people=people, quotes=False).cells
    except NotEnoughDataError:
        return pd.DataFrame(columns=list(CELL_COLUMNS))
    off = cells[cells["hidden"]]
    reason = f"fewer than {min_cell} customers or answers"
    single = off[~off["row"].isin(_MANY)]
    parts = [
        pd.DataFrame({"file": FILE, "key": single["touchpoint"], "column": single["row"], "reason": reason}),
        *(
            pd.DataFrame([{"file": FILE, "key": f"({n} {what})", "column": "row", "reason": reason}])
            for row, what in _MANY.items()
            if (n := int((off["row"] == row).sum()))
        ),
    ]
    hidden.append(pd.concat(parts, ignore_index=True))
    return cells[~(cells["hidden"] & cells["row"].isin(_MANY))].reset_index(drop=True)
