"""Where pm4py 2.7.23 is silently wrong, or in the way, and cxmining is not: one test per trap, by its number.

A test shows pm4py's behaviour where that is cheap and stable to show: when pm4py mends it, the test says so.
"""

import importlib.metadata
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import cxmining as cx
from cxmining.discovery import discover
from cxmining.errors import InputError, NotEnoughDataError, StudyError, UnknownNameError
from cxmining.exchange import read_journeys, write_xes
from cxmining.journeys import build_journeys, filters
from cxmining.journeys.views import dotted_chart

ROOT = Path(__file__).parents[2]
CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"

# Case 1001 calls, then pays; case 1002 calls, pays, and calls again. In order of time the cases take turns.
ROWS = [
    ("1001", "calls", "2025-01-01T10:00Z"),
    ("1002", "calls", "2025-01-01T11:00Z"),
    ("1001", "pays", "2025-01-02T10:00Z"),
    ("1002", "pays", "2025-01-02T11:00Z"),
    ("1002", "calls", "2025-01-03T11:00Z"),
]


def log():
    frame = pd.DataFrame(ROWS, columns=["klant", "stap", "tijd"])
    return frame.assign(tijd=pd.to_datetime(frame["tijd"]))


def their_log():
    return log().rename(columns={"klant": CASE, "stap": ACTIVITY, "tijd": TIME})


def journeys_of(frame=None, **more):
    frame = log() if frame is None else frame
    return build_journeys(cx.from_frame(frame, customer="klant", touchpoint="stap", timestamp="tijd", **more))


def test_trap_1_a_case_id_stays_text_and_joins_the_survey():
    import pm4py

    theirs = pm4py.format_dataframe(
        log().astype({"tijd": "str"}), case_id="klant", activity_key="stap", timestamp_key="tijd"
    )
    assert str(theirs["klant"].iloc[0]).startswith("1001-01-01")  # the year 1001
    survey = pd.DataFrame({"customer_id": ["1001", "1002"], "score": [9, 3]})
    assert len(journeys_of().table.merge(survey, on="customer_id")) == 2
    numbers = journeys_of(log().astype({"klant": "int64"}))
    assert numbers.table["customer_id"].tolist() == ["1001", "1002"]


def test_trap_2_days_and_months_are_told_apart_by_the_whole_column_or_asked_for():
    import pm4py

    frame = log().assign(tijd=["03/04/2024 10:00", "04/04/2024 10:00", "05/04/2024 10:00", "25/04/2024 10:00",
                               "26/04/2024 10:00"])  # fmt: skip
    theirs = pm4py.format_dataframe(frame.copy(), case_id="klant", activity_key="stap", timestamp_key="tijd")
    assert sorted(theirs[TIME].dt.month.unique()) == [3, 4, 5]  # one row is read so, another so
    ours = cx.from_frame(frame, customer="klant", touchpoint="stap", timestamp="tijd", tz="Europe/Amsterdam")
    assert ours.events["timestamp"].dt.month.unique().tolist() == [4]
    with pytest.raises(InputError, match="day from month"):
        cx.from_frame(frame.iloc[:2], customer="klant", touchpoint="stap", timestamp="tijd", tz="Europe/Amsterdam")


def test_trap_3_map_and_variants_agree_on_a_frame_in_any_order():
    import pm4py

    theirs = pm4py.get_variants(their_log())
    assert set(theirs) != {("calls", "pays"), ("calls", "pays", "calls")}
    assert pm4py.discover_dfg(their_log())[0] == {("calls", "pays"): 2, ("pays", "calls"): 1}  # which sorts
    for frame in (log(), log().iloc[::-1], log().sort_values("stap")):
        journeys = journeys_of(frame)
        variants = dict(zip(journeys.variants["touchpoints"], journeys.variants["journeys"], strict=True))
        assert variants == {("calls", "pays"): 1, ("calls", "pays", "calls"): 1}
        edges = journeys.dfg.set_index(["source", "target"])["n"]
        assert edges["calls", "pays"] == 2  # in both
        assert edges["pays", "calls"] == 1
        assert edges["(start)", "calls"] == 2


def test_trap_4_a_filter_always_returns_journeys_and_its_level_is_its_type():
    import pm4py

    assert pm4py.filter_event_attribute_values(their_log(), ACTIVITY, ["pays"]) is None
    journeys = journeys_of()
    assert len(journeys.where(filters.contains("pays")).log) == 5  # whole journeys
    assert len(journeys.where(filters.events(touchpoint="pays")).log) == 2  # their events
    with pytest.raises(StudyError):
        filters.contains("pays") & filters.events(touchpoint="pays")


def test_trap_5_local_time_is_kept_beside_utc_and_naive_time_is_not_taken_for_utc():
    import pm4py

    late = log().assign(tijd=pd.to_datetime(["2025-07-01T23:30+02:00"] * 5))
    theirs = pm4py.format_dataframe(late.copy(), case_id="klant", activity_key="stap", timestamp_key="tijd")
    assert theirs[TIME].dt.hour.tolist() == [21] * 5  # and nothing says that it was half past eleven at night
    ours = cx.from_frame(late, customer="klant", touchpoint="stap", timestamp="tijd")
    assert ours.events["timestamp"].dt.hour.tolist() == [21] * 5
    assert ours.events["utc_offset"].tolist() == [120] * 5
    naive = log().assign(tijd=pd.to_datetime(["2025-07-01T23:30"] * 5))
    with pytest.raises(InputError, match="zone"):
        cx.from_frame(naive, customer="klant", touchpoint="stap", timestamp="tijd")
    amsterdam = cx.from_frame(naive, customer="klant", touchpoint="stap", timestamp="tijd", tz="Europe/Amsterdam")
    assert amsterdam.events["timestamp"].dt.hour.tolist() == [21] * 5


