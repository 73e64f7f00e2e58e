"""Whose visits they were: logins, calls that say who somebody is, and the ids of devices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cxmining.ingest.records.build import identifiers_of
from cxmining.schema import table
from cxmining.study import SourceSettings, Study

__all__ = ["people", "rows_of_customers", "told_of", "with_login"]


def with_login(kept: pd.DataFrame, hits: pd.DataFrame, into: pd.Series[Any]) -> pd.DataFrame:
    """Give an event the account that what was merged into it named: who logs in was the visitor before.

    Two accounts in one session are two people at one device, and nobody knows whose the event was.
    """
    account = hits["account"].cat.codes.to_numpy()
    named = pd.DataFrame({"into": into.to_numpy(), "account": account})[account >= 0].drop_duplicates()
    single = named.drop_duplicates("into", keep=False).set_index("into")["account"]
    own = kept["account"].cat.codes
    several = np.setdiff1d(named["into"], single.index)
    learnt = single.reindex(kept.index).fillna(-1).astype("int64")
    learnt[kept.index.isin(several)] = -1
    codes = np.where(own >= 0, own, learnt)
    categories = kept["account"].cat.categories
    return kept.assign(account=pd.Categorical.from_codes(codes, categories=categories))


def told_of(silent: pd.DataFrame, kept: pd.DataFrame) -> pd.Series[Any]:
    """Return, per record that only says who somebody is, the event of that person it goes into; -1 for none.

    It never brings a second account to an event: two people who take turns at one device stay two.
    """
    told = pd.Series(np.full(len(silent), -1, dtype=np.int64), index=silent.index)
    if not len(silent) or not len(kept):
        return told
    says = silent["account"].astype("str")
    anonymous = kept["account"].isna()
    for mine, theirs in (("account", "account"), ("user", "user"), ("previous", "user"), ("previous", "account")):
        open_ = silent[(told < 0).to_numpy() & silent[mine].notna().to_numpy()]
        there = kept[kept[theirs].notna() & (anonymous if theirs == "user" else True)]
        told.update(_nearest(open_, mine, there, theirs))
        if (mine, theirs) == ("user", "user"):  # what names no account may go into any event of the device
            nameless = open_[open_["account"].isna() & open_["previous"].isna()]
            told.update(
                _nearest(nameless[(told[nameless.index] < 0).to_numpy()], "user", kept[kept["user"].notna()], "user")
            )
        if theirs == "user":
            rival = pd.DataFrame({"at": told, "says": says, "time": silent["time"]})[(told >= 0) & says.notna()]
            rival = rival[rival["at"].isin(kept.index[anonymous])].sort_values("time", kind="stable")
            first = rival.groupby("at")["says"].transform("first")
            told[rival.index[rival["says"] != first]] = -1
    return told


def _nearest(records: pd.DataFrame, mine: str, events: pd.DataFrame, theirs: str) -> pd.Series[Any]:
    """Return the event just before each record, else just after it, that bears the same id."""
    if not len(records) or not len(events):
        return pd.Series(dtype=np.int64)
    left = pd.DataFrame({"id": records[mine].astype("str"), "time": records["time"], "me": records.index})
    right = pd.DataFrame({"id": events[theirs].astype("str"), "time": events["time"], "at": events.index})
    left, right = (f.sort_values(["time", f.columns[2]], kind="stable") for f in (left, right))
    before = pd.merge_asof(left, right, on="time", by="id", direction="backward")
    after = pd.merge_asof(left, right, on="time", by="id", direction="forward")
    return before["at"].fillna(after["at"]).set_axis(before["me"]).dropna().astype("int64")


def people(kept: pd.DataFrame, silent: pd.DataFrame, ids: Any, study: Study) -> pd.DataFrame:
    """Lay out who people are; an id of a device is a cookie on the web and a device in an app."""
    on_web = kept["channel"].ne("app").to_numpy()
    user = kept["user"].astype("str")
    told, before = silent["user"].astype("str"), silent["previous"].astype("str")
    devices = set(user.dropna()) | set(told.dropna())
    apps = set(user[~on_web].dropna()) - set(user[on_web].dropna())
    in_app, was_app = told.isin(apps), before.isin(apps)
    was_web = before.isin(devices) & ~was_app
    none = pd.Series([None] * len(kept), index=kept.index, dtype="str")
    pieces: dict[str, tuple[pd.Series[Any], pd.Series[Any]]] = {
        "account": (kept["account"].astype("str"), silent["account"].astype("str")),
        "cookie": (user.where(on_web), told.where(~in_app)),
        "device": (user.where(~on_web), told.where(in_app)),
        "email": (kept["email"].astype("str"), silent["email"].astype("str")),
        "phone": (kept["phone"].astype("str"), silent["phone"].astype("str")),
        "account#previous": (none, before.where(~was_web & ~was_app)),
        "cookie#previous": (none, before.where(was_web)),
        "device#previous": (none, before.where(was_app)),
    }
    # many call a person by the address: then it joins the mails of that person too
    address = pd.concat(pieces["account"])
    who: dict[str, Any] = {name: pd.concat(two) for name, two in pieces.items()}
    who["email#account"] = address.where(address.str.contains("@", regex=False, na=False))
    at = np.concatenate([kept.index.to_numpy(), silent.index.to_numpy()])
    return identifiers_of(ids.take(at), who, study.company.country)


def rows_of_customers(links: pd.DataFrame, ids: Any, source: SourceSettings) -> dict[str, pd.DataFrame]:
    """Return the customer records that links between identifiers make, in the order they stand in the files."""
    if not len(links):
        return {}
    at = links.sort_values(["file", "seq"])
    columns = {
        "record_id": ids.take(at.index.to_numpy()),
        "source": np.full(len(at), source.name, dtype=object),
        "seq": at["seq"].to_numpy() + 1,
    }
    return {"customers": table("customers", columns)}
