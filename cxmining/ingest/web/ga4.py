"""GA4: the export to BigQuery as JSON lines, array or Parquet, or the copy of it that Fivetran makes.

A session is one ``ga_session_id`` of one ``user_pseudo_id``; without such an id, what one device
does without a pause of 30 minutes. What becomes of the records of a session stands in `_web`.

The channel is ``app`` for IOS and ANDROID, ``web`` for WEB; without ``platform``, a record with a
page is web and one without is app. ``user_id`` is the account, ``user_pseudo_id`` a cookie on the web
and a device in an app. The local clock comes from ``device.time_zone_offset_seconds``, else ``tz``.
``attributes`` names event parameters or top-level fields to keep. The copy by Fivetran (columns
``name``, ``timestamp``, ``param_…``) lost the zone of its stamps and needs ``tz``.

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
from cxmining.ingest.records.times import Stamps, from_epoch, parse_stamps
from cxmining.ingest.web import common
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

OPTIONS: Final = common.OPTIONS
_PARAMS: Final = "event_params[]"
_APPS: Final = ("IOS", "ANDROID", "APP")


def _stamps(text: pd.Series[Any], source: SourceSettings, where: str, copied: bool) -> Stamps:
    there = text.dropna()
    if len(there) and not there.str.fullmatch(r"-?\d+(?:\.\d+)?").any() and there.str.match(r"\d{4}-\d\d").any():
        return parse_stamps(text, source.tz, where)
    # a count of microseconds, in UTC whatever the zone of the property is
    return from_epoch(text.reset_index(drop=True), "us", None)


def _settle(frame: pd.DataFrame, source: SourceSettings) -> pd.DataFrame:
    platform = frame["platform"].cat
    names = pd.Series(platform.categories.to_numpy(), dtype="str").str.upper()
    in_app = np.append(names.isin(_APPS).to_numpy(bool), False)[platform.codes]
    nowhere = platform.codes.to_numpy() < 0
    app = in_app | (nowhere & frame["page"].isna().to_numpy())
    frame["channel"] = pd.Categorical.from_codes(
        app.astype(np.int8), categories=pd.Index(["web", "app"], dtype="object")
    )
    frame["silent"] = False
    return frame.drop(columns=["page"])


KIND: Final = common.Kind(
    "ga4",
    paths={
        "time": (("event_timestamp",),),
        "event": (("event_name",),),
        "user": (("user_pseudo_id",),),
        "account": (("user_id",),),
        "session": ((_PARAMS, "ga_session_id"),),
        "page": ((_PARAMS, "page_location"),),
        "url": ((_PARAMS, "page_location"), (_PARAMS, "firebase_screen"), (_PARAMS, "firebase_screen_class")),
        "platform": (("platform",),),
        "shift": (("device", "time_zone_offset_seconds"),),
    },
    copies={
        "time": ("timestamp", "event_timestamp"),
        "event": ("name", "event_name"),
        "user": ("user_pseudo_id",),
        "account": ("user_id",),
        "session": ("param_ga_session_id",),
        "page": ("param_page_location",),
        "url": ("param_page_location", "param_firebase_screen", "param_firebase_screen_class"),
        "platform": ("platform",),
        "shift": ("device_time_zone_offset_seconds",),
    },
    stamps=_stamps,
    settle=_settle,
    time_word="event_timestamp",
    event_word="event_name",
    places=lambda name: ((_PARAMS, name), (name,)),
)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read GA4 exports; sessions may run across files.

    Returns
    -------
    Reading
        Each record kept, merged, rejected (no JSON, no moment, no name), or duplicate (equal to the byte).
    """
    return common.read_web(files, source, study, KIND)
