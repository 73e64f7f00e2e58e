"""Persona cards: a persona is found back by behaviour, both parts stand apart, and nothing about few is told."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import InputError, NotEnoughDataError, StudyError
from cxmining.experience.example import small_example
from cxmining.figures.scene import SMALLEST, Box, Line, Words
from cxmining.journeys.grouping.stability import adjusted_rand
from cxmining.maps.personas import load_personas, match_personas, persona_cards, write_persona_template
from cxmining.maps.personas.result import NARROW, cards_of
from cxmining.maps.words import HIDDEN

HOSTILE = "<img src=x onerror=alert(1)> 🙂 شكوى " + "x" * 60
CALLER = '{ "channel: phone" = 1.0, "topic: asks" = 1.0, "contacts per year" = 30.0 }'


def a_log(callers: int = 60, name: str = "asks") -> pd.DataFrame:
    """Two kinds of customers, on the same three days: callers ask, others look online."""
    rows = [
        (
            f"c{i:02}",
            pd.Timestamp(f"2025-03-{day:02}T10:00Z"),
            name if i < callers else "looks",
            "phone" if i < callers else "web",
        )
        for i in range(90)
        for day in (3, 12, 24)
    ]
    return pd.DataFrame(rows, columns=["who", "when", "step", "channel"])


def lived(frame: pd.DataFrame):
    data = cx.from_frame(frame, customer="who", touchpoint="step", timestamp="when", channel="channel")
    return cx.measure_experience(cx.build_journeys(data, gap="30D"))


@pytest.fixture(scope="module")
def two():
    experience = lived(a_log())
    return experience, cx.find_personas(experience)


def a_file(folder: Path, *entries: str) -> Path:
    path = folder / "personas.toml"
    path.write_text("\n".join(f"[[persona]]\n{e}" for e in entries), encoding="utf-8")
    return path


def test_a_persona_finds_its_segment_back_in_a_new_delivery_where_it_has_another_number(tmp_path, two):
    path = a_file(tmp_path, f'name = "Bep"\nby = "Ann"\ngoal = "be done"\nbehaviour = {CALLER}')
    first = persona_cards(two[0], path, two[1], target=None)
    assert first.summary.set_index("persona").loc["Bep", "segment"] == 1  # 60 of 90 call: the largest segment
    fewer = lived(a_log(callers=30))
    again = persona_cards(fewer, path, cx.find_personas(fewer), target=None)
    assert again.summary.set_index("persona").loc["Bep", "segment"] == 2  # now 30 of 90
    assert again.summary.set_index("persona").loc["Bep", "customers"] == 30


def test_a_persona_that_no_segment_matches_any_more_is_said_so(tmp_path, two):
    mailer = '{ "channel: mail" = 1.0, "contacts per year" = 2 }'
    path = a_file(tmp_path, f'name = "Ruud"\nby = "Ann"\nbehaviour = {mailer}')
    cards = persona_cards(two[0], path, two[1], target=None)
    row = cards.summary.set_index("persona").loc["Ruud"]
    assert pd.isna(row["segment"])
    assert row["distance"] > 0.25
    assert "No segment behaves like this" in cards.to_svg()


def test_two_personas_share_no_segment_and_the_nearer_one_gets_it(tmp_path, two):
    nearly = CALLER.replace('phone" = 1.0', 'phone" = 0.9')
    path = a_file(
        tmp_path, f'name = "Near"\nby = "A"\nbehaviour = {CALLER}', f'name = "Nearly"\nby = "A"\nbehaviour = {nearly}'
    )
    found = match_personas(load_personas(path), two[1]).set_index("persona")
    assert found.loc["Near", "segment"] == 1
    assert pd.isna(found.loc["Nearly", "segment"])
    assert found.loc["Nearly", "nearest"] == 1
    assert "is nearer to another persona" in " ".join(
        words_of(persona_cards(*two[:1], path, two[1], target=None).scene)
    )


def test_the_template_is_read_back_and_matches_every_segment(tmp_path, two):
    path = write_persona_template(two[1], tmp_path / "p.toml")
    found = match_personas(load_personas(path), two[1])
    assert found["segment"].tolist() == [1, 2]
    assert (found["distance"] < 0.05).all()
    with pytest.raises(StudyError, match="is there already"):
        write_persona_template(two[1], path)


def test_people_who_differ_both_stand_on_the_card(tmp_path, two):
    path = a_file(
        tmp_path,
        f'name = "Bep"\nby = "Ann"\ngoal = "cheap"\nbehaviour = {CALLER}',
        'name = "Bep"\nby = "Bo"\ngoal = "green"',
        'name = "Bep"\nby = "Cas"\ngoal = "Green"',
    )
    notes = load_personas(path)
    assert notes.summary.values.tolist() == [["Bep", "goal", "cheap (Ann); green (Bo, Cas)", True]]
    said = words_of(persona_cards(two[0], notes, two[1], target=None).scene)
    assert {"cheap", "green", "— Ann", "— Bo, Cas"} <= set(said)
    assert any("people differ" in w for w in said)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('name = "B"\nby = "A"\ngaol = "x"', "persona 1: unknown key 'gaol'; did you mean 'goal'"),
        ('name = "B"\nbehaviour = { "weekend" = 0.5 }', "persona 1: by is missing"),
        ('name = "B"\nby = "A"\ngoal = 3', "persona 1, goal: expected a text"),
        ('name = "B"\nby = "A"\ngoal = "x"', "persona 'B' has no behaviour"),
        ('name = "B"\nby = "A"\nbehaviour = { "channel: fone" = 0.5 }', "unknown channel 'fone'; did you mean 'phone'"),
        ('name = "B"\nby = "A"\nbehaviour = { "weekend" = 1.5 }', "'weekend' = 1.5: expected a share from 0 to 1"),
        (
            'name = "B"\nby = "A"\nbehaviour = { "weekends" = 0.5 }',
            "unknown feature 'weekends'; did you mean 'weekend'",
        ),
        ('name = "B"\nby = "A"\nbehaviour = {}', "expected a table of features"),
        ('name = "B"\nby = "A"\ngoal = "' + "x" * 301 + '"', "has 301 letters"),
        ("name = ", "is no TOML"),
    ],
)
def test_a_wrong_file_is_named_with_its_place(tmp_path, entry, said):
    with pytest.raises(InputError, match=re.escape(said)):
        load_personas(a_file(tmp_path, entry))


def test_two_behaviours_of_one_persona_are_refused(tmp_path):
    one, other = (f'name = "B"\nby = "{w}"\nbehaviour = {{ "weekend" = {x} }}' for w, x in (("A", 0.1), ("C", 0.2)))
    with pytest.raises(InputError, match="given two behaviours"):
        load_personas(a_file(tmp_path, one, other))


def test_figures_by_hand(two):
    """60 call 3 times each, 30 look online: the callers' shares and the Wilson interval of 60 of 90."""
    cells = persona_cards(two[0], None, two[1], target=None).cells
    mine = cells[cells["segment"] == 1].set_index(["row", "key"])
    share = mine.loc[("segment", "share")]
    assert share["n"] == 60
    assert share["value"] == pytest.approx(2 / 3)
    assert (share["low"], share["high"]) == (pytest.approx(0.5642, abs=1e-4), pytest.approx(0.7555, abs=1e-4))
    assert mine.loc[("channel", "phone"), "value"] == 1
    assert mine.loc[("channel", "phone"), "customers"] == 60
    path = mine.loc[("path", "share")]
    assert path["place"] == 1
    assert path["value"] == 1


