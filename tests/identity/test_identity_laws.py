"""Laws of identity, hostile identifiers, and a simulated company whose truth is known."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cxmining.identity
from cxmining.identity import judge, resolve
from cxmining.ingest import read
from cxmining.simulate import make_sample
from cxmining.study import load_study

from .conftest import find, make

RECORD = st.fixed_dictionaries(
    {},
    optional={
        "account": st.sampled_from(["1", "2", "3"]),
        "email": st.sampled_from(["a@x.nl", "b@x.nl", "info@x.nl"]),
        "phone": st.sampled_from(["0201234567", "0201234568"]),
        "cookie": st.sampled_from(["c1", "c2"]),
        "name": st.sampled_from(["Jan Bos", "Mia Smit", "J. Bos"]),
    },
)
ROWS = st.lists(st.tuples(RECORD, st.integers(0, 90), st.sampled_from(["page", "logout"])), min_size=1, max_size=10)
FEW = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def named(rows):
    return [(f"r{i}", values, minute, what) for i, (values, minute, what) in enumerate(rows)]


@FEW
@given(rows=ROWS, seed=st.integers(0, 99), cut=st.integers(0, 10))
def test_rows_and_sources_in_another_order_give_the_same_customers(rows, seed, cut):
    # times that differ: at one instant the position in the source decides, as everywhere
    rows = named([(values, 7 * i + minute / 100, what) for i, (values, minute, what) in enumerate(rows)])
    first = find(make(rows[:cut], "one"), make(rows[cut:], "two"))
    order = np.random.default_rng(seed)
    parts = [[part[i] for i in order.permutation(len(part))] for part in (rows[:cut], rows[cut:])]
    again = find(make(parts[1], "two"), make(parts[0], "one"))
    assert first.customer == again.customer
    a, b = (f.identity.confidence.sort_index() for f in (first, again))
    pd.testing.assert_series_equal(a, b)


@FEW
@given(rows=ROWS)
def test_what_is_forbidden_never_merges(rows):
    rows = named(rows)
    there = {v for _, values, *_ in rows for k, v in values.items() if k != "name"}
    for a, b in (("a@x.nl", "b@x.nl"), ("1", "0201234567"), ("c1", "c2")):
        if not {a, b} <= there:
            continue
        for guards in (True, False):
            found = find(make(rows), never_merge=[(a, b)], guards=guards)
            holds = [
                {r for r, values, *_ in rows if x in values.values() and y not in values.values()}
                for x, y in ((a, b), (b, a))
            ]
            assert not {found.customer[r] for r in holds[0]} & {found.customer[r] for r in holds[1]}


@FEW
@given(rows=ROWS)
def test_without_guards_it_is_union_find(rows):
    rows = named(rows)
    found = find(make(rows), guards=False)
    parent = {r: r for r, *_ in rows}

    def root(x):
        while parent[x] != x:
            x = parent[x]
        return x

    for r, v, *_ in rows:
        for s, w, *_ in rows:
            if any(v.get(k) == w.get(k) and k in w and k != "name" for k in v):
                parent[root(r)] = root(s)
    expected: dict[str, set[str]] = {}
    for r, *_ in rows:
        expected.setdefault(root(r), set()).add(r)
    assert found.groups == {frozenset(s) for s in expected.values()}


@FEW
@given(rows=ROWS, kind=st.sampled_from([("phone", "0881234567"), ("cookie", "kiosk")]))
def test_one_more_record_of_a_hub_joins_no_two_accounts(rows, kind):
    hub = [(f"h{i}", {"account": str(100 + i), kind[0]: kind[1]}) for i in range(5)]
    rows = [*named(rows), *hub]
    before, after = find(make(rows)), find(make([*rows, ("more", {kind[0]: kind[1]})]))
    assert {k: v for k, v in after.customer.items() if k != "more"} == before.customer


@FEW
@given(rows=ROWS)
def test_every_joined_pair_has_a_reason_as_sure_as_it_says(rows):
    rows = named(rows)
    found = find(make(rows))
    ids = [r for r, *_ in rows]
    for r in ids[1:]:
        why = found.identity.why(ids[0], r)
        assert why.joined == (found.customer[ids[0]] == found.customer[r])
        assert repr(why)
        if why.joined:
            least = min(found.identity.confidence[[ids[0], r]])
            assert why.confidence >= least - 1e-9


def test_hostile_identifiers_are_bounded_and_apart():
    start = time.process_time()
    long = "x" * 1_000_000
    rows = [("long", {"account": long}), ("again", {"account": long}), ("mail", {"email": f"{long}@x.nl"})]
    # a Cyrillic a, a full-width a: other addresses, whatever they look like
    rows += [
        ("latin", {"email": "anna@x.nl"}),
        ("cyrillic", {"email": "\u0430nna@x.nl"}),
        ("wide", {"email": "\uff41nna@x.nl"}),
    ]
    rows += [("empty", {"email": " ", "phone": "", "account": "\u00a0"}), ("nul", {"account": "\0"})]
    rows += [(f"v{i}", {"cookie": "one value"}) for i in range(100_000)]
    rows += [
        (
            "list",
            {
                "email": [f"{i}@x.nl" for i in range(5_000)],
                "phone": [f"06{i:08d}" for i in range(10**7, 10**7 + 5_000)],
            },
        )
    ]
    found = find(make(rows))
    assert found.customer["long"] == found.customer["again"]
    assert len({found.customer[k] for k in ("latin", "cyrillic", "wide", "empty", "nul", "mail", "list")}) == 7
    assert len({found.customer[f"v{i}"] for i in range(100_000)}) == 1
    assert found.identity.why("v0", "v99999").joined
    assert time.process_time() - start < 30


def test_a_chain_of_thousands_of_links_is_followed():
    rows = [("crm", {"account": "1", "email": "0@x.nl"})]
    rows += [(f"r{i}", {"email": [f"{i}@x.nl", f"{i + 1}@x.nl"]}) for i in range(3_000)]
    assert len(find(make(rows)).groups) == 1


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("messy")
    study = make_sample(folder, customers=1_000, mess=True)
    people = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["people"]
    seen = []

    def resolve_and_keep(readings, given, key, **more):
        seen.append((readings, given.model_copy(update={"guards": False}), key, more))
        return resolve(readings, given, key, **more)

    with pytest.MonkeyPatch.context() as patch:  # the files are read once, and resolved twice
        patch.setattr(cxmining.identity, "resolve", resolve_and_keep)
        data = read(load_study(study))
    readings, given, key, more = seen[0]
    kept = data.ledger[data.ledger["cell"].isna() & (data.ledger["status"] == "kept")]
    names = {i.file: i.name for i in data.inputs}
    truth = pd.concat(
        [
            pd.Series([people[names[f]][s - 1] for s in rows["seq"]], index=rows["record_id"].array, dtype=object)
            for f, rows in kept.groupby("file")
        ]
    )
    out = {}
    for guards, identity in ((True, data.identity), (False, resolve(readings, given, key, **more)[1])):
        found = identity.assignments.set_index("record_id")
        all_ = judge(found["customer_id"], truth)
        out[guards] = SimpleNamespace(identity=identity, truth=truth, found=found, all=all_)
    return out


def test_a_messy_company_is_told_apart_and_the_guards_are_why(company):
    assert company[True].all.precision >= 0.995
    assert company[True].all.recall >= 0.97
    assert company[False].all.precision < 0.9
    sure = company[True].found.query("identity_confidence >= 0.9")
    assert judge(sure["customer_id"], company[True].truth).precision >= company[True].all.precision


def test_nothing_of_the_evidence_is_an_identifier(company):
    identity = company[True].identity
    assert identity.hubs["value"].str.fullmatch("[nepdw][0-9a-f]{16}").all()
    arrays = [v for v in vars(identity.links).values() if isinstance(v, np.ndarray)]
    assert arrays
    assert all(a.dtype.kind in "iu" for a in arrays)
