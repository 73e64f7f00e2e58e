"""What customers want done: tasks in the catalogue's words, told by what they write.

The catalogue says which task brings a customer to a touchpoint. From the contacts that have a text and such a task,
a linear model learns by which words each task is asked for; a text is then judged by a model that has not seen its
writer, and by its words alone. So a mail in the invoice queue that asks about a move counts as *move house*. How well
words tell tasks is measured on those held-out texts, and where they hardly do, they are not used. Where neither
catalogue nor touchpoints tell tasks apart, topics are found in the texts and named by their words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.experience.task_words import FEWEST, QUALITY, learn_tasks
from cxmining.experience.told import ends, place_name, told
from cxmining.i18n import counted, speaking
from cxmining.journeys.rows import rows_of
from cxmining.repr_html import repr_html
from cxmining.stats import share_interval

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.experience import Experience
    from cxmining.journeys import Journeys
    from cxmining.schema import Dataset

__all__ = ["SOURCES", "UNKNOWN_TASK", "Tasks", "find_tasks"]

say = speaking("words")
SOURCES: Final = ("rule", "words", "topic", "catalogue", "unknown")
"""What named a contact's task: a rule that was given, its own words, the topic of its words, its touchpoint."""
UNKNOWN_TASK: Final = "(unknown)"
_CLEAR: Final = 0.2
"""So much the best task must be ahead of the second (decisions lie about between −1 and 1)."""
_READ: Final = 5_000
_MOST: Final = 24

Bools = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Tasks:
    """What customers want done.

    Attributes
    ----------
    summary : DataFrame
        One row per ``task``, most frequent first: ``n`` (contacts and visits), ``customers``, ``share`` of all with
        ``low``, ``high`` (95%, by customer); ``by_rule``, ``by_words``, ``by_topic``, ``by_catalogue``: what named
        them; ``words`` that mark it, of those that several customers use: nobody's name is among them.
    touchpoints : DataFrame
        Per ``touchpoint`` and ``task``: ``k`` of ``n`` contacts, ``share`` with ``low``, ``high``, ``customers``.
    quality : DataFrame
        How well words tell: ``told_by`` (task or touchpoint that was learned from), ``n`` held-out texts, ``accuracy``
        with ``low``, ``high`` (Wilson), ``kappa`` with ``kappa_low``, ``kappa_high``, ``used``. Empty when nothing
        could be learned.
    table : DataFrame
        One row per contact or visit of a customer: ``event_id``, ``customer_id``, ``journey_id`` (where journeys were
        given), ``touchpoint``, ``task``, ``source`` (one of `SOURCES`), ``margin`` (how far ahead the task is by its
        words; missing without).
    notion : str
    chain, notes : tuple of str
    """

    summary: pd.DataFrame
    touchpoints: pd.DataFrame
    quality: pd.DataFrame
    table: pd.DataFrame
    notion: str
    chain: tuple[str, ...]
    notes: tuple[str, ...]

    def figure(self, language: str = "en") -> go.Figure:
        """Draw each task's share of the contacts with its interval.

        Parameters
        ----------
        language : {"en", "nl"}, default "en"
        """
        from cxmining.experience.dots import Series, dots_picture, foot_of
        from cxmining.figures import palette
        from cxmining.i18n import number, percent

        rows = self.summary.head(_MOST)
        hover = [
            say(
                "tasks_hover", language, task=r.task, n=number(r.n, language), customers=number(r.customers, language),
                words=r.words,
            )
            for r in rows_of(rows)
        ]  # fmt: skip
        axis = say("tasks_axis", language)
        value, low, high = (rows[c].tolist() for c in ("share", "low", "high"))
        series = [Series(axis, palette.NAVY, "circle", value, low, high, hover)]
        how_well = [
            say(
                f"tasks_foot_{r.told_by}", language, share=percent(r.accuracy, language),
                interval=f"[{percent(r.low, language)}, {percent(r.high, language)}]", n=number(r.n, language),
            )
            for r in rows_of(self.quality[self.quality["used"].astype(bool)])
        ]  # fmt: skip
        return dots_picture(
            say("tasks_title", language), rows, [place_name(t, language) for t in rows["task"]], series, axis,
            [f"n = {number(n, language)}" for n in rows["n"]],
            foot_of(self.notion, self.chain, *how_well, say("intervals", language), language=language),
        ).figure()  # fmt: skip

    def _told(self) -> list[str]:
        return [
            f"words tell the {r.told_by} of {r.accuracy:.0%} {ends(r.low, r.high, '.0%')} of {r.n:,} held-out texts "
            f"(kappa {r.kappa:.2f} {ends(r.kappa_low, r.kappa_high)}), {'used' if r.used else 'not used'}"
            for r in rows_of(self.quality)
        ]

    def _head(self) -> str:
        known = int((self.table["task"] != UNKNOWN_TASK).sum())
        named = int((self.summary["task"] != UNKNOWN_TASK).sum())
        return f"Tasks({counted(named, 'task')} in {known:,} of {counted(len(self.table), 'contact')}" + (
            f"; {self.notion})" if self.notion else ")"
        )

    def _lines(self) -> list[str]:
        return [*self._told(), *(f"filter: {s}" for s in self.chain), *(f"note: {n}" for n in self.notes)]

    def __repr__(self) -> str:
        top = [
            f"{r.task}: {r.share:.1%} {ends(r.low, r.high, '.1%')} n={r.n:,}" + (f"  {r.words}" if r.words else "")
            for r in rows_of(self.summary.head(10))
        ]
        return told(self._head(), [*top, *self._told()], self.chain, self.notes)

    def _repr_html_(self) -> str:
        return repr_html(self.summary, self.touchpoints, head=self._head(), said=self._lines())


