"""Every picture that is drawn as a scene, at any number of touchpoints: what the browser tests and the contrast test walk.

A new map joins by one line of `MAPS`: a name, and what draws it for a number of touchpoints with labels of 60 characters.
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import cxmining as cx
from cxmining.drivers.picture import pareto_picture
from cxmining.ingest import from_frame
from cxmining.maps.blueprint import blueprint
from cxmining.maps.cx import cx_map
from cxmining.maps.emotion import emotional_journey
from cxmining.maps.journey import journey_map
from cxmining.maps.personas import persona_cards
from cxmining.maps.stakeholders import stakeholder_map
from cxmining.schema import Dataset, table

sys.path.append(str(Path(__file__).parents[1] / "drivers"))

from test_decision_pictures import made

COUNTS = (6, 60)


def label(i):
    """Sixty characters that no two touchpoints share."""
    return f"{'vraag over betalingsherinnering en leveranciersswitch ' * 2}{i:02}"[-60:]


@cache
def lived(touchpoints, customers=24):
    """Every customer goes through the touchpoints in order, a third of them skip the last."""
    rows = [
        (f"c{c}", label(i), pd.Timestamp("2025-01-01", tz="UTC") + pd.Timedelta(days=c, hours=i), ("mail", "phone")[i % 2])
        for c in range(customers)
        for i in range(touchpoints)
        if i < touchpoints - 1 or c % 3
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["customer", "step", "time", "channel"])
    data = from_frame(frame, customer="customer", touchpoint="step", timestamp="time", channel="channel")
    return cx.measure_experience(cx.build_journeys(data))


@cache
def decided(touchpoints):
    return made(touchpoints)


def felt(touchpoints):
    rng = np.random.default_rng(touchpoints)
    mean, half = rng.uniform(2, 4.5, touchpoints), rng.uniform(0.1, 0.5, touchpoints)
    stages = ["awareness", "consideration", "purchase", "service", "loyalty", "advocacy"]
    table = pd.DataFrame(
        {
            "touchpoint": [label(i) for i in range(touchpoints)], "stage": [stages[6 * i // touchpoints] for i in range(touchpoints)],
            "score_metric": "csat", "score_scale_low": 1, "score_scale_high": 5, "score_mean": mean, "score_low": mean - half,
            "score_high": mean + half, "score_n": rng.integers(10, 9_999, touchpoints),
        }
    )  # fmt: skip
    return emotional_journey(table).scene


def pareto(touchpoints, width=1080):
    share = np.sort(np.random.default_rng(touchpoints).dirichlet(np.ones(touchpoints)))[::-1]
    names = [label(i) for i in range(touchpoints)]
    shares = pd.DataFrame({"touchpoint": names, "share": share, "share_low": share * 0.6, "share_high": share * 1.4})
    curve = pd.DataFrame({"rank": range(1, touchpoints + 1), "touchpoint": names, "cumulative": share.cumsum(), "low": share.cumsum() * 0.9,
                          "high": share.cumsum() ** 0.9, "baseline": np.linspace(1 / touchpoints, 1, touchpoints)})  # fmt: skip
    return pareto_picture(
        shares,
        curve,
        "A sentence that says the verdict.",
        labels={},
        language="en",
        width=width,
        title="What decides",
        under="R² = 0.4",
    ).scene


def decision(name, width=1400, language="nl"):
    return lambda touchpoints: decided(touchpoints)[name].picture(width=width, language=language)


@cache
def staffed(departments):
    """As many departments as there are touchpoints, each with a name of 40 characters."""
    rows = [(f"c{c}", label(i), f"afdeling {label(i)[-31:]}") for c in range(24) for i in range(departments)]
    frame = pd.DataFrame(rows, columns=["customer_id", "touchpoint", "queue"])
    start = pd.Timestamp("2025-01-01", tz="UTC")
    values = {c: frame[c].tolist() for c in frame} | {
        "event_id": [str(i) for i in range(len(frame))], "channel": "phone", "source": "s", "seq": range(len(frame)),
        "direction": "inbound", "timestamp": [start + pd.Timedelta(minutes=i) for i in range(len(frame))],
    }  # fmt: skip
    return cx.build_journeys(Dataset(events=table("events", values)))


@cache
def cards():
    """Two kinds of customers: the number of touchpoints makes no other card."""
    rows = [(f"c{i:02}", pd.Timestamp(f"2025-03-{day:02}T10:00Z"), label(i % 3) if i < 60 else label(9), "phone" if i < 60 else "web")
            for i in range(90) for day in (3, 12, 24)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["who", "when", "step", "channel"])
    data = from_frame(frame, customer="who", touchpoint="step", timestamp="when", channel="channel")
    known = cx.measure_experience(cx.build_journeys(data, gap="30D"))
    return persona_cards(known, None, cx.find_personas(known), target=None).scene


MAPS = {
    "journey map": lambda n: journey_map(lived(n), language="nl").scene,
    "blueprint": lambda n: blueprint(lived(n), language="nl").scene,
    "stakeholder map": lambda n: stakeholder_map(staffed(n), language="nl").scene,
    "persona cards": lambda n: cards(),
    "cx map": lambda n: cx_map(lived(n), language="nl").scene,
    "emotional journey": felt,
    "pareto": pareto,
    "moments of truth": decision("truth"),
    "priority": decision("priority"),
    "roadmap": decision("roadmap"),
    "importance and performance": decision("importance"),
    "asymmetry": decision("asymmetry"),
    "what if": decision("what"),
    "roadmap, narrow": decision("roadmap", 390),
    "moments of truth, narrow": decision("truth", 390),
    "pareto, narrow": lambda n: pareto(n, 390),
}


@cache
def scene(name, touchpoints):
    """Return a map, drawn once for all tests."""
    return MAPS[name](touchpoints)
