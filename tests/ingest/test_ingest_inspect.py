import json

import pandas as pd
import pytest

import cxmining as cx
from cxmining.drafting import draft_study
from cxmining.errors import InputError, StudyError
from cxmining.ingest.survey.items import recognise
from cxmining.study import load_study


def test_inspection_says_what_and_why_and_shows_nobody(tmp_path):
    (tmp_path / "x.csv").write_text("naam;mail;soort\n" + "".join(f"Jan{i} Wit;jan{i}@a.nl;vraag\n" for i in range(10)))
    seen = cx.inspect(tmp_path / "x.csv")
    assert (seen.format, seen.columns["column"].tolist()) == ("csv", ["naam", "mail", "soort"])
    assert seen.head.iloc[0].tolist() == ["Xxx0 Xxx", "xxx0@x.xx", "vraag"]
    assert "semicolons" in repr(seen)
    for shown in (repr(seen), seen._repr_html_(), seen.summary.to_string()):
        assert "Jan" not in shown
        assert "jan0@" not in shown
    assert isinstance(seen.summary, pd.DataFrame)


def test_inspection_counts_what_would_be_rejected_and_asks_for_the_zone(tmp_path):
    hit = {"event_timestamp": "1735689600000000", "event_name": "x", "event_params": [], "user_pseudo_id": "<b>p</b>"}
    (tmp_path / "x.json").write_text(json.dumps(hit) + "\n{broken}\n")
    seen = cx.inspect(tmp_path / "x.json")
    assert (seen.format, seen.counts["read"], seen.counts["rejected"]) == ("ga4", 2, 1)
    assert "is no JSON" in repr(seen)
    assert "<b>" not in seen._repr_html_()
    (tmp_path / "Master.csv").write_text(
        '"","0612345678","0880012300","a","x","c","d","Queue","q","2025-01-01 10:00:00","","2025-01-01 10:00:09",9,0,"NO ANSWER","D","1.1",""\n'
    )
    seen = cx.inspect(tmp_path / "Master.csv")
    assert "in which zone" in seen.questions[0]
    assert not cx.inspect(tmp_path / "Master.csv", tz="UTC").questions
    assert "0612345678" not in repr(seen)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04abcdef", "the ZIP archive is damaged or cut off"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"%PDF-1.4", "is a PDF"),
        (b"<html></html>", "XML with the root <html>"),
        (b'[{"a": 1}]', "JSON of an unknown kind"),
        (b"   \n", "holds no character"),
        (b"a,b;c\n1,2;3\n", "split it equally well"),
        (
            b"# Notes\n\nWhat we were told on the phone last week.\n\nNobody knows, in the end, who called whom first.\n",
            "text in sentences and no table.*one column",
        ),
        (
            b"Dear reader, this is what came of it.\nIt is a long story. We had asked for it, twice, in vain.\n",
            "no table",
        ),
        (
            b"StartDate,EndDate,ResponseId,id,role,email,name,locale,verified\n1,2,3,4,5,6,7,8,9\n",
            r"could be 'qualtrics' .* or 'zendesk' .*; set format",
        ),
    ],
)
def test_what_is_none_or_two_is_refused(tmp_path, content, said):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(InputError, match=said):
        cx.inspect(tmp_path / "x")


