"""The main job on the sample: complete, counted, the same again, and nobody in it can be recognised."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from cxmining.runs import Run, compare_runs, reproduce

PRIVATE = (
    "events.parquet",
    "journeys.parquet",
    "responses.parquet",
    "answers.parquet",
    "links.parquet",
    "ledger.csv",
    "rejects.csv",
)
SHARE = (
    "dfg.csv", "paths.csv", "variants.csv", "model.bpmn", "model.pnml", "model.json", "touchpoints.csv", "drivers.csv", "verdict.json",
    "suppressed.csv", "sources.csv", "rejects.csv", "unmapped.csv", "report.html", "slices.csv", "slice_touchpoints.csv",
    "slice_edges.csv", "slice_variants.csv",
)  # fmt: skip
pytestmark = pytest.mark.slow


def test_the_folder_is_complete_and_lists_its_hashes(sample_run: Run) -> None:
    for name in PRIVATE:
        assert (sample_run.path / "private" / name).stat().st_size > 0, name
    for name in SHARE:
        assert (sample_run.path / "share" / name).stat().st_size > 0, name
    files = {p.relative_to(sample_run.path).as_posix() for p in sample_run.path.rglob("*") if p.is_file()}
    # what a delivery brought is about this run and the last one, not about the data
    own = {"run.json", "timings.json", "delivery.json", "private/delivery_records.csv", "private/delivery_customers.csv"}  # fmt: skip
    assert files - own == set(sample_run.manifest["outputs"])


def test_every_record_of_every_file_is_accounted_for(sample_run: Run) -> None:
    inputs = sample_run.inputs
    statuses = inputs[["kept", "rejected", "duplicate", "merged", "context"]].sum(axis=1)
    assert (inputs["read"] == statuses).all()
    assert (inputs["read"] > 0).all()
    assert inputs[["rejected", "duplicate", "merged", "context"]].sum().gt(0).all()  # the sample has its mess


def test_the_ledger_says_the_same_as_the_manifest(sample_run: Run) -> None:
    ledger = sample_run.table("ledger")
    records = ledger[ledger["cell"].isna()].groupby(["file", "status"]).size().unstack(fill_value=0)
    for row in sample_run.inputs.itertuples():
        counted = records.loc[row.sha256[:12]]
        assert int(counted.sum()) == row.read
        assert int(counted.get("kept", 0)) == row.kept
    assert ledger[ledger["status"].eq("rejected") | ledger["cell"].notna()]["reason"].notna().all()


def test_each_reject_says_where_it_lies_and_what_helps(sample_run: Run, sample: Path) -> None:
    rejects = pd.read_csv(sample_run.path / "private" / "rejects.csv")
    names = {row.sha256[:12]: row.name for row in sample_run.inputs.itertuples()}
    assert len(rejects[rejects["cell"].isna()]) == sample_run.inputs["rejected"].sum()
    assert rejects[["code", "reason", "fix", "line", "byte"]].notna().all(axis=None)
    for row in rejects.itertuples():  # the byte and the line are the same place
        content = (sample / names[row.file]).read_bytes()
        assert content.count(b"\n", 0, int(row.byte)) + 1 == row.line
        assert row.byte == 0 or content[int(row.byte) - 1] == 0x0A


def test_records_were_counted_right(sample_run: Run, sample: Path) -> None:
    """An independent count: lines of JSON lines, rows of CSV."""
    for row in sample_run.inputs.itertuples():
        path = sample / row.name
        if path.suffix == ".jsonl" or row.source in ("app", "web"):
            lines = sum(1 for line in path.read_bytes().splitlines() if line.strip())
            assert row.read == lines, row.name


def test_renamed_and_reordered_inputs_give_the_same_tables(sample_copy: Path, sample_run: Run, tmp_path: Path) -> None:
    from cxmining.runs import run_study
    from cxmining.study import load_study

    study = load_study(sample_copy)
    renamed = []
    for source in reversed(study.sources):
        old = sample_copy / source.path
        if "*" in source.path or old.is_dir() or "files" in source.options or not old.is_file():
            renamed.append(source)
            continue
        new = old.with_name(f"renamed_{old.name}")
        old.rename(new)
        renamed.append(source.model_copy(update={"path": new.relative_to(sample_copy).as_posix()}))
    again = run_study(study.model_copy(update={"sources": tuple(renamed)}), out=tmp_path / "again", quiet=True)
    for name, digest in sample_run.manifest["outputs"].items():
        if name not in ("share/report.html", "share/rejects.csv", "share/sources.csv"):  # these name their inputs
            assert again.manifest["outputs"][name] == digest, name


def test_reproduced_with_the_same_bytes_whatever_the_hash_seed_and_threads(
    sample: Path, sample_run: Run, cxmining_command
) -> None:
    """Another process, from the manifest, with a fixed hash seed and one thread; CI's run had its own and all threads."""
    done = cxmining_command(
        "reproduce", sample_run.path, "--data", sample, "--quiet",
        PYTHONHASHSEED="1", OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1",
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "identical"), done.stdout + done.stderr


