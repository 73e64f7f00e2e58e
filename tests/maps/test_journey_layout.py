"""Where everything on a journey map stands: nothing hides anything, whatever the graph."""

import time
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.figures.measure import width_of
from cxmining.maps.journey.layout import LABEL, LINE, RADIUS, Edge, Node, arrange
from cxmining.maps.journey.lines import rounded, shifted


def chain(n, label=lambda i: f"t{i}"):
    return [Node(f"t{i}", label(i), "", 1.0) for i in range(n)]


def blocks(plan):
    """Circles and labels as rectangles."""
    found = []
    for p in plan.places.values():
        wide = max(width_of(line, LABEL, bold=True) for line in p.lines) / 2
        found.append((p.x - p.radius, p.y - p.radius, p.x + p.radius, p.y + p.radius))
        found.append((p.x - wide, p.y + p.radius + 13, p.x + wide, p.y + p.radius + 13 + LINE * (len(p.lines) + 1)))
    return found


def meet(a, b):
    return a[0] < b[2] - 1e-6 and b[0] < a[2] - 1e-6 and a[1] < b[3] - 1e-6 and b[1] < a[3] - 1e-6


def test_without_stages_the_heaviest_way_runs_from_left_to_right_and_level():
    # a → b → c is the way, c → a and c → b lead back, though c → b alone is walked more than d → c
    edges = [Edge("t0", "t1", 90, 3), Edge("t1", "t2", 80, 3), Edge("t2", "t0", 30, 2), Edge("t2", "t1", 20, 2)]
    plan = arrange(chain(3), edges, [])
    assert [plan.places[f"t{i}"].column for i in range(3)] == [0, 1, 2]
    assert len({p.y for p in plan.places.values()}) == 1


def test_what_only_leads_on_stands_right_before_what_it_leads_to():
    edges = [Edge("t0", "t1", 9, 1), Edge("t1", "t2", 9, 1), Edge("t3", "t2", 1, 1)]
    plan = arrange(chain(4), edges, [])
    assert plan.places["t3"].column == plan.places["t2"].column - 1


def test_stages_are_columns_whatever_the_edges_say():
    nodes = [Node("late", "late", "service", 0.1), Node("early", "early", "purchase", 0.1)]
    plan = arrange(nodes, [Edge("late", "early", 100, 3)], ["purchase", "service"])
    assert plan.places["early"].x < plan.places["late"].x
    assert [h[0] for h in plan.heads] == ["purchase", "service"]
    assert plan.heads[0][2] == plan.heads[1][1]  # one ends where the other begins


@settings(max_examples=40)
@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29), st.integers(1, 500)), max_size=70),
    st.booleans(),
)
def test_law_no_label_is_crossed_and_no_two_things_stand_in_one_place(n, raw, staged):
    stages = ["purchase", "service", "loyalty"] if staged else []
    nodes = [
        Node(f"t{i}", "vraag over betalingsherinnering " * (1 + i % 2), stages[i * 3 // n] if staged else "", i / 30)
        for i in range(n)
    ]
    pairs = {(f"t{a % n}", f"t{b % n}"): w for a, b, w in raw}
    edges = [Edge(a, b, w, 1 + w / 100) for (a, b), w in pairs.items()]
    plan = arrange(nodes, edges, stages)
    assert set(plan.places) == {node.key for node in nodes}
    solid = blocks(plan)
    assert not any(meet(a, b) for a, b in combinations(solid, 2) if solid.index(a) // 2 != solid.index(b) // 2)
    assert all(a[0] >= 0 and a[2] <= plan.width and a[3] <= plan.height for a in solid)
    labels = solid[1::2]
    for route in plan.routes:
        if route.edge.source == route.edge.target:
            continue
        for (ax, ay), (bx, by) in pairwise(route.points):
            assert ax == bx or ay == by  # lines run level or upright
            line = (min(ax, bx) - 0.5, min(ay, by) - 0.5, max(ax, bx) + 0.5, max(ay, by) + 0.5)
            assert not any(meet(line, label) for label in labels)
            assert line[0] >= -0.5
            assert line[2] <= plan.width + 0.5


def test_lines_in_one_strip_keep_their_distance():
    # ten lines from one column to the one after the next, past what stands between
    nodes = [Node(f"t{i}", f"t{i}", "abc"[i // 5], 0.5) for i in range(15)]
    edges = [Edge(f"t{i}", f"t{10 + (i + k) % 5}", 10 + i, 3.0) for i in range(5) for k in (1, 2)]
    plan = arrange(nodes, edges, ["a", "b", "c"])
    far = [r for r in plan.routes if r.kind == "far"]
    assert len(far) == 10
    for one, two in combinations(far, 2):
        if one.strip == two.strip:
            assert abs(one.level - two.level) >= 3.0


def test_a_layout_does_not_depend_on_the_order_of_the_edges():
    rng = np.random.default_rng(1)
    edges = [
        Edge(f"t{a}", f"t{b}", int(w), 2)
        for a, b, w in {(int(a), int(b), int(w)) for a, b, w in rng.integers(0, 12, (30, 3))}
    ]
    edges = list({(e.source, e.target): e for e in sorted(edges, key=lambda e: e.weight)}.values())
    one, two = arrange(chain(12), edges, []), arrange(chain(12), edges[::-1], [])
    assert {k: (p.x, p.y) for k, p in one.places.items()} == {k: (p.x, p.y) for k, p in two.places.items()}
    assert [r.points for r in one.routes] == [r.points for r in two.routes]


def test_sixty_touchpoints_with_long_labels_are_laid_out_in_half_a_second():
    rng = np.random.default_rng(2)
    nodes = chain(60, lambda i: f"{i:02} {'vraag over de betalingsherinnering en de verhuizing' * 2}"[:60])
    pairs = {(int(a), int(b)): int(w) for a, b, w in rng.integers(0, 60, (400, 3))}
    edges = [Edge(f"t{a}", f"t{b}", w + 1, 1 + w / 20) for (a, b), w in pairs.items()][:150]
    took = []
    for _ in range(3):
        started = time.process_time()
        plan = arrange(nodes, edges, [])
        took.append(time.process_time() - started)
    assert min(took) < 0.5
    assert max(len(p.lines) for p in plan.places.values()) <= 4
    assert not any(line.endswith("…") for p in plan.places.values() for line in p.lines)


def test_a_circle_is_as_large_as_its_reach_and_small_where_that_is_not_known():
    plan = arrange([Node("a", "a", "", 1.0), Node("b", "b", "", 0.25), Node("c", "c", "", None)], [], [])
    radius = {k: p.radius for k, p in plan.places.items()}
    assert radius["a"] == RADIUS
    # the area beyond the smallest grows with reach: half the radius at a quarter
    assert radius["b"] - radius["c"] == pytest.approx((radius["a"] - radius["c"]) / 2)


def test_a_line_beside_another_keeps_its_distance_round_corners():
    line = [(0.0, 0.0), (40.0, 0.0), (40.0, 30.0), (90.0, 30.0)]
    assert shifted(line, 3) == ((0.0, -3.0), (43.0, -3.0), (43.0, 27.0), (90.0, 27.0))
    assert shifted(line, 0) == tuple(line)
    smooth = rounded(line, 5)
    assert (smooth[0], smooth[-1]) == (line[0], line[-1])
    assert max(abs(x - 40) + abs(y) for x, y in smooth if 30 < x < 41 and y < 6) <= 10
