"""The journey map says what it leaves out, shows nothing about too few, and draws whatever it is given."""

import io
import json
import re
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.example import small_example
from cxmining.figures import palette
from cxmining.figures.measure import width_of
from cxmining.figures.scene import SMALLEST, Words
from cxmining.ingest import from_frame
from cxmining.journeys.switches import channel_switches
from cxmining.journeys.variants.paths import find_paths
from cxmining.maps.journey import JourneyMap, journey_map
from cxmining.maps.journey.gathering import REST
from cxmining.maps.words import HIDDEN

HOSTILE = "<img src=x onerror=alert(1)>"
START = pd.Timestamp("2025-01-01", tz="UTC")


def walked(*ways, channels=None):
    """Journeys of customers: each way is (how many walk it, its touchpoints); an hour between two, a day between two customers."""
    rows, c = [], 0
    for count, steps in ways:
        for _ in range(count):
            rows += [
                (f"c{c:04}", step, START + pd.Timedelta(days=c, hours=i), (channels or {}).get(step, "web"))
                for i, step in enumerate(steps)
            ]
            c += 1
    frame = pd.DataFrame(rows, columns=["customer", "step", "time", "channel"])
    data = from_frame(frame, customer="customer", touchpoint="step", timestamp="time", channel="channel")
    return cx.build_journeys(data)


