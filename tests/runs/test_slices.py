"""The figures by channel and persona: equal to filtering by hand, and nothing few can be had back by subtracting."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.experience.example import small_example
from cxmining.runs.differencing import Cells, safe_cells
from cxmining.runs.slices import EDGES, SLICES, TOUCHPOINTS, VARIANTS, slice_tables

LEAST = 3
"""A small bound, so that small examples reach every rule."""


def cells_of(units, channels):
    """One cell of journeys: (customer, channels it goes through) each, and per customer a persona."""
    who = np.array([u[0] for u in units], dtype=np.int64)
    by = np.array([[k in u[1] for k in range(channels)] for u in units], dtype=bool).reshape(len(units), channels)
    return Cells(np.zeros(len(units), dtype=np.int64), np.arange(len(units)), who, 1), by


def test_a_channel_whose_others_are_few_is_hidden():
    # ten customers, eight of them by phone: the two others would be what is left
    units = [(i, {0} if i < 8 else {1}) for i in range(10)]
    cells, by = cells_of(units, 2)
    none = np.zeros(10, dtype=np.int64)
    assert safe_cells(cells, by, none, 0, 3).channel.tolist() == [[False, False]]
    assert safe_cells(cells, by, none, 0, 2).channel.tolist() == [[True, True]]


def test_the_next_smallest_persona_is_hidden_with_the_only_one_that_is():
    # 20, 6 and 2 customers: 28 - 20 - 6 would give the two away
    persona = np.repeat([0, 1, 2], [20, 6, 2])
    cells, by = cells_of([(i, {0}) for i in range(28)], 1)
    assert safe_cells(cells, by, persona, 3, 3).persona.tolist() == [[True, False, False]]
    assert safe_cells(cells, by, persona, 3, 2).persona.tolist() == [[True, True, True]]


def test_two_hidden_personas_that_are_few_together_hide_a_third():
    persona = np.repeat([0, 1, 2, 3], [20, 6, 1, 1])
    cells, by = cells_of([(i, {0}) for i in range(28)], 1)
    assert safe_cells(cells, by, persona, 4, 3).persona.tolist() == [[True, False, False, False]]


def test_customers_of_no_persona_are_protected_too():
    persona = np.repeat([0, 1, 2], [20, 6, 2])  # the last are in none
    cells, by = cells_of([(i, {0}) for i in range(28)], 1)
    assert safe_cells(cells, by, persona, 2, 3).persona.tolist() == [[True, False]]


def test_few_that_go_through_both_channels_are_not_given_away_by_their_sum():
    # 6 + 6 - 10 = 2 customers go through both
    units = [(i, {0} if i < 4 else {1} if i < 8 else {0, 1}) for i in range(10)]
    cells, by = cells_of(units, 2)
    assert safe_cells(cells, by, np.zeros(10, dtype=np.int64), 0, 3).channel.sum() == 1


def test_a_pair_is_hidden_with_the_only_pair_of_its_channel_that_is():
    # by phone 10, 5 and 2 customers of three personas that each have ten more without
    rows = [(p, {0}) for p, n in enumerate((10, 5, 2)) for _ in range(n)]
    rows += [(p, {1}) for p in range(3) for _ in range(10)]
    persona = np.array([p for p, _ in rows])
    cells, by = cells_of([(i, k) for i, (_, k) in enumerate(rows)], 2)
    safe = safe_cells(cells, by, persona, 3, 3)
    assert safe.persona.tolist() == [[True, True, True]]
    assert safe.pair[0, 0].tolist() == [True, False, False]


def test_an_answer_outside_journeys_stands_with_those_of_no_persona():
    # six customers of one persona; the two answers in no journey are what is left of all
    cells = Cells(np.zeros(8, dtype=np.int64), np.array([0, 1, 2, 3, 4, 5, -1, -1]), np.arange(8), 1)
    by = np.ones((6, 1), dtype=bool)
    assert safe_cells(cells, by, np.zeros(6, dtype=np.int64), 1, 3).persona.tolist() == [[False]]
    same = Cells(cells.cell, cells.journey, np.array([0, 1, 2, 3, 4, 5, 0, 1]), 1)  # theirs, and still only two
    assert safe_cells(same, by, np.zeros(6, dtype=np.int64), 1, 3).persona.tolist() == [[False]]


# --- the law: an attacker who knows every published figure, that each journey has a channel, and nothing else


def attack(channels, personas):
    """Return the parts of a cell, and all sums of slices with coefficients from -1 to 1 that count some parts once."""
    subsets = [s for n in range(1, channels + 1) for s in itertools.combinations(range(channels), n)]
    parts = [(p, s) for p in range(personas + 1) for s in subsets]
    slices = [(None, None), *((k, None) for k in range(channels)), *((None, p) for p in range(personas)),
              *((k, p) for k in range(channels) for p in range(personas))]  # fmt: skip
    holds = np.array([[(k is None or k in s) and (p is None or p == q) for q, s in parts] for k, p in slices], np.int8)
    sums = np.array(list(itertools.product((-1, 0, 1), repeat=len(slices))), dtype=np.int8)
    found = sums @ holds
    use = ((found == 0) | (found == 1)).all(axis=1) & found.any(axis=1)
    return parts, slices, sums[use], found[use].astype(bool)


ATTACKS = {shape: attack(*shape) for shape in ((2, 1), (2, 2), (3, 1), (1, 3))}


@st.composite
def logs(draw):
    channels, personas = draw(st.sampled_from(sorted(ATTACKS)))
    many = draw(st.integers(1, 24))
    persona = [draw(st.integers(0, personas)) for _ in range(many)]
    some = st.sets(st.integers(0, channels - 1), min_size=1)
    units = [(c, draw(some)) for c in range(many) for _ in range(draw(st.integers(1, 2)))]
    return (channels, personas), units, np.array([persona[c] for c, _ in units])


def left_over(shape, sums, sets, safe, members):
    """Yield each group of customers whose number the attacker can work out."""
    known = np.array([all_known(safe, s) for s in ATTACKS[shape][1]])
    able = ~(sums != 0)[:, ~known].any(axis=1)
    for row in np.unique(sets[able], axis=0):
        yield set().union(*(members[i] for i in np.flatnonzero(row)))


def all_known(safe, key):
    return True if key == (None, None) else bool(safe.of(*key)[0])


@settings(max_examples=120, deadline=None)
@given(logs())
def test_nobody_who_subtracts_is_left_with_few_customers(log):
    shape, units, persona = log
    cells, by = cells_of(units, shape[0])
    safe = safe_cells(cells, by, persona, shape[1], LEAST)
    if len({c for c, _ in units}) < LEAST:
        assert not any(part.any() for part in (safe.channel, safe.persona, safe.pair))
        return
    parts, _, sums, sets = ATTACKS[shape]
    place = {part: i for i, part in enumerate(parts)}
    # journeys and answers: each stands in one part
    members = [set() for _ in parts]
    for (who, ways), p in zip(units, persona, strict=True):
        members[place[int(p), tuple(sorted(ways))]].add(who)
    # customers: each stands in one part, by all channels of the journeys that the cell holds
    people = [set() for _ in parts]
    for who in {c for c, _ in units}:
        own = [(ways, int(p)) for (c, ways), p in zip(units, persona, strict=True) if c == who]
        people[place[own[0][1], tuple(sorted(set().union(*(w for w, _ in own))))]].add(who)
    for counted in (members, people):
        for group in left_over(shape, sums, sets, safe, counted):
            assert not 0 < len(group) < LEAST, (safe, group)


def test_the_law_would_find_what_hiding_small_cells_alone_gives_away():
    # without rule 1: all minus the channel is one customer
    units = [(i, {0}) for i in range(6)] + [(6, {1})]
    cells, by = cells_of(units, 2)
    naive = safe_cells(cells, by, np.zeros(7, dtype=np.int64), 1, 1)
    parts, _, sums, sets = ATTACKS[2, 1]
    members = [set() for _ in parts]
    for who, ways in units:
        members[parts.index((0, tuple(ways)))].add(who)
    assert any(len(g) == 1 for g in left_over((2, 1), sums, sets, naive, members))


# --- the tables


@pytest.fixture(scope="module")
def lived():
    return small_example()


@pytest.fixture(scope="module")
def personas(lived):
    """Two segments: the first forty customers, the next fifteen; five are in none."""
    ids = sorted(lived.journeys.data.events["customer_id"].unique())
    number = pd.array([1] * 40 + [2] * 15 + [None] * 5, dtype="Int64")
    summary = pd.DataFrame({"segment": [1, 2], "label_en": ["many", "some"], "label_nl": ["veel", "wat"]})
    side = SimpleNamespace(kind="behaviour", summary=summary)
    return SimpleNamespace(
        behaviour=side, assignments=pd.DataFrame({"customer_id": ids, "behaviour": number}), labels=dict(zip(ids, number, strict=True))
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(lived, personas):
    hidden = []
    return slice_tables(lived, personas, 4, hidden), pd.concat(hidden)


def by_hand(lived, personas, channel, persona):
    """The events of the journeys of a slice, with pandas alone."""
    events = lived.journeys.events
    if channel:
        events = events[events.groupby("journey_id")["channel"].transform(lambda c: (c == channel).any())]
    if persona:
        events = events[events["customer_id"].map(personas.labels) == int(persona)]
    return events


def test_every_slice_counts_what_filtering_by_hand_counts(lived, personas, made):
    tables, _ = made
    shown = tables[SLICES].query("status == 'shown'")
    assert set(zip(shown["channel"], shown["persona"], strict=True)) >= {("phone", ""), ("", "1"), ("phone", "1")}
    for row in shown.itertuples():
        events = by_hand(lived, personas, row.channel, row.persona)
        assert (row.journeys, row.customers) == (events["journey_id"].nunique(), events["customer_id"].nunique())
        mine = tables[TOUCHPOINTS].query("channel == @row.channel and persona == @row.persona")
        for cell in mine.itertuples():
            met = events[events["touchpoint"] == cell.touchpoint]
            assert (cell.events, cell.journeys, cell.customers) == (len(met), met["journey_id"].nunique(), met["customer_id"].nunique())  # fmt: skip
            assert cell.reach == pytest.approx(cell.customers / row.customers)
        steps = events.sort_values(["journey_id", "timestamp"]).groupby("journey_id")["touchpoint"].agg(" → ".join)
        ways = tables[VARIANTS].query("channel == @row.channel and persona == @row.persona")
        assert len(ways)
        assert {w.touchpoints: w.journeys for w in ways.itertuples()}.items() <= steps.value_counts().to_dict().items()


def test_scores_and_medians_are_those_of_the_journeys_of_the_slice(lived, personas, made):
    tables, _ = made
    events = by_hand(lived, personas, "phone", "1")
    links = lived.links[lived.links["journey_id"].isin(events["journey_id"]) & lived.links["matched"]]
    scores = links[(links["metric"] == lived.metric) & (links["touchpoint"] == "asks about the bill")]["score"]
    cell = (
        tables[TOUCHPOINTS]
        .query("channel == 'phone' and persona == '1' and touchpoint == 'asks about the bill'")
        .iloc[0]
    )
    assert cell["score_mean"] == pytest.approx(scores.mean())
    assert cell["score_n"] == len(scores)
    assert cell["score_low"] < cell["score_mean"] < cell["score_high"]
    assert cell["gap_mean"] == pytest.approx(cell["score_mean"] - cell["expected_mean"])
    edge = tables[EDGES].query("channel == 'phone' and persona == '1' and source == 'orders' and target == 'asks about the bill'").iloc[0]  # fmt: skip
    assert edge["median_s"] == 3 * 86_400  # everybody asks three days after the order


def test_what_is_hidden_is_counted_and_not_named(lived, personas):
    hidden: list[pd.DataFrame] = []
    tables = slice_tables(lived, personas, 16, hidden)
    listed = pd.concat(hidden)
    status = tables[SLICES].set_index(["channel", "persona"])["status"]
    # fifteen are few, and the five in no persona with them: the first persona protects them
    assert status["", "2"] == "few"
    assert status["", "1"] == "shown"
    off = tables[SLICES].query("status != 'shown'")
    assert off[["journeys", "customers", "answers", "score_mean"]].isna().all(axis=None)
    keys = set(zip(off["channel"], off["persona"], strict=True))
    for name in (TOUCHPOINTS, EDGES, VARIANTS):
        assert not keys & set(zip(tables[name]["channel"], tables[name]["persona"], strict=True))
        assert (tables[name]["customers"] >= 16).all()
    assert listed["key"].str.match(r"\(\d+ (touchpoints|transitions)\)").all()
    assert not listed["key"].str.contains("orders|bill").any()


def test_the_same_tables_whatever_the_order_of_customers(lived, personas, made):
    shuffled = SimpleNamespace(
        behaviour=personas.behaviour, assignments=personas.assignments.sample(frac=1, random_state=3)
    )
    for name, table in slice_tables(lived, shuffled, 4, []).items():
        pd.testing.assert_frame_equal(table, made[0][name])


def test_one_channel_and_no_persona_make_no_slice(lived):
    from cxmining.journeys import filters

    web = lived.where(filters.channel("web") & ~filters.channel("phone"))
    assert slice_tables(web, None, 4, []) == {}


def test_pairs_stay_within_their_bound(lived, personas, monkeypatch):
    monkeypatch.setattr("cxmining.runs.slices.MOST_PAIRS", 1)
    table = slice_tables(lived, personas, 4, [])[SLICES]
    pairs = table[(table["channel"] != "") & (table["persona"] != "")]
    assert pairs["status"].value_counts().to_dict() == {"shown": 1, "beyond": 3}
    assert pairs.query("status == 'shown'")["persona"].tolist() == ["1"]  # of most journeys
