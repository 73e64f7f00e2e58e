"""Segment, Amplitude and Mixpanel, with the traps of their documentation; GA4 from Parquet and from a warehouse."""

import gzip
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import InputError, StudyError


def lines(*rows):
    return "\n".join(json.dumps(r) for r in rows)


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def who(reading):
    return sorted(zip(reading.identifiers["kind"], reading.identifiers["value"], strict=True))


def call(minute, kind="track", **more):
    # sentAt is the clock of the device, a day wrong here: nobody may look at it
    base = {
        "type": kind, "messageId": f"m{minute}{kind}", "anonymousId": "a1", "sentAt": "2024-05-02T10:00:00Z",
        "timestamp": f"2024-05-01T10:{minute:02d}:00.000Z", "context": {"library": {"name": "analytics.js"}},
    }  # fmt: skip
    return {**base, **more}


def page(minute, url="https://x.nl/tarieven?q=1", **more):
    return call(minute, "page", properties={"url": url}, **more)


def people(reading):
    """Return what each record that stands is known by, with what was merged into it."""
    into = reading.ledger.dropna(subset="merged_into").set_index("record_id")["merged_into"]
    home = reading.identifiers["record_id"].map(into).fillna(reading.identifiers["record_id"])
    return sorted(sorted(set(values)) for _, values in reading.identifiers.groupby(home)["value"])


def test_two_people_who_take_turns_at_one_device_stay_two(read_one):
    r = read_one(lines(
        page(0), call(1, "identify", userId="17"), call(2, "identify", userId="18"),
        page(40), page(41, userId="17"), page(42, userId="18"), call(43, "identify", userId="18", traits={"email": "e@b.nl"}),
    ))  # fmt: skip
    assert all(not {"17", "18"} <= set(known) for known in people(r))
    # two sessions; the second account of the first has no event that may be its own, and is a row of customers
    assert counts(r) == {"read": 7, "kept": 3, "merged": 4}
    assert (len(r.events), len(r.customers)) == (2, 1)


def test_who_logs_in_within_a_session_was_the_visitor_before(read_one):
    r = read_one(lines(page(0), page(1), page(2, userId="17")), options={"key_events": ["page_view"]})
    assert people(r) == [["17", "a1"]]


def test_segment_calls_become_sessions_and_who_says_who_is_merged(read_one):
    r = read_one(
        lines(
            page(0), call(1, event="Order Completed"), call(1, event="Order Completed"), page(2),
            call(3, "identify", userId="17", traits={"email": "A@b.nl", "phone": "0612345678"}),
            call(50, event="Opened", anonymousId="p9", context={"device": {"type": "ios"}}),
        ),
        options={"key_events": ["Order Completed"]},
    )  # fmt: skip
    assert r.format == "segment"
    assert counts(r) == {"read": 6, "kept": 2, "duplicate": 1, "merged": 3}
    assert r.events["touchpoint"].tolist() == ["Order Completed", "app session"]
    assert r.events["timestamp"].astype(str).tolist() == ["2024-05-01 10:01:00+00:00", "2024-05-01 10:50:00+00:00"]
    assert set(who(r)) == {
        ("account", "17"), ("cookie", "a1"), ("device", "p9"), ("email", "a@b.nl"), ("phone", "+31612345678"),
    }  # fmt: skip
    assert r.ledger["reason"].dropna().unique().tolist() == [
        "part of one session or a repeat within it", "its messageId was read before", "says who the person of this event is",
    ]  # fmt: skip


def test_segment_aliases_and_calls_about_nobody_in_the_export(read_one):
    r = read_one(lines(
        page(0, anonymousId="a1"),
        call(5, "alias", anonymousId=None, userId="17", previousId="a1"),
        call(6, "identify", anonymousId="z", userId="99", traits={"email": "z@b.nl"}),
        call(7, "screen", name="Home", anonymousId="p"), call(8, "group", anonymousId="p", userId="20", groupId="g"),
        call(9, "unheard", event="x"), call(10), {**call(11, event="x"), "timestamp": "never"}, "text",
    ))  # fmt: skip
    assert counts(r) == {"read": 9, "kept": 3, "rejected": 4, "merged": 2}
    assert r.events["touchpoint"].tolist() == ["web session", "app session"]
    assert len(r.customers) == 1
    assert people(r) == [["17", "a1"], ["20", "p"], ["99", "z", "z@b.nl"]]


