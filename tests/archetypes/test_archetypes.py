"""Kinds of journeys: planted ones are found, one process is one group, and nothing hangs on the order of rows."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.journeys import build_journeys
from cxmining.journeys.grouping.archetypes import find_archetypes
from cxmining.journeys.grouping.stability import adjusted_rand
from cxmining.schema import Dataset, table

START = pd.Timestamp("2025-01-01", tz="UTC")
KINDS = (
    [("sees ad", "web"), ("compares", "web"), ("orders", "web"), ("pays", "web"), ("parcel", "post")],
    [("invoice", "mail"), ("calls", "phone"), ("calls", "phone"), ("complains", "phone"), ("reply", "mail")],
    [("logs in", "app"), ("views", "app"), ("views", "app"), ("changes", "app"), ("logs out", "app")],
)


def journeys_of(sequences, hours=24.0, seed=0, per=1, shuffle=None):
    """Each sequence is one case of (touchpoint, channel); `per` cases belong to one customer."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, steps in enumerate(sequences):
        at = START + pd.Timedelta(hours=float(rng.integers(0, 2000)))
        for touchpoint, channel in steps:
            at += pd.Timedelta(hours=float(hours * rng.exponential()) + 0.001)
            rows.append((f"c{i // per:05d}", f"k{i:05d}", at, touchpoint, channel))
    frame = pd.DataFrame(rows, columns=["customer_id", "case_id", "timestamp", "touchpoint", "channel"])
    frame["event_id"], frame["source"], frame["seq"] = [f"e{i}" for i in range(len(frame))], "s", range(len(frame))
    if shuffle is not None:
        frame = frame.sample(frac=1, random_state=shuffle)
    return build_journeys(Dataset(events=table("events", {c: frame[c] for c in frame})), by="case")


def planted(n, seed=1):
    """Journeys of three kinds, with steps left out and put in; which kind each is."""
    rng = np.random.default_rng(seed)
    everything = [step for kind in KINDS for step in kind]
    sequences, truth = [], []
    for _ in range(n):
        kind = int(rng.choice(3, p=[0.5, 0.3, 0.2]))
        steps = list(KINDS[kind])
        for _ in range(rng.poisson(0.8)):
            if len(steps) > 2:
                steps.pop(int(rng.integers(len(steps))))
        for _ in range(rng.poisson(0.5)):
            steps.insert(int(rng.integers(len(steps) + 1)), everything[int(rng.integers(len(everything)))])
        sequences.append(steps)
        truth.append(kind)
    return sequences, np.array(truth)


def rand_index(found, truth):
    case = found.journeys.events.groupby("journey_id")["case_id"].first()
    label = found.assignments["archetype"].to_numpy() - 1
    real = truth[case.loc[found.assignments["journey_id"]].str[1:].astype(int).to_numpy()]
    counts = np.zeros((label.max() + 1, truth.max() + 1))
    np.add.at(counts, (label, real), 1)
    return adjusted_rand(counts)


@pytest.mark.parametrize("method", ["n-grams", "edit", "levenshtein"])
def test_three_planted_kinds_are_found(method):
    sequences, truth = planted(300)
    found = find_archetypes(journeys_of(sequences), method=method)
    assert found.k == 3
    assert found.stable
    assert rand_index(found, truth) > 0.9
    assert (found.summary["stability"] > 0.75).all()
    assert found.summary["journeys"].sum() == 300
    for row in found.summary.itertuples():
        assert row.low < row.share < row.high
        assert row.medoid in set(found.journeys.variants["touchpoints"])
        assert len(row.medoid) == len(row.medoid_channels)
    assert {"mostly web", "mostly app"} <= {label.split(",")[0] for label in found.summary["label_en"]}
    assert {"vooral web", "vooral app"} <= {label.split(",")[0] for label in found.summary["label_nl"]}


def one_pot(rng, n):
    weights = rng.dirichlet(np.full(6, 2.0))
    return [
        [(f"t{t}", "web" if t % 2 else "phone") for t in rng.choice(6, int(rng.integers(2, 9)), p=weights)] for _ in range(n)
    ]  # fmt: skip


