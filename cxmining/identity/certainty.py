"""A study on certain identities only, and what that changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.identity import strength
from cxmining.identity.pairs import RECORD_TABLES
from cxmining.schema import Dataset

if TYPE_CHECKING:
    from cxmining.identity.evidence import Identity

__all__ = ["only_certain"]


def only_certain(identity: Identity, data: Dataset) -> Dataset:
    """Return `data` without the records whose customer is not certain, and with a note that says what went.

    Records that `identity` does not know (customers that were given) stay.
    """
    sure = strength.CONFIDENCE[identity.level] >= strength.CERTAIN
    doubtful = pd.Index(identity.record_ids.to_numpy(dtype=object)[~sure])
    tables: dict[str, Any] = {}
    said: list[str] = []
    before = after = 0
    for name, column in RECORD_TABLES.items():
        frame: pd.DataFrame = getattr(data, name)
        keep = ~frame[column].isin(doubtful).to_numpy(bool)
        tables[name] = frame if keep.all() else frame[keep].reset_index(drop=True)
        if name == "events":
            before, after = frame["customer_id"].nunique(), tables[name]["customer_id"].nunique()
        if len(frame):
            gone = int((~keep).sum())
            said.append(f"{gone:,} of {len(frame):,} {'CRM rows' if name == 'customers' else name}")
    answers = data.answers
    if len(answers):
        kept = answers["response_id"].isin(tables["responses"]["response_id"]).to_numpy(bool)
        tables["answers"] = answers if kept.all() else answers[kept].reset_index(drop=True)
    note = (
        f"certain identities only (confidence from {strength.CERTAIN:.2f} on): left out are {', '.join(said) or 'no records'}; "
        f"{after:,} of {before:,} customers with events remain"
    )
    return replace(data, **tables, notes=(*data.notes, note))
