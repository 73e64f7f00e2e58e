"""Workbooks: what a cell shows is what is read; what the workbook spoilt is said."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

import cxmining as cx
from cxmining.errors import InputError, StudyError

MAPPED = {
    "format": "excel", "into": "events", "tz": "Europe/Amsterdam",
    "columns": {"account": "klant", "timestamp": "datum", "touchpoint": "stap"},
}  # fmt: skip
HEAD = ["klant", "datum", "stap"]


def book(*rows, epoch=None, edit=None):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    if epoch is not None:
        made.epoch = epoch
    if edit is not None:
        edit(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def cells(reading):
    rows = reading.ledger[reading.ledger["cell"].notna()]
    return list(zip(rows["seq"], rows["cell"], rows["reason"], strict=True))


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_a_date_is_a_date_by_the_epoch_of_its_workbook_and_an_id_is_no_float(read_one, epoch):
    # Macs counted days from 1904: read by the other epoch, each date would be 4 years and a day off
    rows = [HEAD, [123.0, dt.datetime(2024, 5, 1, 10, 30), "belt"], ["0012", dt.date(2024, 5, 2), "mailt"]]
    r = read_one(book(*rows, epoch=epoch), name="x.xlsx", **MAPPED)
    assert [str(t) for t in r.events["timestamp"]] == ["2024-05-01 08:30:00+00:00", "2024-05-01 22:00:00+00:00"]
    assert r.identifiers["value"].tolist() == ["123", "0012"]


def test_a_number_beyond_2_53_is_a_rejected_cell_because_its_last_digits_are_gone(read_one):
    r = read_one(
        book(HEAD, [871685901000099166, dt.date(2024, 5, 1), "belt"], [7, dt.date(2024, 5, 1), "belt"]),
        name="x.xlsx", **MAPPED,
    )  # fmt: skip
    assert r.inputs[0].counts["kept"] == 2
    assert r.identifiers["value"].tolist() == ["7"]
    said = "is a number beyond 2^53, whose last digits the workbook lost; store the column as text"
    assert cells(r) == [(1, "klant", said)]


def test_a_formula_that_failed_is_a_rejected_cell(read_one):
    def fail(made):
        made.active["A3"].value, made.active["A3"].data_type = "#N/A", "e"

    rows = [HEAD, [1, dt.date(2024, 5, 1), "belt"], [2, dt.date(2024, 5, 1), "belt"]]
    r = read_one(book(*rows, edit=fail), name="x.xlsx", **MAPPED)
    assert cells(r) == [(2, "klant", "holds a formula that failed")]
    assert r.identifiers["value"].tolist() == ["1"]


def test_sheets_are_chosen_and_those_not_read_are_named_hidden_ones_too(read_one):
    def more(made):
        for name, state in (("verborgen", "hidden"), ("tweede", "visible"), ("leeg", "visible")):
            sheet = made.create_sheet(name)
            sheet.sheet_state = state
            if name != "leeg":
                for row in (HEAD, [9, dt.date(2024, 6, 1), name]):
                    sheet.append(row)

    content = book(HEAD, [1, dt.date(2024, 5, 1), "belt"], edit=more)
    r = read_one(content, name="x.xlsx", **MAPPED)
    assert r.notes[0] == (
        "x.xlsx: the sheet 'Sheet' was read; not read: 'verborgen' (hidden), 'tweede'. options.sheet = \"…\" reads another"
    )
    r = read_one(content, name="x.xlsx", **MAPPED, options={"sheet": "verborgen"})
    assert r.events["touchpoint"].tolist() == ["verborgen"]
    assert r.notes == ("x.xlsx: the sheet 'verborgen' that was read is hidden in the workbook",)
    with pytest.raises(StudyError, match="no sheet 'twede'; did you mean 'tweede'"):
        read_one(content, name="x.xlsx", **MAPPED, options={"sheet": "twede"})
    with pytest.raises(InputError, match="the sheet is empty: 'leeg'"):
        read_one(content, name="x.xlsx", **MAPPED, options={"sheet": "leeg"})


def test_a_title_or_merged_names_are_refused_with_the_row_to_take_instead(read_one):
    rows = [["Contacten 2024"], [], HEAD, [1, dt.date(2024, 5, 1), "belt"]]
    with pytest.raises(InputError, match=r"row 1 holds one cell, which is a title.*options.header = 3"):
        read_one(book(*rows), name="x.xlsx", **MAPPED)
    with pytest.raises(InputError, match=r"row 1 merges the cells A1:C1.*options.header = 3"):
        read_one(book(*rows, edit=lambda b: b.active.merge_cells("A1:C1")), name="x.xlsx", **MAPPED)
    r = read_one(book(*rows), name="x.xlsx", **MAPPED, options={"header": 3})
    assert r.events["touchpoint"].tolist() == ["belt"]
    for wrong in (0, 5, "3", True):
        with pytest.raises(StudyError, match=r"is no row of the sheet; expected one from 1 to 4"):
            read_one(book(*rows), name="x.xlsx", **MAPPED, options={"header": wrong})


def test_durations_times_and_truth_values_are_text_that_means_them(read_one):
    rows = [
        [*HEAD, "duur", "uur", "waar"],
        [1, dt.date(2024, 5, 1), "belt", dt.timedelta(hours=30), dt.time(9, 5), True],
    ]
    r = read_one(
        book(*rows), name="x.xlsx", **{**MAPPED, "columns": {**MAPPED["columns"], "duration_s": "duur"}},
        attributes=["uur", "waar"],
    )  # fmt: skip
    assert r.events["duration_s"][0] == 30 * 3600
    assert (r.events["uur"][0], bool(r.events["waar"][0])) == ("09:05:00", True)


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Blad1">
<table:table-row>{head}</table:table-row>
<table:table-row><table:table-cell office:value-type="float" office:value="123"><text:p>123</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2024-05-01T10:30:00"><text:p>1 mei</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>belt</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def test_an_open_document_sheet_is_a_workbook_too(read_one, tmp_path):
    names = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{n}</text:p></table:table-cell>' for n in HEAD
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.replace(">\n<", "><").format(head=names))
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')  # fmt: skip
    r = read_one(out.getvalue(), name="x.ods", **MAPPED)
    assert (r.identifiers["value"].tolist(), str(r.events["timestamp"][0])) == (["123"], "2024-05-01 08:30:00+00:00")
    assert cx.inspect(tmp_path / "x.ods").format == "excel"


def test_what_is_no_workbook_is_said(tmp_path):
    locked = b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage\0".encode("utf-16-le")
    (tmp_path / "x.xlsx").write_bytes(locked)
    with pytest.raises(InputError, match="is a workbook with a password; save it without one"):
        cx.inspect(tmp_path / "x.xlsx")
    (tmp_path / "y.msg").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    with pytest.raises(InputError, match=r"\.msg"):
        cx.inspect(tmp_path / "y.msg")
