"""The CX map shows what was measured, each cell once, with n, interval and where it comes from."""

import dataclasses
import time
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import InputError, NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.example import small_example
from cxmining.figures.measure import width_of
from cxmining.figures.scene import SMALLEST, Words
from cxmining.ingest import from_frame
from cxmining.maps.cx import cx_map, read_workshop
from cxmining.maps.cx.cells import CELL_COLUMNS, ROWS, STATUSES, in_columns
from cxmining.maps.cx.result import map_of
from cxmining.maps.words import HIDDEN, MISSING

HOSTILE = "<img src=x onerror=alert(1)>"


def lived(touchpoints=4, customers=40, label=lambda i: f"step {i}"):
    """Every customer goes through the touchpoints in order, a third of them skip the last."""
    rows = [
        (
            f"c{c}",
            label(i),
            pd.Timestamp("2025-01-01", tz="UTC") + pd.Timedelta(days=c, hours=i),
            ("mail", "phone")[i % 2],
        )
        for c in range(customers)
        for i in range(touchpoints)
        if i < touchpoints - 1 or c % 3
    ]
    frame = pd.DataFrame(rows, columns=["customer", "step", "time", "channel"])
    data = from_frame(frame, customer="customer", touchpoint="step", timestamp="time", channel="channel")
    return cx.measure_experience(cx.build_journeys(data))


def cell(found, row, touchpoint, key=None):
    cells = found.cells[(found.cells["row"] == row) & (found.cells["touchpoint"] == touchpoint)]
    return cells[cells["key"] == key].iloc[0] if key is not None else cells.iloc[0]


def test_cells_hold_reach_channel_and_next_steps_with_n_and_interval():
    found = cx_map(lived())
    assert list(found.cells.columns) == list(CELL_COLUMNS)
    assert set(found.cells["row"]) <= set(ROWS)
    assert set(found.cells["status"]) <= set(STATUSES)
    last = cell(found, "touchpoint", "step 3", "reach")
    assert last["value"] == pytest.approx(26 / 40)
    assert last["n"] == 26
    assert last["low"] < 26 / 40 < last["high"]
    on = cell(found, "next", "step 2", "step 3")
    # 26 of 40 go on to step 3, 14 leave: one decision a customer
    assert on["value"] == pytest.approx(26 / 40)
    assert (on["low"], on["high"]) == pytest.approx((0.4951, 0.7787), abs=1e-3)
    assert cell(found, "channel", "step 1", "phone")["value"] == 1.0
    assert found.touchpoints == ("step 0", "step 1", "step 2", "step 3")


def test_a_share_does_not_tell_of_the_few_behind_it():
    """1 of 92 is hidden as its count is in the table of touchpoints; 0 and 17 of 92 are not, nor other rows' shares."""
    rows = [("wow", 1 / 92), ("pain", 17 / 92), ("share", 1 / 92)]
    frame = pd.DataFrame(
        [{"row": r, "touchpoint": "a", "value": v, "n": 92, "status": "measured"} for r, v in rows]
        + [{"row": "wow", "touchpoint": "b", "value": 0.0, "n": 92, "status": "measured"}]
    )
    found = in_columns(frame, {"a": 0, "b": 1}, 10)
    hidden = {(r["row"], r["touchpoint"]): bool(r["hidden"]) for r in found.to_dict("records")}
    assert hidden == {("wow", "a"): True, ("pain", "a"): False, ("share", "a"): False, ("wow", "b"): False}
    assert found.loc[found["hidden"], ["value", "low", "high", "n"]].isna().all(axis=None)


def test_what_is_about_too_few_is_hidden_and_what_was_never_measured_is_missing():
    found = cx_map(lived(customers=40), min_cell=30)
    hidden = cell(found, "next", "step 2", "step 3")
    assert hidden["hidden"]
    assert pd.isna(hidden["value"])
    assert pd.isna(hidden["n"])
    assert "step 3" not in found.touchpoints
    assert HIDDEN != MISSING
    with pytest.raises(NotEnoughDataError, match="no touchpoint was met by 50"):
        cx_map(lived(customers=40), min_cell=50)