def one_chain(rng, n):
    """A Markov chain: what comes next depends on what was, in one way for all."""
    after, first, out = rng.dirichlet(np.full(6, 0.8), size=6), rng.dirichlet(np.ones(6)), []
    for _ in range(n):
        steps = [int(rng.choice(6, p=first))]
        while rng.random() > 0.2 and len(steps) < 20:
            steps.append(int(rng.choice(6, p=after[steps[-1]])))
        out.append([(f"t{t}", "web") for t in steps])
    return out


def one_template(rng, n):
    """One way to go, of which each journey leaves out some, or asks in between."""
    out = []
    for _ in range(n):
        steps = [s for s in ("order", "pay", "ship", "deliver", "invoice", "rate") if rng.random() > 0.15] or ["order"]
        if rng.random() < 0.3:
            steps.insert(int(rng.integers(len(steps) + 1)), "question")
        out.append([(s, "web") for s in steps])
    return out


@pytest.mark.parametrize("process", [one_pot, one_chain, one_template])
def test_journeys_of_one_process_are_one_group(process):
    found = find_archetypes(journeys_of(process(np.random.default_rng(5), 400)))
    assert found.k == 1
    assert not found.stable
    assert "no stable archetypes" in repr(found)
    assert found.summary["label_nl"].tolist() == ["één groep: geen stabiele archetypen"]
    assert found.summary["share"].tolist() == [1.0]
    assert found.stability["why_not"].ne("").all()


@pytest.mark.parametrize("method", ["n-grams", "edit"])
def test_the_order_of_rows_changes_nothing(method):
    sequences, _ = planted(80, seed=3)
    one = find_archetypes(journeys_of(sequences, per=2), method=method)
    other = find_archetypes(journeys_of(sequences, per=2, shuffle=7), method=method)
    for table_name in ("summary", "assignments", "stability", "marks"):
        pd.testing.assert_frame_equal(getattr(one, table_name), getattr(other, table_name), rtol=1e-9)


def test_a_sample_finds_what_all_find_and_says_so():
    sequences, truth = planted(400, seed=2)
    for method in ("n-grams", "edit"):
        found = find_archetypes(journeys_of(sequences), method=method, sample=100, k=3)
        assert rand_index(found, truth) > 0.85
        assert any("are more than 100" in note and "nearest" in note for note in found.notes)


def test_what_marks_a_kind_is_counted_by_hand_and_intervals_count_customers():
    # Of 40 journeys of the first kind all meet "calls", of 20 of the second none.
    sequences = [[("invoice", "mail"), ("calls", "phone")]] * 40 + [[("orders", "web"), ("pays", "web")]] * 20
    found = find_archetypes(journeys_of(sequences), k=2)
    first = found.marks[(found.marks["archetype"] == 1) & (found.marks["feature"] == "calls")].iloc[0]
    assert (first["share"], first["rest"], first["difference"], first["n"]) == (1.0, 0.0, 1.0, 40)
    assert first["lift"] == pytest.approx((40.5 / 41) / (0.5 / 21))  # half a journey on each count
    assert first["lift_low"] < first["lift"] < first["lift_high"]
    assert 0 < first["p"] <= first["p_adjusted"] < 0.001
    edges = found.marks[(found.marks["kind"] == "edge") & (found.marks["archetype"] == 2)]
    assert edges["feature"].tolist()[0] in ("orders → pays", "invoice → calls")
    # The same journeys by fewer customers are known less well.
    alone = found.summary["high"] - found.summary["low"]
    many = find_archetypes(journeys_of(sequences, per=2), k=2).summary
    assert (many["high"] - many["low"] > alone).all()


