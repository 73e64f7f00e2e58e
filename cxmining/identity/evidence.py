"""Why each customer is one: links and guards as arrays of codes and pseudonyms, with which the log is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.identity import strength
from cxmining.identity.digests import shown
from cxmining.identity.guards import STATES
from cxmining.repr_html import repr_html

if TYPE_CHECKING:
    from cxmining.identity.reasons import Reason
    from cxmining.schema import Dataset

__all__ = ["SUMMARY_COLUMNS", "Identity", "Links"]

SUMMARY_COLUMNS: Final = ("rule", "certainty", "values", "records", "customers", "hubs", "conflicts", "unusable")


@dataclass(frozen=True, eq=False)
class Links:
    """Which record carries which value, for values that more than one record carries; no value can be read from it.

    Attributes
    ----------
    record, value : ndarray of int32
        The pairs; `record` is a row of the identity, `value` a row of the following.
    kind, state, level : ndarray of int8
        Per value: kind of identifier, a place in `STATES`, class of its links.
    degree : ndarray of int32
        Per value: of how many it is, where that is why it joins nobody.
    owner : ndarray of int32
        Per value: its customer's number, -1 for none.
    half : ndarray of uint64
        Per value: its pseudonym.
    merged : tuple of ndarray
        Pairs of accounts that are one person because they share an address and a telephone number.
    """

    record: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    value: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    kind: npt.NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    state: npt.NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    level: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    degree: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    owner: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    half: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))
    merged: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]] = field(
        default_factory=lambda: (np.zeros(0, np.int32), np.zeros(0, np.int32))
    )


@dataclass(frozen=True, eq=False)
class Identity:
    """Who is the same customer, how sure that is, and why.

    Attributes
    ----------
    summary : DataFrame
        One row per rule and certainty: ``values``, the ``records`` it decided and their ``customers``,
        ``hubs`` refused, ``conflicts`` (values shared by several people), ``unusable`` values. The
        ``records`` of all rows sum to the number of records.
    keys : tuple of str
        Kinds of identifiers that join, strongest first.
    record_ids : Series of str
        Every record: event, response, invitation and CRM row.
    customer_ids : Series of str
        Every customer.
    customer, source, rule, giver : ndarray of int
        Per record: its customer, its source, the rule that decided (a place in `rules`), and the record that it
        follows where it carries no identifier (-1 for none).
    level : ndarray of uint8
        Per record: class of the weakest link on its strongest path.
    never_merge : tuple
        The study's list, as pseudonyms.
    suspects : DataFrame
        Addresses of customers without an account that are a typing error away from another's: ``customer_id``,
        ``address`` (a pseudonym), ``like_customer_id``, ``like_address``. They were not joined. Of more than 50,000
        addresses none are looked for, which `notes` say then.
    notes : tuple of str
        What was not done, and why.
    """

    summary: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SUMMARY_COLUMNS)))
    keys: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    record_ids: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    customer_ids: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    customer: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    source: npt.NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    rule: npt.NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))
    giver: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    level: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    links: Links = field(default_factory=Links)
    never_merge: tuple[str | tuple[str, str], ...] = ()
    suspects: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()

    @property
    def confidence(self) -> pd.Series:
        """How sure each record's customer is, 0 to 1, by record id; see `cxmining.identity.strength`."""
        return pd.Series(strength.CONFIDENCE[self.level], index=self.record_ids.array, name="identity_confidence")

    @property
    def customers(self) -> pd.DataFrame:
        """One row per customer: ``records``, how many of them are ``certain``, ``identity_confidence``, ``weakest``.

        The confidence is that of the least sure record; ``weakest`` names the link that makes it so.
        """
        n = len(self.customer_ids)
        least = np.full(n, strength.LEVEL["own"], dtype=np.uint8)
        np.minimum.at(least, self.customer, self.level)
        sure = strength.CONFIDENCE[self.level] >= strength.CERTAIN
        names = np.array([name for name, _ in strength.CLASSES], dtype=object)
        frame = pd.DataFrame(
            {
                "customer_id": self.customer_ids.array,
                "records": np.bincount(self.customer, minlength=n),
                "certain": np.bincount(self.customer, weights=sure, minlength=n).astype(np.int64),
                "identity_confidence": strength.CONFIDENCE[least],
                "weakest": pd.array(names[least], dtype="str"),
            }
        )
        return frame.sort_values("customer_id", ignore_index=True)

    @property
    def assignments(self) -> pd.DataFrame:
        """One row per record: ``record_id``, ``customer_id``, ``identity_confidence``; what a later run compares with."""
        return pd.DataFrame(
            {
                "record_id": self.record_ids.array,
                "customer_id": self.customer_ids.array.take(self.customer),
                "identity_confidence": strength.CONFIDENCE[self.level],
            }
        )

    @property
    def hubs(self) -> pd.DataFrame:
        """One row per value that joins nobody: ``kind``, ``value`` (its pseudonym), ``reason``, ``degree``, ``records``."""
        links = self.links
        at = np.flatnonzero(links.state > 0)
        carried = np.bincount(links.value, minlength=len(links.state))
        frame = pd.DataFrame(
            {
                "kind": pd.array([self.keys[k] for k in links.kind[at]], dtype="str"),
                "value": pd.array([shown(self.keys[links.kind[v]], links.half[[v]])[0] for v in at], dtype="str"),
                "reason": pd.array([STATES[s] for s in links.state[at]], dtype="str"),
                "degree": links.degree[at].astype(np.int64),
                "records": carried[at],
            }
        )
        return frame.sort_values(["records", "value"], ascending=[False, True], ignore_index=True)

    def why(self, a: str, b: str) -> Reason:
        """Say by which links two records are one customer, or why they are not.

        Parameters
        ----------
        a, b : str
            Ids of records (events, responses, invitations, CRM rows) or of customers.

        Returns
        -------
        Reason

        Raises
        ------
        UnknownNameError
            When there is no such record or customer; the nearest are named.
        """
        from cxmining.identity.reasons import explain

        return explain(self, a, b)

    def certain(self, data: Dataset) -> Dataset:
        """Return the data without the records whose customer is not certain; see `Dataset.certain`."""
        from cxmining.identity.certainty import only_certain

        return only_certain(self, data)

    def __repr__(self) -> str:
        n, people = len(self.record_ids), len(self.customer_ids)
        if not n:
            return "Identity(no records)"
        sure = int((strength.CONFIDENCE[self.level] >= strength.CERTAIN).sum())
        hubs = int((self.links.state > 0).sum())
        head = (
            f"Identity({n:,} record{'s' * (n != 1)} of {people:,} customer{'s' * (people != 1)}; "
            f"{sure:,} certain, {n - sure:,} not; {hubs:,} shared value{'s' * (hubs != 1)} that join nobody)"
        )
        return "\n".join([head, self.summary.to_string(index=False), *self.notes])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, head=repr(self).split("\n", 1)[0], said=self.notes)


def check_known(identity: Identity, asked: Sequence[str]) -> None:
    """Refuse to answer about a log whose customers were given, not found."""
    if not len(identity.record_ids):
        raise NotEnoughDataError(
            f"why {asked[0]!r} and {asked[1]!r} are one customer is not known: the customers of this log were given, "
            "not found; read the exports with a study file"
        )
