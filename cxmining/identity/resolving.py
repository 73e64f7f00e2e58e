"""From identifiers to customers: the order in which the rules of this room are applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import StudyError, nearest
from cxmining.identity import strength
from cxmining.identity.arrays import Ints
from cxmining.identity.context import CONTEXT_RULES, Context, by_context
from cxmining.identity.digests import Words, as_text, digests, written_ids
from cxmining.identity.evidence import SUMMARY_COLUMNS, Identity, Links
from cxmining.identity.guards import Guards, guard_own
from cxmining.identity.joining import FOLLOWS, People, join, join_all
from cxmining.identity.mentions import find_said
from cxmining.identity.never import Entries, find_entries, read_entries, split
from cxmining.identity.pairs import RECORD_TABLES, Pairs, gather, make_pairs, make_records
from cxmining.identity.suspects import find_suspects
from cxmining.identity.visits import make_visits
from cxmining.privacy.keys import pseudonyms
from cxmining.privacy.normalise import IDENTIFIER_KINDS
from cxmining.schema import Reading, empty
from cxmining.study import IdentitySettings

if TYPE_CHECKING:
    from cxmining.study import Company

__all__ = ["resolve"]

_PSEUDONYM: Final = {"resource": "a", "case_id": "k", "thread_id": "t", "reference": "k"}
_NEVER_JOIN: Final = ("name", "object")  # two people share a name, two people open one mail


def resolve(
    readings: Sequence[Reading],
    settings: IdentitySettings,
    key: bytes,
    *,
    keep_case_ids: bool = False,
    country: str = "NL",
    company: Company | None = None,
    root: Path | None = None,
) -> tuple[list[Reading], Identity]:
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
        Which kinds join, strongest first, the guards, and what must never merge.
    key : bytes
        The pseudonym key.
    keep_case_ids : bool, default False
        Whether case ids (and the references to them) stay readable.
    country : str, default "NL"
        For telephone numbers that are written without one.
    company : Company, optional
        Who we are: our own numbers and mail domains join nobody.
    root : Path, optional
        Folder of the study, for a ``never_merge`` that names a file.

    Returns
    -------
    readings : list of Reading
        With `customer_id` and pseudonyms (``c`` customer, ``a`` agent, ``k`` case and reference, ``t``
        thread), without identifiers.
    identity : Identity
        Who is who and how sure that is; `Identity.why` says why.

    Raises
    ------
    StudyError
        When ``identity.keys`` names an unknown kind, or one that tells nobody apart; when an entry of
        ``identity.never_merge`` is in no source.

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
    >>> (one, two), identity = resolve([crm, mail], IdentitySettings(), b"0123456789abcdef")
    >>> one.customers["customer_id"][0] == two.events["customer_id"][0]
    True
    >>> identity.why("r1", "r2").confidence
    0.98
    """
    keys = _check_keys(settings.keys)
    records = make_records(readings)
    given = gather(readings, records)
    pairs, names = make_pairs(given, keys, country)
    entries = find_entries(read_entries(settings.never_merge, root or Path()), pairs, key, country)
    guards = Guards(len(pairs.text), settings.guards)
    never = np.zeros(len(pairs.text), dtype=bool)
    never[entries.values] = True
    guards.block(never, "never-merge")
    if settings.guards:
        guard_own(guards, pairs, company, country)
        people = join(
            pairs, len(records), guards, settings.max_accounts_per_value, names, find_said(given, pairs),
            lambda: make_visits(readings, records),
        )  # fmt: skip
    else:
        people = join_all(pairs, len(records), guards)
    people = split(people, pairs, entries)
    named_after = _named_after(pairs, people)
    nameless = (people.person >= 0) & (named_after[people.person] < 0)
    people.person[nameless] = -1
    sources = [r.source for r in readings]
    context = by_context(
        records, people.person, people.n, sources, _alone(pairs, entries, people),
        lambda who: [pairs.text.iloc[v] for v in named_after[who].tolist()],
    )  # fmt: skip
    level = _levels(pairs, people, named_after, context)
    return _result(
        readings, records, keys, pairs, guards, people, named_after, context, level, entries, key, keep_case_ids
    )


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


