"""The cells of the persona cards as a table of a run: what the report draws, small cells hidden and listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.maps.personas.cells import CELL_COLUMNS, cells_of
from cxmining.maps.personas.people import load_personas

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Personas

__all__ = ["FILE", "find_segments", "persona_table"]

FILE: Final = "personas.csv"


def find_segments(experience: Experience, seed: int) -> Personas | None:
    """Find the segments of behaviour, once for all that is told of them; None where the data cannot carry it."""
    from cxmining.journeys import find_personas

    try:
        return find_personas(experience, seed=seed)
    except NotEnoughDataError:
        return None


def persona_table(
    experience: Experience,
    found: Personas | None,
    min_cell: int,
    hidden: list[pd.DataFrame],
    people: Path | None = None,
    *,
    target: str | None = None,
    language: str = "en",
    felt: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the cells of the persona cards, without the names of those who filled something in.

    Parameters
    ----------
    experience : Experience
    found : Personas or None
        What `find_segments` found.
    min_cell : int
        Figures about fewer customers are hidden.
    hidden : list of DataFrame
        What was hidden is added here.
    people : Path, optional
        The ``personas.toml`` that holds what people say.
    target : str, optional
        Overall metric whose drivers are looked for in each segment.
    language : {"en", "nl"}, default "en"
        Of labels and words.
    felt : DataFrame, optional
        What customers wrote, where it was read before.

    Raises
    ------
    InputError
        When ``personas.toml`` is wrong.
    """
    notes = load_personas(people) if people is not None else None
    if found is None:
        return pd.DataFrame(columns=list(CELL_COLUMNS))
    cells = cells_of(experience, found, notes, target=target, language=language, min_cell=min_cell, felt=felt)
    off = cells[cells["hidden"]]
    key = "segment " + off["segment"].astype("str") + ": " + off["row"]
    reason = f"fewer than {min_cell} customers"
    hidden.append(pd.DataFrame({"file": FILE, "key": key, "column": off["key"], "reason": reason}))
    return cells.assign(by=cells["by"].where(cells["status"] != "people", ""))
