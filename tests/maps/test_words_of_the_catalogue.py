"""Tasks and elements are called on a map what the catalogue calls them in its language."""

from dataclasses import replace

import pytest
from openpyxl import load_workbook

import cxmining as cx
from cxmining.experience.example import small_example
from cxmining.maps.cx.result import map_of
from cxmining.schema import table


@pytest.fixture(scope="module")
def lived():
    found = small_example()
    names = sorted(set(found.journeys.log.touchpoints))
    catalogue = table(
        "catalogue",
        {
            "touchpoint": names,
            "task": ["pay"] * len(names),
            "task_nl": ["betalen <b>"] * len(names),
            "elements": ["price; letter"] * len(names),
            "elements_nl": ["prijs; letter"] * len(names),
            "backstage": [False] * len(names),
            "third_party": [False] * len(names),
        },
    )
    journeys = replace(found.journeys, data=replace(found.journeys.data, catalogue=catalogue))
    return replace(found, journeys=journeys)


@pytest.mark.parametrize("draw", [cx.cx_map, cx.blueprint])
def test_a_map_speaks_one_language(lived, draw):
    dutch, english = (draw(lived, language=language).to_html() for language in ("nl", "en"))
    assert "prijs, letter" in dutch
    assert "price, letter" in english
    assert "prijs" not in english
    assert "<b>" not in dutch


def test_tasks_too_and_the_key_stays_what_it_is(lived):
    found = cx.cx_map(lived, language="nl")
    assert "betalen &lt;b&gt;" in found.to_html()
    assert ">pay<" not in found.to_html()
    assert set(found.summary["task"].dropna()) == {"pay"}
    assert "betalen" not in cx.cx_map(lived, language="en").to_html()


def test_cells_that_were_kept_speak_it_too(lived, tmp_path):
    found = cx.cx_map(lived, language="nl")
    assert "prijs, letter" in map_of(found.cells, found.facts, "nl").to_html()
    rows = load_workbook(found.to_workbook(tmp_path / "map.xlsx")).worksheets[0].iter_rows(values_only=True)
    said = {value for row in rows for value in row if isinstance(value, str)}
    assert "betalen <b>" in said
    assert "pay" not in said
    assert not any(value.startswith("nl ") for value in said)


def test_persona_cards_say_it_in_their_language(lived):
    cards = cx.persona_cards(lived, language="nl")
    assert "betalen &lt;b&gt;" in cards.to_html()
    assert ">pay<" not in cards.to_html()
