"""The emotional journey that leaves with a run: no small cell, and none that could be had back."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from cxmining.experience import measure_experience
from cxmining.experience.curve import emotional_curve
from cxmining.experience.example import small_example
from cxmining.journeys import build_journeys
from cxmining.runs.emotions import COLUMNS, FILE, emotion_table


@pytest.fixture(scope="module")
def lived():
    return small_example()


def table_of(lived, min_cell):
    hidden: list[pd.DataFrame] = []
    return emotion_table(lived, min_cell, hidden), pd.concat(hidden, ignore_index=True)


def test_it_holds_what_the_curve_holds_by_touchpoint_stage_position_and_segment(lived):
    table, hidden = table_of(lived, 1)
    assert tuple(table.columns) == COLUMNS
    assert not len(hidden)
    assert set(zip(table["by"], table["grouped_by"], strict=True)) == {
        ("touchpoint", ""),
        ("stage", ""),
        ("position", ""),
        ("stage", "segment"),
    }
    points = emotional_curve(lived, "touchpoint").points
    mine = table[(table["by"] == "touchpoint") & table["line"].isin(["score", "emotion", "gap"])]
    assert mine["mean"].tolist() == points["mean"].tolist()
    assert (mine["basis"] == "asked").all()


@pytest.mark.parametrize("min_cell", [29, 35])
def test_no_small_cell_is_shown_and_each_hidden_one_is_listed(lived, min_cell):
    whole, _ = table_of(lived, 1)
    table, hidden = table_of(lived, min_cell)
    small = whole["customers"] < min_cell
    assert small.any()
    assert table.loc[small.to_numpy(), ["mean", "n"]].isna().all(axis=None)
    shown = table["mean"].notna().to_numpy()
    assert (whole.loc[shown, "customers"] >= min_cell).all()
    gone = table["mean"].isna().sum()
    assert (hidden["column"] == "mean").sum() == gone
    assert set(hidden["file"]) == {FILE}


def test_what_few_named_is_hidden_though_many_wrote(lived):
    named = emotional_curve(lived, "touchpoint").emotions.set_index("line")["named"]
    rare = named[named > 0].idxmin()
    table, _ = table_of(lived, int(named[rare]) + 1)
    row = table[(table["by"] == "touchpoint") & (table["line"] == rare)].iloc[0]
    assert pd.isna(row["mean"])
    assert row["customers"] > named[rare]
    # One touchpoint is all there is in its stage, so the stage would tell it.
    stage = table[(table["by"] == "stage") & (table["grouped_by"] == "") & (table["line"] == rare)]
    assert stage["mean"].isna().all()


def test_nothing_felt_is_an_empty_table():
    data = small_example().journeys.data
    silent = replace(
        data,
        responses=data.responses.head(0),
        answers=data.answers.head(0),
        events=data.events.assign(text=pd.NA).astype({"text": "str"}),
    )
    table = emotion_table(measure_experience(build_journeys(silent)), 10, [])
    assert list(table.columns) == list(COLUMNS)
    assert not len(table)
