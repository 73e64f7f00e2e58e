"""Pictures show what the tables hold: nothing more, nothing computed, labels as text."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cxmining as cx
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.figures import shown, wrapped
from cxmining.maps.emotion import emotional_journey_spec
from cxmining.maps.tables import in_order
from cxmining.maps.words import HIDDEN, MISSING, say

HOSTILE = "<img src=x onerror=alert(1)>"


def touchpoints(**more):
    base = {
        "touchpoint": ["call", "order", "mail"],
        "stage": ["service", "purchase", "service"],
        "channel": ["phone", "web", "mail"],
        "events": [30, 50, 20],
        "journeys": [20, 45, 18],
        "reach": [0.4, 0.9, 0.3],
    }
    return pd.DataFrame({**base, **more})


DFG = pd.DataFrame(
    {
        "source": ["(start)", "order", "order", "mail", "call", "call", "mail"],
        "target": ["order", "mail", "call", "call", "call", "order", "(end)"],
        "n": [45, 30, 10, 12, 3, 2, 40],
        "journeys": [45, 28, 10, 12, 3, 2, 40],
        "median_s": [np.nan, 86_400.0, 3_600.0, 60.0, 30.0, 7_200.0, np.nan],
    }
)


def drawn_texts(value):
    """Every text that plotly would draw; ids in `customdata` may hold anything, they are compared and never shown."""
    if isinstance(value, dict):
        return [t for k, v in value.items() if k != "customdata" for t in drawn_texts(v)]
    if isinstance(value, list | tuple | np.ndarray):
        return [t for v in value for t in drawn_texts(v)]
    return [value] if isinstance(value, str) else []


def rated(**more):
    table = touchpoints(
        score_metric=["csat"] * 3,
        score_scale_low=[1.0] * 3,
        score_scale_high=[5.0] * 3,
        score_mean=[2.4, 4.5, 3.9],
        score_low=[2.2, 4.3, 3.7],
        score_high=[2.6, 4.7, 4.1],
        score_n=[147, 81, 129],
        expected_mean=[3.6, 3.6, 3.9],
        gap_mean=[-1.2, 0.9, 0.1],
        gap_low=[-1.5, 0.6, -0.2],
        gap_high=[-0.9, 1.2, 0.4],
        wow_n=[0, 22, 5],
        pain_n=[31, 0, 5],
    )
    return table.assign(**more)


def test_stages_run_in_their_order_and_touchpoints_within_them_as_they_follow():
    spec = cx.journey_map(touchpoints(), DFG).spec
    assert [s["id"] for s in spec["stages"]] == ["purchase", "service"]
    assert [n["id"] for n in spec["nodes"]] == ["order", "mail", "call"]  # mail comes before call on most ways


def test_edges_count_journeys_know_their_way_back_and_leave_out_start_and_end():
    spec = cx.journey_map(touchpoints(), DFG).spec
    assert [(e["s"], e["t"], e["v"], e.get("back", False)) for e in spec["edges"]] == [
        ("order", "mail", 28, False),
        ("mail", "call", 12, False),
        ("order", "call", 10, False),
        ("call", "call", 3, False),
        ("call", "order", 2, True),
    ]
    assert spec["edges"][0]["label"] == "28 · 1 d"
    starts = {n["id"]: (n["starts"], n["ends"]) for n in spec["nodes"]}
    assert starts == {"order": (True, False), "mail": (False, True), "call": (False, False)}


def test_the_spec_is_plain_json_and_the_same_whatever_the_order_of_rows():
    one = cx.journey_map(touchpoints(), DFG).spec
    two = cx.journey_map(touchpoints().iloc[::-1], DFG.sample(frac=1, random_state=3)).spec
    assert json.dumps(one, sort_keys=True, allow_nan=False) == json.dumps(two, sort_keys=True, allow_nan=False)


def test_hidden_and_not_measured_are_two_signs():
    table = touchpoints(reach=[np.nan, 0.9, np.nan])
    nodes = {n["id"]: n["badge"] for n in cx.journey_map(table, DFG, hidden={("call", "reach")}).spec["nodes"]}
    assert nodes == {"call": HIDDEN, "order": "90%", "mail": MISSING}


def test_without_any_stage_there_are_no_columns_and_with_some_the_rest_has_a_lane():
    assert cx.journey_map(touchpoints(stage=["unknown"] * 3), DFG).spec["stages"] == []
    some = cx.journey_map(touchpoints(stage=["service", "unknown", np.nan]), DFG, language="nl").spec["stages"]
    assert [s["label"] for s in some] == ["Gebruik en service", "Geen fase"]


def test_live_results_and_tables_give_the_same_map():
    journeys = SimpleNamespace(touchpoints=touchpoints(), dfg=DFG)
    felt = rated()[["touchpoint", "score_mean", "score_n"]].set_index("touchpoint")
    lived = SimpleNamespace(journeys=journeys, touchpoints=felt)
    assert cx.journey_map(journeys).spec == cx.journey_map(touchpoints(), DFG).spec
    facts = {n["id"]: {f[0]: f[1] for f in n["facts"]} for n in cx.journey_map(lived).spec["nodes"]}
    assert facts["call"]["score"] == "2.4"


def test_what_is_no_result_is_refused_in_one_sentence():
    with pytest.raises(StudyError, match="drawn from Journeys, an Experience, a run or a table, not from int"):
        cx.journey_map(3)
    with pytest.raises(StudyError, match="needs a column 'touchpoint'"):
        cx.journey_map(pd.DataFrame({"a": [1]}), DFG)
    with pytest.raises(StudyError, match="give who follows whom as dfg="):
        cx.journey_map(touchpoints())
    with pytest.raises(UnknownNameError, match="language 'de'"):
        say("map", "de")


def test_labels_are_text_in_html_and_in_plotly():
    table = touchpoints(touchpoint=["call", HOSTILE, "mail"])
    dfg = DFG.replace("order", HOSTILE)
    drawn = cx.journey_map(table, dfg)
    assert "<img" not in drawn._repr_html_()
    assert not [t for t in drawn_texts(drawn.figure().to_plotly_json()) if "<img" in t]
    assert shown("<b>a & b</b>") == "&lt;b&gt;a &amp; b&lt;/b&gt;"
    assert wrapped("<b> bold </b>", 6) == "&lt;b&gt;<br>bold<br>&lt;/b&gt;"
    figure = cx.emotional_journey(rated(touchpoint=["call", HOSTILE, "mail"]), dfg).figure()
    assert not [t for t in drawn_texts(figure.to_plotly_json()) if "<img" in t]


def test_emotional_journey_marks_only_where_the_interval_of_the_gap_leaves_nothing():
    spec = emotional_journey_spec(rated(), DFG, "en")
    marks = {t["meta"]: t["customdata"] for t in spec["data"] if "meta" in t and t["yaxis"] == "y"}
    assert marks == {"same": ["mail"], "above": ["order"], "below": ["call"]}
    below = next(t for t in spec["data"] if t.get("meta") == "below")
    assert below["error_y"]["array"] == pytest.approx([0.2])
    assert {t["mode"] for t in spec["data"]} == {"markers", "text"}  # no line joins different customers


def test_emotional_journey_writes_n_and_both_signs_under_the_points():
    table = rated(wow_n=[np.nan, 22, 5], gap_mean=[-1.2, 0.9, np.nan], gap_low=[-1.5, 0.6, np.nan])
    spec = emotional_journey_spec(table, DFG, "nl", {("call", "wow_n")})
    texts = [text for trace in spec["data"] if trace["mode"] == "text" for text in trace["text"]]
    assert "147" in texts
    assert HIDDEN in texts
    assert MISSING in texts
    assert "<b>−1,2</b>" in texts


def test_without_scores_there_is_no_emotional_journey():
    with pytest.raises(NotEnoughDataError, match="no touchpoint has a score"):
        cx.emotional_journey(touchpoints(), DFG)


SHARES = pd.DataFrame(
    {
        "touchpoint": ["a", "b", HOSTILE],
        "share": [0.2, 0.7, 0.1],
        "share_low": [0.1, 0.6, 0.0],
        "share_high": [0.3, 0.8, 0.2],
    }
)
PARETO = pd.DataFrame(
    {
        "rank": [1, 2, 3],
        "touchpoint": ["b", "a", HOSTILE],
        "cumulative": [0.8, 0.95, 1.0],
        "low": [0.7, 0.9, 1.0],
        "high": [0.9, 1.0, 1.0],
        "baseline": [0.6, 0.85, 1.0],
    }
)


def test_driver_chart_has_bars_curve_band_baseline_and_the_sentence():
    found = SimpleNamespace(
        shares=SHARES, pareto=PARETO, verdict=SimpleNamespace(sentence=lambda language: f"in {language} <b>")
    )
    picture = cx.driver_chart(found, language="nl")
    assert "<img" not in picture._repr_html_()
    figure = picture.figure()
    assert [t.type for t in figure.data] == ["bar", "scatter", "scatter", "scatter"]
    assert list(figure.data[0].customdata) == ["b", "a", HOSTILE]  # largest first
    assert list(figure.data[1].y) == [0.9, 1.0, 1.0, 1.0, 0.9, 0.7]  # the band: up along high, back along low
    assert list(figure.data[2].y) == [0.6, 0.85, 1.0]
    assert "in nl &lt;b&gt;" in [a.text for a in figure.layout.annotations]
    assert not [t for t in drawn_texts(figure.to_plotly_json()) if "<img" in t]


def test_no_share_no_chart():
    with pytest.raises(NotEnoughDataError, match="no touchpoint has a share"):
        cx.driver_chart(SHARES.head(0))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 500)), max_size=30),
    st.lists(st.sampled_from(["purchase", "service", "unknown"]), min_size=8, max_size=8),
)
def test_law_order_keeps_every_touchpoint_and_does_not_depend_on_the_rows(edges, stages):
    names = [f"t{i}" for i in range(8)]
    table = pd.DataFrame({"touchpoint": names, "stage": [s if s != "unknown" else "" for s in stages]})
    dfg = pd.DataFrame(
        [(names[a], names[b], n) for a, b, n in edges], columns=["source", "target", "n"]
    ).drop_duplicates(["source", "target"])
    once = list(in_order(table, dfg)["touchpoint"])
    assert sorted(once) == names
    assert once == list(in_order(table.iloc[::-1], dfg.iloc[::-1])["touchpoint"])
    spec = cx.journey_map(table, dfg.assign(journeys=dfg["n"], median_s=np.nan)).spec
    assert 0.3 <= spec["flow"] <= 1
    assert len(spec["edges"]) == len(dfg)
