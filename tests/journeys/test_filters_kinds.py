"""Each filter on a log small enough to filter by eye, and its edges."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from filter_tables import journeys_of_rows, names, walks

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.journeys import filters

# A: a, b a day later, a two days after that; B: one event; C: b and a at one instant, b first in the source;
# D: a and a exactly seven days apart; E: c by phone, b by mail.
ROWS = [
    ("A", 0, "a", "web"), ("A", 1, "b", "phone"), ("A", 3, "a", "web"),
    ("B", 2, "a", "phone"),
    ("C", 5, "b", "mail"), ("C", 5, "a", "mail"),
    ("D", 0, "a", "web"), ("D", 7, "a", "phone"),
    ("E", 10, "c", "phone"), ("E", 12, "b", "mail"),
]  # fmt: skip


@pytest.fixture(scope="module")
def journeys():
    return journeys_of_rows(ROWS)


def kept(journeys, f):
    """The names of the journeys that pass; by the mask, for it may be none."""
    passing = filters.mask(journeys, f)
    assert len(journeys) - passing.sum() == filters.mask(journeys, ~f).sum()
    found = "".join(sorted(journeys.table["customer_id"][passing]))
    if passing.any():
        assert names(journeys.where(f)) == found
    return found


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (filters.contains("b"), "ACE"),
        (filters.contains("b", "c"), "ACE"),
        (filters.contains(["c"]), "E"),
        (filters.contains("b") & filters.contains("a"), "AC"),
        (filters.contains("phone: a"), "BD"),  # the touchpoint through that channel, as the log may write it
        (filters.contains("a@phone"), "BD"),  # and as the variants with channel write it
        (filters.touchpoint("c"), "E"),
        (filters.channel("phone"), "ABDE"),
        (filters.channel("phone", "mail"), "ABCDE"),
        (filters.contains(filters.events(channel="phone", touchpoint="a")), "BD"),
        (filters.starts("a"), "ABD"),
        (filters.starts("b"), "C"),  # at the same instant the order of the source stands
        (filters.ends("a"), "ABCD"),
        (filters.ends(filters.events(channel="phone")), "BD"),
        (filters.position("a", 1), "ABD"),
        (filters.position("a", 2), "CD"),
        (filters.position("a", 3), "A"),
        (filters.position("b", -2), "AC"),
        (filters.position("a", -3), "A"),
        (filters.position("a", 4), ""),
        (filters.directly_followed("a", "b"), "A"),
        (filters.directly_followed("a", "a"), "D"),  # in A a b stands between
        (filters.directly_followed("b", "a"), "AC"),
        (filters.directly_followed("b", "a", within="1D"), "C"),
        (filters.followed_by("a", "a"), "AD"),  # an event does not follow itself: not B
        (filters.followed_by("a", "b"), "A"),
        (filters.followed_by("b", "a"), "AC"),
        (filters.followed_by("b", "a", within="0s"), "C"),
        (filters.followed_by("a", "a", within="7D"), "AD"),  # exactly the limit is within it
        (filters.followed_by("a", "a", within=dt.timedelta(days=7) - dt.timedelta(microseconds=1)), "A"),
        (filters.followed_by("a", "a", within="3D"), "A"),
        (filters.followed_by("a", "a", within="71h"), ""),
        (filters.followed_by("c", ["a", "b"]), "E"),
        (filters.followed_by(filters.events(channel="web"), "phone: a"), "D"),
        (filters.count("a", at_least=2), "AD"),
        (filters.count("a", at_most=1), "BCE"),
        (filters.count("a", at_most=0), "E"),
        (filters.count("a", at_least=1, at_most=1), "BC"),
        (filters.count(["a", "b"], at_least=3), "A"),
        (filters.n_events(at_least=2, at_most=2), "CDE"),
        (filters.n_events(at_most=1), "B"),
        (filters.duration(at_most="0s"), "BC"),
        (filters.duration(at_least="3D"), "AD"),
        (filters.duration(at_least="3D", at_most="6D 23h"), "A"),
        (filters.duration(at_least="7D"), "D"),
        (filters.starts("a") & ~filters.channel("web") | filters.contains("c"), "BE"),
    ],
    ids=repr,
)  # fmt: skip
def test_journeys_that_pass(journeys, f, left):
    assert kept(journeys, f) == left


def test_a_later_event_that_comes_in_time_counts_though_the_first_comes_too_late():
    # a at 0, b at 9 is too late for 2 days; a at 8 and b at 9 is not
    late = journeys_of_rows([("A", 0, "a", "web"), ("A", 8, "a", "web"), ("A", 9, "b", "web")])
    assert kept(late, filters.followed_by("a", "b", within="2D")) == "A"
    assert kept(late, filters.followed_by("a", "b", within="23h")) == ""
    # and what follows belongs to the same journey, not to the next one
    next_door = journeys_of_rows([("A", 0, "a", "web"), ("B", 1, "b", "web")])
    assert kept(next_door, filters.followed_by("a", "b")) == ""


# P lies in January, Q crosses into February, R ends at the border to the microsecond before, S has none within
PERIOD = [
    ("P", 10, "a", "web"), ("P", 20, "a", "web"),
    ("Q", 20, "a", "web"), ("Q", 40, "a", "web"),
    ("R", -3, "a", "web"), ("R", "2025-01-31T23:59:59.999999Z", "a", "web"),
    ("S", -3, "a", "web"), ("S", 33, "b", "web"),
    ("T", "2025-02-01T00:00Z", "b", "web"),
    ("U", "2025-01-01T00:00Z", "b", "web"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("keep", "left"), [("inside", "PU"), ("touching", "PQRU"), ("starting", "PQU"), ("ending", "PRU")]
)
def test_a_period_takes_its_first_instant_and_not_its_last(keep, left):
    journeys = journeys_of_rows(PERIOD)
    assert kept(journeys, filters.period("2025-01-01", "2025-02-01", keep=keep)) == left


def test_a_period_that_cuts_is_a_filter_on_events():
    journeys = journeys_of_rows(PERIOD)
    cut = journeys.where(filters.period("2025-01-01", "2025-02-01", keep="cut"))
    assert (names(cut), walks(cut)) == ("PQRU", ["aa", "a", "a", "b"])
    # what is left of a journey is still that journey
    assert set(cut.table["journey_id"]) < set(journeys.table["journey_id"])
    assert cut.chain[0] == (
        'filters.period("2025-01-01", "2025-02-01", keep="cut"): 5 of 10 events in 4 of 6 journeys; '
        "2 journeys left without an event and dropped"
    )


def test_an_open_period_and_one_with_a_clock():
    journeys = journeys_of_rows(PERIOD)
    assert kept(journeys, filters.period("2025-02-01", None, keep="touching")) == "QST"
    assert kept(journeys, filters.period(None, "2025-01-01", keep="starting")) == "RS"
    # 23:30 on New Year's eve in UTC is 00:30 in Amsterdam
    dutch = journeys_of_rows([("A", "2024-12-31T23:30Z", "a", "web"), ("B", 0, "a", "web")], zone="Europe/Amsterdam")
    assert kept(dutch, filters.period("2025-01-01", None, keep="inside")) == "AB"
    assert kept(dutch, filters.period("2025-01-01T00:00Z", None, keep="inside")) == "B"
    assert kept(dutch, filters.period("2025-01-01T00:31", None, keep="inside")) == "B"
    assert kept(dutch, filters.period(dt.date(2025, 1, 1), None, keep="inside")) == "AB"


# Clocks in Amsterdam went on from 02:00 to 03:00 on 30 March 2025 and back from 03:00 to 02:00 on 26 October.
CLOCK = [
    ("A", "2025-03-30T00:59Z", "a", "web"),  # 01:59 Sunday
    ("B", "2025-03-30T01:00Z", "a", "web"),  # 03:00 Sunday
    ("C", "2025-10-26T00:30Z", "a", "web"),  # 02:30 Sunday, for the first time
    ("D", "2025-10-26T01:30Z", "a", "web"),  # 02:30 Sunday, for the second
    ("E", "2025-06-01T22:30Z", "a", "web"),  # 00:30 Monday, though Sunday in UTC
    ("F", "2025-01-05T23:30Z", "a", "web"),  # 00:30 Monday
]


@pytest.mark.parametrize(
    ("f", "left"),
    [
        (filters.local_hour(1, 2), "A"),
        (filters.local_hour(2, 3), "CD"),
        (filters.local_hour(3, 4), "B"),
        (filters.local_hour(23, 1), "EF"),  # over midnight
        (filters.local_hour(0, 3), "ACDEF"),
        (filters.weekday("sunday"), "ABCD"),
        (filters.weekday("Monday", "tuesday"), "EF"),
    ],
    ids=repr,
)
def test_hours_and_weekdays_are_those_on_the_wall(f, left):
    assert kept(journeys_of_rows(CLOCK, zone="Europe/Amsterdam"), f) == left


def test_an_events_own_offset_stands_above_the_time_zone_of_the_data():
    # 10:00 UTC is 12:00 where the offset says two hours; where it is not known, the zone says 11:00
    rows = [("A", "2025-01-01T10:00Z", "a", "web"), ("B", "2025-01-01T10:00Z", "a", "web")]
    journeys = journeys_of_rows(rows, zone="Europe/Amsterdam", utc_offset=[120, None])
    assert kept(journeys, filters.local_hour(12, 13)) == "A"
    assert kept(journeys, filters.local_hour(11, 12)) == "B"
    old = journeys_of_rows([("A", "1931-07-01T10:00Z", "a", "web")], zone="Europe/Amsterdam")
    assert kept(old, filters.local_hour(11, 12)) == "A"  # +01:19:32 then


def test_stages_directions_queues_and_columns_of_the_source():
    journeys = journeys_of_rows(
        ROWS, stages={"a": "service", "c": "purchase"}, direction=["inbound", "outbound"] * 5,
        queue=["billing"] * 3 + [None] * 7, resource=[f"agent {i}" for i in range(10)], legs=list(range(10)),
        **{"case:kind": [True, False] * 5},
    )  # fmt: skip
    assert kept(journeys, filters.stage("service")) == "ABCD"
    assert kept(journeys, filters.stage("purchase", "unknown")) == "ACE"
    assert kept(journeys, filters.direction("inbound")) == "ACDE"  # the even rows
    assert kept(journeys, filters.queue("billing")) == "A"
    assert kept(journeys, filters.resource("agent 3", "agent 9")) == "BE"
    assert kept(journeys, filters.contains(filters.events(legs=[0, 8]))) == "AE"
    assert kept(journeys, filters.contains(filters.events(**{"case:kind": True, "touchpoint": "c"}))) == "E"
    with pytest.raises(NotEnoughDataError, match="no event has a stage"):
        journeys_of_rows(ROWS).where(filters.stage("service"))


def test_segments_are_what_any_record_of_the_customer_says():
    customers = {
        "customer_id": ["A", "A", "B", "C", None], "record_id": list("12345"), "seq": [1, 2, 3, 4, 5],
        "kind": ["home", "business", "home", None, "business"], "age": [30, None, 30, 41, 5], "green": [True] * 3 + [False] * 2,
    }  # fmt: skip
    journeys = journeys_of_rows(ROWS, customers=customers)
    assert kept(journeys, filters.segment("kind", "home")) == "AB"
    assert kept(journeys, filters.segment("kind", "business")) == "A"
    assert kept(journeys, filters.segment("kind", "home", "business")) == "AB"
    assert kept(journeys, filters.segment("age", 30)) == "AB"
    assert kept(journeys, filters.segment("green", False)) == "C"
    with pytest.raises(UnknownNameError, match="no attribute 'knid'; did you mean 'kind'"):
        journeys.where(filters.segment("knid", "home"))
    with pytest.raises(UnknownNameError, match="no customer has kind 'hmoe'; did you mean 'home'"):
        journeys.where(filters.segment("kind", "hmoe"))


def test_coverage_takes_the_fewest_variants_that_suffice_and_states_the_tail():
    # a b: three journeys; a: two; b and c: one each. 5 of 7 are 71.4%.
    walked = {"1": "ab", "2": "ab", "3": "ab", "4": "a", "5": "a", "6": "b", "7": "c"}
    journeys = journeys_of_rows([(w, i, t, "web") for w, steps in walked.items() for i, t in enumerate(steps)])
    assert kept(journeys, filters.coverage(3 / 7)) == "123"
    assert kept(journeys, filters.coverage(0.43)) == "12345"
    assert kept(journeys, filters.coverage(5 / 7)) == "12345"
    assert kept(journeys, filters.coverage(0.72)) == "123456"  # b before c: among equals the alphabet decides
    assert kept(journeys, filters.coverage(1.0)) == "1234567"
    assert kept(journeys, ~filters.coverage(5 / 7)) == "67"
    said = journeys.where(filters.coverage(0.72)).chain[0]
    assert said == (
        "filters.coverage(0.72): 6 of 7 journeys; 3 of 4 variants; the tail of 1 variant holds 14.3% of the "
        "journeys; the border falls among 2 variants of 1 journey each, of which the first 1 by alphabet are in"
    )
    frame = journeys.variants
    top = journeys.where(filters.coverage(0.72)).table["variant_id"].unique()
    assert set(top) == set(frame["variant_id"][:3])


def test_variants_by_id(journeys):
    ids = dict(
        zip(["".join(s) for s in journeys.variants["touchpoints"]], journeys.variants["variant_id"], strict=True)
    )
    assert kept(journeys, filters.variants(ids["aa"], ids["ba"])) == "CD"
    with pytest.raises(UnknownNameError, match="no journey follows variant 'v0'"):
        journeys.where(filters.variants("v0"))


def test_events_of_a_journey_are_thinned_out_and_rows_still_point_at_the_events(journeys):
    left = journeys.where(filters.events(channel="phone"))
    assert (names(left), walks(left)) == ("ABDE", ["b", "a", "a", "c"])
    assert left.data is journeys.data
    assert left.data.events["channel"].iloc[left.log.rows].unique().tolist() == ["phone"]
    assert left.chain[0].endswith("4 of 10 events in 4 of 5 journeys; 1 journey left without an event and dropped")
    assert set(left.table["journey_id"]) < set(journeys.table["journey_id"])
    again = left.where(filters.contains("a")).where(~filters.events(touchpoint="b"))
    assert names(again) == "BD"
    assert set(again.table["journey_id"]) < set(journeys.table["journey_id"])
    assert walks(journeys.where(filters.events(channel="web") | filters.events(touchpoint="b"))) == [
        "aba",
        "b",
        "a",
        "b",
    ]
    assert len(left.log.offsets) == 5
    assert np.diff(left.log.offsets).min() == 1


def test_journeys_and_events_never_mix_silently(journeys):
    on_events, on_journeys = filters.events(channel="phone"), filters.contains("a")
    for mixed in (lambda: on_events & on_journeys, lambda: on_journeys | on_events):
        with pytest.raises(StudyError, match=r"apply one after the other.*\.where\(filters\.contains\(\"a\"\)\)"):
            mixed()
    with pytest.raises(StudyError, match="chooses events, not journeys"):
        filters.mask(journeys, on_events)
    with pytest.raises(StudyError, match="is about journeys; name a touchpoint or events"):
        filters.contains(on_journeys)
    with pytest.raises(StudyError, match="no filter; write for example"):
        on_journeys & "b"
    with pytest.raises(StudyError, match=r"join filters with & \| ~"):
        bool(on_journeys)
    with pytest.raises(StudyError, match=r"is no filter.*filters\.parse reads code"):
        journeys.where("a")


def test_an_empty_result_names_the_part_that_emptied_it(journeys):
    with pytest.raises(NotEnoughDataError) as error:
        journeys.where(filters.contains("b") & filters.starts("a") & filters.n_events(at_least=4) & filters.ends("a"))
    assert str(error.value) == (
        "filters.n_events(at_least=4) leaves none of the 1 journey that "
        'filters.contains("b") & filters.starts("a") left; loosen or drop it'
    )
    with pytest.raises(NotEnoughDataError) as error:
        journeys.where(filters.contains("c")).where(filters.channel("web"))
    assert str(error.value) == (
        'filters.channel("web") leaves none of the 1 journey after filters.contains("c"): 1 of 5 journeys; '
        "loosen or drop it"
    )
    with pytest.raises(NotEnoughDataError, match=r"by itself it would keep 1 of 5"):
        journeys.where(filters.channel("web") & filters.contains("c"))
    with pytest.raises(NotEnoughDataError, match="leaves none of the 1 event that"):
        journeys.where(
            filters.events(channel="phone") & filters.events(weekday="friday") & filters.events(touchpoint="b")
        )


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (filters.contains("bb", "A"), "no touchpoint 'A'"),
        (filters.contains("phone: d"), "no touchpoint 'phone: d'"),
        (filters.channel("phne"), "no channel 'phne' in these journeys; did you mean 'phone'?"),
        (filters.events(chanel="phone"), "the events have no column 'chanel' to filter by; did you mean 'channel'?"),
        (filters.queue("billing"), "no event has queue 'billing'; there is none"),
        (filters.segment("kind", "x"), "customers have no attribute 'kind'; there is none"),
    ],
    ids=repr,
)
def test_unknown_names_are_named_with_the_nearest(journeys, f, said):
    with pytest.raises(UnknownNameError) as error:
        journeys.where(f)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: filters.followed_by("a", "b", within="7"), 'write a number and a unit, for example within="7D"'),
        (lambda: filters.followed_by("a", "b", within=7), "is no length of time"),
        (lambda: filters.followed_by("a", "b", within="-1D"), "is below zero"),
        (lambda: filters.followed_by("a", "b", within="soon"), "is no length of time"),
        (lambda: filters.followed_by("a", "b", within="1M"), "is no length of time"),
        (lambda: filters.duration(at_least=""), "is no length of time"),
        (lambda: filters.duration(at_least="NaT"), "is no length of time"),
        (lambda: filters.duration(at_least="999999999D"), "is no length of time"),
        (lambda: filters.duration(), "needs at_least=, at_most= or both"),
        (lambda: filters.duration("2D", "1D"), "at_least='2D' lies above at_most='1D'"),
        (lambda: filters.count("a", at_least=3, at_most=2), "lies above"),
        (lambda: filters.count("a", at_least=1.5), "expected a whole number from 0"),
        (lambda: filters.count("a", at_least=float("nan")), "expected a number"),
        (lambda: filters.n_events(at_least=-1), "expected a whole number from 0"),
        (lambda: filters.position("a", 0), "1 is the first event, -1 the last"),
        (lambda: filters.contains(), "names no touchpoint"),
        (lambda: filters.contains(3), "names no touchpoint"),
        (lambda: filters.events(), "say which"),
        (lambda: filters.events(hour=(9, 9)), "two different whole hours"),
        (lambda: filters.events(hour=25), "two different whole hours"),
        (lambda: filters.events(queue=[]), "name at least one value"),
        (lambda: filters.events(queue=float("nan")), "neither text nor a number"),
        (lambda: filters.weekday("sunsday"), "did you mean 'sunday'"),
        (lambda: filters.stage("servce"), "did you mean 'service'"),
        (lambda: filters.direction("in"), "'inbound'"),
        (lambda: filters.coverage(80), "80% is 0.8"),
        (lambda: filters.coverage(0), "80% is 0.8"),
        (lambda: filters.period("2025-01-01", "2025-02-01"), 'keep="inside" (all events in the period)'),
        (lambda: filters.period("2025-01-01", "2025-02-01", keep="insde"), "did you mean 'inside'"),
        (lambda: filters.period("2025-02-01", "2025-02-01", keep="inside"), "is not after the start"),
        (lambda: filters.period("01-02-2025", None, keep="inside"), "write year, month, day"),
        (lambda: filters.period("2025", None, keep="inside"), "write year, month, day"),
        (lambda: filters.period(20250101, None, keep="inside"), "write year, month, day"),
        (lambda: filters.period(None, None, keep="inside"), "needs a start, an end or both"),
        (lambda: filters.score_class("promotor"), "did you mean 'promoter'"),
        (lambda: filters.score_class(), "name at least one value"),
        (lambda: filters.score("npss", at_least=9), "did you mean 'nps'"),
        (lambda: filters.score("nps"), "needs at_least="),
        (lambda: filters.variants(), "name at least one value"),
        (lambda: filters.variants("v1", modulo="stages"), "did you mean 'stage'"),
        (lambda: filters.contains("a").say("fr"), "there is: 'en', 'nl'"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_what_to_write(make, said):
    with pytest.raises((StudyError, UnknownNameError)) as error:
        make()
    assert said in str(error.value)


def test_hostile_labels_one_event_and_one_instant():
    bad = "<img src=x onerror=alert(1)>"
    journeys = journeys_of_rows([("A", 0, bad, "web")])
    left = journeys.where(filters.contains(bad))
    assert bad not in left._repr_html_()
    assert len(left) == 1
    still = journeys_of_rows([("A", 0, t, "web") for t in "abab"])
    assert kept(still, filters.followed_by("b", "a", within="0s")) == "A"
    assert kept(still, filters.duration(at_most="0s")) == "A"
    assert kept(still, filters.coverage(0.01)) == "A"


def test_text_types_of_pandas_make_no_difference():
    plain = journeys_of_rows(ROWS, queue=list("xxyyzzxxyy"))
    for dtype in ("category", "object", "string"):
        events = plain.data.events.assign(**{c: plain.data.events[c].astype(dtype) for c in ("queue", "touchpoint")})
        other = pd.Series(filters.mask(_rebuilt(plain, events), filters.queue("y") & filters.contains("a")))
        assert other.tolist() == filters.mask(plain, filters.queue("y") & filters.contains("a")).tolist()


def _rebuilt(journeys, events):
    from dataclasses import replace

    from cxmining.journeys import build_journeys

    return build_journeys(replace(journeys.data, events=events))
