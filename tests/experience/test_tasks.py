"""What customers want done: tasks from words, catalogue, rules and topics."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.experience.tasks import UNKNOWN_TASK, find_tasks
from cxmining.schema import Dataset, table

SAID = {
    "invoice": ["mijn factuur klopt niet, het bedrag is te hoog", "waarom zo'n hoge nota, bedrag onjuist, factuur"],
    "move": ["wij gaan verhuizen naar een nieuw huis", "verhuizing doorgeven, sleutel van het huis"],
    "outage": ["geen stroom in de straat, storing", "storing, licht uit en geen stroom"],
}
TASKS = {"invoice": "pay", "move": "move house", "outage": "have power"}


def data_of(rows, tasks=TASKS):
    """rows: (customer, touchpoint, text, direction)."""
    events = table(
        "events",
        {
            "event_id": [f"e{i}" for i in range(len(rows))],
            "customer_id": [r[0] for r in rows],
            "timestamp": pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(range(len(rows)), unit="h"),
            "channel": ["mail"] * len(rows),
            "touchpoint": [r[1] for r in rows],
            "direction": [r[3] if len(r) > 3 else "inbound" for r in rows],
            "text": [r[2] for r in rows],
            "source": ["m"] * len(rows),
            "seq": range(len(rows)),
        },
    )
    catalogue = table(
        "catalogue",
        {
            "touchpoint": list(tasks),
            "task": list(tasks.values()),
            "backstage": [False] * len(tasks),
            "third_party": [False] * len(tasks),
        },
    )
    return Dataset(events, catalogue=catalogue)


def asked(n=20):
    return [(f"{t}{i}{k}", t, text) for t, texts in SAID.items() for i in range(n) for k, text in enumerate(texts)]


def test_words_win_over_the_queue_they_came_in_by():
    found = find_tasks(data_of([*asked(), ("z", "invoice", "wij verhuizen naar een nieuw huis, sleutel volgt")]))
    last = found.table.iloc[-1]
    assert last[["touchpoint", "task", "source"]].tolist() == ["invoice", "move house", "words"]
    quality = found.quality.iloc[0]
    assert quality["told_by"] == "task"
    assert quality["used"]
    assert quality["low"] < quality["accuracy"] < 1  # the mail in the wrong queue is counted as an error
    marks = found.summary.set_index("task").loc["move house", "words"]
    assert "verhuizen" in marks


def test_a_contact_without_text_has_the_task_of_its_touchpoint_and_one_without_either_none():
    found = find_tasks(data_of([*asked(), ("p", "outage", None), ("q", "elsewhere", None)])).table
    assert found["task"].tolist()[-2:] == ["have power", UNKNOWN_TASK]
    assert found["source"].tolist()[-2:] == ["catalogue", "unknown"]


def test_what_the_company_wrote_is_no_contact():
    rows = asked()
    found = find_tasks(data_of([*rows, ("a", "invoice", "uw factuur", "outbound")]))
    assert len(found.table) == len(rows)


def test_rules_win_and_a_wrong_one_is_refused():
    found = find_tasks(data_of(asked()), rules={"keys": ["sleutel"]})
    assert set(found.table.loc[found.table["task"] == "keys", "source"]) == {"rule"}
    assert found.summary.set_index("task").loc["keys", "by_rule"] == 20
    with pytest.raises(StudyError, match=r"rules\['keys'\].*no RE2 pattern"):
        find_tasks(data_of(asked()), rules={"keys": "("})


def test_without_tasks_in_the_catalogue_touchpoints_are_learned_and_without_those_topics_found():
    bare = data_of(asked(), tasks={})
    assert set(find_tasks(bare).summary["task"]) == {"invoice", "move", "outage"}
    one = replace(bare, events=bare.events.assign(touchpoint="mail"))
    found = find_tasks(one, k=3)
    assert set(found.table["source"]) == {"topic"}
    assert len(found.summary) == 3
    assert "to be named by people" in found.notes[0]


def test_words_that_tell_nothing_are_not_used():
    """The same text everywhere: held-out agreement is chance, and the catalogue stays."""
    rows = [(f"c{i}", list(TASKS)[i % 3], "ik heb daarover een vraag, factuur stroom") for i in range(120)]
    found = find_tasks(data_of(rows))
    assert not found.quality["used"].any()
    assert set(found.table["source"]) == {"catalogue"}


def test_nobodys_name_is_a_word():
    rows = [*asked(), *[("piet", "invoice", "Jansen Jansen factuur Jansen bedrag") for _ in range(30)]]
    assert "jansen" not in " ".join(find_tasks(data_of(rows)).summary["words"])


def test_order_of_rows_changes_nothing():
    rows = asked()
    one = find_tasks(data_of(rows))
    shuffled = data_of(rows)
    two = find_tasks(replace(shuffled, events=shuffled.events.sample(frac=1, random_state=4).reset_index(drop=True)))
    pd.testing.assert_frame_equal(one.summary, two.summary)
    pd.testing.assert_frame_equal(one.quality, two.quality)


def test_hostile_names_and_nothing_to_look_at():
    evil = "<img src=x onerror=alert(1)>"
    found = find_tasks(data_of([("a", evil, None)], tasks={evil: evil}))
    assert "<img" not in found._repr_html_()
    assert "<img" not in str(found.figure().to_dict()["layout"]["yaxis"]["ticktext"])
    with pytest.raises(NotEnoughDataError, match="none of 1 event was done by a customer"):
        find_tasks(data_of([("a", "invoice", "x", "outbound")]))
    with pytest.raises(StudyError, match="DataFrame holds no log"):
        find_tasks(pd.DataFrame())


def planted(data, folder):
    """Return the topic that each written contact was made for, by event."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    topic = {record: issue[1] for issue in truth["issues"] for record in issue[3]}
    mails = re.findall(r"(?im)^message-id:\s*<?([^>\s]+)>?", (folder / "mail.mbox").read_text(encoding="latin-1"))
    tickets = [re.match(r'{"id":(\d+)', line) for line in (folder / "zendesk/tickets.json").open(encoding="utf-8")]
    names = {"mail": [f"m:{m}" for m in mails], "desk": [f"z:{t.group(1)}" if t else "" for t in tickets]}
    files = {i.file for i in data.inputs if i.source == "mail" or "tickets" in i.name}
    rows = data.ledger[data.ledger["cell"].isna() & data.ledger["file"].isin(files) & (data.ledger["status"] == "kept")]
    found = {
        r.record_id: topic.get(names[r.source][r.seq - 1]) for r in rows[["record_id", "source", "seq"]].itertuples()
    }
    return pd.Series(found).dropna()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_tasks_by_words_are_those_that_were_planted(tmp_path, seed):
    from sklearn.metrics import normalized_mutual_info_score as nmi

    import cxmining as cx

    data = cx.read(cx.make_sample(tmp_path, customers=800, seed=seed))
    truth = planted(data, tmp_path)
    told = find_tasks(data).table.set_index("event_id")
    told = told[told["source"] == "words"].loc[lambda t: t.index.intersection(truth.index)]
    assert len(told) > 400
    assert nmi(truth.loc[told.index], told["task"]) >= 0.7