def test_what_changed_is_said_and_nothing_is_executed(sample_run: Run, sample_copy: Path) -> None:
    customers = sample_copy / "customers.csv"
    customers.write_bytes(customers.read_bytes() + b"\n")
    changed = reproduce(sample_run, data=sample_copy, quiet=True)
    assert not changed.identical
    assert "customers.csv" in repr(changed)
    customers.unlink()
    assert "is missing" in repr(reproduce(sample_run, data=sample_copy, quiet=True))


def test_a_run_differs_from_another_study_in_what_was_set(sample: Path, sample_run: Run, tmp_path: Path) -> None:
    from cxmining.runs import run_study

    other = run_study(sample, out=tmp_path / "nps", overrides=["drivers.target=nps"], quiet=True)
    compared = compare_runs(sample_run, other)
    assert compared.settings["key"].tolist() == ["drivers.target"]
    assert set(compared.summary["table"]) == {"drivers"}
    same = compare_runs(sample_run, sample_run)
    assert len(same.summary) == 0


def everything(folder: Path) -> str:
    """All text of a run folder, Parquet unpacked."""
    parts = []
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        if file.suffix == ".parquet":
            parts.append(pd.read_parquet(file).to_csv(index=False))
        else:
            parts.append(file.read_text(encoding="utf-8"))
    return "\n".join(parts)


def personal_data(sample: Path) -> dict[str, set[str]]:
    """What the inputs say about people: read straight from the files, not through the product."""
    found: dict[str, set[str]] = {"email": set(), "phone": set(), "name": set(), "ean": set(), "account": set()}
    text = (sample / "customers.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    for row in rows:
        for column, value in row.items():
            key = (column or "").lower()
            if not value or not value.strip():
                continue
            if "mail" in key:
                found["email"].add(value.strip().lower())
            elif "tel" in key or "phone" in key or "mobiel" in key:
                found["phone"].add(re.sub(r"\D", "", value)[-9:])
            elif "achternaam" in key or key in ("naam", "name"):
                found["name"].add(value.strip())
            elif "ean" in key:
                found["ean"].add(value.strip())
            elif "klantnummer" in key or "account" in key:
                found["account"].add(value.strip())
    for file in sorted(p for p in sample.iterdir() if p.is_file() and p.name not in ("study.toml", "rules.toml")):
        raw = file.read_bytes().decode("utf-8", errors="replace")
        found["email"] |= {m.lower() for m in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", raw)}
        found["ean"] |= set(re.findall(r"(?<!\d)871\d{15}(?!\d)", raw))
    return {k: {v for v in values if len(v) > 5} for k, values in found.items()}


def test_nobody_of_the_inputs_stands_in_the_run_folder(sample_run: Run, sample: Path) -> None:
    haystack = everything(sample_run.path)
    # What may hold an address or a name of two words, each once: every one is then looked for in little text.
    cells = set(re.split(r"[,;\n]", haystack.lower()))
    addressed = "\n".join(c for c in cells if "@" in c)
    spoken = "\n".join(c for c in cells if " " in c and re.search(r"[^\W\d]", c))
    digits = set(re.findall(r"\d{9,}", haystack))
    nines = {d[i : i + 9] for d in digits for i in range(len(d) - 8)}
    personal = personal_data(sample)
    assert all(len(personal[kind]) > 100 for kind in ("email", "phone", "name", "ean", "account"))
    assert not [value for kind in ("email", "name") for value in personal[kind] if re.search(r"[,;\n]", value)]
    assert not [e for e in personal["email"] if e in addressed]
    assert not personal["phone"] & nines
    assert not [e for e in personal["ean"] if e in digits]
    words = set(re.findall(r"[\w.@-]+", haystack))
    assert not personal["account"] & words
    assert not [n for n in personal["name"] if " " in n and n.lower() in spoken]


def test_the_manifest_names_no_place_on_this_machine(sample_run: Run) -> None:
    text = (sample_run.path / "run.json").read_text(encoding="utf-8")
    assert str(Path.cwd()) not in text
    assert str(sample_run.path) not in text
    json.loads(text)


def test_small_cells_are_hidden_and_listed(sample_run: Run) -> None:
    touchpoints = sample_run.table("touchpoints")
    for n in ("score_n", "gap_n", "sentiment_n", "customers"):
        shown = touchpoints[n].dropna()
        assert not ((shown > 0) & (shown < 10)).any(), n
    assert (sample_run.table("dfg")["customers"] >= 10).all()
    assert (sample_run.table("variants")["customers"] >= 10).all()
    assert len(sample_run.table("suppressed"))


def test_the_truths_strongest_touchpoint_is_among_the_first_two(sample_run: Run, sample: Path) -> None:
    truth = json.loads((sample / "truth.json").read_text(encoding="utf-8"))
    strongest = max(truth["shares"], key=truth["shares"].get)
    first = sample_run.table("drivers").nlargest(2, "share")["touchpoint"].tolist()
    assert strongest in first


def test_shares_sum_to_one(sample_run: Run) -> None:
    drivers = sample_run.table("drivers")
    assert drivers["share"].sum() == pytest.approx(1, abs=1e-4)
    assert (drivers["share_low"] <= drivers["share_high"]).all()