def test_one_group_is_a_card_with_a_sentence():
    experience = lived(a_log(callers=90))
    cards = persona_cards(experience)
    assert cards.summary[["label", "customers", "stable"]].values.tolist() == [
        ["one group: no stable segments", 90, "one"]
    ]
    said = " ".join(words_of(cards.scene))
    assert "The customers are one group" in said
    assert "no stage with scores or texts" in said
    assert "no overall score" in said
    assert "the catalogue names no tasks" in said


@pytest.fixture(scope="module")
def example():
    return small_example()


def test_feelings_and_drivers_are_those_of_the_segment(example):
    """Sixty were asked about the bill, thirty of each segment: too few to say what goes with satisfaction."""
    cards = persona_cards(example)
    felt = cards.cells[(cards.cells["row"] == "felt") & (cards.cells["key"] == "score")]
    assert felt["n"].tolist() == [30, 30]
    few = cards.cells[cards.cells["row"] == "driver"]
    assert few["key"].tolist() == ["few", "few"]
    assert few["n"].tolist() == [30, 30]
    assert "too few answers to tell: 30" in " ".join(words_of(cards.scene))


def test_a_segment_that_is_asked_and_not_stable_is_called_so(example):
    cards = persona_cards(example, None, cx.find_personas(example, k=3), target=None)
    assert "unstable" in cards.summary["stable"].tolist()
    assert "NOT STABLE" in cards.to_svg()


def test_few_are_hidden_and_cannot_be_had_back():
    """At 40 customers a cell, the 30 others are hidden; the 60 too, else 90 less 60 would tell."""
    experience = lived(a_log())
    cards = persona_cards(experience, None, cx.find_personas(experience), target=None, min_cell=40)
    assert cards.summary["customers"].isna().all()
    numbers = cards.cells.loc[cards.cells["status"] == "measured", ["value", "n", "customers"]]
    assert numbers.isna().all(axis=None)
    assert HIDDEN in cards.to_svg()


