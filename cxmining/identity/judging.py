"""How right an identity is, where somebody knows who everybody is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.repr_html import repr_html
from cxmining.stats import wilson

__all__ = ["Judgement", "judge"]


@dataclass(frozen=True, eq=False)
class Judgement:
    """Pairs of records that were rightly and wrongly held to be of one customer.

    Attributes
    ----------
    found, true, right : int
        Pairs that were joined, that are of one person, and both.
    records : int
        Records whose person is known.
    bcubed_precision, bcubed_recall : float
        The same per record (Bagga and Baldwin, 1998): a customer of many records does not outweigh the others.
    """

    found: int
    true: int
    right: int
    records: int
    bcubed_precision: float
    bcubed_recall: float

    @property
    def precision(self) -> float:
        """Share of the joined pairs that are of one person; 1 where nothing was joined."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs of one person that were joined; 1 where there is none."""
        return self.right / self.true if self.true else 1.0

    @property
    def summary(self) -> pd.DataFrame:
        """One row per measure, with ``n`` and a 95% interval that takes pairs for independent, which they are not."""
        rows = []
        for name, share, n in (("precision", self.precision, self.found), ("recall", self.recall, self.true)):
            interval = wilson(self.right, n)
            rows.append({"measure": name, "pairs": share, "low": interval.low, "high": interval.high, "n": n})
        frame = pd.DataFrame(rows)
        frame["per_record"] = [self.bcubed_precision, self.bcubed_recall]
        return frame

    def __repr__(self) -> str:
        return (
            f"precision {self.precision:.4f} of {self.found:,} joined pairs, recall {self.recall:.4f} of {self.true:,} "
            f"true pairs; per record {self.bcubed_precision:.4f} and {self.bcubed_recall:.4f} (n = {self.records:,})"
        )

    def _repr_html_(self) -> str:
        return repr_html(self.summary)


def judge(customer: pd.Series, person: pd.Series) -> Judgement:
    """Hold customers that were found against the people that records are really of.

    Parameters
    ----------
    customer : Series
        Found customer, by record id, as in ``log.identity.assignments.set_index("record_id")["customer_id"]``.
    person : Series
        True person, by record id; records that are missing, or of nobody (missing), do not count.

    Returns
    -------
    Judgement

    Raises
    ------
    NotEnoughDataError
        When no record has both.

    Examples
    --------
    >>> found = pd.Series(["c1", "c1", "c1", "c2"], index=["r1", "r2", "r3", "r4"])
    >>> true = pd.Series(["anna", "anna", "ben", "ben"], index=["r1", "r2", "r3", "r4"])
    >>> judge(found, true)
    precision 0.3333 of 3 joined pairs, recall 0.5000 of 2 true pairs; per record 0.6667 and 0.7500 (n = 4)
    """
    known = person.dropna()
    both = pd.DataFrame({"person": known, "customer": customer.reindex(known.index)}).dropna()
    if not len(both):
        raise NotEnoughDataError("judge: no record has a found customer and a known person; compare the record ids")
    c, p = pd.factorize(both["customer"])[0].astype(np.int64), pd.factorize(both["person"])[0].astype(np.int64)
    cell = pd.factorize(c * (int(p.max()) + 1) + p)[0]
    in_cell, in_customer, in_person = np.bincount(cell), np.bincount(c), np.bincount(p)
    return Judgement(
        found=_pairs(in_customer),
        true=_pairs(in_person),
        right=_pairs(in_cell),
        records=len(both),
        bcubed_precision=float((in_cell[cell] / in_customer[c]).mean()),
        bcubed_recall=float((in_cell[cell] / in_person[p]).mean()),
    )


def _pairs(sizes: np.ndarray) -> int:
    return int((sizes.astype(np.int64) * (sizes.astype(np.int64) - 1) // 2).sum())
