"""Notes are kept in English and said in Dutch: found again by their sentence."""

from __future__ import annotations

import re
import string

import pytest

from cxmining.i18n import is_known, translate
from cxmining.i18n.catalogue.notes import NOTES


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("english", "dutch"),
    [
        ("1 journey has events of more than one customer; it counts as the first one's", "1 klantreis heeft gebeurtenissen van meer dan één klant; die telt als die van de eerste"),
        ("1,204 journeys have events of more than one customer; they count as the first one's", "1.204 klantreizen hebben gebeurtenissen van meer dan één klant; ze tellen als die van de eerste"),
        ("source 'web': 9 records of 3 sessions became 4 events", "bron 'web': 9 records van 3 sessies werden 4 gebeurtenissen"),
        ("touchpoint 'call' takes no part: nobody met it", "contactmoment 'call' doet niet mee: niemand had het"),
        ("customer, gap 30D, without post", "alle contacten van één klant, een nieuwe na 30D stilte, zonder post"),
        ("0.62 effective responses: below 1,000 a true difference may go unseen", "0,62 effectieve antwoorden: onder 1.000 kan een echt verschil ongezien blijven"),
    ],
)  # fmt: skip
def test_what_was_filled_in_is_filled_in_again(english, dutch):
    assert translate(english, "nl") == dutch
    assert translate(english, "en") == english
    assert is_known(english)


def test_a_note_that_nobody_knows_stays_as_it_is_also_behind_a_source():
    for note in ("something else", "source 'web': something else"):
        assert translate(note, "nl") == note
        assert not is_known(note)


def test_what_is_filled_in_is_said_as_it_is_recorded():
    hostile = "{n} [a|b] <img src=x onerror=alert(1)>"
    assert translate(f"touchpoint {hostile!r} takes no part: nobody met it", "nl").count(hostile) == 1


def test_both_languages_fill_in_the_same():
    for english, dutch in NOTES:
        assert fields(re.sub(r"[\[\]|]", " ", english)) == fields(re.sub(r"[\[\]|]", " ", dutch)), english
