"""Variants, and what they are when repeats, loops, channel or stage are looked at otherwise."""

import gzip
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from filter_tables import journeys_of_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import StudyError, UnknownNameError
from cxmining.figures import palette
from cxmining.journeys import filters, list_variants
from cxmining.journeys.variants.modulo import MODULO, sort_variants, without_loops

# A and B: a a b; C: a b; D: a b a b; E: c
WALKED = {"A": "aab", "B": "aab", "C": "ab", "D": "abab", "E": "c"}
STAGES = {"a": "service", "b": "purchase"}


def journeys_of(walked=WALKED, channel=lambda i: "web", **more):
    rows = [(who, day, t, channel(day)) for who, steps in walked.items() for day, t in enumerate(steps)]
    return journeys_of_rows(rows, **more)


def counts(journeys, modulo=None):
    frame = list_variants(journeys, modulo).table
    return {" ".join(s): n for s, n in zip(frame["steps"], frame["journeys"], strict=True)}


def test_variants_are_exact_and_in_the_order_of_the_journeys_own_table():
    journeys = journeys_of()
    found = list_variants(journeys)
    assert counts(journeys) == {"a a b": 2, "a b": 1, "a b a b": 1, "c": 1}
    own = journeys.variants
    assert found.table["variant_id"].tolist() == own["variant_id"].tolist()
    assert found.table["coverage"].tolist() == pytest.approx(own["cumulative"].tolist())
    assert found.table["coverage"].tolist() == pytest.approx([0.4, 0.6, 0.8, 1.0])
    first = found.table.iloc[0]
    # Wilson's interval of 2 of 5, by hand: centre (2 + 1.92) / (5 + 3.84), half 1.96 / 8.84 * sqrt(2 * 3 / 5 + .96)
    assert (first["low"], first["high"]) == pytest.approx((0.1176, 0.7693), abs=1e-4)
    assert found.table["median_duration_s"].tolist() == [2 * 86400.0, 86400.0, 3 * 86400.0, 0.0]
    assert found.table["customers"].tolist() == [2, 1, 1, 1]


def test_repeats_loops_channel_and_stage():
    journeys = journeys_of(stages=STAGES)
    assert counts(journeys, "repeats") == {"a b": 3, "a b a b": 1, "c": 1}
    assert counts(journeys, "loops") == {"a b": 4, "c": 1}
    assert counts(journeys, "stage") == {"service purchase": 3, "service purchase service purchase": 1, "unknown": 1}
    mixed = journeys_of(channel=lambda day: "phone" if day == 1 else "web")
    assert counts(mixed, "channel") == {
        "a@web a@phone b@web": 2, "a@web b@phone": 1, "a@web b@phone a@web b@web": 1, "c@web": 1,
    }  # fmt: skip
    # how long a journey takes does not depend on how its steps are looked at
    assert list_variants(journeys, "repeats").table["p90_duration_s"].iloc[0] == pytest.approx(2 * 86400.0)


def test_a_variant_seen_otherwise_is_found_again_by_its_id():
    journeys = journeys_of(stages=STAGES)
    for modulo in (None, *MODULO):
        frame = list_variants(journeys, modulo).table
        for row in frame.itertuples():
            left = journeys.where(filters.variants(row.variant_id, modulo=modulo))
            assert len(left) == row.journeys
    assert not set(list_variants(journeys, "repeats").table["variant_id"]) & set(journeys.variants["variant_id"])


@pytest.mark.parametrize(
    ("walked", "left"),
    [
        ("aaa", "a"), ("abab", "ab"), ("ababa", "aba"), ("abcabcabc", "abc"), ("aabaab", "ab"), ("abba", "aba"),
        ("abc", "abc"), ("a", "a"), ("abababcabababc", "abc"),
    ],
)  # fmt: skip
def test_loops_are_said_once(walked, left):
    assert "".join(without_loops(tuple(walked))) == left


@given(st.text("abc", min_size=1, max_size=14))
@settings(max_examples=200, deadline=None)
def test_without_loops_nothing_stands_twice_in_a_row_and_both_ends_stay(walked):
    left = without_loops(tuple(walked))
    said = "".join(left)
    assert not re.search(r"(.+)\1", said)
    assert (left[0], left[-1], set(left)) == (walked[0], walked[-1], set(walked))
    assert without_loops(left) == left


@given(st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=8))
@settings(max_examples=15, deadline=None)
def test_coarser_variants_are_unions_of_finer_ones_and_none_is_lost(walks):
    journeys = journeys_of({str(i): w for i, w in enumerate(walks)})
    fine = sort_variants(journeys).number
    for modulo in ("repeats", "loops"):
        table = list_variants(journeys, modulo).table
        assert table["journeys"].sum() == len(journeys)
        assert table["coverage"].iloc[-1] == pytest.approx(1)
        pairs = {(a, b) for a, b in zip(fine.tolist(), sort_variants(journeys, modulo).number.tolist(), strict=True)}
        assert len(pairs) == len(set(fine.tolist()))


