"""Exports of form tools as they are written: names in two rows, names of their own in Dutch, unfinished responses."""

import datetime as dt
import io

import openpyxl
import pytest

import cxmining as cx
from cxmining import ingest
from cxmining.errors import InputError
from cxmining.ingest.files.opening import open_file
from cxmining.ingest.looking.sniff import sniff

# a question spans the columns of its options; the second row names them
MONKEY = (
    "Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,Custom Data 1,"
    'How likely is it that you would recommend us to a friend or colleague?,"How satisfied are you with:",,Anything else?,Anything else?\n'
    ",,,,,,,,,,Price,Service,Open-Ended Response,Open-Ended Response\n"
    "118001,4001,05/31/2024 01:15:00 PM,05/31/2024 01:22:00 PM,10.0.0.1,ann@b.example,Ann,Wood,x,10,5,4,Great,\n"
    "118002,4001,05/31/2024 02:15:00 PM,05/31/2024 02:22:00 PM,10.0.0.2,,,,x,11,3,,,\n"
    "118002,4001,05/31/2024 02:15:00 PM,05/31/2024 02:22:00 PM,10.0.0.2,,,,x,7,3,,,\n"
)
NPS = "How likely is it that you would recommend us to a friend or colleague?"
GOOGLE = (
    "Tijdstempel,E-mailadres,Hoe tevreden bent u over ons?,Welk rapportcijfer geeft u de balie? [Wachttijd],Wat kan er beter aan onze dienstverlening?\n"
    '2024/05/31 1:22:11 PM CEST,jan@a.example,4,"7,5",Niets eigenlijk\n'
    '2024/05/31 1:22:11 PM CEST,jan@a.example,4,"7,5",Niets eigenlijk\n'
    "2024/05/31 12:05:00 AM GMT+2,,5 - zeer tevreden,12,\n"
)
MS_HEAD = [
    "ID",
    "Begintijd",
    "Tijd van voltooien",
    "E-mail",
    "Naam",
    "Tijd van laatste wijziging",
    "Hoe makkelijk was het om uw vraag te regelen? (1-7)",
]
LIME = (
    '"id","submitdate","lastpage","startlanguage","seed","token","startdate","datestamp","ipaddr","Q1[SQ001]","nps"\n'
    '"1","2024-05-31 13:22:11","3","nl","1","abc","2024-05-31 13:20:00","2024-05-31 13:22:11","10.0.0.1","4","9"\n'
    '"2","","1","nl","2","abd","2024-05-31 13:21:00","2024-05-31 13:22:11","10.0.0.1","4",""\n'
)  # fmt: skip


def survey(*items, **more):
    return {"survey": [{"name": "x", "kind": "relationship", "item": list(items), **more}]}


def counts(reading):
    return {k: v for k, v in reading.inputs[0].counts.items() if v}


def test_surveymonkey_has_two_rows_of_names(read_one):
    how = survey({"column": NPS, "metric": "nps", "low": 0, "high": 10},
                 {"column": "How satisfied are you with: - Price", "metric": "csat"}, comment="Anything else?")  # fmt: skip
    r = read_one(MONKEY, tz="Europe/Amsterdam", survey="x", study=how)
    assert (r.format, counts(r)) == ("surveymonkey", {"read": 3, "kept": 2, "duplicate": 1})
    assert r.answers["score"].tolist()[:2] == [10, 5]
    assert r.answers["status"].tolist() == ["answered", "answered", "invalid", "answered"]  # an NPS of 11 is a cell
    assert r.ledger.loc[r.ledger["cell"].notna(), ["seq", "cell"]].to_numpy().tolist() == [[2, NPS]]
    assert r.responses["comment"].dropna().tolist() == ["Great"]
    assert str(r.responses["timestamp"][0]) == "2024-05-31 11:22:00+00:00"
    assert r.identifiers["value"].tolist() == ["ann@b.example", "Ann Wood"]
    assert "10.0.0" not in r.responses.to_csv() + r.identifiers.to_csv()


def test_one_row_of_names_is_read_too(read_one):
    first, _, *rest = MONKEY.splitlines(keepends=True)
    r = read_one(
        first + "".join(rest),
        tz="UTC",
        survey="x",
        study=survey({"column": NPS, "metric": "nps", "low": 0, "high": 10}),
    )
    assert counts(r) == {"read": 3, "kept": 2, "duplicate": 1}


