"""How well, and how fast, customers' own words are read: sentiment, language, emotions, tasks.

``python benchmarks/texts.py --sizes 1e5 --seeds 3,4,5 --reviews reviews.csv`` (columns ``text`` and ``polarity``, -1 or
1). Times are CPU seconds of one process. Tasks are held against the topics that the simulator made contacts for.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import cxmining as cx
from cxmining.experience.tasks import find_tasks
from cxmining.simulate.texts import Writer
from cxmining.text import find_elements, find_emotions, guess_language, score_sentiment, train_sentiment


def comments(n: int, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    """Write survey comments as customers of the simulated company do, with their scores from 1 to 5."""
    writer = Writer(np.random.default_rng(seed))
    scores = [1 + i % 5 for i in range(n)]
    topics = ["asks about invoice", "yearly statement"]
    texts = [writer.comment(s, topics, month=1 + i % 12, english=i % 9 == 0) for i, s in enumerate(scores)]
    return pd.Series(texts), pd.Series(scores)


def speed(n: int) -> list[tuple[str, float]]:
    """Time each reading of `n` comments."""
    texts, scores = comments(n)
    start = time.process_time()
    model = train_sentiment(texts[:2000], scores[:2000], scale=(1, 5))
    rows = [("learn from 2,000", time.process_time() - start)]
    for name, read in (
        ("language", guess_language), ("lexicon", score_sentiment), (f"model ({model.method})", model.score),
        ("emotions", find_emotions), ("elements", find_elements),
    ):  # fmt: skip
        start = time.process_time()
        read(texts)
        rows.append((name, time.process_time() - start))
    return rows


def planted(data: cx.Dataset, folder: Path) -> pd.Series:
    """Return the topic that each written contact was made for, by event."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    topic = {record: issue[1] for issue in truth["issues"] for record in issue[3]}
    mails = re.findall(r"(?im)^message-id:\s*<?([^>\s]+)>?", (folder / "mail.mbox").read_text(encoding="latin-1"))
    with (folder / "zendesk/tickets.json").open(encoding="utf-8") as file:
        tickets = [re.match(r'{"id":(\d+)', line) for line in file]
    names = {"mail": [f"m:{m}" for m in mails], "desk": [f"z:{t.group(1)}" if t else "" for t in tickets]}
    files = {i.file for i in data.inputs if i.source == "mail" or "tickets" in i.name}
    rows = data.ledger[data.ledger["cell"].isna() & data.ledger["file"].isin(files) & (data.ledger["status"] == "kept")]
    found = {r.record_id: topic.get(names[r.source][r.seq - 1]) for r in rows.itertuples()}
    return pd.Series(found).dropna()


def tasks(seed: int, customers: int) -> list[tuple[str, int, float]]:
    """Hold tasks by words against what was planted: with the catalogue's tasks, its touchpoints, and topics alone."""
    from dataclasses import replace

    from sklearn.metrics import normalized_mutual_info_score

    with tempfile.TemporaryDirectory() as folder:
        data = cx.read(cx.make_sample(folder, customers=customers, seed=seed))
        truth = planted(data, Path(folder))
    bare = replace(data, catalogue=data.catalogue.head(0))
    rows = []
    for name, given in (
        ("tasks of the catalogue", data), ("touchpoints", bare),
        ("topics", replace(bare, events=bare.events.assign(touchpoint="contact"))),
    ):  # fmt: skip
        told = find_tasks(given).table.set_index("event_id")
        told = told[told["source"].isin(["words", "topic"])].loc[lambda t: t.index.intersection(truth.index)]
        rows.append((name, len(told), normalized_mutual_info_score(truth.loc[told.index], told["task"])))
    return rows


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1e5")
    parser.add_argument("--seeds", default="3,4,5")
    parser.add_argument("--customers", type=int, default=1200)
    parser.add_argument("--reviews", type=Path)
    given = parser.parse_args()
    for size in given.sizes.split(","):
        for name, seconds in speed(int(float(size))):
            print(f"{int(float(size)):>9,} comments  {name:<18} {seconds:6.1f} s")
    for seed in given.seeds.split(","):
        for name, n, nmi in tasks(int(seed), given.customers):
            print(f"seed {seed}: NMI {nmi:.3f} by {name}, n = {n:,} texts")
    if given.reviews is not None:
        reviews = pd.read_csv(given.reviews)
        print(train_sentiment(reviews["text"], reviews["polarity"]))


if __name__ == "__main__":
    main()
