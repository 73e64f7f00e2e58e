"""The stakeholder map: people's word and the log stand apart, nobody covers anybody, and few are never told."""

from __future__ import annotations

import itertools
import re
from math import hypot
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import InputError, NotEnoughDataError, StudyError, UnknownNameError
from cxmining.figures.measure import width_of
from cxmining.figures.scene import SMALLEST, Box, Curve, Line, Words
from cxmining.journeys import build_journeys
from cxmining.maps.stakeholders import load_stakeholders, stakeholder_map
from cxmining.maps.stakeholders.layout import BADGE, CENTRE, lay_out, tie_between
from cxmining.maps.stakeholders.result import map_of
from cxmining.maps.words import HIDDEN
from cxmining.schema import Dataset, table

HOSTILE = "<img src=x onerror=alert(1)> 🙂 شكوى " + "x" * 60


def a_company(complain: int = 12, name: str = "Billing"):
    """Forty customers call billing, some of them complain; the grid operator reads every meter."""
    rows = []
    for i in range(40):
        rows.append((f"c{i:02}", "calls", name, "phone"))
        rows.append((f"c{i:02}", "meter read", None, "other"))
        if i < complain:
            rows.append((f"c{i:02}", "complains", "Complaints", "phone"))
    frame = pd.DataFrame(rows, columns=["customer_id", "touchpoint", "queue", "channel"])
    events = table(
        "events",
        {
            **{c: frame[c].tolist() for c in frame}, "event_id": [str(i) for i in range(len(frame))], "source": "s",
            "timestamp": [f"2025-01-01T{i // 60:02}:{i % 60:02}Z" for i in range(len(frame))], "seq": range(len(frame)),
        },
    )  # fmt: skip
    catalogue = table(
        "catalogue",
        {
            "touchpoint": ["calls", "meter read"], "owner_declared": [name, "Grid"], "third_party": [False, True],
            "supported_by": ["Back office", None], "backstage": [False, True],
        },
    )  # fmt: skip
    return build_journeys(Dataset(events=events, catalogue=catalogue))


def a_file(folder: Path, text: str) -> Path:
    path = folder / "stakeholders.toml"
    path.write_text(text, encoding="utf-8")
    return path


TOLD = """
[[stakeholder]]
name = "grid"
by = "Ann"
influence = 5
interest = 2
we_do = "report moves"
they_do = "read meters"

[[stakeholder]]
name = "Grid"
by = "Bo"
influence = 2

[[stakeholder]]
name = "Regulator"
by = "Ann"
kind = "regulator"
influence = 4

[[tie]]
from = "Regulator"
to = "Grid"
by = "Ann"
gives = "rules"
gets = "accounts"
"""


def words_of(scene) -> str:
    return " ".join(i.text for i in scene.items if isinstance(i, Words))


def test_without_a_file_the_log_and_the_catalogue_speak_and_influence_is_unknown():
    """12 of 40 complained: 30%, Wilson 18.1% to 45.4%; who has the queue of complaints is mined."""
    found = stakeholder_map(a_company())
    got = found.summary.set_index("name")
    assert got["kind"].to_dict() == {
        "Back office": "department", "Billing": "department", "Complaints": "department", "Grid": "partner",
    }  # fmt: skip
    row = got.loc["Complaints"]
    assert (row["contacts"], row["customers"]) == (12, 12)
    assert [round(row[c], 3) for c in ("share", "low", "high")] == [0.3, 0.181, 0.454]
    assert got.loc["Back office", "contacts"] is pd.NA  # supports only: nothing in the log is its own
    assert got["influence"].isna().all()
    assert "Nobody has filled in influence" in words_of(found.scene)
    assert found.ties[["name", "other"]].values.tolist() == [["Back office", "Billing"]]