@pytest.mark.parametrize("count", [1, 6, 25, 60])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_no_words_overlap_and_none_is_too_small(count, language):
    found = cx_map(
        lived(count, 24, lambda i: f"{'vraag over betalingsherinnering ' * 2}{i:02}"[-60:]), language=language
    )
    started = time.process_time()
    scene = found.scene
    assert time.process_time() - started < 1.5
    words = [i for i in scene.items if isinstance(i, Words) and i.text]
    assert min(w.size for w in words) >= SMALLEST

    def ends(w):
        wide = width_of(w.text, w.size, bold=w.bold)
        left = w.x - {"start": 0, "middle": wide / 2, "end": wide}[w.anchor]
        return left, left + wide

    lines = {}
    for w in words:
        lines.setdefault(round(w.y), []).append(ends(w))
    for spans in lines.values():
        for (_, right), (left, _) in pairwise(sorted(spans)):
            assert right <= left + 2
    assert all(a >= -1 and b <= scene.width + 1 for spans in lines.values() for a, b in spans)
    assert len(found.to_svg().encode()) < 300_000


def test_more_touchpoints_than_fit_stand_together_and_that_is_said():
    found = cx_map(lived(9, 30), most=4)
    assert len(found.touchpoints) == 5
    assert found.touchpoints[-1] == "(other)"
    assert found.label("(other)") == "5 more"
    assert cell(found, "touchpoint", "(other)", "reach")["value"] == 1.0
    assert any("5 touchpoints stand together" in text for text in found.facts["feet"])


def test_labels_are_text_everywhere(tmp_path):
    found = cx_map(lived(3, 20, lambda i: f"{HOSTILE} {i}"))
    for text in (found.to_svg(), found.to_html(), found._repr_html_()):
        assert "<img" not in text
        assert "&lt;img" in text
    assert all("<img" not in (n.text or "") for n in found.figure().layout.annotations)


def test_right_to_left_emoji_and_very_long_labels_are_drawn():
    names = ["שלום עולם", "🧾🧾🧾", "x" * 300]
    found = cx_map(lived(3, 20, lambda i: names[i]))
    assert "שלום" in found.to_svg()
    assert "🧾" in found.to_svg()


def test_what_people_fill_in_comes_back_stays_apart_and_is_kept(tmp_path):
    pytest.importorskip("xlsxwriter")
    openpyxl = pytest.importorskip("openpyxl")
    found = cx_map(lived())
    for name, owner in (("Anna", "Finance"), ("Bo", "Sales")):
        path = found.to_workbook(tmp_path / f"{name}.xlsx")
        book = openpyxl.load_workbook(path)
        sheet = book["Fill in"]
        sheet["B1"] = name
        column = next(c for c in range(3, 20) if sheet.cell(4, c).value == "step 1")
        line = next(r for r in range(5, 20) if sheet.cell(r, 1).value == "owner")
        sheet.cell(line, column).value = owner
        sheet.cell(line + 1, column).value = "=1+1 sooner"
        sheet.cell(line + 1, column).data_type = "s"  # a text, as a person types it after an apostrophe
        book.save(path)
    met = read_workshop([tmp_path / "Anna.xlsx", tmp_path / "Bo.xlsx"])
    assert met.summary.to_numpy().tolist() == [["Anna", 2, 1], ["Bo", 2, 1]]
    assert met.disagreements["said"].tolist() == ["Finance (Anna); Sales (Bo)"]
    kept = met.save(tmp_path / "cx-map.toml")
    again = read_workshop(tmp_path / "Anna.xlsx").save(kept)
    assert again.read_text() == kept.read_text()  # Bo's cells stay
    both = cx_map(lived(), people=kept)
    assert set(both.cells.loc[both.cells["row"] == "owner", "text"]) == {"Finance", "Sales"}
    assert (both.cells.loc[both.cells["row"] == "owner", "status"] == "people").all()
    assert "Finance; Sales" in both.to_svg()
    # another delivery, with more customers, leaves what people set
    later = cx_map(lived(customers=60), people=kept)
    assert cell(later, "opportunity", "step 1")["text"] == "=1+1 sooner"


def test_text_that_looks_like_a_formula_stays_text_in_a_workbook(tmp_path):
    pytest.importorskip("xlsxwriter")
    openpyxl = pytest.importorskip("openpyxl")
    path = cx_map(lived(3, 20, lambda i: f"=HYPERLINK({i})")).to_workbook(tmp_path / "x.xlsx")
    cells = [c for row in openpyxl.load_workbook(path)["CX map"].iter_rows() for c in row if c.value]
    assert any(str(c.value).startswith("=HYPERLINK") for c in cells)
    assert all(c.data_type != "f" for c in cells)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("cell = 3", "expected entries"),
        ("[[cell]]\nrow = 'owner'", "expected the texts"),
        ("[[cell]]\nrow = 'ownr'\ntouchpoint = 'a'\ntext = 'b'\nby = 'c'", "owner"),
        ("[[cell]]\nrow = 'owner'\ntouchpoint = 'a'\ntext = 7\nby = 'c'", "expected the texts"),
        (f"[[cell]]\nrow = 'owner'\ntouchpoint = 'a'\ntext = '{'x' * 301}'\nby = 'c'", "301 letters"),
        ("\x00", "no TOML"),
    ],
)
def test_a_damaged_file_of_people_is_named(tmp_path, text, match):
    path = tmp_path / "cx-map.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=match):
        cx_map(lived(), people=path)