def _named_after(pairs: Pairs, people: People) -> Ints:
    """Return, per person, the value it is named after: an account before all, then in order of the keys, the smallest."""
    rank = np.arange(len(pairs.keys), dtype=np.int64)
    if "account" in pairs.keys:
        rank[pairs.rank("account")] = -1
    mine = np.flatnonzero(people.owner >= 0)
    who, order = people.owner[mine], rank[pairs.kind[mine]]
    best = np.full(max(people.n, 1), len(pairs.keys), dtype=np.int64)
    np.minimum.at(best, who, order)
    mine = mine[order == best[who]]
    who = people.owner[mine]
    named = np.full(max(people.n, 1), -1, dtype=np.int64)
    named[who] = mine
    several = np.bincount(who, minlength=len(named))[who] > 1
    if several.any():
        # Only where there is a choice are texts compared.
        frame = pd.DataFrame(
            {"who": who[several], "text": pairs.text.iloc[mine[several]].array, "value": mine[several]}
        )
        first = frame.sort_values(["who", "text"]).drop_duplicates("who")
        named[first["who"].to_numpy()] = first["value"].to_numpy()
    return named


def _alone(pairs: Pairs, entries: Entries, people: People) -> np.ndarray[Any, Any]:
    """Find the records that carry a value of a forbidden pair and belong to nobody: no case may bring them back."""
    out = np.zeros(len(people.person), dtype=bool)
    for pair in entries.pairs:
        for values in pair:
            out[pairs.record[np.isin(pairs.value, values)]] = True
    return out & (people.person < 0)


def _levels(pairs: Pairs, people: People, named_after: Ints, context: Context) -> strength.Levels:
    """Return, per record, how sure its customer is."""
    use = (people.owner[pairs.value] >= 0) & (people.person[pairs.record] == people.owner[pairs.value])
    record, value = (pairs.record, pairs.value) if use.all() else (pairs.record[use], pairs.value[use])
    core = named_after[named_after >= 0]
    taker, giver, follows_as = people.follows
    near = (people.person[taker] == people.person[giver]) & (people.person[taker] >= 0)
    follows = taker[near], giver[near], follows_as[near]
    sure = strength.of_records(record, value, people.level, core, people.merged, len(people.person), follows)
    far = (sure == 0) & (people.person >= 0)
    if far.any():
        weakest = np.full(max(people.n, 1), strength.LEVEL["own"], dtype=np.uint8)
        np.minimum.at(weakest, people.person[record], people.level[value])
        sure[far] = weakest[people.person[far]]
    sure[taker] = np.minimum(follows_as, sure[giver])
    ruled = context.rule >= 0
    sure[ruled] = context.sure[ruled]
    behind = np.flatnonzero(context.giver >= 0)
    # a giver may itself follow another: a note its case, the survey about it the note
    for _ in range(len(CONTEXT_RULES)):
        sure[behind] = np.minimum(sure[behind], sure[context.giver[behind]])
    return sure


def _result(
    readings: Sequence[Reading], records: pd.DataFrame, keys: list[str], pairs: Pairs, guards: Guards, people: People,
    named_after: Ints, context: Context, level: strength.Levels, entries: Entries, key: bytes, keep_case_ids: bool,
) -> tuple[list[Reading], Identity]:  # fmt: skip
    carried = np.bincount(pairs.value, minlength=len(pairs.text))
    told = np.zeros(len(pairs.text), dtype=bool)
    there = np.zeros(len(named_after), dtype=bool)
    there[people.person[people.person >= 0]] = True
    named_after = np.where(there, named_after, -1)
    told[named_after[named_after >= 0]] = True
    told |= (carried > 1) | guards.blocked
    for v in (entries.values, *people.merged, *(v for pair in entries.pairs for v in pair)):
        told[v] = True
    halves = np.zeros((len(pairs.text), 2), dtype=np.uint64)
    for k, kind in enumerate(keys):
        mine = np.flatnonzero(told & (pairs.kind == k))
        halves[mine] = digests(kind, pairs.text.iloc[mine], key)

    number, ids = _number(halves[:, 0], named_after, context, key)
    customer_ids = as_text(ids)
    customer = number[context.person]
    rules = (*keys, *FOLLOWS, *CONTEXT_RULES)
    rule = np.where(context.rule >= 0, context.rule + len(keys) + len(FOLLOWS), people.rank).astype(np.int8)
    giver = context.giver.copy()
    giver[people.follows[0]] = people.follows[1]
    suspects, notes = find_suspects(pairs, guards, people, named_after, customer_ids, number, key)
    identity = Identity(
        summary=_summary(keys, pairs, guards, people, rules, rule, level, customer),
        keys=tuple(keys),
        rules=rules,
        sources=tuple(r.source for r in readings),
        record_ids=records["record_id"].astype("str"),
        customer_ids=customer_ids,
        customer=customer.astype(np.int32),
        source=records["reading"].to_numpy(dtype=np.int16),
        rule=rule,
        giver=giver.astype(np.int32),
        level=level,
        links=_links(pairs, guards, people, told, halves[:, 1], number),
        never_merge=entries.pseudonyms,
        suspects=suspects,
        notes=notes,
    )
    done, nothing, at = [], empty("identifiers"), 0
    for reading in readings:  # the records stand in this order
        tables: dict[str, Any] = {}
        for name in RECORD_TABLES:
            n = len(getattr(reading, name))
            if n:
                tables[name] = as_text(ids[customer[at : at + n]]).array
            at += n
        done.append(_finish(reading, tables, nothing, key, keep_case_ids))
    return done, identity


