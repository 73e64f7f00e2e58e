"""The service blueprint shows who does what where the log or people say so, each cell once, and says what it does not know."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.example import small_example
from cxmining.figures.measure import width_of
from cxmining.figures.scene import SMALLEST, Words
from cxmining.i18n import say
from cxmining.ingest import from_frame
from cxmining.journeys import build_journeys
from cxmining.maps.blueprint import blueprint
from cxmining.maps.blueprint.cells import HANDOVER_COLUMNS, LANES, ROWS
from cxmining.maps.blueprint.result import blueprint_of
from cxmining.maps.words import HIDDEN
from cxmining.schema import Dataset, table

HOSTILE = "<img src=x onerror=alert(1)>"
START = pd.Timestamp("2025-03-03 09:00", tz="UTC")


def company(customers=30, front="Service", back="Back office", label=str):
    """Each customer calls; every second call is put through inside; a letter follows; the grid does its part unseen."""
    rows = []
    for c in range(customers):
        at = START + pd.Timedelta(days=c)
        through = c % 2 == 0
        rows += [
            (
                c,
                "calls",
                at,
                "phone",
                "inbound",
                "front",
                f"p{c % 3}",
                60.0 + c,
                f"t{c}",
                f"front > {back}" if through else None,
            ),
            (
                c,
                "checks the case",
                at + pd.Timedelta(hours=2),
                "other",
                "internal",
                back,
                f"b{c % 2}",
                None,
                f"t{c}",
                None,
            ),
            (c, "letter", at + pd.Timedelta(days=2), "post", "outbound", None, None, None, None, None),
            (c, "grid works", at + pd.Timedelta(days=3), "other", "outbound", None, None, None, None, None),
            (c, "looks it up", at + pd.Timedelta(days=4), "web", "inbound", None, None, None, None, None),
        ]
    names = [
        "who",
        "touchpoint",
        "timestamp",
        "channel",
        "direction",
        "queue",
        "resource",
        "wait_s",
        "thread_id",
        "route",
    ]
    frame = pd.DataFrame(rows, columns=names)
    columns = {n: frame[n] for n in names[2:]}
    columns["touchpoint"] = frame["touchpoint"].map(label)
    events = table("events", {
        **columns, "customer_id": "c" + frame["who"].astype("str"), "event_id": [f"e{i}" for i in range(len(frame))],
        "route_waits": frame["route"].map(lambda r: "5s > 120s" if isinstance(r, str) else None).astype("str"),
        "source": ["s"] * len(frame), "seq": np.arange(1, len(frame) + 1),
    })  # fmt: skip
    told = ["calls", "checks the case", "letter", "grid works", "looks it up"]
    catalogue = table("catalogue", {
        "touchpoint": [label(t) for t in told], "owner_declared": [front, back, "Finance", "Grid", "Digital"],
        "stage": ["service", "service", "service", "loyalty", "loyalty"], "supported_by": ["IT", None, "Printer", None, None],
        "backstage": [False, True, False, True, False], "third_party": [False, False, False, True, False],
    })  # fmt: skip
    return build_journeys(Dataset(events=events, catalogue=catalogue))


def cells(found, row, touchpoint):
    mine = found.cells[(found.cells["row"] == row) & (found.cells["touchpoint"] == touchpoint)]
    return {(c["key"], c["status"]): c for c in mine.to_dict("records")}


@pytest.fixture(scope="module")
def found():
    return blueprint(company())


def test_each_touchpoint_stands_in_the_lane_where_it_takes_place(found):
    assert set(found.cells["row"]) <= set(ROWS)
    assert cells(found, "action", "calls")[("customer", "measured")]["value"] == 1.0
    assert cells(found, "action", "letter")[("customer", "measured")]["value"] == 0.0
    # what the catalogue calls backstage the customer does not see; a third party's stands with what supports
    assert ("(away)", "people") in cells(found, "action", "checks the case")
    assert ("(activity)", "measured") in cells(found, "backstage", "checks the case")
    assert ("(activity)", "measured") in cells(found, "support", "grid works")
    assert ("(system) web", "measured") in cells(found, "frontstage", "looks it up")


def test_who_serves_is_mined_and_what_people_declare_stays_apart(found):
    front = cells(found, "frontstage", "calls")[("front", "measured")]
    # the queue is called by no department: what is declared for this touchpoint has no vote on who handles it
    assert (front["value"], front["n"]) == (1.0, 30)
    assert 0.88 < front["low"] < front["high"] <= 1.0
    assert cells(found, "owner", "calls")[("", "people")]["text"] == "Service"
    assert cells(found, "support", "calls")[("supported_by", "people")]["text"] == "IT"
    wait = cells(found, "wait", "calls")[("customer", "measured")]
    assert wait["value"] == 60 + 14.5  # waits of 60 to 89 seconds
    assert wait["low"] < wait["value"] < wait["high"]


def test_hand_overs_have_n_wait_and_how_much_comes_back(found):
    assert list(found.handovers.columns) == list(HANDOVER_COLUMNS)
    row = found.handovers[found.handovers["touchpoint"] == "calls"].iloc[0]
    # half inside the call, after 120 s; the other half two hours later, by the back office's own record
    assert (row["target"], row["n"], row["customers"], row["share"]) == ("Back office", 30, 30, 1.0)
    assert row["wait_p90_s"] == 7200
    behind = cells(found, "backstage", "calls")[("Back office", "measured")]
    assert behind["value"] == 1.0
    said = [i.text for i in found.scene.items if isinstance(i, Words)]
    assert any(text.startswith("30× · ") for text in said)


def test_few_are_hidden_and_named_by_a_sign():
    few = blueprint(company(customers=16), min_cell=12)
    # eight customers were put through inside the call, all sixteen were handed over: sixteen may be told
    assert not few.handovers["hidden"].any()
    with pytest.raises(NotEnoughDataError, match="no touchpoint was met by 12"):
        blueprint(company(customers=11), min_cell=12)
    data = company(customers=16).data
    events = data.events[~(data.events["touchpoint"] == "checks the case")].reset_index(drop=True)
    hidden = blueprint(build_journeys(replace(data, events=events)), min_cell=12)
    assert hidden.handovers["hidden"].tolist() == [True]
    assert hidden.handovers[["n", "wait_median_s", "share"]].isna().all(axis=None)
    assert any(w.text == HIDDEN for w in hidden.scene.items if isinstance(w, Words))
    assert not any("8×" in w.text for w in hidden.scene.items if isinstance(w, Words))


def test_a_lane_of_which_the_log_tells_nothing_says_so():
    plain = blueprint(small_example())
    texts = " ".join(w.text for w in plain.scene.items if isinstance(w, Words))
    for lane in ("backstage", "support"):
        assert say("blueprint", f"none_{lane}", "en")[:40] in texts
    nobody = blueprint(
        build_journeys(small_example().journeys.data).take([0, 1, 2], "three"), min_cell=1, language="nl"
    )
    assert any(w.text.startswith("Niets in het log") for w in nobody.scene.items if isinstance(w, Words))


def walked(count, customers=12):
    rows = [
        (f"c{c}", f"{'vraag over betalingsherinnering ' * 2}{i:02}"[-60:], START + pd.Timedelta(days=c, hours=i),
         "an office with quite a long name of its own" if i % 3 else "front", f"p{c % 4}", f"c{c}")
        for c in range(customers) for i in range(count)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["customer", "step", "time", "queue", "who", "case"])
    data = from_frame(frame, customer="customer", touchpoint="step", timestamp="time")
    events = data.events.assign(
        queue=frame["queue"].astype("str"), resource=frame["who"].astype("str"), case_id=frame["case"].astype("str")
    )
    return build_journeys(replace(data, events=events))


@pytest.mark.parametrize(("count", "language"), [(1, "en"), (6, "nl"), (60, "nl")])
def test_no_words_overlap_and_none_is_too_small(count, language):
    found = blueprint(walked(count), language=language)
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


def test_what_does_not_fit_stands_together_and_pages_hold_every_touchpoint_once():
    found = blueprint(walked(14), most=12)
    assert found.touchpoints[-1] == "(other)"
    assert found.label("(other)") == "2 more"
    pages = found.pages(5)
    assert len(pages) == 3
    assert "part 2 of 3" in pages[1].title
    with pytest.raises(StudyError, match="most=0"):
        blueprint(walked(2), most=0)


def test_labels_units_and_departments_are_text_everywhere(tmp_path):
    found = blueprint(company(front=HOSTILE, back="🧾 שלום " + "x" * 290, label=lambda t: f"{HOSTILE} {t}"))
    for text in (found.to_svg(), found.to_html(), found._repr_html_()):
        assert "<img" not in text
        assert "&lt;img" in text
    assert "שלום" in found.to_svg()
    assert all("<img" not in (n.text or "") for n in found.figure().layout.annotations)
    assert found.to_slides(tmp_path / "b.pptx").stat().st_size > 10_000


def test_people_of_no_team_stand_together_and_nobody_is_named():
    data = company().data
    alone = replace(data, events=data.events.assign(queue=None, route=None).astype({"queue": "str", "route": "str"}))
    found = blueprint(build_journeys(alone))
    assert ("(people) 3", "measured") in cells(found, "frontstage", "calls")
    kept = found.to_svg() + found.cells.to_csv() + found.handovers.to_csv()
    assert not any(f"{kind}{k}{end}" in kept for kind in "pb" for k in range(3) for end in ("<", ",", " "))
    # whom the catalogue's departments name is a department; in a log without one they are colleagues
    bare = blueprint(build_journeys(replace(alone, catalogue=alone.catalogue.iloc[:0])))
    assert bare.handovers[["touchpoint", "source", "target", "n"]].to_numpy().tolist() == [
        ["calls", "(people)", "(people)", 30]
    ]
    assert any(
        "a colleague: 30×" in w.said or w.text.startswith("→ a colleague")
        for w in bare.scene.items
        if isinstance(w, Words)
    )


def test_what_people_filled_in_stands_beside_it(tmp_path):
    path = tmp_path / "cx-map.toml"
    path.write_text("[[cell]]\nrow = 'owner'\ntouchpoint = 'letter'\ntext = 'Legal'\nby = 'Anna'")
    found = blueprint(company(), people=path)
    texts = [w.text for w in found.scene.items if isinstance(w, Words)]
    assert "Legal" in texts
    assert "Finance" in texts  # the catalogue's word stays
    path.write_text("[[cell]]\nrow = 'owner'\ntouchpoint = 'leter'\ntext = 'Legal'\nby = 'Anna'")
    with pytest.raises(UnknownNameError, match="letter"):
        blueprint(company(), people=path)


def test_tables_that_were_kept_as_csv_make_the_same_drawing(tmp_path, found):
    found.cells.to_csv(tmp_path / "c.csv", index=False)
    found.handovers.to_csv(tmp_path / "h.csv", index=False)
    facts = {**found.facts, "feet": []}
    back = blueprint_of(
        pd.read_csv(tmp_path / "c.csv", keep_default_na=False, na_values=[""]),
        pd.read_csv(tmp_path / "h.csv"),
        facts,
        "en",
    )
    assert back.to_svg() == found.to_svg() == blueprint(company()).to_svg()


def test_the_summary_has_a_row_per_touchpoint(found):
    table_ = found.summary.set_index("touchpoint")
    assert list(table_.index) == list(found.touchpoints)
    assert table_.loc["calls", ["frontstage", "backstage", "owner", "supported_by"]].tolist() == [
        "front",
        "Back office",
        "Service",
        "IT",
    ]
    assert set(LANES) <= set(table_.columns)
    assert "30 hand-overs" in repr(found)
