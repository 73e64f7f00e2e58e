"""Mixpanel: the raw export, JSON lines of ``{"event": …, "properties": {…}}``.

``properties.time`` counts seconds (or milliseconds) since 1970. In projects made since 2023 it is UTC;
older projects write the clock of the project's zone *as if it were UTC*. Nothing in the file tells
which, so the study says it: ``options.time = "utc"``, or ``options.time = "project"`` with ``tz``.

Mixpanel does not take out duplicates from an export; records of one ``$insert_id``, event, person and
time count once here. ``$user_id`` is the account and ``$device_id`` a cookie (in an app a device).
Without them ``distinct_id`` is the account, unless it begins with ``$device:`` or a ``$identify`` says
that it is anonymous. ``$identify``, ``$create_alias`` and ``$merge`` only say who somebody is.

``$mp_web_page_view`` is called ``page_view``, as in GA4, with ``$current_url``; sessions are what one
device does without a pause, see `_web`. ``attributes`` names properties to keep.

Options
-------
time : "utc" or "project"
    What ``properties.time`` counts; must be given.
key_events : list of str
    Event names that are events whether or not a rule maps them.
pause : int
    Minutes of silence that end a session; default 30.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import InputError, StudyError
from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.times import Stamps, from_epoch, parse_stamps
from cxmining.ingest.web import common
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

_TIME: Final = {"time": 'what properties.time counts: "utc", or "project" with tz'}
OPTIONS: Final = {**_TIME, **common.OPTIONS}
_SAYS_WHO: Final = ("$identify", "$create_alias", "$merge")
_DEVICE: Final = "$device:"
_MILLI: Final = 100_000_000_000  # in seconds that is the year 5138


def _stamps(text: pd.Series[Any], source: SourceSettings, where: str, copied: bool) -> Stamps:
    said = source.options.get("time")
    if said not in ("utc", "project"):
        if said is not None:
            raise StudyError(f'source {source.name!r}: options.time = {said!r}: expected "utc" or "project"')
        raise InputError(
            f"{where}: nothing says which clock it counts, for that depends on the age of the project: set "
            'options = {time = "utc"} (projects since 2023), or options = {time = "project"} and tz, its zone'
        )
    number = pd.to_numeric(text.reset_index(drop=True), errors="coerce").astype("Float64")
    milli = (number.abs() >= _MILLI).fillna(False)
    counted = from_epoch((number * 1000).where(~milli, number).round(), "ms", source.tz if said == "utc" else None)
    if said == "utc":
        return _with_bad(counted, text)
    if source.tz is None:
        raise InputError(
            f'{where}: options.time = "project" needs tz, the zone of the project: tz = "Europe/Amsterdam"'
        )
    wall = counted.utc.dt.tz_localize(None)
    local = parse_stamps(wall, source.tz, where) if wall.notna().any() else counted
    return _with_bad(local, text)


def _with_bad(stamps: Stamps, text: pd.Series[Any]) -> Stamps:
    """Tell what is no number from what is not there."""
    from dataclasses import replace

    there = text.notna().to_numpy()
    lost = stamps.utc.isna().to_numpy()
    return replace(stamps, bad=lost & there, missing=lost & ~there)


def _settle(frame: pd.DataFrame, source: SourceSettings) -> pd.DataFrame:
    event, distinct = frame["event"].astype("str"), frame["distinct"].astype("str")
    device, account = frame["device"].astype("str"), frame["account"].astype("str")
    silent = event.isin(_SAYS_WHO)
    anonymous = frame["anonymous"].astype("str").str.removeprefix(_DEVICE)
    marked = distinct.str.startswith(_DEVICE, na=False)
    bare = distinct.str.removeprefix(_DEVICE)
    # anonymous is what is marked so, equals the device, or was said by $identify to have been anonymous
    known = set(anonymous.dropna()) - set(account.dropna())
    nobody = marked | bare.eq(device).fillna(False) | bare.isin(known)
    aliased = event.eq("$create_alias")
    # an alias is the new name of a person, and a merge names two accounts
    account = account.fillna(frame["alias"].astype("str").where(aliased))
    account = account.fillna(frame["merged"].astype("str").where(event.eq("$merge")))
    frame["user"] = device.fillna(anonymous).fillna(bare.where(nobody & ~aliased)).astype("category")
    frame["account"] = account.fillna(bare.where(~nobody & ~silent)).astype("category")
    frame["previous"] = frame["previous"].astype("str").fillna(bare.where(aliased)).astype("category")
    platform = (frame["platform"].astype("str") + " " + frame["os"].astype("str").fillna("")).str.lower()
    app = platform.str.contains("iphone|swift|android|react-native|flutter|unity", regex=True, na=False)
    web = ~app & (platform.str.contains("web", na=False) | frame["url"].notna().to_numpy())
    frame["channel"] = pd.Categorical(np.where(app, "app", np.where(web, "web", "other")))
    frame["event"] = event.mask(event.eq("$mp_web_page_view"), "page_view").astype("category")
    frame["key"] = frame["key"] + "|" + event + "|" + distinct.fillna("") + "|" + frame["time"].astype("str")
    frame["silent"] = silent.to_numpy(bool)
    return frame.drop(columns=["distinct", "device", "anonymous", "os", "alias", "merged"])


def _of(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple(("properties", name) for name in names)


KIND: Final = common.Kind(
    "mixpanel",
    paths={
        "time": _of("time"),
        "event": (("event",),),
        "distinct": _of("distinct_id"),
        "device": _of("$device_id"),
        "anonymous": _of("$anon_id"),
        "account": _of("$user_id", "$identified_id"),
        "alias": _of("alias"),
        "merged": (("properties", "$distinct_ids", "#0"),),
        "previous": (("properties", "$distinct_ids", "#1"),),
        "url": _of("$current_url", "current_url"),
        "platform": _of("mp_lib", "$lib"),
        "os": _of("$os"),
        "email": _of("$email"),
        "key": _of("$insert_id"),
    },
    copies={},
    stamps=_stamps,
    settle=_settle,
    time_word="properties.time",
    event_word="event",
    key_word="$insert_id",
    places=lambda name: (("properties", name),),
    options=_TIME,
)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read Mixpanel exports; sessions may run across files.

    Returns
    -------
    Reading
        Each record kept, merged, rejected (no JSON, no moment, no event), or duplicate.

    Raises
    ------
    InputError
        When the study does not say which clock ``properties.time`` counts.
    """
    return common.read_web(files, source, study, KIND)
