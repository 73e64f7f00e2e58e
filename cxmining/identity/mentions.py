"""Customer numbers that people write: whose mail says "my customer number is 70012345" says who writes it.

Looked for in what customers write (subject, text, signature and comment of what came in; never in what was quoted or in
what we wrote), and only numbers that the CRM knows: accounts, and the devices that stand in its rows (connections, meters).
A number counts when a word for it stands before it, or when it has so many digits that it is no other number. Any other
number of six digits and more counts only if the name of who wrote it is the name that the CRM has with it. Nothing is
joined here: `cxmining.identity.joining` weighs it, and believes it only of people who are nobody yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from cxmining.identity.arrays import Bools, Ints
from cxmining.identity.pairs import Given, Pairs, places
from cxmining.privacy.normalise import normalise
from cxmining.schema import Reading, table

__all__ = ["NUMBERS", "Said", "find_said", "with_mentions"]

NUMBERS: Final = ("account", "device")
"""Kinds whose values people write."""
_TEXTS: Final = ("raw_subject", "text", "raw_signature")
_TOKEN: Final = re.compile(r"(?<![\w@€$£+-])(?<!\d[.,])([A-Za-z]{0,4}[-.]?)(\d(?:[ .-]?\d){3,21})(?![\w@]|[.,]\d)")
_CUE: Final = re.compile(
    r"\b(?:ean(?:[ -]?code)?|(?:klant|relatie|debiteur(?:en)?|contract|account|aansluit(?:ing)?s?|lidmaatschaps?|customer"
    r"|client|member(?:ship)?|subscriber|kunden)[ -]?(?:nummer|nr|number|num|no|code|id|[:#]))"
    r"[ .:#=]{0,4}(?:is|was|luidt|ist)?[ .:#=]{0,4}(?:[a-z]{0,4}[-.]?)$",
    re.IGNORECASE,
)
_AHEAD: Final = 60
_FEWEST, _BARE, _NOTHING_ELSE = 4, 6, 12  # digits: with a word before it, without, and of what is no other number
_BLANKS: Final = str.maketrans("", "", " .-")


@dataclass(frozen=True, eq=False)
class Said:
    """Which record says which value in its text; `sure` where no name need bear it out."""

    record: Ints
    value: Ints
    sure: Bools


def with_mentions(readings: Sequence[Reading]) -> list[Reading]:
    """Add to the identifiers the numbers of the CRM that customers write in their texts, as kinds of their own.

    To be called while texts are still what was written: masking may take the numbers away.

    Parameters
    ----------
    readings : sequence of Reading
        Not changed.

    Returns
    -------
    list of Reading
        Identifiers have rows more, of the kinds ``said account``, ``said device`` and, where only a name can bear it out,
        ``bare account``, ``bare device``.

    Examples
    --------
    >>> from cxmining.schema import empty
    >>> crm = Reading("crm", "csv", (), empty("ledger"),
    ...     identifiers=table("identifiers", {"record_id": ["r1"], "kind": ["account"], "value": ["70012345"]}),
    ...     customers=table("customers", {"record_id": ["r1"], "source": ["crm"], "seq": [1]}))
    >>> mail = Reading("mail", "mbox", (), empty("ledger"),
    ...     events=table("events", {"event_id": ["r2"], "timestamp": ["2024-01-01T00:00Z"], "channel": ["mail"],
    ...                             "touchpoint": ["mail"], "text": ["Klantnr. 7001 2345, invoice 80012345"],
    ...                             "source": ["mail"], "seq": [1]}))
    >>> with_mentions([crm, mail])[1].identifiers.to_numpy().tolist()
    [['r2', 'said account', '70012345']]
    """
    written = [_written(reading) for reading in readings]
    if not any(len(w) for w in written):
        return list(readings)
    known = _known(readings)
    out = []
    for reading, found in zip(readings, written, strict=True):
        at = places(found["number"], known["number"])
        there = at >= 0
        row = known.iloc[at[there]]
        kind = np.where(found["sure"].to_numpy(bool)[there], "said ", "bare ") + row["kind"].to_numpy(dtype=object)
        if not there.any():
            out.append(reading)
            continue
        more = {"record_id": found["record_id"].array[there], "kind": kind, "value": row["value"].array}
        rows = pd.concat([reading.identifiers, table("identifiers", more).drop_duplicates()], ignore_index=True)
        out.append(replace(reading, identifiers=rows))
    return out


def _known(readings: Sequence[Reading]) -> pd.DataFrame:
    """Return the numbers of the CRM without blanks; what two values have in common tells nothing."""
    parts = []
    for reading in readings:
        if len(reading.customers):
            ids = reading.identifiers
            mine = ids["kind"].isin(NUMBERS) & ids["record_id"].isin(reading.customers["record_id"])
            parts.append(ids.loc[mine, ["kind", "value"]])
    if not parts:
        return pd.DataFrame({c: pd.Series(dtype="str") for c in ("kind", "value", "number")})
    both = pd.concat(parts, ignore_index=True)
    both["value"] = pd.concat([normalise(k, both.loc[both["kind"] == k, "value"]) for k in NUMBERS])
    both = both.dropna().drop_duplicates()
    both["number"] = both["value"].str.replace(r"[ .-]", "", regex=True).str.lower()
    return both[~both.duplicated("number", keep=False)].reset_index(drop=True)


def _written(reading: Reading) -> pd.DataFrame:
    """Return the numbers in what customers wrote: ``record_id``, ``number``, ``sure``."""
    events, responses = reading.events, reading.responses
    texts: list[tuple[pd.Series, pd.Series]] = []
    if len(events):
        ours = (events["direction"] == "outbound") | (events["direction"] == "internal")
        for column in _TEXTS:
            if column in events:
                mine = (events[column].notna() & ~ours).to_numpy(bool)
                texts.append((events["event_id"][mine], events[column][mine]))
    if len(responses):
        mine = responses["comment"].notna().to_numpy(bool)
        texts.append((responses["response_id"][mine], responses["comment"][mine]))
    found = [
        (record, number, sure)
        for ids, written in texts
        for record, text in zip(ids.tolist(), written.tolist(), strict=True)
        for number, sure in _numbers(text)
    ]
    columns = zip(*found, strict=True) if found else ((), (), ())
    record_id, number, sure = (list(c) for c in columns)
    return pd.DataFrame(
        {"record_id": pd.Series(record_id, dtype="str"), "number": pd.Series(number, dtype="str"), "sure": pd.Series(sure, dtype=bool)}
    )  # fmt: skip


def _numbers(text: str) -> Iterator[tuple[str, bool]]:
    """Yield what may be a number of ours, as a whole and in parts, with and without the letters before it."""
    for match in _TOKEN.finditer(text):
        letters, digits = match.groups()
        pieces = [(letters, digits, match.start(2))]
        if " " in digits:
            pieces += [("", part[0], match.start(2) + part.start()) for part in re.finditer(r"[^ ]+", digits)]
        for before, piece, start in pieces:
            number = piece.translate(_BLANKS)
            if len(number) < _FEWEST:
                continue
            sure = len(number) >= _NOTHING_ELSE or bool(_CUE.search(text[max(0, start - _AHEAD) : start]))
            if sure or len(number) >= _BARE:
                yield number, sure
                if before:
                    yield before.translate(_BLANKS).lower() + number, sure


def find_said(given: Given, pairs: Pairs) -> Said:
    """Find what was written among the values, by the records of the identifiers."""
    record, value = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    sure = [np.zeros(0, dtype=bool)]
    for kind in NUMBERS:
        rank = pairs.rank(kind)
        for word in ("said", "bare"):
            if rank < 0 or f"{word} {kind}" not in given:
                continue
            carrier, text = given[f"{word} {kind}"]
            mine = np.flatnonzero(pairs.kind == rank)
            at = places(text, pairs.text.iloc[mine])
            use = (at >= 0) & (carrier >= 0)
            record.append(carrier[use])
            value.append(mine[at[use]])
            sure.append(np.full(int(use.sum()), word == "said"))
    return Said(np.concatenate(record), np.concatenate(value), np.concatenate(sure))
