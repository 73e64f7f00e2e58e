"""Which mails belong to one conversation."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd

__all__ = ["is_reply", "join_threads", "strip_subject"]

# Dutch (Antw, Betr, Doorst, Doorgestuurd), English, German, Scandinavian, French, Polish programs
_MARK: Final = (
    r"(?:re|r[ée]p|ref|aw|antw|antwoord|betr|betreft|sv|vs|fw|fwd|forward|doorst|doorgestuurd|wg|tr|odp)\.?"
    r"\s{0,3}(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s{0,3}[:：]"
)
_PREFIX: Final = re.compile(rf"^\s*(?:{_MARK}|\[[^\]]{{1,40}}\])\s*", re.I)
_REPLY: Final = re.compile(rf"^\s*(?:\[[^\]]{{1,40}}\]\s*)?{_MARK}", re.I)
_DAYS: Final = 60


def strip_subject(subject: str) -> str:
    """Return a subject without reply marks and list tags.

    Examples
    --------
    >>> strip_subject("Re: [users] Antw: Uw factuur ")
    'uw factuur'
    """
    at = 0
    while found := _PREFIX.match(subject[at : at + 80]):
        at += found.end()
    return " ".join(subject[at:].split()).casefold()


def is_reply(subject: str) -> bool:
    """Tell whether a subject says that it answers or passes on another mail.

    Examples
    --------
    >>> is_reply("Betr: [klant] factuur"), is_reply("Retour: schoenen")
    (True, False)
    """
    return _REPLY.match(subject) is not None


def join_threads(mails: pd.DataFrame) -> pd.Series[Any]:
    """Return a thread id per mail.

    Parameters
    ----------
    mails : DataFrame
        Columns ``id``, ``utc``, ``message_id``, ``parents`` (ids it refers to), ``base`` (stripped
        subject), ``is_reply``, ``people`` (outside addresses).

    Returns
    -------
    Series of str
        The smallest record id of the thread; the same whatever the order of the mails.

    Examples
    --------
    >>> mails = pd.DataFrame({"id": ["r1", "r2"], "utc": pd.to_datetime(["2024-01-01", "2024-01-02"], utc=True),
    ...     "message_id": ["a", "b"], "parents": [[], ["a"]], "base": ["x", "y"], "is_reply": [False, True],
    ...     "people": [frozenset({"p"}), frozenset({"p"})]})
    >>> join_threads(mails).tolist()
    ['r1', 'r1']
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(mails)
    if not n:
        return pd.Series([], dtype="str")
    # a node per mail, and one per message id: ids that were never delivered still join their replies
    number: dict[str, int] = {}
    left: list[int] = []
    right: list[int] = []
    for i, (own, parents) in enumerate(zip(mails["message_id"], mails["parents"], strict=True)):
        for name in ([own] if isinstance(own, str) else []) + list(parents):
            left.append(i)
            right.append(number.setdefault(name, n + len(number)))
    known = {m for m in mails["message_id"] if isinstance(m, str)}
    for i, j in _by_subject(mails, known):
        left.append(i)
        right.append(j)
    size = n + len(number)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    names = pd.Series(mails["id"].to_numpy(dtype=object), dtype="str")
    return names.groupby(component[:n]).transform("min")


def _by_subject(mails: pd.DataFrame, known: set[str]) -> list[tuple[int, int]]:
    """Pair replies whose parent is not here with the latest earlier mail of their subject and people."""
    pairs = []
    latest: dict[tuple[str, str], tuple[int, Any]] = {}
    order = mails["utc"].argsort(kind="stable").to_numpy()
    columns = [mails[c].tolist() for c in ("base", "people", "utc", "is_reply", "parents")]
    for i in order.tolist():
        base, people, utc, is_reply, parents = (c[i] for c in columns)
        if not base:
            continue
        if is_reply and not any(p in known for p in parents):
            before = [latest[base, p] for p in people if (base, p) in latest]
            if before:
                j, when = max(before, key=lambda b: (b[1], b[0]))
                if (utc - when).days <= _DAYS:
                    pairs.append((i, j))
        for p in people:
            latest[base, p] = (i, utc)
    return pairs
