"""The chain of reasons between two records, or what keeps them apart; only pseudonyms are shown."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from cxmining.errors import UnknownNameError, nearest
from cxmining.identity import strength
from cxmining.identity.digests import shown
from cxmining.identity.evidence import check_known
from cxmining.identity.guards import STATES

if TYPE_CHECKING:
    from cxmining.identity.evidence import Identity

__all__ = ["Reason", "explain"]

_STEPS: Final = ("record", "source", "link", "confidence")
_SHOWN: Final = 10


@dataclass(frozen=True, eq=False)
class Reason:
    """Why two records are one customer, or why not.

    Attributes
    ----------
    a, b : str
        What was asked about.
    joined : bool
        Whether they are one customer.
    confidence : float
        Of the weakest link on the strongest path; 0 when they are not joined.
    summary : DataFrame
        Joined: one row per record on the path, with the ``link`` that leads to the next one (kind and pseudonym) and
        its ``confidence``. Not joined: one row per thing that keeps them apart, ``reason`` and ``value``.
    """

    a: str
    b: str
    joined: bool
    confidence: float
    summary: pd.DataFrame
    said: tuple[str, ...] = ()

    def __repr__(self) -> str:
        if not self.joined:
            return "\n".join([f"{self.a} and {self.b} are two customers:", *(f"  {line}" for line in self.said)])
        lines = [f"{self.a} and {self.b} are one customer, confidence {self.confidence:.2f}:"]
        for row in self.summary.itertuples(index=False):
            lines.append(f"  {row.record} ({row.source})")
            if isinstance(row.link, str):
                lines.append(f"    — {row.link} ({row.confidence:.2f}) —")
        return "\n".join([*lines, *(f"  {line}" for line in self.said)])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def explain(identity: Identity, a: str, b: str) -> Reason:
    """Answer `Identity.why`."""
    check_known(identity, (a, b))
    sides = [_rows(identity, name) for name in (a, b)]
    whose = [int(identity.customer[rows[0]]) for rows, _ in sides]
    if whose[0] != whose[1]:
        return _apart(identity, a, b, sides, whose)
    return _path(identity, a, b, sides, whose[0])


def _rows(identity: Identity, name: str) -> tuple[np.ndarray, bool]:
    """Return the rows that a name stands for, and whether it is a customer's."""
    at = np.flatnonzero((identity.record_ids == name).to_numpy(bool))
    if len(at):
        return at[:1], False
    who = np.flatnonzero((identity.customer_ids == name).to_numpy(bool))
    if len(who):
        return np.flatnonzero(identity.customer == who[0]), True
    ids = pd.concat([identity.customer_ids, identity.record_ids], ignore_index=True)
    like = ids[ids.str.startswith(str(name)[:3])]
    known = (like if len(like) else ids).sort_values().head(2_000)
    raise UnknownNameError(f"no record or customer {name!r} in this log; {nearest(str(name), known)}")


def _value(identity: Identity, v: int) -> str:
    kind = identity.keys[identity.links.kind[v]]
    return f"{kind} {shown(kind, identity.links.half[[v]])[0]}"