@pytest.fixture(scope="module")
def shop():
    """Thirty buy and pay, twelve call in between and again, three complain."""
    return walked(
        (30, ["look", "buy", "pay"]), (12, ["look", "buy", "call", "call", "pay"]), (3, ["look", "complain"]),
        channels={"call": "phone"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def example():
    return small_example()


def no_overlap(scene):
    """No two texts of a drawing on one line run into each other, none leaves it, none is too small."""
    words = [w for w in scene.items if isinstance(w, Words) and w.text]
    assert min(w.size for w in words) >= SMALLEST
    spans = []
    for w in words:
        wide = width_of(w.text, w.size, bold=w.bold)
        left = w.x - {"start": 0, "middle": wide / 2, "end": wide}[w.anchor]
        assert left >= -1, w
        assert left + wide <= scene.width + 1, w
        assert w.y <= scene.height
        spans.append((left, w.y - w.size * 0.72, left + wide, w.y, w.text))
    hits = [
        (a[4], b[4]) for a, b in combinations(spans, 2) if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
    assert hits == []


def test_edges_count_journeys_and_hide_what_is_about_too_few(shop):
    drawn = journey_map(shop)
    edges = {(e["s"], e["t"]): e["v"] for e in drawn.spec["edges"]}
    # look → complain is about 3 customers
    assert edges == {
        ("look", "buy"): 42,
        ("buy", "pay"): 30,
        ("buy", "call"): 12,
        ("call", "call"): 12,
        ("call", "pay"): 12,
    }
    assert drawn.spec["hidden"] == 1
    assert drawn.facts["coverage"] == "edges 5 of 5, 100% of the flow; 1 more about fewer than 10 customers"
    nodes = {n["id"]: n["badge"] for n in drawn.spec["nodes"]}
    assert nodes["complain"] == HIDDEN
    assert nodes["call"] == "27%"  # 12 of 45
    everything = journey_map(shop, min_cell=1)
    assert everything.spec["hidden"] == 0
    assert len(everything.spec["edges"]) == 6


def test_coverage_and_a_number_of_edges_say_what_they_leave_out(shop):
    # 108 walks in all, 42 of them the first edge: two edges are 72 of 108
    for asked in ({"edges": 2}, {"coverage": 0.6}):
        drawn = journey_map(shop, **asked)
        shown = drawn.edges[drawn.edges["shown"]]
        assert list(zip(shown["source"], shown["target"], strict=True)) == [("look", "buy"), ("buy", "pay")]
        assert drawn.coverage == pytest.approx(72 / 108)
        assert drawn.facts["coverage"].startswith("edges 2 of 5, 67% of the flow")
    # the happy path is drawn whatever the coverage
    assert journey_map(shop, coverage=0.1).edges["shown"].sum() == 2


def test_lines_bear_journeys_or_exact_median_times_or_both(shop):
    labels = {kind: journey_map(shop, label=kind).spec["edges"][0]["label"] for kind in ("count", "time", "both")}
    assert labels == {"count": "42", "time": "1 h", "both": "42 · 1 h"}
    assert "median 1 h (n = 42)" in journey_map(shop, label="count").spec["edges"][0]["title"]
    with pytest.raises(UnknownNameError, match=r"label='number'"):
        journey_map(shop, label="number")


def test_an_edge_is_dashed_where_most_walks_change_channel(shop):
    dashed = {(e["s"], e["t"]) for e in journey_map(shop).spec["edges"] if e.get("switch")}
    assert dashed == {("buy", "call"), ("call", "pay")}
    table = channel_switches(shop.log).set_index(["source", "target"])
    assert table.loc[("buy", "call"), ["n", "switches", "switch_share"]].tolist() == [12, 12, 1.0]
    assert table.loc[("call", "call"), "switches"] == 0
    assert table["switch_low"].le(table["switch_share"]).all()


def test_the_happy_path_is_what_most_walk_without_loops_with_share_and_interval(shop):
    paths = find_paths(shop)
    row = paths.table.iloc[0]
    assert row["steps"] == ("look", "buy", "pay")
    assert (row["customers"], row["of"], row["how"]) == (30, 45, "variant")
    assert (row["low"], row["high"]) == pytest.approx((0.5206, 0.7861), abs=1e-3)  # Wilson, 30 of 45
    assert paths.notes == ("no journey has a score, so the paths of promoters and detractors are not known",)
    drawn = journey_map(shop)
    assert drawn.spec["paths"][0]["edges"] == [["look", "buy"], ["buy", "pay"]]
    assert "30 of 45 customers, 67% [52%, 79%]" in drawn.spec["paths"][0]["told"]
    assert "paths of promoters and detractors are not known" in drawn.to_svg()


def test_a_planted_happy_path_is_found_among_detours():
    # half go the planted way; the others leave out, repeat or put in a step, each in a manner of their own
    rng = np.random.default_rng(5)
    planted = ["sees", "compares", "signs", "starts", "pays"]
    ways = [(40, planted), (15, [s for s in planted for _ in range(1 + (s == "pays"))])]
    for i in range(50):
        steps = [*planted]
        steps.insert(int(rng.integers(1, 5)), f"calls about {i % 7}")
        del steps[int(rng.integers(0, 5))]
        ways.append((1, steps))
    row = find_paths(walked(*ways)).table.iloc[0]
    assert row["steps"] == tuple(planted)
    # who pays twice in a row goes the same way, and so does who left out just what was put in
    assert row["customers"] == 55 + sum(steps == planted for _, steps in ways[2:])


def test_where_no_two_journeys_are_alike_the_path_is_the_best_flow():
    # everybody goes a → b → c, and to five of twenty other places in an order of their own
    rng = np.random.default_rng(3)
    ways = [(1, ["a", "b", "c", *(f"x{k:02}" for k in rng.permutation(20)[:5]), f"only {i}"]) for i in range(40)]
    row = find_paths(walked(*ways)).table.iloc[0]
    assert row["how"] == "flow"
    assert row["steps"][:3] == ("a", "b", "c") or row["hidden"]


def test_a_path_that_few_walked_is_hidden_and_said(shop):
    paths = find_paths(shop, min_cell=40)
    row = paths.table.iloc[0]
    assert row["hidden"]
    assert row["steps"] == ()
    assert pd.isna(row["share"])
    assert "hidden, too few customers" in repr(paths)
    assert "walked by fewer than 40 customers" in journey_map(shop, min_cell=40).to_svg()


def test_promoters_and_detractors_have_paths_of_their_own(example):
    paths = find_paths(example, metric="nps")
    rows = paths.table.set_index("path")
    assert list(rows.index) == ["happy", "promoters", "detractors"]
    assert rows.loc["promoters", "steps"] == ("orders", "asks about the bill")
    assert rows.loc["promoters", "of"] + rows.loc["detractors", "of"] <= 60
    csat = journey_map(example)
    names = [p["label"] for p in csat.spec["paths"]]
    assert names[0] == "Happy path"
    assert any("upper third" in n or n == "Promoters" for n in names)


def test_colour_is_the_place_of_the_score_on_its_scale_and_the_tip_has_interval_and_n(example):
    node = next(n for n in journey_map(example).spec["nodes"] if n["id"] == "asks about the bill")
    mean = example.touchpoints.loc["asks about the bill", "score_mean"]
    assert node["tone"] == min(4, max(0, round(2 * (2 * (mean - 1) / 9 - 1 + 1))))
    assert re.search(r"rapportcijfer|report mark", node["title"])
    assert "n = 60" in node["title"]
    assert "[" in node["title"]
    other = next(n for n in journey_map(example).spec["nodes"] if n["id"] == "orders")
    assert other["tone"] is None
    fills = journey_map(example).to_svg()
    assert "f" + palette.DIVERGING[node["tone"]].lstrip("#") in fills


def test_more_touchpoints_than_a_map_holds_stand_together_and_are_counted_exactly():
    ways = [(12, ["start", f"t{i:03}", f"u{i:03}"]) for i in range(60)]
    journeys = walked((40, ["start", "end"]), *ways)
    drawn = journey_map(journeys, most=10)
    nodes = {n["id"]: n for n in drawn.spec["nodes"]}
    assert len(nodes) == 10
    assert nodes[REST]["label"] == "113 more touchpoints"
    rest = drawn.touchpoints.set_index("touchpoint").loc[REST]
    # 122 touchpoints, 9 kept: start, end, t000 … t006; all others are met by 60 × 12 customers less none
    assert rest["customers"] == 720
    edge = next(e for e in drawn.spec["edges"] if (e["s"], e["t"]) == (REST, REST))
    assert edge["v"] == 53 * 12
    assert "stand together as one" in drawn.to_svg()
    # of tables alone, what does not add up is not said
    table = journey_map(journeys.touchpoints, journeys.dfg, most=10)
    assert {n["id"]: n["badge"] for n in table.spec["nodes"]}[REST] == "–"
    assert next(e for e in table.spec["edges"] if (e["s"], e["t"]) == (REST, REST))["v"] == 53 * 12


@pytest.mark.parametrize(("count", "language"), [(1, "en"), (6, "nl"), (25, "en"), (60, "nl")])
def test_nothing_overlaps_or_is_cut_off(count, language):
    rng = np.random.default_rng(count)
    names = [f"{i:02} {'vraag over betalingsherinnering en verhuizing ' * 2}"[:60].strip() for i in range(count)]
    stages = ["purchase", "service", "loyalty"]
    table = pd.DataFrame(
        {
            "touchpoint": names, "stage": [stages[i * 3 // count] for i in range(count)],
            "channel": [("mail", "phone", "web")[i % 3] for i in range(count)], "reach": np.linspace(1, 0.01, count),
            "score_metric": "csat", "score_scale_low": 1.0, "score_scale_high": 5.0, "score_mean": np.linspace(1, 5, count),
            "score_low": 1.0, "score_high": 5.0, "score_n": 100,
        }
    )  # fmt: skip
    pairs = {(int(a), int(b)): int(w) for a, b, w in rng.integers(0, count, (4 * count, 3))}
    dfg = pd.DataFrame([(names[a], names[b], w + 1, w + 1, 3600.0 * w) for (a, b), w in pairs.items()],
                       columns=["source", "target", "n", "journeys", "median_s"])  # fmt: skip
    for stage in (table["stage"], ""):
        drawn = journey_map(table.assign(stage=stage), dfg, language=language)
        no_overlap(drawn.scene)
        assert len(drawn.to_svg()) < 300_000


def test_labels_are_text_whatever_they_hold():
    strange = [HOSTILE, "📦 pakket 🚚", "שאלה על החשבון", "x" * 300, "</script><b>&amp;"]
    drawn = journey_map(walked((12, strange)))
    for written in (
        drawn.to_svg(),
        drawn.to_html(),
        drawn._repr_html_(),
        json.dumps(drawn.figure().to_plotly_json(), default=str),
    ):
        assert "<img" not in written
        assert "</script" not in written
    assert "&lt;img src=x" in drawn.to_svg()
    no_overlap(drawn.scene)


def test_one_event_one_touchpoint_only_loops_and_one_stage_still_are_pictures(tmp_path):
    one = journey_map(walked((1, ["call"])), min_cell=1)
    assert one.facts["coverage"] == "No touchpoint follows another: there are no edges to draw."
    assert "n = 1 customer · 1 journey · 1 contact · 1 touchpoint" in one.to_svg()
    few = journey_map(walked((3, ["call", "pay"])))
    assert few.facts["coverage"] == "No edge may be drawn: each is about fewer than 10 customers."
    loops = journey_map(walked((12, ["call", "call"])))
    assert loops.facts["coverage"] == "edges 1 of 1, 100% of the flow. Touchpoints follow only themselves."
    assert loops.spec["paths"][0]["told"] == "Happy path: no journey has two different touchpoints"
    for drawn in (one, few, loops):
        no_overlap(drawn.scene)
    assert few.to_slides(tmp_path / "map.pptx").stat().st_size > 10_000
    table = pd.DataFrame({"touchpoint": ["a", "b"], "stage": ["service", "service"], "reach": [1.0, 0.5]})
    dfg = pd.DataFrame({"source": ["a"], "target": ["b"], "n": [10], "journeys": [10], "median_s": [60.0]})
    staged = journey_map(table, dfg)
    assert [s["label"] for s in staged.spec["stages"]] == ["Service"]
    no_overlap(staged.scene)


def test_five_hundred_touchpoints_are_a_map_of_sixty():
    journeys = walked(*[(10, [f"t{i:03}", f"t{(i * 7) % 500:03}", "end"]) for i in range(1, 500)])
    drawn = journey_map(journeys)
    assert len(drawn.spec["nodes"]) == 60
    assert "441 more touchpoints" in drawn.to_svg()
    assert len(drawn.to_svg()) < 300_000


def test_when_nobody_is_a_detractor_it_says_so(example):
    from cxmining.runs.paths import path_table

    kept = path_table(example, 10, [])
    drawn = journey_map(example.journeys.touchpoints, example.journeys.dfg, paths=kept[kept["path"] != "detractors"])
    assert drawn.spec["paths"][-1]["told"].endswith(": nobody")
    assert drawn.spec["text"]["unscored"] == ""
    assert "not known" in journey_map(example.journeys).spec["text"]["unscored"]


def test_what_cannot_be_is_refused_in_one_sentence(shop):
    for asked, said in (
        ({"coverage": 0}, "coverage=0"), ({"coverage": 2}, "coverage=2"), ({"edges": 0}, "edges=0"), ({"most": 1}, "most=1"),
        ({"min_cell": 0}, "min_cell=0"), ({"coverage": 0.5, "edges": 3}, "not both"),
    ):  # fmt: skip
        with pytest.raises(StudyError, match=said):
            journey_map(shop, **asked)
    with pytest.raises(NotEnoughDataError, match="there is no touchpoint"):
        journey_map(pd.DataFrame({"touchpoint": []}), pd.DataFrame({"source": [], "target": [], "n": []}))


def test_a_map_is_the_same_whatever_the_order_of_rows_and_says_its_case_notion(shop):
    again = walked(
        (3, ["look", "complain"]), (12, ["look", "buy", "call", "call", "pay"]), (30, ["look", "buy", "pay"]),
        channels={"call": "phone"},
    )  # fmt: skip
    one, two = journey_map(shop), journey_map(again)
    assert isinstance(one, JourneyMap)
    assert json.dumps(one.spec, sort_keys=True) == json.dumps(two.spec, sort_keys=True)
    assert one.to_svg() == two.to_svg()
    assert "Case notion: customer · all journeys" in repr(one)
    part = journey_map(shop.take(np.arange(42), "first ones"))
    assert "first ones: 42 of 45 journeys" in part.to_svg()


def test_a_run_keeps_the_paths_and_where_the_channel_changes(example):
    from cxmining.runs.paths import path_table, with_switches

    hidden = []
    kept = path_table(example, 10, hidden)
    assert kept.loc[0, "steps"] == "orders → asks about the bill"
    again = pd.read_csv(io.StringIO(kept.to_csv(index=False)), keep_default_na=False, na_values=[""])
    journeys = example.journeys
    drawn = journey_map(journeys.touchpoints, with_switches(journeys), paths=again)
    live = journey_map(example)
    assert [p["told"] for p in drawn.spec["paths"]] == [p["told"] for p in live.spec["paths"]]
    switched = [{(e["s"], e["t"]) for e in m.spec["edges"] if e.get("switch")} for m in (drawn, live)]
    assert ("orders", "asks about the bill") in switched[0] & switched[1]
    path_table(example, 59, hidden)
    assert {h["file"].iloc[0] for h in hidden} == {"paths.csv"}
