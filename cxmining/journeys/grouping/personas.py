"""Personas in the honest sense: segments of customers by what they do, beside segments by what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.i18n import LANGUAGES
from cxmining.journeys.grouping.attributes import attribute_points, attribute_table, is_number
from cxmining.journeys.grouping.behaviour import TOPICS, Behaviour, Contacts, describe, read_contacts
from cxmining.journeys.grouping.labels import touchpoint_words
from cxmining.journeys.grouping.persona_labels import label_segments
from cxmining.journeys.grouping.profile import agreement, cross_table, profile_segments
from cxmining.journeys.grouping.scores import read_scores, score_groups
from cxmining.journeys.grouping.stability import REFERENCES, SMALLEST, Chosen, Points, Space, choose
from cxmining.journeys.scored import Scored, journeys_of
from cxmining.repr_html import repr_html
from cxmining.stats import wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.journeys.build import Journeys

__all__ = ["Personas", "Segments", "find_personas"]

Floats = npt.NDArray[np.float64]

SAMPLE: Final = 5_000
"""Customers among whom segments are looked for at most; all others belong to the nearest one."""
_POT: Final = 1_500


@dataclass(frozen=True, eq=False)
class Segments:
    """Customers in groups, by one side of them.

    Attributes
    ----------
    kind : {"behaviour", "attributes"}
    k : int
        Number of segments that are shown; 1 when none is stable.
    stable : bool
        Whether they passed every test of stability. Groups that the customer file gives are not found and pass none.
    usable_as_control : bool
        False for behaviour: what a customer did comes from the same journeys as what he went through and how he scored,
        partly after it. Held constant, it takes away part of the effect that is asked for, and opens paths that were
        closed (a bad control: Angrist and Pischke 2009, 3.2.3). Attributes that were there before may be controls.
    summary : DataFrame
        One row per segment, the largest first: ``segment``, ``label_en``, ``label_nl``, ``customers``, ``share`` with 95%
        interval ``low`` to ``high``, ``stability``, ``medoid`` (pseudonym of the customer in its middle) and with scores
        ``score_mean``, ``score_low``, ``score_high``, ``score_n``.
    profile : DataFrame
        One row per segment and feature: ``mean``, ``low``, ``high``, ``n``, ``rest`` (mean of all others), ``difference``,
        ``difference_low``, ``difference_high``, ``effect`` (in standard deviations), ``p``, ``p_adjusted``.
    stability : DataFrame
        One row per number of segments that was tried.
    """

    kind: str
    k: int
    stable: bool
    usable_as_control: bool
    summary: pd.DataFrame
    profile: pd.DataFrame
    stability: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Personas:
    """Segments of customers by behaviour, beside segments by attributes, and what the one says of the other.

    Attributes
    ----------
    journeys : Journeys
        Whose customers.
    behaviour : Segments
        By all journeys of a customer. Not usable as controls.
    attributes : Segments or None
        By the columns of the customer file that were named.
    assignments : DataFrame
        One row per customer, by id: ``customer_id``, ``behaviour``, ``attributes`` (numbers of segments; missing for a
        customer in a segment that is too small to show, or without attributes).
    cross : DataFrame
        Customers per segment of behaviour (row) and of attributes (column); cells of fewer than 10 are missing, and
        others where these could be had back; empty when one side is one group.
    agreement : DataFrame
        How much attributes tell of behaviour: ``measure`` (adjusted Rand index; Cramér's V corrected for chance, Bergsma
        2013), ``value``, ``low``, ``high``, ``n``.
    metric : str or None
        Of the scores.
    notes : tuple of str
        What a reader must know.
    """

    journeys: Journeys
    behaviour: Segments
    attributes: Segments | None
    assignments: pd.DataFrame
    cross: pd.DataFrame
    agreement: pd.DataFrame
    metric: str | None
    notes: tuple[str, ...]

    @property
    def usable_as_control(self) -> bool:
        """Never: the personas hold behaviour. ``.attributes.usable_as_control`` is about attributes alone."""
        return self.behaviour.usable_as_control

    @property
    def summary(self) -> pd.DataFrame:
        """The segments of both sides, one row each; ``kind`` says which."""
        return self._both("summary")

    @property
    def profile(self) -> pd.DataFrame:
        """The profiles of both sides; ``kind`` says which."""
        return self._both("profile")

    def figure(self, language: str = "en") -> go.Figure:
        """Draw each segment: its size, its habits with intervals, and what marks it."""
        from cxmining.journeys.grouping.persona_figure import persona_picture

        return persona_picture(self, language).figure()

    @property
    def said(self) -> str:
        """Case notion, number of customers and filters, in one line."""
        chain = "".join(f"; {step}" for step in self.journeys.chain)
        return f"{self.journeys.notion}; {_count(len(self.assignments), 'customer')}{chain}"

    def _both(self, what: str) -> pd.DataFrame:
        sides = [s for s in (self.behaviour, self.attributes) if s is not None]
        frames: list[pd.DataFrame] = [getattr(s, what).assign(kind=s.kind) for s in sides]
        frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0].reset_index(drop=True)
        return frame[["kind", *[c for c in frame.columns if c != "kind"]]]

    def __repr__(self) -> str:
        lines = [f"Personas({self.said})"]
        for side in (self.behaviour, self.attributes):
            if side is None:
                continue
            control = "" if side.usable_as_control else "; not usable as controls"
            lines.append(f"  by {side.kind}: {_count(side.k, 'segment')}{control}")
            lines += [
                f"    {row.segment}. {row.label_en}: {row.share:.0%} [{row.low:.0%}, {row.high:.0%}], n={row.customers:,}"
                + (f", stability {row.stability:.2f}" if row.stability == row.stability else "")
                for row in cast(Any, side.summary.itertuples())
            ]
        lines += [
            f"  {r.measure}: {r.value:.2f} [{r.low:.2f}, {r.high:.2f}], n={r.n:,}"
            for r in cast(Any, self.agreement.itertuples())
        ]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return repr_html(self.summary, said=[self.said, *self.notes])


def find_personas(
    source: Journeys | Scored, *, attributes: Sequence[str] = (), k: int | None = None, seed: int = 1
) -> Personas:
    """Find segments of customers by their behaviour, and lay segments by their attributes beside.

    Behaviour is what a customer did over all journeys: channels, topics (the touchpoints that most customers come
    to), self-service, contacts per year of the log, evenings and weekends, repeats of the same within a week, switches of
    channel within a week. Events that the customer did not make (outbound, internal) do not count.

    Parameters
    ----------
    source : Journeys or Scored
        With scores, each segment says what its customers' journeys scored.
    attributes : sequence of str
        Columns of the customer file. One column of words: its values are the segments. Else: segments are looked for.
    k : int, optional
        Number of segments by behaviour; default the largest, up to 8, that is stable (see
        :func:`~cxmining.journeys.grouping.archetypes.find_archetypes`; the logs of one pot are customers with as many events
        each, who draw from one pot what each event is). None is: one group.
    seed : int, default 1
        Of every draw.

    Returns
    -------
    Personas
        Segments of behaviour must never be used as controls: see :class:`Segments`.

    Raises
    ------
    UnknownNameError
        When a column is not in the customer file.
    StudyError
        When `k` cannot be, or a column of words has more than 50 values.
    NotEnoughDataError
        With fewer than 20 customers.

    Examples
    --------
    >>> import cxmining as cx
    >>> people = [(f"c{i}", i % 3 > 0) for i in range(90)]
    >>> rows = [
    ...     (who, f"2025-03-{day:02}T10:00Z", "asks by phone" if calls else "looks online", "phone" if calls else "web")
    ...     for who, calls in people
    ...     for day in (3, 12, 24)
    ... ]
    >>> import pandas as pd
    >>> log = pd.DataFrame(rows, columns=["who", "when", "step", "channel"])
    >>> data = cx.from_frame(log, customer="who", touchpoint="step", timestamp="when", channel="channel")
    >>> found = find_personas(cx.build_journeys(data))
    >>> found.behaviour.summary[["label_en", "customers"]].values.tolist()
    [['mostly phone, asks by phone', 60], ['mostly web, looks online', 30]]
    >>> found.usable_as_control
    False
    """
    from threadpoolctl import threadpool_limits

    journeys = journeys_of(source)
    if k is not None and (isinstance(k, bool) or int(k) != k or k < 2):
        raise StudyError(f"k={k!r}: expected a whole number of segments from 2, or None to choose by stability")
    if isinstance(attributes, str):
        attributes = (attributes,)
    if journeys.log.n_customers < 2 * SMALLEST:
        raise NotEnoughDataError(
            f"{_count(journeys.log.n_customers, 'customer')}: personas need at least {2 * SMALLEST}, two segments of {SMALLEST}"
        )
    # One thread: a sum split over threads rounds differently from machine to machine.
    with threadpool_limits(limits=1):
        return _find(source, journeys, tuple(dict.fromkeys(attributes)), None if k is None else int(k), seed)


def _find(
    source: Journeys | Scored, journeys: Journeys, attributes: tuple[str, ...], k: int | None, seed: int
) -> Personas:
    ids, customer = np.unique(journeys.table["customer_id"].to_numpy(dtype=object).astype(str), return_inverse=True)
    scores, metric, notes = read_scores(source)
    contacts = read_contacts(journeys, customer)
    topics = _topics(contacts)
    log = journeys.log
    words = touchpoint_words(journeys.data.catalogue, log.touchpoints)
    behaviour = describe(contacts, log.channels, log.touchpoints, topics)
    silent = int(len(ids) - len(np.unique(contacts.customer[contacts.own])))
    if silent:
        notes.append(f"{_count(silent, 'customer')} made no contact; their figures are 0")

    def references() -> tuple[Space, Floats, list[tuple[Space, Floats]]]:
        rng = np.random.default_rng([seed, 13])
        some = contacts.take(np.sort(rng.permutation(len(ids))[:_POT]))

        def made(part: Contacts) -> tuple[Space, Floats]:
            return Points(describe(part, log.channels, log.touchpoints, topics).points), np.ones(part.people)

        space, weight = made(some)
        return space, weight, [made(some.shuffled(rng)) for _ in range(REFERENCES)]

    found, label, medoid, said = _segment(behaviour.points, k, references, seed)
    notes += said
    side, shown_label, said = _side("behaviour", found, label, medoid, ids, behaviour, None, scores, words)
    notes += said
    notes.append("segments of behaviour come from the journeys that the scores are about: never use them as controls")
    assigned = pd.DataFrame(
        {"customer_id": pd.Series(ids, dtype="str"), "behaviour": pd.array(shown_label, dtype="Int64")}
    )
    other: Segments | None = None
    cross, agrees = pd.DataFrame(), pd.DataFrame({c: [] for c in ("measure", "value", "low", "high", "n")})
    if attributes:
        table = attribute_table(journeys.data.customers, attributes, ids.tolist())
        other, given, said = _by_attributes(table, behaviour, ids, scores, words, seed)
        notes += said
        assigned["attributes"] = pd.array(given, dtype="Int64")
        if side.k > 1 and other.k > 1:
            cross = cross_table(assigned, side.summary, other.summary)
        agrees = agreement(assigned, seed)
        notes.append(_told(agrees))
    else:
        assigned["attributes"] = pd.array([None] * len(ids), dtype="Int64")
    return Personas(journeys, side, other, assigned, cross, agrees, metric, tuple(notes))


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def _topics(contacts: Contacts) -> Ints:
    """Return the touchpoints that most customers come to themselves."""
    own = contacts.own
    if not own.any():
        raise NotEnoughDataError(
            "no event was made by a customer: all are outbound or internal, so there is no behaviour"
        )
    size = int(contacts.touchpoint.max()) + 1
    met = np.unique(contacts.customer[own] * size + contacts.touchpoint[own]) % size
    reach = np.bincount(met, minlength=size)
    order = np.lexsort((np.arange(size), -reach))[:TOPICS]
    return np.sort(order[reach[order] >= SMALLEST])


def _segment(points: Floats, k: int | None, references: Any, seed: int) -> tuple[Chosen, Ints, Ints, list[str]]:
    """Return the segments, that of each customer, the customer in the middle of each, and what to say."""
    from scipy.sparse import csr_array

    n = len(points)
    used = np.arange(n)
    notes: list[str] = []
    if n > SAMPLE:
        used = np.sort(np.random.default_rng([seed, 17]).permutation(n)[:SAMPLE])
        notes.append(
            f"segments were found among {SAMPLE:,} random customers of {n:,}; all others belong to the nearest"
        )
    one = np.arange(len(used))
    members = csr_array((np.ones(len(used)), (one, one)), shape=(len(used), len(used)))
    distinct = len(np.unique(points[used], axis=0))
    if k is not None and distinct < k:
        raise NotEnoughDataError(f"k={k}, but only {_count(distinct, 'different customer')}")
    if distinct == 1:
        centres = points[:1]
        found = Chosen(1, centres, np.zeros(len(used), np.int64), pd.DataFrame(), np.array([np.nan]))
    else:
        found = choose(Points(points[used]), members, k, references, seed)
    away = Points(points).distances(found.centres)
    label = away.argmin(axis=1)
    medoid = np.array([np.where(label == g, away[:, g], np.inf).argmin() for g in range(found.k)])
    return found, label, medoid, notes


def _side(
    kind: str, found: Chosen, label: Ints, medoid: Ints, ids: npt.NDArray[Any], behaviour: Behaviour,
    table: pd.DataFrame | None, scores: pd.DataFrame | None, words: Mapping[str, Mapping[str, str]],
    values: Sequence[str] | None = None,
) -> tuple[Segments, npt.NDArray[Any], list[str]]:  # fmt: skip
    """Number the segments by size, leave out the small ones, and describe what is left."""
    size = np.bincount(label[label >= 0], minlength=found.k)
    order = [g for g in np.lexsort((np.arange(found.k), -size)).tolist() if size[g] >= SMALLEST]
    notes = []
    hidden = int(size[[g for g in range(found.k) if g not in order]].sum())
    if hidden:
        notes.append(f"by {kind}: {_count(hidden, 'customer')} in segments of fewer than {SMALLEST} are not shown")
    place = np.full(found.k + 1, -1)
    place[order] = np.arange(len(order))
    number = place[label]  # label -1, unknown, reads the last
    k = len(order)
    profile = profile_segments(number, k, behaviour, table)
    if values is None:
        labels = label_segments(kind, profile, k, words)
    else:
        labels = {language: [values[g] for g in order] for language in LANGUAGES}
    share = wilson(size[order], np.full(k, int((label >= 0).sum())))
    summary = pd.DataFrame(
        {
            "segment": np.arange(1, k + 1),
            "label_en": pd.Series(labels["en"], dtype="str"),
            "label_nl": pd.Series(labels["nl"], dtype="str"),
            "customers": size[order],
            "share": share.value,
            "low": share.low,
            "high": share.high,
            "stability": found.jaccard[order],
            "medoid": pd.Series(ids[medoid[order]].tolist(), dtype="str"),
        }
    )
    if scores is not None:
        levels = score_groups(scores, pd.Series(number, index=ids), "customer_id", k)
        summary = pd.concat([summary, levels], axis=1)
    stable = found.k > 1 and len(found.stability) > 0 and bool(found.stability.set_index("k").loc[found.k, "stable"])
    if found.k == 1 or (len(found.stability) and not stable):
        notes.append(_unstable(kind, found))
    numbers = np.where(number >= 0, (number + 1).astype(object), np.array(None, dtype=object))
    return Segments(kind, k, stable, kind == "attributes", summary, profile, found.stability, ), numbers, notes  # fmt: skip


def _unstable(kind: str, found: Chosen) -> str:
    if not len(found.stability):
        return f"by {kind}: all customers are alike, one group"
    if found.k > 1:
        why = found.stability.set_index("k").loc[found.k, "why_not"]
        return f"by {kind}: k={found.k} was asked, and is not stable: {why!s}"
    best = found.stability.sort_values(["jaccard", "k"], ascending=[False, True]).iloc[0]
    return f"by {kind}: no stable segments, one group (nearest to it: k={int(cast(Any, best['k']))}, but {best['why_not']!s})"


def _by_attributes(
    table: pd.DataFrame,
    behaviour: Behaviour,
    ids: npt.NDArray[Any],
    scores: pd.DataFrame | None,
    words: Mapping[str, Mapping[str, str]],
    seed: int,
) -> tuple[Segments, npt.NDArray[Any], list[str]]:
    place = np.searchsorted(ids, table.index.to_numpy(dtype=object).astype(str))
    notes = []
    without = len(ids) - len(table)
    if without:
        notes.append(f"{_count(without, 'customer')} are not in the customer file and have no attributes")
    points = attribute_points(table)
    label = np.full(len(ids), -1)
    whole = table.reindex(ids)
    if len(table.columns) == 1 and not is_number(table.iloc[:, 0]):
        name = str(table.columns[0])
        codes, values = pd.factorize(table[name], sort=True)
        label[place] = codes
        first = np.array([int(place[np.flatnonzero(codes == g)[0]]) for g in range(len(values))])
        found = Chosen(len(values), points, codes, pd.DataFrame(), np.full(len(values), np.nan))
        notes.append(
            f"segments by attributes are the values of {name}: given, not found, so nothing says how stable they are"
        )
        side, number, said = _side(
            "attributes", found, label, first, ids, behaviour, whole, scores, words, [str(v) for v in values]
        )
        return side, number, notes + said
    if len(table) < 2 * SMALLEST:
        raise NotEnoughDataError(
            f"attributes are known of {_count(len(table), 'customer')}; segments need at least {2 * SMALLEST}"
        )

    def references() -> tuple[Space, Floats, list[tuple[Space, Floats]]]:
        rng = np.random.default_rng([seed, 19])
        some = table.iloc[np.sort(rng.permutation(len(table))[:_POT])]

        def pot() -> tuple[Space, Floats]:
            drawn = {c: some[c].to_numpy()[rng.permutation(len(some))] for c in some.columns}
            return Points(attribute_points(pd.DataFrame(drawn))), np.ones(len(some))

        return Points(attribute_points(some)), np.ones(len(some)), [pot() for _ in range(REFERENCES)]

    found, own, medoid, said = _segment(points, None, references, seed)
    label[place] = own
    side, number, more = _side("attributes", found, label, place[medoid], ids, behaviour, whole, scores, words)
    return side, number, [*notes, *said, *more]


def _told(agrees: pd.DataFrame) -> str:
    """Say how much attributes tell of behaviour, by the end of the interval that promises least."""
    row = agrees[agrees["measure"] == "Cramér's V"]
    if not len(row) or not np.isfinite(row["low"].iloc[0]):
        return "attributes and behaviour cannot be compared: one side is one group"
    low = float(row["low"].iloc[0])
    words = "nothing for certain" if low <= 0 else "little" if low < 0.3 else "part" if low < 0.6 else "most"
    v, high = float(row["value"].iloc[0]), float(row["high"].iloc[0])
    return f"attributes tell {words} of the behaviour: Cramér's V {v:.2f} [{low:.2f}, {high:.2f}]"
