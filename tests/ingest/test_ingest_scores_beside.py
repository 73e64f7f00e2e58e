"""A table of contacts with a score in it: `init` says that the score waits for somebody to name it."""

import pytest

from cxmining.drafting import draft_study


@pytest.mark.parametrize(
    ("head", "score", "asked"),
    [
        ("klantnummer;datum;kanaal;onderwerp;cijfer", "7,5", "cijfer"),
        ("customer_id;date;channel;subject;rating", "7.5", "rating"),
        ("klantnummer;datum;kanaal;onderwerp;afdeling", "Noord", None),
    ],
)
def test_a_score_beside_the_contact_is_asked_about(tmp_path, head, score, asked):
    rows = [f"K{i};{i % 27 + 1:02d}-02-2025 09:15;phone;{'Klacht' if i % 3 else 'Offerte'};{score}" for i in range(30)]
    (tmp_path / "contacts.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    text = draft_study(tmp_path).read_text(encoding="utf-8")
    assert ("hold what customers answered" in text) == (asked is not None)
    if asked:
        assert f"does '{asked}' hold what customers answered? It is not read yet" in text
