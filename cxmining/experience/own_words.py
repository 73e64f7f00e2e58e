"""What customers wrote themselves, where and about what: their messages and their comments, never the company's words."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.i18n import counted
from cxmining.schema import CONTACT, OVERALL

if TYPE_CHECKING:
    from cxmining.experience import Experience
    from cxmining.schema import Dataset
    from cxmining.text import SentimentModel

__all__ = ["KINDS", "learn_sentiment", "own_texts", "scored_comments"]

KINDS: Final = ("message", "comment")
_LASTING: Final = ("csat", "rapportcijfer", "nps", "ces")
"""Scores of the whole, or of the one contact, that a comment is taken to speak of; the first that was given."""
_COLUMNS: Final = (
    "text_id", "kind", "event_id", "journey_id", "customer_id", "touchpoint", "stage", "channel", "timestamp", "text",
)  # fmt: skip
_LEARNED_FROM: Final = 4_000
"""Comments that a model is learned from; more change little and cost minutes."""
_HELD: Final = 4
_LEARNED: dict[tuple[int, int, int], tuple[Any, Any, SentimentModel]] = {}
"""What was learned of the last few tables: other case notions and filters ask for the same again."""


def own_texts(lived: Experience) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Gather what customers wrote: inbound messages that no machine wrote, and comments in questionnaires.

    Parameters
    ----------
    lived : Experience

    Returns
    -------
    texts : DataFrame
        One row per text with ``text_id`` (event or response), ``kind`` (message, comment), ``event_id``,
        ``journey_id``, ``customer_id``, ``touchpoint`` (``"(overall)"`` for comments on the whole, ``"(contact)"``
        for those on a contact that was not found), ``stage``, ``channel``, ``timestamp``, ``text``.
    notes : tuple of str
        What was left out, and how much.
    """
    data, journeys = lived.journeys.data, lived.journeys
    steps = journeys.events[["event_id", "journey_id", "stage"]]
    events = data.events
    if lived.linked is not None:  # of filtered journeys only what is left of them
        events = events.iloc[np.sort(journeys.log.rows)]
    written = events[events["text"].notna()]
    notes = []
    unknown = int(written["direction"].isna().sum())
    if unknown:
        notes.append(
            f"{counted(unknown, 'text')} of unknown direction {'is' if unknown == 1 else 'are'} left out: the company may "
            'have written them; map a column to direction, or say constants = { direction = "inbound" }'
        )
    written = written[written["direction"] == "inbound"]
    if "automatic" in written:
        robots = written["automatic"].astype("boolean").fillna(False).to_numpy(bool)
        if robots.any():
            notes.append(f"{counted(int(robots.sum()), 'automatic message')} left out")
        written = written[~robots]
    messages = written[["event_id", "customer_id", "touchpoint", "channel", "timestamp", "text"]].merge(
        steps, on="event_id", how="left"
    )
    messages = messages.assign(text_id=messages["event_id"], kind="message")
    comments = _comments(lived, steps)
    found = pd.concat([messages[list(_COLUMNS)], comments[list(_COLUMNS)]], ignore_index=True)
    said = found["text"].astype("str").str.strip().fillna("").ne("")
    return found[said].reset_index(drop=True), tuple(notes)


def _comments(lived: Experience, steps: pd.DataFrame) -> pd.DataFrame:
    """Return the comments, each with the event, journey and touchpoint that its questionnaire was linked to."""
    given = lived.journeys.data.responses
    given = given[given["comment"].notna()]
    links = lived.links
    if lived.linked is not None:
        given = given[given["response_id"].isin(links["response_id"])]
    about = given["survey_kind"].map({"transactional": CONTACT}).fillna(OVERALL)
    frame = given[["response_id", "customer_id", "timestamp", "comment"]].assign(about=about.astype("str"))
    whole = links[links["matched"]].merge(
        lived.journeys.data.answers[["response_id", "item", "touchpoint"]].rename(columns={"touchpoint": "asked"}),
        on=["response_id", "item"], how="left",
    )  # fmt: skip
    whole = whole[whole["asked"].isin([CONTACT, OVERALL])].drop_duplicates("response_id").set_index("response_id")
    frame["event_id"] = whole["event_id"].reindex(frame["response_id"]).array
    frame["journey_id"] = whole["journey_id"].reindex(frame["response_id"]).array
    touchpoint = whole["touchpoint"].astype("object").reindex(frame["response_id"]).array
    named = frame["event_id"].notna().to_numpy() & pd.notna(touchpoint)
    frame["touchpoint"] = np.where(named, touchpoint, frame["about"].to_numpy(dtype=object))
    frame = frame.merge(steps[["event_id", "stage"]].dropna(), on="event_id", how="left")
    frame = frame.rename(columns={"response_id": "text_id", "comment": "text"})
    return frame.assign(kind="comment", channel="survey")


