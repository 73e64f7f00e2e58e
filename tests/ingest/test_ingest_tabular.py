import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmining.errors import InputError, StudyError

EVENTS = {
    "columns": {"account": "klant", "timestamp": "tijd", "touchpoint": "stap", "channel": "kanaal"},
    "format": "csv",
    "tz": "Europe/Amsterdam",
}
HEAD = "klant;tijd;stap;kanaal\n"


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def test_ids_stay_text_and_local_hours_survive(read_one):
    r = read_one(HEAD + "0012;2025-07-01 12:00:00;belt;phone\n", **EVENTS)
    assert r.identifiers["value"].tolist() == ["0012"]
    assert str(r.events["timestamp"][0]) == "2025-07-01 10:00:00+00:00"
    assert r.events["utc_offset"][0] == 120


def test_each_record_has_one_fate(read_one):
    r = read_one(
        HEAD
        + "1;2025-01-01 10:00:00;belt;phone\n"
        + "1;2025-01-01 10:00:00;belt;phone\n"  # the same again
        + "2;;belt;phone\n"
        + "3;2025-02-30 10:00:00;belt;phone\n"
        + "4;2025-01-01 10:00:00;NA;phone\n"
        + "5;2025-01-01\n"  # cut off
        + '6;2025-01-02 10:00:00;"belt;\nweer";PHONE\n',
        **EVENTS,
    )
    assert counts(r) == {"read": 7, "kept": 2, "rejected": 4, "duplicate": 1}
    rows = r.ledger.set_index("seq")
    assert rows.loc[2, "merged_into"] == rows.loc[1, "record_id"]
    assert rows["reason"].dropna().tolist() == [
        "equal to an earlier record in every column", "no timestamp", "timestamp is no moment", "no touchpoint", "has 2 fields, expected 4",
    ]  # fmt: skip
    assert r.events["seq"].tolist() == [1, 7]
    assert r.events["touchpoint"][1] == "belt;\nweer"


def test_channels_by_a_map_of_values_and_what_is_none_is_said(read_one):
    r = read_one(
        HEAD + "1;2025-01-01 10:00;a;TEL\n1;2025-01-01 11:00;a;fax\n1;2025-01-01 12:00;a;\n1;2025-01-01 13:00;a;Mail\n",
        **EVENTS, options={"values": {"channel": {"TEL": "phone"}}},
    )  # fmt: skip
    assert r.events["channel"].tolist() == ["phone", "other", "other", "mail"]
    assert "'(missing)' 1" in r.notes[0]
    assert "'fax' 1" in r.notes[0]


def test_only_what_is_mapped_is_kept_and_attributes_are_typed(read_one):
    head = "klant,tijd,stap,kanaal,adres,bedrag,zaak_id,ok,code\n"
    r = read_one(
        head + "1,2025-01-01 10:00,a,mail,Kerkstraat 1,10.5,7,true,x\n",
        **EVENTS,
        attributes=["bedrag", "zaak_id", "ok"],
    )
    assert "Kerkstraat" not in r.events.to_csv() + r.identifiers.to_csv() + r.ledger.to_csv()
    assert {c: str(r.events[c].dtype) for c in ("bedrag", "zaak_id", "ok")} == {
        "bedrag": "Float64",
        "zaak_id": "str",
        "ok": "boolean",
    }


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        (HEAD, {}, "the export is empty: a header and no records"),
        ("  \n", {}, "holds no text"),
        (HEAD + "1;2025-01-01 10:00;a;mail\n", {"tz": None}, "no time zone"),
        (HEAD.replace("kanaal", "stap") + "1;2;3;4\n", {}, "two columns are called 'stap'"),
        ("a,b;c\n1,2;3\n", {}, "split it equally well; set delimiter"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(read_one, content, more, said):
    with pytest.raises(InputError, match=said) as error:
        read_one(content, **{**EVENTS, **more})
    assert "export.csv" in str(error.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"columns": {"timestamp": "tijdstip", "touchpoint": "stap"}},
            r"columns.timestamp = 'tijdstip' is not a column.*did you mean 'tijd'",
        ),
        ({"columns": {"tijdstempel": "tijd"}}, "unknown key 'tijdstempel'"),
        ({"columns": {"timestamp": "tijd"}}, "must say which column is the touchpoint"),
        ({"options": {"value": {}}}, "unknown option 'value'.*did you mean 'values'"),
        ({"options": {"values": {"channel": {"x": "fax"}}}}, "gives 'fax'; expected one of mail, phone"),
        ({"attributes": ["bedrag"]}, "attributes = 'bedrag' is not a column"),
    ],
)
def test_a_wrong_mapping_names_key_value_and_choices(read_one, more, said):
    with pytest.raises(StudyError, match=said):
        read_one(HEAD + "1;2025-01-01 10:00;a;mail\n", **{**EVENTS, **more})


def test_charsets_and_nul_bytes(read_one):
    r = read_one((HEAD + "1;2025-01-01 10:00;caf\xe9\x00;mail\n").encode("cp1252"), **EVENTS)
    assert r.events["touchpoint"].tolist() == ["café"]


