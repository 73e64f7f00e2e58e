"""Whom to call, with reason and owner; who was called; and a list about people is written in private/ or not at all."""

from __future__ import annotations

import pandas as pd
import pytest
from felt import at, study

from cxmining.discovery import check_promises
from cxmining.discovery.promises import answered
from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.experience.loop import call_back_list
from cxmining.schema import OVERALL

CALL = {"direction": "outbound", "channel": "phone"}


def test_each_reason_names_touchpoint_owner_and_age() -> None:
    # a is a detractor of the whole relationship; b expected 8 and got 3 of a call that Billing took; c recommends.
    events = [
        ("a", 0, "bill"), ("b", 0, "calls", {"owner": "Billing"}), ("c", 0, "calls", {"owner": "Sales"}), ("a", 10, "bill"),
    ]  # fmt: skip
    responses = [("a", 5), ("b", 4), ("c", 4)]
    answers = [
        (0, "nps", OVERALL, 3), (1, "expectation", "calls", 8), (1, "rapportcijfer", "calls", 3), (1, "nps", OVERALL, 8), (2, "nps", OVERALL, 9),
    ]  # fmt: skip
    found = call_back_list(study(events, responses, answers))
    rows = found.summary
    assert rows["customer_id"].tolist() == ["a", "b"]
    assert rows["reason"].tolist() == ["detractor", "pain moment"]
    assert rows["detail"].tolist() == ["NPS 3", "expected 8, got 3"]
    assert rows["owner"].fillna("").tolist() == ["", "Billing"]
    assert rows["owner_source"].fillna("").tolist() == ["", "mined"]
    assert rows["days_ago"].tolist() == [5, 6]
    assert "private" in repr(found)
    for shown in (repr(found), found._repr_html_()):
        assert "NPS 3" not in shown  # rows about single customers stand in the table only
    assert any("no outbound contact" in note for note in found.notes)


def test_a_declared_owner_stands_where_none_is_mined() -> None:
    catalogue = {"touchpoint": ["calls"], "owner_declared": ["Desk"], "backstage": [False], "third_party": [False]}
    answers = [(0, "expectation", "calls", 8), (0, "rapportcijfer", "calls", 3)]
    found = call_back_list(study([("a", 0, "calls")], [("a", 1)], answers, catalogue=catalogue), today=at(2))
    assert found.summary[["owner", "owner_source"]].values.tolist() == [["Desk", "declared"]]


def test_broken_promises_join_the_reasons() -> None:
    events = [
        ("a", 0, "complains"),
        ("b", 0, "complains"),
        ("b", 1, "reply", {"direction": "outbound"}),
        ("c", 9, "bill"),
    ]
    lived = study(events, [("c", 9.5)], [(0, "nps", OVERALL, 10)])
    kept = check_promises(lived.journeys, answered("complains", by="reply", within="2D"))
    found = call_back_list(lived, promises=kept)
    assert found.summary[["customer_id", "reason", "touchpoint", "days_ago"]].values.tolist() == [
        ["a", "broken promise", "complains", 9]
    ]
    assert found.summary["detail"].tolist() == ["'complains' is answered by 'reply' within 2D"]
    other = study([("x", 0, "complains"), ("x", 9, "bill")])
    with pytest.raises(StudyError, match="other journeys"):
        call_back_list(other, promises=kept)


def test_who_was_called_since_is_not_called_again() -> None:
    events = [("a", 0, "bill"), ("b", 0, "bill"), ("a", 6, "agent calls", CALL), ("b", 6, "invoice", {"direction": "outbound", "channel": "mail"}), ("b", 20, "bill")]  # fmt: skip
    lived = study(events, [("a", 5), ("b", 5)], [(0, "nps", OVERALL, 0), (1, "nps", OVERALL, 0)])
    found = call_back_list(lived)
    assert found.summary["customer_id"].tolist() == ["b"]  # an invoice by mail is no call
    assert found.called.set_index("reason").loc["all", ["n", "called", "share"]].tolist() == [2, 1, 0.5]
    assert found.cases.set_index("customer_id")["called_at"].notna().to_dict() == {"a": True, "b": False}
    assert not len(call_back_list(lived, channels=["phone", "mail"]).summary)
    assert call_back_list(lived, recent="5D").summary.empty  # the reason is 15 days old