def test_what_was_done_before_the_login_is_the_customers(tmp_path, monkeypatch):
    """Monday a visitor looks round, Friday logs in on the same device and mails: one customer did all."""
    monkeypatch.setenv("CXMINING_KEY", "0123456789abcdef-returning")
    visits = [page(0), {**page(1), "timestamp": "2024-05-03T09:00:00Z", "messageId": "q"},
              {**call(2, "identify", userId="17", traits={"email": "a@b.nl"}), "timestamp": "2024-05-05T09:00:00Z"},
              page(7, anonymousId="other")]  # fmt: skip
    (tmp_path / "w.jsonl").write_text(lines(*visits))
    ga4 = {"event_name": "page_view", "event_timestamp": "1714400000000000", "event_params": []}
    app = [{**ga4, "user_pseudo_id": "dev1", "platform": "IOS"},
           {**ga4, "user_pseudo_id": "dev1", "platform": "IOS", "user_id": "17", "event_timestamp": "1714500000000000"}]  # fmt: skip
    (tmp_path / "g.jsonl").write_text(lines(*app))
    (tmp_path / "m.mbox").write_text(
        "From a@b.nl Mon May  6 10:00:00 2024\nFrom: a@b.nl\nTo: us@x.nl\nMessage-ID: <1@x>\n"
        "Date: Mon, 6 May 2024 10:00:00 +0000\nSubject: hi\n\nhello\n"
    )
    (tmp_path / "study.toml").write_text(
        'schema_version = 1\nname = "s"\n[identity]\nkeys = ["account", "email", "phone", "device", "cookie"]\n'
        + "".join(f'[[source]]\nname = "{n[0]}"\npath = "{n}"\n' for n in ("w.jsonl", "g.jsonl", "m.mbox"))
    )
    events = cx.read(tmp_path).events
    of = events.groupby("source")["customer_id"].agg(["nunique", "size"])
    assert of.to_dict("index") == {
        "g": {"nunique": 1, "size": 2}, "m": {"nunique": 1, "size": 1}, "w": {"nunique": 2, "size": 3},
    }  # fmt: skip
    assert events["customer_id"].value_counts().tolist() == [5, 1]


def amplitude(i, **more):
    return {"event_type": "opens", "event_time": f"2024-05-01 10:{i:02d}:00.123000", "device_id": "d", "user_id": None,
            "session_id": 1714550000000, "$insert_id": f"i{i}", "platform": "iOS", **more}  # fmt: skip


def test_amplitude_as_it_is_delivered(read_one):
    out = io.BytesIO()
    first = [amplitude(0), amplitude(1), amplitude(1), amplitude(59)]
    outside = [
        amplitude(i, session_id=-1, device_id="e", platform="Web", user_id="a@b.nl", **{"$insert_id": f"e{i}"})
        for i in (0, 40)
    ]
    told = amplitude(2, event_type="$identify", user_id="17", **{"$insert_id": "w"})
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("180/180_2024-05-01_10#1.json.gz", gzip.compress(lines(*outside, told).encode()))
        archive.writestr("180/180_2024-05-01_10#0.json.gz", gzip.compress(lines(*first).encode()))
    r = read_one(out.getvalue(), name="export.zip")
    assert r.format == "amplitude"
    # one session of the phone though 58 minutes are silent; two of the web, where -1 is no session
    assert counts(r) == {"read": 7, "kept": 3, "duplicate": 1, "merged": 3}
    assert r.events["touchpoint"].tolist() == ["app session", "web session", "web session"]
    assert r.events["duration_s"].tolist() == [59 * 60, 0, 0]
    assert str(r.events["timestamp"][0]) == "2024-05-01 10:00:00.123000+00:00"
    assert set(who(r)) == {
        ("account", "17"),
        ("account", "a@b.nl"),
        ("cookie", "e"),
        ("device", "d"),
        ("email", "a@b.nl"),
    }