def test_unknown_touchpoints_rows_and_numbers_are_refused(tmp_path):
    path = tmp_path / "cx-map.toml"
    path.write_text("[[cell]]\nrow = 'owner'\ntouchpoint = 'stap 1'\ntext = 'b'\nby = 'c'")
    with pytest.raises(UnknownNameError, match="step 1"):
        cx_map(lived(), people=path)
    with pytest.raises(StudyError, match="no row 'mood'"):
        cx_map(lived(), more=pd.DataFrame({"row": ["mood"], "touchpoint": ["step 1"], "status": ["people"]}))
    with pytest.raises(StudyError, match="most=0"):
        cx_map(lived(), most=0)
    (tmp_path / "no.xlsx").write_bytes(b"PK nothing")
    with pytest.raises(InputError, match=r"no\.xlsx"):
        read_workshop(tmp_path / "no.xlsx")


def test_pages_cut_between_stages_and_hold_every_touchpoint_once():
    found = cx_map(lived(25, 24))
    pages = found.pages(8)
    assert len(pages) == 4
    assert "part 2 of 4" in pages[1].title
    shown = [
        i.said.split(":")[0] for p in pages for i in p.items if getattr(i, "radius", 0) and i.said.startswith("step")
    ]
    assert sorted(shown) == sorted(found.touchpoints)


def test_the_same_log_makes_the_same_bytes():
    assert cx_map(lived()).to_svg() == cx_map(lived()).to_svg()
    assert np.isfinite(cx_map(lived()).scene.height)


def test_cells_that_were_kept_as_csv_make_the_same_drawing(tmp_path):
    found = cx_map(lived(14, 24))  # more than nine: places must not be sorted as text
    path = tmp_path / "cells.csv"
    found.cells.to_csv(path, index=False)
    back = map_of(pd.read_csv(path, dtype={"place": "str"}), found.facts, "en")
    assert back.touchpoints == found.touchpoints
    assert back.to_svg() == found.to_svg()


def plan(**item):
    whole = dict.fromkeys(
        ("touchpoint", "task", "evidence", "difference", "low", "high", "n", "outcome", "outcome_difference", "outcome_low", "outcome_high", "outcome_n")
    )  # fmt: skip
    return SimpleNamespace(summary=pd.DataFrame([whole | item]))


def test_what_the_roadmap_holds_stands_among_the_opportunities():
    found = cx_map(lived(), language="nl", plan=plan(touchpoint="step 1", difference=0.14, low=0.09, high=0.18, n=3994))
    chance = cell(found, "opportunity", "step 1")
    assert (chance["value"], chance["n"], chance["status"]) == (0.14, 3994, "measured")
    texts = [w.text for w in found.scene.items if isinstance(w, Words)]
    assert "[0,09; 0,18]" in texts
    assert "n = 3.994" in texts
    few = cx_map(lived(), plan=plan(touchpoint="step 1", difference=0.14, low=0.09, high=0.18, n=9))
    assert bool(cell(few, "opportunity", "step 1")["hidden"])
    task = cx_map(lived(), plan=plan(touchpoint="step 2; step 3", task=HOSTILE, evidence="text", n=60))
    assert cell(task, "opportunity", "step 2")["text"] == HOSTILE
    assert HOSTILE not in task.to_html()


def test_a_quote_is_masked_and_stands_only_where_the_study_lets_words_be_seen_and_enough_wrote():
    known = small_example()
    data = known.journeys.data
    responses = data.responses.assign(comment="Bel mij op 06-12345678, het klopt niet")

    def of(**change):
        changed = dataclasses.replace(data, responses=responses, **change)
        return dataclasses.replace(known, journeys=dataclasses.replace(known.journeys, data=changed))

    quotes = cx_map(of()).cells.query("row == 'quote'")
    assert len(quotes) == 1
    assert "het klopt niet" in quotes["text"].iloc[0]
    assert "12345678" not in quotes["text"].iloc[0]
    assert quotes["n"].iloc[0] >= 10
    assert not (cx_map(of(texts="none")).cells["row"] == "quote").any()
    assert not (cx_map(of(), quotes=False).cells["row"] == "quote").any()
    assert cx_map(of(), min_cell=40).cells.query("row == 'quote'")["text"].tolist() == [""]
