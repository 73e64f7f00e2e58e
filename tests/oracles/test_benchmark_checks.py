"""What the benchmarks stand on: the same log from the same seed, and a wrong answer that is called wrong."""

import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmarks(monkeypatch):
    """Let the scripts find one another as they do when they run, and leave no short name behind."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield
    for name in set(sys.modules) - before:
        if str(BENCHMARKS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def test_the_log_is_drawn_from_its_seed_in_order_of_time_without_ties_in_a_case(benchmarks, tmp_path):
    from logs import write_log

    truth = write_log(tmp_path / "a", 20_000)
    write_log(tmp_path / "b", 20_000)
    assert (tmp_path / "a" / "truth.json").read_bytes() == (tmp_path / "b" / "truth.json").read_bytes()
    log = pq.read_table(tmp_path / "a" / "log.parquet")
    assert log.equals(pq.read_table(tmp_path / "b" / "log.parquet"))
    frame = log.to_pandas()
    assert len(frame) == truth["events"]
    assert frame["case_id"].nunique() == truth["cases"]
    assert frame["timestamp"].is_monotonic_increasing
    assert not frame.duplicated(["case_id", "timestamp"]).any()
    assert sum(truth["edges"].values()) == truth["events"] - truth["cases"]
    assert write_log(tmp_path / "c", 20_000, seed=2)["edges"] != truth["edges"]


def test_chunks_of_cases_leave_no_seam(benchmarks, tmp_path, monkeypatch):
    import logs

    monkeypatch.setattr(logs, "CASES_PER_CHUNK", 100)
    truth = logs.write_log(tmp_path, 20_000)
    frame = pq.read_table(tmp_path / "log.parquet").to_pandas()
    assert len(frame) == truth["events"]
    assert frame["timestamp"].is_monotonic_increasing
    assert pq.read_table(tmp_path / "responses.parquet").to_pandas()["timestamp"].is_monotonic_increasing


def test_an_engine_that_contradicts_the_others_or_the_truth_is_wrong_and_no_judge_of_itself(benchmarks, tmp_path):
    from engine import Run, hold_against_each_other

    def run(engine, edges):
        return Run(engine, "graph", 10, {"status": "ran", "cpu_s": 1.0, "facts": {"edges": edges}})

    (tmp_path / "truth.json").write_text('{"edges": {"a → b": 5}}', encoding="utf-8")
    right = {"a → b": [5, 60.0, 70.0]}
    runs = [
        run("cxmining", {"a → b": [5, 60.0, 90.0]}),
        run("duckdb", right),
        run("polars", {"a → b": [5, 60.4, None]}),
    ]
    hold_against_each_other(runs, tmp_path)
    assert [r.said["status"] for r in runs] == ["wrong", "ran", "ran"]
    assert runs[0].said["why"] == "/edges/a → b/2: 90.0 against 70.0"
    alone = [run("cxmining", {"a → b": [4, 60.0, 70.0]})]
    hold_against_each_other(alone, tmp_path)
    assert alone[0].said["why"] == "edges/a → b: 4 against 5"