def mixpanel(time, event="opens", **properties):
    return {
        "event": event,
        "properties": {"time": time, "distinct_id": "17", "$insert_id": f"{time}{event}", **properties},
    }


def test_mixpanel_asks_which_clock_it_is(read_one):
    summer = 1714557600  # 10:00 as the file writes it, on 1 May 2024
    for tz, options, utc in (
        (None, {"time": "utc"}, "2024-05-01 10:00:00+00:00"),
        ("Europe/Amsterdam", {"time": "project"}, "2024-05-01 08:00:00+00:00"),
    ):
        r = read_one(lines(mixpanel(summer), mixpanel(summer * 1000, "buys")), tz=tz, options=options)
        assert r.format == "mixpanel"
        assert {str(t) for t in r.events["timestamp"]} == {utc}
    with pytest.raises(InputError, match=r'options = .time = "utc"'):
        read_one(lines(mixpanel(summer)))
    with pytest.raises(InputError, match="needs tz"):
        read_one(lines(mixpanel(summer)), options={"time": "project"})
    with pytest.raises(StudyError, match='expected "utc" or "project"'):
        read_one(lines(mixpanel(summer)), options={"time": "UTC"})


def test_mixpanel_people_under_all_three_ways_of_merging(read_one):
    t = 1714557600
    r = read_one(
        lines(
            mixpanel(t, distinct_id="$device:d1", **{"$device_id": "d1", "mp_lib": "web"}),
            mixpanel(t + 60, "logs in", distinct_id="17", **{"$device_id": "d1", "$user_id": "17", "mp_lib": "web"}),
            mixpanel(t, distinct_id="anon", mp_lib="iphone"),
            mixpanel(t + 1, "$identify", distinct_id="18", **{"$identified_id": "18", "$anon_id": "anon"}),
            mixpanel(t, distinct_id="19", **{"$current_url": "https://x.nl/a"}),
            mixpanel(t + 1, "$create_alias", distinct_id="19", alias="20"),
            mixpanel(t + 2, "$merge", distinct_id="20", **{"$distinct_ids": ["20", "21"]}),
            mixpanel(t, distinct_id="19", **{"$current_url": "https://x.nl/a"}),
        ),
        options={"time": "utc"},
    )  # fmt: skip
    # the alias goes into the event of 19; of 20 and 21 there is no event, so their merge is a row of customers
    assert counts(r) == {"read": 8, "kept": 4, "duplicate": 1, "merged": 3}
    assert people(r) == [["17", "d1"], ["18", "anon"], ["19", "20"], ["20", "21"]]
    assert {v for k, v in who(r) if k == "account"} == {"17", "18", "19", "20", "21"}


def test_wrong_kinds_of_values_and_numbers_beyond_a_float(read_one):
    big = 9007199254740993  # 2^53 + 1: a float would make it its neighbour
    r = read_one(
        lines(
            page(0, userId=big), page(1, userId=big - 1, anonymousId={"a": 1}), page(2, anonymousId=[1], userId=True),
            call(3, event={"a": 1}), call(4, event="x", userId=1e300, properties=7, context="c", traits=[1]),
        )
    )  # fmt: skip
    assert counts(r)["rejected"] == 1
    assert {v for k, v in who(r) if k == "account"} == {str(big), str(big - 1), "true"}


def hit(i, **params):
    values = [
        {"key": k, "value": {"string_value": v, "int_value": None, "float_value": None, "double_value": None}}
        for k, v in params.items()
    ]
    return {"event_timestamp": 1735689600_000000 + i * 60_000000, "event_name": "page_view", "user_pseudo_id": "p", "user_id": None,
            "platform": "WEB", "event_params": values, "device": {"time_zone_offset_seconds": 3600}}  # fmt: skip


