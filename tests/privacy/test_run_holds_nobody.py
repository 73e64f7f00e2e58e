"""A run that keeps masked text, of a sample in which identities are messy: nobody is in it, and neither is the key.

Nor in what the run said while it ran, in a notebook that the workbench was saved in, text and all, or in its exported page.
"""

import base64
import contextlib
import csv
import gzip
import io
import json
import re

import nbformat
import pandas as pd
import pytest

import cxmining as cx
from cxmining.report.exporter import ReportExporter
from cxmining.runs import run_study
from cxmining.simulate import make_sample


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    out = tmp_path_factory.mktemp("nobody")
    sample = make_sample(out / "sample", customers=200, prospects=200, mess=True).parent
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        run = run_study(sample, out=out / "runs" / "it", overrides=["privacy.text=masked"])
    (out / "runs" / "said.txt").write_text(f"{said.getvalue()}\n{run!r}\n{run._repr_html_()}", encoding="utf-8")
    _explored(sample, out / "runs")
    return sample, out / "runs"


def _explored(sample, folder):
    """Save a notebook with the workbench in it, text and all, and the page that the exporter makes of it."""
    study = cx.load_study(sample, ["privacy.text=masked"])
    lived = cx.measure_experience(cx.build_journeys(cx.read(study), gap="30D"))
    bench = cx.Workbench(lived, text="masked")
    outputs = []
    events = lived.journeys.data.events
    written_about = events.loc[events["text"].notna(), "touchpoint"].value_counts().index[:8]
    for touchpoint in written_about[written_about.isin(bench.explore.touchpoints["touchpoint"])]:
        bench.ask({"do": "select", "kind": "touchpoint", "name": touchpoint})
        assert bench.error == ""
        outputs.append(json.dumps(bench.view, default=str))
    state = bench.get_state()
    bundles = [bench._repr_mimebundle_()[0], cx.journey_map(lived)._repr_mimebundle_()]
    bundles += [
        {"text/plain": repr(r), "text/html": r._repr_html_()} for r in (lived, lived.journeys, cx.find_moments(lived))
    ]
    cells = [
        nbformat.v4.new_code_cell(
            "", id=f"c{i}", outputs=[nbformat.v4.new_output("execute_result", data=data, execution_count=1)]
        )
        for i, data in enumerate(bundles)
    ]
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"widgets": {"state": json.loads(json.dumps(state, default=str))}}
    )
    (folder / "notebook.ipynb").write_text("\n".join([nbformat.writes(notebook), *outputs]), encoding="utf-8")
    (folder / "page.html").write_text(ReportExporter().from_notebook_node(notebook)[0], encoding="utf-8")


def everything(folder):
    """Every byte of a folder, packed files also unpacked."""
    parts = []
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        raw = file.read_bytes()
        parts.append(raw)
        if file.suffix == ".parquet" and ".readings" not in file.parts:  # those are encrypted
            parts.append(pd.read_parquet(file).to_csv(index=False).encode())
        elif file.suffix == ".gz":
            parts.append(gzip.decompress(raw))
    return b"\n".join(parts)


@pytest.fixture(scope="module")
def haystack(folders):
    return everything(folders[1])


def test_the_key_is_in_no_file_in_any_spelling(folders, haystack):
    key = (folders[0] / "pseudonym.key").read_bytes().strip()
    for spelled in (key, key.hex().encode(), base64.b64encode(key), key[:24], key[-24:]):
        assert spelled not in haystack


def test_addresses_and_numbers_of_the_sample_are_in_no_file(folders, haystack):
    text = haystack.decode("utf-8", "replace").lower()
    raw = {
        p.name: p.read_text(encoding="utf-8", errors="replace")
        for p in folders[0].rglob("*.*")
        if p.suffix in (".csv", ".mbox", ".json")
    }
    raw.pop("truth.json")
    addresses = {a.lower() for t in raw.values() for a in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", t)}
    assert len(addresses) > 150
    assert [a for a in addresses if a in text] == []
    rows = list(csv.DictReader(raw["customers.csv"].splitlines(), delimiter=";"))
    numbers = {re.sub(r"\D", "", r["telefoon"])[-9:] for r in rows} - {""}
    numbers |= {r[1][-9:] for r in csv.reader(raw["Master.csv"].splitlines()) if r[1].startswith("0")}
    assert len(numbers) > 150
    runs = re.findall(r"(?<![\w.])\+?\d(?:[ .-]?\d){8,12}(?![\w.])", text)
    digits = {re.sub(r"\D", "", r)[-9:] for r in runs}
    assert numbers & digits == set()


def test_names_of_the_sample_are_in_no_file(folders, haystack):
    text = haystack.decode("utf-8", "replace").lower()
    rows = list(csv.DictReader((folders[0] / "customers.csv").read_text(encoding="utf-8").splitlines(), delimiter=";"))
    names = {r["naam"].lower() for r in rows if " " in r["naam"]}
    assert len(names) > 100
    assert [n for n in names if n in text] == []


def test_text_was_kept_and_masked(folders):
    files = (folders[1] / "it").rglob("events.parquet")
    events = pd.concat([frame for frame in map(pd.read_parquet, files) if "text" in frame.columns])
    texts = events["text"].dropna()
    assert len(texts) > 50
    assert texts.str.contains(r"\[name\]").any()


def test_what_was_looked_at_is_all_there(folders):
    said = (folders[1] / "said.txt").read_text(encoding="utf-8")
    assert "drivers" in said
    saved = (folders[1] / "notebook.ipynb").read_text(encoding="utf-8")
    assert '"detail": {"id"' in saved, "what stands beside the map of a chosen touchpoint"
    assert "cx-live-map" in (folders[1] / "page.html").read_text(encoding="utf-8")
