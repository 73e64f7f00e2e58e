"""Who is the same customer, and the last place where anybody's address is known.

Records (events, responses, invitations, CRM rows) name people by identifiers: accounts, e-mail
addresses, telephone numbers, devices. Records that share one belong together, with two limits:

- **An account is a person.** Two accounts stay two people although they share a telephone or a
  mailbox, because families do. They are one person when one record names both, or when they share an
  e-mail address *and* a telephone number.
- **A hub joins nobody.** A value seen with more than ``max_accounts_per_value`` accounts (or, where
  records carry no account, e-mail addresses) is a switchboard or a kiosk, not a person.

A value that belongs to one person joins all its records to that person, strongest kind first, in the
order of ``identity.keys``. A value shared by two to ``max_accounts_per_value`` people decides
nothing: records with a further identifier go by that one, records with nothing else form one
customer of their own, reported as uncertain. Everything is decided on sets of values, so the order
of rows, files and sources does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.privacy.keys import pseudonyms
from cxmining.privacy.normalise import IDENTIFIER_KINDS, normalised_codes
from cxmining.schema import Reading, empty
from cxmining.study import IdentitySettings

__all__ = ["REPORT_COLUMNS", "resolve"]

REPORT_COLUMNS: Final = ("rule", "certainty", "values", "records", "customers", "hubs", "conflicts", "unusable")
_RECORD_TABLES: Final = {
    "events": "event_id",
    "responses": "response_id",
    "invitations": "invitation_id",
    "customers": "record_id",
}
_PSEUDONYM: Final = {"resource": "a", "case_id": "k", "thread_id": "t", "reference": "k"}
_CONTEXT_RULES: Final = ("case", "thread", "reference", "own case", "own record")
_NEVER_JOIN: Final = ("name", "object")  # two people share a name, two people open one mail

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def resolve(
    readings: Sequence[Reading],
    settings: IdentitySettings,
    key: bytes,
    *,
    keep_case_ids: bool = False,
    country: str = "NL",
) -> tuple[list[Reading], pd.DataFrame]:
    """Give every record its customer, replace what could name anybody, and drop the identifiers.

    Records without any identifier go by what they belong to: an event to the customer of its case or
    thread (of one source) when all identified records of it have the same one, else the case is a
    customer of its own; a response or invitation to the customer of the case that it refers to.
    What is left is a customer of its own.

    Parameters
    ----------
    readings : sequence of Reading
        What the readers made; not changed.
    settings : IdentitySettings
        Which kinds join, strongest first, and the hub guard.
    key : bytes
        The pseudonym key.
    keep_case_ids : bool, default False
        Whether case ids (and the references to them) stay readable.
    country : str, default "NL"
        For telephone numbers that are written without one.

    Returns
    -------
    readings : list of Reading
        With `customer_id` and pseudonyms (``c`` customer, ``a`` agent, ``k`` case and reference, ``t``
        thread), without identifiers.
    report : DataFrame
        One row per rule and certainty: ``values``, the ``records`` it decided and their ``customers``,
        ``hubs`` refused, ``conflicts`` (values shared by several people), ``unusable`` values. The
        ``records`` of all rows sum to the number of records.

    Raises
    ------
    StudyError
        When ``identity.keys`` names an unknown kind, or one that tells nobody apart.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.schema import Reading, empty, table
    >>> crm = Reading("crm", "csv", (), empty("ledger"),
    ...     identifiers=table("identifiers", {"record_id": ["r1", "r1"], "kind": ["account", "email"],
    ...                                       "value": ["17", "a@b.nl"]}),
    ...     customers=table("customers", {"record_id": ["r1"], "source": ["crm"], "seq": [1]}))
    >>> mail = Reading("mail", "mbox", (), empty("ledger"),
    ...     identifiers=table("identifiers", {"record_id": ["r2"], "kind": ["email"], "value": ["A@b.nl"]}),
    ...     events=table("events", {"event_id": ["r2"], "timestamp": ["2024-01-01T00:00Z"], "channel": ["mail"],
    ...                             "touchpoint": ["mail"], "source": ["mail"], "seq": [1]}))
    >>> (one, two), report = resolve([crm, mail], IdentitySettings(), b"0123456789abcdef")
    >>> one.customers["customer_id"][0] == two.events["customer_id"][0]
    True
    """
    keys = _check_keys(settings.keys)
    records = _records(readings)
    pairs, report = _pairs(readings, records, keys, country)
    people = _assign(pairs, len(records), keys, settings.max_accounts_per_value)
    found = _by_context(records, _names(pairs, people, keys), people, keys)
    customer = pseudonyms(found["name"], key, "c")
    counts = {kind: report[kind] | people.counts[kind] for kind in keys}
    done = []
    for r, reading in enumerate(readings):
        mine = records["reading"] == r
        tables = records.loc[mine, "table"].unique()
        done.append(_finish(reading, {t: customer[mine & (records["table"] == t)] for t in tables}, key, keep_case_ids))
    return done, _report(keys, counts, people.merged_accounts, found, customer)


def _check_keys(keys: Sequence[str]) -> list[str]:
    usable = [k for k in IDENTIFIER_KINDS if k not in _NEVER_JOIN]
    for kind in keys:
        if kind in _NEVER_JOIN:
            raise StudyError(
                f"identity.keys: {kind!r} never joins two records (people share it); choose among {usable}"
            )
        if kind not in usable:
            raise StudyError(f"identity.keys: unknown kind {kind!r}; {nearest(kind, usable)}")
    return list(dict.fromkeys(keys))


def _records(readings: Sequence[Reading]) -> pd.DataFrame:
    """List every record of every table once: the universe of what gets a customer."""
    parts = []
    for r, reading in enumerate(readings):
        for name, column in _RECORD_TABLES.items():
            frame: pd.DataFrame = getattr(reading, name)
            if not len(frame):
                continue
            n = len(frame)
            part = {"record_id": frame[column].array, "reading": np.full(n, r), "source": reading.source, "table": name}
            for context in ("case_id", "thread_id", "reference"):
                part[context] = frame[context].str.strip() if context in frame else pd.array([None] * n, dtype="str")
            parts.append(pd.DataFrame({k: v.array if isinstance(v, pd.Series) else v for k, v in part.items()}))
    if not parts:
        columns = ("record_id", "reading", "source", "table", "case_id", "thread_id", "reference")
        return pd.DataFrame({c: pd.Series(dtype="str") for c in columns})
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Who carries what: parallel arrays of record and value, values numbered kind after kind."""

    record: Ints
    value: Ints
    kind: Ints  # per value, position in the keys
    text: pd.Series  # per value


