"""What one journey is, and what its tables say."""

import datetime as dt

import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.journeys import CaseNotion, build_journeys
from cxmining.schema import Dataset, check, empty, table

# customer, case, thread, day, touchpoint, channel, source, wait
ROWS = [
    ("c1", "k1", None, 0, "compares tariffs", "web", "site", None),
    ("c1", "k1", None, 1, "signs contract", "web", "site", None),
    ("c2", None, "t1", 1, "complains", "mail", "box", 60.0),
    ("c1", "k1", "t1", 2, "calls about invoice", "phone", "pbx", 30.0),
    ("c1", "k2", None, 40, "compares tariffs", "app", "site", None),
    ("c2", "k1", None, 50, "calls about invoice", "phone", "pbx", 90.0),
]
STAGES = {"compares tariffs": "consideration", "signs contract": "purchase", "calls about invoice": "service"}


def dataset(rows=ROWS, stages=STAGES):
    columns = list(zip(*rows, strict=True))
    customer, case, thread, day, touchpoint, channel, source, wait = columns
    events = table(
        "events",
        {
            "event_id": [f"r{i}" for i in range(len(rows))],
            "customer_id": customer,
            "case_id": case,
            "thread_id": thread,
            "timestamp": pd.to_datetime("2025-01-01", utc=True) + pd.to_timedelta(list(day), unit="D"),
            "touchpoint": touchpoint,
            "channel": channel,
            "source": source,
            "wait_s": wait,
            "seq": range(len(rows)),
        },
    )
    catalogue = table(
        "catalogue",
        {"touchpoint": list(stages), "stage": list(stages.values()), "backstage": False, "third_party": False}
        if stages
        else {c: [] for c in empty("catalogue")},
    )
    return Dataset(events=events, catalogue=catalogue)


def walks(journeys):
    return journeys.events.groupby("journey_id", sort=False)["touchpoint"].agg(tuple).tolist()


def test_by_customer_the_whole_relationship_is_one_journey():
    journeys = build_journeys(dataset())
    assert walks(journeys) == [
        ("compares tariffs", "signs contract", "calls about invoice", "compares tariffs"),
        ("complains", "calls about invoice"),
    ]
    frame = check("journeys", journeys.table, "test")
    assert frame["customer_id"].tolist() == ["c1", "c2"]
    assert frame["n_events"].tolist() == [4, 2]
    assert frame["duration_s"].tolist() == [40 * 86400.0, 49 * 86400.0]
    assert frame["case_notion"].tolist() == ["customer", "customer"]
    assert frame["variant_id"].tolist() == [
        journeys.variants.set_index("touchpoints")["variant_id"][w] for w in walks(journeys)
    ]


def test_a_gap_of_silence_begins_a_new_journey_and_the_ids_name_notion_and_first_event():
    whole, cut = build_journeys(dataset()), build_journeys(dataset(), gap="30D")
    assert len(cut) == 4
    assert cut.table["customer_id"].tolist() == ["c1", "c1", "c2", "c2"]
    assert not set(whole.table["journey_id"]) & set(cut.table["journey_id"])
    assert (
        cut.table["journey_id"].tolist() == build_journeys(dataset(), gap=dt.timedelta(30)).table["journey_id"].tolist()
    )


def test_by_case_a_number_belongs_to_its_source_and_events_without_one_stand_alone():
    journeys = build_journeys(dataset(), by="case")
    assert walks(journeys) == [
        ("compares tariffs", "signs contract"),  # k1 of the site
        ("calls about invoice", "calls about invoice"),  # k1 of the telephone exchange
        ("compares tariffs",),
        ("complains",),
    ]
    assert journeys.notes == (
        "1 event has no case and is a journey of one event",
        "1 journey has events of more than one customer; it counts as the first one's",
    )


def test_by_thread_one_conversation_over_two_sources_is_one_journey():
    journeys = build_journeys(dataset(), by="thread")
    assert ("complains", "calls about invoice") in walks(journeys)
    assert len(journeys) == 5
    assert journeys.notes[0] == "4 events have no thread and are journeys of one event each"


def test_stages_come_from_the_catalogue_or_are_unknown_and_moves_back_are_counted():
    journeys = build_journeys(dataset())
    events = journeys.events.set_index("event_id")
    assert events.loc["r1", ["stage", "stage_source", "position"]].tolist() == ["purchase", "catalogue", 1]
    assert events.loc["r2", ["stage", "stage_source", "position"]].tolist() == ["unknown", "unknown", 0]
    assert journeys.table["backward_moves"].tolist() == [1, 0]
    assert journeys.stages.set_index("stage")["backward_moves"].to_dict() == {
        "consideration": 1, "purchase": 0, "service": 0, "unknown": 0,
    }  # fmt: skip
    assert journeys.stages["events"].sum() == len(ROWS)


