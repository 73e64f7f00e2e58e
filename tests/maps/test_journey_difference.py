"""The difference map: colour only where a difference survives correction, both shares with interval, nothing about few."""

import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures.scene import Circle, Line
from cxmining.ingest import from_frame
from cxmining.journeys import compare_groups
from cxmining.maps.journey import DifferenceMap, difference_map, journey_map
from cxmining.maps.journey.difference_drawing import GROUPS
from cxmining.maps.words import HIDDEN

START = pd.Timestamp("2025-01-01", tz="UTC")


def journeys(extra):
    """Two hundred customers look, half of them buy; a part of the second hundred, `extra`, calls on the way."""
    rows = []
    for c in range(200):
        steps = ["look", *(["call"] if c >= 200 - extra else []), *(["buy"] if c % 2 else [])]
        rows += [(f"c{c:03}", s, START + pd.Timedelta(days=c, hours=i)) for i, s in enumerate(steps)]
    frame = pd.DataFrame(rows, columns=["customer", "step", "time"])
    return cx.build_journeys(from_frame(frame, customer="customer", touchpoint="step", timestamp="time"))


LABELS = ["early"] * 100 + ["late"] * 100


@pytest.fixture(scope="module")
def differ():
    return difference_map(journeys(60), by=LABELS, names=("late", "early"), resamples=19)


def test_only_what_survives_correction_has_colour(differ):
    rows = differ.summary.set_index("what")
    assert rows.loc["call", ["a", "b", "shown"]].tolist() == [0.6, 0.0, True]
    assert not rows.loc["look", "shown"]
    assert not rows.loc["buy", "shown"]
    # 60 of 100 against none: Newcombe's interval lies around 60 points
    assert 0.45 < rows.loc["call", "low"] < 0.6 < rows.loc["call", "high"] < 0.7
    circles = {i.said.split(":")[0]: i.fill for i in differ.scene.items if isinstance(i, Circle) and i.said}
    assert circles["call"] == GROUPS[0]
    assert circles["look"] not in GROUPS
    lines = {i.said.split(":")[0]: i.colour for i in differ.scene.items if isinstance(i, Line) and i.said}
    assert lines["look → call"] == GROUPS[0]
    assert lines["look → buy"] == GROUPS[1]  # they go straight on in the first hundred


def test_tips_hold_both_shares_their_difference_and_interval(differ):
    svg = differ.to_svg()
    assert "call: late 60.0% (n = 60), early 0.0% (n = 0) of journeys; difference +60.0 points [" in svg
    assert svg.count("survives correction (q ") >= 4  # call, and the three edges around it
    assert "late: n = 100 customers, 100 journeys" in svg
    assert "Associated with the groups, not caused" in svg
    assert "label late: 100 of 200 journeys" in svg


def test_when_nothing_survives_it_says_so_and_colours_nothing():
    found = difference_map(journeys(0), by=LABELS, resamples=19)
    assert found.sentence.startswith(
        "No difference survives correction: of 1 touchpoint and 1 edge tested, none differs"
    )
    assert "look: early 100.0% (n = 100), late 100.0% (n = 100) of journeys; difference 0.0 points" in found.to_svg()
    assert "the same in both groups" in found.to_svg()  # all journeys look: nothing to test
    assert "no proof that they travel alike" in found.to_html()
    assert not [i for i in found.scene.items if isinstance(i, Circle) and i.fill in GROUPS]
    assert not found.summary["shown"].any()


def test_shares_about_few_customers_of_a_group_are_hidden():
    # five of the late ones call: less than ten customers
    found = difference_map(journeys(5), by=LABELS, resamples=19)
    row = found.summary.set_index("what").loc["call"]
    assert row["hidden"]
    assert row[["a", "b", "difference", "n_b"]].isna().all()
    assert "5.0%" not in found.to_svg()
    assert HIDDEN in found.to_svg()


def test_a_comparison_is_drawn_as_it_is_also_by_the_journey_map():
    found = compare_groups(journeys(60), by=LABELS, resamples=19)
    drawn = journey_map(found, language="nl")
    assert isinstance(drawn, DifferenceMap)
    assert drawn.comparison is found
    assert "Hoe early en late verschillend reizen" in drawn.to_svg()
    # call differs, buy does not, look is in every journey and cannot
    assert drawn.sentence.startswith("1 van 2 contactmomenten en 3 van 3 lijnen verschillen meer dan toeval")
    with pytest.raises(StudyError, match="has its groups already"):
        difference_map(found, by="channel")


def test_what_cannot_be_is_refused():
    with pytest.raises(StudyError, match="say what splits"):
        difference_map(journeys(0))
    with pytest.raises(StudyError, match="most=0"):
        difference_map(journeys(0), by=LABELS, most=0)
    with pytest.raises(NotEnoughDataError, match="group 'a' has 5 customers"):
        difference_map(journeys(0), by=["a"] * 5 + ["b"] * 195, resamples=19)


def test_it_goes_out_as_a_page_a_figure_and_slides_and_can_be_cut_to_fewer_edges(differ, tmp_path):
    assert len(differ.figure().layout.shapes) > 5
    assert differ.to_slides(tmp_path / "d.pptx").is_file()
    assert differ.to_html().count("<svg") == 4  # the map, and the three marks of its legend
    few = difference_map(differ.comparison, edges=1)
    assert "Drawn: 1 of 3 edges" in few.to_svg()
