"""From one run to the next: which customer is which when the data has grown."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from cxmining.errors import StudyError
from cxmining.identity.evidence import Identity

__all__ = ["CHANGES", "match_customers"]

CHANGES: Final = ("same", "renamed", "merged", "split", "gone")


def match_customers(old: pd.DataFrame | Identity, new: pd.DataFrame | Identity) -> pd.DataFrame:
    """Say for each customer of an earlier run which customer it is now, by the records that both runs have.

    Parameters
    ----------
    old, new : Identity or DataFrame
        `Identity`, or its `assignments` as they were kept: columns ``record_id`` and ``customer_id``.

    Returns
    -------
    DataFrame
        One row per old customer, sorted: ``old_id``, ``new_id`` (of most of its records, ties to the smallest;
        missing when none is left), ``change`` and ``records`` (how many both runs have), ``kept`` (how many of them
        are the new customer's). ``same``: the id stands. ``renamed``: another id, the same customer. ``merged``: several
        old customers are one now. ``split``: its records are of several customers now. ``gone``: none of its records is
        there any more. Merged comes before renamed, split before both.

    Examples
    --------
    >>> old = pd.DataFrame({"record_id": ["r1", "r2", "r3"], "customer_id": ["c1", "c2", "c3"]})
    >>> new = pd.DataFrame({"record_id": ["r1", "r2", "r4"], "customer_id": ["c1", "c1", "c4"]})
    >>> match_customers(old, new)[["old_id", "new_id", "change"]].to_numpy().tolist()
    [['c1', 'c1', 'merged'], ['c2', 'c1', 'merged'], ['c3', nan, 'gone']]
    """
    before, after = _frame(old, "old"), _frame(new, "new")
    both = before.merge(after, on="record_id", how="left", suffixes=("_old", "_new"))
    found = both[both["customer_id_new"].notna()]
    votes = found.groupby(["customer_id_old", "customer_id_new"], sort=True).size().rename("kept").reset_index()
    votes["records"] = votes.groupby("customer_id_old")["kept"].transform("sum")
    best = votes.sort_values(["customer_id_old", "kept", "customer_id_new"], ascending=[True, False, True])
    best = best.drop_duplicates("customer_id_old")
    # two customers of before that meet in one are merged, unless one of them only lost a record to it
    best["met"] = best.duplicated("customer_id_new", keep=False)
    best["several"] = best["records"] > best["kept"]
    everybody = pd.DataFrame({"customer_id_old": np.sort(before["customer_id"].unique())})
    out = everybody.merge(best, on="customer_id_old", how="left")
    there = out["customer_id_new"].notna().to_numpy(bool)
    change = np.select(
        [
            ~there,
            out["several"].eq(True).to_numpy(bool),
            out["met"].eq(True).to_numpy(bool),
            (out["customer_id_old"] != out["customer_id_new"]).to_numpy(bool),
        ],
        ["gone", "split", "merged", "renamed"],
        "same",
    )
    return pd.DataFrame(
        {
            "old_id": out["customer_id_old"].astype("str"),
            "new_id": out["customer_id_new"].astype("str"),
            "change": pd.array(change, dtype="str"),
            "records": out["records"].fillna(0).astype("int64"),
            "kept": out["kept"].fillna(0).astype("int64"),
        }
    )


def _frame(given: pd.DataFrame | Identity, name: str) -> pd.DataFrame:
    frame = given.assignments if isinstance(given, Identity) else given
    missing = [c for c in ("record_id", "customer_id") if c not in frame]
    if missing:
        raise StudyError(
            f"match_customers: {name} has no column {missing[0]!r}; expected record_id and customer_id, "
            "as log.identity.assignments has them"
        )
    return frame[["record_id", "customer_id"]]
