"""A run that keeps masked text, of a sample in which identities are messy: nobody is in it, and neither is the key."""

import base64
import csv
import gzip
import re

import pandas as pd
import pytest

from cxmining.runs import run_study
from cxmining.simulate import make_sample


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    out = tmp_path_factory.mktemp("nobody")
    sample = make_sample(out / "sample", customers=200, prospects=200, mess=True).parent
    run_study(sample, out=out / "runs" / "it", overrides=["privacy.text=masked"], quiet=True)
    return sample, out / "runs"


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
