"""Asterisk ``Master.csv``: call records without a header, in either of the two column orders.

``cdr_csv`` begins with the account code, ``cdr_custom`` with the caller id; which it is shows in
where the three stamps stand. The legs of one call (one ``linkedid``, as a column or as
``linkedid=…`` in ``userfield``, else one ``uniqueid``) become
one contact: the first leg stays, the others are *merged* into it.

* ``wait_s`` = first answer − start; for a call nobody answered, end − start; missing when we called.
* ``duration_s`` = talking: the billed seconds of the answered legs, added up.
* ``raw_status`` = answered, transferred (answered on two ends), abandoned (NO ANSWER), busy, failed.
* a call nobody answered is a touchpoint of its own (``phone: billing, abandoned``) until a rule maps it;
  ``legs`` and ``transfers`` (ends that answered beyond the first).
* the queue is the first argument of ``Queue``, else the dial-plan context.

Needs ``tz`` (stamps are local unless the exchange runs with ``usegmtime=yes``; then ``"UTC"``).

Options
-------
account : str
    Field that holds the customer's account, ``userfield`` or ``accountcode``; default none.
linked : str
    Field that joins legs: ``linkedid``, ``uniqueid`` or ``userfield``; default as above.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError, nearest
from cxmining.ingest._build import check_columns, check_options, events_table, identifiers_of, missing_text
from cxmining.ingest._contact import labels
from cxmining.ingest._csv import read_csv
from cxmining.ingest._files import SourceFile
from cxmining.ingest._ledger import FileLedger, join_ledgers
from cxmining.ingest._time import parse_stamps
from cxmining.ingest.tabular import mark_duplicates
from cxmining.privacy.normalise import normalise
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["CUSTOM", "OPTIONS", "STANDARD", "layout", "load", "read"]

OPTIONS: Final = {"account": "userfield or accountcode", "linked": "linkedid, uniqueid or userfield"}
_CALL: Final = (
    "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
    "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
STANDARD: Final = ("accountcode", *_CALL, "uniqueid", "userfield", "peeraccount", "linkedid", "sequence")
CUSTOM: Final = (
    "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
    "duration", "billsec", "disposition", "amaflags", "accountcode", "uniqueid", "userfield", "sequence", "linkedid",
)  # fmt: skip
_STAMP: Final = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?$"
_DISPOSITIONS: Final = ("ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")
_STATUS: Final = {"NO ANSWER": "abandoned", "BUSY": "busy", "FAILED": "failed", "CONGESTION": "failed"}
_EXTENSION: Final = re.compile(r"^\d{1,6}$")


def layout(frame: pd.DataFrame) -> tuple[str, ...] | None:
    """Return the names of the columns, judged by where start, end and disposition stand; none if nowhere.

    Examples
    --------
    >>> layout(pd.DataFrame([["x"] * 16])) is None
    True
    """
    head = frame.head(200)
    for names in (STANDARD, CUSTOM):
        if not 16 <= frame.shape[1] <= len(names) and frame.shape[1] != 15:
            continue
        start, end, word = (names.index(c) for c in ("start", "end", "disposition"))
        if word >= frame.shape[1]:
            continue
        fits = (
            head.iloc[:, start].str.match(_STAMP).fillna(False).to_numpy(bool)
            & head.iloc[:, end].str.match(_STAMP).fillna(False).to_numpy(bool)
            & head.iloc[:, word].isin(_DISPOSITIONS).to_numpy(bool)
        )
        if fits.mean() > 0.5:
            return names[: frame.shape[1]]
    return None


def load(file: SourceFile, source: SourceSettings) -> tuple[pd.DataFrame, dict[int, str]]:
    """Return the call records as text under their names, and those that could not be laid out."""
    raw = read_csv(file, source.encoding, source.delimiter or ",", header=False)
    names = layout(raw.frame)
    if names is None:
        raise InputError(
            f"{file.name}: start, end and disposition stand in neither of Asterisk's two column orders; "
            'a header line, or another format? Set format, or map the columns with format = "csv"'
        )
    return raw.frame.set_axis(list(names), axis=1), raw.broken


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read call records.

    Returns
    -------
    Reading
        One event per call; each record kept, merged, rejected, or duplicate.

    Raises
    ------
    InputError
        When the columns stand in no known order, or no ``tz`` is given.
    """
    options = check_options(source, OPTIONS, "asterisk")
    check_columns(source, ())
    frames, ledgers, notes = [], [], []
    for file in files:
        frame, broken = load(file, source)
        ledger = FileLedger(source.name, file, len(frame))
        for position, reason in sorted(broken.items()):
            ledger.reject([position], reason)
        frames.append(frame)
        ledgers.append(ledger)
    mark_duplicates(ledgers, frames)
    events, people = [], []
    for file, frame, ledger in zip(files, frames, ledgers, strict=True):
        calls, who, said = _calls(file, frame, ledger, source, study, options)
        events.append(calls)
        people.append(who)
        notes += said
    inputs, rows = join_ledgers(ledgers)
    return Reading(
        source.name, "asterisk", inputs, rows, identifiers=pd.concat(people, ignore_index=True),
        events=pd.concat(events, ignore_index=True), notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _calls(
    file: SourceFile,
    frame: pd.DataFrame,
    ledger: FileLedger,
    source: SourceSettings,
    study: Study,
    options: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    moments = {
        name: parse_stamps(missing_text(frame[name]), source.tz, f"{file.name}, column {name!r}")
        for name in ("start", "answer", "end")
    }
    start, answer, end = (moments[name].utc for name in ("start", "answer", "end"))
    ledger.reject(start.isna().to_numpy(), "start is no moment")
    ledger.reject(~frame["disposition"].isin(_DISPOSITIONS).to_numpy(), "disposition is none of Asterisk's")
    backwards = ((end < start) | (answer < start)).fillna(False).to_numpy(bool)
    ledger.reject(backwards, "ends or is answered before it starts")
    at = ledger.kept
    legs = pd.DataFrame(
        {
            "call": _call_of(frame, at, options, source, ledger),
            "start": start.iloc[at].array, "answer": answer.iloc[at].array, "end": end.iloc[at].array,
            "billsec": pd.to_numeric(frame["billsec"].iloc[at], errors="coerce").fillna(0).to_numpy(dtype=float),
            "answered": frame["disposition"].iloc[at].eq("ANSWERED").to_numpy(),
            "at": at,
        }
    )  # fmt: skip
    legs = legs.sort_values(["start", "at"], kind="stable", ignore_index=True)
    legs["end_point"] = frame["dstchannel"].iloc[legs["at"]].str.replace(r"-[0-9a-f]+$", "", regex=True).to_numpy()
    answered = legs[legs["answered"]]
    calls = legs.groupby("call", sort=False).agg(first=("at", "first"), start=("start", "first"), end=("end", "max"))
    # reindexed, not assigned: where nobody answered at all, an assignment forgets that it is a moment
    calls["answer"] = answered.groupby("call")["answer"].min().reindex(calls.index).astype("datetime64[us, UTC]")
    calls["talk"] = answered.groupby("call")["billsec"].sum()
    calls["ends"] = answered.groupby("call")["end_point"].nunique()
    last = answered.groupby("call")["at"].last().reindex(calls.index)
    calls["last"] = last.fillna(calls["first"]).astype("int64")
    into = legs["call"].map(calls["first"]).to_numpy()
    other = legs["at"].to_numpy() != into
    ledger.merge(legs["at"].to_numpy()[other], into[other], "leg of one call")

    one = calls["first"].to_numpy()
    order = one.argsort(kind="stable")
    calls, one = calls.iloc[order], one[order]
    row, final = frame.iloc[one].reset_index(drop=True), frame.iloc[calls["last"].to_numpy()].reset_index(drop=True)
    status = row["disposition"].map(_STATUS).where(calls["answer"].isna().to_numpy(), "answered")
    status = status.mask((calls["ends"].fillna(0) > 1).to_numpy(), "transferred")
    waited = (calls["answer"].fillna(calls["end"]) - calls["start"]).dt.total_seconds().reset_index(drop=True)
    queue = _queue(row)
    direction = _direction(row, study)
    customer = row["src"].where(direction != "outbound", row["dst"]).mask(direction == "internal")
    agent = final["dstchannel"].where(direction != "outbound", final["channel"])
    agent = missing_text(agent.str.replace(r"-[0-9a-f]+$", "", regex=True)).where(calls["answer"].notna().to_numpy())
    columns: dict[str, Any] = {
        "case_id": legs.groupby("call", sort=False)["call"].first().loc[calls.index].to_numpy(),
        "timestamp": start.iloc[one],
        "utc_offset": moments["start"].offset.iloc[one],
        "channel": np.full(len(one), "phone", dtype=object),
        # nobody at the other end of a call of ours has abandoned it
        "touchpoint": labels(
            ["phone"] * len(one),
            queue,
            status.mask((direction == "outbound").to_numpy() & status.eq("abandoned").to_numpy(), "unanswered"),
        ),
        "direction": direction,
        "lifecycle": np.full(len(one), "complete", dtype=object),
        # when we call, it is our agent who waits, not the customer
        "wait_s": waited.where(direction.reset_index(drop=True) != "outbound").to_numpy(dtype=float, na_value=np.nan),
        "duration_s": calls["talk"].fillna(0.0).to_numpy(),
        "resource": agent,
        "queue": queue,
        "owner_mined": queue,
        "raw_status": status,
        "transfers": (calls["ends"].fillna(1) - 1).astype("Int64").to_numpy(),
        "legs": legs.groupby("call").size().reindex(calls.index).astype("Int64").to_numpy(),
    }
    events = events_table(
        ledger,
        one,
        {
            k: pd.Series(np.asarray(v, dtype=object))
            if k not in ("timestamp", "utc_offset", "wait_s", "duration_s", "legs", "transfers")
            else v
            for k, v in columns.items()
        },
        source,
    )
    who: dict[str, Any] = {"phone": customer, "name": _caller_name(row).where(direction == "inbound")}
    if "account" in options:
        who["account"] = _field(row, str(options["account"]), source, ("userfield", "accountcode"))
    people = identifiers_of(ledger.ids[one], who, study.company.country)
    return events, people, moments["start"].notes(source.name)


def _field(frame: pd.DataFrame, name: str, source: SourceSettings, allowed: tuple[str, ...]) -> pd.Series[Any]:
    if name not in allowed or name not in frame.columns:
        raise StudyError(f"source {source.name!r}: option names the field {name!r}; {nearest(name, allowed)}")
    return missing_text(frame[name])


def _call_of(
    frame: pd.DataFrame, at: np.ndarray[Any, Any], options: dict[str, Any], source: SourceSettings, ledger: FileLedger
) -> np.ndarray[Any, Any]:
    """Return what legs of one call have in common; a record without it is a call of its own."""
    own = pd.Series(ledger.ids, dtype="str")
    if "userfield" in frame.columns and "linked" not in options:
        # an exchange without a column for it may write `linkedid=…` among its own pairs
        written = missing_text(frame["userfield"].str.extract(r"(?:^|[;&,\s])linkedid=([^;&,\s]+)")[0])
    else:
        written = pd.Series([None] * len(frame), dtype="str")
    for name in ("uniqueid", "linkedid"):
        if name in frame.columns and "linked" not in options:
            own = missing_text(frame[name]).fillna(own)
    own = written.fillna(own)
    if "linked" in options:
        own = _field(frame, str(options["linked"]), source, ("linkedid", "uniqueid", "userfield")).fillna(own)
    return own.iloc[at].to_numpy(dtype=object)


def _queue(row: pd.DataFrame) -> pd.Series[Any]:
    named = row["lastdata"].str.extract(r"^([^,|]+)")[0].where(row["lastapp"].str.casefold() == "queue")
    return missing_text(named.fillna(row["dcontext"]))


def _direction(row: pd.DataFrame, study: Study) -> pd.Series[Any]:
    """Ours are the study's numbers, extensions (up to six digits) and what is no number at all."""
    own = set(normalise("phone", pd.Series(list(study.company.numbers), dtype="str"), study.company.country).dropna())
    own |= set(study.company.numbers)

    def ours(column: pd.Series[Any]) -> np.ndarray[Any, Any]:
        number = normalise("phone", column, study.company.country)
        inside = column.str.fullmatch(_EXTENSION.pattern).fillna(False) | column.isin(own) | number.isin(own)
        peer = number.isna() & column.str.contains(r"[A-Za-z]", regex=True).fillna(False)
        return np.asarray(inside | peer, dtype=bool)

    withheld = (
        row["src"].str.casefold().isin(["anonymous", "restricted", "unknown", "unavailable", "private", "withheld"])
    )
    src, dst = ours(row["src"]) & ~withheld.to_numpy(bool) & row["src"].notna().to_numpy(), ours(row["dst"])
    src &= (row["src"] != "").to_numpy(bool)
    direction = np.where(src & ~dst, "outbound", np.where(src & dst, "internal", "inbound"))
    return pd.Series(direction, dtype="str")


def _caller_name(row: pd.DataFrame) -> pd.Series[Any]:
    name = row["clid"].str.extract(r'^\s*"*\s*([^"<]*?)\s*"*\s*<')[0]
    return missing_text(name).mask(name.str.contains(r"\d{3}", regex=True).fillna(False))