def find_tasks(
    source: Experience | Journeys | Dataset,
    rules: Mapping[str, str | Iterable[str]] | None = None,
    *,
    k: int | None = None,
    seed: int = 1,
) -> Tasks:
    r"""Find what customers want done, in the catalogue's words.

    Parameters
    ----------
    source : Experience, Journeys or Dataset
        Of journeys only their own events are looked at.
    rules : mapping of str to str or iterable of str, optional
        Task → pattern or patterns (RE2) that are searched for in subject and text, in either case; the first that
        matches wins, before anything that is learned.
    k : int, optional
        How many topics, where topics must be found; default what subsamples agree about.
    seed : int, default 1
        Of folds and subsamples.

    Returns
    -------
    Tasks
        A contact without text has the task that the catalogue gives its touchpoint; one without either is
        ``"(unknown)"``.

    Raises
    ------
    NotEnoughDataError
        When no event is a contact or visit of a customer.
    StudyError
        When a pattern of `rules` is none.

    Examples
    --------
    >>> from cxmining.schema import Dataset, table
    >>> said = ["mijn factuur klopt niet, te hoog bedrag", "wij gaan verhuizen naar een nieuw adres"] * 40
    >>> events = table("events", {
    ...     "event_id": [f"e{i}" for i in range(80)], "customer_id": [f"c{i}" for i in range(80)],
    ...     "timestamp": ["2025-01-01T10:00Z"] * 80, "channel": "mail", "direction": "inbound", "source": "m",
    ...     "touchpoint": ["asks about invoice", "reports move"] * 40, "text": said, "seq": range(80)})
    >>> catalogue = table("catalogue", {"touchpoint": ["asks about invoice", "reports move"],
    ...     "task": ["pay", "move house"], "backstage": [False, False], "third_party": [False, False]})
    >>> found = find_tasks(Dataset(events, catalogue=catalogue))
    >>> found.summary[["task", "n", "by_words"]].values.tolist()
    [['move house', 40, 40], ['pay', 40, 40]]
    """
    data, journeys = _of(source)
    contacts, notes = _contacts(data, journeys)
    text, own = _said(data, contacts)
    by_touchpoint = _catalogued(data, contacts["touchpoint"])
    task = np.full(len(contacts), UNKNOWN_TASK, dtype=object)
    named_by = np.full(len(contacts), "unknown", dtype=object)
    margin = np.full(len(contacts), np.nan)
    listed = by_touchpoint != ""
    task[listed], named_by[listed] = by_touchpoint[listed], "catalogue"
    words: dict[str, str] = {}
    quality: list[tuple[Any, ...]] = []
    at = np.flatnonzero(own)
    if len(at) >= FEWEST:
        people = contacts["who"].iloc[at].reset_index(drop=True)
        read = pd.Series(text[at], dtype="str")
        learned = learn_tasks(
            read, people, by_touchpoint[at], contacts["touchpoint"].to_numpy(dtype=object)[at], data, seed
        )
        quality = learned.quality
        if learned.found is not None:
            sure = learned.margin >= _CLEAR
            task[at[sure]], named_by[at[sure]] = learned.found[sure], "words"
            margin[at] = learned.margin
            words = dict(learned.words or {})
        else:
            words, said = _by_topic(read, people, at, task, named_by, k, seed)
            notes += said
    elif len(at):
        notes.append(f"{counted(len(at), 'text')} {'is' if len(at) == 1 else 'are'} too few to learn words from")
    _by_rule(rules, text, task, named_by)
    table = contacts.drop(columns="who").assign(
        task=pd.array(task, dtype="str"), source=pd.array(named_by, dtype="str"), margin=margin
    )
    who = contacts["who"]
    return Tasks(
        summary=_summary(table, who, words), touchpoints=_touchpoints(table, who),
        quality=pd.DataFrame(quality, columns=list(QUALITY)), table=table,
        notion=str(journeys.notion) if journeys is not None else "", chain=journeys.chain if journeys is not None else (),
        notes=tuple(notes),
    )  # fmt: skip


