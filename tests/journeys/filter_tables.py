"""Tiny logs for the tests of filters and variants."""

import pandas as pd

from cxmining.journeys import build_journeys
from cxmining.schema import Dataset, empty, table

NIGHT = pd.Timestamp("2025-01-01T00:00Z")


def dataset(rows, *, stages=None, customers=None, zone="UTC", **more):
    """Events of (customer, days since 2025-01-01 or a time, touchpoint, channel); `more` are columns of events."""
    who, when, touchpoint, channel = zip(*rows, strict=True)
    times = [NIGHT + pd.Timedelta(days=t) if isinstance(t, int | float) else pd.Timestamp(t) for t in when]
    order = sorted(range(len(rows)), key=lambda i: times[i])  # as every Dataset is: ties in the order of the source
    columns = {
        "event_id": [f"r{i}" for i in range(len(rows))],
        "customer_id": who,
        "timestamp": pd.to_datetime([t.tz_convert("UTC") for t in times], utc=True),
        "touchpoint": touchpoint,
        "channel": channel,
        "source": "s",
        "seq": range(len(rows)),
        **more,
    }
    events = table("events", columns).iloc[order].reset_index(drop=True)
    catalogue = empty("catalogue")
    if stages:
        catalogue = table(
            "catalogue",
            {"touchpoint": list(stages), "stage": list(stages.values()), "backstage": False, "third_party": False},
        )
    known = empty("customers")
    if customers:
        known = table("customers", {"source": "crm", **customers})
    return Dataset(events=events, catalogue=catalogue, customers=known, time_zone=zone)


def journeys_of_rows(rows, **more):
    return build_journeys(dataset(rows, **more))


def names(journeys):
    """The customers whose journeys are left; a journey is a customer's in these tests."""
    return "".join(sorted(journeys.table["customer_id"]))


def walks(journeys):
    """The touchpoints of each customer, customers in order."""
    return journeys.events.groupby("customer_id")["touchpoint"].agg("".join).tolist()
