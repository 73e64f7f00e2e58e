"""Hostile tables, workbooks and surveys: one sentence or a rejected record, in bounded time; never a crash."""

import io
import zipfile

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxmining as cx
from cxmining.errors import CxminingError, InputError, StudyError
from cxmining.ingest.files.opening import open_file
from cxmining.ingest.looking.sniff import sniff
from cxmining.ingest.survey.items import recognise_items
from cxmining.ingest.tables.presets import PRESETS, find_preset, settle
from cxmining.study import parse_study

XSS = "<img src=x onerror=alert(1)>"


def workbook(*rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def bomb():
    """A sheet that unpacks to 600 MiB of the letter x."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(["a"], ["b"]))) as good,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for name in good.namelist():
            if name.endswith("sheet1.xml"):
                with bad.open(name, "w", force_zip64=True) as stream:
                    for _ in range(600):
                        stream.write(b"x" * (1 << 20))
            else:
                bad.writestr(name, good.read(name))
    return out.getvalue()


def test_a_workbook_that_unpacks_to_what_no_workbook_does_is_refused_unread(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(bomb())
    assert sniff(open_file(tmp_path / "x.xlsx", "x.xlsx")).format == "excel"
    with pytest.raises(InputError, match=r"unpacks to \d+ MiB, as no workbook does"):
        cx.read(tmp_path / "x.xlsx")


@pytest.mark.parametrize("cut", [10, 200, -200, -30])
def test_a_workbook_cut_off_is_said(tmp_path, cut):
    (tmp_path / "x.xlsx").write_bytes(workbook(["a", "b"], [1, 2])[:cut])
    with pytest.raises(InputError, match=r"x\.xlsx"):
        cx.read(tmp_path / "x.xlsx")


def test_damaged_sheets_are_said(tmp_path):
    for inside in (
        b"<worksheet><sheetData><row>",
        b"\x00" * 50,
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet>&b;</worksheet>",
    ):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(workbook(["a"], ["b"]))) as good, zipfile.ZipFile(out, "w") as bad:
            for name in good.namelist():
                bad.writestr(name, inside if name.endswith("sheet1.xml") else good.read(name))
        (tmp_path / "x.xlsx").write_bytes(out.getvalue())
        with pytest.raises(CxminingError):
            cx.read(tmp_path / "x.xlsx")


def test_markup_in_names_and_values_stays_text(tmp_path):
    (tmp_path / "x.csv").write_text(
        f"Poststuknummer;Ontvangstdatum;Documentsoort;Klantnummer;{XSS}\nP1;31-05-2024;{XSS};1;{XSS}\n"
    )
    seen = cx.inspect(tmp_path / "x.csv", tz="UTC")
    assert seen.preset == "post"
    assert "<img" not in seen._repr_html_()
    assert cx.read(tmp_path / "x.csv", tz="UTC").events["touchpoint"].tolist() == [XSS]


def test_thousands_of_columns_are_looked_at_in_bounded_time(tmp_path):
    import time

    names = ";".join(f"kolom {i}" for i in range(3_000))
    (tmp_path / "x.csv").write_text(names + "\n" + ";".join("4" for _ in range(3_000)) + "\n")
    start = time.process_time()
    with pytest.raises(CxminingError, match="timestamp"):
        cx.read(tmp_path / "x.csv")
    assert time.process_time() - start < 30


def test_dates_that_mean_never_are_rejected_records(tmp_path):
    rows = "P1;01-01-0001;1\nP2;31-12-9999;2\nP3;31-05-2024;3\nP4;;4\nP5;gisteren;5\n"
    (tmp_path / "x.csv").write_text("Poststuknummer;Ontvangstdatum;Klantnummer\n" + rows)
    data = cx.read(tmp_path / "x.csv", tz="UTC")
    assert data.sources[["read", "kept", "rejected"]].to_numpy().tolist() == [[5, 1, 4]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=12), min_size=1, max_size=12, unique=True))
def test_no_names_of_columns_break_the_search_for_a_mapping(names):
    found = find_preset(names)
    assert found.name in {"", *PRESETS}
    assert bool(found.name) <= bool(found.why)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(PRESETS)),
    st.lists(st.sampled_from(["datum", "Date", "klantnummer", "From", "To", "status", "tijd", "rating", "soort", "richting", "EAN", "text", "Besteldatum"]), min_size=1, unique=True),
    st.lists(st.one_of(st.none(), st.text(max_size=10)), min_size=1, max_size=4),
)  # fmt: skip
def test_a_mapping_is_filled_in_or_refused_in_a_sentence(tmp_path_factory, preset, names, values):
    frame = pd.DataFrame(dict.fromkeys(names, values), dtype="str")
    study = parse_study(
        {"name": "t", "source": [{"name": "s", "path": "x.csv", "preset": preset}]}, tmp_path_factory.getbasetemp()
    )
    try:
        source, frames, _ = settle(study.sources[0], [frame], study)
    except StudyError:  # in a sentence: which of two columns, or which is missing
        return
    assert set(source.columns.values()) | set(source.attributes) <= set(frames[0].columns)
    assert len(frames[0]) == len(frame)
    assert list(frame.columns) == names  # the table that came in is not changed


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(max_size=60),
    st.lists(st.one_of(st.none(), st.text(max_size=12), st.integers(-(2**70), 2**70).map(str), st.floats().map(str)), max_size=30),
)  # fmt: skip
def test_no_question_or_answers_break_the_recognition(question, answers):
    frame = pd.DataFrame({"Q1": pd.Series(answers, dtype="str"), "Q2": pd.Series(answers[::-1], dtype="str")})
    for found in recognise_items(frame, {"Q1": question, "Q2": question}):
        assert found.reason
        assert 0 <= found.confidence <= 1
        assert not found.metric or found.low < found.high
