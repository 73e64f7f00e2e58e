"""How fast, friendly and relevant each touchpoint is to customers: from items, from their words and from the log.

Three witnesses speak, and each is shown by itself. What customers were asked is *measured*, and so is how long they
waited; what they write of their own accord is *from text*: those who write are not all, and those who are content with
the speed seldom mention it. Where no witness speaks it is *unknown*, which is not the middle of the scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from cxmining.errors import NotEnoughDataError, UnknownNameError, nearest
from cxmining.experience.aspects import items_about
from cxmining.experience.own_words import own_texts
from cxmining.experience.told import ends, place_name, told
from cxmining.i18n import PERCEPTION_LABELS, counted, duration, number, speaking
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.schema import CONTACT, OVERALL
from cxmining.stats import median_interval, scale_mean

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience

__all__ = ["STATUS", "Perceptions", "level_rows", "measure_perceptions", "spoken_of"]

say = speaking("words")
STATUS: Final = ("measured", "from text", "unknown")
_METRICS: Final = ("perception", "csat", "rapportcijfer", "other")
_MOST: Final = 24
_READ: Final = 20_000
_EVIDENCE: Final = (
    "touchpoint", "perception", "source", "unit", "value", "low", "high", "n", "customers", "words",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Perceptions:
    """Speed, friendliness and relevance per touchpoint.

    Attributes
    ----------
    summary : DataFrame
        One row per ``touchpoint`` and ``perception``: ``status`` (measured, from text, unknown), ``level`` (0 worst to
        1 best) with ``low``, ``high`` (95%, by customer), ``n`` and ``source`` (items before text; never both in one
        figure), and of speed ``wait_s`` and ``response_s``, the median wait and the median time to the first answer, in
        seconds, each with ``_low``, ``_high`` and ``_n``.
    evidence : DataFrame
        Every witness by itself: ``touchpoint``, ``perception``, ``source`` (item, text, wait, response), ``unit``
        (level, s), ``value``, ``low``, ``high``, ``n`` (answers, texts, contacts), ``customers``, ``words``: those that
        made it, or the questions that were asked.
    notion : str
    chain, notes : tuple of str
    """

    summary: pd.DataFrame
    evidence: pd.DataFrame
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def figure(self, perception: str = "speed", language: str = "en") -> go.Figure:
        """Draw one perception per touchpoint: what was answered and what was written, side by side.

        Parameters
        ----------
        perception : {"speed", "friendliness", "relevance"}, default "speed"
        language : {"en", "nl"}, default "en"

        Raises
        ------
        UnknownNameError
            When there is no such perception.
        NotEnoughDataError
            When nobody answered or wrote of it.
        """
        from cxmining.experience.dots import Series, dots_picture, foot_of
        from cxmining.figures import palette
        from cxmining.text.marks import PERCEPTIONS

        if perception not in PERCEPTIONS:
            raise UnknownNameError(f"perception {perception!r}: {nearest(perception, PERCEPTIONS)}")
        rows = self.evidence[(self.evidence["perception"] == perception) & (self.evidence["unit"] == "level")]
        if not len(rows):
            raise NotEnoughDataError(f"nobody was asked about {perception}, and nobody wrote of it: nothing to draw")
        places = (
            rows.groupby("touchpoint")["n"].sum().sort_values(ascending=False, kind="stable").index[:_MOST].tolist()
        )
        series = []
        for source, said, colour, symbol in (
            ("item", "answered", palette.NAVY, "circle"), ("text", "written", palette.AMBER, "diamond"),
        ):  # fmt: skip
            part = rows[rows["source"] == source].set_index("touchpoint").reindex(places)
            named = say(said, language)
            hover = [
                f"{p}, {named}: n = {number(0 if n != n else n, language)}; {w}"
                for p, n, w in zip(places, part["n"].astype(float), part["words"], strict=True)
            ]
            value, low, high = (part[c].tolist() for c in ("value", "low", "high"))
            series.append(Series(named, colour, symbol, value, low, high, hover))
        waits = self.evidence[self.evidence["source"] == "wait"].set_index("touchpoint")["value"].to_dict()
        right = []
        for place in places:
            own = rows.loc[rows["touchpoint"] == place, "n"]
            n_said = "n = " + f" {say('and', language)} ".join(number(n, language) for n in own)
            if perception == "speed" and place in waits:
                n_said += "; " + say("wait", language, time=duration(float(waits[place]), language))
            right.append(n_said)
        title = say("perceptions_title", language, what=PERCEPTION_LABELS[perception][language])
        foot = foot_of(self.notion, self.chain, say("writers", language), language=language)
        names = [place_name(p, language) for p in places]
        return dots_picture(title, rows, names, series, say("level", language), right, foot).figure()

    def _head(self) -> str:
        counts = self.summary["status"].value_counts()
        said = ", ".join(f"{counts.get(s, 0):,} {s}" for s in STATUS)
        return f"Perceptions({counted(self.summary['touchpoint'].nunique(), 'touchpoint')}: {said}; {self.notion})"

    def __repr__(self) -> str:
        most = self.summary[self.summary["level"].notna()].sort_values("n", ascending=False, kind="stable").head(8)
        lines = [
            f"{r.touchpoint}, {r.perception}: {r.level:.0%} {ends(r.low, r.high, '.0%')} n={r.n:,} (by {r.source}; {r.status})"
            for r in rows_of(most)
        ]
        return told(self._head(), lines, self.chain, self.notes)

    def _repr_html_(self) -> str:
        return repr_html(self.summary, self.evidence, head=self._head(), said=[*self.chain, *self.notes])


def measure_perceptions(lived: Experience) -> Perceptions:
    """Measure speed, friendliness and relevance per touchpoint, from items, text and log together.

    Parameters
    ----------
    lived : Experience

    Returns
    -------
    Perceptions
        *Items* are those the study says are about a perception (``elements``), or whose question speaks of one. *Text*
        is what customers wrote, by words for and against each; a text counts once. The *log* tells how long customers
        waited (``wait_s``) and how long it took until the company first answered in the same thread or case.

    Examples
    --------
    >>> from cxmining.experience import measure_experience
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> events = table("events", {
    ...     "event_id": ["e1", "e2"], "customer_id": ["a", "b"], "timestamp": ["2025-01-01T10:00Z", "2025-01-02T10:00Z"],
    ...     "channel": "mail", "touchpoint": "asks", "direction": "inbound", "source": "mail", "seq": [1, 2],
    ...     "text": ["Heel traag", "niet snel"]})
    >>> found = measure_perceptions(measure_experience(build_journeys(Dataset(events))))
    >>> found.summary[["perception", "status", "level", "n"]].values.tolist()[0]
    ['speed', 'from text', 0.0, 2]
    """
    from cxmining.text.marks import PERCEPTIONS

    journeys = lived.journeys
    answered = items_about(lived, "perception", _METRICS)
    said, notes = spoken_of(lived, "perceptions")
    rows = [
        *level_rows(answered, "touchpoint", "item"),
        *level_rows(said, "touchpoint", "text"),
        *_times(lived),
    ]
    evidence = pd.DataFrame(rows, columns=list(_EVIDENCE)).astype({"n": "int64", "customers": "int64"})
    rank = {p: i for i, p in enumerate(PERCEPTIONS)}
    evidence["rank"] = evidence["perception"].map(rank)
    evidence = evidence.sort_values(["touchpoint", "rank", "source"], kind="stable", ignore_index=True).drop(
        columns="rank"
    )
    met = sorted({str(t) for t in journeys.events["touchpoint"].unique()} | set(evidence["touchpoint"].astype(str)))
    return Perceptions(
        summary=_summary(evidence, met),
        evidence=evidence,
        notion=str(journeys.notion),
        chain=journeys.chain,
        notes=notes,
    )


def spoken_of(lived: Experience, name: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return what customers' own texts say of each perception or element.

    Parameters
    ----------
    lived : Experience
    name : {"perceptions", "elements"}

    Returns
    -------
    said : DataFrame
        One row per text and ``aspect`` that it speaks of: ``customer_id``, ``touchpoint``, ``stage``, ``level`` (0 to
        1), ``words``.
    notes : tuple of str
        What was left out.
    """
    from cxmining.text.marks import ELEMENTS, PERCEPTIONS, find_elements, find_perceptions, kind_of

    texts, notes = own_texts(lived)
    aspects = PERCEPTIONS if name == "perceptions" else ELEMENTS
    read = texts["text"].str.slice(0, _READ).astype("str")
    found = (find_perceptions if name == "perceptions" else find_elements)(read)
    nobody = ("#" + texts["text_id"].astype("str")).astype("object")
    who = texts["customer_id"].astype("object").where(texts["customer_id"].notna(), nobody).astype("str")
    parts = []
    for aspect in aspects:
        there = found[aspect].notna().to_numpy()
        made = [
            ", ".join(w for w in str(words).split(", ") if kind_of(w, name, str(spoken)).rstrip("+-?") == aspect)
            for words, spoken in zip(found.loc[there, "words"], found.loc[there, "language"], strict=True)
        ]
        parts.append(
            pd.DataFrame(
                {
                    "aspect": aspect, "customer_id": who[there].array, "touchpoint": texts.loc[there, "touchpoint"].array,
                    "stage": texts.loc[there, "stage"].array,
                    "level": (found.loc[there, aspect].to_numpy(dtype=float) + 1) / 2, "words": made,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True), notes


def level_rows(frame: pd.DataFrame, by: str, source: str) -> list[tuple[Any, ...]]:
    """Return the mean level per place and aspect with its interval, as rows of evidence."""
    rows: list[tuple[Any, ...]] = []
    for (place, aspect), part in frame.groupby([by, "aspect"], sort=True, observed=True):
        level = scale_mean(part["level"].to_numpy(dtype=float), (0.0, 1.0), cluster=part["customer_id"].to_numpy())
        made = part["words"] if "words" in part else part["question"]
        rows.append(
            (
                place,
                aspect,
                source,
                "level",
                level.value,
                level.low,
                level.high,
                level.n,
                part["customer_id"].nunique(),
                _most(made),
            )
        )
    return rows


def _most(words: pd.Series) -> str:
    """Return the five words or questions that came up most."""
    counts: dict[str, int] = {}
    for text in words:
        for word in dict.fromkeys(str(text).split(", ") if text else []):
            counts[word] = counts.get(word, 0) + 1
    return ", ".join(sorted(counts, key=lambda w: (-counts[w], w))[:5])


def _times(lived: Experience) -> list[tuple[Any, ...]]:
    """Return how long customers waited, and until they were first answered, per touchpoint."""
    events = lived.journeys.events
    mine = events[~events["direction"].isin(["outbound", "internal"]) & (events["channel"] != "survey")]
    rows: list[tuple[Any, ...]] = []
    waits = mine.assign(seconds=mine["wait_s"].to_numpy(dtype=float, na_value=np.nan))
    for source, frame, kind in (
        ("wait", waits, "wait of the contact"), ("response", _first_answers(lived, mine), "until the first answer"),
    ):  # fmt: skip
        frame = frame[frame["seconds"].notna()]
        for touchpoint, part in frame.groupby("touchpoint", sort=True):
            # One figure per customer: the interval of a median wants values that do not hang together.
            own = part.groupby(part["customer_id"].astype("object").fillna(part["event_id"]))["seconds"].median()
            middle = median_interval(own.to_numpy(dtype=float))
            rows.append(
                (touchpoint, "speed", source, "s", middle.value, middle.low, middle.high, len(part), len(own), kind)
            )
    return rows


def _first_answers(lived: Experience, mine: pd.DataFrame) -> pd.DataFrame:
    """Return the seconds from each of a customer's messages to the company's next one in its thread or case."""
    data = lived.journeys.data.events
    sent = data[(data["direction"] == "outbound")]
    if "automatic" in sent:
        sent = sent[~sent["automatic"].astype("boolean").fillna(False).to_numpy(bool)]
    frame = mine[["event_id", "customer_id", "touchpoint", "timestamp", "thread_id", "case_id"]].copy()
    frame["seconds"] = np.nan
    for key in ("thread_id", "case_id"):
        left = frame[frame["seconds"].isna() & frame[key].notna()].sort_values("timestamp", kind="stable")
        right = sent[sent[key].notna()].sort_values("timestamp", kind="stable")
        if not len(left) or not len(right):
            continue
        found = pd.merge_asof(
            left[["event_id", "timestamp", key]].astype({key: "object"}),
            right[["timestamp", key]].astype({key: "object"}).rename(columns={"timestamp": "answered"}),
            left_on="timestamp", right_on="answered", by=key, direction="forward", allow_exact_matches=False,
        )  # fmt: skip
        found = found.set_index(left.index)
        frame.loc[found.index, "seconds"] = (found["answered"] - found["timestamp"]).dt.total_seconds()
    return frame


def _summary(evidence: pd.DataFrame, met: list[str]) -> pd.DataFrame:
    from cxmining.text.marks import PERCEPTIONS

    met = [t for t in met if t not in (OVERALL, CONTACT)] + [t for t in (CONTACT, OVERALL) if t in met]
    out = pd.MultiIndex.from_product([met, PERCEPTIONS], names=["touchpoint", "perception"]).to_frame(index=False)
    of = {
        s: evidence[evidence["source"] == s].set_index(["touchpoint", "perception"])
        for s in ("item", "text", "wait", "response")
    }
    keys = pd.MultiIndex.from_frame(out)
    item, text = (of[s].reindex(keys) for s in ("item", "text"))
    asked = item["value"].notna().to_numpy()
    for column, name in (("value", "level"), ("low", "low"), ("high", "high")):
        out[name] = np.where(asked, item[column].to_numpy(dtype=float), text[column].to_numpy(dtype=float))
    counts = np.where(asked, item["n"].to_numpy(dtype=float), text["n"].to_numpy(dtype=float))
    out["n"] = pd.array(np.nan_to_num(counts).astype(np.int64))
    wrote = text["value"].notna().to_numpy()
    out["source"] = pd.Series(np.where(asked, "item", "text"), index=out.index).where(asked | wrote).astype("str")
    timed = np.zeros(len(out), dtype=bool)
    for source in ("wait", "response"):
        part = of[source].reindex(keys)
        for column, end in (("value", ""), ("low", "_low"), ("high", "_high")):
            out[f"{source}_s{end}"] = part[column].to_numpy(dtype=float)
        out[f"{source}_s_n"] = np.nan_to_num(part["n"].to_numpy(dtype=float)).astype(np.int64)
        timed |= part["value"].notna().to_numpy()
    out.insert(2, "status", np.where(asked | timed, STATUS[0], np.where(wrote, STATUS[1], STATUS[2])))
    return out