HITS = [hit(i, page_location=f"https://x.nl/{i % 2}", ga_session_id=str(i // 2), plan="p") for i in range(4)]
TWICE = [*HITS, HITS[0], {**HITS[1], "event_params": [*HITS[1]["event_params"], hit(0, q="1")["event_params"][0]]}]


def test_ga4_parquet_reads_as_its_lines_do(read_one, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = pa.Table.from_pylist(TWICE)
    nested = pa.Table.from_pylist(
        [{**h, "event_params": {"list": [{"element": p} for p in h["event_params"]]}} for h in TWICE]
    )
    wanted = read_one(lines(*TWICE), attributes=["plan"])
    assert counts(wanted) == {"read": 6, "kept": 2, "duplicate": 1, "merged": 3}
    for made in (plain, nested):
        out = io.BytesIO()
        pq.write_table(made, out, row_group_size=3)
        r = read_one(out.getvalue(), name="x.parquet", attributes=["plan"])
        assert (r.format, counts(r)) == ("ga4", counts(wanted))
        same = ["timestamp", "utc_offset", "touchpoint", "channel", "duration_s", "plan", "case_id"]
        pd.testing.assert_frame_equal(r.events[same], wanted.events[same])
    with pytest.raises(InputError, match="no readable Parquet"):
        read_one(out.getvalue()[:-20], name="x.parquet", format="ga4")


def test_blocks_that_arrow_refuses_read_the_same_record_by_record(read_one):
    from cxmining.ingest.web import hits

    rows = [json.dumps(h) for h in HITS]
    for odd in ('{"event_timestamp": "1735689600000000", "event_name": "number as text", "user_pseudo_id": 7}',
                '{"event_name": "x", "event_name": "twice", "event_timestamp": 1735689600000000}', "{broken", "[1]",
                json.dumps({**HITS[0], "device": "phone", "event_params": {"a": 1}}),
                json.dumps({**HITS[0], "event_params": [None, 7, {"key": "plan"}, {"key": "plan", "value": 3}]})):  # fmt: skip
        reading = read_one("\n".join([*rows, odd]), attributes=["plan"])
        alone = read_one("\n".join(rows), attributes=["plan"])
        same = ["timestamp", "touchpoint", "plan"]
        assert reading.events[same].iloc[:2].to_numpy().tolist() == alone.events[same].to_numpy().tolist()
        assert sum(counts(reading).values()) == 10
    found = hits.Hits({"a": (("a",),)})
    assert found.n == 0


def test_a_warehouses_copies_need_their_zone(read_one):
    header = "_fivetran_id,name,timestamp,user_pseudo_id,user_id,platform,param_ga_session_id,param_x,param_x"
    copy = f"{header}\n1,purchase,2024-09-10 12:35:00,p,u,web,s1,1,1\n2,view,2024-09-10 12:36:00,p,u,web,s1,1,1\n"
    with pytest.raises(InputError, match="no time zone"):
        read_one(copy)
    r = read_one(copy, tz="Europe/Amsterdam", options={"key_events": ["purchase"]})
    assert (r.format, counts(r)) == ("ga4", {"read": 2, "kept": 1, "merged": 1})
    assert str(r.events["timestamp"][0]) == "2024-09-10 10:35:00+00:00"
    pages = "id,anonymous_id,received_at,sent_at,timestamp,url,path\n1,a,2024-01-01 10:00:00,x,2024-01-01 10:00:00,https://x.nl/p,/p\n"
    with pytest.raises(InputError, match="no time zone"):
        read_one(pages)
    r = read_one(pages, tz="UTC", options={"key_events": ["page_view"]})
    assert (r.format, r.events["touchpoint"].tolist()) == ("segment", ["page_view /p"])


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("ga4_fivetran_event_data.csv", "ga4"),
        ("segment_pages.csv", "segment"),
        ("amplitude_event_data.csv", "amplitude"),
    ],
)
def test_real_copies(name, form, real):
    from cxmining.ingest import inspect, read_source
    from cxmining.study import parse_study

    path = real / "formats" / name
    assert inspect(path).format == form
    study = parse_study(
        {"name": "t", "source": [{"name": "s", "path": name, "format": "auto", "tz": "UTC"}]}, path.parent
    )
    r = read_source(study.sources[0], study)
    with path.open() as raw:
        rows = sum(1 for _ in raw) - 1
    assert r.inputs[0].counts["read"] == rows
    assert r.inputs[0].counts["rejected"] == 0
    assert np.isin(r.events["channel"], ["web", "app", "other"]).all()