def test_trap_6_an_unknown_touchpoint_is_an_error_that_names_the_nearest_and_no_log_is_silently_empty():
    import pm4py

    none = pm4py.filter_event_attribute_values(their_log(), ACTIVITY, ["pay"], level="case")
    assert len(none) == 0
    assert str(pm4py.discover_process_tree_inductive(none)) == "tau"
    with pytest.raises(UnknownNameError, match="did you mean 'pays'"):
        journeys_of().where(filters.contains("pay"))
    with pytest.raises(NotEnoughDataError, match=r"none of the 2 journeys"):
        journeys_of().where(filters.starts("pays"))


def test_trap_7_pictures_need_no_dot(tmp_path, monkeypatch):
    import pm4py

    monkeypatch.setenv("PATH", str(tmp_path))
    graph = pm4py.discover_dfg(their_log())
    with pytest.raises(Exception, match="dot"):
        pm4py.save_vis_dfg(*graph, str(tmp_path / "theirs.png"))
    assert len(dotted_chart(journeys_of()).figure().data) > 0


def test_trap_8_the_callers_frame_is_not_touched():
    import pm4py

    theirs = their_log()
    pm4py.discover_dfg(theirs)
    assert "start_timestamp" in theirs
    frame = log()
    journeys = journeys_of(frame)
    discover(journeys)
    pd.testing.assert_frame_equal(frame, log())
    before = journeys.data.events.copy()
    journeys.where(filters.contains("pays")).where(filters.events(touchpoint="pays"))
    pd.testing.assert_frame_equal(journeys.data.events, before)


def test_trap_9_missing_text_is_left_out_of_xes_not_written_as_a_number(tmp_path):
    from pm4py.objects.conversion.log import converter
    from pm4py.objects.log.exporter.xes import exporter

    said = ["late", None, None, None, None]
    theirs = their_log().assign(note=pd.Series(said, dtype="str"))
    exporter.apply(converter.apply(theirs), str(tmp_path / "theirs.xes"), parameters={"show_progress_bar": False})
    assert 'key="note" value="nan"' in (tmp_path / "theirs.xes").read_text(encoding="utf-8")
    journeys = journeys_of(log().assign(note=pd.Series(said, dtype="str")), attributes=["note"])
    write_xes(journeys, tmp_path / "ours.xes")
    text = (tmp_path / "ours.xes").read_text(encoding="utf-8")
    assert 'value="nan"' not in text.lower()
    assert text.count('value="late"') == 1
    back = read_journeys(tmp_path / "ours.xes")
    assert back.data.events["note"].isna().sum() == 4


def test_trap_10_pm4py_is_imported_late_and_its_banner_is_not_seen():
    code = """
import sys
import pandas as pd
import cxmining as cx
log = pd.DataFrame({"c": ["1", "1"], "t": ["a", "b"], "at": pd.to_datetime(["2025-01-01", "2025-01-02"], utc=True)})
journeys = cx.build_journeys(cx.from_frame(log, customer="c", touchpoint="t", timestamp="at"))
journeys.dfg, journeys.variants
assert "pm4py" not in sys.modules, "pm4py was imported before a model was asked for"
cx.discover(journeys)
assert "pm4py" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_trap_11_ids_are_the_same_in_every_run():
    import pm4py

    nets = [pm4py.discover_petri_net_inductive(their_log())[0] for _ in range(2)]
    names = [{t.name for t in net.transitions} for net in nets]
    assert names[0] != names[1]
    ours = [discover(journeys_of(log().sample(frac=1, random_state=seed)), coverage=1) for seed in (1, 2)]
    assert ours[0].to_pnml() == ours[1].to_pnml()
    assert ours[0].to_bpmn() == ours[1].to_bpmn()


def test_trap_12_coverage_of_many_variants_is_linear_and_costly_measures_run_within_a_stated_budget():
    n = 10_000
    letters = [f"t{i}" for i in range(32)]
    rows = [(f"c{i}", letters[(i >> (5 * k)) & 31], k) for i in range(n) for k in range(3)]
    frame = pd.DataFrame(rows, columns=["klant", "stap", "k"])
    start = pd.Timestamp("2025-01-01", tz="UTC")
    events = cx.schema.table(
        "events",
        {
            "event_id": "r" + frame.index.astype(str), "customer_id": frame["klant"], "touchpoint": frame["stap"],
            "timestamp": start + pd.to_timedelta(frame["k"], unit="D"), "channel": ["web"] * len(frame),
            "source": ["s"] * len(frame), "seq": frame.index,
        },
    ).sort_values(["timestamp", "seq"], ignore_index=True)  # fmt: skip
    journeys = build_journeys(cx.Dataset(events=events))
    assert len(journeys.variants) == n  # every journey its own: pm4py did not finish in nine minutes
    assert len(journeys.where(filters.coverage(0.5))) == n // 2
    model = discover(journeys.take(range(200), "some"), max_variants=20)
    assert "20 of 200 variants" in model.note
    assert "the limit of 20 variants was met first" in model.note
    assert 0 < model.quality["measured_share"] <= 1


def test_trap_13_no_progress_bar_is_seen(capfd):
    model = discover(journeys_of(), coverage=1)
    assert model.quality["fitness"] == 1
    assert capfd.readouterr() == ("", "")


def test_trap_14_the_licence_is_pm4pys():
    theirs = importlib.metadata.metadata("pm4py")
    said = " ".join(
        [theirs.get("License") or "", theirs.get("License-Expression") or "", *theirs.get_all("Classifier", [])]
    )
    assert "AGPL" in said or "Affero" in said
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert ours["license"] == "AGPL-3.0-or-later"
    assert "LICENSE" in ours["license-files"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
    assert "Version 3" in text[:200]
