"""The main job on exports that nobody here wrote: complete, counted, and honest about what they cannot tell."""

from __future__ import annotations

import gzip
import re
import shutil
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from cxmining.runs import Run, run_study

pytestmark = [pytest.mark.real, pytest.mark.slow]

PERMIT = """
name = "permits"
language = "nl"
time_zone = "Europe/Amsterdam"
[[source]]
name = "permits"
path = "env_permit.xes.gz"
format = "xes"
columns = { channel = "case:channel" }
options = { values = { channel = { Internet = "web", Desk = "desk", Post = "post", "e-mail" = "mail", Intern = "other" } } }
[journeys]
by = "case"
"""
LOANS = """
name = "loans"
time_zone = "Europe/Amsterdam"
[[source]]
name = "loans"
path = "BPI_Challenge_2012.xes.gz"
format = "xes"
constants = { channel = "other" }
[journeys]
by = "case"
"""
REQUESTS = """
name = "requests"
time_zone = "America/Chicago"
[[source]]
name = "csb"
path = "stl-csb-january_2018.csv"
format = "csv"
tz = "America/Chicago"
columns = { case_id = "requestid", timestamp = "datetimeinit", channel = "callertype", touchpoint = "problemcode", queue = "submitto" }
options = { values = { channel = { PHONE = "phone", WEB = "web", TWITTER = "social", EMAIL = "mail", "*" = "other" } } }
[journeys]
by = "case"
"""
MAILS = """
name = "mails"
[[source]]
name = "lists"
path = "mailing-lists-300.mbox"
format = "mbox"
tz = "UTC"
[journeys]
by = "thread"
"""


def run(folder: Path, text: str, export: Path) -> Run:
    folder.mkdir(parents=True)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    shutil.copy(export, folder / export.name)
    return run_study(folder, out=folder.parent / "run", quiet=True)


def raw_xes(path: Path) -> tuple[int, int, Counter[str]]:
    """Cases, events and local hours by regular expressions over the raw XML: no parser of ours."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    hours: Counter[str] = Counter()
    for event in re.findall(r"<event>.*?</event>", text, flags=re.S):
        stamp = re.search(r'key="time:timestamp" value="[^T]+T(\d\d)', event)
        hours[stamp.group(1) if stamp else "none"] += 1
    return len(re.findall(r"<trace>", text)), sum(hours.values()), hours


def local_hours(events: pd.DataFrame) -> Counter[str]:
    local = events["timestamp"].dt.tz_localize(None) + pd.to_timedelta(events["utc_offset"].astype(int), unit="min")
    return Counter(local.dt.strftime("%H"))


LOGS = {"permits": (PERMIT, "env_permit.xes.gz"), "loans": (LOANS, "BPI_Challenge_2012.xes.gz")}


@pytest.fixture(scope="module")
def run_of(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Name of a log → its run, made once."""

    @cache
    def made(log: str) -> Run:
        text, name = LOGS[log]
        return run(tmp_path_factory.mktemp(log) / "study", text, real / "logs" / name)

    return made


@pytest.mark.parametrize("log", LOGS)
def test_a_log_without_survey_ends_in_a_report_and_loses_nothing(
    real: Path, run_of: Callable[[str], Run], log: str
) -> None:
    cases, events, hours = raw_xes(real / "logs" / LOGS[log][1])
    done = run_of(log)
    (row,) = done.inputs.to_dict("records")
    assert row["read"] == row["kept"] == events
    assert done.manifest["counts"]["journeys"] == cases
    assert local_hours(done.table("events")) == hours
    assert done.verdict["word"] is None
    assert "No survey was read" in done.verdict["reason"]["en"]
    assert len(done.table("dfg")) > 10
    assert len(done.table("variants")) > 0
    report = done.report.read_text(encoding="utf-8")
    assert done.verdict["reason"]["nl" if log == "permits" else "en"] in report
    assert not (done.path / "share" / "drivers.csv").exists()


def test_the_channel_of_a_case_reaches_its_events(run_of: Callable[[str], Run]) -> None:
    done = run_of("permits")
    assert set(done.manifest["counts"]["channels"]) == {"web", "desk", "post", "mail", "other"}


def test_a_request_is_a_journey_and_addresses_are_nobody(real: Path, tmp_path: Path) -> None:
    export = real / "contact" / "stl-csb-january_2018.csv"
    frame = pd.read_csv(export, dtype="str", keep_default_na=False)
    done = run(tmp_path / "study", REQUESTS, export)
    (row,) = done.inputs.to_dict("records")
    assert row["read"] == len(frame)
    assert row["duplicate"] == int(frame.duplicated().sum())
    assert done.manifest["counts"]["journeys"] == frame.drop_duplicates()["requestid"].nunique()
    text = "\n".join(
        pd.read_parquet(p).to_csv() if p.suffix == ".parquet" else p.read_text(encoding="utf-8")
        for p in done.path.rglob("*")
        if p.is_file()
    )
    addresses = {a for a in frame["probaddress"] if re.match(r"\d+ \w+ \w+", a)}
    assert len(addresses) > 500
    assert not [a for a in addresses if a in text]


def test_threads_become_journeys(real: Path, tmp_path: Path) -> None:
    export = real / "mail" / "mailing-lists-300.mbox"
    done = run(tmp_path / "study", MAILS, export)
    (row,) = done.inputs.to_dict("records")
    raw = export.read_bytes()
    assert row["read"] == len(re.findall(rb"(?m)^From \S+.*\d{4}\s*$", raw))
    assert row["kept"] + row["duplicate"] + row["rejected"] == row["read"]
    assert 1 < done.manifest["counts"]["journeys"] < row["kept"]
    text = "\n".join(
        pd.read_parquet(p).to_csv() if p.suffix == ".parquet" else p.read_text(encoding="utf-8")
        for p in done.path.rglob("*")
        if p.is_file()
    )
    addresses = {m.decode().lower() for m in re.findall(rb"[\w.+-]+@[\w-]+\.[\w.-]+\w", raw)}
    assert len(addresses) > 100
    assert not [a for a in addresses if a in text.lower()]
