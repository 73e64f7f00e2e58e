"""Small literal studies: who met what when, and what was answered."""

from __future__ import annotations

import pandas as pd

from cxmining.experience import Experience, measure_experience
from cxmining.journeys import build_journeys
from cxmining.schema import Dataset, empty, table

START = pd.Timestamp("2025-01-01 12:00", tz="UTC")
SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}


def at(day: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=day)


def study(events, responses=(), answers=(), segments=None, *, gap=None, order=None, catalogue=None, left=None):
    """Make an experience.

    events: (customer, day, touchpoint[, {column: value}]), named e0, e1 …; responses: (customer, day[, kind[, comment]]),
    named r0, r1 …; answers: (number of the response, metric, touchpoint, score[, (low, high)]).
    """
    more = [e[3] if len(e) > 3 else {} for e in events]
    e = table(
        "events",
        {
            "event_id": [f"e{i}" for i in range(len(events))],
            "customer_id": [x[0] for x in events],
            "timestamp": [at(x[1]) for x in events],
            "touchpoint": [x[2] for x in events],
            "channel": [m.get("channel", "phone") for m in more],
            "direction": [m.get("direction", "inbound") for m in more],
            "text": [m.get("text") for m in more],
            "owner_mined": [m.get("owner") for m in more],
            "source": ["pbx"] * len(events),
            "seq": range(1, len(events) + 1),
        },
    )
    kinds = [r[2] if len(r) > 2 else "relationship" for r in responses]
    r = table(
        "responses",
        {
            "response_id": [f"r{i}" for i in range(len(responses))],
            "customer_id": [x[0] for x in responses],
            "timestamp": [at(x[1]) for x in responses],
            "survey": kinds,
            "survey_kind": kinds,
            "comment": [x[3] if len(x) > 3 else None for x in responses],
            "source": ["survey"] * len(responses),
            "seq": range(1, len(responses) + 1),
        },
    )
    ends = [x[4] if len(x) > 4 else SCALES.get(x[1], (1.0, 10.0)) for x in answers]
    a = table(
        "answers",
        {
            "response_id": [f"r{x[0]}" for x in answers],
            "item": [f"{x[1]} {x[2]} {i}" for i, x in enumerate(answers)],
            "metric": [x[1] for x in answers],
            "touchpoint": [x[2] for x in answers],
            "score": [x[3] for x in answers],
            "scale_low": [x[0] for x in ends],
            "scale_high": [x[1] for x in ends],
            "higher_is_better": [x[1] != "ces" for x in answers],
            "status": ["answered"] * len(answers),
        },
    )
    if order is not None:
        a = a.iloc[order(len(a))].reset_index(drop=True)
        r = r.iloc[order(len(r))].reset_index(drop=True)
    people = sorted({x[0] for x in events})
    columns = {
        "customer_id": people,
        "record_id": [f"x{p}" for p in people],
        "source": ["crm"] * len(people),
        "seq": range(1, len(people) + 1),
    }
    if segments is not None:
        columns["segment"] = [segments.get(p) for p in people]
    if left is not None:
        columns["left_at"] = [left.get(p) for p in people]
    data = Dataset(
        e.sort_values("timestamp", kind="stable", ignore_index=True), responses=r, answers=a,
        invitations=empty("invitations"), customers=table("customers", columns),
        catalogue=empty("catalogue") if catalogue is None else table("catalogue", catalogue),
    )  # fmt: skip
    found: Experience = measure_experience(build_journeys(data, gap=gap))
    return found