def _number(halves: Words, named_after: Ints, context: Context, key: bytes) -> tuple[Ints, npt.NDArray[np.bytes_]]:
    """Number the people that have records 0, 1, …; return the number per person, and the customers' ids."""
    named = np.flatnonzero(named_after >= 0)
    n = len(named_after)
    added = np.frombuffer(digests("", context.names, key)[:, 0].tobytes(), dtype=np.uint64)
    number = np.full(max(n, int(context.person.max(initial=-1)) + 1), -1, dtype=np.int64)
    number[named] = np.arange(len(named))
    number[context.first : context.first + len(added)] = len(named) + np.arange(len(added))
    return number, written_ids(np.concatenate([halves[named_after[named]], added]))


def _links(
    pairs: Pairs, guards: Guards, people: People, told: np.ndarray[Any, Any], half: Words, number: Ints
) -> Links:
    kept = np.flatnonzero(told)
    place = np.cumsum(told) - 1
    use = told[pairs.value]
    owner = people.owner[kept]
    return Links(
        record=pairs.record[use].astype(np.int32),
        value=place[pairs.value[use]].astype(np.int32),
        kind=pairs.kind[kept].astype(np.int8),
        state=guards.state[kept],
        level=people.level[kept],
        degree=guards.degree[kept].astype(np.int32),
        owner=np.where(owner >= 0, number[np.maximum(owner, 0)], -1).astype(np.int32),
        half=half[kept],
        merged=(place[people.merged[0]].astype(np.int32), place[people.merged[1]].astype(np.int32)),
    )


def _summary(
    keys: list[str], pairs: Pairs, guards: Guards, people: People, rules: tuple[str, ...], rule: np.ndarray[Any, Any],
    level: strength.Levels, customer: Ints,
) -> pd.DataFrame:  # fmt: skip
    """Count, per rule and certainty, the records it decided and the customers these are of."""
    certain = strength.CONFIDENCE[level] >= strength.CERTAIN
    rows: list[dict[str, object]] = []
    n_customers = int(customer.max(initial=-1)) + 1
    for number, name in enumerate(rules):
        for sure, word in ((True, "certain"), (False, "uncertain")):
            mine = (rule == number) & (certain == sure)
            n = int(mine.sum())
            if not n and not (sure and name in keys):
                continue
            seen = np.zeros(n_customers, dtype=bool)
            seen[customer[mine]] = True
            row: dict[str, object] = {"rule": name, "certainty": word, "records": n, "customers": int(seen.sum())}
            if sure and name in keys:
                of_kind = pairs.kind == number
                row |= {
                    "values": int(of_kind.sum()),
                    "hubs": int((of_kind & guards.blocked).sum()),
                    "conflicts": int((of_kind & people.conflict).sum()),
                    "unusable": pairs.unusable[number],
                }
            rows.append(row)
    if len(people.merged[0]):
        rows.append({"rule": "accounts of one person", "certainty": "certain", "values": len(people.merged[0])})
    report = pd.DataFrame(rows, columns=list(SUMMARY_COLUMNS))
    figures = list(SUMMARY_COLUMNS[2:])
    report[figures] = report[figures].fillna(0).astype("int64")
    return report.astype({"rule": "str", "certainty": "str"})


def _finish(
    reading: Reading, customer: dict[str, Any], nothing: pd.DataFrame, key: bytes, keep_case_ids: bool
) -> Reading:
    changed: dict[str, Any] = {"identifiers": nothing}
    for name, mine in customer.items():
        frame: pd.DataFrame = getattr(reading, name).copy()
        frame["customer_id"] = mine
        for column, prefix in _PSEUDONYM.items():
            if column in frame and not (keep_case_ids and prefix == "k") and frame[column].notna().any():
                frame[column] = pseudonyms(frame[column].str.strip(), key, prefix)
        changed[name] = frame
    return replace(reading, **changed)
