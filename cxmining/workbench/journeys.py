"""From figures down to journeys: the first that meet the filters and the selection, and one of them contact by contact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxmining.errors import NotEnoughDataError, StudyError, UnknownNameError, nearest
from cxmining.i18n import counted, number
from cxmining.journeys import filters
from cxmining.repr_html import repr_html
from cxmining.schema import OVERALL

if TYPE_CHECKING:
    from cxmining.workbench.explore import Exploration
    from cxmining.workbench.ground import Ground

__all__ = ["ORDERS", "JourneyList", "OneJourney", "chosen_journeys", "list_journeys", "open_journey"]

ORDERS: Final = ("start", "lowest", "highest", "longest")
"""What stands first: the earliest, the lowest or highest scored, or the one that lasted longest."""
_PSEUDONYM: Final = re.compile(r"c[0-9a-f]{16}")
_LONGEST: Final = 280
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class JourneyList:
    """The first journeys that meet what is filtered and selected.

    Attributes
    ----------
    summary : DataFrame
        One row per journey: ``journey_id``, ``customer`` (a pseudonym), ``start`` (local time), ``duration_s``,
        ``n_events``, ``variant_id``, ``steps`` and ``channels`` (one name per contact) and, where journeys are scored as a
        whole, ``score``.
    journeys, customers : int
        How many meet it, listed or not.
    order : str
        What stands first, of `ORDERS`.
    metric : str or None
        What ``score`` is.
    notion : str
        What a journey is.
    filters : tuple of str
        The chain, the selection last.
    """

    summary: pd.DataFrame
    journeys: int
    customers: int
    order: str
    metric: str | None
    notion: str
    filters: tuple[str, ...]

    def _head(self) -> str:
        chain = "; ".join(self.filters) or "no filter"
        n = f"{counted(self.journeys, 'journey')} of {counted(self.customers, 'customer')}"
        return f"JourneyList({len(self.summary)} of {n}, {self.order} first; {self.notion}; {chain})"

    def __repr__(self) -> str:
        return f"{self._head()}\n{self.summary.drop(columns=['steps', 'channels']).to_string(index=False)}"

    def _repr_html_(self) -> str:
        return repr_html(self.summary.drop(columns=["steps", "channels"]), head=self._head())


@dataclass(frozen=True, eq=False)
class OneJourney:
    """One journey, contact by contact.

    Attributes
    ----------
    journey_id : str
    customer : str
        A pseudonym.
    contacts : DataFrame
        One row per contact, in order: ``place`` (from 1), ``touchpoint``, ``channel``, ``timestamp`` (local time),
        ``since_s`` (seconds since the contact before), ``wait_s``, ``scores`` (pairs of metric and score) and ``quote``
        (masked; missing where quotes are off or nobody wrote).
    scores : tuple of (str, float)
        Metric and score of answers about the whole.
    quotes : tuple of str
        What was written about the whole, masked.
    notion : str
    """

    journey_id: str
    customer: str
    contacts: pd.DataFrame
    scores: tuple[tuple[str, float], ...]
    quotes: tuple[str, ...]
    notion: str

    @property
    def summary(self) -> pd.DataFrame:
        """The contacts."""
        return self.contacts

    def _head(self) -> str:
        whole = "".join(
            f", {metric} {number(score, 'en', 0 if score == int(score) else 1)}" for metric, score in self.scores
        )
        return f"OneJourney({self.journey_id} of {self.customer}: {counted(len(self.contacts), 'contact')}{whole}; {self.notion})"

    def __repr__(self) -> str:
        return f"{self._head()}\n{self.contacts.to_string(index=False)}"

    def _repr_html_(self) -> str:
        return repr_html(self.contacts, head=self._head())


def list_journeys(x: Exploration, n: int = 20, *, order: str = "start") -> JourneyList:
    """List the first journeys that are left and meet what is selected; customers by pseudonym.

    Parameters
    ----------
    x : Exploration
    n : int, default 20
        How many at most.
    order : {"start", "lowest", "highest", "longest"}, default "start"
        The earliest first, the lowest or highest scored as a whole (the unscored last), or the longest. Equals stand as
        they began.

    Returns
    -------
    JourneyList

    Raises
    ------
    NotEnoughDataError
        When they are of fewer customers than may be shown.
    UnknownNameError
        For an unknown order.
    StudyError
        When journeys without scores are to be ordered by them, or `n` is no whole number from 1.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> from cxmining.workbench import explore
    >>> found = list_journeys(explore(small_example()).select("touchpoint", "calls back"), 2)
    >>> found.journeys, found.customers, found.summary["steps"].map(len).tolist()
    (10, 10, [4, 4])
    """
    if order not in ORDERS:
        raise UnknownNameError(f"list_journeys: order={order!r}; {nearest(str(order), ORDERS)}")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise StudyError(f"list_journeys: n={n!r}: expected a whole number from 1")
    ground = x._ground
    if order in ("lowest", "highest") and ground.overall is None:
        raise StudyError(f"list_journeys: order={order!r} needs scores of journeys as a whole, and there are none")
    rows = chosen_journeys(x)
    log = ground.log
    begun = log.time[log.offsets[:-1]][rows]
    if order == "start":
        at = np.argsort(begun, kind="stable")
    elif order == "longest":
        at = np.lexsort((begun, -log.duration[rows]))
    else:
        assert ground.overall is not None
        values = ground.overall[0][rows]
        at = np.lexsort((begun, values if order == "lowest" else -values))  # what is missing sorts last either way
    rows_of_all, rows = rows, rows[at[:n]]
    table = ground.journeys.table.iloc[rows]
    frame = pd.DataFrame(
        {
            "journey_id": table["journey_id"].to_numpy(), "customer": pseudonyms(ground, rows),
            "start": table["start"].dt.tz_convert(ground.journeys.data.time_zone).array,
            "duration_s": table["duration_s"].to_numpy(), "n_events": table["n_events"].to_numpy(),
            "variant_id": table["variant_id"].to_numpy(),
            "steps": [_named(log.touchpoints, log.touchpoint, log.offsets, j) for j in rows.tolist()],
            "channels": [_named(log.channels, log.channel, log.offsets, j) for j in rows.tolist()],
        }
    )  # fmt: skip
    metric = None
    if ground.overall is not None:
        metric = ground.overall[1]
        frame["score"] = ground.overall[0][rows]
    chain = [chip.label for chip in x.chips]
    if x.state.kind:
        chain.append(f"{x.state.kind}: {x.state.selected}")
    return JourneyList(
        frame, len(rows_of_all), len(np.unique(log.customer[rows_of_all])), order, metric, str(ground.journeys.notion),
        tuple(chain),
    )  # fmt: skip


def open_journey(x: Exploration, journey_id: str) -> OneJourney:
    """Open one of the journeys that are left and meet what is selected: its contacts in order.

    Parameters
    ----------
    x : Exploration
        Shows quotes, masked, where it was made with ``text="masked"``.
    journey_id : str

    Returns
    -------
    OneJourney

    Raises
    ------
    UnknownNameError
        When no such journey is left.
    NotEnoughDataError
        When those that are left are of fewer customers than may be shown.

    Examples
    --------
    >>> from cxmining.experience.example import small_example
    >>> from cxmining.workbench import explore
    >>> x = explore(small_example())
    >>> found = open_journey(x, list_journeys(x, 1).summary["journey_id"][0])
    >>> found.contacts["touchpoint"].tolist(), found.contacts["since_s"].tolist()[1:]
    (['orders', 'asks about the bill', 'asks about the bill', 'calls back'], [259200.0, 172800.0, 604800.0])
    """
    ground = x._ground
    rows = chosen_journeys(x)
    names = ground.journeys.table["journey_id"]
    place = pd.Index(names).get_indexer(pd.Index([journey_id]))[0]
    if place < 0 or not np.isin(place, rows):
        raise UnknownNameError(
            f"no journey {journey_id!r} among those that are left; {nearest(str(journey_id), names.iloc[rows[:500]])}"
        )
    log = ground.log
    first, last = int(log.offsets[place]), int(log.offsets[place + 1])
    events = ground.journeys.data.events.iloc[log.rows[first:last]]
    stamps = pd.Series(pd.to_datetime(log.time[first:last], unit="us", utc=True))
    contacts = pd.DataFrame(
        {
            "place": np.arange(1, last - first + 1),
            "touchpoint": _named(log.touchpoints, log.touchpoint, log.offsets, place),
            "channel": _named(log.channels, log.channel, log.offsets, place),
            "timestamp": stamps.dt.tz_convert(ground.journeys.data.time_zone),
            "since_s": np.append(np.nan, np.diff(log.time[first:last]) / 1e6),
            "wait_s": events["wait_s"].to_numpy(dtype=np.float64, na_value=np.nan),
        }
    )
    said, whole = _answers(ground, int(place), events["event_id"].tolist(), contacts["touchpoint"].tolist())
    comments = _comments(ground, said, whole) if x.text == "masked" else {}
    contacts["scores"] = pd.Series([tuple((m, s) for m, s, _ in part) for part in said], dtype="object")
    contacts["quote"] = pd.Series([_quoted(part, comments) for part in said], dtype="object")
    return OneJourney(
        str(journey_id), pseudonyms(ground, np.array([place]))[0], contacts, tuple((m, s) for m, s, _ in whole),
        tuple(dict.fromkeys(comments[r] for _, _, r in whole if r in comments)), str(ground.journeys.notion),
    )  # fmt: skip


def chosen_journeys(x: Exploration) -> Places:
    """Return the numbers of the journeys that are left and meet what is selected.

    Raises
    ------
    NotEnoughDataError
        When they are of fewer customers than may be shown.
    """
    ground = x._ground
    mask = np.ones(ground.log.n_journeys, dtype=bool)
    for f in x.state.filters:
        mask &= ground.mask(f)
    make = {"touchpoint": filters.contains, "stage": filters.stage, "variant": filters.variants}
    if x.state.kind:
        mask &= ground.mask(make[x.state.kind](x.state.selected))
    rows = np.flatnonzero(mask).astype(np.int64)
    if len(np.unique(ground.log.customer[rows])) < x.min_cell:
        raise NotEnoughDataError(
            f"fewer than {x.min_cell} customers are left: their journeys are not shown; loosen or drop a filter, or the selection"
        )
    return rows


def pseudonyms(ground: Ground, rows: Places) -> list[str]:
    """Return what the customers of journeys are called: the key they were read under, or a number where that is a name."""
    known = ground.journeys.table["customer_id"].iloc[rows].astype("str").tolist()
    codes = ground.log.customer[rows].tolist()
    return [k if _PSEUDONYM.fullmatch(k) else f"#{code + 1}" for k, code in zip(known, codes, strict=True)]


def _named(names: tuple[str, ...], codes: npt.NDArray[Any], offsets: Places, j: int) -> tuple[str, ...]:
    return tuple(names[c] for c in codes[offsets[j] : offsets[j + 1]].tolist())


Answer = tuple[str, float, str]


def _answers(
    ground: Ground, place: int, events: list[str], steps: list[str]
) -> tuple[list[list[Answer]], list[Answer]]:
    """Return the answers (metric, score, response) about each contact, and about the whole."""
    said: list[list[Answer]] = [[] for _ in events]
    whole: list[Answer] = []
    if ground.lived is None or not len(ground.lived.links):
        return said, whole
    links, owner = ground._linked
    mine = links[owner == place]
    mine = mine[mine["score"].notna() & mine["metric"].notna()]
    at = {event: i for i, event in enumerate(events)}
    for row in mine[["event_id", "touchpoint", "metric", "score", "response_id"]].itertuples(index=False):
        answer = (str(row.metric), float(str(row.score)), str(row.response_id))
        i = at.get(row.event_id)
        if row.touchpoint == OVERALL:
            whole.append(answer)
        elif i is not None:
            said[i].append(answer)
        elif row.touchpoint in steps:  # asked of the touchpoint, not of one contact: people answer about the last
            said[len(steps) - 1 - steps[::-1].index(row.touchpoint)].append(answer)
    return said, whole


def _comments(ground: Ground, said: list[list[Answer]], whole: list[Answer]) -> dict[str, str]:
    """Return what was written in these responses, masked."""
    from cxmining.privacy import mask

    ids = {response for part in [*said, whole] for _, _, response in part}
    table = ground.journeys.data.responses
    rows = table[table["response_id"].isin(ids) & table["comment"].notna()]
    if not len(rows):
        return {}
    masked, _ = mask(rows["comment"].astype("str"))
    short = [t if len(t) <= _LONGEST else t[: _LONGEST - 1] + "…" for t in masked.tolist()]
    return dict(zip(rows["response_id"].astype("str"), short, strict=True))


def _quoted(part: list[Answer], comments: dict[str, str]) -> str | None:
    found = dict.fromkeys(comments[response] for _, _, response in part if response in comments)
    return " / ".join(found) or None
