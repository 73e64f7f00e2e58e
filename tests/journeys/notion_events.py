"""Events for the tests of case notions: one line per event, worked by hand."""

import pandas as pd

from cxmining.schema import Dataset, empty, table


def dataset(rows, stages=None, **columns):
    """Make a dataset of (customer, day, touchpoint[, case[, thread]]); `columns` are further events columns."""
    rows = [(*r, None, None)[:5] for r in rows]
    order = sorted(range(len(rows)), key=lambda i: rows[i][1])  # as reading leaves them: by time
    rows = [rows[i] for i in order]
    customer, day, touchpoint, case, thread = zip(*rows, strict=True)
    events = table(
        "events",
        {
            "event_id": [f"r{i}" for i in range(len(rows))],
            "customer_id": customer,
            "case_id": case,
            "thread_id": thread,
            "timestamp": pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(list(day), unit="D"),
            "touchpoint": touchpoint,
            "channel": "web",
            "source": "s",
            "seq": range(len(rows)),
        }
        | {name: [values[i] for i in order] for name, values in columns.items()},
    )
    stages = stages or {}
    catalogue = table(
        "catalogue",
        {"touchpoint": list(stages), "stage": list(stages.values()), "backstage": False, "third_party": False}
        if stages
        else {c: [] for c in empty("catalogue")},
    )
    return Dataset(events=events, catalogue=catalogue)


def walks(journeys):
    """Return the touchpoints of each journey, as one text, in the order of the log."""
    return journeys.events.groupby("journey_id", sort=False)["touchpoint"].agg(" ".join).tolist()
