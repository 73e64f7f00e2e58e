import gzip

import pytest

from cxmining.errors import InputError, StudyError


def event(name="a", at="2025-07-01T10:00:00.000+02:00", more=""):
    return f'<event><string key="concept:name" value="{name}"/><date key="time:timestamp" value="{at}"/>{more}</event>'


def log(*traces, head='<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">', case=""):
    body = "".join(
        f'<trace><string key="concept:name" value="{i}"/>{case}{"".join(t)}</trace>' for i, t in enumerate(traces, 1)
    )
    return f"{head}{body}</log>"


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize(
    "head",
    [
        "<log>",
        '<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/"><!-- c --><string key="concept:name" value="x"/>',
    ],
)
def test_cases_events_and_local_hours(read_one, pack, head):
    text = log(
        [event(), event("b", "2025-12-01T10:00:00Z")],
        [event("c", more='<string key="lifecycle:transition" value="START"/>')],
        head=head,
    ).encode()
    r = read_one(gzip.compress(text) if pack else text)
    assert (r.format, counts(r)) == ("xes", {"read": 3, "kept": 3})
    assert r.events["case_id"].tolist() == ["1", "1", "2"]
    assert r.events["utc_offset"].tolist()[0] == 120
    assert r.events["lifecycle"].tolist()[2] == "start"
    assert r.events["channel"].tolist() == ["other"] * 3


def test_attributes_of_the_trace_only_when_asked_and_typed(read_one):
    case = '<int key="amount" value="7"/><string key="channel" value="Desk"/><boolean key="vip" value="true"/>'
    text = log([event(more='<float key="cost" value="1.5"/>')], case=case)
    r = read_one(text, columns={"channel": "case:channel"}, attributes=["case:amount", "cost", "case:vip"],
                 options={"values": {"channel": {"Desk": "desk", "*": "other"}}})  # fmt: skip
    e = r.events
    assert (e["channel"][0], e["case_amount"][0], e["cost"][0], e["case_vip"][0]) == ("desk", 7, 1.5, True)
    assert str(e["case_amount"].dtype) == "Int64"
    assert "case_amount" not in read_one(text).events
    with pytest.raises(
        StudyError, match=r"attributes = 'case:amout' is in no event or trace; did you mean 'case:amount'"
    ):
        read_one(text, attributes=["case:amout"])


def test_events_without_moment_or_name_are_rejected_and_transitions_not_asked_for_are_context(read_one):
    more = '<string key="lifecycle:transition" value="complete"/>'
    text = log([event(more=more), "<event/>", event(at="x"), event(more=more.replace("complete", "start"))])
    assert counts(read_one(text)) == {"read": 4, "kept": 2, "rejected": 2}
    assert counts(read_one(text, options={"lifecycle": ["complete"]})) == {
        "read": 4,
        "kept": 1,
        "rejected": 2,
        "context": 1,
    }


def test_a_document_that_declares_entities_is_refused_unread(read_one):
    bomb = '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    with pytest.raises(InputError, match="declares a DTD"):
        read_one(log([event("&b;")], head=f'<?xml version="1.0"?>{bomb}<log>'), format="xes")
    outside = '<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(InputError, match="declares a DTD"):
        read_one(log([event("&x;")], head=f"{outside}<log>"), format="xes")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<log></log>", "the log is empty: 0 traces and no event"),
        (log([event()])[:-20], "no well-formed XML"),
        ("<svg></svg>", "no XES log"),
        (log([event(at="2025-07-01T10:00:00")]), "no time zone"),
    ],
)
def test_what_is_wrong_is_one_sentence(read_one, text, said):
    with pytest.raises(InputError, match=said):
        read_one(text, format="xes")


def test_a_trace_without_a_name_is_still_one_case(read_one):
    text = log([event()], [event()]).replace('<string key="concept:name" value="1"/>', "", 1)
    assert read_one(text).events["case_id"].tolist() == ["trace 1", "2"]


def test_an_event_that_stands_in_two_exports_counts_once_and_one_that_happened_twice_twice(tmp_path):
    from cxmining.ingest import read_source
    from cxmining.runs.readings import KeptReadings, Sealed
    from cxmining.study import parse_study

    def log(*events, case="c1"):
        told = "".join(
            f'<event><string key="concept:name" value="{name}"/><date key="time:timestamp" value="{at}T10:00:00+00:00"/></event>'
            for name, at in events
        )
        return f'<log><trace><string key="concept:name" value="{case}"/>{told}</trace></log>'

    january = [("calls", "2024-01-02"), ("calls", "2024-01-02"), ("mails", "2024-01-03")]
    (tmp_path / "jan.xes").write_text(log(*january))
    (tmp_path / "feb.xes").write_text(log(*january, ("calls", "2024-02-01")))
    (tmp_path / "other.xes").write_text(log(*january, case="c2"))
    (tmp_path / "nameless.xes").write_text(log(*january).replace('<string key="concept:name" value="c1"/>', ""))
    study = parse_study({"name": "t", "source": [{"name": "s", "path": "*.xes", "format": "xes"}]}, tmp_path)
    r = read_source(study.sources[0], study)
    # the two calls at one moment of January are two; all of January stands in February's log again
    assert r.ledger["status"].value_counts().to_dict() == {"kept": 10, "duplicate": 3}
    assert r.events["touchpoint"].value_counts().to_dict() == {"calls": 7, "mails": 3}
    assert r.ledger.loc[r.ledger["status"] == "duplicate", "merged_into"].isin(r.events["event_id"]).all()
    kept = KeptReadings(Sealed(tmp_path / "kept", b"0123456789abcdef"))
    assert len(kept.read(study.sources[0], study).events) == 10  # the two that are tied are read together