def _of(source: Any) -> tuple[Dataset, Journeys | None]:
    from cxmining.schema import Dataset

    if isinstance(source, Dataset):
        return source, None
    journeys = getattr(source, "journeys", source)
    if not hasattr(journeys, "notion"):
        raise StudyError(
            f"find_tasks: {type(source).__name__} holds no log; give what cx.read, cx.build_journeys or "
            "cx.measure_experience returns"
        )
    return journeys.data, journeys


def _contacts(data: Dataset, journeys: Journeys | None) -> tuple[pd.DataFrame, list[str]]:
    """Return what customers did themselves."""
    events = data.events if journeys is None else journeys.events
    mine = ~events["direction"].isin(["outbound", "internal"]).to_numpy(bool) & (
        events["channel"] != "survey"
    ).to_numpy(bool)
    notes = []
    if "automatic" in events:
        robots = events["automatic"].astype("boolean").fillna(False).to_numpy(bool) & mine
        if robots.any():
            notes.append(f"{counted(int(robots.sum()), 'automatic message')} left out")
        mine &= ~robots
    if not mine.any():
        raise NotEnoughDataError(
            f"no task: none of {counted(len(events), 'event')} was done by a customer; map a column to direction"
        )
    columns = ["event_id", "customer_id", *(["journey_id"] if "journey_id" in events else []), "touchpoint"]
    frame = events.loc[mine, columns].reset_index(drop=True)
    alone = "#" + frame["event_id"].astype("str")
    frame["who"] = frame["customer_id"].astype("object").where(frame["customer_id"].notna(), alone).astype("str")
    return frame, notes


def _said(data: Dataset, contacts: pd.DataFrame) -> tuple[Names, Bools]:
    """Return subject and text of each contact as one, and which hold any; the subject twice: it says what it is about."""
    from cxmining.text.topics import cut_closing

    own = data.events.set_index("event_id")
    text = own["text"].reindex(contacts["event_id"]).astype("object").to_numpy()
    inbound = (own["direction"].reindex(contacts["event_id"]) == "inbound").to_numpy(bool)
    subject = np.full(len(contacts), None, dtype=object)
    if "subject" in data.raw:
        subjects = data.raw.drop_duplicates("event_id").set_index("event_id")["subject"]
        subject = subjects.reindex(contacts["event_id"]).astype("object").to_numpy()
    said = np.full(len(contacts), "", dtype=object)
    for i in np.flatnonzero((pd.notna(text) | pd.notna(subject)) & inbound):
        s = subject[i] if isinstance(subject[i], str) else ""
        t = cut_closing(text[i][:_READ]) if isinstance(text[i], str) else ""
        said[i] = f"{s}\n{s}\n{t}".strip()
    return said, said != ""


