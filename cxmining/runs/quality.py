"""What a run shares about the quality of its data: counts per file, what was rejected and why, what no rule maps."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cxmining.ledger import Rejects
from cxmining.remedies import RECORDS
from cxmining.schema import Dataset

__all__ = ["quality_tables"]

REJECTS: Final = ("source", "file", "cell", "code", "reason", "n", "examples", "fix_en", "fix_nl")
UNMAPPED: Final = ("label", "events", "share", "low", "high")


def quality_tables(data: Dataset, min_cell: int) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Lay out what is known of the quality of the data, without anything that a record says.

    Parameters
    ----------
    data : Dataset
    min_cell : int
        Labels of fewer customers are left out: a label that one customer has may be about that customer.

    Returns
    -------
    tables : dict of str to DataFrame
        ``sources.csv``: per file what became of its records. ``rejects.csv``: per file, cell and reason how many,
        up to three places, and what helps in both languages. ``unmapped.csv``: labels that no rule maps, with the
        number of events and their share of all (95% interval).
    suppressed : DataFrame
        What was left out, as ``suppressed.csv`` lists it.
    """
    # members of an archive may be called after a customer
    found = Rejects(data.rejects.records.assign(member=pd.Series([None] * len(data.rejects), dtype="str"))).summary
    rejects = found.drop(columns="fix").assign(
        fix_en=[RECORDS[code][1][0] for code in found["code"]], fix_nl=[RECORDS[code][1][1] for code in found["code"]]
    )
    unmapped, hidden = _unmapped(data, min_cell)
    return {
        "sources.csv": data.sources.summary.drop(columns="bytes"),
        "rejects.csv": rejects[list(REJECTS)],
        "unmapped.csv": unmapped,
    }, hidden


def _unmapped(data: Dataset, min_cell: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    nothing = pd.DataFrame({c: pd.Series(dtype="str") for c in ("file", "key", "column", "reason")})
    rules = data.mapping["rule"].notna().to_numpy(bool) if len(data.mapping) else np.zeros(0, dtype=bool)
    if not rules.any():
        return pd.DataFrame(columns=list(UNMAPPED)), nothing
    left = data.mapping[~rules]
    customers = data.events.groupby("touchpoint")["customer_id"].nunique()
    # a label that a rule gives too is counted with what the rule maps: of how many customers it is without, nobody knows
    known = ~left["touchpoint"].isin(data.mapping[rules]["touchpoint"])
    shown = known & left["touchpoint"].map(customers).fillna(0).ge(min_cell)
    rows = left[shown].rename(columns={"touchpoint": "label"})[list(UNMAPPED)].reset_index(drop=True)
    rare = left[~shown]
    if not len(rare):
        return rows, nothing
    rest = {
        "file": "unmapped.csv", "key": f"({len(rare)} labels, {int(rare['events'].sum())} events)", "column": "row",
        "reason": f"fewer than {min_cell} customers",
    }  # fmt: skip
    return rows, pd.DataFrame([rest])
