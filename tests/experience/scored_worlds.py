"""Small worlds for tests: contacts, and answers about them, a line each."""

from __future__ import annotations

import pandas as pd

from cxmining.experience import measure_experience
from cxmining.journeys import build_journeys
from cxmining.schema import CONTACT, OVERALL, Dataset, table

SCALES = {"nps": (0.0, 10.0), "csat": (1.0, 5.0), "rapportcijfer": (1.0, 10.0), "ces": (1.0, 7.0)}


def dataset(contacts, answers, *, zone="UTC", customers=None, invitations=None, catalogue=None, kind="transactional"):
    """Contacts are dicts of event columns (customer, time, touchpoint …); answers (customer, time, case, metric, score)."""
    n = len(contacts)
    columns = {k for c in contacts for k in c} - {"customer", "time"}
    events = {c: [e.get(c) for e in contacts] for c in sorted(columns)}
    events |= {
        "event_id": [f"e{i:05}" for i in range(n)],
        "customer_id": [e["customer"] for e in contacts],
        "timestamp": pd.to_datetime([e["time"] for e in contacts], utc=True, format="ISO8601"),
        "source": ["s"] * n,
        "seq": range(1, n + 1),
    }
    events.setdefault("channel", ["phone"] * n)
    events["channel"] = [c or "phone" for c in events["channel"]]
    m = len(answers)
    ids = [f"r{i:05}" for i in range(m)]
    responses = {
        "response_id": ids,
        "customer_id": [a[0] for a in answers],
        "timestamp": pd.to_datetime([a[1] for a in answers], utc=True, format="ISO8601"),
        "survey": ["q"] * m,
        "survey_kind": [kind] * m,
        "reference": [a[2] for a in answers],
        "source": ["q"] * m,
        "seq": range(1, m + 1),
    }
    given = {
        "response_id": ids,
        "item": ["q1"] * m,
        "metric": [a[3] for a in answers],
        "touchpoint": [CONTACT if kind == "transactional" else OVERALL] * m,
        "score": [float(a[4]) for a in answers],
        "scale_low": [SCALES[a[3]][0] for a in answers],
        "scale_high": [SCALES[a[3]][1] for a in answers],
        "higher_is_better": [True] * m,
        "status": ["answered"] * m,
    }
    more = {} if customers is None else {"customers": table("customers", customers)}
    more |= {} if invitations is None else {"invitations": table("invitations", invitations)}
    more |= {} if catalogue is None else {"catalogue": table("catalogue", catalogue)}
    return Dataset(
        events=table("events", events), responses=table("responses", responses), answers=table("answers", given),
        time_zone=zone, **more,
    )  # fmt: skip


def lived_of(contacts, answers, *, gap="7D", **more):
    return measure_experience(build_journeys(dataset(contacts, answers, **more), gap=gap))


def asked_after(rows, metric="csat", **more):
    """Each row (customer, day, touchpoint, score) is a contact that was scored an hour later."""
    start = pd.Timestamp("2025-01-01 10:00", tz="UTC")
    times = [start + pd.Timedelta(days=float(r[1])) for r in rows]
    contacts = [
        {"customer": r[0], "time": t.isoformat(), "touchpoint": r[2], "case_id": f"k{i}"}
        for i, (r, t) in enumerate(zip(rows, times, strict=True))
    ]
    answers = [
        (r[0], (t + pd.Timedelta(hours=1)).isoformat(), f"k{i}", metric, r[3])
        for i, (r, t) in enumerate(zip(rows, times, strict=True))
    ]
    return lived_of(contacts, answers, **more)
