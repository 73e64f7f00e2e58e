"""A small company to try the verbs of this package on: sixty customers, half a year, everything written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cxmining.schema import OVERALL, Dataset, table

if TYPE_CHECKING:
    from cxmining.experience import Experience

__all__ = ["small_example"]

_CUSTOMERS = 60
_START = pd.Timestamp("2025-01-06 09:00", tz="UTC")
_TEXTS = ("Top service!", "Wat een gedoe, slecht", "vraag over de factuur")


def small_example() -> Experience:
    """Return what the customers of a small, made-up company felt.

    Sixty customers order something and ask about the bill, some twice; who asks twice waits longer and scores lower. They
    were asked how easy it was, what they had expected, and whether they would recommend; from April on scores are higher.
    Nothing is drawn at random: the same each time.

    Returns
    -------
    Experience

    Examples
    --------
    >>> small_example()
    Experience(300 of 300 answers linked; relationship ces 5.23 [4.95, 5.52] n=60; relationship csat 3.93 [3.76, 4.1] n=60; relationship nps 51.7 [31.7, 66.8] n=60)
    """
    from cxmining.experience import measure_experience
    from cxmining.journeys import build_journeys

    return measure_experience(build_journeys(_data(), gap="30D"))


def _data() -> Dataset:
    events: list[dict[str, Any]] = []
    responses: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    for i in range(_CUSTOMERS):
        who, day = f"c{i:02}", 3.0 * i
        late, twice = day > 84, i % 3 == 0
        at = [("orders", 0.0, "web", 0.0), ("asks about the bill", 3.0, "phone", 60.0 + 30 * (i % 4))]
        at += [("asks about the bill", 5.0, "phone", 300.0)] if twice else []
        for touchpoint, after, channel, wait in at:
            events.append(
                {"customer_id": who, "timestamp": _START + pd.Timedelta(days=day + after), "touchpoint": touchpoint, "channel": channel,
                 "direction": "inbound", "wait_s": wait, "text": _TEXTS[(i + twice) % 3] if channel == "phone" else None}
            )  # fmt: skip
        if twice and i % 2 == 0:
            events.append({"customer_id": who, "timestamp": _START + pd.Timedelta(days=day + 12), "touchpoint": "calls back",
                           "channel": "phone", "direction": "outbound"})  # fmt: skip
        if i % 4 != 1:
            events.append({"customer_id": who, "timestamp": _START + pd.Timedelta(days=day + 60), "touchpoint": "orders",
                           "channel": "web", "direction": "inbound"})  # fmt: skip
        responses.append(
            {"customer_id": who, "timestamp": _START + pd.Timedelta(days=day + 7), "comment": _TEXTS[i % 3]}
        )
        score = 8 - 3 * twice + late - (i % 5 == 0)
        asked = [
            ("rapportcijfer", "asks about the bill", score, 1, 10), ("expectation", "asks about the bill", 7 + i % 2, 1, 10),
            ("csat", OVERALL, 4 - twice + late * (i % 2), 1, 5), ("nps", OVERALL, min(10, score + 1 + i % 2), 0, 10),
            ("ces", OVERALL, 6 - 2 * twice - (i % 4 == 0) + (i % 7 == 0), 1, 7),
        ]  # fmt: skip
        answers += [
            {"response_id": f"r{i:02}", "item": f"{metric} {about}", "metric": metric, "touchpoint": about, "score": float(value),
             "scale_low": float(low), "scale_high": float(high), "higher_is_better": True, "status": "answered"}
            for metric, about, value, low, high in asked
        ]  # fmt: skip
    frame = pd.DataFrame(events).sort_values("timestamp", kind="stable", ignore_index=True)
    frame = frame.assign(
        event_id=[f"e{k:03}" for k in range(len(frame))], source="example", seq=range(1, len(frame) + 1)
    )
    given = pd.DataFrame(responses).assign(
        response_id=[f"r{k:02}" for k in range(_CUSTOMERS)],
        survey="yearly",
        survey_kind="relationship",
        source="example",
        seq=range(1, _CUSTOMERS + 1),
    )
    people = pd.DataFrame(
        {"customer_id": [f"c{k:02}" for k in range(_CUSTOMERS)], "record_id": [f"x{k:02}" for k in range(_CUSTOMERS)]}
    )
    people = people.assign(
        source="example",
        seq=range(1, _CUSTOMERS + 1),
        segment=["home" if k % 2 else "business" for k in range(_CUSTOMERS)],
    )
    return Dataset(
        events=table("events", {str(c): frame[c] for c in frame}), responses=table("responses", {str(c): given[c] for c in given}),
        answers=table("answers", {c: [a[c] for a in answers] for c in answers[0]}),
        customers=table("customers", {str(c): people[c] for c in people}),
    )  # fmt: skip
