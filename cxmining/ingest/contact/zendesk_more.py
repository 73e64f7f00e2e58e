"""What Zendesk says about a ticket beside it: how it went from hand to hand, and how it was rated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from cxmining.ingest.contact.common import responses_of
from cxmining.ingest.records.build import survey_of
from cxmining.ingest.records.ledger import FileLedger
from cxmining.ingest.records.routes import routes_of
from cxmining.ingest.records.times import parse_stamps
from cxmining.schema import table
from cxmining.study import SourceSettings, Study

__all__ = ["Part", "ratings_of", "with_history"]

_DONE = ("solved", "closed")


class Part(Protocol):
    """One file of an export."""

    @property
    def part(self) -> str:
        """Which of the parts it is."""
        ...

    @property
    def ledger(self) -> FileLedger:
        """What became of each record."""
        ...

    @property
    def frame(self) -> pd.DataFrame:
        """The records, a row each."""
        ...

    @property
    def name(self) -> str:
        """The file's name."""
        ...

    @property
    def rated(self) -> np.ndarray[Any, Any]:
        """Which records bear a rating."""
        ...


def _home(keys: pd.Series[Any], tickets: pd.DataFrame) -> pd.Series[Any]:
    """Return the record of each ticket, of those that stand; tickets merged in Zendesk live on in another."""
    alias: dict[str, str] = tickets.attrs.get("alias", {})
    record = tickets.set_index("id")["record"] if len(tickets) else pd.Series(dtype="str")
    return record.reindex(pd.Index(keys.replace(alias))).set_axis(keys.index)


def with_history(
    files: Sequence[Part], tickets: pd.DataFrame, source: SourceSettings, groups: Mapping[str, str]
) -> pd.DataFrame:
    """Merge changes of fields into their tickets: through which groups each went, assignees beyond the first, reopenings."""
    parts = []
    for f in files:
        stamps = parse_stamps(f.frame["updated"], source.tz, f"{f.name}, field 'updated'")
        f.ledger.never(stamps, "updated")
        f.ledger.reject(stamps.missing | stamps.bad, "updated is no moment")
        home = _home(f.frame["ticket_id"], tickets)
        f.ledger.reject(home.isna().to_numpy(), "its ticket is not in the export, or was rejected")
        at = f.ledger.kept
        f.ledger.merge(at, home.iloc[at].to_numpy(dtype=object), "a change of its ticket")
        parts.append(f.frame.assign(utc=stamps.utc, home=home).iloc[at])
    if not parts:
        return tickets
    changes = pd.concat(parts, ignore_index=True).sort_values(["home", "utc"], kind="stable")
    kept = dict(tickets.attrs)
    given = changes[changes["field_name"].eq("assignee_id")].dropna(subset="value")
    moved = given["value"].ne(given.groupby("home")["value"].shift()).groupby(given["home"]).sum() - 1
    states = changes[changes["field_name"].eq("status")]
    before = states.groupby("home")["value"].shift()
    again = (before.isin(_DONE) & ~states["value"].isin([*_DONE, "deleted"])).groupby(states["home"]).sum()
    for name, counted in (("hand_overs", moved.clip(lower=0)), ("reopenings", again)):
        known = counted.reindex(tickets["record"]).set_axis(tickets.index)
        tickets = tickets.assign(**{name: pd.to_numeric(known).astype("Int64")})
    routes = _routes(changes, groups)
    for column, written in routes.items() if len(routes) else ():
        tickets = tickets.assign(
            **{str(column): written.reindex(tickets["record"]).set_axis(tickets.index).astype("str")}
        )
    tickets.attrs = kept
    return tickets


def _routes(changes: pd.DataFrame, groups: Mapping[str, str]) -> pd.DataFrame:
    """Return through which groups tickets went, and how long each let them lie before somebody there took them up."""
    some = changes[changes["field_name"].isin(["group_id", "assignee_id"])].dropna(subset="value")
    # who gives a ticket to a group and to somebody there does both at the same moment
    some = some.assign(person=some["field_name"].eq("assignee_id")).sort_values(
        ["home", "utc", "person"], kind="stable"
    )
    taken = some["utc"].where(some["person"]).groupby(some["home"]).bfill()
    given = some[~some["person"]]
    until = given["utc"].groupby(given["home"]).shift(-1)
    taken = taken.loc[given.index]
    wait = (taken - given["utc"]).dt.total_seconds().where(until.isna() | (taken <= until))
    return routes_of(given["home"], given["value"].map(dict(groups)).astype("str").fillna(given["value"]), wait)


