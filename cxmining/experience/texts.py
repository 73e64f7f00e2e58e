"""What customers' own words tell: how they feel, which emotions they name and with which words, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError
from cxmining.experience.own_words import own_texts
from cxmining.experience.told import ends, place_name
from cxmining.i18n import counted, speaking
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.stats import grouped_mean, share_interval, wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience
    from cxmining.text import SentimentModel

__all__ = ["Texts", "read_texts"]

say = speaking("words")
_MOST: Final = 24
_WORDS: Final = 5
_READ: Final = 20_000
"""Letters of a text that are read: how it feels is said by then, and a megabyte of log costs no minute."""


@dataclass(frozen=True, eq=False)
class Texts:
    """How customers' own texts feel, per touchpoint.

    Attributes
    ----------
    summary : DataFrame
        One row per ``touchpoint`` (``"(overall)"``: comments on the whole): ``texts`` (of those ``messages`` and
        ``comments``), ``customers``; ``sentiment`` (mean, −1 to 1) with ``low``, ``high`` (95%, by customer) and ``n``,
        the texts with a word that tells; ``bad`` and ``good``, the shares of those n texts, each with interval;
        ``emotion``, the one that most customers name, and ``emotion_n``, how many do.
    emotions : DataFrame
        Per touchpoint and emotion that somebody names: ``k`` of ``n`` customers whose texts could be read, ``share``
        with ``low``, ``high`` (Wilson), ``words`` that made it, most frequent first.
    languages : DataFrame
        ``language``, ``texts``, ``share``, ``scored`` (of these, how many have a score).
    table : DataFrame
        One row per text, without the text: ``text_id``, ``kind``, ``event_id``, ``journey_id``, ``customer_id``,
        ``touchpoint``, ``stage``, ``channel``, ``timestamp``, ``language``, ``sentiment`` (missing where no word
        tells), ``polarity`` (bad, neutral, good), ``n_words_known``, ``emotion``, a column of counts per emotion, ``words``.
    model : SentimentModel
        What scored them, why, and the error of it and of the other one.
    notion : str
    chain, notes : tuple of str
    """

    summary: pd.DataFrame
    emotions: pd.DataFrame
    languages: pd.DataFrame
    table: pd.DataFrame
    model: SentimentModel
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def figure(self, language: str = "en") -> go.Figure:
        """Draw the mean sentiment of each touchpoint with its interval, most written about first.

        Parameters
        ----------
        language : {"en", "nl"}, default "en"

        Raises
        ------
        NotEnoughDataError
            When no text tells how it feels.
        """
        from cxmining.experience.dots import Series, dots_picture, foot_of
        from cxmining.figures import palette
        from cxmining.i18n import number, percent, signed

        rows = self.summary[self.summary["n"] > 0].head(_MOST)
        if not len(rows):
            raise NotEnoughDataError("no text of a customer holds a word that tells how it feels: nothing to draw")
        hover = [
            say(
                "texts_hover", language, touchpoint=place_name(r.touchpoint, language), value=signed(r.sentiment, language, 2),
                bad=percent(r.bad, language), good=percent(r.good, language), customers=number(r.customers, language),
            )
            for r in rows_of(rows)
        ]  # fmt: skip
        value, low, high = (rows[c].tolist() for c in ("sentiment", "low", "high"))
        series = [Series(say("sentiment", language), palette.TEAL, "circle", value, low, high, hover)]
        used = self.model.summary[self.model.summary["used"].astype(bool)]
        foot = say(
            "texts_foot", language, method=say(f"method_{self.model.method}", language),
            f1=number(float(used["macro_f1"].iloc[0]) if len(used) else None, language, 2),
            n=number(int(used["n"].iloc[0]) if len(used) else 0, language),
        )  # fmt: skip
        return dots_picture(
            say("texts_title", language), rows, [place_name(t, language) for t in rows["touchpoint"]], series, say("sentiment", language),
            [f"n = {number(n, language)}" for n in rows["n"]], foot_of(self.notion, self.chain, foot, language=language),
            percent=False,
        ).figure()  # fmt: skip

    @property
    def scored_by(self) -> str:
        """What scored the texts and why, in a sentence."""
        return f"Scored by the {self.model.method}: {self.model.why}"

    def _lines(self) -> list[str]:
        errors = [
            f"{r.method}: macro-F1 {r.macro_f1:.3f} [{r.f1_low:.3f}, {r.f1_high:.3f}], n = {r.n:,}"
            for r in rows_of(self.model.summary)
        ]
        spoken = ", ".join(f"{r.language} {r.share:.0%}" for r in rows_of(self.languages.head(4)))
        said = [self.scored_by, *errors, *([f"languages: {spoken}"] if spoken else [])]
        return [*said, *(f"filter: {s}" for s in self.chain), *(f"note: {n}" for n in self.notes)]

    def _head(self) -> str:
        known = int(self.table["sentiment"].notna().sum())
        return (
            f"Texts({counted(len(self.table), 'text')} of {counted(int(self.table['customer_id'].nunique()), 'customer')}, "
            f"{known:,} with a word that tells; {self.notion})"
        )

    def __repr__(self) -> str:
        top = [
            f"{r.touchpoint}: {r.sentiment:+.2f} {ends(r.low, r.high, '+.2f')} n={r.n:,}"
            for r in rows_of(self.summary[self.summary["n"] > 0].head(5))
        ]
        return "\n".join([self._head(), *(f"  {line}" for line in [*top, *self._lines()])])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, self.emotions, head=self._head(), said=self._lines())


def read_texts(lived: Experience) -> Texts:
    """Read what customers wrote themselves; ``lived.texts`` is this.

    Parameters
    ----------
    lived : Experience

    Returns
    -------
    Texts
        Empty tables where customers wrote nothing: that is a finding.

    Examples
    --------
    >>> import cxmining as cx
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {
    ...     "event_id": ["e1", "e2"], "customer_id": ["a", "b"], "timestamp": ["2025-01-01T10:00Z", "2025-01-02T10:00Z"],
    ...     "channel": "mail", "touchpoint": "asks", "direction": "inbound", "source": "mail", "seq": [1, 2],
    ...     "text": ["Top service!", "Wat een gedoe, ik ben woedend"]})
    >>> data = Dataset(events)
    >>> texts = cx.measure_experience(cx.build_journeys(data)).texts
    >>> texts.summary[["touchpoint", "texts", "n", "emotion"]].values.tolist()
    [['asks', 2, 2, 'anger']]
    >>> texts.model.method
    'lexicon'
    """
    from cxmining.experience.own_words import learn_sentiment
    from cxmining.text.marks import EMOTIONS, find_emotions

    data, journeys = lived.journeys.data, lived.journeys
    model = lived.sentiment if lived.sentiment is not None else learn_sentiment(data)
    found, notes = own_texts(lived)
    long = int((found["text"].str.len() > _READ).sum())
    if long:
        notes = (*notes, f"of {counted(long, 'text')} only the first {_READ:,} letters are read")
    read = found["text"].str.slice(0, _READ).astype("str")
    scored = model.score(read)
    felt = find_emotions(read)
    told = scored["n_words_known"].to_numpy() > 0
    table = found.drop(columns="text").assign(
        language=scored["language"].array,
        sentiment=scored["score"].where(told).astype("float64").array,
        polarity=scored["polarity"].where(told).array,
        n_words_known=scored["n_words_known"].array,
        emotion=felt["emotion"].array,
        **{e: felt[e].array for e in EMOTIONS},
        words=felt["words"].array,
    )
    if model.method == "trained" and (found["kind"] == "message").any():
        notes = (*notes, "the model learned from comments in questionnaires, and scores messages too")
    unread = int(scored["score"].isna().sum())
    if unread:
        notes = (
            *notes,
            f"{counted(unread, 'text')} in a language without a lexicon {'is' if unread == 1 else 'are'} not scored",
        )
    emotions = _emotions(table)
    return Texts(
        summary=_summary(table, emotions), emotions=emotions, languages=_languages(table), table=table, model=model,
        notion=str(journeys.notion), chain=journeys.chain, notes=notes,
    )  # fmt: skip


def _who(table: pd.DataFrame) -> pd.Series:
    """Return whose each text is; one that nobody is known for is somebody's of its own."""
    own = "#" + table["text_id"].astype("str")
    return table["customer_id"].astype("object").where(table["customer_id"].notna(), own).astype("str")


