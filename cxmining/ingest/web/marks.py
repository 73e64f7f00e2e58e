"""By what a web or app export is recognised; light, because every file is asked."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

__all__ = ["web_columns", "web_fields", "web_parquet"]

_GA4: Final = {"event_name", "event_timestamp"}


def web_fields(keys: Collection[str]) -> list[tuple[str, str]]:
    """Return the formats, with the reason, that a JSON record with these fields can be.

    Examples
    --------
    >>> web_fields({"event", "properties"})
    [('mixpanel', 'JSON with event and properties, as Mixpanel exports them')]
    >>> web_fields({"event", "properties", "messageId", "userId", "type"})[0][0]
    'segment'
    """
    have = set(keys)
    found = []
    if have >= _GA4:
        found.append(("ga4", "JSON with event_name and event_timestamp"))
    if "messageId" in have and have & {"anonymousId", "userId", "previousId"}:
        found.append(("segment", "JSON with messageId and anonymousId or userId of Segment calls"))
    elif have >= {"event", "properties"} and not have & {"type", "anonymousId", "userId"}:
        found.append(("mixpanel", "JSON with event and properties, as Mixpanel exports them"))
    if have >= {"event_type", "event_time"} and have & {"device_id", "amplitude_id", "$insert_id"}:
        found.append(("amplitude", "JSON with event_type, event_time and the device_id of Amplitude"))
    return found


def web_columns(names: Collection[str]) -> list[tuple[str, str]]:
    """Return the formats, with the reason, that a table with these columns can be a warehouse's copy of.

    Examples
    --------
    >>> web_columns(["anonymous_id", "received_at", "sent_at", "timestamp", "url"])[0][0]
    'segment'
    """
    have = set(names)
    found = []
    if have >= {"user_pseudo_id", "name", "timestamp"} and any(n.startswith("param_") for n in have):
        found.append(("ga4", "has the columns user_pseudo_id, name, timestamp and param_… of a copy of GA4"))
    if have >= {"anonymous_id", "received_at", "sent_at", "timestamp"}:
        found.append(("segment", "has the columns anonymous_id, received_at and sent_at of a copy of Segment"))
    if have >= {"amplitude_id", "event_type", "event_time", "device_id"}:
        found.append(("amplitude", "has the columns amplitude_id, event_type and event_time of a copy of Amplitude"))
    return found


def web_parquet(path: Path) -> list[tuple[str, str]]:
    """Return the formats that a Parquet file can be; one that is damaged is none of them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        have = set(pq.read_schema(path).names)
    except (pa.ArrowInvalid, OSError):
        return []
    is_ga4 = have >= {*_GA4, "event_params"}
    return [("ga4", "is Parquet with event_name, event_timestamp and event_params")] if is_ga4 else []