def _catalogued(data: Dataset, touchpoint: pd.Series) -> Names:
    """Return the task that the catalogue gives each touchpoint, empty where none."""
    known = data.catalogue.dropna(subset=["task"]).drop_duplicates("touchpoint").set_index("touchpoint")["task"]
    named = {str(t): str(task) for t, task in known.items()}
    return np.array([named.get(t, "") for t in touchpoint], dtype=object)


def _by_topic(
    read: pd.Series, people: pd.Series, at: npt.NDArray[Any], task: Names, named_by: Names, k: int | None, seed: int
) -> tuple[dict[str, str], list[str]]:
    """Name tasks by topics, where nothing else tells them apart."""
    from cxmining.text.topics import find_topics

    try:
        found = find_topics(read, people, k=k, seed=seed)
    except NotEnoughDataError as error:
        return {}, [f"no topics: {error}"]
    names = [f"topic: {', '.join(words[:3])}" for words in found.words]
    clear = found.topic >= 0
    task[at[clear]] = np.array(names, dtype=object)[found.topic[clear]]
    named_by[at[clear]] = "topic"
    note = "neither catalogue nor touchpoints tell tasks apart by words: tasks are topics of the texts, to be named by people"
    return {name: ", ".join(words) for name, words in zip(names, found.words, strict=True)}, [note]


def _by_rule(rules: Mapping[str, str | Iterable[str]] | None, text: Names, task: Names, named_by: Names) -> None:
    if not rules:
        return
    from cxmining.ingest.mapping.rules import match_rules, parse_rule

    listed = [(n, p) for n, given in rules.items() for p in ([given] if isinstance(given, str) else given)]
    made = [parse_rule({"touchpoint": n, "text": p}, f"find_tasks: rules[{n!r}]") for n, p in listed]
    won = match_rules(pd.DataFrame({"text": pd.array([t or None for t in text], dtype="str")}), made)
    hit = won >= 0
    task[hit] = np.array([n for n, _ in listed], dtype=object)[won[hit]]
    named_by[hit] = "rule"


def _summary(table: pd.DataFrame, who: pd.Series, words: Mapping[str, str]) -> pd.DataFrame:
    rows = []
    for task, part in table.groupby("task", sort=True):
        share = share_interval((table["task"] == task).to_numpy(dtype=float), cluster=who.to_numpy())
        by = part["source"].value_counts()
        rows.append(
            {
                "task": task, "n": len(part), "customers": int(who[part.index].nunique()),
                "share": share.value, "low": share.low, "high": share.high,
                **{f"by_{s}": int(by.get(s, 0)) for s in SOURCES[:-1]}, "words": words.get(str(task), ""),
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    unknown = frame["task"] == UNKNOWN_TASK
    return (
        frame.assign(last=unknown)
        .sort_values(["last", "n", "task"], ascending=[True, False, True], ignore_index=True)
        .drop(columns="last")
    )


def _touchpoints(table: pd.DataFrame, who: pd.Series) -> pd.DataFrame:
    rows = []
    for touchpoint, part in table.groupby("touchpoint", sort=True):
        people = who[part.index]
        for task, k in part["task"].value_counts().items():
            mine = (part["task"] == task).to_numpy(dtype=float)
            share = share_interval(mine, cluster=people.to_numpy())
            rows.append(
                (touchpoint, task, share.value, share.low, share.high, k, len(part), int(people[mine > 0].nunique()))
            )
    frame = pd.DataFrame(rows, columns=["touchpoint", "task", "share", "low", "high", "k", "n", "customers"])
    return frame.sort_values(["touchpoint", "k", "task"], ascending=[True, False, True], ignore_index=True)