def test_google_forms_stamps_bear_their_zone_and_copies_are_found_by_content(read_one):
    how = survey({"column": "Hoe tevreden bent u over ons?", "metric": "csat"},
                 {"column": "Welk rapportcijfer geeft u de balie? [Wachttijd]", "metric": "rapportcijfer", "low": 1, "high": 10})  # fmt: skip
    r = read_one(GOOGLE, survey="x", study=how)
    assert (r.format, counts(r)) == ("googleforms", {"read": 3, "kept": 2, "duplicate": 1})
    assert [str(t) for t in r.responses["timestamp"]] == ["2024-05-31 11:22:11+00:00", "2024-05-30 22:05:00+00:00"]
    assert r.answers["score"].tolist()[:3] == [4, 7.5, 5]
    assert r.answers["status"].tolist() == ["answered", "answered", "answered", "invalid"]


def workbook(*rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_microsoft_forms_writes_a_workbook_in_the_language_of_its_owner(read_one, tmp_path):
    at = dt.datetime(2024, 5, 31, 13, 22)
    content = workbook(
        MS_HEAD, [1, at, at, "anonymous", "", None, 7], [2, at, at, "jan@a.example", "Jan de Wit", None, "6"], [2, at, at, "jan@a.example", "Jan de Wit", None, "6"],
    )  # fmt: skip
    r = read_one(
        content, name="antwoorden.xlsx", tz="Europe/Amsterdam", survey="x", study=survey({"column": MS_HEAD[-1], "metric": "ces", "low": 1, "high": 7})
    )  # fmt: skip
    assert (r.format, counts(r)) == ("msforms", {"read": 3, "kept": 2, "duplicate": 1})
    assert r.answers["score"].tolist() == [7, 6]
    # who did not sign in is nobody: "anonymous" would make one customer of all of them
    assert r.identifiers["value"].tolist() == ["jan@a.example", "Jan de Wit"]
    seen = sniff(open_file(tmp_path / "antwoorden.xlsx", "antwoorden.xlsx"))
    assert (seen.format, "Tijd van voltooien" in seen.why) == ("msforms", True)
    with pytest.raises(InputError, match="no time zone"):
        ingest.read_survey(tmp_path / "antwoorden.xlsx")
    data = ingest.read_survey(tmp_path / "antwoorden.xlsx", tz="Europe/Amsterdam")
    assert data.answers["metric"].unique().tolist() == ["ces"]


def test_limesurvey_marks_what_was_not_submitted(read_one):
    how = survey({"column": "nps", "metric": "nps", "low": 0, "high": 10}, {"column": "Q1[SQ001]", "metric": "csat"})
    r = read_one(LIME, tz="Europe/Amsterdam", survey="x", study=how)
    assert (r.format, counts(r)) == ("limesurvey", {"read": 2, "kept": 1, "rejected": 1})
    assert r.ledger["reason"].dropna().tolist() == ["unfinished"]
    assert r.answers["score"].tolist() == [9, 4]


def test_limesurvey_without_dates_is_refused_with_a_way_out(read_one):
    undated = LIME.replace('"1","2024-05-31 13:22:11"', '"1","1980-01-01 00:00:00"')
    how = {"tz": "UTC", "survey": "x", "study": survey({"column": "nps", "metric": "nps", "low": 0, "high": 10})}
    with pytest.raises(InputError, match=r"no response bears a date .* name another column: options.timestamp"):
        read_one(undated, **how)
    assert counts(read_one(undated, options={"timestamp": "datestamp"}, **how)) == {"read": 2, "kept": 1, "rejected": 1}


@pytest.mark.parametrize(
    ("content", "format_"), [(MONKEY, "surveymonkey"), (GOOGLE, "googleforms"), (LIME, "limesurvey")]
)
def test_the_look_says_what_was_recognised_and_shows_nobody(tmp_path, content, format_):
    (tmp_path / "x.csv").write_text(content)
    seen = cx.inspect(tmp_path / "x.csv", tz="Europe/Amsterdam")
    assert seen.format == format_
    assert set(seen.items["metric"]) & {"nps", "csat"}
    assert "ann@b" not in repr(seen) + seen._repr_html_()
    assert "jan@a" not in repr(seen)


def test_a_column_called_timestamp_alone_is_no_form(tmp_path):
    (tmp_path / "x.csv").write_text("timestamp,user,action\n2024-05-31 10:00,1,a\n")
    assert cx.inspect(tmp_path / "x.csv").format == "csv"


@pytest.mark.parametrize("content", [MONKEY, GOOGLE, LIME])
def test_a_header_alone_is_said(read_one, content):
    kind = {MONKEY: "surveymonkey", GOOGLE: "googleforms", LIME: "limesurvey"}[content]
    rows = content.splitlines(keepends=True)[: 2 if content is MONKEY else 1]
    with pytest.raises(InputError, match=r"the export is empty|holds no"):
        read_one("".join(rows), format=kind, tz="UTC", survey="x", study=survey({"column": "nps", "metric": "nps"}))