def _path(identity: Identity, a: str, b: str, sides: list[tuple[np.ndarray, bool]], person: int) -> Reason:
    """Find the strongest path between two records of one customer, of those the shortest."""
    links = identity.links
    rows = np.flatnonzero(identity.customer == person)
    place = {int(r): i for i, r in enumerate(rows.tolist())}
    starts, ends = ([place[int(r)] for r in side.tolist()] for side, _ in sides)
    mine = np.zeros(len(identity.customer), dtype=bool)
    mine[rows] = True
    use = mine[links.record] & (links.owner[links.value] == person)
    values, v = np.unique(links.value[use], return_inverse=True)
    n = len(rows)
    left, right = np.searchsorted(rows, links.record[use]), v + n
    level = links.level[links.value[use]]
    number = {int(x): i + n for i, x in enumerate(values.tolist())}
    more: list[tuple[int, int, int]] = []
    for x, y in zip(*(m.tolist() for m in links.merged), strict=True):
        if x in number and y in number:
            more.append((number[x], number[y], strength.LEVEL["two accounts"]))
    follows = [(r, int(identity.giver[r])) for r in rows[identity.giver[rows] >= 0].tolist()]
    more += [(place[r], place[giver], _own_level(identity, r)) for r, giver in follows if giver in place]
    cases = [r for r in rows.tolist() if identity.rules[identity.rule[r]] == "own case"]
    more += [(place[r], place[cases[0]], strength.LEVEL["case"]) for r in cases[1:]]
    if more:
        extra = np.array(more, dtype=np.int64)
        left, right = np.append(left, extra[:, 0]), np.append(right, extra[:, 1])
        level = np.append(level, extra[:, 2])
    for least in sorted(set(level.tolist()), reverse=True):
        nodes = _walk(left[level >= least], right[level >= least], n + len(values), starts, ends)
        if nodes:
            return _told(identity, a, b, rows, values, nodes, left, right, level)
    if set(starts) & set(ends):
        return _told(identity, a, b, rows, values, [min(set(starts) & set(ends))], left, right, level)
    return Reason(a, b, True, 0.0, pd.DataFrame(columns=list(_STEPS)), ("no chain of links was kept",))


def _own_level(identity: Identity, r: int) -> int:
    """Return the class of the link by which a record follows another: its own, not that of the path behind it."""
    rule = identity.rules[identity.rule[r]]
    level = int(identity.level[r])
    if rule == "name beside it":
        return strength.LEVEL["shared, and the name"]
    if rule == "number in its text":
        return strength.LEVEL[rule]
    if rule == "hand-over":
        return (
            level
            if level in (strength.LEVEL["hand-over"], strength.LEVEL["near a login"])
            else strength.LEVEL["hand-over"]
        )
    return min(level, strength.LEVEL[rule]) if level == strength.LEVEL["most of the case"] else strength.LEVEL[rule]


