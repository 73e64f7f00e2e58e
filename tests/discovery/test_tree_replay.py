"""Replay on the tree: hand-worked counts, and agreement with the Petri net that is exported."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.discovery.net import petri_net
from cxmining.discovery.replay import replay
from cxmining.discovery.tree import Kind, Tree

SKIP = Tree(Kind.SKIP)


def step(label):
    return Tree(Kind.STEP, label=label)


def seq(*children):
    return Tree(Kind.SEQUENCE, children)


def xor(*children):
    return Tree(Kind.CHOICE, children)


def par(*children):
    return Tree(Kind.PARALLEL, children)


def loop(do, redo=SKIP):
    return Tree(Kind.LOOP, (do, redo))


A, B, C, D = (step(x) for x in "abcd")


@pytest.mark.parametrize(
    ("variant", "fitness"),
    [
        ("abc", 1),  # four tokens consumed: three events and the end
        ("bc", 1 - 1 / 3),  # the token before b is missing
        ("ac", 1 - 1 / 3),  # the token before c is missing
        ("ab", 1 - 1 / 3),  # the end has no token
        ("acb", 1 - 3 / 4),  # c, then b out of turn; the journey stands behind b again, so the end has none either
        ("xabc", 1 - 1 / 5),  # x is not in the model
    ],
)
def test_each_missing_token_is_counted_once(variant, fitness):
    assert replay(seq(A, B, C), [tuple(variant)], [1]).fitness == pytest.approx(fitness)


def test_fitness_and_replayed_share_are_weighted_by_journeys():
    fit = replay(seq(A, B), [("a", "b"), ("b",)], [9, 1])
    assert fit.replayed == 0.9
    assert fit.fitness == pytest.approx(1 - 1 / (9 * 3 + 2))


def test_precision_is_the_share_of_allowed_steps_that_are_taken():
    # At the start a, b, c are allowed and only a is seen, by all 4: 8 of 12 escape. After a, all three
    # are allowed again and b is seen, by the 3 who go on: 6 of 9 escape.
    flower = loop(xor(A, B, C))
    assert replay(flower, [("a", "b"), ("a",)], [3, 1]).precision == pytest.approx(1 - 14 / 21)


def test_what_follows_a_step_that_is_not_allowed_says_nothing_about_precision():
    assert replay(seq(A, xor(B, C)), [("a", "b"), ("a", "c"), ("d", "a")], [1, 1, 1]).precision == 1


def test_an_event_may_belong_to_this_round_of_a_loop_or_to_the_next():
    # b, then a and d side by side with the second b: a greedy replay leaves a in the first round and fails.
    assert replay(loop(par(xor(seq(A, D), SKIP), B)), [tuple("babd")], [1]).replayed == 1


def test_a_way_back_into_a_loop_is_no_way_out_of_it():
    # Were the loop's entry the choice's own place, "b" could follow "a".
    assert replay(xor(loop(A), B), [("a", "b")], [1]).replayed == 0
    assert _allowed(petri_net(xor(loop(A), B)), ["a", "b"]) is None


def _closure(net, markings):
    """All markings reached by silent steps; a marking is a sorted tuple of places."""
    found, todo = set(markings), list(markings)
    while todo:
        marking = todo.pop()
        for name, label in net.transitions:
            if label is None and (after := _fire(net, marking, name)) is not None and after not in found:
                found.add(after)
                todo.append(after)
    return found


def _fire(net, marking, name):
    left = list(marking)
    for source, target in net.arcs:
        if target == name:
            if source not in left:
                return None
            left.remove(source)
    return tuple(sorted([*left, *(target for source, target in net.arcs if source == name)]))


def _allowed(net, variant):
    """Labels enabled before each event and whether the end is reached; None when an event is not allowed."""
    markings, enabled = _closure(net, {("p1",)}), []
    for event in variant:
        enabled.append({label for m in markings for name, label in net.transitions if label and _fire(net, m, name)})
        markings = {
            after
            for m in markings
            for name, label in net.transitions
            if label == event and (after := _fire(net, m, name)) is not None
        }
        if not markings:
            return None
        markings = _closure(net, markings)
    return enabled, ("p2",) in markings


@st.composite
def trees(draw, labels=tuple("abcde"), depth=3):
    if len(labels) == 1 or depth == 0:
        labels = labels[:1]
        return draw(st.sampled_from([step(labels[0]), xor(step(labels[0]), SKIP), loop(step(labels[0]))]))
    cut = draw(st.integers(1, len(labels) - 1))
    left, right = draw(trees(labels=labels[:cut], depth=depth - 1)), draw(trees(labels=labels[cut:], depth=depth - 1))
    kind = draw(st.sampled_from(["seq", "xor", "par", "loop", "again"]))
    return {"seq": seq(left, right), "xor": xor(left, right, SKIP), "par": par(left, right), "loop": loop(left, right),
            "again": loop(par(left, right))}[kind]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(trees(), st.lists(st.sampled_from("abcde"), max_size=7).map(tuple))
def test_the_tree_allows_exactly_what_its_petri_net_allows(tree, variant):
    net = petri_net(tree)
    allowed = _allowed(net, variant)
    fit = replay(tree, [variant], [1])
    assert (fit.replayed == 1) == (allowed is not None and allowed[1])
    if allowed is not None:
        total = sum(len(e) for e in allowed[0])
        assert fit.precision == pytest.approx(len(variant) / total if total else 1)


@settings(max_examples=40, deadline=None)
@given(
    trees(), st.lists(st.lists(st.sampled_from("abcdex"), min_size=1, max_size=6).map(tuple), min_size=1, unique=True)
)
def test_the_order_of_variants_does_not_matter_and_weights_are_repeats(tree, variants):
    weights = list(range(1, len(variants) + 1))
    fit = replay(tree, variants, weights)
    assert replay(tree, variants[::-1], weights[::-1]) == fit
    many = [v for v, n in zip(variants, weights, strict=True) for _ in range(n)]
    assert replay(tree, many, [1] * len(many)) == fit
    assert 0 <= fit.fitness <= 1
    assert 0 <= fit.precision <= 1