def _summary(table: pd.DataFrame, emotions: pd.DataFrame) -> pd.DataFrame:
    frame = table.assign(who=_who(table), message=table["kind"] == "message")
    told = frame[frame["sentiment"].notna()]
    grouped = frame.groupby("touchpoint", sort=True)
    out = pd.DataFrame(
        {"texts": grouped.size(), "messages": grouped["message"].sum(), "customers": grouped["who"].nunique()}
    )
    out.insert(2, "comments", out["texts"] - out["messages"])
    mean = grouped_mean(told, "touchpoint", "sentiment", cluster="who", scale=(-1.0, 1.0)).reindex(out.index)
    out["sentiment"], out["low"], out["high"] = mean["mean"], mean["low"], mean["high"]
    out["n"] = mean["n"].astype("Float64").fillna(0).astype("int64")
    for name in ("bad", "good"):
        shares = {
            t: share_interval((part["polarity"] == name).to_numpy(dtype=float), cluster=part["who"].to_numpy())[:3]
            for t, part in told.groupby("touchpoint", sort=True)
        }
        for i, column in enumerate((name, f"{name}_low", f"{name}_high")):
            out[column] = pd.Series({t: found[i] for t, found in shares.items()}, dtype="float64").reindex(out.index)
    # of two that as many name the graver, the later one
    graver = emotions.iloc[::-1]
    top = graver.sort_values(["k", "share"], ascending=False, kind="stable").drop_duplicates("touchpoint")
    top = top.set_index("touchpoint")
    out["emotion"] = top["emotion"].reindex(out.index).astype("str")
    out["emotion_n"] = top["k"].reindex(out.index).fillna(0).astype("int64")
    return out.sort_values("texts", ascending=False, kind="stable").reset_index()


