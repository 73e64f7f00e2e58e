"""Segment: track, page, screen, identify, alias and group calls as JSON, or a warehouse's copy of a table.

The moment is ``timestamp``, which Segment corrects for the clock of the device; ``sentAt`` is that
clock and is not looked at. A call delivered twice bears the same ``messageId`` and counts once.

* A *track* call is an event called as its ``event``; a *page* call ``page_view`` with its ``url``, a
  *screen* call ``screen_view`` with the screen's name where others have a page, as in GA4, so that
  one rule file serves both. Sessions are what one person does without a pause; see `_web`.
* *identify*, *alias* and *group* calls say who somebody is: ``userId`` is an account, ``anonymousId``
  a cookie (in an app a device), ``traits.email`` and ``traits.phone`` an address, and ``previousId``
  the id that the person had before.
* The channel is ``app`` for screens and calls from a mobile library, ``web`` for calls from a page,
  and ``other`` for calls from a server; ``constants.channel`` overrules.

``attributes`` names ``properties`` or top-level fields to keep. A warehouse's tables (``tracks``,
``pages``, ``identifies`` …) lost the zone of their stamps, which are UTC as a rule, and need ``tz``.

Options
-------
key_events : list of str
    Event names that are events whether or not a rule maps them.
pause : int
    Minutes of silence that end a session; default 30.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from cxmining.ingest.files.opening import SourceFile
from cxmining.ingest.records.coded import Coded
from cxmining.ingest.records.times import Stamps, parse_stamps
from cxmining.ingest.web import common
from cxmining.schema import Reading
from cxmining.study import SourceSettings, Study

__all__ = ["OPTIONS", "read"]

OPTIONS: Final = common.OPTIONS
_SAYS_WHO: Final = ("identify", "alias", "group")
_CALLS: Final = ("track", "page", "screen", *_SAYS_WHO)
_NAMES: Final = ("track", "page_view", "screen_view", *_SAYS_WHO)
_MOBILE: Final = r"ios|android|swift|kotlin|react-native|flutter|xamarin|unity"


def _stamps(text: pd.Series[Any], source: SourceSettings, where: str, copied: bool) -> Stamps:
    return parse_stamps(text, source.tz, where)


def _settle(frame: pd.DataFrame, source: SourceSettings) -> pd.DataFrame:
    told, event, page, screen, email = (Coded.of(frame[c]) for c in ("call", "event", "page", "screen", "email"))
    known = [_CALLS.index(w) if w in _CALLS else len(_CALLS) for w in told.words.str.lower()]
    call = told.each(np.array(known, dtype=np.int64), -1)
    # a warehouse's copy has no column that says which call it was: its table is of one kind
    for there, word in ((event, "track"), (page, "page"), (email, "identify")):
        call = np.where((call < 0) & (there.codes >= 0), _CALLS.index(word), call)
    is_page, is_screen = call == _CALLS.index("page"), call == _CALLS.index("screen")
    silent = np.isin(call, [_CALLS.index(word) for word in _SAYS_WHO])
    # a call is called as its event, or as what it is
    own = Coded(np.where(is_page | is_screen | silent, call, -1), pd.Series(_NAMES, dtype="str"))
    named = own.fill(event.where(call == _CALLS.index("track")))
    on_phone = Coded.of(frame["platform"]).tells(
        lambda words: words.str.contains(_MOBILE, case=False, regex=True, na=False)
    )
    app = is_screen | on_phone
    web = ~app & (is_page | (page.codes >= 0))
    frame["event"] = named.categories().array
    frame["url"] = page.fill(screen.where(is_screen)).categories().array
    frame["channel"] = pd.Categorical.from_codes(
        np.where(app, 0, np.where(web, 1, 2)).astype(np.int8), pd.Index(["app", "web", "other"], dtype="object")
    )
    frame["silent"] = silent
    return frame.drop(columns=["call", "page", "screen"])


KIND: Final = common.Kind(
    "segment",
    paths={
        "time": (("timestamp",),),
        "call": (("type",), ("action",)),
        "event": (("event",),),
        "user": (("anonymousId",),),
        "account": (("userId",),),
        "page": (("properties", "url"), ("context", "page", "url")),
        "screen": (("name",), ("properties", "name")),
        "platform": (("context", "device", "type"), ("context", "library", "name")),
        "email": (("traits", "email"), ("context", "traits", "email")),
        "phone": (("traits", "phone"), ("context", "traits", "phone")),
        "key": (("messageId",),),
        "previous": (("previousId",),),
    },
    copies={
        "time": ("timestamp",),
        "event": ("event_text", "event"),
        "user": ("anonymous_id",),
        "account": ("user_id",),
        "page": ("url", "context_page_url"),
        "screen": ("name",),
        "platform": ("context_device_type", "context_library_name"),
        "email": ("email",),
        "phone": ("phone",),
        "key": ("id", "message_id"),
        "previous": ("previous_id",),
    },
    stamps=_stamps,
    settle=_settle,
    time_word="timestamp",
    event_word="type of call that is known, or no event",
    key_word="messageId",
    places=lambda name: (("properties", name), (name,)),
)


def read(files: list[SourceFile], source: SourceSettings, study: Study) -> Reading:
    """Read Segment calls; sessions may run across files.

    Returns
    -------
    Reading
        Each call kept, merged, rejected (no JSON, no moment, no event), or duplicate (by messageId).
        Calls that say who somebody is and find no event of that person are rows of ``customers``.
    """
    return common.read_web(files, source, study, KIND)
