"""How sure a link is, and how sure that makes a customer: the weakest link on the strongest path.

A link is a record that carries a value. Its confidence is that of the value's kind, lowered by what is known about the
value; these are conventions, ordered by how often each kind changes hands, and `benchmarks/identity.py` says which
share of the pairs they join is right on a simulated company:

====================================  =====  ================================================================
link                                  conf.  when
====================================  =====  ================================================================
``account``                            .99   both records name the account
``email``                              .98   an address of one person
``two accounts``                       .97   accounts of one person: same address and number, or one of them and the name
``phone``                              .96   a number of one person
``of two accounts``                    .96   an address or number that two accounts of one person have
``device``, ``cookie``                 .95   a device of one person
``case``, ``thread``, ``reference``    .93   records without an identifier, in a case of one person only
``shared, and the name``               .92   a value of several accounts, and the name of only one of them
``number in its text``                 .92   nobody's address, from which one customer's number was written
``hand-over``                          .90   on a shared device, between a login and the logout after it
``several addresses``                  .80   no account, and the value is seen with more than one e-mail address
``most of the case``                   .60   a record without an identifier, in a case of several people
``near a login``                       .60   on a shared device, before a login or long after it
``shared``                             .50   nothing but a value of several people: somebody of them
====================================  =====  ================================================================

A path from a record to the value that its customer is named after is as sure as its weakest link; of all paths the
surest counts. A customer is as sure as the least sure of its records. From .90 on it is *certain*.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from cxmining.identity.arrays import Bools, Ints
from cxmining.identity.pairs import Pairs

__all__ = ["CERTAIN", "CLASSES", "CONFIDENCE", "LEVEL", "of_records", "of_values"]

Levels = npt.NDArray[np.uint8]
CLASSES: Final = (
    ("nobody", 0.0), ("shared", 0.50), ("near a login", 0.60), ("most of the case", 0.60), ("several addresses", 0.80),
    ("hand-over", 0.90), ("number in its text", 0.92), ("shared, and the name", 0.92), ("reference", 0.93), ("thread", 0.93), ("case", 0.93), ("cookie", 0.95), ("device", 0.95),
    ("of two accounts", 0.96), ("phone", 0.96), ("two accounts", 0.97), ("email", 0.98), ("account", 0.99), ("own", 1.0),
)  # fmt: skip
"""Classes of links from weak to strong; ``own`` is a record that is a customer by itself."""
LEVEL: Final = {name: level for level, (name, _) in enumerate(CLASSES)}
CONFIDENCE: Final = np.array([c for _, c in CLASSES])
CERTAIN: Final = 0.90
_FURTHEST: Final = 12


def of_values(pairs: Pairs, conflict: Bools, several: Bools) -> Levels:
    """Return the class of each value's links."""
    level = np.array([LEVEL[k] for k in pairs.keys], dtype=np.uint8)[pairs.kind]
    level[several] = np.minimum(level[several], LEVEL["several addresses"])
    level[conflict] = LEVEL["shared"]
    return level


def of_records(
    record: Ints,
    value: Ints,
    level: Levels,
    core: Ints,
    merged: tuple[Ints, Ints],
    n_records: int,
    follows: tuple[Ints, Ints, Levels],
) -> Levels:
    """Return, per record, the class of the weakest link on its strongest path to a value that names its customer.

    Parameters
    ----------
    record, value : ndarray of int
        The pairs that join.
    level : ndarray of uint8
        Class of each value.
    core : ndarray of int
        Values that name a customer.
    merged : pair of ndarray
        Values that were joined as accounts of one person.
    n_records : int
        How many records there are.
    follows : tuple of ndarray
        Records that go with another, that other record, and the class of that link.

    Notes
    -----
    Paths of up to twelve records are searched; what lies further away gets the class of the weakest
    link that its customer has, which is never too high.
    """
    sure = np.zeros(n_records, dtype=np.uint8)
    reached = np.zeros(len(level), dtype=np.uint8)
    reached[core] = LEVEL["own"]
    strength = level[value]
    for _ in range(_FURTHEST):
        before = reached.copy()
        np.maximum.at(sure, record, np.minimum(strength, reached[value]))
        if len(follows[0]):
            np.maximum.at(sure, follows[0], np.minimum(follows[2], sure[follows[1]]))
        np.maximum.at(reached, value, np.minimum(strength, sure[record]))
        bridge = np.uint8(LEVEL["two accounts"])
        for a, b in (merged, merged[::-1]):
            np.maximum.at(reached, a, np.minimum(bridge, reached[b]))
        if np.array_equal(before, reached):
            break
    return sure
