"""Touchpoints proposed from subjects and texts, held to what the simulator meant by each text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError
from cxmining.ingest import propose_touchpoints
from cxmining.ingest.mapping.rules import load_rules, match_rules
from cxmining.schema import Dataset, table
from cxmining.simulate import vocabulary
from cxmining.simulate.texts import Writer
from cxmining.text.topics import find_topics, words_of


def log_of(subjects: list[str | None], texts: list[str | None], **columns: object) -> Dataset:
    n = len(texts)
    ids = [f"r{i}" for i in range(n)]
    events = table(
        "events",
        {
            "event_id": ids, "customer_id": [f"c{i % max(n // 2, 1)}" for i in range(n)], "channel": ["mail"] * n,
            "timestamp": pd.Series(pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(n), "min")),
            "touchpoint": ["mail"] * n, "direction": ["inbound"] * n, "text": texts, "source": ["m"] * n, "seq": range(n),
            **columns,
        },
    )  # fmt: skip
    raw = pd.DataFrame({"event_id": ids, "subject": pd.array(subjects, dtype="str")})
    return Dataset(events, raw=raw)


@pytest.fixture(scope="module")
def mails() -> tuple[Dataset, pd.Series]:
    """500 mails as the simulator's customers write them, and the task that each is about."""
    rng = np.random.default_rng(5)
    writer, tasks = Writer(rng), list(vocabulary.SUBJECT)
    rows = []
    for i in range(500):
        task = tasks[int(rng.integers(len(tasks)))]
        who = {"name": f"J. Pietersma{chr(97 + i % 26)}{chr(97 + i // 26)}", "first": f"Piet{chr(97 + i % 26)}{chr(97 + i // 26)}", "account": f"10{i:05d}", "ean": str(871 * 10**15 + i), "phone": "06 12345678",
               "street": "Dorpsstraat", "house": "1", "postcode": "1234 AB", "email": "a@b.example", "iban": "NL91ABNA0417164300"}  # fmt: skip
        slots = writer.slots(who, 1 + i % 12)
        subject, text = writer.mail(
            task, slots, number=0, english=rng.random() < 0.1, formal=rng.random() < 0.5, angry=rng.random() < 0.2
        )
        rows.append((task, subject, text))
    frame = pd.DataFrame(rows, columns=["task", "subject", "text"])
    return log_of(frame["subject"].tolist(), frame["text"].tolist()), frame["task"]


@pytest.fixture(scope="module")
def found(mails):
    return propose_touchpoints(mails[0])


def test_the_tasks_are_found_and_their_number(mails, found) -> None:
    from sklearn.metrics import normalized_mutual_info_score

    topic, task = found.assigned["topic"], mails[1]
    assert normalized_mutual_info_score(task, topic) > 0.8  # 0.99 at 3,000 mails
    assert 6 <= found.summary["topic"].max() <= 8  # the simulator has 7
    own = found.summary.set_index("topic")
    assert own["events"].sum() == found.n == 500
    assert own.loc[0, "words"] == "(no topic)"
    assert ((own["low"] <= own["share"]) & (own["share"] <= own["high"])).all()
    chosen = found.stability.set_index("topics")["stability"]
    assert chosen[own.index.max()] >= chosen.max() - 0.05


def test_rules_find_the_topics_again_and_reading_applies_them(mails, found, tmp_path: Path) -> None:
    text = found.to_rules(tmp_path / "rules.toml")
    rules = load_rules(tmp_path / "rules.toml", "rules.toml")
    data = mails[0]
    named = match_rules(data.events.assign(raw_subject=data.raw["subject"]), rules)
    names = np.array([*(r.touchpoint for r in rules), None], dtype=object)[named]
    proposed = found.summary.set_index("topic")["touchpoint"].reindex(found.assigned["topic"]).to_numpy(dtype=object)
    assert (names == proposed)[named >= 0].mean() > 0.85
    assert (named >= 0).mean() > 0.8
    assert "# topic 1: " in text
    assert (found.rules["precision"] > 0.6).all()
    with pytest.raises(StudyError, match="is there already; append=True"):
        found.to_rules(tmp_path / "rules.toml")
    found.to_rules(tmp_path / "rules.toml", append=True)
    assert len(load_rules(tmp_path / "rules.toml", "rules.toml")) == 2 * len(rules)


def test_examples_and_words_name_nobody(found) -> None:
    told = found.examples.to_string() + repr(found) + found._repr_html_() + found.to_rules()
    for secret in ("Pietersma", "NL91", "12345678", "a@b.example", "J. P", "Pieta"):
        assert secret not in told
    assert found.examples.groupby("topic").size().max() <= 3


