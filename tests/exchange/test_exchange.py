"""Journeys written for other tools come back as they were: tables, ids, stages, scores, filters, local hours."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import cxmining as cx
from cxmining.errors import InputError, StudyError
from cxmining.exchange import read_journeys, write_parquet, write_xes
from cxmining.experience import measure_experience
from cxmining.journeys import build_journeys
from cxmining.schema import OVERALL, Dataset, table

TABLES = ("table", "variants", "dfg", "touchpoints", "stages")
HOSTILE = "<img src=\"x\" onerror='alert(1)'> &amp; ]]> \ttab\nline"


def dataset(label: str = HOSTILE) -> Dataset:
    """Ann: three contacts over the night the clocks change, the second two in one instant. Bob: one, before 1970."""
    n = 4
    return Dataset(
        name="Zonnestroom & co",
        language="nl",
        time_zone="Europe/Amsterdam",
        notes=("read from two files",),
        events=table(
            "events",
            {
                "event_id": ["b1", "a1", "a2", "a3"],
                "customer_id": ["bob", "ann", "ann", "ann"],
                "timestamp": pd.to_datetime(
                    ["1969-12-31T23:59:59.999999Z", "2024-03-30T23:30Z", "2024-03-31T01:30Z", "2024-03-31T01:30Z"],
                    format="ISO8601",
                ),
                "utc_offset": [None, 60, 120, -210],
                "touchpoint": ["koopt", "koopt", label, "belt"],
                "channel": ["desk", "web", "mail", "phone"],
                "wait_s": [None, 0.1, None, 1e-300],
                "resource": [None, "agent \u0007 one", None, "=1+1"],
                "text": ["Jan de Wit", None, None, None],
                "source": ["s"] * n,
                "seq": range(1, n + 1),
                "amount": pd.array([None, 2**53 + 1, 7, 8], dtype="Int64"),
                "vip": pd.array([True, None, False, True], dtype="boolean"),
                "due": pd.to_datetime(["2024-01-01", None, None, "2024-05-05"], utc=True).astype("datetime64[us, UTC]"),
            },
        ),
        responses=table(
            "responses",
            {
                "response_id": ["r1"],
                "customer_id": ["ann"],
                "timestamp": pd.to_datetime(["2024-04-02"], utc=True),
                "survey": ["yearly"],
                "survey_kind": ["journey"],
                "comment": ["bel mij: 06-12345678"],
                "source": ["q"],
                "seq": [1],
            },
        ),
        answers=table(
            "answers",
            {
                "response_id": ["r1"] * 3,
                "item": ["q1", "q2", "q3"],
                "metric": ["rapportcijfer", "rapportcijfer", "expectation"],
                "touchpoint": [OVERALL, "belt", "belt"],
                "score": [8, 9, 7],
                "scale_low": [1.0] * 3,
                "scale_high": [10.0] * 3,
                "higher_is_better": [True] * 3,
                "status": ["answered"] * 3,
            },
        ),
        catalogue=table(
            "catalogue",
            {
                "touchpoint": ["koopt", "belt"],
                "stage": ["purchase", "service"],
                "backstage": [False, False],
                "third_party": [False, True],
                "cost": [None, 4.5],
            },
        ),
    )


def same(left, right, drop=("text",)):
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(left, name), getattr(right, name))
    wanted = [c for c in right.events if c not in drop]
    pd.testing.assert_frame_equal(left.events[wanted], right.events[wanted])
    assert (left.notion, left.chain, left.notes) == (right.notion, right.chain, right.notes)
    assert (left.data.name, left.data.language, left.data.time_zone) == (
        right.data.name, right.data.language, right.data.time_zone,
    )  # fmt: skip


def test_a_folder_comes_back_as_it_was_and_is_measured_the_same(tmp_path):
    lived = measure_experience(build_journeys(dataset(), gap="30D"))
    said = write_parquet(lived, tmp_path / "out", texts=True)
    assert said.left_out == ()
    again = read_journeys(tmp_path / "out")
    same(again, lived.journeys, drop=())
    measured = measure_experience(again)
    for name in ("links", "touchpoints", "overall", "moments"):
        pd.testing.assert_frame_equal(getattr(measured, name), getattr(lived, name))


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_an_xes_log_comes_back_as_it_was_but_for_what_xml_cannot_hold(tmp_path, name):
    lived = measure_experience(build_journeys(dataset(), gap="30D"))
    said = write_xes(lived, tmp_path / name)
    again = read_journeys(tmp_path / name)
    same(again, lived.journeys, drop=("text", "resource"))
    assert again.events["resource"].dropna().tolist() == ["agent \ufffd one", "=1+1"]
    assert "1 value held characters that XML cannot" in " ".join(said.left_out)
    # What was felt stands beside the event it is about.
    felt = again.events.set_index("event_id").loc["a3"]
    assert (felt["score"], felt["expected"], felt["score_metric"]) == (9, 7, "rapportcijfer")


def test_what_customers_wrote_stays_home_unless_asked(tmp_path):
    lived = measure_experience(build_journeys(dataset()))
    folder, log = write_parquet(lived, tmp_path / "out"), write_xes(lived, tmp_path / "log.xes")
    assert len(folder.left_out) == 2
    assert any("1 texts" in what for what in log.left_out)
    raw = b"".join(f.read_bytes() for f in (tmp_path / "out").iterdir()) + (tmp_path / "log.xes").read_bytes()
    assert b"Jan de Wit" not in raw
    assert b"06-12345678" not in raw
    assert read_journeys(tmp_path / "out").data.events["text"].isna().all()


def test_filtered_journeys_keep_their_chain_and_their_names(tmp_path):
    journeys = build_journeys(dataset(), gap="30D")
    some = journeys.take((journeys.table["n_events"] > 1).to_numpy(), "more than one contact")
    write_parquet(some, tmp_path / "out")
    write_xes(some, tmp_path / "log.xes")
    for place in ("out", "log.xes"):
        again = read_journeys(tmp_path / place)
        assert again.chain == some.chain
        pd.testing.assert_frame_equal(again.table, some.table)


def test_the_same_journeys_are_the_same_bytes_on_any_hash_seed(tmp_path):
    code = (
        "import sys; sys.path.insert(0, 'tests/exchange'); import test_exchange as t; from pathlib import Path; "
        "p = Path(sys.argv[1]); j = t.measure_experience(t.build_journeys(t.dataset())); "
        "t.write_parquet(j, p / 'out'); t.write_xes(j, p / 'log.xes.gz')"
    )
    seen = []
    for seed in ("1", "2"):
        place = tmp_path / seed
        place.mkdir()
        subprocess.run([sys.executable, "-c", code, str(place)], check=True, env={"PYTHONHASHSEED": seed, "PATH": ""})
        seen.append({f.name: f.read_bytes() for f in sorted(place.rglob("*")) if f.is_file()})
    assert seen[0] == seen[1]


def test_other_tools_read_the_log_with_local_hours(tmp_path):
    import pm4py

    journeys = build_journeys(dataset("mailt"))
    write_xes(journeys, tmp_path / "log.xes")
    theirs = pm4py.read_xes(str(tmp_path / "log.xes"), variant="iterparse", show_progress_bar=False)
    assert sorted(theirs["concept:name"]) == sorted(journeys.events["touchpoint"])
    assert theirs["case:concept:name"].nunique() == len(journeys)
    # And cx.read, as it reads any log: the clock on the wall is still that of the customer.
    ours = cx.read(tmp_path / "log.xes").events
    assert sorted(ours["utc_offset"]) == [-210, 0, 60, 120]
    assert "nan" not in (tmp_path / "log.xes").read_text()


def test_an_export_never_overwrites_and_says_how_a_log_is_named(tmp_path):
    journeys = build_journeys(dataset())
    write_parquet(journeys, tmp_path / "out")
    with pytest.raises(StudyError, match="not empty"):
        write_parquet(journeys, tmp_path / "out")
    with pytest.raises(StudyError, match=r"must end in \.xes"):
        write_xes(journeys, tmp_path / "log.xml")
    with pytest.raises(StudyError, match="cannot be written"):
        write_xes(journeys, tmp_path / "no" / "log.xes")


def damage_json(folder):
    (folder / "journeys.json").write_text("{")


def other_version(folder):
    about = json.loads((folder / "journeys.json").read_text())
    (folder / "journeys.json").write_text(json.dumps(about | {"version": 99}))


def other_notion(folder):
    about = json.loads((folder / "journeys.json").read_text())
    (folder / "journeys.json").write_text(json.dumps(about | {"notion": {"by": "customer"}}))


def lose_table(folder):
    (folder / "steps.parquet").unlink()


def break_table(folder):
    (folder / "events.parquet").write_bytes(b"PAR1 no")


def mix_folders(folder):
    events = pd.read_parquet(folder / "events.parquet")
    events.iloc[::-1].to_parquet(folder / "events.parquet", index=False)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (damage_json, "no well-formed JSON"),
        (other_version, "version 99; this cxmining reads version 1"),
        (other_notion, "case notion cannot be read"),
        (lose_table, r"holds no steps\.parquet"),
        (break_table, "damaged or no Parquet"),
        (mix_folders, "does not fit"),
    ],
)
def test_a_folder_that_was_harmed_is_refused_in_one_sentence(tmp_path, harm, words):
    write_parquet(build_journeys(dataset()), tmp_path / "out")
    harm(tmp_path / "out")
    with pytest.raises(InputError, match=words):
        read_journeys(tmp_path / "out")


def test_a_log_that_is_not_ours_is_refused_with_the_way_to_read_it(tmp_path):
    (tmp_path / "x.xes").write_text("<log><trace><event/></trace></log>")
    with pytest.raises(InputError, match=r"not written by write_xes; read other logs with cx\.read"):
        read_journeys(tmp_path / "x.xes")
    (tmp_path / "y.xes.gz").write_bytes(gzip.compress(b"<log><trace>"))
    with pytest.raises(InputError):
        read_journeys(tmp_path / "y.xes.gz")


def test_many_events_at_one_instant_keep_their_order(tmp_path):
    r = np.random.default_rng(3)
    n = 300
    data = Dataset(
        events=table(
            "events",
            {
                "event_id": [f"e{i}" for i in range(n)],
                "customer_id": [f"c{k}" for k in r.integers(0, 9, n)],
                "timestamp": pd.to_datetime(["2024-01-01"] * n, utc=True),
                "touchpoint": [f"t{k}" for k in r.integers(0, 300, n)],
                "channel": ["web"] * n,
                "source": ["s"] * n,
                "seq": range(n),
            },
        )
    )
    journeys = build_journeys(data)
    write_xes(journeys, tmp_path / "log.xes")
    write_parquet(journeys, tmp_path / "out")
    for place in ("log.xes", "out"):
        same(read_journeys(tmp_path / place), journeys)


def test_goals_and_accepted_stages_come_back_too(tmp_path):
    from cxmining.journeys import filters, propose_stages

    journeys = build_journeys(dataset("mailt vraag factuur"), goal=("koopt", "belt"))
    journeys = journeys.with_stages(propose_stages(journeys))
    some = journeys.where(filters.events(touchpoint=["koopt", "mailt vraag factuur"]))
    assert some.table["goal_reached"].tolist() == journeys.table["goal_reached"].tolist()  # though the call is left out
    write_parquet(some, tmp_path / "out")
    same(read_journeys(tmp_path / "out"), some)
    write_xes(journeys, tmp_path / "log.xes")
    same(read_journeys(tmp_path / "log.xes"), journeys, drop=("text", "resource"))