def _emotions(table: pd.DataFrame) -> pd.DataFrame:
    """Count customers, not texts: who complains five times is one who is angry."""
    from cxmining.text.marks import EMOTIONS

    columns = ["touchpoint", "emotion", "share", "low", "high", "k", "n", "words"]
    readable = table[table["joy"].notna()]
    if not len(readable):
        return pd.DataFrame(columns=columns)
    readable = readable.assign(who=_who(readable))
    people = readable.groupby("touchpoint")["who"].nunique()
    rows = []
    for emotion in EMOTIONS:
        named = readable[readable[emotion].to_numpy(dtype=np.int64) > 0]
        for touchpoint, part in named.groupby("touchpoint", sort=True):
            k, n = part["who"].nunique(), int(people[touchpoint])
            share, low, high, _ = wilson(k, n)
            rows.append(
                (touchpoint, emotion, share, low, high, k, n, _made_by(part["words"], emotion, part["language"]))
            )
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["touchpoint", "k"], ascending=[True, False], kind="stable", ignore_index=True)


def _made_by(words: pd.Series, emotion: str, language: pd.Series) -> str:
    """Return the words of an emotion, most frequent first."""
    from cxmining.text.marks import kind_of

    counts: dict[str, int] = {}
    for text, spoken in zip(words, language, strict=True):
        for word in text.split(", "):
            if kind_of(word, "emotions", str(spoken)) == emotion:
                word = "??" if word.startswith("??") else word
                counts[word] = counts.get(word, 0) + 1
    return ", ".join(sorted(counts, key=lambda w: (-counts[w], w))[:_WORDS])


def _languages(table: pd.DataFrame) -> pd.DataFrame:
    grouped = table.groupby("language", sort=True)
    out = pd.DataFrame({"texts": grouped.size(), "scored": grouped["sentiment"].count()})
    out.insert(1, "share", out["texts"] / max(len(table), 1))
    return out.sort_values("texts", ascending=False, kind="stable").reset_index()