def _pairs(
    readings: Sequence[Reading], records: pd.DataFrame, keys: list[str], country: str
) -> tuple[_Pairs, dict[str, dict[str, int]]]:
    identifiers = pd.concat([empty("identifiers"), *(r.identifiers for r in readings)], ignore_index=True)
    ids = _surviving(identifiers["record_id"], readings)
    record = _places(ids, records["record_id"])
    at: list[Ints] = []
    which: list[Ints] = []
    kinds: list[Ints] = []
    texts: list[pd.Series] = []
    report: dict[str, dict[str, int]] = {}
    n_values = 0
    for rank, kind in enumerate(keys):
        # Records that were rejected join nobody.
        mine = np.flatnonzero((identifiers["kind"] == kind).to_numpy(dtype=bool) & (record >= 0))
        raw = identifiers["value"].iloc[mine]
        codes, unique = normalised_codes(kind, raw, country)
        known = codes >= 0
        report[kind] = {"values": len(unique), "unusable": int(raw[~known].nunique())}
        carrier, carried = _distinct(record[mine][known].astype(np.int64), codes[known])
        at.append(carrier)
        which.append(carried + n_values)
        kinds.append(np.full(len(unique), rank, dtype=np.int64))
        texts.append(unique)
        n_values += len(unique)
    text = pd.concat([pd.Series(dtype="str"), *texts], ignore_index=True)
    none = [np.zeros(0, dtype=np.int64)]
    return (
        _Pairs(np.concatenate(none + at), np.concatenate(none + which), np.concatenate(none + kinds), text),
        report,
    )


