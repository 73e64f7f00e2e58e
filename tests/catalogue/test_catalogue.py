"""The catalogue: what it says, what is wrong with it, and how it is drafted."""

from __future__ import annotations

import pandas as pd
import pytest

from cxmining.catalogue import check_catalogue, draft_catalogue, load_catalogue
from cxmining.errors import StudyError
from cxmining.schema import check, table


def load(tmp_path, text):
    file = tmp_path / "touchpoints.toml"
    file.write_text(text, encoding="utf-8")
    return load_catalogue(file)


def log(rows):
    columns = dict(zip(("customer_id", "touchpoint", "channel", "queue"), zip(*rows, strict=True), strict=True))
    n = len(rows)
    stamps = pd.date_range("2024-01-01", periods=n, freq="h", tz="UTC")
    ids = [str(i) for i in range(n)]
    return table("events", {"event_id": ids, "timestamp": stamps, "source": ["s"] * n, "seq": range(n), **columns})


def test_everything_a_touchpoint_can_say(tmp_path):
    found = load(
        tmp_path,
        """
        [[touchpoint]]
        name = "first invoice"
        label_en = "First invoice"
        label_nl = "Eerste nota"
        stage = "service"
        owner = "Billing"
        backstage = false
        third_party = true
        supported_by = ["SAP", "printer"]
        task = "check what I pay"
        elements = ["clarity", "price"]
        expected = 7
        cost = 0.8

        [[touchpoint]]
        name = "outage"

        [[task]]
        name = "check what I pay"
        label_nl = "nakijken wat ik betaal"

        [[element]]
        name = "price"
        label_nl = "prijs"
        """,
    )
    check("catalogue", found, "test")
    first, second = found.to_dict("records")
    assert {k: None if v != v else v for k, v in first.items()} == {
        "touchpoint": "first invoice", "label_en": "First invoice", "label_nl": "Eerste nota", "stage": "service",
        "owner_declared": "Billing", "backstage": False, "third_party": True, "supported_by": "SAP; printer",
        "task": "check what I pay", "task_en": None, "task_nl": "nakijken wat ik betaal", "elements": "clarity; price",
        "elements_en": None, "elements_nl": "clarity; prijs", "expected": 7.0, "cost": 0.8,
    }  # fmt: skip
    assert second["backstage"] is False
    assert pd.isna(second["stage"])
    assert pd.isna(second["cost"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[touchpoint]]\nname = "a"\nstage = "servce"', "'a': stage = 'servce': expected one of awareness, consid"),
        ('[[touchpoint]]\nname = "a"\nowmer = "x"', "'a': unknown key 'owmer'; did you mean 'owner'"),
        ('[[touchpoint]]\nstage = "service"', "number 1: 'name' is missing"),
        ('[[touchpoint]]\nname = "a"\n[[touchpoint]]\nname = "a"', "'a' is listed twice"),
        ('[[touchpoint]]\nname = "a"\ncost = "much"', "'a': cost = 'much'"),
        ('[[touchpoint]]\nname = " "', "name = ' ': is empty"),
        ("touchpoints = 1", "unexpected 'touchpoints'"),
        ("touchpoint = 1", "unexpected 'touchpoint'"),
        ("[[touchpoint", "is not TOML"),
        (
            '[[touchpoint]]\nname = "a"\ntask = "pay"\n[[task]]\nname = "pya"',
            "task 'pya' is that of no touchpoint; did you mean 'pay'",
        ),
        ('[[task]]\nname = "a"\nlabel = "b"', "task 'a': unknown key 'label'; did you mean 'label_nl'"),
        ("task = 1", "unexpected 'task'"),
    ],
)
def test_mistakes_name_file_touchpoint_key_and_choices(tmp_path, text, said):
    with pytest.raises(StudyError) as error:
        load(tmp_path, text)
    assert said in str(error.value)
    assert "touchpoints.toml" in str(error.value)


def test_a_missing_catalogue_is_one_sentence(tmp_path):
    with pytest.raises(StudyError, match=r"no catalogue 'nothing\.toml'"):
        load_catalogue(tmp_path / "nothing.toml")


def test_an_empty_catalogue_is_an_empty_table(tmp_path):
    check("catalogue", load(tmp_path, ""), "test")


def test_a_draft_is_read_again_and_decides_nothing(tmp_path):
    events = log(
        [
            ("c1", 'sees "ad"', "web", None),
            ("c1", "buys\nnow #1", "web", "Sales"),
            ("c1", "asks", "phone", "Care\n= 1"),
            ("c2", "asks", "mail", "Care\n= 1"),
        ]
    )
    text = draft_catalogue(events)
    found = load(tmp_path, text)
    assert found["touchpoint"].tolist() == ['sees "ad"', "buys\nnow #1", "asks"]
    assert found["stage"].isna().all()
    assert found["owner_declared"].isna().all()
    assert '# stage = "awareness" ?  (median position 0.00' in text
    assert '# owner = "Sales" ?' in text
    assert "# 2 events, mail 50%, phone 50%" in text
    assert draft_catalogue(events.sample(frac=1, random_state=1)) == text


def test_log_and_catalogue_are_compared_both_ways(tmp_path):
    catalogue = load(tmp_path, '[[touchpoint]]\nname = "a"\n[[touchpoint]]\nname = "b"')
    assert check_catalogue(catalogue, log([("c", "a", "web", None), ("c", "b", "web", None)])) == ()
    notes = check_catalogue(catalogue, log([("c", "a", "web", None), ("c", "x", "web", None), ("c", "x", "web", None)]))
    assert "'x' (2 events)" in notes[0]
    assert "does not happen in the log: 'b'" in notes[1]
