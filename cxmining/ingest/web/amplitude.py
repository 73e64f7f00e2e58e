"""Amplitude: the Export API's ZIP of gzipped JSON lines, or the copy of it that Fivetran makes.

``event_time`` is UTC in the export; the copy writes it without a zone and needs ``tz = "UTC"``. The
export is cut by upload time, so that late events of a day stand in the files of the next: name all of
them in one source. A record delivered twice bears the same ``$insert_id`` (else ``uuid``) for the same
device and counts once.

A session is one ``session_id`` of one ``device_id``; ``-1`` means *outside of any session*, and such
records go by their pauses. See `_web` for what becomes of a session. ``user_id`` is the account (and
an e-mail address when it looks like one), ``device_id`` a cookie on the web and a device in an app.
``$identify`` and ``$groupidentify`` only say who somebody is. Page views that Amplitude collects
itself (``[Amplitude] Page Viewed``) are called ``page_view``, as in GA4. The channel comes from
``platform``: Web, iOS, Android; without it a record with a page is web and another one ``other``.

``attributes`` names ``event_properties`` or top-level fields to keep.

Options
-------
key_events : list of str
    Event names that are events whether or not a rule maps them.
pause : int
    Minutes of silence that end a session without an id; default 30.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.times import Stamps, parse_stamps
from cxmining.ingest.web import common
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

OPTIONS: Final = common.OPTIONS
_SAYS_WHO: Final = ("$identify", "$groupidentify")
_VIEWED: Final = ("[Amplitude] Page Viewed", "[Amplitude] Viewed Page")


def _stamps(text: pd.Series[Any], source: SourceSettings, where: str, copied: bool) -> Stamps:
    # the Export API writes "2025-03-01 19:42:58.123000" and documents it as UTC; a copy is anybody's
    return parse_stamps(text, source.tz or (None if copied else "UTC"), where)


def _settle(frame: pd.DataFrame, source: SourceSettings) -> pd.DataFrame:
    event = frame["event"].astype("str")
    silent = event.isin(_SAYS_WHO)
    frame["event"] = event.mask(event.isin(_VIEWED), "page_view").astype("category")
    platform = frame["platform"].astype("str").str.lower()
    app = platform.str.contains("ios|android", regex=True, na=False)
    web = ~app & (platform.str.contains("web", na=False) | frame["url"].notna().to_numpy())
    frame["channel"] = pd.Categorical(np.where(app, "app", np.where(web, "web", "other")))
    session = frame["session"].astype("str")
    frame["session"] = session.where(session != "-1").astype("category")
    # the same key on another device is another record
    frame["key"] = frame["key"] + "|" + frame["user"].astype("str").fillna("")
    frame["silent"] = silent.to_numpy(bool)
    return frame


KIND: Final = common.Kind(
    "amplitude",
    paths={
        "time": (("event_time",),),
        "event": (("event_type",),),
        "user": (("device_id",),),
        "account": (("user_id",),),
        "session": (("session_id",),),
        "url": (
            ("event_properties", "[Amplitude] Page URL"),
            ("event_properties", "[Amplitude] Page Location"),
            ("event_properties", "[Amplitude] Screen Name"),
        ),
        "platform": (("platform",),),
        "email": (("user_properties", "email"),),
        "key": (("$insert_id",), ("uuid",)),
    },
    copies={
        "time": ("event_time",),
        "event": ("event_type",),
        "user": ("device_id",),
        "account": ("user_id",),
        "session": ("session_id",),
        "platform": ("platform",),
        "key": ("_insert_id", "uuid"),
    },
    stamps=_stamps,
    settle=_settle,
    time_word="event_time",
    event_word="event_type",
    key_word="$insert_id or uuid",
    places=lambda name: (("event_properties", name), (name,)),
)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read Amplitude exports; sessions may run across files.

    Returns
    -------
    Reading
        Each record kept, merged, rejected (no JSON, no moment, no event_type), or duplicate.
    """
    return common.read_web(files, source, study, KIND)