def ratings_of(
    files: Sequence[Part], tickets: pd.DataFrame, source: SourceSettings, study: Study
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Return the tables made of ratings, and who gave them as `tickets` says it (``record``, ``requester_id``)."""
    rows = [*_own(files, source), *_inside(files, tickets)]
    if source.survey is None:
        for f in files:
            if f.part == "ratings":
                f.ledger.context(f.ledger.kept, "a rating; name its survey (survey = …) to read it")
        return {}, pd.DataFrame(columns=["record", "requester_id"])
    survey = survey_of(source, study)
    out: dict[str, list[pd.DataFrame]] = {}
    raters = []
    seen: set[str] = set()
    for f, frame in rows:
        again = frame["ticket_id"].isin(seen) & frame["inside"]
        f.ledger.context(
            frame["at"].to_numpy(dtype=np.int64)[again.to_numpy(bool)], "the ticket's rating has a record of its own"
        )
        frame = frame[~again]
        seen |= set(frame["ticket_id"].dropna())
        asked = frame["score"].isin(["offered", "unoffered"])
        for name, made in _tables(frame, asked, f, survey, source).items():
            out.setdefault(name, []).append(made)
        raters.append(frame.assign(record=f.ledger.ids[frame["at"].to_numpy(dtype=np.int64)]))
    if not raters:
        return {}, pd.DataFrame(columns=["record", "requester_id"])
    who = pd.concat(raters, ignore_index=True)[["record", "requester_id"]]
    empty = pd.Series([None] * len(who), dtype="str")
    return (
        {name: pd.concat(made, ignore_index=True) for name, made in out.items()},
        who.assign(from_address=empty, from_phone=empty),
    )


def _tables(
    frame: pd.DataFrame, asked: pd.Series[Any], f: Part, survey: Any, source: SourceSettings
) -> dict[str, pd.DataFrame]:
    rated, invited = frame[~asked].reset_index(drop=True), frame[asked].reset_index(drop=True)
    at = rated["at"].to_numpy(dtype=np.int64)
    more = {"reference": rated["ticket_id"], "comment": rated["comment"]}
    out = responses_of(rated, at, rated["utc"], survey, f.ledger, source, more)
    at = invited["at"].to_numpy(dtype=np.int64)
    columns: dict[str, Any] = {
        "invitation_id": f.ledger.ids[at], "survey": np.full(len(at), survey.name, dtype=object),
        "invited_at": invited["utc"], "reference": invited["ticket_id"],
        "source": np.full(len(at), source.name, dtype=object), "seq": at + 1,
    }  # fmt: skip
    return {**out, "invitations": table("invitations", columns)}


def _own(files: Sequence[Part], source: SourceSettings) -> list[tuple[Part, pd.DataFrame]]:
    """Lay out ratings that were exported as such: of one rating the newest state stands."""
    out = []
    for f in files:
        if f.part != "ratings":
            continue
        made = parse_stamps(f.frame["created_at"], source.tz, f"{f.name}, field 'created_at'")
        updated = parse_stamps(f.frame["updated_at"], source.tz, f"{f.name}, field 'updated_at'")
        f.ledger.never(made, "created_at")
        f.ledger.reject(made.missing | made.bad, "created_at is no moment")
        at = f.ledger.kept
        frame = f.frame.assign(utc=made.utc, updated=updated.utc, at=np.arange(len(f.frame)), inside=False).iloc[at]
        frame["score"] = frame["score"].str.lower()
        newest = frame.sort_values(["updated", "at"], kind="stable", na_position="first").groupby("id").tail(1)
        stands = newest.set_index("id")["at"]
        old = frame[~frame["at"].isin(newest["at"])]
        f.ledger.duplicate(
            old["at"].to_numpy(dtype=np.int64),
            stands.reindex(old["id"]).to_numpy(dtype=np.int64),
            "an older state of the same rating",
        )
        out.append((f, newest.sort_values("at", ignore_index=True)))
    return out


def _inside(files: Sequence[Part], tickets: pd.DataFrame) -> list[tuple[Part, pd.DataFrame]]:
    """Lay out ratings inside tickets."""
    out = []
    for f in files:
        if f.part != "tickets" or not len(f.rated):
            continue
        place = len(f.frame) + np.arange(len(f.rated))
        facts = tickets.set_index("record") if len(tickets) else tickets
        ids = f.ledger.ids[f.rated]
        stands = np.isin(ids, tickets["record"].to_numpy(dtype=object).astype(object))
        f.ledger.context(place[~stands], "the rating of a ticket that is older, merged or rejected")
        chosen, place = facts.loc[ids[stands]], place[stands]
        out.append((f, pd.DataFrame({
            "at": place, "ticket_id": chosen["id"].array, "requester_id": chosen["requester_id"].array,
            "score": chosen["satisfaction_rating"].str.lower().array, "comment": chosen["satisfaction_comment"].array,
            "utc": chosen["updated"].fillna(chosen["utc"]).array, "inside": True,
        })))  # fmt: skip
    return out