def _places(ids: pd.Series, known: pd.Series) -> Ints:
    """Return where each id stands among the known ones, -1 where it does not."""
    import pyarrow as pa
    import pyarrow.compute as pc

    place = pc.index_in(pa.array(ids, pa.large_string()), value_set=pa.array(known, pa.large_string()))
    return np.asarray(pc.fill_null(place, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _surviving(ids: pd.Series, readings: Sequence[Reading]) -> pd.Series:
    """Let what a merged record named (the second leg of a call) count for the record it became part of."""
    ledgers = [r.ledger.loc[r.ledger["merged_into"].notna(), ["record_id", "merged_into"]] for r in readings]
    merged = pd.concat(ledgers, ignore_index=True) if ledgers else pd.DataFrame()
    if not len(merged):
        return ids
    into = merged.drop_duplicates("record_id").set_index("record_id")["merged_into"]
    for _ in range(10):  # a chain of legs; ten is more than any switch makes
        target = ids.map(into)
        if not target.notna().any():
            break
        ids = ids.where(target.isna(), target)
    return ids


@dataclass(frozen=True, eq=False)
class _People:
    """The decision: per record a person (-1 none), the rank of the kind that decided, and whether surely."""

    person: Ints
    rank: Ints
    certain: Bools
    accounts: Ints  # per value: the person an account is, -1 for all else
    used: Bools  # per pair: whether it joined people who have no account
    counts: dict[str, dict[str, int]]
    merged_accounts: int


def _assign(pairs: _Pairs, n_records: int, keys: list[str], limit: int) -> _People:
    account = keys.index("account") if "account" in keys else -1
    n_values = len(pairs.text)
    pair_kind = pairs.kind[pairs.value]
    is_account = pair_kind == account
    carried = _Table(pairs.record[is_account], pairs.value[is_account])

    # Which accounts each other value is seen with, directly in a record.
    others = ~is_account
    seen = carried.join(pairs.record[others], pairs.value[others])
    n_accounts = np.bincount(seen.left, minlength=n_values)
    hub = n_accounts > limit

    same = _shared_twice(seen, hub, pairs.kind, keys)
    owner, n_people = _account_people(carried, same, n_values, limit)
    person = np.full(n_records, -1, dtype=np.int64)
    rank = np.full(n_records, -1, dtype=np.int64)
    _label(person, rank, pairs.record[is_account], owner[pairs.value[is_account]], account)

    # Strongest kind first; again while something was learnt, for a mail may name a telephone that names a device.
    value_owner = np.where(pairs.kind == account, owner, -1)
    conflict = np.zeros(n_values, dtype=bool)
    learnt = n_people > 0
    while learnt:
        learnt = False
        for k in range(len(keys)):
            if k == account:
                continue
            mine = (pair_kind == k) & ~hub[pairs.value]
            record, value = pairs.record[mine], pairs.value[mine]
            known = person[record] >= 0
            single, several = _single(value[known], person[record[known]], n_values)
            conflict |= several
            value_owner = np.where((value_owner < 0) & ~conflict & (single >= 0), single, value_owner)
            open_ = ~known & (value_owner[value] >= 0)
            learnt |= _label(person, rank, record[open_], value_owner[value[open_]], k)

    certain = person >= 0
    # The rest knows no account; accounts in it come from records that list many, and join nobody.
    left = ~certain[pairs.record] & ~is_account
    hub |= _address_hubs(pairs, left, keys, limit)
    left &= ~hub[pairs.value]
    rest, rest_rank = _components(pairs.record[left], pairs.value[left], pair_kind[left], n_records, n_values)
    found = rest >= 0
    person[found], rank[found] = rest[found] + n_people, rest_rank[found]
    shared = np.zeros(n_records, dtype=bool)
    shared[pairs.record[left & conflict[pairs.value]]] = True
    certain = certain | (found & ~shared)

    counts = {
        kind: {"hubs": int((hub & (pairs.kind == k)).sum()), "conflicts": int((conflict & (pairs.kind == k)).sum())}
        for k, kind in enumerate(keys)
    }
    return _People(person, rank, certain, np.where(pairs.kind == account, owner, -1), left, counts, len(same[0]))


@dataclass(frozen=True, eq=False)
class _Joined:
    left: Ints
    right: Ints


class _Table:
    """Accounts by record, as a sparse layout that joins without hashing."""

    def __init__(self, record: Ints, value: Ints) -> None:
        order = np.argsort(record, kind="stable")
        self.record, self.value = record[order], value[order]

    def join(self, record: Ints, value: Ints) -> _Joined:
        """Return the distinct (value, account) that stand in one record."""
        first = np.searchsorted(self.record, record, "left")
        n = np.searchsorted(self.record, record, "right") - first
        left = np.repeat(value, n)
        offset = np.arange(len(left)) - np.repeat(np.cumsum(n) - n, n)
        right = self.value[np.repeat(first, n) + offset] if len(left) else left
        return _Joined(*_distinct(left, right))


def _distinct(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    if not len(a):
        return a, b
    base = int(b.max()) + 1
    pair = np.sort(a * base + b)  # np.unique hashes, which takes ten times as long on millions
    pair = pair[np.concatenate([[True], pair[1:] != pair[:-1]])]
    return pair // base, pair % base


def _shared_twice(seen: _Joined, hub: Bools, kind: Ints, keys: list[str]) -> tuple[Ints, Ints]:
    """Return the pairs of accounts that share an e-mail address and a telephone number."""
    found: list[pd.DataFrame] = []
    for k in ("email", "phone"):
        if k not in keys:
            none = np.zeros(0, dtype=np.int64)
            return none, none
        mine = (kind[seen.left] == keys.index(k)) & ~hub[seen.left]
        left, right = seen.left[mine], seen.right[mine]
        several = np.bincount(left, minlength=len(hub))[left] > 1
        frame = pd.DataFrame({"v": left[several], "a": right[several]})
        both = frame.merge(frame, on="v")
        found.append(both.loc[both["a_x"] < both["a_y"], ["a_x", "a_y"]].drop_duplicates())
    pairs = found[0].merge(found[1], on=["a_x", "a_y"])
    return pairs["a_x"].to_numpy(dtype=np.int64), pairs["a_y"].to_numpy(dtype=np.int64)


def _account_people(carried: _Table, same: tuple[Ints, Ints], n_values: int, limit: int) -> tuple[Ints, int]:
    """Number the people that accounts are; a record that names more than `limit` accounts is a list, not a person."""
    if not len(carried.record):
        return np.full(n_values, -1, dtype=np.int64), 0
    n = np.bincount(carried.record)[carried.record]
    use = n <= limit
    record, value = carried.record[use], carried.value[use]
    adjacent = record[1:] == record[:-1]
    a = np.concatenate([value[:-1][adjacent], same[0]])
    b = np.concatenate([value[1:][adjacent], same[1]])
    label = _connected(a, b, n_values)
    accounts = np.unique(carried.value)
    numbers, people = pd.factorize(label[accounts])
    owner = np.full(n_values, -1, dtype=np.int64)
    owner[accounts] = numbers
    return owner, len(people)


def _connected(a: Ints, b: Ints, n: int) -> Ints:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _single(group: Ints, item: Ints, n: int) -> tuple[Ints, Bools]:
    """Return per group its only item, -1 where it has none or several, and where it has several."""
    low = np.full(n, np.iinfo(np.int64).max, dtype=np.int64)
    high = np.full(n, -1, dtype=np.int64)
    np.minimum.at(low, group, item)
    np.maximum.at(high, group, item)
    several = (high >= 0) & (low != high)
    return np.where(several, -1, high), several


def _label(person: Ints, rank: Ints, record: Ints, owner: Ints, k: int) -> bool:
    """Give the records their owner where their values agree on one."""
    single, _ = _single(record, owner, len(person))
    new = (person < 0) & (single >= 0)
    person[new], rank[new] = single[new], k
    return bool(new.any())


def _address_hubs(pairs: _Pairs, left: Bools, keys: list[str], limit: int) -> Bools:
    """Find values seen with more than `limit` e-mail addresses among records without an account."""
    n_values = len(pairs.text)
    if "email" not in keys:
        return np.zeros(n_values, dtype=bool)
    email = keys.index("email")
    kind = pairs.kind[pairs.value]
    addresses = _Table(pairs.record[left & (kind == email)], pairs.value[left & (kind == email)])
    weaker = left & (kind > email)
    seen = addresses.join(pairs.record[weaker], pairs.value[weaker])
    return np.bincount(seen.left, minlength=n_values) > limit


def _components(record: Ints, value: Ints, kind: Ints, n_records: int, n_values: int) -> tuple[Ints, Ints]:
    """Join the records that share values; per record its component (-1 none) and the strongest kind it has."""
    person = np.full(n_records, -1, dtype=np.int64)
    rank = np.full(n_records, np.iinfo(np.int64).max, dtype=np.int64)
    if not len(record):
        return person, rank
    label = _connected(record, value + n_records, n_records + n_values)
    person[record] = label[record]
    np.minimum.at(rank, record, kind)
    return person, rank


def _names(pairs: _Pairs, people: _People, keys: list[str]) -> pd.Series:
    """Name each person by the smallest account, else the smallest ``kind:value``; missing for nobody."""
    person = people.person[pairs.record]
    account = people.accounts[pairs.value]
    named = np.where(account >= 0, account, person)
    use = (account >= 0) | people.used
    who, value = _distinct(named[use], pairs.value[use])
    kinds = np.array([f"{k}:" for k in keys], dtype=object)
    text = pd.Series(kinds[pairs.kind[value]], dtype="str") + pairs.text.iloc[value].reset_index(drop=True)
    smallest = _smallest(who, text)
    return pd.Series(people.person).map(smallest).astype("str")


def _smallest(group: Ints, text: pd.Series) -> pd.Series:
    """Return the smallest text per group; only groups with several are compared."""
    frame = pd.DataFrame({"group": group, "text": text.array})
    alone = ~frame["group"].duplicated(keep=False)
    rest = frame[~alone].sort_values(["group", "text"]).drop_duplicates("group")
    return pd.concat([frame[alone], rest]).set_index("group")["text"]


def _by_context(records: pd.DataFrame, names: pd.Series, people: _People, keys: list[str]) -> pd.DataFrame:
    """Name the records without identifiers by case, thread or reference, else by themselves.

    Returns columns ``name``, ``rule`` (its number among the keys and, behind them, the context rules) and
    ``certain``, one row per record.
    """
    found = pd.DataFrame({"name": names, "rule": people.rank, "certain": people.certain}, index=records.index)
    if not found["name"].isna().any():
        return found
    number = {rule: len(keys) + i for i, rule in enumerate(_CONTEXT_RULES)}
    event = records["table"] == "events"
    events, others = records[event], records[~event & (records["table"] != "customers")]
    _inherit(found, events, events, ["source", "case_id"], ["source", "case_id"], number["case"], majority=True)
    _inherit(found, events, events, ["source", "thread_id"], ["source", "thread_id"], number["thread"])
    _inherit(found, events, others, ["case_id"], ["reference"], number["reference"])
    own = events.index[found.loc[events.index, "name"].isna() & events["case_id"].notna()]
    found.loc[own, "name"] = "case:" + events.loc[own, "source"] + ":" + events.loc[own, "case_id"]
    found.loc[own, "rule"], found.loc[own, "certain"] = number["own case"], True
    _inherit(found, others, events, ["reference"], ["case_id"], number["reference"])
    alone = records.index[found["name"].isna()]
    found.loc[alone, "name"] = "record:" + records.loc[alone, "record_id"]
    found.loc[alone, "rule"], found.loc[alone, "certain"] = number["own record"], True
    return found


def _inherit(
    found: pd.DataFrame,
    takers: pd.DataFrame,
    givers: pd.DataFrame,
    taker_key: list[str],
    giver_key: list[str],
    rule: int,
    *,
    majority: bool = False,
) -> None:
    """Name the nameless among `takers` like the named `givers` of the same key, when those agree.

    With `majority`, the name most givers bear, ties to the smallest, decides where they do not: an
    agent's note belongs to the one whom the ticket is mostly about, but that is marked uncertain.
    """
    open_ = takers[found.loc[takers.index, "name"].isna() & takers[taker_key[-1]].notna()]
    named = givers[found.loc[givers.index, "name"].notna() & givers[giver_key[-1]].notna()]
    if not len(open_) or not len(named):
        return
    given = named[giver_key].set_axis(taker_key, axis=1).assign(name=found.loc[named.index, "name"])
    votes = given.groupby([*taker_key, "name"], sort=False).size().rename("n").reset_index()
    votes["several"] = votes.duplicated(taker_key, keep=False)
    if not majority:
        votes = votes[~votes["several"]]
    best = votes.sort_values(["n", "name"], ascending=[False, True]).drop_duplicates(taker_key)
    got = open_[taker_key].merge(best, on=taker_key, how="left").set_index(open_.index)
    got = got[got["name"].notna()]
    found.loc[got.index, "name"] = got["name"]
    found.loc[got.index, "rule"] = rule
    found.loc[got.index, "certain"] = ~got["several"].astype(bool)


def _report(
    keys: list[str], counts: dict[str, dict[str, int]], merged: int, found: pd.DataFrame, customer: pd.Series
) -> pd.DataFrame:
    """Count, per rule and certainty, the records it decided and the customers these are of."""
    decided = found.assign(customer=customer).groupby(["rule", "certain"])["customer"]
    sizes, people = decided.size().to_dict(), decided.nunique().to_dict()
    rows: list[dict[str, object]] = []
    for number, rule in enumerate([*keys, *_CONTEXT_RULES]):
        for certain, word in ((True, "certain"), (False, "uncertain")):
            n = sizes.get((number, certain), 0)
            if not n and not (certain and rule in keys):
                continue
            row = {"rule": rule, "certainty": word, "records": n, "customers": people.get((number, certain), 0)}
            rows.append({**row, **(counts.get(rule, {}) if certain else {})})
    if merged:
        rows.append({"rule": "accounts sharing email and phone", "certainty": "certain", "values": merged})
    report = pd.DataFrame(rows, columns=list(REPORT_COLUMNS))
    figures = list(REPORT_COLUMNS[2:])
    report[figures] = report[figures].fillna(0).astype("int64")
    return report.astype({"rule": "str", "certainty": "str"})


def _finish(reading: Reading, customer: dict[str, pd.Series], key: bytes, keep_case_ids: bool) -> Reading:
    changed: dict[str, Any] = {"identifiers": empty("identifiers")}
    for name, mine in customer.items():
        frame: pd.DataFrame = getattr(reading, name).copy()
        frame["customer_id"] = mine.array
        for column, prefix in _PSEUDONYM.items():
            if column in frame and not (keep_case_ids and prefix == "k"):
                frame[column] = pseudonyms(frame[column].str.strip(), key, prefix)
        changed[name] = frame
    return replace(reading, **changed)
