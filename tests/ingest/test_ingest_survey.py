import pytest

from cxmining.errors import InputError, StudyError

NAMES = "StartDate,EndDate,Status,IPAddress,Progress,Finished,RecordedDate,ResponseId,RecipientLastName,RecipientFirstName,RecipientEmail,ExternalReference,LocationLatitude,UserLanguage,Q1,Q2\n"
TEXTS = 'Startdatum,Einddatum,Status,IP-adres,Voortgang,Voltooid,Geregistreerd,Id,Achternaam,Voornaam,E-mail,Referentie,Breedte,Taal,"Hoe waarschijnlijk\nis het?",Waarom?\n'
IDS = ",".join(f'"{{""ImportId"":""QID{i}""}}"' for i in range(16)) + "\n"


def answer(rid, q1="9", status="0", finished="1", ref="0017", q2="Goed"):
    return f"2025-07-01 10:00:00,2025-07-01 10:05:00,{status},10.0.0.1,100,{finished},2025-07-01 10:05:01,{rid},Wit,Jan,jan@a.nl,{ref},52.1,NL,{q1},{q2}\n"


SURVEY = {
    "survey": [
        {
            "name": "rel",
            "kind": "relationship",
            "comment": "Q2",
            "item": [{"column": "Q1", "metric": "nps", "low": 0, "high": 10}],
        }
    ]
}
HOW = {"survey": "rel", "tz": "Europe/Amsterdam", "study": SURVEY}


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


@pytest.mark.parametrize("head", [NAMES + TEXTS + IDS, NAMES + TEXTS])
def test_three_header_rows_or_two(read_one, head):
    r = read_one(head + answer("R_1"), **HOW)
    assert (r.format, counts(r)) == ("qualtrics", {"read": 1, "kept": 1})
    assert str(r.responses["timestamp"][0]) == "2025-07-01 08:05:00+00:00"
    assert (r.answers["score"][0], r.responses["comment"][0], r.responses["seq"][0]) == (9, "Goed", 1)
    assert sorted(zip(r.identifiers["kind"], r.identifiers["value"], strict=True)) == [
        ("account", "0017"),
        ("email", "jan@a.nl"),
        ("name", "Jan Wit"),
    ]
    assert "10.0.0.1" not in r.responses.to_csv() + r.answers.to_csv()


def test_previews_tests_spam_and_unfinished_are_rejected_each_with_its_reason(read_one):
    r = read_one(
        NAMES + TEXTS + IDS + answer("R_1", status="1") + answer("R_2", status="Survey Preview") + answer("R_3", status="8")
        + answer("R_4", finished="0") + answer("R_5", finished="False") + answer("R_6", status="IP Address", finished="True") + answer("R_6"),
        **HOW,
    )  # fmt: skip
    assert counts(r) == {"read": 7, "kept": 1, "rejected": 5, "duplicate": 1}
    assert r.ledger["reason"].dropna().tolist() == ["is a preview, no response"] * 2 + ["is spam, no response"] + [
        "unfinished"
    ] * 2 + ["bears the id of an earlier record"]


def test_nps_11_is_a_cell(read_one):
    r = read_one(NAMES + TEXTS + IDS + answer("R_1", q1="11"), **HOW)
    assert counts(r) == {"read": 1, "kept": 1}
    assert r.answers["status"].tolist() == ["invalid"]
    assert r.ledger.loc[r.ledger["cell"].notna(), "reason"].tolist() == ["outside the scale 0 to 10 of item 'Q1'"]


def test_what_must_be_said(read_one):
    good = NAMES + TEXTS + IDS + answer("R_1")
    with pytest.raises(StudyError, match=r"say which \[\[survey\]\] it belongs to"):
        read_one(good, tz="UTC", study=SURVEY)
    with pytest.raises(InputError, match="column 'EndDate': stamps carry no time zone"):
        read_one(good, survey="rel", study=SURVEY)
    with pytest.raises(InputError, match="the export is empty: header rows and no responses"):
        read_one(NAMES + TEXTS + IDS, format="qualtrics", **HOW)
    wrong = {"survey": [{**SURVEY["survey"][0], "item": [{"column": "Q9", "metric": "nps", "low": 0, "high": 10}]}]}
    with pytest.raises(StudyError, match="item column 'Q9' is not in the file"):
        read_one(good, survey="rel", tz="UTC", study=wrong)


def test_a_response_that_stands_in_two_exports_counts_once_as_it_was_last(read_one, tmp_path):
    # each month's export begins with all before; the comment of R_2 was corrected after January
    head = NAMES + TEXTS + IDS
    (tmp_path / "jan.csv").write_text(head + answer("R_1") + answer("R_2", q1="3").replace("10:05:00", "10:04:00"))
    both = head + answer("R_1") + answer("R_2", q1="8") + answer("R_3", q1="7")
    r = read_one(both, name="feb.csv", path="*.csv", **HOW)
    assert sum(i.counts["read"] for i in r.inputs) == 5
    assert r.ledger["status"].value_counts().to_dict() == {"kept": 3, "duplicate": 2}
    assert sorted(r.answers["score"]) == [7, 8, 9]
    twice = r.ledger[r.ledger["status"] == "duplicate"]
    assert twice["merged_into"].isin(r.responses["response_id"]).all()
    assert set(twice["reason"]) == {"the same response stands in another file"}
