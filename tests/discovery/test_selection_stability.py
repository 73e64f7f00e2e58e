"""How much noise to leave out, and which edges other customers would show."""

import json

import numpy as np
import pandas as pd
import pytest
from test_discover import journeys_of
from test_figure import COLOURS, colours

from cxmining.discovery import edge_stability, select_model, selection, stability
from cxmining.discovery.trim import shown_edges
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.journeys import build_journeys
from cxmining.schema import Dataset


@pytest.fixture(scope="module")
def selected():
    return select_model(journeys_of(), noises=(0, 0.2, 0.5), folds=3, coverage=1)


def test_each_threshold_is_measured_on_customers_held_out(selected):
    table = selected.summary
    assert table["noise"].tolist() == [0, 0.2, 0.5]
    assert (table["folds"] == 3).all()
    for m in ("fitness", "precision", "f", "simplicity", "generalisation"):
        assert (table[f"{m}_low"] <= table[m] + 1e-12).all()
        assert (table[m] <= table[f"{m}_high"] + 1e-12).all()
    assert table["proposed"].sum() == 1
    assert selected.model.noise == selected.noise
    assert "3 folds by customer, 87 customers, 87 journeys" in repr(selected)
    assert "rule: the simplest model whose F lies within one standard error of the best" in repr(selected)


def test_the_proposed_one_is_the_simplest_within_one_standard_error_of_the_best():
    # F .80, .84, .83 with a standard error of .02 at the best: .83 is as good, .80 is not; of the two good ones the
    # simpler stands at .2. At noise .3 the model is simpler still but worse.
    f = {0.0: [0.80, 0.80, 0.80], 0.1: [0.80, 0.84, 0.88], 0.2: [0.83, 0.83, 0.83], 0.3: [0.7, 0.7, 0.7]}
    simplicity = {0.0: 0.4, 0.1: 0.5, 0.2: 0.6, 0.3: 0.9}
    rows = pd.DataFrame(
        [
            {"noise": noise, "fitness": v, "precision": v, "f": v, "generalisation": v, "simplicity": simplicity[noise],
             "touchpoints": 3.0}
            for noise, values in f.items()
            for v in values
        ]
    )  # fmt: skip
    table = selection._table(rows, list(f))
    assert table.loc[table["proposed"], "noise"].tolist() == [0.2]
    rows.loc[rows["noise"] == 0.1, "simplicity"] = 0.6
    assert selection._table(rows, list(f)).loc[lambda t: t["proposed"], "noise"].tolist() == [0.2]  # of two, more noise


def test_folds_follow_customers_not_rows():
    data = journeys_of().data
    shuffled = Dataset(events=data.events.sample(frac=1, random_state=5).reset_index(drop=True))
    a = select_model(build_journeys(data), noises=(0, 0.3), folds=3, coverage=1).summary
    b = select_model(build_journeys(shuffled), noises=(0, 0.3), folds=3, coverage=1).summary
    pd.testing.assert_frame_equal(a, b)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"noises": ()}, StudyError, "noises is empty"),
        ({"noises": (2,)}, StudyError, "between 0 and 1"),
        ({"folds": 1}, StudyError, "2 or more"),
        ({"folds": 88}, NotEnoughDataError, "87 customers cannot be dealt into 88 folds"),
        ({"miner": "betta"}, StudyError, "unknown"),
    ],
)
def test_what_cannot_be_selected_is_said(arguments, error, message):
    with pytest.raises(error, match=message):
        select_model(journeys_of(), **arguments)


def test_a_miner_of_nets_is_selected_too():
    found = select_model(journeys_of(), "directly-follows", noises=(0, 0.4), folds=2)
    assert found.model.tree is None
    assert found.table["f"].between(0, 1).all()
    # An edge less can only allow less: fitness does not grow with noise, nor does the number of edges.
    assert found.table["fitness"].is_monotonic_decreasing


@pytest.fixture(scope="module")
def stable():
    return edge_stability(journeys_of(), resamples=100, noise=0.2)


def test_a_strong_edge_always_survives_and_one_at_the_threshold_half_the_time():
    # From "a": 80 customers go to b, 16 to c. 16 is a fifth of 80: on the map it stands on the edge of the threshold.
    found = edge_stability(journeys_of({("a", "b"): 80, ("a", "c"): 16, ("c",): 60}), resamples=300, noise=0.2)
    table = found.summary.set_index(["source", "target"])
    assert table.loc[("a", "b"), ["survives", "shown"]].tolist() == [1, True]
    assert 0.3 < table.loc[("a", "c"), "survives"] < 0.75
    assert table.loc[("a", "c"), "share"] == pytest.approx(16 / 96)
    # binomial: sqrt(p q / n) = .038, two of them each way
    assert table.loc[("a", "c"), "share_low"] == pytest.approx(16 / 96 - 0.073, abs=0.02)
    assert table.loc[("a", "c"), "share_high"] == pytest.approx(16 / 96 + 0.073, abs=0.02)


