"""The moves of an optimal alignment: at the cost that r4pm finds, and always the same ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.discovery.align import align
from cxmining.discovery.moves import LEFT_OUT, MATCH, TOO_MANY, find_moves, states
from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import StudyError

A, B, C, D = (Tree(Kind.STEP, label=x) for x in "abcd")
SKIP = Tree(Kind.SKIP)
SIGN = {MATCH: "=", TOO_MANY: "+", LEFT_OUT: "-"}
TOUCHPOINTS = "abcdx"


def sequence(*children):
    return Tree(Kind.SEQUENCE, children)


def moves(tree, words):
    net = states(tree if isinstance(tree, PetriNet) else petri_net(tree))
    codes = np.array([TOUCHPOINTS.index(x) for w in words for x in w], dtype=np.uint8)
    return find_moves(net, codes, np.cumsum([0, *map(len, words)]), TOUCHPOINTS)


def said(tree, words):
    found = moves(tree, words)
    text = [SIGN[k] + TOUCHPOINTS[x] for k, x in zip(found.kind.tolist(), found.label.tolist(), strict=True)]
    return [" ".join(text[a:b]) for a, b in zip(found.offsets[:-1], found.offsets[1:], strict=True)]


def test_by_hand():
    assert said(sequence(A, B, C), ["abc", "ac", "ab", "axbc", "abbc", "", "x"]) == [
        "=a =b =c", "=a -b =c", "=a =b -c", "=a +x =b =c", "=a =b +b =c", "-a -b -c", "+x -a -b -c",
    ]  # fmt: skip


def test_the_first_of_two_matches_and_what_misses_at_the_end_comes_last():
    assert said(A, ["aa"]) == ["=a +a"]
    assert said(sequence(A, B), ["ax", "ba"]) == ["=a +x -b", "+b =a -b"]


def test_silent_steps_loops_and_concurrency():
    assert said(sequence(A, Tree(Kind.CHOICE, (B, SKIP)), C), ["ac"]) == ["=a =c"]
    assert said(Tree(Kind.LOOP, (A, B)), ["ababa", "abab"]) == ["=a =b =a =b =a", "=a =b =a +b"]
    assert said(Tree(Kind.PARALLEL, (A, B, C)), ["cab", "ca"]) == ["=c =a =b", "=c =a -b"]


def test_each_event_stands_once_and_in_order():
    found = moves(sequence(A, B, C), ["cbaxab", "abc"])
    for v, word in enumerate(["cbaxab", "abc"]):
        at = slice(found.offsets[v], found.offsets[v + 1])
        mine = found.kind[at] != LEFT_OUT
        assert found.event[at][mine].tolist() == list(range(len(word)))
        assert "".join(TOUCHPOINTS[x] for x in found.label[at][mine]) == word


trees = st.recursive(
    st.sampled_from([A, B, C, D, SKIP]),
    lambda inner: st.builds(
        lambda kind, children: Tree(kind, tuple(children[:2]) if kind is Kind.LOOP else tuple(children)),
        st.sampled_from([Kind.SEQUENCE, Kind.CHOICE, Kind.PARALLEL, Kind.LOOP]),
        st.lists(inner, min_size=2, max_size=3),
    ),
    max_leaves=6,
)


@settings(max_examples=50, deadline=None)
@given(trees, st.lists(st.text(TOUCHPOINTS, max_size=7), min_size=1, max_size=6))
def test_costs_are_those_of_the_search_and_the_moves_add_up_to_them(tree, words):
    found = moves(tree, words)
    assert found.cost.tolist() == align(petri_net(tree), words).cost.tolist()
    deviations = np.bincount(found.variant, weights=found.kind != MATCH, minlength=len(words))
    assert deviations.tolist() == (found.cost // 10_000).tolist()


@settings(max_examples=20, deadline=None)
@given(trees, st.lists(st.text(TOUCHPOINTS, max_size=7), min_size=1, max_size=6))
def test_a_variant_is_aligned_alike_whoever_stands_beside_it(tree, words):
    assert said(tree, words) == [said(tree, [w])[0] for w in words]


def test_a_model_without_an_end_or_without_bounds_is_an_error():
    dead = PetriNet(("i", "x", "o"), (("t1", "a"),), (("i", "t1"), ("t1", "x")), "i", "o")
    with pytest.raises(StudyError, match="cannot reach its end"):
        states(dead)
    arcs = (("i", "t1"), ("t1", "i"), ("t1", "x"), ("i", "t2"), ("t2", "o"))
    with pytest.raises(StudyError, match="more than 4,096 states"):
        states(PetriNet(("i", "x", "o"), (("t1", "a"), ("t2", "b")), arcs, "i", "o"))


def test_a_marking_that_cannot_end_is_not_entered():
    # After d the net hangs: d counts as a step that does not exist.
    arcs = (("i", "t1"), ("t1", "o"), ("i", "t2"), ("t2", "x"))
    net = PetriNet(("i", "o", "x"), (("t1", "a"), ("t2", "d")), arcs, "i", "o")
    assert said(net, ["d"]) == ["+d -a"]
