"""The cells of the stakeholder map as a table of a run: what the report draws, small cells hidden and listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.maps.stakeholders.cells import CELL_COLUMNS, cells_of
from cxmining.maps.stakeholders.people import load_stakeholders

if TYPE_CHECKING:
    from cxmining.journeys import Journeys

__all__ = ["FILE", "stakeholder_table"]

FILE: Final = "stakeholders.csv"


def stakeholder_table(
    journeys: Journeys,
    min_cell: int,
    hidden: list[pd.DataFrame],
    people: Path | None = None,
    *,
    company: str = "",
    language: str = "en",
) -> pd.DataFrame:
    """Return the cells of the stakeholder map, without the names of those who filled something in.

    Parameters
    ----------
    journeys : Journeys
    min_cell : int
        Figures about fewer customers are hidden.
    hidden : list of DataFrame
        What was hidden is added here.
    people : Path, optional
        The ``stakeholders.toml`` that holds what people say.
    company : str, default ""
        Whose map it is; default the study's name.
    language : {"en", "nl"}, default "en"
        Of labels and words.

    Raises
    ------
    InputError
        When ``stakeholders.toml`` is wrong.
    """
    notes = load_stakeholders(people) if people is not None else None
    try:
        cells = cells_of(journeys, notes, language=language, company=company or journeys.data.name, min_cell=min_cell)
    except NotEnoughDataError:
        return pd.DataFrame(columns=list(CELL_COLUMNS))
    off = cells[cells["hidden"]]
    # which pairs hardly any customer's work went through is counted and not named
    single, few = off[off["row"] != "tie"], off[off["row"] == "tie"]
    reason = f"fewer than {min_cell} customers"
    hidden.append(pd.DataFrame({"file": FILE, "key": single["name"], "column": single["key"], "reason": reason}))
    if len(few):
        row = {"file": FILE, "key": f"({len(few)} hand-overs)", "column": "row", "reason": reason}
        hidden.append(pd.DataFrame([row]))
    kept = cells[~(cells["hidden"] & (cells["row"] == "tie"))].reset_index(drop=True)
    return kept.assign(by=kept["by"].where(kept["status"] != "people", ""))
