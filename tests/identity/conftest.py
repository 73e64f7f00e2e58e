"""Readings made of a few literal rows."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from cxmining.identity import resolve
from cxmining.schema import Reading, empty, table
from cxmining.study import IdentitySettings

KEY = b"0123456789abcdef"
KEYS = ("account", "email", "phone", "device", "cookie")


def make(rows, source="s"):
    """Make a reading of events out of (record, {kind: value or list}, minute, what)."""
    ids = [
        (record, kind, v)
        for record, values, *_ in rows
        for kind, given in values.items()
        for v in ([given] if isinstance(given, str) else given)
    ]
    start = pd.Timestamp("2024-01-01T00:00Z")
    events = table(
        "events",
        {
            "event_id": [r[0] for r in rows],
            "timestamp": [start + pd.Timedelta(minutes=r[2] if len(r) > 2 else 0) for r in rows],
            "channel": ["web"] * len(rows),
            "touchpoint": [r[3] if len(r) > 3 else "page" for r in rows],
            "source": [source] * len(rows),
            "seq": list(range(1, len(rows) + 1)),
        },
    )
    columns = dict(zip(("record_id", "kind", "value"), zip(*ids, strict=True), strict=True)) if ids else None
    return Reading(
        source, "csv", (), empty("ledger"), identifiers=table("identifiers", columns) if ids else empty("identifiers"),
        events=events,
    )  # fmt: skip


def find(*readings, **settings):
    """Resolve and return the identity, the customer per record and the sets of records of one customer."""
    done, identity = resolve(readings, IdentitySettings(**{"keys": KEYS, **settings}), KEY)
    frames = [d.events for d in done]
    customer = {k: v for f in frames for k, v in zip(f["event_id"], f["customer_id"], strict=True)}
    sets: dict[str, set[str]] = {}
    for record, c in customer.items():
        sets.setdefault(c, set()).add(record)
    return SimpleNamespace(identity=identity, customer=customer, groups={frozenset(s) for s in sets.values()})


@pytest.fixture
def people():
    """Return the tools of this folder."""
    return SimpleNamespace(
        make=make, find=find, sets=lambda *texts: {frozenset(t.split()) for t in texts}, key=KEY, keys=KEYS
    )