def test_the_same_topics_whatever_the_order_of_rows_and_threads(mails) -> None:
    from threadpoolctl import threadpool_limits

    data, _ = mails
    order = np.random.default_rng(1).permutation(len(data.events))
    shuffled = Dataset(data.events.iloc[order].reset_index(drop=True), raw=data.raw.iloc[::-1].reset_index(drop=True))
    with threadpool_limits(limits=2):
        a, b = propose_touchpoints(data, k=7), propose_touchpoints(shuffled, k=7)
    pd.testing.assert_frame_equal(a.summary, b.summary)
    pd.testing.assert_frame_equal(a.examples, b.examples)
    joined = a.assigned.merge(b.assigned, on="event_id")
    assert (joined["topic_x"] == joined["topic_y"]).all()
    assert (joined["strength_x"] == joined["strength_y"]).all()


def test_what_is_not_looked_at_is_said(mails) -> None:
    data, _ = mails
    events = data.events.copy()
    events.loc[:99, "direction"] = "outbound"
    events["automatic"] = pd.array([False] * 450 + [True] * 50, dtype="boolean")
    events.loc[100:199, "touchpoint"] = "asks"
    found = propose_touchpoints(Dataset(events, raw=data.raw), ["mail"], k=3)
    assert found.n == 250
    assert found.left_out == "not looked at: 100 of the company's own, 50 automatic, 100 of other touchpoints"


def test_logs_that_hold_no_texts_say_so() -> None:
    with pytest.raises(NotEnoughDataError, match="holds no subjects and no texts"):
        propose_touchpoints(log_of([None] * 3, [None] * 3))
    with pytest.raises(NotEnoughDataError, match="topics need at least 50"):
        propose_touchpoints(log_of([None] * 20, ["factuur klopt niet"] * 20))
    with pytest.raises(NotEnoughDataError, match="no text of a customer is left"):
        propose_touchpoints(log_of(["x"], ["y"], direction=["outbound"]))
    with pytest.raises(UnknownNameError, match="did you mean 'mail'"):
        propose_touchpoints(log_of(["x"], ["y"]), ["mial"])
    for k in (1, 21):
        with pytest.raises(StudyError, match="expected 2 to 20"):
            propose_touchpoints(log_of(["x"] * 60, ["factuur"] * 60), k=k)


def test_hostile_texts() -> None:
    words = ["factuur bedrag", "meter stand", "storing stroom"] * 40
    nasty = [
        "<img src=x onerror=alert(1)>",
        "",
        "\x00\x00",
        "a" * 100_000,
        "[email] [phone] [name]",
        "12345 " * 1000,
        '"""',
        "\\",
    ] * 5
    found = propose_touchpoints(log_of([None] * 160, [*words, *nasty]), k=3)
    assert found.summary.set_index("topic")["events"].to_dict()[0] >= 30
    assert "<img" not in found._repr_html_()
    rules = found.to_rules()
    assert "[[rule]]" in rules


def test_a_word_that_few_people_use_is_no_topic() -> None:
    texts = pd.Series(["factuur bedrag", "meter stand"] * 40 + ["janssen factuur"] * 40)
    who = pd.Series([f"c{i}" for i in range(80)] + ["c81"] * 40)  # forty times, but one person's
    found = find_topics(texts, who, k=2)
    assert "janssen" not in found.vocabulary
    assert found.vocabulary == {"factuur", "bedrag", "meter", "stand"}


def test_words_leave_out_what_was_masked() -> None:
    assert words_of("Bel [phone], zie https://zon.nl/factuur of info@zon.nl: de METERSTAND's foto") == [
        "meterstand's",
        "foto",
    ]


@pytest.mark.real
def test_real_reviews_and_mails(real: Path, tmp_path: Path) -> None:
    reviews = pd.read_csv(real / "text" / "reviews-nl-1000.csv")
    column = next(c for c in reviews.columns if reviews[c].astype(str).str.len().mean() > 100)
    texts = reviews[column].astype(str).tolist()
    found = propose_touchpoints(log_of([None] * len(texts), texts), k=5)
    assert found.summary["events"].sum() == len(texts)
    assert all(len(w) >= 3 for words in found.summary["words"].iloc[:-1] for w in words.split(", "))


def test_the_picture_has_a_bar_per_topic_and_one_for_what_has_none(found):
    figure = found.figure()
    (bars,) = figure.data
    assert len(bars.x) == len(found.summary)
    assert bars.y[0] == "no topic"
    assert bars.x[0] == pytest.approx(float(found.summary.query("topic == 0")["share"].iloc[0]))
    assert len(set(bars.y)) == len(bars.y)
    assert f"n = {found.n:,} texts" in figure.layout.annotations[0].text


def test_bars_of_one_name_are_told_apart_and_names_are_no_markup():
    from cxmining.ingest.mapping.coverage_picture import coverage_picture

    rows = pd.DataFrame(
        {"topic": [1, 2, 3, 0], "touchpoint": ["bill", "bill", "<img src=x onerror=alert(1)>", ""], "events": [1] * 4,
         "share": [0.25] * 4, "low": [0.1] * 4, "high": [0.5] * 4}
    )  # fmt: skip
    labels = coverage_picture(rows, 4, "").spec["data"][0]["y"]
    assert [label for label in labels if label.startswith("bill")] == ["bill (1)", "bill (2)"]
    assert "<img" not in "".join(labels)
