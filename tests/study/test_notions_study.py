"""The case notions in a study file."""

from pathlib import Path

import pytest

from cxmining.errors import StudyError
from cxmining.study import parse_study


def study(**journeys):
    source = {"name": "s", "path": "a.csv", "attributes": ["order_id"]}
    return parse_study({"name": "x", "source": [source], "journeys": journeys}, root=Path())


def test_goal_cut_issue_and_a_key_of_ones_own():
    assert study(goal=["look", ["buy", "sign"]]).journeys.goal == (("look",), ("buy", "sign"))
    assert study(cut="process").journeys.cut == "process"
    assert study(by="issue").journeys.by == "issue"
    assert study(by="order_id", stages="proposed").journeys.by == "order_id"
    assert study().journeys.stages == "catalogue"


@pytest.mark.parametrize(
    ("journeys", "message"),
    [
        ({"by": "costumer"}, "did you mean 'customer'"),
        ({"goal": ["look"]}, "expected two"),
        ({"goal": ["look", "buy"], "cut": "process"}, "give one of them"),
        ({"cut": "often"}, "expected one of 'process'"),
        ({"stages": "mine"}, "'catalogue' or 'proposed'"),
    ],
)
def test_a_mistake_is_named_when_the_file_is_read(journeys, message):
    with pytest.raises(StudyError, match=message):
        study(**journeys)
