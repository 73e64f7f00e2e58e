"""Touchpoints proposed from what customers write: topics of subjects and texts, and rules that find them again.

Topics are found in what customers sent, not in the company's replies and not in automatic mail. What is
found is proposed, not applied: `TouchpointProposal.to_rules` writes a rule file, people give the topics
their names, and `cxmining.read` applies it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.ingest.mapping.rules import Rule, match_rules
from cxmining.repr_html import repr_html
from cxmining.schema import Dataset

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["TouchpointProposal", "propose_touchpoints"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_EXAMPLES: Final = 3
_LONGEST: Final = 140
_READ: Final = 5_000
"""What a text is about is said by then."""
_FEWEST_SHOWN: Final = 10
"""Examples are shown of topics that at least so many customers wrote about."""
_RULE_WORDS: Final = 12
_PRECISE: Final = 0.6
"""A word goes into a rule when at least this share of the texts that it adds is of the topic."""
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_REPLIES: Final = frozenset(("re", "fw", "fwd", "aw", "antw", "wg", "hi"))
_CAPITAL: Final = re.compile(r"(?<!\[)\b[A-Z][^\W_]+")


@dataclass(frozen=True, eq=False)
class TouchpointProposal:
    """Topics that could be touchpoints.

    Attributes
    ----------
    summary : DataFrame
        One row per topic: ``topic`` (from 1), ``touchpoint`` (the proposed name), ``words``, ``events``, their
        ``share`` of all texts with its 95% interval (``low``, ``high``), ``customers``; the last row, topic 0, is
        what stays without one.
    examples : DataFrame
        ``topic``, ``subject``, ``text``: masked, the clearest texts of different customers; none for topics of
        fewer than 10 customers.
    assigned : DataFrame
        ``event_id``, ``topic`` (0: none), ``strength`` (share of the text that is the topic).
    rules : DataFrame
        What `to_rules` would write, and how well each finds its topic: ``topic``, ``key``, ``pattern``,
        ``events`` of the log that it would name, ``precision`` and ``recall`` against the topics, with ``n``.
    stability : DataFrame
        How the number of topics was chosen; see `cxmining.text.topics.Topics`.
    n : int
        Texts looked at.
    left_out : str
        Which events were not looked at, in words.
    inbound : bool
        All texts are known to come from customers.
    """

    summary: pd.DataFrame
    examples: pd.DataFrame
    assigned: pd.DataFrame
    rules: pd.DataFrame
    stability: pd.DataFrame
    n: int
    left_out: str
    inbound: bool

    def __repr__(self) -> str:
        none = self.summary[self.summary["topic"] == 0].iloc[0]
        head = f"{len(self.summary) - 1} topics in {self.n:,} texts; {none.events:,} have none "
        lines = [
            head + f"({none.share:.0%} [{none.low:.0%}, {none.high:.0%}])",
            *(
                f"  {row.topic}  {row.share:>4.0%} [{row.low:.0%}, {row.high:.0%}]  n = {row.events:,}  {row.words}"
                for row in self.summary[self.summary["topic"] > 0].itertuples()
            ),
            self._chosen(),
            self.left_out,
            ".to_rules(path) writes rules that find them; name the topics there",
        ]
        return "\n".join(line for line in lines if line)

    def _chosen(self) -> str:
        if not len(self.stability):
            return ""
        row = self.stability[self.stability["topics"] == len(self.summary) - 1].iloc[0]
        return (
            f"the number of topics is the largest that is as stable as any (agreement {row.stability:.2f} "
            f"[{row.low:.2f}, {row.high:.2f}] over {int(row.rounds)} subsamples)"
        )

    def _repr_html_(self) -> str:
        return repr_html(self.summary, self.examples, said=[self._chosen(), self.left_out or ""])

    def figure(self) -> go.Figure:
        """Draw how many of the texts each proposed touchpoint covers, and how many have none, with 95% intervals."""
        from cxmining.ingest.mapping.coverage_picture import coverage_picture

        return coverage_picture(self.summary, self.n, self.left_out).figure()

    def to_rules(self, path: str | Path | None = None, *, append: bool = False) -> str:
        """Return a rule file that finds the topics, to be edited and named in the study (``rules = "…"``).

        Parameters
        ----------
        path : path-like, optional
            Where to write it.
        append : bool, default False
            Add to a rule file that is there: its own rules come first and win.

        Returns
        -------
        str
            The text that was, or would be, written.

        Raises
        ------
        StudyError
            When there is a file and it is not to be added to, or it cannot be written.
        """
        text = _written(self)
        if path is None:
            return text
        file = Path(path)
        if file.exists() and not append:
            raise StudyError(f"{file.name}: is there already; append=True adds behind its rules, which then win")
        try:
            before = file.read_text(encoding="utf-8").rstrip("\n") + "\n\n" if file.exists() else ""
            file.write_text(before + text, encoding="utf-8", newline="\n")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(f"{file.name}: cannot be written: {error}") from None
        return text


def propose_touchpoints(
    data: Dataset, touchpoints: Sequence[str] = (), *, k: int | None = None, seed: int = 1
) -> TouchpointProposal:
    """Find topics in subjects and texts, and propose them as touchpoints.

    Parameters
    ----------
    data : Dataset
    touchpoints : sequence of str, optional
        Look only at events of these, ``["mail"]`` say: what the rules have not named yet.
    k : int, optional
        How many topics, 2 to 20; default the largest number that subsamples agree about (Greene et al., 2014).
    seed : int, default 1
        Of the subsamples; the same seed gives the same topics on any number of threads.

    Returns
    -------
    TouchpointProposal

    Raises
    ------
    NotEnoughDataError
        When the log holds no subjects and texts, or fewer than 50 with words that several people use.
    UnknownNameError
        When a touchpoint is not in the log.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxmining.schema import Dataset, table
    >>> words = ["factuur bedrag klopt", "nota bedrag betalen", "meter stand opnemen", "meter doorgeven stand"] * 30
    >>> events = table("events", {
    ...     "event_id": [f"r{i}" for i in range(120)], "customer_id": [f"c{i}" for i in range(120)],
    ...     "timestamp": ["2024-01-01T00:00Z"] * 120, "channel": ["mail"] * 120, "touchpoint": ["mail"] * 120,
    ...     "direction": ["inbound"] * 120, "text": words, "source": ["m"] * 120, "seq": range(120)})
    >>> found = propose_touchpoints(Dataset(events), k=2)
    >>> found.summary[["topic", "events"]].values.tolist()
    [[1, 60], [2, 60], [0, 0]]
    """
    from cxmining.text.topics import FEWEST, cut_closing, find_topics

    texts, left_out = _texts(data, touchpoints)
    subject, body = texts["subject"].fillna(""), texts["text"].fillna("")
    # twice, for a subject is what its writer says that it is about
    whole = (subject + "\n" + subject + "\n" + body.str.slice(0, _READ).map(cut_closing)).astype("str")
    people = texts["customer_id"].fillna(texts["event_id"])
    try:
        found = find_topics(whole, people, k=k, seed=seed)
    except NotEnoughDataError as error:
        raise NotEnoughDataError(f"no topics: of {len(texts):,} subjects and texts, {error}") from None
    topic = found.topic + 1
    inbound = bool((texts["direction"] == "inbound").all())
    rules = _rules(texts, topic, len(found.words), found.vocabulary, data, inbound)
    assigned = pd.DataFrame({"event_id": texts["event_id"], "topic": topic, "strength": found.share})
    assert len(texts) >= FEWEST
    return TouchpointProposal(
        summary=_summary(found.words, topic, people),
        examples=_examples(texts, topic, found.share, people, found.vocabulary),
        assigned=assigned.reset_index(drop=True), rules=rules, stability=found.stability, n=len(texts),
        left_out=left_out, inbound=inbound,
    )  # fmt: skip


def _texts(data: Dataset, touchpoints: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """Return the events that hold a subject or a text of a customer, with both."""
    events = data.events
    if isinstance(touchpoints, str):
        touchpoints = (touchpoints,)
    known = events["touchpoint"].unique().tolist()
    for name in touchpoints:
        if name not in known:
            raise UnknownNameError(f"touchpoints: {name!r} is not in the log; {nearest(name, sorted(known))}")
    frame = events[["event_id", "customer_id", "direction", "channel", "text"]].assign(subject=_subjects(data))
    there = (frame["text"].notna() | frame["subject"].notna()).to_numpy(bool)
    if not there.any():
        raise NotEnoughDataError(
            "no topics: this log holds no subjects and no texts (a run folder and an export keep none); "
            "propose from the log that `read` gives, of mails, chats, tickets or reviews"
        )
    ours = frame["direction"].isin(["outbound", "internal"]).to_numpy(bool)
    robots = np.zeros(len(frame), dtype=bool)
    if "automatic" in events:
        robots = events["automatic"].astype("boolean").fillna(False).to_numpy(bool)
    among = events["touchpoint"].isin(touchpoints).to_numpy(bool) if len(touchpoints) else np.ones(len(frame), bool)
    use = there & ~ours & ~robots & among
    parts = [
        f"{n:,} {word}"
        for n, word in (
            (int((there & ours).sum()), "of the company's own"), (int((there & ~ours & robots).sum()), "automatic"),
            (int((there & ~ours & ~robots & ~among).sum()), "of other touchpoints"), (int((~there).sum()), "without any text"),
        )
        if n
    ]  # fmt: skip
    if not use.any():
        raise NotEnoughDataError(
            f"no topics: no text of a customer is left of {len(frame):,} events ({', '.join(parts)})"
        )
    return frame[use].reset_index(drop=True), "not looked at: " + ", ".join(parts) if parts else ""


def _subjects(data: Dataset) -> Any:
    if "subject" not in data.raw:
        return pd.array([None] * len(data.events), dtype="str")
    at = pd.Index(data.raw["event_id"]).get_indexer(data.events["event_id"])
    return data.raw["subject"].astype("str").array.take(at, allow_fill=True)


def _summary(words: Sequence[Sequence[str]], topic: Ints, people: pd.Series[Any]) -> pd.DataFrame:
    from cxmining.stats import wilson

    numbers = np.array([*range(1, len(words) + 1), 0])
    n = np.array([int((topic == t).sum()) for t in numbers])
    share, low, high, _ = wilson(n, np.full(len(n), len(topic)))
    return pd.DataFrame(
        {
            "topic": numbers,
            "touchpoint": pd.array([*(_name(w) for w in words), None], dtype="str"),
            "words": [*(", ".join(w) for w in words), "(no topic)"],
            "events": n, "share": share, "low": low, "high": high,
            "customers": [int(people[topic == t].nunique()) for t in numbers],
        }
    )  # fmt: skip


def _name(words: Sequence[str]) -> str:
    return "topic: " + ", ".join(words[:3])


def _examples(
    texts: pd.DataFrame, topic: Ints, share: npt.NDArray[np.float64], people: pd.Series[Any], vocabulary: frozenset[str]
) -> pd.DataFrame:
    """Take the clearest texts of different customers, masked, cut to the sentence that says most."""
    from cxmining.privacy import mask
    from cxmining.text.topics import cut_closing, words_of

    frame = pd.DataFrame(
        {"topic": topic, "share": share, "who": people, "text": texts["text"], "subject": texts["subject"]}
    )
    frame = frame[frame["topic"] > 0].sort_values(
        ["topic", "share", "subject", "text"], ascending=[True, False, True, True]
    )
    enough = frame.groupby("topic")["who"].transform("nunique") >= _FEWEST_SHOWN
    chosen = frame[enough].drop_duplicates(["topic", "who"]).drop_duplicates(["topic", "subject", "text"])
    chosen = chosen.groupby("topic", sort=True).head(_EXAMPLES)

    def best(text: Any) -> str | None:
        if not isinstance(text, str):
            return None
        parts = [p.strip()[: 4 * _LONGEST] for p in _SENTENCE.split(cut_closing(text[:_READ])) if p.strip()]
        told = [len(vocabulary.intersection(words_of(p))) for p in parts]
        return max(zip(told, map(len, parts), parts, strict=True))[2] if parts else None

    def shown(column: pd.Series[Any]) -> pd.Series[Any]:
        masked, _ = mask(column.astype("str"))
        return masked.map(lambda t: _nameless(t, vocabulary)[:_LONGEST] if isinstance(t, str) else None).astype("str")

    return pd.DataFrame(
        {"topic": chosen["topic"], "subject": shown(chosen["subject"]), "text": shown(chosen["text"].map(best))}
    ).reset_index(drop=True)


def _nameless(text: str, vocabulary: frozenset[str]) -> str:
    """Hide capitalised words that few people use: as a rule they are names, which no log knows any more."""
    from cxmining.text.stopwords import STOP_WORDS

    def one(match: re.Match[str]) -> str:
        word = match.group()
        return word if word.lower() in vocabulary | STOP_WORDS | _REPLIES else "[…]"

    return _CAPITAL.sub(one, text)


def _rules(
    texts: pd.DataFrame, topic: Ints, k: int, vocabulary: frozenset[str], data: Dataset, inbound: bool
) -> pd.DataFrame:
    """Choose the words that find each topic again, in subjects and else in texts, and judge them."""
    from cxmining.text.topics import words_of

    rows: list[dict[str, Any]] = []
    open_ = np.ones(len(texts), dtype=bool)
    for key in ("subject", "text"):
        said = [frozenset(words_of(t[:_READ])) & vocabulary if isinstance(t, str) else frozenset() for t in texts[key]]
        chosen = _chosen_words(said, topic, k, open_)
        for t in sorted(chosen, key=lambda t: (-chosen[t][1], t)):  # the surest first, for the first rule wins
            rows.append({"topic": t, "key": key, "pattern": _pattern(chosen[t][0])})
            hit = set(chosen[t][0])
            open_ &= np.array([not (hit & words) for words in said], dtype=bool)
    frame = pd.DataFrame(rows, columns=["topic", "key", "pattern"])
    return _judged(frame, texts, topic, data, inbound)


def _chosen_words(
    said: Sequence[frozenset[str]], topic: Ints, k: int, open_: Bools
) -> dict[int, tuple[list[str], float]]:
    """Return per topic the words that add most of its texts and few others, and the share that is right."""
    index: dict[str, list[int]] = {}
    for i in np.flatnonzero(open_).tolist():
        for word in said[i]:
            index.setdefault(word, []).append(i)
    where = {w: np.array(at, dtype=np.int64) for w, at in sorted(index.items())}
    result = {}
    for t in range(1, k + 1):
        mine = topic == t
        ranked = sorted(where, key=lambda w: (-int((2 * mine[where[w]].astype(int) - 1).sum()), w))[: 8 * _RULE_WORDS]
        left = np.ones(len(topic), dtype=bool)
        words: list[str] = []
        right = total = 0
        while len(words) < _RULE_WORDS:
            best, gain = "", 0
            for w in ranked:
                new = where[w][left[where[w]]]
                hits = int(mine[new].sum())
                if len(new) and hits / len(new) >= _PRECISE and 2 * hits - len(new) > gain:
                    best, gain = w, 2 * hits - len(new)
            # a word that adds next to nothing is chance
            if not best or gain < max(3, 0.005 * int(mine.sum())):
                break
            new = where[best][left[where[best]]]
            right, total = right + int(mine[new].sum()), total + len(new)
            left[new] = False
            words.append(best)
        if words:
            result[t] = (sorted(words), right / total)
    return result


def _pattern(words: Sequence[str]) -> str:
    # RE2's \b knows ASCII letters only
    return r"(^|[^\pL])(" + "|".join(re.escape(w).replace("\\-", "-") for w in words) + r")($|[^\pL])"


def _judged(rules: pd.DataFrame, texts: pd.DataFrame, topic: Ints, data: Dataset, inbound: bool) -> pd.DataFrame:
    made = [
        Rule(str(row.topic), (("direction", "inbound"),) if inbound else (), ((str(row.key), str(row.pattern)),))
        for row in rules.itertuples()
    ]
    seen = texts.rename(columns={"subject": "raw_subject"})
    found = match_rules(seen, made)
    log = data.events.assign(raw_subject=_subjects(data))
    named = np.bincount(match_rules(log, made) + 1, minlength=len(made) + 1)[1:]
    given = np.array([*rules["topic"].tolist(), 0], dtype=np.int64)[found]
    per_rule = []
    for i, row in enumerate(rules.itertuples()):
        mine = found == i
        # recall is the topic's, over all its rules
        of_topic = topic == row.topic
        got = (found >= 0) & (given == row.topic) & of_topic
        right = int((topic[mine] == row.topic).sum())
        per_rule.append(
            {
                "events": int(named[i]), "n": int(mine.sum()), "precision": right / max(int(mine.sum()), 1),
                "recall": int(got.sum()) / max(int(of_topic.sum()), 1),
            }
        )  # fmt: skip
    columns = ["events", "n", "precision", "recall"]
    return pd.concat([rules, pd.DataFrame(per_rule, columns=columns)], axis=1)


def _written(proposal: TouchpointProposal) -> str:
    import tomlkit

    document = tomlkit.document()
    none = proposal.summary[proposal.summary["topic"] == 0].iloc[0]
    for line in (
        f"Touchpoints proposed from {proposal.n:,} subjects and texts; {none.events:,} ({none.share:.0%}) have no topic.",
        'Give each its name, throw out what is none, and put the file into the study: rules = "…".',
        "The first rule that matches wins. Patterns are RE2's, in either case.",
    ):
        document.add(tomlkit.comment(line))
    rules = tomlkit.aot()
    for row in proposal.rules.itertuples():
        about = proposal.summary[proposal.summary["topic"] == row.topic].iloc[0]
        rule = tomlkit.table()
        rule.add(tomlkit.comment(f"topic {row.topic}: {about.words}; n = {about.events:,} ({about.share:.0%})"))
        rule.add(
            tomlkit.comment(
                f"names {row.events:,} events of the log; {row.precision:.0%} of {row.n:,} right, and the topic's rules "
                f"find {row.recall:.0%} of it"
            )
        )
        for example in proposal.examples.loc[proposal.examples["topic"] == row.topic, str(row.key)].dropna().head(2):
            rule.add(tomlkit.comment("e.g. " + " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", str(example)).split())))
        if proposal.inbound:
            rule.add("direction", "inbound")
        rule.add(str(row.key), tomlkit.string(str(row.pattern), literal="'" not in str(row.pattern)))
        rule.add("touchpoint", str(about.touchpoint))
        rule.add(tomlkit.nl())
        rules.append(rule)
    document.add("rule", rules)
    return tomlkit.dumps(document)