def test_the_ring_is_what_people_say_and_not_the_traffic(tmp_path):
    """Grid is given 5 and 2, a mean of 3.5; the regulator, who is in no log, 4: it stands nearer."""
    found = stakeholder_map(a_company(), a_file(tmp_path, TOLD))
    rings = {p.name: p.ring for p in found._known.parties}
    assert rings == {"Back office": 3, "Billing": 3, "Complaints": 3, "Grid": 1, "Regulator": 0}
    row = found.summary.set_index("name").loc["Grid"]
    assert (row["influence"], row["influence_low"], row["influence_high"]) == (3.5, 2, 5)
    assert row["contacts"] == 40
    said = words_of(found.scene)
    assert "influence 5 (Ann); 2 (Bo) ≠ people differ" in said
    assert "what we do for them: report moves (Ann)" in said
    assert "what they do for us: read meters (Ann)" in said
    tie = found.ties.iloc[0]
    assert set(tie[["name", "other"]]) == {"Regulator", "Grid"}
    assert tie["said"] == "✎ Regulator for Grid: rules (Ann) | ✎ Grid for Regulator: accounts (Ann)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[[stakeholder]]\nname = "A"\nby = "B"\ninfluence = 6',
            "stakeholder 1, influence: expected a whole number from 1",
        ),
        ('[[stakeholder]]\nname = "A"\nby = "B"\ninfluence = true', "influence: expected a whole number"),
        ('[[stakeholder]]\nname = "A"\nby = "B"\nkind = "partnr"', "'partnr' is no kind; did you mean 'partner'"),
        ('[[stakeholder]]\nname = "A"', "stakeholder 1: by is missing"),
        ('[[stakeholder]]\nname = "A"\nby = "B"\nintrest = 3', "unknown key 'intrest'; did you mean 'interest'"),
        ('[[stakeholder]]\nname = "Customer"\nby = "B"', "the customer stands in the middle already"),
        ('[[tie]]\nfrom = "A"\nto = "B"\nby = "C"', "tie 1: says neither gives nor gets"),
        ('[[tie]]\nfrom = "A"\nto = "a"\nby = "C"\ngives = "x"', "is tied to itself"),
        ('[[stakeholders]]\nname = "A"', "unknown key 'stakeholders'; did you mean 'stakeholder'"),
        ("name = ", "is no TOML"),
    ],
)
def test_a_wrong_file_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(InputError, match=re.escape(said)):
        load_stakeholders(a_file(tmp_path, text))


def test_one_name_in_two_spellings_is_one_and_two_kinds_stay_visible(tmp_path):
    told = "".join(
        f'[[stakeholder]]\nname = "{n}"\nby = "{b}"\nkind = "{k}"\n'
        for n, b, k in (("Installer", "Ann", "partner"), ("installer", "Bo", "other"))
    )
    found = stakeholder_map(a_company(), a_file(tmp_path, told))
    assert found.summary["name"].tolist().count("Installer") == 1
    assert "installer" not in found.summary["name"].tolist()
    assert (
        "✎ partner (Ann); other party (Bo) ≠ people differ" in found.summary.set_index("name").loc["Installer", "said"]
    )


def test_a_tie_to_nobody_is_refused(tmp_path):
    path = a_file(tmp_path, '[[tie]]\nfrom = "Bilings"\nto = "customer"\nby = "A"\ngives = "x"')
    with pytest.raises(UnknownNameError, match="did you mean 'Billing'"):
        stakeholder_map(a_company(), path)


def test_nobody_at_all_is_said_and_single_people_are_no_department():
    events = table("events", {"event_id": ["1"], "customer_id": ["c"], "timestamp": ["2025-01-01T00:00Z"],
                              "channel": ["phone"], "touchpoint": ["calls"], "resource": ["agent-7"], "source": ["s"], "seq": [1]})  # fmt: skip
    with pytest.raises(NotEnoughDataError, match="nobody is known around the customer"):
        stakeholder_map(build_journeys(Dataset(events=events)))