def test_the_tail_is_stated():
    found = list_variants(journeys_of())
    assert found.tail["once"] == 3
    assert found.tail["share"] == pytest.approx(0.6)
    assert "tail: 3 of 4 variants occur once; together 60.0%" in repr(found)
    assert "of 5 journeys" in repr(found)
    assert "no variant occurs only once" in repr(list_variants(journeys_of({"A": "ab", "B": "ab"})))
    one = list_variants(journeys_of({"A": "a"}))
    assert "VariantTable(1 variant of 1 journey)" in repr(one)
    assert "1 of 1 variant occurs once" in repr(one)


def test_what_cannot_be_asked_is_refused():
    journeys = journeys_of()
    with pytest.raises(UnknownNameError, match="modulo='chanel'; did you mean 'channel'"):
        list_variants(journeys, "chanel")
    found = list_variants(journeys)
    with pytest.raises(UnknownNameError, match="did you mean 'stage'"):
        found.figure(colour="stages")
    with pytest.raises(UnknownNameError, match="'en', 'nl'"):
        found.figure(language="fr")
    with pytest.raises(StudyError, match="from 1"):
        found.figure(top=0)


@pytest.mark.parametrize("modulo", [None, *MODULO])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_the_picture_has_colours_of_the_palette_and_says_n_and_filters(modulo, language):
    bad = "<img src=x onerror=alert(1)>"
    rows = [("A", i, t, "phone") for i, t in enumerate([bad, "vraag over leveranciersswitch", "a"] * 8)]
    rows += [("B", 0, "a", "web"), ("C", 0, "a", "web")]
    journeys = journeys_of_rows(rows, stages={"a": "service"}).where(filters.contains("a"))
    picture = list_variants(journeys, modulo).picture(language=language)
    text = str(picture.spec)
    assert bad not in text
    if modulo in (None, "repeats"):
        assert "&lt;img" in text
        # 24 steps: the first 13, ten that are counted only, the last
        assert re.search("10 more<br>steps" if language == "en" else "nog 10<br>stappen", text)
    assert "n = 3" in text
    assert "filter: journeys" in text
    colours = set(re.findall(r"#[0-9a-f]{6}", text))
    assert colours <= set(palette.DARK)
    figure = list_variants(journeys, modulo).figure(language=language)
    assert figure.layout.height > 200
    assert bad not in list_variants(journeys, modulo)._repr_html_()


LOGS = Path(__file__).resolve().parents[3] / "shared" / "data" / "logs"


def _read_xes(name):
    from lxml import etree

    rows, ns = [], "{http://www.xes-standard.org/}"
    with gzip.open(LOGS / name) as stream:
        for _, trace in etree.iterparse(stream, tag=("trace", f"{ns}trace")):
            case = next(c.get("value") for c in trace if c.get("key") == "concept:name")
            for event in trace.iter("event", f"{ns}event"):
                values = {c.get("key"): c.get("value") for c in event}
                rows.append((case, values["concept:name"], values["time:timestamp"]))
            trace.clear()
    frame = pd.DataFrame(rows, columns=["case", "activity", "time"])
    frame["time"] = pd.to_datetime(frame["time"], utc=True, format="ISO8601")
    return frame


@pytest.mark.real
@pytest.mark.skipif(not LOGS.is_dir(), reason="the real logs in ../shared/data are not here")
def test_real_log_of_a_help_desk_against_pandas():
    raw = _read_xes("Helpdesk.xes.gz")
    rows = raw.reset_index(drop=True).sort_values("time", kind="stable")
    journeys = journeys_of_rows(
        list(zip(rows["case"], rows["time"], rows["activity"], ["other"] * len(rows), strict=True))
    )
    clean = raw.assign(order=np.arange(len(raw))).sort_values(["case", "time", "order"])
    walks = clean.groupby("case")["activity"].agg(tuple)
    first, last = walks.str[0], walks.str[-1]
    some, other = walks.str[0].mode()[0], walks.str[-1].mode()[0]
    assert filters.mask(journeys, filters.starts(some)).sum() == (first == some).sum()
    assert filters.mask(journeys, filters.ends(other)).sum() == (last == other).sum()
    assert filters.mask(journeys, filters.contains("Wait")).sum() == walks.map(lambda w: "Wait" in w).sum()
    twice = walks.map(lambda w: any(p == q == "Wait" for p, q in pairwise(w)))
    assert filters.mask(journeys, filters.directly_followed("Wait", "Wait")).sum() == twice.sum()
    times = clean.groupby("case")["time"].agg(["min", "max"])
    inside = (times["min"] >= pd.Timestamp("2012-01-01", tz="UTC")) & (
        times["max"] < pd.Timestamp("2013-01-01", tz="UTC")
    )
    assert filters.mask(journeys, filters.period("2012-01-01", "2013-01-01", keep="inside")).sum() == inside.sum()
    collapsed = walks.map(lambda w: tuple(x for x, before in zip(w, (None, *w), strict=False) if x != before))
    found = list_variants(journeys, "repeats").table
    expected = collapsed.value_counts()
    assert dict(zip(found["steps"], found["journeys"], strict=True)) == expected.to_dict()
    top = journeys.where(filters.coverage(0.8))
    assert len(top) / len(journeys) >= 0.8
    assert len(journeys.where(filters.coverage(0.8) | ~filters.coverage(0.8))) == len(journeys)
