"""Pictures of models: every box where its words are, colours that can be turned dark, labels that stay text."""

import json

import pytest
from test_discover import ODD, journeys_of
from test_reading import block, step

from cxmining.discovery import discover, figure
from cxmining.discovery.figure import map_picture, model_picture
from cxmining.discovery.layered import layered
from cxmining.discovery.layout import COMPACT, place
from cxmining.discovery.net import petri_net
from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import NotEnoughDataError
from cxmining.figures import palette

SKIP = Tree(Kind.SKIP)
COLOURS = {v for k, v in vars(palette).items() if k.isupper() and isinstance(v, str)}


@pytest.fixture(scope="module")
def whole():
    return discover(journeys_of(), coverage=1)


@pytest.fixture(scope="module")
def walked():
    return discover(journeys_of(), "directly-follows", noise=0)


def colours(spec):
    found = set()
    todo = [spec]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            found |= {
                v for k, v in node.items() if k in ("color", "fillcolor", "bgcolor", "paper_bgcolor", "plot_bgcolor")
            }
            todo += node.values()
        elif isinstance(node, (list, tuple)):
            todo += node
    return {c for c in found if isinstance(c, str)}


def test_both_pictures_are_plain_json_in_the_colours_of_the_palette(whole, walked):
    for picture in (model_picture(whole.tree, whole.net, "x", "n = 3"), map_picture(walked)):
        json.dumps(picture.spec)
        assert colours(picture.spec) <= COLOURS
        assert picture.figure().layout.width == picture.spec["layout"]["width"]


def test_labels_are_text_in_a_picture(whole, walked):
    for model in (whole, walked):
        text = json.dumps(model.figure().to_plotly_json(), default=str)
        assert "<b>146" not in text
        assert "&lt;b&gt;146" in text
    assert ODD in whole.tree.labels


def test_the_picture_tells_the_journeys_and_the_filters_it_was_made_with():
    journeys = journeys_of().take(range(60), "the first sixty")
    for miner in ("inductive", "directly-follows"):
        layout = discover(journeys, miner).figure().layout
        told = " ".join(a.text for a in layout.annotations).replace("<br>", " ")
        assert "the first sixty: 60 of 87 journeys" in told
        assert "of 60 journeys" in told or "all 60 journeys" in told
        assert "customer" in layout.title.text


def test_what_may_be_left_out_or_done_again_is_framed_and_needs_no_gateway():
    tree = block(Kind.SEQUENCE, block(Kind.CHOICE, step("a"), SKIP), block(Kind.LOOP, step("b"), SKIP))
    boxes, _ = place(tree, COMPACT)
    assert [(b.label, b.skipped, b.again) for b in boxes if b.tag == "task"] == [("a", True, False), ("b", False, True)]
    assert not [b for b in boxes if b.tag.endswith("Gateway")]
    both = block(Kind.CHOICE, block(Kind.LOOP, block(Kind.SEQUENCE, step("a"), step("b")), SKIP), SKIP)
    boxes, _ = place(both, COMPACT)
    assert [(b.tag, b.skipped, b.again) for b in boxes] == [
        ("startEvent", False, False), ("frame", True, True), ("task", False, False), ("task", False, False),
        ("endEvent", False, False),
    ]  # fmt: skip


def test_the_map_tells_how_often_and_how_long(walked):
    edges = walked.edges.set_index(["source", "target"])
    # 87 journeys: 85 begin with comparing, of whom 25 stop there and 60 sign the day after; one of each "moves"
    assert edges.loc[("compares", "signs"), "n"] == 61
    assert edges.loc[("compares", "signs"), "share"] == pytest.approx(61 / 86)
    assert edges.loc[("compares", "signs"), ["median_s", "p90_s"]].tolist() == [86_400, 86_400]
    told = [t for t in walked.figure().data[0].hovertext if t.startswith("compares → signs")]
    assert told == [
        "compares → signs<br>61 times (71% of what leaves), 61 journeys<br>median 1.0 d, 9 of 10 within 1.0 d"
    ]


def test_a_map_with_many_edges_shows_the_strongest_and_hangs_together():
    rng = __import__("random").Random(3)
    walks = {tuple(f"t{rng.randrange(25):02}" for _ in range(6)): 1 for _ in range(150)}
    model = discover(journeys_of(walks), "directly-follows", noise=0)
    drawn = figure._few(model.edges)
    assert len(drawn) <= 60 < len(model.edges)
    inner = {*drawn["source"], *drawn["target"]} - {"(start)", "(end)"}
    assert inner <= set(drawn["target"])
    assert inner <= set(drawn["source"])
    assert "edges are drawn" in " ".join(a.text for a in model.figure().layout.annotations)


def test_a_model_too_large_for_a_picture_is_said():
    tree = block(Kind.CHOICE, *(step(f"t{i}") for i in range(500)))
    with pytest.raises(NotEnoughDataError, match="504 nodes, a picture shows 400"):
        model_picture(tree, petri_net(tree), "x", "")


def test_layers_run_from_left_to_right_and_nodes_of_one_do_not_overlap():
    rng = __import__("random").Random(1)
    edges = [(0, i) for i in range(1, 5)] + [(rng.randrange(30), rng.randrange(1, 30)) for _ in range(70)]
    at = layered([(20, 10)] * 30, edges, gap=(10, 4))
    for v in range(30):
        for w in range(v):
            assert abs(at.x[v] - at.x[w]) >= 20 or abs(at.y[v] - at.y[w]) >= 10
    assert layered([(20, 10)] * 30, edges, gap=(10, 4)) == at
