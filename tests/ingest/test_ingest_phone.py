import pytest

from cxmining.errors import InputError

NUMBERS = {"company": {"numbers": ["0880012300"]}}


def row(src="0612345678", dst="0880012300", start="10:00:00", answer="10:00:30", end="10:02:00", billsec=90, state="ANSWERED", uid="1.1",
        agent="PJSIP/8001-0000a", queue="facturen", linked=None):  # fmt: skip
    day = "2025-07-01 "
    texts = ["", src, dst, "from-pstn", f'""J JANSEN"" <{src}>', "PJSIP/trunk-00001", agent, "Queue", f"{queue},t,,,600", day + start,
             day + answer if answer else "", day + end]  # fmt: skip
    tail = ["", linked, "7"] if linked else []
    return (
        ",".join(
            [
                *(f'"{t}"' for t in texts),
                "120",
                str(billsec),
                f'"{state}"',
                '"DOCUMENTATION"',
                f'"{uid}"',
                '""',
                *(f'"{t}"' for t in tail),
            ]
        )
        + "\n"
    )


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def test_a_call_its_wait_its_talk_and_who(read_one):
    r = read_one(row(), tz="Europe/Amsterdam", study=NUMBERS)
    (e,) = r.events.to_dict("records")
    assert (r.format, str(e["timestamp"]), e["utc_offset"]) == ("asterisk", "2025-07-01 08:00:00+00:00", 120)
    assert (e["wait_s"], e["duration_s"], e["queue"], e["touchpoint"]) == (30, 90, "facturen", "phone: facturen")
    assert (e["direction"], e["resource"], e["raw_status"]) == ("inbound", "PJSIP/8001", "answered")
    assert sorted(r.identifiers["value"]) == ["+31612345678", "J JANSEN"]


def test_legs_of_one_call_become_one_contact(read_one):
    r = read_one(
        row(end="10:01:00", billsec=30, linked="1.1")
        + row(uid="1.2", start="10:01:00", answer="10:01:20", end="10:05:00", billsec=220, agent="PJSIP/8002-0000b", linked="1.1")
        + row(uid="1.3", start="11:00:00", answer="11:00:05", end="11:01:00", billsec=55, linked="1.3"),
        tz="UTC", study=NUMBERS,
    )  # fmt: skip
    assert counts(r) == {"read": 3, "kept": 2, "merged": 1}
    first = r.events.iloc[0]
    assert (first["wait_s"], first["duration_s"], first["legs"], first["raw_status"]) == (30, 250, 2, "transferred")
    assert first["transfers"] == 1
    assert r.ledger.loc[1, "merged_into"] == first["event_id"]


def test_nobody_answered_is_abandoned_and_waited_until_the_end(read_one):
    r = read_one(row(answer="", state="NO ANSWER", billsec=0), tz="UTC", study=NUMBERS)
    assert (r.events["wait_s"][0], r.events["duration_s"][0], r.events["raw_status"][0]) == (120, 0, "abandoned")
    assert r.events["resource"].isna().all()
    assert r.events["touchpoint"][0] == "phone: facturen, abandoned"
    ours = read_one(row(src="8001", dst="0612345678", answer="", state="NO ANSWER", billsec=0), tz="UTC", study=NUMBERS)
    assert ours.events["touchpoint"][0] == "phone: facturen, unanswered"


def test_an_exchange_that_picks_up_itself_is_no_person(read_one):
    """`Answer()` before `Queue` or a menu makes a CDR ANSWERED although nobody ever spoke: there is no other end."""
    alone = row(agent="", billsec=90)
    r = read_one(
        alone + alone.replace('"Queue"', '"BackGround"').replace('"1.1"', '"2.1"')
        + alone.replace('"Queue"', '"ConfBridge"').replace('"1.1"', '"3.1"'),
        tz="UTC", study=NUMBERS,
    )  # fmt: skip
    assert r.events["raw_status"].tolist() == ["abandoned", "menu only", "answered"]
    assert r.events["wait_s"].fillna(-1).tolist() == [120, -1, 30]  # in a menu nobody is waited for
    assert r.events["duration_s"].tolist() == [0, 0, 90]
    assert r.events["touchpoint"].tolist()[0] == "phone: facturen, abandoned"


