"""Optimal alignments: costs and fitness are pm4py's, bounded, and the same in every process."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from alignments_of_pm4py import pm4pys

from cxmining.discovery.align import align
from cxmining.discovery.mine import mine_tree
from cxmining.discovery.net import PetriNet, petri_net
from cxmining.discovery.tree import Kind, Tree
from cxmining.errors import NotEnoughDataError, StudyError

pytestmark = pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")  # pm4py's

A, B, C, D = (Tree(Kind.STEP, label=x) for x in "abcd")
SKIP = Tree(Kind.SKIP)
ONE = PetriNet(("i", "o"), (("t1", "a"),), (("i", "t1"), ("t1", "o")), "i", "o")


def sequence(*children):
    return Tree(Kind.SEQUENCE, children)


NETS = {
    "a sequence": sequence(A, B, C),
    "silent ways round": sequence(A, Tree(Kind.CHOICE, (B, SKIP)), Tree(Kind.CHOICE, (C, SKIP)), D),
    "a loop with a step on the way back": sequence(A, Tree(Kind.LOOP, (B, C)), D),
    "a flower": Tree(Kind.LOOP, (SKIP, Tree(Kind.CHOICE, (A, B, C)))),
    "side by side": sequence(A, Tree(Kind.PARALLEL, (B, Tree(Kind.LOOP, (C, SKIP)), D))),
}
SEQUENCES = ["", "abc", "abcd", "acbd", "dcba", "abbbcd", "abcbcbd", "aa", "x", "axbxcxd", "bcbcbc", "aabbccdd", "adcb"]


@pytest.mark.parametrize("name", NETS)
def test_costs_and_fitness_are_pm4pys(name):
    net = petri_net(NETS[name])
    weights = list(range(1, len(SEQUENCES) + 1))
    ours = align(net, SEQUENCES, weights)
    costs, fitness, log = pm4pys(net, SEQUENCES, weights)
    assert ours.cost.tolist() == costs
    expected = [1.0 if net.labels and c // 10_000 == 0 else f for c, f in zip(costs, fitness, strict=True)]
    assert ours.fitness.tolist() == pytest.approx(expected)
    assert ours.log_fitness == pytest.approx(log["log_fitness"])
    assert ours.fitting == pytest.approx(
        sum(n for n, c in zip(weights, costs, strict=True) if c < 10_000) / sum(weights)
    )


def test_an_alignment_by_hand():
    # a b c is asked; b is left out, x is one too many: 2 deviations of 3 events and 3 steps.
    found = align(petri_net(NETS["a sequence"]), ["axc"], [5])
    assert (found.cost.tolist(), found.deviations.tolist()) == ([20_000], [2])
    assert found.fitness[0] == pytest.approx(1 - 2 / 6)


def test_weights_count_journeys():
    once = align(ONE, ["a", "b", "b"])
    weighted = align(ONE, ["a", "b"], [1, 2])
    assert once.log_fitness == weighted.log_fitness
    assert once.mean_fitness == weighted.mean_fitness
    assert once.fitting == weighted.fitting == pytest.approx(1 / 3)


def test_the_budget_takes_frequent_and_short_ones_first_and_says_what_it_left():
    found = align(ONE, ["a" * 50, "a", "b"], [1, 2, 1], budget=2)
    assert found.aligned.tolist() == [False, True, True]
    assert np.isnan(found.fitness[0])
    assert found.cost[0] == found.deviations[0] == -1
    assert "1 of 3 variants, 1 of 4 journeys, is beyond the budget" in found.note
    with pytest.raises(NotEnoughDataError, match="none of the 1 variants can be aligned within 2"):
        align(ONE, ["aaaa"], budget=2)
    with pytest.raises(NotEnoughDataError):
        align(ONE, [])


def test_a_sequence_of_100_000_events_is_left_out_and_not_waited_for():
    found = align(ONE, [["a"] * 100_000, ["a"]])
    assert found.aligned.tolist() == [False, True]
    assert "the longest has 100,000 events" in found.note


def test_a_net_that_cannot_reach_its_end_is_an_error_and_not_a_hang():
    dead = PetriNet(("i", "x", "o"), (("t1", "a"),), (("i", "t1"), ("t1", "x")), "i", "o")
    with pytest.raises(StudyError, match="cannot reach its end"):
        align(dead, ["a"])
    arcs = (("i", "t1"), ("t1", "i"), ("t1", "x"), ("y", "t2"), ("t2", "o"))
    grows = PetriNet(("i", "x", "y", "o"), (("t1", None), ("t2", "b")), arcs, "i", "o")
    with pytest.raises(StudyError, match="cannot reach its end"):
        align(grows, ["b"])


def test_a_net_without_bounds_that_can_end_is_aligned():
    # t1 makes a token more in x each time; only without t1 the end is reached clean.
    arcs = (("i", "t1"), ("t1", "i"), ("t1", "x"), ("i", "t2"), ("t2", "o"))
    grows = PetriNet(("i", "x", "o"), (("t1", "a"), ("t2", "b")), arcs, "i", "o")
    assert align(grows, ["aab"]).deviations.tolist() == [2]


def test_weights_must_fit():
    with pytest.raises(StudyError, match="one weight"):
        align(ONE, ["a", "b"], [1])
    with pytest.raises(StudyError, match="one weight"):
        align(ONE, ["a"], [-1])


def test_labels_are_text():
    label = '<img src=x onerror=alert(1)> "quoted" \\ \u2028 💥'
    net = PetriNet(("i", "o"), (("t1", label),), (("i", "t1"), ("t1", "o")), "i", "o")
    assert align(net, [(label,), ("<img>",)]).deviations.tolist() == [0, 2]


def test_two_processes_find_the_same():
    code = (
        "from test_align import *\n"
        "net = petri_net(NETS['side by side'])\n"
        "found = align(net, SEQUENCES)\n"
        "print(found.cost.tolist(), found.fitness.tolist())\n"
        "from test_moves import moves\n"
        "moved = moves(NETS['side by side'], SEQUENCES)\n"
        "print(moved.kind.tolist(), moved.label.tolist(), moved.event.tolist())"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parent,
            env={**os.environ, "PYTHONHASHSEED": seed, "RAYON_NUM_THREADS": threads},
        ).stdout
        for seed, threads in (("1", "1"), ("2", "2"))
    }  # fmt: skip
    assert len(said) == 1


def test_costs_on_a_mined_net_with_noise_are_pm4pys():
    variants = [("a", "b", "c"), ("a", "c", "b", "d"), ("a", "b", "b", "c"), ("d", "a"), ("a", "b", "d", "c", "d")]
    net = petri_net(mine_tree(variants, [10, 6, 3, 1, 1], 0.3))
    assert align(net, variants).cost.tolist() == pm4pys(net, variants, [1] * 5)[0]
