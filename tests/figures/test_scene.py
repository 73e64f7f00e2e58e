"""A drawing keeps what it was given: lines fit, text stays text, every writer shows all of it."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.figures import palette
from cxmining.figures.measure import fitted, lines_of, width_of
from cxmining.figures.scene import Box, Circle, Curve, Line, Scene, Words, block
from cxmining.figures.slides import write_slides

HOSTILE = "<img src=x onerror=alert(1)>&amp;"


def scene(*items):
    return Scene(300, 200, HOSTILE, items, "told")


EVERY = (
    Box(10, 10, 80, 30, palette.LANE, palette.RULE, 1, 6, HOSTILE),
    Circle(150, 60, 20, palette.TEAL, palette.PAPER, 2),
    Line(((0, 100), (300, 100)), dash=True),
    Line(((10, 120), (30, 120), (20, 140)), palette.CLEAR, 0, fill=palette.RED, closed=True),
    Curve((10, 180), ((60, 100), (120, 100)), (200, 180), tip=True),
    Words(50, 30, HOSTILE, bold=True),
)


@given(st.text(min_size=1, max_size=80), st.floats(40, 400), st.integers(1, 4))
@example("krijgt betalingsherinnering van leveranciersswitch", 60.0, 2)
@settings(max_examples=150, deadline=None)
def test_lines_fit_and_lose_nothing_but_at_an_ellipsis(text, width, most):
    lines = lines_of(text, 12, width, most)
    assert len(lines) <= most
    assert all(width_of(line, 12) <= width or len(line) <= 2 for line in lines)
    if not any(line.endswith("…") for line in lines):
        plain = "".join(lines)
        # a hyphen may be added where a word breaks; nothing else comes or goes
        assert plain.replace("-", "") == "".join(text.split()).replace("-", "") or " " in plain
        assert re.sub(r"[\s-]", "", plain) == re.sub(r"[\s-]", "", text)


def test_a_cut_word_is_joined_without_the_hyphen_of_a_line_end():
    assert lines_of("49% leveranciersswitch aanvragen", 11, 100, 2)[-1].count("- ") == 0


def test_wide_characters_and_marks_are_counted():
    assert width_of("漢字", 10) > width_of("ab", 10) * 1.5
    assert width_of("é", 10) == width_of("e", 10)
    assert width_of("e\u0301", 10) == width_of("e", 10)
    assert fitted("abc", 12, 500) == "abc"


def test_svg_is_xml_whose_text_is_text():
    svg = scene(*EVERY).to_svg()
    root = ElementTree.fromstring(svg)
    assert [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")] == [HOSTILE]
    assert not list(root.iter("{http://www.w3.org/2000/svg}img"))
    assert "<img" not in svg
    assert root.get("aria-label") == HOSTILE
    assert "prefers-color-scheme:dark" in svg


def test_every_colour_of_the_light_scene_has_its_dark_twin_in_the_style():
    svg = scene(*EVERY).to_svg()
    dark = svg[svg.index("prefers-color-scheme") :]
    for colour in (palette.LANE, palette.TEAL, palette.RED, palette.INK, palette.PAPER):
        assert palette.DARK[colour] in dark


def test_plotly_shows_every_shape_and_no_markup():
    figure = scene(*EVERY).figure()
    assert len(figure.layout.shapes) == 6  # the tip of the curve is a shape of its own
    assert [note.text for note in figure.layout.annotations] == ["<b>&lt;img src=x onerror=alert(1)&gt;&amp;amp;</b>"]


def test_a_part_keeps_what_reaches_into_it():
    left = scene(*EVERY).cut(0, 100)
    right = scene(*EVERY).cut(100, 200)
    assert any(isinstance(i, Line) and not i.closed for i in left.items)
    assert any(isinstance(i, Line) and not i.closed for i in right.items)
    assert [i.x for i in right.items if isinstance(i, Circle)] == [50]
    assert not any(isinstance(i, Words) for i in right.items)


def test_a_block_says_on_hover_what_it_cuts():
    lines = block("one two three four five six seven eight", 0, 0, 60, most=2)
    assert lines[-1].text.endswith("…")
    assert lines[-1].said.endswith("eight")


def test_slides_hold_shapes_and_words_that_can_be_edited(tmp_path):
    pptx = pytest.importorskip("pptx")
    path = write_slides([scene(*EVERY), scene(EVERY[-1])], tmp_path / "map.pptx")
    deck = pptx.Presentation(path)
    first, second = deck.slides
    assert [s.text_frame.text for s in first.shapes if s.has_text_frame and s.text_frame.text] == [HOSTILE]
    assert len(first.shapes) == 6
    assert len(second.shapes) == 1
    assert deck.slide_width == 300 * 9525


def test_slides_say_what_they_need(tmp_path):
    with pytest.raises(NotEnoughDataError, match="no drawing"):
        write_slides([], tmp_path / "x.pptx")
    with pytest.raises(StudyError, match=r"\.pptx"):
        write_slides([scene()], tmp_path / "x.pdf")
