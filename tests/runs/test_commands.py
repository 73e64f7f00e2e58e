"""The command line: exit status, one clear sentence, no traceback."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

STUDY = """
name = "tiny"
[[source]]
name = "log"
path = "log.csv"
format = "csv"
tz = "Europe/Amsterdam"
columns = {{ account = "klant", touchpoint = "stap", timestamp = "tijd" }}
constants = {{ channel = "web" }}
{more}
"""
LOG = "klant,stap,tijd\n1,search,2025-01-01 10:00:00\n1,order,2025-01-02 10:00:00\n2,search,2025-01-03 10:00:00\n"
SURVEY = """
[[source]]
name = "survey"
path = "survey.csv"
format = "csv"
into = "responses"
tz = "Europe/Amsterdam"
survey = "relation"
columns = { response_id = "id", account = "klant", timestamp = "tijd" }
[[survey]]
name = "relation"
kind = "relationship"
[[survey.item]]
column = "csat"
metric = "csat"
"""


def study(folder: Path, log: str | None = LOG, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "study.toml").write_text(STUDY.format(more=more), encoding="utf-8")
    if log is not None:
        (folder / "log.csv").write_text(log, encoding="utf-8")
    return folder


def one_sentence(text: str) -> bool:
    lines = [line for line in text.strip().splitlines() if not line.startswith("made a new pseudonym key")]
    return "Traceback" not in text and lines[0].startswith("cxmining: ") and len(lines) <= 3


@pytest.fixture
def command_here(monkeypatch, capsys):
    """Call the command line in this process: what it says and its status are the same, but it need not start."""
    from cxmining import cli

    def call(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr("sys.argv", ["cxmining", *map(str, arguments)])
        capsys.readouterr()
        status = cli._status()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, status, said.out, said.err)

    return call


@pytest.mark.parametrize(
    ("log", "more", "status", "says"),
    [
        (None, "", 3, "log.csv"),
        (LOG, "[driver]", 2, "unknown key 'driver'"),
        ("", "", 3, "empty"),
        ("klant,stap,tijd\n", "", 3, "log.csv"),
        (LOG.replace("tijd\n", "moment\n", 1), "", 2, "tijd"),
        (LOG.replace("2025-01", "2025-31"), "", 3, "log.csv, column 'tijd'"),
    ],
    ids=["missing file", "unknown key", "empty file", "header only", "missing column", "no valid date"],
)
def test_what_is_wrong_is_said(tmp_path: Path, command_here, log, more: str, status: int, says: str) -> None:
    folder = study(tmp_path / "s", log, more)
    done = command_here("run", folder, "--out", tmp_path / "out", "-q")
    assert done.returncode in ((2, 3) if status == 3 else (status, 3)), done.stderr
    assert says in done.stderr
    assert one_sentence(done.stderr), done.stderr
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))


def test_a_survey_nobody_can_be_matched_to(tmp_path: Path, command_here) -> None:
    folder = study(tmp_path / "s", more=SURVEY)
    (folder / "survey.csv").write_text("id,klant,tijd,csat\nr1,99,2025-02-01 10:00:00,4\n", encoding="utf-8")
    done = command_here("run", folder, "--out", tmp_path / "out", "-q")
    assert done.returncode == 2
    assert "none belongs to a customer or case of the log" in done.stderr
    assert one_sentence(done.stderr)


def test_one_journey_is_enough_for_a_report(tmp_path: Path, command_here) -> None:
    folder = study(tmp_path / "s", LOG.replace("\n2,", "\n1,"))
    done = command_here("run", folder, "--out", tmp_path / "out", "-q")
    assert done.returncode == 0, done.stderr
    assert "the log holds one journey: nothing can be compared" in done.stdout
    assert (tmp_path / "out" / "share" / "report.html").is_file()


def test_another_folder_is_never_replaced(tmp_path: Path, command_here) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine", encoding="utf-8")
    done = command_here("run", study(tmp_path / "s"), "--out", out, "-q")
    assert done.returncode == 2
    assert "is no run folder" in done.stderr
    assert (out / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_a_run_is_replaced_by_the_next(tmp_path: Path, cxmining_command) -> None:
    folder = study(tmp_path / "s")
    first = cxmining_command("run", folder, "--out", tmp_path / "out", "-q")

    def content() -> dict[str, bytes]:
        # what a run tells of its time and of what it read anew is no part of what must be equal
        files = (
            p for p in (tmp_path / "out").rglob("*") if p.is_file() and p.name not in ("timings.json", "delivery.json")
        )
        return {p.name: p.read_bytes() for p in files}

    kept = content()
    second = cxmining_command("run", folder, "--out", tmp_path / "out", "-q")
    assert (first.returncode, second.returncode) == (0, 0)
    assert kept == content()
    # Beside the run folders stands, encrypted, what was read: the next delivery need not read it again.
    assert sorted(p.name for p in tmp_path.iterdir()) == [".readings", "out", "s"]


def test_a_wrong_study_ends_a_process_with_its_status_and_no_traceback(tmp_path: Path, cxmining_command) -> None:
    done = cxmining_command("run", study(tmp_path / "s", None), "--out", tmp_path / "out", "-q")
    assert done.returncode == 3
    assert one_sentence(done.stderr), done.stderr


def test_usage_errors_exit_with_two(cxmining_command) -> None:
    for arguments in (("run",), ("nonsense",), ("run", "x", "--nonsense"), ("sample", "x", "--customers", "many")):
        done = cxmining_command(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert "Traceback" not in done.stderr


def test_reproduce_and_report_need_a_run(tmp_path: Path, command_here) -> None:
    for command in ("reproduce", "report"):
        done = command_here(command, tmp_path)
        assert done.returncode == 2
        assert "is no run folder" in done.stderr


def test_reproduce_from_the_command_line(tmp_path: Path, cxmining_command, command_here) -> None:
    folder = study(tmp_path / "s")
    command_here("run", folder, "--out", tmp_path / "out", "-q")
    done = cxmining_command("reproduce", tmp_path / "out", "-q")
    assert (done.returncode, done.stdout.strip()) == (0, "identical"), done.stderr
    (tmp_path / "out" / "share" / "dfg.csv").write_text("tampered", encoding="utf-8")
    done = command_here("reproduce", tmp_path / "out", "-q")
    assert done.returncode == 1
    assert "share/dfg.csv was changed after the run was written" in done.stdout


def test_help_and_version(cxmining_command) -> None:
    assert "run" in cxmining_command("--help").stdout
    assert cxmining_command("--version").stdout.startswith("cxmining 0.")


def test_diff_of_runs_without_a_survey_and_an_out_that_cannot_be(tmp_path: Path, command_here) -> None:
    folder = study(tmp_path / "s")
    command_here("run", folder, "--out", tmp_path / "a", "-q")
    done = command_here("diff", tmp_path / "a", tmp_path / "a")
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "file").write_text("x")
    done = command_here("run", folder, "--out", tmp_path / "file" / "run", "-q")
    assert done.returncode == 2
    assert "choose another with --out" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stopped_run_says_so(tmp_path: Path, monkeypatch, capsys) -> None:
    from cxmining import cli
    from cxmining.runs import execute

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(execute, "mine", stop)
    monkeypatch.setattr("sys.argv", ["cxmining", "run", str(study(tmp_path / "s")), "--out", str(tmp_path / "o"), "-q"])
    assert cli._status() == 130
    assert "stopped; nothing was written" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["s"]