def test_xes_names_need_no_mapping(read_one):
    r = read_one("case:concept:name,concept:name,time:timestamp\n1,a,2025-01-01T10:00:00+01:00\n", format="csv")
    assert (r.events["case_id"][0], r.events["touchpoint"][0], r.events["utc_offset"][0]) == ("1", "a", 60)


def test_customers_need_somebody_and_keep_what_is_named(read_one):
    r = read_one(
        "nr,naam,segment,iban\n7,Jan,a,NL1\n,Piet,b,NL2\n-,-,c,NL3\n", format="csv", into="customers",
        columns={"account": "nr", "name": "naam"}, attributes=["segment"],
    )  # fmt: skip
    assert counts(r) == {"read": 3, "kept": 2, "rejected": 1}
    assert list(r.customers.columns) == ["customer_id", "record_id", "source", "seq", "segment"]


SURVEY = {
    "survey": [{"name": "rel", "kind": "relationship", "customer": {"account": "k"}, "comment": "c", "weight": "w", "item": [
        {"column": "nps", "metric": "nps", "low": 0, "high": 10},
        {"column": "web", "metric": "perception", "touchpoint": "web", "low": 1, "high": 5, "not_used": [6], "blank": [0]},
        {"column": "ok", "metric": "resolved", "low": 0, "high": 1, "codes": {"ja": 1, "nee": 0}},
    ]}]
}  # fmt: skip


def test_a_score_outside_its_scale_is_a_rejected_cell_and_its_response_stands(read_one):
    r = read_one(
        "k,t,nps,web,ok,c,w\n1,2025-01-01 10:00,11,6,ja,goed,1\n2,2025-01-01 10:00,9,0,nee,,x\n3,2025-01-01 10:00,,5,?,,2\n",
        format="csv", into="responses", survey="rel", tz="UTC", columns={"timestamp": "t"}, study=SURVEY,
    )  # fmt: skip
    assert counts(r) == {"read": 3, "kept": 3}
    assert r.answers["status"].tolist() == [
        "invalid", "not_used", "answered", "answered", "blank", "answered", "blank", "answered", "invalid",
    ]  # fmt: skip
    assert r.answers["score"].dropna().tolist() == [1, 9, 0, 5]
    cells = r.ledger[r.ledger["cell"].notna()]
    assert sorted(zip(cells["seq"], cells["cell"], strict=True)) == [(1, "nps"), (2, "weight"), (3, "ok")]
    assert r.responses["weight"].isna().tolist() == [False, True, False]


def test_invitations_of_a_survey_nobody_declared_are_rejected(read_one):
    r = read_one(
        "s,t,m\nrel,2025-01-01 10:00,a@b.nl\nxyz,2025-01-01 10:00,a@b.nl\n", format="csv", into="invitations", tz="UTC",
        columns={"survey": "s", "invited_at": "t", "email": "m"}, study=SURVEY,
    )  # fmt: skip
    assert counts(r) == {"read": 2, "kept": 1, "rejected": 1}


def test_excel_and_parquet(read_one, tmp_path):
    frame = pd.DataFrame(
        {
            "klant": ["1001", "1002"],
            "tijd": pd.to_datetime(["2025-01-01 10:00", "2025-07-01 10:00"]),
            "stap": ["a", "b"],
            "kanaal": "mail",
        }
    )
    frame.assign(klant=[1001.0, 1002.0]).to_excel(tmp_path / "x.xlsx", index=False)
    frame.to_parquet(tmp_path / "x.parquet")
    for name, kind in (("x.xlsx", "excel"), ("x.parquet", "parquet"), ("x.xlsx", "auto"), ("x.parquet", "auto")):
        r = read_one((tmp_path / name).read_bytes(), name=name, **{**EVENTS, "format": kind})
        assert r.identifiers["value"].tolist() == ["1001", "1002"]
        assert r.events["utc_offset"].tolist() == [60, 120]


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(["1", "2", ""]), st.sampled_from(["2025-01-01 10:00", "x", ""]), st.sampled_from(["a", "", "NA"])),
                     min_size=1, max_size=12).filter(lambda rows: any(t.startswith("2") for _, t, _ in rows)))  # fmt: skip
def test_read_is_always_the_sum_of_all_fates(rows, tmp_path_factory):
    from cxmining.ingest import read_source
    from cxmining.study import parse_study

    root = tmp_path_factory.mktemp("law")
    (root / "export.csv").write_text(HEAD + "".join(f"{k};{t};{s};mail\n" for k, t, s in rows))
    study = parse_study({"name": "t", "source": [{"name": "s", "path": "export.csv", **EVENTS}]}, root)
    r = read_source(study.sources[0], study)
    c = r.inputs[0].counts
    assert c["read"] == len(rows) == sum(v for k, v in c.items() if k != "read")
    assert c["kept"] == len(r.events) == len({(k, t, s) for k, t, s in rows if t.startswith("2") and s == "a"})
    assert np.all(r.ledger["record_id"].is_unique)