def scored_comments(data: Dataset) -> pd.DataFrame:
    """Return the comments whose writers gave a score of the whole or of the contact beside it.

    Returns
    -------
    DataFrame
        ``customer_id``, ``comment``, ``score``, ``low``, ``high`` (turned such that higher is better), ``metric``.
    """
    answers = data.answers[(data.answers["status"] == "answered") & data.answers["metric"].isin(_LASTING)]
    answers = answers[answers["touchpoint"].isin([OVERALL, CONTACT])]
    first = answers["metric"].map(_LASTING.index).astype(int)
    answers = answers.assign(first=first).sort_values(["response_id", "first", "item"], kind="stable")
    answers = answers.drop_duplicates("response_id")
    given = data.responses.loc[data.responses["comment"].notna(), ["response_id", "customer_id", "comment"]]
    found = given.merge(answers, on="response_id", how="inner")
    low, high = (found[c].to_numpy(dtype=float) for c in ("scale_low", "scale_high"))
    score = found["score"].to_numpy(dtype=float, na_value=np.nan)
    score = np.where(found["higher_is_better"].to_numpy(dtype=bool), score, low + high - score)
    frame = pd.DataFrame(
        {"customer_id": found["customer_id"], "comment": found["comment"], "score": score, "low": low, "high": high,
         "metric": found["metric"]}
    )  # fmt: skip
    return frame[(score >= low) & (score <= high)].reset_index(drop=True)


def learn_sentiment(data: Dataset, *, seed: int = 1) -> SentimentModel:
    """Learn from the company's own scored comments how texts feel; the lexicon stays where that is not shown to be better.

    Parameters
    ----------
    data : Dataset
    seed : int, default 1
        Of the folds, the resamples, and which 4,000 comments are learned from where there are more.

    Returns
    -------
    SentimentModel
        ``method``, ``why`` and ``summary`` say which one is used, with the error of both and n.
    """
    key = (id(data.responses), id(data.answers), seed)
    held = _LEARNED.get(key)
    if held is not None and held[0]() is data.responses and held[1]() is data.answers:
        return held[2]
    model = _learn(data, seed)
    _LEARNED.pop(key, None)
    while len(_LEARNED) >= _HELD:
        _LEARNED.pop(next(iter(_LEARNED)))
    _LEARNED[key] = (weakref.ref(data.responses), weakref.ref(data.answers), model)
    return model


def _learn(data: Dataset, seed: int) -> SentimentModel:
    from cxmining.text.trained import name_classes, train_sentiment

    rows = scored_comments(data)
    rows = rows.sort_values(["comment", "customer_id", "score"], kind="stable", ignore_index=True)
    if len(rows) > _LEARNED_FROM:
        drawn = np.random.default_rng(seed).choice(len(rows), _LEARNED_FROM, replace=False)
        rows = rows.iloc[np.sort(drawn)].reset_index(drop=True)
    label = np.zeros(len(rows), dtype=np.int64)
    scales = rows[["low", "high"]].to_numpy(dtype=float)
    for low, high in np.unique(scales, axis=0).tolist():
        at = np.flatnonzero((scales[:, 0] == low) & (scales[:, 1] == high))
        label[at] = name_classes(rows["score"].to_numpy(dtype=float)[at], (low, high))
    owner = rows["customer_id"].astype("object").where(rows["customer_id"].notna(), "#" + rows.index.astype("str"))
    return train_sentiment(rows["comment"], pd.Series(label), groups=owner, seed=seed)