def test_customers_are_drawn_not_journeys():
    # One customer walks x → y forty times, a journey each week: without that one the edge is not there at all,
    # and each draw of 21 customers lacks a given one in about (1 - 1/21)^21 = 36% of the resamples.
    rows = [("one", t, 14 * i + k) for i in range(40) for k, t in enumerate("xy")]
    rows += [(f"c{i}", t, k) for i in range(20) for k, t in enumerate("xz")]
    from cxmining.schema import table

    rows.sort(key=lambda r: (r[2], r[0]))
    events = table(
        "events",
        {
            "event_id": [f"r{i}" for i in range(len(rows))], "customer_id": [r[0] for r in rows],
            "timestamp": pd.to_datetime("2025-01-01", utc=True) + pd.to_timedelta([r[2] for r in rows], unit="D"),
            "touchpoint": [r[1] for r in rows], "channel": ["web"] * len(rows), "source": ["s"] * len(rows),
            "seq": range(len(rows)),
        },
    )  # fmt: skip
    journeys = build_journeys(Dataset(events=events), gap="7D")
    assert len(journeys) == 60
    found = edge_stability(journeys, resamples=400, noise=0.2).summary.set_index(["source", "target"])
    assert found.loc[("x", "y"), "n"] == 40
    assert found.loc[("x", "y"), "survives"] == pytest.approx(1 - (1 - 1 / 21) ** 21, abs=0.08)


def test_counts_per_customer_and_edge_add_up_to_the_graph():
    journeys = journeys_of()
    graph = journeys.graph
    walked = stability._walked(journeys.log, graph.source, graph.target)
    assert walked.sum(axis=0).tolist() == graph.n.tolist()
    assert (walked > 0).sum(axis=0).tolist() == graph.customers.tolist()


def test_stability_depends_on_seed_and_customers_only(stable):
    data = journeys_of().data
    shuffled = build_journeys(Dataset(events=data.events.sample(frac=1, random_state=2).reset_index(drop=True)))
    again = edge_stability(shuffled, resamples=100, noise=0.2)
    pd.testing.assert_frame_equal(stable.summary, again.summary)
    other = edge_stability(journeys_of(), resamples=100, noise=0.2, seed=2)
    assert not stable.summary["share_low"].equals(other.summary["share_low"])


def test_memory_is_bounded_by_taking_fewer_resamples_at_once(monkeypatch, stable):
    monkeypatch.setattr(stability, "_CELLS", 500)
    pd.testing.assert_frame_equal(edge_stability(journeys_of(), resamples=100, noise=0.2).summary, stable.summary)


def test_one_customer_or_too_few_resamples_are_said():
    with pytest.raises(NotEnoughDataError, match="there is 1 customer"):
        edge_stability(journeys_of({("a", "b"): 1}))
    with pytest.raises(StudyError, match="20 or more"):
        edge_stability(journeys_of(), resamples=5)


def test_a_filtered_log_works_and_the_chain_is_told():
    journeys = journeys_of().take(np.arange(10, 87), "all but ten")
    found = edge_stability(journeys, resamples=20)
    assert found.customers == 77
    assert "filter: all but ten: 77 of 87 journeys" in repr(found)
    assert "all but ten" in found.figure().layout.annotations[0].text.replace("<br>", " ")


def test_pictures_are_plain_json_in_the_colours_of_the_palette(stable, selected):
    for picture in (stability._picture(stable), selection._picture(selected)):
        json.dumps(picture.spec)
        assert colours(picture.spec) <= COLOURS
        picture.figure()
    assert "<b>" not in stable._repr_html_().replace("&lt;b&gt;", "")
    assert "<b>" not in selected._repr_html_()


def test_every_touchpoint_lies_on_a_way_from_the_start_to_the_end():
    rng = np.random.default_rng(4)
    for _ in range(12):
        walks = {
            tuple(rng.choice(list("abcdefg"), rng.integers(1, 7)).tolist()): int(rng.integers(1, 50)) for _ in range(12)
        }
        graph = journeys_of(walks).graph
        keep = shown_edges(graph.source, graph.target, graph.n, len(graph.touchpoints), 0.9)
        for a, b in ((graph.source, graph.target), (graph.target, graph.source)):
            reached, edges = {-1}, list(zip(a[keep].tolist(), b[keep].tolist(), strict=True))
            while new := {y for x, y in edges if x in reached} - reached:
                reached |= new
            assert reached == {-1, *range(len(graph.touchpoints))}
