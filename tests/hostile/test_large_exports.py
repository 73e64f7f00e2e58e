"""Bad input that is large: what unpacks to gigabytes, lines of 100 MB, 10,000 columns; in processes of their own."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hostile_samples import SAMPLES, Sample, read, rows


def measured(folder: Path, name: str, sample: Sample, *, megabytes: int, seconds: int = 60) -> str:
    """Read in a process of its own that may take so much memory; return what it said."""
    code = (
        "import sys, json\n"
        "from cxmining.errors import CxminingError\n"
        "from cxmining.ingest import read_source\n"
        "from cxmining.study import parse_study\n"
        "study = parse_study(json.loads(sys.argv[2]), sys.argv[1])\n"
        "try:\n"
        "    reading = read_source(study.sources[0], study)\n"
        "    print(dict(reading.inputs[0].counts), sorted(set(reading.ledger['reason'].dropna())))\n"
        "except CxminingError as error:\n"
        "    print(error)\n"
        # Not ru_maxrss: that begins with what the process had that started this one.
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(int(status['VmHWM'].split()[0]) // 1024)\n"
    )
    values = {"name": "s", "path": name, "format": sample.format, **sample.source}
    study = json.dumps({"name": "h", "source": [values], **sample.study})
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), study], capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    *said, peak = done.stdout.strip().splitlines()
    assert int(peak) < megabytes, f"{peak} MB: {said}"
    assert len(said) == 1
    return said[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.csv", "hits.jsonl", "log.xes", "x.mbox"])
def test_02_what_unpacks_to_gigabytes_takes_little_memory_and_time(name, tmp_path):
    """Half a gigabyte of nothing in half a megabyte; the reader stops at a quarter of a gigabyte."""
    with gzip.open(tmp_path / (name + ".gz"), "wb", compresslevel=1) as out:
        out.write(SAMPLES[name].content)
        block = b" " * (1 << 24)
        for _ in range(32):
            out.write(block)
    said = measured(tmp_path, name + ".gz", SAMPLES[name], megabytes=1100)
    assert "times its size" in said


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.csv", "Master.csv", "hits.jsonl", "talks.json", "log.xes", "x.mbox", "chat.txt"])
def test_06_a_single_line_of_100_megabytes(name, tmp_path):
    sample = SAMPLES[name]
    (tmp_path / name).write_bytes(sample.content + b"z" * 100_000_000 + b"\n" + sample.content)
    said = measured(tmp_path, name, sample, megabytes=1100)
    assert "Traceback" not in said
    if sample.format == "ga4":
        assert "'rejected': 1" in said
        assert "is longer than 64 MiB" in said


@pytest.mark.parametrize(
    "name", ["x.csv", "calls.csv", "chats.csv", "x.parquet", pytest.param("x.xlsx", marks=pytest.mark.slow)]
)
def test_15_ten_thousand_columns(name, tmp_path):
    given = {"calls.csv": pd.read_csv(io.BytesIO(SAMPLES["calls.csv"].content), dtype="str"),
             "chats.csv": pd.read_csv(io.BytesIO(SAMPLES["chats.csv"].content), dtype="str")}.get(name)  # fmt: skip
    frame = (pd.DataFrame(rows()) if given is None else given).head(3)
    wide = pd.concat([frame, pd.DataFrame({f"c{i}": [str(i)] * 3 for i in range(10_000)})], axis=1)
    out = io.BytesIO()
    method = {"x.parquet": "to_parquet", "x.xlsx": "to_excel"}.get(name, "to_csv")
    getattr(wide, method)(out, index=False)
    assert {k: v for k, v in read(SAMPLES[name], tmp_path, out.getvalue()).inputs[0].counts.items() if v} == {
        "read": 3,
        "kept": 3,
    }