def _walk(left: np.ndarray, right: np.ndarray, n: int, starts: list[int], ends: list[int]) -> list[int]:
    """Return the nodes of a shortest way from any start to any end, nothing when there is none."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    # one more node stands for all starts, so that one search does
    a = np.concatenate([left, np.array(starts)])
    b = np.concatenate([right, np.full(len(starts), n)])
    graph = coo_array((np.ones(2 * len(a), dtype=np.int8), (np.append(a, b), np.append(b, a))), shape=(n + 1, n + 1))
    order, before = breadth_first_order(graph.tocsr(), n, directed=False)
    reached = [e for e in ends if e in set(order.tolist())]
    if not reached:
        return []
    rank = np.full(n + 1, n + 2)
    rank[order] = np.arange(len(order))
    node = min(reached, key=lambda e: int(rank[e]))
    way = []
    while node != n:
        way.append(node)
        node = int(before[node])
    return way[::-1]


def _told(
    identity: Identity, a: str, b: str, rows: np.ndarray, values: np.ndarray, nodes: list[int], left: np.ndarray,
    right: np.ndarray, level: np.ndarray,
) -> Reason:  # fmt: skip
    n = len(rows)
    strong: dict[tuple[int, int], int] = {}
    near = np.isin(left, nodes) & np.isin(right, nodes)
    for x, y, s in zip(left[near].tolist(), right[near].tolist(), level[near].tolist(), strict=True):
        for pair in ((x, y), (y, x)):
            strong[pair] = max(strong.get(pair, 0), s)
    steps: list[dict[str, object]] = []
    weakest = strength.LEVEL["own"]
    words: list[str] = []
    conf: list[float] = []
    for node, following in zip(nodes, [*nodes[1:], -1], strict=True):
        if node < n:
            if steps:
                steps[-1].update(link=" — ".join(words) or None, confidence=min(conf, default=np.nan))
            row = int(rows[node])
            steps.append(
                {"record": str(identity.record_ids.iloc[row]), "source": identity.sources[identity.source[row]]}
            )
            words, conf = [], []
        else:
            words.append(_value(identity, int(values[node - n])))
        if following >= 0:
            s = strong[node, following]
            weakest = min(weakest, s)
            conf.append(float(strength.CONFIDENCE[s]))
            if node < n and following < n:
                r, g = int(rows[node]), int(rows[following])
                rule = identity.rules[identity.rule[r if int(identity.giver[r]) == g else g]]
                words.append("case" if rule == "own case" else rule)
            elif node >= n and following >= n:
                words.append("is, on two kinds of evidence, also")
    summary = pd.DataFrame(steps, columns=list(_STEPS)).astype({"record": "str", "source": "str", "link": "str"})
    sure = float(strength.CONFIDENCE[weakest]) if len(nodes) > 1 else 1.0
    return Reason(a, b, True, sure, summary)


def _apart(identity: Identity, a: str, b: str, sides: list[tuple[np.ndarray, bool]], whose: list[int]) -> Reason:
    """Say what two customers share and why that joins nobody, and what tells them apart."""
    links = identity.links
    held: list[np.ndarray] = []
    for (rows, is_customer), person in zip(sides, whose, strict=True):
        mine = np.zeros(len(identity.customer), dtype=bool)
        mine[rows] = True
        direct = np.unique(links.value[mine[links.record]])
        if not is_customer:
            mine = identity.customer == person
        held.append(np.unique(links.value[mine[links.record]]))
        held.append(direct)
    both = np.intersect1d(held[0], held[2])
    direct = np.intersect1d(held[1], held[3])
    both = np.concatenate([direct, np.setdiff1d(both, direct)])
    rows_: list[tuple[str, str, int]] = []
    said: list[str] = []
    for v in both[:_SHOWN].tolist():
        value, state, degree = _value(identity, v), STATES[links.state[v]], int(links.degree[v])
        if state == "hub":
            said.append(f"both carry {value}, a hub: it is seen with {degree:,} people and joins nobody")
        elif state == "never-merge":
            said.append(f"both carry {value}, which the study says must never merge")
        elif state != "joins":
            said.append(f"both carry {value}, which joins nobody: {state}" + (f" ({degree:,})" if degree > 1 else ""))
        else:
            said.append(f"both carry {value}, which belongs to several people and decides nothing")
            state = "several people"
        rows_.append((state, value, degree))
    if len(both) > _SHOWN:
        said.append(f"and {len(both) - _SHOWN:,} more that both carry")
    pairs = _forbidden(identity, held[0], held[2])
    said += [f"the study says that {x} and {y} are never one customer" for x, y in pairs]
    rows_ += [("never-merge", f"{x}, {y}", 0) for x, y in pairs]
    accounts = [_accounts(identity, values, person) for values, person in zip(held[::2], whose, strict=True)]
    if all(accounts):
        said.append(
            f"two accounts: {accounts[0][0]} and {accounts[1][0]}, which no record and no pair of values makes one"
        )
        rows_.append(("two accounts", f"{accounts[0][0]}, {accounts[1][0]}", 0))
    if not said:
        said.append("they share no identifier, directly or through others")
        rows_.append(("nothing shared", "", 0))
    summary = pd.DataFrame(rows_, columns=["reason", "value", "degree"])
    return Reason(a, b, False, 0.0, summary.astype({"reason": "str", "value": "str"}), tuple(said))


def _accounts(identity: Identity, values: np.ndarray, person: int) -> list[str]:
    if "account" not in identity.keys:
        return []
    k = identity.keys.index("account")
    mine = values[(identity.links.kind[values] == k) & (identity.links.owner[values] == person)]
    return [_value(identity, int(v)) for v in mine[:1]]


def _forbidden(identity: Identity, one: np.ndarray, two: np.ndarray) -> list[tuple[str, str]]:
    if not any(isinstance(e, tuple) for e in identity.never_merge):
        return []
    names = [{_value(identity, v).split()[1]: _value(identity, v) for v in held.tolist()} for held in (one, two)]
    found = []
    for entry in identity.never_merge:
        if isinstance(entry, tuple):
            for x, y in (entry, entry[::-1]):
                if x in names[0] and y in names[1]:
                    found.append((names[0][x], names[1][y]))
    return found
