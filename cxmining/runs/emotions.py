"""The emotional journey as a table of a run: what the report draws, small cells hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.privacy import suppress

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.journeys import Personas

__all__ = ["COLUMNS", "FILE", "emotion_table"]

FILE: Final = "emotional_journey.csv"
COLUMNS: Final = (
    "by", "grouped_by", "group", "line", "place", "metric", "scale_low", "scale_high", "basis", "mean", "low", "high", "n",
    "customers",
)  # fmt: skip
_KEY: Final = ["by", "grouped_by", "group", "line", "place"]


def emotion_table(
    lived: Experience,
    min_cell: int,
    hidden: list[pd.DataFrame],
    group: str | None = None,
    personas: Personas | None = None,
    felt: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the emotional journey by touchpoint, stage and position, and by stage for groups.

    Parameters
    ----------
    lived : Experience
    min_cell : int
        Figures about fewer customers are hidden, and a figure of a whole from which one of these could be had back.
    hidden : list of DataFrame
        What was hidden is added here.
    group : str, optional
        What makes the groups (see :func:`cxmining.experience.emotional_curve`); default the attribute ``segment`` of
        customers, where there is one.
    personas : Personas, optional
        What was found before, so that ``group="persona"`` need not find it anew.
    felt : DataFrame, optional
        What customers wrote, where it was read before.

    Returns
    -------
    DataFrame
        `COLUMNS`: ``line`` is score, emotion, gap, expected or a kind of emotion; without anything felt no row.
    """
    from cxmining.experience.curve import make_curve
    from cxmining.experience.curve_lines import read_texts

    felt = read_texts(lived) if felt is None else felt
    grouped = group or ("segment" if "segment" in lived.journeys.data.customers else None)
    parts = []
    for by, name in (("touchpoint", ""), ("stage", ""), ("position", ""), *([("stage", grouped)] if grouped else [])):
        try:
            whom = personas if name == "persona" and "persona" not in lived.journeys.data.customers else None
            curve = make_curve(lived, by, whom or name or None, felt=felt)
        except NotEnoughDataError:  # nothing felt, or nobody in a group
            continue
        table = pd.concat([curve.points, curve.expected, curve.emotions], ignore_index=True)
        stage = table["place"].map(dict(curve.stages)) if by == "touchpoint" else table["place"]
        parts.append(
            table.assign(
                by=by, grouped_by=name, stage=stage, metric=curve.metric, scale_low=curve.scale[0], scale_high=curve.scale[1],
                basis=curve.basis,
            )
        )  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    whole = pd.concat(parts, ignore_index=True)
    # What one customer named is about that one, however many wrote.
    fewest = whole["customers"].where(~(whole["named"] > 0), whole[["customers", "named"]].min(axis=1)).astype("int64")
    whole = whole.assign(fewest=fewest)
    return _hidden_in(whole, min_cell, hidden)[list(COLUMNS)]


def _hidden_in(whole: pd.DataFrame, min_cell: int, hidden: list[pd.DataFrame]) -> pd.DataFrame:
    """Hide small cells, and one more wherever a sum over places would give a hidden one back."""
    rare = (whole["fewest"] > 0) & (whole["fewest"] < min_cell)
    single = whole["by"].eq("touchpoint") & rare
    # A stage is the sum of its touchpoints: with one of these hidden it would tell it.
    alone = whole[single].groupby(["line", "stage"]).size()
    lonely = list(alone[alone == 1].index)
    told = whole["by"].eq("stage") & (whole["grouped_by"] == "")
    told &= pd.Series(pd.MultiIndex.from_frame(whole[["line", "place"]]).isin(lonely), index=whole.index)
    whole.loc[told & ~rare, "fewest"] = 1
    out = []
    for (by, name), part in whole.groupby(["by", "grouped_by"], sort=False):
        across = None if by == "touchpoint" else ["line", "place"] if name else ["line"]
        shown, listed = suppress(part, ("mean", "low", "high"), "fewest", min_cell, FILE, _KEY, total_by=across)
        hidden.append(listed)
        # How many wrote is no secret where few of them named an emotion.
        people = part["fewest"].where(part["named"] == 0, part["customers"]).astype("int64")
        people = people.where(shown["mean"].notna() | (part["named"] > 0), 1)
        shown, listed = suppress(shown.assign(told=people), ("n", "customers"), "told", min_cell, FILE, _KEY)
        hidden.append(listed)
        out.append(shown)
    return pd.concat(out, ignore_index=True)