def test_directions(read_one):
    r = read_one(
        row(src="8001", dst="0612345678", uid="1")
        + row(src="8001", dst="8002", uid="2")
        + row(src="anonymous", uid="3"),
        tz="UTC",
        study=NUMBERS,
    )
    assert r.events["direction"].tolist() == ["outbound", "internal", "inbound"]
    assert r.events["wait_s"].isna().tolist() == [True, False, False]  # when we call, no customer waits
    phones = r.identifiers[r.identifiers["kind"] == "phone"]
    assert phones["value"].tolist() == ["+31612345678"]


def test_the_other_column_order(read_one):
    custom = '"c <0612345678>","0612345678","0880012300","ctx","SIP/a-1","SIP/b-1","Dial","SIP/b","2025-07-01 10:00:00","","2025-07-01 10:00:09","9","0","NO ANSWER","DOCUMENTATION","","5.5",""\n'
    r = read_one(custom, tz="UTC", study=NUMBERS)
    assert (r.format, r.events["case_id"][0], r.events["queue"][0], r.events["wait_s"][0]) == (
        "asterisk",
        "5.5",
        "ctx",
        9,
    )


def test_duplicates_broken_rows_and_calls_that_never_began(read_one):
    undated = row(uid="9").replace("2025-07-01 10:00:00", "0000-00-00 00:00:00")
    r = read_one(
        row() + row() + '"facturen","06"\n' + undated + row(uid="8", end="09:00:00") + row(uid="2"),
        tz="UTC",
        study=NUMBERS,
    )
    assert counts(r) == {"read": 6, "kept": 2, "rejected": 3, "duplicate": 1}
    assert r.events["seq"].tolist() == [1, 6]


def test_what_must_be_said_first(read_one):
    with pytest.raises(InputError, match="column 'start': stamps carry no time zone"):
        read_one(row())
    with pytest.raises(InputError, match="neither of Asterisk's two column orders"):
        read_one("a,b\n1,2\n", format="asterisk", tz="UTC")
    linked = read_one(
        row(uid="1.9").replace(',""\n', ',"1.1"\n') + row(), tz="UTC", study=NUMBERS, options={"linked": "userfield"}
    )
    assert counts(linked) == {"read": 2, "kept": 2} or counts(linked) == {"read": 2, "kept": 1, "merged": 1}


def test_a_record_that_differs_only_in_what_nobody_looks_at_is_no_duplicate(read_one):
    """Of 18 columns some are not kept; they are read again for records that are alike in all others."""
    omitted = row().replace("DOCUMENTATION", "OMIT")
    r = read_one(
        row() + omitted + row() + omitted + row(uid="2.1", start="11:00:00", answer="11:00:05", end="11:01:00"),
        tz="UTC",
    )
    assert counts(r) == {"read": 5, "kept": 2, "duplicate": 2, "merged": 1}
    of = r.ledger.set_index("seq")
    assert of["status"].tolist() == ["kept", "merged", "duplicate", "duplicate", "kept"]
    assert of.loc[[3, 4], "merged_into"].tolist() == of.loc[[1, 2], "record_id"].tolist()


def test_a_channel_is_the_same_end_whatever_number_it_bears_for_a_call():
    import pandas as pd

    from cxmining.ingest.contact.asterisk_calls import _bare

    written = ["PJSIP/100-0000a1b2", "PJSIP/100-ff", "SIP/beef", "Local/9@x-1;2", "SIP/a-", "SIP/é-9", "", None]
    ends = pd.Series(_bare(pd.Series(written, dtype="str")).text())
    assert ends[:7].tolist() == ["PJSIP/100", "PJSIP/100", "SIP/beef", "Local/9@x-1;2", "SIP/a-", "SIP/é", ""]
    assert ends.isna().tolist() == [False] * 7 + [True]


def test_a_damaged_line_among_calls_has_its_own_place(read_one):
    good = row(), row(uid="2.1", start="11:00:00", answer="11:00:05", end="11:01:00", linked=None)
    r = read_one(good[0] + '"too","short"\n' + good[1], tz="UTC")
    assert r.ledger["status"].tolist() == ["kept", "rejected", "kept"]
    assert r.ledger["reason"][1] == "has 2 fields, expected 18"
    assert r.events["seq"].tolist() == [1, 3]