def test_scores_describe_each_kind():
    journeys = journeys_of([KINDS[0]] * 60 + [KINDS[2]] * 40)

    class Lived:
        def __init__(self):
            self.journeys = journeys

        def journey_scores(self, metric=None):
            t = journeys.table
            first = journeys.events.groupby("journey_id")["touchpoint"].first().loc[t["journey_id"]].to_numpy()
            score = np.where(first == "sees ad", 8.0, 5.0) + np.arange(len(t)) % 2
            return pd.DataFrame(
                {"journey_id": t["journey_id"], "customer_id": t["customer_id"], "metric": "csat", "score": score,
                 "survey_kind": "journey", "scale_low": 1.0, "scale_high": 10.0}
            )  # fmt: skip

    found = find_archetypes(Lived())
    assert found.summary["score_mean"].tolist() == pytest.approx([8.5, 5.5], abs=0.05)
    assert found.summary["score_n"].tolist() == [60, 40]
    assert (found.summary["score_low"] < found.summary["score_mean"]).all()
    assert any("describe" in note for note in found.notes)


def test_calls_that_cannot_be_say_why():
    journeys = journeys_of([KINDS[0]] * 30)
    with pytest.raises(StudyError, match="'n-grams', 'edit' or 'levenshtein'"):
        find_archetypes(journeys, method="magic")
    with pytest.raises(StudyError, match="whole number"):
        find_archetypes(journeys, k=1)
    with pytest.raises(StudyError, match="at least 50"):
        find_archetypes(journeys, sample=3)
    with pytest.raises(NotEnoughDataError, match="k=5000, but there"):
        find_archetypes(journeys, k=5000)
    with pytest.raises(NotEnoughDataError, match=r"1 journey of 1 customer: .* at least 20 customers"):
        find_archetypes(journeys_of([[("calls", "phone")]]))


def test_journeys_that_are_all_the_same_are_one_group():
    for method in ("n-grams", "edit", "levenshtein"):
        found = find_archetypes(journeys_of([[("calls", "phone")]] * 25), method=method)
        assert found.k == 1
        assert found.summary["medoid"].tolist() == [("calls",)]
        assert found.figure().layout.annotations


def test_journeys_of_one_event_at_one_instant_are_told_apart_by_what_it_is():
    rows = ["calls"] * 40 + ["writes"] * 30
    events = table(
        "events",
        {
            "event_id": [f"e{i}" for i in range(70)], "customer_id": [f"c{i}" for i in range(70)],
            "timestamp": ["2025-01-01T10:00Z"] * 70, "touchpoint": rows, "channel": ["phone"] * 70, "source": ["s"] * 70,
            "seq": range(70),
        },
    )  # fmt: skip
    for method in ("n-grams", "edit"):
        # Drawn from one pot, journeys of one event are what they are: two kinds of contact, not of journey.
        assert find_archetypes(build_journeys(Dataset(events=events)), method=method).k == 1
        found = find_archetypes(build_journeys(Dataset(events=events)), method=method, k=2)
        assert found.summary["journeys"].tolist() == [40, 30]
        assert any("not stable" in note for note in found.notes)


def test_hostile_labels_are_text_in_every_picture():
    evil = "<img src=x onerror=alert(1)>"
    steps = [[(evil, "phone"), ("b & c", "phone")]] * 40 + [[("pays → </script>", "web")]] * 30
    found = find_archetypes(journeys_of(steps), k=2)
    assert "<img" not in found._repr_html_()
    for picture in (found.figure("en"), found.figure("nl"), found.stability_figure()):
        said = json.dumps(picture.to_plotly_json(), default=str)
        assert "<img" not in said
        assert "</script" not in said


def test_the_picture_says_how_many_and_from_what():
    sequences, _ = planted(150)
    journeys = journeys_of(sequences)
    some = journeys.take(np.arange(len(journeys)) < 120, "the first ones")
    found = find_archetypes(some, k=3)
    foot = " ".join(str(a.text) for a in found.figure().layout.annotations)
    assert "n = 120" in foot
    assert "the first ones: 120 of 150 journeys" in foot
    assert "case" in repr(found)
    assert "the first ones" in repr(found)