def test_few_customers_are_hidden():
    found = stakeholder_map(a_company(complain=4))
    row = found.summary.set_index("name").loc["Complaints"]
    assert row[["contacts", "customers", "share", "low", "high"]].isna().all()
    assert HIDDEN in words_of(found.scene)


def test_the_template_is_read_back(tmp_path):
    found = stakeholder_map(a_company())
    path = found.write_template(tmp_path / "s.toml")
    again = stakeholder_map(a_company(), path)
    assert again.summary["name"].tolist() == found.summary["name"].tolist()
    assert again.summary["kind"].tolist() == found.summary["kind"].tolist()
    with pytest.raises(StudyError, match="is there already"):
        found.write_template(path)


def test_cells_that_were_kept_draw_the_same_map(tmp_path):
    found = stakeholder_map(a_company(), a_file(tmp_path, TOLD))
    found.cells.to_csv(tmp_path / "c.csv", index=False)
    kept = map_of(pd.read_csv(tmp_path / "c.csv", keep_default_na=False, na_values=[""]), found.facts, "en")
    assert kept.to_svg() == found.to_svg()
    assert kept.to_html() == found.to_html()
    with pytest.raises(NotEnoughDataError):
        map_of(found.cells.head(0), found.facts, "en")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([110.0, 150.0, 190.0])), min_size=1, max_size=25))
def test_no_card_covers_another_and_no_number_stands_on_anything(cards):
    layout = lay_out([(ring, 206.0, height) for ring, height in cards])
    for a, b in itertools.combinations(layout.spots, 2):
        assert not a.meets(b, 10)
    for spot in layout.spots:
        assert hypot(max(0, abs(spot.x) - spot.width / 2), max(0, abs(spot.y) - spot.height / 2)) > CENTRE
    badges: list[tuple[float, float]] = []
    for i, j in list(itertools.combinations(range(len(cards)), 2))[:24]:
        badges.append(tie_between(i, j, layout, badges).badge)
    for k, (x, y) in enumerate(badges):
        assert not any(s.holds(x, y, BADGE) for s in layout.spots)
        assert all(hypot(x - u, y - v) > 2 * BADGE for u, v in badges[:k])
    for i, (ring, _) in enumerate(cards):  # the axes of a ring grow with the number of the ring
        a, b = layout.rings[ring]
        assert (layout.spots[i].x / a) ** 2 + (layout.spots[i].y / b) ** 2 == pytest.approx(1)
    assert [layout.rings[r][0] for r in sorted(layout.rings)] == sorted(a for a, _ in layout.rings.values())


@pytest.mark.parametrize("language", ["en", "nl"])
def test_hostile_names_are_text_and_stay_inside(tmp_path, language):
    many = "".join(f'[[stakeholder]]\nname = "{i} {HOSTILE}"\nby = "{HOSTILE}"\nrole = "{HOSTILE}"\ninfluence = {1 + i % 5}\n' for i in range(22))  # fmt: skip
    found = stakeholder_map(a_company(name=HOSTILE), a_file(tmp_path, many), language=language, name=HOSTILE)
    page = found.to_html()
    assert "<img" not in page
    assert "&lt;img" in page
    assert "<img" not in found.figure().to_json()
    scene = found.scene
    for item in scene.items:
        if isinstance(item, Words):
            assert item.size >= SMALLEST
            took = width_of(item.text, item.size, bold=item.bold)
            start = item.x - {"start": 0, "middle": 0.5, "end": 1}[item.anchor] * took
            assert start >= -1, item.text
            assert start + took <= scene.width + 1, item.text
            assert 0 <= item.y <= scene.height
        elif isinstance(item, Box):
            assert item.x >= 0
            assert item.x + item.width <= scene.width
        elif isinstance(item, Line):
            assert all(0 <= x <= scene.width and 0 <= y <= scene.height for x, y in item.points)
        elif isinstance(item, Curve):
            assert 0 <= item.start[0] <= scene.width