def test_a_channel_of_few_is_hidden():
    """Of the 60 who call, 4 also look online once: that is about 4 people."""
    frame = a_log()
    more = pd.DataFrame(
        [(f"c{i:02}", pd.Timestamp("2025-08-01T10:00Z"), "looks", "web") for i in range(4)], columns=frame.columns
    )
    experience = lived(pd.concat([frame, more]))
    cards = persona_cards(experience, None, cx.find_personas(experience), target=None)
    web = cards.cells[(cards.cells["segment"] == 1) & (cards.cells["row"] == "channel") & (cards.cells["key"] == "web")]
    assert web["hidden"].tolist() == [True]
    assert web[["value", "low", "high", "n", "customers"]].isna().all(axis=None)


def test_cells_that_were_kept_draw_the_same_cards(tmp_path, two):
    path = a_file(tmp_path, f'name = "Bep"\nby = "Ann"\ngoal = "be done"\nbehaviour = {CALLER}')
    cards = persona_cards(two[0], path, two[1], target=None)
    cards.cells.to_csv(tmp_path / "c.csv", index=False)
    kept = cards_of(pd.read_csv(tmp_path / "c.csv", keep_default_na=False, na_values=[""]), cards.facts, "en")
    assert kept.to_svg() == cards.to_svg()
    with pytest.raises(NotEnoughDataError):
        cards_of(cards.cells.head(0), cards.facts, "en")


def words_of(scene) -> list[str]:
    return [i.text for i in scene.items if isinstance(i, Words)]


@pytest.mark.parametrize("language", ["en", "nl"])
def test_hostile_labels_are_text_and_stay_inside(tmp_path, language):
    quoted = HOSTILE.replace('"', "")
    path = a_file(
        tmp_path,
        f'name = "{quoted}"\nby = "{quoted}"\ncontext = "{quoted}"\nbehaviour = {CALLER}'.replace("asks", quoted),
    )
    experience = lived(a_log(name=quoted))
    cards = persona_cards(experience, path, cx.find_personas(experience), target=None, language=language)
    page = cards.to_html()
    assert "<img" not in page
    assert "&lt;img" in page
    assert not cards.figure().to_json().count("<img")
    for width in (1120.0, NARROW):
        from cxmining.maps.personas.drawing import draw

        scene = draw(cards.cells, cards._order(), cards.facts, language, width)
        for item in scene.items:
            if isinstance(item, Words):
                assert item.size >= SMALLEST
                assert 0 <= item.y <= scene.height
                start = item.x - {"start": 0, "middle": 0.5, "end": 1}[item.anchor] * wide(item)
                assert start >= -1, item.text
                assert start + wide(item) <= scene.width + 1, item.text
            elif isinstance(item, Box):
                assert item.x >= 0
                assert item.x + item.width <= scene.width + 1
            elif isinstance(item, Line):
                assert all(-1 <= x <= scene.width + 1 for x, _ in item.points)


def wide(item: Words) -> float:
    from cxmining.figures.measure import width_of

    return width_of(item.text, item.size, bold=item.bold)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_personas_are_recovered(seed):
    """Four planted habits over eight touchpoints and five channels, each contact drawn at random: adjusted Rand ≥ .7."""
    frame, planted = planted_personas(seed, customers=400)
    experience = lived(frame)
    found = cx.find_personas(experience, seed=seed)
    given = found.assignments.set_index("customer_id")["behaviour"]
    truth = planted.reindex(given.index)
    table = pd.crosstab(truth, given).to_numpy(dtype=float)
    assert adjusted_rand(table) >= 0.7


def planted_personas(seed: int, customers: int) -> tuple[pd.DataFrame, pd.Series]:
    """Draw customers of four habits: what each contact is about and over which channel follows the habit, with noise."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(4, customers, p=[0.4, 0.3, 0.2, 0.1])
    topics = [
        "checks usage",
        "views invoice",
        "asks about invoice",
        "reports move",
        "complains",
        "pays",
        "compares",
        "signs",
    ]
    channels = ["app", "web", "phone", "mail", "chat"]
    about = (
        np.array(
            [[8, 6, 1, 0, 0, 2, 1, 0], [0, 1, 8, 2, 2, 1, 0, 0], [1, 0, 0, 1, 0, 1, 8, 3], [0, 0, 3, 5, 7, 0, 0, 1]]
        )
        + 0.3
    )
    over = np.array([[9, 2, 1, 0, 1], [0, 1, 8, 2, 1], [1, 9, 0, 0, 1], [0, 0, 2, 8, 2]]) + 0.2
    rows = []
    for i, k in enumerate(kind):
        n = 3 + rng.poisson((9, 4, 3, 5)[k])
        what = rng.choice(8, n, p=about[k] / about[k].sum())
        where = rng.choice(5, n, p=over[k] / over[k].sum())
        day = np.sort(rng.integers(0, 365 * 24, n))
        rows += [
            (f"c{i:04}", pd.Timestamp("2025-01-01T00:00Z") + pd.Timedelta(hours=int(d)), topics[w], channels[c])
            for d, w, c in zip(day, what, where, strict=True)
        ]
    names = pd.Series(kind, index=[f"c{i:04}" for i in range(customers)])
    return pd.DataFrame(rows, columns=["who", "when", "step", "channel"]), names