def test_without_a_catalogue_every_stage_is_unknown():
    journeys = build_journeys(dataset(stages={}))
    assert journeys.stages["stage"].tolist() == ["unknown"]
    assert set(journeys.touchpoints["stage_source"]) == {"unknown"}


def test_touchpoints_tell_channels_reach_and_waits():
    frame = build_journeys(dataset()).touchpoints.set_index("touchpoint")
    assert frame.loc["compares tariffs", "channel_mix"] == "app 50%; web 50%"
    assert frame.loc["calls about invoice", ["events", "journeys", "customers", "reach"]].tolist() == [2, 2, 2, 1.0]
    assert frame.loc["calls about invoice", ["wait_median_s", "wait_n"]].tolist() == [60.0, 2]
    assert frame.loc["signs contract", "reach"] == 0.5
    assert frame.loc["signs contract", "wait_n"] == 0


def test_the_graph_counts_each_event_once_in_and_once_out():
    dfg = build_journeys(dataset()).dfg
    assert dfg["n"].sum() == len(ROWS) + 2
    assert dfg.loc[dfg["source"] == "(start)", "customers"].sum() == 2


def test_excluded_touchpoints_stay_events_and_are_no_step():
    journeys = build_journeys(dataset(), exclude=["complains"])
    assert walks(journeys)[1] == ("calls about invoice",)
    assert journeys.notes == ("1 event at complains is no step of a journey and left out",)
    assert str(journeys.notion) == "customer, without complains"
    assert len(journeys.data.events) == len(ROWS)


def test_one_event_is_a_journey():
    journeys = build_journeys(dataset(ROWS[:1]))
    assert len(journeys) == 1
    assert journeys.table["duration_s"].tolist() == [0.0]
    assert journeys.dfg[["source", "target"]].to_numpy().tolist() == [
        ["(start)", "compares tariffs"],
        ["compares tariffs", "(end)"],
    ]


def test_the_dataset_is_not_touched():
    data = dataset()
    before = data.events.copy()
    journeys = build_journeys(data, gap="1D")
    journeys.events["touchpoint"] = "changed"
    pd.testing.assert_frame_equal(data.events, before)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"by": "costumer"}, StudyError, "did you mean 'customer'"),
        ({"gap": "30"}, StudyError, "a number and a unit"),
        ({"gap": "soon"}, StudyError, "gap='soon'"),
        ({"gap": "0D"}, StudyError, "above zero"),
        ({"gap": "-3D"}, StudyError, "above zero"),
        ({"gap": ""}, StudyError, "gap=''"),
        ({"exclude": ["complain"]}, UnknownNameError, "did you mean 'complains'"),
        ({"exclude": [*STAGES, "complains"]}, NotEnoughDataError, "leaves no event"),
    ],
)
def test_a_wrong_wish_is_named(arguments, error, message):
    with pytest.raises(error, match=message):
        build_journeys(dataset(), **arguments)


@pytest.mark.parametrize("by", ["case", "thread"])
def test_no_case_at_all_is_an_error_that_names_the_way_out(by):
    rows = [(c, None, None, *rest) for c, _, _, *rest in ROWS]
    with pytest.raises(NotEnoughDataError, match=f'no event has a {by}_id; choose by="customer"'):
        build_journeys(dataset(rows), by=by)


def test_nobody_known_and_no_events():
    rows = [(None, *rest) for _, *rest in ROWS]
    with pytest.raises(NotEnoughDataError, match="no event has a customer"):
        build_journeys(dataset(rows))
    assert build_journeys(dataset(rows), by="case").table["customer_id"].notna().all()
    with pytest.raises(NotEnoughDataError, match="has no events"):
        build_journeys(Dataset(events=empty("events")))


def test_events_of_nobody_are_counted():
    journeys = build_journeys(dataset([(None, *ROWS[0][1:]), *ROWS[1:]]))
    assert journeys.notes == ("1 event belongs to no known customer and is in no journey",)
    assert len(journeys.log) == 5


def test_a_notion_is_a_value():
    assert CaseNotion.of("customer", "30D") == CaseNotion.of("customer", "720h")
    assert [CaseNotion.of("case", g).gap for g in ("36h", "90min", "45s", "1ms")] == ["36h", "90min", "45s", "1000us"]


def test_html_is_escaped():
    rows = [(*ROWS[0][:4], "<script>alert(1)</script>", *ROWS[0][5:]), *ROWS[1:]]
    journeys = build_journeys(dataset(rows), exclude=["<script>alert(1)</script>"])
    assert "<script>" not in journeys._repr_html_()
