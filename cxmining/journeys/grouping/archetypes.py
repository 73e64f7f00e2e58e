"""Archetypes: kinds of journeys that come back when other customers are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.engine.coded import Ints
from cxmining.errors import NotEnoughDataError, StudyError
from cxmining.i18n import percent
from cxmining.journeys.grouping.distance import EditCosts, edit_distances
from cxmining.journeys.grouping.forms import BINS, Forms, Steps, make_forms, ngram_points, read_steps
from cxmining.journeys.grouping.labels import label_groups, touchpoint_words
from cxmining.journeys.grouping.marks import mark_groups
from cxmining.journeys.grouping.scores import read_scores, score_groups
from cxmining.journeys.grouping.stability import SMALLEST, Chosen, Distances, Points, Space, choose, silhouette
from cxmining.journeys.scored import Scored, journeys_of
from cxmining.repr_html import repr_html
from cxmining.stats import wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from cxmining.journeys.build import Journeys

__all__ = ["Archetypes", "find_archetypes"]

Floats = npt.NDArray[np.float64]
Method = Literal["n-grams", "edit", "levenshtein"]

SAMPLE: Final = {"n-grams": 5_000, "edit": 600, "levenshtein": 2_000}
"""Different journeys that are clustered at most, by method."""
LONGEST: Final = 200
"""Steps of a journey that edit distances look at."""
_POT: Final = {"n-grams": 1_500, "edit": 200, "levenshtein": 500}
"""Journeys that are held against logs of one pot."""


@dataclass(frozen=True, eq=False)
class Archetypes:
    """Kinds of journeys, how sure it is that they are kinds, and what marks each.

    Attributes
    ----------
    journeys : Journeys
        What was grouped; its case notion and filters hold for all figures here.
    method : {"n-grams", "edit", "levenshtein"}
        How far apart two journeys are.
    k : int
        Number of archetypes; 1 when none is stable.
    stable : bool
        Whether they passed every test of stability.
    summary : DataFrame
        One row per archetype, the largest first: ``archetype``, ``label_en``, ``label_nl``, ``journeys``, ``customers``,
        ``share`` of the journeys with 95% interval ``low`` to ``high`` (customers count, not journeys), ``stability``
        (mean Jaccard similarity in halves of the customers), ``silhouette``, ``medoid`` (touchpoints of a frequent
        variant in its middle), ``medoid_channels``, ``medoid_variant_id``, ``medoid_journeys``, ``median_duration_s``,
        ``median_contacts``; with scores also ``score_mean``, ``score_low``, ``score_high``, ``score_n``: what these
        journeys scored, not what the archetype does to a score.
    assignments : DataFrame
        One row per journey, by id: ``journey_id``, ``customer_id``, ``archetype``, ``distance`` to its centre,
        ``silhouette`` (0: as near to the next archetype, 1: at its centre).
    stability : DataFrame
        One row per number of archetypes that was tried (see :class:`~cxmining.journeys.grouping.stability.Chosen`).
    marks : DataFrame
        What each archetype's journeys do more or less often than all others (see ``mark_groups``). The archetypes were
        made from the same journeys: the intervals say how large a difference is, not that the archetypes exist.
    metric : str or None
        Of the scores.
    notes : tuple of str
        What a reader must know.
    """

    journeys: Journeys
    method: str
    k: int
    stable: bool
    summary: pd.DataFrame
    assignments: pd.DataFrame
    stability: pd.DataFrame
    marks: pd.DataFrame
    metric: str | None
    notes: tuple[str, ...]

    def figure(self, language: str = "en") -> go.Figure:
        """Draw each archetype: its share, the journey in its middle, and what marks it."""
        from cxmining.journeys.grouping.figures import archetype_picture

        return archetype_picture(self, language).figure()

    def stability_figure(self) -> go.Figure:
        """Draw the stability of each number of archetypes beside what is asked of it."""
        from cxmining.journeys.grouping.figures import stability_picture

        return stability_picture(self.stability, self.k, self.said).figure()

    @cached_property
    def said(self) -> str:
        """Case notion, number of journeys and filters, in one line."""
        chain = "".join(f"; {step}" for step in self.journeys.chain)
        return f"{self.journeys.notion}; {_count(len(self.journeys), 'journey')}{chain}"

    def __repr__(self) -> str:
        head = "no stable archetypes: one group" if self.k == 1 else _count(self.k, "archetype")
        lines = [f"Archetypes({head} by {self.method}; {self.said})"]
        if self.k > 1:
            lines += [
                f"  {row.archetype}. {row.label_en}: {row.share:.0%} [{row.low:.0%}, {row.high:.0%}], n={row.journeys:,}, "
                f"stability {row.stability:.2f}"
                for row in cast(Any, self.summary.itertuples())
            ]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        shown = self.summary.drop(columns=["medoid_channels", "medoid_variant_id"])
        shown["medoid"] = [" → ".join(m) for m in shown["medoid"]]
        return repr_html(shown, said=[self.said, *self.notes])


def find_archetypes(
    source: Journeys | Scored,
    *,
    method: Method = "n-grams",
    k: int | None = None,
    sample: int | None = None,
    seed: int = 1,
) -> Archetypes:
    """Find kinds of journeys by what happens in which order, on which channel, and how fast.

    Parameters
    ----------
    source : Journeys or Scored
        With scores, each archetype says what its journeys scored.
    method : {"n-grams", "edit", "levenshtein"}
        ``"n-grams"``: steps, what follows what and how soon, weighted as in tf-idf and reduced (SVD), then k-means.
        ``"edit"``: optimal matching with costs from transition rates, cheaper for the same touchpoint on another channel,
        then k-medoids. ``"levenshtein"``: every change of a touchpoint on a channel costs the same, without timing.
    k : int, optional
        Number of archetypes; default the largest, up to 8, that is stable: when customers are halved, each archetype
        comes back (Jaccard .75), the halves agree (adjusted Rand .8), there are valleys between archetypes, and they are
        tighter than in 19 logs whose steps were drawn from one pot. None is: one group, and it says so.
    sample : int, optional
        Different journeys that are clustered at most; above, those of a random part of the customers are, and all others
        belong to the nearest archetype. Default 5,000 for n-grams, 600 for edit, 2,000 for levenshtein.
    seed : int, default 1
        Of every draw.

    Returns
    -------
    Archetypes

    Raises
    ------
    StudyError
        When `method`, `k` or `sample` cannot be.
    NotEnoughDataError
        With fewer customers than two groups of ten need, or fewer different journeys than `k`.

    References
    ----------
    Hennig (2007); Tibshirani and Walther (2005); Ben-David, von Luxburg and Pál (2006); Gabadinho et al. (2011).

    Examples
    --------
    >>> from cxmining.journeys import build_journeys
    >>> from cxmining.schema import Dataset, table
    >>> steps = [("order", "web"), ("pay", "web")], [("invoice", "mail"), ("call", "phone")]
    >>> events = [(f"c{i}", f"2025-03-0{p + 1}T10:00Z", *steps[i % 3 > 0][p]) for i in range(60) for p in (0, 1)]
    >>> who, when, touchpoint, channel = zip(*sorted(events, key=lambda e: e[1]))
    >>> data = Dataset(
    ...     table(
    ...         "events",
    ...         {
    ...             "event_id": [f"e{i}" for i in range(120)],
    ...             "customer_id": who,
    ...             "timestamp": when,
    ...             "touchpoint": touchpoint,
    ...             "channel": channel,
    ...             "source": ["s"] * 120,
    ...             "seq": range(120),
    ...         },
    ...     )
    ... )
    >>> found = find_archetypes(build_journeys(data))
    >>> found.summary[["label_en", "journeys"]].values.tolist()
    [['often mail, with call and invoice', 40], ['mostly web, with order and pay', 20]]
    """
    from threadpoolctl import threadpool_limits

    journeys = journeys_of(source)
    if method not in SAMPLE:
        raise StudyError(f"method {method!r}: expected 'n-grams', 'edit' or 'levenshtein'")
    if k is not None and (isinstance(k, bool) or int(k) != k or k < 2):
        raise StudyError(f"k={k!r}: expected a whole number of archetypes from 2, or None to choose by stability")
    if sample is not None and sample < 50:
        raise StudyError(f"sample={sample!r}: at least 50 different journeys are needed to see kinds in them")
    customers = journeys.log.n_customers
    if customers < 2 * SMALLEST:
        raise NotEnoughDataError(
            f"{_count(len(journeys), 'journey')} of {_count(customers, 'customer')}: archetypes need at least "
            f"{2 * SMALLEST} customers, two groups of {SMALLEST}"
        )
    # One thread: a sum split over threads rounds differently from machine to machine.
    with threadpool_limits(limits=1):
        return _find(source, journeys, method, None if k is None else int(k), sample or SAMPLE[method], seed)


def _find(
    source: Journeys | Scored, journeys: Journeys, method: Method, k: int | None, sample: int, seed: int
) -> Archetypes:
    from scipy.sparse import csr_array

    table = journeys.table
    # By name, not by number: numbers follow the order of the rows, and draws must not.
    customer = np.unique(table["customer_id"].to_numpy(dtype=object).astype(str), return_inverse=True)[1]
    steps = read_steps(journeys.log)
    forms = make_forms(steps)
    if k is not None and len(forms) < k:
        raise NotEnoughDataError(f"k={k}, but there are only {_count(len(forms), 'different journey')}")
    notes: list[str] = []
    members = csr_array(
        (np.ones(len(customer)), (customer, forms.number)), shape=(int(customer.max()) + 1, len(forms))
    )  # fmt: skip
    members.sum_duplicates()
    used, chosen, note = _budget(members, sample, seed)
    notes += note
    part = members[chosen][:, used].tocsr() if note else members
    costs = _costs(method, steps)
    weight = np.zeros(len(forms))
    weight[used] = np.asarray(part.sum(axis=0)).ravel()
    space, points = _space(method, forms, used, weight, costs, seed)
    if method != "n-grams":
        cut = int((np.diff(forms.offsets) > LONGEST)[forms.number].sum())
        if cut:
            notes.append(f"{_count(cut, 'journey')} of more than {LONGEST} steps: compared by the first {LONGEST}")

    def references() -> tuple[Space, Floats, list[tuple[Space, Floats]]]:
        return _references(method, steps, table["journey_id"], _POT[method], costs, seed)

    found = choose(space, part, k, references, seed)
    away = _away(found, space, points, forms, used, costs)
    label = away.argmin(axis=1)
    if found.k > 1:
        size = np.bincount(label[forms.number], minlength=found.k)
        order = np.lexsort((np.arange(found.k), -size))
        away, jaccard = away[:, order], found.jaccard[order]
        label = away.argmin(axis=1)
    else:
        jaccard = found.jaccard
    group = label[forms.number]
    stable = found.k > 1 and bool(found.stability.set_index("k").loc[found.k, "stable"])
    notes += _verdict(found, stable, k)
    scores, metric, note = read_scores(source)
    notes += note
    marks = mark_groups(journeys.log, group, customer)
    near = silhouette(away) if found.k > 1 else np.full(len(forms), np.nan)
    summary = _summary(journeys, forms, group, found.k, customer, away, near, jaccard, marks, scores)
    assignments = pd.DataFrame(
        {
            "journey_id": table["journey_id"],
            "customer_id": table["customer_id"],
            "archetype": group + 1,
            "distance": away[forms.number, group],
            "silhouette": near[forms.number],
        }
    ).sort_values("journey_id", ignore_index=True)
    return Archetypes(
        journeys, method, found.k, stable, summary, assignments, found.stability, marks, metric, tuple(notes)
    )  # fmt: skip


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def _budget(members: Any, sample: int, seed: int) -> tuple[Ints, Ints, list[str]]:
    """Return the forms that are clustered, the customers who have them, and what to say about it."""
    customers, forms = members.shape
    everyone = np.arange(customers)
    if forms <= sample:
        return np.arange(forms), everyone, []
    turn = np.random.default_rng([seed, 7]).permutation(customers)
    pairs = members.tocoo()
    first = np.full(forms, customers)
    np.minimum.at(first, pairs.coords[1], turn[pairs.coords[0]])
    # As many customers, in a random order, as together have no more different journeys than may be compared.
    limit = int(np.sort(first)[sample])
    if limit >= 2 * SMALLEST:
        chosen = np.flatnonzero(turn < limit)
        used = np.flatnonzero(first < limit)
        how = f"of a random {_count(len(chosen), 'customer')}"
    else:
        used = np.arange(sample)  # forms stand by frequency
        chosen = everyone
        how = "that are most frequent"
    kept = float(members[chosen][:, used].sum() / members.sum())
    note = (
        f"{forms:,} different journeys are more than {sample:,}: archetypes were found in those {how} "
        f"({percent(kept, 'en')} of the journeys), all others belong to the nearest one"
    )
    return used, chosen, [note]


def _costs(method: Method, steps: Steps) -> EditCosts | None:
    if method == "n-grams":
        return None
    return EditCosts.of(steps) if method == "edit" else EditCosts.uniform(len(steps.pairs))


def _cut(forms: Forms) -> tuple[Ints, Ints]:
    """Return the first steps of each form."""
    from cxmining.engine.coded import gather

    lengths = np.minimum(np.diff(forms.offsets), LONGEST)
    at, offsets = gather(forms.offsets, np.arange(len(forms)))
    position = np.arange(len(at)) - np.repeat(offsets[:-1], np.diff(offsets))
    keep = position < LONGEST
    return forms.symbol[at[keep]], np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _space(
    method: Method, forms: Forms, used: Ints, weight: Floats, costs: EditCosts | None, seed: int
) -> tuple[Space, Floats | None]:
    """Return the space of the forms that are clustered, and all forms as points where they are points."""
    if costs is None:
        points = ngram_points(forms, weight, seed)
        return Points(points[used]), points
    symbol, offsets = _cut(forms)
    return Distances(_symmetric(edit_distances(symbol, offsets, used, used, costs))), None


def _symmetric(d: Floats) -> Floats:
    return cast(Floats, np.maximum(d, d.T))  # the last bit must not tell the way there from the way back


def _references(
    method: Method, steps: Steps, ids: pd.Series, most: int, costs: EditCosts | None, seed: int
) -> tuple[Space, Floats, list[tuple[Space, Floats]]]:
    """Return a sample of the journeys, and logs of one pot that have their lengths and their steps."""
    from cxmining.journeys.grouping.stability import REFERENCES

    rng = np.random.default_rng([seed, 11])
    by_name = np.argsort(ids.to_numpy(dtype=object).astype(str), kind="stable")
    sampled = steps.take(by_name[np.sort(rng.permutation(len(by_name))[:most])])

    def made(some: Steps) -> tuple[Space, Floats]:
        forms = make_forms(some)
        weight = forms.journeys.astype(np.float64)
        return _space(method, forms, np.arange(len(forms)), weight, costs, seed)[0], weight

    space, weight = made(sampled)
    return space, weight, [made(sampled.shuffled(rng)) for _ in range(REFERENCES)]


def _away(
    found: Chosen, space: Space, points: Floats | None, forms: Forms, used: Ints, costs: EditCosts | None
) -> Floats:
    """Return the distance of every form to every centre."""
    if points is not None:
        return Points(points).distances(found.centres)
    if len(used) == len(forms):
        return space.distances(found.centres)
    symbol, offsets = _cut(forms)
    assert costs is not None
    # Few against many: the many go in as columns.
    return edit_distances(symbol, offsets, used[found.centres], np.arange(len(forms)), costs).T


def _verdict(found: Chosen, stable: bool, asked: int | None) -> list[str]:
    if found.k > 1 and asked is None:
        return []
    if found.k == 1:
        if not len(found.stability):
            return ["no stable archetypes: all journeys are the same"]
        best = found.stability.sort_values(["jaccard", "k"], ascending=[False, True]).iloc[0]
        return [
            f"no stable archetypes: one group (nearest to it: k={int(cast(Any, best['k']))}, but {best['why_not']!s})"
        ]
    if stable:
        return [f"k={asked} was asked, not chosen by stability; it is stable"]
    why = found.stability.set_index("k").loc[found.k, "why_not"]
    return [f"k={asked} was asked, and is not stable: {why!s}"]


def _summary(
    journeys: Journeys, forms: Forms, group: Ints, k: int, customer: Ints, away: Floats, near: Floats, jaccard: Floats,
    marks: pd.DataFrame, scores: pd.DataFrame | None,
) -> pd.DataFrame:  # fmt: skip
    log, table = journeys.log, journeys.table
    channels = np.zeros((k, len(log.channels)))
    np.add.at(channels, (group[log.journey], log.channel.astype(np.int64)), 1.0)
    shares = pd.DataFrame(channels / np.maximum(channels.sum(axis=1, keepdims=True), 1), columns=list(log.channels))
    labels = label_groups(marks, shares, k, touchpoint_words(journeys.data.catalogue, log.touchpoints))
    frame = pd.DataFrame({"group": group, "customer": customer, "near": near[forms.number]})
    frame["duration"], frame["contacts"] = log.duration / 1e6, np.diff(log.offsets)
    by = frame.groupby("group")
    size = by.size().reindex(range(k), fill_value=0).to_numpy()
    share, low, high = _shares(group, customer, k)
    medoids = [_medoid(journeys, forms, group, g, away[:, g]) for g in range(k)]
    out = pd.DataFrame(
        {
            "archetype": np.arange(1, k + 1),
            "label_en": pd.Series(labels["en"], dtype="str"),
            "label_nl": pd.Series(labels["nl"], dtype="str"),
            "journeys": size,
            "customers": by["customer"].nunique().reindex(range(k), fill_value=0).to_numpy(),
            "share": share,
            "low": low,
            "high": high,
            "stability": jaccard,
            "silhouette": [float(np.round(frame.loc[group == g, "near"].mean(), 6)) for g in range(k)],
            "medoid": pd.Series([m[0] for m in medoids], dtype="object"),
            "medoid_channels": pd.Series([m[1] for m in medoids], dtype="object"),
            "medoid_variant_id": pd.Series([m[2] for m in medoids], dtype="str"),
            "medoid_journeys": [m[3] for m in medoids],
            "median_duration_s": by["duration"].median().reindex(range(k)).to_numpy(),
            "median_contacts": by["contacts"].median().reindex(range(k)).to_numpy(),
        }
    )
    if scores is not None:
        levels = score_groups(scores, pd.Series(group, index=table["journey_id"].to_numpy()), "journey_id", k)
        out = pd.concat([out, levels], axis=1)
    return out


def _shares(group: Ints, customer: Ints, k: int) -> tuple[Floats, Floats, Floats]:
    """Return each group's share with Wilson's interval for as many journeys as customers make independent."""
    n, people = len(group), int(customer.max()) + 1
    counts = np.zeros((people, k))
    np.add.at(counts, (customer, group), 1.0)
    each = counts.sum(axis=1, keepdims=True)
    share = counts.sum(axis=0) / n
    variance = people / (people - 1) * ((counts - each * share) ** 2).sum(axis=0) / n**2
    plain = share * (1 - share)
    worth = np.where(variance > 0, np.minimum(plain / np.where(variance > 0, variance, 1.0), n), people)
    found = wilson(share * worth, worth)
    return share, found.low, found.high


def _medoid(
    journeys: Journeys, forms: Forms, group: Ints, g: int, away: Floats
) -> tuple[tuple[str, ...], tuple[str, ...], str, int]:
    """Return the frequent variant nearest to a group's centre: touchpoints, channels, id, journeys in the group."""
    variants, number = journeys._variants
    own = np.flatnonzero(group == g)
    count = np.bincount(number[own], minlength=len(variants.journeys))
    ids = variants.ids
    present = np.flatnonzero(count)
    ranked = sorted(present.tolist(), key=lambda v: (-int(count[v]), ids[v]))[:50]
    half = np.searchsorted(np.cumsum(count[ranked]), len(own) / 2) + 1
    frequent = np.array(ranked[: max(1, int(half))])
    distance = (
        np.bincount(number[own], weights=away[forms.number[own]], minlength=len(count))[frequent] / count[frequent]
    )
    best = int(frequent[np.round(distance, 6).argmin()])
    form = int(forms.number[own[number[own] == best]].min())  # forms stand by frequency
    step = forms.symbol[forms.offsets[form] : forms.offsets[form + 1]] // BINS
    channels = tuple(journeys.log.channels[c] for c in forms.pairs[step, 1].tolist())
    return variants.sequences[best], channels, ids[best], int(count[best])