@pytest.mark.parametrize(
    "content",
    [
        b"mail\na@b.nl\nc@d.nl\n",
        b"klant;opmerking\n1;Het duurde veel te lang voor ik iemand sprak.\n2;Wat een fijne service was dit toch weer.\n",
    ],
)
def test_a_list_and_a_table_with_sentences_are_tables(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    assert cx.inspect(tmp_path / "x").format == "csv"


def test_ten_thousand_columns_are_looked_at_in_seconds_and_shown_in_part(tmp_path):
    import time

    names = ["naam", *(f"kolom_{i}" for i in range(9_999))]
    lines = [",".join([f"Jan{r} Wit", *(str((r + i) % 3) for i in range(9_999))]) for r in range(60)]
    (tmp_path / "wide.csv").write_text("\n".join([",".join(names), *lines, ""]))
    begun = time.process_time()
    seen = cx.inspect(tmp_path / "wide.csv")
    shown, page = repr(seen), seen._repr_html_()
    # under 1 s on an idle machine; five minutes were not enough when every row and column was compared
    assert time.process_time() - begun < 6
    assert (len(seen.columns), seen.head.shape) == (10_000, (5, 10_000))
    assert seen.columns.iloc[1].tolist() == ["kolom_0", 1.0, 3, "0"]
    assert "and 9,900 columns more" in shown
    assert "and 9,900 columns more" in page
    assert "Jan" not in shown
    assert len(shown) < 100_000


def test_thousands_of_columns_are_seen_as_few_are():
    from cxmining.ingest.looking.inspecting import _look, _look_wide

    frame = pd.DataFrame(
        {"naam": ["Jan", "Piet"] * 4, "soort": ["vraag"] * 6 + [None, "klacht"], "dag": ["2024-01-01"] * 8, "Ën €": ["Été 1"] * 8}
    ).astype("str")  # fmt: skip
    few, many = _look(frame), _look_wide(frame)
    pd.testing.assert_frame_equal(few[0], many[0])
    assert few[1].fillna("").to_numpy().tolist() == many[1].fillna("").to_numpy().tolist()


def exports(folder):
    folder.mkdir(exist_ok=True)
    (folder / "calls.csv").write_text(
        "klantnummer;tijdstip;kanaal;soort\n"
        + "".join(f"{i};2025-05-{i + 10} 10:00;TELEFOON;vraag\n" for i in range(9))
    )
    (folder / "web.jsonl").write_text("".join(
        json.dumps({"event_timestamp": f"{1735689600 + i}000000", "event_name": "purchase", "event_params": [], "user_pseudo_id": f"p{i}"}) + "\n" for i in range(9)
    ))  # fmt: skip
    (folder / "notes.bin").write_bytes(b"%PDF")
    return folder


def test_a_draft_is_a_study_that_asks_and_overwrites_nothing(tmp_path):
    folder = exports(tmp_path / "exports")
    path = draft_study(folder)
    text = path.read_text()
    study = load_study(path)
    calls = next(s for s in study.sources if s.name == "calls")
    assert calls.columns == {
        "account": "klantnummer",
        "channel": "kanaal",
        "touchpoint": "soort",
        "timestamp": "tijdstip",
    }
    assert (calls.delimiter, calls.tz, calls.options) == (";", None, {"values": {"channel": {"TELEFOON": "phone"}}})
    assert "# QUESTION: in which zone were the stamps written?" in text
    assert "# not read: notes.bin: is a PDF" in text
    assert 'event = "^purchase$"' in (folder / "rules.toml").read_text()
    assert 'name = "purchase"' in (folder / "touchpoints.toml").read_text()
    with pytest.raises(InputError, match="no time zone"):
        cx.read(path)
    path.write_text(text.replace('# tz = "Europe/Amsterdam"', 'tz = "Europe/Amsterdam"'))
    data = cx.read(path)
    assert data.events.groupby("channel").size().to_dict() == {"app": 9, "phone": 9}
    with pytest.raises(StudyError, match=r"study\.toml is there already.*nothing was written"):
        draft_study(folder)
    path.unlink()
    with pytest.raises(StudyError, match=r"rules\.toml is there already"):
        draft_study(folder)
    assert not path.exists()


def test_a_draft_goes_into_the_folder_or_above_it(tmp_path):
    folder = exports(tmp_path / "exports")
    assert 'path = "exports/calls.csv"' in draft_study(folder, tmp_path).read_text()
    with pytest.raises(StudyError, match="a folder above it"):
        draft_study(folder, tmp_path / "elsewhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match=r"nothing in .* is an export"):
        draft_study(tmp_path / "empty")
    with pytest.raises(StudyError, match="there is no folder"):
        draft_study(tmp_path / "nowhere")


def test_the_sample_can_be_drafted_from_its_exports_alone(sample_copy):
    for name in ("study.toml", "rules.toml", "touchpoints.toml"):
        (sample_copy / name).unlink()
    path = draft_study(sample_copy)
    study = load_study(path)
    assert {s.format for s in study.sources} == {"mbox", "asterisk", "zendesk", "ga4", "qualtrics", "csv"}
    assert study.company.domains == ("zonnestroom.example",)
    relation = study.survey("relatie")
    assert [i.metric for i in relation.items[:4]] == ["nps", "csat", "rapportcijfer", "ces"]
    assert {i.metric for i in relation.items[4:]} == {"rapportcijfer", "expectation", "perception"}
    assert study.survey("contact").items[2].codes == {"ja": 1, "deels": 0.5, "nee": 0}
    text = path.read_text() + (sample_copy / "rules.toml").read_text() + (sample_copy / "touchpoints.toml").read_text()
    customer = (sample_copy / "customers.csv").read_text(encoding="utf-8").splitlines()[1].split(";")
    assert not [v for v in (customer[0], customer[1], customer[2], customer[8]) if v and v in text]


def test_items_that_are_no_scores():
    assert recognise("Q", "Waarom?", pd.Series(["omdat", "daarom", "zomaar", "niks"])).metric == ""
    assert recognise("Q", "?", pd.Series([None, ""], dtype="str")).reason == "holds no answer"
    assert recognise("Q", "iets", pd.Series(["3", "4", "n.v.t."])).not_used == ("n.v.t.",)


def test_rules_are_proposed_for_hits_within_a_session_and_not_only_for_the_first(tmp_path):
    # four hits five minutes apart are one session, called after its first: the purchase within it needs a rule too
    names = ["page_view", "checkout_start", "purchase", "scroll"]
    rows = [
        {"event_timestamp": str(1735689600000000 + i * 300_000_000), "event_name": names[i % 4], "event_params": [],
         "user_pseudo_id": f"p{i // 4}"} for i in range(40)
    ]  # fmt: skip
    (tmp_path / "web.jsonl").write_text("\n".join(map(json.dumps, rows)))
    draft_study(tmp_path)
    rules = (tmp_path / "rules.toml").read_text()
    assert 'event = "^checkout_start$"' in rules
    assert 'event = "^purchase$"' in rules
    assert "page_view" not in rules
    assert 'name = "purchase"' in (tmp_path / "touchpoints.toml").read_text()