def test_what_happened_afterwards_begins_when_the_time_to_call_is_over() -> None:
    # Within 10 days a and b are called, c and d are not. a comes back on day 20, c on day 21 (both counted), d on day 12
    # (before the landmark, day 15: not counted). c leaves on day 30, b left on day 8.
    events = [(p, 0, "bill") for p in "abcd"]
    events += [("a", 6, "agent calls", CALL), ("b", 7, "agent calls", CALL)]
    events += [
        ("a", 20, "bill"),
        ("c", 21, "bill"),
        ("d", 12, "bill"),
        ("c", 30, "cancels"),
        ("b", 8, "cancels"),
        ("z", 200, "bill"),
    ]
    responses = [(p, 5) for p in "abcd"] + [("a", 25), ("c", 26)]
    answers = [(i, "nps", OVERALL, 2) for i in range(4)] + [(4, "nps", OVERALL, 9), (5, "nps", OVERALL, 4)]
    lived = study(events, responses, answers, gap="3D")
    whole = call_back_list(lived, within="10D", after="60D", leaving="cancels")
    found = whole.afterwards.set_index("outcome")
    assert found.loc["returns", ["called", "not_called", "n_called", "n_not_called"]].tolist() == [0.5, 0.5, 2, 2]
    assert found.loc["leaves", ["called", "not_called", "difference"]].tolist() == [0.0, 0.5, -0.5]
    assert found.loc["leaves", "low"] < 0 < found.loc["leaves", "high"]
    assert found.loc["next NPS answer", ["called", "not_called", "n_called"]].tolist() == [9.0, 4.0, 1]
    assert pd.isna(found.loc["next NPS answer", "low"])  # one on either side
    assert any("not drawn by lot" in note for note in whole.notes)
    by_crm = study(events, responses, answers, gap="3D", left={"c": "2025-02-01"})
    assert (
        call_back_list(by_crm, within="10D", after="60D").afterwards.set_index("outcome").loc["leaves", "not_called"]
        == 0.5
    )


def test_the_list_is_written_into_private_and_nowhere_else(tmp_path) -> None:
    lived = study([("a", 0, "bill")], [("a", 1)], [(0, "nps", OVERALL, 3)])
    found = call_back_list(lived, today=at(2))
    (tmp_path / "private").mkdir()
    (tmp_path / "share").mkdir()
    file = found.write(tmp_path / "private" / "call_back.csv")
    assert file.read_text().startswith("customer_id,reason")
    for wrong in (
        tmp_path / "share" / "x.csv",
        tmp_path / "x.csv",
        tmp_path / "private" / ".." / "share" / "x.csv",
        tmp_path / "share" / "private",
    ):
        with pytest.raises(StudyError, match="'private' only"):
            found.write(wrong)
    assert not (tmp_path / "share" / "x.csv").exists()
    with pytest.raises(StudyError, match="make it first"):
        found.write(tmp_path / "nowhere" / "private" / "x.csv")


def test_future_dates_nothing_to_do_and_wrong_names() -> None:
    lived = study(
        [("a", 0, "bill"), ("b", 0, "bill")], [("a", 1), ("b", 400)], [(0, "nps", OVERALL, 3), (1, "nps", OVERALL, 0)]
    )
    found = call_back_list(lived, today=at(2))
    assert found.summary["customer_id"].tolist() == ["a"]
    assert any(note.startswith("1 case dated after 2025-01-03") for note in found.notes)
    happy = study([("a", 0, "bill")], [("a", 1)], [(0, "nps", OVERALL, 10)])
    with pytest.raises(NotEnoughDataError, match="no reason to call anybody"):
        call_back_list(happy, today=at(2))
    with pytest.raises(UnknownNameError, match="'phone'"):
        call_back_list(lived, today=at(2), channels="phon")
    with pytest.raises(StudyError, match="no date"):
        call_back_list(lived, today="soon")
    with pytest.raises(StudyError, match="recent='x'"):
        call_back_list(lived, recent="x")
